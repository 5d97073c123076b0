/* Numbers that a stranger must not guess: initial sequence numbers and timestamp offsets. */
#ifndef LK_TCP_ISN_H
#define LK_TCP_ISN_H

#include "stack/tcp/tcb.h"

/* ISN = M + F(tuple, secret), M counting once every 4 us (RFC 9293 3.4.1, RFC 6528 3). */
uint32_t tcp_isn(const struct lk_tcp_stack *tcp, const struct tcb *tcb, lk_time now);

/* The tuple's offset of the timestamp clock (RFC 7323 5.4); a new incarnation gets the same, so that its values go on
 * from the old one's (RFC 6191). */
uint32_t tcp_timestamp_offset(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* Whole milliseconds of a time, modulo 2^32. */
uint32_t tcp_milliseconds(lk_time now);

/* TSval: a clock of 1 ms (RFC 7323 5.4) from the connection's offset. */
uint32_t tcp_timestamp(const struct tcb *tcb, lk_time now);

#endif
