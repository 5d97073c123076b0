/* RFC 1812 5.2 and 5.3: what a router looks at before it sends a packet on, in its order, and how the packet changes. */
#include "stack/base/mem.h"
#include "stack/gateway/edit.h"
#include "stack/gateway/nat.h"
#include "stack/wire/icmpv4.h"

uint32_t gw_own(const struct lk_gateway *g, uint32_t address)
{
    for (uint32_t i = 0; i < g->config.ifaces; i++)
        if (address != 0 && lk_addr_ip4(&g->config.iface[i].address) == address)
            return i;
    return LK_ANY;
}

bool gw_martian(uint32_t address)
{
    return address >> 24 == 0 || address >> 24 == 127 || address >> 28 >= 14;
}

bool gw_directed_broadcast(const struct lk_gateway *g, uint32_t iface, uint32_t address)
{
    for (uint32_t i = 0; i < g->config.ifaces; i++) {
        const struct lk_gateway_iface *at = &g->config.iface[i];
        uint32_t own = lk_addr_ip4(&at->address), mask = lk_ip4_mask(at->prefix);
        if ((iface != LK_ANY && iface != i) || own == 0 || at->prefix > 30 || ((own ^ address) & mask) != 0)
            continue; /* networks of 31 and 32 bits have no broadcast (RFC 3021) */
        if ((address | mask) == UINT32_MAX || (address & ~mask) == 0)
            return true;
    }
    return false;
}

int gw_admit(struct lk_gateway *g, struct gw_packet *p)
{
    /* RFC 1812 5.2.2 */
    int header = lk_ipv4_parse(p->in->packet, p->in->len, &p->ip);
    if (header < 0)
        return LK_GATEWAY_DROP_HEADER;
    if (!lk_ipv4_checksum_ok(p->in->packet, (size_t)header))
        return LK_GATEWAY_DROP_CHECKSUM; /* 4.2.2.5 */
    /* RFC 791 3.1: no datagram ends there, and fragments of this one would begin anew at 0. */
    if ((uint32_t)header + p->ip.fragment_offset * 8u + p->ip.payload_len > UINT16_MAX)
        return LK_GATEWAY_DROP_HEADER;
    /* 5.3.7, 4.2.2.11: silently; and nobody else may use an address of ours or a broadcast address */
    uint32_t source = p->ip.source_address;
    if (gw_martian(source) || gw_own(g, source) != LK_ANY || gw_directed_broadcast(g, LK_ANY, source))
        return LK_GATEWAY_DROP_SOURCE;
    return 0;
}

int gw_destination(const struct lk_gateway *g, const struct gw_packet *p, uint32_t destination)
{
    if (destination == UINT32_MAX || gw_directed_broadcast(g, p->in->iface, destination))
        return LK_GATEWAY_LOCAL; /* 5.3.5.1: never forwarded; the host may want it */
    if (p->in->link_broadcast)
        return LK_GATEWAY_DROP_LINK_BROADCAST; /* 5.3.4 */
    if (gw_martian(destination))
        return LK_GATEWAY_DROP_DESTINATION; /* 5.3.7; and groups are not routed here */
    if (gw_own(g, destination) != LK_ANY)
        return LK_GATEWAY_LOCAL;
    if (gw_directed_broadcast(g, LK_ANY, destination))
        return LK_GATEWAY_DROP_DESTINATION; /* RFC 2644 3 */
    return LK_GATEWAY_FORWARD;
}

int gw_permit(struct lk_gateway *g, struct gw_packet *p)
{
    int verdict = gw_options_permit(g, p);
    if (verdict != LK_GATEWAY_FORWARD)
        return verdict;
    if (p->ip.time_to_live <= 1) /* 5.3.1; only what is forwarded, 4.2.2.9 */
        return gw_error(g, p, LK_ICMPV4_TIME_EXCEEDED, LK_ICMPV4_TTL_EXCEEDED, 0, LK_GATEWAY_DROP_ICMP);
    uint16_t mtu = g->config.iface[p->hop.iface].mtu;
    if (p->ip.total_length <= mtu)
        return LK_GATEWAY_FORWARD;
    if ((p->ip.flags & LK_IPV4_DF) != 0) /* 5.2.7.1, RFC 1191 4 */
        return gw_error(g, p, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_FRAGMENTATION_NEEDED, mtu, LK_GATEWAY_DROP_ICMP);
    return p->ip.total_length <= g->split.room ? LK_GATEWAY_FORWARD : LK_GATEWAY_DROP_FULL;
}

int gw_emit(struct lk_gateway *g, struct gw_packet *p)
{
    struct lk_gateway_out *out = p->out;
    lk_memcpy(out->bytes, p->in->packet, p->ip.total_length);
    out->len = p->ip.total_length;
    out->iface = p->hop.iface;
    out->next_hop = lk_addr_from_ip4(p->hop.next_hop);
    if (p->rewrite.kind != GW_PLAIN) {
        gw_nat_apply(p);
        gw_fragments_first(g, p, false);
    }
    gw_edit_ttl(out->bytes);
    if (p->ip.options_len > 0)
        gw_options_pass(g, p->hop.iface, out->bytes, g->now);
    if (p->rewrite.kind == GW_PLAIN) /* what is translated cannot take another way */
        gw_note_redirect(g, p);
    if (out->len > g->config.iface[p->hop.iface].mtu && !gw_split_begin(g, out))
        return LK_GATEWAY_DROP_FULL;
    return LK_GATEWAY_FORWARD;
}
