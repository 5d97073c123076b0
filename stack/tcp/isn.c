#include "stack/tcp/isn.h"
#include "stack/base/seq.h"
#include "stack/tcp/demux.h"

/* Whole units since the epoch, rounded down also before it. */
static uint32_t ticks(lk_time now, lk_time unit)
{
    lk_time whole = now / unit - (now % unit < 0 ? 1 : 0);
    return (uint32_t)(uint64_t)whole;
}

static uint64_t hash(const struct lk_tcp_stack *tcp, const struct tcb *tcb, unsigned key)
{
    struct tcp_tuple tuple = tcp_tuple_of(tcp, tcb);
    return tcp_tuple_hash(tcp, key, &tuple);
}

uint32_t tcp_isn(const struct lk_tcp_stack *tcp, const struct tcb *tcb, lk_time now)
{
    return seq_add((uint32_t)hash(tcp, tcb, TCP_KEY_ISN), ticks(now, 4 * LK_MICROSECOND));
}

uint32_t tcp_timestamp_offset(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    return (uint32_t)hash(tcp, tcb, TCP_KEY_TIMESTAMP);
}

uint32_t tcp_milliseconds(lk_time now)
{
    return ticks(now, LK_MILLISECOND);
}

uint32_t tcp_timestamp(const struct tcb *tcb, lk_time now)
{
    return seq_add(tcb->ts_offset, tcp_milliseconds(now));
}
