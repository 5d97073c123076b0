#include "stack/tcp/tcb.h"
#include "stack/base/check.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/listener.h"
#include "stack/tcp/output.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/timers.h"

uint32_t tcb_index(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const uint8_t *first = (const uint8_t *)lk_pool_at(&tcp->tcbs, 0);
    return (uint32_t)((size_t)((const uint8_t *)tcb - first) / tcp->tcbs.stride);
}

/* ---- lists --------------------------------------------------------------------------------------------------- */

void tcp_list_append(struct lk_tcp_stack *tcp, struct tcp_list *list, struct tcb *tcb)
{
    uint32_t index = tcb_index(tcp, tcb);
    tcb->list_next = LK_NONE;
    tcb->list_prev = list->tail;
    if (list->tail == LK_NONE)
        list->head = index;
    else
        tcb_at(tcp, list->tail)->list_next = index;
    list->tail = index;
}

void tcp_list_remove(struct lk_tcp_stack *tcp, struct tcp_list *list, struct tcb *tcb)
{
    if (tcb->list_prev == LK_NONE)
        list->head = tcb->list_next;
    else
        tcb_at(tcp, tcb->list_prev)->list_next = tcb->list_next;
    if (tcb->list_next == LK_NONE)
        list->tail = tcb->list_prev;
    else
        tcb_at(tcp, tcb->list_next)->list_prev = tcb->list_prev;
    tcb->list_next = LK_NONE;
    tcb->list_prev = LK_NONE;
}

static struct tcp_list *ready_list(struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    return &tcp->ready[tcp_common(tcp, tcb)->iface % TCP_READY_LISTS];
}

void tcp_ready_append(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    struct tcp_list *list = ready_list(tcp, tcb);
    uint32_t index = tcb_index(tcp, tcb);
    tcb->flags |= TCB_READY;
    tcb->ready_next = LK_NONE;
    tcb->ready_prev = list->tail;
    if (list->tail == LK_NONE)
        list->head = index;
    else
        tcb_at(tcp, list->tail)->ready_next = index;
    list->tail = index;
    tcp->ready_count++;
}

void tcp_ready_remove(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    struct tcp_list *list = ready_list(tcp, tcb);
    if (tcb->ready_prev == LK_NONE)
        list->head = tcb->ready_next;
    else
        tcb_at(tcp, tcb->ready_prev)->ready_next = tcb->ready_next;
    if (tcb->ready_next == LK_NONE)
        list->tail = tcb->ready_prev;
    else
        tcb_at(tcp, tcb->ready_next)->ready_prev = tcb->ready_prev;
    tcb->ready_next = LK_NONE;
    tcb->ready_prev = LK_NONE;
    tcb->flags &= ~(uint32_t)TCB_READY;
    tcp->ready_count--;
}

static void event_append(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    uint32_t index = tcb_index(tcp, tcb);
    tcp->events_queued++;
    tcb->flags |= TCB_EVENT;
    tcb->event_next = LK_NONE;
    tcb->event_prev = tcp->events.tail;
    if (tcp->events.tail == LK_NONE)
        tcp->events.head = index;
    else
        tcb_at(tcp, tcp->events.tail)->event_next = index;
    tcp->events.tail = index;
}

static void event_remove(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    if (tcb->event_prev == LK_NONE)
        tcp->events.head = tcb->event_next;
    else
        tcb_at(tcp, tcb->event_prev)->event_next = tcb->event_next;
    if (tcb->event_next == LK_NONE)
        tcp->events.tail = tcb->event_prev;
    else
        tcb_at(tcp, tcb->event_next)->event_prev = tcb->event_prev;
    tcb->event_next = LK_NONE;
    tcb->event_prev = LK_NONE;
    tcb->flags &= ~(uint32_t)TCB_EVENT;
    tcp->events_gone++;
}

void lk_tcp_event_counts(const struct lk_tcp_stack *tcp, uint64_t *queued, uint64_t *gone)
{
    *queued = tcp->events_queued;
    *gone = tcp->events_gone;
}

