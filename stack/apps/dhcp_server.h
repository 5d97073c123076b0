/* A small DHCP server (RFC 2131 4.3, RFC 2132): one network, a range of addresses, offers that expire, leases by client
 * identifier, no relay agents. */
#ifndef LK_APPS_DHCP_SERVER_H
#define LK_APPS_DHCP_SERVER_H

#include "stack/apps/app.h"

struct lk_dhcp_server; /* opaque */
extern const struct lk_app_kind lk_dhcp_server_app;

struct lk_dhcp_server_config {
    uint32_t size_of;
    uint32_t iface;
    struct lk_addr address;    /* of the server on that interface */
    uint32_t prefix;           /* of the network */
    struct lk_addr first, last;/* the range, inclusive */
    uint32_t leases;           /* table size */
    uint32_t lease_time;       /* s */
    uint32_t t1, t2;           /* s; 0: options 58 and 59 are not sent */
    lk_time offer_time;        /* how long an offered address is kept; default 60 s */
    uint32_t routers, dns_servers;
    struct lk_addr router[4], dns_server[4];
    char domain[256];
};
void lk_dhcp_server_config_init(struct lk_dhcp_server_config *config);
size_t lk_dhcp_server_footprint(const struct lk_dhcp_server_config *config);
int lk_dhcp_server_init(void *memory, size_t size, const struct lk_dhcp_server_config *config, lk_time now, const uint8_t seed[32]);
int lk_dhcp_server_start(struct lk_dhcp_server *s, struct lk_stack *stack, lk_time now);

/* A record of the table, for people and tests. `taken`: offered, leased or declined, and not over at `now`. NOTFOUND beyond the last. */
enum lk_dhcp_lease_state { LK_DHCP_LEASE_FREE = 0, LK_DHCP_LEASE_OFFERED, LK_DHCP_LEASE_BOUND, LK_DHCP_LEASE_DECLINED };
struct lk_dhcp_server_lease { struct lk_addr address; uint64_t client[2]; /* a keyed hash of who has it */ enum lk_dhcp_lease_state state; lk_time expires; bool taken; };
int lk_dhcp_server_lease(const struct lk_dhcp_server *s, uint32_t index, struct lk_dhcp_server_lease *out, lk_time now);

#endif
