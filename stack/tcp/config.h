/* What RFCs leave open to a TCP, and the sizes of its tables: values, never constants in code.
 * Filled by lk_config_init() from a profile ("rfc", "linux"); part of struct lk_config. */
#ifndef LK_TCP_CONFIG_H
#define LK_TCP_CONFIG_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stdint.h>

enum lk_tcp_state { /* RFC 9293 3.3.2 */
    LK_TCP_CLOSED = 0, LK_TCP_LISTEN, LK_TCP_SYN_SENT, LK_TCP_SYN_RECEIVED, LK_TCP_ESTABLISHED, LK_TCP_FIN_WAIT_1, LK_TCP_FIN_WAIT_2,
    LK_TCP_CLOSE_WAIT, LK_TCP_CLOSING, LK_TCP_LAST_ACK, LK_TCP_TIME_WAIT, LK_TCP_STATES
};

#define LK_TCP_ORDER 12

struct lk_tcp_config {
    /* tables */
    uint32_t connections;     /* control blocks, all states but LISTEN; idle ones cost nothing but this */
    uint32_t listeners;
    uint32_t active;          /* connections that may have data in flight, unsent, unread or out of order at once */
    uint32_t segments;        /* records of SACKed ranges (RFC 6675 scoreboard), all connections together; none left: SACK is ignored */
    uint32_t out_of_order;    /* records of out-of-order ranges, all connections together */
    uint32_t send_buffer;     /* bytes for each active record */
    uint32_t receive_buffer;  /* bytes for each active record; the advertised window never exceeds it */
    uint32_t commons;         /* distinct combinations of local address, interface, MTU and socket options; 0: 64 and 2 a listener.
                                 None left: LK_E_NOBUFS, or the SYN is dropped */
    uint32_t resets;          /* owed RSTs (segments without a connection, aborts); 0: 16. Full: the newest is dropped and counted */

    /* options offered (RFC 7323, RFC 2018) */
    bool timestamps, sack, wscale;
    bool dsack;               /* report duplicates in the first SACK block (RFC 2883) */
    uint8_t wscale_shift;     /* 255: the least that covers receive_buffer */
    uint16_t mss;             /* clamp of MSS announced and used; 0: interface MTU - 40 (RFC 9293 3.7.1) */
    uint8_t syn_order[LK_TCP_ORDER]; /* option kinds of a SYN in order, 1 = NOP, ends with 0 */

    /* retransmission (RFC 6298) */
    lk_time rto_initial;      /* 1 s */
    lk_time rto_min;          /* rfc: 1 s; linux: 200 ms */
    lk_time rto_max;          /* at least 60 s */
    lk_time rto_granularity;  /* G of RFC 6298 2.2 */
    bool rttvar_floor_linux;  /* linux: RTTVAR part of the RTO is at least rto_min (so RTO >= SRTT + rto_min) */
    uint32_t r1;              /* retransmissions before the soft error, >= 3 */
    uint32_t r2;              /* retransmissions of data before giving up; used when r2_time is LK_NEVER */
    lk_time r2_time;          /* >= 100 s (SHLD-11); LK_NEVER: count by r2 */
    uint32_t syn_retries;     /* SYN and SYN,ACK retransmissions before giving up; used when syn_time is LK_NEVER */
    uint32_t synack_retries;
    lk_time syn_time;         /* >= 180 s (MUST-23) */

    /* congestion (RFC 5681, 6582, 6675, 3042, 6928) */
    uint32_t initial_window;  /* segments; 0: RFC 5681 formula */
    uint32_t initial_cwnd_bytes; /* further bound when not 0 */
    bool limited_transmit;
    uint8_t dup_threshold;    /* 3 */
    bool sack_outlives_rto;   /* rfc: a time-out forgets the SACKed ranges (RFC 2018 5.1); linux: only if the receiver reneged */

    /* acknowledging (RFC 9293 3.8.6.3, RFC 5681 4.2) */
    lk_time ack_delay;        /* < 500 ms; 0: every segment at once */
    uint8_t ack_every;        /* full segments per ACK, 2 */
    uint8_t quick_acks;       /* segments acknowledged at once at the start of a connection (linux: 16) */
    bool psh_on_last;         /* MUST-61 */

    bool nagle;
    bool sws_receiver;        /* RFC 9293 3.8.6.2.2; off only to show what it is good for */
    lk_time persist_min, persist_max; /* window probe interval, starts at RTO */
    lk_time keepalive_idle, keepalive_interval; uint32_t keepalive_count;

    lk_time msl;              /* rfc: 120 s; linux: 30 s; TIME-WAIT is twice that */
    lk_time fin_wait_2;       /* LK_NEVER (rfc) or how long an orphan waits there (linux: 60 s) */
    bool time_wait_reuse;     /* RFC 6191 / RFC 9293 MAY-2 */
    uint32_t challenge_limit; lk_time challenge_window; /* RFC 5961 7; for each connection: one bound for all would be a side channel */
    uint16_t port_first, port_last; /* ephemeral ports, RFC 6056: 49152..65535 */
    bool rst_on_unread_close; /* RFC 9293 SHLD-3 / RFC 2525 2.17 */
};

#endif
