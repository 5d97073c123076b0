#include "stack/base/pool.h"

#include <string.h>

#include "stack/base/error.h"
#include "stack/base/guard.h"
#include "stack/base/mem.h"
#include "stack/tests/support/dies.h"
#include "stack/tests/support/run.h"

#define RECORD 20 /* not a multiple of 8: the guard has to cut inside a granule */
#define COUNT 4

static _Alignas(16) uint8_t memory[2][1024];

/* A pool struct at the start of the memory, its records behind it. */
static struct lk_pool *make(uint8_t *at, uint32_t size, uint32_t count)
{
	struct lk_arena a;
	struct lk_pool *pool;

	lk_guard_open(at, sizeof memory[0]);
	ck_assert_int_eq(lk_arena_open(&a, at, sizeof memory[0]), LK_OK);
	pool = lk_arena_at(&a, lk_arena_carve(&a, 1, sizeof *pool));
	ck_assert_int_eq(lk_pool_init(pool, &a, size, count), LK_OK);
	return pool;
}

START_TEST(records_are_taken_until_none_is_left)
{
	struct lk_pool *p = make(memory[0], RECORD, COUNT);

	for (uint32_t i = 0; i < COUNT; i++) {
		ck_assert(!lk_pool_taken(p, i));
		ck_assert_uint_eq(lk_pool_take(p), i);
		ck_assert(lk_pool_taken(p, i));
		ck_assert_uint_eq((uintptr_t)lk_pool_at(p, i) % 8, 0);
		ck_assert(lk_pool_check(p));
	}
	ck_assert_uint_eq(lk_pool_take(p), LK_NONE);
	ck_assert_uint_eq(p->failed, 1);
	ck_assert_uint_eq(p->in_use, COUNT);
	ck_assert_uint_eq(p->high_water, COUNT);
	ck_assert(!lk_pool_taken(p, COUNT));
	ck_assert(!lk_pool_taken(p, LK_NONE));
	ck_assert(lk_pool_check(p));
}
END_TEST

START_TEST(a_record_taken_again_is_zero)
{
	struct lk_pool *p = make(memory[0], RECORD, COUNT);
	const uint8_t zero[RECORD] = {0};

	for (int round = 0; round < 3; round++) {
		uint32_t i = lk_pool_take(p);

		ck_assert_mem_eq(lk_pool_at(p, i), zero, RECORD);
		memset(lk_pool_at(p, i), 0xff, RECORD);
		lk_pool_give(p, i);
		ck_assert(lk_pool_check(p));
	}
}
END_TEST

START_TEST(the_last_given_is_the_first_taken)
{
	struct lk_pool *p = make(memory[0], RECORD, COUNT);

	for (int i = 0; i < 3; i++) {
		lk_pool_take(p);
	}
	lk_pool_give(p, 0);
	lk_pool_give(p, 2);
	ck_assert_uint_eq(p->in_use, 1);
	ck_assert_uint_eq(p->high_water, 3);
	ck_assert(lk_pool_check(p));
	ck_assert_uint_eq(lk_pool_take(p), 2);
	ck_assert_uint_eq(lk_pool_take(p), 0);
	ck_assert_uint_eq(lk_pool_take(p), 3);
}
END_TEST

START_TEST(records_do_not_overlap)
{
	struct lk_pool *p = make(memory[0], RECORD, COUNT);

	for (uint32_t i = 0; i < COUNT; i++) {
		memset(lk_pool_at(p, lk_pool_take(p)), (int)i + 1, RECORD);
	}
	for (uint32_t i = 0; i < COUNT; i++) {
		const uint8_t *r = lk_pool_at(p, i);

		ck_assert_uint_eq(r[0], i + 1);
		ck_assert_uint_eq(r[RECORD - 1], i + 1);
	}
}
END_TEST

START_TEST(a_copy_of_the_memory_is_a_pool_of_its_own)
{
	struct lk_pool *p = make(memory[0], RECORD, COUNT);
	struct lk_pool *copy = (void *)memory[1];
	uint32_t first = lk_pool_take(p);

	memset(lk_pool_at(p, first), 7, RECORD);
	lk_guard_open(memory, sizeof memory);
	memcpy(memory[1], memory[0], sizeof memory[0]);
	lk_pool_guard(p);
	lk_pool_guard(copy);
	ck_assert(lk_pool_taken(copy, first));
	ck_assert_mem_eq(lk_pool_at(copy, first), lk_pool_at(p, first), RECORD);
	lk_pool_give(copy, first);
	ck_assert(lk_pool_taken(p, first));
	ck_assert_uint_eq(*(uint8_t *)lk_pool_at(p, first), 7);
	ck_assert(lk_pool_check(copy));
	ck_assert(lk_pool_check(p));
}
END_TEST

