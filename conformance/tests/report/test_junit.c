/* JUnit XML. */
#include "conformance/tests/report/verdicts.h"

static struct written written;

START_TEST(one_testcase_a_trace)
{
    struct lk_verdict verdicts[] = {passed(), too_early((struct lk_timeline){0}), skipped(), broken()};
    report_all(LK_REPORT_JUNIT, NULL, verdicts, 4, &written);
    ck_assert_str_eq(written.text,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"lockstep\">\n"
        "<testcase classname=\"handshake\" name=\"active-open\" time=\"1.500000\"/>\n"
        "<testcase classname=\"retransmission\" name=\"loss-tail\" time=\"0.000000\"><failure type=\"rto-not-early\" message=\"resent 0.100 s after the copy before\">"
        "expected: not resent by timer before 0.300 s, the least RTO of its round trips&#10;actual:   resent 0.100 s after the copy before&#10;"
        "RFC6298-5-a (MUST, RFC 6298 section 5): Never retransmit a segment earlier than one RTO after its previous transmission by timer</failure></testcase>\n"
        "<testcase classname=\"handshake\" name=\"simultaneous-open\" time=\"0.000000\"><skipped message=\"the device lacks simultaneous-open\"/></testcase>\n"
        "<testcase classname=\"lockstep\" name=\"odd &quot;name&quot; #1\\&lt;&amp;&gt;??\" time=\"0.000000\">"
        "<error message=\"odd.yaml:3: unknown key 'colour'&#10;&#9;dut\"/></testcase>\n"
        "</testsuite>\n</testsuites>\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {one_testcase_a_trace};
    return run_tests("report/junit", tests, sizeof tests / sizeof tests[0]);
}
