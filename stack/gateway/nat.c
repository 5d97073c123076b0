#include "stack/gateway/nat.h"
#include "stack/base/bytes.h"
#include "stack/gateway/ports.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

/* ---- reading ---- */

static void read_tcp(const struct lk_ipv4 *ip, struct gw_flow *out)
{
    const uint8_t *t = ip->payload;
    /* A first fragment that cuts the header is no accident (RFC 1858 3); and nothing here may reach past what Data Offset says is
     * there. Options are not looked at at all. */
    if (ip->payload_len < LK_TCP_HEADER || (t[12] >> 4) * 4u < LK_TCP_HEADER || (t[12] >> 4) * 4u > ip->payload_len)
        return;
    *out = (struct gw_flow){GW_TCP, LK_PROTOCOL_TCP, t[13], lk_load_be16(t), lk_load_be16(t + 2)};
}

static void read_udp(const struct lk_ipv4 *ip, struct gw_flow *out)
{
    if (ip->payload_len >= LK_UDP_HEADER)
        *out = (struct gw_flow){GW_UDP, LK_PROTOCOL_UDP, 0, lk_load_be16(ip->payload), lk_load_be16(ip->payload + 2)};
}

static void read_icmp(const struct lk_ipv4 *ip, struct gw_flow *out)
{
    if (ip->payload_len < LK_ICMPV4_HEADER)
        return;
    uint16_t identifier = lk_load_be16(ip->payload + 4);
    *out = (struct gw_flow){GW_OTHER_ICMP, LK_PROTOCOL_ICMP, 0, identifier, identifier};
    switch (ip->payload[0]) {
    case LK_ICMPV4_ECHO:
    case LK_ICMPV4_TIMESTAMP:
        out->kind = GW_QUERY;
        break;
    case LK_ICMPV4_ECHO_REPLY:
    case LK_ICMPV4_TIMESTAMP_REPLY:
        out->kind = GW_REPLY;
        break;
    case LK_ICMPV4_DESTINATION_UNREACHABLE:
    case LK_ICMPV4_TIME_EXCEEDED:
    case LK_ICMPV4_PARAMETER_PROBLEM:
        out->kind = GW_ERROR;
        break;
    default:
        break;
    }
}

void gw_flow_read(const struct lk_ipv4 *ip, struct gw_flow *out)
{
    *out = (struct gw_flow){.kind = ip->fragment_offset != 0 ? GW_PART : GW_BROKEN};
    if (ip->fragment_offset != 0)
        return;
    if (ip->protocol == LK_PROTOCOL_TCP)
        read_tcp(ip, out);
    else if (ip->protocol == LK_PROTOCOL_UDP)
        read_udp(ip, out);
    else if (ip->protocol == LK_PROTOCOL_ICMP)
        read_icmp(ip, out);
    else
        out->kind = GW_UNKNOWN;
}

/* ---- whose ---- */

uint32_t gw_nat_iface(const struct lk_gateway *g)
{
    for (uint32_t i = 0; i < g->config.ifaces && g->config.mappings > 0; i++)
        if (g->config.iface[i].outside)
            return i;
    return LK_ANY;
}

static uint32_t outside_address(const struct lk_gateway *g)
{
    uint32_t iface = gw_nat_iface(g);
    return iface == LK_ANY ? 0 : lk_addr_ip4(&g->config.iface[iface].address);
}

bool gw_nat_address(const struct lk_gateway *g, uint32_t address)
{
    return address != 0 && address == outside_address(g);
}

bool gw_lies_inside(const struct lk_gateway *g, uint32_t address)
{
    struct gw_hop hop;
    return gw_lookup(&g->routes, &g->config, address, &hop) && hop.iface != gw_nat_iface(g);
}

int gw_nat_refuse(struct lk_gateway *g, const struct gw_packet *p, int otherwise)
{
    return gw_error(g, p, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_COMMUNICATION_PROHIBITED, 0, otherwise);
}

