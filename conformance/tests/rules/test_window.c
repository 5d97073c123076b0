/* within-window on hand-made timelines. */
#include "conformance/tests/support/rule_lines.h"

/* The peer offers 2000 bytes. */
#define HANDSHAKE "0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 2000 mss 1000", "0.10 > . 1 ack 1 win 64000"
/* Both scale: the peer's 500 stand for 2000. */
#define SCALED "0.00 > S 0 win 64000 mss 1000 wscale 7", "0.10 < S. 0 ack 1 win 1000 mss 1000 wscale 2", "0.10 > . 1 ack 1 win 64000"

START_TEST(data_up_to_the_edge_is_held)
{
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.10 > . 1001:2001 ack 1 win 64000"), "within-window", 2);
}
END_TEST

START_TEST(one_byte_beyond_the_edge_is_found)
{
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.10 > . 1001:2002 ack 1 win 64000"), "within-window", "RFC5681-2-a", 4);
}
END_TEST

START_TEST(the_window_of_a_syn_is_never_scaled)
{
    expect_held(LINES(SCALED, "0.10 > . 1:1001 ack 1 win 64000"), "within-window", 1);
    expect_violation(LINES(SCALED, "0.10 > . 1:1002 ack 1 win 64000"), "within-window", "RFC5681-2-a", 3);
}
END_TEST

START_TEST(later_windows_are_scaled)
{
    expect_held(LINES(SCALED, "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 1 ack 1001 win 500", "0.20 > . 1001:3001 ack 1 win 64000"), "within-window", 2);
    expect_violation(LINES(SCALED, "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 1 ack 1001 win 500", "0.20 > . 1001:3002 ack 1 win 64000"), "within-window",
        "RFC5681-2-a", 5);
}
END_TEST

START_TEST(no_scaling_unless_both_asked_for_it)
{
    expect_violation(LINES("0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 1000 mss 1000 wscale 2", "0.10 > . 1 ack 1 win 64000",
                         "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 1 ack 1001 win 500", "0.20 > . 1001:1502 ack 1 win 64000"),
        "within-window", "RFC5681-2-a", 5);
}
END_TEST

START_TEST(a_window_taken_back_is_obeyed_by_should)
{
    const char *const *lines = LINES(HANDSHAKE, "0.10 > . 1:501 ack 1 win 64000", "0.20 < . 1 ack 501 win 100", "0.20 > . 501:701 ack 1 win 64000");
    struct judged judged;
    struct lk_rule_policy policy = usual_policy();
    judge_lines(&policy, lines, 0, &judged);
    ck_assert_uint_eq(judged.count, 1);
    ck_assert_str_eq(judged.found[0].requirement, "RFC9293-SHLD-15");
    ck_assert_int_eq(judged.found[0].severity, LK_SHOULD);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:501 ack 1 win 64000", "0.20 < . 1 ack 501 win 100", "0.20 > . 1001:2001 ack 1 win 64000"), "within-window",
        "RFC9293-SHLD-15", 5); /* up to the edge that was offered once */
}
END_TEST

START_TEST(an_old_ack_does_not_move_the_window)
{
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 51:101 ack 1001 win 1000", "0.20 > . 1001 ack 1 win 64000",
                         "0.21 < . 1:51 ack 501 win 1600", "0.21 > . 1001:2102 ack 101 win 64000"),
        "within-window", "RFC5681-2-a", 7);
}
END_TEST

START_TEST(one_byte_probes_a_closed_window)
{
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 1 ack 1001 win 0", "0.50 > . 1001:1002 ack 1 win 64000"), "within-window", 2);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 1 ack 1001 win 0", "0.50 > . 1001:1003 ack 1 win 64000"), "within-window",
        NULL, 5);
}
END_TEST

START_TEST(the_first_retransmission_disregards_a_smaller_window_a_further_one_does_not)
{
#define SHRUNK HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.10 > . 1001:2001 ack 1 win 64000", "0.20 < . 1 ack 501 win 300", "0.50 > . 501:1001 ack 1 win 64000"
    expect_held(LINES(SHRUNK, "0.60 < . 1 ack 501 win 300", "1.20 > . 501:801 ack 1 win 64000"), "within-window", 4);
    /* the third time, ahead of SND.UNA: up to the edge, and one beyond */
#define SECOND HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.10 > . 1001:2001 ack 1 win 64000", "0.50 > . 1:1001 ack 1 win 64000", "0.60 < . 1 ack 501 win 900", \
    "0.60 > . 1001:2001 ack 1 win 64000", "0.70 < . 1 ack 501 win 900", "1.50 > . 501:1001 ack 1 win 64000", "1.60 < . 1 ack 551 win 850"
    expect_held(LINES(SECOND, "1.60 > . 1001:1401 ack 1 win 64000"), "within-window", 6);
    expect_violation(LINES(SECOND, "1.60 > . 1001:1402 ack 1 win 64000"), "within-window", "RFC7323-2.4-e", 11);
    expect_violation(LINES(SHRUNK, "0.60 < . 1 ack 601 win 300", "0.60 > . 1001:1901 ack 1 win 64000", "0.70 < . 1 ack 1001 win 300",
                         "1.50 > . 1001:2001 ack 1 win 64000", "1.60 < . 1 ack 1051 win 200", "3.20 > . 1051:1101 ack 1 win 64000",
                         "3.30 < . 1 ack 1101 win 200", "3.30 > . 1501:1901 ack 1 win 64000"),
        "within-window", "RFC7323-2.4-e", 14);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {data_up_to_the_edge_is_held, one_byte_beyond_the_edge_is_found, the_window_of_a_syn_is_never_scaled, later_windows_are_scaled,
        no_scaling_unless_both_asked_for_it, a_window_taken_back_is_obeyed_by_should, an_old_ack_does_not_move_the_window, one_byte_probes_a_closed_window,
        the_first_retransmission_disregards_a_smaller_window_a_further_one_does_not};
    return run_tests("rules/window", tests, sizeof tests / sizeof tests[0]);
}
