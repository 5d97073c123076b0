/* ack-of-received, ack-sequence, ack-within-500ms, ack-every-second, duplicate-ack on hand-made timelines. */
#include "conformance/tests/support/rule_lines.h"

/* The device listens; segments of 1000 bytes arrive. */
#define HANDSHAKE "0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 10000 mss 1000", "0.10 < . 1 ack 1 win 64000"

static struct judged judged;

/* Judges up to `until`; the one finding is at SHOULD or MUST level by this requirement. */
static void expect_late(const char *const *lines, double until, const char *check, const char *requirement, enum lk_severity severity, uint32_t line)
{
    struct lk_rule_policy policy = usual_policy();
    judge_lines(&policy, lines, until, &judged);
    ck_assert_uint_eq(judged.count, 1);
    ck_assert_str_eq(judged.found[0].check, check);
    ck_assert_str_eq(judged.found[0].requirement, requirement);
    ck_assert_int_eq(judged.found[0].severity, severity);
    ck_assert_uint_eq(judged.found[0].line, line);
}

static void expect_nothing(const char *const *lines, double until)
{
    struct lk_rule_policy policy = usual_policy();
    judge_lines(&policy, lines, until, &judged);
    ck_assert_uint_eq(judged.count, 0);
}

START_TEST(an_ack_of_all_that_came_is_held)
{
    expect_held(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 10000"), "ack-of-received", 2);
}
END_TEST

START_TEST(one_byte_ahead_is_found)
{
    expect_violation(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1002 win 10000"), "ack-of-received", "RFC9293-3.4-c", 4);
}
END_TEST

START_TEST(what_lies_behind_a_gap_is_not_covered)
{
    expect_violation(LINES(HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000", "0.20 > . 1 ack 2001 win 10000"), "ack-of-received", "RFC9293-3.4-c", 4);
    expect_held(LINES(HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000", "0.20 > . 1 ack 1 win 10000", "0.21 < . 1:1001 ack 1 win 64000", "0.21 > . 1 ack 2001 win 10000"),
        "ack-of-received", 3);
}
END_TEST

START_TEST(an_ack_never_goes_back)
{
    expect_violation(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 10000", "0.30 > . 1 ack 1000 win 10001"), "ack-of-received",
        "RFC9293-3.8-a", 5);
}
END_TEST

START_TEST(a_syn_ack_acknowledges_the_syn)
{
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 0 win 10000 mss 1000"), "ack-of-received", NULL, 1);
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 2 win 10000 mss 1000"), "ack-of-received", NULL, 1);
}
END_TEST

START_TEST(a_fin_counts_as_one)
{
    expect_held(LINES(HANDSHAKE, "0.20 < F. 1 ack 1 win 64000", "0.20 > . 1 ack 2 win 10000"), "ack-of-received", 2);
    expect_violation(LINES(HANDSHAKE, "0.20 < F. 1 ack 1 win 64000", "0.20 > . 1 ack 3 win 10000"), "ack-of-received", NULL, 4);
}
END_TEST

START_TEST(damaged_or_old_data_was_not_received)
{
    expect_violation(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000 badsum", "0.20 > . 1 ack 1001 win 10000"), "ack-of-received", NULL, 4);
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1012 ts 100/0", "0.00 > S. 0 ack 1 win 10000 mss 1012 ts 1/100", "0.10 < . 1 ack 1 win 64000 ts 110/1",
                         "0.20 < . 1:1001 ack 1 win 64000 ts 108/1", "0.20 > . 1 ack 1001 win 10000 ts 2/108"),
        "ack-of-received", NULL, 4);
}
END_TEST

START_TEST(every_segment_after_the_handshake_carries_ack)
{
    expect_violation(LINES(HANDSHAKE, "0.20 > P 1:11 win 10000"), "ack-of-received", "RFC9293-3.8-a", 3);
}
END_TEST

START_TEST(an_empty_segment_carries_the_next_number_to_send)
{
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.10 > . 101 ack 1 win 10000"), "ack-sequence", 1);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.10 > . 102 ack 1 win 10000"), "ack-sequence", "RFC9293-3.10.7.4-ad", 4);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.10 > . 1 ack 1 win 10000"), "ack-sequence", NULL, 4);
}
END_TEST

START_TEST(a_keep_alive_is_one_below)
{
    expect_held(LINES(HANDSHAKE, "9.10 > . 0 ack 1 win 10000"), "ack-sequence", 1);
    expect_violation(LINES(HANDSHAKE, "9.10 > . 1:101 ack 1 win 10000", "9.10 > . 0 ack 1 win 10000"), "ack-sequence", NULL, 4);
}
END_TEST

START_TEST(data_is_acknowledged_in_less_than_half_a_second)
{
    expect_held(LINES(HANDSHAKE, "0.20 < P. 1:101 ack 1 win 64000", "0.699 > . 1 ack 101 win 10000"), "ack-within-500ms", 1);
    expect_violation(LINES(HANDSHAKE, "0.20 < P. 1:101 ack 1 win 64000", "0.70 > . 1 ack 101 win 10000"), "ack-within-500ms", "RFC9293-MUST-40", 3);
    expect_late(LINES(HANDSHAKE, "0.20 < P. 1:101 ack 1 win 64000"), 0.7, "ack-within-500ms", "RFC9293-MUST-40", LK_MUST, 3);
    expect_nothing(LINES(HANDSHAKE, "0.20 < P. 1:101 ack 1 win 64000"), 0.699);
}
END_TEST

START_TEST(an_ack_of_less_leaves_the_rest_owed)
{
    expect_violation(LINES(HANDSHAKE, "0.20 < P. 1:101 ack 1 win 64000", "0.30 < P. 101:201 ack 1 win 64000", "0.40 > . 1 ack 101 win 10000", "0.81 > . 1 ack 201 win 10000"),
        "ack-within-500ms", NULL, 4);
}
END_TEST

START_TEST(a_reset_ends_what_is_owed)
{
    expect_nothing(LINES(HANDSHAKE, "0.20 < P. 1:101 ack 1 win 64000", "0.30 > R. 1 ack 101 win 0"), 5);
    expect_nothing(LINES(HANDSHAKE, "0.20 < P. 1:101 ack 1 win 64000", "0.30 < R 101 win 0"), 5);
}
END_TEST

START_TEST(every_second_full_segment_by_should)
{
    expect_held(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.21 < . 1001:2001 ack 1 win 64000", "0.21 > . 1 ack 2001 win 10000"), "ack-every-second", 1);
    expect_late(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.21 < . 1001:2001 ack 1 win 64000", "0.23 < . 2001:3001 ack 1 win 64000", "0.24 > . 1 ack 3001 win 10000"),
        0, "ack-every-second", "RFC9293-SHLD-19", LK_SHOULD, 4);
    expect_nothing(LINES(HANDSHAKE, "0.20 < . 1:1000 ack 1 win 64000", "0.21 < . 1000:1999 ack 1 win 64000", "0.24 > . 1 ack 1999 win 10000"), 0);
}
END_TEST

START_TEST(only_an_ack_that_moves_counts_for_the_second_segment)
{
    expect_held(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 10000", "0.21 < . 1001:2001 ack 1 win 64000", "0.22 < . 2001:3001 ack 1 win 64000",
                    "0.22 > . 1 ack 3001 win 10000", "0.23 < . 3001:4001 ack 1 win 64000", "0.23 > . 1 ack 4001 win 10000"),
        "ack-every-second", 1);
    expect_late(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.21 < . 1001:2001 ack 1 win 64000", "0.21 > . 1 ack 1 win 10000", "0.23 > . 1 ack 2001 win 10000"), 0,
        "ack-every-second", "RFC9293-SHLD-19", LK_SHOULD, 4);
}
END_TEST

START_TEST(elsewhere_an_empty_segment_stands_only_for_a_reason)
{
    /* a probe of a closed window, one below SND.UNA */
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.20 < . 1 ack 51 win 0", "9.10 > . 50 ack 1 win 10000"), "ack-sequence", 1);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.20 < . 1 ack 51 win 9", "9.10 > . 50 ack 1 win 10000"), "ack-sequence", NULL, 5);
    /* the edge of a window that has shrunk */
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.20 < . 1 ack 51 win 9", "0.30 > . 60 ack 1 win 10000"), "ack-sequence", 1);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.20 < . 1 ack 51 win 9", "0.30 > . 61 ack 1 win 10000"), "ack-sequence", NULL, 5);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.20 < . 1 ack 51 win 100", "0.30 > . 151 ack 1 win 10000"), "ack-sequence", NULL, 5);
    /* a sender that has gone back after a timeout */
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.10 > . 101:201 ack 1 win 10000", "2.00 > . 1:101 ack 1 win 10000", "2.00 > . 101 ack 1 win 10000"), "ack-sequence", 1);
    expect_violation(LINES(HANDSHAKE, "0.10 > . 1:101 ack 1 win 10000", "0.10 > . 101:201 ack 1 win 10000", "2.00 > . 1:101 ack 1 win 10000", "2.00 > . 0 ack 1 win 10000"),
        "ack-sequence", NULL, 6);
}
END_TEST

