/* rto-not-early, rto-doubled and karn on hand-made timelines. The policy's floor is 200 ms; round trips take 100 ms. */
#include "conformance/tests/support/rule_lines.h"

#define HANDSHAKE "0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 64000 mss 1000", "0.10 > . 1 ack 1 win 64000"
#define HANDSHAKE_TS \
    "0.00 > S 0 win 64000 mss 1012 ts 1/0", "0.10 < S. 0 ack 1 win 64000 mss 1012 ts 1/1", "0.10 > . 1 ack 1 win 64000 ts 1/1"

/* One round trip of 100 ms: SRTT 100 ms, RTTVAR 50 ms, RTO 300 ms (RFC 6298 2.2). */
START_TEST(not_before_the_rto_of_the_first_sample)
{
    expect_held(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000"), "rto-not-early", 1);
    expect_violation(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.399 > P. 1:101 ack 1 win 64000"), "rto-not-early", "RFC6298-5-a", 4);
}
END_TEST

START_TEST(the_least_rto_falls_as_round_trips_prove_steady)
{
    /* three equal samples: RTTVAR may be 50 * 3/4 * 3/4 = 28.125 ms, so RTO 212.5 ms */
    expect_held(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.20 < . 1 ack 101 win 64000", "0.20 > P. 101:201 ack 1 win 64000",
                    "0.30 < . 1 ack 201 win 64000", "0.30 > P. 201:301 ack 1 win 64000", "0.513 > P. 201:301 ack 1 win 64000"),
        "rto-not-early", 1);
    expect_violation(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.20 < . 1 ack 101 win 64000", "0.20 > P. 101:201 ack 1 win 64000",
                         "0.30 < . 1 ack 201 win 64000", "0.30 > P. 201:301 ack 1 win 64000", "0.511 > P. 201:301 ack 1 win 64000"),
        "rto-not-early", "RFC6298-5-a", 8);
}
END_TEST

START_TEST(never_below_the_floor)
{
#define QUICK "0.00 > S 0 win 64000 mss 1000", "0.001 < S. 0 ack 1 win 64000 mss 1000", "0.001 > . 1 ack 1 win 64000", "0.10 > P. 1:101 ack 1 win 64000"
    expect_held(LINES(QUICK, "0.30 > P. 1:101 ack 1 win 64000"), "rto-not-early", 1);
    expect_violation(LINES(QUICK, "0.299 > P. 1:101 ack 1 win 64000"), "rto-not-early", NULL, 4);
}
END_TEST

START_TEST(slack_is_allowed_for_and_no_more)
{
    struct lk_rule_policy policy = usual_policy();
    policy.slack = 10 * LK_MILLISECOND;
    expect_held_under(&policy, LINES(QUICK, "0.290 > P. 1:101 ack 1 win 64000"), "rto-not-early", 1);
    expect_violation_under(&policy, LINES(QUICK, "0.289 > P. 1:101 ack 1 win 64000"), "rto-not-early", NULL, 4);
}
END_TEST

START_TEST(a_syn_waits_for_the_initial_rto)
{
    expect_held(LINES("0.00 > S 0 win 64000 mss 1000", "1.00 > S 0 win 64000 mss 1000"), "rto-not-early", 1);
    expect_held(LINES("0.00 > S 0 win 64000 mss 1000", "1.00 > S 0 win 64000 mss 1000", "3.00 > S 0 win 64000 mss 1000"), "rto-doubled", 1);
    expect_violation(LINES("0.00 > S 0 win 64000 mss 1000", "0.99 > S 0 win 64000 mss 1000"), "rto-not-early", "RFC6298-5-a", 1);
}
END_TEST

