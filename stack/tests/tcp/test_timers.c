/* Timers as seen from outside: retransmission, giving up, window probes, keep-alive, the waits of closing, delayed ACKs. */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

static struct lk_tcp_context now(void)
{
    return tw_context(&w);
}

START_TEST(a_syn_is_repeated_at_one_three_and_seven_seconds)
{ /* RFC 6298 2.1, 5.5 */
    tw_begin(&w, "rfc", NULL);
    lk_time start = w.now;
    tw_connect(&w);
    tw_expect(&w, S, 0, 0, 0);
    static const int seconds[] = {1, 3, 7, 15, 31, 63, 123};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++) {
        tw_to(&w, start + seconds[i] * LK_SECOND - 1);
        tw_nothing(&w);
        tw_wait(&w, 1);
        tw_expect(&w, S, 0, 0, 0);
    }
    tw_end(&w);
}
END_TEST

START_TEST(a_syn_is_given_up_after_three_minutes)
{ /* RFC 9293 MUST-23 */
    tw_begin(&w, "rfc", NULL);
    tw_connect(&w);
    tw_expect(&w, S, 0, 0, 0);
    for (int s = 0; s < 180; s++) {
        ck_assert_int_eq(tw_state(&w), LK_TCP_SYN_SENT);
        tw_wait(&w, LK_SECOND);
        tw_out(&w);
    }
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    ck_assert_int_eq(lk_tcp_error(w.tcp, w.s), LK_E_TIMEDOUT);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(linux_counts_six_repeated_syns)
{
    tw_begin(&w, "linux", NULL);
    tw_connect(&w);
    unsigned syns = 0;
    for (int s = 0; s < 300 && tw_state(&w) == LK_TCP_SYN_SENT; s++) {
        while (tw_out(&w))
            syns++;
        tw_wait(&w, LK_SECOND / 2);
    }
    ck_assert_uint_eq(syns, 7);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    tw_end(&w);
}
END_TEST

START_TEST(an_unanswered_syn_ack_is_forgotten)
{
    tw_begin(&w, "linux", NULL);
    tw_listen(&w);
    tw_in(&w, S, 0, 0, 0);
    unsigned answers = 0;
    for (int s = 0; s < 300; s++) {
        while (tw_out(&w))
            answers++;
        tw_wait(&w, LK_SECOND / 2);
    }
    ck_assert_uint_eq(answers, 6);
    tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, R, 1, 0, 0);
    tw_end(&w);
}
END_TEST

START_TEST(data_is_given_up_after_r2)
{ /* RFC 9293 3.8.3, SHLD-11: 100 s */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    unsigned soft = 0, copies = 0;
    for (int s = 0; s < 100; s++) {
        ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
        tw_wait(&w, LK_SECOND);
        copies += tw_out(&w);
        if (soft == 0 && (lk_tcp_bits(w.tcp, w.s) & LK_SOCK_SOFT_ERROR))
            soft = copies;
    }
    ck_assert_uint_eq(soft, 3); /* R1, SHLD-10 */
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    ck_assert_int_eq(tw_recv(&w, 10), LK_E_TIMEDOUT);
    tw_end(&w);
}
END_TEST

START_TEST(closing_does_not_forget_r2)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 1, 10);
    struct lk_tcp_context c = now();
    lk_tcp_close(&c, w.s);
    for (int s = 0; s < 120; s++) {
        tw_wait(&w, LK_SECOND);
        tw_out(&w);
    }
    ck_assert_int_eq(tw_state(&w), -1);
    tw_end(&w);
}
END_TEST

START_TEST(keep_alive_does_not_interfere_with_data_in_flight)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    struct lk_tcp_context c = now();
    lk_tcp_set(&c, w.s, LK_OPT_KEEPALIVE_IDLE, LK_SECOND / 2);
    lk_tcp_set(&c, w.s, LK_OPT_KEEPALIVE, 1);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    tw_wait(&w, LK_SECOND - 1);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(r2_may_be_set_for_a_connection)
{ /* RFC 9293 MUST-21 */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    struct lk_tcp_context c = now();
    ck_assert_int_eq(lk_tcp_set(&c, w.s, LK_OPT_R2, 5 * LK_SECOND), 0);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    tw_wait(&w, 5 * LK_SECOND - 1);
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_wait(&w, 1);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    tw_end(&w);
}
END_TEST

