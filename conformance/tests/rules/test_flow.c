/* What the flow makes of segments: acceptability, windows, handshakes of every kind, timestamps. */
#include "conformance/rules/flow.h"
#include "conformance/tests/support/rule_lines.h"

#define ROOM 32

static struct piece pieces[ROOM];
static struct span spans[ROOM];
static struct flow flow;
static struct arrival arrival;

/* Shows the lines to a fresh flow; `arrival` is of the last one received. */
static void show(const char *const *lines)
{
    flow = (struct flow){.pieces = {.at = pieces, .capacity = ROOM}, .above = {.at = spans, .capacity = ROOM}};
    flow_restart(&flow);
    for (uint32_t i = 0; lines[i] != NULL; i++) {
        struct lk_event event;
        struct seg seg;
        read_rule_line(lines[i], i, &event);
        flow_read(&flow, &event, &seg);
        ck_assert_int_eq(event.dir == LK_OUT ? flow_out(&flow, &seg) : flow_in(&flow, &seg, &arrival), 0);
    }
}

/* The device listens and offers 100 bytes. */
#define PASSIVE "0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 100 mss 1000"
#define OPEN PASSIVE, "0.10 < . 1 ack 1 win 64000"
/* ... and none. */
#define SHUT OPEN, "0.20 < . 1:101 ack 1 win 64000", "0.20 > . 1 ack 101 win 0"

static enum arrived what_of(const char *const *lines)
{
    show(lines);
    return arrival.what;
}

START_TEST(the_four_cases_of_acceptability)
{
    /* RFC 9293 3.10.7.4: length 0 and more, window 0 and more */
    ck_assert_int_eq(what_of(LINES(SHUT, "0.30 < . 101 ack 1 win 64000")), ARRIVED_SEGMENT);
    ck_assert_int_eq(what_of(LINES(SHUT, "0.30 < . 102 ack 1 win 64000")), ARRIVED_UNACCEPTABLE);
    ck_assert_int_eq(what_of(LINES(SHUT, "0.30 < . 100 ack 1 win 64000")), ARRIVED_UNACCEPTABLE);
    ck_assert_int_eq(what_of(LINES(SHUT, "0.30 < . 101:102 ack 1 win 64000")), ARRIVED_UNACCEPTABLE);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < . 1 ack 1 win 64000")), ARRIVED_SEGMENT);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < . 100 ack 1 win 64000")), ARRIVED_SEGMENT);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < . 101 ack 1 win 64000")), ARRIVED_UNACCEPTABLE);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < . 0 ack 1 win 64000")), ARRIVED_UNACCEPTABLE);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < . 100:201 ack 1 win 64000")), ARRIVED_SEGMENT);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < . 101:201 ack 1 win 64000")), ARRIVED_UNACCEPTABLE);
    ck_assert_int_eq(what_of(LINES(SHUT, "0.25 > . 1 ack 101 win 50", "0.30 < . 51:102 ack 1 win 64000")), ARRIVED_SEGMENT);
    ck_assert_int_eq(what_of(LINES(SHUT, "0.25 > . 1 ack 101 win 50", "0.30 < . 51:151 ack 1 win 64000")), ARRIVED_SEGMENT);
    ck_assert_int_eq(what_of(LINES(SHUT, "0.25 > . 1 ack 101 win 50", "0.30 < . 51:152 ack 1 win 64000")), ARRIVED_UNACCEPTABLE);
    ck_assert_int_eq(what_of(LINES(SHUT, "0.25 > . 1 ack 101 win 50", "0.30 < . 51:101 ack 1 win 64000")), ARRIVED_UNACCEPTABLE);
}
END_TEST

START_TEST(what_the_data_is)
{
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < . 1:51 ack 1 win 64000")), ARRIVED_SEGMENT);
    ck_assert_int_eq(arrival.data, DATA_IN_ORDER);
    ck_assert(!arrival.twice);
    show(LINES(OPEN, "0.30 < . 51:61 ack 1 win 64000"));
    ck_assert_int_eq(arrival.data, DATA_ABOVE_GAP);
    show(LINES(OPEN, "0.30 < . 51:61 ack 1 win 64000", "0.30 < . 51:61 ack 1 win 64000"));
    ck_assert(arrival.data == DATA_ABOVE_GAP && arrival.twice);
    show(LINES(OPEN, "0.30 < . 51:61 ack 1 win 64000", "0.30 < . 1:11 ack 1 win 64000"));
    ck_assert(arrival.data == DATA_FILLS_GAP && flow.rcv_nxt == 11);
    show(LINES(OPEN, "0.30 < . 51:61 ack 1 win 64000", "0.30 < . 1:51 ack 1 win 64000"));
    ck_assert(flow.rcv_nxt == 61 && flow.above.count == 0);
    show(LINES(OPEN, "0.30 < . 1:51 ack 1 win 64000", "0.30 < . 1:51 ack 1 win 64000"));
    ck_assert(arrival.what == ARRIVED_UNACCEPTABLE && arrival.data == DATA_OLD && arrival.twice);
    show(LINES(OPEN, "0.30 < . 1:51 ack 1 win 64000", "0.30 < . 41:61 ack 1 win 64000"));
    ck_assert(arrival.data == DATA_IN_ORDER && arrival.twice && flow.rcv_nxt == 61);
    show(LINES(OPEN, "0.30 < . 1:51 ack 1 win 64000", "0.30 < . 51 ack 1 win 64000"));
    ck_assert_int_eq(arrival.data, DATA_NONE);
}
END_TEST

