/* A packet that was handed out and could not be delivered on the last link: its sender is told, as it knows the packet. What the NAT
 * changed is changed back in the quote. */
#include "stack/base/bytes.h"
#include "stack/base/mem.h"
#include "stack/gateway/nat.h"
#include "stack/wire/icmpv4.h"

/* Ports of TCP and UDP, the identifier of a query; false for what has neither. */
static bool endpoints(const struct lk_ipv4 *ip, uint16_t *source, uint16_t *destination)
{
    if (ip->fragment_offset != 0 || ip->payload_len < 8)
        return false;
    bool ports = ip->protocol == LK_PROTOCOL_TCP || ip->protocol == LK_PROTOCOL_UDP;
    *source = lk_load_be16(ip->payload + (ports ? 0 : 4));
    *destination = lk_load_be16(ip->payload + (ports ? 2 : 4));
    return ports || ip->protocol == LK_PROTOCOL_ICMP;
}

/* One end of the packet gets the address and port it had before. */
static void put_back(uint8_t *ip, size_t len, bool source, uint32_t address, uint16_t port)
{
    uint8_t *t = ip + (ip[0] & 15u) * 4;
    size_t at = ip[9] == LK_PROTOCOL_TCP ? 16 : ip[9] == LK_PROTOCOL_UDP ? 6 : 2;
    struct gw_sum none = {.at = NULL}, sum = none;
    if ((size_t)(t - ip) + at + 2 <= len)
        sum = (struct gw_sum){.at = t + at, .udp = ip[9] == LK_PROTOCOL_UDP};
    if (ip[9] == LK_PROTOCOL_ICMP)
        gw_edit_16(t + 4, port, sum);
    else
        gw_edit_16(t + (source ? 0 : 2), port, sum);
    gw_edit_address(ip, source ? 12 : 16, address, ip[9] == LK_PROTOCOL_ICMP ? none : sum);
}

/* 0, or why nobody is told. */
static int untranslate(const struct lk_gateway *g, const struct lk_ipv4 *ip, uint32_t iface, uint8_t *bytes, size_t len)
{
    const struct gw_nat *nat = &g->nat;
    uint32_t outside = gw_nat_iface(g), source, destination;
    uint16_t sport, dport;
    bool ours = gw_nat_address(g, ip->source_address);
    if (outside == LK_ANY || (!ours && gw_lies_inside(g, ip->source_address)))
        return ours ? LK_GATEWAY_DROP_SOURCE : 0; /* between inside networks nothing was changed */
    if (!endpoints(ip, &sport, &dport))
        return LK_GATEWAY_DROP_NO_BINDING;
    source = ours ? gw_binding_outside(nat, ip->protocol, sport) : LK_NONE;
    destination = iface == outside ? LK_NONE : gw_binding_inside(nat, ip->protocol, ip->destination_address, dport);
    if ((ours && source == LK_NONE) || (iface != outside && destination == LK_NONE))
        return LK_GATEWAY_DROP_NO_BINDING;
    if (source != LK_NONE)
        put_back(bytes, len, true, gw_binding_at(nat, source)->inside, gw_binding_at(nat, source)->inside_port);
    if (destination != LK_NONE)
        put_back(bytes, len, false, lk_addr_ip4(&g->config.iface[outside].address), gw_binding_at(nat, destination)->outside_port);
    return 0;
}

int gw_undeliverable(struct lk_gateway *g, const uint8_t *packet, size_t len, uint32_t iface, struct lk_gateway_out *out)
{
    uint8_t bytes[GW_ICMP_MOST];
    struct lk_gateway_in in = {.iface = iface, .packet = bytes, .len = len < sizeof bytes ? len : sizeof bytes};
    struct gw_packet p = {.in = &in, .out = out};
    struct lk_ipv4 ip;
    lk_memcpy(bytes, packet, in.len);
    if (lk_ipv4_parse_header(bytes, in.len, &ip) < 0)
        return LK_GATEWAY_DROP_HEADER;
    int verdict = untranslate(g, &ip, iface, bytes, in.len);
    if (verdict != 0)
        return verdict;
    lk_ipv4_parse_header(bytes, in.len, &p.ip);
    if (gw_own(g, p.ip.source_address) != LK_ANY)
        return LK_GATEWAY_DROP_SOURCE;
    return gw_error(g, &p, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_HOST_UNREACHABLE, 0, LK_GATEWAY_DROP_ICMP);
}
