/* Silly windows and Nagle (RFC 9293 3.8.6.2, 3.7.4), with segments of 1000 octets. */
#include "stack/tcp/window.h"
#include "stack/tests/support/run.h"

static struct tcp_receive_window receive(uint32_t buffer, uint32_t unread, uint32_t offered)
{
    return (struct tcp_receive_window){.buffer = buffer, .unread = unread, .offered = offered, .mss = 1000, .avoid_silly = true};
}

START_TEST(the_window_moves_by_a_segment_or_not_at_all)
{ /* 3.8.6.2.2 */
    struct tcp_receive_window w = receive(10000, 6000, 3001);
    ck_assert_uint_eq(tcp_window_offer(&w), 3001);
    w.offered = 3000;
    ck_assert_uint_eq(tcp_window_offer(&w), 4000);
    w.offered = 3001;
    w.avoid_silly = false;
    ck_assert_uint_eq(tcp_window_offer(&w), 4000);
}
END_TEST

START_TEST(half_a_small_buffer_is_enough)
{
    struct tcp_receive_window w = receive(1200, 600, 0);
    ck_assert_uint_eq(tcp_window_offer(&w), 600);
    w.unread = 601;
    ck_assert_uint_eq(tcp_window_offer(&w), 0);
}
END_TEST

START_TEST(the_right_edge_never_moves_left)
{ /* SHLD-14 */
    struct tcp_receive_window w = receive(4000, 3000, 2000);
    ck_assert_uint_eq(tcp_window_offer(&w), 2000);
}
END_TEST

START_TEST(the_window_is_what_the_field_can_tell)
{
    struct tcp_receive_window w = receive(1 << 20, 0, 0);
    ck_assert_uint_eq(tcp_window_offer(&w), 65535);
    w.shift = 2;
    ck_assert_uint_eq(tcp_window_offer(&w), 65535 << 2);
}
END_TEST

START_TEST(reading_is_told_when_the_window_doubles)
{
    struct tcp_receive_window w = receive(10000, 0, 6000);
    ck_assert(!tcp_window_update_due(&w));
    w.offered = 5000;
    ck_assert(tcp_window_update_due(&w));
    w = receive(10000, 9000, 0); /* from zero */
    ck_assert(tcp_window_update_due(&w));
    w.unread = 9001;
    ck_assert(!tcp_window_update_due(&w));
}
END_TEST

START_TEST(the_scale_is_the_least_that_covers_the_buffer)
{ /* RFC 7323 2.2 */
    ck_assert_uint_eq(tcp_window_shift(0), 0);
    ck_assert_uint_eq(tcp_window_shift(65535), 0);
    ck_assert_uint_eq(tcp_window_shift(65536), 1);
    ck_assert_uint_eq(tcp_window_shift(1 << 20), 5);
    ck_assert_uint_eq(tcp_window_shift(1 << 30), 14);
}
END_TEST

static struct tcp_send_window sending(uint32_t unsent, uint32_t usable)
{
    return (struct tcp_send_window){.unsent = unsent, .usable = usable, .mss = 1000, .largest = 8000, .idle = true, .nagle = true};
}

START_TEST(a_full_segment_always_goes)
{ /* (1) */
    struct tcp_send_window w = sending(1500, 8000);
    w.idle = false;
    ck_assert_uint_eq(tcp_window_sendable(&w), 1000);
}
END_TEST

START_TEST(nagle_holds_small_data_while_something_is_unacknowledged)
{ /* (2), 3.7.4 */
    struct tcp_send_window w = sending(10, 8000);
    ck_assert_uint_eq(tcp_window_sendable(&w), 10);
    w.usable = 10; /* just enough */
    ck_assert_uint_eq(tcp_window_sendable(&w), 10);
    w.idle = false;
    ck_assert_uint_eq(tcp_window_sendable(&w), 0);
    w.nagle = false;
    ck_assert_uint_eq(tcp_window_sendable(&w), 10);
    w.nagle = true;
    w.last = true; /* FIN follows: waiting gains nothing */
    ck_assert_uint_eq(tcp_window_sendable(&w), 10);
}
END_TEST

START_TEST(a_small_window_is_used_from_half_the_largest_on)
{ /* (3) */
    struct tcp_send_window w = sending(5000, 500);
    w.largest = 1000;
    ck_assert_uint_eq(tcp_window_sendable(&w), 500);
    w.usable = 499;
    ck_assert_uint_eq(tcp_window_sendable(&w), 0);
    w.usable = 0;
    w.largest = 0;
    ck_assert_uint_eq(tcp_window_sendable(&w), 0);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_window_moves_by_a_segment_or_not_at_all, half_a_small_buffer_is_enough, the_right_edge_never_moves_left,
        the_window_is_what_the_field_can_tell, reading_is_told_when_the_window_doubles, the_scale_is_the_least_that_covers_the_buffer,
        a_full_segment_always_goes, nagle_holds_small_data_while_something_is_unacknowledged,
        a_small_window_is_used_from_half_the_largest_on,
    };
    return run_tests("stack/tcp/window", tests, sizeof tests / sizeof tests[0]);
}
