/* Helpers of the segment steps that more than one file needs. */
#ifndef LK_TCP_ACK_H
#define LK_TCP_ACK_H

#include "stack/tcp/arrival.h"

/* Whether our FIN has left at least once and is not acknowledged. */
bool tcp_fin_sent(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* The peer was heard with something acceptable: keep-alive starts again (RFC 9293 3.8.4). */
void tcp_heard(const struct lk_tcp_context *context, struct tcb *tcb);

/* The segment's text was received before: a report is owed (RFC 2883). */
void tcp_note_duplicate(const struct tcp_arrival *a);

#endif
