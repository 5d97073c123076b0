/* Records of one fixed size, named by a 32-bit index, taken and given back in constant time.
 *
 * The `struct lk_pool` itself must lie in the same arena as its records: it finds them by their distance from itself, so
 * a copy of the arena is a working copy of the pool, and the pool struct must never be copied alone. A record is all
 * zero when taken, and its bytes are zeroed when given back. In sanitizer builds a free record and the gap after each
 * record are closed (guard.h): touching them dies. The last record given back is the first taken again; which record a
 * take returns depends only on the order of takes and gives. */
#ifndef LK_BASE_POOL_H
#define LK_BASE_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base/arena.h"
#include "stack/base/types.h"

struct lk_pool {
	int64_t records;     /* bytes from this struct to record 0 */
	int64_t links;       /* bytes from this struct to the table of free links, one uint32 a record */
	uint32_t size;       /* bytes of a record, as asked for */
	uint32_t stride;     /* bytes from one record to the next */
	uint32_t capacity;   /* number of records */
	uint32_t fresh;      /* records from here on were never taken */
	uint32_t free_head;  /* last one given back, or LK_NONE */
	uint32_t in_use;     /* number taken now */
	uint32_t high_water; /* most ever taken at once */
	uint32_t failed;     /* takes refused because the pool was empty, saturating */
};

/* Carve `count` records (below 2^32 - 2) of `size` bytes (1 .. 2^30) from the arena. Records are 8-byte aligned. While
 * measuring nothing but the arena's count changes. 0; LK_E_INVALID for a size or count out of range; LK_E_NOMEM when it
 * did not fit. A count of 0 is a pool from which nothing can be taken. */
int lk_pool_init(struct lk_pool *pool, struct lk_arena *arena, uint32_t size, uint32_t count);

/* Take a record, zeroed. Its index, or LK_NONE when all are taken. */
uint32_t lk_pool_take(struct lk_pool *pool);

/* Give a taken record back. Giving back what is not taken is a fault of the caller (lk_assert). */
void lk_pool_give(struct lk_pool *pool, uint32_t index);

/* Whether `index` is a record that is taken now. Any number may be asked. */
bool lk_pool_taken(const struct lk_pool *pool, uint32_t index);

/* Address of record `index`, which must be below the capacity. Valid until the arena moves; never stored. */
static inline void *lk_pool_at(const struct lk_pool *pool, uint32_t index)
{
	return (uint8_t *)(uintptr_t)pool + pool->records + (int64_t)((uint64_t)index * pool->stride);
}

/* Close again everything the pool does not lend (after the arena was opened whole and copied, for instance). Opens what
 * is lent. No effect without a sanitizer. */
void lk_pool_guard(const struct lk_pool *pool);

/* State every invariant: the counts add up, the free list visits each free record once, free records are zero (where
 * they may be read). True when all hold. Linear in the capacity; for tests and fuzzing. */
bool lk_pool_check(const struct lk_pool *pool);

#endif
