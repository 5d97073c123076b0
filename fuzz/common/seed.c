/* See seed.h. */
#include "fuzz/common/seed.h"
#include "conformance/timeline/event.h"
#include "conformance/timeline/stimulus.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include <string.h>

struct maker {
    uint8_t *buf; size_t cap, at;
    uint32_t records, limit;
    uint8_t side;             /* 0: the peer connects, 1: the device does */
    bool peer_syn, device_syn, accepted;
    uint32_t rcv_nxt, snd_una, snd_nxt, irs, ts_base, ts_latest; /* of the device */
    lk_time start, last;
};

static void put(struct maker *m, uint8_t kind, lk_time at, const uint8_t *payload, int len)
{
    lk_time pass = at > m->last ? (at - m->last) / LK_MICROSECOND : 0;
    struct lk_record r = {.kind = kind, .len = (uint16_t)len, .payload = payload, .microseconds = pass > UINT32_MAX ? UINT32_MAX : (uint32_t)pass};
    int n;
    if (len < 0 || m->records >= m->limit || (n = lk_record_put(&r, m->buf + m->at, m->cap - m->at)) < 0) return;
    m->at += (size_t)n;
    m->records++;
    m->last += (lk_time)r.microseconds * LK_MICROSECOND;
}

static void call(struct maker *m, lk_time at, uint8_t op, uint32_t len, uint8_t how)
{
    struct lk_stimulus_call c = {.op = op, .socket = m->side, .len = len, .how = how};
    uint8_t payload[LK_STIMULUS_CALL_BYTES];
    put(m, LK_STIMULUS_CALL, at, payload, lk_stimulus_call_emit(&c, payload, sizeof payload));
}

static void options(struct maker *m, const struct lk_event *e, struct lk_stimulus_segment *s)
{
    const struct lk_tcp_options *o = &e->segment.options;
    if (o->present & LK_TCP_HAS(LK_TCP_OPT_MSS)) { s->options |= LK_STIMULUS_MSS; s->mss = o->mss; }
    if (o->present & LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE)) { s->options |= LK_STIMULUS_WSCALE; s->wscale = o->window_scale; }
    if (o->present & LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED)) s->options |= LK_STIMULUS_SACK_OK;
    if (o->present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) {
        if (!m->peer_syn) m->ts_base = o->ts_val - (uint32_t)((e->at - m->start) / LK_MILLISECOND);
        s->options |= LK_STIMULUS_TIMESTAMPS;
        s->ts_val = (int32_t)(o->ts_val - m->ts_base - (uint32_t)((e->at - m->start) / LK_MILLISECOND));
    }
    if (o->present & LK_TCP_HAS(LK_TCP_OPT_SACK) && o->sack_count) {
        s->options |= LK_STIMULUS_SACK;
        s->sack_left = (int32_t)(o->sack[0].left - m->snd_una);
        s->sack_len = o->sack[0].right - o->sack[0].left;
    }
}

static void incoming(struct maker *m, const struct lk_event *e)
{
    const struct lk_tcp *t = &e->segment.tcp;
    struct lk_stimulus_segment s = {.control = t->control, .socket = m->side, .window = t->window, .payload_len = (uint16_t)t->payload_len, .urgent = t->urgent_pointer};
    uint8_t payload[LK_STIMULUS_SEGMENT_BYTES];
    uint32_t end = t->sequence_number + e->segment.seg_len;
    options(m, e, &s);
    if (t->control & LK_TCP_SYN && !m->peer_syn) { m->irs = m->rcv_nxt = t->sequence_number; m->peer_syn = true; }
    s.seq_base = LK_BASE_RECEIVER;
    s.seq = (int32_t)(t->sequence_number - m->rcv_nxt);
    if (t->control & LK_TCP_SYN) { s.seq_base = LK_BASE_ISN; s.seq = (int32_t)(t->sequence_number - m->irs); }
    s.ack_base = LK_BASE_SENT;
    s.ack = t->control & LK_TCP_ACK && m->device_syn ? (int32_t)(t->acknowledgment_number - m->snd_nxt) : 0;
    put(m, LK_STIMULUS_SEGMENT, e->at, payload, lk_stimulus_segment_emit(&s, payload, sizeof payload));
    if (t->control & LK_TCP_ACK && seq_lt(m->snd_una, t->acknowledgment_number)) m->snd_una = t->acknowledgment_number;
    if (seq_leq(t->sequence_number, m->rcv_nxt) && seq_lt(m->rcv_nxt, end)) m->rcv_nxt = end;
    if (!m->side && !m->accepted && t->control & LK_TCP_ACK) { call(m, e->at, LK_DO_ACCEPT, 0, 0); m->accepted = true; }
    if (t->payload_len) call(m, e->at, LK_DO_RECV, 32767, 0);
}

