/* A hierarchical timing wheel in front of a pairing heap; see wheel.h for why.
 *
 * Where a node hangs follows from its deadline's tick (the number of its level-0 slot, counted over all time) and the
 * wheel's own tick: not later than the wheel's, it is in the heap; else at the level of the highest group of 6 bits in
 * which the two ticks differ. So all nodes of a level lie in slots above the wheel's own position there, every node of a
 * lower level comes before every node of a higher one, and the first slot of the lowest occupied level is the earliest. */
#include "stack/base/wheel.h"

#include "stack/base/check.h"
#include "stack/base/error.h"

#define TICK_BITS 16 /* log2 of the nanoseconds in a slot of level 0 */
#define GROUP_BITS 6 /* log2 of LK_WHEEL_SLOTS */

enum place {
	PLACE_IDLE = 0,
	PLACE_DUE = 1,   /* in the heap */
	PLACE_SLOT = 2,  /* and up: level * LK_WHEEL_SLOTS + slot */
};

struct node {
	lk_time deadline;
	uint64_t order;
	uint32_t next;  /* in a slot: the next one. In the heap: the next sibling */
	uint32_t prev;  /* in a slot: the one before. In the heap: the sibling before, or the parent of a first child */
	uint32_t child; /* in the heap: the first child */
	uint32_t place; /* enum place */
};

_Static_assert(sizeof(struct node) == 32, "a node costs 32 bytes");
_Static_assert(sizeof(struct lk_wheel) == 8 * (3 + 8) + 512 * 12 + 16, "no padding: an arena is compared byte by byte");
_Static_assert(LK_WHEEL_SLOTS == 1 << GROUP_BITS && TICK_BITS + LK_WHEEL_LEVELS * GROUP_BITS == 64, "the wheel spans all time");

static struct node *at(const struct lk_wheel *w, uint32_t index)
{
	return (struct node *)(void *)((uint8_t *)(uintptr_t)w + w->nodes) + index;
}

/* The slot number of a time, counted over all of signed time: the sign bit is flipped so that order is kept. */
static uint64_t tick_of(lk_time t)
{
	return ((uint64_t)t ^ UINT64_C(1) << 63) >> TICK_BITS;
}

/* the heap */

static bool before(const struct node *a, const struct node *b)
{
	return a->deadline != b->deadline ? a->deadline < b->deadline : a->order < b->order;
}

/* Join two heaps (either may be LK_NONE); the root of both. */
static uint32_t heap_join(struct lk_wheel *w, uint32_t a, uint32_t b)
{
	uint32_t root = a, under = b;

	if (a == LK_NONE || b == LK_NONE) {
		return a == LK_NONE ? b : a;
	}
	if (before(at(w, b), at(w, a))) {
		root = b;
		under = a;
	}
	at(w, under)->next = at(w, root)->child;
	at(w, under)->prev = root;
	if (at(w, root)->child != LK_NONE) {
		at(w, at(w, root)->child)->prev = under;
	}
	at(w, root)->child = under;
	return root;
}

/* Join a chain of siblings into one heap: neighbours pairwise, then the pairs from the last to the first. */
static uint32_t heap_join_siblings(struct lk_wheel *w, uint32_t first)
{
	uint32_t pairs = LK_NONE;
	uint32_t root = LK_NONE;

	while (first != LK_NONE) {
		uint32_t a = first;
		uint32_t b = at(w, a)->next;
		uint32_t pair;

		first = b == LK_NONE ? LK_NONE : at(w, b)->next;
		pair = heap_join(w, a, b);
		at(w, pair)->next = pairs;
		pairs = pair;
	}
	while (pairs != LK_NONE) {
		uint32_t next = at(w, pairs)->next;

		root = heap_join(w, root, pairs);
		pairs = next;
	}
	if (root != LK_NONE) {
		at(w, root)->next = LK_NONE;
		at(w, root)->prev = LK_NONE;
	}
	return root;
}

static void heap_insert(struct lk_wheel *w, uint32_t index)
{
	struct node *n = at(w, index);

	n->next = LK_NONE;
	n->prev = LK_NONE;
	n->child = LK_NONE;
	n->place = PLACE_DUE;
	w->due = heap_join(w, w->due, index);
}

static void heap_remove(struct lk_wheel *w, uint32_t index)
{
	struct node *n = at(w, index);
	uint32_t below = heap_join_siblings(w, n->child);

	if (w->due == index) {
		w->due = below;
		return;
	}
	if (at(w, n->prev)->child == index) {
		at(w, n->prev)->child = n->next;
	} else {
		at(w, n->prev)->next = n->next;
	}
	if (n->next != LK_NONE) {
		at(w, n->next)->prev = n->prev;
	}
	w->due = heap_join(w, w->due, below);
}

