/* The loop over one host: its stack, the applications beside it, and the gateway when it forwards. Frames in, frames out, one
 * deadline; nothing here but the order of calls. Everything is borrowed from the caller. */
#ifndef LK_RUN_RUN_H
#define LK_RUN_RUN_H

#include "stack/apps/app.h"
#include "stack/gateway/gateway.h"

#define LK_RUN_APPS 8

struct lk_run {
    struct lk_stack *stack;
    struct lk_gateway *gateway;   /* NULL: this host does not forward */
    struct lk_app app[LK_RUN_APPS];
    uint32_t apps;
    uint8_t *scratch;             /* with a gateway: room for one packet, at least the largest MTU and 576 bytes */
    size_t scratch_size;
    uint64_t forwarded, unforwarded; /* packets the gateway sent on, and those that lk_stack_forward() refused */
};

/* Takes one frame: through the stack, or the gateway, and then the applications. Returns what lk_stack_rx() said; *verdict (may be
 * NULL) is what the gateway said, -1 when it was not asked. */
int lk_run_rx(struct lk_run *run, struct lk_frame *frame, lk_time now, int *verdict);
/* Timers of all, then what sockets have to tell. Call it too after the application's own calls. */
void lk_run_tick(struct lk_run *run, lk_time now);
/* The next frame to send: as lk_stack_tx(). */
int lk_run_tx(struct lk_run *run, uint32_t iface, struct lk_frame *frame, lk_time now);
/* The least deadline of all. */
lk_time lk_run_deadline(const struct lk_run *run);

#endif
