/* Looking inside: snapshots of a connection, all state as a digest, all invariants. */
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/output.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/timers.h"
#include "stack/tcp/window.h"

int lk_tcp_error(const struct lk_tcp_stack *tcp, lk_socket s)
{
    const struct tcb *tcb = tcb_find(tcp, s);
    return tcb != NULL ? tcb_error(tcb) : LK_E_BADF;
}

uint32_t lk_tcp_bits(const struct lk_tcp_stack *tcp, lk_socket s)
{
    const struct tcb *tcb = tcb_find(tcp, s);
    return tcb != NULL ? tcb_bits(tcp, tcb) : 0;
}

static void fill_info(const struct lk_tcp_stack *tcp, const struct tcb *tcb, struct lk_sock_info *out)
{
    const struct active *a = tcb_active(tcp, tcb);
    const struct common *common = tcp_common(tcp, tcb);
    *out = (struct lk_sock_info){
        .state = tcb->state,
        .local = {.address = common->local, .iface = common->iface, .port = tcb->local_port},
        .remote = {.address = tcb->remote, .iface = common->iface, .port = tcb->remote_port},
        .iss = tcb->iss, .irs = tcb->irs, .snd_una = tcb->snd_una, .snd_nxt = tcb->snd_nxt, .rcv_nxt = tcb->rcv_nxt,
        .snd_wnd = tcb->snd_wnd,
        .rcv_wnd = tcp_receive_window(tcp, tcb).offered,
        .cwnd = tcb->cc.cwnd, .ssthresh = tcb->cc.ssthresh,
        .flight = seq_distance(tcb->snd_nxt, tcb->snd_una),
        .snd_mss = tcb->snd_mss, .rcv_mss = tcb->rcv_mss,
        .srtt = tcb->rtt.srtt, .rttvar = tcb->rtt.rttvar, .rto = tcp_rto(tcp, tcb), .rto_deadline = tcb->rto_deadline,
        .unsent = tcp_unsent(tcp, tcb),
        .unread = a != NULL ? a->rcv_len : 0,
        .urgent = a != NULL && a->urgent ? seq_distance(a->rcv_up, seq_sub(tcb->rcv_nxt, a->rcv_len)) : 0,
        .retransmits = tcb->retransmits,
        .segments_out = tcb->segments_out, .segments_in = tcb->segments_in,
        .retransmitted_segments = tcb->resent_segments, .retransmitted_bytes = tcb->resent_bytes,
        .rto_count = tcb->rto_count, .fast_recoveries = tcb->recoveries,
        .snd_wscale = tcb_snd_wscale(tcb), .rcv_wscale = tcb_rcv_wscale(tcb),
        .timestamps = (tcb->flags & TCB_TIMESTAMPS) != 0, .sack = (tcb->flags & TCB_SACK) != 0,
        .wscale = (tcb->flags & TCB_WSCALE) != 0,
        .in_recovery = a != NULL && a->phase != TCP_OPEN,
    };
}

int lk_tcp_info(const struct lk_tcp_stack *tcp, lk_socket s, struct lk_sock_info *out)
{
    const struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    fill_info(tcp, tcb, out);
    return 0;
}

int lk_tcp_tuple_info(const struct lk_tcp_stack *tcp, const struct lk_endpoint *local, const struct lk_endpoint *remote, struct lk_sock_info *out)
{
    struct tcp_tuple tuple = {local->address, remote->address, local->port, remote->port};
    const struct tcb *tcb = tcp_demux_tuple(tcp, &tuple);
    if (tcb == NULL)
        return LK_E_NOTCONN;
    fill_info(tcp, tcb, out);
    return 0;
}

/* ---- digest -------------------------------------------------------------------------------------------------- */

static void digest_ranges(const struct lk_pool *pool, const struct tcp_ranges *list, struct lk_digest *d)
{
    lk_digest_add(d, list->count);
    for (uint32_t i = list->head; i != LK_NONE; i = tcp_range_at(pool, i)->next) {
        lk_digest_add(d, (uint64_t)tcp_range_at(pool, i)->left << 32 | tcp_range_at(pool, i)->right);
        lk_digest_add(d, tcp_range_at(pool, i)->stamp);
    }
}

static void digest_ring(const struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t len, struct lk_digest *d)
{
    uint32_t run;
    const uint8_t *bytes;
    for (uint32_t at = 0; at < len; at += run) {
        bytes = tcp_buffer_run(tcp, index, ring, at, len - at, &run);
        lk_digest_bytes(d, bytes, run);
    }
}