/* the slots */

static void slot_insert(struct lk_wheel *w, uint32_t index, unsigned level, unsigned slot)
{
	struct node *n = at(w, index);
	uint32_t head = w->head[level][slot];

	n->next = head;
	n->prev = LK_NONE;
	n->child = LK_NONE;
	n->place = PLACE_SLOT + level * LK_WHEEL_SLOTS + slot;
	if (head != LK_NONE) {
		at(w, head)->prev = index;
	}
	w->head[level][slot] = index;
	w->occupied[level] |= UINT64_C(1) << slot;
	w->least[level][slot] = lk_time_min(w->least[level][slot], n->deadline);
}

static void slot_empty(struct lk_wheel *w, unsigned level, unsigned slot)
{
	w->head[level][slot] = LK_NONE;
	w->occupied[level] &= ~(UINT64_C(1) << slot);
	w->least[level][slot] = LK_NEVER;
}

static void slot_remove(struct lk_wheel *w, uint32_t index)
{
	const struct node *n = at(w, index);
	unsigned level = (n->place - PLACE_SLOT) / LK_WHEEL_SLOTS;
	unsigned slot = (n->place - PLACE_SLOT) % LK_WHEEL_SLOTS;

	if (n->next != LK_NONE) {
		at(w, n->next)->prev = n->prev;
	}
	if (n->prev != LK_NONE) {
		at(w, n->prev)->next = n->next;
	} else if (n->next != LK_NONE) {
		w->head[level][slot] = n->next;
	} else {
		slot_empty(w, level, slot);
	}
}

/* The earliest slot that is occupied; false when there is none. */
static bool first_slot(const struct lk_wheel *w, unsigned *level, unsigned *slot)
{
	for (unsigned i = 0; i < LK_WHEEL_LEVELS; i++) {
		if (w->occupied[i] != 0) {
			*level = i;
			*slot = (unsigned)__builtin_ctzll(w->occupied[i]);
			return true;
		}
	}
	return false;
}

/* The tick at which a slot above the wheel's position begins. */
static uint64_t slot_start(const struct lk_wheel *w, unsigned level, unsigned slot)
{
	unsigned shift = GROUP_BITS * level;
	uint64_t above = w->tick >> shift >> GROUP_BITS << GROUP_BITS;

	return (above | slot) << shift;
}

/* both */

/* Hang a node where its deadline belongs. */
static void place(struct lk_wheel *w, uint32_t index)
{
	uint64_t tick = tick_of(at(w, index)->deadline);
	unsigned level;

	if (tick <= w->tick) {
		heap_insert(w, index);
		return;
	}
	level = (63u - (unsigned)__builtin_clzll(tick ^ w->tick)) / GROUP_BITS;
	slot_insert(w, index, level, (unsigned)(tick >> GROUP_BITS * level) % LK_WHEEL_SLOTS);
}

/* Move the wheel to the start of a slot and hang the slot's nodes anew: into the heap, or at lower levels. */
static void open_slot(struct lk_wheel *w, unsigned level, unsigned slot)
{
	uint32_t index = w->head[level][slot];

	w->tick = slot_start(w, level, slot);
	slot_empty(w, level, slot);
	while (index != LK_NONE) {
		uint32_t next = at(w, index)->next;

		place(w, index);
		index = next;
	}
}

int lk_wheel_init(struct lk_wheel *wheel, struct lk_arena *arena, uint32_t count, lk_time now)
{
	uint64_t nodes;

	if (count == LK_NONE) {
		return LK_E_INVALID;
	}
	nodes = lk_arena_carve(arena, count, sizeof(struct node));
	if (lk_arena_error(arena) != LK_OK) {
		return LK_E_NOMEM;
	}
	if (arena->base == NULL) {
		return LK_OK;
	}
	wheel->nodes = (uint8_t *)lk_arena_at(arena, nodes) - (uint8_t *)wheel;
	wheel->tick = tick_of(now);
	wheel->armings = 0;
	wheel->due = LK_NONE;
	wheel->capacity = count;
	wheel->armed = 0;
	wheel->unused = 0;
	for (unsigned level = 0; level < LK_WHEEL_LEVELS; level++) {
		wheel->occupied[level] = 0;
		for (unsigned slot = 0; slot < LK_WHEEL_SLOTS; slot++) {
			slot_empty(wheel, level, slot);
		}
	}
	return LK_OK;
}

