#include "stack/tcp/output.h"
#include "stack/base/check.h"
#include "stack/base/seq.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/options.h"
#include "stack/tcp/recovery.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/timers.h"
#include "stack/tcp/window.h"
#include "stack/wire/checksum.h"


bool tcp_fin_pending(const struct tcb *tcb)
{
    if (!(tcb->flags & TCB_FIN_QUEUED))
        return false;
    return tcb->state == LK_TCP_FIN_WAIT_1 || tcb->state == LK_TCP_CLOSING || tcb->state == LK_TCP_LAST_ACK;
}

uint32_t tcp_stream_end(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    uint32_t start = tcb_syn_acked(tcb) ? tcb->snd_una : seq_add(tcb->iss, 1);
    return a == NULL ? start : seq_add(start, a->snd_len);
}

uint32_t tcp_unsent(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    uint32_t end = seq_add(tcp_stream_end(tcp, tcb), tcp_fin_pending(tcb) ? 1 : 0);
    return seq_gt(end, tcb->snd_nxt) ? seq_distance(end, tcb->snd_nxt) : 0;
}

struct tcp_receive_window tcp_receive_window(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    bool left = seq_gt(tcb->rcv_adv, tcb->rcv_nxt);
    return (struct tcp_receive_window){
        .buffer = tcp_common(tcp, tcb)->rcv_buf,
        .unread = a != NULL ? a->rcv_len : 0,
        .offered = left ? seq_distance(tcb->rcv_adv, tcb->rcv_nxt) : 0,
        .mss = tcb->rcv_mss,
        .shift = tcb_rcv_wscale(tcb),
        .avoid_silly = tcp->config.sws_receiver,
    };
}

/* Data octets a segment can take now: SMSS less what SACK blocks need (RFC 9293 3.7.1). */
static uint32_t segment_room(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    uint8_t options[LK_TCP_OPTIONS_MAX];
    return tcb->snd_mss - (uint32_t)tcp_options(tcp, tcb, 0, options);
}

/* A segment of what was sent before, starting at left, ending at or before right. */
static struct tcp_plan plan_resend(const struct lk_tcp_stack *tcp, const struct tcb *tcb, uint32_t left, uint32_t right)
{
    uint32_t end = tcp_stream_end(tcp, tcb);
    uint32_t room = segment_room(tcp, tcb);
    struct tcp_plan plan = {.kind = TCP_PLAN_RESEND, .seq = left};
    plan.len = seq_lt(left, end) ? seq_distance(seq_min(right, end), left) : 0;
    if (tcb->retransmits > 1) { /* RFC 7323 2.4: later ones stay in the window told last; a closed one is probed by one octet */
        uint32_t edge = seq_add(tcb->snd_una, tcb->snd_wnd);
        uint32_t inside = seq_gt(edge, left) ? seq_distance(edge, left) : 1;
        room = room < inside ? room : inside;
    }
    if (plan.len > room)
        plan.len = room;
    plan.fin = seq_add(left, plan.len) == end && seq_gt(tcb->snd_nxt, end) && seq_gt(right, end);
    return plan;
}

/* The segment at snd_una. */
static struct tcp_plan plan_resend_head(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    uint32_t left = tcb->snd_una;
    uint32_t right = tcb->snd_nxt;
    if (a != NULL && a->board.sacked.count != 0)
        tcp_ranges_gap(&tcp->sacked, &a->board.sacked, tcb->snd_una, &left, &right);
    return plan_resend(tcp, tcb, left, right);
}

