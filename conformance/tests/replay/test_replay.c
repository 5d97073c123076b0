/* The engine on a connection made by hand: what it says of a recording, of each kind of fault in it, and of devices that misbehave. */
#include "conformance/dut/recording.h"
#include "conformance/replay/replay.h"
#include "conformance/tests/support/craft.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

enum { S = LK_TCP_SYN, A = LK_TCP_ACK, P = LK_TCP_PSH, F = LK_TCP_FIN, CLIENT = 0x0a090001, SERVER = 0x0a090002 };

static struct lk_bump *memory;
static struct lk_trace trace;
static struct lk_call calls[3];
static struct lk_proof proof;
static struct lk_verdict verdict;
static struct lk_replay_options options;

/* 1 SYN, 2 SYN,ACK, 3 ACK, 4 100 bytes, 5 ACK, 6 FIN of the peer, 7 FIN,ACK of ours, 8 ACK. */
static void record(struct lk_capture *capture)
{
    static const uint8_t mss[] = {2, 4, 5, 180};
    static const struct { uint8_t out, control; uint32_t seq, ack; size_t payload; unsigned ms; } steps[] = {
        {1, S, 1000, 0, 0, 0}, {0, S | A, 5000, 1001, 0, 10}, {1, A, 1001, 5001, 0, 10}, {1, P | A, 1001, 5001, 100, 10}, {0, A, 5001, 1101, 0, 20},
        {0, F | A, 5001, 1101, 0, 30}, {1, F | A, 1101, 5002, 0, 31}, {0, A, 5002, 1102, 0, 41}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct craft craft = {.src = steps[i].out ? CLIENT : SERVER, .dst = steps[i].out ? SERVER : CLIENT, .sport = steps[i].out ? 40000 : 80, .dport = steps[i].out ? 80 : 40000,
                              .control = steps[i].control, .seq = steps[i].seq, .ack = steps[i].ack, .window = 8000, .options = mss,
                              .options_len = steps[i].control & S ? sizeof mss : 0, .payload = steps[i].payload};
        craft_add(capture, memory, (lk_time)steps[i].ms * LK_MILLISECOND, &craft);
    }
}

static void setup(void)
{
    memory = lk_bump_new(1 << 24);
    lk_trace_init(&trace, memory);
    options = (struct lk_replay_options){0};
    trace.name = "tests/by-hand";
    trace.dut.host.address = lk_addr_from_ip4(CLIENT);
    trace.dut.role = LK_ROLE_CLIENT;
    trace.peer.host.address = lk_addr_from_ip4(SERVER);
    trace.peer.host.port = 80;
    trace.peer.kind = LK_PEER_RECORDED;
    trace.match.mode = LK_MATCH_EXACT;
    calls[0] = (struct lk_call){.when = LK_WHEN_AT, .op = LK_DO_CONNECT, .socket = 1, .within = LK_NEVER, .has_result = true};
    calls[1] = (struct lk_call){.when = LK_WHEN_ESTABLISHED, .op = LK_DO_SEND, .socket = 1, .bytes = 100, .within = LK_NEVER, .has_result = true, .result = 100};
    calls[2] = (struct lk_call){.when = LK_WHEN_PEER_CLOSED, .op = LK_DO_CLOSE, .socket = 1, .within = LK_NEVER};
    trace.calls = calls;
    trace.call_count = 3;
    record(&trace.capture);
}

static void teardown(void)
{
    lk_bump_free(memory);
}

static void replay_with(const struct lk_dut *dut)
{
    lk_replay_run(&trace, dut, &options, &verdict, memory);
}

static void replay_recording(void)
{
    replay_with(lk_dut_recording());
}

static void expect_pass(void)
{
    ck_assert_msg(verdict.kind == LK_PASS, "%s %s: expected %s, came %s", verdict.reason, verdict.difference.rule, verdict.difference.expected, verdict.difference.actual);
}

START_TEST(a_recording_holds_in_open_loop)
{
    options.open_loop = true;
    replay_recording();
    expect_pass();
    ck_assert_uint_eq(verdict.compared.frames, 4);
    ck_assert_uint_eq(verdict.compared.bytes, 100);
}
END_TEST

START_TEST(a_recording_holds_in_closed_loop)
{
    replay_recording();
    expect_pass();
    ck_assert_uint_eq(verdict.compared.frames, 4);
}
END_TEST

static const struct { uint8_t kind; uint32_t frame; const char *field; } alterations[] = {
    {LK_ALTER_DROPPED, 4, "segment"}, {LK_ALTER_DOUBLED, 4, "segment"}, {LK_ALTER_LATE, 4, NULL},      {LK_ALTER_ACK, 3, "ack"},      {LK_ALTER_SEQ, 4, "seq"},
    {LK_ALTER_FLAG, 3, "flags"},      {LK_ALTER_PAYLOAD, 4, "payload"}, {LK_ALTER_OPTION, 1, "options"}, {LK_ALTER_CHECKSUM, 4, "checksum"}, {LK_ALTER_FLAG, 7, NULL},
    {LK_ALTER_DROPPED, 1, "segment"}, {LK_ALTER_DROPPED, 7, "segment"}, {LK_ALTER_RETURN, 1, "call 1, connect"}};

