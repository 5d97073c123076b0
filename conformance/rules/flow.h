/* One TCP connection as the device under test sees it, out of the segments on its link: what it has sent, what it has
 * received, what it could know at each moment. Every rule reads it; only flow_in() and flow_out() write it.
 *
 * Sequence numbers are relative to the ISN of their sender and do not wrap: SYN is 0, the first data byte is 1.
 * "sure" means that every conforming device has processed the segment, "maybe" that a conforming device may have.
 */
#ifndef LK_RULES_FLOW_H
#define LK_RULES_FLOW_H

#include "conformance/rules/pieces.h"
#include "conformance/rules/spans.h"
#include "conformance/timeline/event.h"
#include <stdbool.h>
#include <stdint.h>

/* A segment in relative numbers. */
struct seg {
    uint32_t number;         /* of its event */
    lk_time at;
    uint32_t raw_seq, raw_ack, len; /* SEG.SEQ and SEG.ACK as on the wire, SEG.LEN */
    uint16_t raw_window;
    uint8_t control;
    const struct lk_tcp_options *options; /* valid during the call only */
    bool syn, fin, rst, has_ack;
    int64_t seq, end;        /* SEG.SEQ, SEG.SEQ + SEG.LEN (RFC 9293 3.4) */
    int64_t data, data_end;  /* the payload's range */
    int64_t ack;             /* SEG.ACK, relative to the ISN of the other side; meaningful with has_ack */
    int64_t window;          /* bytes; scaled as agreed (RFC 7323 2.3) */
    const uint8_t *bytes;    /* payload, NULL when it is cut short */
};

/* What both SYNs agreed on. */
struct syn_options { bool seen, mss_present, wscale, sack, timestamps; uint16_t mss; uint8_t shift; uint32_t ts_val; };

enum arrived {               /* what the device made of a received segment, RFC 9293 3.10.7 */
    ARRIVED_NOTHING = 0,     /* no connection that it belongs to, or lost or damaged on the way */
    ARRIVED_SYN,             /* starts or goes on with a handshake */
    ARRIVED_SYN_AGAIN,       /* a SYN where none belongs: repeated, or an old duplicate */
    ARRIVED_RESET,           /* a valid RST: the connection is gone */
    ARRIVED_RST_IGNORED,
    ARRIVED_NO_ACK,          /* dropped silently: no ACK bit */
    ARRIVED_UNACCEPTABLE,    /* outside the window, or acknowledges what was never sent: dropped, an ACK is owed */
    ARRIVED_PAWS,            /* older timestamp: dropped, an ACK is owed (RFC 7323 5.3) */
    ARRIVED_SEGMENT          /* processed */
};
enum arrived_data { DATA_NONE = 0, DATA_IN_ORDER, DATA_FILLS_GAP, DATA_ABOVE_GAP, DATA_OLD };

struct arrival {
    enum arrived what;
    enum arrived_data data;
    int64_t rcv_before;      /* RCV.NXT before it */
    bool twice;              /* some of it had come before */
    bool una_moved, duplicate_ack; /* SND.UNA moved; a duplicate ACK by RFC 5681 section 2 */
    bool sack_news;          /* reports what was not reported before (RFC 6675 section 2) */
    int64_t una_before;
    struct { bool any; lk_time newest, oldest; } clean, resent; /* transmission times of what was just delivered: never resent, resent */
};

struct flow {
    /* sending side */
    bool have_iss, midstream; /* midstream: the SYN was not seen, scaling and options are unknown */
    uint32_t iss;
    int64_t una, una_maybe;  /* SND.UNA */
    int64_t nxt;             /* one above the highest byte ever sent */
    int64_t window;          /* SND.WND by WL1, WL2 (RFC 9293 3.10.7.4) */
    int64_t wl1, wl2;
    int64_t edge, edge_max;  /* right edge by the latest window, and the furthest ever offered */
    bool have_window;
    lk_time window_zero_since; /* LK_NEVER: it is open */
    int64_t last_wnd;        /* window of the last segment received */
    bool fin_sent; int64_t fin_at;
    struct pieces pieces;
    uint64_t order, delivered_order; /* transmissions so far; the latest one known to have arrived */
    int64_t high_sack;       /* highest byte reported by SACK + 1 */
    struct syn_options ours, theirs;

    /* receiving side */
    bool have_irs;
    uint32_t irs;
    int64_t rcv_nxt;         /* everything below was received in order */
    struct spans above;      /* received above rcv_nxt */
    bool peer_fin; int64_t peer_fin_at;
    int64_t ack_sent;        /* the highest acknowledgement sent; 0 none */
    int64_t offered;         /* right edge of the window the device has offered */
    int64_t widest;          /* the largest window it has offered: its buffer, in practice */
    bool heard;              /* something came since its last segment */
    bool ts_recent_valid; uint32_t ts_recent;

    /* times and ends */
    lk_time last_in, last_out, una_moved_at, acked_at; /* LK_NEVER: not yet. acked_at: last ACK the device had to go by */
    bool syn_waiting;        /* a SYN came and no SYN of the device has gone out since */
    bool established;        /* our SYN was acknowledged and theirs received */
    bool reset_in, reset_out; lk_time reset_at;
    struct { bool valid, rst, has_ack; uint32_t seq, ack, len; lk_time at; } came; /* the last segment received, as on the wire */
    struct { bool valid; uint32_t seq; uint16_t window; struct syn_options options; } next_syn; /* a SYN that may open a new connection */
};

/* Starts over for a new connection; the memory of pieces and spans stays, and the SYN that may open it. */
void flow_restart(struct flow *flow);
/* Fills *seg out of a frame with a sound TCP header. A segment of the device that opens a connection makes the flow know
 * it first, so that its numbers are relative to something; true if it opened one. */
bool flow_read(struct flow *flow, const struct lk_event *event, struct seg *seg);
/* A segment reached the device. 0, or LK_E_NOMEM. */
int flow_in(struct flow *flow, const struct seg *seg, struct arrival *arrival);
/* The device sent a segment. 0, or LK_E_NOMEM. */
int flow_out(struct flow *flow, const struct seg *seg);

static inline bool flow_sack_agreed(const struct flow *flow) { return flow->ours.sack && flow->theirs.sack; }
static inline bool flow_timestamps_agreed(const struct flow *flow) { return flow->ours.timestamps && flow->theirs.timestamps; }
/* The peer has closed its window: nothing may be sent but probes. */
static inline bool flow_window_closed(const struct flow *flow) { return flow->have_window && (flow->edge <= flow->una || flow->last_wnd == 0); }
static inline bool flow_over(const struct flow *flow) { return flow->reset_in || flow->reset_out; }
static inline bool flow_peer_closed(const struct flow *flow) { return flow->peer_fin && flow->rcv_nxt > flow->peer_fin_at; }
/* CLOSING, LAST-ACK or TIME-WAIT: both sides have sent a FIN. */
static inline bool flow_both_closed(const struct flow *flow) { return flow->fin_sent && flow_peer_closed(flow); }
/* The most a segment of the peer carries: what the device announced, less the options in each segment (RFC 9293 3.7.1). */
int64_t flow_receive_mss(const struct flow *flow);

#endif
