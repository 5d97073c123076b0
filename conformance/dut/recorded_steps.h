/* The recording of a trace of mode `fields` as a device: its frames and returns at their recorded times. Inside this room only. */
#ifndef LK_DUT_RECORDED_STEPS_H
#define LK_DUT_RECORDED_STEPS_H

#include "conformance/dut/dut.h"
#include "conformance/timeline/trace.h"

/* Where it has come to; `done` is how many steps have been looked at. */
struct lk_recorded_steps { const struct lk_trace *trace; size_t done; lk_time now; };

/* As lk_dut.advance. */
int lk_recorded_steps_advance(struct lk_recorded_steps *d, int64_t until, struct lk_dut_happening *out);

#endif
