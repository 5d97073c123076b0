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

/* Who it is, and what it inherits from its listener. False: no common record is free. */
static bool identify(struct lk_tcp_stack *tcp, struct tcb *child, const struct tcp_arrival *a, const struct tcb *listening)
{
    struct common wanted = *tcp_common(tcp, listening);
    wanted.local = a->in->dst;
    wanted.iface = a->in->iface;
    wanted.mtu = a->in->mtu;
    child->remote = a->in->src;
    child->local_port = a->segment.destination_port;
    child->remote_port = a->segment.source_port;
    child->flags |= listening->flags & (TCB_NODELAY | TCB_KEEPALIVE | TCB_LINGER_0);
    return tcp_common_change(tcp, child, &wanted);
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
    uint32_t buffer = tcp_common(tcp, child)->rcv_buf;
    tcb_set_wscales(child, 0, tcp->config.wscale_shift <= 14 ? tcp->config.wscale_shift : tcp_window_shift(buffer));
    tcp_take_syn_options(tcp, child, &a->options, a->context->now);
    child->iss = tcp_isn(tcp, child, a->context->now);
    if (old != NULL) {
        if (seq_leq(child->iss, seq_add(old->snd_nxt, ISN_STEP)))
            child->iss = seq_add(old->snd_nxt, ISN_STEP); /* RFC 9293 MAY-2 (1): above the old connection's numbers */
        child->flags |= TCB_REUSED;
        child->old = *old;
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
    if (!identify(tcp, child, a, listening)) {
        tcb_free(a->context, child);
        return LK_RX_DROP_FULL;
    }
    receive_syn(a, child, old);
    tcp_listener_adopt(tcp, listening, child);
    tcp_demux_add_tuple(tcp, child);
    tcb_settle(a->context, child);
    return LK_RX_ACCEPTED;
}
