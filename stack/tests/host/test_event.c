#include "stack/tests/support/host.h"

/* The next event; 0 when there is none. */
static lk_socket next(struct host *h, uint32_t *bits)
{
    struct lk_event_sock e;
    bool any = lk_stack_event(h->stack, &e);
    sound(h);
    if (bits != NULL)
        *bits = e.bits;
    return any ? e.socket : 0;
}

START_TEST(each_change_is_told_once_with_the_full_bits)
{
    struct host *h = host_near();
    uint32_t bits;
    lk_socket s = udp_on(h, 9);
    ck_assert_uint_eq(next(h, &bits), s);
    ck_assert_uint_eq(bits, LK_SOCK_WRITABLE);
    ck_assert_uint_eq(next(h, NULL), 0);
    give_udp(h, from_peer, 1, 9, "x");
    give_udp(h, from_peer, 1, 9, "y");
    ck_assert_uint_eq(next(h, &bits), s);
    ck_assert_uint_eq(bits, LK_SOCK_WRITABLE | LK_SOCK_READABLE);
    ck_assert_uint_eq(next(h, NULL), 0);
    host_free(h);
}
END_TEST

START_TEST(the_oldest_change_comes_first)
{
    struct host *h = host_near();
    lk_socket a = udp_on(h, 1), b = udp_on(h, 2), c = udp_on(h, 3);
    while (next(h, NULL) != 0) {
    }
    give_udp(h, from_peer, 1, 3, "x");
    give_udp(h, from_peer, 1, 1, "x");
    give_udp(h, from_peer, 1, 3, "x");
    give_udp(h, from_peer, 1, 2, "x");
    ck_assert_uint_eq(next(h, NULL), c);
    ck_assert_uint_eq(next(h, NULL), a);
    ck_assert_uint_eq(next(h, NULL), b);
    ck_assert_uint_eq(next(h, NULL), 0);
    host_free(h);
}
END_TEST

START_TEST(a_change_that_was_undone_is_not_told)
{
    struct host *h = host_near();
    char data[4];
    lk_socket s = udp_on(h, 9);
    next(h, NULL);
    give_udp(h, from_peer, 1, 9, "x");
    lk_sock_recv(h->stack, s, data, sizeof data, 0, 0);
    ck_assert_uint_eq(next(h, NULL), 0);
    host_free(h);
}
END_TEST

START_TEST(a_closed_socket_is_not_told)
{
    struct host *h = host_near();
    lk_socket a = udp_on(h, 1), b = udp_on(h, 2), c = udp_on(h, 3);
    lk_sock_close(h->stack, b, 0);
    ck_assert_uint_eq(next(h, NULL), a);
    ck_assert_uint_eq(next(h, NULL), c);
    ck_assert_uint_eq(next(h, NULL), 0);
    host_free(h);
}
END_TEST

SUITE("events", each_change_is_told_once_with_the_full_bits, the_oldest_change_comes_first, a_change_that_was_undone_is_not_told,
      a_closed_socket_is_not_told)
