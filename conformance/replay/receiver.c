/* Receiving: see receiver.h. */
#include "conformance/replay/receiver.h"
#include "stack/base/seq.h"
#include <string.h>

static void remember_timestamp(struct lk_receiver *r, const struct lk_segment *s, uint64_t from)
{
    bool has = (s->options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) != 0;
    if (has && from <= r->last_ack_sent && seq_geq(s->options.ts_val, r->ts_recent)) /* RFC 7323 4.3 (2) */
        r->ts_recent = s->options.ts_val;
}

void lk_receiver_synchronize(struct lk_receiver *receiver, const struct lk_segment *syn)
{
    receiver->synchronized = true;
    receiver->irs = syn->tcp.sequence_number;
    receiver->next = 1;
    receiver->ts_recent = syn->options.ts_val;
}

uint32_t lk_receiver_ack(const struct lk_receiver *receiver)
{
    return seq_add(receiver->irs, (uint32_t)receiver->next);
}

static void remember_block(struct lk_receiver *r, uint64_t from)
{
    unsigned keep = r->recent_count < LK_RECEIVER_RECENT ? r->recent_count : LK_RECEIVER_RECENT - 1;
    memmove(r->recent + 1, r->recent, keep * sizeof *r->recent);
    r->recent[0] = from;
    r->recent_count = keep + 1;
}

static uint64_t relative(const struct lk_receiver *r, uint32_t number)
{
    return (uint64_t)((int64_t)r->next + seq_diff(number, lk_receiver_ack(r)));
}

static void advance(struct lk_receiver *r)
{
    r->next = lk_ranges_next_hole(&r->arrived, r->next);
    if (r->fin && r->next == r->fin_at)
        r->next++;
}

enum lk_received lk_receiver_take(struct lk_receiver *r, const struct lk_segment *s, uint64_t edge)
{
    uint64_t from = relative(r, s->tcp.sequence_number) + ((s->tcp.control & LK_TCP_SYN) ? 1u : 0u);
    uint64_t to = from + s->tcp.payload_len, before = r->next;
    bool fin = (s->tcp.control & LK_TCP_FIN) != 0, gaps = lk_ranges_next_hole(&r->arrived, 1) <= lk_ranges_total(&r->arrived);
    if ((int64_t)from < 0)
        return s->seg_len > 0 ? LK_RECEIVED_URGENTLY : LK_RECEIVED_NOTHING;
    remember_timestamp(r, s, from);
    if (s->seg_len == 0)
        return LK_RECEIVED_NOTHING;
    if (to > edge) { /* what does not fit is cut off, a FIN with it (RFC 9293 3.10.7.4, first) */
        to = edge > from ? edge : from;
        fin = false;
    }
    if (fin && !r->fin) {
        r->fin = true;
        r->fin_at = to;
    }
    if (lk_ranges_add(&r->arrived, r->memory, from < 1 ? 1 : from, to) < 0)
        return LK_RECEIVED_NO_MEMORY;
    advance(r);
    if (from > before && to > from)
        remember_block(r, from);
    return from != before || to == from || gaps || fin ? LK_RECEIVED_URGENTLY : LK_RECEIVED_IN_ORDER;
}

static const struct lk_range *range_with(const struct lk_receiver *r, uint64_t number)
{
    for (size_t i = 0; i < r->arrived.count; i++)
        if (r->arrived.list[i].from <= number && number < r->arrived.list[i].to)
            return &r->arrived.list[i];
    return NULL;
}

unsigned lk_receiver_sack(const struct lk_receiver *r, struct lk_tcp_sack *out, unsigned most)
{
    unsigned count = 0;
    for (unsigned i = 0; i < r->recent_count && count < most; i++) {
        const struct lk_range *range = range_with(r, r->recent[i]);
        if (range == NULL || range->from <= r->next)
            continue;
        struct lk_tcp_sack block = {seq_add(r->irs, (uint32_t)range->from), seq_add(r->irs, (uint32_t)range->to)};
        bool there = false;
        for (unsigned j = 0; j < count; j++)
            there |= out[j].left == block.left;
        if (!there)
            out[count++] = block;
    }
    return count;
}
