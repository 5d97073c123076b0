/* The recorded peer: its own frames, each released its recorded delay after the transmission that caused it, in the numbers
 * of this run. In open loop nothing causes anything: every frame comes at its recorded time. */
#include "conformance/replay/rewrite.h"
#include "conformance/replay/run.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"

struct live { bool seen; lk_time at; bool has_ts; uint32_t ts_val; };

struct lk_peer {
    struct live *live;       /* per tape frame: when it happened in this run */
    size_t next;             /* tape frame that is released next */
    lk_time last, last_recorded; /* when the one before it was, in this run and in the recording */
    lk_time shift;           /* how far the run is behind the recording */
};

static void skip_to_next(struct lk_run *run)
{
    struct lk_peer *peer = run->peer;
    while (peer->next < run->tape.count && !(run->tape.frames[peer->next].plays && run->tape.frames[peer->next].dir == LK_IN))
        peer->next++;
}

static struct lk_peer *create(struct lk_run *run)
{
    struct lk_peer *peer = lk_bump_take(run->memory, sizeof *peer);
    if (peer == NULL || (peer->live = lk_bump_array(run->memory, run->tape.count, sizeof *peer->live)) == NULL)
        return NULL;
    peer->last = INT64_MIN;
    run->peer = peer;
    skip_to_next(run);
    return peer;
}

/* ---- which of the recorded transmissions this one is ---- */

static void mark(struct lk_run *run, size_t index, const struct lk_segment *segment, lk_time at)
{
    struct lk_peer *peer = run->peer;
    peer->live[index] = (struct live){true, at, (segment->options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) != 0, segment->options.ts_val};
    peer->shift = at - run->tape.frames[index].at;
}

/* A recorded transmission has happened when its last number is on the wire again; of copies one at a time. */
static bool carries_end(const struct lk_tape_frame *frame, const struct lk_segment *segment, const struct lk_relative *rel)
{
    uint8_t kinds = LK_TCP_SYN | LK_TCP_FIN | LK_TCP_RST, control = frame->segment.tcp.control;
    if ((control & kinds) != (segment->tcp.control & kinds) && ((control | segment->tcp.control) & (LK_TCP_SYN | LK_TCP_RST)))
        return false;
    if (frame->segment.seg_len == 0 || segment->seg_len == 0)
        return frame->segment.seg_len == 0 && segment->seg_len == 0 && frame->rel.ack == rel->ack && frame->rel.seq == rel->seq;
    return seq_between(frame->rel.end - 1, rel->seq, rel->end);
}

static bool copy_marked_now(const struct lk_run *run, size_t index, const size_t *marked, size_t count)
{
    const struct lk_tape_frame *frame = &run->tape.frames[index];
    for (size_t i = 0; i < count; i++)
        if (lk_tape_same_name(&run->tape.frames[marked[i]].segment, &run->tape.frames[marked[i]].rel, &frame->segment, &frame->rel))
            return true;
    return false;
}

static void mark_tcp(struct lk_run *run, uint32_t conn, const struct lk_segment *segment, const struct lk_relative *rel, lk_time at)
{
    enum { MOST = 64 }; /* recorded segments that one of this run can stand for */
    size_t marked[MOST], count = 0;
    for (size_t i = 0; i < run->tape.count && count < MOST; i++) {
        const struct lk_tape_frame *frame = &run->tape.frames[i];
        if (!frame->plays || frame->dir != LK_OUT || frame->kind != LK_TAPE_TCP || run->peer->live[i].seen || frame->conn != conn)
            continue;
        bool overtaken = lk_is_pure_ack(&frame->segment) && frame->rel.ack < rel->ack; /* a later ACK says it too */
        if (!overtaken && (!carries_end(frame, segment, rel) || copy_marked_now(run, i, marked, count)))
            continue;
        mark(run, i, segment, at);
        marked[count++] = i;
    }
}

static void mark_other(struct lk_run *run, const struct lk_event *event, uint8_t kind)
{
    for (size_t i = 0; i < run->tape.count; i++) {
        const struct lk_tape_frame *frame = &run->tape.frames[i];
        if (frame->plays && frame->dir == LK_OUT && frame->kind == kind && !run->peer->live[i].seen) {
            mark(run, i, &event->segment, event->at);
            return;
        }
    }
}

static void heard(struct lk_run *run, uint32_t index, const struct lk_net_fate *fate)
{
    (void)fate; /* what the network did is in the recording already */
    const struct lk_event *event = &run->ours.events[index];
    if (event->segment.is_tcp) {
        uint32_t conn = run->notes[index].conn;
        struct lk_relative rel = lk_conns_relative(&run->live, conn, LK_OUT, &event->segment);
        mark_tcp(run, conn, &event->segment, &rel, event->at);
    } else {
        mark_other(run, event, event->segment.is_ip ? LK_TAPE_IP : LK_TAPE_ARP);
    }
    lk_time end = lk_time_add(run->tape.end, (run->peer->shift > 0 ? run->peer->shift : 0) + run->grace);
    run->horizon = end > run->horizon ? end : run->horizon;
}

