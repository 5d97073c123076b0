/* resent-payload on hand-made timelines. */
#include "conformance/tests/support/rule_lines.h"

#define HANDSHAKE "0.00 > S 0 win 64000 mss 1460", "0.10 < S. 0 ack 1 win 64000 mss 1460", "0.10 > . 1 ack 1 win 64000"

START_TEST(the_same_bytes_again_are_held)
{
    expect_held(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000"), "resent-payload", 1);
}
END_TEST

START_TEST(one_byte_that_differs_is_found)
{
    expect_violation(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000 garbled"), "resent-payload", "RFC9293-3.10.8-a", 4);
}
END_TEST

START_TEST(a_resend_cut_differently_is_compared_byte_by_byte)
{
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 64000", "0.10 > P. 101:201 ack 1 win 64000", "0.40 > P. 1:151 ack 1 win 64000"), "resent-payload", 2);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 64000", "0.20 < . 1 ack 51 win 64000", "0.50 > P. 51:101 ack 1 win 64000 garbled"), "resent-payload",
        NULL, 5);
}
END_TEST

START_TEST(the_first_differing_byte_is_named)
{
    struct judged judged;
    struct lk_rule_policy policy = usual_policy();
    judge_lines(&policy, LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000 garbled"), 0, &judged);
    ck_assert_uint_eq(judged.count, 1);
    ck_assert_uint_eq(judged.found[0].from, 1);
    ck_assert_uint_eq(judged.found[0].to, 101);
    ck_assert_int_eq(judged.found[0].severity, LK_MUST);
}
END_TEST

START_TEST(new_data_in_a_resend_is_no_difference)
{
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 64000", "0.40 > P. 1:151 ack 1 win 64000"), "resent-payload", 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_same_bytes_again_are_held, one_byte_that_differs_is_found, a_resend_cut_differently_is_compared_byte_by_byte,
        the_first_differing_byte_is_named, new_data_in_a_resend_is_no_difference};
    return run_tests("rules/resent", tests, sizeof tests / sizeof tests[0]);
}
