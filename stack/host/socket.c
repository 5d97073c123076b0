/* The calls of the application: checked here as far as addresses and routes go, then TCP's or UDP's. */
#include "stack/base/mem.h"
#include "stack/host/state.h"
#include "stack/ip/output.h"

static bool is_tcp(lk_socket s)
{
    return ((uint32_t)s & LK_SOCKET_TCP) != 0;
}

static bool is_any(const struct lk_addr *address)
{
    static const struct lk_addr any;
    return lk_memequal(address->octet, any.octet, 16);
}

/* What every endpoint an application hands in must satisfy. */
static int endpoint_check(const struct lk_stack *stack, const struct lk_endpoint *e)
{
    if (e->reserved != 0 || (e->iface != LK_ANY && e->iface >= stack->links.count))
        return LK_E_INVALID;
    return is_any(&e->address) || lk_addr_is_ip4(&e->address) ? 0 : LK_E_AFNOSUPPORT;
}

int lk_sock_open(struct lk_stack *stack, int protocol, lk_socket *out, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    switch (protocol) {
    case LK_TCP: return lk_tcp_open(&context, out);
    case LK_UDP: return lk_udp_open(&stack->udp, out, host_event_age(stack));
    default: return LK_E_PROTONOSUPPORT;
    }
}

int lk_sock_bind(struct lk_stack *stack, lk_socket s, const struct lk_endpoint *local, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    int error = endpoint_check(stack, local);
    if (error < 0)
        return error;
    if (!is_any(&local->address) && !lk_addresses_own(&stack->addresses, local->iface, &local->address))
        return LK_E_ADDRNOTAVAIL;
    return is_tcp(s) ? lk_tcp_bind(&context, s, local) : lk_udp_bind(&stack->udp, s, local);
}

int lk_sock_listen(struct lk_stack *stack, lk_socket s, uint32_t backlog, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    if (!is_tcp(s))
        return lk_udp_bits(&stack->udp, s) == 0 ? LK_E_BADF : LK_E_OPNOTSUPP;
    return lk_tcp_listen(&context, s, backlog);
}

/* An active open needs a route, and a remote that is one host (RFC 9293 MUST-46). */
static int connect_tcp(struct lk_stack *stack, lk_socket s, const struct lk_endpoint *remote)
{
    struct lk_tcp_context context = host_tcp_context(stack);
    struct lk_tcp_route route = {0};
    struct lk_sock_info info;
    struct lk_hop hop;
    int error = lk_tcp_info(host_tcp(stack), s, &info);
    if (error < 0)
        return error;
    if (remote->port == 0 || is_any(&remote->address))
        return LK_E_INVALID; /* RFC 9293 3.10.1: "remote socket unspecified" */
    uint32_t iface = info.local.iface != LK_ANY ? info.local.iface : remote->iface;
    error = host_route(stack, iface, &remote->address, &hop);
    if (error < 0)
        return error;
    if (hop.cast != LK_CAST_UNICAST)
        return LK_E_NETUNREACH;
    if (is_any(&info.local.address) && !lk_addresses_source(&stack->addresses, hop.iface, &hop.next, &route.source))
        return LK_E_ADDRNOTAVAIL;
    route.iface = hop.iface;
    route.mtu = stack->links.at[hop.iface].mtu;
    return lk_tcp_connect(&context, s, remote, &route);
}

int lk_sock_connect(struct lk_stack *stack, lk_socket s, const struct lk_endpoint *remote, lk_time now)
{
    host_enter(stack, now);
    int error = endpoint_check(stack, remote);
    if (error < 0)
        return error;
    return is_tcp(s) ? connect_tcp(stack, s, remote) : lk_udp_connect(&stack->udp, s, remote, host_event_age(stack));
}

int lk_sock_accept(struct lk_stack *stack, lk_socket listener, lk_socket *out, struct lk_endpoint *remote, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    if (!is_tcp(listener))
        return lk_udp_bits(&stack->udp, listener) == 0 ? LK_E_BADF : LK_E_OPNOTSUPP;
    return lk_tcp_accept(&context, listener, out, remote);
}

/* ---- sending ---- */

