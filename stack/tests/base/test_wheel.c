#include "stack/base/wheel.h"

#include <stdlib.h>
#include <string.h>

#include "stack/base/error.h"
#include "stack/tests/support/run.h"

#define NODES 40

/* A wheel struct at the start of a heap block, its nodes behind it. */
static struct lk_wheel *make(uint32_t count, lk_time now, size_t *size)
{
	struct lk_wheel scratch, *wheel;
	struct lk_arena a;
	void *memory;

	lk_arena_measure(&a);
	lk_arena_carve(&a, 1, sizeof scratch);
	ck_assert_int_eq(lk_wheel_init(&scratch, &a, count, now), LK_OK);
	*size = lk_arena_used(&a);
	memory = malloc(*size);
	ck_assert_int_eq(lk_arena_open(&a, memory, *size), LK_OK);
	wheel = lk_arena_at(&a, lk_arena_carve(&a, 1, sizeof *wheel));
	ck_assert_int_eq(lk_wheel_init(wheel, &a, count, now), LK_OK);
	ck_assert(lk_wheel_check(wheel));
	return wheel;
}

static void expect_pop(struct lk_wheel *w, lk_time now, uint32_t node, lk_time deadline)
{
	uint32_t n = LK_NONE;
	lk_time d = 0;

	ck_assert(lk_wheel_pop(w, now, &n, &d));
	ck_assert_uint_eq(n, node);
	ck_assert_int_eq(d, deadline);
	ck_assert(!lk_wheel_armed(w, node));
	ck_assert(lk_wheel_check(w));
}

static void expect_nothing(struct lk_wheel *w, lk_time now)
{
	uint32_t n = 123;
	lk_time d = 456;

	ck_assert(!lk_wheel_pop(w, now, &n, &d));
	ck_assert_uint_eq(n, 123);
	ck_assert_int_eq(d, 456);
	ck_assert(lk_wheel_check(w));
}

START_TEST(an_empty_wheel_never_fires)
{
	size_t size;
	struct lk_wheel *w = make(NODES, 0, &size);

	ck_assert_int_eq(lk_wheel_deadline(w), LK_NEVER);
	expect_nothing(w, LK_NEVER);
	ck_assert(!lk_wheel_armed(w, 0));
	ck_assert_int_eq(lk_wheel_deadline_of(w, 0), LK_NEVER);
	lk_wheel_cancel(w, 0);
	ck_assert(lk_wheel_check(w));
	free(w);
}
END_TEST

START_TEST(a_timer_fires_at_its_nanosecond_and_not_before)
{
	const lk_time distances[] = {1, 65535, 65536, 65537, LK_MILLISECOND, LK_SECOND, 7200 * LK_SECOND, LK_NEVER - 1};
	size_t size;

	for (size_t i = 0; i < sizeof distances / sizeof distances[0]; i++) {
		struct lk_wheel *w = make(NODES, 0, &size);
		lk_time t = distances[i];

		lk_wheel_arm(w, 5, t);
		ck_assert_int_eq(lk_wheel_deadline(w), t);
		ck_assert_int_eq(lk_wheel_deadline_of(w, 5), t);
		expect_nothing(w, t - 1);
		ck_assert_int_eq(lk_wheel_deadline(w), t);
		expect_pop(w, t, 5, t);
		expect_nothing(w, t);
		free(w);
	}
}
END_TEST

START_TEST(equal_deadlines_fire_in_the_order_of_arming)
{
	size_t size;
	struct lk_wheel *w = make(NODES, 0, &size);

	for (uint32_t i = 0; i < NODES; i++) {
		lk_wheel_arm(w, (i * 7) % NODES, LK_SECOND);
	}
	for (uint32_t i = 0; i < NODES; i++) {
		expect_pop(w, 2 * LK_SECOND, (i * 7) % NODES, LK_SECOND);
	}
	free(w);
}
END_TEST

