/* The set of ranges against a naive one: a flag for each position. */
#include "conformance/rules/spans.h"
#include "conformance/tests/support/rule_lines.h"
#include "stack/base/error.h"

#include <stdlib.h>
#include <string.h>

#define SPACE 40

static uint32_t state = 1;
static uint32_t random_below(uint32_t n)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
}

static void compare(const struct spans *set, const bool *flags)
{
    for (uint32_t i = 0; i < set->count; i++) {
        ck_assert_int_lt(set->at[i].from, set->at[i].to);
        ck_assert(i == 0 || set->at[i - 1].to < set->at[i].from); /* disjoint, not touching */
    }
    for (int64_t at = 0; at < SPACE; at++) {
        ck_assert_int_eq(spans_cover(set, at, at + 1), flags[at]);
        ck_assert_int_eq(spans_touch(set, at, at + 1), flags[at]);
    }
}

START_TEST(adding_and_dropping_agree_with_a_naive_set)
{
    struct span room[SPACE];
    for (unsigned round = 0; round < 500; round++) {
        struct spans set = {.at = room, .capacity = SPACE};
        bool flags[SPACE] = {false};
        for (unsigned step = 0; step < 12; step++) {
            uint32_t from = random_below(SPACE), to = from + random_below(SPACE - from + 1);
            if (random_below(5) == 0) {
                spans_drop_below(&set, from);
                memset(flags, 0, from);
            } else {
                ck_assert_int_eq(spans_add(&set, from, to), 0);
                memset(flags + from, 1, to - from);
            }
            compare(&set, flags);
        }
    }
}
END_TEST

START_TEST(ranges_are_covered_or_touched_as_a_whole)
{
    struct span room[4];
    struct spans set = {.at = room, .capacity = 4};
    ck_assert_int_eq(spans_add(&set, 10, 20), 0);
    ck_assert_int_eq(spans_add(&set, 30, 40), 0);
    ck_assert(spans_cover(&set, 10, 20) && !spans_cover(&set, 9, 20) && !spans_cover(&set, 10, 21) && !spans_cover(&set, 15, 35) && spans_cover(&set, 7, 7));
    ck_assert(spans_touch(&set, 0, 11) && !spans_touch(&set, 0, 10) && !spans_touch(&set, 20, 30) && spans_touch(&set, 19, 21) && spans_touch(&set, 0, 50));
}
END_TEST

START_TEST(a_full_set_refuses_and_stays)
{
    struct span room[2];
    struct spans set = {.at = room, .capacity = 2};
    ck_assert_int_eq(spans_add(&set, 10, 20), 0);
    ck_assert_int_eq(spans_add(&set, 30, 40), 0);
    ck_assert_int_eq(spans_add(&set, 50, 60), LK_E_NOMEM);
    ck_assert_uint_eq(set.count, 2);
    ck_assert_int_eq(spans_add(&set, 15, 45), 0); /* joining needs no room */
    ck_assert_uint_eq(set.count, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {adding_and_dropping_agree_with_a_naive_set, ranges_are_covered_or_touched_as_a_whole, a_full_set_refuses_and_stays};
    return run_tests("rules/spans", tests, sizeof tests / sizeof tests[0]);
}