START_TEST(a_syn_ack_too_unless_the_peer_repeats_its_syn)
{
    expect_held(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 64000 mss 1000", "1.00 > S. 0 ack 1 win 64000 mss 1000"), "rto-not-early", 1);
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 64000 mss 1000", "0.90 > S. 0 ack 1 win 64000 mss 1000"), "rto-not-early",
        NULL, 2);
    expect_held(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 64000 mss 1000", "0.90 < S 0 win 64000 mss 1000",
                    "0.90 > S. 0 ack 1 win 64000 mss 1000"),
        "recovery-cause", 1);
}
END_TEST

START_TEST(after_a_syn_timeout_data_starts_with_three_seconds)
{
#define SYN_LOST "0.00 > S 0 win 64000 mss 1000", "1.00 > S 0 win 64000 mss 1000", "1.10 < S. 0 ack 1 win 64000 mss 1000", "1.10 > . 1 ack 1 win 64000", \
    "1.10 > P. 1:101 ack 1 win 64000"
    expect_held(LINES(SYN_LOST, "4.10 > P. 1:101 ack 1 win 64000"), "rto-not-early", 2);
    expect_violation(LINES(SYN_LOST, "4.09 > P. 1:101 ack 1 win 64000"), "rto-not-early", "RFC6298-5-h", 5);
}
END_TEST

START_TEST(each_further_expiry_waits_twice_as_long)
{
    expect_held(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000", "1.00 > P. 1:101 ack 1 win 64000",
                    "2.20 > P. 1:101 ack 1 win 64000"),
        "rto-doubled", 2);
    expect_violation(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000", "0.999 > P. 1:101 ack 1 win 64000"), "rto-doubled",
        "RFC6298-5-f", 5);
    expect_violation(LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000", "1.00 > P. 1:101 ack 1 win 64000",
                         "2.199 > P. 1:101 ack 1 win 64000"),
        "rto-doubled", NULL, 6);
}
END_TEST

START_TEST(the_interval_stops_growing_at_the_ceiling)
{
    struct lk_rule_policy policy = usual_policy();
    policy.rto_max = 500 * LK_MILLISECOND;
    expect_held_under(&policy, LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000", "0.90 > P. 1:101 ack 1 win 64000",
                                   "1.40 > P. 1:101 ack 1 win 64000"),
        "rto-doubled", 2);
    expect_violation_under(&policy, LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000", "0.89 > P. 1:101 ack 1 win 64000"),
        "rto-doubled", NULL, 5);
}
END_TEST