bool lk_tcp_event(const struct lk_tcp_context *context, lk_socket *out, uint32_t *bits)
{
    struct lk_tcp_stack *tcp = context->tcp;
    if (tcp->events.head == LK_NONE)
        return false;
    struct tcb *tcb = tcb_at(tcp, tcp->events.head);
    event_remove(tcp, tcb);
    tcb->bits = (uint16_t)tcb_bits(tcp, tcb);
    *bits = tcb->bits;
    *out = tcb_handle(tcp, tcb);
    return true;
}

/* ---- taking and giving back ---------------------------------------------------------------------------------- */

static void set_defaults(const struct lk_tcp_config *config, struct tcb *tcb)
{
    tcb->rto_deadline = LK_NEVER;
    tcb->idle_deadline = LK_NEVER;
    tcb->active = LK_NONE;
    tcb->listener = LK_NONE;
    tcb->hash_next = LK_NONE;
    tcb->list_next = LK_NONE;
    tcb->list_prev = LK_NONE;
    tcb->ready_next = LK_NONE;
    tcb->ready_prev = LK_NONE;
    tcb->event_next = LK_NONE;
    tcb->event_prev = LK_NONE;
    tcb->quick_acks = config->quick_acks;
    tcb->cc.ssthresh = UINT32_MAX;
}

struct tcb *tcb_take(const struct lk_tcp_context *context)
{
    struct lk_tcp_stack *tcp = context->tcp;
    uint32_t index = lk_pool_take(&tcp->tcbs);
    if (index == LK_NONE && tcp->time_wait.head != LK_NONE) {
        tcp->counters.time_wait_recycled++;
        tcb_free(context, tcb_at(tcp, tcp->time_wait.head));
        index = lk_pool_take(&tcp->tcbs);
    }
    if (index == LK_NONE)
        return NULL;
    struct tcb *tcb = tcb_at(tcp, index);
    set_defaults(&tcp->config, tcb);
    tcp_common_join(tcp, tcb);
    return tcb;
}

static void fold(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    if (tcb->active == LK_NONE)
        return;
    struct active *a = active_at(tcp, tcb->active);
    tcp_ranges_clear(&tcp->arrived, &a->arrived);
    tcp_ranges_clear(&tcp->sacked, &a->board.sacked);
    tcp_buffer_wipe(tcp, tcb->active);
    tcp_buffer_close(tcp, tcb->active);
    lk_pool_give(&tcp->actives, tcb->active);
    tcb->active = LK_NONE;
}

/* Out of whatever list and table it is in. A listener that loses a child is settled. */
static void leave_lists(const struct lk_tcp_context *context, struct tcb *tcb)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *listening = tcb->flags & TCB_CHILD ? tcb_at(tcp, tcb->listener) : NULL;
    if (tcb->state == LK_TCP_TIME_WAIT && (tcb->flags & TCB_ORPHAN))
        tcp_list_remove(tcp, &tcp->time_wait, tcb);
    if (tcb->flags & TCB_CHILD)
        tcp_listener_disown(tcp, tcb);
    if (tcb->flags & TCB_READY)
        tcp_ready_remove(tcp, tcb);
    tcp_demux_remove(tcp, tcb);
    if (listening != NULL)
        tcb_settle(context, listening);
}

void tcb_free(const struct lk_tcp_context *context, struct tcb *tcb)
{
    struct lk_tcp_stack *tcp = context->tcp;
    uint32_t index = tcb_index(tcp, tcb);
    leave_lists(context, tcb);
    fold(tcp, tcb);
    if (tcb->flags & TCB_EVENT)
        event_remove(tcp, tcb);
    tcp_common_leave(tcp, tcb);
    lk_wheel_cancel(context->wheel, tcp->node_base + index);
    uint32_t *generation = &tcp_table(tcp, tcp->generations)[index];
    *generation = *generation == UINT32_MAX ? 1 : *generation + 1;
    lk_pool_give(&tcp->tcbs, index);
}