START_TEST(nothing_counts_behind_the_fin)
{
    show(LINES(OPEN, "0.30 < F. 1:11 ack 1 win 64000", "0.40 < . 12:21 ack 1 win 64000"));
    ck_assert_int_eq(flow.rcv_nxt, 12);
    ck_assert(flow_peer_closed(&flow));
    show(LINES(OPEN, "0.30 < F. 11 ack 1 win 64000"));
    ck_assert(!flow_peer_closed(&flow) && flow.rcv_nxt == 1);
    show(LINES(OPEN, "0.30 < F. 11 ack 1 win 64000", "0.30 < . 1:11 ack 1 win 64000"));
    ck_assert(flow_peer_closed(&flow) && flow.rcv_nxt == 12);
}
END_TEST

START_TEST(without_ack_it_is_dropped)
{
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < P 1:11 win 64000")), ARRIVED_NO_ACK);
    ck_assert_int_eq(flow.rcv_nxt, 1);
}
END_TEST

START_TEST(an_ack_of_what_was_never_sent_is_dropped_with_its_segment)
{
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < . 1:11 ack 2 win 64000")), ARRIVED_UNACCEPTABLE);
    ck_assert(flow.rcv_nxt == 1 && flow.una == 1 && flow.una_maybe == 1);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.20 > . 1:11 ack 1 win 100", "0.30 < . 1:11 ack 11 win 64000")), ARRIVED_SEGMENT);
    ck_assert_int_eq(flow.una, 11);
}
END_TEST

START_TEST(an_old_segment_may_have_told_something)
{
    show(LINES(OPEN, "0.20 > . 1:11 ack 1 win 100", "0.20 < . 1:11 ack 1 win 64000", "0.20 > . 11 ack 11 win 100", "0.30 < . 1:11 ack 11 win 65000"));
    ck_assert(flow.una == 1 && flow.una_maybe == 11);
    ck_assert_int_eq(flow.edge_max, 65011);
    ck_assert_int_eq(flow.edge, 64001);
}
END_TEST

START_TEST(the_window_follows_the_newest_segment)
{
#define SENT OPEN, "0.20 > . 1:101 ack 1 win 100"
    show(LINES(SENT, "0.30 < . 1 ack 51 win 700"));
    ck_assert(flow.window == 700 && flow.edge == 751);
    show(LINES(SENT, "0.30 < . 1:2 ack 51 win 700", "0.31 < . 2 ack 41 win 600")); /* newer by SEQ */
    ck_assert_int_eq(flow.window, 600);
    show(LINES(SENT, "0.30 < . 1 ack 51 win 700", "0.31 < . 1 ack 51 win 600")); /* same SEQ, same ACK */
    ck_assert_int_eq(flow.window, 600);
    show(LINES(SENT, "0.30 < . 1 ack 51 win 700", "0.31 < . 1 ack 50 win 600")); /* same SEQ, older ACK */
    ck_assert_int_eq(flow.window, 700);
    show(LINES(SENT, "0.30 < . 11 ack 51 win 700", "0.31 < . 1:11 ack 61 win 600")); /* older by SEQ */
    ck_assert(flow.window == 700 && flow.una == 61);
}
END_TEST

START_TEST(a_window_of_zero_is_closed)
{
    show(LINES(SENT, "0.30 < . 1 ack 101 win 0"));
    ck_assert(flow_window_closed(&flow) && flow.window_zero_since == 300 * LK_MILLISECOND);
    show(LINES(SENT, "0.30 < . 1 ack 101 win 0", "0.40 < . 1 ack 101 win 0"));
    ck_assert_int_eq(flow.window_zero_since, 300 * LK_MILLISECOND);
    show(LINES(SENT, "0.30 < . 1 ack 101 win 0", "0.40 < . 1 ack 101 win 1"));
    ck_assert(!flow_window_closed(&flow) && flow.window_zero_since == LK_NEVER);
}
END_TEST

