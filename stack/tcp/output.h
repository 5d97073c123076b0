/* What a connection sends next. The decision is a value (struct tcp_plan), taken without changing anything; sending it
 * is lk_tcp_output(). One segment at a time, in this order: SYN; owed duplicate ACKs; what is to be resent; new data
 * and FIN; window probe; keep-alive; a plain ACK.
 */
#ifndef LK_TCP_OUTPUT_H
#define LK_TCP_OUTPUT_H

#include "stack/tcp/tcb.h"

enum tcp_plan_kind { TCP_PLAN_NOTHING, TCP_PLAN_SYN, TCP_PLAN_DUP_ACK, TCP_PLAN_RESEND, TCP_PLAN_DATA, TCP_PLAN_PROBE, TCP_PLAN_KEEPALIVE, TCP_PLAN_ACK };

struct tcp_plan {
    enum tcp_plan_kind kind;
    uint32_t seq;
    uint32_t len; /* octets of data */
    bool fin;
};

/* What to send next, by the state of the connection alone. */
struct tcp_plan tcp_plan(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* Sequence number behind the last octet queued: that of our FIN. */
uint32_t tcp_stream_end(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* Whether our FIN is queued and not acknowledged. */
bool tcp_fin_pending(const struct tcb *tcb);

/* Octets (and FIN) that were never sent. */
uint32_t tcp_unsent(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* The receive window as it could be offered now. */
struct tcp_receive_window tcp_receive_window(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

#endif
