/* receive-window on hand-made timelines. */
#include "conformance/tests/support/rule_lines.h"

/* The device offers 4000 bytes; half of that is more than a segment of 1000. */
#define FULL "0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 4000 mss 1000", "0.10 < . 1 ack 1 win 64000", "0.20 < . 1:1001 ack 1 win 64000", \
    "0.20 > . 1 ack 1001 win 3000"
#define SMALL "0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 600 mss 1000", "0.10 < . 1 ack 1 win 64000", "0.20 < . 1:601 ack 1 win 64000", "0.20 > . 1 ack 601 win 0"
#define SCALED "0.00 < S 0 win 64000 mss 1000 wscale 2", "0.00 > S. 0 ack 1 win 4000 mss 1000 wscale 7", "0.10 < . 1 ack 1 win 64000"

START_TEST(an_update_opens_by_a_segment)
{
    expect_held(LINES(FULL, "0.30 > . 1 ack 1001 win 4000"), "receive-window", 3);
    expect_violation(LINES(FULL, "0.30 > . 1 ack 1001 win 3999"), "receive-window", "RFC9293-MUST-39", 5);
}
END_TEST

START_TEST(or_by_half_of_a_small_buffer)
{
    expect_held(LINES(SMALL, "0.30 > . 1 ack 601 win 300"), "receive-window", 3);
    expect_violation(LINES(SMALL, "0.30 > . 1 ack 601 win 299"), "receive-window", "RFC9293-MUST-39", 5);
}
END_TEST

START_TEST(an_answer_is_no_update)
{
    expect_held(LINES(FULL, "0.29 < . 1001 ack 1 win 64000", "0.30 > . 1 ack 1001 win 3100"), "receive-window", 2);
    expect_held(LINES(FULL, "0.29 < . 1001:1002 ack 1 win 64000", "0.30 > . 1 ack 1002 win 3100"), "receive-window", 2);
    expect_held(LINES(FULL, "0.30 > P. 1:11 ack 1001 win 3100"), "receive-window", 2);
}
END_TEST

START_TEST(the_edge_is_not_taken_back)
{
    struct judged judged;
    struct lk_rule_policy policy = usual_policy();
    expect_held(LINES(FULL, "0.30 > P. 1:11 ack 1001 win 3000"), "receive-window", 2);
    judge_lines(&policy, LINES(FULL, "0.30 > P. 1:11 ack 1001 win 2999"), 0, &judged);
    ck_assert_uint_eq(judged.count, 1);
    ck_assert_str_eq(judged.found[0].requirement, "RFC9293-SHLD-14");
    ck_assert_int_eq(judged.found[0].severity, LK_SHOULD);
}
END_TEST

START_TEST(rounding_by_the_scale_is_not_shrinking)
{
    /* 30 * 128 = 3840 from byte 1: the edge is 3841; after 127 bytes 29 * 128 is all that can be said */
    expect_held(LINES(SCALED, "0.15 > P. 1:11 ack 1 win 32", "0.20 < . 1:128 ack 1 win 64000", "0.20 > . 11 ack 128 win 31"), "receive-window", 2);
    expect_violation(LINES(SCALED, "0.15 > P. 1:11 ack 1 win 32", "0.20 < . 1:128 ack 1 win 64000", "0.20 > . 11 ack 128 win 30"), "receive-window", "RFC9293-SHLD-14", 5);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {an_update_opens_by_a_segment, or_by_half_of_a_small_buffer, an_answer_is_no_update, the_edge_is_not_taken_back,
        rounding_by_the_scale_is_not_shrinking};
    return run_tests("rules/receive", tests, sizeof tests / sizeof tests[0]);
}