START_TEST(a_recorded_timer_may_have_fired_late)
{
    struct lk_rule_policy policy = usual_policy();
    policy.open_loop = true;
    policy.slack = 10 * LK_MILLISECOND;
    expect_held_under(&policy, LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.44 > P. 1:101 ack 1 win 64000", "1.05 > P. 1:101 ack 1 win 64000"),
        "rto-doubled", 1);
    expect_violation_under(&policy, LINES(HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.44 > P. 1:101 ack 1 win 64000", "0.78 > P. 1:101 ack 1 win 64000"),
        "rto-doubled", NULL, 5);
}
END_TEST

START_TEST(new_data_acknowledged_ends_the_run)
{
    expect_held(LINES(HANDSHAKE_TS, "0.10 > P. 1:101 ack 1 win 64000 ts 1/1", "0.40 > P. 1:101 ack 1 win 64000 ts 4/1", "0.50 < . 1 ack 101 win 64000 ts 5/4",
                    "0.50 > P. 101:201 ack 1 win 64000 ts 5/5", "0.90 > P. 101:201 ack 1 win 64000 ts 9/5"),
        "rto-not-early", 2);
}
END_TEST

/* Without timestamps the ACK of resent data measures nothing: the 600 ms of the back-off stay (RFC 6298 section 3). */
START_TEST(the_doubled_rto_is_kept_until_a_round_trip_is_measured)
{
#define AMBIGUOUS HANDSHAKE, "0.10 > P. 1:101 ack 1 win 64000", "0.40 > P. 1:101 ack 1 win 64000", "0.50 < . 1 ack 101 win 64000", \
    "0.60 > P. 101:201 ack 1 win 64000"
    expect_held(LINES(AMBIGUOUS, "1.20 > P. 101:201 ack 1 win 64000"), "karn", 1);
    expect_violation(LINES(AMBIGUOUS, "1.19 > P. 101:201 ack 1 win 64000"), "karn", "RFC9293-3.8.2-a", 7);
}
END_TEST

START_TEST(a_measured_round_trip_ends_the_back_off)
{
    expect_held(LINES(AMBIGUOUS, "0.70 < . 1 ack 201 win 64000", "0.80 > P. 201:301 ack 1 win 64000", "1.10 > P. 201:301 ack 1 win 64000"), "rto-not-early", 2);
}
END_TEST

/* The copy of 2.00 s is answered after 100 ms, by the ACK of the first one: who measures that gets too short an RTO. */
START_TEST(a_sample_of_resent_data_shows)
{
#define SLOW "0.00 > S 0 win 64000 mss 1000", "1.00 < S. 0 ack 1 win 64000 mss 1000", "1.00 > . 1 ack 1 win 64000", "1.00 > . 1:1001 ack 1 win 64000", \
    "1.00 > . 1001:2001 ack 1 win 64000", "1.00 > . 2001:3001 ack 1 win 64000", "1.00 > . 3001:4001 ack 1 win 64000", "2.00 < . 1 ack 1 win 64000", \
    "2.00 < . 1 ack 1 win 64000", "2.00 < . 1 ack 1 win 64000", "2.00 > . 1:1001 ack 1 win 64000", "2.10 < . 1 ack 4001 win 64000", \
    "2.20 > . 4001:5001 ack 1 win 64000"
    expect_violation(LINES(SLOW, "3.40 > . 4001:5001 ack 1 win 64000"), "karn", "RFC6298-3-b", 13);
    expect_held(LINES(SLOW, "5.20 > . 4001:5001 ack 1 win 64000"), "karn", 1);
}
END_TEST

START_TEST(a_window_probe_waits_for_one_rto_by_should)
{
    const char *const *lines = LINES(HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 1 ack 501 win 0", "0.30 > . 501:502 ack 1 win 64000");
    struct lk_rule_policy policy = usual_policy();
    struct judged judged;
    judge_lines(&policy, lines, 0, &judged);
    ck_assert_uint_eq(judged.count, 1);
    ck_assert_str_eq(judged.found[0].requirement, "RFC9293-SHLD-29");
    ck_assert_int_eq(judged.found[0].severity, LK_SHOULD);
    expect_held(LINES(HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 1 ack 501 win 0", "0.451 > . 501:502 ack 1 win 64000"), "rto-not-early", 1);
    judge_lines(&policy, LINES(HANDSHAKE, "0.10 > . 1:1001 ack 1 win 64000", "0.20 < . 1 ack 501 win 0", "0.449 > . 501:502 ack 1 win 64000"), 0, &judged);
    ck_assert_uint_eq(judged.count, 1); /* the RTO of two samples is 250 ms */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {not_before_the_rto_of_the_first_sample, the_least_rto_falls_as_round_trips_prove_steady, never_below_the_floor,
        slack_is_allowed_for_and_no_more, a_syn_waits_for_the_initial_rto, a_syn_ack_too_unless_the_peer_repeats_its_syn,
        after_a_syn_timeout_data_starts_with_three_seconds, each_further_expiry_waits_twice_as_long, the_interval_stops_growing_at_the_ceiling,
        a_recorded_timer_may_have_fired_late, new_data_acknowledged_ends_the_run, the_doubled_rto_is_kept_until_a_round_trip_is_measured,
        a_measured_round_trip_ends_the_back_off, a_sample_of_resent_data_shows, a_window_probe_waits_for_one_rto_by_should};
    return run_tests("rules/rto", tests, sizeof tests / sizeof tests[0]);
}
