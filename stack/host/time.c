/* The clock is what the caller says it is. One wheel holds every timer; whoever calls, what is due comes first. */
#include "stack/host/state.h"
#include "stack/wire/icmpv4.h"

/* A neighbour did not answer: what waited for it is reported to those who sent it (RFC 1122 2.4, 3.2.2.1). */
static void neighbour_timer(struct lk_stack *stack, uint32_t node)
{
    struct lk_arp_context context = host_arp_context(stack);
    uint32_t index = lk_arp_cache_timer(&context, node);
    while (index != LK_NONE) {
        const struct lk_owed_packet *p = lk_owed_at(&stack->owed, index);
        uint32_t next = p->next;
        host_undeliverable(stack, lk_owed_bytes(&stack->owed, index), p->len, LK_ICMPV4_HOST_UNREACHABLE, 0);
        if (!host_keep_undelivered(stack, index))
            lk_owed_give(&stack->owed, index);
        stack->arp.unresolved++;
        index = next;
    }
}

static void fire(struct lk_stack *stack, uint32_t node)
{
    struct lk_tcp_context context = host_tcp_context(stack);
    if (node >= stack->arp.node_base)
        neighbour_timer(stack, node);
    else
        lk_tcp_timer(&context, node);
}

void host_enter(struct lk_stack *stack, lk_time now)
{
    uint32_t node;
    lk_time deadline;
    if (now < stack->now)
        now = stack->now; /* time that goes backwards is clamped */
    while (lk_wheel_pop(&stack->wheel, now, &node, &deadline)) {
        if (deadline > stack->now)
            stack->now = deadline; /* each sees its own deadline as the time */
        fire(stack, node);
    }
    stack->now = now;
}

void lk_stack_tick(struct lk_stack *stack, lk_time now)
{
    host_enter(stack, now);
}

lk_time lk_stack_deadline(const struct lk_stack *stack)
{
    if (stack->owed.ready > 0 || lk_tcp_has_output(host_tcp(stack), LK_ANY))
        return stack->now;
    return lk_wheel_deadline(&stack->wheel);
}
