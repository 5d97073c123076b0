#include "conformance/report/out.h"

#include <string.h>

int lk_report_format_named(const char *name)
{
    static const char *const names[] = {"text", "json", "junit", "tap"};
    for (int i = 0; i < 4; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

void lk_report_begin(struct lk_report *report, enum lk_report_format format, const struct lk_report_style *style, const struct lk_report_out *out)
{
    *report = (struct lk_report){.format = format, .out = *out};
    if (style != NULL)
        report->style = *style;
    if (format == LK_REPORT_JUNIT)
        junit_begin(report);
    else if (format == LK_REPORT_TAP)
        tap_begin(report);
}

static void count(struct lk_report_total *total, enum lk_verdict_kind kind)
{
    total->passed += kind == LK_PASS;
    total->failed += kind == LK_FAIL;
    total->skipped += kind == LK_SKIP;
    total->errors += kind == LK_ERROR;
}

static uint64_t all(const struct lk_report_total *total)
{
    return total->passed + total->failed + total->skipped + total->errors;
}

void lk_report_verdict(struct lk_report *report, const struct lk_verdict *verdict)
{
    count(&report->total, verdict->kind);
    switch (report->format) {
    case LK_REPORT_JSON: json_verdict(report, verdict); break;
    case LK_REPORT_JUNIT: junit_verdict(report, verdict); break;
    case LK_REPORT_TAP: tap_verdict(report, verdict, all(&report->total)); break;
    default: text_verdict(report, verdict);
    }
}

void lk_report_end(struct lk_report *report)
{
    switch (report->format) {
    case LK_REPORT_JSON: break;
    case LK_REPORT_JUNIT: junit_end(report); break;
    case LK_REPORT_TAP: tap_end(report, all(&report->total)); break;
    default: text_end(report);
    }
}
