/* What a segment carries and when it leaves: sizes, PSH, Nagle, windows, options, turns, buffers that are too small. */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

static void nodelay(void)
{
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_set(&context, w.s, LK_OPT_NODELAY, 1), 0);
}

START_TEST(segments_are_as_large_as_the_peer_takes)
{ /* RFC 9293 3.7.1, MUST-16 */
    tw_begin(&w, "rfc", NULL);
    w.peer_mss = 700;
    tw_passive(&w);
    tw_send(&w, 1500);
    tw_expect(&w, A, 1, 1, 700);
    ck_assert_uint_eq(w.last.control & P, 0);
    tw_expect(&w, A, 701, 1, 700);
    tw_nothing(&w); /* Nagle keeps the rest */
    tw_in(&w, A, 1, 1401, 0);
    tw_expect(&w, A, 1401, 1, 100);
    ck_assert_uint_eq(w.last.control & P, P); /* MUST-61 */
    tw_end(&w);
}
END_TEST

START_TEST(without_an_mss_option_536_octets_are_taken)
{ /* MUST-15 */
    tw_begin(&w, "rfc", NULL);
    w.peer_mss = 0;
    tw_passive(&w);
    tw_send(&w, 2000);
    tw_expect(&w, A, 1, 1, 536);
    tw_end(&w);
}
END_TEST

START_TEST(options_make_segments_smaller)
{ /* RFC 9293 3.7.1 */
    tw_begin(&w, "rfc", NULL);
    w.peer_timestamps = w.peer_sack = true;
    tw_passive(&w);
    tw_send(&w, 1448);
    tw_expect(&w, A, 1, 1, 1448);
    tw_in(&w, A, 1001, 1449, 10); /* now a SACK block is due: 12 octets of it and padding */
    tw_expect(&w, A, 1449, 1, 0);
    tw_send(&w, 2000);
    tw_expect(&w, A, 1449, 1, 1436);
    tw_end(&w);
}
END_TEST

START_TEST(our_mss_follows_the_interface_and_the_socket)
{ /* RFC 6691 2 */
    struct lk_tcp_context context;
    tw_begin(&w, "rfc", NULL);
    w.mtu = 1400;
    tw_listen(&w);
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    ck_assert_uint_eq(w.last.options.mss, 1360);
    context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_set(&context, w.listener, LK_OPT_MSS, 500), 0);
    w.peer_port++;
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    ck_assert_uint_eq(w.last.options.mss, 500);
    tw_end(&w);
}
END_TEST

START_TEST(a_syn_ack_answers_only_what_the_syn_offered)
{ /* RFC 7323 2.2, 3.2; RFC 2018 2 */
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    ck_assert_uint_eq(w.last.options.present, LK_TCP_HAS(LK_TCP_OPT_MSS));
    w.peer_port++;
    w.peer_timestamps = w.peer_sack = true;
    w.peer_wscale = 7;
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    ck_assert_uint_eq(w.last.options.present, LK_TCP_HAS(LK_TCP_OPT_MSS) | LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS) |
                                                  LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED) | LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE));
    ck_assert_uint_eq(w.last.options.ts_ecr, 5000);
    tw_end(&w);
}
END_TEST

static void mss_last(struct lk_config *c)
{
    static const uint8_t order[LK_TCP_ORDER] = {8, 4, 1, 3, 2};
    for (size_t i = 0; i < sizeof order; i++)
        c->tcp.syn_order[i] = order[i];
}

static void mss_only(struct lk_config *c)
{
    for (size_t i = 0; i < LK_TCP_ORDER; i++)
        c->tcp.syn_order[i] = i == 0 ? 2 : 0;
}

/* Kind of the first option of the SYN that connect() owes. */
static uint8_t first_kind(void (*tune)(struct lk_config *))
{
    uint8_t bytes[2000];
    struct lk_ip_out out = {.iface = LK_ANY, .bytes = bytes, .cap = sizeof bytes};
    tw_begin(&w, "rfc", tune);
    tw_connect(&w);
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_output(&context, &out), 40);
    tw_end(&w);
    return bytes[20];
}

