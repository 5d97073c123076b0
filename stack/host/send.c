/* A packet that was built here finds its way: a route, then a link address, then a place among what is owed. */
#include "stack/base/mem.h"
#include "stack/host/state.h"
#include "stack/ip/output.h"
#include "stack/wire/icmpv4.h"

int host_route(const struct lk_stack *stack, uint32_t iface, const struct lk_addr *destination, struct lk_hop *out)
{
    return lk_routes_find(&stack->routes, &stack->addresses, stack->links.up, iface, destination, out);
}

int host_send(struct lk_stack *stack, uint32_t index, const struct lk_hop *hop, const struct lk_addr *source)
{
    struct lk_arp_context context = host_arp_context(stack);
    struct lk_owed_packet *p = lk_owed_at(&stack->owed, index);
    p->type = LK_ETHERTYPE_IPV4;
    p->iface = (uint8_t)hop->iface;
    if (stack->links.at[hop->iface].kind == LK_LINK_IS_ETHERNET) {
        if (hop->cast == LK_CAST_UNICAST)
            return lk_arp_cache_send(&context, index, &hop->next, lk_addr_ip4(source));
        lk_link_group_mac(hop->cast == LK_CAST_BROADCAST, &hop->next, p->mac);
    }
    lk_owed_make_ready(&stack->owed, index);
    return 0;
}

/* ---- ICMP ---- */

/* Puts the IP header before the `len` bytes of ICMP in a record, answering *in: from the very address it was sent to
 * (RFC 1122 3.2.2.6). */
static void answer(struct lk_stack *stack, uint32_t index, const struct lk_ip_in *in, const struct lk_hop *hop, uint8_t tos, int len)
{
    struct lk_ip_header header = {.src = in->dst, .dst = in->src, .protocol = LK_PROTOCOL_ICMP, .tos = tos, .ttl = stack->config.ttl};
    int total = len < 0 ? len : lk_ip_emit(&header, lk_owed_bytes(&stack->owed, index), (uint32_t)len);
    if (total < 0) {
        lk_owed_give(&stack->owed, index);
        return;
    }
    lk_owed_at(&stack->owed, index)->len = (uint32_t)total;
    host_send(stack, index, hop, &in->dst);
}

bool host_owe_echo_reply(struct lk_stack *stack, const struct lk_ip_in *in)
{
    struct lk_hop hop;
    if (!lk_addresses_own(&stack->addresses, LK_ANY, &in->dst) || host_route(stack, LK_ANY, &in->src, &hop) < 0)
        return false;
    if (in->len + LK_IPV4_HEADER > stack->links.at[hop.iface].mtu)
        return false; /* it would have to be fragmented */
    uint32_t index = lk_owed_take(&stack->owed, LK_OWED_REPLY);
    if (index == LK_NONE)
        return false;
    uint8_t *packet = lk_owed_bytes(&stack->owed, index);
    answer(stack, index, in, &hop, in->tos, lk_icmp_echo_reply(in, packet + LK_IPV4_HEADER, stack->owed.room - LK_IPV4_HEADER));
    return true;
}

bool host_owe_error(struct lk_stack *stack, const struct lk_icmp_owed *owed, const struct lk_ipv4 *header, const struct lk_ip_in *in)
{
    struct lk_hop hop;
    if (!owed->owed || !lk_icmp_may_answer(in, header) || !lk_addresses_own(&stack->addresses, LK_ANY, &in->dst))
        return false;
    if (host_route(stack, LK_ANY, &in->src, &hop) < 0 || hop.cast != LK_CAST_UNICAST)
        return false;
    uint32_t index = lk_owed_take(&stack->owed, LK_OWED_REPLY);
    if (index == LK_NONE)
        return false;
    uint8_t *packet = lk_owed_bytes(&stack->owed, index);
    size_t room = stack->links.at[hop.iface].mtu - LK_IPV4_HEADER;
    /* RFC 1122 3.2.2: TOS 0 */
    answer(stack, index, in, &hop, 0, lk_icmp_error_emit(owed, in, packet + LK_IPV4_HEADER, room));
    return true;
}

enum lk_rx host_error_to_transport(struct lk_stack *stack, const struct lk_icmp_error *error, uint8_t protocol)
{
    struct lk_tcp_context context = host_tcp_context(stack);
    switch (protocol) { /* RFC 1122 3.2.2: the quoted protocol number chooses */
    case LK_PROTOCOL_TCP: return lk_tcp_icmp(&context, error);
    case LK_PROTOCOL_UDP: return lk_udp_icmp(&stack->udp, error, host_event_age(stack));
    default: return LK_RX_DROP_ICMP;
    }
}

void host_undeliverable(struct lk_stack *stack, const uint8_t *packet, size_t len, uint8_t code, uint16_t mtu)
{
    struct lk_ipv4 header;
    if (lk_ipv4_parse(packet, len, &header) < 0 || header.fragment_offset != 0)
        return;
    struct lk_icmp_error error = {
        .local = lk_addr_from_ip4(header.source_address),
        .remote = lk_addr_from_ip4(header.destination_address),
        .iface = LK_ANY,
        .type = LK_ICMPV4_DESTINATION_UNREACHABLE,
        .code = code,
        .mtu = mtu,
        .bytes = header.payload,
        .len = (uint32_t)header.payload_len,
    };
    if (lk_addresses_own(&stack->addresses, LK_ANY, &error.local)) /* not one that was forwarded */
        host_error_to_transport(stack, &error, header.protocol);
}
