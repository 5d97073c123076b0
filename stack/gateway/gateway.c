#include "stack/gateway/gateway.h"
#include "stack/base/mem.h"
#include "stack/gateway/state.h"
#include "stack/wire/icmpv4.h"

#define MINUTE (60 * LK_SECOND)

void lk_gateway_config_init(struct lk_gateway_config *config)
{
    *config = (struct lk_gateway_config){
        .size_of = sizeof *config,
        .routes = 16,
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
static int layout(struct lk_gateway *g, struct lk_arena *arena, const struct lk_gateway_config *config)
{
    g->split.room = largest_mtu(config);
    g->split.bytes = (int64_t)lk_arena_carve(arena, 1, g->split.room);
    int error = gw_routes_init(&g->routes, arena, config->routes);
    return error < 0 ? error : lk_arena_error(arena);
}

size_t lk_gateway_footprint(const struct lk_gateway_config *config)
{
    struct lk_gateway scratch;
    struct lk_arena arena;
    if (!config_sound(config))
        return 0;
    lk_arena_measure(&arena);
    lk_arena_carve(&arena, 1, sizeof scratch);
    return layout(&scratch, &arena, config) < 0 ? 0 : lk_arena_used(&arena);
}

int lk_gateway_init(void *memory, size_t size, const struct lk_gateway_config *config, lk_time now, const uint8_t seed[32])
{
    struct lk_arena arena;
    size_t footprint = lk_gateway_footprint(config);
    if (footprint == 0 || (uintptr_t)memory % LK_ARENA_ALIGN != 0)
        return LK_E_INVALID;
    if (size < footprint)
        return LK_E_NOSPACE;
    (void)seed;
    lk_memset(memory, 0, footprint);
    int error = lk_arena_open(&arena, memory, footprint);
    if (error < 0)
        return error;
    struct lk_gateway *g = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *g));
    g->size = footprint;
    g->now = now;
    g->config = *config;
    return layout(g, &arena, &g->config);
}

/* Time that goes backwards is clamped. */
static void enter(struct lk_gateway *g, lk_time now)
{
    if (now > g->now)
        g->now = now;
}

/* ---- addresses and routes ---- */

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
    int verdict = gw_permit(g, p);
    return verdict == LK_GATEWAY_FORWARD ? gw_emit(g, p) : verdict;
}

static int judge(struct lk_gateway *g, struct gw_packet *p)
{
    int verdict = gw_admit(g, p);
    if (verdict != 0)
        return verdict;
    verdict = gw_destination(g, p, p->ip.destination_address);
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
    return LK_E_AGAIN;
}

lk_time lk_gateway_deadline(const struct lk_gateway *g)
{
    return g->split.len > 0 || g->redirect.len > 0 ? g->now : LK_NEVER;
}

void lk_gateway_tick(struct lk_gateway *g, lk_time now)
{
    enter(g, now);
}

/* ---- looking inside ---- */

const char *lk_gateway_verdict_name(int verdict)
{
    static const char *const names[LK_GATEWAY_VERDICTS] = {
        [LK_GATEWAY_FORWARD] = "forward",
        [LK_GATEWAY_LOCAL] = "local",
        [LK_GATEWAY_ANSWER] = "answer",
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
    else if (g->split.len > g->split.room || (g->split.len > 0 && g->split.sent >= g->split.len))
        number = -3, broken = "fragments to send";
    if (where != NULL && number < 0)
        *where = broken;
    return number;
}