/* The streams ended in order: what was received stays until it is read. */
static void keep_unread(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    struct active *a = tcb_active(tcp, tcb);
    if (a == NULL)
        return;
    tcp_ranges_clear(&tcp->arrived, &a->arrived);
    tcp_ranges_clear(&tcp->sacked, &a->board.sacked);
    tcp_buffer_drop(tcp, tcb->active, TCP_RING_SEND, a->snd_len);
    a->ack_deadline = LK_NEVER;
    a->dsack_left = a->dsack_right;
    a->fin_seen = 0;
    a->phase = TCP_OPEN;
    a->reserved = 0;
    tcb->snd_nxt = tcb->snd_una;
}

bool tcb_end(const struct lk_tcp_context *context, struct tcb *tcb, int error)
{
    if (tcb->flags & (TCB_CHILD | TCB_ORPHAN)) {
        tcb_free(context, tcb);
        return false;
    }
    leave_lists(context, tcb);
    if (error != 0)
        fold(context->tcp, tcb); /* RFC 9293 3.10.7.4: all queues are flushed */
    else
        keep_unread(context->tcp, tcb);
    tcb->state = LK_TCP_CLOSED;
    tcb->rto_deadline = LK_NEVER;
    tcb->idle_deadline = LK_NEVER;
    tcb->dup_acks_owed = 0;
    tcb->flags &= ~(uint32_t)(TCB_ACK_NOW | TCB_SYN_OWED | TCB_PROBE_OWED | TCB_KEEP_OWED | TCB_PERSIST | TCB_RESEND | TCB_GIVE_UP);
    tcb->flags |= TCB_ENDED;
    if (error != 0)
        tcb->pending = (uint8_t)(-500 - error);
    tcb_settle(context, tcb);
    return true;
}

struct active *tcb_activate(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    if (tcb->active != LK_NONE)
        return active_at(tcp, tcb->active);
    uint32_t index = lk_pool_take(&tcp->actives);
    if (index == LK_NONE)
        return NULL;
    tcp_buffer_open(tcp, index);
    tcb->active = index;
    struct active *a = active_at(tcp, index);
    a->ack_deadline = LK_NEVER;
    tcp_ranges_init(&a->arrived);
    tcp_sack_init(&a->board, tcb->snd_una);
    a->recover = seq_sub(tcb->snd_una, 1);
    return a;
}

void tcb_orphan(const struct lk_tcp_context *context, struct tcb *tcb)
{
    tcb->flags |= TCB_ORPHAN;
    if (tcb->flags & TCB_EVENT)
        event_remove(context->tcp, tcb);
    if (tcb->state == LK_TCP_TIME_WAIT)
        tcp_list_append(context->tcp, &context->tcp->time_wait, tcb);
    else if (tcb->state == LK_TCP_FIN_WAIT_2)
        tcp_idle_restart(context, tcb);
    tcb_settle(context, tcb);
}

/* ---- handles ------------------------------------------------------------------------------------------------- */

lk_socket tcb_handle(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    uint32_t index = tcb_index(tcp, tcb);
    return (uint64_t)tcp_table(tcp, tcp->generations)[index] << 32 | LK_SOCKET_TCP | index;
}

struct tcb *tcb_find(const struct lk_tcp_stack *tcp, lk_socket s)
{
    uint32_t index = (uint32_t)s & ~LK_SOCKET_TCP;
    if (((uint32_t)s & LK_SOCKET_TCP) == 0 || !lk_pool_taken(&tcp->tcbs, index))
        return NULL;
    if (tcp_table(tcp, tcp->generations)[index] != (uint32_t)(s >> 32))
        return NULL;
    struct tcb *tcb = tcb_at(tcp, index);
    return tcb->flags & (TCB_CHILD | TCB_ORPHAN) ? NULL : tcb;
}

/* ---- state --------------------------------------------------------------------------------------------------- */

