/* A trace out of the bytes of an event file: lk_trace_decode() of codec.h. Whatever the bytes are, what comes out is a
 * trace whose every field is in its range. */
#include "conformance/timeline/codec.h"
#include "conformance/timeline/codec_layout.h"
#include "stack/base/error.h"

#include <string.h>

struct capacities { size_t fates, calls, injects, settings, outcomes, proves, source, ifaces, app, talk, frames[LK_CODEC_CAPTURES]; };

struct reader {
    struct lk_codec codec;
    struct lk_trace *trace;
    struct capacities have;
    int64_t clock;               /* microseconds of all records so far */
    bool exact;
};

/* The array with room for one more, zeroed element; NULL when the budget is used up. */
static void *room(struct reader *r, void *array, size_t count, size_t *capacity, size_t size)
{
    unsigned char *grown = r->codec.failed ? NULL : lk_bump_grow(r->codec.bump, array, count, capacity, size);
    r->codec.failed |= grown == NULL;
    if (grown != NULL)
        memset(grown + count * size, 0, size);
    return grown;
}

/* -- ranges -- */

static uint8_t within(uint8_t value, uint8_t low, uint8_t high)
{
    return value < low || value > high ? low : value;
}

static lk_time span(lk_time time)
{
    return time < 0 ? 0 : time > LK_TIME_MAX ? LK_TIME_MAX : time;
}

static lk_time bound(lk_time time)
{
    return time == LK_NEVER ? LK_NEVER : span(time);
}

/* False when it says nothing. */
static bool settle_fate(struct lk_fate *f)
{
    f->dir = within(f->dir, LK_OUT, LK_IN);
    f->by = within(f->by, LK_FATE_BYTES, LK_FATE_TIME);
    f->is = within(f->is, LK_FATE_LOST, LK_FATE_LATE);
    f->late = f->is == LK_FATE_LATE ? span(f->late) : 0;
    f->since = f->by == LK_FATE_TIME ? span(f->since) : 0;
    f->until = f->by == LK_FATE_TIME ? span(f->until) : 0;
    if (f->by == LK_FATE_TIME) {
        f->from = f->to = f->copy = 0;
        return f->since < f->until;
    }
    if (f->by == LK_FATE_ACK)
        f->to = 0;
    return f->by == LK_FATE_ACK || f->from < f->to;
}

static void settle_call(struct lk_call *c)
{
    c->when = within(c->when, LK_WHEN_AT, LK_WHEN_CLOSED);
    c->op = within(c->op, LK_DO_LISTEN, LK_DO_OPTION);
    c->data = within(c->data, LK_DATA_RECORDED, LK_DATA_PATTERN);
    c->how = within(c->how, 0, 2);
    c->at = span(c->at);
    c->within = bound(c->within);
    c->socket = c->socket == 0 ? 1 : c->socket;
    if (c->when == LK_WHEN_AT)
        c->when_socket = 0;
    if (c->when != LK_WHEN_RECEIVED)
        c->when_bytes = 0;
}

static void settle_match(struct lk_match *m)
{
    m->mode = within(m->mode, LK_MATCH_EXACT, LK_MATCH_FIELDS);
    m->tolerance = span(m->tolerance);
    m->ends_within = bound(m->ends_within);
    size_t kept = 0;
    for (size_t i = 0; i < m->must_not_resend_count; i++)
        if (m->must_not_resend[i].from < m->must_not_resend[i].to)
            m->must_not_resend[kept++] = m->must_not_resend[i];
    m->must_not_resend_count = kept;
}

static void settle_host(struct lk_trace_host *h)
{
    if (h->prefix > 32)
        h->prefix = 24;
    if (!h->has_mac)
        memset(h->mac, 0, sizeof h->mac);
}

/* A trace of mode `fields` has no single peer, and nothing that the two other modes are about. */
static void settle_fields(struct lk_trace *t)
{
    struct lk_trace empty;
    lk_trace_init(&empty, t->memory);
    t->dut.role = 0;
    t->dut.host.port = 0;
    t->peer = empty.peer;
    t->network = empty.network;
    t->fate_count = t->call_count = t->inject_count = t->outcome_count = 0;
    t->peer_capture = empty.peer_capture;
}

