/* Events: TCP's and UDP's, each in order, merged by the order in which they arose. */
#include "stack/host/state.h"

uint64_t host_event_age(const struct lk_stack *stack)
{
    uint64_t queued, gone;
    lk_tcp_event_counts(host_tcp(stack), &queued, &gone);
    return queued;
}

/* Whether the oldest event of UDP comes before all that TCP has: those of TCP that were there before it have left. */
static bool udp_first(const struct lk_stack *stack)
{
    uint64_t age, queued, gone;
    if (!lk_udp_event_age(&stack->udp, &age))
        return false;
    lk_tcp_event_counts(host_tcp(stack), &queued, &gone);
    return age <= gone;
}

bool lk_stack_event(struct lk_stack *stack, struct lk_event_sock *out)
{
    struct lk_tcp_context context = host_tcp_context(stack);
    uint64_t age;
    *out = (struct lk_event_sock){0};
    for (;;) {
        if (!udp_first(stack) && lk_tcp_event(&context, &out->socket, &out->bits))
            return true;
        if (!lk_udp_event_age(&stack->udp, &age))
            return false;
        if (lk_udp_event(&stack->udp, &out->socket, &out->bits))
            return true; /* otherwise its bits are again what they were */
    }
}
