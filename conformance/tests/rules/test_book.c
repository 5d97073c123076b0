/* The book as a whole: whatever comes, it stays within its memory and tells when that is used up. */
#include "conformance/tests/support/rule_lines.h"
#include "stack/base/error.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint32_t state = 7;
static uint32_t random_below(uint32_t n)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % n;
}

static void write_sack(char *line, size_t cap)
{
    size_t len = strlen(line);
    snprintf(line + len, cap - len, " sack");
    for (uint32_t i = 0, count = 1 + random_below(4); i < count; i++) {
        uint32_t left = random_below(6000);
        len = strlen(line);
        snprintf(line + len, cap - len, "%s%u:%u", i == 0 ? " " : ",", (unsigned)left, (unsigned)(left + random_below(3000)));
    }
}

/* A line near a real connection, with everything allowed. */
static void write_line(char *line, size_t cap, double at)
{
    static const char *const flags[] = {".", "P.", "F.", "S", "S.", "R", "R.", "P", "F", "SF."};
    const char *flag = flags[random_below(random_below(4) == 0 ? 10 : 2)];
    uint32_t from = random_below(5000), len = random_below(2) == 0 ? 0 : random_below(2000);
    snprintf(line, cap, "%.3f %c %s %u:%u ack %u win %u", at, random_below(2) == 0 ? '>' : '<', flag, (unsigned)from, (unsigned)(from + len), (unsigned)random_below(5000),
        (unsigned)random_below(4) * 2000);
    size_t end = strlen(line);
    snprintf(line + end, cap - end, "%s%s", random_below(3) == 0 ? " ts 5/6" : "", random_below(6) == 0 ? " sackOK mss 900 wscale 3" : "");
    if (random_below(3) == 0)
        write_sack(line, cap);
}

static void count_finding(void *context, const char *check, const char *requirement, enum lk_severity severity, uint32_t event, uint64_t from, uint64_t to,
    const char *expected, const char *actual)
{
    const struct lk_check_info *info = lk_check_lookup(check);
    bool cited = false;
    (void)event;
    (void)from;
    (void)to;
    ck_assert_ptr_nonnull(info);
    for (size_t i = 0; i < info->requirement_count; i++)
        cited = cited || strcmp(info->requirements[i], requirement) == 0;
    ck_assert_msg(cited, "%s names %s, which is not in its list", check, requirement);
    ck_assert(severity == LK_MUST || severity == LK_SHOULD);
    ck_assert(expected[0] != '\0' && actual[0] != '\0');
    (*(unsigned *)context)++;
}

START_TEST(any_timeline_is_survived)
{
    size_t size = lk_rulebook_size(32);
    unsigned findings = 0, full = 0;
    for (unsigned round = 0; round < 400; round++) {
        struct lk_rule_policy policy = usual_policy();
        struct lk_rule_sink sink = {.context = &findings, .finding = count_finding};
        void *memory = malloc(size); /* exactly: a sanitizer sees the byte after it */
        struct lk_rulebook *book = lk_rulebook_init(memory, size, 32, &policy, &sink);
        policy.rack_tlp = round % 2;
        double at = 0;
        int error = 0;
        for (uint32_t i = 0; i < 60 && error == 0; i++) {
            char line[256];
            struct lk_event event;
            write_line(line, sizeof line, at += random_below(10) == 0 ? 0.4 : 0.01);
            read_rule_line(line, i, &event);
            error = lk_rulebook_event(book, &event);
        }
        ck_assert(error == 0 || error == LK_E_NOMEM);
        full += error != 0;
        lk_rulebook_finish(book, (lk_time)(at * 1e9) + LK_SECOND);
        free(memory);
    }
    ck_assert_uint_gt(findings, 1000);
    ck_assert_uint_lt(full, 100);
}
END_TEST

START_TEST(used_up_records_are_told)
{
    struct lk_rule_policy policy = usual_policy();
    struct lk_rule_sink sink = {0};
    size_t size = lk_rulebook_size(2);
    void *memory = malloc(size);
    struct lk_rulebook *book = lk_rulebook_init(memory, size, 2, &policy, &sink);
    const char *const *lines = LINES("0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 64000 mss 1000", "0.10 > . 1:101 ack 1 win 64000", "0.10 > . 101:201 ack 1 win 64000",
        "0.10 > . 201:301 ack 1 win 64000");
    for (uint32_t i = 0; i < 5; i++) {
        struct lk_event event;
        read_rule_line(lines[i], i, &event);
        ck_assert_int_eq(lk_rulebook_event(book, &event), i < 4 ? 0 : LK_E_NOMEM);
    }
    free(memory);
}
END_TEST

START_TEST(frames_that_are_no_tcp_are_passed_over)
{
    struct lk_rule_policy policy = usual_policy();
    struct lk_rule_sink sink = {0};
    size_t size = lk_rulebook_size(2);
    void *memory = malloc(size);
    struct lk_rulebook *book = lk_rulebook_init(memory, size, 2, &policy, &sink);
    struct lk_event event = {.kind = LK_EVENT_FRAME, .dir = LK_OUT};
    ck_assert_int_eq(lk_rulebook_event(book, &event), 0);
    event.dir = LK_IN;
    ck_assert_int_eq(lk_rulebook_event(book, &event), 0);
    event.kind = LK_EVENT_DEATH;
    ck_assert_int_eq(lk_rulebook_event(book, &event), 0);
    ck_assert_str_eq(lk_rulebook_reason(book), "");
    free(memory);
}
END_TEST

/* Directions exchanged: the same capture, judged from the other end. */
START_TEST(the_other_end_is_judged_by_exchanging_directions)
{
    expect_violation(LINES("0.00 < S 0 win 64000 mss 1000", "0.00 > S. 0 ack 1 win 64000 mss 1000", "0.10 < . 1 ack 1 win 64000", "0.10 > . 1:1001 ack 1 win 64000",
                         "0.15 > . 1:1001 ack 1 win 64000"),
        "rto-not-early", NULL, 4);
    expect_held(LINES("0.00 > S 0 win 64000 mss 1000", "0.00 < S. 0 ack 1 win 64000 mss 1000", "0.10 > . 1 ack 1 win 64000", "0.10 < . 1:1001 ack 1 win 64000",
                    "0.10 > . 1 ack 1001 win 64000", "0.15 < . 1:1001 ack 1 win 64000", "0.15 > . 1 ack 1001 win 64000"),
        "duplicate-ack", 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {any_timeline_is_survived, used_up_records_are_told, frames_that_are_no_tcp_are_passed_over,
        the_other_end_is_judged_by_exchanging_directions};
    return run_tests("rules/book", tests, sizeof tests / sizeof tests[0]);
}
