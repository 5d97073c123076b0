/* Verdicts as people and machines read them: text, JSON Lines, JUnit, TAP 14. Out of verdicts only; no file is touched,
 * all output goes through a function of the caller's.
 *
 *     struct lk_report report;
 *     lk_report_begin(&report, LK_REPORT_TEXT, &style, &out);
 *     lk_report_verdict(&report, &verdict);      for each trace
 *     lk_report_end(&report);                    the summary, or what closes the document
 *
 * Text: one line a trace, the picture of the failure under a failed one; with `verbose` the ladder and the findings too.
 * JSON Lines: one object a trace, keys in this order:
 *   trace dut verdict(pass|fail|skip|error) requirements[] compared{frames,bytes,checks}
 *   first_difference{event,frame,bytes,rule,field,expected,actual,requirement}|null skipped_for|null reason|null virtual_seconds
 *   (frame: number in the capture or null; bytes: "FROM..TO" or null; the others null where unknown)
 * JUnit XML: one testcase a trace, the topic as class name; an error is <error>, a skip <skipped>.
 * TAP 14: the plan stands at the end.
 */
#ifndef LK_REPORT_REPORT_H
#define LK_REPORT_REPORT_H

#include "conformance/timeline/verdict.h"

/* Where the output goes, in pieces of any length. */
struct lk_report_out { void *context; void (*write)(void *context, const char *text, size_t len); };

enum lk_report_format { LK_REPORT_TEXT = 0, LK_REPORT_JSON, LK_REPORT_JUNIT, LK_REPORT_TAP };
struct lk_report_style {
    bool colours;            /* escape sequences of terminals; text only */
    bool verbose;            /* ladder, findings, figures; text only */
    uint32_t columns;        /* width to fill; 0: 100; never less than 80 */
};
struct lk_report_total { uint64_t passed, failed, skipped, errors; };

struct lk_report {
    enum lk_report_format format;
    struct lk_report_style style;
    struct lk_report_out out;
    struct lk_report_total total;
};

/* The format of this name ("text" "json" "junit" "tap"), or -1. */
int lk_report_format_named(const char *name);
/* Starts a report; style and out are copied. style NULL: plain. */
void lk_report_begin(struct lk_report *report, enum lk_report_format format, const struct lk_report_style *style, const struct lk_report_out *out);
void lk_report_verdict(struct lk_report *report, const struct lk_verdict *verdict);
void lk_report_end(struct lk_report *report);

/* The ladder alone: both ends, each segment as an arrow with its time, what became of it and why it was sent. */
void lk_report_ladder(struct lk_report *report, const struct lk_timeline *timeline);

#endif
