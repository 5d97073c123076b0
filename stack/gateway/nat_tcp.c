/* Connections through the NAT: the states of RFC 7857 2 (after RFC 6146 3.5.2.2), the timers of RFC 5382 REQ-5, and what becomes of
 * a SYN that nobody asked for. Sequence numbers are not followed: a forged RST can shorten a session to the transitory time, and the
 * next segment of the connection makes that good. */
#include "stack/base/bytes.h"
#include "stack/base/mem.h"
#include "stack/gateway/nat.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/tcp.h"

#define HOLD (6 * LK_SECOND) /* RFC 5382 REQ-4 */

static bool is_opening(uint8_t control)
{
    return (control & (LK_TCP_SYN | LK_TCP_ACK | LK_TCP_RST)) == LK_TCP_SYN;
}

/* ---- states ---- */

static void move(struct lk_gateway *g, uint32_t session, enum gw_tcp_state state, bool established)
{
    gw_session_state(&g->nat, session, state);
    gw_session_keep(&g->nat, session, lk_time_add(g->now, established ? g->config.tcp_established_timeout : g->config.tcp_transitory_timeout));
}

/* INIT: opened from one side. The other side's SYN establishes it, another from the same side begins the wait anew; anything else
 * passes and changes nothing. */
static void in_init(struct lk_gateway *g, uint32_t session, bool outward, uint8_t control)
{
    bool opener = (gw_session_at(&g->nat, session)->state == GW_INIT) == outward;
    if ((control & LK_TCP_SYN) == 0 || (control & LK_TCP_RST) != 0)
        return;
    if (opener)
        move(g, session, outward ? GW_INIT : GW_INIT_INWARD, false);
    else
        move(g, session, GW_ESTABLISHED, true);
}

/* ESTABLISHED, or closed from one side: lives on with every segment. */
static void in_established(struct lk_gateway *g, uint32_t session, bool outward, uint8_t control)
{
    enum gw_tcp_state state = gw_session_at(&g->nat, session)->state, mine = outward ? GW_FIN_OUTWARD : GW_FIN_INWARD;
    if (state == GW_ESTABLISHED && (control & LK_TCP_RST) != 0)
        move(g, session, GW_TRANS, false);
    else if ((control & LK_TCP_FIN) == 0 || state == mine)
        move(g, session, state, true);
    else if (state == GW_ESTABLISHED)
        move(g, session, mine, true);
    else
        move(g, session, GW_FIN_BOTH, false);
}

static void advance(struct lk_gateway *g, uint32_t session, bool outward, uint8_t control)
{
    switch (gw_session_at(&g->nat, session)->state) {
    case GW_INIT:
    case GW_INIT_INWARD:
        in_init(g, session, outward, control);
        break;
    case GW_FIN_BOTH: /* everything passes and nothing prolongs it, but the next connection of the same ports begins anew */
        if (is_opening(control))
            move(g, session, outward ? GW_INIT : GW_INIT_INWARD, false);
        break;
    case GW_TRANS:
        if (is_opening(control))
            move(g, session, outward ? GW_INIT : GW_INIT_INWARD, false);
        else if ((control & LK_TCP_RST) == 0)
            move(g, session, GW_ESTABLISHED, true);
        break;
    default:
        in_established(g, session, outward, control);
        break;
    }
}

/* ---- outward ---- */

static void release_held(struct lk_gateway *g, uint16_t outside_port, uint32_t remote, uint16_t remote_port)
{
    for (uint32_t i = 0; i < g->nat.held.capacity; i++) {
        if (!lk_pool_taken(&g->nat.held, i))
            continue;
        const struct gw_held *h = gw_held_at(&g->nat, i);
        if (h->outside_port == outside_port && h->remote == remote && h->remote_port == remote_port)
            gw_tcp_held_drop(g, i);
    }
}

/* A session begins with a SYN (RFC 5382 4.2, RFC 6146 3.5.2.2 CLOSED: any other segment of no session is silently dropped). */
static int open_outward(struct lk_gateway *g, struct gw_packet *p, const struct gw_flow *flow, uint32_t *binding, uint32_t remote, uint16_t remote_port)
{
    bool made;
    if (!is_opening(flow->control))
        return LK_GATEWAY_DROP_NO_BINDING;
    *binding = gw_nat_bind(g, LK_PROTOCOL_TCP, p->ip.source_address, flow->source, &made);
    if (*binding == LK_NONE)
        return gw_nat_refuse(g, p, LK_GATEWAY_DROP_FULL);
    uint32_t session = gw_session_add(&g->nat, *binding, remote, remote_port);
    if (session == LK_NONE) {
        if (made)
            gw_binding_remove(&g->nat, *binding);
        return gw_nat_refuse(g, p, LK_GATEWAY_DROP_FULL);
    }
    move(g, session, GW_INIT, false);
    return LK_GATEWAY_FORWARD;
}

