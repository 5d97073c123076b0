/* One arriving segment on its way through RFC 9293 3.10.7. The steps of input_*.c take it in the RFC's order; a step
 * returns true to go on and false when the segment is done with, `result` then being what became of it.
 */
#ifndef LK_TCP_ARRIVAL_H
#define LK_TCP_ARRIVAL_H

#include "stack/tcp/tcb.h"
#include "stack/wire/tcp.h"

struct tcp_arrival {
    const struct lk_tcp_context *context;
    const struct lk_ip_in *in;
    struct lk_tcp segment;
    struct lk_tcp_options options;
    struct tcb *tcb;     /* NULL once the connection is gone */
    enum lk_rx result;
    uint32_t seq;        /* SEG.SEQ, after trimming to the window */
    uint32_t ack;        /* SEG.ACK */
    uint32_t len;        /* SEG.LEN, after trimming */
    uint32_t wnd;        /* SEG.WND in bytes, scaled */
    const uint8_t *text; /* data, after trimming */
    uint32_t text_len;
    uint8_t control;     /* LK_TCP_*, after trimming */
};

static inline bool tcp_done(struct tcp_arrival *a, enum lk_rx result)
{
    a->result = result;
    return false;
}

static inline bool tcp_has(const struct tcp_arrival *a, unsigned kind)
{
    return (a->options.present & LK_TCP_HAS(kind)) != 0;
}

/* RFC 9293 3.10.7.1: no connection. */
enum lk_rx tcp_arrives_closed(struct tcp_arrival *a);
/* 3.10.7.2: a->tcb is a listener. `old`: the TIME-WAIT connection this SYN replaces, or NULL. */
enum lk_rx tcp_arrives_listen(struct tcp_arrival *a, const struct tcp_predecessor *old);
/* 3.10.7.3 */
enum lk_rx tcp_arrives_syn_sent(struct tcp_arrival *a);
/* 3.10.7.4 */
enum lk_rx tcp_arrives_otherwise(struct tcp_arrival *a);
/* 3.10.7.4, as far as it concerns TIME-WAIT. */
enum lk_rx tcp_arrives_time_wait(struct tcp_arrival *a);

/* Fifth step for a synchronized connection: SEG.ACK, SACK blocks and window are taken (ack.c). */
bool tcp_ack_arrives(struct tcp_arrival *a);

/* Seventh and eighth step: text and FIN (input_text.c). */
bool tcp_text_arrives(struct tcp_arrival *a);
bool tcp_fin_arrives(struct tcp_arrival *a);

/* Sixth to eighth step for a SYN,ACK that has just established the connection: what stands behind its SYN. */
void tcp_later_steps(struct tcp_arrival *a);

/* Owes one ACK for a segment that was out of order, old or not acceptable: each such segment gets its own. */
void tcp_owe_duplicate_ack(struct tcb *tcb);

/* Owes a challenge ACK unless too many were owed lately (RFC 5961 7). */
enum lk_rx tcp_challenge(const struct lk_tcp_context *context, struct tcb *tcb);

/* Our SYN is acknowledged: ESTABLISHED, or FIN-WAIT-1 if close() came first; the windows begin (RFC 5681 3.1). */
void tcp_establish(const struct lk_tcp_context *context, struct tcb *tcb);

/* A round-trip measurement from the echoed timestamp (RFC 7323 4.1). False: there is none. */
bool tcp_sample_timestamp(const struct tcp_arrival *a);

#endif
