#include "stack/tests/support/host.h"

START_TEST(time_that_goes_backwards_is_clamped)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 9);
    tick_to(h, 10 * S);
    h->now = 2 * S;
    send_udp_to(h, s, "x", PEER_IP, 9); /* asked for at 10 s, whatever the caller says */
    ck_assert_int_eq(lk_stack_deadline(h->stack), 10 * S);
    pulls_arp_request(h, PEER_IP);
    ck_assert_int_eq(lk_stack_deadline(h->stack), 11 * S);
    host_free(h);
}
END_TEST

START_TEST(what_can_be_pulled_makes_the_deadline_now)
{
    struct host *h = host_near();
    ck_assert(lk_stack_deadline(h->stack) == LK_NEVER);
    h->now = 5 * S;
    give_echo(h, from_peer, "x");
    ck_assert_int_eq(lk_stack_deadline(h->stack), 5 * S);
    pull(h);
    ck_assert(lk_stack_deadline(h->stack) == LK_NEVER);
    host_free(h);
}
END_TEST

START_TEST(a_late_caller_sees_each_timer_at_its_own_time)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 9);
    send_udp_to(h, s, "x", PEER_IP, 9);
    tick_to(h, 1000 * S); /* the second and third request and the giving up, all at once */
    for (int i = 0; i < 3; i++)
        pulls_arp_request(h, PEER_IP);
    nothing_more(h);
    ck_assert_int_eq(lk_sock_error(h->stack, s), LK_E_HOSTUNREACH);
    ck_assert(lk_stack_deadline(h->stack) == LK_NEVER);
    host_free(h);
}
END_TEST

START_TEST(any_epoch_will_do)
{
    static const lk_time epochs[] = {INT64_MIN, -5 * S, 0, INT64_MAX - 10 * S};
    static const uint8_t seed[32];
    for (size_t i = 0; i < 4; i++) {
        struct host *h = host_new();
        ck_assert_int_eq(lk_stack_init(h->arena, h->size, &h->config, epochs[i], seed), 0);
        h->now = epochs[i];
        lk_addr_add(h->stack, 0, ip4(US_IP), 24, LK_ADDR_PREFERRED, h->now);
        lk_socket s = udp_on(h, 9);
        send_udp_to(h, s, "x", PEER_IP, 9);
        pulls_arp_request(h, PEER_IP);
        ck_assert_int_eq(lk_stack_deadline(h->stack), epochs[i] + S);
        tick_to(h, epochs[i] + S);
        pulls_arp_request(h, PEER_IP);
        host_free(h);
    }
}
END_TEST

START_TEST(socket_calls_fire_what_is_due_first)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 9);
    struct lk_endpoint peer = at(PEER_IP, 9);
    lk_sock_connect(h->stack, s, &peer, 0);
    lk_sock_send(h->stack, s, "x", 1, 0);
    h->now = 3 * S;
    ck_assert_int_eq(lk_sock_send(h->stack, s, "y", 1, h->now), LK_E_HOSTUNREACH); /* it timed out just now */
    host_free(h);
}
END_TEST

SUITE("time", time_that_goes_backwards_is_clamped, what_can_be_pulled_makes_the_deadline_now, a_late_caller_sees_each_timer_at_its_own_time,
      any_epoch_will_do, socket_calls_fire_what_is_due_first)