/* What only mode `fields` has is of no meaning in the others. */
static void settle_segments(struct lk_trace *t)
{
    t->dut.runs = LK_RUNS_SOCKETS;
    t->iface_count = t->app_count = t->talk_count = t->match.ignore_count = t->match.map_count = 0;
}

static void settle(struct lk_trace *t)
{
    settle_host(&t->dut.host);
    settle_host(&t->peer.host);
    t->dut.role = within(t->dut.role, LK_ROLE_CLIENT, LK_ROLE_BOTH);
    t->link.neighbours = within(t->link.neighbours, LK_NEIGHBOURS_ANSWERED, LK_NEIGHBOURS_RECORDED);
    t->network.delay[0] = span(t->network.delay[0]);
    t->network.delay[1] = span(t->network.delay[1]);
    t->peer.kind = within(t->peer.kind, LK_PEER_RECORDED, LK_PEER_ACTING);
    t->peer.ack = within(t->peer.ack, LK_ACK_EVERY, LK_ACK_DELAYED);
    t->peer.ack_delay = t->peer.ack == LK_ACK_DELAYED ? span(t->peer.ack_delay) : 0;
    if (t->config.profile == NULL)
        t->config.profile = "rfc";
    if (t->config.pull == NULL || strcmp(t->config.pull, "batch") != 0)
        t->config.pull = "frame";
    settle_match(&t->match);
    if (t->match.mode == LK_MATCH_FIELDS)
        settle_fields(t);
    else
        settle_segments(t);
}

/* -- records -- */

static struct lk_capture *capture_for(struct reader *r, uint8_t which)
{
    return which < LK_CODEC_CAPTURES ? (struct lk_capture *)(uintptr_t)lk_codec_capture(r->trace, which) : NULL;
}

static void read_capture(struct reader *r)
{
    uint8_t which = 0;
    struct lk_capture head = {0};
    lk_codec_u8(&r->codec, &which);
    lk_codec_u32(&r->codec, &head.link);
    lk_codec_i64(&r->codec, &head.start);
    struct lk_capture *capture = capture_for(r, which);
    if (capture == NULL)
        return;
    capture->link = head.link == LK_CAPTURE_RAW_IP ? LK_CAPTURE_RAW_IP : LK_CAPTURE_ETHERNET;
    capture->start = head.start < -LK_TIME_MAX ? -LK_TIME_MAX : head.start > LK_TIME_MAX ? LK_TIME_MAX : head.start;
}

static void read_frame(struct reader *r)
{
    struct lk_codec *codec = &r->codec;
    uint8_t which = 0;
    uint16_t ns = 0;
    struct lk_captured frame = {0};
    lk_codec_u8(codec, &which);
    lk_codec_u16(codec, &ns);
    lk_codec_u32(codec, &frame.number);
    lk_codec_u32(codec, &frame.orig_len);
    frame.at = r->clock * 1000 + ns % 1000;
    if (r->exact)
        lk_codec_i64(codec, &frame.at);
    frame.at = frame.at < -2 * LK_TIME_MAX ? -2 * LK_TIME_MAX : frame.at > 2 * LK_TIME_MAX ? 2 * LK_TIME_MAX : frame.at;
    struct lk_capture *capture = capture_for(r, which);
    if (capture == NULL || codec->len - codec->at > UINT32_MAX)
        return;
    frame.len = (uint32_t)(codec->len - codec->at);
    frame.bytes = lk_bump_copy(codec->bump, codec->len == 0 ? NULL : codec->payload + codec->at, frame.len);
    frame.orig_len = frame.orig_len < frame.len ? frame.len : frame.orig_len;
    codec->failed |= frame.bytes == NULL;
    struct lk_captured *frames = room(r, capture->frames, capture->count, &r->have.frames[which], sizeof *frames);
    if (frames == NULL)
        return;
    capture->frames = frames;
    frames[capture->count++] = frame;
    if (capture->link == 0)
        capture->link = LK_CAPTURE_ETHERNET;
}

