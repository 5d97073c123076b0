/* The only simulator: frames between numbered ports, in virtual time. It knows no device, no stack and no protocol.
 *
 * A link leads from one port to another, one way. It is a FIFO: a frame waits until the one before it is out, takes
 * its length at the link's rate, then travels for the link's delay. What happens to a frame beyond that (lost,
 * doubled, damaged, overtaken) is told with each frame by the caller, who knows why.
 *
 * Same calls, same arrivals. All memory comes from the arena given; it grows with the frames sent. */
#ifndef LK_NET_NET_H
#define LK_NET_NET_H

#include "conformance/timeline/bump.h"
#include "stack/base/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_net;

struct lk_net_link {
    uint32_t from, to;  /* ports */
    uint64_t rate;      /* bit/s over the frame as given; 0: takes no time */
    lk_time delay;      /* ns, not negative */
    uint32_t queue;     /* frames that may be on the link's sending side at once; 0: no limit */
};

/* What the caller wants done with one frame. All zero: nothing. */
struct lk_net_fate {
    bool lost;          /* never arrives, takes no room on the link */
    bool corrupted;     /* one bit of the last byte arrives wrong */
    uint32_t copies;    /* further copies that arrive directly behind it */
    lk_time late;       /* ns more on its way, outside the FIFO: later frames overtake it */
};

struct lk_net_frame {
    const uint8_t *bytes; size_t len; /* lives as long as the arena */
    uint32_t from, to;
    lk_time sent_at, at;              /* at: of the arrival */
    uint64_t tag;                     /* the caller's */
};

/* A net without links; NULL without memory. */
struct lk_net *lk_net_new(struct lk_bump *memory);
/* 0; LK_E_EXISTS: that port sends already; LK_E_INVALID: negative delay; LK_E_NOMEM. */
int lk_net_link(struct lk_net *net, const struct lk_net_link *link);

/* A frame leaves port `from` at `now` (never earlier than in the call before). Copied. Returns how many copies are on their
 * way: 0 when lost or the queue was full; *arrives (may be NULL) is when the first one arrives, or LK_NEVER.
 * LK_E_NOTFOUND: no link leaves that port; LK_E_NOMEM: the arena is used up. */
int lk_net_send(struct lk_net *net, uint32_t from, const uint8_t *bytes, size_t len, lk_time now, const struct lk_net_fate *fate, uint64_t tag, lk_time *arrives);

/* When the next frame arrives anywhere; LK_NEVER when nothing is on its way. */
lk_time lk_net_next(const struct lk_net *net);
/* Takes the next arrival not later than `until`: in order of time, then of sending. */
bool lk_net_receive(struct lk_net *net, lk_time until, struct lk_net_frame *out);

#endif
