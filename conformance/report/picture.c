/* The picture of a failure: where, which requirement, and expected beside actual. */
#include "conformance/report/out.h"
#include "conformance/requirements/requirement.h"

#include <stdio.h>
#include <string.h>

#define INDENT 6
#define KEY 13 /* columns of the key, from the indent on */

void requirement_line(const char *id, char *out, size_t cap)
{
    const struct lk_requirement *row = id == NULL ? NULL : lk_requirement_lookup(id);
    out[0] = '\0';
    if (row == NULL)
        return;
    bool number = row->rfc[0] >= '0' && row->rfc[0] <= '9';
    snprintf(out, cap, "%s (%s, %s%s section %s): %s", id, row->level, number ? "RFC " : "", row->rfc, row->section, row->summary);
}

static void put_key(const struct lk_report *report, const char *key)
{
    put_spaces(report, INDENT);
    put_colour(report, BOLD);
    putf(report, "%-*s", KEY, key);
    put_colour(report, PLAIN);
}

static void put_entry(const struct lk_report *report, const char *key, const char *value)
{
    if (value == NULL)
        return;
    put_key(report, key);
    put_wrapped(report, value, INDENT + KEY, columns_of(report) - INDENT - KEY);
}

/* ---- two segments in tcpdump's notation, field by field ---------------------------------------------------- */

struct field { const char *name; size_t name_len; const char *value; size_t len; };
#define FIELDS 16

/* Cuts "Flags [S.], seq 0, ack 1, options [mss 1460,sackOK], length 0" at the commas outside brackets; a time before it
 * ("1.070266 s: Flags ...") is a field too. */
static size_t cut(const char *text, struct field *fields)
{
    size_t count = 0;
    const char *colon = strstr(text, ": Flags [");
    if (colon != NULL) {
        fields[count++] = (struct field){"time", 4, text, (size_t)(colon - text)};
        text = colon + 2;
    }
    while (*text != '\0' && count < FIELDS) {
        size_t len = 0, depth = 0;
        while (text[len] != '\0' && (depth != 0 || strncmp(text + len, ", ", 2) != 0)) {
            depth += text[len] == '[';
            depth -= text[len] == ']' && depth != 0;
            len++;
        }
        size_t name = strcspn(text, " ");
        name = name < len ? name : len;
        size_t skip = name < len ? name + 1 : name;
        fields[count++] = (struct field){text, name, text + skip, len - skip};
        text += len;
        text += *text == ',' ? 2 : 0;
    }
    return count;
}

static const struct field *find(const struct field *fields, size_t count, const struct field *like)
{
    for (size_t i = 0; i < count; i++)
        if (fields[i].name_len == like->name_len && strncmp(fields[i].name, like->name, like->name_len) == 0)
            return &fields[i];
    return NULL;
}

static bool same(const struct field *a, const struct field *b)
{
    return a != NULL && b != NULL && a->len == b->len && strncmp(a->value, b->value, a->len) == 0;
}

static void put_value(const struct lk_report *report, const struct field *field)
{
    if (field == NULL)
        put(report, "-");
    else
        put_len(report, field->value, field->len);
}

static bool named(const struct field *field, const char *name)
{
    size_t len = strlen(name) < field->name_len ? strlen(name) : field->name_len;
    for (size_t i = 0; i < len; i++)
        if ((field->name[i] | 0x20) != (name[i] | 0x20)) /* "Flags" and "flags", "win" and "window" */
            return false;
    return len != 0;
}

/* Whether the column that was compared is among these. */
static bool among(const struct field *fields, size_t count, const char *name)
{
    for (size_t i = 0; name != NULL && i < count; i++)
        if (named(&fields[i], name))
            return true;
    return false;
}

