/* The engine on any trace: whatever an event file holds, replaying it against our stack and against its own recording, in both loops,
 * ends in a verdict with a reason, and the same verdict each time. */
#include "conformance/dut/builtin.h"
#include "conformance/dut/recording.h"
#include "conformance/replay/replay.h"
#include "conformance/timeline/codec.h"
#include "fuzz/common/law.h"

#define BUDGET ((size_t)48 << 20)
#define STEPS 20000

static void must_be_a_verdict(const struct lk_verdict *v)
{
    law(v->kind == LK_PASS || v->kind == LK_FAIL || v->kind == LK_SKIP || v->kind == LK_ERROR, "one of four verdicts");
    law(v->kind != LK_ERROR || v->reason != NULL, "an error has a reason");
    law(v->kind != LK_SKIP || v->skipped_for != NULL, "a skip names what is missing");
    law(v->kind != LK_FAIL || (v->difference.present && v->difference.rule != NULL), "a failure names a check");
}

static void replay(const struct lk_trace *trace, const struct lk_dut *dut, bool open_loop)
{
    struct lk_bump *first = lk_bump_new(BUDGET), *second = lk_bump_new(BUDGET);
    struct lk_replay_options options = {.open_loop = open_loop, .max_steps = STEPS};
    struct lk_verdict a, b;
    law(first != NULL && second != NULL, "memory for the arenas");
    lk_replay_run(trace, dut, &options, &a, first);
    must_be_a_verdict(&a);
    lk_replay_run(trace, dut, &options, &b, second);
    law(a.kind == b.kind && a.ours.count == b.ours.count && a.compared.checks == b.compared.checks, "the same verdict each time");
    lk_bump_free(second);
    lk_bump_free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = exact_copy(data, size);
    struct lk_bump *bump = lk_bump_new(BUDGET);
    struct lk_trace trace;
    law(bump != NULL, "memory for the arena");
    int result = lk_trace_decode(bytes, size, bump, &trace);
    free(bytes);
    if (result == 0 && trace.capture.count < 400 && trace.call_count < 64) {
        replay(&trace, lk_dut_recording(), true);
        replay(&trace, lk_dut_recording(), false);
        replay(&trace, lk_dut_builtin(), false);
    }
    lk_bump_free(bump);
    return 0;
}
