/* Bump allocation by distances: the same arithmetic measures and cuts. */
#include "stack/base/arena.h"

#include "stack/base/error.h"
#include "stack/base/mem.h"

void lk_arena_measure(struct lk_arena *arena)
{
	*arena = (struct lk_arena){.base = NULL, .size = UINT64_MAX, .used = 0, .overflow = false};
}

int lk_arena_open(struct lk_arena *arena, void *memory, size_t size)
{
	if (memory == NULL || (uintptr_t)memory % LK_ARENA_ALIGN != 0) {
		return LK_E_INVALID;
	}
	*arena = (struct lk_arena){.base = memory, .size = size, .used = 0, .overflow = false};
	return LK_OK;
}

uint64_t lk_arena_carve(struct lk_arena *arena, uint64_t count, uint64_t each)
{
	uint64_t start = arena->used;
	uint64_t bytes, end;

	if (__builtin_mul_overflow(count, each, &bytes) || __builtin_add_overflow(start, bytes, &end) ||
	    __builtin_add_overflow(end, (uint64_t)LK_ARENA_ALIGN - 1, &end)) {
		arena->overflow = true;
		return UINT64_MAX;
	}
	arena->used = end - end % LK_ARENA_ALIGN;
	if (arena->used > arena->size) {
		return UINT64_MAX;
	}
	if (arena->base != NULL) {
		lk_memset(arena->base + start, 0, (size_t)bytes);
	}
	return start;
}

void *lk_arena_at(const struct lk_arena *arena, uint64_t distance)
{
	if (arena->base == NULL || distance > arena->size) {
		return NULL;
	}
	return arena->base + distance;
}

int lk_arena_error(const struct lk_arena *arena)
{
	return arena->overflow || arena->used > arena->size ? LK_E_NOMEM : LK_OK;
}

size_t lk_arena_used(const struct lk_arena *arena)
{
	return arena->overflow || arena->used > SIZE_MAX ? SIZE_MAX : (size_t)arena->used;
}
