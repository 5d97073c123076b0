/* JSON Lines: one object a trace (RFC 8259). The keys and their order are a contract. */
#include "conformance/report/out.h"

static void put_requirements(const struct lk_report *report, const struct lk_trace *source)
{
    put(report, "[");
    for (size_t i = 0; source != NULL && i < source->proof_count; i++) {
        put(report, i == 0 ? "" : ",");
        put_json(report, source->proves[i].requirement);
    }
    put(report, "]");
}

static void put_field(const struct lk_report *report, const char *key, const char *value)
{
    putf(report, ",\"%s\":", key);
    put_json(report, value);
}

static void put_number_or_null(const struct lk_report *report, uint32_t number, bool known)
{
    if (known)
        putf(report, "%u", (unsigned)number);
    else
        put(report, "null");
}

static void put_difference(const struct lk_report *report, const struct lk_difference *d)
{
    if (!d->present) {
        put(report, "null");
        return;
    }
    put(report, "{\"event\":");
    put_number_or_null(report, d->event, d->event != UINT32_MAX);
    put(report, ",\"frame\":");
    put_number_or_null(report, d->frame, d->frame != 0);
    if (d->from < d->to)
        putf(report, ",\"bytes\":\"%llu..%llu\"", (unsigned long long)d->from, (unsigned long long)d->to);
    else
        put(report, ",\"bytes\":null");
    put_field(report, "rule", d->rule);
    put_field(report, "field", d->field);
    put_field(report, "expected", d->expected);
    put_field(report, "actual", d->actual);
    put_field(report, "requirement", d->requirement);
    put(report, "}");
}

void json_verdict(const struct lk_report *report, const struct lk_verdict *v)
{
    put(report, "{\"trace\":");
    put_json(report, v->trace);
    put_field(report, "dut", v->dut);
    put_field(report, "verdict", verdict_word(v->kind));
    put(report, ",\"requirements\":");
    put_requirements(report, v->source);
    putf(report, ",\"compared\":{\"frames\":%llu,\"bytes\":%llu,\"checks\":%llu}", (unsigned long long)v->compared.frames, (unsigned long long)v->compared.bytes,
        (unsigned long long)v->compared.checks);
    put(report, ",\"first_difference\":");
    put_difference(report, &v->difference);
    put_field(report, "skipped_for", v->skipped_for);
    put_field(report, "reason", v->reason);
    putf(report, ",\"virtual_seconds\":%.6f}\n", seconds_of(v->virtual_time));
}
