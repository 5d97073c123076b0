/* Timers: a fixed number of nodes, each armed for one point in time or idle. Full nanosecond resolution, and due timers
 * come out in the order of (deadline, order of arming).
 *
 * How. Armed nodes hang in slots of a hierarchical timing wheel (Varghese and Lauck): 8 levels of 64 slots, a slot of
 * the lowest level 2^16 ns (66 us) wide, each level 64 times as wide as the one below, together the whole 64-bit range.
 * When a slot of level 0 is reached its nodes enter a pairing heap ordered by (deadline, arming), from which they leave
 * one by one; so the wheel only sorts coarsely and the heap, which holds one slot's worth, exactly. Arming, re-arming and
 * cancelling are constant work; a node moves down at most 7 levels in its life, and leaves the heap in amortised
 * O(log n) of the n timers within the same 66 us. A binary heap over all nodes was the alternative: simpler, but arming one
 * anew, which TCP does with every ACK, would move it along the heap's depth, 20 levels for a million timers.
 * conformance/bench/run timers prints what each costs.
 *
 * All state lies in the arena and holds no pointer; `struct lk_wheel` must lie in the same arena as its nodes and is
 * never copied alone. A node costs 32 bytes, the wheel about 6 KB. */
#ifndef LK_BASE_WHEEL_H
#define LK_BASE_WHEEL_H

#include <stdbool.h>
#include <stdint.h>

#include "stack/base/arena.h"
#include "stack/base/types.h"

#define LK_WHEEL_LEVELS 8
#define LK_WHEEL_SLOTS 64

struct lk_wheel {
	int64_t nodes;                                       /* bytes from this struct to node 0 */
	uint64_t tick;                                       /* slots of level 0 before this one are empty */
	uint64_t armings;                                    /* number of armings so far: the order among equal deadlines */
	uint64_t occupied[LK_WHEEL_LEVELS];                  /* bit s: slot s is not empty */
	lk_time least[LK_WHEEL_LEVELS][LK_WHEEL_SLOTS];      /* not later than any deadline in the slot */
	uint32_t head[LK_WHEEL_LEVELS][LK_WHEEL_SLOTS];      /* first node of the slot, or LK_NONE */
	uint32_t due;                                        /* root of the heap, or LK_NONE */
	uint32_t capacity;                                   /* number of nodes */
	uint32_t armed;                                      /* number of nodes armed now */
	uint32_t unused;                                     /* 0 */
};

/* Carve a wheel's `count` nodes (below 2^32 - 1), all idle, from the arena. `now` is where time begins; earlier and later
 * times may be used all the same. While measuring nothing but the arena's count changes. 0; LK_E_INVALID for a count out
 * of range; LK_E_NOMEM when it did not fit. */
int lk_wheel_init(struct lk_wheel *wheel, struct lk_arena *arena, uint32_t count, lk_time now);

/* Arm `node` (below the capacity) for `deadline`, whatever it was before: a node armed already is moved, and counts as
 * armed last among equals. A deadline in the past is due at once. LK_NEVER is the same as cancelling. */
void lk_wheel_arm(struct lk_wheel *wheel, uint32_t node, lk_time deadline);

/* Make `node` idle. Nothing happens if it is. */
void lk_wheel_cancel(struct lk_wheel *wheel, uint32_t node);

/* Whether `node` is armed. */
bool lk_wheel_armed(const struct lk_wheel *wheel, uint32_t node);

/* What `node` is armed for; LK_NEVER if idle. */
lk_time lk_wheel_deadline_of(const struct lk_wheel *wheel, uint32_t node);

/* A time not later than the earliest armed deadline, LK_NEVER if nothing is armed. It is that very deadline, except that
 * after a cancelling or re-arming it may be an earlier one. Whoever calls lk_wheel_pop() at the time returned gets a
 * timer, or finds the next return later: it never stands still. */
lk_time lk_wheel_deadline(const struct lk_wheel *wheel);

/* Take the first timer with a deadline not after `now`, in the order of (deadline, arming). True: it is idle now, *node
 * and *deadline tell which it was and what for; call again for the next. False: nothing more is due at `now`. A `now`
 * before that of an earlier call is allowed. */
bool lk_wheel_pop(struct lk_wheel *wheel, lk_time now, uint32_t *node, lk_time *deadline);

/* State every invariant. True when all hold. Linear in the capacity; for tests and fuzzing. */
bool lk_wheel_check(const struct lk_wheel *wheel);

#endif
