/* The least RTO that RFC 6298 can give the device, whichever of its round trips it measures.
 *
 * The device may take one sample per round trip or one per ACK, time the oldest or the newest segment an ACK covers, and
 * leave samples out. So SRTT is known as a range, RTTVAR by its lower bound, and the RTO computed from both is a lower
 * bound: a device that retransmits before it is too early by any reading of the RFC. */
#ifndef LK_RULES_RTT_H
#define LK_RULES_RTT_H

#include "stack/base/types.h"
#include <stdbool.h>

struct rtt { bool any; lk_time srtt_low, srtt_high, rttvar_low; };

/* A round trip that the device could have measured, between `low` and `high` long. */
void rtt_sample(struct rtt *rtt, lk_time low, lk_time high);
/* SRTT + max(G, 4 RTTVAR) at its lowest (RFC 6298 2.2, 2.3), without floor or ceiling. Only after a sample. */
lk_time rtt_rto(const struct rtt *rtt, lk_time granularity);

#endif
