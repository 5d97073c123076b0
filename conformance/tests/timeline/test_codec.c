/* The laws of the event file: what was encoded is decoded again, and every byte string is a trace. */
#include "conformance/timeline/codec.h"
#include "conformance/tests/support/craft.h"
#include "stack/base/error.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct lk_bump *bump;

static const struct lk_fate fates[] = {
    {.dir = LK_OUT, .by = LK_FATE_BYTES, .is = LK_FATE_LOST, .required = true, .copy = 2, .from = 2897, .to = 4345},
    {.dir = LK_IN, .by = LK_FATE_ACK, .is = LK_FATE_LATE, .from = 77, .late = 30 * LK_MILLISECOND},
    {.dir = LK_OUT, .by = LK_FATE_TIME, .is = LK_FATE_DUPLICATED, .since = 5, .until = LK_SECOND},
};
static const struct lk_call calls[] = {
    {.when = LK_WHEN_AT, .op = LK_DO_CONNECT, .socket = 1, .socket_name = "a", .to_port = 80, .has_result = true, .within = LK_SECOND, .how = 1, .line = 7},
    {.when = LK_WHEN_RECEIVED, .op = LK_DO_RECV, .when_socket = 2, .when_bytes = UINT64_MAX, .socket = 2, .bytes = 500, .at = 3, .within = LK_NEVER,
     .has_bytes = true, .returns_bytes = 499, .error = "EPIPE"},
    {.when = LK_WHEN_CLOSED, .op = LK_DO_OPTION, .socket = 1, .name = "linger", .value = -5, .data = LK_DATA_PATTERN, .within = LK_NEVER, .result = -1},
};
static const struct lk_inject injects[] = {{3, 9}, {0, UINT32_MAX}};
static const struct lk_pair pairs[] = {{"receive_buffer", "262144"}, {"nagle", ""}, {"text", "J\xc3\xbcrgen: \"yes\"\n"}};
static const struct lk_proof proves[] = {{"RFC6675-5-b", "recovery-cause", 20}, {"RFC9293-MUST-2", "checksum", 21}};
static const char *words[] = {"window", "psh"};
static struct lk_range ranges[] = {{1, 2897}, {4345, 9000}};

/* A trace in which no field has its default. */
static void fill(struct lk_trace *trace)
{
    lk_trace_init(trace, bump);
    trace->name = "retransmission/loss";
    trace->dut.host = (struct lk_trace_host){lk_addr_from_ip4(0x0a090001), 40000, true, {2, 0, 10, 9, 0, 1}, 16};
    trace->dut.role = LK_ROLE_BOTH;
    trace->dut.capture_file = "loss.pcap";
    trace->link.type = "raw";
    trace->link.neighbours = LK_NEIGHBOURS_RECORDED;
    trace->link.mtu = 576;
    trace->network = (struct lk_trace_network){{4000000, 1}, {20 * LK_MILLISECOND, 1}, 50};
    trace->fates = lk_bump_copy(bump, fates, sizeof fates), trace->fate_count = 3;
    trace->calls = lk_bump_copy(bump, calls, sizeof calls), trace->call_count = 3;
    trace->injects = lk_bump_copy(bump, injects, sizeof injects), trace->inject_count = 2;
    trace->peer = (struct lk_trace_peer){trace->dut.host, "loss.peer.pcap", LK_PEER_ACTING, LK_ACK_DELAYED, 40 * LK_MILLISECOND, 65160, 6, true, true, 536};
    trace->config.profile = "linux", trace->config.pull = "batch";
    trace->config.settings = lk_bump_copy(bump, pairs, sizeof pairs), trace->config.setting_count = 3;
    trace->match = (struct lk_match){.mode = LK_MATCH_STREAM, .tolerance = 5, .compare = words, .compare_count = 2, .excess_permille = 1250,
                                     .ends_within = 3 * LK_SECOND, .must_not_resend = ranges, .must_not_resend_count = 2};
    trace->outcomes = lk_bump_array(bump, 2, sizeof *trace->outcomes), trace->outcome_count = 2;
    trace->outcomes[0] = (struct lk_outcome){.match = trace->match, .capture_file = "other.pcap"};
    trace->outcomes[1] = (struct lk_outcome){.match = {.mode = LK_MATCH_EXACT, .ends_within = LK_NEVER}};
    trace->proves = lk_bump_copy(bump, proves, sizeof proves), trace->proof_count = 2;
    trace->source = lk_bump_copy(bump, pairs, sizeof pairs), trace->source_count = 3;
    craft_connection(&trace->capture, bump);
    craft_connection(&trace->peer_capture, bump);
    craft_connection(&trace->outcomes[0].capture, bump);
    trace->capture.start = trace->peer_capture.start = 1700000000 * LK_SECOND + 123456789;
    for (size_t i = 0; i < trace->peer_capture.count; i++)
        trace->peer_capture.frames[i].at += (lk_time)i * 333 - 500; /* odd nanoseconds, the first one before the start */
    trace->outcomes[0].capture.frames[9].at = 7200 * LK_SECOND + 1; /* more than 32 bits of microseconds */
    trace->outcomes[0].capture.link = LK_CAPTURE_RAW_IP;
}

