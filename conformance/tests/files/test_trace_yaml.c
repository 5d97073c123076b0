/* Traces good and bad. Each bad one is a good one with one line changed; the fault names that line. */
#include "conformance/files/trace_yaml.h"
#include "conformance/files/capture.h"
#include "conformance/tests/support/craft.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FOLDER LK_BINARY_DIR "/test_trace_yaml"
#define TRACE FOLDER "/good.yaml"

static struct lk_bump *bump;
static struct lk_trace trace;
static struct lk_fault fault;

static const char *const good[] = {
    /* 1 */ "lockstep: 1",
    /* 2 */ "dut: {address: 10.9.0.1, port: 40000, mac: \"02:00:0a:09:00:01\", prefix: 24, role: client, capture: good.pcap}",
    /* 3 */ "link: {type: ethernet, neighbours: answered, mtu: 1500}",
    /* 4 */ "network: {rate: 4mbit, delay: [20ms, 200us], queue: 50}",
    /* 5 */ "fates:",
    /* 6 */ "  - {dir: out, bytes: 2897..4345, copy: 0, is: lost, required: true}",
    /* 7 */ "  - {dir: in, ack: 77, copy: 2, is: late 30ms}",
    /* 8 */ "  - {dir: out, from: 0.61s, to: 1.10s, is: lost}",
    /* 9 */ "calls:",
    /* 10 */ "  - {at: 0s, do: connect, socket: a, to: \"10.9.0.2:80\", returns: {result: 0, within: 1s}}",
    /* 11 */ "  - {when: a.established + 3ms, do: send, bytes: 120000, data: pattern}",
    /* 12 */ "  - {when: received 500, do: recv, bytes: 500, socket: b, returns: {bytes: 500}}",
    /* 13 */ "  - {when: all acknowledged, do: shutdown, how: both}",
    /* 14 */ "  - {when: peer closed, do: option, name: linger, value: 2s, returns: {errno: EINVAL}}",
    /* 15 */ "inject: [{after: 3, frame: 9}]",
    /* 16 */ "peer: {address: 10.9.0.2, port: 80, capture: good.peer.pcap, kind: acting, ack: delayed 40ms, window: 65160, wscale: 6, sack: true, timestamps: true, mss: 1460}",
    /* 17 */ "config: {profile: rfc, receive_buffer: 262144, pull: batch}",
    /* 18 */ "match: {mode: stream, tolerance: 5ms, compare: [window, psh], excess: 1.25, ends_within: 3s, must_not_resend: [1..2897, 4345..9000]}",
    /* 19 */ "outcomes: [{match: {mode: exact}, capture: good.pcap}]",
    /* 20 */ "proves: {RFC6675-5-b: recovery-cause, RFC9293-MUST-2: checksum}",
    /* 21 */ "source: {script: conformance/record/loss.sh, kernel: 6.1, counters: {RetransSegs: 3, InSegs: 4}}",
};
#define LINES (sizeof good / sizeof good[0])

/* The good trace with line number `line` replaced; NULL drops it. */
static size_t text_with(size_t line, const char *instead, char *text, size_t cap)
{
    size_t len = 0;
    for (size_t i = 0; i < LINES; i++) {
        const char *put = i + 1 == line ? instead : good[i];
        if (put != NULL)
            len += (size_t)snprintf(text + len, cap - len, "%s\n", put);
    }
    return len;
}

static int parse(size_t line, const char *instead)
{
    char text[8192];
    size_t len = text_with(line, instead, text, sizeof text);
    uint8_t *exact = malloc(len);
    memcpy(exact, text, len);
    fault.text[0] = 0;
    int result = lk_trace_parse("handshake/x.yaml", exact, len, bump, &trace, &fault);
    free(exact);
    return result;
}

