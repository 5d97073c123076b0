#include "stack/gateway/binding.h"
#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/base/hash.h"
#include "stack/base/mem.h"
#include "stack/wire/ipv4.h"

#define PURPOSE_TABLES 0x6e6174 /* of a key derived from the seed */
#define PURPOSE_PORTS 0x706f7274

static uint32_t *table(const struct gw_nat *nat, int64_t distance)
{
    return (uint32_t *)(void *)((uint8_t *)(uintptr_t)nat + distance);
}

static uint32_t buckets_for(uint32_t records)
{
    uint32_t buckets = 1;
    while (buckets < records)
        buckets *= 2;
    return buckets;
}

static int64_t carve(struct gw_nat *nat, struct lk_arena *arena, uint32_t count)
{
    uint64_t distance = lk_arena_carve(arena, count, sizeof(uint32_t));
    uint8_t *at = lk_arena_at(arena, distance);
    if (at == NULL)
        return 0;
    lk_memset(at, 0xff, count * sizeof(uint32_t)); /* LK_NONE */
    return at - (uint8_t *)nat;
}

int gw_nat_init(struct gw_nat *nat, struct lk_arena *arena, const struct lk_gateway_config *config, lk_time now, const uint8_t seed[32])
{
    uint32_t held = config->mappings > 0 ? GW_HELD : 0;
    uint32_t buckets = buckets_for(config->mappings), session_buckets = buckets_for(config->sessions);
    int error = lk_pool_init(&nat->bindings, arena, sizeof(struct gw_binding), config->mappings);
    if (error == 0)
        error = lk_pool_init(&nat->sessions, arena, sizeof(struct gw_session), config->sessions);
    if (error == 0)
        error = lk_pool_init(&nat->held, arena, sizeof(struct gw_held), held);
    if (error == 0)
        error = lk_wheel_init(&nat->wheel, arena, config->mappings + config->sessions + held, now);
    nat->inside = carve(nat, arena, buckets);
    nat->outside = carve(nat, arena, buckets);
    nat->remote = carve(nat, arena, session_buckets);
    nat->mask = buckets - 1;
    nat->session_mask = session_buckets - 1;
    lk_seed_key(seed, PURPOSE_TABLES, nat->key);
    lk_rng_init(&nat->ports, seed, PURPOSE_PORTS);
    return error < 0 ? error : lk_arena_error(arena);
}

/* ---- where a record hangs ---- */

static uint32_t *chain_of(const struct gw_nat *nat, int64_t distance, uint32_t mask, uint32_t a, uint32_t b, uint16_t c)
{
    uint8_t bytes[10];
    lk_store_be32(bytes, a);
    lk_store_be32(bytes + 4, b);
    lk_store_be16(bytes + 8, c);
    return table(nat, distance) + (lk_siphash(nat->key, bytes, sizeof bytes) & mask);
}

static uint32_t *inside_chain(const struct gw_nat *nat, uint8_t protocol, uint32_t inside, uint16_t port)
{
    return chain_of(nat, nat->inside, nat->mask, protocol, inside, port);
}

static uint32_t *outside_chain(const struct gw_nat *nat, uint8_t protocol, uint16_t port)
{
    return chain_of(nat, nat->outside, nat->mask, protocol, 0, port);
}

static uint32_t *session_chain(const struct gw_nat *nat, uint32_t binding, uint32_t remote, uint16_t port)
{
    return chain_of(nat, nat->remote, nat->session_mask, binding, remote, port);
}

/* ---- bindings ---- */

uint32_t gw_binding_inside(const struct gw_nat *nat, uint8_t protocol, uint32_t inside, uint16_t port)
{
    uint32_t i = *inside_chain(nat, protocol, inside, port);
    while (i != LK_NONE) {
        const struct gw_binding *b = gw_binding_at(nat, i);
        if (b->protocol == protocol && b->inside == inside && b->inside_port == port)
            return i;
        i = b->inside_next;
    }
    return LK_NONE;
}