static void expect_identity(const struct lk_trace *trace)
{
    struct lk_trace back;
    uint8_t *bytes, *again;
    size_t len, again_len;
    ck_assert_int_eq(lk_trace_encode(trace, bump, &bytes, &len), 0);
    ck_assert_int_eq(lk_trace_decode(bytes, len, bump, &back), 0);
    const char *difference = lk_trace_difference(trace, &back);
    ck_assert_msg(difference == NULL, "differs in %s", difference);
    ck_assert_int_eq(lk_trace_encode(&back, bump, &again, &again_len), 0);
    ck_assert_uint_eq(len, again_len);
    ck_assert_mem_eq(bytes, again, len);
}

START_TEST(a_trace_with_every_field_comes_back)
{
    struct lk_trace trace;
    fill(&trace);
    expect_identity(&trace);
}
END_TEST

/* The same of mode `fields`. */
static void fill_fields(struct lk_trace *trace)
{
    static const struct lk_talk talk[] = {{"in lan udp 10.9.0.2:5 > 10.9.0.1:7 \"x\"", 12}, {"silence 1s", 13}};
    static const struct lk_pair app[] = {{"route", "0.0.0.0/0 via 10.9.0.254"}, {"route", "10.0.0.0/8 via 10.9.0.3"}, {"lease_time", "60"}};
    lk_trace_init(trace, bump);
    trace->name = "gateway/x";
    trace->dut.runs = LK_RUNS_GATEWAY;
    trace->ifaces = lk_bump_array(bump, 2, sizeof *trace->ifaces), trace->iface_count = 2;
    trace->ifaces[0] = (struct lk_trace_iface){.name = "lan", .host = {lk_addr_from_ip4(0x0a090001), 0, true, {2, 0, 10, 9, 0, 1}, 16}, .capture_file = "x.lan.pcap"};
    trace->ifaces[1] = (struct lk_trace_iface){.name = "wan", .host = {.address = lk_addr_from_ip4(0x0a080001), .prefix = 24}, .outside = true};
    craft_connection(&trace->ifaces[0].capture, bump);
    trace->app = lk_bump_copy(bump, app, sizeof app), trace->app_count = 3;
    trace->talk = lk_bump_copy(bump, talk, sizeof talk), trace->talk_count = 2;
    trace->config.profile = "linux";
    trace->match.mode = LK_MATCH_FIELDS;
    trace->match.ignore = words, trace->match.ignore_count = 1;
    trace->match.map = words, trace->match.map_count = 2;
    trace->proves = lk_bump_copy(bump, proves, sizeof proves), trace->proof_count = 2;
}

