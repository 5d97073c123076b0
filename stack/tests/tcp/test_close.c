/* Closing, aborting, and what becomes of handles, listeners and tables. */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

static struct lk_tcp_context now(void)
{
    return tw_context(&w);
}

static void established(void)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
}

static int do_close(void)
{
    struct lk_tcp_context c = now();
    return lk_tcp_close(&c, w.s);
}

START_TEST(a_closed_handle_is_gone_at_once)
{
    established();
    lk_socket old = w.s;
    ck_assert_int_eq(do_close(), 0);
    ck_assert_int_eq(do_close(), LK_E_BADF);
    ck_assert_uint_eq(lk_tcp_bits(w.tcp, old), 0);
    ck_assert_int_eq(tw_recv(&w, 1), LK_E_BADF);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_1);
    tw_end(&w);
}
END_TEST

START_TEST(a_handle_of_a_reused_block_is_stale)
{
    struct lk_tcp_context c;
    lk_socket first, second;
    tw_begin(&w, "rfc", NULL);
    c = now();
    ck_assert_int_eq(lk_tcp_open(&c, &first), 0);
    ck_assert_int_eq(lk_tcp_close(&c, first), 0);
    ck_assert_int_eq(lk_tcp_open(&c, &second), 0);
    ck_assert_uint_eq((uint32_t)first, (uint32_t)second);
    ck_assert_uint_ne(first, second);
    ck_assert_int_eq(lk_tcp_close(&c, first), LK_E_BADF);
    ck_assert_int_eq(lk_tcp_close(&c, 0), LK_E_BADF);
    ck_assert_int_eq(lk_tcp_close(&c, UINT64_MAX), LK_E_BADF);
    tw_end(&w);
}
END_TEST

START_TEST(closing_with_unread_data_resets)
{ /* RFC 9293 SHLD-3, RFC 2525 2.17 */
    established();
    tw_in(&w, A, 1, 1, 10);
    ck_assert_int_eq(do_close(), 0);
    tw_expect(&w, R | A, 1, 11, 0);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(linger_zero_resets)
{
    established();
    struct lk_tcp_context c = now();
    ck_assert_int_eq(lk_tcp_set(&c, w.s, LK_OPT_LINGER_0, 1), 0);
    ck_assert_int_eq(do_close(), 0);
    tw_expect(&w, R | A, 1, 1, 0);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_end(&w);
}
END_TEST

START_TEST(abort_resets_and_throws_away_what_was_queued)
{ /* RFC 9293 3.10.5 */
    established();
    tw_send(&w, 5000);
    tw_expect(&w, A, 1, 1, 1460);
    struct lk_tcp_context c = now();
    ck_assert_int_eq(lk_tcp_abort(&c, w.s), 0);
    tw_expect(&w, R | A, 1461, 1, 0);
    tw_nothing(&w);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_end(&w);
}
END_TEST

START_TEST(queued_data_goes_before_the_fin)
{ /* RFC 9293 3.10.4 */
    established();
    tw_send(&w, 6000);
    ck_assert_int_eq(do_close(), 0);
    for (uint32_t i = 0; i < 3; i++)
        tw_expect(&w, A, 1 + i * 1460, 1, 1460);
    tw_nothing(&w);
    tw_in(&w, A, 1, 4381, 0);
    tw_expect(&w, A, 4381, 1, 1460);
    tw_expect(&w, F | A, 5841, 1, 160);
    tw_end(&w);
}
END_TEST

START_TEST(close_in_syn_received_sends_fin_after_the_handshake)
{
    tw_begin(&w, "rfc", NULL);
    tw_connect(&w);
    tw_expect(&w, S, 0, 0, 0);
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    ck_assert_int_eq(do_close(), 0);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_1);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_end(&w);
}
END_TEST

