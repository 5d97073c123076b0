/* RFC 9293 3.10.7.4 step by step, RFC 5961's table of blind attacks, PAWS, TIME-WAIT. */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

static void established(void)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
}

static uint32_t bits(void)
{
    return lk_tcp_bits(w.tcp, w.s);
}

/* ---- first: sequence number ---------------------------------------------------------------------------------- */

START_TEST(old_data_is_acknowledged_again)
{
    established();
    tw_in(&w, A, 1, 1, 100);
    ck_assert_int_eq(tw_recv(&w, 100), 100);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 101, 0);
    ck_assert_int_eq(tw_in(&w, A, 1, 1, 100), LK_RX_DUPLICATE);
    tw_expect(&w, A, 1, 101, 0);
    ck_assert_int_eq(tw_recv(&w, 100), LK_E_AGAIN);
    tw_end(&w);
}
END_TEST

START_TEST(data_beyond_the_window_is_refused_and_acknowledged)
{
    established();
    ck_assert_int_eq(tw_in(&w, A, 1 + 70000, 1, 10), LK_RX_DROP_TCP_WINDOW);
    tw_expect(&w, A, 1, 1, 0);
    tw_end(&w);
}
END_TEST

START_TEST(partly_old_data_gives_its_new_part)
{
    established();
    tw_in(&w, A, 1, 1, 100);
    ck_assert_int_eq(tw_in(&w, A, 51, 1, 100), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_recv(&w, 1000), 150);
    tw_end(&w);
}
END_TEST

static void small_buffer(struct lk_config *c)
{
    c->tcp.receive_buffer = 1000;
}

START_TEST(data_is_trimmed_to_the_window_and_loses_its_fin)
{
    tw_begin(&w, "rfc", small_buffer);
    tw_passive(&w);
    ck_assert_int_eq(tw_in(&w, A | F, 1, 1, 1200), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_recv(&w, 2000), 1000);
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_end(&w);
}
END_TEST