START_TEST(the_options_of_a_syn_stand_in_the_configured_order)
{
    ck_assert_uint_eq(first_kind(NULL), 2);
    ck_assert_uint_eq(first_kind(mss_last), 8);
    ck_assert_uint_eq(first_kind(mss_only), 2); /* leaves options out: an order that has them all is taken */
}
END_TEST

START_TEST(windows_are_scaled_after_the_handshake)
{ /* RFC 7323 2.2, 2.3 */
    tw_begin(&w, "rfc", NULL);
    w.peer_wscale = 7;
    tw_passive(&w);
    struct lk_sock_info info = tw_info(&w);
    ck_assert_uint_eq(info.rcv_wscale, 1); /* the buffer has 65536 octets */
    ck_assert_uint_eq(info.snd_wnd, 65535u << 7);
    w.peer_window = 10;
    tw_in(&w, A, 1, 1, 10);
    ck_assert_uint_eq(tw_info(&w).snd_wnd, 1280);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 11, 0);
    ck_assert_uint_eq(w.last.window, (65535 - 10) >> 1); /* the SYN,ACK could not offer the last octet */
    tw_end(&w);
}
END_TEST

START_TEST(a_scale_above_fourteen_counts_as_fourteen)
{ /* RFC 7323 2.3 */
    tw_begin(&w, "rfc", NULL);
    w.peer_wscale = 200;
    tw_passive(&w);
    ck_assert_uint_eq(tw_info(&w).snd_wscale, 14);
    tw_end(&w);
}
END_TEST

START_TEST(nagle_can_be_switched_off)
{ /* RFC 9293 MUST-17 */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    tw_send(&w, 10);
    tw_nothing(&w);
    nodelay();
    tw_expect(&w, A, 11, 1, 10);
    tw_end(&w);
}
END_TEST

START_TEST(nagle_does_not_hold_the_end_of_the_stream)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    tw_send(&w, 10);
    tw_nothing(&w);
    struct lk_tcp_context context = tw_context(&w);
    lk_tcp_shutdown(&context, w.s, LK_SHUT_WR);
    tw_expect(&w, F | A, 11, 1, 10);
    tw_end(&w);
}
END_TEST

START_TEST(never_more_than_the_offered_window)
{
    tw_begin(&w, "rfc", NULL);
    w.peer_window = 2000;
    w.peer_mss = 1000;
    tw_passive(&w);
    tw_send(&w, 5000);
    tw_expect(&w, A, 1, 1, 1000);
    tw_expect(&w, A, 1001, 1, 1000);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1001, 0);
    tw_expect(&w, A, 2001, 1, 1000);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(never_more_than_the_congestion_window)
{ /* RFC 5681 3.1 */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 20000);
    for (uint32_t i = 0; i < 3; i++)
        tw_expect(&w, A, 1 + i * 1460, 1, 1460);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1461, 0);
    tw_expect(&w, A, 4381, 1, 1460);
    tw_expect(&w, A, 5841, 1, 1460);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(an_idle_connection_starts_slowly_again)
{ /* RFC 5681 4.1 */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    for (uint32_t at = 1; at < 60000; at += 1460) {
        tw_send(&w, 1460);
        while (tw_out(&w)) {
        }
        tw_in(&w, A, 1, at + 1460, 0);
        w.now += LK_MILLISECOND;
    }
    uint32_t before = tw_info(&w).cwnd;
    tw_wait(&w, 10 * LK_SECOND);
    tw_send(&w, 60000);
    ck_assert_uint_le(tw_info(&w).cwnd, 4380);
    ck_assert_uint_ge(before, 4380);
    unsigned burst = 0;
    while (tw_out(&w))
        burst++;
    ck_assert_uint_eq(burst, 3);
    tw_end(&w);
}
END_TEST