/* New data and FIN within `usable` octets; NOTHING: wait. */
static struct tcp_plan plan_new(const struct lk_tcp_stack *tcp, const struct tcb *tcb, uint32_t usable)
{
    struct tcp_plan none = {.kind = TCP_PLAN_NOTHING};
    uint32_t end = tcp_stream_end(tcp, tcb);
    bool fin = tcp_fin_pending(tcb) && seq_leq(tcb->snd_nxt, end);
    uint32_t unsent = seq_lt(tcb->snd_nxt, end) ? seq_distance(end, tcb->snd_nxt) : 0;
    if (usable == 0 || (unsent == 0 && !fin))
        return none;
    struct tcp_send_window w = {
        .unsent = unsent,
        .usable = usable,
        .mss = segment_room(tcp, tcb),
        .largest = tcb->max_snd_wnd,
        .idle = tcb->snd_una == tcb->snd_nxt,
        .nagle = tcp->config.nagle && !(tcb->flags & TCB_NODELAY),
        .last = fin,
    };
    struct tcp_plan plan = {.kind = TCP_PLAN_DATA, .seq = tcb->snd_nxt, .len = w.unsent == 0 ? 0 : tcp_window_sendable(&w)};
    plan.fin = fin && plan.len == w.unsent && usable > plan.len;
    return plan.len == 0 && !plan.fin ? none : plan;
}

/* Octets the congestion window leaves free. */
static uint32_t congestion_room(const struct lk_tcp_stack *tcp, const struct tcb *tcb, const struct active *a)
{
    uint32_t pipe = tcp_recovery_pipe(tcp, tcb);
    uint32_t cwnd = tcb->cc.cwnd;
    if (a != NULL && a->phase == TCP_OPEN && tcp->config.limited_transmit && !(tcb->flags & TCB_SACK))
        cwnd += (a->dup_acks < 2 ? a->dup_acks : 2u) * tcp_smss(tcb); /* RFC 3042 2 */
    return cwnd > pipe ? cwnd - pipe : 0;
}

/* NextSeg() of RFC 6675 4. Its rule (4), the rescue retransmission, is left out: it resends a tail that is most often
 * only late, and the retransmission timer covers it. */
static struct tcp_plan plan_data(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    uint32_t room = congestion_room(tcp, tcb, a);
    uint32_t edge = seq_add(tcb->snd_una, tcb->snd_wnd);
    uint32_t usable = seq_gt(edge, tcb->snd_nxt) ? seq_distance(edge, tcb->snd_nxt) : 0;
    uint32_t left, right;
    bool board = a != NULL && a->phase != TCP_OPEN && (a->phase == TCP_LOSS || (tcb->flags & TCB_SACK));
    if (board && room < tcp_smss(tcb)) /* RFC 6675 5 (C) */
        return (struct tcp_plan){.kind = TCP_PLAN_NOTHING};
    if (board && tcp_sack_next_lost(&tcp->sacked, &a->board, tcb->snd_mss, &left, &right))
        return plan_resend(tcp, tcb, left, right);
    struct tcp_plan plan = plan_new(tcp, tcb, usable < room ? usable : room);
    if (plan.kind != TCP_PLAN_NOTHING || !board || a->phase == TCP_LOSS)
        return plan;
    if (tcp_sack_next_hole(&tcp->sacked, &a->board, tcb->snd_mss, &left, &right)) /* rule (3) */
        return plan_resend(tcp, tcb, left, right);
    return plan;
}

/* The persist timer fired. The window is closed: one octet (or FIN) into it, at snd_una (RFC 9293 3.8.6.1). It is only
 * too small to be worth a segment: what fits (RFC 9293 3.8.6.2.1 (4), the override). */
static struct tcp_plan plan_probe(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    uint32_t end = tcp_stream_end(tcp, tcb);
    bool data = seq_lt(tcb->snd_una, end);
    if (tcb->snd_wnd != 0 && data && tcb->snd_una == tcb->snd_nxt) {
        uint32_t room = segment_room(tcp, tcb);
        uint32_t edge = seq_min(seq_add(tcb->snd_una, tcb->snd_wnd < room ? tcb->snd_wnd : room), end);
        return (struct tcp_plan){.kind = TCP_PLAN_DATA, .seq = tcb->snd_una, .len = seq_distance(edge, tcb->snd_una)};
    }
    return (struct tcp_plan){.kind = TCP_PLAN_PROBE, .seq = tcb->snd_una, .len = data ? 1 : 0, .fin = !data && tcp_fin_pending(tcb)};
}

