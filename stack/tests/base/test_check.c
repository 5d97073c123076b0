/* check.h: an assert traps, except in release builds, where it is not even evaluated. */
#include "stack/base/check.h"

#include <stdbool.h>

#include "stack/tests/support/dies.h"
#include "stack/tests/support/run.h"

static void assert_that(void *condition)
{
	lk_assert(*(bool *)condition);
}

START_TEST(a_false_assert_traps_and_a_true_one_does_not)
{
	bool yes = true, no = false;

	ck_assert(!dies(assert_that, &yes));
	ck_assert(dies(assert_that, &no) == ASSERTS_ON);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/check");
	TCase *c = tcase_create("check");

	tcase_add_test(c, a_false_assert_traps_and_a_true_one_does_not);
	suite_add_tcase(s, c);
	return run_suite(s);
}
