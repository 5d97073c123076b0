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
    struct common wanted = *tcp_common(tcp, tcb);
    wanted.local = local->address;
    wanted.iface = local->iface;
    if (!tcp_common_change(tcp, tcb, &wanted))
        return LK_E_NOBUFS;
    tcb->local_port = port;
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
    const struct lk_addr *bound = &tcp_common(tcp, tcb)->local;
    tuple->local = lk_addr_is_unspecified(bound) ? route->source : *bound;
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
    uint8_t shift = tcp->config.wscale_shift <= 14 ? tcp->config.wscale_shift : tcp_window_shift(tcp_common(tcp, tcb)->rcv_buf);
    tcb_set_wscales(tcb, 0, tcp->config.wscale ? shift : 0);
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
    struct common wanted = *tcp_common(tcp, tcb);
    wanted.local = tuple.local;
    wanted.iface = route->iface;
    wanted.mtu = route->mtu;
    bool bound = tcb->flags & TCB_PORT;
    tcp_demux_remove(tcp, tcb);
    if (!tcp_common_change(tcp, tcb, &wanted)) {
        if (bound)
            tcp_demux_add_port(tcp, tcb);
        return LK_E_NOBUFS;
    }
    tcb->remote = tuple.remote;
    tcb->local_port = tuple.local_port;
    tcb->remote_port = tuple.remote_port;
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
        *remote = (struct lk_endpoint){.address = child->remote, .iface = tcp_common(tcp, child)->iface, .port = child->remote_port};
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

static uint32_t at_most(int64_t value, uint32_t most)
{
    return value < most ? (uint32_t)value : most;
}

static int set_number(const struct lk_tcp_config *config, struct common *c, int option, int64_t value)
{
    switch (option) {
    case LK_OPT_KEEPALIVE_IDLE: c->keep_idle = milliseconds(value); return value > 0 ? 0 : LK_E_INVALID;
    case LK_OPT_KEEPALIVE_INTERVAL: c->keep_interval = milliseconds(value); return value > 0 ? 0 : LK_E_INVALID;
    case LK_OPT_KEEPALIVE_COUNT: c->keep_count = (uint8_t)at_most(value, UINT8_MAX); return 0;
    case LK_OPT_R2: c->r2 = milliseconds(value); return 0;
    case LK_OPT_RECEIVE_BUFFER: c->rcv_buf = at_most(value, config->receive_buffer); return 0;
    case LK_OPT_SEND_BUFFER: c->snd_buf = at_most(value, config->send_buffer); return 0;
    case LK_OPT_DSCP: c->tos = (uint8_t)(value << 2); return value < 64 ? 0 : LK_E_INVALID;
    case LK_OPT_TTL: c->ttl = (uint8_t)value; return value > 0 && value < 256 ? 0 : LK_E_INVALID;
    case LK_OPT_MSS: c->user_mss = (uint16_t)value; return value < 65536 ? 0 : LK_E_INVALID;
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
    struct common wanted = *tcp_common(context->tcp, tcb);
    int error = 0;
    switch (option) {
    case LK_OPT_NODELAY: set_flag(tcb, TCB_NODELAY, value != 0); break;
    case LK_OPT_KEEPALIVE: set_flag(tcb, TCB_KEEPALIVE, value != 0); break;
    case LK_OPT_LINGER_0: set_flag(tcb, TCB_LINGER_0, value != 0); break;
    default: error = set_number(&context->tcp->config, &wanted, option, value);
    }
    if (error != 0)
        return error;
    if (!tcp_common_change(context->tcp, tcb, &wanted))
        return LK_E_NOBUFS;
    if (option == LK_OPT_MSS && tcb_synchronized(tcb))
        tcp_set_snd_mss(context->tcp, tcb);
    if (option == LK_OPT_KEEPALIVE || option == LK_OPT_KEEPALIVE_IDLE)
        tcp_heard(context, tcb);
    tcb_settle(context, tcb);
    return 0;
}
