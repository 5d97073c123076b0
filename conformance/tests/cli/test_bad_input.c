/* What `lockstep` does with input that it cannot use: one line with file, place and reason, exit 2, and the rest of the run
 * still runs. Runs the program as a person would. */
#include "conformance/files/capture.h"
#include "conformance/tests/support/craft.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER LK_BINARY_DIR "/test_bad_input"
#define OUT FOLDER ".out"
#define ERR FOLDER ".err"

static struct lk_bump *bump;
static struct lk_fault fault;

#define HEAD "lockstep: 1\n"
#define DUT "dut: {address: 10.9.0.1, role: client, capture: good.pcap}\n"
#define REST                                                                                                       \
    "link: {type: ethernet}\npeer: {address: 10.9.0.2, port: 80, kind: recorded}\nconfig: {profile: rfc}\n"        \
    "calls: [{at: 0s, do: connect}, {when: established, do: send, bytes: 100}, {when: all acknowledged, do: close}]\n" \
    "match: {mode: exact}\nproves: {}\nsource: {by: hand}\n"

static void spill(const char *path, const char *text, size_t len)
{
    FILE *file = fopen(path, "wb");
    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, len, file), len);
    fclose(file);
}

static void spill_text(const char *path, const char *text)
{
    spill(path, text, strlen(text));
}

static char *slurp(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    char *all = lk_bump_take(bump, 1 << 18);
    size_t got = fread(all, 1, (1 << 18) - 1, file);
    fclose(file);
    if (len != NULL)
        *len = got;
    return all;
}

