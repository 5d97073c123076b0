/* TAP version 14: a line a trace, a YAML block under one that is not ok, the plan at the end. */
#include "conformance/report/out.h"

void tap_begin(const struct lk_report *report)
{
    put(report, "TAP version 14\n");
}

void tap_end(const struct lk_report *report, uint64_t count)
{
    putf(report, "1..%llu\n", (unsigned long long)count);
}

/* '#' starts a directive, '\' escapes; a line stays one line. */
static void put_description(const struct lk_report *report, const char *text)
{
    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '#' || *text == '\\')
            put(report, "\\");
        put_len(report, (unsigned char)*text < 0x20 ? "?" : text, 1);
    }
}

static void put_entry(const struct lk_report *report, const char *key, const char *value)
{
    if (value == NULL)
        return;
    putf(report, "  %s: ", key);
    put_json(report, value); /* a JSON string is a YAML string */
    put(report, "\n");
}

static void put_block(const struct lk_report *report, const struct lk_verdict *v)
{
    const struct lk_difference *d = &v->difference;
    char line[400];
    requirement_line(d->requirement, line, sizeof line);
    put(report, "  ---\n");
    put_entry(report, "verdict", verdict_word(v->kind));
    put_entry(report, "message", v->reason);
    put_entry(report, "rule", d->rule);
    put_entry(report, "field", d->field);
    put_entry(report, "expected", d->expected);
    put_entry(report, "actual", d->actual);
    put_entry(report, "requirement", line[0] == '\0' ? d->requirement : line);
    if (d->frame != 0)
        putf(report, "  frame: %u\n", (unsigned)d->frame);
    put(report, "  ...\n");
}

void tap_verdict(const struct lk_report *report, const struct lk_verdict *v, uint64_t number)
{
    bool ok = v->kind == LK_PASS || v->kind == LK_SKIP;
    putf(report, "%s %llu - ", ok ? "ok" : "not ok", (unsigned long long)number);
    put_description(report, v->trace == NULL ? "?" : v->trace);
    if (v->kind == LK_SKIP) {
        put(report, " # SKIP ");
        put_description(report, v->reason != NULL ? v->reason : v->skipped_for);
    }
    put(report, "\n");
    if (!ok)
        put_block(report, v);
}
