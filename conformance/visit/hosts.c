/* Who takes part: the hosts with their addresses, the links between them, and a stack for each. */
#include "conformance/visit/world.h"
#include "stack/base/error.h"
#include <string.h>

#define RECEIVE_BUFFER 262144 /* more than a sender has in flight: what the page waits for is the network */
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

static const struct plan hosts[HOSTS] = {
    [LAPTOP] = {"laptop", LK_STORY_CLIENT, 1, {{0, 0}}, 0, {{0, 0, 0, 0}}}, /* all by DHCP */
    [GATEWAY] = {"gateway", LK_STORY_GATEWAY, 2, {{IP(192, 168, 1, 1), 24}, {IP(203, 0, 113, 20), 24}}, 1, {{0, 0, IP(203, 0, 113, 1), 1}}},
    [ROUTER_1] = {"router-1", LK_STORY_ROUTER, 3, {{IP(203, 0, 113, 1), 24}, {IP(198, 51, 100, 1), 30}, {IP(198, 51, 100, 49), 28}},
                  1, {{IP(192, 0, 2, 0), 24, IP(198, 51, 100, 2), 1}}},
    [ROUTER_2] = {"router-2", LK_STORY_ROUTER, 2, {{IP(198, 51, 100, 2), 30}, {IP(192, 0, 2, 1), 24}}, 1, {{0, 0, IP(198, 51, 100, 1), 0}}},
    [DNS_SERVER] = {"dns", LK_STORY_DNS, 1, {{IP(198, 51, 100, 53), 28}}, 1, {{0, 0, IP(198, 51, 100, 49), 0}}},
    [WEB_SERVER] = {"web", LK_STORY_WEB, 1, {{IP(192, 0, 2, 80), 24}}, 1, {{0, 0, IP(192, 0, 2, 1), 0}}},
};

static void mac_of(uint32_t host, uint32_t iface, uint8_t mac[6])
{
    const uint8_t out[6] = {0x00, 0x00, 0x5e, 0x00, 0x53, (uint8_t)((host + 1) << 4 | (iface + 1))};
    memcpy(mac, out, 6);
}

