/* Round-trip time and retransmission time-out (RFC 6298). Pure: values in, values out.
 * Which segments may be timed (Karn's algorithm, RFC 6298 3) is decided where ACKs are read, in ack.c.
 */
#ifndef LK_TCP_RTT_H
#define LK_TCP_RTT_H

#include "stack/base/types.h"
#include "stack/tcp/config.h"
#include <stdbool.h>

struct tcp_rtt {
    lk_time srtt;   /* ns; 0: no measurement yet */
    lk_time rttvar; /* ns */
};

/* A measurement of r ns was made (RFC 6298 2.2, 2.3). A measurement of 0 counts as 1 ns. */
void tcp_rtt_sample(struct tcp_rtt *rtt, lk_time r);

/* RTO in ns after `backoff` doublings (RFC 6298 2.1 to 2.5, 5.5). syn_lost: the handshake timed out, so that without a
 * measurement 3 s are used (RFC 6298 5.7). */
lk_time tcp_rtt_rto(const struct tcp_rtt *rtt, const struct lk_tcp_config *config, bool syn_lost, unsigned backoff);

#endif
