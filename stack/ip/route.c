#include "stack/ip/route.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

static struct lk_route *entry(const struct lk_routes *routes, uint32_t i)
{
    return (struct lk_route *)(void *)((uint8_t *)(uintptr_t)routes + routes->table) + i;
}

int lk_routes_init(struct lk_routes *routes, struct lk_arena *arena, uint32_t count)
{
    uint64_t distance = lk_arena_carve(arena, count, sizeof(struct lk_route));
    uint8_t *table = lk_arena_at(arena, distance);
    if (table != NULL)
        routes->table = table - (uint8_t *)routes;
    routes->capacity = count;
    return lk_arena_error(arena);
}

static bool nothing_set(const struct lk_addr *a)
{
    static const struct lk_addr zero;
    return lk_memequal(a->octet, zero.octet, 16);
}

static bool route_sound(const struct lk_addr *destination, uint32_t prefix, const struct lk_addr *gateway)
{
    if (prefix > 32 || !lk_addr_is_ip4(destination) || (lk_addr_ip4(destination) & ~lk_ip4_mask(prefix)) != 0)
        return false;
    if (nothing_set(gateway))
        return true;
    return lk_addr_is_ip4(gateway) && !lk_addr_is_unspecified(gateway) && !lk_addr_is_multicast(gateway) && !lk_addr_is_limited_broadcast(gateway) &&
           !lk_addr_is_loopback(gateway);
}

int lk_routes_add(struct lk_routes *routes, const struct lk_addr *destination, uint32_t prefix, const struct lk_addr *gateway, uint32_t iface)
{
    struct lk_route route = {.destination = *destination, .gateway = *gateway, .iface = iface, .prefix = prefix};
    if (!route_sound(destination, prefix, gateway))
        return LK_E_INVALID;
    uint32_t i = 0;
    for (; i < routes->count && entry(routes, i)->prefix >= prefix; i++)
        if (lk_memequal(entry(routes, i), &route, sizeof route))
            return LK_E_EXISTS;
    if (routes->count == routes->capacity)
        return LK_E_NOBUFS;
    lk_memmove(entry(routes, i + 1), entry(routes, i), (routes->count - i) * sizeof route);
    *entry(routes, i) = route;
    routes->count++;
    return 0;
}

static void take_out(struct lk_routes *routes, uint32_t i)
{
    routes->count--;
    lk_memmove(entry(routes, i), entry(routes, i + 1), (routes->count - i) * sizeof(struct lk_route));
    lk_memset(entry(routes, routes->count), 0, sizeof(struct lk_route));
}

int lk_routes_remove_exactly(struct lk_routes *routes, const struct lk_addr *destination, uint32_t prefix, const struct lk_addr *gateway, uint32_t iface)
{
    struct lk_route route = {.destination = *destination, .gateway = *gateway, .iface = iface, .prefix = prefix};
    for (uint32_t i = 0; i < routes->count; i++) {
        if (lk_memequal(entry(routes, i), &route, sizeof route)) {
            take_out(routes, i);
            return 0;
        }
    }
    return LK_E_NOTFOUND;
}

int lk_routes_remove(struct lk_routes *routes, const struct lk_addr *destination, uint32_t prefix)
{
    uint32_t i = 0;
    while (i < routes->count && !(entry(routes, i)->prefix == prefix && lk_memequal(entry(routes, i)->destination.octet, destination->octet, 16)))
        i++;
    if (i == routes->count)
        return LK_E_NOTFOUND;
    take_out(routes, i);
    return 0;
}

static const struct lk_route *longest(const struct lk_routes *routes, uint32_t up, uint32_t iface, const struct lk_addr *destination)
{
    for (uint32_t i = 0; i < routes->count; i++) {
        const struct lk_route *r = entry(routes, i);
        if ((iface != LK_ANY && r->iface != iface) || (up >> r->iface & 1) == 0)
            continue;
        if (lk_addr_in_prefix(destination, &r->destination, 96 + r->prefix))
            return r;
    }
    return NULL;
}

/* Unicast, and groups with no interface given: the longer of an own network and a route. */
static int by_table(const struct lk_routes *routes, const struct lk_addresses *addresses, uint32_t up, uint32_t iface,
                    const struct lk_addr *destination, struct lk_hop *out)
{
    const struct lk_address *near = lk_addresses_on_link(addresses, iface, up, destination);
    const struct lk_route *route = longest(routes, up, iface, destination);
    if (near == NULL && route == NULL)
        return LK_E_NETUNREACH;
    if (route == NULL || (near != NULL && near->prefix >= route->prefix)) {
        out->iface = near->iface;
        out->next = *destination; /* RFC 1122 3.3.1.1: the destination is on a connected network */
        return 0;
    }
    out->iface = route->iface;
    out->next = nothing_set(&route->gateway) ? *destination : route->gateway;
    return 0;
}

int lk_routes_find(const struct lk_routes *routes, const struct lk_addresses *addresses, uint32_t up, uint32_t iface,
                   const struct lk_addr *destination, struct lk_hop *out)
{
    if (!lk_addr_is_ip4(destination) || lk_addr_is_unspecified(destination) || lk_addr_is_loopback(destination) ||
        lk_addresses_own(addresses, LK_ANY, destination))
        return LK_E_NETUNREACH;
    out->cast = LK_CAST_UNICAST;
    if (lk_addr_is_multicast(destination))
        out->cast = LK_CAST_MULTICAST;
    else if (lk_addr_is_limited_broadcast(destination))
        out->cast = LK_CAST_BROADCAST;
    if (out->cast != LK_CAST_UNICAST && iface != LK_ANY) { /* no table is needed when the interface is named */
        out->iface = iface;
        out->next = *destination;
        return (up >> iface & 1) != 0 ? 0 : LK_E_NETUNREACH;
    }
    int error = by_table(routes, addresses, up, iface, destination, out);
    if (error < 0)
        return error;
    if (out->cast == LK_CAST_UNICAST && lk_addresses_broadcast(addresses, out->iface, destination))
        out->cast = LK_CAST_BROADCAST; /* of that network */
    if (out->cast != LK_CAST_UNICAST)
        out->next = *destination; /* groups are reached on the link itself, not by a gateway */
    return 0;
}

bool lk_routes_check(const struct lk_routes *routes, uint32_t ifaces)
{
    if (routes->count > routes->capacity)
        return false;
    for (uint32_t i = 0; i < routes->count; i++) {
        const struct lk_route *r = entry(routes, i);
        if (r->iface >= ifaces || !route_sound(&r->destination, r->prefix, &r->gateway))
            return false;
        if (i > 0 && entry(routes, i - 1)->prefix < r->prefix)
            return false;
    }
    return true;
}

void lk_routes_digest(const struct lk_routes *routes, struct lk_digest *digest)
{
    lk_digest_add(digest, routes->count);
    for (uint32_t i = 0; i < routes->count; i++) {
        const struct lk_route *r = entry(routes, i);
        lk_digest_bytes(digest, r->destination.octet, 16);
        lk_digest_bytes(digest, r->gateway.octet, 16);
        lk_digest_add(digest, r->iface);
        lk_digest_add(digest, r->prefix);
    }
}
