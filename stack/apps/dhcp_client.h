/* A DHCP client (RFC 2131 4.4, RFC 2132): INIT to REBINDING with all timers, and back; configures address, network and default
 * route of one interface of the stack, and takes them away when the lease ends. Declines an address that somebody has. */
#ifndef LK_APPS_DHCP_CLIENT_H
#define LK_APPS_DHCP_CLIENT_H

#include "stack/apps/app.h"

struct lk_dhcp_client; /* opaque */
extern const struct lk_app_kind lk_dhcp_client_app;

enum lk_dhcp_state { LK_DHCP_STOPPED = 0, LK_DHCP_INIT, LK_DHCP_SELECTING, LK_DHCP_REQUESTING, LK_DHCP_INIT_REBOOT, LK_DHCP_REBOOTING,
                     LK_DHCP_PROBING, /* ACK received, the address is being checked (RFC 2131 4.4.1) */
                     LK_DHCP_BOUND, LK_DHCP_RENEWING, LK_DHCP_REBINDING };

#define LK_DHCP_ADDRESSES 4 /* of routers and of DNS servers that are kept */

struct lk_dhcp_lease {
    struct lk_addr address, server;
    uint32_t prefix;
    uint32_t routers, dns_servers;
    struct lk_addr router[LK_DHCP_ADDRESSES], dns_server[LK_DHCP_ADDRESSES];
    char domain[256];        /* option 15, empty when absent */
    lk_time t1, t2, expires; /* on the caller's clock; LK_NEVER: infinite */
};

struct lk_dhcp_client_config {
    uint32_t size_of;
    uint32_t iface;
    uint8_t mac[6];          /* chaddr */
    uint8_t reserved[2];
    char hostname[64];       /* option 12; empty: not sent */
    struct lk_addr requested;/* unspecified: none; with reboot: the address to ask for in INIT-REBOOT */
    bool reboot;
    bool probe;              /* check the address by ARP before use (RFC 2131 4.4.1 SHOULD); default on */
    lk_time probe_wait;      /* how long to listen for somebody's answer; default 1 s */
    lk_time start_delay_max; /* random wait before the first DISCOVER, 4.4.1: 1 to 10 s; default 0 = none */
    lk_time offer_wait;      /* how long offers are collected; default 0: the first one is taken */
};
void lk_dhcp_client_config_init(struct lk_dhcp_client_config *config);
size_t lk_dhcp_client_footprint(const struct lk_dhcp_client_config *config);
int lk_dhcp_client_init(void *memory, size_t size, const struct lk_dhcp_client_config *config, lk_time now, const uint8_t seed[32]);
int lk_dhcp_client_start(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now);
/* DHCPRELEASE (4.4.6), and the address is gone. */
int lk_dhcp_client_release(struct lk_dhcp_client *c, struct lk_stack *stack, lk_time now);

enum lk_dhcp_state lk_dhcp_client_state(const struct lk_dhcp_client *c);
const char *lk_dhcp_state_name(enum lk_dhcp_state state); /* as RFC 2131 figure 5 spells it */
/* The lease while there is one: in BOUND, RENEWING, REBINDING. */
bool lk_dhcp_client_lease(const struct lk_dhcp_client *c, struct lk_dhcp_lease *out);
/* What happened since, once each, oldest first: the state entered and why (0; LK_E_TIMEDOUT no answer, LK_E_CONNREFUSED a NAK,
 * LK_E_ADDRINUSE a conflict, LK_E_ADDRNOTAVAIL the lease ran out). False: nothing. */
struct lk_dhcp_event { enum lk_dhcp_state state; int error; };
bool lk_dhcp_client_next(struct lk_dhcp_client *c, struct lk_dhcp_event *out);

#endif
