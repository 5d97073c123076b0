/* ICMP errors through the NAT (RFC 5508 4): the packet they quote is one that was translated, and is translated back in the quote,
 * its header checksum and, where the quote reaches that far, its transport checksum with it. They refresh nothing and end nothing. */
#include "stack/base/bytes.h"
#include "stack/gateway/nat.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmpv4.h"

/* The endpoints of the quoted packet. */
struct quoted {
    struct lk_ipv4 ip;
    uint8_t protocol;
    uint16_t source, destination; /* identifier of a query in both */
};

/* 0, or why the error ends here. */
static int read_quoted(const struct gw_packet *p, struct quoted *out)
{
    struct lk_icmpv4 message;
    if (lk_ipv4_is_fragment(&p->ip))
        return LK_GATEWAY_DROP_FRAGMENT; /* its checksum cannot be judged */
    if (lk_icmpv4_parse(p->ip.payload, p->ip.payload_len, &message) < 0)
        return LK_GATEWAY_DROP_HEADER;
    if (!lk_icmpv4_checksum_ok(p->ip.payload, p->ip.payload_len))
        return LK_GATEWAY_DROP_CHECKSUM; /* REQ-3 */
    int header = lk_icmpv4_quoted(&message, &out->ip);
    if (header < 0 || out->ip.fragment_offset != 0 || out->ip.payload_len < 8 || !lk_ipv4_checksum_ok(message.payload, (size_t)header))
        return LK_GATEWAY_DROP_ICMP; /* REQ-3 a; the transport's checksum is not looked at, REQ-3 c */
    const uint8_t *t = out->ip.payload; /* behind the options, REQ-3 b */
    out->protocol = out->ip.protocol;
    if (out->protocol == LK_PROTOCOL_TCP || out->protocol == LK_PROTOCOL_UDP) {
        out->source = lk_load_be16(t);
        out->destination = lk_load_be16(t + 2);
        return 0;
    }
    if (out->protocol != LK_PROTOCOL_ICMP || lk_icmpv4_is_error(t[0]))
        return LK_GATEWAY_DROP_ICMP;
    out->source = out->destination = lk_load_be16(t + 4);
    return 0;
}

static void begin(struct gw_packet *p, const struct quoted *q)
{
    p->rewrite = (struct gw_rewrite){
        .kind = GW_ERROR,
        .source = p->ip.source_address,
        .destination = p->ip.destination_address,
        .inner_source = q->ip.source_address,
        .inner_destination = q->ip.destination_address,
        .inner_source_port = q->source,
        .inner_destination_port = q->destination,
        .identification = p->ip.identification,
    };
}

/* RFC 5508 REQ-5: about a packet that was sent to the outside address and went in. */
int gw_icmp_outward(struct lk_gateway *g, struct gw_packet *p)
{
    struct quoted q;
    int verdict = read_quoted(p, &q);
    if (verdict != 0)
        return verdict;
    uint32_t binding = q.protocol == LK_PROTOCOL_ICMP ? LK_NONE : gw_binding_inside(&g->nat, q.protocol, q.ip.destination_address, q.destination);
    if (q.protocol == LK_PROTOCOL_ICMP) /* the reply to a query: its identifier is the inside one */
        binding = gw_binding_inside(&g->nat, LK_PROTOCOL_ICMP, q.ip.destination_address, q.destination);
    if (binding == LK_NONE)
        return LK_GATEWAY_DROP_ICMP;
    const struct gw_binding *b = gw_binding_at(&g->nat, binding);
    begin(p, &q);
    p->rewrite.source = p->rewrite.inner_destination = lk_addr_ip4(&g->config.iface[p->hop.iface].address);
    p->rewrite.inner_destination_port = b->outside_port;
    if (q.protocol == LK_PROTOCOL_ICMP)
        p->rewrite.inner_source_port = b->outside_port;
    return LK_GATEWAY_FORWARD;
}

/* RFC 5508 REQ-7: from the host inside to whom another one inside sent by way of the outside address. Source and destination of the
 * quoted packet are both translated back. */