START_TEST(an_altered_recording_fails_at_the_altered_frame)
{
    options.open_loop = true;
    options.alteration = (struct lk_alteration){.kind = alterations[_i].kind, .frame = alterations[_i].frame, .late = 700 * LK_MILLISECOND};
    replay_recording();
    ck_assert_int_eq(verdict.kind, LK_FAIL);
    ck_assert(verdict.difference.present);
    ck_assert_ptr_nonnull(verdict.difference.rule);
    if (alterations[_i].field != NULL && verdict.difference.field != NULL)
        ck_assert_str_eq(verdict.difference.field, alterations[_i].field);
}
END_TEST

START_TEST(a_failure_names_the_requirement_that_the_trace_proves_with_that_check)
{
    proof = (struct lk_proof){"RFC9293-3.5-a", "handshake", 0};
    trace.proves = &proof;
    trace.proof_count = 1;
    options = (struct lk_replay_options){.open_loop = true, .alteration = {.kind = LK_ALTER_ACK, .frame = 3}};
    replay_recording();
    ck_assert_str_eq(verdict.difference.rule, "handshake");
    ck_assert_str_eq(verdict.difference.requirement, "RFC9293-3.5-a");
    ck_assert_str_eq(verdict.difference.expected, "Flags [.], ack 1, win 8000, length 0");
    ck_assert_str_eq(verdict.difference.actual, "Flags [.], ack 2, win 8000, length 0");
}
END_TEST

START_TEST(a_proof_that_nothing_decides_is_an_error)
{
    proof = (struct lk_proof){"RFC6298-5-f", "rto-doubled", 0};
    trace.proves = &proof;
    trace.proof_count = 1;
    replay_recording();
    ck_assert_int_eq(verdict.kind, LK_ERROR);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "never decided"));
}
END_TEST

START_TEST(a_call_that_never_starts_is_an_error)
{
    calls[2].when = LK_WHEN_RECEIVED;
    calls[2].when_bytes = 1;
    replay_recording();
    ck_assert_int_eq(verdict.kind, LK_ERROR);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "never started"));
}
END_TEST

START_TEST(a_required_fate_that_meets_no_frame_is_an_error)
{
    static struct lk_fate fate = {.dir = LK_OUT, .by = LK_FATE_BYTES, .is = LK_FATE_LATE, .from = 5000, .to = 5001, .required = true};
    trace.fates = &fate;
    trace.fate_count = 1;
    replay_recording();
    ck_assert_int_eq(verdict.kind, LK_ERROR);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "required"));
}
END_TEST

START_TEST(an_unexpected_return_fails)
{
    static struct lk_call expects[3];
    memcpy(expects, calls, sizeof expects);
    expects[0].within = 5 * LK_MILLISECOND; /* the handshake takes ten */
    trace.calls = expects;
    replay_recording();
    ck_assert_int_eq(verdict.kind, LK_FAIL);
    ck_assert_str_eq(verdict.difference.rule, "returns");
}
END_TEST

static struct lk_trace played; /* what the device of the next test plays */

static void *create_player(const struct lk_dut_config *config, const uint8_t seed[32], int64_t now)
{
    struct lk_dut_config other = *config;
    other.trace = &played;
    return lk_dut_recording()->create(&other, seed, now);
}

START_TEST(one_of_several_outcomes_must_hold)
{
    static struct lk_outcome outcome;
    struct lk_dut player = *lk_dut_recording();
    player.create = create_player;
    played = trace;
    outcome = (struct lk_outcome){.match = trace.match, .capture = trace.capture};
    trace.capture = (struct lk_capture){0};
    record(&trace.capture);
    lk_alter_bytes(LK_ALTER_PAYLOAD, (uint8_t *)(uintptr_t)trace.capture.frames[3].bytes, trace.capture.frames[3].len);
    replay_with(&player);
    ck_assert_int_eq(verdict.kind, LK_FAIL);
    trace.outcomes = &outcome;
    trace.outcome_count = 1;
    replay_with(&player);
    expect_pass();
}
END_TEST

START_TEST(a_device_that_falls_silent_misses_a_segment)
{
    struct lk_dut player = *lk_dut_recording();
    player.create = create_player;
    played = trace;
    played.capture.count = 3; /* the handshake, and nothing after it: what is not sent causes no answer */
    replay_with(&player);
    ck_assert_int_eq(verdict.kind, LK_FAIL);
    ck_assert_str_eq(verdict.difference.actual, "nothing");
}
END_TEST

START_TEST(a_missing_capability_is_a_skip_with_its_name)
{
    struct lk_dut poor = *lk_dut_recording();
    poor.capabilities &= ~LK_DUT_CAN_CONNECT;
    replay_with(&poor);
    ck_assert_int_eq(verdict.kind, LK_SKIP);
    ck_assert_str_eq(verdict.skipped_for, "connect");
}
END_TEST

