#include "conformance/timeline/event.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(events_are_numbered_and_zeroed)
{
    struct lk_timeline timeline = {.memory = lk_bump_new(1u << 20)};
    for (uint32_t i = 0; i < 100; i++) {
        struct lk_event *event = lk_timeline_add(&timeline, LK_EVENT_CALL, (lk_time)i / 2);
        ck_assert_ptr_nonnull(event);
        ck_assert_uint_eq(event->number, i);
        ck_assert_int_eq(event->at, (lk_time)i / 2);
        ck_assert_uint_eq(event->kind, LK_EVENT_CALL);
        ck_assert_ptr_null(event->text);
    }
    ck_assert_uint_eq(timeline.count, 100);
    lk_bump_free(timeline.memory);
}
END_TEST

START_TEST(time_never_goes_backwards)
{
    struct lk_timeline timeline = {.memory = lk_bump_new(1u << 20)};
    ck_assert_ptr_nonnull(lk_timeline_add(&timeline, LK_EVENT_END, 5));
    ck_assert_ptr_null(lk_timeline_add(&timeline, LK_EVENT_END, 4));
    ck_assert_ptr_null(lk_timeline_add_frame(&timeline, 4, LK_IN, (const uint8_t *)"", 0, LK_CAPTURE_RAW_IP));
    ck_assert_ptr_nonnull(lk_timeline_add(&timeline, LK_EVENT_END, 5));
    ck_assert_uint_eq(timeline.count, 2);
    lk_bump_free(timeline.memory);
}
END_TEST

START_TEST(a_frame_is_copied)
{
    struct lk_timeline timeline = {.memory = lk_bump_new(1u << 20)};
    uint8_t bytes[60] = {1, 2, 3};
    struct lk_event *event = lk_timeline_add_frame(&timeline, 0, LK_IN, bytes, sizeof bytes, LK_CAPTURE_ETHERNET);
    ck_assert_ptr_nonnull(event);
    bytes[0] = 9;
    ck_assert_uint_eq(event->bytes[0], 1);
    ck_assert_uint_eq(event->len, sizeof bytes);
    ck_assert_uint_eq(event->dir, LK_IN);
    lk_bump_free(timeline.memory);
}
END_TEST

START_TEST(without_memory_nothing_is_added)
{
    struct lk_timeline timeline = {.memory = lk_bump_new(64)};
    ck_assert_ptr_null(lk_timeline_add(&timeline, LK_EVENT_END, 0));
    ck_assert_uint_eq(timeline.count, 0);
    lk_bump_free(timeline.memory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timeline/event");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, events_are_numbered_and_zeroed);
    tcase_add_test(all, time_never_goes_backwards);
    tcase_add_test(all, a_frame_is_copied);
    tcase_add_test(all, without_memory_nothing_is_added);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
