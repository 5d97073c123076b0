/* Text for people: one line a trace, the picture under a failed one, the summary. */
#include "conformance/report/out.h"

#include <string.h>

static enum colour colour_of(enum lk_verdict_kind kind)
{
    return kind == LK_PASS ? GREEN : kind == LK_SKIP ? YELLOW : RED;
}

/* "pass  handshake/refused                           exact/recorded    3 frames       0 bytes   7 checks" */
#define FIXED (6 + 1 + 15 + 11 + 13 + 11) /* columns beside the name: word, space, mode, frames, bytes, checks */
static void put_line(const struct lk_report *report, const struct lk_verdict *v)
{
    size_t name = columns_of(report) - FIXED;
    const char *trace = v->trace == NULL ? "?" : v->trace;
    put_colour(report, colour_of(v->kind));
    putf(report, "%-5s ", verdict_word(v->kind));
    put_colour(report, PLAIN);
    put_clean(report, trace);
    put_spaces(report, strlen(trace) < name ? name - strlen(trace) + 1 : 1);
    if (v->kind == LK_SKIP || v->kind == LK_ERROR) {
        bool capability = v->kind == LK_SKIP && v->skipped_for != NULL;
        put(report, capability ? "the device lacks " : "");
        put_clean(report, capability ? v->skipped_for : v->reason);
    } else {
        putf(report, "%-15s%4llu frame%s", v->mode == NULL ? "" : v->mode, (unsigned long long)v->compared.frames, v->compared.frames == 1 ? " " : "s");
        putf(report, "%7llu byte%s", (unsigned long long)v->compared.bytes, v->compared.bytes == 1 ? " " : "s");
        putf(report, "%4llu check%s", (unsigned long long)v->compared.checks, v->compared.checks == 1 ? "" : "s");
    }
    put(report, "\n");
}

static const char *level_word(uint8_t severity)
{
    return severity == LK_MUST ? "MUST" : severity == LK_SHOULD ? "SHOULD" : "note";
}

static void put_findings(const struct lk_report *report, const struct lk_verdict *v)
{
    for (size_t i = 0; i < v->finding_count; i++) {
        const struct lk_finding *f = &v->findings[i];
        char line[400];
        putf(report, "      %-7s%s", level_word(f->severity), f->check == NULL ? "" : f->check);
        if (f->event < v->ours.count)
            putf(report, " at %.6f s", seconds_of(v->ours.events[f->event].at));
        put(report, ": ");
        put_wrapped(report, f->message == NULL ? "" : f->message, 13, columns_of(report) - 13);
        requirement_line(f->requirement, line, sizeof line);
        if (line[0] != '\0') {
            put_spaces(report, 13);
            put_wrapped(report, line, 13, columns_of(report) - 13);
        }
    }
}

static void put_checks(const struct lk_report *report, const struct lk_verdict *v)
{
    for (size_t i = 0; i < v->check_count; i++) {
        const struct lk_check_count *c = &v->checks[i];
        putf(report, "      %-22s held %5llu", c->check, (unsigned long long)c->held);
        if (c->violated != 0)
            putf(report, "   violated %llu", (unsigned long long)c->violated);
        put(report, "\n");
    }
}

/* Stream mode: what recovery cost, the recording's own figures beside. */
static void put_figures(const struct lk_report *report, const struct lk_verdict *v)
{
    if (v->mode == NULL || strncmp(v->mode, "stream", 6) != 0)
        return;
    put(report, "                         data frames   resent   resent bytes   timeouts   lost bytes   finished\n");
    putf(report, "      %-15s%15llu%9llu%15llu%11llu%13llu%9.3f s\n", "this run", (unsigned long long)v->figures.data_frames_out,
        (unsigned long long)v->figures.resent_frames, (unsigned long long)v->figures.resent_bytes, (unsigned long long)v->figures.rto,
        (unsigned long long)v->figures.lost_bytes, seconds_of(v->figures.finished));
    putf(report, "      %-15s%15llu%9llu%15llu%11llu%13llu%9.3f s\n", "the recording", (unsigned long long)v->recorded_figures.data_frames_out,
        (unsigned long long)v->recorded_figures.resent_frames, (unsigned long long)v->recorded_figures.resent_bytes, (unsigned long long)v->recorded_figures.rto,
        (unsigned long long)v->recorded_figures.lost_bytes, seconds_of(v->recorded_figures.finished));
}

void text_verdict(struct lk_report *report, const struct lk_verdict *v)
{
    put_line(report, v);
    if (report->style.verbose) {
        lk_report_ladder(report, &v->ours);
        put_findings(report, v);
        put_checks(report, v);
        put_figures(report, v);
    }
    if (v->kind == LK_FAIL)
        picture(report, v);
    if (report->style.verbose)
        put(report, "\n");
}

static void put_total(const struct lk_report *report, uint64_t count, const char *word, enum colour colour)
{
    if (count != 0)
        put_colour(report, colour);
    putf(report, "%llu %s", (unsigned long long)count, word);
    if (count != 0)
        put_colour(report, PLAIN);
}

void text_end(const struct lk_report *report)
{
    const struct lk_report_total *t = &report->total;
    put_total(report, t->passed, "passed", GREEN);
    put(report, ", ");
    put_total(report, t->failed, "failed", RED);
    put(report, ", ");
    put_total(report, t->skipped, "skipped", YELLOW);
    put(report, ", ");
    put_total(report, t->errors, "errors", RED);
    put(report, "\n");
}
