#include "conformance/dut/recorded_steps.h"
#include <string.h>

int lk_recorded_steps_advance(struct lk_recorded_steps *d, int64_t until, struct lk_dut_happening *out)
{
    *out = (struct lk_dut_happening){.size = sizeof *out};
    for (; d->done < d->trace->step_count; d->done++) {
        const struct lk_step *step = &d->trace->steps[d->done];
        if (step->at > until)
            break;
        if (step->kind != LK_STEP_OUT && step->kind != LK_STEP_RETURNS)
            continue;
        d->done++;
        d->now = step->at > d->now ? step->at : d->now;
        out->at = d->now;
        if (step->kind == LK_STEP_OUT) {
            out->kind = LK_DUT_FRAME;
            out->iface = step->iface;
            out->bytes = step->bytes;
            out->len = step->len;
        } else {
            out->kind = LK_DUT_RETURN;
            out->id = step->call;
            out->bytes = (const uint8_t *)step->text;
            out->len = strlen(step->text);
        }
        return 0;
    }
    d->now = until > d->now ? until : d->now;
    return 0;
}
