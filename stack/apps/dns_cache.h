/* What servers said, and that they said there is nothing, as long as it holds (RFC 1035 7.4, RFC 2308 5). A table whose
 * places for a name are few and found by a keyed hash: constant work, and nobody outside can choose what is pushed out.
 * Not for other rooms. */
#ifndef LK_APPS_DNS_CACHE_H
#define LK_APPS_DNS_CACHE_H

#include "stack/base/arena.h"
#include "stack/base/types.h"
#include "stack/wire/dns.h"

#define LK_DNS_CACHE_ANY 0u /* the type under which "no such name" is kept: it holds for all (RFC 2308 5) */

/* Lies in the same memory as its entries. */
struct lk_dns_cache {
    int64_t entries; /* bytes from this struct to entry 0 */
    uint32_t count, stride, room;
    uint32_t unused; /* 0 */
    uint8_t key[16];
};

/* Carves the entries: `count` of answers of up to `room` bytes. While measuring only the arena's count changes. */
void lk_dns_cache_init(struct lk_dns_cache *cache, struct lk_arena *arena, uint32_t count, uint32_t room, const uint8_t seed[32]);

/* Keeps an answer until `expires`, in place of an older one to the same question. One that is too long is not kept. */
void lk_dns_cache_put(struct lk_dns_cache *cache, const struct lk_dns_name *name, uint16_t type, const uint8_t *message, size_t len, lk_time now,
                      lk_time expires);

/* The answer to a question, with its TTLs counted down to `now`. Its length, or 0: none, or none that still holds, or longer
 * than cap. */
size_t lk_dns_cache_get(const struct lk_dns_cache *cache, const struct lk_dns_name *name, uint16_t type, uint8_t *message, size_t cap, lk_time now);

#endif
