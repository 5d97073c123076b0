#include "stack/gateway/gateway.h"
#include "stack/base/mem.h"
#include "stack/base/guard.h"
#include "stack/gateway/nat.h"
#include "stack/wire/icmpv4.h"

#define MINUTE (60 * LK_SECOND)

void lk_gateway_config_init(struct lk_gateway_config *config)
{
    *config = (struct lk_gateway_config){
        .size_of = sizeof *config,
        .routes = 16,
        .fragments = 32,
        .early_fragments = 8,
        .port_low = 600,
        .port_high = 32767, /* below the ephemeral ports of both profiles of the stack */
        .udp_timeout = 5 * MINUTE,
        .tcp_established_timeout = 124 * MINUTE,
        .tcp_transitory_timeout = 4 * MINUTE,
        .icmp_timeout = MINUTE,
        .icmp_error_interval = LK_SECOND,
        .icmp_error_burst = 50,
        .send_redirects = true,
        .hairpinning = true,
    };
}

static bool iface_sound(const struct lk_gateway_iface *iface)
{
    uint32_t own = lk_addr_ip4(&iface->address);
    if (iface->prefix > 32 || iface->mtu < 68 || iface->reserved != 0)
        return false;
    return lk_addr_is_unspecified(&iface->address) || (lk_addr_is_ip4(&iface->address) && !gw_martian(own));
}

static bool config_sound(const struct lk_gateway_config *config)
{
    uint32_t outside = 0;
    if (config->size_of != sizeof *config || config->ifaces == 0 || config->ifaces > LK_MAX_IFACES)
        return false;
    for (uint32_t i = 0; i < config->ifaces; i++) {
        outside += config->iface[i].outside;
        if (!iface_sound(&config->iface[i]))
            return false;
    }
    if (outside > 1 || config->routes > UINT32_C(1) << 24 || config->mappings > UINT32_C(1) << 24 || config->sessions > UINT32_C(1) << 24)
        return false;
    if (config->fragments > 65536 || config->early_fragments > 65536)
        return false;
    if (config->port_low == 0 || config->port_low > config->port_high || config->filtering > LK_NAT_ADDRESS_PORT_DEPENDENT)
        return false;
    if (config->udp_timeout < 2 * MINUTE || config->icmp_timeout < MINUTE) /* RFC 4787 REQ-5, RFC 5508 REQ-2 */
        return false;
    if (config->tcp_established_timeout < 124 * MINUTE || config->tcp_transitory_timeout < 4 * MINUTE) /* RFC 5382 REQ-5 */
        return false;
    return config->icmp_error_interval > 0;
}

static uint32_t largest_mtu(const struct lk_gateway_config *config)
{
    uint32_t largest = 0;
    for (uint32_t i = 0; i < config->ifaces; i++)
        if (config->iface[i].mtu > largest)
            largest = config->iface[i].mtu;
    return largest;
}

/* Carves every table behind the gateway's own struct, or only measures. */
static int layout(struct lk_gateway *g, struct lk_arena *arena, const struct lk_gateway_config *config, lk_time now, const uint8_t seed[32])
{
    g->split.room = largest_mtu(config);
    g->split.bytes = (int64_t)lk_arena_carve(arena, 1, g->split.room);
    int error = gw_routes_init(&g->routes, arena, config->routes);
    bool nat = config->mappings > 0;
    if (error == 0)
        error = gw_fragments_init(&g->fragments, arena, nat ? config->fragments : 0, nat ? config->early_fragments : 0, g->split.room, seed);
    if (error == 0)
        error = gw_nat_init(&g->nat, arena, config, now, seed);
    return error < 0 ? error : lk_arena_error(arena);
}

size_t lk_gateway_footprint(const struct lk_gateway_config *config)
{
    static const uint8_t seed[32];
    struct lk_gateway scratch;
    struct lk_arena arena;
    if (!config_sound(config))
        return 0;
    lk_arena_measure(&arena);
    lk_arena_carve(&arena, 1, sizeof scratch);
    return layout(&scratch, &arena, config, 0, seed) < 0 ? 0 : lk_arena_used(&arena);
}

int lk_gateway_init(void *memory, size_t size, const struct lk_gateway_config *config, lk_time now, const uint8_t seed[32])
{
    struct lk_arena arena;
    size_t footprint = lk_gateway_footprint(config);
    if (footprint == 0 || (uintptr_t)memory % LK_ARENA_ALIGN != 0)
        return LK_E_INVALID;
    if (size < footprint)
        return LK_E_NOSPACE;
    lk_guard_open(memory, footprint); /* a gateway that was here before may have closed some of it */
    lk_memset(memory, 0, footprint);
    int error = lk_arena_open(&arena, memory, footprint);
    if (error < 0)
        return error;
    struct lk_gateway *g = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *g));
    g->size = footprint;
    g->now = now;
    g->config = *config;
    return layout(g, &arena, &g->config, now, seed);
}

