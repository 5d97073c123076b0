/* The peers' ends of TCP connections in mode `fields`, and what is expected of the device's streams. */
#include "conformance/compose/compose.h"
#include "conformance/compose/stream.h"
#include "conformance/replay/field_http.h"
#include "conformance/replay/field_run.h"
#include <string.h>

struct lk_field_stream { bool used; uint8_t iface; struct lk_tcp_end end; };

static struct lk_field_stream *stream_of(struct lk_field_run *run, uint8_t connection)
{
    if (run->streams == NULL) {
        run->streams = lk_bump_array(run->memory, LK_FIELD_STREAMS, sizeof *run->streams);
        if (run->streams == NULL)
            lk_field_run_error(run, "out of memory");
    }
    return run->streams == NULL || connection >= LK_FIELD_STREAMS ? NULL : &run->streams[connection];
}

/* Everything that the peer has to send now. */
static void pump(struct lk_field_run *run, struct lk_field_stream *s)
{
    uint8_t frame[LK_END_FRAME];
    size_t len;
    while (run->error == NULL && (len = lk_end_next(&s->end, frame)) > 0) {
        struct lk_event *event = lk_timeline_add_frame(&run->ours, run->now, LK_IN, frame, len, LK_CAPTURE_ETHERNET);
        if (event == NULL) {
            lk_field_run_error(run, "out of memory");
            return;
        }
        event->delivered = true;
        event->delivered_at = run->now;
        if (run->dut->inject(run->device, s->iface, frame, len, run->now) != 0)
            lk_field_run_error(run, "the device refused a segment");
    }
    if (s->end.no_memory)
        lk_field_run_error(run, "a connection of more than 4 MiB");
}

/* `own` is the side of the step's addresses that the peer is. */
static struct lk_field_stream *make(struct lk_field_run *run, const struct lk_step *step, unsigned own)
{
    struct lk_field_stream *s = stream_of(run, step->connection);
    if (s == NULL)
        return NULL;
    s->used = true;
    s->iface = step->iface;
    s->end.memory = run->memory;
    s->end.address = step->address[own];
    s->end.port = step->port[own];
    s->end.peer = step->address[1 - own];
    s->end.peer_port = own == 0 ? step->port[1] : 0;
    lk_compose_mac(lk_compose_next_hop(run->trace, step->iface, step->address[own]), s->end.mac);
    lk_compose_iface_mac(run->trace, step->iface, s->end.peer_mac);
    return s;
}

void lk_field_stream_act(struct lk_field_run *run, uint32_t index)
{
    const struct lk_step *step = &run->trace->steps[index];
    struct lk_field_stream *s = step->kind == LK_STEP_CONNECT ? make(run, step, 0) : stream_of(run, step->connection);
    if (s == NULL)
        return;
    if (step->kind == LK_STEP_CONNECT)
        lk_end_connect(&s->end, 0x10000000u + (uint32_t)step->connection * 0x1000000u);
    else if (step->kind == LK_STEP_SEND)
        lk_field_stream_say(run, step, &s->end);
    else if (step->kind == LK_STEP_CLOSE)
        lk_end_close(&s->end);
    else
        lk_end_reset(&s->end);
    run->state[index].begun = true;
    if (step->kind != LK_STEP_CONNECT)
        run->state[index] = (struct lk_step_state){.done = true, .at = run->now};
    if (s->used)
        pump(run, s);
}

/* What the peer says: as it stands, a DNS message with the device's id in it. */
void lk_field_stream_say(struct lk_field_run *run, const struct lk_step *step, struct lk_tcp_end *end)
{
    if (step->says != LK_SAYS_DNS) {
        lk_end_write(end, step->bytes, step->len);
        return;
    }
    const uint8_t *bytes = lk_field_map_rewrite(run->map, step);
    size_t len = step->len - LK_FIELD_WRAP;
    lk_end_write(end, (const uint8_t[2]){(uint8_t)(len >> 8), (uint8_t)len}, 2);
    if (bytes != NULL)
        lk_end_write(end, bytes + LK_FIELD_WRAP, len);
}

/* ---- what the device sends ---- */

static bool is_opening(const uint8_t *f, size_t len, const struct lk_step *step)
{
    const uint8_t *tcp = f + 34;
    if (len < 54 || f[12] != 8 || f[13] != 0 || f[14] != 0x45 || f[23] != 6 || (tcp[13] & 0x12) != 2)
        return false;
    uint32_t destination = (uint32_t)f[30] << 24 | (uint32_t)f[31] << 16 | (uint32_t)f[32] << 8 | f[33];
    uint32_t source = (uint32_t)f[26] << 24 | (uint32_t)f[27] << 16 | (uint32_t)f[28] << 8 | f[29];
    return destination == step->address[1] && source == step->address[0] && ((uint32_t)tcp[2] << 8 | tcp[3]) == step->port[1];
}

