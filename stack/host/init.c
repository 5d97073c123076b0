/* Building a stack in its arena, and copying one. */
#include "stack/base/guard.h"
#include "stack/base/mem.h"
#include "stack/base/rng.h"
#include "stack/host/config.h"
#include "stack/host/state.h"

#define PURPOSE_NEIGHBOURS 0x617270 /* of a key derived from the seed */

_Static_assert(LK_MAX_IFACES == LK_LINK_IFACES, "the public bound is that of the link room");
_Static_assert((int)LK_LINK_ETHERNET == (int)LK_LINK_IS_ETHERNET && (int)LK_LINK_RAW_IP == (int)LK_LINK_IS_RAW, "same numbers");

static void init_links(struct lk_links *links, const struct lk_config *config)
{
    links->count = config->ifaces;
    links->up = (1u << config->ifaces) - 1;
    for (uint32_t i = 0; i < config->ifaces; i++) {
        struct lk_link_iface *link = &links->at[i];
        link->kind = config->iface[i].link;
        link->mtu = link->mtu_max = config->iface[i].mtu;
        link->up = 1;
        lk_memcpy(link->mac, config->iface[i].mac, 6);
    }
}

static uint32_t largest_mtu(const struct lk_config *config)
{
    uint32_t largest = 0;
    for (uint32_t i = 0; i < config->ifaces; i++)
        if (config->iface[i].mtu > largest)
            largest = config->iface[i].mtu;
    return largest;
}

/* Carves every table behind the stack's own struct, or only measures. */
static int layout(struct lk_stack *stack, struct lk_arena *arena, const struct lk_config *config, lk_time now, const uint8_t seed[32])
{
    uint32_t tcp_nodes = lk_tcp_nodes(&config->tcp);
    uint32_t limits[LK_OWED_CLASSES] = {
        [LK_OWED_REPLY] = config->intents,
        [LK_OWED_UDP] = config->udp_send_queue,
        [LK_OWED_FORWARD] = config->forward_queue,
        [LK_OWED_WAITING] = config->neighbour_queue,
    };
    uint8_t key[16];
    lk_seed_key(seed, PURPOSE_NEIGHBOURS, key);
    int error = lk_wheel_init(&stack->wheel, arena, tcp_nodes + config->neighbours, now);
    if (error == 0)
        error = lk_owed_init(&stack->owed, arena, limits, largest_mtu(config));
    if (error == 0)
        error = lk_arp_cache_init(&stack->arp, arena, config->neighbours, key, tcp_nodes);
    if (error == 0)
        error = lk_addresses_init(&stack->addresses, arena, config->addresses);
    if (error == 0)
        error = lk_routes_init(&stack->routes, arena, config->routes);
    if (error == 0)
        error = lk_udp_init(&stack->udp, arena, config->udp_sockets, config->udp_queue, config->udp_queue_bytes, config->tcp.port_first,
                            config->tcp.port_last, seed);
    stack->tcp = lk_tcp_init(arena, &config->tcp, seed, 0);
    return error < 0 ? error : lk_arena_error(arena);
}

size_t lk_stack_footprint(const struct lk_config *config)
{
    static const uint8_t seed[32];
    struct lk_stack scratch;
    struct lk_arena arena;
    if (lk_config_check(config) != NULL)
        return 0;
    lk_arena_measure(&arena);
    lk_arena_carve(&arena, 1, sizeof scratch);
    if (layout(&scratch, &arena, config, 0, seed) < 0)
        return 0;
    return lk_arena_used(&arena);
}

int lk_stack_init(void *memory, size_t size, const struct lk_config *config, lk_time now, const uint8_t seed[32])
{
    struct lk_arena arena;
    size_t footprint = lk_stack_footprint(config);
    if (footprint == 0 || (uintptr_t)memory % LK_ARENA_ALIGN != 0)
        return LK_E_INVALID;
    if (size < footprint)
        return LK_E_NOSPACE;
    lk_guard_open(memory, footprint); /* a stack that was here before may have closed some of it */
    lk_memset(memory, 0, footprint);   /* the gaps between tables too: equal stacks are equal bytes */
    int error = lk_arena_open(&arena, memory, footprint);
    if (error < 0)
        return error;
    struct lk_stack *stack = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *stack));
    stack->size = footprint;
    stack->now = now;
    stack->undelivered_head = stack->undelivered_tail = LK_NONE;
    config_copy(&stack->config, config);
    init_links(&stack->links, config);
    error = layout(stack, &arena, &stack->config, now, seed);
    stack->arp.retry = config->arp_retry;
    stack->arp.expiry = config->arp_expiry;
    stack->arp.tries = config->arp_tries;
    return error;
}

/* Closes again what the rooms do not lend. */
static void guard(const struct lk_stack *stack)
{
    lk_pool_guard(&stack->owed.pool);
    lk_pool_guard(&stack->arp.pool);
    lk_pool_guard(&stack->udp.sockets);
    lk_pool_guard(&stack->udp.datagrams);
    lk_tcp_guard(host_tcp(stack));
}

int lk_stack_copy(void *to_arena, size_t size, const struct lk_stack *from)
{
    size_t footprint = (size_t)from->size;
    if ((uintptr_t)to_arena % LK_ARENA_ALIGN != 0)
        return LK_E_INVALID;
    if (size < footprint)
        return LK_E_NOSPACE;
    lk_guard_open(from, footprint);
    lk_guard_open(to_arena, footprint);
    lk_memmove(to_arena, from, footprint);
    guard(from);
    guard(to_arena);
    return 0;
}