START_TEST(every_key_arrives)
{
    ck_assert_msg(parse(0, NULL) == 0, "%s", fault.text);
    ck_assert_str_eq(trace.name, "handshake/x");
    ck_assert_uint_eq(lk_addr_ip4(&trace.dut.host.address), 0x0a090001);
    ck_assert_uint_eq(trace.dut.host.port, 40000);
    ck_assert(trace.dut.host.has_mac && trace.dut.host.mac[2] == 10);
    ck_assert_uint_eq(trace.dut.role, LK_ROLE_CLIENT);
    ck_assert_str_eq(trace.dut.capture_file, "good.pcap");
    ck_assert_uint_eq(trace.network.rate[0], 4000000);
    ck_assert_uint_eq(trace.network.rate[1], 4000000);
    ck_assert_int_eq(trace.network.delay[0], 20 * LK_MILLISECOND);
    ck_assert_int_eq(trace.network.delay[1], 200 * LK_MICROSECOND);
    ck_assert_uint_eq(trace.network.queue, 50);
    ck_assert_uint_eq(trace.fate_count, 3);
    ck_assert(trace.fates[0].by == LK_FATE_BYTES && trace.fates[0].from == 2897 && trace.fates[0].to == 4345 && trace.fates[0].required);
    ck_assert(trace.fates[1].by == LK_FATE_ACK && trace.fates[1].from == 77 && trace.fates[1].copy == 2 && trace.fates[1].dir == LK_IN);
    ck_assert(trace.fates[1].is == LK_FATE_LATE && trace.fates[1].late == 30 * LK_MILLISECOND);
    ck_assert(trace.fates[2].by == LK_FATE_TIME && trace.fates[2].since == 610 * LK_MILLISECOND && trace.fates[2].until == 1100 * LK_MILLISECOND);
    ck_assert_uint_eq(trace.call_count, 5);
    const struct lk_call *call = trace.calls;
    ck_assert(call[0].when == LK_WHEN_AT && call[0].op == LK_DO_CONNECT && call[0].socket == 1 && call[0].to_port == 80 && call[0].has_result);
    ck_assert(call[0].within == LK_SECOND && call[0].line == 10 && strcmp(call[0].socket_name, "a") == 0);
    ck_assert(call[1].when == LK_WHEN_ESTABLISHED && call[1].when_socket == 1 && call[1].at == 3 * LK_MILLISECOND && call[1].bytes == 120000);
    ck_assert(call[1].data == LK_DATA_PATTERN && call[1].within == LK_NEVER);
    ck_assert(call[2].when == LK_WHEN_RECEIVED && call[2].when_bytes == 500 && call[2].socket == 2 && call[2].has_bytes && call[2].returns_bytes == 500);
    ck_assert(call[3].when == LK_WHEN_ALL_ACKED && call[3].op == LK_DO_SHUTDOWN && call[3].how == 2 && call[3].when_socket == 0);
    ck_assert(call[4].when == LK_WHEN_PEER_CLOSED && call[4].value == 2 * LK_SECOND && strcmp(call[4].error, "EINVAL") == 0);
    ck_assert(trace.inject_count == 1 && trace.injects[0].after == 3 && trace.injects[0].frame == 9);
    ck_assert(trace.peer.kind == LK_PEER_ACTING && trace.peer.ack == LK_ACK_DELAYED && trace.peer.ack_delay == 40 * LK_MILLISECOND);
    ck_assert(trace.peer.window == 65160 && trace.peer.wscale == 6 && trace.peer.sack && trace.peer.timestamps && trace.peer.mss == 1460);
    ck_assert_str_eq(trace.config.profile, "rfc");
    ck_assert_str_eq(trace.config.pull, "batch");
    ck_assert_uint_eq(trace.config.setting_count, 1);
    ck_assert_str_eq(trace.config.settings[0].value, "262144");
    ck_assert(trace.match.mode == LK_MATCH_STREAM && trace.match.excess_permille == 1250 && trace.match.ends_within == 3 * LK_SECOND);
    ck_assert(trace.match.must_not_resend_count == 2 && trace.match.must_not_resend[1].to == 9000);
    ck_assert(trace.match.compare_count == 2 && strcmp(trace.match.compare[1], "psh") == 0);
    ck_assert(trace.outcome_count == 1 && trace.outcomes[0].match.mode == LK_MATCH_EXACT && trace.outcomes[0].match.tolerance == 10 * LK_MILLISECOND);
    ck_assert(trace.proof_count == 2 && strcmp(trace.proves[0].requirement, "RFC6675-5-b") == 0 && trace.proves[0].line == 20);
    ck_assert_uint_eq(trace.source_count, 4);
    ck_assert_str_eq(trace.source[2].name, "counters.RetransSegs");
}
END_TEST

