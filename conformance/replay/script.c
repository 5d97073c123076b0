/* Reading the peer's part: see script.h. */
#include "conformance/replay/script.h"
#include "stack/base/error.h"

static bool is_peers(const struct lk_tape_frame *frame)
{
    return frame->plays && frame->kind == LK_TAPE_TCP && frame->dir == LK_IN && frame->conn == 0 && !frame->outside;
}

/* When everything of the device below `need` had reached the peer, in the recording; without a capture there, when it must have. */
static int arrived_at(const struct lk_tape *tape, struct lk_bump *memory, uint64_t need, size_t before, lk_time *at)
{
    struct lk_ranges arrived = {0};
    bool seen = tape->trace->peer_capture.count > 0;
    *at = 0;
    for (size_t i = 0; i < before && lk_ranges_next_hole(&arrived, 0) < need; i++) {
        const struct lk_tape_frame *frame = &tape->frames[i];
        if (!frame->plays || frame->dir != LK_OUT || frame->conn != 0 || frame->rel.end <= frame->rel.seq || (seen && frame->peer_at == LK_NEVER))
            continue;
        *at = seen ? frame->peer_at : frame->at + tape->trace->network.delay[LK_OUT];
        if (lk_ranges_add(&arrived, memory, frame->rel.seq, frame->rel.end) < 0)
            return LK_E_NOMEM;
    }
    return 0;
}

static lk_time left_peer(const struct lk_tape *tape, const struct lk_tape_frame *frame)
{
    return frame->peer_at != LK_NEVER ? frame->peer_at : frame->at - tape->trace->network.delay[LK_IN];
}

static bool is_step(const struct lk_tape_frame *frame, uint64_t highest)
{
    if (!is_peers(frame))
        return false;
    if (frame->segment.tcp.control & LK_TCP_RST)
        return true;
    return frame->segment.seg_len > 0 && frame->rel.end > highest && frame->rel.end < UINT32_C(1) << 30 && frame->segment.tcp_checksum_ok;
}

static int fill_step(const struct lk_tape *tape, struct lk_bump *memory, size_t index, uint64_t highest, lk_time last_at, struct lk_script_step *step)
{
    const struct lk_tape_frame *frame = &tape->frames[index];
    lk_time met;
    step->reset = (frame->segment.tcp.control & LK_TCP_RST) != 0;
    step->need = frame->rel.ack;
    step->from = frame->rel.seq > highest ? frame->rel.seq : highest;
    step->to = step->reset ? step->from : frame->rel.end;
    if (arrived_at(tape, memory, step->need, index, &met) < 0)
        return LK_E_NOMEM;
    step->wait = left_peer(tape, frame) - (met > last_at ? met : last_at);
    if (step->wait < 0)
        step->wait = 0;
    return 0;
}

static int read_steps(const struct lk_tape *tape, struct lk_bump *memory, struct lk_script *out)
{
    uint64_t highest = 1; /* the SYN goes without a step */
    lk_time last_at = 0;
    out->steps = lk_bump_array(memory, tape->count, sizeof *out->steps);
    if (out->steps == NULL)
        return LK_E_NOMEM;
    for (size_t i = 0; i < tape->count; i++) {
        if (!is_step(&tape->frames[i], highest))
            continue;
        struct lk_script_step *step = &out->steps[out->step_count++];
        if (fill_step(tape, memory, i, highest, last_at, step) < 0)
            return LK_E_NOMEM;
        highest = step->to > highest ? step->to : highest;
        last_at = left_peer(tape, &tape->frames[i]);
    }
    return 0;
}

/* An episode begins with a window of zero and ends with the first one that is open again. */
static int read_windows(const struct lk_tape *tape, struct lk_bump *memory, struct lk_script *out)
{
    bool closed = false;
    lk_time since = 0;
    out->windows = lk_bump_array(memory, tape->count, sizeof *out->windows);
    if (out->windows == NULL)
        return LK_E_NOMEM;
    for (size_t i = 0; i < tape->count; i++) {
        const struct lk_tape_frame *frame = &tape->frames[i];
        if (!is_peers(frame) || (frame->segment.tcp.control & (LK_TCP_SYN | LK_TCP_RST)))
            continue;
        bool zero = frame->segment.tcp.window == 0;
        if (zero && !closed) {
            since = frame->at;
            out->windows[out->window_count] = (struct lk_script_window){.edge = frame->rel.ack};
        } else if (!zero && closed) {
            out->windows[out->window_count++].closed = frame->at - since;
        }
        closed = zero;
    }
    if (closed) /* it never opened again */
        out->windows[out->window_count++].closed = LK_NEVER;
    return 0;
}

static lk_time travel_time(const struct lk_tape *tape, const struct lk_tape_frame *frame)
{
    const struct lk_trace_network *network = &tape->trace->network;
    uint64_t bits = (uint64_t)frame->captured->len * 8;
    return network->delay[LK_IN] + (network->rate[LK_IN] == 0 ? 0 : (lk_time)(bits * (uint64_t)LK_SECOND / network->rate[LK_IN]));
}

static void read_opening(const struct lk_tape *tape, struct lk_script *out)
{
    const struct lk_conn *conn = tape->conns.count > 0 ? &tape->conns.list[0] : NULL;
    out->isn = conn != NULL && conn->known[LK_IN] ? conn->isn[LK_IN] : 1000;
    out->port = conn != NULL ? conn->port[LK_IN] : tape->trace->peer.host.port;
    out->syn_window = tape->trace->peer.window;
    for (size_t i = tape->count; i-- > 0;) {
        const struct lk_tape_frame *frame = &tape->frames[i];
        if (!is_peers(frame))
            continue;
        if (frame->segment.options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) {
            out->ts_val = frame->segment.options.ts_val;
            out->ts_at = left_peer(tape, frame);
        }
        if (frame->segment.tcp.control & LK_TCP_SYN)
            out->syn_window = frame->segment.tcp.window;
        if ((frame->segment.tcp.control & (LK_TCP_SYN | LK_TCP_ACK)) == LK_TCP_SYN) {
            out->opens = true;
            out->open_at = frame->at - travel_time(tape, frame); /* so that it arrives when it did */
        }
    }
}

int lk_script_read(const struct lk_tape *tape, struct lk_bump *memory, struct lk_script *out)
{
    *out = (struct lk_script){0};
    read_opening(tape, out);
    int status = read_steps(tape, memory, out);
    return status < 0 ? status : read_windows(tape, memory, out);
}
