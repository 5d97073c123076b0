/* The device under test, as Lockstep sees it: seven functions, and no assumption about who owns the clock.
 *
 * A plug is a `const struct lk_dut *`. A shared object exports `const struct lk_dut *lockstep_dut(void)`.
 * This header includes nothing of ours, so that a stack's own tree can carry a copy of it.
 *
 * Time is signed nanoseconds; every argument `at`, `now` and `until` is on the same clock and never goes backwards.
 * Addresses are 16 bytes; IPv4 is ::ffff:a.b.c.d.
 */
#ifndef LK_DUT_H
#define LK_DUT_H

#include <stddef.h>
#include <stdint.h>

#define LK_DUT_VERSION 1u

/* What a DUT can do. A trace that needs a missing one ends as `skip`, with the name of the capability. */
#define LK_DUT_CAN_CONNECT      (UINT64_C(1) << 0)  /* "connect": active open */
#define LK_DUT_CAN_LISTEN       (UINT64_C(1) << 1)  /* "listen": passive open, accept */
#define LK_DUT_CAN_SHUTDOWN     (UINT64_C(1) << 2)  /* "shutdown": half close */
#define LK_DUT_CAN_ABORT        (UINT64_C(1) << 3)  /* "abort": RST by the application */
#define LK_DUT_CAN_BIND_PORT    (UINT64_C(1) << 4)  /* "bind-port": connect from a given local port */
#define LK_DUT_CAN_SIMULTANEOUS (UINT64_C(1) << 5)  /* "simultaneous-open" */
#define LK_DUT_CAN_WSCALE       (UINT64_C(1) << 6)  /* "window-scale" */
#define LK_DUT_CAN_TIMESTAMPS   (UINT64_C(1) << 7)  /* "timestamps" */
#define LK_DUT_CAN_SACK         (UINT64_C(1) << 8)  /* "sack" */
#define LK_DUT_CAN_OPTIONS      (UINT64_C(1) << 9)  /* "socket-options": nodelay, keepalive, r2, receive_buffer ... */
#define LK_DUT_CAN_CONFIG       (UINT64_C(1) << 10) /* "config": honours struct lk_dut_setting */
#define LK_DUT_CAN_ARP          (UINT64_C(1) << 11) /* "arp": resolves neighbours with real ARP frames */
#define LK_DUT_CAN_STATE        (UINT64_C(1) << 12) /* "state": the member below */
#define LK_DUT_CAN_SNAPSHOT     (UINT64_C(1) << 13) /* "snapshot": the two members below */
#define LK_DUT_CAN_DO           (UINT64_C(1) << 14) /* "do": application calls in words, LK_DUT_DO */
/* What can run on the device beside its stack: lk_dut_config.runs. */
#define LK_DUT_CAN_UDP_ECHO     (UINT64_C(1) << 16) /* "udp-echo": every datagram to UDP port 7 comes back */
#define LK_DUT_CAN_GATEWAY      (UINT64_C(1) << 17) /* "gateway": a router; with an outside interface also a NAT */
#define LK_DUT_CAN_DNS_RESOLVER (UINT64_C(1) << 18) /* "dns-resolver" */
#define LK_DUT_CAN_DNS_SERVER   (UINT64_C(1) << 19) /* "dns-server" */
#define LK_DUT_CAN_DHCP_CLIENT  (UINT64_C(1) << 20) /* "dhcp-client" */
#define LK_DUT_CAN_DHCP_SERVER  (UINT64_C(1) << 21) /* "dhcp-server" */
#define LK_DUT_CAN_HTTP_SERVER  (UINT64_C(1) << 22) /* "http-server" */
#define LK_DUT_CAN_HTTP_CLIENT  (UINT64_C(1) << 23) /* "http-client" */

struct lk_dut_setting { const char *name, *value; }; /* a key of the trace's `config:`, as text */

/* One of several interfaces; frames come and go by its number in the list. */
struct lk_dut_interface {
    const char *name;
    uint8_t mac[6], outside;    /* outside: NAT translates what leaves here */
    uint8_t address[16];        /* all zero: none, a DHCP client will bring one */
    uint32_t prefix;
};

struct lk_dut_config {
    uint32_t size;              /* sizeof(struct lk_dut_config) */
    uint32_t mtu;               /* bytes of IP packet */
    uint8_t mac[6], peer_mac[6];/* Ethernet; peer_mac is known from the start when arp is 0 */
    uint8_t address[16], peer_address[16], gateway[16]; /* gateway all zero: none */
    uint32_t prefix;            /* bits, of an IPv4 address 0..32 */
    uint32_t arp;               /* 0: the peer's MAC is known, no ARP is expected; 1: ARP is part of the trace */
    const struct lk_dut_setting *settings;
    size_t setting_count;
    const void *trace;          /* the trace that is replayed, for devices of Lockstep itself; of no use to others */
    const char *runs;           /* what runs on the device: the name of a capability above; NULL: only sockets */
    const struct lk_dut_interface *interfaces; /* with `runs` all of them; then mac, address, prefix above say the same of the first */
    size_t interface_count;
    const struct lk_dut_setting *app; /* its settings, a key of the trace's `app:` each; a list is a name that comes several times */
    size_t app_count;
};

