/* TCP's records: the transmission control block (RFC 9293 3.3.1), what is attached to it while data moves, the listener,
 * an owed RST, and the room's own state that holds their pools. Records name each other by index and hold no pointers
 * and no padding; they are zero when taken and zeroed when given back.
 *
 * An idle connection costs one tcb. Buffers, ranges and recovery state live in an `active` record, attached with the
 * first byte and folded back when nothing is buffered, in flight or out of order any more.
 */
#ifndef LK_TCP_TCB_H
#define LK_TCP_TCB_H

#include "stack/base/error.h"
#include "stack/base/pool.h"
#include "stack/base/types.h"
#include "stack/ip/socket.h"
#include "stack/tcp/common.h"
#include "stack/tcp/config.h"
#include "stack/tcp/congestion.h"
#include "stack/tcp/range.h"
#include "stack/tcp/rtt.h"
#include "stack/tcp/sack.h"
#include "stack/tcp/tcp.h"

enum { /* tcb.flags */
    TCB_CHILD = 1u << 0,        /* made by a listener and not accepted yet: no handle */
    TCB_ORPHAN = 1u << 1,       /* close() was called: no handle any more */
    TCB_PASSIVE = 1u << 2,      /* came from LISTEN */
    TCB_PORT = 1u << 3,         /* in the table of bound ports */
    TCB_TUPLE = 1u << 4,        /* in the table of tuples */
    TCB_READY = 1u << 5,        /* in a list of connections with something to send */
    TCB_EVENT = 1u << 6,        /* in the list of changed sockets */
    TCB_ENDED = 1u << 7,        /* CLOSED after it had been opened; the handle is still held */
    TCB_TIMESTAMPS = 1u << 8,   /* both sides sent the option (RFC 7323 3.2) */
    TCB_SACK = 1u << 9,         /* both sides permit SACK (RFC 2018 2) */
    TCB_WSCALE = 1u << 10,      /* both sides sent the option (RFC 7323 2.2) */
    TCB_NODELAY = 1u << 11,
    TCB_KEEPALIVE = 1u << 12,
    TCB_LINGER_0 = 1u << 13,
    TCB_ACK_NOW = 1u << 14,     /* an ACK is owed at once */
    TCB_SYN_OWED = 1u << 15,    /* SYN or SYN,ACK is to be sent (again) */
    TCB_PROBE_OWED = 1u << 16,  /* the persist timer fired: send into the closed window */
    TCB_KEEP_OWED = 1u << 17,   /* the keep-alive timer fired */
    TCB_PERSIST = 1u << 18,     /* rto_deadline is the persist timer */
    TCB_FIN_QUEUED = 1u << 19,  /* our stream ends behind the send buffer */
    TCB_FIN_RCVD = 1u << 20,    /* the peer's FIN was reached in order */
    TCB_SHUT_RD = 1u << 21,     /* what arrives is thrown away */
    TCB_SYN_LOST = 1u << 22,    /* the handshake needed a retransmission */
    TCB_SOFT_ERROR = 1u << 23,  /* R1 was passed or an ICMP soft error came (RFC 9293 3.8.3, 3.9.2.2) */
    TCB_GIVE_UP = 1u << 24,     /* idle_deadline is the R2 limit */
    TCB_RESEND = 1u << 25,      /* the segment at snd_una is to be sent again, whatever windows say */
    TCB_REUSED = 1u << 26,      /* SYN-RECEIVED that took the tuple from a TIME-WAIT: `old` are its numbers */
};

/* Numbers of a TIME-WAIT connection whose tuple a SYN takes over. */
struct tcp_predecessor {
    uint32_t snd_nxt, rcv_nxt;
};