START_TEST(unread_data_outlives_the_connection)
{
    established();
    tw_in(&w, A | F, 1, 1, 10);
    tw_expect(&w, A, 1, 12, 0);
    struct lk_tcp_context c = now();
    lk_tcp_shutdown(&c, w.s, LK_SHUT_WR);
    tw_expect(&w, F | A, 1, 12, 0);
    tw_in(&w, A, 12, 2, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    ck_assert_int_eq(tw_recv(&w, 100), 10);
    ck_assert_int_eq(tw_recv(&w, 100), 0);
    ck_assert_int_eq(do_close(), 0);
    tw_end(&w);
}
END_TEST

START_TEST(closing_a_listener_resets_what_nobody_accepted)
{
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    tw_in(&w, A, 1, 1, 0);
    ck_assert_int_eq(do_close(), 0);
    tw_expect(&w, R | A, 1, 1, 0);
    ck_assert_int_eq(tw_state(&w), -1);
    w.peer_port++;
    ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), LK_RX_RESET_SENT);
    tw_end(&w);
}
END_TEST

START_TEST(the_backlog_bounds_connections_nobody_accepted)
{
    struct lk_tcp_context c;
    lk_socket s;
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    c = now();
    lk_tcp_listen(&c, w.listener, 2);
    for (uint16_t i = 0; i < 3; i++) {
        w.peer_port = (uint16_t)(TW_PEER_PORT + i);
        ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), i < 2 ? LK_RX_ACCEPTED : LK_RX_DROP_FULL);
        if (i < 2) {
            tw_expect(&w, S | A, 0, 1, 0);
            tw_in(&w, A, 1, 1, 0);
        }
    }
    ck_assert_int_eq(lk_tcp_accept(&c, w.listener, &s, NULL), 0);
    ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), LK_RX_ACCEPTED);
    tw_end(&w);
}
END_TEST

static void two_connections(struct lk_config *c)
{
    c->tcp.connections = 2;
    c->tcp.listeners = 0;
}

START_TEST(the_oldest_time_wait_makes_room)
{
    struct lk_tcp_counters counters;
    tw_begin(&w, "rfc", two_connections);
    for (uint16_t i = 0; i < 2; i++) {
        tw_active(&w);
        do_close();
        tw_expect(&w, F | A, 1, 1, 0);
        tw_in(&w, F | A, 1, 2, 0);
        tw_expect(&w, A, 2, 2, 0);
        ck_assert_int_eq(tw_state(&w), LK_TCP_TIME_WAIT);
    }
    tw_active(&w);
    lk_tcp_counters(w.tcp, &counters);
    ck_assert_uint_eq(counters.time_wait_recycled, 1);
    struct lk_tcp_context c = now();
    lk_socket s;
    ck_assert_int_eq(lk_tcp_open(&c, &s), 0); /* takes the other */
    ck_assert_int_eq(lk_tcp_open(&c, &s), LK_E_MFILE);
    tw_end(&w);
}
END_TEST

START_TEST(ports_and_tuples_are_taken_once)
{
    struct lk_tcp_context c;
    lk_socket a, b;
    struct lk_endpoint port = {.iface = LK_ANY, .port = 99}, any = {.iface = LK_ANY};
    struct lk_endpoint remote = {.iface = LK_ANY, .port = 7};
    struct lk_tcp_route route = {.iface = 0, .mtu = 1500};
    tw_begin(&w, "rfc", NULL);
    c = now();
    remote.address = w.peer;
    route.source = w.us;
    lk_tcp_open(&c, &a);
    lk_tcp_open(&c, &b);
    ck_assert_int_eq(lk_tcp_listen(&c, a, 1), LK_E_INVALID); /* not bound */
    ck_assert_int_eq(lk_tcp_bind(&c, a, &port), 0);
    ck_assert_int_eq(lk_tcp_bind(&c, a, &port), LK_E_INVALID);
    ck_assert_int_eq(lk_tcp_bind(&c, b, &port), LK_E_ADDRINUSE);
    ck_assert_int_eq(lk_tcp_connect(&c, a, &remote, &route), 0);
    ck_assert_int_eq(lk_tcp_connect(&c, a, &remote, &route), LK_E_ALREADY);
    ck_assert_int_eq(lk_tcp_listen(&c, a, 1), LK_E_ISCONN);
    ck_assert_int_eq(lk_tcp_bind(&c, b, &port), 0); /* the connected one holds a tuple, not the port */
    ck_assert_int_eq(lk_tcp_connect(&c, b, &remote, &route), LK_E_ADDRINUSE);
    ck_assert_int_eq(lk_tcp_close(&c, b), 0);
    lk_tcp_open(&c, &b);
    ck_assert_int_eq(lk_tcp_bind(&c, b, &any), 0);
    struct lk_sock_info info;
    lk_tcp_info(w.tcp, b, &info);
    ck_assert_uint_ge(info.local.port, 49152); /* RFC 6335 6 */
    ck_assert_int_eq(lk_tcp_listen(&c, b, 0), 0);
    ck_assert_int_eq(lk_tcp_connect(&c, b, &remote, &route), LK_E_OPNOTSUPP);
    ck_assert_int_eq(lk_tcp_accept(&c, b, &a, NULL), LK_E_AGAIN);
    ck_assert_int_eq(lk_tcp_accept(&c, a, &b, NULL), LK_E_INVALID);
    tw_end(&w);
}
END_TEST