enum lk_dut_op { LK_DUT_LISTEN = 1, LK_DUT_CONNECT, LK_DUT_ACCEPT, LK_DUT_SEND, LK_DUT_RECV, LK_DUT_SHUTDOWN, LK_DUT_CLOSE, LK_DUT_ABORT, LK_DUT_OPTION,
    LK_DUT_DO };

struct lk_dut_args {
    uint32_t size;              /* sizeof(struct lk_dut_args) */
    uint16_t local_port;        /* listen, connect; 0: any */
    uint16_t remote_port;       /* connect */
    uint8_t remote_address[16]; /* connect */
    uint32_t backlog;           /* listen */
    uint32_t new_socket;        /* accept: the number that the accepted socket gets */
    const uint8_t *bytes;       /* send: the data; valid during the call only */
    size_t len;                 /* send: bytes of it; recv: the most that is wanted */
    uint32_t how;               /* shutdown: 0 read, 1 write, 2 both */
    const char *name;           /* option: "nodelay" "keepalive" "keepalive_idle" "receive_buffer" "linger_0" ... */
    int64_t value;              /* option: its value; times in ns */
    const char *text;           /* do: what, in words: "resolve www.example.com A"; what comes back is text too, in `bytes` of the return */
};

/* Errors that a call returns, as errno names them. */
enum lk_dut_error { LK_DUT_OK = 0, LK_DUT_ECONNREFUSED = 1, LK_DUT_ECONNRESET, LK_DUT_ETIMEDOUT, LK_DUT_EPIPE, LK_DUT_ENOTCONN, LK_DUT_EADDRINUSE,
    LK_DUT_EHOSTUNREACH, LK_DUT_ENETUNREACH, LK_DUT_ECONNABORTED, LK_DUT_EINVAL, LK_DUT_EOPNOTSUPP, LK_DUT_ENOMEM, LK_DUT_EBADF, LK_DUT_EISCONN, LK_DUT_EOTHER };

enum lk_dut_kind { LK_DUT_NOTHING = 0, LK_DUT_FRAME, LK_DUT_RETURN, LK_DUT_DEATH };

struct lk_dut_happening {
    uint32_t size;              /* sizeof(struct lk_dut_happening) */
    uint32_t kind;              /* enum lk_dut_kind */
    int64_t at;                 /* when it happened, <= until */
    const uint8_t *bytes;       /* frame, or data of a recv; valid until the next call of any function of this DUT */
    size_t len;
    uint32_t iface;             /* frame */
    uint32_t id;                /* return: which call */
    int64_t result;             /* return: >= 0 bytes or 0; -1 with error */
    uint32_t error;             /* return: enum lk_dut_error */
    const char *reason;         /* death: one line */
};

struct lk_dut_info {
    uint32_t size;
    int32_t tcp_state;          /* RFC 9293 3.3.2: 0 CLOSED 1 LISTEN 2 SYN-SENT 3 SYN-RECEIVED 4 ESTABLISHED 5 FIN-WAIT-1 6 FIN-WAIT-2
                                   7 CLOSE-WAIT 8 CLOSING 9 LAST-ACK 10 TIME-WAIT */
    int64_t rto, srtt;          /* ns; -1 unknown */
    uint32_t cwnd, ssthresh;    /* bytes; 0 unknown */
};

struct lk_dut {
    uint32_t version;           /* LK_DUT_VERSION */
    uint32_t size;              /* sizeof(struct lk_dut) */
    uint64_t capabilities;      /* LK_DUT_CAN_... */
    const char *name;

    /* A new device at time `now`. NULL: out of memory or an unusable config. Same config, seed and calls: same frames. */
    void *(*create)(const struct lk_dut_config *config, const uint8_t seed[32], int64_t now);
    void (*destroy)(void *dut);
    /* A frame arrives. It is borrowed for the call. 0, or -1 if the device cannot take it (that is an error of the run). */
    int (*inject)(void *dut, uint32_t iface, const uint8_t *frame, size_t len, int64_t at);
    /* Starts an application call; never blocks. Its end comes out of advance() as a return with the same id.
     * `socket` is a number of the caller's choice: listen and connect make it, accept makes args->new_socket.
     * connect returns when established or failed; accept when a connection is there; recv when at least one byte, the end of
     * stream (0) or an error is there; send when all bytes are taken; the others at once. 0, or -1 for a call that cannot start. */
    int (*call)(void *dut, uint32_t id, uint32_t socket, enum lk_dut_op op, const struct lk_dut_args *args, int64_t at);
    /* Lets the device run until something happens or `until` is reached, and hands out exactly one thing that happened, in order
     * of time; LK_DUT_NOTHING when nothing more happens up to and including `until`. 0, or -1 (an error of the run). */
    int (*advance)(void *dut, int64_t until, struct lk_dut_happening *out);

    /* optional, by capability */
    int (*state)(void *dut, uint32_t socket, struct lk_dut_info *out);
    void *(*snapshot)(void *dut);              /* NULL: out of memory */
    int (*restore)(void *dut, const void *snapshot); void (*forget)(void *snapshot);
};

/* The one symbol of a shared object. */
typedef const struct lk_dut *(*lockstep_dut_function)(void);

#endif
