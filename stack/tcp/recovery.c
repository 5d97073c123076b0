#include "stack/tcp/recovery.h"
#include "stack/base/seq.h"
#include "stack/tcp/options.h"

uint32_t tcp_recovery_pipe(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    bool board = a != NULL && (a->phase == TCP_LOSS || (tcb->flags & TCB_SACK));
    if (!board || (a->phase == TCP_OPEN && !tcp->config.limited_transmit))
        return seq_distance(tcb->snd_nxt, tcb->snd_una);
    return tcp_sack_pipe(&tcp->sacked, &a->board, tcb->snd_una, tcb->snd_nxt);
}

/* Fast retransmit (RFC 6675 5 (4), RFC 5681 3.2 step 2, RFC 6582 3.2 step 2). */
static void enter_recovery(struct tcb *tcb, struct active *a, uint32_t flight)
{
    uint32_t smss = tcp_smss(tcb);
    flight = flight > a->limited ? flight - a->limited : flight; /* RFC 5681 3.2 step 2 */
    a->phase = TCP_RECOVERY;
    /* What the recovery before this one has resent above its own recovery point is on its way again already. */
    bool resent = (tcb->flags & TCB_SACK) && seq_gt(a->board.high_rxt, tcb->snd_una);
    a->recover = tcb->snd_nxt;
    if (!resent)
        a->board.high_rxt = tcb->snd_una;
    tcb->cc.ssthresh = tcp_congestion_half(flight, smss);
    tcb->cc.cwnd = tcb->cc.ssthresh;
    a->avoided = 0;
    if (!(tcb->flags & TCB_SACK))
        tcb->cc.cwnd += a->dup_acks * smss; /* RFC 5681 3.2 step 3 */
    if (!resent)
        tcb->flags |= TCB_RESEND;
    if (tcb->recoveries < UINT16_MAX)
        tcb->recoveries++;
}

static void leave_recovery(struct tcb *tcb, struct active *a)
{
    uint32_t smss = tcp_smss(tcb);
    if (a->phase == TCP_RECOVERY && !(tcb->flags & TCB_SACK)) { /* RFC 6582 3.2 step 3, full acknowledgment (1) */
        uint32_t flight = seq_distance(tcb->snd_nxt, tcb->snd_una);
        uint32_t window = (flight > smss ? flight : smss) + smss;
        tcb->cc.cwnd = window < tcb->cc.ssthresh ? window : tcb->cc.ssthresh;
    }
    a->phase = TCP_OPEN;
    a->dup_acks = 0;
    a->board.high_rxt = seq_max(a->board.high_rxt, tcb->snd_una);
    tcb->flags &= ~(uint32_t)TCB_RESEND;
}

/* RFC 6582 3.2 step 3, partial acknowledgment: the next segment is lost too; deflate. */
static void partial_ack(struct tcb *tcb, uint32_t acked)
{
    uint32_t smss = tcp_smss(tcb);
    tcb->flags |= TCB_RESEND;
    tcb->cc.cwnd = tcb->cc.cwnd > acked ? tcb->cc.cwnd - acked : 0;
    if (acked >= smss || tcb->cc.cwnd < smss)
        tcb->cc.cwnd += smss;
}

/* snd_una moved. */
static void ack_advances(struct tcb *tcb, struct active *a, const struct tcp_ack_news *news)
{
    bool sack = tcb->flags & TCB_SACK;
    if (a->phase != TCP_OPEN && seq_geq(tcb->snd_una, a->recover)) {
        bool loss = a->phase == TCP_LOSS;
        leave_recovery(tcb, a);
        if (!loss)
            return;
    }
    if (a->phase == TCP_RECOVERY) {
        if (!sack)
            partial_ack(tcb, news->acked);
        return;
    }
    a->dup_acks = 0;
    a->limited = 0;
    if (a->phase == TCP_OPEN)
        a->board.high_rxt = seq_max(a->board.high_rxt, tcb->snd_una);
    tcp_congestion_ack(&tcb->cc, &a->avoided, news->acked, a->phase == TCP_LOSS ? tcb->cc.cwnd : news->flight, tcp_smss(tcb));
}

/* A duplicate ACK, or an ACK with new SACK blocks, outside of recovery. */
static void count_duplicate(const struct lk_tcp_stack *tcp, struct tcb *tcb, struct active *a, const struct tcp_ack_news *news)
{
    bool sack = tcb->flags & TCB_SACK;
    bool counts = sack ? news->sacked != 0 && news->acked == 0 : news->duplicate;
    if (counts && a->dup_acks < UINT8_MAX)
        a->dup_acks++;
    if (sack && news->sacked == 0)
        return;
    bool lost = sack && seq_gt(a->board.lost, tcb->snd_una); /* RFC 6675 5 (2): IsLost (HighACK + 1) */
    /* RFC 6582 3.2 step 2: without SACK, duplicates of what was sent before the last recovery prove nothing */
    bool believed = sack || seq_gt(tcb->snd_una, a->recover);
    if (lost || (a->dup_acks >= tcp->config.dup_threshold && believed))
        enter_recovery(tcb, a, news->flight);
}

void tcp_recovery_ack(struct lk_tcp_stack *tcp, struct tcb *tcb, const struct tcp_ack_news *news)
{
    struct active *a = tcb_active(tcp, tcb);
    if (a == NULL) {
        if (news->acked != 0)
            tcb->flags &= ~(uint32_t)TCB_RESEND;
        return;
    }
    tcp_sack_mark_lost(&tcp->sacked, &a->board, tcp->config.dup_threshold, tcp_smss(tcb));
    if (news->acked != 0) {
        tcb->flags &= ~(uint32_t)TCB_RESEND;
        ack_advances(tcb, a, news);
    }
    if (a->phase == TCP_OPEN)
        count_duplicate(tcp, tcb, a, news);
    else if (a->phase == TCP_RECOVERY && news->duplicate && !(tcb->flags & TCB_SACK))
        tcb->cc.cwnd += tcp_smss(tcb); /* RFC 5681 3.2 step 4 */
}

void tcp_recovery_timeout(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    struct active *a = tcb_active(tcp, tcb);
    uint32_t flight = seq_distance(tcb->snd_nxt, tcb->snd_una);
    tcb->flags |= TCB_RESEND;
    if (tcb->retransmits <= 1) /* RFC 5681 3.1: once for the same segment */
        tcb->cc.ssthresh = tcp_congestion_half(flight, tcp_smss(tcb));
    tcb->cc.cwnd = tcp_smss(tcb); /* the loss window, RFC 5681 equation 4 and below */
    if (a == NULL)
        return;
    a->avoided = 0;
    if (!tcp->config.sack_outlives_rto || tcp_sack_reneged(&tcp->sacked, &a->board, tcb->snd_una))
        tcp_ranges_clear(&tcp->sacked, &a->board.sacked); /* RFC 2018 5.1, 8: the receiver may have dropped it all */
    a->phase = TCP_LOSS;
    a->recover = tcb->snd_nxt; /* RFC 6675 5.1, RFC 6582 4 */
    a->board.high_rxt = tcb->snd_una;
    a->board.lost = tcb->snd_nxt;
    a->dup_acks = 0;
    a->timing = 0; /* RFC 6298 3 */
}
