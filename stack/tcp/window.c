#include "stack/tcp/window.h"

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/* Room in the buffer, as far as the window field can tell it. */
static uint32_t room(const struct tcp_receive_window *w)
{
    uint32_t free = w->buffer > w->unread ? w->buffer - w->unread : 0;
    return smaller(free, (uint32_t)UINT16_MAX << w->shift);
}

uint32_t tcp_window_offer(const struct tcp_receive_window *w)
{
    uint32_t free = room(w);
    if (free <= w->offered)
        return w->offered;
    if (w->avoid_silly && free - w->offered < smaller(w->buffer / 2, w->mss))
        return w->offered;
    return free;
}

bool tcp_window_update_due(const struct tcp_receive_window *w)
{
    uint32_t next = tcp_window_offer(w) >> w->shift;
    uint32_t last = w->offered >> w->shift;
    return next > last && next >= 2 * last;
}

uint8_t tcp_window_shift(uint32_t buffer)
{
    uint8_t shift = 0;
    while (shift < 14 && (uint32_t)UINT16_MAX << shift < buffer)
        shift++;
    return shift;
}

uint32_t tcp_window_sendable(const struct tcp_send_window *w)
{
    uint32_t n = smaller(w->unsent, w->usable);
    bool may_be_small = w->idle || !w->nagle;
    if (n >= w->mss)
        return w->mss; /* (1) a full segment */
    if (w->unsent <= w->usable && (may_be_small || w->last))
        return n; /* (2) everything there is; all data counts as pushed */
    if (may_be_small && n > 0 && n >= w->largest / 2)
        return n; /* (3) half the largest window the peer ever offered */
    return 0; /* (4), the override, is the persist timer */
}
