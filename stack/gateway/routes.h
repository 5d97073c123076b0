/* Where a packet goes next (RFC 1812 5.2.4): the networks of the interfaces and a table of routes, the longest matching prefix
 * of all; among equals the interface's own network. The table is sorted by prefix length and then by destination, so a look-up is
 * a binary search for each length in use, 33 at most. */
#ifndef LK_GATEWAY_ROUTES_H
#define LK_GATEWAY_ROUTES_H

#include "stack/base/arena.h"
#include "stack/gateway/gateway.h"

struct gw_route {
    uint32_t destination, gateway; /* host order; gateway 0: on link */
    uint32_t iface, prefix;
};
_Static_assert(sizeof(struct gw_route) == 16, "no padding");

struct gw_routes {
    int64_t table;      /* bytes from this struct to entry 0 */
    uint32_t capacity;
    uint32_t start[34]; /* routes of prefix length 32 - i are entries start[i] .. start[i + 1] - 1; start[33]: the count */
    uint32_t unused;    /* 0 */
};

struct gw_hop {
    uint32_t iface, next_hop; /* next_hop in host order */
    bool direct;              /* the destination itself is the next hop */
};

int gw_routes_init(struct gw_routes *routes, struct lk_arena *arena, uint32_t capacity);
/* 0; LK_E_EXISTS: there is a route to that destination and prefix; LK_E_NOBUFS: the table is full; LK_E_INVALID: bits set behind
 * the prefix. */
int gw_routes_add(struct gw_routes *routes, const struct gw_route *route);
/* 0 or LK_E_NOTFOUND. */
int gw_routes_remove(struct gw_routes *routes, uint32_t destination, uint32_t prefix);
/* The longest match, or NULL. */
const struct gw_route *gw_routes_find(const struct gw_routes *routes, uint32_t destination);
bool gw_routes_check(const struct gw_routes *routes, uint32_t ifaces);

/* The table and the interfaces' own networks together. False: no route at all. */
bool gw_lookup(const struct gw_routes *routes, const struct lk_gateway_config *config, uint32_t destination, struct gw_hop *out);

#endif
