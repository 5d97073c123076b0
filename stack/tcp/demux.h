/* Which connection or listener a segment belongs to: a keyed hash table of tuples, and one of bound ports.
 * A stranger chooses the tuples, so buckets are picked by SipHash.
 */
#ifndef LK_TCP_DEMUX_H
#define LK_TCP_DEMUX_H

#include "stack/tcp/tcb.h"

struct tcp_tuple {
    struct lk_addr local, remote;
    uint16_t local_port, remote_port;
};

struct tcp_tuple tcp_tuple_of(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* Keyed hash of a tuple; one key of the stack's for each use. */
uint64_t tcp_tuple_hash(const struct lk_tcp_stack *tcp, unsigned key, const struct tcp_tuple *tuple);

/* The connection with this tuple; NULL. */
struct tcb *tcp_demux_tuple(const struct lk_tcp_stack *tcp, const struct tcp_tuple *tuple);

/* The listener for a destination: one bound to the address before one bound to any. NULL: none. */
struct tcb *tcp_demux_listener(const struct lk_tcp_stack *tcp, const struct lk_addr *local, uint16_t port, uint32_t iface);

/* Into and out of the tables. The removing ones do nothing if the block is in none. */
void tcp_demux_add_tuple(struct lk_tcp_stack *tcp, struct tcb *tcb);
void tcp_demux_add_port(struct lk_tcp_stack *tcp, struct tcb *tcb);
void tcp_demux_remove(struct lk_tcp_stack *tcp, struct tcb *tcb);

/* Whether a socket is bound to this port with the same or any address (either side). */
bool tcp_demux_port_taken(const struct lk_tcp_stack *tcp, const struct lk_addr *local, uint16_t port);

/* An ephemeral port by RFC 6056 3.3.3 (simple hash-based). remote zero: for bind(), unique among bound ports;
 * otherwise so that the tuple is free. 0: all are taken. tuple->local_port is ignored. */
uint16_t tcp_demux_choose_port(struct lk_tcp_stack *tcp, const struct tcp_tuple *tuple);

#endif
