/* A frame comes in: link, then ARP or IP, then ICMP, UDP or TCP. Each step returns what became of it; nothing is sent. */
#include "stack/base/mem.h"
#include "stack/host/state.h"
#include "stack/wire/icmpv4.h"

/* RFC 5227 2.1.1, 2.4: whether another station claims an address of ours, or asks for one that we ask for. What has one of our own
 * link addresses is our own packet come back. */
static bool claimed(struct lk_stack *stack, uint32_t iface, const struct lk_arp *arp)
{
    for (uint32_t i = 0; i < stack->links.count; i++)
        if (lk_memequal(stack->links.at[i].mac, arp->sha, 6))
            return false;
    struct lk_addr sender = lk_addr_from_ip4(arp->spa), target = lk_addr_from_ip4(arp->tpa);
    if (arp->spa != 0)
        return lk_addresses_claimed(&stack->addresses, iface, &sender, false);
    return arp->op == LK_ARP_REQUEST && lk_addresses_claimed(&stack->addresses, iface, &target, true);
}

/* RFC 826, with the sender's address held against RFC 1122 3.2.1.3 before anything is learnt from it. */
static enum lk_rx rx_arp(struct lk_stack *stack, uint32_t iface, const uint8_t *bytes, size_t len)
{
    struct lk_arp arp;
    if (lk_arp_parse(bytes, len, &arp) < 0)
        return LK_RX_DROP_ARP;
    struct lk_addr sender = lk_addr_from_ip4(arp.spa), target = lk_addr_from_ip4(arp.tpa);
    bool conflict = claimed(stack, iface, &arp);
    if (lk_addresses_own(&stack->addresses, LK_ANY, &sender))
        return LK_RX_DROP_ARP; /* somebody else uses our address; it is not given up */
    bool sound = arp.spa >> 24 != 0 && !lk_addr_is_multicast(&sender) && !lk_addr_is_loopback(&sender) &&
                 !lk_addresses_broadcast(&stack->addresses, iface, &sender);
    if (!sound && arp.spa != 0)
        return LK_RX_DROP_ARP;
    bool for_us = lk_addresses_own(&stack->addresses, iface, &target);
    struct lk_arp_context context = host_arp_context(stack);
    return lk_arp_cache_input(&context, iface, &arp, for_us, sound) || conflict ? LK_RX_ACCEPTED : LK_RX_DROP_ARP;
}

static enum lk_rx rx_icmp(struct lk_stack *stack, const struct lk_ip_in *in)
{
    struct lk_icmp_error error;
    uint8_t protocol = 0;
    switch (lk_icmp_input(&stack->addresses, in, &error, &protocol)) {
    case LK_ICMP_IGNORE:
        return LK_RX_ACCEPTED;
    case LK_ICMP_ECHO:
        if (!stack->config.icmp_echo)
            return LK_RX_DROP_ICMP;
        return host_owe_echo_reply(stack, in) ? LK_RX_ACCEPTED : LK_RX_DROP_FULL;
    case LK_ICMP_ERROR:
        return host_error_to_transport(stack, &error, protocol);
    default:
        return LK_RX_DROP_ICMP;
    }
}

/* RFC 1122 3.2.2.1: what nobody here takes is answered by destination unreachable, when the rules let it. */
static enum lk_rx unreachable(struct lk_stack *stack, uint8_t code, const struct lk_ipv4 *header, const struct lk_ip_in *in, enum lk_rx otherwise)
{
    struct lk_icmp_owed owed = {true, LK_ICMPV4_DESTINATION_UNREACHABLE, code, 0};
    return host_owe_error(stack, &owed, header, in) ? LK_RX_UNREACHABLE_SENT : otherwise;
}

static enum lk_rx rx_protocol(struct lk_stack *stack, const struct lk_ipv4 *header, const struct lk_ip_in *in)
{
    struct lk_tcp_context context = host_tcp_context(stack);
    switch (in->protocol) {
    case LK_PROTOCOL_ICMP:
        return rx_icmp(stack, in);
    case LK_PROTOCOL_TCP:
        return lk_tcp_input(&context, in);
    case LK_PROTOCOL_UDP: {
        enum lk_rx became = lk_udp_input(&stack->udp, in, host_event_age(stack));
        if (became == LK_RX_DROP_UDP_PORT) /* RFC 1122 4.1.3.1 */
            return unreachable(stack, LK_ICMPV4_PORT_UNREACHABLE, header, in, became);
        return became;
    }
    default:
        return unreachable(stack, LK_ICMPV4_PROTOCOL_UNREACHABLE, header, in, LK_RX_DROP_IP_PROTOCOL);
    }
}

/* What the gateway needs of a packet that it is to judge: where the packet stands, and where it would go. */
static enum lk_rx report(const struct lk_stack *stack, struct lk_frame *frame, const struct lk_link_in *link, const struct lk_ip_in *in)
{
    struct lk_hop hop = {.iface = LK_ANY};
    if (lk_addresses_own(&stack->addresses, LK_ANY, &in->dst))
        hop.iface = LK_LOCAL;
    else if (host_route(stack, LK_ANY, &in->dst, &hop) == 0 && hop.cast != LK_CAST_UNICAST)
        return LK_RX_DROP_IP_NOT_OURS; /* RFC 2644 3: no broadcast of another network of ours is forwarded */
    frame->forward.iface = hop.iface;
    frame->forward.offset = link->offset;
    frame->forward.len = in->packet_len;
    return LK_RX_FORWARD;
}