START_TEST(r2_never_means_never)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    struct lk_tcp_context c = now();
    ck_assert_int_eq(lk_tcp_set(&c, w.s, LK_OPT_R2, LK_NEVER), 0);
    tw_send(&w, 10);
    for (int m = 0; m < 600; m++) {
        tw_wait(&w, 60 * LK_SECOND);
        while (tw_out(&w)) {
        }
    }
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_end(&w);
}
END_TEST

/* ---- persist ------------------------------------------------------------------------------------------------- */

static void closed_window(void)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 100);
    tw_expect(&w, A, 1, 1, 100);
    w.peer_window = 0;
    tw_in(&w, A, 1, 101, 0);
    tw_send(&w, 500);
    tw_nothing(&w);
}

START_TEST(a_closed_window_is_probed_with_growing_intervals)
{ /* RFC 9293 3.8.6.1, MUST-36, SHLD-29, SHLD-30 */
    closed_window();
    static const int waits[] = {1, 2, 4, 8, 16, 32, 60, 60};
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        tw_wait(&w, waits[i] * LK_SECOND - 1);
        tw_nothing(&w);
        tw_wait(&w, 1);
        tw_expect(&w, A, 101, 1, 1);
        tw_in(&w, A, 1, 101, 0); /* still closed */
    }
    tw_end(&w);
}
END_TEST

START_TEST(a_closed_window_is_endured_while_probes_are_answered)
{ /* RFC 9293 MUST-37 */
    closed_window();
    for (int m = 0; m < 60; m++) {
        tw_wait(&w, 60 * LK_SECOND);
        while (tw_out(&w)) {
        }
        tw_in(&w, A, 1, 101, 0);
    }
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_end(&w);
}
END_TEST

START_TEST(unanswered_probes_end_the_connection)
{
    closed_window();
    for (int s = 0; s < 200; s++) {
        tw_wait(&w, LK_SECOND);
        while (tw_out(&w)) {
        }
    }
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    tw_end(&w);
}
END_TEST

START_TEST(an_open_window_ends_probing_and_the_probe_goes_again)
{
    closed_window();
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 101, 1, 1);
    w.peer_window = 10000;
    tw_in(&w, A, 1, 101, 0);
    tw_expect(&w, A, 101, 1, 500);
    tw_nothing(&w);
    tw_in(&w, A, 1, 601, 0);
    tw_wait(&w, 100 * LK_SECOND);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(a_probe_that_was_taken_is_not_sent_again)
{
    closed_window();
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 101, 1, 1);
    w.peer_window = 10000;
    tw_in(&w, A, 1, 102, 0);
    tw_expect(&w, A, 102, 1, 499);
    ck_assert_uint_eq(w.last.payload[0], 102);
    tw_end(&w);
}
END_TEST

START_TEST(a_lone_fin_probes_too)
{
    tw_begin(&w, "rfc", NULL);
    w.peer_window = 0;
    tw_passive(&w);
    struct lk_tcp_context c = now();
    lk_tcp_shutdown(&c, w.s, LK_SHUT_WR);
    tw_nothing(&w);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, A, 1, 2, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_2);
    tw_end(&w);
}
END_TEST

START_TEST(a_silly_window_is_used_after_a_while)
{ /* RFC 9293 3.8.6.2.1 (4) */
    closed_window();
    w.peer_window = 200; /* less than half of the 65535 it once offered */
    tw_in(&w, A, 1, 101, 0);
    tw_nothing(&w);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 101, 1, 200);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

/* ---- keep-alive ---------------------------------------------------------------------------------------------- */