/* The address a datagram comes from: the one asked for if it is ours, else the interface's; 0.0.0.0 only from a host that has
 * no address yet, to find one (RFC 1122 3.2.1.3 (a)), or when it is asked for by name together with an interface. */
static int choose_source(const struct lk_stack *stack, struct lk_udp_out *out, const struct lk_hop *hop)
{
    struct lk_addr none = lk_addr_from_ip4(0);
    if (is_any(&out->local)) {
        if (lk_addresses_source(&stack->addresses, hop->iface, &hop->next, &out->local))
            return 0;
        out->local = none;
        return hop->cast == LK_CAST_BROADCAST ? 0 : LK_E_ADDRNOTAVAIL;
    }
    if (lk_addr_equal(&out->local, &none))
        return out->iface != LK_ANY ? 0 : LK_E_ADDRNOTAVAIL;
    return lk_addresses_own(&stack->addresses, LK_ANY, &out->local) ? 0 : LK_E_ADDRNOTAVAIL;
}

static uint8_t time_to_live(const struct lk_stack *stack, const struct lk_udp_out *out, const struct lk_hop *hop)
{
    if (out->ttl != 0)
        return out->ttl;
    return hop->cast == LK_CAST_MULTICAST ? 1 : stack->config.ttl; /* RFC 1112 6.1 */
}

static int64_t send_datagram(struct lk_stack *stack, const struct lk_udp_out *out, const struct lk_hop *hop, const void *bytes, size_t len)
{
    struct lk_ip_header header = {
        .src = out->local, .dst = out->remote, .protocol = LK_PROTOCOL_UDP, .tos = out->tos, .ttl = time_to_live(stack, out, hop)};
    uint32_t index = lk_owed_take(&stack->owed, LK_OWED_UDP);
    if (index == LK_NONE)
        return LK_E_NOBUFS;
    uint8_t *packet = lk_owed_bytes(&stack->owed, index);
    int total = lk_udp_build(out, bytes, len, packet + LK_IPV4_HEADER, stack->owed.room - LK_IPV4_HEADER);
    if (total >= 0)
        total = lk_ip_emit(&header, packet, (uint32_t)total);
    if (total < 0) {
        lk_owed_give(&stack->owed, index);
        return total;
    }
    lk_owed_at(&stack->owed, index)->len = (uint32_t)total;
    int error = host_send(stack, index, hop, &out->local);
    return error < 0 ? error : (int64_t)len;
}

static int64_t send_udp(struct lk_stack *stack, lk_socket s, const void *bytes, size_t len, const struct lk_endpoint *remote, const struct lk_endpoint *local)
{
    struct lk_udp_out out;
    struct lk_hop hop;
    int error = lk_udp_prepare(&stack->udp, s, remote, local, &out, host_event_age(stack));
    if (error < 0)
        return error;
    error = host_route(stack, out.iface, &out.remote, &hop);
    if (error < 0)
        return error;
    error = choose_source(stack, &out, &hop);
    if (error < 0)
        return error;
    if (len > stack->links.at[hop.iface].mtu - (size_t)(LK_IPV4_HEADER + 8))
        return LK_E_MSGSIZE; /* nothing is fragmented here (RFC 1122 3.3.3) */
    return send_datagram(stack, &out, &hop, bytes, len);
}

int64_t lk_sock_send(struct lk_stack *stack, lk_socket s, const void *bytes, size_t len, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    return is_tcp(s) ? lk_tcp_send(&context, s, bytes, len) : send_udp(stack, s, bytes, len, NULL, NULL);
}

int64_t lk_sock_send_to(struct lk_stack *stack, lk_socket s, const void *bytes, size_t len, const struct lk_endpoint *remote, const struct lk_endpoint *local, lk_time now)
{
    host_enter(stack, now);
    int error = remote != NULL ? endpoint_check(stack, remote) : 0;
    if (error == 0 && local != NULL)
        error = endpoint_check(stack, local);
    if (error < 0)
        return error;
    if (is_tcp(s))
        return LK_E_OPNOTSUPP;
    return send_udp(stack, s, bytes, len, remote, local);
}