/* `asked`: a gateway has been asked already. */
static enum lk_rx rx_ip(struct lk_stack *stack, struct lk_frame *frame, const struct lk_link_in *link, bool asked)
{
    struct lk_ip_input input = {
        .addresses = &stack->addresses,
        .iface = frame->iface,
        .mtu = stack->links.at[frame->iface].mtu,
        .link_cast = link->cast,
        .forwarding = stack->config.forwarding,
        .asked = asked,
        .ignore_checksums = stack->config.ignore_checksums,
        .verified = frame->csum == LK_CSUM_VERIFIED,
    };
    struct lk_ipv4 header;
    struct lk_ip_in in;
    struct lk_icmp_owed owed;
    enum lk_rx became = lk_ip_input(&input, frame->bytes + link->offset, link->len, &header, &in, &owed);
    if (became == LK_RX_ACCEPTED)
        return rx_protocol(stack, &header, &in);
    if (became == LK_RX_FORWARD)
        return report(stack, frame, link, &in);
    if (owed.owed)
        host_owe_error(stack, &owed, &header, &in);
    return became;
}

static bool frame_sound(const struct lk_stack *stack, const struct lk_frame *frame)
{
    return frame->size_of == sizeof *frame && frame->iface < stack->links.count && frame->csum <= LK_CSUM_VERIFIED && frame->reserved == 0 &&
           frame->gso_size == 0 && frame->vlan == 0 && frame->reserved2 == 0 && (frame->bytes != NULL || frame->len == 0);
}

static enum lk_rx rx_frame(struct lk_stack *stack, struct lk_frame *frame)
{
    static const uint8_t nothing[1];
    const struct lk_link_iface *iface = &stack->links.at[frame->iface];
    struct lk_link_in link;
    if (!iface->up || lk_link_input(iface, frame->len == 0 ? nothing : frame->bytes, frame->len, &link) < 0)
        return LK_RX_DROP_LINK;
    if (link.type == LK_ETHERTYPE_ARP)
        return rx_arp(stack, frame->iface, frame->bytes + link.offset, link.len);
    return rx_ip(stack, frame, &link, false);
}

int lk_stack_rx(struct lk_stack *stack, struct lk_frame *frame, lk_time now)
{
    if (!frame_sound(stack, frame))
        return LK_E_INVALID;
    host_enter(stack, now);
    enum lk_rx became = rx_frame(stack, frame);
    stack->rx[became]++;
    return (int)became;
}

int lk_stack_local(struct lk_stack *stack, const struct lk_frame *frame, lk_time now)
{
    struct lk_link_in link;
    struct lk_ipv4 header;
    if (!frame_sound(stack, frame) || frame->len == 0)
        return LK_E_INVALID;
    host_enter(stack, now);
    if (lk_link_input(&stack->links.at[frame->iface], frame->bytes, frame->len, &link) < 0 || link.type != LK_ETHERTYPE_IPV4)
        return LK_E_INVALID;
    if (lk_ipv4_parse(frame->bytes + link.offset, link.len, &header) < 0)
        return LK_E_INVALID;
    struct lk_addr destination = lk_addr_from_ip4(header.destination_address);
    if (!lk_addresses_own(&stack->addresses, LK_ANY, &destination))
        return LK_E_INVALID;
    struct lk_frame copy = *frame;
    enum lk_rx became = stack->links.at[frame->iface].up ? rx_ip(stack, &copy, &link, true) : LK_RX_DROP_LINK;
    stack->rx[became]++;
    return (int)became;
}

const char *lk_rx_name(int disposition)
{
    static const char *const names[LK_RX_COUNT] = {
        [LK_RX_ACCEPTED] = "accepted",
        [LK_RX_FORWARD] = "forward",
        [LK_RX_DUPLICATE] = "duplicate",
        [LK_RX_CHALLENGE] = "challenge",
        [LK_RX_RESET_SENT] = "reset sent",
        [LK_RX_UNREACHABLE_SENT] = "unreachable sent",
        [LK_RX_DROP_LINK] = "link",
        [LK_RX_DROP_ARP] = "arp",
        [LK_RX_DROP_IP_HEADER] = "ip header",
        [LK_RX_DROP_IP_SOURCE] = "ip source",
        [LK_RX_DROP_IP_NOT_OURS] = "ip not ours",
        [LK_RX_DROP_IP_FRAGMENT] = "ip fragment",
        [LK_RX_DROP_IP_PROTOCOL] = "ip protocol",
        [LK_RX_DROP_ICMP] = "icmp",
        [LK_RX_DROP_UDP_HEADER] = "udp header",
        [LK_RX_DROP_UDP_FULL] = "udp full",
        [LK_RX_DROP_TCP_HEADER] = "tcp header",
        [LK_RX_DROP_TCP_CHECKSUM] = "tcp checksum",
        [LK_RX_DROP_TCP_WINDOW] = "tcp window",
        [LK_RX_DROP_TCP_PAWS] = "tcp paws",
        [LK_RX_DROP_TCP_ACK] = "tcp ack",
        [LK_RX_DROP_TCP_RST] = "tcp rst",
        [LK_RX_DROP_TCP_SYN] = "tcp syn",
        [LK_RX_DROP_TCP_STATE] = "tcp state",
        [LK_RX_DROP_FULL] = "full",
        [LK_RX_DROP_UDP_PORT] = "udp port",
    };
    if (disposition < 0 || disposition >= LK_RX_COUNT || names[disposition] == NULL)
        return "?";
    return names[disposition];
}
