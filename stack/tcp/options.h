/* Which options our segments carry, and what the peer's SYN said (RFC 9293 3.7.1, RFC 7323, RFC 2018, RFC 2883).
 */
#ifndef LK_TCP_OPTIONS_H
#define LK_TCP_OPTIONS_H

#include "stack/tcp/tcb.h"
#include "stack/wire/tcp.h"

/* The MSS to announce: what fits into the interface's packets, or less by configuration (MUST-16 .. RFC 6691). */
uint16_t tcp_announced_mss(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* Eff.snd.MSS without options, set again from the peer's MSS and the path's MTU. */
void tcp_set_snd_mss(const struct lk_tcp_stack *tcp, struct tcb *tcb);

/* Bytes of data in a full segment that carries no SACK blocks: SMSS. */
uint32_t tcp_smss(const struct tcb *tcb);

/* Writes the options of a SYN or SYN,ACK; returns their length. */
size_t tcp_syn_options(const struct lk_tcp_stack *tcp, const struct tcb *tcb, lk_time now, uint8_t options[LK_TCP_OPTIONS_MAX]);

/* Writes the options of any other segment; returns their length, which does not depend on now. */
size_t tcp_options(const struct lk_tcp_stack *tcp, const struct tcb *tcb, lk_time now, uint8_t options[LK_TCP_OPTIONS_MAX]);

/* Takes what the peer's SYN (or SYN,ACK) offers, as far as we offer it too. */
void tcp_take_syn_options(const struct lk_tcp_stack *tcp, struct tcb *tcb, const struct lk_tcp_options *options, lk_time now);

#endif