uint32_t gw_nat_bind(struct lk_gateway *g, uint8_t protocol, uint32_t inside, uint16_t port, bool *made)
{
    uint16_t outside;
    uint32_t index = gw_binding_inside(&g->nat, protocol, inside, port); /* REQ-1: whatever the destination */
    if (made != NULL)
        *made = index == LK_NONE;
    if (index != LK_NONE || g->nat.bindings.in_use == g->nat.bindings.capacity)
        return index;
    if (!gw_port_choose(&g->nat, &g->config, protocol, port, &outside))
        return LK_NONE;
    return gw_binding_add(&g->nat, protocol, inside, port, outside);
}

/* Which remote hosts may answer: the port a session of UDP or a query is kept under (RFC 4787 5). */
static uint16_t session_port(const struct lk_gateway *g, const struct gw_flow *flow, uint16_t remote_port)
{
    return g->config.filtering == LK_NAT_ADDRESS_PORT_DEPENDENT && flow->kind == GW_UDP ? remote_port : 0;
}

/* ---- outward ---- */

/* UDP and queries: the binding and, where filtering asks for it, the session live on from now (RFC 4787 REQ-6, RFC 5508 REQ-2). */
static int outward_plain(struct lk_gateway *g, struct gw_packet *p, const struct gw_flow *flow, uint32_t *binding, uint32_t remote, uint16_t remote_port)
{
    struct gw_nat *nat = &g->nat;
    bool made;
    lk_time until = lk_time_add(g->now, flow->kind == GW_UDP ? g->config.udp_timeout : g->config.icmp_timeout);
    *binding = gw_nat_bind(g, flow->protocol, p->ip.source_address, flow->source, &made);
    if (*binding == LK_NONE)
        return gw_nat_refuse(g, p, LK_GATEWAY_DROP_FULL);
    if (g->config.filtering == LK_NAT_ENDPOINT_INDEPENDENT || gw_binding_at(nat, *binding)->fixed) {
        gw_binding_keep(nat, *binding, until);
        return LK_GATEWAY_FORWARD;
    }
    uint16_t port = session_port(g, flow, remote_port);
    uint32_t session = gw_session_find(nat, *binding, remote, port);
    if (session == LK_NONE)
        session = gw_session_add(nat, *binding, remote, port);
    if (session == LK_NONE) {
        if (made)
            gw_binding_remove(nat, *binding);
        return gw_nat_refuse(g, p, LK_GATEWAY_DROP_FULL);
    }
    gw_binding_keep(nat, *binding, until);
    gw_session_keep(nat, session, until);
    return LK_GATEWAY_FORWARD;
}

/* RFC 7857 10, RFC 6864 4.3: hosts inside number their datagrams each for itself, and outside they all have one address. What may be
 * or is fragmented gets a number of ours; an atomic datagram's means nothing. */
static uint16_t renumber(struct lk_gateway *g, const struct lk_ipv4 *ip)
{
    bool atomic = (ip->flags & LK_IPV4_DF) != 0 && !lk_ipv4_is_fragment(ip);
    return atomic ? ip->identification : g->fragments.identification++;
}

/* The source becomes the outside address and port, towards a remote endpoint. */
static int translate_source(struct lk_gateway *g, struct gw_packet *p, const struct gw_flow *flow, uint32_t remote, uint16_t remote_port)
{
    uint32_t binding = LK_NONE;
    int verdict = flow->kind == GW_TCP ? gw_tcp_outward(g, p, &binding, remote, remote_port) : outward_plain(g, p, flow, &binding, remote, remote_port);
    if (verdict == LK_GATEWAY_FORWARD) {
        p->rewrite.source = outside_address(g);
        p->rewrite.source_port = gw_binding_at(&g->nat, binding)->outside_port;
        p->rewrite.identification = renumber(g, &p->ip);
    }
    return verdict;
}

