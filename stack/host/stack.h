/* The stack: frames in, frames out, sockets, deadlines. Sans-I/O.
 *
 * The object is the whole stack, not a connection. Nothing here reads a clock, allocates, sends or calls back:
 *   - time is an argument: signed nanoseconds since any epoch, the same epoch in every call; time that goes
 *     backwards is clamped to the latest seen;
 *   - entropy is an argument: 32 bytes at init; same config, seed and calls give the same bytes;
 *   - memory is an argument: one arena, sized by lk_stack_footprint(); nothing is allocated after init;
 *   - received frames are borrowed for the call; replies are owed, and pulled with lk_stack_tx().
 *
 * A caller's loop:  rx every frame that came -> tick(now) -> handle events -> tx until it returns 0 -> wait until deadline.
 * It may pull after each frame (packet-exact) or after a batch (throughput). No owed ACK is lost either way.
 *
 * The arena holds no pointers: lk_stack_copy() makes a snapshot that runs on from there.
 */
#ifndef LK_HOST_STACK_H
#define LK_HOST_STACK_H

#include "stack/base/error.h"
#include "stack/base/rx.h"
#include "stack/base/types.h"
#include "stack/ip/packet.h"
#include "stack/ip/socket.h"
#include "stack/tcp/config.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_stack; /* opaque; starts at the arena's first byte, 16-byte aligned */

/* ---- configuration ---------------------------------------------------------------------------------------- */

enum lk_link_type { LK_LINK_ETHERNET = 0, LK_LINK_RAW_IP = 1 };

#define LK_MAX_IFACES 8 /* an array bound of this struct only; tables are sized by the values below */

struct lk_iface_config {
    uint8_t link;        /* enum lk_link_type */
    uint8_t mac[6];      /* Ethernet: own address, not multicast */
    uint8_t reserved;    /* 0 */
    uint16_t mtu;        /* bytes of IP packet; 68..65535 */
    uint16_t reserved2;  /* 0 */
};

struct lk_config {
    uint32_t size_of;     /* sizeof(struct lk_config) */
    uint32_t ifaces;      /* 1..LK_MAX_IFACES */
    struct lk_iface_config iface[LK_MAX_IFACES];

    /* table sizes; 0 is allowed where the feature is not used */
    uint32_t addresses;      /* entries of the address table */
    uint32_t routes;         /* entries of the routing table */
    uint32_t neighbours;     /* ARP cache entries (RFC 826, RFC 1122 2.3.2) */
    uint32_t neighbour_queue;/* packets waiting for resolution, all neighbours together; each takes one MTU */
    uint32_t udp_sockets;
    uint32_t udp_queue;      /* datagrams waiting for the application, all sockets together */
    uint32_t udp_queue_bytes;/* bytes of each of them at most */
    uint32_t udp_send_queue; /* datagrams waiting to be pulled, all sockets together; each takes one MTU */
    uint32_t intents;        /* owed small replies (ICMP, RST, challenge ACK, ARP); a full table drops the newest and counts it */
    uint32_t forward_queue;  /* packets given to lk_stack_forward(); each takes one MTU; 0: a host that never forwards */

    /* link and internet layer policy */
    lk_time arp_retry;       /* between requests; default 1 s (RFC 1122 2.3.2.1: at most one a second) */
    uint32_t arp_tries;      /* requests before the neighbour is unreachable; default 3 */
    lk_time arp_expiry;      /* age at which an entry is resolved anew; default 60 s */
    uint8_t ttl;             /* default 64 */
    bool icmp_echo;          /* answer echo requests; default on */
    bool forwarding;         /* report packets for others as LK_RX_FORWARD instead of dropping them */
    bool ignore_checksums;   /* fuzzing only: accept wrong IPv4/ICMP/UDP/TCP checksums */

    struct lk_tcp_config tcp; /* tables and policy of TCP: stack/tcp/config.h */
};

