/* ICMP errors about our segments (RFC 9293 3.9.2.2, RFC 1122 4.2.3.9, RFC 5927, RFC 1191). */
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/options.h"

#define UNREACHABLE 3
#define TIME_EXCEEDED 11
#define PARAMETER_PROBLEM 12
#define CODE_PROTOCOL 2
#define CODE_PORT 3
#define CODE_FRAGMENTATION_NEEDED 4
#define MTU_LEAST 552 /* smaller ones are not believed: 512 octets of data and two headers (RFC 5927 7.2) */

/* RFC 1191 6.5: smaller segments from now on; what is in flight is sent again in the new size. */
static void lower_mtu(struct lk_tcp_stack *tcp, struct tcb *tcb, uint16_t mtu)
{
    mtu = mtu < MTU_LEAST ? MTU_LEAST : mtu;
    struct common wanted = *tcp_common(tcp, tcb);
    if (mtu >= wanted.mtu)
        return;
    wanted.mtu = mtu;
    if (!tcp_common_change(tcp, tcb, &wanted) || !tcb_synchronized(tcb))
        return;
    tcp_set_snd_mss(tcp, tcb);
    struct active *a = tcb_active(tcp, tcb);
    if (a == NULL || tcb->snd_una == tcb->snd_nxt)
        return;
    a->phase = TCP_LOSS;
    a->recover = tcb->snd_nxt;
    a->board.high_rxt = tcb->snd_una;
    a->board.lost = tcb->snd_nxt;
    tcb->flags |= TCB_RESEND;
}

enum lk_rx lk_tcp_icmp(const struct lk_tcp_context *context, const struct lk_icmp_error *error)
{
    if (error->len < 8 || (error->type != UNREACHABLE && error->type != TIME_EXCEEDED && error->type != PARAMETER_PROBLEM))
        return LK_RX_DROP_ICMP; /* RFC 9293 MUST-55: source quench is discarded */
    struct tcp_tuple tuple = {error->local, error->remote, lk_load_be16(error->bytes), lk_load_be16(error->bytes + 2)};
    struct tcb *tcb = tcp_demux_tuple(context->tcp, &tuple);
    uint32_t seq = lk_load_be32(error->bytes + 4);
    if (tcb == NULL || !seq_geq(seq, tcb->snd_una) || !seq_lt(seq, tcb->snd_nxt))
        return LK_RX_DROP_ICMP; /* RFC 5927 4.1: not about a segment in flight */
    bool unreachable = error->type == UNREACHABLE;
    if (unreachable && error->code == CODE_FRAGMENTATION_NEEDED) {
        lower_mtu(context->tcp, tcb, error->mtu);
        tcb_settle(context, tcb);
        return LK_RX_ACCEPTED;
    }
    bool hard = unreachable && (error->code == CODE_PROTOCOL || error->code == CODE_PORT);
    if (hard && !tcb_synchronized(tcb)) { /* RFC 9293 SHLD-26; RFC 5927 5.2: only while not synchronized */
        tcb_end(context, tcb, LK_E_CONNREFUSED);
        return LK_RX_ACCEPTED;
    }
    tcb->flags |= TCB_SOFT_ERROR; /* RFC 9293 MUST-56: must not abort, SHLD-25: made known */
    tcb_settle(context, tcb);
    return LK_RX_ACCEPTED;
}
