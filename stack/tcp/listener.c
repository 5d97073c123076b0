#include "stack/tcp/listener.h"

static struct listener *listener_of(const struct lk_tcp_stack *tcp, const struct tcb *listening)
{
    return listener_at(tcp, listening->listener);
}

bool tcp_listener_has_room(const struct lk_tcp_stack *tcp, const struct tcb *listening)
{
    const struct listener *l = listener_of(tcp, listening);
    return l->waiting < l->backlog;
}

void tcp_listener_adopt(struct lk_tcp_stack *tcp, struct tcb *listening, struct tcb *child)
{
    struct listener *l = listener_of(tcp, listening);
    child->flags |= TCB_CHILD | TCB_PASSIVE;
    child->listener = tcb_index(tcp, listening);
    l->waiting++;
    tcp_list_append(tcp, &l->young, child);
}

void tcp_listener_ready(const struct lk_tcp_context *context, struct tcb *child)
{
    struct tcb *listening = tcb_at(context->tcp, child->listener);
    struct listener *l = listener_of(context->tcp, listening);
    tcp_list_remove(context->tcp, &l->young, child);
    tcp_list_append(context->tcp, &l->complete, child);
    l->ready++;
    tcb_settle(context, listening);
}

struct tcb *tcp_listener_accept(struct lk_tcp_stack *tcp, struct tcb *listening)
{
    struct listener *l = listener_of(tcp, listening);
    if (l->complete.head == LK_NONE)
        return NULL;
    struct tcb *child = tcb_at(tcp, l->complete.head);
    tcp_listener_disown(tcp, child);
    return child;
}

void tcp_listener_disown(struct lk_tcp_stack *tcp, struct tcb *child)
{
    struct listener *l = listener_of(tcp, tcb_at(tcp, child->listener));
    if (child->state == LK_TCP_SYN_RECEIVED) {
        tcp_list_remove(tcp, &l->young, child);
    } else {
        tcp_list_remove(tcp, &l->complete, child);
        l->ready--;
    }
    l->waiting--;
    child->flags &= ~(uint32_t)TCB_CHILD;
    child->listener = LK_NONE;
}
