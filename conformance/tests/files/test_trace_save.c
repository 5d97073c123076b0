/* Writing traces: what was written is read again, and YAML -> event file -> YAML is an identity. */
#include "conformance/files/trace_yaml.h"
#include "conformance/files/folder.h"
#include "conformance/tests/support/craft.h"
#include "conformance/timeline/codec.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER LK_BINARY_DIR "/test_trace_save"

static struct lk_bump *bump;
static struct lk_fault fault;

static const char text[] =
    "lockstep: 1\n"
    "dut: {address: 10.9.0.1, port: 40000, mac: \"02:00:0a:09:00:01\", prefix: 16, role: both, capture: a.pcap}\n"
    "link: {type: ethernet, neighbours: recorded, mtu: 576}\n"
    "network: {rate: [1.5mbit, 64kbit], delay: [20ms, 0.2us], queue: 50}\n"
    "fates:\n"
    "  - {dir: out, bytes: 2897..4345, is: lost, required: true}\n"
    "  - {dir: in, ack: 77, copy: 2, is: late 30ms}\n"
    "  - {dir: out, from: 0.61s, to: 1.10s, is: corrupted}\n"
    "calls:\n"
    "  - {at: 0s, do: listen, socket: b, returns: {result: 0, within: 1s}}\n"
    "  - {socket: d, when: c.established + 3ms, do: send, bytes: 120000, data: pattern}\n"
    "  - {when: received 500, do: recv, bytes: 500, socket: 7, returns: {bytes: 500}}\n"
    "  - {when: 3.all acknowledged, do: shutdown, how: both, to: \"10.9.0.2:80\"}\n"
    "  - {when: peer closed, do: option, name: linger, value: -2, returns: {errno: EINVAL}}\n"
    "inject: [{after: 3, frame: 9}]\n"
    "peer: {address: 10.9.0.2, port: 80, kind: acting, ack: delayed 40ms, window: 65160, wscale: 0, sack: true, timestamps: true, mss: 536}\n"
    "config: {profile: linux, receive_buffer: 262144, pull: batch, nagle: false}\n"
    "match: {mode: stream, tolerance: 5ms, compare: [window, psh], excess: 1.25, ends_within: 3s, must_not_resend: [1..2897]}\n"
    "outcomes: [{match: {mode: exact}}, {match: {mode: stream, excess: 2.0}}]\n"
    "proves: {RFC6675-5-b: recovery-cause, RFC9293-MUST-2: checksum}\n"
    "source: {text: \"a: b, J\xc3\xbcrgen #1\\n\", 'null': ~, counters: {RetransSegs: 3, In.Segs: 4}, x.y: '', .z: 5}\n";

static void sample(struct lk_trace *trace)
{
    ck_assert_msg(lk_trace_parse("x/a.yaml", (const uint8_t *)text, sizeof text - 1, bump, trace, &fault) == 0, "%s", fault.text);
    craft_connection(&trace->capture, bump);
    craft_connection(&trace->peer_capture, bump);
    trace->capture.start = trace->peer_capture.start = 1700000000 * LK_SECOND + 1;
    trace->peer_capture.frames[0].at = -5;
    craft_connection(&trace->outcomes[0].capture, bump);
    trace->outcomes[0].capture.start = 42;
}

/* Saving gives the capture files names of their own. */
static void rename_files(struct lk_trace *trace)
{
    trace->dut.capture_file = "a.pcap";
    trace->peer.capture_file = "a.peer.pcap";
    trace->outcomes[0].capture_file = "a.1.pcap";
}

static void expect_same(const struct lk_trace *a, const struct lk_trace *b)
{
    const char *difference = lk_trace_difference(a, b);
    ck_assert_msg(difference == NULL, "differs in %s", difference);
}

START_TEST(what_is_saved_is_read_again)
{
    struct lk_trace trace, back;
    sample(&trace);
    rename_files(&trace);
    ck_assert_msg(lk_trace_save(FOLDER "/a", &trace, &fault) == 0, "%s", fault.text);
    ck_assert_msg(lk_trace_read(FOLDER "/a.yaml", bump, &back, &fault) == 0, "%s", fault.text);
    expect_same(&trace, &back);
    ck_assert_str_eq(back.name, "test_trace_save/a");
}
END_TEST

static char *slurp(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    char *all = lk_bump_take(bump, 1 << 20);
    all[fread(all, 1, (1 << 20) - 1, file)] = 0;
    fclose(file);
    return all;
}