static void guard(const struct gw_nat *nat)
{
    lk_pool_guard(&nat->bindings);
    lk_pool_guard(&nat->sessions);
    lk_pool_guard(&nat->held);
}

int lk_gateway_copy(void *to, size_t size, const struct lk_gateway *from)
{
    size_t footprint = (size_t)from->size;
    if ((uintptr_t)to % LK_ARENA_ALIGN != 0)
        return LK_E_INVALID;
    if (size < footprint)
        return LK_E_NOSPACE;
    lk_guard_open(from, footprint);
    lk_guard_open(to, footprint);
    lk_memmove(to, from, footprint);
    guard(&from->nat);
    guard(&((struct lk_gateway *)to)->nat);
    return 0;
}

/* Time that goes backwards is clamped. */
static void enter(struct lk_gateway *g, lk_time now)
{
    if (now > g->now)
        g->now = now;
    gw_nat_tick(&g->nat, g->now);
}

/* ---- addresses and routes ---- */

/* All that hangs on an outside address that is no longer ours. What is published is so on the next one too. */
static void forget_bindings(struct lk_gateway *g)
{
    for (uint32_t i = 0; i < g->nat.bindings.capacity; i++) {
        if (!lk_pool_taken(&g->nat.bindings, i))
            continue;
        struct gw_binding kept = *gw_binding_at(&g->nat, i);
        gw_binding_remove(&g->nat, i);
        if (kept.fixed)
            gw_binding_at(&g->nat, gw_binding_add(&g->nat, kept.protocol, kept.inside, kept.inside_port, kept.outside_port))->fixed = 1;
    }
    gw_fragments_forget(&g->fragments);
    for (uint32_t i = 0; i < g->nat.held.capacity; i++)
        if (lk_pool_taken(&g->nat.held, i))
            gw_tcp_held_drop(g, i);
}

int lk_gateway_address(struct lk_gateway *g, uint32_t iface, struct lk_addr address, uint32_t prefix, lk_time now)
{
    if (iface >= g->config.ifaces)
        return LK_E_INVALID;
    struct lk_gateway_iface changed = g->config.iface[iface];
    changed.address = address;
    changed.prefix = prefix;
    if (!iface_sound(&changed))
        return LK_E_INVALID;
    enter(g, now);
    if (changed.outside && !lk_addr_equal(&address, &g->config.iface[iface].address))
        forget_bindings(g);
    g->config.iface[iface] = changed;
    return 0;
}

int lk_gateway_route_add(struct lk_gateway *g, struct lk_addr destination, uint32_t prefix, struct lk_addr gateway, uint32_t iface)
{
    struct gw_route route = {.destination = lk_addr_ip4(&destination), .gateway = lk_addr_ip4(&gateway), .iface = iface, .prefix = prefix};
    if (iface >= g->config.ifaces || !lk_addr_is_ip4(&destination))
        return LK_E_INVALID;
    if (!lk_addr_is_unspecified(&gateway) && (!lk_addr_is_ip4(&gateway) || gw_martian(route.gateway)))
        return LK_E_INVALID;
    return gw_routes_add(&g->routes, &route);
}

int lk_gateway_route_remove(struct lk_gateway *g, struct lk_addr destination, uint32_t prefix)
{
    return lk_addr_is_ip4(&destination) ? gw_routes_remove(&g->routes, lk_addr_ip4(&destination), prefix) : LK_E_NOTFOUND;
}

int lk_gateway_lookup(const struct lk_gateway *g, struct lk_addr destination, uint32_t *iface, struct lk_addr *next_hop)
{
    struct gw_hop hop;
    if (!lk_addr_is_ip4(&destination) || !gw_lookup(&g->routes, &g->config, lk_addr_ip4(&destination), &hop))
        return LK_E_NETUNREACH;
    *iface = hop.iface;
    *next_hop = lk_addr_from_ip4(hop.next_hop);
    return 0;
}

/* ---- packets ---- */

static int route_packet(struct lk_gateway *g, struct gw_packet *p)
{
    if (!gw_lookup(&g->routes, &g->config, p->ip.destination_address, &p->hop)) /* RFC 1812 4.3.3.1 */
        return gw_error(g, p, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_NET_UNREACHABLE, 0, LK_GATEWAY_DROP_ICMP);
    if (p->hop.iface == gw_nat_iface(g) && p->ip.fragment_offset != 0)
        return gw_fragments_later(g, p);
    int verdict = gw_permit(g, p);
    if (verdict == LK_GATEWAY_FORWARD && p->hop.iface == gw_nat_iface(g))
        verdict = gw_nat_outward(g, p);
    return verdict == LK_GATEWAY_FORWARD ? gw_emit(g, p) : verdict;
}

