/* Opening and naming sockets: open, bind, listen, connect, accept (RFC 9293 3.9.1, 3.10.1) and their options. */
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/base/seq.h"
#include "stack/tcp/ack.h"
#include "stack/tcp/demux.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/listener.h"
#include "stack/tcp/options.h"
#include "stack/tcp/timers.h"
#include "stack/tcp/window.h"

int lk_tcp_open(const struct lk_tcp_context *context, lk_socket *out)
{
    struct tcb *tcb = tcb_take(context);
    if (tcb == NULL)
        return LK_E_MFILE;
    *out = tcb_handle(context->tcp, tcb);
    return 0;
}

int lk_tcp_bind(const struct lk_tcp_context *context, lk_socket s, const struct lk_endpoint *local)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    if (tcb->state != LK_TCP_CLOSED || (tcb->flags & (TCB_PORT | TCB_ENDED)))
        return LK_E_INVALID;
    uint16_t port = local->port;
    struct tcp_tuple tuple = {.local = local->address};
    if (port == 0)
        port = tcp_demux_choose_port(tcp, &tuple);
    if (port == 0 || tcp_demux_port_taken(tcp, &local->address, port))
        return LK_E_ADDRINUSE;
    tcb->local = local->address;
    tcb->local_port = port;
    tcb->iface = local->iface;
    tcp_demux_add_port(tcp, tcb);
    return 0;
}

int lk_tcp_listen(const struct lk_tcp_context *context, lk_socket s, uint32_t backlog)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    if (backlog == 0)
        backlog = 1;
    if (tcb->state == LK_TCP_LISTEN) {
        listener_at(tcp, tcb->listener)->backlog = backlog;
        return 0;
    }
    if (tcb->state != LK_TCP_CLOSED)
        return LK_E_ISCONN;
    if (!(tcb->flags & TCB_PORT))
        return LK_E_INVALID;
    uint32_t index = lk_pool_take(&tcp->listeners);
    if (index == LK_NONE)
        return LK_E_NOBUFS;
    struct tcp_list none = {LK_NONE, LK_NONE};
    *listener_at(tcp, index) = (struct listener){.backlog = backlog, .young = none, .complete = none};
    tcb->listener = index;
    tcb->state = LK_TCP_LISTEN;
    return 0;
}

/* Fills in the tuple; 0 or why it cannot be. Nothing is changed on an error. */
static int choose_tuple(struct lk_tcp_stack *tcp, struct tcb *tcb, const struct lk_endpoint *remote, const struct lk_tcp_route *route, struct tcp_tuple *tuple)
{
    tuple->local = lk_addr_is_unspecified(&tcb->local) ? route->source : tcb->local;
    tuple->remote = remote->address;
    tuple->remote_port = remote->port;
    tuple->local_port = tcb->local_port;
    if (remote->port == 0)
        return LK_E_INVALID;
    if (tuple->local_port == 0)
        tuple->local_port = tcp_demux_choose_port(tcp, tuple);
    if (tuple->local_port == 0)
        return LK_E_ADDRNOTAVAIL;
    return tcp_demux_tuple(tcp, tuple) != NULL ? LK_E_ADDRINUSE : 0;
}

/* RFC 9293 3.10.1, active OPEN: ISS is chosen, a SYN is owed. */
static void active_open(const struct lk_tcp_context *context, struct tcb *tcb)
{
    struct lk_tcp_stack *tcp = context->tcp;
    tcb->iss = tcp_isn(tcp, tcb, context->now);
    tcb->snd_una = tcb->iss;
    tcb->snd_nxt = tcb->iss;
    tcb->ts_offset = tcp_timestamp_offset(tcp, tcb);
    tcb->rcv_wscale = 0;
    if (tcp->config.wscale)
        tcb->rcv_wscale = tcp->config.wscale_shift <= 14 ? tcp->config.wscale_shift : tcp_window_shift(tcb->rcv_buf);
    tcb->flags |= TCB_SYN_OWED;
    tcb->state = LK_TCP_SYN_SENT;
    tcp_demux_add_tuple(tcp, tcb);
    tcb_settle(context, tcb);
}

