#include "stack/tcp/rtt.h"

static lk_time larger(lk_time a, lk_time b)
{
    return a > b ? a : b;
}

void tcp_rtt_sample(struct tcp_rtt *rtt, lk_time r)
{
    r = larger(r, 1);
    if (rtt->srtt == 0) { /* RFC 6298 2.2: the first one */
        rtt->srtt = r;
        rtt->rttvar = r / 2;
        return;
    }
    /* RFC 6298 2.3, alpha 1/8 and beta 1/4; RTTVAR is updated first, with the old SRTT */
    lk_time error = rtt->srtt > r ? rtt->srtt - r : r - rtt->srtt;
    rtt->rttvar = (3 * rtt->rttvar + error) / 4;
    rtt->srtt = larger((7 * rtt->srtt + r) / 8, 1);
}

lk_time tcp_rtt_rto(const struct tcp_rtt *rtt, const struct lk_tcp_config *config, bool syn_lost, unsigned backoff)
{
    lk_time rto = config->rto_initial; /* RFC 6298 2.1 */
    if (rtt->srtt != 0) {
        lk_time variance = larger(config->rto_granularity, 4 * rtt->rttvar); /* RFC 6298 2.2, K = 4 */
        if (config->rttvar_floor_linux)
            variance = larger(variance, config->rto_min);
        rto = larger(rtt->srtt + variance, config->rto_min); /* RFC 6298 2.4 */
    } else if (syn_lost) {
        rto = larger(rto, 3 * LK_SECOND); /* RFC 6298 5.7 */
    }
    while (backoff-- > 0 && rto < config->rto_max)
        rto *= 2; /* RFC 6298 5.5 */
    return lk_time_min(rto, config->rto_max); /* RFC 6298 2.5 */
}
