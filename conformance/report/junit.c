/* JUnit XML as CI systems read it: one testsuite, one testcase a trace. Counts are not written in the opening tag, since
 * they are known at the end only; readers count for themselves. */
#include "conformance/report/out.h"

#include <string.h>

void junit_begin(const struct lk_report *report)
{
    put(report, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n<testsuite name=\"lockstep\">\n");
}

void junit_end(const struct lk_report *report)
{
    put(report, "</testsuite>\n</testsuites>\n");
}

/* "handshake/refused" -> classname "handshake", name "refused" */
static void put_name(const struct lk_report *report, const struct lk_verdict *v)
{
    const char *trace = v->trace == NULL ? "?" : v->trace, *slash = strrchr(trace, '/');
    put(report, "<testcase classname=\"");
    if (slash == NULL) {
        put(report, "lockstep");
    } else {
        char topic[128];
        size_t len = (size_t)(slash - trace) < sizeof topic ? (size_t)(slash - trace) : sizeof topic - 1;
        memcpy(topic, trace, len);
        topic[len] = '\0';
        put_xml(report, topic);
    }
    put(report, "\" name=\"");
    put_xml(report, slash == NULL ? trace : slash + 1);
    putf(report, "\" time=\"%.6f\"", seconds_of(v->virtual_time));
}

static void put_failure(const struct lk_report *report, const struct lk_difference *d)
{
    char line[400];
    requirement_line(d->requirement, line, sizeof line);
    put(report, "<failure type=\"");
    put_xml(report, d->rule == NULL ? "difference" : d->rule);
    put(report, "\" message=\"");
    put_xml(report, d->actual);
    put(report, "\">expected: ");
    put_xml(report, d->expected);
    put(report, "&#10;actual:   ");
    put_xml(report, d->actual);
    if (d->frame != 0)
        putf(report, "&#10;frame %u of the capture", (unsigned)d->frame);
    put(report, line[0] == '\0' ? "" : "&#10;");
    put_xml(report, line);
    put(report, "</failure>");
}

static void put_message(const struct lk_report *report, const char *element, const char *message)
{
    putf(report, "<%s message=\"", element);
    put_xml(report, message == NULL ? "" : message);
    put(report, "\"/>");
}

void junit_verdict(const struct lk_report *report, const struct lk_verdict *v)
{
    put_name(report, v);
    if (v->kind == LK_PASS) {
        put(report, "/>\n");
        return;
    }
    put(report, ">");
    if (v->kind == LK_FAIL)
        put_failure(report, &v->difference);
    else if (v->kind == LK_SKIP)
        put_message(report, "skipped", v->reason != NULL ? v->reason : v->skipped_for);
    else
        put_message(report, "error", v->reason);
    put(report, "</testcase>\n");
}