uint32_t gw_binding_outside(const struct gw_nat *nat, uint8_t protocol, uint16_t port)
{
    uint32_t i = *outside_chain(nat, protocol, port);
    while (i != LK_NONE) {
        const struct gw_binding *b = gw_binding_at(nat, i);
        if (b->protocol == protocol && b->outside_port == port)
            return i;
        i = b->outside_next;
    }
    return LK_NONE;
}

uint32_t gw_binding_add(struct gw_nat *nat, uint8_t protocol, uint32_t inside, uint16_t inside_port, uint16_t outside_port)
{
    uint32_t index = lk_pool_take(&nat->bindings);
    if (index == LK_NONE)
        return LK_NONE;
    uint32_t *in = inside_chain(nat, protocol, inside, inside_port), *out = outside_chain(nat, protocol, outside_port);
    *gw_binding_at(nat, index) = (struct gw_binding){.inside = inside, .inside_next = *in, .outside_next = *out, .first = LK_NONE,
                                                     .inside_port = inside_port, .outside_port = outside_port, .protocol = protocol};
    *in = *out = index;
    return index;
}

static void unchain_binding(struct gw_nat *nat, uint32_t index)
{
    const struct gw_binding *b = gw_binding_at(nat, index);
    uint32_t *link = inside_chain(nat, b->protocol, b->inside, b->inside_port);
    while (*link != index)
        link = &gw_binding_at(nat, *link)->inside_next;
    *link = b->inside_next;
    link = outside_chain(nat, b->protocol, b->outside_port);
    while (*link != index)
        link = &gw_binding_at(nat, *link)->outside_next;
    *link = b->outside_next;
}

static void session_gone(struct gw_nat *nat, uint32_t index);

void gw_binding_remove(struct gw_nat *nat, uint32_t index)
{
    while (gw_binding_at(nat, index)->first != LK_NONE)
        session_gone(nat, gw_binding_at(nat, index)->first);
    unchain_binding(nat, index);
    lk_wheel_cancel(&nat->wheel, index);
    lk_pool_give(&nat->bindings, index);
}

void gw_binding_keep(struct gw_nat *nat, uint32_t index, lk_time at)
{
    if (!gw_binding_at(nat, index)->fixed)
        lk_wheel_arm(&nat->wheel, index, at);
}

/* ---- sessions ---- */

uint32_t gw_session_find(const struct gw_nat *nat, uint32_t binding, uint32_t remote, uint16_t remote_port)
{
    uint32_t i = *session_chain(nat, binding, remote, remote_port);
    while (i != LK_NONE) {
        const struct gw_session *s = gw_session_at(nat, i);
        if (s->binding == binding && s->remote == remote && s->remote_port == remote_port)
            return i;
        i = s->chain;
    }
    return LK_NONE;
}

uint32_t gw_session_add(struct gw_nat *nat, uint32_t binding, uint32_t remote, uint16_t remote_port)
{
    uint32_t index = lk_pool_take(&nat->sessions);
    if (index == LK_NONE)
        return LK_NONE;
    struct gw_binding *b = gw_binding_at(nat, binding);
    uint32_t *chain = session_chain(nat, binding, remote, remote_port);
    *gw_session_at(nat, index) =
        (struct gw_session){.binding = binding, .remote = remote, .chain = *chain, .next = b->first, .previous = LK_NONE, .remote_port = remote_port};
    *chain = index;
    if (b->first != LK_NONE)
        gw_session_at(nat, b->first)->previous = index;
    b->first = index;
    b->sessions++;
    return index;
}

/* Takes a session out of everything but leaves its binding. */
static void session_gone(struct gw_nat *nat, uint32_t index)
{
    struct gw_session *s = gw_session_at(nat, index);
    struct gw_binding *b = gw_binding_at(nat, s->binding);
    uint32_t *link = session_chain(nat, s->binding, s->remote, s->remote_port);
    while (*link != index)
        link = &gw_session_at(nat, *link)->chain;
    *link = s->chain;
    if (s->next != LK_NONE)
        gw_session_at(nat, s->next)->previous = s->previous;
    if (s->previous != LK_NONE)
        gw_session_at(nat, s->previous)->next = s->next;
    else
        b->first = s->next;
    b->sessions--;
    nat->knocking -= s->state == GW_INIT_INWARD;
    lk_wheel_cancel(&nat->wheel, nat->bindings.capacity + index);
    lk_pool_give(&nat->sessions, index);
}

