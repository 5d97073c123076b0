/* An application: a machine beside the stack, of the same shape. It owns its sockets, keeps its state in memory of its own,
 * reads no clock, allocates nothing after init and calls nobody back: what happened is asked for (each has a `..._next()`).
 *
 * The loop over stack and applications is stack/run/. Without it: after each lk_stack_rx() and lk_stack_tick() hand every
 * lk_stack_event() to event() of each application until one takes it, call tick() when deadline() has come, then pull frames. */
#ifndef LK_APPS_APP_H
#define LK_APPS_APP_H

#include "stack/host/stack.h"

struct lk_app_kind {
    const char *name;
    /* When tick() must be called again at the latest; LK_NEVER. An early call changes nothing. */
    lk_time (*deadline)(const void *self);
    void (*tick)(void *self, struct lk_stack *stack, lk_time now);
    /* A socket's bits changed. True when the socket is this application's. */
    bool (*event)(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now);
};

struct lk_app {
    const struct lk_app_kind *kind;
    void *self;
};

#endif
