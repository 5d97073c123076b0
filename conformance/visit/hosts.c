/* Who takes part: the hosts with their addresses, the links between them, and a stack for each. */
#include "conformance/visit/plain.h"
#include "conformance/visit/world.h"
#include "stack/base/error.h"
#include "stack/wire/ipv4.h"
#include <string.h>

#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

/* Addresses outside are those set aside for examples (RFC 5737), at home those for private use (RFC 1918); link addresses are
 * those for documentation (RFC 7042 2.1.2). */
static const struct { const char *name; uint32_t host[2], iface[2]; } links[LK_VISIT_LINKS] = {
    [LINK_HOME] = {"home", {LAPTOP, GATEWAY}, {0, 0}},
    [LINK_ACCESS] = {"access", {GATEWAY, ROUTER_1}, {1, 0}},
    [LINK_CORE] = {"core", {ROUTER_1, ROUTER_2}, {1, 0}},
    [LINK_DNS] = {"dns", {ROUTER_1, DNS_SERVER}, {2, 0}},
    [LINK_WEB] = {"web", {ROUTER_2, WEB_SERVER}, {1, 0}},
};

struct plan_iface { uint32_t address, prefix; };
struct plan_route { uint32_t to, prefix, by, iface; };
static const struct { const char *name; uint8_t role; uint32_t ifaces; struct plan_iface iface[3]; uint32_t routes; struct plan_route route[4]; } hosts[HOSTS] = {
    [LAPTOP] = {"laptop", LK_STORY_CLIENT, 1, {{IP(192, 168, 1, 100), 24}}, 1, {{0, 0, IP(192, 168, 1, 1), 0}}},
    [GATEWAY] = {"gateway", LK_STORY_GATEWAY, 2, {{IP(192, 168, 1, 1), 24}, {IP(203, 0, 113, 20), 24}}, 1, {{0, 0, IP(203, 0, 113, 1), 1}}},
    [ROUTER_1] = {"router-1", LK_STORY_ROUTER, 3, {{IP(203, 0, 113, 1), 24}, {IP(198, 51, 100, 1), 30}, {IP(198, 51, 100, 49), 28}},
                  2, {{IP(192, 0, 2, 0), 24, IP(198, 51, 100, 2), 1}, {IP(192, 168, 1, 0), 24, IP(203, 0, 113, 20), 0}}},
    [ROUTER_2] = {"router-2", LK_STORY_ROUTER, 2, {{IP(198, 51, 100, 2), 30}, {IP(192, 0, 2, 1), 24}}, 1, {{0, 0, IP(198, 51, 100, 1), 0}}},
    [DNS_SERVER] = {"dns", LK_STORY_DNS, 1, {{IP(198, 51, 100, 53), 28}}, 1, {{0, 0, IP(198, 51, 100, 49), 0}}},
    [WEB_SERVER] = {"web", LK_STORY_WEB, 1, {{IP(192, 0, 2, 80), 24}}, 1, {{0, 0, IP(192, 0, 2, 1), 0}}},
};

static void mac_of(uint32_t host, uint32_t iface, uint8_t mac[6])
{
    const uint8_t out[6] = {0x00, 0x00, 0x5e, 0x00, 0x53, (uint8_t)((host + 1) << 4 | (iface + 1))};
    memcpy(mac, out, 6);
}

/* ---- the cast, for the story ---- */

static int tell_links(struct world *w)
{
    w->story->links = lk_bump_array(w->memory, LK_VISIT_LINKS, sizeof *w->story->links);
    if (w->story->links == NULL)
        return LK_E_NOMEM;
    w->story->link_count = LK_VISIT_LINKS;
    for (uint32_t i = 0; i < LK_VISIT_LINKS; i++) {
        struct lk_story_link *link = &w->story->links[i];
        link->name = links[i].name;
        link->delay = w->options->delay[i];
        for (int side = 0; side < 2; side++) {
            link->host[side] = links[i].host[side];
            link->iface[side] = links[i].iface[side];
            w->story->hosts[link->host[side]].iface[link->iface[side]].link = i;
        }
    }
    return 0;
}

static int tell_hosts(struct world *w)
{
    w->story->hosts = lk_bump_array(w->memory, HOSTS, sizeof *w->story->hosts);
    if (w->story->hosts == NULL)
        return LK_E_NOMEM;
    w->story->host_count = HOSTS;
    for (uint32_t h = 0; h < HOSTS; h++) {
        struct lk_story_host *host = &w->story->hosts[h];
        host->name = hosts[h].name;
        host->role = hosts[h].role;
        host->ifaces = hosts[h].ifaces;
        for (uint32_t i = 0; i < host->ifaces; i++) {
            mac_of(h, i, host->iface[i].mac);
            host->iface[i].address = lk_addr_from_ip4(hosts[h].iface[i].address);
            host->iface[i].prefix = hosts[h].iface[i].prefix;
        }
    }
    w->story->hosts[GATEWAY].iface[1].outside = true;
    return 0;
}

/* ---- links and stacks ---- */

