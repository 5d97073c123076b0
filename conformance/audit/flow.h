/* One TCP connection as a capture shows it: what each end has sent and acknowledged, and what was counted on the way. */
#ifndef LK_AUDIT_FLOW_H
#define LK_AUDIT_FLOW_H

#include "conformance/audit/pieces.h"
#include "conformance/audit/segment.h"
#include "conformance/rules/scan.h"

/* Where the capture was taken, seen from the one end: decides what can be told of its retransmissions. */
enum lk_vantage { LK_VANTAGE_UNKNOWN = 0, LK_VANTAGE_SENDER, LK_VANTAGE_RECEIVER, LK_VANTAGE_MIDDLE };

/* What a segment was that carries nothing new. */
enum lk_resent { LK_RESENT_NO = 0, LK_RESENT_FAST, LK_RESENT_TIMER, LK_RESENT_PROBE /* tail loss probe */, LK_RESENT_UNKNOWN,
                 LK_RESENT_REORDERED, LK_RESENT_DOUBLED /* by the network or the sniffer */, LK_RESENT_AMBIGUOUS };

struct lk_audit_counts {
    uint64_t packets, bytes, payload;
    uint32_t retransmissions, fast, timer, probes, spurious, reordered, doubled, ambiguous;
    uint32_t gaps;              /* how often a segment came beyond what was expected */
    uint32_t missed;            /* pieces that were acknowledged and never seen: the sniffer lost them */
    uint32_t resequenced;       /* segments that the sniffer saw in another order than they were sent (at the sender) */
    uint32_t duplicate_acks, zero_windows, window_probes, keep_alives, resets, fins, syns;
    uint32_t bad_checksums, cut, giants, unseen_acked;
};

/* One end. Positions count from its first sequence number. */
struct lk_audit_end {
    struct lk_pieces sent;
    struct lk_audit_counts count;
    uint32_t base;              /* the sequence number at position 0 */
    int64_t next, una;          /* one above the highest sent; highest acknowledged by the other end */
    int64_t fin;                /* position of the FIN; -1 none */
    int64_t probe_end;          /* one above the octet that a window probe carried; it counts as sent when it is sent again or acknowledged */
    lk_time last_at, last_data_at;
    lk_time head_at;            /* when una was last moved, or its segment resent: what a timer of the sender counts from, at best */
    lk_time rtt, rtt_min;       /* smoothed and least, by acknowledgements of what was sent once; 0 unknown */
    uint64_t rtt_count; lk_time rtt_sum, rtt_max;
    uint32_t ts_last;           /* highest TSval seen */
    uint32_t duplicates;        /* duplicate ACKs of the other end in a row */
    int64_t sacked;             /* one above the highest position the other end has SACKed */
    int64_t recovery;           /* resent below this position belongs to the recovery under way; 0 none */
    uint8_t recovery_kind;      /* enum lk_resent */
    int64_t acked_sent;         /* highest acknowledgement this end has sent, in the other's positions */
    uint32_t window_raw;        /* last window this end advertised, as on the wire */
    uint16_t last_id;
    uint16_t id_good, id_bad;   /* Identification went on by a little, or did not */
    uint8_t wscale; bool has_wscale, started, syn, syn_acked, has_ts, stamps, sack_permitted, sent_ack, reset, fin_acked;
    uint16_t mss;
    char history_seen[8]; uint8_t history_count;
};

struct lk_audit_flow {
    struct lk_addr address[2];  /* of end 0 and 1; end 0 is who began, as far as can be told */
    uint16_t port[2];
    uint32_t stream;            /* number, from 0 */
    uint32_t newer, older;      /* in order of use */
    uint32_t next;              /* in the table's chain */
    uint32_t hash;
    uint32_t first_frame, last_frame;
    lk_time first_at, last_at, syn_at, syn_ack_at, established_at, first_data_at, fin_at;
    struct lk_audit_end end[2];
    uint8_t vantage;            /* enum lk_vantage, of end 0 */
    bool handshake_ack, begun_by_syn, turned;
    char history[48]; uint8_t history_len;
    struct lk_scan scan;
    struct { uint32_t frame, count; } broken[2][LK_SCAN_RULES]; /* by each end: the first frame that broke it, and how many did */
};

/* Takes one segment of end `from` in. *budget: what pieces may still allocate. Returns what it was. `given`: the vantage that the
 * user says (of the sender of data), or LK_VANTAGE_UNKNOWN. */
enum lk_resent lk_audit_track(struct lk_audit_flow *flow, unsigned from, const struct lk_audit_segment *seg, const struct lk_peeled *ip, uint32_t frame, lk_time at, enum lk_vantage given, size_t *budget);

/* The vantage as seen from data that end `from` sends: by evidence of the handshake, or `given`. */
enum lk_vantage lk_audit_vantage(const struct lk_audit_flow *flow, unsigned from, enum lk_vantage given);

/* Zeek's history letters. */
void lk_audit_history(struct lk_audit_flow *flow, unsigned from, char letter);

#endif
