/* Combinations that connections share: one record for each distinct one, gone with its last user, bounded. */
#include "stack/base/error.h"
#include "stack/tcp/tcb.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

static int set(lk_socket s, int option, int64_t value)
{
    struct lk_tcp_context c = tw_context(&w);
    return lk_tcp_set(&c, s, option, value);
}

START_TEST(sockets_with_the_same_values_share_a_record)
{
    struct lk_tcp_context c;
    lk_socket s[4];
    tw_begin(&w, "rfc", NULL);
    c = tw_context(&w);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(lk_tcp_open(&c, &s[i]), 0);
    ck_assert_uint_eq(w.tcp->commons.in_use, 1); /* the defaults */
    for (int i = 0; i < 3; i++)
        ck_assert_int_eq(set(s[i], LK_OPT_TTL, 9), 0);
    ck_assert_uint_eq(w.tcp->commons.in_use, 2);
    ck_assert_uint_eq(tcp_common(w.tcp, tcb_find(w.tcp, s[3]))->ttl, 0); /* nobody else is changed */
    ck_assert_int_eq(set(s[0], LK_OPT_DSCP, 3), 0);
    ck_assert_uint_eq(tcp_common(w.tcp, tcb_find(w.tcp, s[1]))->tos, 0);
    ck_assert_uint_eq(w.tcp->commons.in_use, 3);
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(lk_tcp_close(&c, s[i]), 0);
    ck_assert_uint_eq(w.tcp->commons.in_use, 1);
    ck_assert(tcp_common_check(w.tcp));
    tw_end(&w);
}
END_TEST

START_TEST(connections_of_one_listener_share_a_record)
{
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    uint32_t before = w.tcp->commons.in_use;
    for (uint16_t i = 0; i < 5; i++) {
        w.peer_port = (uint16_t)(TW_PEER_PORT + i);
        tw_in(&w, S, 0, 0, 0);
    }
    ck_assert_uint_eq(w.tcp->commons.in_use, before + 1);
    tw_end(&w);
}
END_TEST

static void two_records(struct lk_config *c)
{
    c->tcp.commons = 2;
}

START_TEST(without_a_record_nothing_changes)
{
    struct lk_tcp_context c;
    lk_socket s;
    struct lk_endpoint local = {.iface = 0, .port = 0};
    struct lk_endpoint remote = {.iface = LK_ANY, .port = 7};
    struct lk_tcp_route route = {.mtu = 1500};
    tw_begin(&w, "rfc", two_records);
    tw_listen(&w);
    c = tw_context(&w);
    ck_assert_int_eq(set(w.listener, LK_OPT_TTL, 9), 0);
    ck_assert_int_eq(tw_in(&w, S, 0, 0, 0), LK_RX_DROP_FULL); /* its address, interface and MTU would be a third */
    tw_nothing(&w);
    lk_tcp_open(&c, &s);
    ck_assert_int_eq(set(s, LK_OPT_TTL, 10), LK_E_NOBUFS);
    ck_assert_int_eq(set(s, LK_OPT_TTL, 9), 0);
    ck_assert_int_eq(lk_tcp_bind(&c, s, &local), LK_E_NOBUFS);
    remote.address = w.peer;
    route.source = w.us;
    ck_assert_int_eq(lk_tcp_connect(&c, s, &remote, &route), LK_E_NOBUFS);
    struct lk_sock_info info;
    ck_assert_int_eq(lk_tcp_info(w.tcp, s, &info), 0);
    ck_assert_int_eq(info.state, LK_TCP_CLOSED);
    const char *where = NULL;
    ck_assert_int_eq(lk_tcp_check(w.tcp, w.wheel, &where), 0);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {sockets_with_the_same_values_share_a_record, connections_of_one_listener_share_a_record,
                                  without_a_record_nothing_changes};
    return run_tests("stack/tcp/common", tests, sizeof tests / sizeof tests[0]);
}
