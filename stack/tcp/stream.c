/* SEND and RECEIVE (RFC 9293 3.10.2, 3.10.3): bytes into the send ring, bytes out of the receive ring. */
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/options.h"
#include "stack/tcp/output.h"
#include "stack/tcp/timers.h"
#include "stack/tcp/window.h"

/* The pending error, told once. */
static int take_error(struct tcb *tcb)
{
    int error = tcb_error(tcb);
    tcb->pending = 0;
    return error;
}

/* Why nothing can be sent; 0: it can. */
static int send_refused(struct tcb *tcb)
{
    if (tcb->pending != 0)
        return take_error(tcb);
    if (tcb->flags & (TCB_FIN_QUEUED | TCB_ENDED))
        return LK_E_PIPE;
    return tcb->state < LK_TCP_SYN_SENT ? LK_E_NOTCONN : 0;
}

/* Octets the send buffer still takes. */
static uint32_t send_room(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    uint32_t held = a != NULL ? a->snd_len : 0;
    uint32_t size = tcp_common(tcp, tcb)->snd_buf;
    return held < size ? size - held : 0;
}

/* RFC 5681 4.1: after an RTO without sending, the congestion window is stale. */
static void restart_if_idle(const struct lk_tcp_context *context, struct tcb *tcb)
{
    bool idle = tcb_synchronized(tcb) && tcb->snd_una == tcb->snd_nxt;
    if (idle && context->now - tcb->last_sent > tcp_rto(context->tcp, tcb))
        tcp_congestion_restart(&tcb->cc, tcp_congestion_initial(&context->tcp->config, tcp_smss(tcb), false));
}

int64_t lk_tcp_send(const struct lk_tcp_context *context, lk_socket s, const void *bytes, size_t len)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    int refused = send_refused(tcb);
    if (refused != 0 || len == 0) {
        tcb_settle(context, tcb);
        return refused;
    }
    uint32_t room = send_room(tcp, tcb);
    if (room == 0)
        return LK_E_AGAIN;
    restart_if_idle(context, tcb);
    struct active *a = tcb_activate(tcp, tcb);
    if (a == NULL)
        return LK_E_NOBUFS;
    uint32_t n = len < room ? (uint32_t)len : room;
    tcp_buffer_write(tcp, tcb->active, TCP_RING_SEND, a->snd_len, bytes, n);
    a->snd_len += n;
    a->reserved = 0;
    tcb_settle(context, tcb);
    return n;
}

int64_t lk_tcp_reserve(const struct lk_tcp_context *context, lk_socket s, uint8_t **bytes)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    int refused = send_refused(tcb);
    if (refused != 0) {
        tcb_settle(context, tcb);
        return refused;
    }
    uint32_t room = send_room(tcp, tcb);
    if (room == 0)
        return LK_E_AGAIN;
    struct active *a = tcb_activate(tcp, tcb);
    if (a == NULL)
        return LK_E_NOBUFS;
    a->reserved = 1;
    uint32_t run;
    *bytes = tcp_buffer_run(tcp, tcb->active, TCP_RING_SEND, a->snd_len, room, &run);
    return run;
}

int lk_tcp_commit(const struct lk_tcp_context *context, lk_socket s, size_t len)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    int refused = send_refused(tcb);
    if (refused != 0) {
        tcb_settle(context, tcb);
        return refused;
    }
    struct active *a = tcb_active(tcp, tcb);
    if (a == NULL || len > send_room(tcp, tcb))
        return LK_E_INVALID;
    restart_if_idle(context, tcb);
    tcp_buffer_touched(tcp, tcb->active, TCP_RING_SEND, a->snd_len, (uint32_t)len);
    a->snd_len += (uint32_t)len;
    a->reserved = 0;
    tcb_settle(context, tcb);
    return 0;
}

/* What a reader gets when nothing is there: an error once, the end of the stream, or AGAIN. */
static int nothing_to_read(struct tcb *tcb)
{
    if (tcb->pending != 0)
        return take_error(tcb);
    if (tcb->flags & (TCB_FIN_RCVD | TCB_ENDED | TCB_SHUT_RD))
        return 0;
    return tcb->state < LK_TCP_SYN_SENT ? LK_E_NOTCONN : LK_E_AGAIN;
}

/* `len` octets were read: the window may open, urgent data may be passed (RFC 9293 3.8.6.2.2, 3.10.3). */
static void was_read(const struct lk_tcp_context *context, struct tcb *tcb, uint32_t len)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct active *a = active_at(tcp, tcb->active);
    tcp_buffer_drop(tcp, tcb->active, TCP_RING_RECEIVE, len);
    if (a->urgent && seq_geq(seq_sub(tcb->rcv_nxt, a->rcv_len), a->rcv_up))
        a->urgent = 0;
    struct tcp_receive_window w = tcp_receive_window(tcp, tcb);
    bool open = tcb->state == LK_TCP_ESTABLISHED || tcb->state == LK_TCP_FIN_WAIT_1 || tcb->state == LK_TCP_FIN_WAIT_2;
    if (open && tcp_window_update_due(&w))
        tcb->flags |= TCB_ACK_NOW;
    tcb_settle(context, tcb);
}

int64_t lk_tcp_recv(const struct lk_tcp_context *context, lk_socket s, void *bytes, size_t cap, uint32_t flags)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    const struct active *a = tcb_active(tcp, tcb);
    if (a == NULL || a->rcv_len == 0) {
        int error = nothing_to_read(tcb);
        tcb_settle(context, tcb);
        return error;
    }
    uint32_t n = cap < a->rcv_len ? (uint32_t)cap : a->rcv_len;
    tcp_buffer_read(tcp, tcb->active, TCP_RING_RECEIVE, 0, bytes, n);
    if (!(flags & LK_RECV_PEEK))
        was_read(context, tcb, n);
    return n;
}

int64_t lk_tcp_peek(const struct lk_tcp_context *context, lk_socket s, const uint8_t **bytes)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    const struct active *a = tcb_active(tcp, tcb);
    if (a == NULL || a->rcv_len == 0) {
        int error = nothing_to_read(tcb);
        tcb_settle(context, tcb);
        return error;
    }
    uint32_t run;
    *bytes = tcp_buffer_run(tcp, tcb->active, TCP_RING_RECEIVE, 0, a->rcv_len, &run);
    return run;
}

int lk_tcp_consume(const struct lk_tcp_context *context, lk_socket s, size_t len)
{
    struct tcb *tcb = tcb_find(context->tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    const struct active *a = tcb_active(context->tcp, tcb);
    if (len == 0)
        return 0;
    if (a == NULL || len > a->rcv_len)
        return LK_E_INVALID;
    was_read(context, tcb, (uint32_t)len);
    return 0;
}