int64_t lk_sock_reserve(struct lk_stack *stack, lk_socket s, uint8_t **bytes, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    if (!is_tcp(s))
        return lk_udp_bits(&stack->udp, s) == 0 ? LK_E_BADF : LK_E_OPNOTSUPP;
    return lk_tcp_reserve(&context, s, bytes);
}

int lk_sock_commit(struct lk_stack *stack, lk_socket s, size_t len, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    if (!is_tcp(s))
        return lk_udp_bits(&stack->udp, s) == 0 ? LK_E_BADF : LK_E_OPNOTSUPP;
    return lk_tcp_commit(&context, s, len);
}

/* ---- receiving ---- */

int64_t lk_sock_recv(struct lk_stack *stack, lk_socket s, void *bytes, size_t cap, uint32_t flags, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    if ((flags & ~(uint32_t)LK_RECV_PEEK) != 0)
        return LK_E_INVALID;
    if (is_tcp(s))
        return lk_tcp_recv(&context, s, bytes, cap, flags);
    return lk_udp_recv(&stack->udp, s, bytes, cap, flags, NULL, NULL, host_event_age(stack));
}

int64_t lk_sock_recv_from(struct lk_stack *stack, lk_socket s, void *bytes, size_t cap, struct lk_endpoint *remote, struct lk_endpoint *local, lk_time now)
{
    host_enter(stack, now);
    if (is_tcp(s))
        return LK_E_OPNOTSUPP;
    return lk_udp_recv(&stack->udp, s, bytes, cap, 0, remote, local, host_event_age(stack));
}

int64_t lk_sock_peek(struct lk_stack *stack, lk_socket s, const uint8_t **bytes, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    return is_tcp(s) ? lk_tcp_peek(&context, s, bytes) : lk_udp_peek(&stack->udp, s, bytes);
}

int lk_sock_consume(struct lk_stack *stack, lk_socket s, size_t len, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    return is_tcp(s) ? lk_tcp_consume(&context, s, len) : lk_udp_consume(&stack->udp, s, host_event_age(stack));
}

/* ---- ending, options, looking ---- */

int lk_sock_shutdown(struct lk_stack *stack, lk_socket s, int how, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    if (how != LK_SHUT_RD && how != LK_SHUT_WR && how != LK_SHUT_RDWR)
        return LK_E_INVALID;
    return is_tcp(s) ? lk_tcp_shutdown(&context, s, how) : lk_udp_shutdown(&stack->udp, s, how, host_event_age(stack));
}

int lk_sock_close(struct lk_stack *stack, lk_socket s, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    return is_tcp(s) ? lk_tcp_close(&context, s) : lk_udp_close(&stack->udp, s);
}

int lk_sock_abort(struct lk_stack *stack, lk_socket s, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    return is_tcp(s) ? lk_tcp_abort(&context, s) : lk_udp_close(&stack->udp, s);
}

int lk_sock_set(struct lk_stack *stack, lk_socket s, int option, int64_t value, lk_time now)
{
    host_enter(stack, now);
    struct lk_tcp_context context = host_tcp_context(stack);
    return is_tcp(s) ? lk_tcp_set(&context, s, option, value) : lk_udp_set(&stack->udp, s, option, value);
}

int lk_sock_error(struct lk_stack *stack, lk_socket s)
{
    return is_tcp(s) ? lk_tcp_error(host_tcp(stack), s) : lk_udp_error(&stack->udp, s);
}

uint32_t lk_sock_bits(const struct lk_stack *stack, lk_socket s)
{
    return is_tcp(s) ? lk_tcp_bits(host_tcp(stack), s) : lk_udp_bits(&stack->udp, s);
}

int lk_sock_info(const struct lk_stack *stack, lk_socket s, struct lk_sock_info *out)
{
    return is_tcp(s) ? lk_tcp_info(host_tcp(stack), s, out) : lk_udp_info(&stack->udp, s, out);
}

int lk_tuple_info(const struct lk_stack *stack, const struct lk_endpoint *local, const struct lk_endpoint *remote, struct lk_sock_info *out)
{
    return lk_tcp_tuple_info(host_tcp(stack), local, remote, out);
}
