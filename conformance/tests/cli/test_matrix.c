/* lockstep matrix: a row is proved by a trace that passes, failed by one that fails, and open otherwise. Runs the program. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define FOLDER LK_BINARY_DIR "/test_matrix"
#define OUT FOLDER "/out"

static char out[1 << 16];

static int lockstep(const char *arguments)
{
    char command[1024];
    snprintf(command, sizeof command, "%s/lockstep %s >" OUT " 2>" FOLDER "/err", LK_BINARY_DIR, arguments);
    int status = system(command);
    FILE *file = fopen(OUT, "rb");
    ck_assert_ptr_nonnull(file);
    out[fread(out, 1, sizeof out - 1, file)] = 0;
    fclose(file);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void write_trace(const char *answer)
{
    FILE *file = fopen(FOLDER "/x.yaml", "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "lockstep: 1\ndut: {address: 10.9.0.1, runs: udp-echo}\ntalk: |\n  in udp 10.9.0.2:4000 > 10.9.0.1:7 \"a\"\n  out udp 10.9.0.1:7 > 10.9.0.2:4000 \"%s\"\n"
                  "match: {mode: fields}\nproves: {RFC768-Fields-a: answer}\nsource: {by: hand}\n", answer);
    fclose(file);
}

static void expect_line(const char *id, const char *state)
{
    char *at = strstr(out, id), line[256];
    ck_assert_ptr_nonnull(at);
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    ck_assert_msg(strstr(line, state) != NULL, "\"%s\" does not say %s", line, state);
}

START_TEST(a_passing_trace_proves_and_a_failing_one_does_not)
{
    write_trace("a");
    ck_assert_int_eq(lockstep("matrix --profile udp " FOLDER), 0);
    expect_line("RFC768-Fields-a", " proved ");
    expect_line("RFC768-Fields-c", " open ");
    write_trace("b");
    ck_assert_int_eq(lockstep("matrix --profile udp " FOLDER), 1);
    expect_line("RFC768-Fields-a", " failed ");
}
END_TEST

START_TEST(json_is_an_object_a_line_with_totals_at_the_end)
{
    write_trace("a");
    ck_assert_int_eq(lockstep("matrix --format json --profile udp --dut builtin --dut recording " FOLDER), 0);
    expect_line("\"RFC768-Fields-a\"", "\"duts\":{\"builtin\":\"proved\",\"recording\":\"proved\"}}");
    expect_line("{\"profile\":\"udp\",\"dut\":\"recording\"", "\"proved\":1,");
}
END_TEST

START_TEST(what_is_proved_is_left_out_with_open)
{
    write_trace("a");
    ck_assert_int_eq(lockstep("matrix --open --profile udp " FOLDER), 0);
    ck_assert_ptr_null(strstr(out, "RFC768-Fields-a "));
    expect_line("RFC768-Fields-c", " open ");
}
END_TEST

START_TEST(bad_usage_and_bad_traces_end_with_two)
{
    ck_assert_int_eq(lockstep("matrix"), 2);
    ck_assert_int_eq(lockstep("matrix --format xml " FOLDER), 2);
    write_trace("\\q");
    ck_assert_int_eq(lockstep("matrix " FOLDER), 2);
}
END_TEST

int main(void)
{
    mkdir(FOLDER, 0777);
    Suite *suite = suite_create("cli/matrix");
    TCase *all = tcase_create("all");
    tcase_add_test(all, a_passing_trace_proves_and_a_failing_one_does_not);
    tcase_add_test(all, json_is_an_object_a_line_with_totals_at_the_end);
    tcase_add_test(all, what_is_proved_is_left_out_with_open);
    tcase_add_test(all, bad_usage_and_bad_traces_end_with_two);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
