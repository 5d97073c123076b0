/* What a segment is called that is captured after its acknowledgement. */
#include "conformance/audit/audit.h"
#include "conformance/tests/support/craft.h"

#include <check.h>
#include <stdlib.h>

static void take(void *context, const struct lk_audit_flow *flow, bool evicted)
{
    ck_assert(!evicted);
    *(struct lk_audit_counts *)context = flow->end[0].count;
}

/* Ten segments of 100 bytes whose Identification counts up, each acknowledged; the last one is captured `after` its acknowledgement. */
static struct lk_audit_counts late(lk_time after)
{
    struct lk_audit_counts count = {0};
    struct lk_audit *a = lk_audit_new(&(struct lk_audit_config){.memory = 1u << 20}, &(struct lk_audit_sink){.context = &count, .connection = take});
    uint8_t frame[1600];
    ck_assert_ptr_nonnull(a);
    for (uint32_t i = 0; i < 20; i++) {
        uint32_t k = i / 2;
        bool data = (i % 2 == 0) != (k == 9);
        lk_time at = (lk_time)(k + 1) * 10 * LK_MILLISECOND + (k == 9 && data ? after : data ? 0 : LK_MILLISECOND);
        struct craft c = {.sport = 40000, .dport = 80, .control = LK_AUDIT_ACK, .seq = 1001 + 100 * k, .ack = 5001, .window = 8000, .payload = 100};
        if (!data)
            c = (struct craft){.src = 0x0a090002, .dst = 0x0a090001, .sport = 80, .dport = 40000, .control = LK_AUDIT_ACK, .seq = 5001, .ack = 1101 + 100 * k, .window = 8000};
        uint32_t len = (uint32_t)craft_frame(&c, frame);
        frame[18] = 0x40;
        frame[19] = (uint8_t)(k + 1);
        lk_audit_frame(a, 1, frame, len, len, i + 1, at);
    }
    lk_audit_finish(a);
    lk_audit_free(a);
    return count;
}

START_TEST(behind_its_acknowledgement_nobody_can_tell)
{
    struct lk_audit_counts count = late(2 * LK_MILLISECOND);
    ck_assert_uint_eq(count.packets, 10);
    ck_assert_uint_eq(count.retransmissions, 0);
    ck_assert_uint_eq(count.reordered, 0);
    ck_assert_uint_eq(count.ambiguous, 1);
}
END_TEST

START_TEST(with_an_earlier_time_it_was_only_captured_late)
{
    struct lk_audit_counts count = late(LK_MILLISECOND / 2);
    ck_assert_uint_eq(count.retransmissions, 0);
    ck_assert_uint_eq(count.reordered, 1);
    ck_assert_uint_eq(count.ambiguous, 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("track");
    TCase *tests = tcase_create("track");
    tcase_add_test(tests, behind_its_acknowledgement_nobody_can_tell);
    tcase_add_test(tests, with_an_earlier_time_it_was_only_captured_late);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
