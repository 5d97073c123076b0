/* Links: what takes how long, what overtakes what, what a full queue does. */
#include "conformance/net/net.h"
#include "stack/base/error.h"
#include <check.h>
#include <stdlib.h>

#define MS LK_MILLISECOND

static struct lk_bump *memory;
static struct lk_net *net;
static const uint8_t frame[1250] = {1, 2, 3};
static const struct lk_net_fate nothing;

static void setup(void)
{
    memory = lk_bump_new(1 << 24);
    net = lk_net_new(memory);
    ck_assert_ptr_nonnull(net);
}

static void teardown(void)
{
    lk_bump_free(memory);
}

static void connect_ports(uint64_t rate, lk_time delay, uint32_t queue)
{
    ck_assert_int_eq(lk_net_link(net, &(struct lk_net_link){.from = 0, .to = 1, .rate = rate, .delay = delay, .queue = queue}), 0);
}

static lk_time send_at(lk_time now, const struct lk_net_fate *fate, uint64_t tag)
{
    lk_time arrives;
    ck_assert_int_ge(lk_net_send(net, 0, frame, sizeof frame, now, fate, tag, &arrives), 0);
    return arrives;
}

static uint64_t next_tag(lk_time *at)
{
    struct lk_net_frame out;
    ck_assert(lk_net_receive(net, LK_NEVER, &out));
    *at = out.at;
    return out.tag;
}

START_TEST(a_frame_takes_its_length_at_the_rate_and_then_the_delay)
{
    connect_ports(10000000, 20 * MS, 0); /* 1250 bytes at 10 Mbit/s: 1 ms */
    ck_assert_int_eq(send_at(0, &nothing, 1), 21 * MS);
    ck_assert_int_eq(lk_net_next(net), 21 * MS);
}
END_TEST

START_TEST(a_frame_waits_for_the_one_before_it)
{
    connect_ports(10000000, 20 * MS, 0);
    send_at(0, &nothing, 1);
    ck_assert_int_eq(send_at(0, &nothing, 2), 22 * MS);
    ck_assert_int_eq(send_at(10 * MS, &nothing, 3), 31 * MS); /* the link was idle again */
}
END_TEST

START_TEST(frames_come_out_in_order_of_arrival_then_of_sending)
{
    lk_time at;
    connect_ports(0, 5 * MS, 0);
    send_at(0, &(struct lk_net_fate){.late = 10 * MS}, 1);
    send_at(0, &nothing, 2);
    send_at(0, &nothing, 3);
    ck_assert_uint_eq(next_tag(&at), 2);
    ck_assert_uint_eq(next_tag(&at), 3);
    ck_assert_uint_eq(next_tag(&at), 1);
    ck_assert_int_eq(at, 15 * MS);
}
END_TEST

START_TEST(a_lost_frame_takes_no_room)
{
    connect_ports(10000000, 0, 0);
    ck_assert_int_eq(send_at(0, &(struct lk_net_fate){.lost = true}, 1), LK_NEVER);
    ck_assert_int_eq(send_at(0, &nothing, 2), 1 * MS);
}
END_TEST

START_TEST(a_doubled_frame_arrives_twice_in_a_row)
{
    lk_time at;
    connect_ports(10000000, 0, 0);
    send_at(0, &(struct lk_net_fate){.copies = 1}, 7);
    ck_assert_uint_eq(next_tag(&at), 7);
    ck_assert_int_eq(at, 1 * MS);
    ck_assert_uint_eq(next_tag(&at), 7);
    ck_assert_int_eq(at, 2 * MS);
    ck_assert_int_eq(lk_net_next(net), LK_NEVER);
}
END_TEST

START_TEST(a_damaged_frame_differs_in_one_bit_and_the_senders_bytes_stay)
{
    struct lk_net_frame out;
    connect_ports(0, 0, 0);
    send_at(0, &(struct lk_net_fate){.corrupted = true}, 1);
    ck_assert(lk_net_receive(net, 0, &out));
    ck_assert_uint_eq(out.bytes[sizeof frame - 1], 1);
    ck_assert_uint_eq(frame[sizeof frame - 1], 0);
}
END_TEST

START_TEST(a_full_queue_drops_the_newest)
{
    connect_ports(10000000, 0, 2);
    send_at(0, &nothing, 1);
    send_at(0, &nothing, 2);
    ck_assert_int_eq(send_at(0, &nothing, 3), LK_NEVER);
    ck_assert_int_eq(send_at(1 * MS, &nothing, 4), 3 * MS); /* the first is out */
}
END_TEST

START_TEST(what_cannot_be_is_refused_by_name)
{
    connect_ports(0, 0, 0);
    ck_assert_int_eq(lk_net_link(net, &(struct lk_net_link){.from = 0, .to = 2}), LK_E_EXISTS);
    ck_assert_int_eq(lk_net_link(net, &(struct lk_net_link){.from = 3, .to = 2, .delay = -1}), LK_E_INVALID);
    ck_assert_int_eq(lk_net_send(net, 9, frame, 1, 0, &nothing, 0, NULL), LK_E_NOTFOUND);
}
END_TEST

START_TEST(an_arena_that_is_used_up_is_an_error_not_a_crash)
{
    struct lk_bump *small = lk_bump_new(4096);
    struct lk_net *other = lk_net_new(small);
    int status = lk_net_link(other, &(struct lk_net_link){.from = 0, .to = 1});
    for (int i = 0; i < 100 && status >= 0; i++)
        status = lk_net_send(other, 0, frame, sizeof frame, 0, &nothing, 0, NULL);
    ck_assert_int_eq(status, LK_E_NOMEM);
    lk_bump_free(small);
}
END_TEST

START_TEST(thousands_of_late_frames_come_out_sorted)
{
    lk_time last = 0, at;
    connect_ports(0, 0, 0);
    for (uint64_t i = 0; i < 3000; i++)
        send_at((lk_time)i, &(struct lk_net_fate){.late = (lk_time)(i * 7919 % 5003)}, i);
    for (int i = 0; i < 3000; i++) {
        next_tag(&at);
        ck_assert_int_ge(at, last);
        last = at;
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("net");
    TCase *tcase = tcase_create("net");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_frame_takes_its_length_at_the_rate_and_then_the_delay);
    tcase_add_test(tcase, a_frame_waits_for_the_one_before_it);
    tcase_add_test(tcase, frames_come_out_in_order_of_arrival_then_of_sending);
    tcase_add_test(tcase, a_lost_frame_takes_no_room);
    tcase_add_test(tcase, a_doubled_frame_arrives_twice_in_a_row);
    tcase_add_test(tcase, a_damaged_frame_differs_in_one_bit_and_the_senders_bytes_stay);
    tcase_add_test(tcase, a_full_queue_drops_the_newest);
    tcase_add_test(tcase, what_cannot_be_is_refused_by_name);
    tcase_add_test(tcase, an_arena_that_is_used_up_is_an_error_not_a_crash);
    tcase_add_test(tcase, thousands_of_late_frames_come_out_sorted);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
