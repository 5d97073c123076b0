/* What the traces say of the network is what their captures show: conformance/record/check, and that it notices a lie. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static int status_of(const char *command)
{
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(fates_are_what_the_captures_show)
{
    ck_assert_int_eq(status_of(LK_SOURCE_DIR "/conformance/record/check"), 0);
}
END_TEST

/* Runs the check on a scratch copy of one trace, changed by a sed expression. */
static int after_change(const char *expression)
{
    char command[1024];
    snprintf(command, sizeof command,
             "d=$(mktemp -d) && mkdir $d/retransmission && cp %s/corpora/traces/retransmission/loss-early.* $d/retransmission/ && "
             "sed -i '%s' $d/retransmission/loss-early.yaml && %s/conformance/record/check $d loss-early; s=$?; rm -rf $d; exit $s",
             LK_SOURCE_DIR, expression, LK_SOURCE_DIR);
    return status_of(command);
}

START_TEST(a_changed_fate_is_noticed)
{
    ck_assert_int_eq(after_change(""), 0);
    ck_assert_int_eq(after_change("s/2897..4345/4345..5793/"), 1);
    ck_assert_int_eq(after_change("/2897..4345/d"), 1);
    ck_assert_int_eq(after_change("s/copy: 0/copy: 1/"), 1);
    ck_assert_int_eq(after_change("s/window: [0-9]*/window: 1000/"), 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("record/check");
    TCase *tests = tcase_create("check");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, fates_are_what_the_captures_show);
    tcase_add_test(tests, a_changed_fate_is_noticed);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
