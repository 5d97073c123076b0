/* What made the peer send: found once, from the recording, never from the acknowledgement number alone (a number that
 * comes three times was caused by three different segments).
 *
 * With a capture at the peer it is the last frame of the device that had arrived there before the peer sent. Without one it
 * is the transmission whose timestamp the peer echoes (RFC 7323 4.3), and failing that the last one before it. */
#include "conformance/replay/tape.h"
#include "stack/base/error.h"
#include <string.h>

/* The same frame seen at two places: everything a router leaves alone. */
static bool same_frame(const struct lk_segment *a, const struct lk_segment *b)
{
    return a->is_tcp && b->is_tcp && a->src == b->src && a->dst == b->dst && a->ip_id == b->ip_id &&
           a->tcp.source_port == b->tcp.source_port && a->tcp.destination_port == b->tcp.destination_port &&
           a->tcp.sequence_number == b->tcp.sequence_number && a->tcp.acknowledgment_number == b->tcp.acknowledgment_number &&
           a->tcp.control == b->tcp.control && a->tcp.window == b->tcp.window && a->tcp.payload_len == b->tcp.payload_len &&
           a->tcp.options_len == b->tcp.options_len && memcmp(a->tcp.options, b->tcp.options, a->tcp.options_len) == 0;
}

struct peer_side { struct lk_segment *segments; bool *used; size_t count; uint32_t device; };

static int read_peer(struct peer_side *side, const struct lk_capture *peer, uint32_t device, struct lk_bump *memory)
{
    *side = (struct peer_side){.count = peer->count, .device = device};
    side->segments = lk_bump_array(memory, peer->count, sizeof *side->segments);
    side->used = lk_bump_array(memory, peer->count, sizeof *side->used);
    if (side->segments == NULL || side->used == NULL)
        return LK_E_NOMEM;
    for (size_t i = 0; i < peer->count; i++)
        lk_segment_read(peer->frames[i].bytes, peer->frames[i].len, peer->link, &side->segments[i]);
    return 0;
}

static size_t find_at_peer(struct peer_side *side, const struct lk_segment *segment)
{
    for (size_t i = 0; i < side->count; i++)
        if (!side->used[i] && same_frame(&side->segments[i], segment)) {
            side->used[i] = true;
            return i;
        }
    return SIZE_MAX;
}

/* The device's frame that the peer had last before its frame number `at` there; in the tape, before `before`. */
static uint32_t last_arrived(const struct lk_tape *tape, const struct peer_side *side, size_t at, size_t before)
{
    while (at-- > 0) {
        if (!side->segments[at].is_tcp || side->segments[at].src != side->device)
            continue;
        for (size_t i = before; i-- > 0;)
            if (tape->frames[i].plays && tape->frames[i].dir == LK_OUT && same_frame(&tape->frames[i].segment, &side->segments[at]))
                return (uint32_t)i;
    }
    return LK_NONE;
}

static bool has_timestamps(const struct lk_segment *segment)
{
    return (segment->options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) != 0;
}

/* The last transmission with the timestamp that is echoed; of several with the same, the one that is acknowledged to its end. */
static uint32_t echoed(const struct lk_tape *tape, size_t index)
{
    const struct lk_tape_frame *in = &tape->frames[index];
    uint32_t found = LK_NONE;
    if (!has_timestamps(&in->segment))
        return LK_NONE;
    for (size_t i = index; i-- > 0;) {
        const struct lk_tape_frame *out = &tape->frames[i];
        if (!out->plays || out->dir != LK_OUT || out->conn != in->conn || !has_timestamps(&out->segment) || out->segment.options.ts_val != in->segment.options.ts_ecr)
            continue;
        if (found == LK_NONE)
            found = (uint32_t)i;
        if (out->rel.end == in->rel.ack)
            return (uint32_t)i;
    }
    return found;
}

static uint32_t last_before(const struct lk_tape *tape, size_t index)
{
    for (size_t i = index; i-- > 0;)
        if (tape->frames[i].plays && tape->frames[i].dir == LK_OUT)
            return (uint32_t)i;
    return LK_NONE;
}

static uint32_t by_number(const struct lk_tape *tape, uint32_t number)
{
    for (size_t i = 0; i < tape->count; i++)
        if (tape->frames[i].captured->number == number)
            return (uint32_t)i;
    return LK_NONE;
}

/* An injection comes after a frame that the trace names; if that is one of the peer's, its cause is ours too. */
static uint32_t cause_of_injection(const struct lk_tape *tape, const struct lk_tape_frame *frame)
{
    for (size_t i = 0; i < tape->trace->inject_count; i++) {
        if (tape->trace->injects[i].frame != frame->captured->number)
            continue;
        uint32_t after = by_number(tape, tape->trace->injects[i].after);
        if (after == LK_NONE)
            return LK_NONE;
        return tape->frames[after].dir == LK_OUT ? after : tape->frames[after].cause;
    }
    return LK_NONE;
}

int lk_tape_find_causes(struct lk_tape *tape, const struct lk_capture *peer, struct lk_bump *memory)
{
    struct peer_side side;
    if (read_peer(&side, peer, lk_addr_ip4(&tape->trace->dut.host.address), memory) < 0)
        return LK_E_NOMEM;
    for (size_t i = 0; i < tape->count; i++) {
        struct lk_tape_frame *frame = &tape->frames[i];
        if (!frame->plays)
            continue;
        size_t there = frame->kind == LK_TAPE_TCP ? find_at_peer(&side, &frame->segment) : SIZE_MAX;
        if (there != SIZE_MAX)
            frame->peer_at = peer->frames[there].at;
        if (frame->dir != LK_IN)
            continue;
        if (frame->outside)
            frame->cause = cause_of_injection(tape, frame);
        else if (there != SIZE_MAX)
            frame->cause = last_arrived(tape, &side, there, i);
        else if ((frame->cause = echoed(tape, i)) == LK_NONE)
            frame->cause = last_before(tape, i);
    }
    return 0;
}
