/* What a DHCP server's message offers, judged: the client's machine sees nothing of it that a host may not use. Internal to this room. */
#ifndef LK_APPS_DHCP_PARAMS_H
#define LK_APPS_DHCP_PARAMS_H

#include "stack/wire/dhcp.h"
#include <stdbool.h>
#include <stdint.h>

#define DHCP_ADDRESSES 4
#define DHCP_INFINITE UINT32_MAX /* RFC 2131 3.3: a lease that never ends */

struct dhcp_params {
    uint32_t address, server;  /* host order */
    uint32_t prefix;
    uint32_t lease, t1, t2;    /* s; t1 and t2 are 0 unless 0 < t1 < t2 < lease */
    uint32_t routers, dns_servers;
    uint32_t router[DHCP_ADDRESSES], dns_server[DHCP_ADDRESSES];
    char domain[256];
};

/* Whether a host may have the address: not 0/8, 127/8, multicast, class E, broadcast (RFC 1122 3.2.1.3). */
bool dhcp_host_address(uint32_t address);

/* Whether it is neither the network itself nor its broadcast address. Prefixes of 31 and 32 bits have neither (RFC 3021). */
bool dhcp_in_host_part(uint32_t address, uint32_t prefix);

/* The prefix of a mask. LK_E_INVALID: its ones are not together, or fewer than 8. */
int dhcp_prefix(uint32_t mask);

/* Reads an OFFER or ACK. 0; LK_E_NOTFOUND: no server identifier, no lease time or one of 0; LK_E_ADDRNOTAVAIL: yiaddr or the server
 * is no host address; LK_E_INVALID: the mask; or an error of the options. Ignore the message on each. Routers and DNS servers that
 * are no host addresses, a list of a wrong length, and a domain that is no name are left out. */
int dhcp_params_read(const struct lk_dhcp *message, struct dhcp_params *out);

#endif