/* ---- releasing ---- */

static lk_time next(struct lk_run *run)
{
    struct lk_peer *peer = run->peer;
    if (peer->next == run->tape.count)
        return LK_NEVER;
    const struct lk_tape_frame *frame = &run->tape.frames[peer->next];
    lk_time at = frame->at;
    if (!run->options->open_loop && frame->cause != LK_NONE) {
        if (!peer->live[frame->cause].seen)
            return LK_NEVER;
        at = peer->live[frame->cause].at + (frame->at - run->tape.frames[frame->cause].at);
    }
    if (at < peer->last) /* the peer's frames keep their order, and then their distance */
        at = peer->last + (frame->at - peer->last_recorded);
    return at < run->now ? run->now : at;
}

/* The transmission whose timestamp the recorded frame echoes: its cause if that has it, else the last one that does. */
static void map_timestamp(struct lk_run *run, size_t index, struct lk_mapping *mapping)
{
    const struct lk_tape_frame *frame = &run->tape.frames[index];
    uint32_t echo = frame->segment.options.ts_ecr;
    if (!(frame->segment.options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) || echo == 0)
        return;
    for (size_t i = index + 1; i-- > 0;) {
        size_t candidate = i == index ? frame->cause : i;
        if (candidate >= run->tape.count || run->tape.frames[candidate].dir != LK_OUT)
            continue;
        const struct lk_segment *s = &run->tape.frames[candidate].segment;
        if ((s->options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) && s->options.ts_val == echo && run->peer->live[candidate].seen) {
            mapping->has_ts_ecr = run->peer->live[candidate].has_ts;
            mapping->ts_ecr = run->peer->live[candidate].ts_val;
            return;
        }
    }
}

/* A frame that made sense in the recording and makes none here says that the recording cannot judge this device. */
static bool applicable(struct lk_run *run, const struct lk_tape_frame *frame)
{
    if (frame->outside || frame->conn >= run->live.count || (frame->segment.tcp.control & LK_TCP_RST))
        return true;
    const struct lk_conn *conn = &run->live.list[frame->conn];
    if (frame->ack_of_sent && frame->rel.ack > conn->sent[LK_OUT]) {
        lk_run_stop(run, LK_RUN_NOT_APPLICABLE, "not applicable: frame %u of the recording acknowledges %u, the device has sent up to %u",
                    frame->captured->number, frame->rel.ack, conn->sent[LK_OUT]);
        return false;
    }
    if (frame->in_window && frame->segment.tcp.payload_len > 0 && frame->rel.end > conn->window_edge) {
        lk_run_stop(run, LK_RUN_NOT_APPLICABLE, "not applicable: frame %u of the recording reaches to %u, the device's window to %u",
                    frame->captured->number, frame->rel.end, conn->window_edge);
        return false;
    }
    return true;
}

static void release(struct lk_run *run, size_t index)
{
    const struct lk_tape_frame *frame = &run->tape.frames[index];
    uint8_t *bytes = lk_bump_copy(run->memory, frame->captured->bytes, frame->captured->len);
    if (bytes == NULL) {
        lk_run_no_memory(run);
        return;
    }
    if (frame->kind == LK_TAPE_TCP && !run->options->open_loop) {
        if (!applicable(run, frame))
            return;
        bool known = frame->conn < run->live.count;
        struct lk_mapping mapping = {.destination_port = known ? run->live.list[frame->conn].port[LK_OUT] : frame->segment.tcp.destination_port};
        if (known)
            mapping.ack_shift = seq_sub(lk_conns_base(&run->live, frame->conn, LK_OUT), lk_conns_base(&run->tape.conns, frame->conn, LK_OUT));
        map_timestamp(run, index, &mapping);
        lk_rewrite_peer(bytes, frame->captured->len, &frame->segment, &mapping);
    }
    lk_run_deliver(run, bytes, frame->captured->len, (uint32_t)index, frame->outside);
}

static void act(struct lk_run *run)
{
    struct lk_peer *peer = run->peer;
    size_t index = peer->next;
    if (next(run) > run->now)
        return;
    peer->last = run->now;
    peer->last_recorded = run->tape.frames[index].at;
    peer->live[index] = (struct live){.seen = true, .at = run->now};
    peer->shift = run->now - run->tape.frames[index].at;
    peer->next++;
    skip_to_next(run);
    release(run, index);
}

const struct lk_peer_player lk_peer_recorded = {"recorded", create, heard, next, act};
