/* The replay engine: drives a device through a trace in virtual time and judges what it did.
 *
 * Pure: no file, no clock, no randomness but the seed. The same trace, device and options give the same verdict, frame by
 * frame. Work and memory are bounded by the options and the arena's budget; running into either is a verdict `error`
 * with a reason. */
#ifndef LK_REPLAY_REPLAY_H
#define LK_REPLAY_REPLAY_H

#include "conformance/dut/dut.h"
#include "conformance/replay/alter.h"
#include "conformance/timeline/verdict.h"

struct lk_replay_options {
    uint8_t seed[32];        /* of the device */
    bool open_loop;          /* the device gets its frames at their recorded times, whatever it does: for `recording` */
    struct lk_alteration alteration; /* kind 0: none */
    uint64_t max_steps;      /* frames, calls and returns together; 0: 10000 and 20 for each recorded frame */
};

/* Replays `trace` against `dut`. Fills *out, always: pass, fail with a first difference, skip with a capability, or error
 * with a reason. All that *out points to lives in `memory`, in `trace` or is static; the timelines in it are what really
 * happened and what the recording says. Of a trace with several outcomes each is tried; the first that holds counts. */
void lk_replay_run(const struct lk_trace *trace, const struct lk_dut *dut, const struct lk_replay_options *options, struct lk_verdict *out, struct lk_bump *memory);

/* The name of the first capability (LK_DUT_CAN_...) of a set; NULL: none that has a name. */
const char *lk_dut_capability(uint64_t bits);

#endif
