/* recovery-cause on hand-made timelines. */
#include "conformance/tests/support/rule_lines.h"

/* Four segments of 1000 bytes in flight, without and with SACK. */
#define FLIGHT "0.10 > . 1:1001 ack 1 win 64000", "0.10 > . 1001:2001 ack 1 win 64000", "0.10 > . 2001:3001 ack 1 win 64000", "0.10 > . 3001:4001 ack 1 win 64000"
#define PLAIN "0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 64000 mss 1000", "0.10 > . 1 ack 1 win 64000", FLIGHT
#define SACKED "0.00 > S 0 win 64000 mss 1000 sackOK", "0.10 < S. 0 ack 1 win 64000 mss 1000 sackOK", "0.10 > . 1 ack 1 win 64000", FLIGHT
#define DUPLICATE "0.20 < . 1 ack 1 win 64000"

START_TEST(the_third_duplicate_ack_resends_the_first_segment)
{
    expect_held(LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.20 > . 1:1001 ack 1 win 64000"), "recovery-cause", 1);
}
END_TEST

START_TEST(two_duplicate_acks_are_not_enough)
{
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, "0.20 > . 1:1001 ack 1 win 64000"), "recovery-cause", "RFC5681-3.2-h", 9);
}
END_TEST

START_TEST(the_threshold_is_the_policys)
{
    struct lk_rule_policy policy = usual_policy();
    policy.dup_threshold = 2;
    expect_held_under(&policy, LINES(PLAIN, DUPLICATE, DUPLICATE, "0.20 > . 1:1001 ack 1 win 64000"), "recovery-cause", 1);
}
END_TEST

START_TEST(an_ack_with_another_window_is_no_duplicate)
{
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, "0.20 < . 1 ack 1 win 63000", "0.20 > . 1:1001 ack 1 win 64000"), "recovery-cause", NULL, 10);
}
END_TEST

START_TEST(an_ack_with_data_is_no_duplicate)
{
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, "0.20 < P. 1:11 ack 1 win 64000", "0.20 > . 1:1001 ack 11 win 64000"), "recovery-cause", NULL, 10);
}
END_TEST

START_TEST(a_lost_ack_is_no_duplicate)
{
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, "0.20 < . 1 ack 1 win 64000 lost", "0.20 > . 1:1001 ack 1 win 64000"), "recovery-cause", NULL, 10);
}
END_TEST

START_TEST(an_ack_that_moves_starts_the_count_anew)
{
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, "0.21 < . 1 ack 1001 win 64000", "0.21 < . 1 ack 1001 win 64000", "0.21 > . 1001:2001 ack 1 win 64000"),
        "recovery-cause", NULL, 11);
}
END_TEST

START_TEST(only_the_first_segment_and_only_once)
{
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.20 > . 1001:2001 ack 1 win 64000"), "recovery-cause", NULL, 10);
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.20 > . 1:1001 ack 1 win 64000", "0.20 > . 1:1001 ack 1 win 64000"), "recovery-cause", NULL, 11);
}
END_TEST

START_TEST(a_partial_ack_resends_the_next_hole)
{
    expect_held(LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.20 > . 1:1001 ack 1 win 64000", "0.30 < . 1 ack 2001 win 64000", "0.30 > . 2001:3001 ack 1 win 64000"),
        "recovery-cause", 2);
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.20 > . 1:1001 ack 1 win 64000", "0.30 < . 1 ack 2001 win 64000",
                         "0.30 > . 2001:3001 ack 1 win 64000", "0.30 > . 3001:4001 ack 1 win 64000"),
        "recovery-cause", NULL, 13);
}
END_TEST

START_TEST(after_a_full_ack_nothing_is_partial)
{
    expect_violation(LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.20 > . 1:1001 ack 1 win 64000", "0.20 > . 4001:5001 ack 1 win 64000", "0.30 < . 1 ack 4001 win 64000",
                         "0.30 > . 4001:5001 ack 1 win 64000"),
        "recovery-cause", NULL, 13);
}
END_TEST