#define SYN_SENT "0.00 > S 0 win 64000 mss 1000"

START_TEST(in_syn_sent_only_an_ack_of_the_syn_counts)
{
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < S. 0 ack 1 win 500")), ARRIVED_SYN);
    ck_assert(flow.established && flow.una == 1 && flow.edge == 501);
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < S. 0 ack 0 win 500")), ARRIVED_NOTHING);
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < S. 0 ack 2 win 500")), ARRIVED_NOTHING);
    ck_assert(!flow.have_irs);
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < R. 0 ack 1 win 0")), ARRIVED_RESET);
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < R. 0 ack 2 win 0")), ARRIVED_NOTHING);
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < R 0 win 0")), ARRIVED_RST_IGNORED);
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < . 0 ack 1 win 500")), ARRIVED_NOTHING);
}
END_TEST

START_TEST(data_on_the_syn_ack_counts)
{
    show(LINES(SYN_SENT, "0.10 < S. 0:10 ack 1 win 500"));
    ck_assert_int_eq(flow.rcv_nxt, 11);
}
END_TEST

START_TEST(a_simultaneous_open)
{
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < S 0 win 500")), ARRIVED_SYN);
    ck_assert(!flow.established && flow.have_irs && flow.una == 0 && flow.syn_waiting);
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < S 0 win 500", "0.10 > S. 0 ack 1 win 64000", "0.20 < S. 0 ack 1 win 500")), ARRIVED_SYN);
    ck_assert(flow.established && flow.una == 1);
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < S 0 win 500", "0.10 > S. 0 ack 1 win 64000", "0.20 < S. 0 ack 2 win 500")), ARRIVED_SYN_AGAIN);
    ck_assert(!flow.established && !flow_over(&flow));
    ck_assert_int_eq(what_of(LINES(SYN_SENT, "0.10 < S 0 win 500", "0.10 > S. 0 ack 1 win 64000", "0.20 < . 1 ack 1 win 500")), ARRIVED_SEGMENT);
    ck_assert(flow.established);
}
END_TEST

START_TEST(syn_received)
{
    ck_assert_int_eq(what_of(LINES(PASSIVE, "0.10 < . 1:11 ack 0 win 64000")), ARRIVED_NOTHING);
    ck_assert(!flow.established && flow.rcv_nxt == 1);
    ck_assert_int_eq(what_of(LINES(PASSIVE, "0.10 < . 1:11 ack 1 win 64000")), ARRIVED_SEGMENT);
    ck_assert(flow.established && flow.rcv_nxt == 11);
    ck_assert_int_eq(what_of(LINES(PASSIVE, "0.10 < S 0 win 64000")), ARRIVED_SYN_AGAIN);
    ck_assert(flow.syn_waiting && !flow.established);
    ck_assert_int_eq(what_of(LINES(PASSIVE, "0.10 < R 1 win 0")), ARRIVED_RESET);
}
END_TEST

START_TEST(a_rst_exactly_at_rcv_nxt)
{
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < R 1 win 0")), ARRIVED_RESET);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < R 2 win 0")), ARRIVED_RST_IGNORED);
    ck_assert_int_eq(what_of(LINES(OPEN, "0.30 < R 0 win 0")), ARRIVED_RST_IGNORED);
    ck_assert(!flow_over(&flow));
}
END_TEST

START_TEST(a_new_connection_of_the_same_ports)
{
    show(LINES(OPEN, "0.20 < R 1 win 0", "0.30 < S 900 win 700 mss 500 sackOK", "0.30 > S. 800 ack 901 win 64000 mss 1000 sackOK"));
    ck_assert(!flow_over(&flow) && flow.have_irs && flow.rcv_nxt == 1 && flow.nxt == 1 && flow.theirs.mss == 500 && flow_sack_agreed(&flow));
    show(LINES(OPEN, "0.30 < S 900 win 700", "0.30 > . 1 ack 1 win 100")); /* a challenge ACK: the old one stays */
    ck_assert(flow.nxt == 1 && flow.established);
}
END_TEST

#define STAMPED "0.00 < S 0 win 64000 mss 1000 ts 100/0", "0.00 > S. 0 ack 1 win 1000 mss 1000 ts 7/100", "0.10 < . 1 ack 1 win 64000 ts 110/7"