static void read_outcome(struct reader *r)
{
    struct lk_trace *t = r->trace;
    struct lk_outcome *outcomes = room(r, t->outcomes, t->outcome_count, &r->have.outcomes, sizeof *outcomes);
    if (outcomes == NULL || t->outcome_count == LK_OUTCOMES_MAX)
        return;
    t->outcomes = outcomes;
    struct lk_outcome *outcome = &outcomes[t->outcome_count++];
    lk_layout_match(&r->codec, &outcome->match);
    settle_match(&outcome->match);
    lk_codec_text(&r->codec, &outcome->capture_file);
}

/* A pair of texts, appended to a list; without a name it is left out. */
static void read_pair(struct reader *r, struct lk_pair **pairs, size_t *count, size_t *capacity)
{
    struct lk_pair one = {0};
    lk_layout_pair(&r->codec, &one);
    struct lk_pair *grown = one.name == NULL ? NULL : room(r, *pairs, *count, capacity, sizeof *grown);
    if (grown == NULL)
        return;
    *pairs = grown;
    grown[(*count)++] = (struct lk_pair){one.name, one.value == NULL ? "" : one.value};
}

static void read_fate(struct reader *r)
{
    struct lk_trace *t = r->trace;
    struct lk_fate *fates = room(r, t->fates, t->fate_count, &r->have.fates, sizeof *fates);
    if (fates == NULL)
        return;
    t->fates = fates;
    lk_layout_fate(&r->codec, &fates[t->fate_count]);
    t->fate_count += settle_fate(&fates[t->fate_count]);
}

static void read_call(struct reader *r)
{
    struct lk_trace *t = r->trace;
    struct lk_call *calls = room(r, t->calls, t->call_count, &r->have.calls, sizeof *calls);
    if (calls == NULL)
        return;
    t->calls = calls;
    lk_layout_call(&r->codec, &calls[t->call_count]);
    settle_call(&calls[t->call_count++]);
}

static void read_inject(struct reader *r)
{
    struct lk_trace *t = r->trace;
    struct lk_inject *injects = room(r, t->injects, t->inject_count, &r->have.injects, sizeof *injects);
    if (injects == NULL)
        return;
    t->injects = injects;
    lk_codec_u32(&r->codec, &injects[t->inject_count].after);
    lk_codec_u32(&r->codec, &injects[t->inject_count++].frame);
}

static void read_proof(struct reader *r)
{
    struct lk_trace *t = r->trace;
    struct lk_proof one = {0};
    lk_layout_proof(&r->codec, &one);
    if (one.requirement == NULL || one.check == NULL)
        return;
    struct lk_proof *proves = room(r, t->proves, t->proof_count, &r->have.proves, sizeof *proves);
    if (proves == NULL)
        return;
    t->proves = proves;
    proves[t->proof_count++] = one;
}

static void read_iface(struct reader *r)
{
    struct lk_trace *t = r->trace;
    struct lk_trace_iface *ifaces = t->iface_count == LK_TRACE_IFACES ? NULL : room(r, t->ifaces, t->iface_count, &r->have.ifaces, sizeof *ifaces);
    if (ifaces == NULL)
        return;
    t->ifaces = ifaces;
    struct lk_trace_iface *iface = &ifaces[t->iface_count++];
    lk_layout_iface(&r->codec, iface);
    settle_host(&iface->host);
    iface->name = iface->name == NULL ? "?" : iface->name;
}

static void read_talk(struct reader *r)
{
    struct lk_trace *t = r->trace;
    struct lk_talk one = {0};
    lk_layout_talk(&r->codec, &one);
    struct lk_talk *talk = one.text == NULL ? NULL : room(r, t->talk, t->talk_count, &r->have.talk, sizeof *talk);
    if (talk == NULL)
        return;
    t->talk = talk;
    talk[t->talk_count++] = one;
}

static void read_runs(struct reader *r)
{
    uint8_t runs = 0;
    lk_codec_u8(&r->codec, &runs);
    r->trace->dut.runs = runs < LK_RUNS_COUNT ? runs : LK_RUNS_SOCKETS;
}

static void read_config(struct reader *r)
{
    struct lk_pair config = {0};
    lk_layout_pair(&r->codec, &config);
    r->trace->config.profile = config.name;
    r->trace->config.pull = config.value;
}

