/* RFC 9293 3.10.7 as exchanges: handshakes, data, closing, by the sections and figures of the RFC. */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"
#include <check.h>

static struct tw w;

static int do_close(void)
{
    struct lk_tcp_context context = tw_context(&w);
    return lk_tcp_close(&context, w.s);
}

static int do_shutdown(int how)
{
    struct lk_tcp_context context = tw_context(&w);
    return lk_tcp_shutdown(&context, w.s, how);
}

START_TEST(passive_open_takes_three_segments)
{
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), LK_RX_ACCEPTED);
    tw_expect(&w, S | A, 0, 1, 0);
    ck_assert_uint_eq(lk_tcp_bits(w.tcp, w.listener), 0);
    ck_assert_int_eq(tw_in(&w, A, 1, 1, 0), LK_RX_ACCEPTED);
    ck_assert_uint_eq(lk_tcp_bits(w.tcp, w.listener), LK_SOCK_ACCEPTABLE);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(active_open_takes_three_segments)
{
    tw_begin(&w, "rfc", NULL);
    tw_active(&w);
    ck_assert_uint_eq(lk_tcp_bits(w.tcp, w.s) & LK_SOCK_CONNECTED, LK_SOCK_CONNECTED);
    tw_end(&w);
}
END_TEST

START_TEST(simultaneous_open_ends_established)
{ /* RFC 9293 figure 8 */
    tw_begin(&w, "rfc", NULL);
    tw_connect(&w);
    tw_expect(&w, S, 0, 0, 0);
    ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_SYN_RECEIVED);
    tw_expect(&w, S | A, 0, 1, 0);
    ck_assert_int_eq(tw_in(&w, S | A, 0, 1, 0), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_expect(&w, A, 1, 1, 0);
    tw_end(&w);
}
END_TEST

START_TEST(data_flows_both_ways)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    ck_assert_int_eq(tw_in(&w, A | P, 1, 1, 100), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_recv(&w, 1000), 100);
    ck_assert_int_eq(tw_recv(&w, 1000), LK_E_AGAIN);
    ck_assert_int_eq(tw_send(&w, 50), 50);
    tw_expect(&w, A, 1, 101, 50); /* the ACK rides on the data */
    ck_assert_uint_eq(w.last.payload[49], 50);
    ck_assert_uint_eq(w.last.control & P, P);
    tw_in(&w, A, 101, 51, 0);
    tw_nothing(&w);
    ck_assert_uint_eq(lk_tcp_bits(w.tcp, w.s) & LK_SOCK_ALL_ACKED, LK_SOCK_ALL_ACKED);
    tw_end(&w);
}
END_TEST

START_TEST(active_close_waits_twice_the_msl)
{ /* RFC 9293 figure 12 */
    tw_begin(&w, "rfc", NULL);
    tw_active(&w);
    ck_assert_int_eq(do_close(), 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_1);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, A, 1, 2, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_2);
    tw_in(&w, F | A, 1, 2, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    tw_expect(&w, A, 2, 2, 0);
    tw_wait(&w, 240 * LK_SECOND - 1);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    tw_wait(&w, 1);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_end(&w);
}
END_TEST

START_TEST(passive_close_ends_with_the_last_ack)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_in(&w, F | A, 1, 1, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSE_WAIT);
    tw_expect(&w, A, 1, 2, 0);
    ck_assert_int_eq(tw_recv(&w, 10), 0);
    ck_assert_int_eq(do_close(), 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_LAST_ACK);
    tw_expect(&w, F | A, 1, 2, 0);
    tw_in(&w, A, 2, 2, 0);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_end(&w);
}
END_TEST

START_TEST(simultaneous_close_goes_through_closing)
{ /* RFC 9293 figure 13 */
    tw_begin(&w, "rfc", NULL);
    tw_active(&w);
    do_close();
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, F | A, 1, 1, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSING);
    tw_expect(&w, A, 2, 2, 0);
    tw_in(&w, A, 2, 2, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    tw_end(&w);
}
END_TEST

START_TEST(half_close_still_receives)
{
    tw_begin(&w, "rfc", NULL);
    tw_active(&w);
    ck_assert_int_eq(do_shutdown(LK_SHUT_WR), 0);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, A, 1, 2, 0);
    ck_assert_int_eq(tw_in(&w, A, 1, 2, 300), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_recv(&w, 1000), 300);
    ck_assert_int_eq(tw_send(&w, 1), LK_E_PIPE);
    tw_in(&w, F | A, 301, 2, 0);
    tw_expect(&w, A, 2, 302, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    ck_assert_int_eq(tw_recv(&w, 1000), 0);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        passive_open_takes_three_segments, active_open_takes_three_segments, simultaneous_open_ends_established,
        data_flows_both_ways, active_close_waits_twice_the_msl, passive_close_ends_with_the_last_ack,
        simultaneous_close_goes_through_closing, half_close_still_receives,
    };
    return run_tests("stack/tcp/input", tests, sizeof tests / sizeof tests[0]);
}
