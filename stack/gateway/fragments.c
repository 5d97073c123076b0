#include "stack/gateway/fragments.h"
#include "stack/base/mem.h"
#include "stack/base/rng.h"
#include "stack/gateway/nat.h"

#define PURPOSE_IDENTIFICATION 0x6964
#define LIFE (30 * LK_SECOND) /* a datagram whose fragments are further apart is lost at the receiver too (RFC 1122 3.3.2: 60 s at most) */

static struct gw_train *train_at(const struct gw_fragments *f, uint32_t i)
{
    return (struct gw_train *)(void *)((uint8_t *)(uintptr_t)f + f->trains) + i;
}

static uint32_t stride(uint32_t room)
{
    return (uint32_t)sizeof(struct gw_early) + (room + 7) / 8 * 8;
}

static struct gw_early *early_at(const struct gw_fragments *f, uint32_t i)
{
    return (struct gw_early *)(void *)((uint8_t *)(uintptr_t)f + f->early + (int64_t)i * stride(f->room));
}

static uint8_t *bytes_of(struct gw_early *e)
{
    return (uint8_t *)(e + 1);
}

void gw_fragments_forget(struct gw_fragments *f)
{
    for (uint32_t i = 0; i < f->capacity; i++)
        train_at(f, i)->until = INT64_MIN;
    for (uint32_t i = 0; i < f->places; i++) {
        early_at(f, i)->until = INT64_MIN;
        early_at(f, i)->ready = 0;
    }
    f->ready = 0;
}

int gw_fragments_init(struct gw_fragments *f, struct lk_arena *arena, uint32_t trains, uint32_t places, uint32_t room, const uint8_t seed[32])
{
    uint8_t *at = lk_arena_at(arena, lk_arena_carve(arena, trains, sizeof(struct gw_train)));
    f->trains = at == NULL ? 0 : at - (uint8_t *)f;
    at = lk_arena_at(arena, lk_arena_carve(arena, places, stride(room)));
    f->early = at == NULL ? 0 : at - (uint8_t *)f;
    struct lk_rng rng;
    lk_rng_init(&rng, seed, PURPOSE_IDENTIFICATION);
    f->identification = (uint16_t)lk_rng_next(&rng);
    f->capacity = trains;
    f->places = places;
    f->room = room;
    if (lk_arena_error(arena) == 0 && arena->base != NULL)
        gw_fragments_forget(f);
    return lk_arena_error(arena);
}

/* ---- which ---- */

static struct gw_datagram datagram_of(const struct gw_packet *p)
{
    return (struct gw_datagram){.source = p->ip.source_address, .destination = p->ip.destination_address, .iface = p->in->iface,
                                .identification = p->ip.identification, .protocol = p->ip.protocol};
}

static bool same(const struct gw_datagram *a, const struct gw_datagram *b)
{
    return a->source == b->source && a->destination == b->destination && a->iface == b->iface && a->identification == b->identification &&
           a->protocol == b->protocol;
}

static const struct gw_train *find(const struct lk_gateway *g, const struct gw_datagram *of)
{
    for (uint32_t i = 0; i < g->fragments.capacity; i++) {
        const struct gw_train *t = train_at(&g->fragments, i);
        if (t->until > g->now && same(&t->of, of))
            return t;
    }
    return NULL;
}

/* ---- the first ---- */

void gw_fragments_first(struct lk_gateway *g, const struct gw_packet *p, bool local)
{
    struct gw_fragments *f = &g->fragments;
    struct gw_datagram of = datagram_of(p);
    if (f->capacity == 0 || p->ip.fragment_offset != 0 || (p->ip.flags & LK_IPV4_MF) == 0)
        return;
    struct gw_train *t = (struct gw_train *)(uintptr_t)find(g, &of);
    if (t == NULL) {
        t = train_at(f, f->next);
        f->next = (f->next + 1) % f->capacity;
    }
    *t = (struct gw_train){.until = lk_time_add(g->now, LIFE), .of = of, .source = p->rewrite.source, .destination = p->rewrite.destination,
                           .identification = p->rewrite.identification, .local = local};
    for (uint32_t i = 0; i < f->places; i++) {
        struct gw_early *e = early_at(f, i);
        if (e->until > g->now && !e->ready && !local && same(&e->of, &of)) {
            e->ready = 1;
            f->ready++;
        }
    }
}

