/* Cutting one block of memory into tables, at init and never after. The same code that cuts also measures: run it on a
 * measuring arena to learn the size, then on the memory itself. What is cut is named by its distance from the start,
 * so that a copy of the block works wherever it lies.
 *
 *     static int layout(struct lk_arena *a, const struct config *c, struct thing *t);   carves and inits pools of t
 *     footprint: struct thing scratch; lk_arena_measure(&a); lk_arena_carve(&a, 1, sizeof scratch); layout(&a, c, &scratch);
 *                return lk_arena_used(&a);
 *     init:      lk_arena_open(&a, memory, size); t = lk_arena_at(&a, lk_arena_carve(&a, 1, sizeof *t)); layout(&a, c, t); */
#ifndef LK_BASE_ARENA_H
#define LK_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Alignment of the block's start and of every carved piece, in bytes. malloc gives at least this. */
#define LK_ARENA_ALIGN 16

/* A view for the time of one init; it holds a pointer and is not stored in the memory it cuts. */
struct lk_arena {
	uint8_t *base;  /* NULL while measuring */
	uint64_t size;  /* bytes at base */
	uint64_t used;  /* bytes carved so far; beyond `size` once a piece did not fit */
	bool overflow;  /* a size computation left 64 bits, or memory left size_t */
};

/* Begin measuring: every carve succeeds and touches nothing. */
void lk_arena_measure(struct lk_arena *arena);

/* Begin cutting `size` bytes at `memory`. 0, or LK_E_INVALID when memory is NULL or not aligned to LK_ARENA_ALIGN. */
int lk_arena_open(struct lk_arena *arena, void *memory, size_t size);

/* Cut room for `count` items of `each` bytes and zero it. Returns its distance from the start of the block. When it does
 * not fit nothing is touched, the arena is marked failed and the return is UINT64_MAX; check once at the end with
 * lk_arena_error(). */
uint64_t lk_arena_carve(struct lk_arena *arena, uint64_t count, uint64_t each);

/* Address of a carved piece; NULL while measuring or for a piece that did not fit. */
void *lk_arena_at(const struct lk_arena *arena, uint64_t distance);

/* 0 if everything carved so far fitted, LK_E_NOMEM if not. */
int lk_arena_error(const struct lk_arena *arena);

/* Bytes needed for all that was carved, those that did not fit included; SIZE_MAX when that is more than a size_t. */
size_t lk_arena_used(const struct lk_arena *arena);

#endif