/* Fills *config with the defaults of a profile and tables for one interface and a few connections.
 * profile: "rfc" (every MUST and SHOULD by the text) or "linux" (what Linux 6.1 does where RFCs leave it open).
 * Returns 0, or LK_E_INVALID for an unknown name. The caller then sets iface[0].mac and what else it wants. */
int lk_config_init(struct lk_config *config, const char *profile);

/* The name of the first value that is out of range ("tcp.rto_min", "iface.mac" ...), or NULL when all is well. */
const char *lk_config_check(const struct lk_config *config);

/* Sets or reads one number by its name in these structs, those of TCP with "tcp." before ("ttl", "tcp.rto_min").
 * Returns 0; LK_E_NOTFOUND: no such name; LK_E_INVALID: out of range, nothing changed. */
int lk_config_set(struct lk_config *config, const char *name, int64_t value);
int lk_config_get(const struct lk_config *config, const char *name, int64_t *value);

/* ---- life ------------------------------------------------------------------------------------------------- */

/* Bytes of arena that `config` needs, or 0 when the config is invalid (lk_config_check tells which value). */
size_t lk_stack_footprint(const struct lk_config *config);

/* Builds a stack in `arena` (16-byte aligned). All interfaces are up, without addresses.
 * Returns 0; LK_E_NOSPACE: arena smaller than the footprint; LK_E_INVALID: a value of the config is out of range. */
int lk_stack_init(void *arena, size_t size, const struct lk_config *config, lk_time now, const uint8_t seed[32]);

/* Copies a whole stack into another arena of at least the same footprint. The only way to take a snapshot (sanitizer
 * marks travel with it). Returns 0 or LK_E_NOSPACE. */
int lk_stack_copy(void *to_arena, size_t size, const struct lk_stack *from);

/* ---- frames ----------------------------------------------------------------------------------------------- */

enum lk_frame_csum { LK_CSUM_NONE = 0, LK_CSUM_VERIFIED = 1, LK_CSUM_TO_FILL = 2 };

struct lk_frame {
    uint32_t size_of;   /* sizeof(struct lk_frame) */
    uint32_t iface;
    uint8_t csum;       /* enum lk_frame_csum; rx: NONE = check it; tx always returns filled sums today */
    uint8_t reserved;   /* 0 */
    uint16_t gso_size;  /* 0 */
    uint16_t vlan;      /* 0 */
    uint16_t reserved2; /* 0 */
    uint8_t *bytes;     /* rx: the frame, only read; tx: where to write */
    size_t len;         /* rx: bytes of the frame; tx: set to the bytes written, or to the size needed on LK_E_NOSPACE */
    size_t cap;         /* tx: room at bytes */
    struct {            /* filled when rx returned LK_RX_FORWARD */
        uint32_t iface; /* interface of the route, LK_ANY: there is none */
        uint32_t offset;/* where the IP packet starts in bytes */
        uint32_t len;   /* its length without link padding */
    } forward;
};

/* What became of a received frame: enum lk_rx, stack/base/rx.h. */
const char *lk_rx_name(int disposition); /* "accepted", "ip header", ...; "?" if unknown */

/* Takes one received frame. Never transmits, never keeps a pointer into it.
 * Returns an enum lk_rx, or LK_E_INVALID when a reserved field of *frame is not 0 or iface does not exist. */
int lk_stack_rx(struct lk_stack *stack, struct lk_frame *frame, lk_time now);

/* Pulls the next frame to send on `iface` (or on any: frame->iface tells which).
 * Returns its length > 0; 0 when nothing is owed now; LK_E_NOSPACE when cap is too small (frame->len says the size
 * needed, nothing is lost); LK_E_INVALID as above. */
int lk_stack_tx(struct lk_stack *stack, uint32_t iface, struct lk_frame *frame, lk_time now);

/* The latest time at which lk_stack_tick() must be called again; LK_NEVER if nothing is pending. Never later than the
 * next thing that happens, it may be earlier. If something can be pulled right now, it is not later than the last now. */