struct tcp_plan tcp_plan(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    struct tcp_plan plan = {.kind = TCP_PLAN_NOTHING, .seq = tcb->snd_nxt};
    if (tcb->flags & TCB_SYN_OWED) {
        plan.kind = TCP_PLAN_SYN;
        plan.seq = tcb->iss;
        return plan;
    }
    if (tcb->state < LK_TCP_SYN_RECEIVED)
        return plan;
    if (tcb->dup_acks_owed != 0) {
        plan.kind = TCP_PLAN_DUP_ACK;
        return plan;
    }
    if (tcb_synchronized(tcb)) {
        if ((tcb->flags & TCB_RESEND) && tcb->snd_una != tcb->snd_nxt)
            return plan_resend_head(tcp, tcb);
        struct tcp_plan data = plan_data(tcp, tcb);
        if (data.kind != TCP_PLAN_NOTHING)
            return data;
        if (tcb->flags & TCB_PROBE_OWED)
            return plan_probe(tcp, tcb);
    }
    if (tcb->flags & TCB_KEEP_OWED) { /* RFC 9293 3.8.4: SEG.SEQ = SND.NXT - 1, no data */
        plan.kind = TCP_PLAN_KEEPALIVE;
        plan.seq = seq_sub(tcb->snd_nxt, 1);
    } else if (tcb->flags & TCB_ACK_NOW) {
        plan.kind = TCP_PLAN_ACK;
    }
    return plan;
}

/* ---- sending ------------------------------------------------------------------------------------------------- */

/* The window field, and the right edge it promises. */
static uint16_t window_field(const struct lk_tcp_stack *tcp, const struct tcb *tcb, bool syn, uint32_t *edge)
{
    struct tcp_receive_window w = tcp_receive_window(tcp, tcb);
    if (syn)
        w.shift = 0; /* RFC 7323 2.2: the window of a SYN is never scaled */
    uint32_t field = tcp_window_offer(&w) >> w.shift;
    if (field > UINT16_MAX)
        field = UINT16_MAX;
    *edge = seq_max(tcb->rcv_adv, seq_add(tcb->rcv_nxt, field << w.shift));
    return (uint16_t)field;
}

static uint8_t control_bits(const struct lk_tcp_stack *tcp, const struct tcb *tcb, const struct tcp_plan *plan)
{
    if (plan->kind == TCP_PLAN_SYN)
        return tcb->state == LK_TCP_SYN_SENT ? LK_TCP_SYN : LK_TCP_SYN | LK_TCP_ACK;
    uint8_t control = LK_TCP_ACK; /* RFC 9293 3.1: always once the connection is established */
    if (plan->fin)
        control |= LK_TCP_FIN;
    bool last = plan->len != 0 && seq_add(plan->seq, plan->len) == tcp_stream_end(tcp, tcb);
    if (last && tcp->config.psh_on_last)
        control |= LK_TCP_PSH; /* RFC 9293 3.9.1.2, MUST-61 */
    return control;
}

/* Writes a whole segment to out->bytes, its payload out of the send ring. The length, or LK_E_NOSPACE. */
static int write_segment(const struct lk_tcp_stack *tcp, const struct tcb *tcb, const struct tcp_plan *plan, struct lk_tcp *segment, struct lk_ip_out *out)
{
    uint32_t header = LK_TCP_HEADER + (uint32_t)segment->options_len;
    out->len = header + plan->len;
    if (out->len > out->cap)
        return LK_E_NOSPACE;
    if (plan->len != 0)
        tcp_buffer_read(tcp, tcb->active, TCP_RING_SEND, seq_distance(plan->seq, tcb->snd_una), out->bytes + header, plan->len);
    segment->payload = out->bytes + header;
    segment->payload_len = plan->len;
    uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_addr_ip4(&out->src), lk_addr_ip4(&out->dst), LK_TCP, (uint16_t)out->len);
    return lk_tcp_emit_summed(segment, pseudo, out->bytes, out->cap);
}

