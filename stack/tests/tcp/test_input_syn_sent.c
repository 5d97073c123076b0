/* RFC 9293 3.10.7.3, and 3.10.7.1: segments for a SYN-SENT connection and for none at all. */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

static void syn_sent(void)
{
    tw_begin(&w, "rfc", NULL);
    tw_connect(&w);
    tw_expect(&w, S, 0, 0, 0);
}

START_TEST(a_syn_offers_what_is_configured)
{
    syn_sent();
    ck_assert_uint_eq(w.last.options.present, LK_TCP_HAS(LK_TCP_OPT_MSS) | LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS) |
                                                  LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED) | LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE));
    ck_assert_uint_eq(w.last.options.mss, 1460);
    ck_assert_uint_eq(w.last.options.ts_ecr, 0);
    ck_assert_uint_eq(w.last.window, 65535);
    tw_end(&w);
}
END_TEST

START_TEST(a_wrong_ack_is_reset_and_changes_nothing)
{ /* first; RFC 9293 figure 9: recovery from an old duplicate */
    syn_sent();
    ck_assert_int_eq(tw_in(&w, A, 500, 300, 0), LK_RX_RESET_SENT);
    tw_expect(&w, R, 300, 0, 0);
    ck_assert_int_eq(tw_in(&w, S | A, 0, 0, 0), LK_RX_RESET_SENT);
    tw_expect(&w, R, 0, 0, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_SYN_SENT);
    tw_end(&w);
}
END_TEST

START_TEST(a_reset_that_acknowledges_the_syn_refuses)
{ /* second */
    syn_sent();
    ck_assert_int_eq(tw_in(&w, R | A, 0, 1, 0), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    ck_assert_int_eq(lk_tcp_error(w.tcp, w.s), LK_E_CONNREFUSED);
    ck_assert_int_eq(tw_send(&w, 1), LK_E_CONNREFUSED);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(any_other_reset_is_nothing)
{
    syn_sent();
    ck_assert_int_eq(tw_in(&w, R, 0, 0, 0), LK_RX_DROP_TCP_RST);
    ck_assert_int_eq(tw_in(&w, R | A, 0, 2, 0), LK_RX_DROP_TCP_RST);
    ck_assert_int_eq(tw_state(&w), LK_TCP_SYN_SENT);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(an_ack_without_syn_is_nothing)
{ /* fifth */
    syn_sent();
    ck_assert_int_eq(tw_in(&w, A, 0, 1, 0), LK_RX_DROP_TCP_STATE);
    ck_assert_int_eq(tw_state(&w), LK_TCP_SYN_SENT);
    tw_end(&w);
}
END_TEST

START_TEST(what_was_queued_follows_the_handshake)
{
    tw_begin(&w, "rfc", NULL);
    tw_connect(&w);
    tw_expect(&w, S, 0, 0, 0);
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_send(&context, w.s, "abc", 3), 3);
    tw_nothing(&w);
    tw_in(&w, S | A, 0, 1, 0);
    tw_expect(&w, A, 1, 1, 3);
    ck_assert_uint_eq(w.last.payload[2], 'c');
    tw_end(&w);
}
END_TEST

START_TEST(data_and_fin_on_a_syn_ack_are_taken)
{ /* fourth: "continue processing at the sixth step" */
    syn_sent();
    ck_assert_int_eq(tw_in(&w, S | A | F, 0, 1, 20), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSE_WAIT);
    tw_expect(&w, A, 1, 22, 0);
    ck_assert_int_eq(tw_recv(&w, 100), 20);
    ck_assert_int_eq(tw_recv(&w, 100), 0);
    tw_end(&w);
}
END_TEST

START_TEST(the_handshake_is_a_round_trip_measurement)
{ /* RFC 6298 3 */
    syn_sent();
    tw_wait(&w, 300 * LK_MILLISECOND);
    tw_in(&w, S | A, 0, 1, 0);
    ck_assert_int_eq(tw_info(&w).srtt, 300 * LK_MILLISECOND);
    tw_end(&w);
}
END_TEST

START_TEST(a_lost_syn_means_one_segment_and_three_seconds)
{ /* RFC 5681 3.1, RFC 6298 5.7 */
    syn_sent();
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, S, 0, 0, 0);
    tw_in(&w, S | A, 0, 1, 0);
    ck_assert_uint_eq(tw_info(&w).cwnd, 1460);
    ck_assert_int_eq(tw_info(&w).rto, 3 * LK_SECOND);
    tw_end(&w);
}
END_TEST

START_TEST(closing_in_syn_sent_ends_silently)
{
    syn_sent();
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_close(&context, w.s), 0);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_in(&w, S | A, 0, 1, 0);
    tw_expect(&w, R, 1, 0, 0);
    tw_end(&w);
}
END_TEST