/* To the outside address: for a host inside, wherever it came from. */
static int inward(struct lk_gateway *g, struct gw_packet *p)
{
    if (p->ip.fragment_offset != 0)
        return gw_fragments_later(g, p);
    int verdict = gw_nat_find(g, p);
    if (verdict == LK_GATEWAY_LOCAL)
        gw_fragments_first(g, p, true);
    if (verdict != LK_GATEWAY_FORWARD)
        return verdict;
    if (!gw_lookup(&g->routes, &g->config, p->rewrite.destination, &p->hop))
        return gw_error(g, p, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_HOST_UNREACHABLE, 0, LK_GATEWAY_DROP_ICMP);
    if (p->hop.iface == gw_nat_iface(g))
        return LK_GATEWAY_DROP_NO_BINDING; /* the way to it has changed */
    verdict = gw_permit(g, p);
    if (verdict == LK_GATEWAY_FORWARD)
        verdict = gw_nat_commit(g, p);
    return verdict == LK_GATEWAY_FORWARD ? gw_emit(g, p) : verdict;
}

static int judge(struct lk_gateway *g, struct gw_packet *p)
{
    int verdict = gw_admit(g, p);
    if (verdict != 0)
        return verdict;
    verdict = gw_destination(g, p, p->ip.destination_address);
    if (verdict == LK_GATEWAY_LOCAL && gw_nat_address(g, p->ip.destination_address))
        return inward(g, p);
    if (verdict == LK_GATEWAY_FORWARD && p->in->iface == gw_nat_iface(g))
        return LK_GATEWAY_DROP_FILTERED; /* an inside address is none that outside may name */
    return verdict == LK_GATEWAY_FORWARD ? route_packet(g, p) : verdict;
}

int lk_gateway_step(struct lk_gateway *g, const struct lk_gateway_in *in, struct lk_gateway_out *out, lk_time now)
{
    struct gw_packet p = {.in = in, .out = out};
    if (in->iface >= g->config.ifaces)
        return LK_E_INVALID;
    if (out->cap < in->len || out->cap < GW_ICMP_MOST)
        return LK_E_NOSPACE;
    enter(g, now);
    g->split.len = 0;
    g->redirect.len = 0;
    int verdict = judge(g, &p);
    g->count[verdict]++;
    return verdict;
}

int lk_gateway_more(struct lk_gateway *g, struct lk_gateway_out *out, lk_time now)
{
    enter(g, now);
    if (out->cap < GW_ICMP_MOST || out->cap < g->split.room)
        return LK_E_NOSPACE;
    if (g->split.len > 0) {
        out->iface = g->split.iface;
        out->next_hop = lk_addr_from_ip4(g->split.next_hop);
        out->len = gw_split_next(g, out->bytes, out->cap);
        return LK_GATEWAY_FORWARD;
    }
    if (g->redirect.len > 0) {
        out->iface = g->redirect.iface;
        out->next_hop = lk_addr_from_ip4(g->redirect.next_hop);
        out->len = g->redirect.len;
        lk_memcpy(out->bytes, g->redirect.bytes, out->len);
        g->redirect.len = 0;
        return LK_GATEWAY_ANSWER;
    }
    int verdict = gw_fragments_more(g, out);
    if (verdict >= 0)
        return verdict;
    return gw_tcp_held_due(g, out) ? LK_GATEWAY_ANSWER : LK_E_AGAIN;
}

int lk_gateway_undeliverable(struct lk_gateway *g, const uint8_t *packet, size_t len, uint32_t iface, struct lk_gateway_out *out, lk_time now)
{
    if (iface >= g->config.ifaces)
        return LK_E_INVALID;
    if (out->cap < GW_ICMP_MOST)
        return LK_E_NOSPACE;
    enter(g, now);
    int verdict = gw_undeliverable(g, packet, len, iface, out);
    g->count[verdict]++;
    return verdict;
}

lk_time lk_gateway_deadline(const struct lk_gateway *g)
{
    return g->split.len > 0 || g->redirect.len > 0 || g->fragments.ready > 0 || g->nat.due > 0 ? g->now : lk_wheel_deadline(&g->nat.wheel);
}

void lk_gateway_tick(struct lk_gateway *g, lk_time now)
{
    enter(g, now);
}

/* ---- bindings ---- */