START_TEST(a_closed_window_still_takes_acks_and_resets)
{ /* MUST-66 */
    tw_begin(&w, "rfc", small_buffer);
    tw_passive(&w);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    tw_in(&w, A, 1, 1, 1000);
    tw_wait(&w, LK_SECOND / 2);
    tw_expect(&w, A, 11, 1001, 0);
    ck_assert_uint_eq(w.last.window, 0);
    tw_in(&w, A, 1001, 11, 5); /* a window probe that acknowledges */
    ck_assert_uint_eq(bits() & LK_SOCK_ALL_ACKED, LK_SOCK_ALL_ACKED);
    tw_expect(&w, A, 11, 1001, 0);
    ck_assert_int_eq(tw_recv(&w, 2000), 1000);
    tw_in(&w, R, 1001, 0, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    tw_end(&w);
}
END_TEST

START_TEST(acks_without_text_outside_the_window_are_answered_ten_times)
{ /* RFC 5961 7: no ACK war */
    established();
    for (int i = 0; i < 30; i++)
        tw_in(&w, A, 1 + 70000, 1, 0);
    for (int i = 0; i < 10; i++)
        tw_expect(&w, A, 1, 1, 0);
    tw_nothing(&w);
    tw_wait(&w, 5 * LK_SECOND);
    tw_in(&w, A, 1 + 70000, 1, 0);
    tw_expect(&w, A, 1, 1, 0);
    tw_end(&w);
}
END_TEST

/* ---- RFC 5961's table ---------------------------------------------------------------------------------------- */

START_TEST(a_reset_at_rcv_nxt_resets)
{ /* RFC 5961 3.2 (2) */
    established();
    ck_assert_int_eq(tw_in(&w, R, 1, 0, 0), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    ck_assert_uint_eq(bits() & (LK_SOCK_ERROR | LK_SOCK_CLOSED), LK_SOCK_ERROR | LK_SOCK_CLOSED);
    ck_assert_int_eq(tw_recv(&w, 10), LK_E_CONNRESET);
    ck_assert_int_eq(tw_recv(&w, 10), 0); /* told once */
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(a_reset_in_the_window_is_challenged)
{ /* RFC 5961 3.2 (3) */
    established();
    ck_assert_int_eq(tw_in(&w, R, 2, 0, 0), LK_RX_CHALLENGE);
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_expect(&w, A, 1, 1, 0);
    tw_end(&w);
}
END_TEST

START_TEST(a_reset_outside_the_window_is_nothing)
{ /* RFC 5961 3.2 (1) */
    established();
    ck_assert_int_eq(tw_in(&w, R, 70000, 0, 0), LK_RX_DROP_TCP_RST);
    ck_assert_int_eq(tw_in(&w, R, 0, 0, 0), LK_RX_DROP_TCP_RST);
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(a_syn_is_challenged_wherever_it_lies)
{ /* RFC 5961 4.2 */
    established();
    ck_assert_int_eq(tw_in(&w, S, 1, 0, 0), LK_RX_CHALLENGE);
    tw_expect(&w, A, 1, 1, 0);
    tw_in(&w, S, 100000, 0, 0);
    tw_expect(&w, A, 1, 1, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_end(&w);
}
END_TEST

START_TEST(an_ack_of_what_was_never_sent_is_challenged)
{ /* RFC 5961 5.2 */
    established();
    ck_assert_int_eq(tw_in(&w, A, 1, 2, 10), LK_RX_DROP_TCP_ACK);
    ck_assert_int_eq(tw_recv(&w, 10), LK_E_AGAIN);
    tw_expect(&w, A, 1, 1, 0);
    tw_end(&w);
}
END_TEST

START_TEST(an_ack_older_than_the_largest_window_is_challenged)
{ /* RFC 5961 5.2 */
    established();
    ck_assert_int_eq(tw_in(&w, A, 1, 1u - 65536u, 10), LK_RX_DROP_TCP_ACK);
    tw_expect(&w, A, 1, 1, 0);
    ck_assert_int_eq(tw_in(&w, A, 1, 1u - 65535u, 10), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_recv(&w, 10), 10);
    tw_end(&w);
}
END_TEST

START_TEST(a_segment_without_ack_is_dropped)
{
    established();
    ck_assert_int_eq(tw_in(&w, 0, 1, 0, 10), LK_RX_DROP_TCP_STATE);
    ck_assert_int_eq(tw_recv(&w, 10), LK_E_AGAIN);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

/* ---- SYN-RECEIVED -------------------------------------------------------------------------------------------- */

static void syn_received(void)
{
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
}

START_TEST(syn_received_a_repeated_syn_gets_its_syn_ack_again)
{
    syn_received();
    ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), LK_RX_DUPLICATE);
    tw_expect(&w, S | A, 0, 1, 0);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(syn_received_a_wrong_ack_is_reset)
{
    syn_received();
    ck_assert_int_eq(tw_in(&w, A, 1, 2, 0), LK_RX_RESET_SENT);
    tw_expect(&w, R, 2, 0, 0);
    tw_end(&w);
}
END_TEST

START_TEST(syn_received_a_reset_returns_to_listen)
{
    syn_received();
    ck_assert_int_eq(tw_in(&w, R, 1, 0, 0), LK_RX_ACCEPTED);
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    tw_end(&w);
}
END_TEST

START_TEST(syn_received_a_new_syn_in_the_window_returns_to_listen)
{ /* fourth: the connection was passive */
    syn_received();
    ck_assert_int_eq(tw_in(&w, S, 5, 0, 0), LK_RX_DROP_TCP_SYN);
    ck_assert_int_eq(tw_in(&w, A, 1, 1, 0), LK_RX_RESET_SENT);
    tw_end(&w);
}
END_TEST

START_TEST(syn_received_data_comes_with_the_third_segment)
{
    syn_received();
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(tw_in(&w, A, 1, 1, 200), LK_RX_ACCEPTED);
    ck_assert_int_eq(lk_tcp_accept(&context, w.listener, &w.s, NULL), 0);
    ck_assert_int_eq(tw_recv(&w, 500), 200);
    tw_end(&w);
}
END_TEST

START_TEST(syn_received_fin_with_the_third_segment_ends_in_close_wait)
{
    syn_received();
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(tw_in(&w, A | F, 1, 1, 20), LK_RX_ACCEPTED);
    ck_assert_int_eq(lk_tcp_accept(&context, w.listener, &w.s, NULL), 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSE_WAIT);
    ck_assert_int_eq(tw_recv(&w, 500), 20);
    ck_assert_int_eq(tw_recv(&w, 500), 0);
    tw_end(&w);
}
END_TEST

/* ---- PAWS, RFC 7323 ------------------------------------------------------------------------------------------ */

static void established_with_timestamps(void)
{
    tw_begin(&w, "rfc", NULL);
    w.peer_timestamps = true;
    tw_passive(&w);
}

START_TEST(paws_refuses_an_older_timestamp)
{ /* 5.3 R1 */
    established_with_timestamps();
    w.peer_ts = 5100;
    tw_in(&w, A, 1, 1, 10);
    w.peer_ts = 5099;
    ck_assert_int_eq(tw_in(&w, A, 11, 1, 10), LK_RX_DROP_TCP_PAWS);
    tw_expect(&w, A, 1, 11, 0);
    ck_assert_uint_eq(w.last.options.ts_ecr, 5100);
    ck_assert_int_eq(tw_recv(&w, 100), 10);
    tw_end(&w);
}
END_TEST

START_TEST(paws_spares_resets)
{ /* 5.2 */
    established_with_timestamps();
    w.peer_ts = 1;
    ck_assert_int_eq(tw_in(&w, R, 1, 0, 0), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    tw_end(&w);
}
END_TEST

START_TEST(paws_forgets_after_twenty_four_days)
{ /* 5.5 */
    established_with_timestamps();
    tw_wait(&w, 25 * 86400 * LK_SECOND);
    w.peer_ts = 10;
    ck_assert_int_eq(tw_in(&w, A, 1, 1, 10), LK_RX_ACCEPTED);
    w.peer_ts = 9;
    ck_assert_int_eq(tw_in(&w, A, 11, 1, 10), LK_RX_DROP_TCP_PAWS);
    tw_end(&w);
}
END_TEST

START_TEST(a_segment_without_timestamp_is_dropped_once_they_are_agreed)
{ /* 3.2 */
    established_with_timestamps();
    w.peer_timestamps = false;
    ck_assert_int_eq(tw_in(&w, A, 1, 1, 10), LK_RX_DROP_TCP_PAWS);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(the_echo_is_of_the_earliest_unacknowledged_segment)
{ /* 4.3, 4.2 (2): delayed ACKs echo the first of them */
    established_with_timestamps();
    w.peer_ts = 6000;
    tw_in(&w, A, 1, 1, 10);
    w.peer_ts = 6007;
    tw_in(&w, A, 11, 1, 10);
    tw_wait(&w, LK_SECOND / 4);
    tw_expect(&w, A, 1, 21, 0);
    ck_assert_uint_eq(w.last.options.ts_ecr, 6000);
    tw_end(&w);
}
END_TEST

START_TEST(what_fills_a_gap_sets_the_echo)
{ /* 4.3, also when a duplicate ACK has taken a delayed one along */
    established_with_timestamps();
    w.peer_ts = 6000;
    tw_in(&w, A, 1, 1, 10);
    tw_nothing(&w);
    w.peer_ts = 6002;
    tw_in(&w, A, 21, 1, 10);
    tw_expect(&w, A, 1, 11, 0);
    ck_assert_uint_eq(w.last.options.ts_ecr, 6000);
    w.peer_ts = 6005;
    tw_in(&w, A, 11, 1, 10);
    tw_expect(&w, A, 1, 31, 0);
    ck_assert_uint_eq(w.last.options.ts_ecr, 6005);
    tw_end(&w);
}
END_TEST

START_TEST(a_segment_behind_a_gap_does_not_set_the_echo)
{ /* 4.3 (3) */
    established_with_timestamps();
    w.peer_ts = 6000;
    tw_in(&w, A, 101, 1, 10);
    tw_expect(&w, A, 1, 1, 0);
    ck_assert_uint_eq(w.last.options.ts_ecr, 5000);
    tw_end(&w);
}
END_TEST

/* ---- urgent -------------------------------------------------------------------------------------------------- */

START_TEST(urgent_data_is_told_and_read_in_line)
{ /* 3.8.2, RFC 6093 */
    established();
    ck_assert_int_eq(tw_in(&w, A | U, 1, 1, 10), LK_RX_ACCEPTED);
    ck_assert_uint_eq(bits() & LK_SOCK_URGENT, LK_SOCK_URGENT);
    ck_assert_uint_eq(tw_info(&w).urgent, 1); /* MUST-33 */
    ck_assert_int_eq(tw_recv(&w, 1), 1);
    ck_assert_uint_eq(bits() & LK_SOCK_URGENT, 0);
    ck_assert_int_eq(tw_recv(&w, 100), 9);
    tw_end(&w);
}
END_TEST

/* ---- TIME-WAIT ----------------------------------------------------------------------------------------------- */

static void time_wait(void)
{
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_close(&context, w.s), 0);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, F | A, 1, 2, 0);
    tw_expect(&w, A, 2, 2, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
}

START_TEST(time_wait_answers_the_fin_again_and_waits_anew)
{
    established();
    time_wait();
    tw_wait(&w, 200 * LK_SECOND);
    ck_assert_int_eq(tw_in(&w, F | A, 1, 2, 0), LK_RX_DUPLICATE);
    tw_expect(&w, A, 2, 2, 0);
    tw_wait(&w, 239 * LK_SECOND);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    tw_wait(&w, LK_SECOND);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_end(&w);
}
END_TEST

START_TEST(time_wait_is_not_ended_by_a_reset)
{ /* RFC 1337 3 */
    established();
    time_wait();
    ck_assert_int_eq(tw_in(&w, R, 2, 0, 0), LK_RX_DROP_TCP_RST);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    tw_end(&w);
}
END_TEST

START_TEST(time_wait_gives_way_to_a_newer_syn)
{ /* RFC 9293 MAY-2 */
    established();
    time_wait();
    uint32_t old = w.isn;
    ck_assert_int_eq(tw_in(&w, S, 1000, 0, 0), LK_RX_ACCEPTED);
    tw_expect(&w, S | A, 0, 1001, 0);
    ck_assert_uint_ge(w.isn - old, 65536); /* above all numbers of the old connection */
    tw_end(&w);
}
END_TEST

START_TEST(time_wait_comes_back_when_the_syn_was_an_old_one)
{ /* RFC 9293 3.6.1 (2) */
    established();
    time_wait();
    uint32_t old = w.isn;
    tw_in(&w, S, 1000, 0, 0);
    tw_expect(&w, S | A, 0, 1001, 0);
    ck_assert_int_eq(tw_in(&w, R, 1001, 0, 0), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    w.isn = old;
    ck_assert_int_eq(tw_in(&w, F | A, 1, 2, 0), LK_RX_DUPLICATE);
    tw_expect(&w, A, 2, 2, 0);
    tw_wait(&w, 240 * LK_SECOND);
    ck_assert_int_eq(tw_state(&w), -1);
    w.peer_port++;
    ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), LK_RX_ACCEPTED); /* the listener is as it was */
    tw_end(&w);
}
END_TEST

START_TEST(time_wait_keeps_out_an_old_syn)
{
    established();
    time_wait();
    ck_assert_int_eq(tw_in(&w, S, 1, 0, 0), LK_RX_CHALLENGE);
    tw_expect(&w, A, 2, 2, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    tw_end(&w);
}
END_TEST

START_TEST(time_wait_judges_a_syn_by_its_timestamp)
{ /* RFC 6191 2 */
    established_with_timestamps();
    time_wait();
    w.peer_ts = 4000;
    ck_assert_int_eq(tw_in(&w, S, 1000, 0, 0), LK_RX_CHALLENGE);
    tw_expect(&w, A, 2, 2, 0);
    w.peer_ts = 5001;
    ck_assert_int_eq(tw_in(&w, S, 1, 0, 0), LK_RX_ACCEPTED); /* lower number, newer clock */
    tw_expect(&w, S | A, 0, 2, 0);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        old_data_is_acknowledged_again, data_beyond_the_window_is_refused_and_acknowledged, partly_old_data_gives_its_new_part,
        data_is_trimmed_to_the_window_and_loses_its_fin, a_closed_window_still_takes_acks_and_resets,
        acks_without_text_outside_the_window_are_answered_ten_times, a_reset_at_rcv_nxt_resets, a_reset_in_the_window_is_challenged,
        a_reset_outside_the_window_is_nothing, a_syn_is_challenged_wherever_it_lies, an_ack_of_what_was_never_sent_is_challenged,
        an_ack_older_than_the_largest_window_is_challenged, a_segment_without_ack_is_dropped,
        syn_received_a_repeated_syn_gets_its_syn_ack_again, syn_received_a_wrong_ack_is_reset, syn_received_a_reset_returns_to_listen,
        syn_received_a_new_syn_in_the_window_returns_to_listen, syn_received_data_comes_with_the_third_segment,
        syn_received_fin_with_the_third_segment_ends_in_close_wait, paws_refuses_an_older_timestamp, paws_spares_resets,
        paws_forgets_after_twenty_four_days, a_segment_without_timestamp_is_dropped_once_they_are_agreed,
        the_echo_is_of_the_earliest_unacknowledged_segment, a_segment_behind_a_gap_does_not_set_the_echo,
        what_fills_a_gap_sets_the_echo,
        urgent_data_is_told_and_read_in_line, time_wait_answers_the_fin_again_and_waits_anew, time_wait_is_not_ended_by_a_reset,
        time_wait_gives_way_to_a_newer_syn, time_wait_comes_back_when_the_syn_was_an_old_one, time_wait_keeps_out_an_old_syn, time_wait_judges_a_syn_by_its_timestamp,
    };
    return run_tests("stack/tcp/input_otherwise", tests, sizeof tests / sizeof tests[0]);
}
