/* Matching `stream`: what must hold of a sender that is free in its timing. Checks, by name:
 *   stream-bytes    SYN, FIN and every byte, resent ones included, are what the application gave, no more and no less
 *   options         the SYN offers what the recorded one did; timestamps on every segment once agreed (RFC 7323 3.2)
 *   reset           a RST comes where the recording has one, and nowhere else
 *   lost-resent     what the network lost is sent again and arrives
 *   must-not-resend the ranges named in the trace are sent once
 *   excess          resent bytes <= lost bytes x excess, and one flight for each retransmission time-out
 *   ends-within     everything is acknowledged within the trace's bound
 * The causes of retransmissions are the rulebook's (recovery-cause, rto-not-early ...). */
#ifndef LK_REPLAY_STREAM_H
#define LK_REPLAY_STREAM_H

#include "conformance/replay/run.h"

void lk_stream_match(struct lk_run *run, struct lk_verdict *out);

#endif
