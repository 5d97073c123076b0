/* Where a packet goes next (RFC 1122 3.3.1): the networks our addresses stand in, and a table of routes, longest prefix
 * first; among equals the network of an own address, then the route added first. */
#ifndef LK_IP_ROUTE_H
#define LK_IP_ROUTE_H

#include "stack/ip/address.h"

struct lk_route {
    struct lk_addr destination;
    struct lk_addr gateway; /* all zero: on link */
    uint32_t iface;
    uint32_t prefix;        /* 0..32 */
};
_Static_assert(sizeof(struct lk_route) == 40, "no padding");

struct lk_routes {
    int64_t table; /* bytes from this struct to entry 0; sorted, longest prefix first */
    uint32_t capacity, count;
};

int lk_routes_init(struct lk_routes *routes, struct lk_arena *arena, uint32_t count);

/* 0; LK_E_NOBUFS: the table is full; LK_E_EXISTS: the same destination by the same gateway and interface;
 * LK_E_INVALID: prefix above 32, bits set behind the prefix, or a gateway that is no unicast IPv4 address. */
int lk_routes_add(struct lk_routes *routes, const struct lk_addr *destination, uint32_t prefix, const struct lk_addr *gateway, uint32_t iface);
/* Removes the first route to the destination. 0 or LK_E_NOTFOUND. */
int lk_routes_remove(struct lk_routes *routes, const struct lk_addr *destination, uint32_t prefix);

/* That very route. 0 or LK_E_NOTFOUND. */
int lk_routes_remove_exactly(struct lk_routes *routes, const struct lk_addr *destination, uint32_t prefix, const struct lk_addr *gateway, uint32_t iface);

enum lk_cast { LK_CAST_UNICAST, LK_CAST_BROADCAST, LK_CAST_MULTICAST };

struct lk_hop {
    struct lk_addr next; /* the neighbour to send to: the destination itself or a gateway */
    uint32_t iface;
    uint32_t cast;       /* enum lk_cast */
};

/* The way to a destination, on one interface or on any (LK_ANY). `up`: bit i is set when interface i is up.
 * 0; LK_E_NETUNREACH: no route, or a destination that must not appear on any link: 0.0.0.0, 127/8 (RFC 1122 3.2.1.3 g), an
 * address of our own. */
int lk_routes_find(const struct lk_routes *routes, const struct lk_addresses *addresses, uint32_t up, uint32_t iface,
                   const struct lk_addr *destination, struct lk_hop *out);

bool lk_routes_check(const struct lk_routes *routes, uint32_t ifaces);
void lk_routes_digest(const struct lk_routes *routes, struct lk_digest *digest);

#endif