struct tcb {
    struct lk_addr remote; /* the local address stands in `common` */
    lk_time rto_deadline;   /* retransmission or persist timer (TCB_PERSIST) */
    lk_time idle_deadline;  /* 2MSL, FIN-WAIT-2, R2 (TCB_GIVE_UP) or keep-alive, by state: timers.c */
    lk_time last_sent;      /* when a segment with sequence numbers left last */
    struct tcp_rtt rtt;
    uint32_t iss, irs;
    uint32_t snd_una, snd_nxt, snd_wnd, snd_wl1, snd_wl2;
    uint32_t max_snd_wnd;   /* largest window the peer offered (RFC 9293 3.8.6.2.1, RFC 5961 5) */
    uint32_t rcv_nxt;
    uint32_t rcv_adv;       /* right edge of the largest window offered */
    uint32_t last_ack_sent; /* Last.ACK.sent of RFC 7323 4.3 */
    uint32_t ts_recent, ts_offset;
    uint32_t ts_recent_age; /* seconds: when ts_recent was set (RFC 7323 5.5) */
    union {
        struct tcp_congestion cc;
        struct tcp_predecessor old; /* in SYN-RECEIVED, if TCB_REUSED */
    };
    uint32_t challenge_from; /* milliseconds: start of the window in which challenge_count counts */
    uint32_t active;        /* index or LK_NONE */
    uint32_t listener;      /* LISTEN: its record; TCB_CHILD: tcb of the listener; else LK_NONE */
    uint32_t hash_next;     /* next in the bucket of the tuple or port table */
    uint32_t list_next, list_prev;   /* children of a listener, or TIME-WAIT, oldest first */
    uint32_t ready_next, ready_prev;
    uint32_t event_next, event_prev;
    uint32_t flags;
    uint32_t segments_in, segments_out, resent_segments, resent_bytes;
    uint16_t local_port, remote_port;
    uint16_t common;        /* address, interface, MTU and options: common.h */
    uint16_t snd_mss;       /* Eff.snd.MSS without options (RFC 9293 3.7.1) */
    uint16_t peer_mss;      /* SendMSS */
    uint16_t rcv_mss;       /* largest segment received, for delayed ACK and SWS */
    uint16_t dup_acks_owed; /* ACKs owed one by one, for what did not move rcv_nxt */
    uint16_t bits;          /* LK_SOCK_ as last reported */
    uint16_t rto_count, recoveries;
    uint8_t state;          /* enum lk_tcp_state */
    uint8_t pending;        /* error pending for the application, 0: none: tcb_error() */
    uint8_t wscales;        /* ours in the upper four bits, the peer's in the lower */
    uint8_t backoff;        /* doublings of the RTO or persist timer */
    uint8_t retransmits;    /* of the oldest segment, or probes without answer */
    uint8_t keep_probes;
    uint8_t challenge_count;
    uint8_t quick_acks;     /* ACKs still sent at once */
};
_Static_assert(sizeof(struct tcb) == 208, "padding in struct tcb");

enum { TCP_OPEN = 0, TCP_RECOVERY = 1, TCP_LOSS = 2 }; /* active.phase: no loss known; fast recovery; after a time-out */

struct active {
    lk_time ack_deadline;     /* delayed ACK, LK_NEVER: none */
    lk_time timed_at;         /* RTT measurement by Karn: when the segment left */
    uint32_t timed_seq;       /* its end; valid if `timing` */
    uint32_t snd_head, snd_len;   /* send ring: where snd_una's octet lies; octets in it, in flight or unsent */
    uint32_t rcv_head, rcv_len;   /* receive ring: next octet to read; octets in order */
    uint32_t snd_wiped, rcv_wiped;/* high-water mark of use: what is wiped when folded */
    struct tcp_ranges arrived;    /* out of order, in sequence space (reassembly.c) */
    uint32_t arrivals;        /* stamps of `arrived`, newest highest */
    uint32_t fin_seq;         /* of a FIN that arrived out of order; valid if fin_seen */
    uint32_t rcv_up;          /* end of urgent data; valid if `urgent` */
    uint32_t dsack_left, dsack_right; /* owed report of a duplicate (RFC 2883); none if equal */
    struct tcp_scoreboard board;
    uint32_t recover;         /* RecoveryPoint (RFC 6675), recover (RFC 6582) */
    uint32_t limited;         /* octets sent by limited transmit (RFC 3042) */
    uint32_t avoided;         /* octets acknowledged in congestion avoidance since cwnd grew */
    uint8_t timing, fin_seen, urgent, phase;
    uint8_t dup_acks;         /* in a row, or bringing new SACK blocks */
    uint8_t reserved;         /* lk_tcp_reserve() lent the ring's tail */
    uint8_t unused[6];
};
_Static_assert(sizeof(struct active) == 120, "padding in struct active");

struct tcp_list {
    uint32_t head, tail; /* tcb, or LK_NONE */
};

struct listener {
    uint32_t backlog;
    uint32_t waiting;         /* children, established or not */
    uint32_t ready;           /* of them, those to accept */
    uint32_t unused;
    struct tcp_list young;    /* children in SYN-RECEIVED */
    struct tcp_list complete; /* children to accept, oldest first */
};

struct reset { /* an owed RST */
    struct lk_addr local, remote;
    uint32_t iface;
    uint32_t seq, ack;
    uint16_t local_port, remote_port;
    uint8_t control;
    uint8_t tos;
    uint8_t unused[2];
};

#define TCP_COMMON_BUCKETS 64
#define TCP_READY_LISTS 8 /* connections with something to send are listed by interface modulo this */

enum { TCP_KEY_TUPLE, TCP_KEY_ISN, TCP_KEY_TIMESTAMP, TCP_KEY_PORT, TCP_KEYS };