/* A connection that the device opens and that is expected now. */
static bool opens(struct lk_field_run *run, uint32_t iface, const uint8_t *bytes, size_t len)
{
    for (uint32_t i = lk_field_cursor(run); i < run->trace->step_count; i++) {
        const struct lk_step *step = &run->trace->steps[i];
        if (lk_step_is_stimulus(step->kind) || step->kind == LK_STEP_SILENCE)
            return false;
        if (step->kind != LK_STEP_ACCEPT || run->state[i].begun || step->iface != iface || !is_opening(bytes, len, step))
            continue;
        struct lk_field_stream *s = make(run, step, 1);
        if (s == NULL)
            return false;
        run->state[i].begun = true;
        lk_end_listen(&s->end, 0x20000000u + (uint32_t)step->connection * 0x1000000u);
        return true;
    }
    return false;
}

/* An alteration of a stream: the bit of one byte, or everything from it on. */
static void alter(struct lk_field_run *run, struct lk_field_stream *s, size_t before)
{
    const struct lk_alteration *a = &run->options->alteration;
    if (!a->stream || a->frame != (uint32_t)(s - run->streams) + 1 || a->at < before || a->at >= s->end.in_len)
        return;
    if (a->kind == LK_ALTER_BYTE)
        s->end.in[a->at] ^= (uint8_t)(1u << (a->bit & 7u));
    else if (a->kind == LK_ALTER_DROPPED)
        s->end.in_len = a->at;
}

bool lk_field_stream_frame(struct lk_field_run *run, uint32_t iface, const uint8_t *bytes, size_t len)
{
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        for (size_t i = 0; run->streams != NULL && i < LK_FIELD_STREAMS; i++) {
            struct lk_field_stream *s = &run->streams[i];
            size_t before = s->end.in_len;
            if (!s->used || s->iface != iface || !lk_end_take(&s->end, bytes, len))
                continue;
            alter(run, s, before);
            pump(run, s);
            return true;
        }
        if (attempt == 0 && !opens(run, iface, bytes, len))
            return false;
    }
    return false;
}

/* ---- expectations ---- */

static void on_held(void *context, const char *name)
{
    lk_field_held(context, name);
}

static const char *shown(struct lk_field_run *run, const uint8_t *bytes, size_t len)
{
    char text[130];
    size_t at = 0;
    for (size_t i = 0; i < len && at + 5 < sizeof text; i++) {
        static const char digits[] = "0123456789abcdef";
        if (bytes[i] >= 32 && bytes[i] < 127) {
            text[at++] = (char)bytes[i];
        } else {
            const char escape[4] = {'\\', 'x', digits[bytes[i] >> 4], digits[bytes[i] & 15]};
            memcpy(text + at, escape, 4);
            at += 4;
        }
    }
    text[at] = 0;
    const char *kept = lk_bump_text(run->memory, text, at);
    return kept == NULL ? "out of memory" : kept;
}

/* What came and has not been looked at. */
static const uint8_t *unread(const struct lk_tcp_end *end)
{
    static const uint8_t nothing[1];
    return end->in == NULL ? nothing : end->in + end->read;
}

/* 1: it is there, and `*took` bytes of it; 0: not yet; -1: violated. */
static int hold_bytes(struct lk_field_run *run, uint32_t index, const struct lk_tcp_end *end, size_t *took)
{
    const struct lk_step *step = &run->trace->steps[index];
    size_t there = end->in_len - end->read, common = there < step->len ? there : step->len, same = 0;
    const uint8_t *actual = unread(end);
    while (same < common && actual[same] == step->bytes[same])
        same++;
    if (same < common) {
        lk_field_violated(run, LK_ABOUT_STREAM, index, "stream", shown(run, step->bytes + same, step->len - same), shown(run, actual + same, there - same));
        return -1;
    }
    *took = step->len;
    return there >= step->len;
}

static int hold_dns(struct lk_field_run *run, uint32_t index, const struct lk_tcp_end *end, size_t *took)
{
    size_t there = end->in_len - end->read;
    const uint8_t *actual = unread(end);
    if (there < 2 || there < 2u + ((size_t)actual[0] << 8 | actual[1]))
        return 0;
    *took = 2u + ((size_t)actual[0] << 8 | actual[1]);
    return lk_field_message(run, index, actual, *took) ? 1 : -1;
}

