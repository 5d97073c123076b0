/* fin-rst-legal on hand-made timelines. */
#include "conformance/tests/support/rule_lines.h"

#define HANDSHAKE "0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 64000 mss 1000", "0.10 > . 1 ack 1 win 64000", "0.10 > P. 1:101 ack 1 win 64000", \
    "0.20 < . 1 ack 101 win 64000"

START_TEST(the_fin_stands_behind_the_data)
{
    expect_held(LINES(HANDSHAKE, "0.30 > F. 101 ack 1 win 64000"), "fin-rst-legal", 1);
    expect_violation(LINES(HANDSHAKE, "0.30 > P. 101:201 ack 1 win 64000", "0.55 > F. 101 ack 1 win 64000"), "fin-rst-legal", "RFC9293-3.4-b", 6);
}
END_TEST

START_TEST(a_fin_keeps_its_number)
{
    expect_held(LINES(HANDSHAKE, "0.30 > F. 101 ack 1 win 64000", "0.60 > F. 101 ack 1 win 64000"), "fin-rst-legal", 2);
    expect_violation(LINES(HANDSHAKE, "0.30 > F. 101 ack 1 win 64000", "0.60 > F. 102 ack 1 win 64000"), "fin-rst-legal", "RFC9293-3.10.4-a", 6);
}
END_TEST

START_TEST(no_data_behind_the_fin)
{
    expect_violation(LINES(HANDSHAKE, "0.30 > F. 101 ack 1 win 64000", "0.30 > P. 102:103 ack 1 win 64000"), "fin-rst-legal", "RFC9293-3.10.2-b", 6);
}
END_TEST

START_TEST(all_that_was_handed_over_goes_before_the_fin)
{
    expect_held(LINES(HANDSHAKE, "0.25 send 100", "0.30 > F. 101 ack 1 win 64000"), "fin-rst-legal", 1);
    expect_violation(LINES(HANDSHAKE, "0.25 send 101", "0.30 > F. 101 ack 1 win 64000"), "fin-rst-legal", "RFC9293-3.6-e", 6);
}
END_TEST