static void one_active(struct lk_config *c)
{
    c->tcp.active = 1;
}

START_TEST(buffers_go_back_when_nothing_is_in_them)
{
    struct lk_tcp_context c;
    tw_begin(&w, "rfc", one_active);
    tw_passive(&w);
    lk_socket first = w.s;
    w.peer_port++;
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    tw_in(&w, A, 1, 1, 0);
    c = now();
    lk_socket second;
    ck_assert_int_eq(lk_tcp_accept(&c, w.listener, &second, NULL), 0);
    ck_assert_int_eq(lk_tcp_send(&c, second, "x", 1), 1);
    ck_assert_int_eq(lk_tcp_send(&c, first, "x", 1), LK_E_NOBUFS);
    tw_expect(&w, A, 1, 1, 1);
    tw_in(&w, A, 1, 2, 0);
    ck_assert_int_eq(lk_tcp_send(&c, first, "x", 1), 1);
    tw_end(&w);
}
END_TEST

START_TEST(events_come_once_and_oldest_first)
{
    struct lk_tcp_context c;
    lk_socket s;
    uint32_t bits;
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    c = now();
    ck_assert(!lk_tcp_event(&c, &s, &bits));
    tw_in(&w, S, 0, 0, 0);
    tw_expect(&w, S | A, 0, 1, 0);
    tw_in(&w, A, 1, 1, 5);
    ck_assert(lk_tcp_event(&c, &s, &bits));
    ck_assert(s == w.listener && bits == LK_SOCK_ACCEPTABLE);
    ck_assert(!lk_tcp_event(&c, &s, &bits));
    lk_tcp_accept(&c, w.listener, &w.s, NULL);
    ck_assert(lk_tcp_event(&c, &s, &bits));
    ck_assert(s == w.listener && bits == 0);
    ck_assert(lk_tcp_event(&c, &s, &bits));
    ck_assert(s == w.s && bits == (LK_SOCK_CONNECTED | LK_SOCK_READABLE | LK_SOCK_WRITABLE | LK_SOCK_ALL_ACKED));
    tw_recv(&w, 10);
    ck_assert(lk_tcp_event(&c, &s, &bits) && !(bits & LK_SOCK_READABLE));
    ck_assert(!lk_tcp_event(&c, &s, &bits));
    tw_end(&w);
}
END_TEST

START_TEST(data_can_be_read_and_written_in_place)
{
    struct lk_tcp_context c;
    const uint8_t *view;
    uint8_t *place;
    established();
    c = now();
    tw_in(&w, A, 1, 1, 10);
    ck_assert_int_eq(lk_tcp_peek(&c, w.s, &view), 10);
    ck_assert_uint_eq(view[9], 10);
    ck_assert_int_eq(lk_tcp_consume(&c, w.s, 11), LK_E_INVALID);
    ck_assert_int_eq(lk_tcp_consume(&c, w.s, 4), 0);
    ck_assert_int_eq(tw_recv(&w, 100), 6);
    ck_assert_int_eq(lk_tcp_peek(&c, w.s, &view), LK_E_AGAIN);
    ck_assert_int_eq(lk_tcp_reserve(&c, w.s, &place), 65536);
    place[0] = 'z';
    ck_assert_int_eq(lk_tcp_commit(&c, w.s, 70000), LK_E_INVALID);
    ck_assert_int_eq(lk_tcp_commit(&c, w.s, 1), 0);
    tw_expect(&w, A, 1, 11, 1);
    ck_assert_uint_eq(w.last.payload[0], 'z');
    tw_end(&w);
}
END_TEST

