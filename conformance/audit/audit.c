#include "conformance/audit/audit.h"

#include <stdlib.h>
#include <string.h>

struct lk_audit {
    struct lk_audit_config config;
    struct lk_audit_sink sink;
    struct lk_audit_totals totals;
    struct lk_audit_flow *flow;
    uint32_t *bucket;
    uint32_t capacity, used, free, buckets;
    uint32_t newest, oldest;
    size_t budget; /* what may still be allocated */
    lk_time last_at;
};

static bool grow(struct lk_audit *a, uint32_t capacity)
{
    size_t more = (size_t)(capacity - a->capacity) * (sizeof *a->flow + 2 * sizeof *a->bucket);
    if (more > a->budget)
        return false;
    struct lk_audit_flow *flow = realloc(a->flow, capacity * sizeof *flow);
    if (flow == NULL)
        return false;
    a->flow = flow;
    uint32_t *bucket = realloc(a->bucket, 2 * (size_t)capacity * sizeof *bucket);
    if (bucket == NULL)
        return false;
    a->bucket = bucket;
    a->budget -= more;
    a->capacity = capacity;
    a->buckets = 2 * capacity;
    memset(bucket, 0xff, a->buckets * sizeof *bucket);
    for (uint32_t i = a->newest; i != LK_NONE; i = flow[i].older) {
        uint32_t b = flow[i].hash & (a->buckets - 1);
        flow[i].next = bucket[b];
        bucket[b] = i;
    }
    return true;
}

struct lk_audit *lk_audit_new(const struct lk_audit_config *config, const struct lk_audit_sink *sink)
{
    struct lk_audit *a = calloc(1, sizeof *a);
    if (a == NULL)
        return NULL;
    a->config = *config;
    a->sink = *sink;
    a->budget = config->memory;
    a->newest = a->oldest = a->free = LK_NONE;
    if (!grow(a, 64)) {
        lk_audit_free(a);
        return NULL;
    }
    return a;
}

void lk_audit_free(struct lk_audit *a)
{
    if (a == NULL)
        return;
    for (uint32_t i = a->newest; i != LK_NONE; i = a->flow[i].older)
        for (unsigned e = 0; e < 2; e++)
            lk_pieces_free(&a->flow[i].end[e].sent, &a->budget);
    free(a->flow);
    free(a->bucket);
    free(a);
}

const struct lk_audit_totals *lk_audit_totals(const struct lk_audit *a)
{
    return &a->totals;
}

/* ---- the table: by addresses and ports, and in order of use ---- */

static void list_out(struct lk_audit *a, uint32_t i)
{
    struct lk_audit_flow *f = &a->flow[i];
    *(f->newer == LK_NONE ? &a->newest : &a->flow[f->newer].older) = f->older;
    *(f->older == LK_NONE ? &a->oldest : &a->flow[f->older].newer) = f->newer;
}

static void list_in(struct lk_audit *a, uint32_t i)
{
    a->flow[i].newer = LK_NONE;
    a->flow[i].older = a->newest;
    *(a->newest == LK_NONE ? &a->oldest : &a->flow[a->newest].newer) = i;
    a->newest = i;
}

static void chain_out(struct lk_audit *a, uint32_t i)
{
    uint32_t *at = &a->bucket[a->flow[i].hash & (a->buckets - 1)];
    while (*at != LK_NONE && *at != i)
        at = &a->flow[*at].next;
    if (*at == i)
        *at = a->flow[i].next;
}

static void chain_in(struct lk_audit *a, uint32_t i)
{
    uint32_t *at = &a->bucket[a->flow[i].hash & (a->buckets - 1)];
    a->flow[i].next = *at;
    *at = i;
}

static void give_back(struct lk_audit *a, uint32_t i, bool evicted)
{
    a->sink.connection(a->sink.context, &a->flow[i], evicted);
    a->totals.evicted += evicted;
    list_out(a, i);
    chain_out(a, i);
    for (unsigned e = 0; e < 2; e++)
        lk_pieces_free(&a->flow[i].end[e].sent, &a->budget);
    a->flow[i].next = a->free;
    a->free = i;
}

static uint32_t take(struct lk_audit *a)
{
    uint32_t i;
    if (a->free == LK_NONE && a->used == a->capacity && (a->capacity >= UINT32_C(1) << 30 || !grow(a, a->capacity * 2)))
        give_back(a, a->oldest, true);
    if (a->free != LK_NONE) {
        i = a->free;
        a->free = a->flow[i].next;
    } else {
        i = a->used++;
    }
    memset(&a->flow[i], 0, sizeof a->flow[i]);
    return i;
}

/* The same for both directions: the ends are added up before they are mixed. */
static uint32_t hash_of(const struct lk_peeled *ip, const struct lk_audit_segment *seg)
{
    uint64_t half[2], part[2];
    for (unsigned e = 0; e < 2; e++) {
        memcpy(part, (e == 0 ? &ip->src : &ip->dst)->octet, 16);
        half[e] = (part[0] ^ (e == 0 ? seg->source_port : seg->destination_port)) * UINT64_C(0x9e3779b97f4a7c15) ^ part[1];
        half[e] = (half[e] ^ half[e] >> 31) * UINT64_C(0xbf58476d1ce4e5b9);
    }
    uint64_t sum = (half[0] + half[1]) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(sum >> 32);
}

static bool is(const struct lk_audit_flow *f, unsigned e, const struct lk_addr *address, uint16_t port)
{
    return f->port[e] == port && memcmp(&f->address[e], address, sizeof *address) == 0;
}

