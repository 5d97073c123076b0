/* Loss recovery: what an acknowledgement or a time-out means for what was sent. Fast retransmit and fast recovery with
 * SACK (RFC 6675) and without (RFC 5681 3.2, RFC 6582), limited transmit (RFC 3042), go-back after a time-out
 * (RFC 5681 3.1, RFC 6675 5.1). It only notes what is to be resent; output.c sends.
 */
#ifndef LK_TCP_RECOVERY_H
#define LK_TCP_RECOVERY_H

#include "stack/tcp/tcb.h"

struct tcp_ack_news {
    uint32_t acked;      /* octets newly acknowledged, 0: none */
    uint32_t sacked;     /* octets newly SACKed */
    uint32_t flight;     /* octets outstanding before */
    bool duplicate;      /* a duplicate acknowledgement by RFC 5681 2 */
};

/* An acceptable ACK was taken: snd_una and the scoreboard are up to date. */
void tcp_recovery_ack(struct lk_tcp_stack *tcp, struct tcb *tcb, const struct tcp_ack_news *news);

/* The retransmission timer expired (RFC 6298 5.4; RFC 5681 3.1). */
void tcp_recovery_timeout(struct lk_tcp_stack *tcp, struct tcb *tcb);

/* Octets taken to be in the network: Pipe of RFC 6675, or FlightSize without SACK. */
uint32_t tcp_recovery_pipe(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

#endif