START_TEST(a_pool_of_none_gives_none)
{
	struct lk_pool *p = make(memory[0], RECORD, 0);

	ck_assert_uint_eq(lk_pool_take(p), LK_NONE);
	ck_assert(lk_pool_check(p));
}
END_TEST

START_TEST(sizes_out_of_range_and_small_arenas_are_refused)
{
	struct lk_pool pool;
	struct lk_arena a;
	size_t need;

	lk_arena_measure(&a);
	ck_assert_int_eq(lk_pool_init(&pool, &a, 0, 1), LK_E_INVALID);
	ck_assert_int_eq(lk_pool_init(&pool, &a, (1u << 30) + 1, 1), LK_E_INVALID);
	ck_assert_int_eq(lk_pool_init(&pool, &a, 8, LK_NONE - 1), LK_E_INVALID);
	ck_assert_uint_eq(lk_arena_used(&a), 0);
	ck_assert_int_eq(lk_pool_init(&pool, &a, RECORD, COUNT), LK_OK);
	need = lk_arena_used(&a);
	lk_guard_open(memory, sizeof memory);
	lk_arena_open(&a, memory[0], need - 1);
	ck_assert_int_eq(lk_pool_init(&pool, &a, RECORD, COUNT), LK_E_NOMEM);
}
END_TEST

START_TEST(the_check_sees_a_broken_pool)
{
	struct lk_pool *p = make(memory[0], RECORD, COUNT);
	struct lk_pool good;

	lk_pool_take(p);
	lk_pool_give(p, lk_pool_take(p));
	good = *p;
	p->in_use = 0;
	ck_assert(!lk_pool_check(p));
	*p = good;
	p->free_head = 0; /* a taken record on the free list */
	ck_assert(!lk_pool_check(p));
	*p = good;
	p->free_head = LK_NONE; /* a free record lost */
	ck_assert(!lk_pool_check(p));
	*p = good;
	p->fresh = COUNT + 1;
	ck_assert(!lk_pool_check(p));
	*p = good;
	ck_assert(lk_pool_check(p));
	if (LK_GUARD_GAP == 0) {
		((uint8_t *)lk_pool_at(p, 3))[5] = 1; /* written while free */
		ck_assert(!lk_pool_check(p));
	}
}
END_TEST

static void read_byte(void *at)
{
	volatile uint8_t *p = at;

	/* A branch on the value, so that MSan looks at it too. */
	if (*p == 77) {
		_exit(0);
	}
}

static void give_twice(void *pool)
{
	lk_pool_give(pool, 0);
	lk_pool_give(pool, 0);
}

START_TEST(a_read_one_byte_outside_a_record_dies_under_a_sanitizer)
{
	struct lk_pool *p = make(memory[0], RECORD, COUNT);
	uint8_t *record;

	lk_pool_take(p);
	lk_pool_take(p);
	record = lk_pool_at(p, 0);
	ck_assert(!dies(read_byte, record));
	ck_assert(!dies(read_byte, record + RECORD - 1));
	if (LK_GUARD_GAP == 0) {
		return;
	}
	ck_assert(dies(read_byte, record + RECORD));
	ck_assert(dies(read_byte, record - 1));
	ck_assert(dies(read_byte, (uint8_t *)lk_pool_at(p, 1) + RECORD));
	ck_assert(dies(read_byte, lk_pool_at(p, 2))); /* never taken */
	lk_pool_give(p, 0);
	ck_assert(dies(read_byte, record)); /* given back */
	lk_pool_guard(p);
	ck_assert(dies(read_byte, record));
	ck_assert(!dies(read_byte, lk_pool_at(p, 1)));
}
END_TEST

START_TEST(giving_back_twice_traps)
{
	struct lk_pool *p = make(memory[0], RECORD, COUNT);

	lk_pool_take(p);
	ck_assert(!ASSERTS_ON || dies(give_twice, p));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/pool");
	TCase *c = tcase_create("pool");

	tcase_add_test(c, records_are_taken_until_none_is_left);
	tcase_add_test(c, a_record_taken_again_is_zero);
	tcase_add_test(c, the_last_given_is_the_first_taken);
	tcase_add_test(c, records_do_not_overlap);
	tcase_add_test(c, a_copy_of_the_memory_is_a_pool_of_its_own);
	tcase_add_test(c, a_pool_of_none_gives_none);
	tcase_add_test(c, sizes_out_of_range_and_small_arenas_are_refused);
	tcase_add_test(c, the_check_sees_a_broken_pool);
	tcase_add_test(c, a_read_one_byte_outside_a_record_dies_under_a_sanitizer);
	tcase_add_test(c, giving_back_twice_traps);
	suite_add_tcase(s, c);
	return run_suite(s);
}