static void spill(const char *path, const uint8_t *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

START_TEST(yaml_to_event_to_yaml_is_an_identity)
{
    struct lk_trace trace, back;
    uint8_t *bytes, *again;
    size_t len, again_len;
    sample(&trace);
    ck_assert_int_eq(lk_trace_save(FOLDER "/a", &trace, &fault), 0);
    char *first = slurp(FOLDER "/a.yaml"), *first_pcap = slurp(FOLDER "/a.pcap");
    ck_assert_int_eq(lk_trace_read(FOLDER "/a.yaml", bump, &trace, &fault), 0);
    ck_assert_int_eq(lk_trace_encode(&trace, bump, &bytes, &len), 0);
    spill(FOLDER "/a.event", bytes, len);
    ck_assert_msg(lk_trace_read(FOLDER "/a.event", bump, &back, &fault) == 0, "%s", fault.text);
    expect_same(&trace, &back);
    ck_assert_int_eq(lk_trace_encode(&back, bump, &again, &again_len), 0);
    ck_assert(len == again_len && memcmp(bytes, again, len) == 0);
    ck_assert_int_eq(lk_trace_save(FOLDER "/a", &back, &fault), 0);
    ck_assert_str_eq(slurp(FOLDER "/a.yaml"), first);
    ck_assert_mem_eq(slurp(FOLDER "/a.pcap"), first_pcap, 1 << 20);
}
END_TEST

START_TEST(what_cannot_be_written_leaves_nothing)
{
    struct lk_trace trace;
    sample(&trace);
    trace.calls[0].socket = 5; /* a name that reading would number otherwise */
    ck_assert_int_eq(lk_trace_save(FOLDER "/bad", &trace, &fault), -1);
    ck_assert_str_eq(fault.text, FOLDER "/bad.yaml: cannot be written without loss: calls");
}
END_TEST

START_TEST(nothing_is_left_behind)
{
    struct lk_trace trace;
    sample(&trace);
    trace.source[0].value = "\xff";
    ck_assert_int_eq(lk_trace_save(FOLDER "/bad", &trace, &fault), -1);
    ck_assert_str_eq(fault.text, FOLDER "/bad.yaml: cannot be written: a text is not UTF-8");
    static const char *const files[] = {FOLDER "/bad.yaml", FOLDER "/bad.pcap", FOLDER "/bad.peer.pcap", FOLDER "/bad.1.pcap"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        ck_assert_int_ne(access(files[i], F_OK), 0);
    ck_assert_int_eq(lk_trace_save("/nonexistent/x", &trace, &fault), -1);
    ck_assert_msg(strstr(fault.text, "No such file") != NULL, "%s", fault.text);
}
END_TEST

START_TEST(event_files_without_a_trace_are_refused)
{
    struct lk_trace trace;
    static const char *const contents[] = {"", "LKE1", "noise and more noise, longer than a record"};
    for (size_t i = 0; i < 3; i++) {
        spill(FOLDER "/n.event", (const uint8_t *)contents[i], strlen(contents[i]));
        ck_assert_int_eq(lk_trace_read(FOLDER "/n.event", bump, &trace, &fault), -1);
        ck_assert_str_eq(fault.text, FOLDER "/n.event: no trace in it");
    }
}
END_TEST

START_TEST(folders_list_their_traces_in_order)
{
    static const char *const suffixes[] = {".yaml", ".event", NULL};
    struct lk_folder folder;
    (void)!system("rm -rf " FOLDER "/walk && mkdir -p " FOLDER "/walk/b " FOLDER "/walk/a/.hidden && cd " FOLDER
                  "/walk && touch b/2.yaml b/10.yaml a/x.event a/x.pcap a/.hidden/y.yaml c.yaml .d.yaml && ln -s .. a/loop");
    ck_assert_int_eq(lk_folder_list(FOLDER "/walk/b", suffixes, bump, &folder), 0);
    ck_assert_uint_eq(folder.count, 2);
    ck_assert_str_eq(folder.paths[0], FOLDER "/walk/b/10.yaml");
    ck_assert_str_eq(folder.paths[1], FOLDER "/walk/b/2.yaml");
    ck_assert_int_eq(lk_folder_list(FOLDER "/walk", suffixes, bump, &folder), 0);
    ck_assert_uint_gt(folder.count, 4); /* the loop is walked until it is too deep, and that is said */
    ck_assert_uint_eq(folder.fault_count, 1);
    (void)!system("rm " FOLDER "/walk/a/loop");
    ck_assert_int_eq(lk_folder_list(FOLDER "/walk/", suffixes, bump, &folder), 0);
    ck_assert_uint_eq(folder.count, 4);
    ck_assert_str_eq(folder.paths[0], FOLDER "/walk/a/x.event");
    ck_assert_str_eq(folder.paths[3], FOLDER "/walk/c.yaml");
    ck_assert_int_eq(lk_folder_list(FOLDER "/walk/a/x.pcap", suffixes, bump, &folder), 0);
    ck_assert_uint_eq(folder.count, 1);
    ck_assert_int_eq(lk_folder_list(FOLDER "/walk/none", suffixes, bump, &folder), 0);
    ck_assert_uint_eq(folder.count, 0);
    ck_assert_uint_eq(folder.fault_count, 1);
    ck_assert_str_eq(folder.faults[0].text, FOLDER "/walk/none: No such file or directory");
}
END_TEST

START_TEST(an_unreadable_folder_is_a_fault_and_the_others_are_listed)
{
    static const char *const suffixes[] = {".yaml", NULL};
    struct lk_folder folder;
    if (geteuid() == 0)
        return; /* root reads everything */
    (void)!system("rm -rf " FOLDER "/shut && mkdir -p " FOLDER "/shut/a " FOLDER "/shut/b && touch " FOLDER "/shut/b/x.yaml && chmod 0 " FOLDER "/shut/a");
    ck_assert_int_eq(lk_folder_list(FOLDER "/shut", suffixes, bump, &folder), 0);
    ck_assert_uint_eq(folder.count, 1);
    ck_assert_uint_eq(folder.fault_count, 1);
    ck_assert_str_eq(folder.faults[0].text, FOLDER "/shut/a: Permission denied");
    (void)!system("chmod 700 " FOLDER "/shut/a");
}
END_TEST

static void open_all(void) { bump = lk_bump_new(256u << 20); mkdir(FOLDER, 0777); }
static void close_all(void) { lk_bump_free(bump); }

int main(void)
{
    Suite *suite = suite_create("files/trace_save");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, open_all, close_all);
    tcase_add_test(all, what_is_saved_is_read_again);
    tcase_add_test(all, yaml_to_event_to_yaml_is_an_identity);
    tcase_add_test(all, what_cannot_be_written_leaves_nothing);
    tcase_add_test(all, nothing_is_left_behind);
    tcase_add_test(all, event_files_without_a_trace_are_refused);
    tcase_add_test(all, folders_list_their_traces_in_order);
    tcase_add_test(all, an_unreadable_folder_is_a_fault_and_the_others_are_listed);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
