/* Replay of a trace of mode `fields`: one step after the other (struct lk_step). What comes in is released its delay after the
 * step before it, what the device sends must be what is expected next on that interface, field by field; silence is silence.
 * Internal to conformance/replay. */
#ifndef LK_REPLAY_FIELDS_H
#define LK_REPLAY_FIELDS_H

#include "conformance/replay/replay.h"

/* As lk_replay_run(), for match.mode == LK_MATCH_FIELDS. Steps are worked out here when the trace brings none. */
void lk_fields_run(const struct lk_trace *trace, const struct lk_dut *dut, const struct lk_replay_options *options, struct lk_verdict *out, struct lk_bump *memory);
/* The capabilities that such a trace asks of a device. */
uint64_t lk_fields_needed(const struct lk_trace *trace);

#endif