/* ---- the later ones ---- */

/* Keeps one that came before its first: in a free place, or in that of the oldest. */
static int keep(struct lk_gateway *g, const struct gw_packet *p)
{
    struct gw_fragments *f = &g->fragments;
    struct gw_early *place = NULL;
    for (uint32_t i = 0; i < f->places; i++) {
        struct gw_early *e = early_at(f, i);
        if (e->ready)
            continue;
        if (place == NULL || e->until <= g->now || (place->until > g->now && e->order < place->order))
            place = e;
    }
    if (place == NULL || p->ip.total_length > f->room)
        return LK_GATEWAY_DROP_FRAGMENT;
    *place = (struct gw_early){.until = lk_time_add(g->now, LIFE), .order = f->arrivals++, .of = datagram_of(p), .len = p->ip.total_length};
    lk_memcpy(bytes_of(place), p->in->packet, place->len);
    return LK_GATEWAY_HOLD;
}

int gw_fragments_later(struct lk_gateway *g, struct gw_packet *p)
{
    struct gw_datagram of = datagram_of(p);
    /* RFC 1858 3.2.2: one that begins within TCP's header is no fragment anybody makes */
    if (p->ip.protocol == LK_PROTOCOL_TCP && p->ip.fragment_offset == 1)
        return LK_GATEWAY_DROP_FRAGMENT;
    const struct gw_train *t = find(g, &of);
    if (t == NULL)
        return keep(g, p);
    if (t->local)
        return LK_GATEWAY_LOCAL;
    p->rewrite = (struct gw_rewrite){.kind = GW_PART, .source = t->source, .destination = t->destination, .identification = t->identification};
    if (!gw_lookup(&g->routes, &g->config, t->destination, &p->hop))
        return LK_GATEWAY_DROP_FRAGMENT;
    if (p->in->iface == gw_nat_iface(g) && p->hop.iface == gw_nat_iface(g))
        return LK_GATEWAY_DROP_FRAGMENT; /* the way has changed since its first */
    int verdict = gw_permit(g, p);
    return verdict == LK_GATEWAY_FORWARD ? gw_emit(g, p) : verdict;
}

/* ---- those that waited ---- */

static struct gw_early *next_ready(const struct gw_fragments *f)
{
    struct gw_early *next = NULL;
    for (uint32_t i = 0; i < f->places; i++) {
        struct gw_early *e = early_at(f, i);
        if (e->ready && (next == NULL || e->order < next->order))
            next = e;
    }
    return next;
}

int gw_fragments_more(struct lk_gateway *g, struct lk_gateway_out *out)
{
    while (g->fragments.ready > 0) {
        struct gw_early *e = next_ready(&g->fragments);
        struct lk_gateway_in in = {.iface = e->of.iface, .packet = bytes_of(e), .len = e->len};
        struct gw_packet p = {.in = &in, .out = out};
        int verdict = LK_GATEWAY_DROP_FRAGMENT;
        e->ready = 0;
        e->until = INT64_MIN;
        g->fragments.ready--;
        if (lk_ipv4_parse(in.packet, in.len, &p.ip) > 0 && find(g, &e->of) != NULL)
            verdict = gw_fragments_later(g, &p);
        g->count[verdict]++;
        if (verdict <= LK_GATEWAY_ANSWER)
            return verdict;
    }
    return LK_E_AGAIN;
}

bool gw_fragments_check(const struct gw_fragments *f)
{
    uint32_t ready = 0;
    for (uint32_t i = 0; i < f->places; i++) {
        ready += early_at(f, i)->ready;
        if (early_at(f, i)->len > f->room)
            return false;
    }
    return ready == f->ready && (f->capacity == 0 || f->next < f->capacity);
}
