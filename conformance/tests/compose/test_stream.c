/* Two ends of a connection held against each other: every octet arrives, both see the other's FIN or RST. */
#include "conformance/compose/stream.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct lk_bump *bump;
static struct lk_tcp_end a, b;

static void setup(void)
{
    bump = lk_bump_new(1u << 25);
    a = (struct lk_tcp_end){.memory = bump, .address = 0x0a000001, .peer = 0x0a000002, .port = 4000, .peer_port = 80, .mac = {2, 0, 0, 0, 0, 1}, .peer_mac = {2, 0, 0, 0, 0, 2}};
    b = (struct lk_tcp_end){.memory = bump, .address = 0x0a000002, .peer = 0x0a000001, .port = 80, .mac = {2, 0, 0, 0, 0, 2}};
    lk_end_listen(&b, 0xfffffff0); /* the numbers wrap */
    lk_end_connect(&a, 7);
}

static void teardown(void)
{
    lk_bump_free(bump);
}

/* Until neither has anything to send. How many frames it took. */
static unsigned run(void)
{
    uint8_t frame[LK_END_FRAME];
    unsigned count = 0;
    for (bool more = true; more && count < 100000;) {
        size_t len;
        more = false;
        for (; (len = lk_end_next(&a, frame)) > 0; more = true, count++)
            ck_assert(lk_end_take(&b, frame, len));
        for (; (len = lk_end_next(&b, frame)) > 0; more = true, count++)
            ck_assert(lk_end_take(&a, frame, len));
    }
    return count;
}

START_TEST(three_frames_open_it)
{
    ck_assert_uint_eq(run(), 3);
    ck_assert(a.state == LK_END_OPEN && b.state == LK_END_OPEN);
}
END_TEST

START_TEST(streams_arrive_whole_both_ways_and_end)
{
    static uint8_t big[300000];
    for (size_t i = 0; i < sizeof big; i++)
        big[i] = (uint8_t)(i * 7 >> 3);
    run();
    lk_end_write(&a, big, sizeof big); /* more than a window */
    lk_end_write(&b, (const uint8_t *)"hello", 5);
    lk_end_close(&b);
    run();
    ck_assert_uint_eq(b.in_len, sizeof big);
    ck_assert_mem_eq(b.in, big, sizeof big);
    ck_assert(a.in_len == 5 && memcmp(a.in, "hello", 5) == 0 && a.fin_received && !b.fin_received);
    lk_end_close(&a);
    run();
    ck_assert(b.fin_received && !a.was_reset && !b.was_reset);
}
END_TEST

START_TEST(a_reset_is_seen_and_nothing_follows)
{
    run();
    lk_end_reset(&a);
    ck_assert_uint_eq(run(), 1);
    ck_assert(b.was_reset);
    lk_end_write(&b, (const uint8_t *)"late", 4);
    ck_assert_uint_eq(run(), 0);
}
END_TEST

START_TEST(a_damaged_segment_is_not_taken)
{
    uint8_t frame[LK_END_FRAME];
    run();
    lk_end_write(&a, (const uint8_t *)"x", 1);
    size_t len = lk_end_next(&a, frame);
    ck_assert_uint_gt(len, 0);
    frame[len - 1] ^= 1;
    ck_assert(lk_end_take(&b, frame, len)); /* its own, but of no use */
    ck_assert_uint_eq(b.in_len, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("compose/stream");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, three_frames_open_it);
    tcase_add_test(all, streams_arrive_whole_both_ways_and_end);
    tcase_add_test(all, a_reset_is_seen_and_nothing_follows);
    tcase_add_test(all, a_damaged_segment_is_not_taken);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