START_TEST(deadlines_in_one_slot_fire_in_their_own_order)
{
	size_t size;
	struct lk_wheel *w = make(NODES, 0, &size);

	lk_wheel_arm(w, 0, LK_SECOND + 2);
	lk_wheel_arm(w, 1, LK_SECOND + 1);
	lk_wheel_arm(w, 2, LK_SECOND + 3);
	expect_pop(w, LK_SECOND + 2, 1, LK_SECOND + 1);
	expect_pop(w, LK_SECOND + 2, 0, LK_SECOND + 2);
	expect_nothing(w, LK_SECOND + 2);
	ck_assert_int_eq(lk_wheel_deadline(w), LK_SECOND + 3);
	free(w);
}
END_TEST

START_TEST(a_rearmed_timer_fires_once_at_its_new_deadline_and_last_among_equals)
{
	size_t size;
	struct lk_wheel *w = make(NODES, 0, &size);

	lk_wheel_arm(w, 0, 10);
	lk_wheel_arm(w, 1, 20);
	lk_wheel_arm(w, 0, 20);
	expect_nothing(w, 10);
	expect_pop(w, 20, 1, 20);
	expect_pop(w, 20, 0, 20);
	expect_nothing(w, LK_SECOND);
	free(w);
}
END_TEST

START_TEST(a_cancelled_timer_does_not_fire)
{
	size_t size;
	struct lk_wheel *w = make(NODES, 0, &size);

	for (uint32_t i = 0; i < 6; i++) {
		lk_wheel_arm(w, i, (lk_time)i * LK_MILLISECOND); /* 0 is due at once, others wait in slots */
	}
	lk_wheel_cancel(w, 0);
	lk_wheel_cancel(w, 3);
	lk_wheel_arm(w, 4, LK_NEVER);
	ck_assert(!lk_wheel_armed(w, 4));
	expect_pop(w, LK_SECOND, 1, LK_MILLISECOND);
	expect_pop(w, LK_SECOND, 2, 2 * LK_MILLISECOND);
	expect_pop(w, LK_SECOND, 5, 5 * LK_MILLISECOND);
	expect_nothing(w, LK_SECOND);
	free(w);
}
END_TEST

START_TEST(a_deadline_in_the_past_is_due_at_once)
{
	size_t size;
	struct lk_wheel *w = make(NODES, LK_SECOND, &size);

	expect_nothing(w, 5 * LK_SECOND);
	lk_wheel_arm(w, 2, 4 * LK_SECOND);
	lk_wheel_arm(w, 1, -LK_SECOND);
	ck_assert_int_eq(lk_wheel_deadline(w), -LK_SECOND);
	expect_pop(w, 5 * LK_SECOND, 1, -LK_SECOND);
	expect_nothing(w, LK_SECOND); /* time went backwards */
	expect_pop(w, 4 * LK_SECOND, 2, 4 * LK_SECOND);
	free(w);
}
END_TEST

START_TEST(time_may_be_negative_and_pass_zero)
{
	size_t size;
	struct lk_wheel *w = make(NODES, INT64_MIN, &size);

	lk_wheel_arm(w, 0, 1);
	lk_wheel_arm(w, 1, -1);
	lk_wheel_arm(w, 2, INT64_MIN);
	expect_pop(w, 0, 2, INT64_MIN);
	expect_pop(w, 0, 1, -1);
	expect_nothing(w, 0);
	expect_pop(w, 1, 0, 1);
	free(w);
}
END_TEST

START_TEST(a_copy_of_the_memory_runs_on_by_itself)
{
	size_t size;
	struct lk_wheel *w = make(NODES, 0, &size);
	struct lk_wheel *copy;

	for (uint32_t i = 0; i < NODES; i++) {
		lk_wheel_arm(w, i, (lk_time)((i * 977) % 89) * LK_MILLISECOND);
	}
	copy = malloc(size);
	memcpy(copy, w, size);
	for (uint32_t i = 0; i < NODES; i++) {
		uint32_t a, b;
		lk_time da, db;

		ck_assert(lk_wheel_pop(w, LK_SECOND, &a, &da));
		ck_assert(lk_wheel_pop(copy, LK_SECOND, &b, &db));
		ck_assert_uint_eq(a, b);
		ck_assert_int_eq(da, db);
	}
	ck_assert_mem_eq(w, copy, size);
	free(w);
	free(copy);
}
END_TEST