static int lay_links(struct world *w)
{
    w->net = lk_net_new(w->memory);
    if (w->net == NULL)
        return LK_E_NOMEM;
    for (uint32_t i = 0; i < LK_VISIT_LINKS; i++)
        for (int side = 0; side < 2; side++) {
            struct lk_net_link link = {.from = links[i].host[side] * 8 + links[i].iface[side], .to = links[i].host[!side] * 8 + links[i].iface[!side],
                                       .rate = w->options->rate[i], .delay = w->options->delay[i]};
            int error = lk_net_link(w->net, &link);
            if (error != 0)
                return error;
        }
    return 0;
}

static int set_addresses(struct world *w, uint32_t h)
{
    struct lk_stack *stack = w->host[h].stack;
    int error = 0;
    for (uint32_t i = 0; i < hosts[h].ifaces && error == 0; i++)
        error = lk_addr_add(stack, i, lk_addr_from_ip4(hosts[h].iface[i].address), hosts[h].iface[i].prefix, LK_ADDR_PREFERRED, w->now);
    for (uint32_t i = 0; i < hosts[h].routes && error == 0; i++) {
        const struct plan_route *r = &hosts[h].route[i];
        error = lk_route_add(stack, lk_addr_from_ip4(r->to), r->prefix, lk_addr_from_ip4(r->by), r->iface, w->now);
    }
    return error;
}

static int make_stack(struct world *w, uint32_t h)
{
    struct lk_config config;
    uint8_t seed[32] = {0};
    int error = lk_config_init(&config, "rfc");
    config.ifaces = hosts[h].ifaces;
    for (uint32_t i = 0; i < config.ifaces; i++) {
        config.iface[i] = (struct lk_iface_config){.link = LK_LINK_ETHERNET, .mtu = WORLD_MTU};
        mac_of(h, i, config.iface[i].mac);
    }
    w->host[h].forwards = hosts[h].role == LK_STORY_GATEWAY || hosts[h].role == LK_STORY_ROUTER;
    config.forwarding = w->host[h].forwards;
    config.forward_queue = w->host[h].forwards ? 64u : 0u;
    for (int i = 0; i < 8; i++)
        seed[i] = (uint8_t)(w->options->seed >> 8 * i);
    seed[8] = (uint8_t)(h + 1);
    size_t size = lk_stack_footprint(&config);
    void *arena = lk_bump_take(w->memory, size);
    if (arena == NULL)
        return LK_E_NOMEM;
    if (error == 0)
        error = lk_stack_init(arena, size, &config, w->now, seed);
    w->host[h].stack = arena;
    return error;
}

int world_build(struct world *w)
{
    int error = tell_hosts(w);
    if (error == 0)
        error = tell_links(w);
    if (error == 0)
        error = lay_links(w);
    for (uint32_t h = 0; h < HOSTS && error == 0; h++) {
        error = make_stack(w, h);
        if (error == 0)
            error = set_addresses(w, h);
    }
    return error == 0 ? plain_start(w) : error;
}

/* ---- what they do ---- */

/* Where the table leads: interface and next hop. */
static bool route(uint32_t h, uint32_t to, uint32_t *iface, uint32_t *hop)
{
    for (uint32_t i = 0; i < hosts[h].ifaces; i++)
        if (((to ^ hosts[h].iface[i].address) & lk_ip4_mask(hosts[h].iface[i].prefix)) == 0) {
            *iface = i;
            *hop = to;
            return true;
        }
    for (uint32_t i = 0; i < hosts[h].routes; i++)
        if (((to ^ hosts[h].route[i].to) & lk_ip4_mask(hosts[h].route[i].prefix)) == 0) {
            *iface = hosts[h].route[i].iface;
            *hop = hosts[h].route[i].by;
            return true;
        }
    return false;
}

static void forward(struct world *w, uint32_t h, uint8_t *packet, size_t len)
{
    struct lk_ipv4 ip;
    uint8_t out[WORLD_MTU];
    uint32_t iface, hop;
    if (lk_ipv4_parse(packet, len, &ip) < 0 || ip.time_to_live < 2 || !route(h, ip.destination_address, &iface, &hop))
        return;
    ip.time_to_live--;
    int n = lk_ipv4_emit_summed(&ip, out, sizeof out);
    if (n > 0)
        (void)lk_stack_forward(w->host[h].stack, iface, lk_addr_from_ip4(hop), out, (size_t)n, w->now); /* a full queue drops */
}

void world_arrival(struct world *w, uint32_t host, uint32_t iface, uint8_t *bytes, size_t len)
{
    struct lk_frame frame = {.size_of = sizeof frame, .iface = iface, .bytes = bytes, .len = len};
    if (lk_stack_rx(w->host[host].stack, &frame, w->now) == LK_RX_FORWARD)
        forward(w, host, bytes + frame.forward.offset, frame.forward.len);
}

void world_act(struct world *w, uint32_t host)
{
    lk_stack_tick(w->host[host].stack, w->now);
    if (host == LAPTOP)
        plain_client(w);
    if (host == WEB_SERVER)
        plain_server(w);
}

lk_time world_deadline(const struct world *w, uint32_t host)
{
    return lk_stack_deadline(w->host[host].stack);
}
