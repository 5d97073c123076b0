/* A frame goes out: what is owed first, in the order in which it became ready, then TCP's segments, which are written
 * straight into the caller's frame. */
#include "stack/base/mem.h"
#include "stack/host/state.h"
#include "stack/ip/output.h"
#include "stack/wire/icmpv4.h"

static bool frame_sound(const struct lk_stack *stack, uint32_t iface, const struct lk_frame *frame)
{
    return frame->size_of == sizeof *frame && (iface == LK_ANY || iface < stack->links.count) && frame->csum <= LK_CSUM_TO_FILL &&
           frame->reserved == 0 && frame->gso_size == 0 && frame->vlan == 0 && frame->reserved2 == 0 && (frame->bytes != NULL || frame->cap == 0);
}

/* Puts the link header before a packet of `len` bytes that stands behind it, and tells the caller. */
static int finish(struct lk_stack *stack, struct lk_frame *frame, uint32_t iface, const uint8_t mac[6], uint16_t type, uint32_t len)
{
    const struct lk_link_iface *link = &stack->links.at[iface];
    lk_link_emit(link, mac, type, frame->bytes);
    frame->iface = iface;
    frame->csum = LK_CSUM_NONE;
    frame->len = lk_link_header(link) + len;
    stack->tx_frames++;
    return (int)frame->len;
}

static int tx_owed(struct lk_stack *stack, uint32_t index, struct lk_frame *frame)
{
    const struct lk_owed_packet *p = lk_owed_at(&stack->owed, index);
    uint32_t header = lk_link_header(&stack->links.at[p->iface]);
    if (frame->cap < header + p->len) {
        frame->len = header + p->len;
        return LK_E_NOSPACE;
    }
    lk_memcpy(frame->bytes + header, lk_owed_bytes(&stack->owed, index), p->len);
    int len = finish(stack, frame, p->iface, p->mac, p->type, p->len);
    lk_owed_sent(&stack->owed, index);
    return len;
}

/* ---- TCP ---- */

/* Link header before TCP's segment: that of the interface asked for, or the largest there is. */
static uint32_t headroom(const struct lk_stack *stack, uint32_t iface)
{
    uint32_t most = 0;
    if (iface != LK_ANY)
        return lk_link_header(&stack->links.at[iface]);
    for (uint32_t i = 0; i < stack->links.count; i++)
        if (lk_link_header(&stack->links.at[i]) > most)
            most = lk_link_header(&stack->links.at[i]);
    return most;
}

/* The neighbour is not known: the packet waits in a record; the latest is kept rather than the oldest (RFC 1122 2.3.2.2). */
static void wait_for_neighbour(struct lk_stack *stack, const uint8_t *packet, uint32_t len, const struct lk_hop *hop, const struct lk_addr *source)
{
    struct lk_arp_context context = host_arp_context(stack);
    if (stack->owed.used[LK_OWED_WAITING] == stack->owed.limit[LK_OWED_WAITING])
        lk_arp_cache_make_room(&context, hop->iface, &hop->next);
    uint32_t index = lk_owed_take(&stack->owed, LK_OWED_WAITING);
    if (index == LK_NONE)
        return;
    lk_memcpy(lk_owed_bytes(&stack->owed, index), packet, len);
    lk_owed_at(&stack->owed, index)->len = len;
    host_send(stack, index, hop, source);
}

/* Sends TCP's segment, which stands behind room for an IP header at `packet`. Returns the frame's length, or 0 when the packet
 * had to wait or was dropped. */
static int tx_segment(struct lk_stack *stack, uint32_t iface, struct lk_frame *frame, uint8_t *packet, const struct lk_ip_out *out)
{
    struct lk_arp_context context = host_arp_context(stack);
    struct lk_ip_header header = {
        .src = out->src, .dst = out->dst, .protocol = out->protocol, .tos = out->tos, .ttl = out->ttl != 0 ? out->ttl : stack->config.ttl};
    struct lk_hop hop;
    uint8_t mac[6] = {0};
    int total = lk_ip_emit(&header, packet, out->len);
    if (total < 0)
        return 0;
    bool ours = lk_addresses_own(&stack->addresses, LK_ANY, &out->src); /* RFC 1122 3.2.1.3 (d): it may have been removed */
    if (!ours || (host_route(stack, out->iface, &out->dst, &hop) < 0 && host_route(stack, LK_ANY, &out->dst, &hop) < 0)) {
        stack->no_route++;
        host_undeliverable(stack, packet, (size_t)total, LK_ICMPV4_NET_UNREACHABLE, 0);
        return 0;
    }
    const struct lk_link_iface *link = &stack->links.at[hop.iface];
    if (total > link->mtu) { /* it was made before the MTU was lowered: as if the first router had said so (RFC 1191 6.5) */
        host_undeliverable(stack, packet, (size_t)total, LK_ICMPV4_FRAGMENTATION_NEEDED, link->mtu);
        return 0;
    }
    bool here = iface == LK_ANY || iface == hop.iface;
    bool known = link->kind == LK_LINK_IS_RAW || lk_arp_cache_find(&context, hop.iface, &hop.next, lk_addr_ip4(&out->src), mac);
    if (!here || !known) {
        wait_for_neighbour(stack, packet, (uint32_t)total, &hop, &out->src);
        return 0;
    }
    uint8_t *place = frame->bytes + lk_link_header(link);
    if (place != packet)
        lk_memmove(place, packet, (size_t)total);
    return finish(stack, frame, hop.iface, mac, LK_ETHERTYPE_IPV4, (uint32_t)total);
}

/* The next segment of TCP. *again: nothing to hand out of this one, look once more. */
static int tx_tcp(struct lk_stack *stack, uint32_t iface, struct lk_frame *frame, bool *again)
{
    struct lk_tcp_context context = host_tcp_context(stack);
    uint32_t before = headroom(stack, iface) + LK_IPV4_HEADER;
    size_t cap = frame->cap < before ? 0 : frame->cap - before;
    struct lk_ip_out out = {.iface = iface, .bytes = cap == 0 ? NULL : frame->bytes + before, .cap = cap > UINT32_MAX ? UINT32_MAX : (uint32_t)cap};
    *again = false;
    int len = lk_tcp_output(&context, &out);
    if (len == LK_E_NOSPACE)
        frame->len = before + (size_t)out.len;
    if (len <= 0)
        return len;
    len = tx_segment(stack, iface, frame, out.bytes - LK_IPV4_HEADER, &out);
    *again = len == 0;
    return len;
}

int lk_stack_tx(struct lk_stack *stack, uint32_t iface, struct lk_frame *frame, lk_time now)
{
    bool again = true;
    int len = 0;
    if (!frame_sound(stack, iface, frame))
        return LK_E_INVALID;
    host_enter(stack, now);
    while (again) {
        uint32_t owed = lk_owed_first(&stack->owed, iface);
        if (owed != LK_NONE)
            return tx_owed(stack, owed, frame);
        len = tx_tcp(stack, iface, frame, &again);
    }
    return len;
}