START_TEST(an_ack_starts_the_count_of_segments_anew)
{
    expect_nothing(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 10000", "0.21 < . 1001:2001 ack 1 win 64000", "0.50 > . 1 ack 2001 win 10000"), 0);
}
END_TEST

START_TEST(data_above_a_gap_is_acknowledged_at_once)
{
    expect_held(LINES(HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000", "0.21 > . 1 ack 1 win 10000"), "duplicate-ack", 1);
    expect_late(LINES(HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000", "0.211 > . 1 ack 1 win 10000"), 0, "duplicate-ack", "RFC5681-3.2-a", LK_SHOULD, 3);
}
END_TEST

START_TEST(each_of_them_by_an_ack_of_its_own)
{
    expect_held(LINES(HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000", "0.20 < . 2001:3001 ack 1 win 64000", "0.20 > . 1 ack 1 win 10000", "0.20 > . 1 ack 1 win 10000"),
        "duplicate-ack", 2);
    expect_late(LINES(HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000", "0.20 < . 2001:3001 ack 1 win 64000", "0.20 > . 1 ack 1 win 10000"), 0.3, "duplicate-ack",
        "RFC5681-3.2-a", LK_SHOULD, 4);
}
END_TEST

START_TEST(data_that_fills_a_gap_is_acknowledged_at_once)
{
    expect_late(LINES(HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000", "0.20 > . 1 ack 1 win 10000", "0.30 < . 1:501 ack 1 win 64000", "0.35 > . 1 ack 501 win 10000"), 0,
        "duplicate-ack", "RFC5681-3.2-b", LK_SHOULD, 5);
}
END_TEST

START_TEST(old_data_is_acknowledged_at_once_and_in_any_case)
{
#define OLD HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 10000", "0.30 < . 1:1001 ack 1 win 64000"
    expect_held(LINES(OLD, "0.30 > . 1 ack 1001 win 10000"), "duplicate-ack", 1);
    expect_late(LINES(OLD, "0.35 > . 1 ack 1001 win 10000"), 0, "duplicate-ack", "RFC9293-3.10.7.4-e", LK_SHOULD, 5);
    struct lk_rule_policy policy = usual_policy();
    judge_lines(&policy, LINES(OLD), 0.8, &judged);
    ck_assert_uint_eq(judged.count, 2);
    ck_assert_str_eq(judged.found[1].requirement, "RFC9293-3.5.2-c");
    ck_assert_int_eq(judged.found[1].severity, LK_MUST);
    judge_lines(&policy, LINES(OLD), 0.799, &judged);
    ck_assert_uint_eq(judged.count, 1);
}
END_TEST

START_TEST(data_beyond_the_window_is_answered)
{
    expect_held(LINES(HANDSHAKE, "0.30 < . 10001:10101 ack 1 win 64000", "0.30 > . 1 ack 1 win 10000"), "duplicate-ack", 1);
    expect_held(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 9000", "0.30 < . 1001:2001 ack 1 win 64000",
                    "0.30 > . 1 ack 2001 win 8000"),
        "duplicate-ack", 0);
}
END_TEST

START_TEST(never_a_duplicate_ack_at_all_breaks_a_must)
{
    struct lk_rule_policy policy = usual_policy();
    judge_lines(&policy, LINES(HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000"), 0.7, &judged);
    ck_assert_uint_eq(judged.count, 2);
    ck_assert_str_eq(judged.found[1].check, "ack-within-500ms");
    ck_assert_str_eq(judged.found[1].requirement, "RFC5681-4.2-b");
}
END_TEST

START_TEST(reasons_for_the_ladder)
{
    struct lk_rule_policy policy = usual_policy();
    judge_lines(&policy, LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.24 > . 1 ack 1001 win 10000", "0.30 < . 2001:3001 ack 1 win 64000", "0.30 > . 1 ack 1001 win 10000",
                             "0.31 < . 1001:2001 ack 1 win 64000", "0.31 > . 1 ack 3001 win 10000", "0.40 < F. 3001 ack 1 win 64000", "0.40 > . 1 ack 3002 win 10000",
                             "0.40 > . 1 ack 3002 win 12000"),
        0, &judged);
    ck_assert_str_eq(judged.reasons[1], "answers the SYN");
    ck_assert_str_eq(judged.reasons[4], "delayed ACK, 40 ms");
    ck_assert_str_eq(judged.reasons[6], "duplicate ACK, data above a gap");
    ck_assert_str_eq(judged.reasons[8], "ACK, fills a gap");
    ck_assert_str_eq(judged.reasons[10], "acknowledges the FIN");
    ck_assert_str_eq(judged.reasons[11], "window update");
    ck_assert_uint_eq(judged.count, 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {an_ack_of_all_that_came_is_held, one_byte_ahead_is_found, what_lies_behind_a_gap_is_not_covered, an_ack_never_goes_back,
        a_syn_ack_acknowledges_the_syn, a_fin_counts_as_one, damaged_or_old_data_was_not_received, every_segment_after_the_handshake_carries_ack,
        an_empty_segment_carries_the_next_number_to_send, a_keep_alive_is_one_below, data_is_acknowledged_in_less_than_half_a_second,
        an_ack_of_less_leaves_the_rest_owed, a_reset_ends_what_is_owed, every_second_full_segment_by_should, only_an_ack_that_moves_counts_for_the_second_segment,
        elsewhere_an_empty_segment_stands_only_for_a_reason, an_ack_starts_the_count_of_segments_anew,
        data_above_a_gap_is_acknowledged_at_once, each_of_them_by_an_ack_of_its_own, data_that_fills_a_gap_is_acknowledged_at_once,
        old_data_is_acknowledged_at_once_and_in_any_case, data_beyond_the_window_is_answered, never_a_duplicate_ack_at_all_breaks_a_must, reasons_for_the_ladder};
    return run_tests("rules/ack", tests, sizeof tests / sizeof tests[0]);
}