int gw_nat_outward(struct lk_gateway *g, struct gw_packet *p)
{
    struct gw_flow flow;
    if (outside_address(g) == 0)
        return gw_error(g, p, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_NET_UNREACHABLE, 0, LK_GATEWAY_DROP_ICMP);
    if (!gw_lies_inside(g, p->ip.source_address))
        return LK_GATEWAY_DROP_SOURCE;
    gw_flow_read(&p->ip, &flow);
    p->rewrite = (struct gw_rewrite){
        .kind = flow.kind, .destination = p->ip.destination_address, .destination_port = flow.destination, .identification = p->ip.identification};
    int verdict;
    switch (flow.kind) {
    case GW_TCP:
    case GW_UDP:
        return translate_source(g, p, &flow, p->ip.destination_address, flow.destination);
    case GW_QUERY:
        verdict = translate_source(g, p, &flow, p->ip.destination_address, 0);
        p->rewrite.destination_port = p->rewrite.source_port; /* the one identifier */
        return verdict;
    case GW_ERROR:
        return gw_icmp_outward(g, p);
    case GW_UNKNOWN:
        return gw_nat_refuse(g, p, LK_GATEWAY_DROP_PROTOCOL);
    case GW_BROKEN:
        return LK_GATEWAY_DROP_HEADER;
    default:
        return LK_GATEWAY_DROP_ICMP; /* RFC 5508 REQ-11; replies nobody asked for */
    }
}

/* ---- inward ---- */

/* RFC 4787 REQ-8: whether this remote host may send to the binding. */
static bool passes_filter(const struct lk_gateway *g, uint32_t binding, const struct gw_flow *flow, uint32_t remote, uint16_t remote_port)
{
    if (flow->kind == GW_TCP)
        return gw_tcp_passes(g, binding, flow, remote);
    if (g->config.filtering == LK_NAT_ENDPOINT_INDEPENDENT || gw_binding_at(&g->nat, binding)->fixed)
        return true;
    return gw_session_find(&g->nat, binding, remote, session_port(g, flow, remote_port)) != LK_NONE;
}

/* No binding: a port of the NAT's own, or one that the host behind us may have open. */
static int nobodys(const struct lk_gateway *g, const struct gw_flow *flow)
{
    if (flow->kind != GW_TCP && flow->kind != GW_UDP)
        return LK_GATEWAY_LOCAL;
    bool ours = flow->destination >= g->config.port_low && flow->destination <= g->config.port_high;
    return ours ? LK_GATEWAY_DROP_NO_BINDING : LK_GATEWAY_LOCAL;
}

/* As the binding's owner sees the sender: from inside it comes with its own outside port (RFC 4787 REQ-9 a), if it has one. */
static void remote_end(const struct lk_gateway *g, const struct gw_packet *p, const struct gw_flow *flow, uint32_t *remote, uint16_t *port)
{
    *remote = p->ip.source_address;
    *port = flow->source;
    if (p->in->iface == gw_nat_iface(g))
        return;
    uint32_t own = gw_binding_inside(&g->nat, flow->protocol, p->ip.source_address, flow->source);
    *remote = outside_address(g);
    *port = own == LK_NONE ? 0 : gw_binding_at(&g->nat, own)->outside_port;
}

/* From inside, what the receiver's filter stops has nevertheless left by the sender's binding, and lets the receiver answer: so two
 * hosts behind one NAT can open the way to each other as two behind different ones do. */
static int filtered(struct lk_gateway *g, struct gw_packet *p, const struct gw_flow *flow)
{
    int verdict = LK_GATEWAY_FORWARD;
    if (p->in->iface != gw_nat_iface(g) && gw_lies_inside(g, p->ip.source_address))
        verdict = translate_source(g, p, flow, outside_address(g), flow->destination);
    return verdict == LK_GATEWAY_FORWARD ? LK_GATEWAY_DROP_FILTERED : verdict;
}

