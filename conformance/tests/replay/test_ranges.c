/* Ranges: joined, sorted, counted. Held against a plain array of flags. */
#include "conformance/replay/ranges.h"
#include "stack/base/error.h"
#include <check.h>
#include <stdlib.h>

static struct lk_bump *memory;
static struct lk_ranges set;

static void setup(void)
{
    memory = lk_bump_new(1 << 20);
    set = (struct lk_ranges){0};
}

static void teardown(void)
{
    lk_bump_free(memory);
}

START_TEST(ranges_that_touch_become_one)
{
    lk_ranges_add(&set, memory, 1, 10);
    lk_ranges_add(&set, memory, 20, 30);
    ck_assert_uint_eq(set.count, 2);
    lk_ranges_add(&set, memory, 10, 20);
    ck_assert_uint_eq(set.count, 1);
    ck_assert_uint_eq(lk_ranges_next_hole(&set, 1), 30);
    ck_assert_uint_eq(lk_ranges_total(&set), 29);
}
END_TEST

START_TEST(an_empty_range_adds_nothing)
{
    ck_assert_int_eq(lk_ranges_add(&set, memory, 5, 5), 0);
    ck_assert_uint_eq(set.count, 0);
    ck_assert_uint_eq(lk_ranges_next_hole(&set, 5), 5);
}
END_TEST

START_TEST(the_set_is_what_an_array_of_flags_says)
{
    static bool flags[300];
    uint32_t x = 1;
    for (int i = 0; i < 200; i++) {
        x = x * 1103515245u + 12345u;
        uint64_t from = (x >> 8) % 280, to = from + (x >> 20) % 20;
        ck_assert_int_eq(lk_ranges_add(&set, memory, from, to), 0);
        for (uint64_t k = from; k < to; k++)
            flags[k] = true;
        uint64_t covered = 0, hole = from;
        for (uint64_t k = 50; k < 250; k++)
            covered += flags[k];
        while (hole < 300 && flags[hole])
            hole++;
        ck_assert_uint_eq(lk_ranges_covered(&set, 50, 250), covered);
        ck_assert_uint_eq(lk_ranges_next_hole(&set, from), hole);
    }
}
END_TEST

START_TEST(no_memory_is_told)
{
    struct lk_bump *small = lk_bump_new(64);
    struct lk_ranges other = {0};
    int status = 0;
    for (uint64_t i = 0; i < 1000 && status == 0; i++)
        status = lk_ranges_add(&other, small, 3 * i, 3 * i + 1);
    ck_assert_int_eq(status, LK_E_NOMEM);
    lk_bump_free(small);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranges");
    TCase *tcase = tcase_create("ranges");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, ranges_that_touch_become_one);
    tcase_add_test(tcase, an_empty_range_adds_nothing);
    tcase_add_test(tcase, the_set_is_what_an_array_of_flags_says);
    tcase_add_test(tcase, no_memory_is_told);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