START_TEST(a_place_lent_stays_where_it_is)
{ /* what was sent before is acknowledged between reserve and commit */
    struct lk_tcp_context c;
    uint8_t *place;
    established();
    c = now();
    tw_send(&w, 100);
    tw_expect(&w, A, 1, 1, 100);
    ck_assert_int_eq(lk_tcp_reserve(&c, w.s, &place), 65536 - 100);
    place[0] = 'q';
    tw_in(&w, A, 1, 101, 0);
    tw_nothing(&w);
    ck_assert_int_eq(lk_tcp_commit(&c, w.s, 1), 0);
    tw_expect(&w, A, 101, 1, 1);
    ck_assert_uint_eq(w.last.payload[0], 'q');
    tw_end(&w);
}
END_TEST

static void two_ports(struct lk_config *c)
{
    c->tcp.port_first = 50000;
    c->tcp.port_last = 50001;
}

START_TEST(ephemeral_ports_run_out)
{ /* RFC 6056 3.3.3 */
    struct lk_tcp_context c;
    lk_socket s[3];
    struct lk_endpoint any = {.iface = LK_ANY};
    uint32_t seen = 0;
    tw_begin(&w, "rfc", two_ports);
    c = now();
    for (int i = 0; i < 3; i++) {
        struct lk_sock_info info;
        lk_tcp_open(&c, &s[i]);
        ck_assert_int_eq(lk_tcp_bind(&c, s[i], &any), i < 2 ? 0 : LK_E_ADDRINUSE);
        lk_tcp_info(w.tcp, s[i], &info);
        seen |= i < 2 ? 1u << (info.local.port - 50000) : 0;
    }
    ck_assert_uint_eq(seen, 3);
    struct lk_endpoint remote = {.address = w.peer, .iface = LK_ANY, .port = 7};
    struct lk_tcp_route route = {.source = w.us, .mtu = 1500};
    ck_assert_int_eq(lk_tcp_connect(&c, s[2], &remote, &route), LK_E_ADDRNOTAVAIL);
    tw_end(&w);
}
END_TEST

START_TEST(a_fin_that_waits_for_the_window_is_not_acknowledged)
{
    established();
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    w.peer_window = 0;
    tw_in(&w, A, 1, 11, 0);
    do_close();
    tw_nothing(&w);
    tw_in(&w, A, 1, 11, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_1);
    w.peer_window = 100;
    tw_in(&w, A, 1, 11, 0);
    tw_expect(&w, F | A, 11, 1, 0);
    tw_end(&w);
}
END_TEST

START_TEST(icmp_errors_count_only_for_what_is_in_flight)
{ /* RFC 5927 4.1, 5.2; RFC 9293 SHLD-25, SHLD-26, MUST-55, MUST-56 */
    struct lk_tcp_context c;
    tw_begin(&w, "rfc", NULL);
    tw_connect(&w);
    tw_expect(&w, S, 0, 0, 0);
    c = now();
    uint8_t quote[8] = {(uint8_t)(w.our_port >> 8), (uint8_t)w.our_port, TW_PEER_PORT >> 8, TW_PEER_PORT & 255,
                        (uint8_t)(w.isn >> 24), (uint8_t)(w.isn >> 16), (uint8_t)(w.isn >> 8), (uint8_t)w.isn};
    struct lk_icmp_error e = {.local = w.us, .remote = w.peer, .type = 3, .code = 1, .bytes = quote, .len = 8};
    ck_assert_int_eq(lk_tcp_icmp(&c, &e), LK_RX_ACCEPTED); /* host unreachable: soft */
    ck_assert_int_eq(tw_state(&w), LK_TCP_SYN_SENT);
    ck_assert_uint_eq(lk_tcp_bits(w.tcp, w.s) & LK_SOCK_SOFT_ERROR, LK_SOCK_SOFT_ERROR);
    e.type = 4; /* source quench */
    ck_assert_int_eq(lk_tcp_icmp(&c, &e), LK_RX_DROP_ICMP);
    e.type = 3;
    e.code = 3;
    quote[7]++;
    ck_assert_int_eq(lk_tcp_icmp(&c, &e), LK_RX_DROP_ICMP); /* not in flight */
    quote[7]--;
    e.len = 7;
    ck_assert_int_eq(lk_tcp_icmp(&c, &e), LK_RX_DROP_ICMP);
    e.len = 8;
    ck_assert_int_eq(lk_tcp_icmp(&c, &e), LK_RX_ACCEPTED); /* port unreachable: hard */
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSED);
    ck_assert_int_eq(lk_tcp_error(w.tcp, w.s), LK_E_CONNREFUSED);
    tw_end(&w);
}
END_TEST