struct lk_tcp_stack {
    struct lk_tcp_config config;
    struct lk_pool tcbs, actives, listeners, sacked, arrived, commons;
    int64_t generations; /* distances in bytes from this struct: uint32 for each tcb */
    int64_t tuples;      /* uint32 buckets */
    int64_t ports;
    int64_t resets;      /* struct reset ring */
    int64_t buffers;     /* send and receive ring of each active record */
    uint64_t buffer_stride, receive_offset;
    uint8_t keys[TCP_KEYS][16];
    uint32_t tuple_mask, port_mask; /* buckets - 1 */
    uint32_t common_buckets[TCP_COMMON_BUCKETS];
    uint32_t node_base;
    uint32_t reset_capacity, reset_head, reset_count;
    uint32_t port_counter; /* RFC 6056 3.3.3: next_ephemeral */
    struct tcp_list ready[TCP_READY_LISTS];
    struct tcp_list events;
    struct tcp_list time_wait;
    uint32_t ready_turn;   /* list from which LK_ANY is served next */
    uint32_t ready_count;
    uint64_t events_queued, events_gone;
    struct lk_tcp_counters counters;
};

static inline struct tcb *tcb_at(const struct lk_tcp_stack *tcp, uint32_t index)
{
    return (struct tcb *)lk_pool_at(&tcp->tcbs, index);
}

static inline struct active *active_at(const struct lk_tcp_stack *tcp, uint32_t index)
{
    return (struct active *)lk_pool_at(&tcp->actives, index);
}

/* The active record of a connection, NULL if it has none. */
static inline struct active *tcb_active(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    return tcb->active == LK_NONE ? NULL : active_at(tcp, tcb->active);
}

static inline struct listener *listener_at(const struct lk_tcp_stack *tcp, uint32_t index)
{
    return (struct listener *)lk_pool_at(&tcp->listeners, index);
}

static inline uint32_t *tcp_table(const struct lk_tcp_stack *tcp, int64_t distance)
{
    return (uint32_t *)(void *)((uint8_t *)(uintptr_t)tcp + distance);
}

uint32_t tcb_index(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* A control block in CLOSED with the config's defaults, NULL when all are taken and no TIME-WAIT can be recycled. */
struct tcb *tcb_take(const struct lk_tcp_context *context);

/* Takes the block out of every list and table and gives it back; its handle is stale from now on. */
void tcb_free(const struct lk_tcp_context *context, struct tcb *tcb);

/* The connection is over: CLOSED, out of the tables, buffers given back. The block is freed unless a handle is held;
 * then `error` (0: none) waits there. The pointer is dead if this returns false. */
bool tcb_end(const struct lk_tcp_context *context, struct tcb *tcb, int error);

/* The application has let go of a connection that lives on: its handle is stale from now on. */
void tcb_orphan(const struct lk_tcp_context *context, struct tcb *tcb);

/* Handles. tcb_find: NULL when stale or foreign. */
lk_socket tcb_handle(const struct lk_tcp_stack *tcp, const struct tcb *tcb);
struct tcb *tcb_find(const struct lk_tcp_stack *tcp, lk_socket s);

/* Attaches an active record (or finds the one there is). NULL: none is free. */
struct active *tcb_activate(struct lk_tcp_stack *tcp, struct tcb *tcb);

/* Moves to another state, with what hangs on it: TIME-WAIT's list and timer, FIN-WAIT-2's timer. */
void tcb_enter(const struct lk_tcp_context *context, struct tcb *tcb, enum lk_tcp_state state);

/* To be called last by everything that changed a connection: folds the active record if it is not needed, arms the
 * wheel, lists the connection for output and for an event. */
void tcb_settle(const struct lk_tcp_context *context, struct tcb *tcb);

/* Doubly linked lists through the blocks; which links they use is in the name. */
void tcp_list_append(struct lk_tcp_stack *tcp, struct tcp_list *list, struct tcb *tcb);
void tcp_list_remove(struct lk_tcp_stack *tcp, struct tcp_list *list, struct tcb *tcb);
void tcp_ready_append(struct lk_tcp_stack *tcp, struct tcb *tcb);
void tcp_ready_remove(struct lk_tcp_stack *tcp, struct tcb *tcb);

/* LK_SOCK_ bits as they are now. */
uint32_t tcb_bits(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

static inline uint8_t tcb_snd_wscale(const struct tcb *tcb)
{
    return tcb->wscales & 15;
}

static inline uint8_t tcb_rcv_wscale(const struct tcb *tcb)
{
    return tcb->wscales >> 4;
}

static inline void tcb_set_wscales(struct tcb *tcb, unsigned snd, unsigned rcv)
{
    tcb->wscales = (uint8_t)(rcv << 4 | snd);
}

/* The pending error: 0 or one of the socket errors, which lie from -500 down (base/error.h). */
static inline int tcb_error(const struct tcb *tcb)
{
    return tcb->pending == 0 ? 0 : -500 - (int)tcb->pending;
}

/* The states in which both sides know each other (RFC 9293 3.3.2). */
static inline bool tcb_synchronized(const struct tcb *tcb)
{
    return tcb->state >= LK_TCP_ESTABLISHED;
}

/* Whether our SYN was acknowledged: then snd_una names data. */
static inline bool tcb_syn_acked(const struct tcb *tcb)
{
    return tcb->state >= LK_TCP_ESTABLISHED;
}

#endif