static int advance_dies(void *dut, int64_t until, struct lk_dut_happening *out)
{
    (void)dut;
    *out = (struct lk_dut_happening){.size = sizeof *out, .kind = LK_DUT_DEATH, .at = until, .reason = "stack overflow"};
    return 0;
}

START_TEST(a_device_that_dies_is_an_error_with_its_reason)
{
    struct lk_dut dying = *lk_dut_recording();
    dying.advance = advance_dies;
    replay_with(&dying);
    ck_assert_int_eq(verdict.kind, LK_ERROR);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "stack overflow"));
}
END_TEST

static int advance_babbles(void *dut, int64_t until, struct lk_dut_happening *out)
{
    static const uint8_t frame[60] = {2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x86, 0xdd};
    (void)dut, (void)until;
    *out = (struct lk_dut_happening){.size = sizeof *out, .kind = LK_DUT_FRAME, .at = 0, .bytes = frame, .len = sizeof frame};
    return 0;
}

START_TEST(a_device_that_never_stops_is_stopped)
{
    struct lk_dut babbling = *lk_dut_recording();
    babbling.advance = advance_babbles;
    options.max_steps = 1000;
    replay_with(&babbling);
    ck_assert_int_eq(verdict.kind, LK_ERROR);
    ck_assert_ptr_nonnull(strstr(verdict.reason, "steps"));
}
END_TEST

static int advance_runs_ahead(void *dut, int64_t until, struct lk_dut_happening *out)
{
    int status = advance_babbles(dut, until, out);
    out->at = until + 1;
    return status;
}

START_TEST(a_device_that_runs_ahead_of_time_is_an_error)
{
    struct lk_dut fast = *lk_dut_recording();
    fast.advance = advance_runs_ahead;
    replay_with(&fast);
    ck_assert_int_eq(verdict.kind, LK_ERROR);
}
END_TEST

START_TEST(a_small_arena_is_a_named_error_wherever_it_ends)
{
    for (size_t budget = 256; budget < 200000; budget += budget / 8) {
        struct lk_bump *small = lk_bump_new(budget);
        struct lk_verdict v;
        lk_replay_run(&trace, lk_dut_recording(), &options, &v, small);
        ck_assert_msg(v.kind == LK_PASS || (v.kind == LK_ERROR && v.reason != NULL), "budget %zu: kind %d", budget, (int)v.kind);
        lk_bump_free(small);
    }
}
END_TEST

START_TEST(the_same_replay_gives_the_same_frames)
{
    struct lk_verdict again;
    replay_recording();
    lk_replay_run(&trace, lk_dut_recording(), &options, &again, memory);
    ck_assert_uint_eq(verdict.ours.count, again.ours.count);
    for (size_t i = 0; i < again.ours.count; i++) {
        ck_assert_int_eq(verdict.ours.events[i].at, again.ours.events[i].at);
        ck_assert_uint_eq(verdict.ours.events[i].len, again.ours.events[i].len);
        ck_assert(again.ours.events[i].len == 0 || memcmp(verdict.ours.events[i].bytes, again.ours.events[i].bytes, again.ours.events[i].len) == 0);
    }
}
END_TEST

START_TEST(a_trace_whose_device_never_sends_is_an_error)
{
    trace.dut.host.address = lk_addr_from_ip4(CLIENT + 8);
    replay_recording();
    ck_assert_int_eq(verdict.kind, LK_ERROR);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("replay");
    TCase *tcase = tcase_create("replay");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_recording_holds_in_open_loop);
    tcase_add_test(tcase, a_recording_holds_in_closed_loop);
    tcase_add_loop_test(tcase, an_altered_recording_fails_at_the_altered_frame, 0, sizeof alterations / sizeof alterations[0]);
    tcase_add_test(tcase, a_failure_names_the_requirement_that_the_trace_proves_with_that_check);
    tcase_add_test(tcase, a_proof_that_nothing_decides_is_an_error);
    tcase_add_test(tcase, a_call_that_never_starts_is_an_error);
    tcase_add_test(tcase, a_required_fate_that_meets_no_frame_is_an_error);
    tcase_add_test(tcase, an_unexpected_return_fails);
    tcase_add_test(tcase, one_of_several_outcomes_must_hold);
    tcase_add_test(tcase, a_device_that_falls_silent_misses_a_segment);
    tcase_add_test(tcase, a_missing_capability_is_a_skip_with_its_name);
    tcase_add_test(tcase, a_device_that_dies_is_an_error_with_its_reason);
    tcase_add_test(tcase, a_device_that_never_stops_is_stopped);
    tcase_add_test(tcase, a_device_that_runs_ahead_of_time_is_an_error);
    tcase_add_test(tcase, a_small_arena_is_a_named_error_wherever_it_ends);
    tcase_add_test(tcase, the_same_replay_gives_the_same_frames);
    tcase_add_test(tcase, a_trace_whose_device_never_sends_is_an_error);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
