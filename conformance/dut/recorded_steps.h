/* The recording of a trace of mode `fields` as a device: its frames and returns at their recorded times; on connections it says what
 * the trace expects. Inside this room only. */
#ifndef LK_DUT_RECORDED_STEPS_H
#define LK_DUT_RECORDED_STEPS_H

#include "conformance/dut/dut.h"
#include "conformance/timeline/trace.h"

struct lk_recorded_steps;

/* NULL without memory. */
struct lk_recorded_steps *lk_recorded_steps_new(const struct lk_trace *trace, lk_time now);
void lk_recorded_steps_free(struct lk_recorded_steps *d);
/* As lk_dut.inject and lk_dut.advance. */
int lk_recorded_steps_inject(struct lk_recorded_steps *d, uint32_t iface, const uint8_t *frame, size_t len, int64_t at);
int lk_recorded_steps_advance(struct lk_recorded_steps *d, int64_t until, struct lk_dut_happening *out);

#endif
