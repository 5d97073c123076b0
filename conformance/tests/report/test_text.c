/* Text for people: golden, since it is what they read, but only the parts that tell something. */
#include "conformance/tests/report/verdicts.h"

static struct written written;

static const char *text_of(const struct lk_report_style *style, struct lk_verdict verdict)
{
    report_all(LK_REPORT_TEXT, style, &verdict, 1, &written);
    return written.text;
}

static void assert_has(const char *text, const char *part)
{
    ck_assert_msg(strstr(text, part) != NULL, "not found:\n%s\nin:\n%s", part, text);
}

START_TEST(a_pass_is_one_line)
{
    const struct lk_report_style narrow = {.columns = 80};
    ck_assert_str_eq(text_of(NULL, passed()),
        "pass  handshake/active-open                       exact/recorded   10 frames    800 bytes  41 checks\n"
        "1 passed, 0 failed, 0 skipped, 0 errors\n");
    ck_assert_str_eq(text_of(&narrow, passed()),
        "pass  handshake/active-open   exact/recorded   10 frames    800 bytes  41 checks\n"
        "1 passed, 0 failed, 0 skipped, 0 errors\n");
}
END_TEST

START_TEST(a_skip_names_the_capability_and_an_error_its_reason)
{
    assert_has(text_of(NULL, skipped()), "skip  handshake/simultaneous-open                 the device lacks simultaneous-open\n0 passed, 0 failed, 1 skipped, 0 errors\n");
    assert_has(text_of(NULL, broken()), "odd.yaml:3: unknown key 'colour'??dut\n0 passed, 0 failed, 0 skipped, 1 errors\n");
}
END_TEST

START_TEST(a_failure_shows_both_segments_side_by_side)
{
    struct lk_bump *memory = lk_bump_new(1 << 20);
    struct lk_timeline ours = timeline_of(memory, LINES("0.00 < S 0 win 64000 mss 1460", "0.00 > S. 0 ack 0 win 65160 mss 1460"));
    ck_assert_str_eq(text_of(NULL, differs(ours)),
        "fail  handshake/passive-open                      exact/recorded    1 frame       0 bytes   3 checks\n"
        "      where        0.000000 s, event 1, frame 2 of the capture\n"
        "      rule         segments\n"
        "      field        ack\n"
        "      requirement  RFC9293-3.5-a (MUST, RFC 9293 section 3.5): Three-way handshake: SYN, SYN-ACK,\n"
        "                   ACK with the exact SEQ/ACK relations\n"
        "                   expected                                actual\n"
        "        Flags      [S.]                                    [S.]\n"
        "        seq        0                                       0\n"
        "      * ack        1                                       0\n"
        "        win        65160                                   65160\n"
        "        options    [mss 1460,sackOK,TS val 1 ecr 1,nop,wscale 7]  (both)\n"
        "        length     0                                       0\n"
        "\n"
        "  0.000000                 |<------------------------------- S 0 win 64000 -|\n"
        "  0.000000                 |--- S. 0 ack 0 win 65160 ---------------------->|  answers the SYN\n"
        "\n"
        "0 passed, 1 failed, 0 skipped, 0 errors\n");
    lk_bump_free(memory);
}
END_TEST

START_TEST(a_long_field_that_differs_takes_two_lines)
{
    struct lk_verdict verdict = differs((struct lk_timeline){0});
    verdict.difference.field = "options";
    verdict.difference.actual = "Flags [S.], seq 0, ack 1, win 65160, options [mss 1460], length 0";
    assert_has(text_of(NULL, verdict), "      * options    [mss 1460,sackOK,TS val 1 ecr 1,nop,wscale 7]\n"
                                       "                   [mss 1460]\n");
    verdict.difference.actual = "Flags [S.], seq 0, ack 1, win 65160, length 0";
    assert_has(text_of(NULL, verdict), "      * options    [mss 1460,sackOK,TS val 1 ecr 1,nop,wscale 7]\n"
                                       "                   -\n");
}
END_TEST

