/* Owed RSTs: a small ring of their own, because a RST often belongs to no connection (RFC 9293 3.5.2). Full: the newest
 * is dropped and counted.
 */
#ifndef LK_TCP_RESET_H
#define LK_TCP_RESET_H

#include "stack/tcp/tcb.h"
#include "stack/wire/tcp.h"

/* Answers a segment that belongs to no connection, or does not fit its state (RFC 9293 3.10.7.1). The caller has checked
 * that it is not a RST itself. */
void tcp_reset_segment(struct lk_tcp_stack *tcp, const struct lk_ip_in *in, const struct lk_tcp *segment);

/* Tells the peer of a connection that it is gone: <SEQ=SND.NXT><ACK=RCV.NXT><CTL=RST,ACK> (RFC 9293 3.10.5). */
void tcp_reset_connection(struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* The owed RST that is `offset` behind the oldest. */
struct reset *tcp_reset_at(const struct lk_tcp_stack *tcp, uint32_t offset);

/* The oldest owed RST that may leave by `iface` (LK_ANY: any), NULL if there is none; and taking it off. Only the oldest is
 * looked at. */
const struct reset *tcp_reset_peek(const struct lk_tcp_stack *tcp, uint32_t iface);
void tcp_reset_pop(struct lk_tcp_stack *tcp);

#endif
