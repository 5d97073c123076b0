/* The acting peer's receiving half: what has arrived, what to acknowledge, what to SACK, what to echo. Written from RFC 9293
 * 3.10.7.4, RFC 2018 and RFC 7323 alone; it shares no code with the stack it helps to judge. */
#ifndef LK_REPLAY_RECEIVER_H
#define LK_REPLAY_RECEIVER_H

#include "conformance/replay/ranges.h"
#include "conformance/timeline/event.h"

#define LK_RECEIVER_RECENT 8 /* segments remembered for the order of SACK blocks */

struct lk_receiver {
    struct lk_bump *memory;
    bool synchronized;
    uint32_t irs;
    struct lk_ranges arrived;      /* data, numbers relative to irs */
    bool fin; uint64_t fin_at;
    uint64_t next;                 /* RCV.NXT, relative */
    uint64_t recent[LK_RECEIVER_RECENT]; unsigned recent_count; /* newest first: starts of out-of-order segments */
    uint32_t ts_recent; uint64_t last_ack_sent;
};

/* What a segment was to the receiver, and so when it wants its acknowledgement. */
enum lk_received { LK_RECEIVED_NOTHING, LK_RECEIVED_IN_ORDER, LK_RECEIVED_URGENTLY, LK_RECEIVED_NO_MEMORY };

/* The SYN: numbers count from it. */
void lk_receiver_synchronize(struct lk_receiver *receiver, const struct lk_segment *syn);
/* A segment with a right checksum arrived; `edge` is the right edge of the window, relative. URGENTLY: out of order, old,
 * outside the window, filling a gap, or a FIN - to be acknowledged at once (RFC 5681 4.2, RFC 9293 3.10.7.4). */
enum lk_received lk_receiver_take(struct lk_receiver *receiver, const struct lk_segment *segment, uint64_t edge);
/* The SACK blocks to report, newest first (RFC 2018 4), absolute. Returns how many, at most `most`. */
unsigned lk_receiver_sack(const struct lk_receiver *receiver, struct lk_tcp_sack *out, unsigned most);
/* RCV.NXT as a sequence number. */
uint32_t lk_receiver_ack(const struct lk_receiver *receiver);

#endif