START_TEST(a_trace_of_fields_comes_back)
{
    struct lk_trace trace, other;
    fill_fields(&trace);
    expect_identity(&trace);
    fill_fields(&other);
    other.dut.runs = LK_RUNS_UDP_ECHO;
    ck_assert_ptr_nonnull(lk_trace_difference(&trace, &other));
    fill_fields(&other);
    other.ifaces[1].outside = false;
    ck_assert_str_eq(lk_trace_difference(&trace, &other), "interfaces");
    fill_fields(&other);
    other.app[1].value = "x";
    ck_assert_str_eq(lk_trace_difference(&trace, &other), "app");
    fill_fields(&other);
    other.talk[1].text = "silence 2s";
    ck_assert_str_eq(lk_trace_difference(&trace, &other), "talk");
    fill_fields(&other);
    other.match.map_count = 1;
    ck_assert_str_eq(lk_trace_difference(&trace, &other), "match");
}
END_TEST

START_TEST(an_empty_trace_comes_back)
{
    struct lk_trace trace;
    lk_trace_init(&trace, bump);
    trace.dut.role = LK_ROLE_CLIENT;
    trace.peer.kind = LK_PEER_RECORDED;
    trace.match.mode = LK_MATCH_EXACT;
    trace.config.profile = "rfc";
    expect_identity(&trace);
}
END_TEST

START_TEST(long_frames_and_texts_are_split_and_joined)
{
    struct lk_trace trace;
    fill(&trace);
    size_t len = 200000;
    uint8_t *data = malloc(len);
    for (size_t i = 0; i < len; i++)
        data[i] = (uint8_t)(i * 7 >> 3);
    static const size_t lengths[] = {0, 65523, 65524, 65525, 65535, 131059, 200000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        trace.capture.frames[2].bytes = data;
        trace.capture.frames[2].len = (uint32_t)lengths[i];
        trace.capture.frames[2].orig_len = 300000;
        expect_identity(&trace);
    }
    free(data);
}
END_TEST

/* Changes one field after the other: each change must be seen by the comparison and survive the file. */
START_TEST(every_field_counts)
{
    struct lk_trace a, b;
    fill(&a);
    uint8_t *plain, *changed;
    size_t plain_len, changed_len;
    ck_assert_int_eq(lk_trace_encode(&a, bump, &plain, &plain_len), 0);
    for (int field = 0; field < 24; field++) {
        fill(&b);
        switch (field) {
        case 0: b.dut.host.port++; break;
        case 1: b.dut.host.mac[5]++; break;
        case 2: b.dut.role = LK_ROLE_SERVER; break;
        case 3: b.link.mtu++; break;
        case 4: b.network.delay[1]++; break;
        case 5: b.network.queue++; break;
        case 6: b.fates[0].required = false; break;
        case 7: b.fates[1].late++; break;
        case 8: b.calls[0].how = 2; break;
        case 9: b.calls[1].error = "EBADF"; break;
        case 10: b.calls[2].value++; break;
        case 11: b.calls[0].within++; break;
        case 12: b.injects[1].after++; break;
        case 13: b.peer.wscale = -1; break;
        case 14: b.peer.timestamps = false; break;
        case 15: b.config.settings[0].value = "1"; break;
        case 16: b.match.compare_count = 1; break;
        case 17: b.match.excess_permille++; break;
        case 18: b.outcomes[1].match.tolerance++; break;
        case 19: b.proves[1].check = "x"; break;
        case 20: b.source[0].name = "x"; break;
        case 21: b.capture.frames[3].at++; break;
        case 22: b.peer_capture.frames[3].orig_len++; break;
        case 23: b.outcomes[0].capture.frames[9].at++; break;
        }
        ck_assert_msg(lk_trace_difference(&a, &b) != NULL, "change %d is not seen", field);
        ck_assert_int_eq(lk_trace_encode(&b, bump, &changed, &changed_len), 0);
        ck_assert_msg(plain_len != changed_len || memcmp(plain, changed, plain_len) != 0, "change %d is not written", field);
        expect_identity(&b);
    }
}
END_TEST

/* Decodes exact-size bytes; whatever comes out obeys the laws. */
static void expect_lawful(const uint8_t *bytes, size_t len)
{
    struct lk_bump *own = lk_bump_new(16u << 20), *outer = bump;
    uint8_t *exact = malloc(len == 0 ? 1 : len);
    struct lk_trace trace;
    memcpy(exact, bytes, len);
    bump = own;
    ck_assert_int_eq(lk_trace_decode(exact, len, own, &trace), 0);
    free(exact);
    expect_identity(&trace);
    bump = outer;
    lk_bump_free(own);
}

