/* The acting peer proven apart from every stack: a sound sender passes, each crippled one fails. */
#include "conformance/files/folder.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/replay/replay.h"
#include "conformance/tests/support/sender.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET ((size_t)1 << 28)

static enum lk_verdict_kind replay(const char *path, enum sender_fault fault, bool print)
{
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_replay_options options = {0};
    struct lk_verdict verdict;
    struct lk_fault why;
    struct lk_trace trace;
    ck_assert_msg(lk_trace_read(path, memory, &trace, &why) == 0, "%s", why.text);
    lk_replay_run(&trace, sender_dut(fault), &options, &verdict, memory);
    enum lk_verdict_kind kind = verdict.kind;
    if (print)
        printf("  %-18s %-28s %s%s %s | %s\n", sender_fault_name(fault), trace.name, kind == LK_PASS ? "pass" : kind == LK_FAIL ? "fail by " : "error: ",
               kind == LK_FAIL ? verdict.difference.rule : kind == LK_ERROR ? verdict.reason : "", kind == LK_FAIL ? verdict.difference.expected : "", kind == LK_FAIL ? verdict.difference.actual : "");
    lk_bump_free(memory);
    return kind;
}

static const char *const with_a_loss[] = {"loss-early", "loss-several", "loss-tail"};

START_TEST(a_sound_sender_passes_a_trace_with_a_loss)
{
    char path[512];
    snprintf(path, sizeof path, LK_SOURCE_DIR "/corpora/traces/retransmission/%s.yaml", with_a_loss[_i]);
    ck_assert_int_eq(replay(path, SENDER_SOUND, true), LK_PASS);
}
END_TEST

START_TEST(a_crippled_sender_fails_one)
{
    ck_assert_int_eq(replay(LK_SOURCE_DIR "/corpora/traces/retransmission/loss-early.yaml", (enum sender_fault)_i, true), LK_FAIL);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("sender");
    TCase *tcase = tcase_create("acting peer");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, a_sound_sender_passes_a_trace_with_a_loss, 0, (int)(sizeof with_a_loss / sizeof with_a_loss[0]));
    tcase_add_loop_test(tcase, a_crippled_sender_fails_one, SENDER_NEVER_RETRANSMITS, SENDER_FAULTS);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
