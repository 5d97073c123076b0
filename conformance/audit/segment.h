/* A TCP segment as the audit wants it: what lk_peel() found, the header's fields and the few options that matter, in one struct
 * and without a copy. */
#ifndef LK_AUDIT_SEGMENT_H
#define LK_AUDIT_SEGMENT_H

#include "conformance/dissect/peel.h"

enum { LK_AUDIT_FIN = 1, LK_AUDIT_SYN = 2, LK_AUDIT_RST = 4, LK_AUDIT_PSH = 8, LK_AUDIT_ACK = 16, LK_AUDIT_URG = 32 };

enum lk_sum { LK_SUM_GOOD = 0, LK_SUM_BAD, LK_SUM_UNKNOWN /* cut short, a fragment, or a giant */ };

struct lk_audit_segment {
    uint16_t source_port, destination_port;
    uint32_t seq, ack;
    uint16_t window;        /* as on the wire */
    uint8_t flags;
    uint8_t sum;            /* enum lk_sum */
    uint32_t payload;       /* bytes, by IP's length */
    uint32_t payload_captured;
    const uint8_t *bytes;   /* of the payload */
    bool has_ts, has_mss, has_wscale, sack_permitted, sack_odd, options_cut;
    uint32_t ts_val, ts_ecr;
    uint16_t mss;
    uint8_t wscale;         /* at most 14 (RFC 7323 2.3) */
    uint8_t wscale_sent;    /* as on the wire */
    uint8_t sacks;
    struct { uint32_t from, to; } sack[4];
};

enum lk_audit_read { LK_AUDIT_WHOLE = 0, LK_AUDIT_CUT /* the capture ends within the fixed header */, LK_AUDIT_BOGUS /* malformed; the ports are filled when there are any */ };

/* Reads the transport header that `ip` points to. */
enum lk_audit_read lk_audit_segment_read(const uint8_t *frame, const struct lk_peeled *ip, struct lk_audit_segment *out);

#endif