lk_time lk_stack_deadline(const struct lk_stack *stack);

/* Fires every timer that is due at `now`, in order of (deadline, arming), each seeing its own deadline as the time.
 * An extra call changes no emitted byte. rx, tx and the socket calls do the same first. */
void lk_stack_tick(struct lk_stack *stack, lk_time now);

/* ---- addresses, routes, interfaces ------------------------------------------------------------------------- */

/* All of them: 0, LK_E_INVALID for an interface that does not exist or a value out of range. Only IPv4 addresses today
 * (lk_addr_from_ip4()); `prefix` is 0..32. */

enum lk_addr_state { LK_ADDR_PREFERRED = 0, LK_ADDR_TENTATIVE = 1, LK_ADDR_SHARED = 2 };
/* SHARED: ours and a gateway's in front of us (the outside of a NAT). A packet to it is reported as LK_RX_FORWARD with
 * forward.iface = LK_LOCAL; if the gateway has no use for it, lk_stack_local() goes on as if there were none. */
/* An address and the network it stands in; the network is on link from now on. Adding it again changes prefix and state. A
 * tentative one is neither answered for nor sent from. LK_E_NOBUFS: config.addresses are taken. LK_E_INVALID also for an
 * address no host may have: 0/8, 127/8, multicast, broadcast (RFC 1122 3.2.1.3). */
int lk_addr_add(struct lk_stack *stack, uint32_t iface, struct lk_addr address, uint32_t prefix, int state, lk_time now);
/* Nothing is sent from it any more; connections that use it fail by their own timers. LK_E_NOTFOUND. */
int lk_addr_remove(struct lk_stack *stack, uint32_t iface, struct lk_addr address, lk_time now);
/* Is anybody using a tentative address (RFC 5227 2.1.1)? Owes one ARP probe; sender 0.0.0.0. When and how often is the caller's.
 * NOTFOUND: it is not there, or not tentative; INVALID: a link without ARP; NETDOWN; NOBUFS: config.intents are owed. */
int lk_addr_probe(struct lk_stack *stack, uint32_t iface, struct lk_addr address, lk_time now);
/* How many ARP packets of other stations have claimed the address since it was added, or asked for it while it was tentative.
 * NOTFOUND. More than 0 before it is used: leave it alone (RFC 5227 2.1.1); later: 2.4. */
int lk_addr_conflicts(const struct lk_stack *stack, uint32_t iface, struct lk_addr address);
/* Tells the link that a preferred address is ours: one ARP announcement (RFC 5227 2.3), so that old entries for it go. Errors as
 * lk_addr_probe(). */
int lk_addr_announce(struct lk_stack *stack, uint32_t iface, struct lk_addr address, lk_time now);
/* Longest prefix wins; among equals a network of an own address, then the route added first. gateway all zero: on link.
 * LK_E_NOBUFS: config.routes are taken; LK_E_EXISTS; LK_E_INVALID also for bits set behind the prefix. */
int lk_route_add(struct lk_stack *stack, struct lk_addr destination, uint32_t prefix, struct lk_addr gateway, uint32_t iface, lk_time now);
/* The first route to that destination. LK_E_NOTFOUND. */
int lk_route_remove(struct lk_stack *stack, struct lk_addr destination, uint32_t prefix, lk_time now);
/* That one of them which has this gateway and interface. LK_E_NOTFOUND. */
int lk_route_remove_by(struct lk_stack *stack, struct lk_addr destination, uint32_t prefix, struct lk_addr gateway, uint32_t iface, lk_time now);
/* Down: takes and sends nothing; what was owed to it is dropped, neighbours not pinned are forgotten. mtu: 68 up to that of the
 * config; connections follow with their next segment that is too large. */
