/* What the client's machine is made of. Shared by dhcp_client.c (the states) and dhcp_client_send.c (the messages). */
#ifndef LK_APPS_DHCP_CLIENT_STATE_H
#define LK_APPS_DHCP_CLIENT_STATE_H

#include "stack/apps/dhcp_client.h"
#include "stack/apps/dhcp_params.h"
#include "stack/base/rng.h"
#include <stdalign.h>

enum { DHCP_EVENTS = 16, DHCP_BUFFER = 1500 };
#define DHCP_CLIENT_PURPOSE 0x64686370 /* of the random numbers derived from the seed */

struct lk_dhcp_client {
    struct lk_dhcp_client_config config;
    struct lk_rng rng;
    struct lk_dhcp_lease lease;  /* from the ACK on */
    struct dhcp_params offer;    /* chosen, or the best so far */
    struct lk_addr gateway;      /* of the route that was added */
    lk_socket socket;
    lk_time began;               /* asking for an address, or for more time */
    lk_time sent;                /* when the request was sent that the lease counts from */
    lk_time due;                 /* when tick() has something to do */
    uint32_t state;              /* enum lk_dhcp_state */
    uint32_t xid;
    uint32_t requested;          /* address to ask for, or 0 */
    uint32_t tries;              /* transmissions of the present message */
    uint32_t failures, conflicts;/* since the last lease */
    uint32_t first_event, events;
    struct lk_dhcp_event event[DHCP_EVENTS];
    uint16_t secs;
    bool has_offer, has_address, has_route;
};

/* Builds the message of that type for the present state and sends it as 4.4.4 and the table in 4.3.6 say. One that finds no room in
 * the stack is lost as if on the way: the timers see to both. */
void dhcp_client_send(struct lk_dhcp_client *c, struct lk_stack *stack, enum lk_dhcp_type type, lk_time now);

#endif
