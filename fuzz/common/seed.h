/* A trace as a seed of tcp_endpoint: the peer's segments become stimuli relative to what the device under test had at that
 * moment, the device's own data, FIN and RST become application calls. */
#ifndef LK_FUZZ_SEED_H
#define LK_FUZZ_SEED_H

#include "conformance/timeline/trace.h"
#include <stddef.h>
#include <stdint.h>

/* Writes at most `cap` bytes and `records` records. The bytes written, or LK_E_NOSPACE (cap below 4) or LK_E_NOTFOUND when the
 * trace has no TCP segment. A long trace gives its beginning. */
int lk_seed_from_trace(const struct lk_trace *trace, uint8_t *buf, size_t cap, uint32_t records);

/* The frames that the trace's device received, as a seed of host_events. Returns as above. */
int lk_seed_frames_from_trace(const struct lk_trace *trace, uint8_t *buf, size_t cap, uint32_t records);

/* The n-th frame (from 0) that the trace's device received, as a seed of frame. The bytes, or LK_E_NOTFOUND / LK_E_NOSPACE. */
int lk_seed_frame_from_trace(const struct lk_trace *trace, uint32_t n, uint8_t *buf, size_t cap);

#endif