static void outgoing(struct maker *m, const struct lk_event *e)
{
    const struct lk_tcp *t = &e->segment.tcp;
    uint32_t end = t->sequence_number + (uint32_t)t->payload_len + (t->control & LK_TCP_SYN ? 1 : 0);
    if (t->control & LK_TCP_SYN && !m->device_syn) { m->snd_una = m->snd_nxt = t->sequence_number; m->device_syn = true; }
    if (t->control & LK_TCP_ACK && seq_lt(m->rcv_nxt, t->acknowledgment_number)) m->rcv_nxt = t->acknowledgment_number;
    if (t->control & LK_TCP_RST) { call(m, e->at, LK_DO_ABORT, 0, 0); return; }
    if (seq_lt(m->snd_nxt, end)) {
        if (t->payload_len) call(m, e->at, LK_DO_SEND, end - m->snd_nxt, 0);
        m->snd_nxt = end;
    }
    if (t->control & LK_TCP_FIN && m->snd_nxt == end) { call(m, e->at, LK_DO_SHUTDOWN, 0, 1); m->snd_nxt = end + 1; }
}

int lk_seed_from_trace(const struct lk_trace *trace, uint8_t *buf, size_t cap, uint32_t records)
{
    struct maker m = {.buf = buf, .cap = cap, .limit = records};
    uint32_t own = lk_addr_ip4(&trace->dut.host.address);
    bool first = true;
    int n = lk_record_magic(buf, cap);
    if (n < 0) return n;
    m.at = (size_t)n;
    for (size_t i = 0; i < trace->capture.count; i++) {
        const struct lk_captured *c = &trace->capture.frames[i];
        struct lk_event e = {.at = c->at};
        lk_segment_read(c->bytes, c->len, trace->capture.link, &e.segment);
        if (!e.segment.is_tcp) continue;
        if (first) { m.side = e.segment.src == own; m.start = m.last = c->at; first = false; }
        if (e.segment.src == own) outgoing(&m, &e);
        else incoming(&m, &e);
    }
    if (first) return LK_E_NOTFOUND;
    call(&m, m.last, LK_DO_CLOSE, 0, 0);
    return (int)m.at;
}

/* The next frame of the capture that was sent to the device, from *at on; NULL at the end. */
static const struct lk_captured *next_received(const struct lk_trace *trace, size_t *at)
{
    for (; *at < trace->capture.count; (*at)++) {
        const struct lk_captured *c = &trace->capture.frames[*at];
        bool own = c->len >= 12 && trace->dut.host.has_mac && !memcmp(c->bytes + 6, trace->dut.host.mac, 6);
        if (!own && trace->capture.link == LK_CAPTURE_ETHERNET) {
            (*at)++;
            return c;
        }
    }
    return NULL;
}

int lk_seed_frames_from_trace(const struct lk_trace *trace, uint8_t *buf, size_t cap, uint32_t records)
{
    struct maker m = {.buf = buf, .cap = cap, .limit = records};
    const struct lk_captured *c;
    size_t at = 0;
    int n = lk_record_magic(buf, cap);
    if (n < 0) return n;
    m.at = (size_t)n;
    while ((c = next_received(trace, &at))) {
        if (m.records == 0) m.last = c->at;
        if (c->len <= LK_RECORD_PAYLOAD_MAX) put(&m, LK_STIMULUS_FRAME, c->at, c->bytes, (int)c->len);
    }
    return m.records ? (int)m.at : LK_E_NOTFOUND;
}

int lk_seed_frame_from_trace(const struct lk_trace *trace, uint32_t n, uint8_t *buf, size_t cap)
{
    const struct lk_captured *c = NULL;
    size_t at = 0;
    for (uint32_t i = 0; i <= n; i++)
        if (!(c = next_received(trace, &at))) return LK_E_NOTFOUND;
    if (cap < 1 || cap - 1 < c->len) return LK_E_NOSPACE;
    buf[0] = 0;
    memcpy(buf + 1, c->bytes, c->len);
    return (int)c->len + 1;
}
