/* options-legal and checksum on hand-made timelines. */
#include "conformance/tests/support/rule_lines.h"

#define PLAIN "0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 64000 mss 1000"
#define STAMPED "0.00 > S 0 win 64000 mss 1000 ts 1/0", "0.10 < S. 0 ack 1 win 64000 mss 1000 ts 50/1"

START_TEST(options_of_the_handshake_stand_on_syn_only)
{
    expect_held(LINES(PLAIN, "0.10 > . 1 ack 1 win 64000"), "options-legal", 2);
    expect_violation(LINES(PLAIN, "0.10 > . 1 ack 1 win 64000 mss 1000"), "options-legal", "RFC9293-MUST-65", 2);
    expect_violation(LINES(PLAIN, "0.10 > . 1 ack 1 win 64000 sackOK"), "options-legal", "RFC2018-2-a", 2);
}
END_TEST

START_TEST(a_syn_ack_offers_only_what_was_offered)
{
    expect_held(LINES("0.00 < S 0 win 64000 mss 1000 wscale 2 ts 1/0", "0.00 > S. 0 ack 1 win 64000 mss 1000 wscale 7 ts 9/1"), "options-legal", 2);
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 64000 mss 1000 wscale 7"), "options-legal", "RFC7323-2.2-c", 1);
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 64000 mss 1000 ts 9/0"), "options-legal", "RFC7323-3.2-d", 1);
}
END_TEST

START_TEST(agreed_timestamps_stand_in_every_segment_but_rst)
{
    expect_held(LINES(STAMPED, "0.10 > . 1 ack 1 win 64000 ts 2/50"), "options-legal", 4);
    expect_violation(LINES(STAMPED, "0.10 > . 1 ack 1 win 64000"), "options-legal", "RFC7323-3.2-e", 2);
    expect_held(LINES(STAMPED, "0.10 > R. 1 ack 1 win 0"), "options-legal", 0);
}
END_TEST

START_TEST(the_echo_is_of_a_timestamp_that_came)
{
    expect_violation(LINES(STAMPED, "0.10 > . 1 ack 1 win 64000 ts 2/51"), "options-legal", "RFC7323-3.2-b", 2);
    struct lk_rule_policy policy = usual_policy();
    policy.foreign_stamps = true;
    expect_held_under(&policy, LINES(STAMPED, "0.10 > . 1 ack 1 win 64000 ts 2/51"), "options-legal", 3);
}
END_TEST

START_TEST(checksums_are_right)
{
    expect_held(LINES(PLAIN), "checksum", 2);
    expect_violation(LINES("0.00 > S 0 win 64000 mss 1000 badsum"), "checksum", "RFC9293-MUST-2", 0);
    expect_violation(LINES("0.00 > S 0 win 64000 mss 1000 badip"), "checksum", "RFC791-3.1-b", 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {options_of_the_handshake_stand_on_syn_only, a_syn_ack_offers_only_what_was_offered,
        agreed_timestamps_stand_in_every_segment_but_rst, the_echo_is_of_a_timestamp_that_came, checksums_are_right};
    return run_tests("rules/options", tests, sizeof tests / sizeof tests[0]);
}
