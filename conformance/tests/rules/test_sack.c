/* sack-true on hand-made timelines. */
#include "conformance/tests/support/rule_lines.h"

#define HANDSHAKE "0.00 < S 0 win 64000 mss 1000 sackOK", "0.00 > S. 0 ack 1 win 20000 mss 1000 sackOK", "0.10 < . 1 ack 1 win 64000"
#define GAP HANDSHAKE, "0.20 < . 1001:2001 ack 1 win 64000"
#define OLD HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 20000", "0.30 < . 1:1001 ack 1 win 64000"

START_TEST(a_block_of_what_came_is_held)
{
    expect_held(LINES(GAP, "0.20 > . 1 ack 1 win 20000 sack 1001:2001"), "sack-true", 1);
}
END_TEST

START_TEST(a_block_of_more_than_came_is_found)
{
    expect_violation(LINES(GAP, "0.20 > . 1 ack 1 win 20000 sack 1001:2002"), "sack-true", "RFC2018-8-b", 4);
    expect_violation(LINES(GAP, "0.20 > . 1 ack 1 win 20000 sack 1000:2001"), "sack-true", "RFC2018-8-b", 4);
}
END_TEST

START_TEST(any_block_counts_not_only_the_first)
{
    expect_violation(LINES(GAP, "0.20 > . 1 ack 1 win 20000 sack 1001:2001,3001:4001"), "sack-true", "RFC2018-8-b", 4);
}
END_TEST

START_TEST(edges_are_in_order)
{
    expect_violation(LINES(GAP, "0.20 > . 1 ack 1 win 20000 sack 2001:1001"), "sack-true", "RFC2018-3-a", 4);
    expect_violation(LINES(GAP, "0.20 > . 1 ack 1 win 20000 sack 1001:1001"), "sack-true", "RFC2018-3-a", 4);
}
END_TEST

START_TEST(the_newest_segment_leads)
{
#define TWO GAP, "0.20 > . 1 ack 1 win 20000 sack 1001:2001", "0.21 < . 3001:4001 ack 1 win 64000"
    expect_held(LINES(TWO, "0.21 > . 1 ack 1 win 20000 sack 3001:4001,1001:2001"), "sack-true", 2);
    expect_violation(LINES(TWO, "0.21 > . 1 ack 1 win 20000 sack 1001:2001,3001:4001"), "sack-true", "RFC2018-4-f", 6);
}
END_TEST

START_TEST(the_first_block_is_free_when_the_ack_moved)
{
    expect_held(LINES(TWO, "0.21 > . 1 ack 1 win 20000 sack 3001:4001,1001:2001", "0.22 < . 1:1001 ack 1 win 64000", "0.22 > . 1 ack 2001 win 20000 sack 3001:4001"),
        "sack-true", 3);
}
END_TEST

START_TEST(so_it_is_when_something_above_came_too)
{
    expect_held(LINES(TWO, "0.21 < . 1:501 ack 1 win 64000", "0.21 > . 1 ack 501 win 20000 sack 1001:2001,3001:4001", "0.21 > . 1 ack 501 win 20000 sack 1001:2001,3001:4001"),
        "sack-true", 3);
    expect_held(LINES(HANDSHAKE, "0.20 < . 1:501 ack 1 win 64000", "0.20 < . 1001:2001 ack 1 win 64000", "0.20 < . 3001:4001 ack 1 win 64000",
                    "0.20 > . 1 ack 501 win 20000 sack 1001:2001,3001:4001", "0.20 > . 1 ack 501 win 20000 sack 3001:4001,1001:2001"),
        "sack-true", 2);
}
END_TEST

START_TEST(a_block_begins_above_the_ack)
{
    expect_violation(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 < . 1001:2001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 20000 sack 1001:2001"), "sack-true",
        "RFC2018-8-b", 5);
}
END_TEST