int lk_iface_set(struct lk_stack *stack, uint32_t iface, bool up, uint16_t mtu, lk_time now);
/* Pins a neighbour's link address (never expires, no packet changes it), or forgets it when mac is NULL. LK_E_NOTFOUND: nothing
 * to forget; LK_E_NOBUFS: config.neighbours are all being resolved or pinned; LK_E_INVALID also on a link without neighbours. */
int lk_neighbour_set(struct lk_stack *stack, uint32_t iface, struct lk_addr address, const uint8_t mac[6], lk_time now);

#define LK_LOCAL (UINT32_MAX - 1) /* forward.iface: an address of this host */
/* Goes on with the packet in `frame` that rx reported as LK_RX_FORWARD with LK_LOCAL: as rx. Also for what rx reported of other
 * addresses of this host: INVALID when the destination is none of ours. */
int lk_stack_local(struct lk_stack *stack, const struct lk_frame *frame, lk_time now);

/* Queues a whole IP packet (copied) behind neighbour resolution of next_hop. LK_E_NOBUFS: config.forward_queue is full, or the
 * neighbour is unknown and config.neighbours or config.neighbour_queue are; drop the packet. LK_E_MSGSIZE: beyond the MTU. LK_E_NETDOWN: the interface is down. Nothing in the packet
 * is looked at or changed: TTL, checksum and ICMP are the gateway's. */
int lk_stack_forward(struct lk_stack *stack, uint32_t iface, struct lk_addr next_hop, const uint8_t *packet, size_t len, lk_time now);

/* A packet given to lk_stack_forward() whose next hop did not answer: its first `cap` bytes are copied, *len of them, and *iface is
 * where it was to leave. False: none. Until it is fetched it takes a place of config.forward_queue; the oldest gives way to new ones. */
bool lk_stack_undelivered(struct lk_stack *stack, uint8_t *packet, size_t cap, size_t *len, uint32_t *iface, lk_time now);

/* ---- sockets ----------------------------------------------------------------------------------------------- */

/* Handles, endpoints, LK_SOCK_ bits, LK_OPT_ options and struct lk_sock_info: stack/ip/socket.h. */

/* Every call takes the time, returns >= 0 or a negative LK_E_ name that maps one to one onto an errno name. */
int lk_sock_open(struct lk_stack *stack, int protocol, lk_socket *out, lk_time now);      /* LK_E_MFILE */
/* ADDRINUSE: another socket of that protocol has the port on an address and interface that overlap; ADDRNOTAVAIL: not our
 * address, or no ephemeral port is free; INVALID: bound already. */
int lk_sock_bind(struct lk_stack *stack, lk_socket s, const struct lk_endpoint *local, lk_time now);
int lk_sock_listen(struct lk_stack *stack, lk_socket s, uint32_t backlog, lk_time now);
/* TCP: starts an active open (LK_SOCK_CONNECTED or LK_SOCK_ERROR follows); UDP: sets the default peer, or none when address and
 * port are zero. NETUNREACH: no route, or not one host (TCP); ADDRNOTAVAIL: no address of ours to come from. */
