/* The network's fates: which transmission is lost, doubled, damaged or late, by what it carries and not by its place in a
 * file. Knows how often each byte of a fate's range has been sent. */
#ifndef LK_REPLAY_FATES_H
#define LK_REPLAY_FATES_H

#include "conformance/net/net.h"
#include "conformance/replay/conn.h"

struct lk_fates;

/* NULL without memory. */
struct lk_fates *lk_fates_new(const struct lk_trace *trace, struct lk_bump *memory);
/* What becomes of a segment that is sent in `dir` at `now`; rel are its relative numbers. Fills *out for the net and returns
 * the kind that applies (enum lk_fate_is), or 0. */
uint8_t lk_fates_decide(struct lk_fates *fates, enum lk_dir dir, const struct lk_segment *segment, const struct lk_relative *rel, lk_time now, struct lk_net_fate *out);
/* Index of a required fate of direction `dir` that never applied, or LK_NONE. */
uint32_t lk_fates_unmet(const struct lk_fates *fates, enum lk_dir dir);

#endif