void gw_session_remove(struct gw_nat *nat, uint32_t index)
{
    uint32_t binding = gw_session_at(nat, index)->binding;
    session_gone(nat, index);
    const struct gw_binding *b = gw_binding_at(nat, binding);
    if (b->protocol == LK_PROTOCOL_TCP && b->sessions == 0 && !b->fixed)
        gw_binding_remove(nat, binding);
}

void gw_session_keep(struct gw_nat *nat, uint32_t index, lk_time at)
{
    lk_wheel_arm(&nat->wheel, nat->bindings.capacity + index, at);
}

void gw_session_state(struct gw_nat *nat, uint32_t index, enum gw_tcp_state state)
{
    struct gw_session *s = gw_session_at(nat, index);
    nat->knocking -= s->state == GW_INIT_INWARD;
    nat->knocking += state == GW_INIT_INWARD;
    s->state = (uint8_t)state;
}

/* ---- time ---- */

void gw_nat_tick(struct gw_nat *nat, lk_time now)
{
    uint32_t node;
    lk_time deadline;
    while (lk_wheel_pop(&nat->wheel, now, &node, &deadline)) {
        if (node < nat->bindings.capacity) {
            gw_binding_remove(nat, node);
        } else if (node < nat->bindings.capacity + nat->sessions.capacity) {
            gw_session_remove(nat, node - nat->bindings.capacity);
        } else {
            gw_held_at(nat, node - nat->bindings.capacity - nat->sessions.capacity)->due = 1;
            nat->due++;
        }
    }
}

/* ---- every invariant ---- */

/* Each binding is found from both sides, is no other's twin, and will end or is fixed. */
static bool binding_sound(const struct gw_nat *nat, uint32_t index)
{
    const struct gw_binding *b = gw_binding_at(nat, index);
    uint32_t count = 0;
    if (gw_binding_inside(nat, b->protocol, b->inside, b->inside_port) != index || gw_binding_outside(nat, b->protocol, b->outside_port) != index)
        return false;
    for (uint32_t s = b->first; s != LK_NONE; s = gw_session_at(nat, s)->next)
        if (count++ > nat->sessions.capacity || !lk_pool_taken(&nat->sessions, s) || gw_session_at(nat, s)->binding != index)
            return false;
    if (count != b->sessions)
        return false;
    bool armed = lk_wheel_armed(&nat->wheel, index);
    if (b->fixed)
        return !armed;
    return b->protocol == LK_PROTOCOL_TCP ? !armed && count > 0 : armed;
}

static bool session_sound(const struct gw_nat *nat, uint32_t index)
{
    const struct gw_session *s = gw_session_at(nat, index);
    if (!lk_pool_taken(&nat->bindings, s->binding) || s->state > GW_TRANS || gw_session_find(nat, s->binding, s->remote, s->remote_port) != index)
        return false;
    return lk_wheel_armed(&nat->wheel, nat->bindings.capacity + index);
}

bool gw_nat_check(const struct gw_nat *nat)
{
    uint32_t knocking = 0, sessions = 0, due = 0;
    if (!lk_pool_check(&nat->bindings) || !lk_pool_check(&nat->sessions) || !lk_pool_check(&nat->held) || !lk_wheel_check(&nat->wheel))
        return false;
    for (uint32_t i = 0; i < nat->bindings.capacity; i++) {
        if (!lk_pool_taken(&nat->bindings, i))
            continue;
        if (!binding_sound(nat, i))
            return false;
        sessions += gw_binding_at(nat, i)->sessions;
    }
    for (uint32_t i = 0; i < nat->sessions.capacity; i++) {
        if (!lk_pool_taken(&nat->sessions, i))
            continue;
        if (!session_sound(nat, i))
            return false;
        knocking += gw_session_at(nat, i)->state == GW_INIT_INWARD;
    }
    for (uint32_t i = 0; i < nat->held.capacity; i++)
        due += lk_pool_taken(&nat->held, i) && gw_held_at(nat, i)->due;
    return knocking == nat->knocking && sessions == nat->sessions.in_use && due == nat->due;
}
