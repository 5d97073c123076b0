#include "stack/tcp/timers.h"
#include "stack/tcp/output.h"
#include "stack/tcp/recovery.h"
#include "stack/tcp/reset.h"

uint32_t tcp_seconds(lk_time now)
{
    return (uint32_t)(uint64_t)(now / LK_SECOND);
}

lk_time tcp_rto(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    bool lost = (tcb->flags & TCB_SYN_LOST) && tcb_synchronized(tcb);
    return tcp_rtt_rto(&tcb->rtt, &tcp->config, lost, tcb->backoff);
}

void tcp_rto_restart(const struct lk_tcp_context *context, struct tcb *tcb)
{
    tcb->flags &= ~(uint32_t)TCB_PERSIST;
    tcb->rto_deadline = lk_time_add(context->now, tcp_rto(context->tcp, tcb));
}

void tcp_rto_start(const struct lk_tcp_context *context, struct tcb *tcb)
{
    if (tcb->rto_deadline == LK_NEVER || (tcb->flags & TCB_PERSIST))
        tcp_rto_restart(context, tcb);
}

void tcp_rto_stop(struct tcb *tcb)
{
    tcb->flags &= ~(uint32_t)TCB_PERSIST;
    tcb->rto_deadline = LK_NEVER;
    tcb->retransmits = 0;
}

/* Interval to the next window probe (RFC 9293 3.8.6.1, MUST-36 and SHLD-29, SHLD-30). */
static lk_time persist_interval(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    lk_time interval = tcp_rto(tcp, tcb);
    if (interval < tcp->config.persist_min)
        interval = tcp->config.persist_min;
    return lk_time_min(interval, tcp->config.persist_max);
}

void tcp_persist_start(const struct lk_tcp_context *context, struct tcb *tcb)
{
    tcb->flags |= TCB_PERSIST;
    tcb->backoff = 0;
    tcb->rto_deadline = lk_time_add(context->now, persist_interval(context->tcp, tcb));
}

static lk_time milliseconds(uint32_t n)
{
    return n == UINT32_MAX ? LK_NEVER : (lk_time)n * LK_MILLISECOND;
}

/* How long the connection may stay as it is without being heard; LK_NEVER. */
static lk_time idle_allowance(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    if (tcb->state == LK_TCP_TIME_WAIT)
        return 2 * tcp->config.msl;
    if (tcb->state == LK_TCP_FIN_WAIT_2 && (tcb->flags & TCB_ORPHAN))
        return tcp->config.fin_wait_2;
    if ((tcb->flags & TCB_KEEPALIVE) && tcb_synchronized(tcb))
        return milliseconds(tcp_common(tcp, tcb)->keep_idle);
    return LK_NEVER;
}

void tcp_idle_restart(const struct lk_tcp_context *context, struct tcb *tcb)
{
    tcb->flags &= ~(uint32_t)TCB_GIVE_UP;
    tcb->keep_probes = 0;
    tcb->idle_deadline = lk_time_add(context->now, idle_allowance(context->tcp, tcb));
}

void tcp_timers_arm(const struct lk_tcp_context *context, const struct tcb *tcb)
{
    const struct active *a = tcb_active(context->tcp, tcb);
    lk_time deadline = lk_time_min(tcb->rto_deadline, tcb->idle_deadline);
    if (a != NULL)
        deadline = lk_time_min(deadline, a->ack_deadline);
    uint32_t node = context->tcp->node_base + tcb_index(context->tcp, tcb);
    if (lk_wheel_deadline_of(context->wheel, node) != deadline)
        lk_wheel_arm(context->wheel, node, deadline);
}

/* The connection is given up (RFC 9293 3.8.3 (c), 3.8.4). The peer is told if it may still know us. */
static void give_up(const struct lk_tcp_context *context, struct tcb *tcb)
{
    bool both_closed = tcb->state == LK_TCP_CLOSING || tcb->state == LK_TCP_LAST_ACK; /* RFC 9293 3.10.5: then it is only deleted */
    if (tcb_synchronized(tcb) && !both_closed)
        tcp_reset_connection(context->tcp, tcb);
    tcb_end(context, tcb, LK_E_TIMEDOUT);
}