/* The naive model: a deadline and an arming number for each node. */
struct model {
	lk_time deadline[NODES];
	uint64_t order[NODES];
	uint64_t armings;
	bool removed; /* something was cancelled or moved: the wheel's deadline may be early now */
};

static uint32_t model_first(const struct model *m)
{
	uint32_t first = LK_NONE;

	for (uint32_t i = 0; i < NODES; i++) {
		if (m->deadline[i] == LK_NEVER) {
			continue;
		}
		if (first == LK_NONE || m->deadline[i] < m->deadline[first] ||
		    (m->deadline[i] == m->deadline[first] && m->order[i] < m->order[first])) {
			first = i;
		}
	}
	return first;
}

static uint64_t random_state;

static uint64_t draw(void)
{
	random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return random_state >> 20;
}

/* A distance in time of any magnitude, now and then into the past. */
static lk_time draw_distance(void)
{
	lk_time d = (lk_time)(draw() & ((UINT64_C(1) << draw() % 42) - 1));

	return draw() % 16 == 0 ? -d : d;
}

static void model_arm(struct model *m, struct lk_wheel *w, uint32_t node, lk_time deadline)
{
	m->removed |= m->deadline[node] != LK_NEVER;
	m->deadline[node] = deadline;
	m->order[node] = m->armings++;
	lk_wheel_arm(w, node, deadline);
}

static void compare_pop(struct model *m, struct lk_wheel *w, lk_time now)
{
	uint32_t first = model_first(m);

	while (first != LK_NONE && m->deadline[first] <= now) {
		expect_pop(w, now, first, m->deadline[first]);
		m->deadline[first] = LK_NEVER;
		first = model_first(m);
	}
	expect_nothing(w, now);
}

static void compare_deadline(const struct model *m, const struct lk_wheel *w)
{
	uint32_t first = model_first(m);
	lk_time least = first == LK_NONE ? LK_NEVER : m->deadline[first];

	ck_assert_int_le(lk_wheel_deadline(w), least);
	if (!m->removed || first == LK_NONE) {
		ck_assert_int_eq(lk_wheel_deadline(w), least);
	}
}

START_TEST(the_wheel_agrees_with_a_list_searched_from_end_to_end)
{
	for (uint64_t seed = 0; seed < 30; seed++) {
		struct model m = {.armings = 0};
		lk_time now = (lk_time)seed * 40 * LK_SECOND - 300 * LK_SECOND;
		size_t size;
		struct lk_wheel *w = make(NODES, now, &size);

		random_state = seed;
		for (int i = 0; i < NODES; i++) {
			m.deadline[i] = LK_NEVER;
		}
		for (int step = 0; step < 1500; step++) {
			uint32_t node = (uint32_t)(draw() % NODES);
			uint64_t what = draw() % 8;

			if (what < 4) {
				model_arm(&m, w, node, now + draw_distance());
			} else if (what == 4 && seed % 2 == 0) {
				m.removed |= m.deadline[node] != LK_NEVER;
				m.deadline[node] = LK_NEVER;
				lk_wheel_cancel(w, node);
			} else if (what == 5) {
				now += draw_distance() / 8;
				compare_pop(&m, w, now);
			} else {
				now = lk_wheel_deadline(w) != LK_NEVER && lk_wheel_deadline(w) > now ? lk_wheel_deadline(w) : now;
				compare_pop(&m, w, now);
			}
			compare_deadline(&m, w);
		}
		free(w);
	}
}
END_TEST

START_TEST(a_pop_at_the_deadline_told_gets_a_timer_or_a_later_deadline)
{
	size_t size;
	struct lk_wheel *w = make(NODES, 0, &size);
	uint32_t node;
	lk_time deadline;
	int steps = 0;

	random_state = 3;
	for (uint32_t i = 0; i < NODES; i++) {
		lk_wheel_arm(w, i, (lk_time)(draw() % (UINT64_C(1) << 40)));
	}
	for (uint32_t i = 0; i < NODES; i += 2) {
		lk_wheel_cancel(w, i);
	}
	for (uint32_t left = NODES / 2; left > 0; steps++) {
		lk_time told = lk_wheel_deadline(w);

		if (lk_wheel_pop(w, told, &node, &deadline)) {
			ck_assert_int_eq(deadline, told);
			left--;
		} else {
			ck_assert_int_gt(lk_wheel_deadline(w), told);
		}
	}
	ck_assert_int_le(steps, NODES * 2);
	ck_assert_int_eq(lk_wheel_deadline(w), LK_NEVER);
	free(w);
}
END_TEST

