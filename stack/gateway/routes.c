#include "stack/gateway/routes.h"
#include "stack/base/mem.h"

static struct gw_route *entry(const struct gw_routes *routes, uint32_t i)
{
    return (struct gw_route *)(void *)((uint8_t *)(uintptr_t)routes + routes->table) + i;
}

int gw_routes_init(struct gw_routes *routes, struct lk_arena *arena, uint32_t capacity)
{
    uint64_t distance = lk_arena_carve(arena, capacity, sizeof(struct gw_route));
    uint8_t *table = lk_arena_at(arena, distance);
    if (table != NULL)
        routes->table = table - (uint8_t *)routes;
    routes->capacity = capacity;
    return lk_arena_error(arena);
}

/* The first entry of that prefix length whose destination is not below the one asked for. */
static uint32_t place(const struct gw_routes *routes, uint32_t destination, uint32_t prefix)
{
    uint32_t low = routes->start[32 - prefix], high = routes->start[33 - prefix];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (entry(routes, middle)->destination < destination)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool stands_at(const struct gw_routes *routes, uint32_t at, uint32_t destination, uint32_t prefix)
{
    return at < routes->start[33 - prefix] && entry(routes, at)->destination == destination;
}

int gw_routes_add(struct gw_routes *routes, const struct gw_route *route)
{
    uint32_t count = routes->start[33];
    if (route->prefix > 32 || (route->destination & ~lk_ip4_mask(route->prefix)) != 0)
        return LK_E_INVALID;
    uint32_t at = place(routes, route->destination, route->prefix);
    if (stands_at(routes, at, route->destination, route->prefix))
        return LK_E_EXISTS;
    if (count == routes->capacity)
        return LK_E_NOBUFS;
    lk_memmove(entry(routes, at + 1), entry(routes, at), (count - at) * sizeof *route);
    *entry(routes, at) = *route;
    for (uint32_t i = 33 - route->prefix; i <= 33; i++)
        routes->start[i]++;
    return 0;
}

int gw_routes_remove(struct gw_routes *routes, uint32_t destination, uint32_t prefix)
{
    uint32_t count = routes->start[33];
    if (prefix > 32)
        return LK_E_NOTFOUND;
    uint32_t at = place(routes, destination, prefix);
    if (!stands_at(routes, at, destination, prefix))
        return LK_E_NOTFOUND;
    lk_memmove(entry(routes, at), entry(routes, at + 1), (count - at - 1) * sizeof(struct gw_route));
    lk_memset(entry(routes, count - 1), 0, sizeof(struct gw_route));
    for (uint32_t i = 33 - prefix; i <= 33; i++)
        routes->start[i]--;
    return 0;
}

const struct gw_route *gw_routes_find(const struct gw_routes *routes, uint32_t destination)
{
    for (uint32_t i = 0; i <= 32; i++) {
        if (routes->start[i] == routes->start[i + 1])
            continue;
        uint32_t network = destination & lk_ip4_mask(32 - i), at = place(routes, network, 32 - i);
        if (stands_at(routes, at, network, 32 - i))
            return entry(routes, at);
    }
    return NULL;
}

static bool entry_sound(const struct gw_routes *routes, uint32_t i, uint32_t ifaces)
{
    const struct gw_route *r = entry(routes, i);
    if (r->prefix > 32 || r->iface >= ifaces || (r->destination & ~lk_ip4_mask(r->prefix)) != 0)
        return false;
    if (i < routes->start[32 - r->prefix] || i >= routes->start[33 - r->prefix])
        return false;
    return i == routes->start[32 - r->prefix] || entry(routes, i - 1)->destination < r->destination;
}

bool gw_routes_check(const struct gw_routes *routes, uint32_t ifaces)
{
    if (routes->start[33] > routes->capacity || routes->start[0] != 0)
        return false;
    for (uint32_t i = 0; i < routes->start[33]; i++)
        if (!entry_sound(routes, i, ifaces))
            return false;
    return true;
}

/* The interface in whose network the destination is, longest prefix first; LK_ANY: none. */
static uint32_t attached(const struct lk_gateway_config *config, uint32_t destination)
{
    uint32_t best = LK_ANY;
    for (uint32_t i = 0; i < config->ifaces; i++) {
        const struct lk_gateway_iface *iface = &config->iface[i];
        uint32_t own = lk_addr_ip4(&iface->address);
        if (own == 0 || ((own ^ destination) & lk_ip4_mask(iface->prefix)) != 0)
            continue;
        if (best == LK_ANY || iface->prefix > config->iface[best].prefix)
            best = i;
    }
    return best;
}

bool gw_lookup(const struct gw_routes *routes, const struct lk_gateway_config *config, uint32_t destination, struct gw_hop *out)
{
    uint32_t iface = attached(config, destination);
    const struct gw_route *route = gw_routes_find(routes, destination);
    if (iface != LK_ANY && (route == NULL || route->prefix <= config->iface[iface].prefix)) {
        *out = (struct gw_hop){.iface = iface, .next_hop = destination, .direct = true};
        return true;
    }
    if (route == NULL)
        return false;
    *out = (struct gw_hop){.iface = route->iface, .next_hop = route->gateway, .direct = route->gateway == 0};
    if (out->direct)
        out->next_hop = destination;
    return true;
}
