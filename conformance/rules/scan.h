/* Rules that one segment decides by itself, or with what the two SYNs said: cheap enough for every packet of every capture, and
 * sound on captures in which packets are missing: where a SYN was not seen the answer is "cannot tell".
 *
 * The caller hands over each segment of a connection in order of time, and keeps the state, a few words a connection. */
#ifndef LK_RULES_SCAN_H
#define LK_RULES_SCAN_H

#include "conformance/rules/rule.h"

enum lk_scan_rule {
    LK_SCAN_MSS_ON_SYN = 0, LK_SCAN_SACK_PERMITTED_ON_SYN, LK_SCAN_SACK_IF_PERMITTED, LK_SCAN_SACK_LAYOUT, LK_SCAN_WSCALE_ANSWER, LK_SCAN_WSCALE_MOST,
    LK_SCAN_STAMPS_ANSWER, LK_SCAN_STAMPS_ALWAYS, LK_SCAN_ACK_BIT, LK_SCAN_NOTHING_BEYOND_FIN, LK_SCAN_WINDOW_SHRUNK, LK_SCAN_TTL, LK_SCAN_SOURCE, LK_SCAN_RULES
};

enum { /* lk_scan_segment.options */
    LK_SCAN_MSS = 1, LK_SCAN_WSCALE = 2, LK_SCAN_SACK_PERMITTED = 4, LK_SCAN_SACK = 8, LK_SCAN_STAMPS = 16,
    LK_SCAN_SACK_ODD = 32, /* a SACK option whose length is not 8n + 2 */
    LK_SCAN_OPTIONS_CUT = 64 /* the capture does not hold them all */
};

struct lk_scan_segment {
    uint8_t from;          /* which end sent it, 0 or 1 */
    bool syn, fin, rst, ack;
    bool in_order;         /* it is known that nothing this end sent later was captured before it */
    uint8_t options;       /* bits above */
    uint8_t wscale;        /* shift as on the wire */
    uint8_t ttl;
    bool ip4; uint32_t source; /* IPv4, host order */
    bool placed;           /* the next three are known */
    int64_t end;           /* one above the last sequence number it takes, in positions of its sender */
    uint32_t payload;
    int64_t right_edge;    /* acknowledgement and scaled window: how far the other end may send, in the other's positions; -1 unknown */
    uint32_t edge_unit;    /* what scaling rounds the window to, bytes (RFC 7323 2.4) */
};

/* State of a connection; all zero to begin with. */
struct lk_scan {
    struct { bool syn, options_known; uint8_t offered, always; /* by any and by every SYN of this end */ bool fin; int64_t fin_end, right_edge; bool edge; } end[2];
    bool established;      /* both SYNs and an ACK of the second were seen */
    uint32_t held[2], violated[2], unknown[2]; /* bit 1 << rule, of each end: answers there were */
};

struct lk_scan_info { const char *name, *what, *requirement; };
const struct lk_scan_info *lk_scan_info(enum lk_scan_rule rule);

/* Judges one segment and takes it in. Returns the rules it breaks, a bit each. */
uint32_t lk_scan(struct lk_scan *state, const struct lk_scan_segment *seg);

#endif