static int hold_http(struct lk_field_run *run, uint32_t index, const struct lk_tcp_end *end, size_t *took)
{
    struct lk_http_held held;
    lk_http_hold(run->trace->steps[index].text, unread(end), end->in_len - end->read, end->fin_received || end->was_reset, run->memory, &held, NULL, NULL);
    if (held.field != NULL) {
        lk_field_violated(run, LK_ABOUT_STREAM, index, held.field, held.expected, held.actual);
        return -1;
    }
    *took = held.consumed;
    if (held.whole)
        lk_http_hold(run->trace->steps[index].text, unread(end), end->in_len - end->read, end->fin_received || end->was_reset, run->memory, &held, on_held, run);
    return held.whole;
}

static int hold_end(struct lk_field_run *run, uint32_t index, const struct lk_tcp_end *end, bool by_reset)
{
    size_t left = end->in_len - end->read;
    bool over = end->fin_received || end->was_reset;
    if (over && left > 0) {
        lk_field_violated(run, LK_ABOUT_STREAM, index, "stream", "its end", shown(run, unread(end), left));
        return -1;
    }
    if (over && by_reset != end->was_reset) {
        lk_field_violated(run, LK_ABOUT_STREAM, index, "stream", by_reset ? "RST" : "FIN", by_reset ? "FIN" : "RST");
        return -1;
    }
    return over;
}

static int hold(struct lk_field_run *run, uint32_t index, struct lk_tcp_end *end, size_t *took)
{
    const struct lk_step *step = &run->trace->steps[index];
    *took = 0;
    switch (step->kind) {
    case LK_STEP_CONNECT: case LK_STEP_ACCEPT:
        return run->state[index].begun && end->state == LK_END_OPEN;
    case LK_STEP_EXPECT:
        return step->says == LK_SAYS_DNS ? hold_dns(run, index, end, took) : step->says == LK_SAYS_HTTP ? hold_http(run, index, end, took) : hold_bytes(run, index, end, took);
    default:
        return hold_end(run, index, end, step->kind == LK_STEP_BROKEN);
    }
}

/* Holds the streams against what is expected of them next, as long as that goes on. A connection's lines keep their order. */
void lk_field_stream_look(struct lk_field_run *run)
{
    bool blocked[LK_FIELD_STREAMS] = {false};
    for (uint32_t i = lk_field_cursor(run); !run->over && run->error == NULL && i < run->trace->step_count; i++) {
        const struct lk_step *step = &run->trace->steps[i];
        size_t took;
        if (run->state[i].done)
            continue;
        if (step->kind == LK_STEP_SILENCE || (lk_step_is_stimulus(step->kind) && !(step->kind == LK_STEP_CONNECT && run->state[i].begun)))
            return;
        bool of_stream = step->kind >= LK_STEP_CONNECT;
        struct lk_field_stream *s = of_stream ? stream_of(run, step->connection) : NULL;
        if (s == NULL || !s->used || blocked[step->connection])
            continue;
        int there = hold(run, i, &s->end, &took);
        if (there < 0)
            return;
        if (there == 0) {
            blocked[step->connection] = true;
            continue;
        }
        s->end.read += took;
        run->compared_bytes += took;
        lk_field_done(run, i);
    }
}

/* Bytes that nobody expected. */
bool lk_field_stream_unread(struct lk_field_run *run, const char **what)
{
    for (size_t i = 0; run->streams != NULL && i < LK_FIELD_STREAMS; i++) {
        const struct lk_tcp_end *end = &run->streams[i].end;
        if (run->streams[i].used && end->in_len > end->read) {
            *what = shown(run, unread(end), end->in_len - end->read);
            return true;
        }
    }
    return false;
}

/* Why a step of a connection does not come to its end: what there is instead. */
const char *lk_field_stream_state(struct lk_field_run *run, uint32_t index)
{
    const struct lk_field_stream *s = stream_of(run, run->trace->steps[index].connection);
    if (s == NULL || !s->used)
        return "no connection";
    if (s->end.was_reset)
        return "RST";
    if (s->end.in_len > s->end.read)
        return shown(run, s->end.in + s->end.read, s->end.in_len - s->end.read);
    return s->end.fin_received ? "FIN" : s->end.state == LK_END_OPEN ? "nothing" : "no connection";
}