START_TEST(three_segments_sacked_above_make_it_lost)
{
    expect_held(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 1001:2001", "0.20 < . 1 ack 1 win 64000 sack 1001:3001", "0.20 < . 1 ack 1 win 64000 sack 1001:4001",
                    "0.20 > . 1:1001 ack 1 win 64000"),
        "recovery-cause", 1);
    expect_held(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 1001:4001", "0.20 > . 1:1001 ack 1 win 64000"), "recovery-cause", 1);
    expect_violation(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 1001:2001", "0.20 < . 1 ack 1 win 64000 sack 1001:3001", "0.20 > . 1:1001 ack 1 win 64000"),
        "recovery-cause", "RFC6675-5-b", 9);
}
END_TEST

START_TEST(with_sack_a_duplicate_without_news_does_not_count)
{
    expect_violation(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 1001:2001", "0.20 < . 1 ack 1 win 64000 sack 1001:2001", "0.20 < . 1 ack 1 win 64000 sack 1001:2001",
                         "0.20 > . 1:1001 ack 1 win 64000"),
        "recovery-cause", "RFC6675-5-b", 10);
}
END_TEST

START_TEST(what_was_sacked_is_not_resent)
{
    expect_violation(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 1001:4001", "0.20 > . 1:1001 ack 1 win 64000", "0.20 > . 1001:2001 ack 1 win 64000"),
        "recovery-cause", "RFC6675-4-b", 9);
}
END_TEST

/* RFC 6675 section 4, NextSeg() (3) and (4) */
START_TEST(in_recovery_holes_below_the_highest_sack_and_one_rescue)
{
    expect_held(LINES(SACKED, "0.11 > . 4001:5001 ack 1 win 64000", "0.11 > . 5001:6001 ack 1 win 64000", "0.20 < . 1 ack 1 win 64000 sack 1001:3001",
                    "0.20 < . 1 ack 1 win 64000 sack 4001:5001,1001:3001", "0.20 > . 1:1001 ack 1 win 64000", "0.20 > . 3001:4001 ack 1 win 64000",
                    "0.20 > . 5001:6001 ack 1 win 64000"),
        "recovery-cause", 3);
    expect_violation(LINES(SACKED, "0.11 > . 4001:5001 ack 1 win 64000", "0.11 > . 5001:6001 ack 1 win 64000", "0.20 < . 1 ack 1 win 64000 sack 1001:3001",
                         "0.20 < . 1 ack 1 win 64000 sack 4001:5001,1001:3001", "0.20 > . 1:1001 ack 1 win 64000", "0.20 > . 3001:4001 ack 1 win 64000",
                         "0.20 > . 5001:6001 ack 1 win 64000", "0.21 > . 5001:6001 ack 1 win 64000"),
        "recovery-cause", NULL, 14);
}
END_TEST

START_TEST(outside_recovery_the_timer_resends_the_first_segment_only)
{
    expect_violation(LINES(PLAIN, "0.50 > . 1001:2001 ack 1 win 64000"), "recovery-cause", NULL, 7);
    expect_held(LINES(PLAIN, "0.50 > . 1:1001 ack 1 win 64000"), "recovery-cause", 1);
}
END_TEST

START_TEST(after_a_timeout_everything_before_it_may_go_again_once)
{
    expect_held(LINES(PLAIN, "0.50 > . 1:1001 ack 1 win 64000", "0.60 < . 1 ack 1001 win 64000", "0.60 > . 1001:2001 ack 1 win 64000", "0.60 > . 2001:3001 ack 1 win 64000"),
        "recovery-cause", 3);
    expect_violation(LINES(PLAIN, "0.50 > . 1:1001 ack 1 win 64000", "0.60 < . 1 ack 1001 win 64000", "0.60 > . 1001:2001 ack 1 win 64000",
                         "0.60 > . 1001:2001 ack 1 win 64000"),
        "recovery-cause", NULL, 10);
}
END_TEST

START_TEST(what_was_sacked_after_the_timeout_is_not_resent)
{
    expect_violation(LINES(SACKED, "0.50 > . 1:1001 ack 1 win 64000", "0.60 < . 1 ack 1001 win 64000 sack 3001:4001", "0.60 > . 1001:2001 ack 1 win 64000",
                         "0.60 > . 3001:4001 ack 1 win 64000"),
        "recovery-cause", "RFC6675-5-a", 10);
    /* also when it had been reported before the timeout, and is again */
    expect_violation(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 3001:4001", "0.50 > . 1:1001 ack 1 win 64000", "0.60 < . 1 ack 1001 win 64000 sack 3001:4001",
                         "0.60 > . 1001:2001 ack 1 win 64000", "0.60 > . 3001:4001 ack 1 win 64000"),
        "recovery-cause", "RFC6675-5-a", 11);
}
END_TEST

