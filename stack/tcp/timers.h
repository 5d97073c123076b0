/* A connection's timers. Several logical ones share the connection's one node in the wheel, which is armed for the least:
 *   rto_deadline   retransmission (RFC 6298), or persist (RFC 9293 3.8.6.1) when TCB_PERSIST is set;
 *   idle_deadline  by state: 2MSL; the wait in FIN-WAIT-2; the R2 limit while TCB_GIVE_UP is set; else keep-alive;
 *   ack_deadline   delayed ACK (in the active record).
 * Deadlines keep their nanoseconds; the wheel only sorts.
 */
#ifndef LK_TCP_TIMERS_H
#define LK_TCP_TIMERS_H

#include "stack/tcp/tcb.h"

/* The connection's RTO as it stands, doublings included. */
lk_time tcp_rto(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* Arms the retransmission timer anew (RFC 6298 5.3), or only if it is not running (5.1). */
void tcp_rto_restart(const struct lk_tcp_context *context, struct tcb *tcb);
void tcp_rto_start(const struct lk_tcp_context *context, struct tcb *tcb);
void tcp_rto_stop(struct tcb *tcb);

/* Starts probing a closed window (RFC 9293 3.8.6.1, MUST-36): first after an RTO. */
void tcp_persist_start(const struct lk_tcp_context *context, struct tcb *tcb);

/* Sets idle_deadline by the state; the peer was heard, so keep-alive begins again and R2 does not run. */
void tcp_idle_restart(const struct lk_tcp_context *context, struct tcb *tcb);

/* Arms the wheel for the least deadline. */
void tcp_timers_arm(const struct lk_tcp_context *context, const struct tcb *tcb);

/* Whole seconds of a time, modulo 2^32. */
uint32_t tcp_seconds(lk_time now);

#endif
