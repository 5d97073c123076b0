#include "stack/udp/udp.h"
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/udp/table.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/udp.h"

/* ---- received ---- */

/* Whether a socket of this port takes what goes between these endpoints. */
static bool fits(const struct lk_udp_socket *s, const struct lk_addr *local, const struct lk_addr *remote, uint16_t remote_port, uint32_t iface)
{
    if (!lk_udp_any(&s->local) && !lk_addr_equal(&s->local, local))
        return false;
    if (s->local_iface != LK_ANY && s->local_iface != iface && iface != LK_ANY)
        return false;
    return (s->flags & LK_UDP_CONNECTED) == 0 || (s->remote_port == remote_port && lk_addr_equal(&s->remote, remote));
}

/* The socket for a port and endpoints. There is at most one: binding refuses what overlaps. */
static uint32_t demultiplex(const struct lk_udp_table *udp, const struct lk_addr *local, uint16_t local_port, const struct lk_addr *remote,
                            uint16_t remote_port, uint32_t iface)
{
    uint32_t at = *lk_udp_bucket(udp, local_port);
    while (at != LK_NONE && !(lk_udp_at(udp, at)->local_port == local_port && fits(lk_udp_at(udp, at), local, remote, remote_port, iface)))
        at = lk_udp_at(udp, at)->chain;
    return at;
}

static bool datagram_sound(const struct lk_ip_in *in, struct lk_udp *udp)
{
    if (lk_udp_parse(in->bytes, in->len, udp) < 0)
        return false;
    if ((in->flags & LK_IP_CSUM_VERIFIED) != 0)
        return true;
    uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_addr_ip4(&in->src), lk_addr_ip4(&in->dst), LK_PROTOCOL_UDP, udp->length);
    return lk_udp_checksum_ok(in->bytes, in->len, pseudo); /* RFC 1122 4.1.3.4: 0 means none was made */
}

static void enqueue(struct lk_udp_table *udp, struct lk_udp_socket *s, uint32_t index, const struct lk_ip_in *in, const struct lk_udp *header)
{
    struct lk_udp_datagram *d = lk_pool_at(&udp->datagrams, index);
    d->local = in->dst; /* RFC 1122 4.1.3.5: the specific destination is passed up */
    d->remote = in->src;
    d->iface = in->iface;
    d->local_port = header->destination_port;
    d->remote_port = header->source_port;
    d->len = (uint32_t)header->payload_len;
    d->next = LK_NONE;
    lk_memcpy(d + 1, header->payload, header->payload_len);
    if (s->tail == LK_NONE)
        s->head = index;
    else
        ((struct lk_udp_datagram *)lk_pool_at(&udp->datagrams, s->tail))->next = index;
    s->tail = index;
    s->waiting++;
}

enum lk_rx lk_udp_input(struct lk_udp_table *udp, const struct lk_ip_in *in, uint64_t age)
{
    struct lk_udp header;
    if (!datagram_sound(in, &header))
        return LK_RX_DROP_UDP_HEADER;
    uint32_t index = demultiplex(udp, &in->dst, header.destination_port, &in->src, header.source_port, in->iface);
    if (index == LK_NONE)
        return LK_RX_DROP_UDP_PORT;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if (header.payload_len > udp->room || (s->flags & LK_UDP_NO_RECV) != 0)
        return LK_RX_DROP_UDP_FULL;
    uint32_t datagram = lk_pool_take(&udp->datagrams);
    if (datagram == LK_NONE)
        return LK_RX_DROP_UDP_FULL;
    enqueue(udp, s, datagram, in, &header);
    lk_udp_touch(udp, index, age);
    return LK_RX_ACCEPTED;
}

/* RFC 1122 4.1.3.3: what an ICMP error means to a socket. */
static int error_of(const struct lk_icmp_error *error)
{
    if (error->type == LK_ICMPV4_PARAMETER_PROBLEM)
        return LK_E_PROTO;
    if (error->type != LK_ICMPV4_DESTINATION_UNREACHABLE)
        return LK_E_HOSTUNREACH; /* time exceeded */
    switch (error->code) {
    case LK_ICMPV4_PORT_UNREACHABLE: return LK_E_CONNREFUSED;
    case LK_ICMPV4_PROTOCOL_UNREACHABLE: return LK_E_NOPROTOOPT;
    case LK_ICMPV4_FRAGMENTATION_NEEDED: return LK_E_MSGSIZE;
    case LK_ICMPV4_NET_UNREACHABLE:
    case LK_ICMPV4_NET_UNKNOWN:
    case LK_ICMPV4_NET_PROHIBITED:
    case LK_ICMPV4_NET_UNREACHABLE_TOS: return LK_E_NETUNREACH;
    default: return LK_E_HOSTUNREACH;
    }
}

enum lk_rx lk_udp_icmp(struct lk_udp_table *udp, const struct lk_icmp_error *error, uint64_t age)
{
    if (error->len < LK_UDP_HEADER)
        return LK_RX_DROP_ICMP;
    uint16_t local_port = lk_load_be16(error->bytes), remote_port = lk_load_be16(error->bytes + 2);
    uint32_t index = demultiplex(udp, &error->local, local_port, &error->remote, remote_port, error->iface);
    if (index == LK_NONE)
        return LK_RX_DROP_ICMP;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if ((s->flags & LK_UDP_CONNECTED) != 0)
        s->error = error_of(error);
    else
        s->soft_error = error_of(error); /* one peer of many: no reason to fail the next call to another */
    lk_udp_touch(udp, index, age);
    return LK_RX_ACCEPTED;
}

