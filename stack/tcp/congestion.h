/* The congestion window: slow start, congestion avoidance, and what it falls back to (RFC 5681). Pure.
 * When a loss is believed is decided in recovery.c.
 */
#ifndef LK_TCP_CONGESTION_H
#define LK_TCP_CONGESTION_H

#include "stack/tcp/config.h"
#include <stdbool.h>
#include <stdint.h>

struct tcp_congestion {
    uint32_t cwnd;     /* bytes */
    uint32_t ssthresh; /* bytes */
};

/* Initial window in bytes (RFC 5681 3.1, RFC 6928 2). syn_lost: one segment only. */
uint32_t tcp_congestion_initial(const struct lk_tcp_config *config, uint32_t smss, bool syn_lost);

/* `acked` new bytes were acknowledged outside of loss recovery (RFC 5681 3.1). *since: bytes acknowledged in congestion
 * avoidance since cwnd grew last, kept by the caller. flight: bytes that were outstanding before; a window that was not
 * half used does not grow (RFC 7661 4.3). */
void tcp_congestion_ack(struct tcp_congestion *c, uint32_t *since, uint32_t acked, uint32_t flight, uint32_t smss);

/* ssthresh after a loss with `flight` bytes outstanding (RFC 5681 equation 4). */
uint32_t tcp_congestion_half(uint32_t flight, uint32_t smss);

/* Nothing was sent for longer than an RTO: the restart window (RFC 5681 4.1). */
void tcp_congestion_restart(struct tcp_congestion *c, uint32_t initial);

#endif