START_TEST(a_closed_port_refuses_with_the_right_numbers)
{
    /* the ISN of the device's lines is 0xfffffc00: 1024 is the number 0 on the wire */
    expect_held(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > R. 1024 ack 1 win 0"), "fin-rst-legal", 1);
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > R. 1024 ack 0 win 0"), "fin-rst-legal", "RFC9293-3.10.7.1-a", 1);
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > R. 1025 ack 1 win 0"), "fin-rst-legal", "RFC9293-3.10.7.1-a", 1);
    expect_held(LINES("0.00 < . 0 ack 77 win 64000", "0.00 > R 77 win 0"), "fin-rst-legal", 1);
    expect_violation(LINES("0.00 < . 0 ack 77 win 64000", "0.00 > R 78 win 0"), "fin-rst-legal", "RFC9293-3.10.7.1-a", 1);
}
END_TEST

START_TEST(an_abort_stands_at_the_next_number)
{
    expect_held(LINES(HANDSHAKE, "0.30 > R. 101 ack 1 win 0"), "fin-rst-legal", 1);
    expect_violation(LINES(HANDSHAKE, "0.30 > R. 102 ack 1 win 0"), "fin-rst-legal", "RFC9293-3.10.5-a", 5);
    expect_violation(LINES(HANDSHAKE, "0.25 < P. 1:11 ack 101 win 64000", "0.26 > . 101 ack 11 win 64000", "0.30 > R. 100 ack 11 win 0"), "fin-rst-legal", "RFC9293-3.10.5-a", 7);
}
END_TEST

START_TEST(an_abort_with_data_in_flight)
{
#define FLYING HANDSHAKE, "0.30 > P. 101:201 ack 1 win 64000"
    expect_held(LINES(FLYING, "0.40 > R. 201 ack 1 win 0"), "fin-rst-legal", 1);
    expect_violation(LINES(FLYING, "0.40 > R. 202 ack 1 win 0"), "fin-rst-legal", "RFC9293-3.10.5-a", 6);
    expect_violation(LINES(FLYING, "0.40 > R. 201 ack 2 win 0"), "fin-rst-legal", "RFC9293-3.10.5-a", 6);
    expect_held(LINES(FLYING, "0.35 < . 1 ack 101 win 50", "0.40 > R. 151 ack 1 win 0"), "fin-rst-legal", 1); /* at the edge of a smaller window */
    expect_violation(LINES(FLYING, "0.35 < . 1 ack 101 win 50", "0.40 > R. 152 ack 1 win 0"), "fin-rst-legal", NULL, 7);
    expect_violation(LINES(FLYING, "0.35 < . 1 ack 101 win 150", "0.40 > R. 251 ack 1 win 0"), "fin-rst-legal", NULL, 7);
}
END_TEST

START_TEST(a_rst_out_of_nothing_is_found)
{
    expect_violation(LINES("0.00 > R. 1024 ack 0 win 0"), "fin-rst-legal", "RFC9293-3.10.7.1-a", 0);
}
END_TEST

START_TEST(in_a_recording_a_segment_may_cross_the_rst)
{
    struct lk_rule_policy policy = usual_policy();
    policy.open_loop = true;
    policy.slack = 10 * LK_MILLISECOND;
    expect_held_under(&policy, LINES(HANDSHAKE, "0.30 < R 1 win 0", "0.31 > P. 101:111 ack 1 win 64000"), "ack-of-received", 3);
    expect_violation_under(&policy, LINES(HANDSHAKE, "0.30 < R 1 win 0", "0.311 > P. 101:111 ack 1 win 64000"), "fin-rst-legal", "RFC9293-3.10.7.4-z", 6);
}
END_TEST

START_TEST(an_answer_takes_the_number_from_the_segment)
{
    expect_held(LINES(HANDSHAKE, "0.25 > P. 101:201 ack 1 win 64000", "0.30 < P. 1:11 ack 101 win 64000", "0.30 > R 101 win 0"), "fin-rst-legal", 1);
    expect_violation(LINES(HANDSHAKE, "0.25 > P. 101:201 ack 1 win 64000", "0.30 < P. 1:11 ack 101 win 64000", "0.30 > R 102 win 0"), "fin-rst-legal", NULL, 7);
}
END_TEST

START_TEST(a_rst_is_never_answered_by_a_rst)
{
    expect_violation(LINES(HANDSHAKE, "0.30 < R. 1 ack 101 win 0", "0.30 > R 101 win 0"), "fin-rst-legal", "RFC9293-3.10.7.1-b", 6);
    expect_violation(LINES("0.00 < R. 0 ack 101 win 64000", "0.00 > R 101 win 0"), "fin-rst-legal", "RFC9293-3.10.7.1-b", 1);
}
END_TEST

START_TEST(after_a_valid_rst_nothing_is_sent)
{
    expect_violation(LINES(HANDSHAKE, "0.30 < R 1 win 0", "0.30 > . 101 ack 1 win 64000"), "fin-rst-legal", "RFC9293-3.10.7.4-z", 6);
    expect_held(LINES(HANDSHAKE, "0.30 < R 2 win 0", "0.30 > . 101 ack 1 win 64000"), "ack-of-received", 3);
}
END_TEST

START_TEST(after_its_own_rst_nothing_is_sent)
{
    expect_violation(LINES(HANDSHAKE, "0.30 > R. 101 ack 1 win 0", "0.40 > P. 101:111 ack 1 win 64000"), "fin-rst-legal", "RFC9293-3.10.5-a", 6);
    expect_held(LINES(HANDSHAKE, "0.30 > R. 101 ack 1 win 0", "0.40 < P. 1:11 ack 101 win 64000", "0.40 > R 101 win 0"), "fin-rst-legal", 2);
}
END_TEST

START_TEST(with_both_fins_sent_an_abort_sends_no_rst)
{
    expect_violation(LINES(HANDSHAKE, "0.30 > F. 101 ack 1 win 64000", "0.40 < F. 1 ack 102 win 64000", "0.40 > . 102 ack 2 win 64000", "0.50 < . 2 ack 101 win 64000",
                         "0.50 > R. 102 ack 2 win 0"),
        "fin-rst-legal", "RFC9293-3.10.5-b", 9);
}
END_TEST

START_TEST(a_second_connection_of_the_same_pair_starts_afresh)
{
    expect_held(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 64000 mss 1000", "0.10 < . 1 ack 1 win 64000", "0.20 < R 1 win 0", "0.30 < S 5000 win 64000 mss 1000",
                    "0.30 > S. 70000 ack 5001 win 64000 mss 1000", "0.40 < . 5001 ack 70001 win 64000", "0.40 > P. 70001:70101 ack 5001 win 64000"),
        "within-window", 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_fin_stands_behind_the_data, a_fin_keeps_its_number, no_data_behind_the_fin, all_that_was_handed_over_goes_before_the_fin,
        a_closed_port_refuses_with_the_right_numbers, an_abort_stands_at_the_next_number, an_abort_with_data_in_flight, a_rst_out_of_nothing_is_found,
        in_a_recording_a_segment_may_cross_the_rst, an_answer_takes_the_number_from_the_segment,
        a_rst_is_never_answered_by_a_rst, after_a_valid_rst_nothing_is_sent, after_its_own_rst_nothing_is_sent, with_both_fins_sent_an_abort_sends_no_rst,
        a_second_connection_of_the_same_pair_starts_afresh};
    return run_tests("rules/close", tests, sizeof tests / sizeof tests[0]);
}
