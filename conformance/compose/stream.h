/* One end of a TCP connection over a link that loses nothing: what a trace's talk opens, sends and reads, and what stands in for
 * the recorded device. RFC 9293 without timers: everything is acknowledged at once, nothing is ever sent again. It shares no code
 * with stack/tcp. */
#ifndef LK_COMPOSE_STREAM_H
#define LK_COMPOSE_STREAM_H

#include "conformance/timeline/bump.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_END_FRAME 1514
#define LK_END_MSS 1460

enum lk_end_state { LK_END_CLOSED = 0, LK_END_LISTEN, LK_END_SYN_SENT, LK_END_SYN_RECEIVED, LK_END_OPEN };

struct lk_tcp_end {
    struct lk_bump *memory;
    uint32_t address, peer;      /* host order */
    uint16_t port, peer_port;    /* peer_port 0 while listening: any */
    uint8_t mac[6], peer_mac[6];
    uint8_t state;               /* enum lk_end_state */
    bool owes_ack, owes_rst, wants_fin, fin_sent, fin_received, was_reset, no_memory;
    uint32_t iss, irs;
    uint64_t acked, sent;        /* of our bytes: acknowledged, sent at least once; counted from 0 */
    uint32_t window, mss;        /* the other end's */
    uint8_t *out; size_t out_len, out_cap;   /* everything ever written */
    uint8_t *in; size_t in_len, in_cap, read; /* everything that came in order; `read` is the caller's */
};

/* Opens: a SYN is owed; or waits for one. */
void lk_end_connect(struct lk_tcp_end *end, uint32_t iss);
void lk_end_listen(struct lk_tcp_end *end, uint32_t iss);
/* More bytes, the end of them, or a RST. */
void lk_end_write(struct lk_tcp_end *end, const uint8_t *bytes, size_t len);
void lk_end_close(struct lk_tcp_end *end);
void lk_end_reset(struct lk_tcp_end *end);
/* A frame: true when it is of this connection. */
bool lk_end_take(struct lk_tcp_end *end, const uint8_t *frame, size_t len);
/* The next frame that is owed, at most LK_END_FRAME bytes; 0: none. */
size_t lk_end_next(struct lk_tcp_end *end, uint8_t frame[LK_END_FRAME]);

#endif
