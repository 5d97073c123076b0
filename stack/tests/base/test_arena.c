#include "stack/base/arena.h"

#include <string.h>

#include "stack/base/error.h"
#include "stack/tests/support/run.h"

static _Alignas(LK_ARENA_ALIGN) uint8_t memory[256];

/* What an init would carve. */
static void layout(struct lk_arena *a)
{
	lk_arena_carve(a, 3, 5);
	lk_arena_carve(a, 0, 100);
	lk_arena_carve(a, 2, 16);
	lk_arena_carve(a, 1, 1);
}

START_TEST(measuring_and_cutting_agree)
{
	struct lk_arena measure, cut;

	lk_arena_measure(&measure);
	layout(&measure);
	ck_assert_uint_eq(lk_arena_used(&measure), 16 + 32 + 16);
	ck_assert_int_eq(lk_arena_error(&measure), LK_OK);
	ck_assert_ptr_null(lk_arena_at(&measure, 0));
	ck_assert_int_eq(lk_arena_open(&cut, memory, lk_arena_used(&measure)), LK_OK);
	layout(&cut);
	ck_assert_uint_eq(lk_arena_used(&cut), lk_arena_used(&measure));
	lk_arena_open(&cut, memory, 32);
	ck_assert_uint_eq(lk_arena_carve(&cut, 1, 16), 0);
	ck_assert_uint_eq(lk_arena_carve(&cut, 1, 16), 16); /* to the last byte */
	ck_assert_int_eq(lk_arena_error(&cut), LK_OK);
}
END_TEST

START_TEST(a_piece_is_aligned_and_zero_and_what_follows_is_untouched)
{
	struct lk_arena a;
	uint64_t first, second;

	memset(memory, 0xaa, sizeof memory);
	lk_arena_open(&a, memory, sizeof memory);
	first = lk_arena_carve(&a, 1, 3);
	second = lk_arena_carve(&a, 1, 20);
	ck_assert_uint_eq(first, 0);
	ck_assert_uint_eq(second, 16);
	ck_assert_ptr_eq(lk_arena_at(&a, second), memory + 16);
	for (int i = 0; i < 20; i++) {
		ck_assert_uint_eq(memory[16 + i], 0);
	}
	ck_assert_uint_eq(memory[3], 0xaa);
	ck_assert_uint_eq(memory[36], 0xaa);
}
END_TEST

START_TEST(one_byte_too_few_is_told_and_the_need_is_still_known)
{
	struct lk_arena a;

	memset(memory, 0xaa, sizeof memory);
	lk_arena_open(&a, memory, 63);
	layout(&a);
	ck_assert_int_eq(lk_arena_error(&a), LK_E_NOMEM);
	ck_assert_uint_eq(lk_arena_used(&a), 64);
	ck_assert_uint_eq(lk_arena_carve(&a, 1, 1), UINT64_MAX);
	ck_assert_ptr_null(lk_arena_at(&a, UINT64_MAX));
	ck_assert_uint_eq(memory[63], 0xaa);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
	struct lk_arena a;

	lk_arena_measure(&a);
	ck_assert_uint_eq(lk_arena_carve(&a, UINT64_MAX / 2, 3), UINT64_MAX);
	ck_assert_int_eq(lk_arena_error(&a), LK_E_NOMEM);
	ck_assert_uint_eq(lk_arena_used(&a), SIZE_MAX);
	lk_arena_measure(&a);
	ck_assert_uint_eq(lk_arena_carve(&a, 1, UINT64_MAX - 3), UINT64_MAX);
	ck_assert_int_eq(lk_arena_error(&a), LK_E_NOMEM);
	lk_arena_measure(&a);
	lk_arena_carve(&a, 1, 64);
	ck_assert_uint_eq(lk_arena_carve(&a, 1, UINT64_MAX - 63), UINT64_MAX);
	ck_assert_int_eq(lk_arena_error(&a), LK_E_NOMEM);
}
END_TEST

START_TEST(memory_that_is_missing_or_crooked_is_refused)
{
	struct lk_arena a;

	ck_assert_int_eq(lk_arena_open(&a, NULL, 64), LK_E_INVALID);
	ck_assert_int_eq(lk_arena_open(&a, memory + 8, 64), LK_E_INVALID);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/arena");
	TCase *c = tcase_create("arena");

	tcase_add_test(c, measuring_and_cutting_agree);
	tcase_add_test(c, a_piece_is_aligned_and_zero_and_what_follows_is_untouched);
	tcase_add_test(c, one_byte_too_few_is_told_and_the_need_is_still_known);
	tcase_add_test(c, sizes_that_overflow_are_refused);
	tcase_add_test(c, memory_that_is_missing_or_crooked_is_refused);
	suite_add_tcase(s, c);
	return run_suite(s);
}
