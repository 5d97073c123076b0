/* The template for a stack author, built as a shared object, and three stacks with a planted bug: each bug is reported by the
 * name of a check, with the field that differs. */
#include "conformance/dut/load.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/replay/replay.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lk_bump *memory;
static struct lk_verdict verdict;

static void setup(void) { memory = lk_bump_new((size_t)256 << 20); ck_assert_ptr_nonnull(memory); }
static void teardown(void) { lk_bump_free(memory); }

static void replay(const char *plug, const char *trace_name)
{
    struct lk_replay_options options = {.seed = {1}};
    struct lk_trace *trace = lk_bump_take(memory, sizeof *trace);
    struct lk_fault fault;
    char path[512], why[256];
    const struct lk_dut *dut;
    snprintf(path, sizeof path, LK_BINARY_DIR "/dut/lib%s.so", plug);
    dut = lk_dut_load(path, why);
    ck_assert_msg(dut != NULL, "%s", why);
    snprintf(path, sizeof path, LK_SOURCE_DIR "/corpora/traces/%s.yaml", trace_name);
    ck_assert_msg(lk_trace_read(path, memory, trace, &fault) == 0, "%s", fault.text);
    lk_replay_run(trace, dut, &options, &verdict, memory);
}

static void expect_difference(const char *rule, const char *field)
{
    ck_assert_int_eq(verdict.kind, LK_FAIL);
    ck_assert(verdict.difference.present);
    ck_assert_str_eq(verdict.difference.rule, rule);
    ck_assert_str_eq(verdict.difference.field, field);
}

START_TEST(the_template_passes)
{
    static const char *const traces[] = {"handshake/active-open", "handshake/passive-open", "handshake/refused", "handshake/closed-port", "teardown/active-close", "teardown/passive-close"};
    for (size_t i = 0; i < sizeof traces / sizeof *traces; i++) {
        replay("template", traces[i]);
        ck_assert_msg(verdict.kind == LK_PASS, "%s", traces[i]);
    }
}
END_TEST

START_TEST(an_ack_one_too_far_is_named)
{
    replay("planted_ack", "handshake/active-open");
    expect_difference("handshake", "ack");
}
END_TEST

START_TEST(a_missing_reset_is_named)
{
    replay("planted_reset", "handshake/closed-port");
    expect_difference("reset", "segment");
    ck_assert_str_eq(verdict.difference.actual, "nothing");
}
END_TEST

START_TEST(missing_options_are_named)
{
    replay("planted_mss", "handshake/active-open");
    expect_difference("options", "options");
    ck_assert_str_eq(verdict.difference.requirement, "RFC9293-MUST-14");
}
END_TEST

START_TEST(what_the_template_cannot_do_is_skipped_by_name)
{
    replay("template", "handshake/simultaneous-open");
    ck_assert_int_eq(verdict.kind, LK_SKIP);
    ck_assert_str_eq(verdict.skipped_for, "simultaneous-open");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dut/plugins");
    TCase *c = tcase_create("plugins");
    SRunner *runner;
    int failed;
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, the_template_passes);
    tcase_add_test(c, an_ack_one_too_far_is_named);
    tcase_add_test(c, a_missing_reset_is_named);
    tcase_add_test(c, missing_options_are_named);
    tcase_add_test(c, what_the_template_cannot_do_is_skipped_by_name);
    suite_add_tcase(suite, c);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