static int find_flow(struct lk_gateway *g, struct gw_packet *p, const struct gw_flow *flow)
{
    uint32_t remote, binding = gw_binding_outside(&g->nat, flow->protocol, flow->destination);
    uint16_t remote_port;
    int verdict = LK_GATEWAY_FORWARD;
    struct gw_flow seen = *flow;
    if (binding == LK_NONE) {
        verdict = nobodys(g, flow);
    } else {
        remote_end(g, p, flow, &remote, &remote_port);
        seen.source = remote_port;
        if (p->in->iface != gw_nat_iface(g) && !g->config.hairpinning)
            return LK_GATEWAY_DROP_FILTERED;
        if (!passes_filter(g, binding, &seen, remote, remote_port))
            verdict = filtered(g, p, flow);
    }
    if (verdict >= LK_GATEWAY_DROP && flow->kind == GW_TCP && (flow->control & (LK_TCP_SYN | LK_TCP_ACK)) == LK_TCP_SYN)
        gw_tcp_hold(g, p);
    if (verdict != LK_GATEWAY_FORWARD)
        return verdict;
    const struct gw_binding *b = gw_binding_at(&g->nat, binding);
    p->rewrite = (struct gw_rewrite){.kind = flow->kind, .binding = binding, .destination = b->inside, .destination_port = b->inside_port,
                                    .identification = p->ip.identification};
    return LK_GATEWAY_FORWARD;
}

int gw_nat_find(struct lk_gateway *g, struct gw_packet *p)
{
    struct gw_flow flow;
    gw_flow_read(&p->ip, &flow);
    switch (flow.kind) {
    case GW_TCP:
    case GW_UDP:
        return find_flow(g, p, &flow);
    case GW_REPLY: /* from inside nobody can have been asked by the outside address */
        return p->in->iface == gw_nat_iface(g) ? find_flow(g, p, &flow) : LK_GATEWAY_LOCAL;
    case GW_ERROR:
        return gw_icmp_find(g, p);
    case GW_BROKEN:
        return LK_GATEWAY_DROP_HEADER;
    default:
        return LK_GATEWAY_LOCAL; /* queries and other protocols are for the host (RFC 5508 REQ-10) */
    }
}

int gw_nat_commit(struct lk_gateway *g, struct gw_packet *p)
{
    struct gw_flow flow;
    uint32_t binding = p->rewrite.binding;
    if (p->rewrite.kind == GW_ERROR)
        return LK_GATEWAY_FORWARD; /* nothing refreshes, nothing ends (RFC 5508 REQ-6) */
    gw_flow_read(&p->ip, &flow);
    p->rewrite.source = p->ip.source_address;
    p->rewrite.source_port = flow.kind == GW_REPLY ? p->rewrite.destination_port : flow.source;
    if (p->in->iface != gw_nat_iface(g)) { /* hairpin: outward to ourselves, and inward again */
        if (!gw_lies_inside(g, p->ip.source_address))
            return LK_GATEWAY_DROP_SOURCE;
        int verdict = translate_source(g, p, &flow, outside_address(g), flow.destination);
        if (verdict != LK_GATEWAY_FORWARD)
            return verdict;
    }
    if (flow.kind != GW_TCP)
        return LK_GATEWAY_FORWARD; /* RFC 4787 REQ-6: what comes in refreshes nothing */
    return gw_tcp_inward(g, binding, &flow, p->rewrite.source, p->rewrite.source_port);
}

/* ---- writing ---- */

void gw_nat_apply(const struct gw_packet *p)
{
    uint8_t *ip = p->out->bytes, *transport = ip + (ip[0] & 15u) * 4;
    const struct gw_rewrite *r = &p->rewrite;
    struct gw_sum sum = {.at = NULL}, none = {.at = NULL};
    gw_edit_16(ip + 4, r->identification, (struct gw_sum){.at = ip + 10});
    if (r->kind == GW_ERROR) {
        gw_icmp_apply(p);
        return;
    }
    if (r->kind == GW_QUERY || r->kind == GW_REPLY) { /* ICMP's checksum knows no addresses */
        gw_edit_16(transport + 4, r->source_port, (struct gw_sum){.at = transport + 2});
    } else if (r->kind != GW_PART) {
        sum = (struct gw_sum){.at = transport + (r->kind == GW_TCP ? 16 : 6), .udp = r->kind == GW_UDP};
        gw_edit_16(transport, r->source_port, sum);
        gw_edit_16(transport + 2, r->destination_port, sum);
    }
    gw_edit_address(ip, 12, r->source, r->kind == GW_PART ? none : sum);
    gw_edit_address(ip, 16, r->destination, r->kind == GW_PART ? none : sum);
}
