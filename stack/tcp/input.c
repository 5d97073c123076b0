/* SEGMENT ARRIVES (RFC 9293 3.10.7): from bytes to the connection it belongs to. */
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/tcp/arrival.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/options.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/timers.h"
#include "stack/wire/checksum.h"

#define RCV_MSS 536 /* size the peer's full segments are taken to have until larger ones came */

void tcp_owe_duplicate_ack(struct tcb *tcb)
{
    if (tcb->dup_acks_owed < UINT16_MAX)
        tcb->dup_acks_owed++;
}

enum lk_rx tcp_challenge(const struct lk_tcp_context *context, struct tcb *tcb)
{
    const struct lk_tcp_config *config = &context->tcp->config;
    uint32_t now = tcp_milliseconds(context->now);
    if ((lk_time)seq_distance(now, tcb->challenge_from) * LK_MILLISECOND >= config->challenge_window || tcb->challenge_count == 0) {
        tcb->challenge_from = now;
        tcb->challenge_count = 0;
    }
    if (tcb->challenge_count >= config->challenge_limit || tcb->challenge_count == UINT8_MAX) {
        context->tcp->counters.challenge_throttled++;
        return LK_RX_CHALLENGE;
    }
    tcb->challenge_count++;
    tcp_owe_duplicate_ack(tcb);
    return LK_RX_CHALLENGE;
}

bool tcp_sample_timestamp(const struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!(tcb->flags & TCB_TIMESTAMPS) || !tcp_has(a, LK_TCP_OPT_TIMESTAMPS))
        return false;
    int64_t ms = seq_diff(tcp_timestamp(tcb, a->context->now), a->options.ts_ecr);
    if (ms < 0)
        return false;
    tcp_rtt_sample(&tcb->rtt, (ms > 0 ? ms : 1) * LK_MILLISECOND); /* shorter than a tick: one tick */
    return true;
}

void tcp_establish(const struct lk_tcp_context *context, struct tcb *tcb)
{
    struct active *a = tcb_active(context->tcp, tcb);
    bool lost = tcb->flags & TCB_SYN_LOST;
    tcp_rto_stop(tcb);
    tcb->backoff = 0; /* RFC 6298 5.7 has a rule of its own for a lost SYN */
    tcb->flags &= ~(uint32_t)TCB_GIVE_UP;
    uint16_t announced = tcp_announced_mss(context->tcp, tcb);
    tcb->rcv_mss = announced < RCV_MSS ? announced : RCV_MSS;
    tcb->cc = (struct tcp_congestion){.ssthresh = UINT32_MAX};
    tcb->cc.cwnd = tcp_congestion_initial(&context->tcp->config, tcp_smss(tcb), lost);
    if (a != NULL) /* data was queued before */
        tcp_sack_init(&a->board, tcb->snd_una);
    tcb_enter(context, tcb, tcb->flags & TCB_FIN_QUEUED ? LK_TCP_FIN_WAIT_1 : LK_TCP_ESTABLISHED);
}

enum lk_rx tcp_arrives_closed(struct tcp_arrival *a)
{
    if (a->control & LK_TCP_RST)
        return LK_RX_DROP_TCP_RST;
    tcp_reset_segment(a->context->tcp, a->in, &a->segment);
    return LK_RX_RESET_SENT;
}

/* Header, checksum, options. ACCEPTED, or why the segment is dropped. */
static enum lk_rx read_segment(struct tcp_arrival *a)
{
    const struct lk_ip_in *in = a->in;
    if (lk_tcp_parse(in->bytes, in->len, &a->segment) < 0)
        return LK_RX_DROP_TCP_HEADER;
    if (!(in->flags & LK_IP_CSUM_VERIFIED)) {
        uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_addr_ip4(&in->src), lk_addr_ip4(&in->dst), LK_TCP, (uint16_t)in->len);
        if (!lk_tcp_checksum_ok(in->bytes, in->len, pseudo))
            return LK_RX_DROP_TCP_CHECKSUM; /* RFC 9293 MUST-3 */
    }
    if (lk_tcp_options_parse(a->segment.options, a->segment.options_len, &a->options) < 0)
        return LK_RX_DROP_TCP_HEADER; /* RFC 9293 MUST-7: an illegal length must do no harm */
    if (a->segment.source_port == 0 || a->segment.destination_port == 0)
        return LK_RX_DROP_TCP_HEADER; /* nobody can be answered there */
    a->seq = a->segment.sequence_number;
    a->ack = a->segment.acknowledgment_number;
    a->len = lk_tcp_segment_length(&a->segment);
    a->wnd = a->segment.window;
    a->text = a->segment.payload;
    a->text_len = (uint32_t)a->segment.payload_len;
    a->control = a->segment.control;
    return LK_RX_ACCEPTED;
}

static enum lk_rx by_state(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    tcb->segments_in++;
    if (!(a->control & LK_TCP_SYN))
        a->wnd <<= tcb_snd_wscale(tcb); /* RFC 7323 2.3 */
    switch (tcb->state) {
    case LK_TCP_SYN_SENT: return tcp_arrives_syn_sent(a);
    case LK_TCP_TIME_WAIT: return tcp_arrives_time_wait(a);
    default: return tcp_arrives_otherwise(a);
    }
}

enum lk_rx lk_tcp_input(const struct lk_tcp_context *context, const struct lk_ip_in *in)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcp_arrival a = {.context = context, .in = in};
    enum lk_rx read = read_segment(&a);
    if (read != LK_RX_ACCEPTED)
        return read;
    if (in->flags & (LK_IP_BROADCAST | LK_IP_MULTICAST))
        return LK_RX_DROP_TCP_SYN; /* RFC 9293 MUST-57 */
    struct tcp_tuple tuple = {in->dst, in->src, a.segment.destination_port, a.segment.source_port};
    a.tcb = tcp_demux_tuple(tcp, &tuple);
    if (a.tcb != NULL) {
        a.result = by_state(&a);
        if (a.tcb != NULL)
            tcb_settle(context, a.tcb);
        return a.result;
    }
    a.tcb = tcp_demux_listener(tcp, &in->dst, a.segment.destination_port, in->iface);
    return a.tcb != NULL ? tcp_arrives_listen(&a, NULL) : tcp_arrives_closed(&a);
}
