/* Findings and counts of one replay, from the matchers and from the rulebook, and the verdict that follows from them. */
#ifndef LK_REPLAY_JUDGE_H
#define LK_REPLAY_JUDGE_H

#include "conformance/rules/rule.h"
#include "conformance/timeline/verdict.h"

struct lk_judge;

/* One finding with what reports show of the first one. Texts may be NULL; they must live as long as the verdict. */
struct lk_judgement {
    const char *check, *requirement; /* requirement NULL: the one that `proves` names for the check */
    uint8_t severity;
    uint32_t event, frame;           /* UINT32_MAX, 0: none */
    uint32_t order;                  /* event index that it is sorted by */
    uint64_t from, to;
    const char *field, *expected, *actual;
};

/* NULL without memory. */
struct lk_judge *lk_judge_new(const struct lk_trace *trace, struct lk_bump *memory);
/* A check came to an answer, `times` times. LK_CANNOT_TELL counts neither way. */
void lk_judge_decided(struct lk_judge *judge, const char *check, enum lk_answer answer, uint64_t times);
/* Adds a finding. It does not count as decided by itself. */
void lk_judge_add(struct lk_judge *judge, const struct lk_judgement *judgement);
/* Both: a MUST violated. */
void lk_judge_violated(struct lk_judge *judge, const struct lk_judgement *judgement);
/* Where a rulebook reports to. */
struct lk_rule_sink lk_judge_sink(struct lk_judge *judge);
/* Whether a MUST was found violated. */
bool lk_judge_failed(const struct lk_judge *judge);
/* Whether the trace's `proves` names the check. */
bool lk_judge_proves(const struct lk_judge *judge, const char *check);
/* Fills in findings, checks, difference, kind (pass or fail, or error for a check of `proves` that was never decided). */
void lk_judge_conclude(struct lk_judge *judge, struct lk_verdict *out);
/* Whether memory ran out on the way: then nothing it says counts. */
bool lk_judge_out_of_memory(const struct lk_judge *judge);

#endif