/* The plan's octets have left. */
static void sent_sequence(const struct lk_tcp_context *context, struct tcb *tcb, const struct tcp_plan *plan)
{
    struct active *a = tcb_active(context->tcp, tcb);
    uint32_t end = seq_add(plan->seq, plan->len + (plan->fin ? 1u : 0u));
    bool again = seq_lt(plan->seq, tcb->snd_nxt);
    if (again) {
        tcb->resent_segments++;
        tcb->resent_bytes += plan->len;
    }
    if (a != NULL) {
        if (again)
            a->timing = 0; /* RFC 6298 3, Karn */
        if (plan->kind == TCP_PLAN_RESEND)
            a->board.high_rxt = seq_max(a->board.high_rxt, end);
        if (plan->kind == TCP_PLAN_DATA && !a->timing) {
            a->timing = 1;
            a->timed_seq = end;
            a->timed_at = context->now;
        }
        if (plan->kind == TCP_PLAN_DATA && a->phase == TCP_OPEN && a->dup_acks != 0)
            a->limited += plan->len;
    }
    tcb->snd_nxt = seq_max(tcb->snd_nxt, end);
    tcb->last_sent = context->now;
    if (again && plan->seq == tcb->snd_una && plan->kind != TCP_PLAN_PROBE)
        tcp_rto_restart(context, tcb); /* RFC 6298 5: never resent less than one RTO after it was sent last, whatever resent it */
    else if (plan->kind != TCP_PLAN_PROBE)
        tcp_rto_start(context, tcb); /* RFC 6298 5.1 */
}

/* Notes that the segment of a plan has left: what was owed is paid, timers run. */
static void sent(const struct lk_tcp_context *context, struct tcb *tcb, const struct tcp_plan *plan)
{
    struct active *a = tcb_active(context->tcp, tcb);
    tcb->segments_out++;
    if (plan->kind == TCP_PLAN_DUP_ACK)
        tcb->dup_acks_owed--;
    else
        tcb->flags &= ~(uint32_t)TCB_ACK_NOW;
    tcb->last_ack_sent = tcb->rcv_nxt;
    if (a != NULL) {
        a->ack_deadline = LK_NEVER; /* it rides along */
        a->dsack_left = a->dsack_right;
    }
    switch (plan->kind) {
    case TCP_PLAN_SYN:
        tcb->flags &= ~(uint32_t)TCB_SYN_OWED;
        if (tcb->snd_nxt != tcb->iss)
            tcb->resent_segments++;
        tcb->snd_nxt = seq_add(tcb->iss, 1);
        tcb->last_sent = context->now;
        tcp_rto_restart(context, tcb); /* RFC 6298 5: also when the peer's SYN came again and asked for it */
        break;
    case TCP_PLAN_RESEND: tcb->flags &= ~(uint32_t)TCB_RESEND; sent_sequence(context, tcb, plan); break;
    case TCP_PLAN_DATA:
    case TCP_PLAN_PROBE: tcb->flags &= ~(uint32_t)TCB_PROBE_OWED; sent_sequence(context, tcb, plan); break;
    case TCP_PLAN_KEEPALIVE: tcb->flags &= ~(uint32_t)TCB_KEEP_OWED; break;
    default: break;
    }
}

