/* Fixed-size records. A table of links beside the records, one number each, is both the free list and the answer to
 * "is it taken": the records themselves stay zero while they are free. */
#include "stack/base/pool.h"

#include "stack/base/check.h"
#include "stack/base/error.h"
#include "stack/base/guard.h"
#include "stack/base/mem.h"

#define TAKEN (LK_NONE - 1) /* the link of a record that is taken */
#define SIZE_MOST (UINT32_C(1) << 30)

_Static_assert(sizeof(struct lk_pool) == 48, "no padding: an arena is compared byte by byte");

static uint32_t *link_of(const struct lk_pool *pool, uint32_t index)
{
	return (uint32_t *)(void *)((uint8_t *)(uintptr_t)pool + pool->links) + index;
}

/* All bytes of the records, with the gap before the first one and after each. */
static uint8_t *region(const struct lk_pool *pool)
{
	return (uint8_t *)(uintptr_t)pool + pool->records - LK_GUARD_GAP;
}

static size_t region_len(const struct lk_pool *pool)
{
	return LK_GUARD_GAP + (size_t)pool->stride * pool->capacity;
}

int lk_pool_init(struct lk_pool *pool, struct lk_arena *arena, uint32_t size, uint32_t count)
{
	uint32_t stride = (size + 7) / 8 * 8 + LK_GUARD_GAP;
	uint64_t links, records;

	if (size == 0 || size > SIZE_MOST || count >= TAKEN) {
		return LK_E_INVALID;
	}
	links = lk_arena_carve(arena, count, sizeof(uint32_t));
	records = lk_arena_carve(arena, 1, LK_GUARD_GAP + (uint64_t)stride * count);
	if (lk_arena_error(arena) != LK_OK) {
		return LK_E_NOMEM;
	}
	if (arena->base == NULL) {
		return LK_OK;
	}
	*pool = (struct lk_pool){
	    .records = (uint8_t *)lk_arena_at(arena, records) + LK_GUARD_GAP - (uint8_t *)pool,
	    .links = (uint8_t *)lk_arena_at(arena, links) - (uint8_t *)pool,
	    .size = size,
	    .stride = stride,
	    .capacity = count,
	    .free_head = LK_NONE,
	};
	lk_guard_close(region(pool), region_len(pool));
	return LK_OK;
}

uint32_t lk_pool_take(struct lk_pool *pool)
{
	uint32_t index = pool->free_head;

	if (index != LK_NONE) {
		pool->free_head = *link_of(pool, index);
	} else if (pool->fresh < pool->capacity) {
		index = pool->fresh++;
	} else {
		pool->failed += pool->failed != UINT32_MAX;
		return LK_NONE;
	}
	*link_of(pool, index) = TAKEN;
	pool->in_use++;
	if (pool->in_use > pool->high_water) {
		pool->high_water = pool->in_use;
	}
	lk_guard_open(lk_pool_at(pool, index), pool->size);
	lk_memset(lk_pool_at(pool, index), 0, pool->size);
	return index;
}

void lk_pool_give(struct lk_pool *pool, uint32_t index)
{
	lk_assert(lk_pool_taken(pool, index));
	lk_memset(lk_pool_at(pool, index), 0, pool->size);
	lk_guard_close(lk_pool_at(pool, index), pool->size);
	*link_of(pool, index) = pool->free_head;
	pool->free_head = index;
	pool->in_use--;
}

bool lk_pool_taken(const struct lk_pool *pool, uint32_t index)
{
	return index < pool->fresh && *link_of(pool, index) == TAKEN;
}

void lk_pool_guard(const struct lk_pool *pool)
{
	if (LK_GUARD_GAP == 0) {
		return;
	}
	lk_guard_close(region(pool), region_len(pool));
	for (uint32_t i = 0; i < pool->fresh; i++) {
		if (lk_pool_taken(pool, i)) {
			lk_guard_open(lk_pool_at(pool, i), pool->size);
		}
	}
}

/* Whether a record's bytes, padding up to the stride included, are all zero. */
static bool is_zero(const struct lk_pool *pool, uint32_t index)
{
	const uint8_t *bytes = lk_pool_at(pool, index);

	return pool->stride == 0 || (bytes[0] == 0 && lk_memequal(bytes, bytes + 1, pool->stride - 1)); /* each byte equals the next */
}

bool lk_pool_check(const struct lk_pool *pool)
{
	uint32_t taken = 0;
	uint32_t listed = 0;

	if (pool->fresh > pool->capacity || pool->high_water > pool->fresh || pool->in_use > pool->high_water) {
		return false;
	}
	for (uint32_t i = 0; i < pool->capacity; i++) {
		if (lk_pool_taken(pool, i)) {
			taken++;
		} else if (LK_GUARD_GAP == 0 && !is_zero(pool, i)) {
			return false;
		}
	}
	for (uint32_t i = pool->free_head; i != LK_NONE; i = *link_of(pool, i)) {
		if (i >= pool->fresh || lk_pool_taken(pool, i) || ++listed > pool->fresh) {
			return false;
		}
	}
	return taken == pool->in_use && listed == pool->fresh - taken;
}
