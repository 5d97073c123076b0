/* RFC 9293 3.10.7.2: a segment for a socket in LISTEN. A SYN makes a new connection in SYN-RECEIVED. */
#include "stack/base/seq.h"
#include "stack/tcp/arrival.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/listener.h"
#include "stack/tcp/options.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/window.h"

#define ISN_STEP 65536 /* how far a reused tuple's ISN stays above the old connection's numbers at least */

/* What a connection inherits from its listener. */
static void inherit(struct tcb *child, const struct tcb *listening)
{
    child->flags |= listening->flags & (TCB_NODELAY | TCB_KEEPALIVE | TCB_LINGER_0);
    child->snd_buf = listening->snd_buf;
    child->rcv_buf = listening->rcv_buf;
    child->keep_idle = listening->keep_idle;
    child->keep_interval = listening->keep_interval;
    child->keep_count = listening->keep_count;
    child->r2 = listening->r2;
    child->user_mss = listening->user_mss;
    child->tos = listening->tos;
    child->ttl = listening->ttl;
}

static void identify(struct tcb *child, const struct tcp_arrival *a)
{
    child->local = a->in->dst;
    child->remote = a->in->src;
    child->local_port = a->segment.destination_port;
    child->remote_port = a->segment.source_port;
    child->iface = a->in->iface;
    child->mtu = a->in->mtu;
}

/* Third: the SYN is taken: RCV.NXT, IRS, ISS, and a SYN,ACK is owed. */
static void receive_syn(const struct tcp_arrival *a, struct tcb *child, const struct tcp_predecessor *old)
{
    struct lk_tcp_stack *tcp = a->context->tcp;
    child->state = LK_TCP_SYN_RECEIVED;
    child->irs = a->seq;
    child->rcv_nxt = seq_add(a->seq, 1);
    child->rcv_adv = child->rcv_nxt;
    child->last_ack_sent = child->rcv_nxt;
    child->ts_offset = tcp_timestamp_offset(tcp, child);
    child->rcv_wscale = tcp->config.wscale_shift <= 14 ? tcp->config.wscale_shift : tcp_window_shift(child->rcv_buf);
    tcp_take_syn_options(tcp, child, &a->options, a->context->now);
    child->iss = tcp_isn(tcp, child, a->context->now);
    if (old != NULL) {
        if (seq_leq(child->iss, seq_add(old->snd_nxt, ISN_STEP)))
            child->iss = seq_add(old->snd_nxt, ISN_STEP); /* RFC 9293 MAY-2 (1): above the old connection's numbers */
        child->flags |= TCB_REUSED;
        child->old_snd_nxt = old->snd_nxt;
        child->old_rcv_nxt = old->rcv_nxt;
    }
    child->snd_una = child->iss;
    child->snd_nxt = child->iss;
    child->snd_wnd = a->wnd;
    child->max_snd_wnd = a->wnd;
    child->snd_wl1 = a->seq;
    child->snd_wl2 = child->iss;
    child->flags |= TCB_SYN_OWED;
}

enum lk_rx tcp_arrives_listen(struct tcp_arrival *a, const struct tcp_predecessor *old)
{
    struct lk_tcp_stack *tcp = a->context->tcp;
    struct tcb *listening = a->tcb;
    if (a->control & LK_TCP_RST) /* first: check for a RST */
        return LK_RX_DROP_TCP_RST;
    if (a->control & LK_TCP_ACK) { /* second: check for an ACK */
        tcp_reset_segment(tcp, a->in, &a->segment);
        return LK_RX_RESET_SENT;
    }
    if (!(a->control & LK_TCP_SYN)) /* fourth: other data or control */
        return LK_RX_DROP_TCP_STATE;
    if (a->control & LK_TCP_FIN)
        return LK_RX_DROP_TCP_SYN;
    if (!tcp_listener_has_room(tcp, listening))
        return LK_RX_DROP_FULL;
    struct tcb *child = tcb_take(a->context);
    if (child == NULL)
        return LK_RX_DROP_FULL;
    inherit(child, listening);
    identify(child, a);
    receive_syn(a, child, old);
    tcp_listener_adopt(tcp, listening, child);
    tcp_demux_add_tuple(tcp, child);
    tcb_settle(a->context, child);
    return LK_RX_ACCEPTED;
}
