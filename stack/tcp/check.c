/* Every invariant of TCP's state, one predicate each, with a name. Linear in the tables; for tests and fuzzing. */
#include "stack/base/seq.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/output.h"

typedef bool tcb_predicate(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb);

static bool state_known(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    (void)tcp;
    (void)wheel;
    return tcb->state < LK_TCP_STATES && !((tcb->flags & TCB_ENDED) && tcb->state != LK_TCP_CLOSED);
}

/* SND.UNA <= SND.NXT <= end of stream, FIN included (RFC 9293 3.3.1). */
static bool send_sequence(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    (void)wheel;
    if (tcb->state < LK_TCP_ESTABLISHED)
        return true;
    uint32_t end = seq_add(tcp_stream_end(tcp, tcb), tcp_fin_pending(tcb) ? 1 : 0);
    return seq_leq(tcb->snd_una, tcb->snd_nxt) && seq_leq(tcb->snd_nxt, end);
}

static bool buffers_bounded(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    (void)wheel;
    const struct active *a = tcb_active(tcp, tcb);
    if (a == NULL)
        return true;
    return lk_pool_taken(&tcp->actives, tcb->active) && a->snd_len <= tcp->config.send_buffer && a->rcv_len <= tcp->config.receive_buffer;
}

/* What is out of order lies above RCV.NXT, and in the ring. */
static bool arrived_in_window(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    (void)wheel;
    const struct active *a = tcb_active(tcp, tcb);
    if (a == NULL || a->arrived.head == LK_NONE)
        return true;
    if (!tcp_ranges_check(&tcp->arrived, &a->arrived) || !seq_gt(tcp_range_at(&tcp->arrived, a->arrived.head)->left, tcb->rcv_nxt))
        return false;
    for (uint32_t i = a->arrived.head; i != LK_NONE; i = tcp_range_at(&tcp->arrived, i)->next)
        if (seq_distance(tcp_range_at(&tcp->arrived, i)->right, tcb->rcv_nxt) > tcp->config.receive_buffer - a->rcv_len + 1)
            return false;
    return true;
}

/* What is SACKed lies above SND.UNA and not above SND.NXT. */
static bool scoreboard_in_flight(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    (void)wheel;
    const struct active *a = tcb_active(tcp, tcb);
    if (a == NULL)
        return true;
    if (!tcp_ranges_check(&tcp->sacked, &a->board.sacked))
        return false;
    for (uint32_t i = a->board.sacked.head; i != LK_NONE; i = tcp_range_at(&tcp->sacked, i)->next)
        if (!seq_geq(tcp_range_at(&tcp->sacked, i)->left, tcb->snd_una) || !seq_leq(tcp_range_at(&tcp->sacked, i)->right, tcb->snd_nxt))
            return false;
    return true;
}

/* What is in flight has a retransmission timer (RFC 6298 5.1); the wheel is armed for the least deadline. */
static bool timers_armed(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    lk_time least = lk_time_min(tcb->rto_deadline, tcb->idle_deadline);
    if (a != NULL)
        least = lk_time_min(least, a->ack_deadline);
    bool in_flight = tcb->state >= LK_TCP_ESTABLISHED && tcb->snd_una != tcb->snd_nxt;
    if (in_flight && tcb->rto_deadline == LK_NEVER)
        return false;
    return lk_wheel_deadline_of(wheel, tcp->node_base + tcb_index(tcp, tcb)) == least;
}

/* Exactly the connections that have something to send are listed for it; one that waits for a window is being probed. */
static bool output_listed(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    (void)wheel;
    if (tcb->state <= LK_TCP_LISTEN)
        return true;
    bool wants = tcp_plan(tcp, tcb).kind != TCP_PLAN_NOTHING;
    if (wants || (tcb->flags & TCB_READY))
        return wants && (tcb->flags & TCB_READY);
    bool blocked = tcb_synchronized(tcb) && tcb->snd_una == tcb->snd_nxt && tcp_unsent(tcp, tcb) != 0;
    return !blocked || tcb->rto_deadline != LK_NEVER;
}

