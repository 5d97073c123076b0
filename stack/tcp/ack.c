/* RFC 9293 3.10.7.4, fifth: what an acknowledgement takes from the queue, what it says about time, loss and window. */
#include "stack/tcp/ack.h"
#include "stack/base/seq.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/output.h"
#include "stack/tcp/recovery.h"
#include "stack/tcp/timers.h"

bool tcp_fin_sent(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    return tcp_fin_pending(tcb) && seq_gt(tcb->snd_nxt, tcp_stream_end(tcp, tcb));
}

void tcp_heard(const struct lk_tcp_context *context, struct tcb *tcb)
{
    bool waiting = tcb->state == LK_TCP_TIME_WAIT || (tcb->state == LK_TCP_FIN_WAIT_2 && (tcb->flags & TCB_ORPHAN));
    if (!waiting && !(tcb->flags & TCB_GIVE_UP))
        tcp_idle_restart(context, tcb);
}

/* A round-trip time (RFC 6298 3): of the segment being timed, or, when a retransmission made that ambiguous, from the
 * echoed timestamp. False: this acknowledgement says nothing about time. */
static bool sample_rtt(const struct tcp_arrival *a, struct active *active)
{
    if (active != NULL && active->timing) {
        if (seq_geq(a->tcb->snd_una, active->timed_seq)) {
            tcp_rtt_sample(&a->tcb->rtt, a->context->now - active->timed_at);
            active->timing = 0;
            return true;
        }
        return false;
    }
    return tcp_sample_timestamp(a);
}

/* SND.UNA < SEG.ACK <= SND.NXT. */
static void advance(struct tcp_arrival *a, uint32_t acked)
{
    struct tcb *tcb = a->tcb;
    struct active *active = tcb_active(a->context->tcp, tcb);
    if (active != NULL) {
        uint32_t octets = acked < active->snd_len ? acked : active->snd_len; /* the rest is our FIN */
        tcp_buffer_drop(a->context->tcp, tcb->active, TCP_RING_SEND, octets);
        tcp_sack_acked(&a->context->tcp->sacked, &active->board, a->ack);
    }
    tcb->snd_una = a->ack;
    if (sample_rtt(a, active))
        tcb->backoff = 0; /* RFC 6298 3 and 5.5: backed off until a valid sample */
    tcb->retransmits = 0;
    tcb->flags &= ~(uint32_t)TCB_SOFT_ERROR;
    if (tcb->snd_una == tcb->snd_nxt)
        tcp_rto_stop(tcb); /* RFC 6298 5.2 */
    else
        tcp_rto_restart(a->context, tcb); /* RFC 6298 5.3 */
    tcp_idle_restart(a->context, tcb);
}

/* SND.WND is taken from segments that are not older than the last one it was taken from. */
static void update_window(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    bool newer = seq_lt(tcb->snd_wl1, a->seq) || (tcb->snd_wl1 == a->seq && seq_leq(tcb->snd_wl2, a->ack));
    if (!newer)
        return;
    tcb->snd_wnd = a->wnd;
    tcb->snd_wl1 = a->seq;
    tcb->snd_wl2 = a->ack;
    if (a->wnd > tcb->max_snd_wnd)
        tcb->max_snd_wnd = a->wnd;
    if (!(tcb->flags & TCB_PERSIST))
        return;
    tcb->retransmits = 0; /* RFC 9293 MUST-37: while it answers probes, the peer may keep the window closed */
    tcp_idle_restart(a->context, tcb);
    if (a->wnd == 0)
        return;
    /* The window is open. A probe that was not acknowledged was not taken: it is sent again with what follows it. */
    tcb->snd_nxt = tcb->snd_una;
    tcb->flags &= ~(uint32_t)TCB_PROBE_OWED;
    tcb->backoff = 0;
    tcp_rto_stop(tcb);
}

/* RFC 5681 2: what makes an acknowledgement a duplicate. Answers to window probes are none. */
static bool is_duplicate(const struct tcp_arrival *a)
{
    const struct tcb *tcb = a->tcb;
    return !(tcb->flags & TCB_PERSIST) && tcb->snd_una != tcb->snd_nxt && a->text_len == 0 && !(a->control & (LK_TCP_SYN | LK_TCP_FIN)) && a->ack == tcb->snd_una &&
           a->wnd == tcb->snd_wnd;
}

bool tcp_ack_arrives(struct tcp_arrival *a)
{
    struct lk_tcp_stack *tcp = a->context->tcp;
    struct tcb *tcb = a->tcb;
    struct tcp_ack_news news = {.flight = seq_distance(tcb->snd_nxt, tcb->snd_una), .duplicate = is_duplicate(a)};
    if (seq_gt(a->ack, tcb->snd_una)) {
        news.acked = seq_distance(a->ack, tcb->snd_una);
        advance(a, news.acked);
    }
    struct active *active = tcb_active(tcp, tcb);
    if (active != NULL && (tcb->flags & TCB_SACK) && tcp_has(a, LK_TCP_OPT_SACK))
        news.sacked = tcp_sack_update(&tcp->sacked, &active->board, a->options.sack, a->options.sack_count, tcb->snd_una, tcb->snd_nxt);
    if (seq_geq(a->ack, tcb->snd_una))
        update_window(a);
    tcp_recovery_ack(tcp, tcb, &news);
    return true;
}