/* A URL with an address instead of a name: the web server has it, with the network around it. */
static int place_web_server(struct world *w)
{
    static const struct { uint32_t network, prefix; } taken[] = {
        {IP(0, 0, 0, 0), 8}, {IP(10, 0, 0, 0), 8}, {IP(127, 0, 0, 0), 8}, {IP(169, 254, 0, 0), 16}, {IP(172, 16, 0, 0), 12}, {IP(192, 168, 0, 0), 16},
        {IP(203, 0, 113, 0), 24}, {IP(198, 51, 100, 0), 24}, {IP(224, 0, 0, 0), 3},
    };
    if (!w->url.is_address)
        return 0;
    uint32_t ip = lk_addr_ip4(&w->url.address), last = ip & 255;
    bool bad = last == 0 || last == 255;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
        bad = bad || ((ip ^ taken[i].network) & lk_ip4_mask(taken[i].prefix)) == 0;
    if (bad) {
        w->story->failure = "the URL's address cannot be that of a web server in the simulated Internet: it is private, reserved, or in use there; "
                            "try another one or a name";
        return LK_E_INVALID;
    }
    w->plan[WEB_SERVER].iface[0].address = ip;
    w->plan[ROUTER_2].iface[1].address = w->plan[WEB_SERVER].route[0].by = (ip & ~255u) | (last == 1 ? 254u : 1u);
    w->plan[ROUTER_1].route[0].to = ip & ~255u;
    return 0;
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
        host->name = w->plan[h].name;
        host->role = w->plan[h].role;
        host->ifaces = w->plan[h].ifaces;
        for (uint32_t i = 0; i < host->ifaces; i++) {
            mac_of(h, i, host->iface[i].mac);
            if (w->plan[h].iface[i].address != 0)
                host->iface[i].address = lk_addr_from_ip4(w->plan[h].iface[i].address);
            host->iface[i].prefix = w->plan[h].iface[i].prefix;
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

void world_seed(const struct world *w, uint32_t h, uint8_t purpose, uint8_t seed[32])
{
    memset(seed, 0, 32);
    for (int i = 0; i < 8; i++)
        seed[i] = (uint8_t)(w->options->seed >> 8 * i);
    seed[8] = (uint8_t)(h + 1);
    seed[9] = purpose;
}

/* The outside of the NAT is the gateway's and the router's own address at once. */
static int set_addresses(struct world *w, uint32_t h)
{
    struct lk_stack *stack = w->host[h].stack;
    int error = 0;
    for (uint32_t i = 0; i < w->plan[h].ifaces && error == 0; i++)
        error = w->plan[h].iface[i].address == 0 ? 0 : lk_addr_add(stack, i, lk_addr_from_ip4(w->plan[h].iface[i].address), w->plan[h].iface[i].prefix,
                            w->story->hosts[h].iface[i].outside ? LK_ADDR_SHARED : LK_ADDR_PREFERRED, w->now);
    for (uint32_t i = 0; i < w->plan[h].routes && error == 0; i++) {
        const struct plan_route *r = &w->plan[h].route[i];
        error = lk_route_add(stack, lk_addr_from_ip4(r->to), r->prefix, lk_addr_from_ip4(r->by), r->iface, w->now);
    }
    return error;
}

/* The step between "for another host" and "send it there". */
static int make_gateway(struct world *w, uint32_t h)
{
    struct lk_gateway_config config;
    struct lk_run *run = &w->host[h].run;
    uint8_t seed[32];
    lk_gateway_config_init(&config);
    config.ifaces = w->plan[h].ifaces;
    for (uint32_t i = 0; i < config.ifaces; i++)
        config.iface[i] = (struct lk_gateway_iface){.address = w->story->hosts[h].iface[i].address, .prefix = w->plan[h].iface[i].prefix, .mtu = WORLD_MTU,
                                                    .outside = w->story->hosts[h].iface[i].outside};
    config.mappings = w->plan[h].role == LK_STORY_GATEWAY ? 64 : 0;
    config.sessions = 2 * config.mappings;
    world_seed(w, h, 1, seed);
    size_t size = lk_gateway_footprint(&config);
    run->gateway = lk_bump_take(w->memory, size);
    run->scratch = lk_bump_take(w->memory, 2 * WORLD_MTU);
    run->scratch_size = 2 * WORLD_MTU;
    if (run->gateway == NULL || run->scratch == NULL)
        return LK_E_NOMEM;
    int error = lk_gateway_init(run->gateway, size, &config, w->now, seed);
    for (uint32_t i = 0; i < w->plan[h].routes && error == 0; i++) {
        const struct plan_route *r = &w->plan[h].route[i];
        error = lk_gateway_route_add(run->gateway, lk_addr_from_ip4(r->to), r->prefix, lk_addr_from_ip4(r->by), r->iface);
    }
    return error;
}

static int make_stack(struct world *w, uint32_t h)
{
    struct lk_config config;
    uint8_t seed[32];
    bool forwards = w->plan[h].role == LK_STORY_GATEWAY || w->plan[h].role == LK_STORY_ROUTER;
    int error = lk_config_init(&config, "rfc");
    config.ifaces = w->plan[h].ifaces;
    for (uint32_t i = 0; i < config.ifaces; i++) {
        config.iface[i] = (struct lk_iface_config){.link = LK_LINK_ETHERNET, .mtu = WORLD_MTU};
        mac_of(h, i, config.iface[i].mac);
    }
    config.forwarding = forwards;
    config.forward_queue = forwards ? 64u : 0u;
    config.tcp.receive_buffer = RECEIVE_BUFFER;
    world_seed(w, h, 0, seed);
    size_t size = lk_stack_footprint(&config);
    void *arena = lk_bump_take(w->memory, size);
    if (arena == NULL)
        return LK_E_NOMEM;
    if (error == 0)
        error = lk_stack_init(arena, size, &config, w->now, seed);
    w->host[h].stack = w->host[h].run.stack = arena;
    if (error == 0)
        error = set_addresses(w, h);
    return error == 0 && forwards ? make_gateway(w, h) : error;
}

int world_build(struct world *w)
{
    memcpy(w->plan, hosts, sizeof hosts);
    int error = place_web_server(w);
    if (error == 0)
        error = tell_hosts(w);
    if (error == 0)
        error = tell_links(w);
    if (error == 0)
        error = lay_links(w);
    for (uint32_t h = 0; h < HOSTS && error == 0; h++)
        error = make_stack(w, h);
    return error == 0 ? world_start_apps(w) : error;
}

/* ---- what they do ---- */

/* A host without applications of its own answers at once. Others do so before their applications hear of it, as a kernel does:
 * the frames that their stack owes leave before world_act(). */
void world_arrival(struct world *w, uint32_t host, uint32_t iface, uint8_t *bytes, size_t len)
{
    struct lk_frame frame = {.size_of = sizeof frame, .iface = iface, .bytes = bytes, .len = len};
    struct world_host *h = &w->host[host];
    if (h->run.gateway != NULL)
        lk_run_rx(&h->run, &frame, w->now, NULL);
    else
        lk_stack_rx(h->stack, &frame, w->now); /* counted by the stack, whatever became of it */
}

void world_act(struct world *w, uint32_t host)
{
    lk_run_tick(&w->host[host].run, w->now);
    world_run_apps(w, host);
}

lk_time world_deadline(const struct world *w, uint32_t host)
{
    return lk_run_deadline(&w->host[host].run);
}
