/* ICMP of our own about packets that pass: errors (RFC 1812 4.3.2) and redirects (5.2.7.2). */
#include "stack/base/mem.h"
#include "stack/gateway/state.h"
#include "stack/wire/icmpv4.h"

#define ICMP_TTL 64
#define INTERNETWORK_CONTROL 0xc0 /* precedence 6, RFC 1812 4.3.2.5 */
#define TOS_BITS 0x1e

/* RFC 1812 4.3.2.7: what must never be answered. */
static bool forbidden(const struct lk_gateway *g, const struct gw_packet *p)
{
    const struct lk_ipv4 *ip = &p->ip;
    if (p->in->link_broadcast || ip->fragment_offset != 0)
        return true;
    if (gw_martian(ip->source_address) || gw_directed_broadcast(g, LK_ANY, ip->source_address))
        return true;
    if (ip->destination_address >> 28 >= 14 || gw_directed_broadcast(g, LK_ANY, ip->destination_address))
        return true;
    /* an error, or what is too short to tell */
    return ip->protocol == LK_PROTOCOL_ICMP && (ip->payload_len == 0 || lk_icmpv4_is_error(ip->payload[0]));
}

/* RFC 1812 4.3.2.8: at most icmp_error_burst in icmp_error_interval, counted from the first of them. */
static bool rate_allows(struct lk_gateway *g)
{
    struct gw_rate *rate = &g->rate;
    if (rate->sent == 0 || g->now >= lk_time_add(rate->since, g->config.icmp_error_interval)) {
        rate->since = g->now;
        rate->sent = 0;
    }
    if (rate->sent >= g->config.icmp_error_burst)
        return false;
    rate->sent++;
    return true;
}

/* RFC 1812 4.3.2.4: an address of the interface it leaves on; without one, another of ours. 0: we have none. */
static uint32_t source_address(const struct lk_gateway *g, uint32_t iface)
{
    uint32_t own = lk_addr_ip4(&g->config.iface[iface].address);
    for (uint32_t i = 0; i < g->config.ifaces && own == 0; i++)
        own = lk_addr_ip4(&g->config.iface[i].address);
    return own;
}

/* Writes the message with its IP header, quoting what came as far as 576 bytes allow (RFC 1812 4.3.2.3). */
static size_t write_message(const struct gw_packet *p, uint32_t own, uint8_t type, uint8_t code, uint32_t rest, uint8_t *bytes)
{
    uint8_t *message = bytes + LK_IPV4_HEADER;
    size_t most = GW_ICMP_MOST - LK_IPV4_HEADER - LK_ICMPV4_HEADER;
    struct lk_icmpv4 icmp = {.type = type, .code = code, .rest_of_header = rest, .payload = p->in->packet};
    icmp.payload_len = p->ip.total_length < p->in->len ? p->ip.total_length : p->in->len; /* of a held SYN the beginning is kept */
    if (icmp.payload_len > most)
        icmp.payload_len = most;
    int len = lk_icmpv4_emit_summed(&icmp, message, GW_ICMP_MOST - LK_IPV4_HEADER);
    struct lk_ipv4 ip = {.type_of_service = (uint8_t)(INTERNETWORK_CONTROL | (p->ip.type_of_service & TOS_BITS)), /* RFC 1812 4.3.2.5 */
                         .flags = LK_IPV4_DF,
                         .time_to_live = ICMP_TTL, /* RFC 1812 4.3.2.2 */
                         .protocol = LK_PROTOCOL_ICMP,
                         .source_address = own,
                         .destination_address = p->ip.source_address,
                         .payload = message,
                         .payload_len = (size_t)len};
    return (size_t)lk_ipv4_emit_summed(&ip, bytes, GW_ICMP_MOST);
}

int gw_error(struct lk_gateway *g, const struct gw_packet *p, uint8_t type, uint8_t code, uint32_t rest, int otherwise)
{
    struct gw_hop back;
    if (forbidden(g, p) || !gw_lookup(&g->routes, &g->config, p->ip.source_address, &back))
        return otherwise;
    uint32_t own = source_address(g, back.iface);
    if (own == 0)
        return otherwise;
    if (!rate_allows(g))
        return LK_GATEWAY_DROP_RATE;
    p->out->len = write_message(p, own, type, code, rest, p->out->bytes);
    p->out->iface = back.iface;
    p->out->next_hop = lk_addr_from_ip4(back.next_hop);
    return LK_GATEWAY_ANSWER;
}

void gw_note_redirect(struct lk_gateway *g, const struct gw_packet *p)
{
    const struct lk_gateway_iface *iface = &g->config.iface[p->in->iface];
    uint32_t own = lk_addr_ip4(&iface->address), mask = lk_ip4_mask(iface->prefix);
    bool strict;
    /* RFC 1812 5.2.7.2: it leaves where it came in, the source is in the next hop's network, no source route */
    if (!g->config.send_redirects || p->hop.iface != p->in->iface || own == 0 || gw_source_routed(&p->ip, &strict))
        return;
    if (((p->ip.source_address ^ p->hop.next_hop) & mask) != 0 || ((p->ip.source_address ^ own) & mask) != 0)
        return;
    if (forbidden(g, p) || !rate_allows(g))
        return;
    /* always code 1, for the host: networks are not redirected */
    g->redirect.len = (uint32_t)write_message(p, own, LK_ICMPV4_REDIRECT, LK_ICMPV4_REDIRECT_HOST, p->hop.next_hop, g->redirect.bytes);
    g->redirect.iface = p->in->iface;
    g->redirect.next_hop = p->ip.source_address;
}
