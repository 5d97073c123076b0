/* Deciding fates: see fates.h. */
#include "conformance/replay/fates.h"
#include "conformance/replay/tape.h"

#define LONGEST_RANGE 65536u /* bytes of one fate that are counted; longer ranges are judged by their first part */

struct fate_state { const struct lk_fate *fate; uint16_t *sent; uint32_t range; uint32_t acks; bool met; };
struct lk_fates { struct fate_state *list; size_t count; };

struct lk_fates *lk_fates_new(const struct lk_trace *trace, struct lk_bump *memory)
{
    struct lk_fates *fates = lk_bump_take(memory, sizeof *fates);
    if (fates == NULL || (fates->list = lk_bump_array(memory, trace->fate_count, sizeof *fates->list)) == NULL)
        return NULL;
    fates->count = trace->fate_count;
    for (size_t i = 0; i < fates->count; i++) {
        const struct lk_fate *fate = &trace->fates[i];
        uint64_t range = fate->by == LK_FATE_BYTES && fate->to > fate->from ? fate->to - fate->from : 0;
        fates->list[i] = (struct fate_state){.fate = fate, .range = range > LONGEST_RANGE ? LONGEST_RANGE : (uint32_t)range};
        fates->list[i].sent = lk_bump_array(memory, fates->list[i].range, sizeof *fates->list[i].sent);
        if (fates->list[i].sent == NULL)
            return NULL;
    }
    return fates;
}

/* How often the least sent byte of what a segment has of the range was sent before; counts this transmission. LK_NONE: none of it. */
static uint32_t transmission(struct fate_state *state, const struct lk_relative *rel)
{
    uint32_t least = LK_NONE;
    uint64_t from = state->fate->from, start = rel->seq > from ? rel->seq : from;
    for (uint64_t at = start; at < rel->end && at < from + state->range; at++) {
        uint64_t i = at - from;
        least = state->sent[i] < least ? state->sent[i] : least;
        if (state->sent[i] < UINT16_MAX)
            state->sent[i]++;
    }
    return least;
}

static bool applies(struct fate_state *state, enum lk_dir dir, const struct lk_segment *segment, const struct lk_relative *rel, lk_time now)
{
    const struct lk_fate *fate = state->fate;
    if (fate->dir != (uint8_t)dir)
        return false;
    if (fate->by == LK_FATE_TIME)
        return now >= fate->since && now < fate->until;
    if (fate->by == LK_FATE_ACK)
        return lk_is_pure_ack(segment) && rel->ack == fate->from && state->acks++ == fate->copy;
    return rel->seq < rel->end && transmission(state, rel) == fate->copy;
}

static void add_fate(const struct lk_fate *fate, struct lk_net_fate *out)
{
    out->lost |= fate->is == LK_FATE_LOST;
    out->corrupted |= fate->is == LK_FATE_CORRUPTED;
    out->copies += fate->is == LK_FATE_DUPLICATED ? 1u : 0u;
    out->late = fate->is == LK_FATE_LATE ? lk_time_add(out->late, fate->late) : out->late;
}

uint8_t lk_fates_decide(struct lk_fates *fates, enum lk_dir dir, const struct lk_segment *segment, const struct lk_relative *rel, lk_time now, struct lk_net_fate *out)
{
    uint8_t kind = 0;
    *out = (struct lk_net_fate){0};
    for (size_t i = 0; i < fates->count; i++) {
        struct fate_state *state = &fates->list[i];
        if (!applies(state, dir, segment, rel, now))
            continue;
        state->met = true;
        add_fate(state->fate, out);
        if (kind == 0 || state->fate->is == LK_FATE_LOST)
            kind = state->fate->is;
    }
    return kind;
}

uint32_t lk_fates_unmet(const struct lk_fates *fates, enum lk_dir dir)
{
    for (size_t i = 0; i < fates->count; i++)
        if (fates->list[i].fate->required && !fates->list[i].met && fates->list[i].fate->dir == (uint8_t)dir)
            return (uint32_t)i;
    return LK_NONE;
}
