#include "stack/base/seq.h"

#include "stack/tests/support/run.h"

/* Places around which the numbers wrap or change sign. */
static const uint32_t bases[] = {0, 1, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};

#define BASES (sizeof bases / sizeof bases[0])

START_TEST(order_holds_across_the_wrap)
{
	for (size_t i = 0; i < BASES; i++) {
		uint32_t a = bases[i];
		const uint32_t steps[] = {1, 2, 1000, 0x40000000, 0x7fffffff};

		for (size_t k = 0; k < 5; k++) {
			uint32_t b = seq_add(a, steps[k]);

			ck_assert(seq_lt(a, b) && seq_leq(a, b) && !seq_gt(a, b) && !seq_geq(a, b));
			ck_assert(!seq_lt(b, a) && !seq_leq(b, a) && seq_gt(b, a) && seq_geq(b, a));
			ck_assert_uint_eq(seq_max(a, b), b);
			ck_assert_uint_eq(seq_min(a, b), a);
			ck_assert_uint_eq(seq_max(b, a), b);
			ck_assert_uint_eq(seq_min(b, a), a);
			ck_assert_uint_eq(seq_distance(b, a), steps[k]);
			ck_assert_int_eq(seq_diff(b, a), (int64_t)steps[k]);
			ck_assert_int_eq(seq_diff(a, b), -(int64_t)steps[k]);
			ck_assert_uint_eq(seq_sub(b, steps[k]), a);
		}
	}
}
END_TEST

START_TEST(a_number_equals_itself_and_is_not_before_itself)
{
	for (size_t i = 0; i < BASES; i++) {
		uint32_t a = bases[i];

		ck_assert(!seq_lt(a, a) && seq_leq(a, a) && !seq_gt(a, a) && seq_geq(a, a));
		ck_assert_int_eq(seq_diff(a, a), 0);
	}
}
END_TEST

START_TEST(between_includes_the_low_end_and_not_the_high_one)
{
	for (size_t i = 0; i < BASES; i++) {
		uint32_t low = bases[i], high = seq_add(low, 10);

		ck_assert(!seq_between(seq_sub(low, 1), low, high));
		ck_assert(seq_between(low, low, high));
		ck_assert(seq_between(seq_add(low, 9), low, high));
		ck_assert(!seq_between(high, low, high));
		ck_assert(!seq_between(low, low, low));
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/seq");
	TCase *c = tcase_create("seq");

	tcase_add_test(c, order_holds_across_the_wrap);
	tcase_add_test(c, a_number_equals_itself_and_is_not_before_itself);
	tcase_add_test(c, between_includes_the_low_end_and_not_the_high_one);
	suite_add_tcase(s, c);
	return run_suite(s);
}