/* One field of both; a long one takes a line each. '*' is what differs; '~' what differs, but was not what broke. */
static void put_row(const struct lk_report *report, const struct field *expected, const struct field *actual, size_t column, const char *broken)
{
    const struct field *any = expected != NULL ? expected : actual;
    size_t left = expected == NULL ? 1 : expected->len;
    bool differs = !same(expected, actual), breaks = differs && (broken == NULL || named(any, broken));
    put_spaces(report, INDENT);
    if (breaks)
        put_colour(report, RED);
    putf(report, "%s %-*.*s", breaks ? "*" : differs ? "~" : " ", KEY - 2, (int)any->name_len, any->name);
    put_value(report, expected);
    if (left < column)
        put_spaces(report, column - left);
    else if (differs) {
        put(report, "\n");
        put_spaces(report, INDENT + KEY);
    } else
        put(report, "  (both)");
    if (differs || left < column)
        put_value(report, actual);
    if (breaks)
        put_colour(report, PLAIN);
    put(report, "\n");
}

static void put_table(const struct lk_report *report, const struct lk_difference *d)
{
    struct field left[FIELDS], right[FIELDS];
    size_t left_count = cut(d->expected, left), right_count = cut(d->actual, right);
    const char *broken = among(left, left_count, d->field) || among(right, right_count, d->field) ? d->field : NULL;
    size_t column = (columns_of(report) - INDENT - KEY) / 2;
    put_key(report, "");
    put_colour(report, BOLD);
    putf(report, "%-*s%s\n", (int)column, "expected", "actual");
    put_colour(report, PLAIN);
    for (size_t i = 0; i < left_count; i++)
        put_row(report, &left[i], find(right, right_count, &left[i]), column, broken);
    for (size_t i = 0; i < right_count; i++)
        if (find(left, left_count, &right[i]) == NULL)
            put_row(report, NULL, &right[i], column, broken);
}

static bool is_segment(const char *text)
{
    return text != NULL && (strncmp(text, "Flags [", 7) == 0 || strstr(text, " s: Flags [") != NULL);
}

static void put_both(const struct lk_report *report, const struct lk_difference *d)
{
    if (is_segment(d->expected) && is_segment(d->actual)) {
        put_table(report, d);
        return;
    }
    put_entry(report, "expected", d->expected);
    put_entry(report, "actual", d->actual);
}

/* ---- where ------------------------------------------------------------------------------------------------- */

static void put_where(const struct lk_report *report, const struct lk_verdict *verdict)
{
    const struct lk_difference *d = &verdict->difference;
    put_key(report, "where");
    if (d->event < verdict->ours.count)
        putf(report, "%.6f s, event %u", seconds_of(verdict->ours.events[d->event].at), (unsigned)d->event);
    else
        put(report, "at the end");
    if (d->frame != 0)
        putf(report, ", frame %u of the capture", (unsigned)d->frame);
    if (d->from < d->to)
        putf(report, ", bytes %llu..%llu", (unsigned long long)d->from, (unsigned long long)d->to);
    put(report, "\n");
}

/* What happened just before, so that the picture can be read alone. */
static void put_before(struct lk_report *report, const struct lk_verdict *verdict)
{
    const struct lk_difference *d = &verdict->difference;
    if (d->event >= verdict->ours.count || report->style.verbose)
        return;
    size_t first = d->event < 4 ? 0 : d->event - 4;
    put(report, "\n");
    ladder_part(report, &verdict->ours, first, d->event);
    put(report, "\n");
}

static size_t further(const struct lk_verdict *verdict)
{
    size_t must = 0;
    for (size_t i = 0; i < verdict->finding_count; i++)
        must += verdict->findings[i].severity == LK_MUST;
    return must > 1 ? must - 1 : 0;
}

void picture(struct lk_report *report, const struct lk_verdict *verdict)
{
    const struct lk_difference *d = &verdict->difference;
    char line[400];
    if (!d->present)
        return;
    put_where(report, verdict);
    put_entry(report, "rule", d->rule);
    put_entry(report, "field", d->field);
    requirement_line(d->requirement, line, sizeof line);
    put_entry(report, "requirement", line[0] == '\0' ? d->requirement : line);
    put_both(report, d);
    put_before(report, verdict);
    if (further(verdict) != 0 && !report->style.verbose) {
        put_spaces(report, INDENT);
        put(report, "and ");
        put_count(report, further(verdict), "further finding");
        put(report, " at MUST level, shown by -v\n");
    }
}
