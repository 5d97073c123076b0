/* The vocabulary of sockets, common to TCP, UDP and the host that puts them together: handle, endpoint, bits, options,
 * the tcp_info-like snapshot. Shapes only, no code.
 */
#ifndef LK_IP_SOCKET_H
#define LK_IP_SOCKET_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stdint.h>

typedef uint64_t lk_socket; /* index in the low 32 bits, generation above; 0 is never a socket */

#define LK_SOCKET_TCP 0x80000000u /* set in the index of every TCP socket, clear in that of any other */

struct lk_endpoint {
    struct lk_addr address; /* all zero: any */
    uint32_t iface;         /* LK_ANY or an interface */
    uint16_t port;          /* host order; 0: any / chosen by the stack */
    uint16_t reserved;      /* 0 */
};

enum { LK_SOCK_READABLE = 1, LK_SOCK_WRITABLE = 2, LK_SOCK_ACCEPTABLE = 4, LK_SOCK_CONNECTED = 8, LK_SOCK_PEER_CLOSED = 16,
       LK_SOCK_ERROR = 32, LK_SOCK_CLOSED = 64, LK_SOCK_SOFT_ERROR = 128, LK_SOCK_ALL_ACKED = 256, LK_SOCK_URGENT = 512 };

enum lk_sock_option {
    LK_OPT_NODELAY = 1,         /* RFC 9293 MUST-17: 1 switches Nagle off */
    LK_OPT_KEEPALIVE,           /* MUST-24: 0 off (default), 1 on */
    LK_OPT_KEEPALIVE_IDLE,      /* ns, MUST-27 */
    LK_OPT_KEEPALIVE_INTERVAL,  /* ns between probes */
    LK_OPT_KEEPALIVE_COUNT,
    LK_OPT_R2,                  /* MUST-21: ns after which the connection gives up; LK_NEVER: never */
    LK_OPT_RECEIVE_BUFFER,      /* bytes, at most the config's; before connect/listen it sets the window scale too */
    LK_OPT_SEND_BUFFER,
    LK_OPT_DSCP,                /* MUST-48 */
    LK_OPT_TTL,                 /* MUST-49 */
    LK_OPT_MSS,                 /* clamp of the MSS we announce and use */
    LK_OPT_LINGER_0             /* close() sends RST (as SO_LINGER with 0 s) */
};

enum { LK_TCP = 6, LK_UDP = 17 };
enum { LK_SHUT_RD = 0, LK_SHUT_WR = 1, LK_SHUT_RDWR = 2 };
enum { LK_RECV_PEEK = 1 };

struct lk_sock_info { /* as tcp_info: a snapshot for tests, rules and curious people */
    int32_t state;               /* enum lk_tcp_state */
    struct lk_endpoint local, remote;
    uint32_t iss, irs, snd_una, snd_nxt, rcv_nxt; /* RFC 9293 3.3.1 */
    uint32_t snd_wnd, rcv_wnd;   /* bytes, scaled */
    uint32_t cwnd, ssthresh, flight; /* bytes */
    uint32_t snd_mss, rcv_mss;
    lk_time srtt, rttvar, rto, rto_deadline; /* ns; LK_NEVER when not armed */
    uint32_t unsent, unread;     /* bytes waiting in the buffers */
    uint32_t urgent;             /* bytes up to the end of urgent data, read or not yet arrived (RFC 9293 MUST-33); 0: none */
    uint32_t retransmits;        /* of the oldest segment */
    uint64_t segments_out, segments_in, retransmitted_segments, retransmitted_bytes, rto_count, fast_recoveries;
    uint8_t snd_wscale, rcv_wscale;
    bool timestamps, sack, wscale, in_recovery;
};

#endif