START_TEST(no_connection_an_ack_is_reset_from_its_own_number)
{ /* 3.10.7.1 */
    tw_begin(&w, "rfc", NULL);
    w.isn = 7000;
    ck_assert_int_eq(tw_in(&w, A, 5, 100, 20), LK_RX_RESET_SENT);
    tw_expect(&w, R, 100, 0, 0);
    tw_end(&w);
}
END_TEST

START_TEST(no_connection_anything_else_is_reset_and_acknowledged)
{ /* 3.10.7.1: SEQ 0, ACK SEG.SEQ + SEG.LEN */
    tw_begin(&w, "rfc", NULL);
    w.isn = 0;
    ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), LK_RX_RESET_SENT);
    tw_expect(&w, R | A, 0, 1, 0);
    ck_assert_int_eq(tw_in(&w, F, 5, 0, 20), LK_RX_RESET_SENT);
    tw_expect(&w, R | A, 0, 26, 0);
    ck_assert_int_eq(tw_in(&w, R, 5, 0, 0), LK_RX_DROP_TCP_RST);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

static void two_resets(struct lk_config *c)
{
    c->tcp.resets = 2;
}

START_TEST(too_many_resets_are_dropped_and_counted)
{
    struct lk_tcp_counters counters;
    tw_begin(&w, "rfc", two_resets);
    for (int i = 0; i < 5; i++)
        tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, R | A, -w.isn, 1, 0);
    tw_expect(&w, R | A, -w.isn, 1, 0);
    tw_nothing(&w);
    lk_tcp_counters(w.tcp, &counters);
    ck_assert_uint_eq(counters.resets_dropped, 3);
    tw_end(&w);
}
END_TEST

START_TEST(malformed_segments_are_named)
{
    static const uint8_t zero_length[] = {2, 0, 1, 1}, overrun[] = {8, 10, 0, 0};
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    ck_assert_int_eq(tw_in_raw(&w, A, 1, 1, zero_length, 4, NULL, 0), LK_RX_DROP_TCP_HEADER); /* MUST-7 */
    ck_assert_int_eq(tw_in_raw(&w, A, 1, 1, overrun, 4, NULL, 0), LK_RX_DROP_TCP_HEADER);
    uint8_t bytes[20] = {0};
    struct lk_ip_in in = {.src = w.peer, .dst = w.us, .mtu = 1500, .protocol = 6, .bytes = bytes, .len = 20, .packet = bytes, .packet_len = 20};
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_input(&context, &in), LK_RX_DROP_TCP_HEADER); /* data offset 0 */
    bytes[12] = 0x50;
    bytes[1] = bytes[3] = 1;
    ck_assert_int_eq(lk_tcp_input(&context, &in), LK_RX_DROP_TCP_CHECKSUM); /* MUST-3 */
    in.len = 19;
    ck_assert_int_eq(lk_tcp_input(&context, &in), LK_RX_DROP_TCP_HEADER);
    in.len = 20;
    in.flags = LK_IP_CSUM_VERIFIED | LK_IP_BROADCAST;
    ck_assert_int_eq(lk_tcp_input(&context, &in), LK_RX_DROP_TCP_SYN); /* MUST-57 */
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_syn_offers_what_is_configured, a_wrong_ack_is_reset_and_changes_nothing, a_reset_that_acknowledges_the_syn_refuses,
        any_other_reset_is_nothing, an_ack_without_syn_is_nothing, what_was_queued_follows_the_handshake, data_and_fin_on_a_syn_ack_are_taken,
        the_handshake_is_a_round_trip_measurement, a_lost_syn_means_one_segment_and_three_seconds, closing_in_syn_sent_ends_silently,
        no_connection_an_ack_is_reset_from_its_own_number, no_connection_anything_else_is_reset_and_acknowledged,
        too_many_resets_are_dropped_and_counted, malformed_segments_are_named,
    };
    return run_tests("stack/tcp/input_syn_sent", tests, sizeof tests / sizeof tests[0]);
}
