/* What made the peer send: the transmission that had arrived last, told by the peer's capture, by the echoed timestamp, by order. */
#include "conformance/replay/tape.h"
#include "conformance/tests/support/craft.h"
#include <check.h>
#include <stdlib.h>

enum { S = LK_TCP_SYN, A = LK_TCP_ACK, P = LK_TCP_PSH, DEVICE = 0x0a090001, PEER = 0x0a090002 };

static struct lk_bump *memory;
static struct lk_trace trace;
static struct lk_tape tape;

static void setup(void)
{
    memory = lk_bump_new(1 << 22);
    lk_trace_init(&trace, memory);
    trace.dut.host.address = lk_addr_from_ip4(DEVICE);
    trace.peer.host.address = lk_addr_from_ip4(PEER);
}

static void teardown(void)
{
    lk_bump_free(memory);
}

static void add(struct lk_capture *capture, unsigned ms, bool out, uint8_t control, uint32_t seq, uint32_t ack, size_t payload, uint32_t ts_val, uint32_t ts_ecr)
{
    const uint8_t options[] = {1, 1, 8, 10, (uint8_t)(ts_val >> 24), (uint8_t)(ts_val >> 16), (uint8_t)(ts_val >> 8), (uint8_t)ts_val,
                               (uint8_t)(ts_ecr >> 24), (uint8_t)(ts_ecr >> 16), (uint8_t)(ts_ecr >> 8), (uint8_t)ts_ecr};
    struct craft craft = {.src = out ? DEVICE : PEER, .dst = out ? PEER : DEVICE, .sport = out ? 40000 : 80, .dport = out ? 80 : 40000, .control = control, .seq = seq, .ack = ack,
                          .window = 1000, .options = options, .options_len = ts_val == 0 ? 0 : sizeof options, .payload = payload};
    craft_add(capture, memory, (lk_time)ms * LK_MILLISECOND, &craft);
}

/* Three segments, of which the first is lost: two ACKs with the same number, each caused by another segment. */
static void record(struct lk_capture *capture, bool at_peer, uint32_t ts)
{
    unsigned there = at_peer ? 10 : 0;
    add(capture, 0 + there, true, S, 1000, 0, 0, ts ? 1 : 0, 0);
    add(capture, 20 - there, false, S | A, 5000, 1001, 0, ts ? 900 : 0, 1);
    add(capture, 20 + there, true, A, 1001, 5001, 0, ts ? 20 : 0, 900);
    if (!at_peer)
        add(capture, 21, true, P | A, 1001, 5001, 100, ts ? 21 : 0, 900);
    add(capture, 22 + there, true, P | A, 1101, 5001, 100, ts ? 22 : 0, 900);
    add(capture, 24 + there, true, P | A, 1201, 5001, 100, ts ? 24 : 0, 900);
    if (at_peer) { /* the first ACK leaves before the third segment arrives, whatever the order at the device */
        capture->frames[3].at = 32 * LK_MILLISECOND;
        struct lk_captured last = capture->frames[4];
        capture->count--;
        add(capture, 33, false, A, 5001, 1001, 0, ts ? 901 : 0, 20);
        capture->frames[capture->count++] = last;
        add(capture, 35, false, A, 5001, 1001, 0, ts ? 902 : 0, 20);
    } else {
        add(capture, 43, false, A, 5001, 1001, 0, ts ? 901 : 0, 20);
        add(capture, 45, false, A, 5001, 1001, 0, ts ? 902 : 0, 20);
    }
}

static void load(void)
{
    const char *why;
    ck_assert_int_eq(lk_tape_load(&trace, &trace.capture, memory, &tape, &why), 0);
}

START_TEST(the_peers_capture_tells_two_acks_with_the_same_number_apart)
{
    record(&trace.capture, false, 1);
    record(&trace.peer_capture, true, 1);
    load();
    ck_assert_uint_eq(tape.frames[6].cause, 4); /* 1101:1201 had arrived, 1201:1301 had not */
    ck_assert_uint_eq(tape.frames[7].cause, 5);
}
END_TEST

START_TEST(without_it_the_echoed_timestamp_decides)
{
    record(&trace.capture, false, 1);
    load();
    ck_assert_uint_eq(tape.frames[6].cause, 2); /* TSval 20: the last segment in order (RFC 7323 4.3) */
}
END_TEST

START_TEST(without_timestamps_it_is_the_last_one_before)
{
    record(&trace.capture, false, 0);
    load();
    ck_assert_uint_eq(tape.frames[6].cause, 5);
}
END_TEST

START_TEST(copies_of_a_range_are_counted)
{
    add(&trace.capture, 0, true, S, 1000, 0, 0, 0, 0);
    add(&trace.capture, 1000, true, S, 1000, 0, 0, 0, 0);
    add(&trace.capture, 3000, true, S, 1000, 0, 0, 0, 0);
    load();
    ck_assert_uint_eq(tape.frames[0].copy, 0);
    ck_assert_uint_eq(tape.frames[2].copy, 2);
    ck_assert_uint_eq(tape.conns.count, 1);
}
END_TEST

START_TEST(an_injection_is_caused_by_the_frame_it_names)
{
    static struct lk_inject inject = {.after = 3, .frame = 7};
    record(&trace.capture, false, 1);
    trace.injects = &inject;
    trace.inject_count = 1;
    load();
    ck_assert(tape.frames[6].outside);
    ck_assert_uint_eq(tape.frames[6].cause, 2);
}
END_TEST

START_TEST(the_stream_of_the_device_is_read_off_its_segments)
{
    record(&trace.capture, false, 1);
    load();
    ck_assert_uint_eq(tape.streams[LK_OUT][0].len, 300);
    ck_assert_uint_eq(lk_ranges_total(&tape.streams[LK_OUT][0].known), 300);
    ck_assert(!tape.streams[LK_OUT][0].fin);
}
END_TEST

START_TEST(times_that_no_sum_can_bear_are_refused)
{
    const char *why;
    record(&trace.capture, false, 1);
    trace.capture.frames[7].at = LK_NEVER - 1;
    ck_assert_int_lt(lk_tape_load(&trace, &trace.capture, memory, &tape, &why), 0);
    ck_assert_ptr_nonnull(why);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cause");
    TCase *tcase = tcase_create("cause");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_peers_capture_tells_two_acks_with_the_same_number_apart);
    tcase_add_test(tcase, without_it_the_echoed_timestamp_decides);
    tcase_add_test(tcase, without_timestamps_it_is_the_last_one_before);
    tcase_add_test(tcase, copies_of_a_range_are_counted);
    tcase_add_test(tcase, an_injection_is_caused_by_the_frame_it_names);
    tcase_add_test(tcase, the_stream_of_the_device_is_read_off_its_segments);
    tcase_add_test(tcase, times_that_no_sum_can_bear_are_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
