/* RFC 9293 3.10.7.4: a segment for a connection in any other state. One function a step, in the RFC's order. */
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/tcp/ack.h"
#include "stack/tcp/arrival.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/listener.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/timers.h"

#define PAWS_OLD (24u * 86400u) /* seconds: TS.Recent is not believed for longer (RFC 7323 5.5) */

/* ---- first: check sequence number ---------------------------------------------------------------------------- */

static uint32_t receive_window(const struct tcb *tcb)
{
    return seq_gt(tcb->rcv_adv, tcb->rcv_nxt) ? seq_distance(tcb->rcv_adv, tcb->rcv_nxt) : 0;
}

/* The table of RFC 9293 3.4. */
static bool acceptable(const struct tcp_arrival *a)
{
    const struct tcb *tcb = a->tcb;
    uint32_t wnd = receive_window(tcb);
    uint32_t right = seq_add(tcb->rcv_nxt, wnd);
    if (a->len == 0)
        return wnd == 0 ? a->seq == tcb->rcv_nxt : seq_between(a->seq, tcb->rcv_nxt, right);
    uint32_t last = seq_add(a->seq, a->len - 1);
    return seq_between(a->seq, tcb->rcv_nxt, right) || seq_between(last, tcb->rcv_nxt, right);
}

/* A simultaneous open's SYN,ACK begins with the SYN we know already: go on behind it (RFC 9293 3.5, figure 8). It is
 * acknowledged, as the table of 3.4 asks for what lies before RCV.NXT. */
static void skip_known_syn(struct tcp_arrival *a)
{
    bool crossed = a->tcb->state == LK_TCP_SYN_RECEIVED && !(a->tcb->flags & TCB_PASSIVE);
    if (!crossed || (a->control & (LK_TCP_SYN | LK_TCP_ACK)) != (LK_TCP_SYN | LK_TCP_ACK) || a->seq != a->tcb->irs)
        return;
    a->control &= (uint8_t)~LK_TCP_SYN;
    a->seq = seq_add(a->seq, 1);
    a->len--;
    a->tcb->flags |= TCB_ACK_NOW;
}

/* Timestamps (RFC 7323 5.3 R1, 3.2). */
static bool check_timestamp(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!(tcb->flags & TCB_TIMESTAMPS) || (a->control & LK_TCP_RST))
        return true;
    if (!tcp_has(a, LK_TCP_OPT_TIMESTAMPS))
        return tcp_done(a, LK_RX_DROP_TCP_PAWS); /* RFC 7323 3.2: silently */
    bool old = seq_distance(tcp_seconds(a->context->now), tcb->ts_recent_age) > PAWS_OLD;
    if (!seq_lt(a->options.ts_val, tcb->ts_recent) || old)
        return true;
    if (a->len == 0)
        tcp_challenge(a->context, tcb); /* throttled: see refuse() */
    else
        tcp_owe_duplicate_ack(tcb);
    return tcp_done(a, LK_RX_DROP_TCP_PAWS);
}

static void update_ts_recent(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!(tcb->flags & TCB_TIMESTAMPS) || !tcp_has(a, LK_TCP_OPT_TIMESTAMPS))
        return;
    bool old = seq_distance(tcp_seconds(a->context->now), tcb->ts_recent_age) > PAWS_OLD;
    if ((seq_geq(a->options.ts_val, tcb->ts_recent) || old) && seq_leq(a->seq, tcb->last_ack_sent)) { /* RFC 7323 4.3 */
        tcb->ts_recent = a->options.ts_val;
        tcb->ts_recent_age = tcp_seconds(a->context->now);
    }
}