int lk_tcp_connect(const struct lk_tcp_context *context, lk_socket s, const struct lk_endpoint *remote, const struct lk_tcp_route *route)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    if (tcb->state == LK_TCP_LISTEN)
        return LK_E_OPNOTSUPP;
    if (tcb->state == LK_TCP_SYN_SENT || tcb->state == LK_TCP_SYN_RECEIVED)
        return LK_E_ALREADY;
    if (tcb->state != LK_TCP_CLOSED || (tcb->flags & TCB_ENDED))
        return LK_E_ISCONN;
    struct tcp_tuple tuple;
    int error = choose_tuple(tcp, tcb, remote, route, &tuple);
    if (error != 0)
        return error;
    tcp_demux_remove(tcp, tcb);
    tcb->local = tuple.local;
    tcb->remote = tuple.remote;
    tcb->local_port = tuple.local_port;
    tcb->remote_port = tuple.remote_port;
    tcb->iface = route->iface;
    tcb->mtu = route->mtu;
    active_open(context, tcb);
    return 0;
}

int lk_tcp_accept(const struct lk_tcp_context *context, lk_socket listener, lk_socket *out, struct lk_endpoint *remote)
{
    struct lk_tcp_stack *tcp = context->tcp;
    struct tcb *tcb = tcb_find(tcp, listener);
    if (tcb == NULL)
        return LK_E_BADF;
    if (tcb->state != LK_TCP_LISTEN)
        return LK_E_INVALID;
    struct tcb *child = tcp_listener_accept(tcp, tcb);
    tcb_settle(context, tcb);
    if (child == NULL)
        return LK_E_AGAIN;
    *out = tcb_handle(tcp, child);
    if (remote != NULL)
        *remote = (struct lk_endpoint){.address = child->remote, .iface = child->iface, .port = child->remote_port};
    tcb_settle(context, child);
    return 0;
}

/* Rounded up: a span that is not zero stays so, or a timer would fire for ever at one instant. */
static uint32_t milliseconds(int64_t ns)
{
    int64_t ms = ns / LK_MILLISECOND + (ns % LK_MILLISECOND != 0);
    return ns == LK_NEVER || ms >= UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static void set_flag(struct tcb *tcb, uint32_t flag, bool on)
{
    tcb->flags = on ? tcb->flags | flag : tcb->flags & ~flag;
}

static int set_number(const struct lk_tcp_stack *tcp, struct tcb *tcb, int option, int64_t value)
{
    switch (option) {
    case LK_OPT_KEEPALIVE_IDLE: tcb->keep_idle = milliseconds(value); return value > 0 ? 0 : LK_E_INVALID;
    case LK_OPT_KEEPALIVE_INTERVAL: tcb->keep_interval = milliseconds(value); return value > 0 ? 0 : LK_E_INVALID;
    case LK_OPT_KEEPALIVE_COUNT: tcb->keep_count = (uint8_t)(value < UINT8_MAX ? value : UINT8_MAX); return 0;
    case LK_OPT_R2: tcb->r2 = milliseconds(value); return 0;
    case LK_OPT_RECEIVE_BUFFER: tcb->rcv_buf = (uint32_t)(value < tcp->config.receive_buffer ? value : tcp->config.receive_buffer); return 0;
    case LK_OPT_SEND_BUFFER: tcb->snd_buf = (uint32_t)(value < tcp->config.send_buffer ? value : tcp->config.send_buffer); return 0;
    case LK_OPT_DSCP: tcb->tos = (uint8_t)(value << 2); return value < 64 ? 0 : LK_E_INVALID;
    case LK_OPT_TTL: tcb->ttl = (uint8_t)value; return value > 0 && value < 256 ? 0 : LK_E_INVALID;
    case LK_OPT_MSS: tcb->user_mss = (uint16_t)value; return value < 65536 ? 0 : LK_E_INVALID;
    default: return LK_E_NOPROTOOPT;
    }
}

int lk_tcp_set(const struct lk_tcp_context *context, lk_socket s, int option, int64_t value)
{
    struct tcb *tcb = tcb_find(context->tcp, s);
    if (tcb == NULL)
        return LK_E_BADF;
    if (value < 0)
        return LK_E_INVALID;
    int error = 0;
    struct tcb before = *tcb;
    switch (option) {
    case LK_OPT_NODELAY: set_flag(tcb, TCB_NODELAY, value != 0); break;
    case LK_OPT_KEEPALIVE: set_flag(tcb, TCB_KEEPALIVE, value != 0); break;
    case LK_OPT_LINGER_0: set_flag(tcb, TCB_LINGER_0, value != 0); break;
    default: error = set_number(context->tcp, tcb, option, value);
    }
    if (error != 0) {
        *tcb = before;
        return error;
    }
    if (option == LK_OPT_MSS && tcb_synchronized(tcb))
        tcp_set_snd_mss(context->tcp, tcb);
    if (option == LK_OPT_KEEPALIVE || option == LK_OPT_KEEPALIVE_IDLE)
        tcp_heard(context, tcb);
    tcb_settle(context, tcb);
    return 0;
}
