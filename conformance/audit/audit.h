/* The audit of a capture: frames in, one summary for each TCP connection out. Streaming, in bounded memory: when it is used up, the
 * connection that was quiet longest is summed up early, and that is said.
 *
 * A summary says only what the capture shows; what cannot be told is counted as such. */
#ifndef LK_AUDIT_AUDIT_H
#define LK_AUDIT_AUDIT_H

#include "conformance/audit/flow.h"

struct lk_audit;

struct lk_audit_config {
    size_t memory;              /* bytes at most, at least 1 MB */
    enum lk_vantage vantage;    /* of the senders of data; unknown: by evidence */
};

/* What the file as a whole shows. */
struct lk_audit_totals {
    uint64_t frames, bytes, tcp, udp, icmp, arp, other_ip, other, fragments, cut, malformed, unsupported, backwards /* time stamps */;
    uint64_t connections, evicted;
};

struct lk_audit_sink {
    void *context;
    /* A connection that is done with: at the end in order of its number, or early when memory is used up. */
    void (*connection)(void *context, const struct lk_audit_flow *flow, bool evicted);
};

/* NULL: out of memory. */
struct lk_audit *lk_audit_new(const struct lk_audit_config *config, const struct lk_audit_sink *sink);
void lk_audit_frame(struct lk_audit *audit, uint32_t link, const uint8_t *bytes, uint32_t captured, uint32_t length, uint32_t number, lk_time at);
/* Sums up what is left. */
void lk_audit_finish(struct lk_audit *audit);
const struct lk_audit_totals *lk_audit_totals(const struct lk_audit *audit);
void lk_audit_free(struct lk_audit *audit);

/* -- words for a connection -- */
const char *lk_audit_handshake(const struct lk_audit_flow *flow); /* "complete" "partial" "none" */
const char *lk_audit_teardown(const struct lk_audit_flow *flow);  /* "fin" "half" "rst" "none" */
const char *lk_audit_vantage_name(enum lk_vantage vantage);       /* "sender" ... */
/* Zeek's thirteen: "SF", "S0" ... */
const char *lk_audit_conn_state(const struct lk_audit_flow *flow);

#endif