/* line 0 of the text wanted: the fault has no place. */
static const struct { size_t line; const char *instead, *fault; } bad[] = {
    {1, "lockstep: 2", "x.yaml:1: lockstep: format version \"2\" is not known, only 1"},
    {1, "lockstep: [1]", "x.yaml:1: lockstep: one value is wanted, not a list"},
    {1, NULL, "x.yaml:1: key \"lockstep\" is missing in the trace"},
    {2, "dut: {address: 10.9.0.1, role: client}", "x.yaml:2: key \"capture\" is missing in dut"},
    {2, "dut: {address: 10.9.0.256, role: client, capture: a}", "x.yaml:2: address: \"10.9.0.256\" is not an IPv4 address"},
    {2, "dut: {address: 10.9.0.1, role: sender, capture: a}", "x.yaml:2: role: \"sender\" is none of client, server, both"},
    {2, "dut: {address: 10.9.0.1, port: 65536, role: client, capture: a}", "x.yaml:2: port: \"65536\" is not a number 0..65535"},
    {2, "dut: {address: 10.9.0.1, mac: 2, role: client, capture: a}", "x.yaml:2: mac: \"2\" is not a MAC address in quotes, such as \"02:00:0a:09:00:01\""},
    {2, "dut: {address: 10.9.0.1, prefix: 33, role: client, capture: a}", "x.yaml:2: prefix: \"33\" is not a number 0..32"},
    {2, "dut: {address: 10.9.0.1, role: client, capture: ../a}", "x.yaml:2: capture: \"../a\" is not the name of a file in the trace's own folder"},
    {2, "dut: {address: 10.9.0.1, role: client, role: server, capture: a}", "x.yaml:2: \"role\" stands here twice, first in line 2"},
    {2, "dut: client", "x.yaml:2: dut: a mapping {key: value} is wanted"},
    {2, "dut: {address: 10.9.0.1, role: client, capture: a, colour: red}", "x.yaml:2: unknown key \"colour\" in dut"},
    {2, "dut:\n  address: 10.9.0.1\n  colour: red", "x.yaml:4: unknown key \"colour\" in dut"},
    {3, "link: {type: token-ring}", "x.yaml:3: type: \"token-ring\" is none of ethernet, raw"},
    {3, NULL, "x.yaml:1: key \"link\" is missing in the trace"},
    {4, "network: {rate: 4}", "x.yaml:4: rate: \"4\" is not a rate such as 4mbit, 64kbit"},
    {4, "network: {rate: 4mb}", "x.yaml:4: rate: \"4mb\" is not a rate such as 4mbit, 64kbit"},
    {4, "network: {delay: 20}", "x.yaml:4: delay: \"20\" is not a time such as 1s, 20ms, 200us"},
    {4, "network: {delay: [1s, 2s, 3s]}", "x.yaml:4: delay: one value or [out, in] is wanted"},
    {4, "network: {delay: -1s}", "x.yaml:4: delay: \"-1s\" is not a time such as 1s, 20ms, 200us"},
    {4, "network: {delay: 9300000000s}", "x.yaml:4: delay: \"9300000000s\" is not a time such as 1s, 20ms, 200us"},
    {4, "network: {delay: 0.0000000001s}", "x.yaml:4: delay: \"0.0000000001s\" is not a time such as 1s, 20ms, 200us"},
    {6, "  - {dir: out, bytes: 5..5, is: lost}", "x.yaml:6: bytes: \"5..5\" is not a range a..b with a < b"},
    {6, "  - {dir: out, bytes: 5, is: lost}", "x.yaml:6: bytes: \"5\" is not a range a..b with a < b"},
    {6, "  - {dir: out, is: lost}", "x.yaml:6: a fate needs bytes, ack, or from and to"},
    {6, "  - {dir: out, ack: 5, bytes: 1..2, is: lost}", "x.yaml:6: a fate is by bytes, by ack, or by from and to: only one of them"},
    {6, "  - {dir: up, ack: 5, is: lost}", "x.yaml:6: dir: \"up\" is none of out, in"},
    {6, "  - {dir: out, ack: 5, is: late}", "x.yaml:6: is: \"late\" is none of lost, duplicated, corrupted, late TIME"},
    {6, "  - {dir: out, ack: 5, is: late 5}", "x.yaml:6: is: \"late 5\" is none of lost, duplicated, corrupted, late TIME"},
    {6, "  - {dir: out, ack: 5}", "x.yaml:6: key \"is\" is missing in a fate"},
    {6, "  - {dir: out, ack: 5, is: lost, required: yes}", "x.yaml:6: required: \"yes\" is neither true nor false"},
    {8, "  - {dir: out, from: 2s, to: 1s, is: lost}", "x.yaml:8: a fate by time needs from before to"},
    {8, "  - {dir: out, from: 2s, is: lost}", "x.yaml:8: a fate by time needs from before to"},
    {9, "calls: none\nx:", "x.yaml:9: calls: a list is wanted"},
    {10, "  - {do: connect}", "x.yaml:10: key \"at\" or \"when\" is missing in a call"},
    {10, "  - {at: 0s, when: closed, do: connect}", "x.yaml:10: at and when exclude each other"},
    {10, "  - {at: 0s, do: dance}", "x.yaml:10: do: \"dance\" is none of listen, connect, accept, send, recv, shutdown, close, abort, option"},
    {10, "  - {at: 0s, do: connect, to: 10.9.0.2}", "x.yaml:10: to: \"10.9.0.2\" is not ADDRESS:PORT"},
    {10, "  - {at: 0s, do: connect, socket: 0}", "x.yaml:10: socket: sockets are numbered from 1"},
    {10, "  - {at: 0s, do: connect, returns: {result: 0, errno: EPIPE}}", "x.yaml:10: result and errno exclude each other"},
    {10, "  - {at: 0s, do: connect, returns: {errno: EFOO}}", "x.yaml:10: errno: \"EFOO\" is no error that a call returns"},
    {10, "  - {at: 0s, do: connect, returns: {result: ok}}", "x.yaml:10: result: \"ok\" is not a number"},
    {11, "  - {when: soon, do: close}", "x.yaml:11: when: \"soon\" is none of established, readable, received N, all acknowledged, peer closed, closed"},
    {11, "  - {when: received, do: close}", "x.yaml:11: when: \"received\" is none of established, readable, received N, all acknowledged, peer closed, closed"},
    {11, "  - {when: received x, do: close}", "x.yaml:11: when: \"received x\" is none of established, readable, received N, all acknowledged, peer closed, closed"},
    {11, "  - {when: closed + 3, do: close}", "x.yaml:11: when: \"3\" is not a time such as 1s, 20ms, 200us"},
    {11, "  - {when: closed, do: send}", "x.yaml:11: key \"bytes\" is missing in a call that sends"},
    {11, "  - {when: closed, do: option}", "x.yaml:11: key \"name\" belongs to a call that sets an option, and to no other"},
    {15, "inject: [{after: 3}]", "x.yaml:15: key \"frame\" is missing in inject"},
    {16, "peer: {address: 10.9.0.2}", "x.yaml:16: key \"kind\" is missing in peer"},
    {16, "peer: {kind: acting}", "x.yaml:16: key \"address\" is missing in peer"},
    {16, "peer: {address: 10.9.0.2, kind: acting, ack: delayed}", "x.yaml:16: ack: \"delayed\" is none of every, second, delayed TIME"},
    {16, "peer: {address: 10.9.0.2, kind: acting, wscale: 15}", "x.yaml:16: wscale: \"15\" is not a number 0..14"},
    {16, "peer: {address: 10.9.0.2, kind: acting, window: many}", "x.yaml:16: window: \"many\" is not a number 0..1073725440"},
    {17, "config: {pull: frame}", "x.yaml:17: key \"profile\" is missing in config"},
    {17, "config: {profile: rfc, pull: hard}", "x.yaml:17: pull: \"hard\" is none of frame, batch"},
    {17, "config: {profile: }", "x.yaml:17: profile: the value is missing"},
    {17, "config: {profile: rfc, nagle: [no]}", "x.yaml:17: nagle: one value is wanted, not a list"},
    {17, "config: {profile: bsd}", "x.yaml:17: config: there is no profile \"bsd\""},
    {17, "config: {profile: rfc, colour: 1}", "x.yaml:17: config: there is no setting \"colour\""},
    {17, "config:\n  profile: rfc\n  tcp.nagle: maybe", "x.yaml:19: config: tcp.nagle: \"maybe\" is no number, time, true or false"},
    {17, "config: {profile: rfc, ack_delay: 600ms}", "x.yaml:17: config: ack_delay: \"600ms\" is out of range"},
    {18, "match: {mode: loose}", "x.yaml:18: mode: \"loose\" is none of exact, stream, fields"},
    {18, "match: {mode: exact, excess: 1.0001}", "x.yaml:18: excess: \"1.0001\" is not a number such as 1.0, with three decimals at most"},
    {18, "match: {mode: exact, must_not_resend: [1]}", "x.yaml:18: must_not_resend: \"1\" is not a range a..b with a < b"},
    {18, "match: {mode: exact, compare: [{a: b}]}", "x.yaml:18: compare: one value is wanted, not a mapping"},
    {18, "match: {mode: exact, compare: [colour]}", "x.yaml:18: compare: \"colour\" is none of window, psh, option-order, option-values, ttl, acks, right-edge"},
    {19, "outcomes: [{capture: a.pcap}]", "x.yaml:19: key \"match\" is missing in an outcome"},
    {20, "proves: {RFC9999-1: checksum}", "x.yaml:20: proves: no requirement \"RFC9999-1\" in the catalogue"},
    {20, "proves: {RFC6675-5-b: }", "x.yaml:20: proves: RFC6675-5-b names no check that decides it"},
    {20, "proves: [RFC6675-5-b]", "x.yaml:20: proves: a mapping {key: value} is wanted"},
    {20, "proves: {RFC6675-5-b: a, RFC6675-5-b: b}", "x.yaml:20: \"RFC6675-5-b\" stands here twice, first in line 20"},
    {21, NULL, "x.yaml:1: key \"source\" is missing in the trace"},
    {21, "source: {a: [1, 2]}", "x.yaml:21: a: one value is wanted, not a list"},
    {21, "source: {a: b\nc: {", "x.yaml:22: not YAML: did not find expected ',' or '}'"},
    {21, "source: {a: b}\n---\nmore: 1", "x.yaml:23: a second document"},
    {21, "source: {a: b}\nlockstep: 1", "x.yaml:22: \"lockstep\" stands here twice, first in line 1"},
    {21, "source: {a: \"b\\0c\"}", "x.yaml:21: a: a zero byte"},
    {21, "source: {a: *b}", "x.yaml:21: not YAML: found undefined alias"},
};

