/* Connections a listener has made and nobody has accepted yet: those in SYN-RECEIVED, and those ready to be accepted,
 * oldest first. Together at most the backlog.
 */
#ifndef LK_TCP_LISTENER_H
#define LK_TCP_LISTENER_H

#include "stack/tcp/tcb.h"

/* Whether a listener takes one more. */
bool tcp_listener_has_room(const struct lk_tcp_stack *tcp, const struct tcb *listening);

/* A new connection of `listening`, in SYN-RECEIVED. */
void tcp_listener_adopt(struct lk_tcp_stack *tcp, struct tcb *listening, struct tcb *child);

/* The child's handshake is complete: it may be accepted now. The listener is settled. */
void tcp_listener_ready(const struct lk_tcp_context *context, struct tcb *child);

/* Takes the oldest one to accept; NULL: none. It is nobody's child any more. */
struct tcb *tcp_listener_accept(struct lk_tcp_stack *tcp, struct tcb *listening);

/* The child leaves: it ended, or it was accepted. */
void tcp_listener_disown(struct lk_tcp_stack *tcp, struct tcb *child);

#endif