int lk_gateway_publish(struct lk_gateway *g, int protocol, uint16_t outside_port, const struct lk_endpoint *inside, lk_time now)
{
    uint32_t host = lk_addr_ip4(&inside->address);
    uint8_t number = (uint8_t)protocol;
    if ((protocol != LK_TCP && protocol != LK_UDP) || outside_port == 0 || inside->port == 0 || !lk_addr_is_ip4(&inside->address) || gw_martian(host))
        return LK_E_INVALID;
    enter(g, now);
    if (gw_binding_outside(&g->nat, number, outside_port) != LK_NONE || gw_binding_inside(&g->nat, number, host, inside->port) != LK_NONE)
        return LK_E_EXISTS;
    uint32_t index = gw_binding_add(&g->nat, number, host, inside->port, outside_port);
    if (index == LK_NONE)
        return LK_E_NOBUFS;
    gw_binding_at(&g->nat, index)->fixed = 1;
    return 0;
}

/* When nothing keeps it any more: its own timer, or the last of its sessions'. */
static lk_time binding_expires(const struct gw_nat *nat, uint32_t index)
{
    const struct gw_binding *b = gw_binding_at(nat, index);
    lk_time latest = lk_wheel_deadline_of(&nat->wheel, index);
    if (b->fixed || b->protocol != LK_PROTOCOL_TCP)
        return latest;
    latest = INT64_MIN;
    for (uint32_t s = b->first; s != LK_NONE; s = gw_session_at(nat, s)->next) {
        lk_time at = lk_wheel_deadline_of(&nat->wheel, nat->bindings.capacity + s);
        latest = at > latest ? at : latest;
    }
    return latest;
}

int lk_gateway_binding(const struct lk_gateway *g, uint32_t index, struct lk_nat_binding *out)
{
    const struct gw_nat *nat = &g->nat;
    uint32_t i = 0, outside = gw_nat_iface(g);
    for (; i < nat->bindings.capacity; i++)
        if (lk_pool_taken(&nat->bindings, i) && index-- == 0)
            break;
    if (i == nat->bindings.capacity || outside == LK_ANY)
        return LK_E_NOTFOUND;
    const struct gw_binding *b = gw_binding_at(nat, i);
    *out = (struct lk_nat_binding){
        .inside = {.address = lk_addr_from_ip4(b->inside), .iface = LK_ANY, .port = b->inside_port},
        .outside = {.address = g->config.iface[outside].address, .iface = outside, .port = b->outside_port},
        .protocol = b->protocol,
        .expires = binding_expires(nat, i),
        .sessions = b->sessions,
    };
    return 0;
}

/* ---- looking inside ---- */

const char *lk_gateway_verdict_name(int verdict)
{
    static const char *const names[LK_GATEWAY_VERDICTS] = {
        [LK_GATEWAY_FORWARD] = "forward",
        [LK_GATEWAY_LOCAL] = "local",
        [LK_GATEWAY_ANSWER] = "answer",
        [LK_GATEWAY_HOLD] = "hold",
        [LK_GATEWAY_DROP_HEADER] = "header",
        [LK_GATEWAY_DROP_SOURCE] = "source",
        [LK_GATEWAY_DROP_DESTINATION] = "destination",
        [LK_GATEWAY_DROP_LINK_BROADCAST] = "link broadcast",
        [LK_GATEWAY_DROP_CHECKSUM] = "checksum",
        [LK_GATEWAY_DROP_NO_BINDING] = "no binding",
        [LK_GATEWAY_DROP_FILTERED] = "filtered",
        [LK_GATEWAY_DROP_FULL] = "full",
        [LK_GATEWAY_DROP_RATE] = "rate",
        [LK_GATEWAY_DROP_FRAGMENT] = "fragment",
        [LK_GATEWAY_DROP_PROTOCOL] = "protocol",
        [LK_GATEWAY_DROP_ICMP] = "icmp",
    };
    if (verdict < 0 || verdict >= LK_GATEWAY_VERDICTS || names[verdict] == NULL)
        return "?";
    return names[verdict];
}

uint64_t lk_gateway_count(const struct lk_gateway *g, int verdict)
{
    return verdict >= 0 && verdict < LK_GATEWAY_VERDICTS ? g->count[verdict] : 0;
}

int lk_gateway_check(const struct lk_gateway *g, const char **where)
{
    const char *broken = NULL;
    int number = 0;
    if (!config_sound(&g->config))
        number = -1, broken = "configuration";
    else if (!gw_routes_check(&g->routes, g->config.ifaces))
        number = -2, broken = "routes";
    else if (!gw_nat_check(&g->nat))
        number = -4, broken = "bindings";
    else if (!gw_fragments_check(&g->fragments))
        number = -5, broken = "fragments";
    else if (g->split.len > g->split.room || (g->split.len > 0 && g->split.sent >= g->split.len))
        number = -3, broken = "fragments to send";
    if (where != NULL && number < 0)
        *where = broken;
    return number;
}