START_TEST(a_field_only_the_actual_segment_has_is_shown)
{
    struct lk_verdict verdict = differs((struct lk_timeline){0});
    verdict.difference.actual = "Flags [S.], seq 0, ack 1, win 65160, urg 7, length 0";
    assert_has(text_of(NULL, verdict), "      ~ urg        -                                       7\n");
    verdict.difference.field = NULL;
    assert_has(text_of(NULL, verdict), "      * urg        -                                       7\n");
}
END_TEST

START_TEST(the_broken_field_stands_out)
{
    struct lk_verdict verdict = differs((struct lk_timeline){0});
    verdict.difference.actual = "Flags [S.], seq 0, ack 0, win 65535, length 0";
    assert_has(text_of(NULL, verdict), "      * ack        1                                       0\n      ~ win        65160                                   65535\n");
    verdict.difference.field = "window";
    assert_has(text_of(NULL, verdict), "      ~ ack        1                                       0\n      * win        65160                                   65535\n");
    verdict.difference.field = "order"; /* nothing of the table */
    assert_has(text_of(NULL, verdict), "      * ack        1                                       0\n      * win        65160                                   65535\n");
}
END_TEST

START_TEST(a_time_stands_in_the_table_too)
{
    struct lk_verdict verdict = differs((struct lk_timeline){0});
    verdict.difference.field = "time";
    verdict.difference.expected = "1.070266 s: Flags [S], seq 0, win 64240, length 0";
    verdict.difference.actual = "0.500000 s: Flags [S], seq 0, win 65535, length 0";
    assert_has(text_of(NULL, verdict), "      * time       1.070266 s                              0.500000 s\n"
                                       "        Flags      [S]                                     [S]\n"
                                       "        seq        0                                       0\n"
                                       "      ~ win        64240                                   65535\n");
}
END_TEST

START_TEST(a_rule_says_it_in_words)
{
    struct lk_bump *memory = lk_bump_new(1 << 20);
    struct lk_timeline ours = timeline_of(memory, LINES("0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 64000 mss 1000", "0.10 > . 1 ack 1 win 64000",
                                                      "0.10 > P. 1:101 ack 1 win 64000 lost", "0.20 > P. 1:101 ack 1 win 64000"));
    const char *text = text_of(NULL, too_early(ours));
    assert_has(text, "      where        0.200000 s, event 4, bytes 1..101\n");
    assert_has(text, "      expected     not resent by timer before 0.300 s, the least RTO of its round trips\n"
                     "      actual       resent 0.100 s after the copy before\n");
    assert_has(text, "  0.100000                 |--- P. 1:101 ack 1 win 64000 -----------X lost  |  new data\n");
    lk_bump_free(memory);
}
END_TEST

START_TEST(colours_only_when_asked_for)
{
    const struct lk_report_style colours = {.colours = true};
    ck_assert_ptr_null(strchr(text_of(NULL, differs((struct lk_timeline){0})), '\033'));
    assert_has(text_of(&colours, differs((struct lk_timeline){0})), "\033[1;31m* ack        1                                       0\033[0m\n");
}
END_TEST

START_TEST(further_findings_are_counted)
{
    struct lk_finding findings[] = {{"a", NULL, LK_MUST, 0, "m"}, {"b", NULL, LK_MUST, 0, "m"}, {"c", NULL, LK_SHOULD, 0, "m"}};
    struct lk_verdict verdict = differs((struct lk_timeline){0});
    verdict.findings = findings;
    verdict.finding_count = 3;
    assert_has(text_of(NULL, verdict), "      and 1 further finding at MUST level, shown by -v\n");
    const struct lk_report_style verbose = {.verbose = true};
    assert_has(text_of(&verbose, verdict), "      SHOULD c: m\n");
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_pass_is_one_line, a_skip_names_the_capability_and_an_error_its_reason, a_failure_shows_both_segments_side_by_side,
        a_long_field_that_differs_takes_two_lines, a_field_only_the_actual_segment_has_is_shown, the_broken_field_stands_out, a_time_stands_in_the_table_too, a_rule_says_it_in_words, colours_only_when_asked_for,
        further_findings_are_counted};
    return run_tests("report/text", tests, sizeof tests / sizeof tests[0]);
}
