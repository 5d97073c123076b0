/* UDP (RFC 768, RFC 1122 4.1): sockets, the datagrams that wait on them, ports. Routes and frames are the host's: a datagram
 * to send is described here (lk_udp_prepare), given a way by the host, and built by lk_udp_build().
 *
 * A datagram goes to the socket that is bound to its port, destination address and interface, as far as it is bound to them,
 * and connected to its source, if it is connected. There is at most one, since binding refuses what overlaps. */
#ifndef LK_UDP_UDP_H
#define LK_UDP_UDP_H

#include "stack/base/arena.h"
#include "stack/base/hash.h"
#include "stack/base/pool.h"
#include "stack/base/rng.h"
#include "stack/base/rx.h"
#include "stack/ip/packet.h"
#include "stack/ip/socket.h"

enum { LK_UDP_BOUND = 1, LK_UDP_CONNECTED = 2, LK_UDP_NO_RECV = 4, LK_UDP_NO_SEND = 8, LK_UDP_EVENT = 16 }; /* flags */

struct lk_udp_socket {
    struct lk_addr local, remote; /* all zero: any */
    uint64_t event_age;           /* of its event, while LK_UDP_EVENT */
    uint32_t generation;
    uint32_t chain;               /* next in the bucket of its port */
    uint32_t local_iface, remote_iface; /* or LK_ANY */
    uint32_t head, tail, waiting; /* datagrams, oldest first */
    uint32_t event_next, event_before; /* neighbours in the list of events */
    uint32_t told;                /* bits as last returned by lk_udp_event() */
    int32_t error;                /* to be returned once by the next call (RFC 1122 4.1.3.3) */
    int32_t soft_error;           /* of a socket with no peer of its own: to be looked at */
    uint16_t local_port, remote_port;
    uint8_t flags, ttl, tos;
    uint8_t unused;               /* 0 */
};
_Static_assert(sizeof(struct lk_udp_socket) == 96, "no padding");

struct lk_udp_datagram { /* the bytes follow */
    struct lk_addr local, remote;
    uint32_t next;
    uint32_t len;
    uint32_t iface;
    uint16_t local_port, remote_port;
};
_Static_assert(sizeof(struct lk_udp_datagram) == 48, "no padding");

struct lk_udp_table {
    struct lk_pool sockets, datagrams;
    struct lk_rng ports;       /* which ephemeral port to try first (RFC 6056 3.3.1) */
    int64_t buckets;           /* bytes from this struct to a table of uint32, by local port */
    uint32_t mask;
    uint32_t generation;       /* of the socket opened last */
    uint32_t room;             /* bytes of a datagram that can wait */
    uint32_t event_head, event_tail;
    uint16_t port_first, port_last;
};

int lk_udp_init(struct lk_udp_table *udp, struct lk_arena *arena, uint32_t sockets, uint32_t datagrams, uint32_t room, uint16_t port_first,
                uint16_t port_last, const uint8_t seed[32]);

/* A datagram came. LK_RX_ACCEPTED; LK_RX_DROP_UDP_HEADER: truncated, Length or checksum wrong; LK_RX_DROP_UDP_PORT: no socket
 * there (RFC 1122 4.1.3.1 wants port unreachable); LK_RX_DROP_UDP_FULL. `age`: see lk_udp_event_age(). */
enum lk_rx lk_udp_input(struct lk_udp_table *udp, const struct lk_ip_in *in, uint64_t age);

/* An ICMP error about a datagram of ours (RFC 1122 4.1.3.3). LK_RX_DROP_ICMP: no socket sent it. */
enum lk_rx lk_udp_icmp(struct lk_udp_table *udp, const struct lk_icmp_error *error, uint64_t age);

/* The socket calls; LK_E_BADF for a stale handle, and what stack/host/stack.h says. */
int lk_udp_open(struct lk_udp_table *udp, lk_socket *out, uint64_t age);
int lk_udp_close(struct lk_udp_table *udp, lk_socket s);
int lk_udp_bind(struct lk_udp_table *udp, lk_socket s, const struct lk_endpoint *local);
/* Sets the peer, or none when its port and address are zero. Binds the socket to a port if it has none. */
int lk_udp_connect(struct lk_udp_table *udp, lk_socket s, const struct lk_endpoint *remote, uint64_t age);
int64_t lk_udp_recv(struct lk_udp_table *udp, lk_socket s, void *bytes, size_t cap, uint32_t flags, struct lk_endpoint *remote,
                    struct lk_endpoint *local, uint64_t age);
int64_t lk_udp_peek(struct lk_udp_table *udp, lk_socket s, const uint8_t **bytes);
/* Drops the oldest datagram, whatever part of it was read. */
int lk_udp_consume(struct lk_udp_table *udp, lk_socket s, uint64_t age);
int lk_udp_shutdown(struct lk_udp_table *udp, lk_socket s, int how, uint64_t age);
int lk_udp_set(struct lk_udp_table *udp, lk_socket s, int option, int64_t value);
int lk_udp_error(const struct lk_udp_table *udp, lk_socket s);
uint32_t lk_udp_bits(const struct lk_udp_table *udp, lk_socket s);
int lk_udp_info(const struct lk_udp_table *udp, lk_socket s, struct lk_sock_info *out);

/* What a datagram to be sent is going to be. */
struct lk_udp_out {
    struct lk_addr local, remote; /* local all zero: the host chooses */
    uint32_t iface;               /* LK_ANY or the only one */
    uint16_t local_port, remote_port;
    uint8_t ttl, tos;             /* ttl 0: the host's default */
};

/* Finds out from socket, remote and local (both may be NULL). An unbound socket gets a port. LK_E_DESTADDRREQ: no peer;
 * LK_E_PIPE after shutdown; a pending error, once; LK_E_ADDRNOTAVAIL: no port is free. */
int lk_udp_prepare(struct lk_udp_table *udp, lk_socket s, const struct lk_endpoint *remote, const struct lk_endpoint *local, struct lk_udp_out *out,
                   uint64_t age);

/* Writes header and data with the right checksum to buf. Its length, or LK_E_NOSPACE, LK_E_INVALID beyond 65535. */
int lk_udp_build(const struct lk_udp_out *out, const void *bytes, size_t len, uint8_t *buf, size_t cap);

/* Events. Whenever a socket's bits become other than those last returned it queues, with the `age` that the call was given: a
 * number of the host's that never falls, by which it merges the events of all protocols. The age of the oldest one queued;
 * false: none. */
bool lk_udp_event_age(const struct lk_udp_table *udp, uint64_t *age);
/* Takes the oldest. False when its bits are again what they were (it is dropped then), or there is none. */
bool lk_udp_event(struct lk_udp_table *udp, lk_socket *out, uint32_t *bits);

bool lk_udp_check(const struct lk_udp_table *udp);
void lk_udp_digest(const struct lk_udp_table *udp, struct lk_digest *digest);

#endif