START_TEST(keep_alive_is_off_unless_asked_for)
{ /* RFC 9293 MUST-25 */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_wait(&w, 100000 * LK_SECOND);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(keep_alive_probes_after_two_hours_and_gives_up)
{ /* RFC 9293 3.8.4, MUST-28 */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    struct lk_tcp_context c = now();
    ck_assert_int_eq(lk_tcp_set(&c, w.s, LK_OPT_KEEPALIVE, 1), 0);
    tw_wait(&w, 7200 * LK_SECOND - 1);
    tw_nothing(&w);
    tw_wait(&w, 1);
    tw_expect(&w, A, 0, 1, 0); /* SND.NXT - 1 */
    tw_in(&w, A, 1, 1, 0);
    tw_wait(&w, 7200 * LK_SECOND);
    for (int i = 0; i < 9; i++) {
        tw_expect(&w, A, 0, 1, 0);
        tw_wait(&w, 75 * LK_SECOND);
    }
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    tw_expect(&w, R | A, 1, 1, 0);
    ck_assert_int_eq(lk_tcp_error(w.tcp, w.s), LK_E_TIMEDOUT);
    tw_end(&w);
}
END_TEST

START_TEST(keep_alive_can_be_set_per_connection)
{ /* RFC 9293 MUST-27 */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    struct lk_tcp_context c = now();
    lk_tcp_set(&c, w.s, LK_OPT_KEEPALIVE_IDLE, 10 * LK_SECOND);
    lk_tcp_set(&c, w.s, LK_OPT_KEEPALIVE_INTERVAL, 2 * LK_SECOND);
    lk_tcp_set(&c, w.s, LK_OPT_KEEPALIVE_COUNT, 2);
    lk_tcp_set(&c, w.s, LK_OPT_KEEPALIVE, 1);
    tw_wait(&w, 10 * LK_SECOND);
    tw_expect(&w, A, 0, 1, 0);
    tw_wait(&w, 2 * LK_SECOND);
    tw_expect(&w, A, 0, 1, 0);
    tw_wait(&w, 2 * LK_SECOND);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    tw_end(&w);
}
END_TEST

/* ---- closing ------------------------------------------------------------------------------------------------- */

START_TEST(linux_leaves_fin_wait_2_after_a_minute)
{
    tw_begin(&w, "linux", NULL);
    tw_passive(&w);
    struct lk_tcp_context c = now();
    lk_tcp_close(&c, w.s);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, A, 1, 2, 0);
    tw_wait(&w, 60 * LK_SECOND - 1);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_2);
    tw_wait(&w, 1);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_end(&w);
}
END_TEST

START_TEST(a_half_closed_connection_waits_for_ever)
{
    tw_begin(&w, "linux", NULL);
    tw_passive(&w);
    struct lk_tcp_context c = now();
    lk_tcp_shutdown(&c, w.s, LK_SHUT_WR);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, A, 1, 2, 0);
    tw_wait(&w, 100000 * LK_SECOND);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_2);
    tw_end(&w);
}
END_TEST

START_TEST(an_extra_tick_changes_nothing)
{
    struct lk_digest before, after;
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    lk_digest_begin(&before);
    lk_tcp_digest(w.tcp, &before);
    struct lk_tcp_context c = now();
    lk_tcp_timer(&c, TW_NODE_BASE + 1); /* the connection's node, but nothing is due */
    lk_digest_begin(&after);
    lk_tcp_digest(w.tcp, &after);
    ck_assert_uint_eq(before.value, after.value);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_syn_is_repeated_at_one_three_and_seven_seconds, a_syn_is_given_up_after_three_minutes, linux_counts_six_repeated_syns,
        an_unanswered_syn_ack_is_forgotten, data_is_given_up_after_r2, closing_does_not_forget_r2,
        keep_alive_does_not_interfere_with_data_in_flight, r2_may_be_set_for_a_connection, r2_never_means_never,
        a_closed_window_is_probed_with_growing_intervals, a_closed_window_is_endured_while_probes_are_answered,
        unanswered_probes_end_the_connection, an_open_window_ends_probing_and_the_probe_goes_again,
        a_probe_that_was_taken_is_not_sent_again, a_lone_fin_probes_too, a_silly_window_is_used_after_a_while,
        keep_alive_is_off_unless_asked_for, keep_alive_probes_after_two_hours_and_gives_up, keep_alive_can_be_set_per_connection,
        linux_leaves_fin_wait_2_after_a_minute, a_half_closed_connection_waits_for_ever, an_extra_tick_changes_nothing,
    };
    return run_tests("stack/tcp/timers", tests, sizeof tests / sizeof tests[0]);
}