/* Not acceptable: an ACK is owed, unless it is a RST. */
static bool refuse(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (a->control & LK_TCP_RST)
        return tcp_done(a, LK_RX_DROP_TCP_RST);
    if (tcb->state == LK_TCP_SYN_RECEIVED && (a->control & LK_TCP_SYN) && a->seq == tcb->irs) {
        tcb->flags |= TCB_SYN_OWED; /* the peer's SYN again: our SYN,ACK is its acknowledgment */
        return tcp_done(a, LK_RX_DUPLICATE);
    }
    bool old = a->len != 0 && seq_leq(seq_add(a->seq, a->len), tcb->rcv_nxt);
    if (a->len == 0) {
        tcp_challenge(a->context, tcb); /* without text: throttled, so that two ends cannot ACK each other for ever */
        return tcp_done(a, LK_RX_DROP_TCP_WINDOW);
    }
    if (old && a->text_len != 0)
        tcp_note_duplicate(a);
    tcp_owe_duplicate_ack(tcb);
    return tcp_done(a, old ? LK_RX_DUPLICATE : LK_RX_DROP_TCP_WINDOW);
}

/* Cuts off what lies outside the window, SYN and FIN included. */
static void trim(struct tcp_arrival *a)
{
    const struct tcb *tcb = a->tcb;
    uint32_t right = seq_add(tcb->rcv_nxt, receive_window(tcb));
    if (seq_lt(a->seq, tcb->rcv_nxt)) {
        uint32_t known = seq_distance(tcb->rcv_nxt, a->seq);
        if (a->control & LK_TCP_SYN) {
            a->control &= (uint8_t)~LK_TCP_SYN;
            known--;
        }
        known = known < a->text_len ? known : a->text_len;
        a->text += known;
        a->text_len -= known;
        a->seq = tcb->rcv_nxt;
    }
    uint32_t start = seq_add(a->seq, a->control & LK_TCP_SYN ? 1 : 0);
    uint32_t room = seq_gt(right, start) ? seq_distance(right, start) : 0;
    if (a->text_len >= room) /* FIN takes the number behind the text */
        a->control &= (uint8_t)~LK_TCP_FIN;
    if (a->text_len > room)
        a->text_len = room;
}

static bool first_check_sequence(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    skip_known_syn(a);
    if (!check_timestamp(a))
        return false;
    if (!acceptable(a)) {
        bool at_edge = receive_window(tcb) == 0 && a->seq == tcb->rcv_nxt && !(a->control & LK_TCP_SYN);
        if (!at_edge)
            return refuse(a);
        /* the window is closed: ACK, URG and RST count all the same (RFC 9293 3.4, MUST-66); the text does not */
        if (!(a->control & LK_TCP_RST))
            tcp_owe_duplicate_ack(tcb);
    }
    update_ts_recent(a);
    trim(a);
    return true;
}

/* ---- second: check the RST bit ------------------------------------------------------------------------------- */

/* The SYN that ended a TIME-WAIT was an old duplicate: back to TIME-WAIT (RFC 9293 3.6.1, MAY-2 (2)). */
static void return_to_time_wait(const struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    tcp_listener_disown(a->context->tcp, tcb);
    tcb->flags &= ~(uint32_t)(TCB_SYN_OWED | TCB_ACK_NOW | TCB_GIVE_UP);
    tcb->flags |= TCB_ORPHAN;
    tcb->dup_acks_owed = 0;
    tcb->snd_una = tcb->old.snd_nxt;
    tcb->snd_nxt = tcb->old.snd_nxt;
    tcb->rcv_nxt = tcb->old.rcv_nxt;
    tcb->rcv_adv = tcb->old.rcv_nxt;
    tcb_enter(a->context, tcb, LK_TCP_TIME_WAIT);
}

static bool second_check_rst(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!(a->control & LK_TCP_RST))
        return true;
    if (a->segment.sequence_number != tcb->rcv_nxt) /* RFC 5961 3.2: in the window, but not exact */
        return tcp_done(a, tcp_challenge(a->context, tcb));
    if (tcb->state == LK_TCP_SYN_RECEIVED && (tcb->flags & TCB_REUSED)) {
        return_to_time_wait(a);
        return tcp_done(a, LK_RX_ACCEPTED);
    }
    int error = LK_E_CONNRESET;
    if (tcb->state == LK_TCP_SYN_RECEIVED) /* a child of a listener just vanishes */
        error = LK_E_CONNREFUSED;
    else if (tcb->state == LK_TCP_CLOSING || tcb->state == LK_TCP_LAST_ACK)
        error = 0;
    if (!tcb_end(a->context, tcb, error))
        a->tcb = NULL;
    return tcp_done(a, LK_RX_ACCEPTED);
}