static int find_hairpin(struct lk_gateway *g, struct gw_packet *p, const struct quoted *q, const struct gw_binding *sender)
{
    uint32_t receiver = gw_binding_inside(&g->nat, q->protocol, q->ip.destination_address, q->destination);
    if (receiver == LK_NONE || q->protocol == LK_PROTOCOL_ICMP)
        return LK_GATEWAY_DROP_ICMP;
    begin(p, q);
    p->rewrite.source = p->rewrite.inner_destination = p->ip.destination_address;
    p->rewrite.inner_destination_port = gw_binding_at(&g->nat, receiver)->outside_port;
    p->rewrite.destination = p->rewrite.inner_source = sender->inside;
    p->rewrite.inner_source_port = sender->inside_port;
    return LK_GATEWAY_FORWARD;
}

/* RFC 5508 REQ-4: about a packet that went out. */
int gw_icmp_find(struct lk_gateway *g, struct gw_packet *p)
{
    struct quoted q;
    int verdict = read_quoted(p, &q);
    if (verdict != 0)
        return verdict;
    uint32_t binding = gw_nat_address(g, q.ip.source_address) ? gw_binding_outside(&g->nat, q.protocol, q.source) : LK_NONE;
    if (binding == LK_NONE)
        return LK_GATEWAY_LOCAL; /* the host knows its own packets, and drops what is about none of them */
    const struct gw_binding *b = gw_binding_at(&g->nat, binding);
    if (p->in->iface != gw_nat_iface(g))
        return find_hairpin(g, p, &q, b);
    if (q.protocol == LK_PROTOCOL_TCP && gw_session_find(&g->nat, binding, q.ip.destination_address, q.destination) == LK_NONE)
        return LK_GATEWAY_DROP_NO_BINDING; /* no such session */
    begin(p, &q);
    p->rewrite.destination = p->rewrite.inner_source = b->inside;
    p->rewrite.inner_source_port = b->inside_port;
    if (q.protocol == LK_PROTOCOL_ICMP)
        p->rewrite.inner_destination_port = b->inside_port;
    return LK_GATEWAY_FORWARD;
}

/* Where the quoted packet's transport checksum stands, if it was quoted. */
static struct gw_sum inner_sum(uint8_t protocol, uint8_t *transport, size_t len)
{
    size_t at = protocol == LK_PROTOCOL_TCP ? 16 : protocol == LK_PROTOCOL_UDP ? 6 : 2;
    return (struct gw_sum){.at = at + 2 <= len ? transport + at : NULL, .udp = protocol == LK_PROTOCOL_UDP};
}

void gw_icmp_apply(const struct gw_packet *p)
{
    const struct gw_rewrite *r = &p->rewrite;
    uint8_t *ip = p->out->bytes, *message = ip + (ip[0] & 15u) * 4, *inner = message + LK_ICMPV4_HEADER;
    uint8_t *transport = inner + (inner[0] & 15u) * 4;
    size_t len = p->ip.payload_len, quoted = len - (size_t)(transport - message);
    uint8_t protocol = inner[9];
    struct gw_sum sum = inner_sum(protocol, transport, quoted), none = {.at = NULL};
    if (protocol == LK_PROTOCOL_ICMP) {
        gw_edit_16(transport + 4, r->inner_source_port, sum);
    } else {
        gw_edit_16(transport, r->inner_source_port, sum);
        gw_edit_16(transport + 2, r->inner_destination_port, sum);
    }
    gw_edit_address(inner, 12, r->inner_source, protocol == LK_PROTOCOL_ICMP ? none : sum);
    gw_edit_address(inner, 16, r->inner_destination, protocol == LK_PROTOCOL_ICMP ? none : sum);
    lk_store_be16(message + 2, 0); /* it was right, REQ-3 */
    lk_store_be16(message + 2, lk_checksum_finish(lk_checksum_add(0, message, len)));
    gw_edit_address(ip, 12, r->source, none);
    gw_edit_address(ip, 16, r->destination, none);
}