START_TEST(acknowledged_data_is_not_resent)
{
    expect_violation(LINES(PLAIN, "0.20 < . 1 ack 3001 win 64000", "0.60 > . 1:1001 ack 1 win 64000"), "recovery-cause", "RFC9293-3.10.8-a", 8);
}
END_TEST

START_TEST(a_keep_alive_may_repeat_the_last_byte)
{
    expect_held(LINES(PLAIN, "0.20 < . 1 ack 4001 win 64000", "9.00 > . 4000:4001 ack 1 win 64000"), "recovery-cause", 1);
    expect_violation(LINES(PLAIN, "0.20 < . 1 ack 3001 win 64000", "9.00 > . 3000:3001 ack 1 win 64000"), "recovery-cause", NULL, 8);
}
END_TEST

START_TEST(rack_and_the_tail_probe_only_where_the_policy_has_them)
{
    const char *const *reordered = LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 1001:2001", "0.23 > . 1:1001 ack 1 win 64000");
    const char *const *tail = LINES(SACKED, "0.20 < . 1 ack 3001 win 64000", "0.50 > . 3001:4001 ack 1 win 64000");
    const char *const *tail_ahead = LINES(SACKED, "0.31 > . 3001:4001 ack 1 win 64000");
    struct lk_rule_policy policy = usual_policy();
    expect_violation(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 1001:2001", "0.205 > . 1:1001 ack 1 win 64000"), "recovery-cause", NULL, 8);
    expect_violation(tail_ahead, "recovery-cause", NULL, 7);
    policy.rack_tlp = true;
    expect_held_under(&policy, reordered, "recovery-cause", 1);
    expect_held_under(&policy, tail, "recovery-cause", 1);
    expect_held_under(&policy, tail_ahead, "recovery-cause", 1);
    expect_violation_under(&policy, LINES(SACKED, "0.29 > . 3001:4001 ack 1 win 64000"), "recovery-cause", NULL, 7);
    expect_violation_under(&policy, LINES(SACKED, "0.31 > . 3001:4001 ack 1 win 64000", "0.52 > . 3001:4001 ack 1 win 64000"), "recovery-cause", NULL, 8);
}
END_TEST

START_TEST(old_sack_news_justifies_no_further_copy)
{
    expect_violation(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 1001:4001", "0.50 > . 1:1001 ack 1 win 64000", "0.60 < . 1 ack 1 win 64000 sack 1001:4001",
                         "0.60 > . 1:1001 ack 1 win 64000"),
        "recovery-cause", NULL, 10);
}
END_TEST

START_TEST(a_copy_lost_again_waits_for_the_timer)
{
    expect_violation(LINES(SACKED, "0.11 > . 4001:5001 ack 1 win 64000", "0.11 > . 5001:6001 ack 1 win 64000", "0.11 > . 6001:7001 ack 1 win 64000",
                         "0.20 < . 1 ack 1 win 64000 sack 1001:4001", "0.20 > . 1:1001 ack 1 win 64000", "0.30 < . 1 ack 1 win 64000 sack 1001:7001",
                         "0.30 > . 1:1001 ack 1 win 64000"),
        "recovery-cause", NULL, 13);
}
END_TEST

START_TEST(the_rescue_is_of_the_last_segment)
{
    expect_violation(LINES(SACKED, "0.11 > . 4001:5001 ack 1 win 64000", "0.11 > . 5001:6001 ack 1 win 64000", "0.20 < . 1 ack 1 win 64000 sack 1001:4001",
                         "0.20 > . 1:1001 ack 1 win 64000", "0.20 > . 4001:5001 ack 1 win 64000"),
        "recovery-cause", NULL, 11);
}
END_TEST

START_TEST(marks_of_before_the_timeout_are_forgotten)
{
    expect_held(LINES(SACKED, "0.20 < . 1 ack 1 win 64000 sack 2001:3001", "0.50 > . 1:1001 ack 1 win 64000", "0.60 < . 1 ack 1001 win 64000",
                    "0.60 > . 1001:2001 ack 1 win 64000", "0.60 > . 2001:3001 ack 1 win 64000"),
        "recovery-cause", 3);
}
END_TEST