int gw_tcp_outward(struct lk_gateway *g, struct gw_packet *p, uint32_t *binding, uint32_t remote, uint16_t remote_port)
{
    struct gw_flow flow;
    gw_flow_read(&p->ip, &flow);
    *binding = gw_binding_inside(&g->nat, LK_PROTOCOL_TCP, p->ip.source_address, flow.source);
    uint32_t session = *binding == LK_NONE ? LK_NONE : gw_session_find(&g->nat, *binding, remote, remote_port);
    if (session == LK_NONE) {
        int verdict = open_outward(g, p, &flow, binding, remote, remote_port);
        if (verdict != LK_GATEWAY_FORWARD)
            return verdict;
    } else {
        advance(g, session, true, flow.control);
    }
    if (is_opening(flow.control)) /* RFC 5382 REQ-4: then the SYN that came before it is dropped without a word */
        release_held(g, gw_binding_at(&g->nat, *binding)->outside_port, remote, remote_port);
    return LK_GATEWAY_FORWARD;
}

/* ---- inward ---- */

/* Whether the binding has a session with any port of that host. */
static bool knows_host(const struct gw_nat *nat, uint32_t binding, uint32_t remote)
{
    uint32_t s = gw_binding_at(nat, binding)->first;
    while (s != LK_NONE && gw_session_at(nat, s)->remote != remote)
        s = gw_session_at(nat, s)->next;
    return s != LK_NONE;
}

bool gw_tcp_passes(const struct lk_gateway *g, uint32_t binding, const struct gw_flow *flow, uint32_t remote)
{
    if (gw_session_find(&g->nat, binding, remote, flow->source) != LK_NONE)
        return true;
    if (!is_opening(flow->control))
        return false;
    if (g->config.filtering == LK_NAT_ENDPOINT_INDEPENDENT || gw_binding_at(&g->nat, binding)->fixed)
        return true;
    return g->config.filtering == LK_NAT_ADDRESS_DEPENDENT && knows_host(&g->nat, binding, remote);
}

int gw_tcp_inward(struct lk_gateway *g, uint32_t binding, const struct gw_flow *flow, uint32_t remote, uint16_t remote_port)
{
    uint32_t session = gw_session_find(&g->nat, binding, remote, remote_port);
    if (session != LK_NONE) {
        advance(g, session, false, flow->control);
        return LK_GATEWAY_FORWARD;
    }
    /* Strangers who knock and are not answered get half of the table at most. */
    if (g->nat.knocking >= (g->config.sessions + 1) / 2)
        return LK_GATEWAY_DROP_FULL;
    session = gw_session_add(&g->nat, binding, remote, remote_port);
    if (session == LK_NONE)
        return LK_GATEWAY_DROP_FULL;
    move(g, session, GW_INIT_INWARD, false);
    return LK_GATEWAY_FORWARD;
}

/* ---- SYNs that nobody asked for ---- */

void gw_tcp_held_drop(struct lk_gateway *g, uint32_t index)
{
    g->nat.due -= gw_held_at(&g->nat, index)->due;
    lk_wheel_cancel(&g->nat.wheel, g->nat.bindings.capacity + g->nat.sessions.capacity + index);
    lk_pool_give(&g->nat.held, index);
}

void gw_tcp_hold(struct lk_gateway *g, const struct gw_packet *p)
{
    uint16_t source = lk_load_be16(p->ip.payload), destination = lk_load_be16(p->ip.payload + 2);
    if (g->config.silent)
        return; /* RFC 5382 REQ-4 a */
    for (uint32_t i = 0; i < g->nat.held.capacity; i++) { /* one sent again is the same */
        const struct gw_held *h = gw_held_at(&g->nat, i);
        if (lk_pool_taken(&g->nat.held, i) && h->remote == p->ip.source_address && h->remote_port == source && h->outside_port == destination)
            return;
    }
    uint32_t index = lk_pool_take(&g->nat.held);
    if (index == LK_NONE)
        return; /* it goes unanswered */
    struct gw_held *h = gw_held_at(&g->nat, index);
    h->remote = p->ip.source_address;
    h->remote_port = source;
    h->outside_port = destination;
    h->iface = p->in->iface;
    h->len = p->ip.total_length < GW_HELD_BYTES ? p->ip.total_length : GW_HELD_BYTES;
    lk_memcpy(h->bytes, p->in->packet, h->len);
    lk_wheel_arm(&g->nat.wheel, g->nat.bindings.capacity + g->nat.sessions.capacity + index, lk_time_add(g->now, HOLD));
}

bool gw_tcp_held_due(struct lk_gateway *g, struct lk_gateway_out *out)
{
    for (uint32_t i = 0; i < g->nat.held.capacity && g->nat.due > 0; i++) {
        if (!lk_pool_taken(&g->nat.held, i) || !gw_held_at(&g->nat, i)->due)
            continue;
        const struct gw_held *h = gw_held_at(&g->nat, i);
        struct lk_gateway_in in = {.iface = h->iface, .packet = h->bytes, .len = h->len};
        struct gw_packet p = {.in = &in, .out = out};
        int verdict = LK_GATEWAY_DROP_ICMP;
        if (lk_ipv4_parse_header(h->bytes, h->len, &p.ip) > 0)
            verdict = gw_error(g, &p, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_PORT_UNREACHABLE, 0, verdict);
        gw_tcp_held_drop(g, i);
        if (verdict == LK_GATEWAY_ANSWER)
            return true;
    }
    return false;
}