static void read_record(struct reader *r, uint8_t kind)
{
    struct lk_trace *t = r->trace;
    switch (kind) {
    case LK_CODEC_NAME: lk_codec_text(&r->codec, &t->name); break;
    case LK_CODEC_DUT: lk_layout_dut(&r->codec, t); break;
    case LK_CODEC_LINK: lk_layout_link_type(&r->codec, t); break;
    case LK_CODEC_NETWORK: lk_layout_network(&r->codec, &t->network); break;
    case LK_CODEC_FATE: read_fate(r); break;
    case LK_CODEC_CALL: read_call(r); break;
    case LK_CODEC_INJECT: read_inject(r); break;
    case LK_CODEC_PEER: lk_layout_peer(&r->codec, &t->peer); break;
    case LK_CODEC_CONFIG: read_config(r); break;
    case LK_CODEC_SETTING: read_pair(r, &t->config.settings, &t->config.setting_count, &r->have.settings); break;
    case LK_CODEC_MATCH: lk_layout_match(&r->codec, &t->match); break;
    case LK_CODEC_OUTCOME: read_outcome(r); break;
    case LK_CODEC_PROOF: read_proof(r); break;
    case LK_CODEC_SOURCE: read_pair(r, &t->source, &t->source_count, &r->have.source); break;
    case LK_CODEC_CAPTURE: read_capture(r); break;
    case LK_CODEC_FRAME: read_frame(r); break;
    case LK_CODEC_RUNS: read_runs(r); break;
    case LK_CODEC_IFACE: read_iface(r); break;
    case LK_CODEC_APP: read_pair(r, &t->app, &t->app_count, &r->have.app); break;
    case LK_CODEC_TALK: read_talk(r); break;
    case LK_CODEC_FIELDS: lk_layout_fields(&r->codec, &t->match); break;
    default: break;
    }
}

/* Time that has passed; stops at the far end instead of wrapping. */
static void pass(struct reader *r, const struct lk_record *record)
{
    const int64_t most = LK_TIME_MAX / 1000;
    r->clock = r->clock > most - record->microseconds ? most : r->clock + record->microseconds;
}

/* Joins the payloads of the records that follow, as long as they are of the kind and more is announced. */
static void join(struct reader *r, struct lk_record_cursor *cursor, struct lk_record record)
{
    struct lk_codec whole = {.emit = true, .bump = r->codec.bump};
    struct lk_record_cursor ahead = *cursor;
    uint8_t kind = record.kind;
    lk_codec_bytes(&whole, (uint8_t *)(uintptr_t)record.payload, record.len);
    while ((record.flags & LK_CODEC_MORE) && lk_record_next(&ahead, &record) && record.kind == kind) {
        *cursor = ahead;
        pass(r, &record);
        lk_codec_bytes(&whole, (uint8_t *)(uintptr_t)record.payload, record.len);
    }
    r->codec.payload = whole.payload;
    r->codec.len = whole.len;
    r->codec.failed |= whole.failed;
}

int lk_trace_decode(const uint8_t *bytes, size_t len, struct lk_bump *bump, struct lk_trace *trace)
{
    struct reader r = {.codec = {.bump = bump}, .trace = trace};
    struct lk_record_cursor cursor = lk_record_start(bytes, len);
    struct lk_record record;
    lk_trace_init(trace, bump);
    while (!r.codec.failed && lk_record_next(&cursor, &record)) {
        pass(&r, &record);
        r.exact = (record.flags & LK_CODEC_EXACT) != 0;
        r.codec.payload = (uint8_t *)(uintptr_t)record.payload; /* parsing does not write there */
        r.codec.len = record.len;
        r.codec.at = 0;
        if ((record.flags & LK_CODEC_MORE) && record.kind <= LK_CODEC_FIELDS)
            join(&r, &cursor, record);
        if (!r.codec.failed)
            read_record(&r, record.kind);
    }
    settle(trace);
    return r.codec.failed ? LK_E_NOMEM : 0;
}

bool lk_trace_recognise(const uint8_t *bytes, size_t len)
{
    struct lk_record_cursor cursor = lk_record_start(bytes, len);
    struct lk_record record;
    while (lk_record_next(&cursor, &record))
        if (record.kind == LK_CODEC_FRAME || record.kind == LK_CODEC_CALL || record.kind == LK_CODEC_TALK)
            return true;
    return false;
}