START_TEST(every_prefix_decodes)
{
    struct lk_trace trace;
    uint8_t *bytes;
    size_t len;
    fill(&trace);
    ck_assert_int_eq(lk_trace_encode(&trace, bump, &bytes, &len), 0);
    for (size_t cut = 0; cut < len; cut += cut < 400 ? 1 : 13)
        expect_lawful(bytes, cut);
}
END_TEST

START_TEST(damaged_files_decode)
{
    struct lk_trace trace;
    uint8_t *bytes;
    size_t len;
    fill(&trace);
    ck_assert_int_eq(lk_trace_encode(&trace, bump, &bytes, &len), 0);
    uint32_t random = 1;
    for (int round = 0; round < 2000; round++) {
        uint8_t *copy = lk_bump_copy(bump, bytes, len);
        for (int i = 0; i < 1 + round % 20; i++) {
            random = random * 1664525 + 1013904223;
            copy[(random >> 8) % len] = (uint8_t)(random >> 5);
        }
        expect_lawful(copy, len);
    }
}
END_TEST

START_TEST(noise_decodes)
{
    uint8_t noise[600];
    uint32_t random = 7;
    for (int round = 0; round < 3000; round++) {
        for (size_t i = 0; i < sizeof noise; i++) {
            random = random * 1664525 + 1013904223;
            noise[i] = (uint8_t)(random >> 24);
        }
        for (size_t at = 0; at + 8 < sizeof noise; at += 8u + noise[at + 2]) {
            noise[at] %= 18;
            noise[at + 3] = 0; /* short records, so that there are several */
        }
        expect_lawful(noise, sizeof noise);
    }
}
END_TEST

START_TEST(the_budget_is_kept)
{
    struct lk_trace trace, back;
    uint8_t *bytes;
    size_t len;
    fill(&trace);
    ck_assert_int_eq(lk_trace_encode(&trace, bump, &bytes, &len), 0);
    for (size_t budget = 0; budget < 8000; budget += 500) {
        struct lk_bump *small = lk_bump_new(budget);
        ck_assert_int_eq(lk_trace_decode(bytes, len, small, &back), LK_E_NOMEM);
        ck_assert_int_eq(lk_trace_encode(&trace, small, &bytes, &len), LK_E_NOMEM);
        lk_bump_free(small);
        ck_assert_int_eq(lk_trace_encode(&trace, bump, &bytes, &len), 0);
    }
}
END_TEST

START_TEST(stimuli_are_no_trace)
{
    uint8_t bytes[64];
    int len = lk_record_magic(bytes, sizeof bytes);
    ck_assert(!lk_trace_recognise(bytes, (size_t)len));
    struct lk_record pass = {.kind = 68, .microseconds = 5};
    len += lk_record_put(&pass, bytes + len, sizeof bytes - (size_t)len);
    ck_assert(!lk_trace_recognise(bytes, (size_t)len));
    struct lk_record frame = {.kind = LK_CODEC_FRAME};
    len += lk_record_put(&frame, bytes + len, sizeof bytes - (size_t)len);
    ck_assert(lk_trace_recognise(bytes, (size_t)len));
    expect_lawful(bytes, (size_t)len);
}
END_TEST

static void open_all(void) { bump = lk_bump_new(512u << 20); }
static void close_all(void) { lk_bump_free(bump); }

int main(void)
{
    Suite *suite = suite_create("timeline/codec");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, open_all, close_all);
    tcase_add_test(all, a_trace_with_every_field_comes_back);
    tcase_add_test(all, a_trace_of_fields_comes_back);
    tcase_add_test(all, an_empty_trace_comes_back);
    tcase_add_test(all, long_frames_and_texts_are_split_and_joined);
    tcase_add_test(all, every_field_counts);
    tcase_add_test(all, every_prefix_decodes);
    tcase_add_test(all, damaged_files_decode);
    tcase_add_test(all, noise_decodes);
    tcase_add_test(all, the_budget_is_kept);
    tcase_add_test(all, stimuli_are_no_trace);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