/* Exit status of `lockstep ARGUMENTS`; a death by signal is 128 and more. */
static int lockstep(const char *arguments)
{
    char command[2048];
    snprintf(command, sizeof command, "%s/lockstep %s >" OUT " 2>" ERR, LK_BINARY_DIR, arguments);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int lines_of(const char *text)
{
    int lines = 0;
    for (; *text != 0; text++)
        lines += *text == '\n';
    return lines;
}

/* A folder with one good trace. */
static void begin(void)
{
    bump = lk_bump_new(64u << 20);
    (void)!system("chmod -R u+rwx " FOLDER " 2>/dev/null; rm -rf " FOLDER);
    ck_assert_int_eq(mkdir(FOLDER, 0777), 0);
    struct lk_capture capture = {.start = 1700000000 * LK_SECOND};
    craft_connection(&capture, bump);
    ck_assert_int_eq(lk_capture_write(FOLDER "/good.pcap", &capture, &fault), 0);
    spill_text(FOLDER "/good.yaml", HEAD DUT REST);
}

static void end(void) { lk_bump_free(bump); }

#define REPLAY "replay --dut recording --open-loop "

START_TEST(the_good_trace_passes_alone)
{
    ck_assert_int_eq(lockstep(REPLAY FOLDER), 0);
    ck_assert_str_eq(slurp(ERR, NULL), "");
}
END_TEST

/* A second trace in the folder, and what must be said of it. text NULL: the YAML is sound, its capture is `capture`. */
static const struct { const char *text, *capture; size_t cut; const char *line; } bad[] = {
    {HEAD DUT "colour: red\n" REST, NULL, 0, "/bad.yaml:3: unknown key \"colour\" in the trace"},
    {HEAD "dut: {address: 10.9.0.1, role: 7, capture: good.pcap}\n" REST, NULL, 0, "/bad.yaml:2: role: \"7\" is none of client, server, both"},
    {HEAD "dut: {address: 10.9.0.7, role: client, capture: good.pcap}\n" REST, NULL, 0, "/bad.yaml:2: dut: the address never occurs in good.pcap"},
    {HEAD "dut: {address: 10.9.0.1, role: client, capture: none.pcap}\n" REST, NULL, 0, "/none.pcap: No such file or directory"},
    {"GIF89a", NULL, 0, "/bad.yaml:1: the trace: a mapping {key: value} is wanted"},
    {"{", NULL, 0, "/bad.yaml:2: not YAML: did not find expected node content"},
    {NULL, "no capture at all, but long enough for a header", 0, "/bad.pcap: no capture: unknown file format"},
    {NULL, NULL, 20, "/bad.pcap: no capture: truncated dump file"},
    {NULL, NULL, 30, "/bad.pcap:frame 1: truncated dump file; tried to read 16 header bytes, only got 6"},
    {NULL, NULL, 200, "/bad.pcap:frame 3: truncated dump file; tried to read 16 header bytes, only got 12"},
};

START_TEST(a_bad_trace_is_one_line_and_the_good_one_still_runs)
{
    size_t len;
    char *whole = slurp(FOLDER "/good.pcap", &len);
    if (bad[_i].text != NULL)
        spill_text(FOLDER "/bad.yaml", bad[_i].text);
    else
        spill_text(FOLDER "/bad.yaml", HEAD "dut: {address: 10.9.0.1, role: client, capture: bad.pcap}\n" REST);
    if (bad[_i].capture != NULL)
        spill_text(FOLDER "/bad.pcap", bad[_i].capture);
    else if (bad[_i].cut != 0)
        spill(FOLDER "/bad.pcap", whole, bad[_i].cut < len ? bad[_i].cut : len);
    ck_assert_int_eq(lockstep(REPLAY FOLDER), 2);
    char *said = slurp(ERR, NULL), *printed = slurp(OUT, NULL);
    ck_assert_msg(lines_of(said) == 1, "%s", said);
    ck_assert_msg(strstr(said, FOLDER) != NULL, "%s", said);
    ck_assert_msg(strstr(said, bad[_i].line) != NULL, "%s", said);
    ck_assert_msg(strstr(printed, "1 passed, 0 failed, 0 skipped, 1 errors") != NULL, "%s", printed);
}
END_TEST

START_TEST(an_unreadable_folder_is_one_line_and_the_rest_still_runs)
{
    if (geteuid() == 0)
        return; /* root reads everything */
    ck_assert_int_eq(mkdir(FOLDER "/shut", 0), 0);
    ck_assert_int_eq(lockstep(REPLAY FOLDER), 2);
    char *said = slurp(ERR, NULL);
    ck_assert_str_eq(said, "lockstep replay: " FOLDER "/shut: Permission denied\n");
    ck_assert_ptr_nonnull(strstr(slurp(OUT, NULL), "1 passed, 0 failed, 0 skipped, 1 errors"));
}
END_TEST

START_TEST(a_path_that_is_not_there_is_one_line)
{
    ck_assert_int_eq(lockstep(REPLAY FOLDER "/none " FOLDER "/good.yaml"), 2);
    ck_assert_str_eq(slurp(ERR, NULL), "lockstep replay: " FOLDER "/none: No such file or directory\n");
    ck_assert_ptr_nonnull(strstr(slurp(OUT, NULL), "1 passed"));
}
END_TEST

START_TEST(dissect_gives_whole_frames_before_the_error)
{
    size_t len;
    char *whole = slurp(FOLDER "/good.pcap", &len);
    spill(FOLDER "/cut.pcap", whole, len - 5);
    ck_assert_int_eq(lockstep("dissect --json " FOLDER "/cut.pcap"), 2);
    ck_assert_int_eq(lines_of(slurp(OUT, NULL)), 9);
    char *said = slurp(ERR, NULL);
    ck_assert_int_eq(lines_of(said), 1);
    ck_assert_msg(strstr(said, FOLDER "/cut.pcap:frame 10: truncated dump file") != NULL, "%s", said);
}
END_TEST

/* One line, which begins with the subcommand's name and says what is wrong. None of these needs an interface. */
static const struct { const char *arguments, *line; } misused[] = {
    {"replay", "lockstep replay: no trace given (try --help)\n"},
    {"replay --filter none " FOLDER, "lockstep replay: nothing ran\n"},
    {"replay --pcap-out /proc/none " FOLDER, "lockstep replay: /proc/none: No such file or directory\n"},
    {"matrix", "lockstep matrix: no trace given (try --help)\n"},
    {"matrix " FOLDER "/none", "lockstep matrix: " FOLDER "/none: No such file or directory\n"},
    {"matrix --format xml " FOLDER, "lockstep matrix: unknown option or value: --format xml (try --help)\n"},
    {"matrix --profile none " FOLDER, "lockstep matrix: no requirement is of that profile; without --profile all are listed\n"},
    {"matrix --filter none", "lockstep matrix: unknown option or value: --filter none (try --help)\n"},
    {"record", "lockstep record: either --from X.event --out NAME, or --event X.event NAME.yaml (try --help)\n"},
    {"record --event " FOLDER "/x.event " FOLDER "/none.yaml", "lockstep record: " FOLDER "/none.yaml: No such file or directory\n"},
    {"audit " FOLDER "/none", "lockstep audit: " FOLDER "/none: No such file or directory\n"},
    {"dissect " FOLDER "/none", "lockstep dissect: " FOLDER "/none: No such file or directory\n"},
    {"visit --pcap-out /dev/null -q a", "lockstep visit: /dev/null/home.pcap: Not a directory\n"},
    {"fetch --interface", "lockstep fetch: --interface: a value is missing (try --help)\n"},
    {"serve --address 10.9.0.1", "lockstep serve: --address 10.9.0.1: not like 192.0.2.2/24 (try --help)\n"},
    {"resolve --dns none", "lockstep resolve: --dns none: not like 192.0.2.1, or too many (try --help)\n"},
    {"route --none", "lockstep route: --none: unknown option (try --help)\n"},
    {"route --interface", "lockstep route: --interface: a value is missing (try --help)\n"},
    {"none", "lockstep: unknown subcommand none (try --help)\n"},
};

START_TEST(what_is_wrong_is_said_in_one_line_that_begins_with_the_subcommand)
{
    ck_assert_int_eq(lockstep(misused[_i].arguments), 2);
    ck_assert_str_eq(slurp(ERR, NULL), misused[_i].line);
}
END_TEST

static const char *const printing[] = {"replay " FOLDER "/good.yaml", "matrix " FOLDER "/good.yaml", "dissect " FOLDER "/good.pcap", "audit " FOLDER "/good.pcap", "visit a"};

START_TEST(output_that_cannot_be_written_is_no_success)
{
    char command[256];
    if (access("/dev/full", W_OK) != 0)
        return;
    snprintf(command, sizeof command, "%s/lockstep %s 2>" ERR " >/dev/full", LK_BINARY_DIR, printing[_i]);
    int status = system(command);
    ck_assert_int_eq(WIFEXITED(status) ? WEXITSTATUS(status) : -1, 2);
    ck_assert_ptr_nonnull(strstr(slurp(ERR, NULL), ": standard output: No space left on device\n"));
}
END_TEST

START_TEST(record_leaves_nothing_half_done)
{
    spill_text(FOLDER "/bad.yaml", HEAD DUT "colour: red\n" REST);
    ck_assert_int_eq(lockstep("record --event " FOLDER "/bad.event " FOLDER "/bad.yaml"), 2);
    ck_assert_int_eq(lines_of(slurp(ERR, NULL)), 1);
    ck_assert_int_ne(access(FOLDER "/bad.event", F_OK), 0);
    spill_text(FOLDER "/noise.event", "neither trace nor anything else");
    ck_assert_int_eq(lockstep("record --from " FOLDER "/noise.event --out " FOLDER "/noise"), 2);
    ck_assert_str_eq(slurp(ERR, NULL), "lockstep record: " FOLDER "/noise.event: no trace in it\n");
    ck_assert_int_ne(access(FOLDER "/noise.yaml", F_OK), 0);
    ck_assert_int_eq(lockstep("record --event " FOLDER "/good.event " FOLDER "/good.yaml"), 0);
    ck_assert_int_eq(lockstep("record --from " FOLDER "/good.event --out " FOLDER "/again"), 0);
    ck_assert_int_eq(lockstep(REPLAY FOLDER "/again.yaml " FOLDER "/good.event"), 0);
}
END_TEST

START_TEST(a_bare_capture_is_answered_by_a_draft_that_runs)
{
    ck_assert_int_eq(rename(FOLDER "/good.pcap", FOLDER "/bare.pcap"), 0);
    ck_assert_int_eq(lockstep("replay " FOLDER "/bare.pcap"), 0);
    char *draft = slurp(OUT, NULL);
    ck_assert_ptr_nonnull(strstr(draft, "# ? "));
    spill_text(FOLDER "/bare.yaml", draft);
    ck_assert_int_eq(lockstep(REPLAY FOLDER "/bare.yaml"), 0);
    spill_text(FOLDER "/empty.pcap", "");
    ck_assert_int_eq(lockstep("replay " FOLDER "/empty.pcap"), 2);
    ck_assert_int_eq(lines_of(slurp(ERR, NULL)), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli/bad_input");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 120);
    tcase_add_checked_fixture(all, begin, end);
    tcase_add_test(all, the_good_trace_passes_alone);
    tcase_add_loop_test(all, a_bad_trace_is_one_line_and_the_good_one_still_runs, 0, (int)(sizeof bad / sizeof bad[0]));
    tcase_add_test(all, an_unreadable_folder_is_one_line_and_the_rest_still_runs);
    tcase_add_test(all, a_path_that_is_not_there_is_one_line);
    tcase_add_test(all, dissect_gives_whole_frames_before_the_error);
    tcase_add_loop_test(all, what_is_wrong_is_said_in_one_line_that_begins_with_the_subcommand, 0, (int)(sizeof misused / sizeof misused[0]));
    tcase_add_loop_test(all, output_that_cannot_be_written_is_no_success, 0, (int)(sizeof printing / sizeof printing[0]));
    tcase_add_test(all, record_leaves_nothing_half_done);
    tcase_add_test(all, a_bare_capture_is_answered_by_a_draft_that_runs);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
