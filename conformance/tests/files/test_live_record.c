/* A capture in the order of time, though frames sent are known before those that arrived earlier. */
#define _GNU_SOURCE
#include "conformance/files/live_record.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct lk_fault fault;
static char path[] = "/tmp/lockstep-record-XXXXXX";
static struct lk_live_record record;

static void begin(void)
{
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    record.to = lk_capture_writer_open(path, LK_CAPTURE_ETHERNET, &fault);
    ck_assert_ptr_nonnull(record.to);
}

static void sent(const char *text, lk_time at)
{
    ck_assert_int_eq(lk_live_record_sent(&record, (const uint8_t *)text, strlen(text), at, &fault), 0);
}

static void arrived(const char *text, lk_time at)
{
    ck_assert_int_eq(lk_live_record_arrived(&record, (const uint8_t *)text, strlen(text), at, &fault), 0);
}

/* Ends the file; its frames as "text@time text@time", times from the first. */
static const char *end(void)
{
    static char text[200];
    struct lk_captured frame;
    ck_assert_int_eq(lk_live_record_until(&record, LK_NEVER, &fault), 0);
    ck_assert_int_eq(lk_capture_writer_close(record.to, &fault), 0);
    lk_live_record_free(&record);
    struct lk_capture_reader *reader = lk_capture_open(path, &fault);
    ck_assert_ptr_nonnull(reader);
    text[0] = 0;
    while (lk_capture_next(reader, &frame, &fault) == 1 && strlen(text) < 150)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.*s@%d", text[0] == 0 ? "" : " ", (int)frame.len, (const char *)frame.bytes, (int)frame.at);
    lk_capture_close(reader);
    remove(path);
    return text;
}

START_TEST(what_arrived_earlier_stands_earlier)
{
    begin();
    sent("a", 100), sent("b", 200), sent("c", 300);
    arrived("x", 150), arrived("y", 250);
    ck_assert_int_eq(lk_live_record_until(&record, 260, &fault), 0);
    sent("d", 400);
    arrived("z", 270);
    ck_assert_str_eq(end(), "a@0 x@50 b@100 y@150 z@170 c@200 d@300");
}
END_TEST

START_TEST(time_never_goes_back)
{
    begin();
    sent("a", 100);
    ck_assert_int_eq(lk_live_record_until(&record, 150, &fault), 0);
    arrived("x", 90);
    ck_assert_str_eq(end(), "a@0 x@0");
}
END_TEST

START_TEST(only_so_much_is_held_back)
{
    char *text = malloc(60001);
    memset(text, 'x', 60000);
    text[60000] = 0;
    begin();
    for (int i = 0; i < 1000; i++) /* 60 MB */
        sent(text, 100 + i);
    ck_assert_uint_le(record.room, (size_t)8 << 20);
    arrived("late", 50);
    ck_assert_int_eq(lk_live_record_until(&record, LK_NEVER, &fault), 0);
    ck_assert_int_eq(lk_capture_writer_close(record.to, &fault), 0);
    lk_live_record_free(&record);
    struct lk_capture_reader *reader = lk_capture_open(path, &fault);
    struct lk_captured frame;
    unsigned count = 0;
    lk_time last = 0;
    while (lk_capture_next(reader, &frame, &fault) == 1) {
        ck_assert(frame.at >= last);
        last = frame.at;
        count++;
    }
    ck_assert_uint_eq(count, 1001);
    lk_capture_close(reader);
    remove(path);
    free(text);
}
END_TEST

START_TEST(nowhere_is_no_work)
{
    sent("a", 100);
    arrived("x", 90);
    ck_assert_ptr_null(record.held);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live_record");
    TCase *tests = tcase_create("live_record");
    tcase_add_test(tests, what_arrived_earlier_stands_earlier);
    tcase_add_test(tests, time_never_goes_back);
    tcase_add_test(tests, only_so_much_is_held_back);
    tcase_add_test(tests, nowhere_is_no_work);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
