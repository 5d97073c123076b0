/* One TCP in memory with a peer played by the test: segments are crafted and read with sequence numbers relative to the
 * two initial ones, so that a test reads like an exchange in an RFC. The peer's SYN has number 0, its first octet 1.
 */
#ifndef LK_TESTS_TCP_WORLD_H
#define LK_TESTS_TCP_WORLD_H

#include "stack/host/config.h"
#include "stack/tcp/tcp.h"
#include "stack/wire/tcp.h"
#include <stdbool.h>
#include <stdint.h>

#define TW_PEER_ISN 0xfffffff0u /* so that every test crosses the wrap */
#define TW_PORT 80              /* ours */
#define TW_PEER_PORT 4000
#define TW_NODE_BASE 3         /* the host may have wheel nodes of its own before TCP's */

enum { F = LK_TCP_FIN, S = LK_TCP_SYN, R = LK_TCP_RST, P = LK_TCP_PSH, A = LK_TCP_ACK, U = LK_TCP_URG };

struct tw_segment {
    uint8_t control;
    uint32_t seq, ack;    /* relative: seq to our ISN, ack to the peer's */
    uint32_t len;
    uint32_t window;      /* as in the header */
    uint32_t urgent;
    struct lk_tcp_options options;
    uint8_t payload[65536];
};

struct tw {
    struct lk_config config;
    void *memory;
    struct lk_tcp_stack *tcp;
    struct lk_wheel *wheel;
    lk_time now;
    struct lk_addr us, peer;
    uint32_t mtu;
    /* what the peer puts into its segments */
    uint32_t peer_window;  /* header field, 65535 */
    uint32_t peer_ts;      /* TSval of the next segments if peer_timestamps */
    bool peer_timestamps, peer_sack;
    int peer_wscale;       /* -1: no option */
    uint32_t peer_mss;     /* 0: no option */
    struct lk_tcp_sack sacks[4]; /* relative to our ISN; put into the next segment only */
    unsigned sack_count;
    uint32_t isn;          /* ours, learnt from the SYN that leaves */
    uint32_t peer_isn;
    uint32_t last_ts;      /* TSval of the last segment that left */
    uint16_t our_port, peer_port;
    struct tw_segment last; /* pulled last */
    lk_socket listener, s;
};

/* A fresh TCP with the profile's config; `tune` (may be NULL) changes it first. */
void tw_begin(struct tw *w, const char *profile, void (*tune)(struct lk_config *));
void tw_end(struct tw *w);

struct lk_tcp_context tw_context(struct tw *w);

/* The peer sends a segment with `len` octets (value: low byte of their relative number). Returns the disposition. All
 * invariants are checked after it. */
int tw_in(struct tw *w, unsigned control, uint32_t seq, uint32_t ack, uint32_t len);
/* The same with raw options instead of those the peer's settings ask for. */
int tw_in_raw(struct tw *w, unsigned control, uint32_t seq, uint32_t ack, const uint8_t *options, size_t options_len, const uint8_t *text, uint32_t len);

/* Pulls the next segment into w->last; false: nothing is owed. */
bool tw_out(struct tw *w);

/* The next segment must have these; PSH is not compared. */
void tw_expect_at(struct tw *w, unsigned control, uint32_t seq, uint32_t ack, uint32_t len, const char *file, int line);
void tw_nothing_at(struct tw *w, const char *file, int line);
#define tw_expect(w, control, seq, ack, len) tw_expect_at(w, control, seq, ack, len, __FILE__, __LINE__)
#define tw_nothing(w) tw_nothing_at(w, __FILE__, __LINE__)

/* Time goes on; due timers fire at their own time. */
void tw_to(struct tw *w, lk_time at);
void tw_wait(struct tw *w, lk_time span);

/* Moves a connection to a state: afterwards w->s is its socket and nothing is owed. */
void tw_listen(struct tw *w);
void tw_passive(struct tw *w);  /* ESTABLISHED from LISTEN, accepted */
void tw_active(struct tw *w);   /* ESTABLISHED by connect() */
void tw_connect(struct tw *w);  /* SYN-SENT, the SYN still owed */

int tw_state(struct tw *w);           /* of w->s; by tuple if the handle is gone; -1: no connection */
struct lk_sock_info tw_info(struct tw *w);
int64_t tw_send(struct tw *w, uint32_t len);  /* octets numbered on from the last */
int64_t tw_recv(struct tw *w, uint32_t cap);

#endif