START_TEST(each_mistake_is_named_with_its_line)
{
    ck_assert_int_eq(parse(bad[_i].line, bad[_i].instead), -1);
    ck_assert_msg(strncmp(fault.text, "handshake/", 10) == 0, "%s", fault.text);
    ck_assert_str_eq(fault.text + 10, bad[_i].fault);
}
END_TEST

START_TEST(nothing_and_noise_are_refused)
{
    static const char *const noise[] = {"", "\n", "- 1\n", "lockstep", "{", "\xff\xfe", "\x01", "%YAML 9.9\n---\na", "a: &x [*x]", "? [a]\n: b"};
    for (size_t i = 0; i < sizeof noise / sizeof noise[0]; i++) {
        ck_assert_int_eq(lk_trace_parse("n.yaml", (const uint8_t *)noise[i], strlen(noise[i]), bump, &trace, &fault), -1);
        ck_assert_msg(strncmp(fault.text, "n.yaml:", 7) == 0 && strchr(fault.text, '\n') == NULL, "%s", fault.text);
    }
}
END_TEST

START_TEST(every_cut_and_every_flipped_byte_ends_in_a_fault_or_a_trace)
{
    char text[8192];
    size_t len = text_with(0, NULL, text, sizeof text);
    for (size_t i = 0; i < len; i += 3) {
        struct lk_bump *small = lk_bump_new(1u << 20);
        uint8_t *exact = malloc(len);
        memcpy(exact, text, len);
        (void)lk_trace_parse("x.yaml", exact, i, small, &trace, &fault);
        exact[i] ^= 0x15;
        (void)lk_trace_parse("x.yaml", exact, len, small, &trace, &fault);
        free(exact);
        lk_bump_free(small);
    }
}
END_TEST

