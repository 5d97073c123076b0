/* What a segment is called that is captured after its acknowledgement, and which of two SYN,ACKs counts. */
#include "conformance/audit/audit.h"
#include "conformance/tests/support/craft.h"

#include <check.h>
#include <stdio.h>
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

/* One segment between 10.9.0.1:40000 (end 0) and 10.9.0.2:80. */
struct step { unsigned from; uint8_t control; uint32_t seq, ack, payload; };

static struct lk_audit_counts both[2];
static const char *teardown;
static char handshake[16];

static void take_both(void *context, const struct lk_audit_flow *flow, bool evicted)
{
    (void)context;
    ck_assert(!evicted);
    both[0] = flow->end[0].count;
    both[1] = flow->end[1].count;
    teardown = lk_audit_teardown(flow);
    snprintf(handshake, sizeof handshake, "%s", lk_audit_handshake(flow));
}

static void play(const struct step *steps, size_t count)
{
    struct lk_audit *a = lk_audit_new(&(struct lk_audit_config){.memory = 1u << 20}, &(struct lk_audit_sink){.connection = take_both});
    uint8_t frame[1600];
    ck_assert_ptr_nonnull(a);
    for (uint32_t i = 0; i < count; i++) {
        const struct step *s = &steps[i];
        struct craft c = {.sport = 40000, .dport = 80, .control = s->control, .seq = s->seq, .ack = s->ack, .window = 8000, .payload = s->payload};
        if (s->from == 1)
            c = (struct craft){.src = 0x0a090002, .dst = 0x0a090001, .sport = 80, .dport = 40000, .control = s->control, .seq = s->seq, .ack = s->ack, .window = 8000, .payload = s->payload};
        uint32_t len = (uint32_t)craft_frame(&c, frame);
        lk_audit_frame(a, 1, frame, len, len, i + 1, (lk_time)(i + 1) * 10 * LK_MILLISECOND);
    }
    lk_audit_finish(a);
    lk_audit_free(a);
}

START_TEST(a_syn_captured_behind_its_answer_is_not_sent_again)
{
    const struct step steps[] = {
        {1, LK_AUDIT_SYN | LK_AUDIT_ACK, 5000, 1001, 0}, {0, LK_AUDIT_SYN, 1000, 0, 0}, {0, LK_AUDIT_ACK, 1001, 5001, 0}, {0, LK_AUDIT_ACK, 1001, 5001, 100}, {1, LK_AUDIT_ACK, 5001, 1101, 0},
    };
    play(steps, sizeof steps / sizeof *steps);
    ck_assert_str_eq(handshake, "complete");
    ck_assert_uint_eq(both[0].retransmissions, 0);
    ck_assert_uint_eq(both[0].ambiguous, 1);
    ck_assert_uint_eq(both[0].gaps, 0);
}
END_TEST

START_TEST(of_two_syn_acks_with_different_isns_the_last_counts)
{
    const struct step steps[] = {
        {0, LK_AUDIT_SYN, 1000, 0, 0}, {1, LK_AUDIT_SYN | LK_AUDIT_ACK, 5000, 1001, 0}, {0, LK_AUDIT_SYN, 1000, 0, 0}, {1, LK_AUDIT_SYN | LK_AUDIT_ACK, 900000, 1001, 0},
        {0, LK_AUDIT_ACK, 1001, 900001, 0}, {1, LK_AUDIT_ACK, 900001, 1001, 100}, {1, LK_AUDIT_ACK, 900001, 1001, 100}, {0, LK_AUDIT_ACK, 1001, 900101, 0},
        {1, LK_AUDIT_ACK | LK_AUDIT_FIN, 900101, 1001, 0}, {0, LK_AUDIT_ACK | LK_AUDIT_FIN, 1001, 900102, 0}, {1, LK_AUDIT_ACK, 900102, 1002, 0},
    };
    play(steps, sizeof steps / sizeof *steps);
    ck_assert_str_eq(handshake, "complete");
    ck_assert_str_eq(teardown, "fin");
    ck_assert_uint_eq(both[1].retransmissions, 1); /* the hundred bytes, and no SYN,ACK */
    ck_assert_uint_eq(both[1].gaps, 0);
    ck_assert_uint_eq(both[0].retransmissions, 1); /* the SYN */
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("track");
    TCase *tests = tcase_create("track");
    tcase_add_test(tests, behind_its_acknowledgement_nobody_can_tell);
    tcase_add_test(tests, with_an_earlier_time_it_was_only_captured_late);
    tcase_add_test(tests, a_syn_captured_behind_its_answer_is_not_sent_again);
    tcase_add_test(tests, of_two_syn_acks_with_different_isns_the_last_counts);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