START_TEST(older_timestamps_are_dropped)
{
    ck_assert_int_eq(what_of(LINES(STAMPED, "0.20 < . 1:11 ack 1 win 64000 ts 110/7")), ARRIVED_SEGMENT);
    ck_assert_int_eq(what_of(LINES(STAMPED, "0.20 < . 1:11 ack 1 win 64000 ts 109/7")), ARRIVED_SEGMENT); /* one tick is let pass */
    ck_assert_int_eq(what_of(LINES(STAMPED, "0.20 < . 1:11 ack 1 win 64000 ts 108/7")), ARRIVED_PAWS);
    ck_assert_int_eq(flow.rcv_nxt, 1);
    ck_assert_int_eq(what_of(LINES(STAMPED, "0.20 < R 1 win 0 ts 1/7")), ARRIVED_RESET); /* never of a RST (RFC 7323 5.2) */
    ck_assert_int_eq(what_of(LINES(STAMPED, "0.20 < . 1:11 ack 1 win 64000")), ARRIVED_SEGMENT); /* nothing to compare */
    ck_assert_int_eq(what_of(LINES(OPEN, "0.20 < . 1:11 ack 1 win 64000 ts 5/7", "0.20 < . 11:21 ack 1 win 64000 ts 1/7")), ARRIVED_SEGMENT); /* not agreed */
}
END_TEST

START_TEST(ts_recent_is_of_segments_that_reach_the_last_ack)
{
    /* RFC 7323 4.3: above the last ACK sent, a timestamp is not taken over */
    show(LINES(STAMPED, "0.20 < . 11:21 ack 1 win 64000 ts 200/7"));
    ck_assert_uint_eq(flow.ts_recent, 110);
    show(LINES(STAMPED, "0.20 < . 1:11 ack 1 win 64000 ts 200/7"));
    ck_assert_uint_eq(flow.ts_recent, 200);
}
END_TEST

START_TEST(a_capture_that_begins_in_the_middle)
{
    show(LINES("0.00 > . 500:600 ack 900 win 1000", "0.10 < . 900:910 ack 600 win 500"));
    ck_assert(flow.midstream && flow.established && flow.nxt == 101 && flow.una == 101 && flow.rcv_nxt == 11);
}
END_TEST

START_TEST(mss_less_the_options)
{
    show(LINES("0.00 > S 0 win 64000 mss 900", "0.10 < S. 0 ack 1 win 64000 mss 1000"));
    ck_assert_int_eq(flow_receive_mss(&flow), 900);
    show(LINES("0.00 > S 0 win 64000 mss 900 ts 1/0", "0.10 < S. 0 ack 1 win 64000 mss 1000 ts 1/1"));
    ck_assert_int_eq(flow_receive_mss(&flow), 888);
    show(LINES("0.00 > S 0 win 64000", "0.10 < S. 0 ack 1 win 64000 mss 1000"));
    ck_assert_int_eq(flow_receive_mss(&flow), 536);
}
END_TEST

START_TEST(sent_ranges_and_their_copies)
{
    show(LINES(OPEN, "0.20 > . 1:101 ack 1 win 100", "0.30 > . 51:151 ack 1 win 100", "0.40 > F. 151 ack 1 win 100"));
    ck_assert_int_eq(flow.nxt, 152);
    ck_assert(flow.fin_sent && flow.fin_at == 151);
    ck_assert_uint_eq(flow.pieces.count, 4);
    static const struct { int64_t from, to; uint32_t copies; enum piece_kind kind; } expected[] = {{1, 51, 1, PIECE_DATA}, {51, 101, 2, PIECE_DATA}, {101, 151, 1, PIECE_DATA},
        {151, 152, 1, PIECE_FIN}};
    for (uint32_t i = 0; i < 4; i++) {
        const struct piece *piece = pieces_at(&flow.pieces, i);
        ck_assert(piece->from == expected[i].from && piece->to == expected[i].to && piece->copies == expected[i].copies && piece->kind == expected[i].kind);
    }
    ck_assert(pieces_at(&flow.pieces, 1)->last == 300 * LK_MILLISECOND && pieces_at(&flow.pieces, 1)->first == 200 * LK_MILLISECOND);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {the_four_cases_of_acceptability, what_the_data_is, nothing_counts_behind_the_fin, without_ack_it_is_dropped,
        an_ack_of_what_was_never_sent_is_dropped_with_its_segment, an_old_segment_may_have_told_something, the_window_follows_the_newest_segment,
        a_window_of_zero_is_closed, in_syn_sent_only_an_ack_of_the_syn_counts, data_on_the_syn_ack_counts, a_simultaneous_open, syn_received,
        a_rst_exactly_at_rcv_nxt, a_new_connection_of_the_same_ports, older_timestamps_are_dropped, ts_recent_is_of_segments_that_reach_the_last_ack,
        a_capture_that_begins_in_the_middle, mss_less_the_options, sent_ranges_and_their_copies};
    return run_tests("rules/flow", tests, sizeof tests / sizeof tests[0]);
}