/* ---- fourth: check the SYN bit ------------------------------------------------------------------------------- */

static bool fourth_check_syn(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!(a->control & LK_TCP_SYN))
        return true;
    if (tcb->state == LK_TCP_SYN_RECEIVED && (tcb->flags & TCB_PASSIVE)) { /* back to LISTEN: the child goes */
        tcb_free(a->context, tcb);
        a->tcb = NULL;
        return tcp_done(a, LK_RX_DROP_TCP_SYN);
    }
    return tcp_done(a, tcp_challenge(a->context, tcb)); /* RFC 5961 4.2 */
}

/* ---- fifth: check the ACK field ------------------------------------------------------------------------------ */

static bool syn_received_ack(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!seq_gt(a->ack, tcb->snd_una) || !seq_leq(a->ack, tcb->snd_nxt)) {
        tcp_reset_segment(a->context->tcp, a->in, &a->segment);
        return tcp_done(a, LK_RX_RESET_SENT);
    }
    if (!(tcb->flags & TCB_SYN_LOST))
        tcp_rtt_sample(&tcb->rtt, a->context->now - tcb->last_sent);
    else
        tcp_sample_timestamp(a);
    tcb->snd_una = a->ack;
    tcb->snd_wnd = a->wnd;
    tcb->snd_wl1 = a->seq;
    tcb->snd_wl2 = a->ack;
    tcb->max_snd_wnd = a->wnd > tcb->max_snd_wnd ? a->wnd : tcb->max_snd_wnd;
    tcb->flags &= ~(uint32_t)TCB_SYN_OWED;
    tcp_establish(a->context, tcb);
    if (tcb->flags & TCB_CHILD)
        tcp_listener_ready(a->context, tcb);
    return true;
}

/* What an acknowledged FIN of ours does. */
static bool fin_acked(struct tcp_arrival *a)
{
    switch (a->tcb->state) {
    case LK_TCP_FIN_WAIT_1: tcb_enter(a->context, a->tcb, LK_TCP_FIN_WAIT_2); return true;
    case LK_TCP_CLOSING: tcb_enter(a->context, a->tcb, LK_TCP_TIME_WAIT); return true;
    case LK_TCP_LAST_ACK:
        if (!tcb_end(a->context, a->tcb, 0))
            a->tcb = NULL;
        return tcp_done(a, LK_RX_ACCEPTED);
    default: return true;
    }
}

static bool fifth_check_ack(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!(a->control & LK_TCP_ACK))
        return tcp_done(a, LK_RX_DROP_TCP_STATE);
    if (tcb->state == LK_TCP_SYN_RECEIVED)
        return syn_received_ack(a);
    /* RFC 5961 5.2: SND.UNA - MAX.SND.WND <= SEG.ACK <= SND.NXT */
    if (seq_lt(a->ack, seq_sub(tcb->snd_una, tcb->max_snd_wnd)) || seq_gt(a->ack, tcb->snd_nxt)) {
        tcp_challenge(a->context, tcb);
        return tcp_done(a, LK_RX_DROP_TCP_ACK);
    }
    bool fin_was_out = tcp_fin_sent(a->context->tcp, tcb);
    if (!tcp_ack_arrives(a))
        return false;
    if (fin_was_out && tcb->snd_una == tcb->snd_nxt)
        return fin_acked(a);
    return true;
}

/* ---- sixth: check the URG bit -------------------------------------------------------------------------------- */

