/* TAP version 14. */
#include "conformance/tests/report/verdicts.h"

static struct written written;

START_TEST(a_line_a_trace_and_the_plan_at_the_end)
{
    struct lk_verdict verdicts[] = {passed(), too_early((struct lk_timeline){0}), skipped(), broken()};
    report_all(LK_REPORT_TAP, NULL, verdicts, 4, &written);
    ck_assert_str_eq(written.text,
        "TAP version 14\n"
        "ok 1 - handshake/active-open\n"
        "not ok 2 - retransmission/loss-tail\n"
        "  ---\n"
        "  verdict: \"fail\"\n"
        "  rule: \"rto-not-early\"\n"
        "  expected: \"not resent by timer before 0.300 s, the least RTO of its round trips\"\n"
        "  actual: \"resent 0.100 s after the copy before\"\n"
        "  requirement: \"RFC6298-5-a (MUST, RFC 6298 section 5): Never retransmit a segment earlier than one RTO after its previous transmission by timer\"\n"
        "  ...\n"
        "ok 3 - handshake/simultaneous-open # SKIP the device lacks simultaneous-open\n"
        "not ok 4 - odd \"name\" \\#1\\\\<&>?\xff\n"
        "  ---\n"
        "  verdict: \"error\"\n"
        "  message: \"odd.yaml:3: unknown key 'colour'\\n\\tdut\"\n"
        "  ...\n"
        "1..4\n");
}
END_TEST

START_TEST(formats_have_names)
{
    ck_assert_int_eq(lk_report_format_named("tap"), LK_REPORT_TAP);
    ck_assert_int_eq(lk_report_format_named("json"), LK_REPORT_JSON);
    ck_assert_int_eq(lk_report_format_named("text"), LK_REPORT_TEXT);
    ck_assert_int_eq(lk_report_format_named("junit"), LK_REPORT_JUNIT);
    ck_assert_int_eq(lk_report_format_named("xml"), -1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_line_a_trace_and_the_plan_at_the_end, formats_have_names};
    return run_tests("report/tap", tests, sizeof tests / sizeof tests[0]);
}
