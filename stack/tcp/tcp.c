/* Building TCP's state in an arena: the order in which everything is carved. */
#include "stack/base/check.h"
#include "stack/base/guard.h"
#include "stack/base/mem.h"
#include "stack/base/rng.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/tcb.h"

#define RESETS_DEFAULT 16
#define PORT_BUCKETS 1024 /* of bound ports: few sockets are bound and not connected */

static uint32_t tcb_count(const struct lk_tcp_config *config)
{
    return config->connections + config->listeners;
}

/* A power of two; at most two control blocks share a bucket on average. */
static uint32_t bucket_count(const struct lk_tcp_config *config)
{
    uint32_t buckets = 1;
    while (buckets < tcb_count(config) / 2)
        buckets *= 2;
    return buckets;
}

uint32_t lk_tcp_nodes(const struct lk_tcp_config *config)
{
    return tcb_count(config);
}

/* Distinct combinations of address, interface, MTU and options: named by 16 bits. */
static uint32_t common_count(const struct lk_tcp_config *config)
{
    uint32_t count = config->commons != 0 ? config->commons : 64 + 2 * config->listeners;
    return count < UINT16_MAX ? count : UINT16_MAX;
}

static uint64_t rounded(uint64_t bytes)
{
    return (bytes + LK_ARENA_ALIGN - 1) / LK_ARENA_ALIGN * LK_ARENA_ALIGN;
}

/* Carves `count` of `each` bytes; the distance from `tcp`, which lies at `self` in the arena. */
static int64_t table(struct lk_arena *arena, uint64_t self, uint64_t count, uint64_t each)
{
    return (int64_t)lk_arena_carve(arena, count, each) - (int64_t)self;
}

static void layout(struct lk_tcp_stack *tcp, struct lk_arena *arena, uint64_t self, const struct lk_tcp_config *config)
{
    uint32_t count = tcb_count(config);
    lk_pool_init(&tcp->tcbs, arena, sizeof(struct tcb), count);
    lk_pool_init(&tcp->listeners, arena, sizeof(struct listener), config->listeners);
    lk_pool_init(&tcp->actives, arena, sizeof(struct active), config->active);
    lk_pool_init(&tcp->sacked, arena, sizeof(struct tcp_range), config->segments);
    lk_pool_init(&tcp->arrived, arena, sizeof(struct tcp_range), config->out_of_order);
    tcp->reset_capacity = config->resets != 0 ? config->resets : RESETS_DEFAULT;
    lk_pool_init(&tcp->commons, arena, sizeof(struct common), common_count(config));
    tcp->tuple_mask = bucket_count(config) - 1;
    tcp->port_mask = tcp->tuple_mask < PORT_BUCKETS ? tcp->tuple_mask : PORT_BUCKETS - 1;
    tcp->generations = table(arena, self, count, sizeof(uint32_t));
    tcp->tuples = table(arena, self, (uint64_t)tcp->tuple_mask + 1, sizeof(uint32_t));
    tcp->ports = table(arena, self, (uint64_t)tcp->port_mask + 1, sizeof(uint32_t));
    tcp->resets = table(arena, self, tcp->reset_capacity, sizeof(struct reset));
    tcp->receive_offset = rounded((uint64_t)config->send_buffer + LK_GUARD_GAP);
    tcp->buffer_stride = tcp->receive_offset + rounded((uint64_t)config->receive_buffer + LK_GUARD_GAP);
    tcp->buffers = table(arena, self, config->active, tcp->buffer_stride);
}

static void build(struct lk_tcp_stack *tcp, const struct lk_tcp_config *config, const uint8_t seed[32], uint32_t node_base)
{
    tcp->config = *config;
    tcp->node_base = node_base;
    for (unsigned i = 0; i < TCP_KEYS; i++)
        lk_seed_key(seed, 0x54435000u + i, tcp->keys[i]);
    uint32_t *tuples = tcp_table(tcp, tcp->tuples);
    uint32_t *ports = tcp_table(tcp, tcp->ports);
    for (uint32_t i = 0; i <= tcp->tuple_mask; i++)
        tuples[i] = LK_NONE;
    for (uint32_t i = 0; i <= tcp->port_mask; i++)
        ports[i] = LK_NONE;
    tcp_common_init(tcp);
    for (uint32_t i = 0; i < tcb_count(config); i++)
        tcp_table(tcp, tcp->generations)[i] = 1; /* so that 0 is never a handle */
    struct tcp_list none = {LK_NONE, LK_NONE};
    for (unsigned i = 0; i < TCP_READY_LISTS; i++)
        tcp->ready[i] = none;
    tcp->events = none;
    tcp->time_wait = none;
    lk_tcp_guard(tcp);
}

uint64_t lk_tcp_init(struct lk_arena *arena, const struct lk_tcp_config *config, const uint8_t seed[32], uint32_t node_base)
{
    uint64_t self = lk_arena_carve(arena, 1, sizeof(struct lk_tcp_stack));
    struct lk_tcp_stack *tcp = lk_arena_at(arena, self);
    struct lk_tcp_stack scratch;
    layout(tcp != NULL ? tcp : &scratch, arena, self, config);
    if (arena->base == NULL)
        return self;
    if (lk_arena_error(arena) != 0)
        return UINT64_MAX;
    build(tcp, config, seed, node_base);
    return self;
}

void lk_tcp_guard(const struct lk_tcp_stack *tcp)
{
    lk_pool_guard(&tcp->tcbs);
    lk_pool_guard(&tcp->listeners);
    lk_pool_guard(&tcp->actives);
    lk_pool_guard(&tcp->sacked);
    lk_pool_guard(&tcp->arrived);
    lk_pool_guard(&tcp->commons);
    for (uint32_t i = 0; i < tcp->actives.capacity; i++) {
        tcp_buffer_close(tcp, i);
        if (lk_pool_taken(&tcp->actives, i))
            tcp_buffer_open(tcp, i);
    }
}

void lk_tcp_counters(const struct lk_tcp_stack *tcp, struct lk_tcp_counters *out)
{
    *out = tcp->counters;
}
