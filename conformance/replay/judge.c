/* Collecting findings: see judge.h. */
#include "conformance/replay/judge.h"
#include <string.h>

struct lk_judge {
    const struct lk_trace *trace;
    struct lk_bump *memory;
    struct lk_judgement *list; size_t count, capacity;
    struct lk_check_count *checks; size_t check_count, check_capacity;
    bool failed, no_memory;
};

struct lk_judge *lk_judge_new(const struct lk_trace *trace, struct lk_bump *memory)
{
    struct lk_judge *judge = lk_bump_take(memory, sizeof *judge);
    if (judge != NULL)
        *judge = (struct lk_judge){.trace = trace, .memory = memory};
    return judge;
}

static struct lk_check_count *find_check(struct lk_judge *judge, const char *check)
{
    for (size_t i = 0; i < judge->check_count; i++)
        if (strcmp(judge->checks[i].check, check) == 0)
            return &judge->checks[i];
    return NULL;
}

void lk_judge_decided(struct lk_judge *judge, const char *check, enum lk_answer answer, uint64_t times)
{
    struct lk_check_count *found = find_check(judge, check);
    if (answer == LK_CANNOT_TELL || times == 0)
        return;
    if (found == NULL) {
        void *grown = lk_bump_grow(judge->memory, judge->checks, judge->check_count, &judge->check_capacity, sizeof *judge->checks);
        if (grown == NULL) {
            judge->no_memory = true;
            return;
        }
        judge->checks = grown;
        found = &judge->checks[judge->check_count++];
        *found = (struct lk_check_count){.check = check};
    }
    if (answer == LK_HELD)
        found->held += times;
    else
        found->violated += times;
}

static const char *proved_by(const struct lk_trace *trace, const char *check)
{
    for (size_t i = 0; i < trace->proof_count; i++)
        if (strcmp(trace->proves[i].check, check) == 0)
            return trace->proves[i].requirement;
    return NULL;
}

bool lk_judge_proves(const struct lk_judge *judge, const char *check)
{
    return proved_by(judge->trace, check) != NULL;
}

void lk_judge_add(struct lk_judge *judge, const struct lk_judgement *judgement)
{
    void *grown = lk_bump_grow(judge->memory, judge->list, judge->count, &judge->capacity, sizeof *judge->list);
    if (grown == NULL) {
        judge->no_memory = true;
        return;
    }
    judge->list = grown;
    struct lk_judgement *added = &judge->list[judge->count++];
    *added = *judgement;
    const char *named = proved_by(judge->trace, added->check);
    if (named != NULL)
        added->requirement = named;
    judge->failed |= added->severity == LK_MUST;
}

void lk_judge_violated(struct lk_judge *judge, const struct lk_judgement *judgement)
{
    lk_judge_decided(judge, judgement->check, LK_VIOLATED, 1);
    lk_judge_add(judge, judgement);
}

bool lk_judge_failed(const struct lk_judge *judge)
{
    return judge->failed;
}

bool lk_judge_out_of_memory(const struct lk_judge *judge)
{
    return judge->no_memory;
}

/* ---- the rulebook ---- */

/* Whether the trace is there to prove this very requirement by this very check: then a SHOULD fails it as well. */
static bool is_claimed(const struct lk_trace *trace, const char *check, const char *requirement)
{
    for (size_t i = 0; i < trace->proof_count && requirement != NULL; i++)
        if (strcmp(trace->proves[i].check, check) == 0 && strcmp(trace->proves[i].requirement, requirement) == 0)
            return true;
    return false;
}

static void rule_finding(void *context, const char *check, const char *requirement, enum lk_severity severity, uint32_t event, uint64_t from, uint64_t to,
                         const char *expected, const char *actual)
{
    struct lk_judge *judge = context;
    struct lk_judgement j = {.check = check, .requirement = requirement, .severity = (uint8_t)severity, .event = event, .order = event, .from = from, .to = to};
    if (severity == LK_SHOULD && is_claimed(judge->trace, check, requirement))
        j.severity = LK_MUST;
    j.expected = expected == NULL ? NULL : lk_bump_text(judge->memory, expected, strlen(expected));
    j.actual = actual == NULL ? NULL : lk_bump_text(judge->memory, actual, strlen(actual));
    lk_judge_add(judge, &j);
}

static void rule_decided(void *context, const char *check, enum lk_answer answer)
{
    lk_judge_decided(context, check, answer, 1);
}

struct lk_rule_sink lk_judge_sink(struct lk_judge *judge)
{
    return (struct lk_rule_sink){judge, rule_finding, rule_decided};
}

/* ---- the verdict ---- */

static const char *message_of(struct lk_judge *judge, const struct lk_judgement *j)
{
    const char *text = lk_bump_format(judge->memory, "%s%sexpected %s, came %s", j->field == NULL ? "" : j->field, j->field == NULL ? "" : ": ",
                                      j->expected == NULL ? "-" : j->expected, j->actual == NULL ? "-" : j->actual);
    judge->no_memory |= text == NULL;
    return text;
}

static const struct lk_judgement *first_must(const struct lk_judge *judge)
{
    const struct lk_judgement *first = NULL;
    for (size_t i = 0; i < judge->count; i++) {
        const struct lk_judgement *j = &judge->list[i];
        if (j->severity == LK_MUST && (first == NULL || j->order < first->order || (j->order == first->order && first->requirement == NULL && j->requirement != NULL)))
            first = j;
    }
    return first;
}

static void fill_findings(struct lk_judge *judge, struct lk_verdict *out)
{
    out->findings = lk_bump_array(judge->memory, judge->count, sizeof *out->findings);
    if (out->findings == NULL) {
        judge->no_memory = true;
        return;
    }
    for (size_t i = 0; i < judge->count; i++) {
        const struct lk_judgement *j = &judge->list[i];
        out->findings[out->finding_count++] = (struct lk_finding){j->check, j->requirement, j->severity, j->event, message_of(judge, j)};
    }
}

static const struct lk_proof *never_decided(struct lk_judge *judge)
{
    for (size_t i = 0; i < judge->trace->proof_count; i++)
        if (find_check(judge, judge->trace->proves[i].check) == NULL)
            return &judge->trace->proves[i];
    return NULL;
}

void lk_judge_conclude(struct lk_judge *judge, struct lk_verdict *out)
{
    fill_findings(judge, out);
    out->checks = judge->checks;
    out->check_count = judge->check_count;
    for (size_t i = 0; i < judge->check_count; i++)
        out->compared.checks += judge->checks[i].held + judge->checks[i].violated;
    const struct lk_judgement *first = first_must(judge);
    if (first != NULL) {
        out->kind = LK_FAIL;
        out->difference = (struct lk_difference){true, first->event, first->frame, first->from, first->to, first->check, first->field, first->expected, first->actual, first->requirement};
        return;
    }
    const struct lk_proof *idle = never_decided(judge);
    out->kind = idle == NULL ? LK_PASS : LK_ERROR;
    if (idle != NULL)
        out->reason = lk_bump_format(judge->memory, "%s is to be proved by %s, which was never decided", idle->requirement, idle->check);
}