START_TEST(a_hundred_thousand_timers_come_out_sorted)
{
	const uint32_t count = 100000;
	size_t size;
	struct lk_wheel *w = make(count, 0, &size);
	lk_time last = 0, deadline;
	uint32_t node, popped = 0;

	random_state = 11;
	for (uint32_t i = 0; i < count; i++) {
		lk_wheel_arm(w, i, (lk_time)(draw() % (UINT64_C(1) << 32)));
	}
	for (uint32_t i = 0; i < count; i++) { /* every one moved once, a third into the same slot */
		lk_wheel_arm(w, i, i % 3 == 0 ? LK_SECOND : (lk_time)(draw() % (UINT64_C(1) << 34)));
	}
	ck_assert(lk_wheel_check(w));
	while (lk_wheel_pop(w, LK_NEVER, &node, &deadline)) {
		ck_assert_int_ge(deadline, last);
		last = deadline;
		popped++;
	}
	ck_assert_uint_eq(popped, count);
	free(w);
}
END_TEST

START_TEST(the_check_sees_a_broken_wheel)
{
	size_t size;
	struct lk_wheel *w = make(NODES, 0, &size);

	lk_wheel_arm(w, 0, 5);
	lk_wheel_arm(w, 1, LK_SECOND);
	ck_assert(lk_wheel_check(w));
	w->armed++;
	ck_assert(!lk_wheel_check(w));
	w->armed--;
	w->occupied[7] ^= 1;
	ck_assert(!lk_wheel_check(w));
	w->occupied[7] ^= 1;
	w->due = LK_NONE;
	ck_assert(!lk_wheel_check(w));
	w->due = 0;
	w->tick += 1u << 20;
	ck_assert(!lk_wheel_check(w));
	free(w);
}
END_TEST

START_TEST(counts_out_of_range_and_small_arenas_are_refused)
{
	static _Alignas(16) uint8_t memory[1024];
	struct lk_wheel wheel;
	struct lk_arena a;

	lk_arena_measure(&a);
	ck_assert_int_eq(lk_wheel_init(&wheel, &a, LK_NONE, 0), LK_E_INVALID);
	lk_arena_open(&a, memory, sizeof memory);
	ck_assert_int_eq(lk_wheel_init(&wheel, &a, NODES, 0), LK_E_NOMEM);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/wheel");
	TCase *c = tcase_create("wheel");

	tcase_add_test(c, an_empty_wheel_never_fires);
	tcase_add_test(c, a_timer_fires_at_its_nanosecond_and_not_before);
	tcase_add_test(c, equal_deadlines_fire_in_the_order_of_arming);
	tcase_add_test(c, deadlines_in_one_slot_fire_in_their_own_order);
	tcase_add_test(c, a_rearmed_timer_fires_once_at_its_new_deadline_and_last_among_equals);
	tcase_add_test(c, a_cancelled_timer_does_not_fire);
	tcase_add_test(c, a_deadline_in_the_past_is_due_at_once);
	tcase_add_test(c, time_may_be_negative_and_pass_zero);
	tcase_add_test(c, a_copy_of_the_memory_runs_on_by_itself);
	tcase_add_test(c, the_wheel_agrees_with_a_list_searched_from_end_to_end);
	tcase_add_test(c, a_pop_at_the_deadline_told_gets_a_timer_or_a_later_deadline);
	tcase_add_test(c, a_hundred_thousand_timers_come_out_sorted);
	tcase_add_test(c, the_check_sees_a_broken_wheel);
	tcase_add_test(c, counts_out_of_range_and_small_arenas_are_refused);
	suite_add_tcase(s, c);
	return run_suite(s);
}