static int send_plan(const struct lk_tcp_context *context, struct tcb *tcb, const struct tcp_plan *plan, struct lk_ip_out *out)
{
    struct lk_tcp_stack *tcp = context->tcp;
    const struct common *common = tcp_common(tcp, tcb);
    bool syn = plan->kind == TCP_PLAN_SYN;
    uint8_t options[LK_TCP_OPTIONS_MAX];
    uint32_t edge;
    struct lk_tcp segment = {
        .source_port = tcb->local_port,
        .destination_port = tcb->remote_port,
        .sequence_number = plan->seq,
        .control = control_bits(tcp, tcb, plan),
        .window = window_field(tcp, tcb, syn, &edge),
        .options = options,
    };
    if (segment.control & LK_TCP_ACK)
        segment.acknowledgment_number = tcb->rcv_nxt;
    segment.options_len = syn ? tcp_syn_options(tcp, tcb, context->now, options) : tcp_options(tcp, tcb, context->now, options);
    out->src = common->local;
    out->dst = tcb->remote;
    out->tos = common->tos;
    out->ttl = common->ttl;
    out->df = 1;
    out->iface = common->iface;
    out->protocol = LK_TCP;
    int n = write_segment(tcp, tcb, plan, &segment, out);
    if (n <= 0)
        return n;
    tcb->rcv_adv = edge;
    sent(context, tcb, plan);
    tcb_settle(context, tcb);
    return n;
}

static int send_reset(struct lk_tcp_stack *tcp, const struct reset *reset, struct lk_ip_out *out)
{
    struct lk_tcp segment = {
        .source_port = reset->local_port,
        .destination_port = reset->remote_port,
        .sequence_number = reset->seq,
        .acknowledgment_number = reset->ack,
        .control = reset->control,
    };
    out->src = reset->local;
    out->dst = reset->remote;
    out->tos = reset->tos;
    out->ttl = 0;
    out->df = 1;
    out->iface = reset->iface;
    out->protocol = LK_TCP;
    out->len = LK_TCP_HEADER;
    if (out->cap < LK_TCP_HEADER)
        return LK_E_NOSPACE;
    uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_addr_ip4(&out->src), lk_addr_ip4(&out->dst), LK_TCP, LK_TCP_HEADER);
    int n = lk_tcp_emit_summed(&segment, pseudo, out->bytes, out->cap);
    tcp_reset_pop(tcp);
    return n;
}

/* The next connection in turn that may send by `iface`; NULL. */
static struct tcb *next_ready(struct lk_tcp_stack *tcp, uint32_t iface)
{
    if (iface != LK_ANY) {
        uint32_t i = tcp->ready[iface % TCP_READY_LISTS].head;
        return i != LK_NONE && tcp_common(tcp, tcb_at(tcp, i))->iface == iface ? tcb_at(tcp, i) : NULL;
    }
    for (uint32_t tries = 0; tries < TCP_READY_LISTS; tries++) {
        tcp->ready_turn = (tcp->ready_turn + 1) % TCP_READY_LISTS;
        if (tcp->ready[tcp->ready_turn].head != LK_NONE)
            return tcb_at(tcp, tcp->ready[tcp->ready_turn].head);
    }
    return NULL;
}

int lk_tcp_output(const struct lk_tcp_context *context, struct lk_ip_out *out)
{
    struct lk_tcp_stack *tcp = context->tcp;
    const struct reset *reset = tcp_reset_peek(tcp, out->iface);
    if (reset != NULL)
        return send_reset(tcp, reset, out);
    struct tcb *tcb = next_ready(tcp, out->iface);
    if (tcb == NULL)
        return 0;
    struct tcp_plan plan = tcp_plan(tcp, tcb);
    lk_assert(plan.kind != TCP_PLAN_NOTHING); /* tcb_settle() lists exactly those that have something to send */
    int n = send_plan(context, tcb, &plan, out);
    if (n > 0 && (tcb->flags & TCB_READY)) { /* connections take turns */
        tcp_ready_remove(tcp, tcb);
        tcp_ready_append(tcp, tcb);
    }
    return n;
}

bool lk_tcp_has_output(const struct lk_tcp_stack *tcp, uint32_t iface)
{
    if (tcp->reset_count != 0 && tcp_reset_peek(tcp, iface) != NULL)
        return true;
    if (iface == LK_ANY)
        return tcp->ready_count != 0;
    uint32_t i = tcp->ready[iface % TCP_READY_LISTS].head;
    return i != LK_NONE && tcp_common(tcp, tcb_at(tcp, i))->iface == iface;
}