START_TEST(two_duplicates_side_by_side_are_one)
{
#define BOTH HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 20000", "0.30 < . 501:1001 ack 1 win 64000", "0.30 < . 1:501 ack 1 win 64000"
    expect_held(LINES(BOTH, "0.30 > . 1 ack 1001 win 20000 sack 1:1001", "0.30 > . 1 ack 1001 win 20000"), "sack-true", 1);
    expect_violation(LINES(BOTH, "0.30 > . 1 ack 1001 win 20000 sack 1:1001", "0.30 > . 1 ack 1001 win 20000 sack 501:1001"), "sack-true", "RFC2883-4-c", 8);
}
END_TEST

START_TEST(no_block_of_what_the_ack_covers)
{
    expect_violation(LINES(TWO, "0.21 > . 1 ack 1 win 20000 sack 3001:4001,1001:2001", "0.22 < . 1:1001 ack 1 win 64000",
                         "0.22 > . 1 ack 2001 win 20000 sack 3001:4001,1001:2001"),
        "sack-true", "RFC2018-8-b", 8);
}
END_TEST

START_TEST(none_unless_the_peer_permitted_it)
{
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 20000 mss 1000", "0.10 < . 1 ack 1 win 64000", "0.20 < . 1001:2001 ack 1 win 64000",
                         "0.20 > . 1 ack 1 win 20000 sack 1001:2001"),
        "sack-true", "RFC2018-4-c", 4);
}
END_TEST

START_TEST(with_data_above_a_gap_it_should_be_there)
{
    expect_violation(LINES(GAP, "0.20 > . 1 ack 1 win 20000"), "sack-true", "RFC2018-4-d", 4);
}
END_TEST

START_TEST(a_duplicate_may_be_reported_once)
{
    expect_held(LINES(OLD, "0.30 > . 1 ack 1001 win 20000 sack 1:1001"), "sack-true", 1);
    expect_violation(LINES(OLD, "0.30 > . 1 ack 1001 win 20000 sack 1:1001", "0.31 > . 1 ack 1001 win 20000 sack 1:1001"), "sack-true", "RFC2883-4-c", 7);
}
END_TEST

START_TEST(a_duplicate_that_never_came_is_found)
{
    expect_violation(LINES(HANDSHAKE, "0.20 < . 1:1001 ack 1 win 64000", "0.20 > . 1 ack 1001 win 20000 sack 1:1001"), "sack-true", "RFC2883-4-a", 4);
    expect_violation(LINES(OLD, "0.30 > . 1 ack 1001 win 20000 sack 0:1001"), "sack-true", "RFC2883-4-a", 6);
}
END_TEST

/* RFC 2883 4.2: a duplicate above the gap stands first, the block that holds it second. */
START_TEST(a_duplicate_within_a_block_leads_it)
{
    expect_held(LINES(GAP, "0.20 > . 1 ack 1 win 20000 sack 1001:2001", "0.21 < . 1001:2001 ack 1 win 64000", "0.21 > . 1 ack 1 win 20000 sack 1001:2001,1001:2001"),
        "sack-true", 2);
    expect_violation(LINES(TWO, "0.21 > . 1 ack 1 win 20000 sack 3001:4001,3001:4001,1001:2001"), "sack-true", "RFC2883-4-a", 6);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_block_of_what_came_is_held, a_block_of_more_than_came_is_found, any_block_counts_not_only_the_first, edges_are_in_order,
        the_newest_segment_leads, the_first_block_is_free_when_the_ack_moved, so_it_is_when_something_above_came_too,
        a_block_begins_above_the_ack, two_duplicates_side_by_side_are_one, no_block_of_what_the_ack_covers, none_unless_the_peer_permitted_it,
        with_data_above_a_gap_it_should_be_there, a_duplicate_may_be_reported_once, a_duplicate_that_never_came_is_found, a_duplicate_within_a_block_leads_it};
    return run_tests("rules/sack", tests, sizeof tests / sizeof tests[0]);
}
