/* The timing wheel against a list that is searched from end to end: the input is a row of operations on a few timers, and
 * after each one both must agree on what is armed, what is due, and in which order it fires. */
#include "fuzz/common/law.h"
#include "stack/base/error.h"
#include "stack/base/wheel.h"

#define NODES 12
#define STEPS 400

struct model {
	lk_time deadline[NODES]; /* LK_NEVER: idle */
	uint64_t order[NODES];
	uint64_t armings;
};

static uint32_t first_of(const struct model *m)
{
	uint32_t first = LK_NONE;

	for (uint32_t i = 0; i < NODES; i++) {
		bool earlier = first == LK_NONE || m->deadline[i] < m->deadline[first] ||
		               (m->deadline[i] == m->deadline[first] && m->order[i] < m->order[first]);

		if (m->deadline[i] != LK_NEVER && earlier) {
			first = i;
		}
	}
	return first;
}

/* A distance of any magnitude: the first octet says how many bits of the next eight count, and the sign. */
static lk_time distance(struct feed *f)
{
	uint8_t how = feed_8(f);
	uint64_t bits = (uint64_t)feed_32(f) << 32 | feed_32(f);
	lk_time d = (lk_time)(bits >> 1 >> (how % 63));

	return how >= 0xc0 ? -d : d;
}

/* now + d, kept within the range of time. */
static lk_time later(lk_time now, lk_time d)
{
	if (d >= 0) {
		return lk_time_add(now, d);
	}
	return now < INT64_MIN - d ? INT64_MIN : now + d;
}

static void pop_all(struct model *m, struct lk_wheel *w, lk_time now)
{
	uint32_t node, expected;
	lk_time deadline;

	while (lk_wheel_pop(w, now, &node, &deadline)) {
		expected = first_of(m);
		law(expected == node && m->deadline[node] == deadline && deadline <= now, "timers: the first that is due fires");
		m->deadline[node] = LK_NEVER;
	}
	expected = first_of(m);
	law(expected == LK_NONE || m->deadline[expected] > now, "timers: what is due fires");
}

static void compare(const struct model *m, const struct lk_wheel *w)
{
	uint32_t first = first_of(m);

	law(first == LK_NONE ? lk_wheel_deadline(w) == LK_NEVER : lk_wheel_deadline(w) <= m->deadline[first],
	    "timers: the deadline told is not later than the first");
	for (uint32_t i = 0; i < NODES; i++) {
		law(lk_wheel_deadline_of(w, i) == m->deadline[i], "timers: both know what is armed");
	}
}

static void step(struct model *m, struct lk_wheel *w, struct feed *f, lk_time *now)
{
	uint8_t what = feed_8(f);
	uint32_t node = (what >> 3) % NODES;

	switch (what & 7) {
	case 0:
	case 1:
	case 2:
	case 3:
		m->deadline[node] = later(*now, distance(f));
		m->order[node] = m->armings++;
		lk_wheel_arm(w, node, m->deadline[node]);
		break;
	case 4:
		m->deadline[node] = LK_NEVER;
		lk_wheel_cancel(w, node);
		break;
	case 5: /* to the time told, and not beyond */
		*now = lk_wheel_deadline(w) == LK_NEVER ? *now : lk_wheel_deadline(w);
		pop_all(m, w, *now);
		break;
	default:
		*now = later(*now, distance(f));
		pop_all(m, w, *now);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct feed f = {data, size};
	struct model m = {.armings = 0};
	lk_time now = later(0, distance(&f));
	size_t block = sizeof(struct lk_wheel) + 64 * NODES;
	void *memory = aligned_alloc(LK_ARENA_ALIGN, (block + LK_ARENA_ALIGN - 1) / LK_ARENA_ALIGN * LK_ARENA_ALIGN);
	struct lk_wheel *wheel;
	struct lk_arena arena;

	law(memory != NULL && lk_arena_open(&arena, memory, block) == LK_OK, "memory for the wheel");
	wheel = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *wheel));
	law(lk_wheel_init(wheel, &arena, NODES, now) == LK_OK, "timers: the wheel fits");
	for (size_t i = 0; i < NODES; i++) {
		m.deadline[i] = LK_NEVER;
	}
	for (int i = 0; i < STEPS && f.left > 0; i++) {
		step(&m, wheel, &f, &now);
		compare(&m, wheel);
		law(i % 16 != 0 || lk_wheel_check(wheel), "timers: the wheel's invariants hold");
	}
	law(lk_wheel_check(wheel), "timers: the wheel's invariants hold in the end");
	pop_all(&m, wheel, LK_NEVER);
	law(wheel->armed == 0, "timers: in the end everything has fired");
	free(memory);
	return 0;
}
