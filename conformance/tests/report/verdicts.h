/* Verdicts for the tests of this room, and a place for what is written. */
#ifndef LK_TESTS_REPORT_VERDICTS_H
#define LK_TESTS_REPORT_VERDICTS_H

#include "conformance/report/report.h"
#include "conformance/tests/support/rule_lines.h"

#include <stdlib.h>
#include <string.h>

struct written { char text[16384]; size_t len; };

static inline void write_to(void *context, const char *text, size_t len)
{
    struct written *written = context;
    ck_assert_uint_lt(written->len + len, sizeof written->text);
    memcpy(written->text + written->len, text, len);
    written->len += len;
    written->text[written->len] = '\0';
}

/* The lines as a timeline, with the reasons the rulebook gives. */
static inline struct lk_timeline timeline_of(struct lk_bump *memory, const char *const *lines)
{
    struct lk_timeline timeline = {.memory = memory};
    struct lk_rule_policy policy = usual_policy();
    struct lk_rule_sink sink = {0};
    void *room = malloc(lk_rulebook_size(64));
    struct lk_rulebook *book = lk_rulebook_init(room, lk_rulebook_size(64), 64, &policy, &sink);
    for (uint32_t i = 0; lines[i] != NULL; i++) {
        struct lk_event read;
        read_rule_line(lines[i], i, &read);
        struct lk_event *event = lk_timeline_add(&timeline, LK_EVENT_FRAME, read.at);
        ck_assert_ptr_nonnull(event);
        *event = read;
        ck_assert_int_eq(lk_rulebook_event(book, event), 0);
        event->text = lk_bump_text(memory, lk_rulebook_reason(book), strlen(lk_rulebook_reason(book)));
    }
    free(room);
    return timeline;
}

static inline struct lk_verdict passed(void)
{
    return (struct lk_verdict){.kind = LK_PASS, .trace = "handshake/active-open", .dut = "builtin", .mode = "exact/recorded",
        .compared = {10, 800, 41}, .virtual_time = 1500 * LK_MILLISECOND};
}

/* As the matcher reports it: another acknowledgement number, another window. */
static inline struct lk_verdict differs(struct lk_timeline ours)
{
    return (struct lk_verdict){.kind = LK_FAIL, .trace = "handshake/passive-open", .dut = "./mine.so", .mode = "exact/recorded", .compared = {1, 0, 3}, .ours = ours,
        .difference = {.present = true, .event = 1, .frame = 2, .rule = "segments", .field = "ack", .requirement = "RFC9293-3.5-a",
            .expected = "Flags [S.], seq 0, ack 1, win 65160, options [mss 1460,sackOK,TS val 1 ecr 1,nop,wscale 7], length 0",
            .actual = "Flags [S.], seq 0, ack 0, win 65160, options [mss 1460,sackOK,TS val 1 ecr 1,nop,wscale 7], length 0"}};
}

/* As a rule reports it. */
static inline struct lk_verdict too_early(struct lk_timeline ours)
{
    return (struct lk_verdict){.kind = LK_FAIL, .trace = "retransmission/loss-tail", .dut = "builtin", .mode = "stream/acting", .compared = {5, 100, 1}, .ours = ours,
        .difference = {.present = true, .event = 4, .from = 1, .to = 101, .rule = "rto-not-early", .requirement = "RFC6298-5-a",
            .expected = "not resent by timer before 0.300 s, the least RTO of its round trips", .actual = "resent 0.100 s after the copy before"}};
}

static inline struct lk_verdict skipped(void)
{
    return (struct lk_verdict){.kind = LK_SKIP, .trace = "handshake/simultaneous-open", .dut = "lwip", .skipped_for = "simultaneous-open", .reason = "the device lacks simultaneous-open"};
}

static inline struct lk_verdict broken(void)
{
    return (struct lk_verdict){.kind = LK_ERROR, .trace = "odd \"name\" #1\\<&>\x01\xff", .dut = "builtin", .reason = "odd.yaml:3: unknown key 'colour'\n\tdut"};
}

/* A report over these verdicts. */
static inline void report_all(enum lk_report_format format, const struct lk_report_style *style, const struct lk_verdict *verdicts, size_t count, struct written *written)
{
    struct lk_report report;
    struct lk_report_out out = {written, write_to};
    written->len = 0;
    lk_report_begin(&report, format, style, &out);
    for (size_t i = 0; i < count; i++)
        lk_report_verdict(&report, &verdicts[i]);
    lk_report_end(&report);
}

#endif