/* Counts one more transmission without an answer; true: that was the last (RFC 9293 3.8.3: R1, R2; MUST-20, MUST-23). */
static bool too_many(const struct lk_tcp_context *context, struct tcb *tcb)
{
    const struct lk_tcp_config *config = &context->tcp->config;
    uint32_t limit = config->r2;
    uint32_t r2 = tcp_common(context->tcp, tcb)->r2;
    bool counted = r2 == 0;
    lk_time time = milliseconds(r2);
    if (!tcb_synchronized(tcb)) {
        limit = tcb->state == LK_TCP_SYN_SENT ? config->syn_retries : config->synack_retries;
        counted = config->syn_time == LK_NEVER;
        time = config->syn_time;
    }
    if (counted && tcb->retransmits >= limit)
        return true;
    if (!counted && time != LK_NEVER && tcb->retransmits == 0) {
        tcb->flags |= TCB_GIVE_UP;
        tcb->idle_deadline = lk_time_add(tcb->last_sent, time);
    }
    if (tcb->retransmits < UINT8_MAX)
        tcb->retransmits++;
    if (tcb->retransmits >= config->r1)
        tcb->flags |= TCB_SOFT_ERROR;
    return false;
}

static void rto_expired(const struct lk_tcp_context *context, struct tcb *tcb)
{
    if (too_many(context, tcb)) {
        give_up(context, tcb);
        return;
    }
    if (tcb->backoff < UINT8_MAX)
        tcb->backoff++;
    if (tcb->flags & TCB_PERSIST) {
        tcb->flags |= TCB_PROBE_OWED;
        tcb->rto_deadline = lk_time_add(context->now, persist_interval(context->tcp, tcb));
        return;
    }
    if (tcb->rto_count < UINT16_MAX)
        tcb->rto_count++;
    if (tcb_synchronized(tcb)) {
        tcp_recovery_timeout(context->tcp, tcb);
    } else {
        tcb->flags |= TCB_SYN_OWED | TCB_SYN_LOST;
    }
    tcp_rto_restart(context, tcb); /* RFC 6298 5.6 */
}

static void idle_expired(const struct lk_tcp_context *context, struct tcb *tcb)
{
    if (tcb->flags & TCB_GIVE_UP) {
        give_up(context, tcb);
    } else if (tcb->state == LK_TCP_TIME_WAIT || (tcb->state == LK_TCP_FIN_WAIT_2 && (tcb->flags & TCB_ORPHAN))) {
        tcb_end(context, tcb, 0);
    } else if (tcb->snd_una != tcb->snd_nxt || (tcb->flags & TCB_PERSIST)) { /* not idle: retransmission or probing decides */
        tcp_idle_restart(context, tcb);
    } else if (tcb->keep_probes >= tcp_common(context->tcp, tcb)->keep_count) { /* RFC 9293 3.8.4 */
        give_up(context, tcb);
    } else {
        tcb->keep_probes++;
        tcb->flags |= TCB_KEEP_OWED;
        tcb->idle_deadline = lk_time_add(context->now, milliseconds(tcp_common(context->tcp, tcb)->keep_interval));
    }
}

void lk_tcp_timer(const struct lk_tcp_context *context, uint32_t node)
{
    struct lk_tcp_stack *tcp = context->tcp;
    uint32_t index = node - tcp->node_base;
    if (!lk_pool_taken(&tcp->tcbs, index))
        return;
    struct tcb *tcb = tcb_at(tcp, index);
    struct active *a = tcb_active(tcp, tcb);
    if (a != NULL && a->ack_deadline <= context->now) {
        a->ack_deadline = LK_NEVER;
        tcb->flags |= TCB_ACK_NOW;
    }
    uint32_t generation = tcp_table(tcp, tcp->generations)[index];
    if (tcb->rto_deadline <= context->now)
        rto_expired(context, tcb);
    bool alive = tcp_table(tcp, tcp->generations)[index] == generation && tcb->state != LK_TCP_CLOSED;
    if (alive && tcb->idle_deadline <= context->now)
        idle_expired(context, tcb);
    if (tcp_table(tcp, tcp->generations)[index] == generation)
        tcb_settle(context, tcb);
}