static void digest_active(const struct lk_tcp_stack *tcp, const struct tcb *tcb, struct lk_digest *d)
{
    const struct active *a = tcb_active(tcp, tcb);
    lk_digest_add(d, a != NULL);
    if (a == NULL)
        return;
    const uint64_t fields[] = {
        (uint64_t)a->ack_deadline, (uint64_t)a->timed_at, a->timed_seq, a->snd_head, a->snd_len, a->rcv_head, a->rcv_len, a->arrivals,
        a->fin_seq, a->rcv_up, a->dsack_left, a->dsack_right, a->board.high_rxt, a->board.lost, a->recover, a->limited, a->avoided, a->timing,
        a->fin_seen, a->urgent, a->phase, a->dup_acks, a->reserved,
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        lk_digest_add(d, fields[i]);
    digest_ranges(&tcp->arrived, &a->arrived, d);
    digest_ranges(&tcp->sacked, &a->board.sacked, d);
    digest_ring(tcp, tcb->active, TCP_RING_SEND, a->snd_len, d);
    digest_ring(tcp, tcb->active, TCP_RING_RECEIVE, a->rcv_len, d);
}

static void digest_common(const struct common *c, struct lk_digest *d)
{
    lk_digest_bytes(d, c->local.octet, 16);
    const uint64_t fields[] = {c->iface, c->snd_buf, c->rcv_buf, c->keep_idle, c->keep_interval, c->r2, c->mtu, c->user_mss, c->keep_count, c->tos, c->ttl};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        lk_digest_add(d, fields[i]);
}

static void digest_tcb(const struct lk_tcp_stack *tcp, const struct tcb *tcb, struct lk_digest *d)
{
    digest_common(tcp_common(tcp, tcb), d);
    lk_digest_bytes(d, tcb->remote.octet, 16);
    const uint64_t fields[] = {
        (uint64_t)tcb->rto_deadline, (uint64_t)tcb->idle_deadline, (uint64_t)tcb->last_sent, tcb->challenge_from,
        (uint64_t)tcb->rtt.srtt, (uint64_t)tcb->rtt.rttvar, tcb->iss, tcb->irs, tcb->snd_una, tcb->snd_nxt, tcb->snd_wnd, tcb->snd_wl1,
        tcb->snd_wl2, tcb->max_snd_wnd, tcb->rcv_nxt, tcb->rcv_adv, tcb->last_ack_sent, tcb->ts_recent, tcb->ts_offset,
        tcb->ts_recent_age, tcb->cc.cwnd, tcb->cc.ssthresh, tcb->common, tcb->listener,
        tcb->list_next, tcb->ready_next, tcb->event_next, tcb->flags,
        tcb->segments_in, tcb->segments_out, tcb->resent_segments, tcb->resent_bytes, tcb->local_port, tcb->remote_port,
        tcb->snd_mss, tcb->peer_mss, tcb->rcv_mss, tcb->dup_acks_owed, tcb->bits, tcb->pending,
        tcb->challenge_count, tcb->rto_count, tcb->recoveries, tcb->state, tcb->wscales, tcb->backoff,
        tcb->retransmits, tcb->keep_probes, tcb->quick_acks,
    };
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        lk_digest_add(d, fields[i]);
    digest_active(tcp, tcb, d);
    if (tcb->state != LK_TCP_LISTEN)
        return;
    const struct listener *l = listener_at(tcp, tcb->listener);
    const uint64_t queue[] = {l->backlog, l->waiting, l->ready, l->young.head, l->complete.head};
    for (size_t i = 0; i < sizeof queue / sizeof queue[0]; i++)
        lk_digest_add(d, queue[i]);
}

static void digest_reset(const struct reset *reset, struct lk_digest *d)
{
    lk_digest_bytes(d, reset->local.octet, 16);
    lk_digest_bytes(d, reset->remote.octet, 16);
    const uint64_t fields[] = {reset->iface, reset->seq, reset->ack, reset->local_port, reset->remote_port, reset->control, reset->tos};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++)
        lk_digest_add(d, fields[i]);
}

void lk_tcp_digest(const struct lk_tcp_stack *tcp, struct lk_digest *digest)
{
    lk_digest_add(digest, tcp->tcbs.in_use);
    for (uint32_t i = 0; i < tcp->tcbs.capacity && i < tcp->tcbs.fresh; i++) {
        lk_digest_add(digest, tcp_table(tcp, tcp->generations)[i]);
        if (lk_pool_taken(&tcp->tcbs, i))
            digest_tcb(tcp, tcb_at(tcp, i), digest);
    }
    lk_digest_add(digest, tcp->reset_count);
    for (uint32_t i = 0; i < tcp->reset_count; i++)
        digest_reset(tcp_reset_at(tcp, i), digest);
    lk_digest_add(digest, tcp->port_counter);
    lk_digest_add(digest, tcp->ready_turn);
    lk_digest_add(digest, tcp->time_wait.head);
    lk_digest_add(digest, tcp->events.head);
}
