#include "stack/tcp/congestion.h"

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static uint32_t larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

/* RFC 5681 3.1: 4, 3 or 2 segments by their size. */
static uint32_t initial_by_size(uint32_t smss)
{
    if (smss > 2190)
        return 2 * smss;
    return smss > 1095 ? 3 * smss : 4 * smss;
}

uint32_t tcp_congestion_initial(const struct lk_tcp_config *config, uint32_t smss, bool syn_lost)
{
    if (syn_lost)
        return smss; /* RFC 5681 3.1: "MUST be one segment" after a lost SYN or SYN,ACK */
    uint32_t window = config->initial_window != 0 ? config->initial_window * smss : initial_by_size(smss);
    if (config->initial_cwnd_bytes != 0)
        window = smaller(window, larger(config->initial_cwnd_bytes, smss));
    return window;
}

void tcp_congestion_ack(struct tcp_congestion *c, uint32_t *since, uint32_t acked, uint32_t flight, uint32_t smss)
{
    if (flight < c->cwnd / 2 || c->cwnd > UINT32_MAX / 2)
        return;
    if (c->cwnd < c->ssthresh) { /* slow start, RFC 5681 equation 2 */
        c->cwnd += smaller(acked, smss);
        *since = 0;
        return;
    }
    *since += acked; /* congestion avoidance: one segment a window, by counting bytes */
    if (*since >= c->cwnd) {
        *since -= c->cwnd;
        c->cwnd += smss;
    }
}

uint32_t tcp_congestion_half(uint32_t flight, uint32_t smss)
{
    return larger(flight / 2, 2 * smss);
}

void tcp_congestion_restart(struct tcp_congestion *c, uint32_t initial)
{
    c->cwnd = smaller(c->cwnd, initial);
}