START_TEST(a_smaller_path_mtu_resends_in_smaller_pieces)
{ /* RFC 1191 6.5 */
    struct lk_tcp_context c;
    established();
    tw_send(&w, 2920);
    tw_expect(&w, A, 1, 1, 1460);
    tw_expect(&w, A, 1461, 1, 1460);
    uint32_t seq = w.isn + 1;
    uint8_t quote[8] = {0, TW_PORT, TW_PEER_PORT >> 8, TW_PEER_PORT & 255, (uint8_t)(seq >> 24), (uint8_t)(seq >> 16), (uint8_t)(seq >> 8), (uint8_t)seq};
    struct lk_icmp_error e = {.local = w.us, .remote = w.peer, .type = 3, .code = 4, .mtu = 1040, .bytes = quote, .len = 8};
    c = now();
    ck_assert_int_eq(lk_tcp_icmp(&c, &e), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_expect(&w, A, 1, 1, 1000);
    tw_expect(&w, A, 1001, 1, 1000);
    tw_expect(&w, A, 2001, 1, 920);
    tw_nothing(&w);
    e.mtu = 0; /* an old router: the least that is believed */
    lk_tcp_icmp(&c, &e);
    tw_expect(&w, A, 1, 1, 512);
    e.code = 3; /* hard, but synchronized: soft (RFC 5927 5.2) */
    ck_assert_int_eq(lk_tcp_icmp(&c, &e), LK_RX_ACCEPTED);
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_end(&w);
}
END_TEST

START_TEST(initial_numbers_differ_by_tuple_and_grow_with_time)
{ /* RFC 6528 3: 250,000 a second */
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    uint32_t isn[3];
    for (uint16_t i = 0; i < 3; i++) {
        w.peer_port = (uint16_t)(TW_PEER_PORT + (i & 1));
        tw_in(&w, S, 0, 0, 0);
        tw_expect(&w, S | A, 0, 1, 0);
        isn[i] = w.isn;
        tw_in(&w, R, 1, 0, 0);
        w.now += LK_SECOND;
    }
    ck_assert_uint_eq(isn[2] - isn[0], 500000);
    ck_assert_uint_ne(isn[1] - isn[0], 250000);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        a_closed_handle_is_gone_at_once, a_handle_of_a_reused_block_is_stale, closing_with_unread_data_resets, linger_zero_resets,
        abort_resets_and_throws_away_what_was_queued, queued_data_goes_before_the_fin, close_in_syn_received_sends_fin_after_the_handshake,
        unread_data_outlives_the_connection, closing_a_listener_resets_what_nobody_accepted, the_backlog_bounds_connections_nobody_accepted,
        the_oldest_time_wait_makes_room, ports_and_tuples_are_taken_once, buffers_go_back_when_nothing_is_in_them,
        events_come_once_and_oldest_first, data_can_be_read_and_written_in_place, a_place_lent_stays_where_it_is, ephemeral_ports_run_out,
        a_fin_that_waits_for_the_window_is_not_acknowledged, icmp_errors_count_only_for_what_is_in_flight,
        a_smaller_path_mtu_resends_in_smaller_pieces, initial_numbers_differ_by_tuple_and_grow_with_time,
    };
    return run_tests("stack/tcp/close", tests, sizeof tests / sizeof tests[0]);
}
