/* TCP's face to the rest of the stack: segments in, segments out, timers, socket calls, events. Sans-I/O.
 *
 * Where it stands. stack/ip hands up a datagram (struct lk_ip_in), lk_tcp_input() runs RFC 9293 3.10.7 on it and
 * returns what became of it; what the protocol then owes (ACK, data, RST, challenge ACK) is noted and leaves only
 * through lk_tcp_output(), one segment a call. Timers hang in the host's wheel, one node a connection. No callbacks:
 * what TCP must know of routing (source address, interface, MTU) comes as data.
 *
 * The work for a segment, a call or a timer does not grow with the number of sockets.
 */
#ifndef LK_TCP_TCP_H
#define LK_TCP_TCP_H

#include "stack/base/arena.h"
#include "stack/base/hash.h"
#include "stack/base/rx.h"
#include "stack/base/types.h"
#include "stack/base/wheel.h"
#include "stack/ip/packet.h"
#include "stack/ip/socket.h"
#include "stack/tcp/config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_tcp_stack; /* opaque; its pools find their records by distance, so it is never copied or moved alone */

/* What every call that may change something needs. Built by the host for each call. */
struct lk_tcp_context {
    struct lk_tcp_stack *tcp;
    struct lk_wheel *wheel; /* nodes [node_base, node_base + lk_tcp_nodes()) are TCP's */
    lk_time now;            /* never goes back */
};

/* ---- life ---------------------------------------------------------------------------------------------------- */

/* Wheel nodes TCP needs for this config. */
uint32_t lk_tcp_nodes(const struct lk_tcp_config *config);

/* Carves TCP's state out of the arena (or only measures, see arena.h) and builds it. node_base: its first wheel node.
 * The seed gives, each by a key of its own, the tuple hash, ISNs, timestamp offsets and ephemeral ports.
 * Returns the distance of the state from the block's start, for lk_arena_at(); UINT64_MAX when it did not fit. */
uint64_t lk_tcp_init(struct lk_arena *arena, const struct lk_tcp_config *config, const uint8_t seed[32], uint32_t node_base);

/* Closes to sanitizers again what is not in use, after the arena was opened whole and copied. */
void lk_tcp_guard(const struct lk_tcp_stack *tcp);

/* ---- segments ------------------------------------------------------------------------------------------------ */

/* SEGMENT ARRIVES (RFC 9293 3.10.7). Never sends. Returns what became of it; from LK_RX_DROP_FIRST on it was dropped. */
enum lk_rx lk_tcp_input(const struct lk_tcp_context *context, const struct lk_ip_in *in);

/* An ICMP error quoting a segment of ours (RFC 9293 3.9.2.2, RFC 5927): the quoted sequence number must be in flight,
 * otherwise it is dropped. Soft errors are noted, hard ones end a connection that is not yet synchronized. */
enum lk_rx lk_tcp_icmp(const struct lk_tcp_context *context, const struct lk_icmp_error *error);

/* Pulls the next segment to send. In: out->iface (LK_ANY or one), bytes, cap. Returns its length > 0 with *out filled,
 * 0 when nothing is owed, LK_E_NOSPACE when cap is too small: out->len says what is needed and nothing is lost.
 * Connections take turns. */
int lk_tcp_output(const struct lk_tcp_context *context, struct lk_ip_out *out);

/* Whether lk_tcp_output() on this interface (LK_ANY: on some) has something. */
bool lk_tcp_has_output(const struct lk_tcp_stack *tcp, uint32_t iface);

/* A wheel node of TCP's fired. context->now is the deadline it was armed for. */
void lk_tcp_timer(const struct lk_tcp_context *context, uint32_t node);

/* ---- socket calls (RFC 9293 3.9.1, 3.10.1 to 3.10.6) ---------------------------------------------------------
 * Each returns >= 0 or an LK_E_ name. LK_E_BADF: the handle is stale or not TCP's. */

/* A socket in state CLOSED. LK_E_MFILE: no control block is free. */
int lk_tcp_open(const struct lk_tcp_context *context, lk_socket *out);

/* Gives the socket a local address (zero: any), port (0: one is chosen) and interface. The host has checked that the
 * address is ours. LK_E_ADDRINUSE, LK_E_INVALID: already bound. */
int lk_tcp_bind(const struct lk_tcp_context *context, lk_socket s, const struct lk_endpoint *local);