/* RFC 9293 3.8.2: the pointer names the octet behind the urgent data. It is told by LK_SOCK_URGENT until the application
 * has read that far; the data itself stays in line (RFC 6093 6). */
static bool sixth_check_urg(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    bool open = tcb->state == LK_TCP_ESTABLISHED || tcb->state == LK_TCP_FIN_WAIT_1 || tcb->state == LK_TCP_FIN_WAIT_2;
    if (!(a->control & LK_TCP_URG) || !open)
        return true;
    uint32_t up = seq_add(a->segment.sequence_number, a->segment.urgent_pointer);
    if (!seq_gt(up, tcb->rcv_nxt))
        return true;
    struct active *active = tcb_activate(a->context->tcp, tcb);
    if (active != NULL && (!active->urgent || seq_gt(up, active->rcv_up))) {
        active->urgent = 1;
        active->rcv_up = up;
    }
    return true;
}

enum lk_rx tcp_arrives_otherwise(struct tcp_arrival *a)
{
    a->result = LK_RX_ACCEPTED;
    if (!first_check_sequence(a) || !second_check_rst(a))
        return a->result;
    /* third: check the security, no longer used (RFC 9293 A.1) */
    if (!fourth_check_syn(a) || !fifth_check_ack(a) || !sixth_check_urg(a))
        return a->result;
    tcp_heard(a->context, a->tcb);
    if (tcp_text_arrives(a) && a->tcb != NULL) /* seventh */
        tcp_fin_arrives(a);                    /* eighth */
    return a->result;
}

void tcp_later_steps(struct tcp_arrival *a)
{
    trim(a);
    if (sixth_check_urg(a) && tcp_text_arrives(a) && a->tcb != NULL)
        tcp_fin_arrives(a);
}

/* ---- TIME-WAIT ----------------------------------------------------------------------------------------------- */

/* Whether a SYN may open a new connection on this tuple (RFC 9293 3.6.1 MAY-2, RFC 6191 2). */
static bool may_reuse(const struct tcp_arrival *a)
{
    const struct tcb *tcb = a->tcb;
    if (!a->context->tcp->config.time_wait_reuse)
        return false;
    if ((tcb->flags & TCB_TIMESTAMPS) && tcp_has(a, LK_TCP_OPT_TIMESTAMPS) && a->options.ts_val != tcb->ts_recent)
        return seq_gt(a->options.ts_val, tcb->ts_recent);
    return seq_gt(a->seq, tcb->rcv_nxt);
}

static enum lk_rx time_wait_syn(struct tcp_arrival *a)
{
    struct lk_tcp_stack *tcp = a->context->tcp;
    struct tcb *listening = tcp_demux_listener(tcp, &a->in->dst, a->segment.destination_port, a->in->iface);
    if (listening == NULL || !may_reuse(a) || !(a->tcb->flags & TCB_ORPHAN))
        return tcp_challenge(a->context, a->tcb);
    struct tcp_predecessor old = {a->tcb->snd_nxt, a->tcb->rcv_nxt};
    tcb_free(a->context, a->tcb);
    a->tcb = listening;
    return tcp_arrives_listen(a, &old);
}

enum lk_rx tcp_arrives_time_wait(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (a->control & LK_TCP_RST)
        return LK_RX_DROP_TCP_RST; /* RFC 1337 3: a RST must not end TIME-WAIT early */
    if (a->control & LK_TCP_SYN)
        return a->control & LK_TCP_ACK ? tcp_challenge(a->context, tcb) : time_wait_syn(a);
    if ((a->control & LK_TCP_FIN) && seq_add(a->seq, a->len) == tcb->rcv_nxt) { /* the peer's FIN again: our ACK was lost */
        tcp_owe_duplicate_ack(tcb);
        tcp_idle_restart(a->context, tcb);
        return LK_RX_DUPLICATE;
    }
    a->result = LK_RX_ACCEPTED;
    if (!acceptable(a))
        refuse(a);
    return a->result;
}