START_TEST(a_buffer_too_small_loses_nothing)
{
    uint8_t bytes[2000];
    struct lk_ip_out out = {.iface = LK_ANY, .bytes = bytes, .cap = 100};
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 300);
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_output(&context, &out), LK_E_NOSPACE);
    ck_assert_uint_eq(out.len, 320);
    out.cap = out.len;
    ck_assert_int_eq(lk_tcp_output(&context, &out), 320);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(only_the_interface_asked_for_sends)
{
    uint8_t bytes[2000];
    struct lk_ip_out out = {.iface = 1, .bytes = bytes, .cap = sizeof bytes};
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_send(&w, 300);
    struct lk_tcp_context context = tw_context(&w);
    ck_assert(!lk_tcp_has_output(w.tcp, 1));
    ck_assert_int_eq(lk_tcp_output(&context, &out), 0);
    ck_assert(lk_tcp_has_output(w.tcp, 0));
    out.iface = 0;
    ck_assert_int_eq(lk_tcp_output(&context, &out), 320);
    ck_assert(!lk_tcp_has_output(w.tcp, LK_ANY));
    tw_end(&w);
}
END_TEST

START_TEST(connections_take_turns)
{
    struct lk_tcp_context context;
    lk_socket sockets[3];
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    for (uint16_t i = 0; i < 3; i++) {
        w.peer_port = (uint16_t)(TW_PEER_PORT + i);
        tw_in(&w, S, 0, 0, 0);
        tw_expect(&w, S | A, 0, 1, 0);
        tw_in(&w, A, 1, 1, 0);
        context = tw_context(&w);
        ck_assert_int_eq(lk_tcp_accept(&context, w.listener, &sockets[i], NULL), 0);
    }
    static uint8_t data[4380];
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(lk_tcp_send(&context, sockets[i], data, sizeof data), sizeof data);
    uint16_t ports[9];
    for (int i = 0; i < 9; i++) {
        uint8_t bytes[2000];
        struct lk_ip_out out = {.iface = LK_ANY, .bytes = bytes, .cap = sizeof bytes};
        ck_assert_int_gt(lk_tcp_output(&context, &out), 0);
        ports[i] = (uint16_t)(bytes[2] << 8 | bytes[3]);
    }
    for (int i = 0; i < 9; i++)
        ck_assert_int_eq(ports[i], TW_PEER_PORT + i % 3);
    tw_end(&w);
}
END_TEST

START_TEST(dscp_and_ttl_are_the_sockets_own)
{ /* RFC 9293 MUST-48, MUST-49 */
    uint8_t bytes[2000];
    struct lk_ip_out out = {.iface = LK_ANY, .bytes = bytes, .cap = sizeof bytes};
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    struct lk_tcp_context context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_set(&context, w.s, LK_OPT_DSCP, 46), 0);
    ck_assert_int_eq(lk_tcp_set(&context, w.s, LK_OPT_TTL, 7), 0);
    ck_assert_int_eq(lk_tcp_set(&context, w.s, LK_OPT_TTL, 256), LK_E_INVALID);
    ck_assert_int_eq(lk_tcp_set(&context, w.s, LK_OPT_DSCP, 64), LK_E_INVALID);
    ck_assert_int_eq(lk_tcp_set(&context, w.s, 99, 1), LK_E_NOPROTOOPT);
    tw_send(&w, 1);
    lk_tcp_output(&context, &out);
    ck_assert_uint_eq(out.tos, 46 << 2);
    ck_assert_uint_eq(out.ttl, 7);
    ck_assert_uint_eq(out.df, 1);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        segments_are_as_large_as_the_peer_takes, without_an_mss_option_536_octets_are_taken, options_make_segments_smaller,
        our_mss_follows_the_interface_and_the_socket, a_syn_ack_answers_only_what_the_syn_offered, windows_are_scaled_after_the_handshake,
        the_options_of_a_syn_stand_in_the_configured_order,
        a_scale_above_fourteen_counts_as_fourteen, nagle_can_be_switched_off, nagle_does_not_hold_the_end_of_the_stream,
        never_more_than_the_offered_window, never_more_than_the_congestion_window, an_idle_connection_starts_slowly_again,
        a_buffer_too_small_loses_nothing, only_the_interface_asked_for_sends, connections_take_turns, dscp_and_ttl_are_the_sockets_own,
    };
    return run_tests("stack/tcp/output", tests, sizeof tests / sizeof tests[0]);
}
