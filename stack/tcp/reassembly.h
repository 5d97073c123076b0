/* Received data: the ring from which the application reads, what arrived out of order, and the SACK blocks that tell of
 * it (RFC 9293 3.10.7.4 seventh, RFC 2018 4, RFC 2883).
 *
 * An octet lies in the ring at its distance from the next one to read, from the moment it arrives. Out of order it is
 * noted as a range in sequence space; a FIN there takes one number and no octet.
 */
#ifndef LK_TCP_REASSEMBLY_H
#define LK_TCP_REASSEMBLY_H

#include "stack/tcp/tcb.h"
#include "stack/wire/tcp.h"

/* What a segment's text turned out to be. */
enum tcp_text {
    TCP_TEXT_IN_ORDER,     /* rcv_nxt moved; nothing is missing */
    TCP_TEXT_FILLED,       /* rcv_nxt moved, and a gap was filled or one is still open */
    TCP_TEXT_OUT_OF_ORDER, /* kept, rcv_nxt did not move */
    TCP_TEXT_DUPLICATE,    /* nothing new in it */
    TCP_TEXT_FULL          /* no active record or range record was free: dropped */
};

/* Takes `len` octets that begin at seq >= rcv_nxt and lie in the window, followed by FIN if `fin`. rcv_nxt moves over
 * all that is in order, a FIN included (then TCB_FIN_RCVD is set by the caller, who sees *fin_reached). */
enum tcp_text tcp_reassembly_take(struct lk_tcp_stack *tcp, struct tcb *tcb, uint32_t seq, const uint8_t *bytes, uint32_t len, bool fin, bool *fin_reached);

/* A segment left..right-1 brought nothing new: owes a DSACK report, if configured. */
void tcp_reassembly_duplicate(struct lk_tcp_stack *tcp, struct tcb *tcb, uint32_t left, uint32_t right);

/* The blocks to send, at most `most`: an owed DSACK, then the range touched last, then the others, newest first. */
unsigned tcp_reassembly_blocks(const struct lk_tcp_stack *tcp, const struct tcb *tcb, struct lk_tcp_sack *blocks, unsigned most);

/* Whether data is waiting behind a gap. */
bool tcp_reassembly_gap(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

#endif
