#include "conformance/tests/support/rule_lines.h"
#include "stack/wire/tcp.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ISN_OUT 0xfffffc00u
#define ISN_IN 0x7ffffe00u
#define RECORDS 64

static uint8_t pattern[2][1 << 17]; /* the two streams: byte n at n */
static uint8_t other[1 << 17];

static void make_patterns(void)
{
    if (other[0] != 0)
        return;
    for (size_t i = 0; i < sizeof pattern[0]; i++) {
        pattern[0][i] = (uint8_t)(i * 7 + i / 256);
        pattern[1][i] = (uint8_t)(i * 11 + 3 + i / 256);
        other[i] = (uint8_t)~pattern[0][i];
    }
}

static void read_flags(struct lk_tcp *tcp, const char *word)
{
    for (; *word != '\0'; word++)
        tcp->control |= *word == 'S' ? LK_TCP_SYN : *word == 'F' ? LK_TCP_FIN : *word == 'R' ? LK_TCP_RST : *word == 'P' ? LK_TCP_PSH : LK_TCP_ACK;
}

static void read_sequence(struct lk_segment *segment, const char *word, uint32_t isn, unsigned stream)
{
    unsigned long from = strtoul(word, NULL, 0);
    const char *colon = strchr(word, ':');
    unsigned long to = colon == NULL ? from : strtoul(colon + 1, NULL, 0);
    segment->tcp.sequence_number = (uint32_t)(isn + from);
    segment->tcp.payload = &pattern[stream][from % sizeof pattern[0]];
    segment->tcp.payload_len = to - from;
}

static void read_sack(struct lk_tcp_options *options, char *word, uint32_t isn)
{
    options->present |= LK_TCP_HAS(LK_TCP_OPT_SACK);
    while (*word != '\0') {
        struct lk_tcp_sack *block = &options->sack[options->sack_count++];
        block->left = (uint32_t)(isn + strtoul(word, &word, 0));
        block->right = (uint32_t)(isn + strtoul(word + 1, &word, 0));
        word += *word == ',';
    }
}

static void read_word(struct lk_event *event, const char *word, char *value, uint32_t other_isn)
{
    struct lk_segment *segment = &event->segment;
    struct lk_tcp_options *options = &segment->options;
    if (strcmp(word, "ack") == 0) {
        segment->tcp.acknowledgment_number = (uint32_t)(other_isn + strtoul(value, NULL, 0));
    } else if (strcmp(word, "win") == 0) {
        segment->tcp.window = (uint16_t)atoi(value);
    } else if (strcmp(word, "mss") == 0) {
        options->present |= LK_TCP_HAS(LK_TCP_OPT_MSS);
        options->mss = (uint16_t)atoi(value);
    } else if (strcmp(word, "wscale") == 0) {
        options->present |= LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE);
        options->window_scale = (uint8_t)atoi(value);
    } else if (strcmp(word, "ts") == 0) {
        options->present |= LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
        options->ts_val = (uint32_t)strtoul(value, &value, 0);
        options->ts_ecr = (uint32_t)strtoul(value + 1, NULL, 0);
    } else if (strcmp(word, "sack") == 0) {
        read_sack(options, value, other_isn);
    } else {
        ck_abort_msg("no such word: %s", word);
    }
}

static void read_mark(struct lk_event *event, const char *word)
{
    struct lk_segment *segment = &event->segment;
    if (strcmp(word, "sackOK") == 0)
        segment->options.present |= LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED);
    else if (strcmp(word, "garbled") == 0)
        segment->tcp.payload = &other[(size_t)(segment->tcp.payload - pattern[0])];
    else if (strcmp(word, "badsum") == 0)
        segment->tcp_checksum_ok = false;
    else if (strcmp(word, "badip") == 0)
        segment->ip_checksum_ok = false;
    else
        event->fate = LK_FATE_LOST;
}

static bool is_mark(const char *word)
{
    static const char *const marks[] = {"sackOK", "garbled", "badsum", "badip", "lost"};
    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++)
        if (strcmp(word, marks[i]) == 0)
            return true;
    return false;
}

static void read_segment(struct lk_event *event, bool out)
{
    struct lk_segment *segment = &event->segment;
    uint32_t own = out ? ISN_OUT : ISN_IN, theirs = out ? ISN_IN : ISN_OUT;
    event->kind = LK_EVENT_FRAME;
    event->dir = out ? LK_OUT : LK_IN;
    event->delivered = true;
    segment->is_ip = segment->is_tcp = segment->ip_checksum_ok = segment->tcp_checksum_ok = true;
    read_flags(&segment->tcp, strtok(NULL, " "));
    read_sequence(segment, strtok(NULL, " "), own, out ? 0 : 1);
    for (char *word = strtok(NULL, " "); word != NULL; word = strtok(NULL, " "))
        if (is_mark(word))
            read_mark(event, word);
        else
            read_word(event, word, strtok(NULL, " "), theirs);
    segment->seg_len = lk_tcp_segment_length(&segment->tcp);
}

