#include "conformance/rules/rtt.h"

static lk_time lesser(lk_time a, lk_time b)
{
    return a < b ? a : b;
}

static lk_time greater(lk_time a, lk_time b)
{
    return a > b ? a : b;
}

/* The least distance of a point in one range from a point in the other. */
static lk_time distance(lk_time low, lk_time high, lk_time other_low, lk_time other_high)
{
    if (high < other_low)
        return other_low - high;
    return other_high < low ? low - other_high : 0;
}

void rtt_sample(struct rtt *rtt, lk_time low, lk_time high)
{
    low = greater(low, 0);
    high = greater(high, low);
    if (!rtt->any) { /* RFC 6298 2.2: SRTT = R, RTTVAR = R/2 */
        *rtt = (struct rtt){true, low, high, low / 2};
        return;
    }
    /* RFC 6298 2.3, RTTVAR before SRTT; each bound also covers a device that leaves this sample out */
    lk_time off = distance(rtt->srtt_low, rtt->srtt_high, low, high);
    rtt->rttvar_low = lesser(rtt->rttvar_low, rtt->rttvar_low - rtt->rttvar_low / 4 + off / 4);
    rtt->srtt_low = lesser(rtt->srtt_low, rtt->srtt_low - rtt->srtt_low / 8 + low / 8);
    rtt->srtt_high = greater(rtt->srtt_high, rtt->srtt_high - rtt->srtt_high / 8 + high / 8);
    /* ... and one whose first sample this is */
    rtt->rttvar_low = lesser(rtt->rttvar_low, low / 2);
}

lk_time rtt_rto(const struct rtt *rtt, lk_time granularity)
{
    return rtt->srtt_low + greater(granularity, 4 * rtt->rttvar_low); /* K = 4 */
}