START_TEST(a_timer_may_expire_just_when_an_ack_comes)
{
    expect_held(LINES(PLAIN, "0.40 < . 1 ack 1 win 64000", "0.405 > . 1:1001 ack 1 win 64000"), "rto-not-early", 1);
    expect_held(LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.50 > . 1:1001 ack 1 win 64000"), "rto-not-early", 1); /* no fast retransmit: legal */
    expect_held(LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.25 > . 1:1001 ack 1 win 64000"), "rto-not-early", 0);
}
END_TEST

START_TEST(the_keep_alive_byte_is_one_and_the_last)
{
    expect_violation(LINES(PLAIN, "0.20 < . 1 ack 4001 win 64000", "9.00 > . 3999:4001 ack 1 win 64000"), "recovery-cause", NULL, 8);
    expect_violation(LINES(PLAIN, "0.20 < . 1 ack 4001 win 64000", "9.00 > . 3000:3001 ack 1 win 64000"), "recovery-cause", NULL, 8);
}
END_TEST

START_TEST(a_recorded_copy_may_cross_its_ack)
{
    struct lk_rule_policy policy = usual_policy();
    policy.open_loop = true;
    policy.slack = 10 * LK_MILLISECOND;
    expect_held_under(&policy, LINES(PLAIN, "0.40 < . 1 ack 1001 win 64000", "0.41 > . 1:1001 ack 1 win 64000"), "recovery-cause", 1);
    expect_violation_under(&policy, LINES(PLAIN, "0.40 < . 1 ack 1001 win 64000", "0.411 > . 1:1001 ack 1 win 64000"), "recovery-cause", NULL, 8);
}
END_TEST

START_TEST(the_first_byte_still_wanted_decides)
{
    expect_held(LINES(SACKED, "0.11 > . 4001:5001 ack 1 win 64000", "0.20 < . 1 ack 1 win 64000 sack 3001:5001", "0.20 < . 1 ack 1 win 64000 sack 1001:2001,3001:5001",
                    "0.20 > . 1:1001 ack 1 win 64000", "0.20 > . 1001:3001 ack 1 win 64000"),
        "recovery-cause", 2);
}
END_TEST

START_TEST(the_cause_can_be_read_for_the_ladder)
{
    struct judged judged;
    struct lk_rule_policy policy = usual_policy();
    judge_lines(&policy, LINES(PLAIN, DUPLICATE, DUPLICATE, DUPLICATE, "0.20 > . 1:1001 ack 1 win 64000", "1.00 > . 1:1001 ack 1 win 64000"), 0, &judged);
    ck_assert_str_eq(judged.reasons[0], "active open");
    ck_assert_str_eq(judged.reasons[3], "new data");
    ck_assert_str_eq(judged.reasons[10], "resent: third duplicate ACK");
    ck_assert_str_eq(judged.reasons[11], "retransmission timer, 0.800 s after the copy before");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_third_duplicate_ack_resends_the_first_segment, two_duplicate_acks_are_not_enough, the_threshold_is_the_policys,
        an_ack_with_another_window_is_no_duplicate, an_ack_with_data_is_no_duplicate, a_lost_ack_is_no_duplicate, an_ack_that_moves_starts_the_count_anew,
        only_the_first_segment_and_only_once, a_partial_ack_resends_the_next_hole, after_a_full_ack_nothing_is_partial, three_segments_sacked_above_make_it_lost,
        with_sack_a_duplicate_without_news_does_not_count, what_was_sacked_is_not_resent, in_recovery_holes_below_the_highest_sack_and_one_rescue,
        outside_recovery_the_timer_resends_the_first_segment_only, after_a_timeout_everything_before_it_may_go_again_once,
        what_was_sacked_after_the_timeout_is_not_resent, acknowledged_data_is_not_resent, a_keep_alive_may_repeat_the_last_byte,
        rack_and_the_tail_probe_only_where_the_policy_has_them, old_sack_news_justifies_no_further_copy,
        a_copy_lost_again_waits_for_the_timer, the_rescue_is_of_the_last_segment, marks_of_before_the_timeout_are_forgotten,
        a_timer_may_expire_just_when_an_ack_comes, the_keep_alive_byte_is_one_and_the_last, a_recorded_copy_may_cross_its_ack,
        the_first_byte_still_wanted_decides, the_cause_can_be_read_for_the_ladder};
    return run_tests("rules/recovery", tests, sizeof tests / sizeof tests[0]);
}