void read_rule_line(const char *line, uint32_t number, struct lk_event *event)
{
    make_patterns();
    char copy[256];
    snprintf(copy, sizeof copy, "%s", line);
    *event = (struct lk_event){.number = number, .knowledge = LK_SEEN};
    event->at = (lk_time)(strtod(strtok(copy, " "), NULL) * 1e6 + 0.5) * LK_MICROSECOND;
    const char *what = strtok(NULL, " ");
    if (*what == '>' || *what == '<') {
        read_segment(event, *what == '>');
    } else {
        const char *result = strtok(NULL, " ");
        event->kind = LK_EVENT_RETURN;
        event->op = strcmp(what, "send") == 0 ? LK_DO_SEND : strcmp(what, "abort") == 0 ? LK_DO_ABORT : LK_DO_CLOSE;
        event->result = result == NULL ? 0 : atol(result);
    }
}

static void on_finding(void *context, const char *check, const char *requirement, enum lk_severity severity, uint32_t event, uint64_t from, uint64_t to,
    const char *expected, const char *actual)
{
    struct judged *judged = context;
    ck_assert_uint_lt(judged->count, 64);
    struct found *found = &judged->found[judged->count++];
    *found = (struct found){check, requirement, severity, event, from, to, "", ""};
    snprintf(found->expected, sizeof found->expected, "%s", expected);
    snprintf(found->actual, sizeof found->actual, "%s", actual);
}

static void on_decided(void *context, const char *check, enum lk_answer answer)
{
    struct judged *judged = context;
    size_t i = 0;
    while (i < judged->decided_count && strcmp(judged->decided[i].check, check) != 0)
        i++;
    judged->decided_count += i == judged->decided_count;
    judged->decided[i].check = check;
    judged->decided[i].held += answer == LK_HELD;
    judged->decided[i].violated += answer == LK_VIOLATED;
    judged->decided[i].cannot_tell += answer == LK_CANNOT_TELL;
}

void judge_lines(const struct lk_rule_policy *policy, const char *const *lines, double until, struct judged *out)
{
    *out = (struct judged){0};
    struct lk_rule_sink sink = {out, on_finding, on_decided};
    void *memory = malloc(lk_rulebook_size(RECORDS));
    struct lk_rulebook *book = lk_rulebook_init(memory, lk_rulebook_size(RECORDS), RECORDS, policy, &sink);
    ck_assert_ptr_nonnull(book);
    lk_time last = 0;
    for (uint32_t i = 0; lines[i] != NULL && out->error == 0; i++) {
        struct lk_event event;
        read_rule_line(lines[i], i, &event);
        out->error = lk_rulebook_event(book, &event);
        snprintf(out->reasons[i], sizeof out->reasons[i], "%s", lk_rulebook_reason(book));
        last = event.at;
    }
    lk_time end = (lk_time)(until * 1e9);
    lk_rulebook_finish(book, end > last ? end : last);
    free(memory);
}

unsigned held_times(const struct judged *judged, const char *check)
{
    for (size_t i = 0; i < judged->decided_count; i++)
        if (strcmp(judged->decided[i].check, check) == 0)
            return judged->decided[i].held;
    return 0;
}

struct lk_rule_policy usual_policy(void)
{
    struct lk_rule_policy policy;
    lk_rule_policy_init(&policy, true);
    return policy;
}

static void show(const struct judged *judged)
{
    for (size_t i = 0; i < judged->count; i++) {
        const struct found *f = &judged->found[i];
        fprintf(stderr, "line %u: %s %s: expected %s; actual %s\n", f->line, f->check, f->requirement, f->expected, f->actual);
    }
}

void expect_violation_under(const struct lk_rule_policy *policy, const char *const *lines, const char *check, const char *requirement, uint32_t line)
{
    struct judged judged;
    judge_lines(policy, lines, 0, &judged);
    if (judged.count != 1)
        show(&judged);
    ck_assert_int_eq(judged.error, 0);
    ck_assert_uint_eq(judged.count, 1);
    ck_assert_str_eq(judged.found[0].check, check);
    if (requirement != NULL)
        ck_assert_str_eq(judged.found[0].requirement, requirement);
    ck_assert_uint_eq(judged.found[0].line, line);
}

void expect_held_under(const struct lk_rule_policy *policy, const char *const *lines, const char *check, unsigned times)
{
    struct judged judged;
    judge_lines(policy, lines, 0, &judged);
    show(&judged);
    ck_assert_int_eq(judged.error, 0);
    ck_assert_uint_eq(judged.count, 0);
    ck_assert_uint_eq(held_times(&judged, check), times);
}

void expect_violation(const char *const *lines, const char *check, const char *requirement, uint32_t line)
{
    struct lk_rule_policy policy = usual_policy();
    expect_violation_under(&policy, lines, check, requirement, line);
}

void expect_held(const char *const *lines, const char *check, unsigned times)
{
    struct lk_rule_policy policy = usual_policy();
    expect_held_under(&policy, lines, check, times);
}

int run_tests(const char *name, const TTest *const *tests, size_t count)
{
    Suite *suite = suite_create(name);
    TCase *all = tcase_create(name);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(all, tests[i]);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
