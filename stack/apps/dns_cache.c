/* The resolver's memory (RFC 2308). */
#include "stack/apps/dns_cache.h"

#include "stack/base/bytes.h"
#include "stack/base/hash.h"
#include "stack/base/mem.h"
#include "stack/base/rng.h"

#define PLACES 4u /* an entry may lie in */
#define PURPOSE UINT64_C(0x646e732d63616368) /* of the hash key, among all that come from one seed */

struct entry {
    lk_time stored, expires;
    uint32_t len; /* 0: free */
    uint16_t type;
    struct lk_dns_name name;
    uint8_t message[];
};

void lk_dns_cache_init(struct lk_dns_cache *cache, struct lk_arena *arena, uint32_t count, uint32_t room, const uint8_t seed[32])
{
    uint32_t stride = (uint32_t)((sizeof(struct entry) + room + 15) / 16 * 16);
    uint64_t at = lk_arena_carve(arena, count, stride);
    uint8_t *entries = lk_arena_at(arena, at);
    if (entries == NULL)
        return;
    cache->entries = entries - (uint8_t *)cache;
    cache->count = count;
    cache->stride = stride;
    cache->room = room;
    lk_seed_key(seed, PURPOSE, cache->key);
}

static uint32_t place_of(const struct lk_dns_cache *cache, const struct lk_dns_name *name, uint16_t type)
{
    uint8_t key[LK_DNS_NAME_MAX + 2];
    for (unsigned i = 0; i < name->len; i++)
        key[i] = name->octets[i] >= 'A' && name->octets[i] <= 'Z' ? (uint8_t)(name->octets[i] + 32) : name->octets[i];
    lk_store_be16(key + name->len, type);
    return (uint32_t)(lk_siphash(cache->key, key, name->len + 2u) % cache->count);
}

static struct entry *entry_at(const struct lk_dns_cache *cache, uint64_t i)
{
    return (struct entry *)(void *)((uint8_t *)(uintptr_t)cache + cache->entries + (int64_t)(i % cache->count * cache->stride));
}

static bool is_for(const struct entry *e, const struct lk_dns_name *name, uint16_t type)
{
    return e->len > 0 && e->type == type && lk_dns_name_equal(&e->name, name);
}

/* The entry of a question; otherwise, if `make`, the place that costs least: a free one, or what expires first. */
static struct entry *entry_of(const struct lk_dns_cache *cache, const struct lk_dns_name *name, uint16_t type, bool make)
{
    uint32_t first = cache->count == 0 ? 0 : place_of(cache, name, type);
    struct entry *least = NULL;
    for (uint32_t i = 0; i < PLACES && i < cache->count; i++) {
        struct entry *e = entry_at(cache, (uint64_t)first + i);
        if (is_for(e, name, type))
            return e;
        if (least == NULL || (least->len > 0 && (e->len == 0 || e->expires < least->expires)))
            least = e;
    }
    return make ? least : NULL;
}

void lk_dns_cache_put(struct lk_dns_cache *cache, const struct lk_dns_name *name, uint16_t type, const uint8_t *message, size_t len, lk_time now,
                      lk_time expires)
{
    struct entry *e = entry_of(cache, name, type, true);
    if (e == NULL || len > cache->room || len == 0)
        return;
    e->stored = now;
    e->expires = expires;
    e->len = (uint32_t)len;
    e->type = type;
    e->name = *name;
    lk_memcpy(e->message, message, len);
}

/* RFC 2308 6, RFC 1035 7.4: the TTL that is told is what is left of it. */
static void count_down(uint8_t *message, size_t len, uint32_t age)
{
    struct lk_dns_reader r;
    struct lk_dns_record record;
    if (lk_dns_read_begin(&r, message, len) < 0)
        return;
    while (lk_dns_read_record(&r, &record) > 0) {
        uint32_t ttl = lk_dns_ttl(&record);
        lk_store_be32(message + (record.rdata - message) - 6, ttl > age ? ttl - age : 0);
    }
}

size_t lk_dns_cache_get(const struct lk_dns_cache *cache, const struct lk_dns_name *name, uint16_t type, uint8_t *message, size_t cap, lk_time now)
{
    const struct entry *e = entry_of(cache, name, type, false);
    if (e == NULL || e->expires <= now || e->len > cap)
        return 0;
    lk_memcpy(message, e->message, e->len);
    count_down(message, e->len, (uint32_t)((now - e->stored) / LK_SECOND));
    return e->len;
}
