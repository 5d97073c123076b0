/* The peer of one host, played by stimuli: segments whose numbers count from what the host has right now, application
 * calls, time. Behind the fuzz target tcp_endpoint.
 *
 * Held besides what world.h holds: the bytes the application reads are those the peer sent, in order and without a gap;
 * every byte the host sends, first time or again, is the one its application gave for that sequence number. */
#ifndef LK_FUZZ_ENDPOINT_H
#define LK_FUZZ_ENDPOINT_H

#include "conformance/timeline/stimulus.h"
#include "fuzz/common/world.h"

enum { LK_ENDPOINTS = 2 };   /* 0: the peer connects to the listener; 1: the host connects to the peer */

struct lk_endpoint_side {
    lk_socket socket;        /* 0: none */
    uint32_t irs; bool irs_known;  /* the peer's ISN as the host took it */
    uint32_t iss; bool iss_known;  /* the host's */
    uint64_t given, read;    /* bytes the application gave to send, and has read */
    uint32_t ts_latest;      /* TSval of the host's latest segment */
    uint32_t snd_nxt;        /* what the peer has seen: highest sequence number of the host plus one */
};

struct lk_endpoint_run {
    struct lk_world world;
    struct lk_endpoint_side side[LK_ENDPOINTS];
    uint8_t latest[128]; size_t latest_len; /* the IP packet of the host's latest segment, for ICMP errors to quote */
    bool raw_seen;           /* a raw frame came: what the peer sent is not known any more */
};

void lk_endpoint_start(struct lk_endpoint_run *run, const char *target, const char *profile);
/* One record: its time passes, then it is done. Unknown kinds do nothing. */
void lk_endpoint_step(struct lk_endpoint_run *run, const struct lk_record *record);
/* Everything is pulled and read; then five minutes pass. */
void lk_endpoint_end(struct lk_endpoint_run *run);

#endif