void lk_wheel_arm(struct lk_wheel *wheel, uint32_t node, lk_time deadline)
{
	struct node *n = at(wheel, node);

	lk_wheel_cancel(wheel, node);
	if (deadline == LK_NEVER) {
		return;
	}
	n->deadline = deadline;
	n->order = wheel->armings++;
	wheel->armed++;
	place(wheel, node);
}

void lk_wheel_cancel(struct lk_wheel *wheel, uint32_t node)
{
	struct node *n = at(wheel, node);

	lk_assert(node < wheel->capacity);
	if (n->place == PLACE_IDLE) {
		return;
	}
	if (n->place == PLACE_DUE) {
		heap_remove(wheel, node);
	} else {
		slot_remove(wheel, node);
	}
	*n = (struct node){.place = PLACE_IDLE};
	wheel->armed--;
}

bool lk_wheel_armed(const struct lk_wheel *wheel, uint32_t node)
{
	lk_assert(node < wheel->capacity);
	return at(wheel, node)->place != PLACE_IDLE;
}

lk_time lk_wheel_deadline_of(const struct lk_wheel *wheel, uint32_t node)
{
	return lk_wheel_armed(wheel, node) ? at(wheel, node)->deadline : LK_NEVER;
}

lk_time lk_wheel_deadline(const struct lk_wheel *wheel)
{
	unsigned level, slot;

	if (wheel->due != LK_NONE) {
		return at(wheel, wheel->due)->deadline;
	}
	return first_slot(wheel, &level, &slot) ? wheel->least[level][slot] : LK_NEVER;
}

bool lk_wheel_pop(struct lk_wheel *wheel, lk_time now, uint32_t *node, lk_time *deadline)
{
	uint64_t tick = tick_of(now);
	unsigned level, slot;

	while (wheel->due == LK_NONE) {
		if (!first_slot(wheel, &level, &slot) || slot_start(wheel, level, slot) > tick) {
			wheel->tick = tick > wheel->tick ? tick : wheel->tick;
			return false;
		}
		open_slot(wheel, level, slot);
	}
	if (at(wheel, wheel->due)->deadline > now) {
		return false;
	}
	*node = wheel->due;
	*deadline = at(wheel, wheel->due)->deadline;
	lk_wheel_cancel(wheel, *node);
	return true;
}

/* checking */

/* The nodes of one slot: linked both ways, in their right place, not before `least`. Their number, or -1. */
static int64_t check_slot(const struct lk_wheel *w, unsigned level, unsigned slot)
{
	int64_t count = 0;
	uint32_t prev = LK_NONE;

	for (uint32_t i = w->head[level][slot]; i != LK_NONE; i = at(w, i)->next) {
		const struct node *n = at(w, i);
		uint64_t tick = tick_of(n->deadline);

		if (n->prev != prev || n->place != PLACE_SLOT + level * LK_WHEEL_SLOTS + slot ||
		    n->deadline < w->least[level][slot] || tick <= w->tick ||
		    tick >> GROUP_BITS * level != slot_start(w, level, slot) >> GROUP_BITS * level || ++count > w->capacity) {
			return -1;
		}
		prev = i;
	}
	return count;
}

/* The children of one heap node: linked, after their parent. Their number, or -1. */
static int64_t check_children(const struct lk_wheel *w, uint32_t parent)
{
	int64_t count = 0;
	uint32_t prev = parent;

	for (uint32_t i = at(w, parent)->child; i != LK_NONE; i = at(w, i)->next) {
		const struct node *n = at(w, i);

		if (n->prev != prev || n->place != PLACE_DUE || !before(at(w, parent), n) || ++count > w->capacity) {
			return -1;
		}
		prev = i;
	}
	return count;
}

bool lk_wheel_check(const struct lk_wheel *wheel)
{
	int64_t in_slots = 0, in_heap = wheel->due != LK_NONE, armed = 0;

	for (unsigned level = 0; level < LK_WHEEL_LEVELS; level++) {
		for (unsigned slot = 0; slot < LK_WHEEL_SLOTS; slot++) {
			int64_t count = check_slot(wheel, level, slot);

			if (count < 0 || (count != 0) != (wheel->occupied[level] >> slot & 1)) {
				return false;
			}
			in_slots += count;
		}
	}
	for (uint32_t i = 0; i < wheel->capacity; i++) {
		int64_t children = at(wheel, i)->place == PLACE_DUE ? check_children(wheel, i) : 0;

		if (children < 0 || (at(wheel, i)->place == PLACE_DUE && tick_of(at(wheel, i)->deadline) > wheel->tick)) {
			return false;
		}
		in_heap += children;
		armed += at(wheel, i)->place != PLACE_IDLE;
	}
	return armed == wheel->armed && in_slots + in_heap == armed;
}