START_TEST(a_small_budget_is_a_fault)
{
    char text[8192];
    size_t len = text_with(0, NULL, text, sizeof text);
    bool enough = false;
    for (size_t budget = 0; !enough; budget += 100) {
        struct lk_bump *small = lk_bump_new(budget);
        enough = lk_trace_parse("x.yaml", (const uint8_t *)text, len, small, &trace, &fault) == 0;
        ck_assert_msg(enough || strstr(fault.text, "budget") != NULL, "%s", fault.text);
        ck_assert(!enough || budget > 1000);
        lk_bump_free(small);
    }
}
END_TEST

/* -- whole files -- */

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

/* The good trace and its captures on the disk; the peer saw everything 2 ms later. */
static void write_good(size_t line, const char *instead)
{
    char text[8192];
    struct lk_capture capture = {.start = 1700000000 * LK_SECOND};
    mkdir(FOLDER, 0777);
    craft_connection(&capture, bump);
    ck_assert_int_eq(lk_capture_write(FOLDER "/good.pcap", &capture, &fault), 0);
    capture.start += 2 * LK_MILLISECOND;
    ck_assert_int_eq(lk_capture_write(FOLDER "/good.peer.pcap", &capture, &fault), 0);
    text_with(line, instead, text, sizeof text);
    write_file(TRACE, text);
}

