/* RFC 9293 3.10.7.3: a segment for a connection in SYN-SENT. */
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/tcp/arrival.h"
#include "stack/tcp/options.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/timers.h"

/* First: check the ACK bit. SND.UNA is ISS here. */
static bool first_check_ack(struct tcp_arrival *a)
{
    if (!(a->control & LK_TCP_ACK))
        return true;
    if (seq_gt(a->ack, a->tcb->iss) && seq_leq(a->ack, a->tcb->snd_nxt))
        return true;
    if (a->control & LK_TCP_RST)
        return tcp_done(a, LK_RX_DROP_TCP_RST);
    tcp_reset_segment(a->context->tcp, a->in, &a->segment);
    return tcp_done(a, LK_RX_RESET_SENT);
}

/* Second: check the RST bit. */
static bool second_check_rst(struct tcp_arrival *a)
{
    if (!(a->control & LK_TCP_RST))
        return true;
    if (!(a->control & LK_TCP_ACK)) /* RFC 5961 3.2 keeps this rule: an unacknowledging RST proves nothing */
        return tcp_done(a, LK_RX_DROP_TCP_RST);
    if (!tcb_end(a->context, a->tcb, LK_E_CONNREFUSED))
        a->tcb = NULL;
    return tcp_done(a, LK_RX_ACCEPTED);
}

static void receive_syn(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    tcb->irs = a->seq;
    tcb->rcv_nxt = seq_add(a->seq, 1);
    tcb->rcv_adv = seq_add(tcb->rcv_nxt, tcb->rcv_adv); /* so far it counted from 0: what our SYN offered */
    tcb->last_ack_sent = tcb->rcv_nxt;
    tcp_take_syn_options(a->context->tcp, tcb, &a->options, a->context->now);
    tcb->snd_wnd = a->wnd;
    tcb->max_snd_wnd = a->wnd;
    tcb->snd_wl1 = a->seq;
    tcb->snd_wl2 = a->ack;
}

/* Our SYN was acknowledged: ESTABLISHED. */
static void complete(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!(tcb->flags & TCB_SYN_LOST))
        tcp_rtt_sample(&tcb->rtt, a->context->now - tcb->last_sent);
    else
        tcp_sample_timestamp(a);
    tcb->snd_una = a->ack;
    tcb->flags |= TCB_ACK_NOW;
    tcp_establish(a->context, tcb);
}

/* Both sides opened at once (RFC 9293 3.5, figure 8): SYN-RECEIVED, SYN,ACK is owed. */
static void cross(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    tcb->snd_wl2 = tcb->iss;
    tcb->flags |= TCB_SYN_OWED;
    tcb_enter(a->context, tcb, LK_TCP_SYN_RECEIVED);
    tcb->backoff = 0;
    tcb->retransmits = 0;
    tcp_rto_restart(a->context, tcb);
}

enum lk_rx tcp_arrives_syn_sent(struct tcp_arrival *a)
{
    if (!first_check_ack(a) || !second_check_rst(a))
        return a->result;
    /* third: check the security, no longer used (RFC 9293 A.1); fourth: check the SYN bit; fifth: neither */
    if (!(a->control & LK_TCP_SYN))
        return LK_RX_DROP_TCP_STATE;
    receive_syn(a);
    if (!(a->control & LK_TCP_ACK)) {
        cross(a);
        return LK_RX_ACCEPTED; /* text is not taken before ESTABLISHED: it comes again, since it is not acknowledged */
    }
    complete(a);
    a->result = LK_RX_ACCEPTED;
    tcp_later_steps(a); /* "continue processing at the sixth step" */
    return a->result;
}