/* CLOSED -> LISTEN. backlog: connections not yet accepted, at least 1 is taken. A second call changes the backlog.
 * LK_E_INVALID: not bound to a port; LK_E_ISCONN: not CLOSED; LK_E_NOBUFS: no listener record is free. */
int lk_tcp_listen(const struct lk_tcp_context *context, lk_socket s, uint32_t backlog);

/* What the host knows about the way to a remote address. */
struct lk_tcp_route {
    struct lk_addr source; /* used if the socket is not bound to an address */
    uint32_t iface;
    uint16_t mtu;          /* bytes of IP packet */
};

/* Active open: owes a SYN. remote is unicast (checked by the host). LK_E_ISCONN, LK_E_ALREADY, LK_E_ADDRINUSE: the tuple
 * is taken; LK_E_ADDRNOTAVAIL: no ephemeral port is free; LK_E_OPNOTSUPP: listening. */
int lk_tcp_connect(const struct lk_tcp_context *context, lk_socket s, const struct lk_endpoint *remote, const struct lk_tcp_route *route);

/* The oldest connection waiting on a listener. LK_E_AGAIN: none; LK_E_INVALID: not listening. remote may be NULL. */
int lk_tcp_accept(const struct lk_tcp_context *context, lk_socket listener, lk_socket *out, struct lk_endpoint *remote);

/* See lk_sock_send() and its neighbours in stack/host/stack.h for what each returns. */
int64_t lk_tcp_send(const struct lk_tcp_context *context, lk_socket s, const void *bytes, size_t len);
int64_t lk_tcp_recv(const struct lk_tcp_context *context, lk_socket s, void *bytes, size_t cap, uint32_t flags);
int64_t lk_tcp_peek(const struct lk_tcp_context *context, lk_socket s, const uint8_t **bytes);
int lk_tcp_consume(const struct lk_tcp_context *context, lk_socket s, size_t len);
int64_t lk_tcp_reserve(const struct lk_tcp_context *context, lk_socket s, uint8_t **bytes);
int lk_tcp_commit(const struct lk_tcp_context *context, lk_socket s, size_t len);
int lk_tcp_shutdown(const struct lk_tcp_context *context, lk_socket s, int how);
int lk_tcp_close(const struct lk_tcp_context *context, lk_socket s);
int lk_tcp_abort(const struct lk_tcp_context *context, lk_socket s);
int lk_tcp_set(const struct lk_tcp_context *context, lk_socket s, int option, int64_t value);
int lk_tcp_error(const struct lk_tcp_stack *tcp, lk_socket s);

uint32_t lk_tcp_bits(const struct lk_tcp_stack *tcp, lk_socket s);
int lk_tcp_info(const struct lk_tcp_stack *tcp, lk_socket s, struct lk_sock_info *out);
/* By tuple, for connections without a handle too. LK_E_NOTCONN if there is none. */
int lk_tcp_tuple_info(const struct lk_tcp_stack *tcp, const struct lk_endpoint *local, const struct lk_endpoint *remote, struct lk_sock_info *out);

/* The socket whose bits changed longest ago and was not reported since, with its bits now. False: none. */
bool lk_tcp_event(const struct lk_tcp_context *context, lk_socket *out, uint32_t *bits);

/* How many events were ever queued, and how many of those have left the queue again, returned or not. By these the host
 * merges TCP's events with UDP's in the order in which they arose. */
void lk_tcp_event_counts(const struct lk_tcp_stack *tcp, uint64_t *queued, uint64_t *gone);

/* ---- looking inside ------------------------------------------------------------------------------------------ */

/* Checks every invariant. 0, or a negative number and in *where the name of the first one broken. */
int lk_tcp_check(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const char **where);

/* Adds all state to the digest, fields in fixed order: equal on every machine. */
void lk_tcp_digest(const struct lk_tcp_stack *tcp, struct lk_digest *digest);

struct lk_tcp_counters {
    uint64_t resets_dropped;      /* owed RSTs that found the table full */
    uint64_t challenge_throttled; /* RFC 5961 7 */
    uint64_t time_wait_recycled;  /* TIME-WAIT connections ended early because the table was full */
};
void lk_tcp_counters(const struct lk_tcp_stack *tcp, struct lk_tcp_counters *out);

#endif