int lk_sock_connect(struct lk_stack *stack, lk_socket s, const struct lk_endpoint *remote, lk_time now);
int lk_sock_accept(struct lk_stack *stack, lk_socket listener, lk_socket *out, struct lk_endpoint *remote, lk_time now); /* LK_E_AGAIN */
/* TCP: queues up to len bytes, returns how many (at least 1) or LK_E_AGAIN when the buffer is full; PIPE after shutdown. */
int64_t lk_sock_send(struct lk_stack *stack, lk_socket s, const void *bytes, size_t len, lk_time now);
/* TCP: returns bytes read, 0 at the end of the stream, LK_E_AGAIN when nothing is there, CONNRESET, TIMEDOUT ... once. */
int64_t lk_sock_recv(struct lk_stack *stack, lk_socket s, void *bytes, size_t cap, uint32_t flags, lk_time now);
/* Without copy: the longest contiguous readable run; consume frees `len` bytes of it. */
int64_t lk_sock_peek(struct lk_stack *stack, lk_socket s, const uint8_t **bytes, lk_time now);
int lk_sock_consume(struct lk_stack *stack, lk_socket s, size_t len, lk_time now);
/* Without copy: the longest contiguous free run of the send buffer; commit sends `len` bytes of it. */
int64_t lk_sock_reserve(struct lk_stack *stack, lk_socket s, uint8_t **bytes, lk_time now);
int lk_sock_commit(struct lk_stack *stack, lk_socket s, size_t len, lk_time now);
/* UDP with explicit peer, or NULL: the one connected to. `local` (may be NULL) chooses source address and interface; when it says
 * nothing the route does. From 0.0.0.0: given by name (lk_addr_from_ip4(0)) with an interface, or by itself when the interface has
 * no address and the destination is broadcast (RFC 1122 3.2.1.3 (a)). To 255.255.255.255 an interface must be named or routed.
 * Returns len. MSGSIZE: larger than the MTU, nothing is fragmented; NOBUFS: config.udp_send_queue is full, pull and try again,
 * or there is no room to wait for the neighbour;
 * NETUNREACH, ADDRNOTAVAIL, DESTADDRREQ, PIPE; and once what an ICMP error said about an earlier datagram (CONNREFUSED ...). */
int64_t lk_sock_send_to(struct lk_stack *stack, lk_socket s, const void *bytes, size_t len, const struct lk_endpoint *remote, const struct lk_endpoint *local, lk_time now);
/* UDP: the oldest datagram with its source, and its destination and interface in *local (either may be NULL). What exceeds cap is
 * lost. AGAIN: none. */
int64_t lk_sock_recv_from(struct lk_stack *stack, lk_socket s, void *bytes, size_t cap, struct lk_endpoint *remote, struct lk_endpoint *local, lk_time now);
int lk_sock_shutdown(struct lk_stack *stack, lk_socket s, int how, lk_time now);
int lk_sock_close(struct lk_stack *stack, lk_socket s, lk_time now);  /* the handle is gone at once; the connection lives on as TCP says */
int lk_sock_abort(struct lk_stack *stack, lk_socket s, lk_time now);  /* RFC 9293 3.10.5 */
int lk_sock_set(struct lk_stack *stack, lk_socket s, int option, int64_t value, lk_time now);
int lk_sock_error(struct lk_stack *stack, lk_socket s); /* the pending error, not cleared: 0 or negative */

uint32_t lk_sock_bits(const struct lk_stack *stack, lk_socket s); /* LK_SOCK_...; 0 for a stale handle */

struct lk_event_sock { lk_socket socket; uint32_t bits; uint32_t reserved; };
/* Each socket whose bits changed since it was last returned, once, oldest first, with its full current bits. */
bool lk_stack_event(struct lk_stack *stack, struct lk_event_sock *out);

int lk_sock_info(const struct lk_stack *stack, lk_socket s, struct lk_sock_info *out);
/* The same by tuple, also for connections without a handle (closing, TIME-WAIT). LK_E_NOTCONN if there is none. */
int lk_tuple_info(const struct lk_stack *stack, const struct lk_endpoint *local, const struct lk_endpoint *remote, struct lk_sock_info *out);

/* ---- looking inside ---------------------------------------------------------------------------------------- */

/* Checks every invariant of every table. 0, or a negative number that names the first broken one; *where gets its name. */
int lk_stack_check(const struct lk_stack *stack, const char **where);

/* Hash of all state, fields in fixed order: equal on every compiler, word size and byte order. */
uint64_t lk_stack_digest(const struct lk_stack *stack);

struct lk_counters { uint64_t rx[LK_RX_COUNT]; uint64_t tx_frames, intents_dropped, neighbour_drops, no_route, challenge_throttled; };
void lk_stack_counters(const struct lk_stack *stack, struct lk_counters *out);

#endif
