#include "stack/ip/address.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

static struct lk_address *entry(const struct lk_addresses *addresses, uint32_t i)
{
    return (struct lk_address *)(void *)((uint8_t *)(uintptr_t)addresses + addresses->table) + i;
}

int lk_addresses_init(struct lk_addresses *addresses, struct lk_arena *arena, uint32_t count)
{
    uint64_t distance = lk_arena_carve(arena, count, sizeof(struct lk_address));
    uint8_t *table = lk_arena_at(arena, distance);
    if (table != NULL)
        addresses->table = table - (uint8_t *)addresses;
    addresses->capacity = count;
    return lk_arena_error(arena);
}

static uint32_t find(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address)
{
    uint32_t i = 0;
    while (i < addresses->count && !(entry(addresses, i)->iface == iface && lk_memequal(entry(addresses, i)->address.octet, address->octet, 16)))
        i++;
    return i;
}

/* RFC 1122 3.2.1.3: what no host may be called. */
static bool host_address(const struct lk_addr *address)
{
    return lk_addr_is_ip4(address) && address->octet[12] != 0 && !lk_addr_is_loopback(address) && !lk_addr_is_multicast(address) &&
           !lk_addr_is_limited_broadcast(address);
}

int lk_addresses_add(struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address, uint32_t prefix, bool tentative)
{
    if (prefix > 32 || !host_address(address))
        return LK_E_INVALID;
    uint32_t i = find(addresses, iface, address);
    if (i == addresses->capacity)
        return LK_E_NOBUFS;
    if (i == addresses->count)
        addresses->count++;
    *entry(addresses, i) = (struct lk_address){.address = *address, .iface = iface, .prefix = (uint8_t)prefix, .tentative = tentative};
    return 0;
}

int lk_addresses_remove(struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address)
{
    uint32_t i = find(addresses, iface, address);
    if (i == addresses->count)
        return LK_E_NOTFOUND;
    addresses->count--;
    lk_memmove(entry(addresses, i), entry(addresses, i + 1), (addresses->count - i) * sizeof(struct lk_address));
    lk_memset(entry(addresses, addresses->count), 0, sizeof(struct lk_address));
    return 0;
}

bool lk_addresses_claimed(struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address, bool probe)
{
    uint32_t i = find(addresses, iface, address);
    if (i == addresses->count || (probe && !entry(addresses, i)->tentative))
        return false;
    struct lk_address *e = entry(addresses, i);
    e->conflicts = (uint8_t)(e->conflicts + (e->conflicts != UINT8_MAX));
    return true;
}

const struct lk_address *lk_addresses_entry(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address)
{
    uint32_t i = find(addresses, iface, address);
    return i == addresses->count ? NULL : entry(addresses, i);
}

bool lk_addresses_own(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address)
{
    for (uint32_t i = 0; i < addresses->count; i++) {
        const struct lk_address *e = entry(addresses, i);
        if (!e->tentative && (iface == LK_ANY || e->iface == iface) && lk_memequal(e->address.octet, address->octet, 16))
            return true;
    }
    return false;
}

int lk_addresses_share(struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address, bool shared)
{
    uint32_t i = find(addresses, iface, address);
    if (i == addresses->count)
        return LK_E_NOTFOUND;
    entry(addresses, i)->shared = shared;
    return 0;
}

bool lk_addresses_shared(const struct lk_addresses *addresses, const struct lk_addr *address)
{
    for (uint32_t i = 0; i < addresses->count; i++) {
        const struct lk_address *e = entry(addresses, i);
        if (e->shared && !e->tentative && lk_memequal(e->address.octet, address->octet, 16))
            return true;
    }
    return false;
}

bool lk_addresses_configured(const struct lk_addresses *addresses, uint32_t iface)
{
    for (uint32_t i = 0; i < addresses->count; i++)
        if (!entry(addresses, i)->tentative && entry(addresses, i)->iface == iface)
            return true;
    return false;
}

bool lk_addresses_broadcast(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address)
{
    uint32_t ip = lk_addr_ip4(address);
    if (!lk_addr_is_ip4(address))
        return false;
    if (ip == UINT32_MAX || ip == 0)
        return true;
    for (uint32_t i = 0; i < addresses->count; i++) {
        const struct lk_address *e = entry(addresses, i);
        uint32_t mask = lk_ip4_mask(e->prefix), own = lk_addr_ip4(&e->address);
        if (e->prefix > 30 || (iface != LK_ANY && e->iface != iface) || (ip & mask) != (own & mask))
            continue;
        if ((ip | mask) == UINT32_MAX || (ip & ~mask) == 0)
            return true;
    }
    return false;
}

static bool in_network(const struct lk_address *e, const struct lk_addr *address)
{
    return lk_addr_in_prefix(address, &e->address, 96u + e->prefix);
}

const struct lk_address *lk_addresses_on_link(const struct lk_addresses *addresses, uint32_t iface, uint32_t up, const struct lk_addr *address)
{
    const struct lk_address *best = NULL;
    for (uint32_t i = 0; i < addresses->count; i++) {
        const struct lk_address *e = entry(addresses, i);
        if (e->tentative || (iface != LK_ANY && e->iface != iface) || (up >> e->iface & 1) == 0)
            continue;
        if (in_network(e, address) && (best == NULL || e->prefix > best->prefix))
            best = e;
    }
    return best;
}

bool lk_addresses_source(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *next_hop, struct lk_addr *out)
{
    const struct lk_address *first = NULL;
    const struct lk_address *near = lk_addresses_on_link(addresses, iface, UINT32_MAX, next_hop);
    for (uint32_t i = 0; i < addresses->count && first == NULL; i++)
        if (entry(addresses, i)->iface == iface && !entry(addresses, i)->tentative)
            first = entry(addresses, i);
    if (near == NULL)
        near = first;
    if (near == NULL)
        return false;
    *out = near->address;
    return true;
}

bool lk_addresses_check(const struct lk_addresses *addresses, uint32_t ifaces)
{
    if (addresses->count > addresses->capacity)
        return false;
    for (uint32_t i = 0; i < addresses->count; i++) {
        const struct lk_address *e = entry(addresses, i);
        if (e->iface >= ifaces || e->prefix > 32 || e->tentative > 1 || e->shared > 1 || !host_address(&e->address) || find(addresses, e->iface, &e->address) != i)
            return false;
    }
    return true;
}

void lk_addresses_digest(const struct lk_addresses *addresses, struct lk_digest *digest)
{
    lk_digest_add(digest, addresses->count);
    for (uint32_t i = 0; i < addresses->count; i++) {
        const struct lk_address *e = entry(addresses, i);
        lk_digest_bytes(digest, e->address.octet, 16);
        lk_digest_add(digest, e->iface);
        lk_digest_add(digest, e->prefix);
        lk_digest_add(digest, e->tentative | (uint64_t)e->shared << 1);
        lk_digest_add(digest, e->conflicts);
    }
}