void tcb_enter(const struct lk_tcp_context *context, struct tcb *tcb, enum lk_tcp_state state)
{
    tcb->state = (uint8_t)state;
    if (state == LK_TCP_TIME_WAIT) {
        tcp_rto_stop(tcb); /* RFC 9293 3.10.7.4: "turn off the other timers" */
        if (tcb->flags & TCB_ORPHAN)
            tcp_list_append(context->tcp, &context->tcp->time_wait, tcb);
    }
    if (!(tcb->flags & TCB_GIVE_UP) || state == LK_TCP_TIME_WAIT) /* R2 goes on while something is unanswered */
        tcp_idle_restart(context, tcb);
}

static uint32_t stream_bits(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    uint32_t unread = a != NULL ? a->rcv_len : 0;
    uint32_t unacked = a != NULL ? a->snd_len : 0;
    uint32_t bits = tcb_synchronized(tcb) ? LK_SOCK_CONNECTED : 0;
    if (unread != 0 || (tcb->flags & (TCB_FIN_RCVD | TCB_ENDED)))
        bits |= LK_SOCK_READABLE;
    bool may_send = tcb->state == LK_TCP_ESTABLISHED || tcb->state == LK_TCP_CLOSE_WAIT;
    if (may_send && unacked < tcp_common(tcp, tcb)->snd_buf)
        bits |= LK_SOCK_WRITABLE;
    if (tcb->flags & TCB_FIN_RCVD)
        bits |= LK_SOCK_PEER_CLOSED;
    if (tcb_synchronized(tcb) && unacked == 0 && !tcp_fin_pending(tcb))
        bits |= LK_SOCK_ALL_ACKED;
    if (a != NULL && a->urgent)
        bits |= LK_SOCK_URGENT;
    return bits;
}

uint32_t tcb_bits(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    uint32_t bits = stream_bits(tcp, tcb);
    if (tcb->state == LK_TCP_LISTEN)
        return listener_at(tcp, tcb->listener)->ready != 0 ? LK_SOCK_ACCEPTABLE : 0;
    if (tcb->pending != 0)
        bits |= LK_SOCK_ERROR;
    if (tcb->flags & TCB_ENDED)
        bits |= LK_SOCK_CLOSED;
    if (tcb->flags & TCB_SOFT_ERROR)
        bits |= LK_SOCK_SOFT_ERROR;
    return bits;
}

/* Nothing in the active record is worth keeping. */
static bool foldable(const struct tcb *tcb, const struct active *a)
{
    return a->snd_len == 0 && a->rcv_len == 0 && a->arrived.count == 0 && a->ack_deadline == LK_NEVER && !a->urgent && !a->reserved &&
           a->dsack_left == a->dsack_right && tcb->snd_una == tcb->snd_nxt && !a->fin_seen && a->phase == TCP_OPEN;
}

void tcb_settle(const struct lk_tcp_context *context, struct tcb *tcb)
{
    struct lk_tcp_stack *tcp = context->tcp;
    const struct active *a = tcb_active(tcp, tcb);
    if (a != NULL && foldable(tcb, a))
        fold(tcp, tcb);
    bool wants = tcb->state > LK_TCP_LISTEN && tcp_plan(tcp, tcb).kind != TCP_PLAN_NOTHING;
    if (wants && !(tcb->flags & TCB_READY))
        tcp_ready_append(tcp, tcb);
    else if (!wants && (tcb->flags & TCB_READY))
        tcp_ready_remove(tcp, tcb);
    bool blocked = !wants && tcb_synchronized(tcb) && tcb->snd_una == tcb->snd_nxt && tcp_unsent(tcp, tcb) != 0;
    if (blocked && tcb->rto_deadline == LK_NEVER)
        tcp_persist_start(context, tcb);
    tcp_timers_arm(context, tcb);
    bool held = (tcb->flags & (TCB_CHILD | TCB_ORPHAN)) == 0;
    if (held && !(tcb->flags & TCB_EVENT) && tcb_bits(tcp, tcb) != tcb->bits)
        event_append(tcp, tcb);
}