static bool found_by_tuple(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    (void)wheel;
    struct tcp_tuple tuple = tcp_tuple_of(tcp, tcb);
    bool listed = tcb->state > LK_TCP_LISTEN;
    return listed == ((tcb->flags & TCB_TUPLE) != 0) && (!listed || tcp_demux_tuple(tcp, &tuple) == tcb);
}

static bool list_counts(const struct lk_tcp_stack *tcp, const struct tcp_list *list, uint32_t *count)
{
    uint32_t last = LK_NONE;
    *count = 0;
    for (uint32_t i = list->head; i != LK_NONE; i = tcb_at(tcp, i)->list_next) {
        if (!lk_pool_taken(&tcp->tcbs, i) || tcb_at(tcp, i)->list_prev != last || ++*count > tcp->tcbs.capacity)
            return false;
        last = i;
    }
    return last == list->tail;
}

static bool listener_counts(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const struct tcb *tcb)
{
    (void)wheel;
    if (tcb->state != LK_TCP_LISTEN)
        return true;
    const struct listener *l = listener_at(tcp, tcb->listener);
    uint32_t young, complete;
    if (!list_counts(tcp, &l->young, &young) || !list_counts(tcp, &l->complete, &complete))
        return false;
    return l->ready == complete && l->waiting == young + complete;
}

static const struct {
    tcb_predicate *holds;
    const char *name;
} invariants[] = {
    {state_known, "tcp: state"},
    {send_sequence, "tcp: snd_una <= snd_nxt <= end of stream"},
    {buffers_bounded, "tcp: buffers within their size"},
    {arrived_in_window, "tcp: out-of-order ranges above rcv_nxt and in the buffer"},
    {scoreboard_in_flight, "tcp: SACKed ranges in flight"},
    {timers_armed, "tcp: timers"},
    {output_listed, "tcp: listed for output or probing"},
    {found_by_tuple, "tcp: tuple table"},
    {listener_counts, "tcp: listener's queues"},
};

static int broken(const char **where, int number, const char *name)
{
    if (where != NULL)
        *where = name;
    return -number;
}

static bool ready_lists(const struct lk_tcp_stack *tcp)
{
    uint32_t count = 0;
    for (unsigned n = 0; n < TCP_READY_LISTS; n++)
        for (uint32_t i = tcp->ready[n].head; i != LK_NONE; i = tcb_at(tcp, i)->ready_next)
            if (!(tcb_at(tcp, i)->flags & TCB_READY) || ++count > tcp->tcbs.capacity)
                return false;
    return count == tcp->ready_count;
}

static bool active_records_owned(const struct lk_tcp_stack *tcp)
{
    uint32_t owned = 0;
    for (uint32_t i = 0; i < tcp->tcbs.fresh; i++)
        owned += lk_pool_taken(&tcp->tcbs, i) && tcb_at(tcp, i)->active != LK_NONE;
    return owned == tcp->actives.in_use;
}

int lk_tcp_check(const struct lk_tcp_stack *tcp, const struct lk_wheel *wheel, const char **where)
{
    const struct lk_pool *pools[] = {&tcp->tcbs, &tcp->actives, &tcp->listeners, &tcp->sacked, &tcp->arrived, &tcp->commons};
    for (size_t i = 0; i < sizeof pools / sizeof pools[0]; i++)
        if (!lk_pool_check(pools[i]))
            return broken(where, 1, "tcp: pools");
    if (!ready_lists(tcp))
        return broken(where, 2, "tcp: ready lists");
    if (!tcp_common_check(tcp))
        return broken(where, 4, "tcp: common records");
    if (!active_records_owned(tcp))
        return broken(where, 3, "tcp: active records");
    for (uint32_t i = 0; i < tcp->tcbs.fresh; i++)
        for (size_t k = 0; lk_pool_taken(&tcp->tcbs, i) && k < sizeof invariants / sizeof invariants[0]; k++)
            if (!invariants[k].holds(tcp, wheel, tcb_at(tcp, i)))
                return broken(where, 10 + (int)k, invariants[k].name);
    return 0;
}
