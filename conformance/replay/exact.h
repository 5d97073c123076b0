/* Matching `exact`: the device's segments against the recorded ones, one by one and in order. Compared are flags, sequence
 * and acknowledgement relative to the ISNs, payload, which options there are, checksums, and the time since what came before
 * within the tolerance (being early counts only for what a timer sends). A pure ACK more than recorded is no difference if it
 * acknowledges something new; nor is one less, if within 500 ms another segment says the same (RFC 9293 3.8.6.3). Never compared are ISNs, timestamp values, the IP identification, an ephemeral port, the TTL.
 * On request (`compare:`) also window, psh, option-order, option-values, ttl; acks: no ACK less, or later, than recorded; right-edge:
 * the right edge of the device's window never moves back (RFC 9293 SHLD-14), whatever the recorded one did. */
#ifndef LK_REPLAY_EXACT_H
#define LK_REPLAY_EXACT_H

#include "conformance/replay/run.h"

/* Judges the whole run. Counts the frames and bytes that matched in *out. */
void lk_exact_match(struct lk_run *run, struct lk_verdict *out);

#endif