/* ---- read ---- */

static void drop_oldest(struct lk_udp_table *udp, struct lk_udp_socket *s)
{
    uint32_t index = s->head;
    s->head = ((const struct lk_udp_datagram *)lk_pool_at(&udp->datagrams, index))->next;
    if (s->head == LK_NONE)
        s->tail = LK_NONE;
    s->waiting--;
    lk_pool_give(&udp->datagrams, index);
}

static int64_t take_error(struct lk_udp_table *udp, uint32_t index, uint64_t age)
{
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    int error = s->error;
    s->error = 0;
    lk_udp_touch(udp, index, age);
    return error;
}

int64_t lk_udp_recv(struct lk_udp_table *udp, lk_socket socket, void *bytes, size_t cap, uint32_t flags, struct lk_endpoint *remote,
                    struct lk_endpoint *local, uint64_t age)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if (s->error != 0)
        return take_error(udp, index, age);
    if (s->head == LK_NONE)
        return (s->flags & LK_UDP_NO_RECV) != 0 ? 0 : LK_E_AGAIN;
    const struct lk_udp_datagram *d = lk_pool_at(&udp->datagrams, s->head);
    size_t len = d->len < cap ? d->len : cap; /* what does not fit is lost, as everywhere */
    lk_memcpy(bytes, d + 1, len);
    if (remote != NULL)
        *remote = (struct lk_endpoint){.address = d->remote, .iface = d->iface, .port = d->remote_port};
    if (local != NULL)
        *local = (struct lk_endpoint){.address = d->local, .iface = d->iface, .port = d->local_port};
    if ((flags & LK_RECV_PEEK) == 0) {
        drop_oldest(udp, s);
        s->soft_error = 0;
        lk_udp_touch(udp, index, age);
    }
    return (int64_t)len;
}

int64_t lk_udp_peek(struct lk_udp_table *udp, lk_socket socket, const uint8_t **bytes)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    const struct lk_udp_socket *s = lk_udp_at(udp, index);
    if (s->head == LK_NONE)
        return LK_E_AGAIN;
    const struct lk_udp_datagram *d = lk_pool_at(&udp->datagrams, s->head);
    *bytes = (const uint8_t *)(d + 1);
    return d->len;
}

int lk_udp_consume(struct lk_udp_table *udp, lk_socket socket, uint64_t age)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if (s->head == LK_NONE)
        return LK_E_AGAIN;
    drop_oldest(udp, s);
    lk_udp_touch(udp, index, age);
    return 0;
}

int lk_udp_close(struct lk_udp_table *udp, lk_socket socket)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    while (s->head != LK_NONE)
        drop_oldest(udp, s);
    lk_udp_remove(udp, index);
    return 0;
}

/* ---- sent ---- */

int lk_udp_prepare(struct lk_udp_table *udp, lk_socket socket, const struct lk_endpoint *remote, const struct lk_endpoint *local,
                   struct lk_udp_out *out, uint64_t age)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if (s->error != 0)
        return (int)take_error(udp, index, age);
    if ((s->flags & LK_UDP_NO_SEND) != 0)
        return LK_E_PIPE;
    if (remote == NULL && (s->flags & LK_UDP_CONNECTED) == 0)
        return LK_E_DESTADDRREQ;
    int error = (s->flags & LK_UDP_BOUND) == 0 ? lk_udp_bind_ephemeral(udp, index) : 0;
    if (error < 0)
        return error;
    *out = (struct lk_udp_out){
        .local = local != NULL && !lk_udp_any(&local->address) ? local->address : s->local,
        .remote = remote != NULL ? remote->address : s->remote,
        .iface = s->local_iface != LK_ANY ? s->local_iface : remote != NULL ? remote->iface : s->remote_iface,
        .local_port = s->local_port,
        .remote_port = remote != NULL ? remote->port : s->remote_port,
        .ttl = s->ttl,
        .tos = s->tos,
    };
    if (local != NULL && local->iface != LK_ANY) {
        if (out->iface != LK_ANY && out->iface != local->iface)
            return LK_E_ADDRNOTAVAIL; /* the socket is bound to another interface */
        out->iface = local->iface;
    }
    return out->remote_port == 0 || lk_udp_any(&out->remote) ? LK_E_INVALID : 0;
}

int lk_udp_build(const struct lk_udp_out *out, const void *bytes, size_t len, uint8_t *buf, size_t cap)
{
    if (len > UINT16_MAX - LK_UDP_HEADER)
        return LK_E_INVALID;
    struct lk_udp header = {.source_port = out->local_port, .destination_port = out->remote_port, .payload = bytes, .payload_len = len};
    uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_addr_ip4(&out->local), lk_addr_ip4(&out->remote), LK_PROTOCOL_UDP, (uint16_t)(LK_UDP_HEADER + len));
    return lk_udp_emit_summed(&header, pseudo, buf, cap);
}