/* The flow and the end that sent this segment; LK_NONE when there is none. */
static uint32_t look_up(const struct lk_audit *a, uint32_t hash, const struct lk_peeled *ip, const struct lk_audit_segment *seg, unsigned *from)
{
    for (uint32_t i = a->bucket[hash & (a->buckets - 1)]; i != LK_NONE; i = a->flow[i].next) {
        const struct lk_audit_flow *f = &a->flow[i];
        for (*from = 0; f->hash == hash && *from < 2; (*from)++)
            if (is(f, *from, &ip->src, seg->source_port) && is(f, !*from, &ip->dst, seg->destination_port))
                return i;
    }
    return LK_NONE;
}

static uint32_t open_flow(struct lk_audit *a, uint32_t hash, const struct lk_peeled *ip, const struct lk_audit_segment *seg, uint32_t number, lk_time at, unsigned *from)
{
    bool answer = (seg->flags & (LK_AUDIT_SYN | LK_AUDIT_ACK)) == (LK_AUDIT_SYN | LK_AUDIT_ACK); /* its sender did not begin */
    uint32_t i = take(a);
    struct lk_audit_flow *f = &a->flow[i];
    *from = answer;
    f->address[*from] = ip->src;
    f->port[*from] = seg->source_port;
    f->address[!*from] = ip->dst;
    f->port[!*from] = seg->destination_port;
    f->hash = hash;
    f->stream = (uint32_t)a->totals.connections++;
    f->first_frame = number;
    f->first_at = at;
    f->begun_by_syn = (seg->flags & LK_AUDIT_SYN) != 0;
    f->turned = answer;
    f->end[0].fin = f->end[1].fin = -1;
    list_in(a, i);
    chain_in(a, i);
    return i;
}

/* Whether a SYN begins another connection between the same ports: as Wireshark counts streams. */
static bool begins_anew(const struct lk_audit_flow *f, unsigned from, const struct lk_audit_segment *seg)
{
    const struct lk_audit_end *e = &f->end[from];
    return (seg->flags & (LK_AUDIT_SYN | LK_AUDIT_ACK)) == LK_AUDIT_SYN && e->started && seg->seq != e->base && seg->seq + 1 != e->base /* the SYN,ACK was captured first */;
}

static void tcp(struct lk_audit *a, const uint8_t *bytes, const struct lk_peeled *ip, uint32_t length, uint32_t number, lk_time at)
{
    struct lk_audit_segment seg;
    enum lk_audit_read read = lk_audit_segment_read(bytes, ip, &seg);
    a->totals.cut += read == LK_AUDIT_CUT;
    a->totals.malformed += read == LK_AUDIT_BOGUS;
    if (read != LK_AUDIT_WHOLE && seg.source_port == 0 && seg.destination_port == 0)
        return;
    unsigned from = 0;
    uint32_t hash = hash_of(ip, &seg), i = look_up(a, hash, ip, &seg, &from);
    if (i != LK_NONE && begins_anew(&a->flow[i], from, &seg)) {
        give_back(a, i, false);
        i = LK_NONE;
    }
    if (i == LK_NONE)
        i = open_flow(a, hash, ip, &seg, number, at, &from);
    else if (a->newest != i)
        list_out(a, i), list_in(a, i);
    a->flow[i].last_frame = number;
    a->flow[i].end[from].count.bytes += length;
    if (read == LK_AUDIT_WHOLE)
        lk_audit_track(&a->flow[i], from, &seg, ip, number, at, a->config.vantage, &a->budget);
    else
        a->flow[i].end[from].count.packets++; /* it belongs there, but says nothing */
}

void lk_audit_frame(struct lk_audit *a, uint32_t link, const uint8_t *bytes, uint32_t captured, uint32_t length, uint32_t number, lk_time at)
{
    struct lk_peeled ip;
    struct lk_audit_totals *t = &a->totals;
    t->frames++;
    t->bytes += length;
    if (t->frames > 1 && at < a->last_at)
        t->backwards++;
    a->last_at = at;
    switch (lk_peel(link, bytes, captured, length, &ip)) {
    case LK_PEEL_TRANSPORT:
        if (ip.protocol == 6) {
            t->tcp++;
            tcp(a, bytes, &ip, length, number, at);
        } else {
            *(ip.protocol == 17 ? &t->udp : ip.protocol == 1 || ip.protocol == 58 ? &t->icmp : &t->other_ip) += 1;
        }
        return;
    case LK_PEEL_FRAGMENT: t->fragments++; return;
    case LK_PEEL_ARP: t->arp++; return;
    case LK_PEEL_OTHER: t->other++; return;
    case LK_PEEL_CUT: t->cut++; return;
    case LK_PEEL_MALFORMED: t->malformed++; return;
    case LK_PEEL_UNSUPPORTED: t->unsupported++; return;
    }
}

static int by_stream(const void *left, const void *right)
{
    const struct lk_audit_flow *const *x = left, *const *y = right;
    return (*x)->stream < (*y)->stream ? -1 : (*x)->stream > (*y)->stream;
}

void lk_audit_finish(struct lk_audit *a)
{
    uint32_t count = 0, k = 0;
    for (uint32_t i = a->newest; i != LK_NONE; i = a->flow[i].older)
        count++;
    struct lk_audit_flow **sorted = count == 0 ? NULL : malloc(count * sizeof *sorted);
    if (sorted != NULL) {
        for (uint32_t i = a->newest; i != LK_NONE; i = a->flow[i].older)
            sorted[k++] = &a->flow[i];
        qsort(sorted, count, sizeof *sorted, by_stream);
        for (k = 0; k < count; k++)
            give_back(a, (uint32_t)(sorted[k] - a->flow), false);
        free(sorted);
    }
    while (a->newest != LK_NONE) /* without memory to sort: in order of age */
        give_back(a, a->oldest, false);
}