START_TEST(a_trace_comes_with_its_captures_on_one_clock)
{
    write_good(0, NULL);
    ck_assert_msg(lk_trace_read(TRACE, bump, &trace, &fault) == 0, "%s", fault.text);
    ck_assert_uint_eq(trace.capture.count, 10);
    ck_assert_uint_eq(trace.peer_capture.count, 10);
    ck_assert_int_eq(trace.capture.frames[0].at, 0);
    ck_assert_int_eq(trace.peer_capture.frames[0].at, 2 * LK_MILLISECOND);
    ck_assert_int_eq(trace.peer_capture.start, trace.capture.start);
    ck_assert_uint_eq(trace.outcomes[0].capture.count, 10);
}
END_TEST

START_TEST(what_does_not_fit_the_capture_is_refused)
{
    static const struct { size_t line; const char *instead, *fault; } misfits[] = {
        {2, "dut: {address: 10.9.0.9, role: client, capture: good.pcap}", ":2: dut: the address never occurs in good.pcap"},
        {16, "peer: {address: 10.9.0.9, kind: recorded}", ":16: peer: the address never occurs in good.pcap"},
        {3, "link: {type: raw}", ": link: the captures are not of type raw"},
        {15, "inject: [{after: 3, frame: 11}]", ": inject: no frame 3 or 11 in the captures"},
    };
    for (size_t i = 0; i < sizeof misfits / sizeof misfits[0]; i++) {
        write_good(misfits[i].line, misfits[i].instead);
        ck_assert_int_eq(lk_trace_read(TRACE, bump, &trace, &fault), -1);
        ck_assert_str_eq(fault.text + strlen(TRACE), misfits[i].fault);
    }
}
END_TEST

START_TEST(missing_cut_and_foreign_captures_are_named)
{
    write_good(2, "dut: {address: 10.9.0.1, role: client, capture: absent.pcap}");
    ck_assert_int_eq(lk_trace_read(TRACE, bump, &trace, &fault), -1);
    ck_assert_str_eq(fault.text, FOLDER "/absent.pcap: No such file or directory");
    write_good(0, NULL);
    write_file(FOLDER "/good.pcap", "GIF89a, and more than twenty-four bytes of it");
    ck_assert_int_eq(lk_trace_read(TRACE, bump, &trace, &fault), -1);
    ck_assert_str_eq(fault.text, FOLDER "/good.pcap: no capture: unknown file format");
    ck_assert_int_eq(lk_trace_read(FOLDER "/absent.yaml", bump, &trace, &fault), -1);
    ck_assert_str_eq(fault.text, FOLDER "/absent.yaml: No such file or directory");
    ck_assert_int_eq(lk_trace_read(FOLDER, bump, &trace, &fault), -1);
    ck_assert_str_eq(fault.text, FOLDER ": Is a directory");
}
END_TEST

static void open_all(void) { bump = lk_bump_new(64u << 20); }
static void close_all(void) { lk_bump_free(bump); }

int main(void)
{
    Suite *suite = suite_create("files/trace_yaml");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, open_all, close_all);
    tcase_add_test(all, every_key_arrives);
    tcase_add_loop_test(all, each_mistake_is_named_with_its_line, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(all, nothing_and_noise_are_refused);
    tcase_add_test(all, every_cut_and_every_flipped_byte_ends_in_a_fault_or_a_trace);
    tcase_add_test(all, a_small_budget_is_a_fault);
    tcase_add_test(all, a_trace_comes_with_its_captures_on_one_clock);
    tcase_add_test(all, what_does_not_fit_the_capture_is_refused);
    tcase_add_test(all, missing_cut_and_foreign_captures_are_named);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
