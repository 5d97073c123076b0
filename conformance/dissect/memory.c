/* The tables behind memory.h: connections by open addressing with a bounded search, datagrams by a short list. */
#include "conformance/dissect/memory.h"

#include "stack/base/mem.h"

#define PROBES 64u

static uint32_t place(const struct lk_dissect_flow *key)
{
    uint64_t x = (uint64_t)key->address[0] << 32 | key->address[1];
    x ^= ((uint64_t)key->port[0] << 16 | key->port[1]) * UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint32_t)(x ^ x >> 29);
}

static bool same_flow(const struct lk_dissect_flow *a, const struct lk_dissect_flow *b)
{
    return a->address[0] == b->address[0] && a->address[1] == b->address[1] && a->port[0] == b->port[0] && a->port[1] == b->port[1];
}

static void begin(struct lk_dissect_memory *memory, struct lk_dissect_flow *flow)
{
    flow->used = true;
    flow->stream = memory->streams++;
    flow->has_base[0] = flow->has_base[1] = false;
    flow->has_message[0] = flow->has_message[1] = false;
    flow->scale[0] = flow->scale[1] = -1;
    flow->first = flow->last = INT64_MIN;
}

struct lk_dissect_flow *lk_dissect_flow_of(struct lk_dissect_memory *memory, const uint32_t address[2], const uint16_t port[2],
                                           unsigned *side)
{
    *side = 0;
    if (memory == NULL || memory->flow_cap == 0)
        return NULL;
    unsigned low = address[0] < address[1] || (address[0] == address[1] && port[0] <= port[1]) ? 0 : 1;
    struct lk_dissect_flow key = {.address = {address[low], address[!low]}, .port = {port[low], port[!low]}};
    *side = low;
    for (uint32_t i = 0, at = place(&key); i < PROBES && i < memory->flow_cap; i++, at++) {
        struct lk_dissect_flow *flow = &memory->flows[at & (memory->flow_cap - 1)];
        if (!flow->used) {
            *flow = key;
            begin(memory, flow);
            return flow;
        }
        if (same_flow(flow, &key))
            return flow;
    }
    return NULL;
}

void lk_dissect_flow_renew(struct lk_dissect_memory *memory, struct lk_dissect_flow *flow)
{
    begin(memory, flow);
}

/* The datagram a fragment belongs to; a free place, or that of the oldest one, when it is the first of its kind. */
static struct lk_dissect_datagram *datagram_of(struct lk_dissect_memory *memory, const struct lk_dissect_piece *piece)
{
    struct lk_dissect_datagram *spare = &memory->datagrams[0];
    for (uint32_t i = 0; i < memory->datagram_cap; i++) {
        struct lk_dissect_datagram *d = &memory->datagrams[i];
        if (d->used && d->source == piece->source && d->destination == piece->destination && d->identification == piece->identification &&
            d->protocol == piece->protocol)
            return d;
        if (spare->used && (!d->used || d->order < spare->order))
            spare = d;
    }
    spare->used = true;
    spare->source = piece->source;
    spare->destination = piece->destination;
    spare->identification = piece->identification;
    spare->protocol = piece->protocol;
    spare->total = spare->count = 0;
    spare->order = memory->order++;
    return spare;
}

/* Whether the ranges cover 0 .. total. */
static bool covered(const struct lk_dissect_datagram *d)
{
    uint32_t reached = 0;
    bool moved = true;
    while (moved && reached < d->total) {
        moved = false;
        for (uint32_t i = 0; i < d->count; i++)
            if (d->range[i].from <= reached && d->range[i].to > reached) {
                reached = d->range[i].to;
                moved = true;
            }
    }
    return d->total != 0 && reached >= d->total;
}

uint32_t lk_dissect_reassemble(struct lk_dissect_memory *memory, const struct lk_dissect_piece *piece, const uint8_t **whole)
{
    if (memory == NULL || memory->datagram_cap == 0 || piece->len == 0 || piece->at + piece->len > LK_DISSECT_DATAGRAM)
        return 0;
    struct lk_dissect_datagram *d = datagram_of(memory, piece);
    if (d->count == LK_DISSECT_RANGES)
        return 0;
    lk_memcpy(d->bytes + piece->at, piece->bytes, piece->len);
    d->range[d->count].from = piece->at;
    d->range[d->count++].to = piece->at + piece->len;
    if (!piece->more)
        d->total = piece->at + piece->len;
    if (!covered(d))
        return 0;
    d->used = false;
    *whole = d->bytes;
    return d->total;
}
