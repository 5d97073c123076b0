/* CLOSE and ABORT (RFC 9293 3.10.4, 3.10.5), half-close, and closing a listener. */
#include "stack/base/error.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/timers.h"

/* Our stream ends: FIN follows the data that is queued. */
static void end_stream(const struct lk_tcp_context *context, struct tcb *tcb)
{
    if (tcb->flags & TCB_FIN_QUEUED)
        return;
    tcb->flags |= TCB_FIN_QUEUED;
    if (tcb->state == LK_TCP_ESTABLISHED)
        tcb_enter(context, tcb, LK_TCP_FIN_WAIT_1);
    else if (tcb->state == LK_TCP_CLOSE_WAIT)
        tcb_enter(context, tcb, LK_TCP_LAST_ACK);
    /* SYN-SENT, SYN-RECEIVED: once the connection is established (tcp_establish) */
}

static uint32_t unread(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    return a != NULL ? a->rcv_len : 0;
}

static void throw_away_unread(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    struct active *a = tcb_active(tcp, tcb);
    if (a == NULL)
        return;
    a->urgent = 0;
    if (a->rcv_len != 0)
        tcp_buffer_drop(tcp, tcb->active, TCP_RING_RECEIVE, a->rcv_len);
}

int lk_tcp_shutdown(const struct lk_tcp_context *context, lk_socket s, int how)
{
    struct tcb *tcb = tcb_find(context->tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    if (tcb->state < LK_TCP_SYN_SENT)
        return LK_E_NOTCONN;
    if (how != LK_SHUT_RD && how != LK_SHUT_WR && how != LK_SHUT_RDWR)
        return LK_E_INVALID;
    if (how != LK_SHUT_WR) {
        tcb->flags |= TCB_SHUT_RD;
        throw_away_unread(context->tcp, tcb);
    }
    if (how != LK_SHUT_RD)
        end_stream(context, tcb);
    tcb_settle(context, tcb);
    return 0;
}

/* RST to the peer where it may know the connection (RFC 9293 3.10.5), then the block goes. */
static void drop(const struct lk_tcp_context *context, struct tcb *tcb)
{
    bool told = tcb->state >= LK_TCP_SYN_RECEIVED && tcb->state <= LK_TCP_CLOSE_WAIT;
    if (told && tcb->snd_nxt != tcb->iss)
        tcp_reset_connection(context->tcp, tcb);
    tcb_free(context, tcb);
}

/* A listener goes, and with it all connections nobody accepted. */
static void close_listener(const struct lk_tcp_context *context, struct tcb *tcb)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct listener *l = listener_at(tcp, tcb->listener);
    while (l->young.head != LK_NONE)
        drop(context, tcb_at(tcp, l->young.head));
    while (l->complete.head != LK_NONE)
        drop(context, tcb_at(tcp, l->complete.head));
    lk_pool_give(&tcp->listeners, tcb->listener);
    tcb->listener = LK_NONE;
    tcb->state = LK_TCP_CLOSED;
    tcb_free(context, tcb);
}

int lk_tcp_abort(const struct lk_tcp_context *context, lk_socket s)
{
    struct tcb *tcb = tcb_find(context->tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    if (tcb->state == LK_TCP_LISTEN)
        close_listener(context, tcb);
    else
        drop(context, tcb);
    return 0;
}

int lk_tcp_close(const struct lk_tcp_context *context, lk_socket s)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    bool reset = (tcb->flags & TCB_LINGER_0) || (tcp->config.rst_on_unread_close && unread(tcp, tcb) != 0); /* SHLD-3, RFC 2525 2.17 */
    if (tcb->state <= LK_TCP_SYN_SENT || (reset && tcb->state <= LK_TCP_CLOSE_WAIT))
        return lk_tcp_abort(context, s);
    throw_away_unread(tcp, tcb);
    end_stream(context, tcb);
    tcb_orphan(context, tcb);
    return 0;
}
