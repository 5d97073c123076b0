#include "conformance/timeline/draft.h"
#include "conformance/timeline/event.h"
#include "conformance/timeline/units.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/wire/ethernet.h"

#include <inttypes.h>
#include <string.h>

/* One end of the connection. */
struct end {
    uint32_t address;
    uint16_t port;
    bool known;                  /* isn is */
    uint32_t isn;
    uint64_t high;               /* sent so far: one past the last sequence number, relative to the ISN */
    uint64_t acked;              /* the highest acknowledgement of it */
    uint64_t data;               /* bytes of its stream seen */
    bool fin;
};

struct draft {
    struct lk_bump *bump;
    struct lk_draft *out;
    struct end dut, peer;
    size_t calls;                /* capacity */
    struct lk_call nowhere;      /* written when memory is short, never read */
    uint64_t sending, reading;   /* bytes of a run of data that has not become a call yet */
    uint64_t heard;              /* bytes that had arrived when the run of sending began */
    bool failed, aborted;
    lk_time syn_at, answer_at;   /* LK_NEVER: not seen */
    uint64_t resent;             /* bytes that the device sent twice */
    struct lk_range first_resent;
    size_t others;               /* TCP segments of other connections */
};

static void ask(struct draft *d, const char *question)
{
    struct lk_draft *out = d->out;
    const char **grown = question == NULL ? NULL : lk_bump_grow(d->bump, out->questions, out->question_count, &out->question_capacity, sizeof *grown);
    d->failed |= grown == NULL;
    if (grown == NULL)
        return;
    out->questions = grown;
    grown[out->question_count++] = question;
}

static struct lk_call *add_call(struct draft *d, enum lk_do op, enum lk_when when)
{
    struct lk_trace *t = &d->out->trace;
    struct lk_call *calls = lk_bump_grow(d->bump, t->calls, t->call_count, &d->calls, sizeof *calls);
    d->failed |= calls == NULL;
    if (calls == NULL)
        return &d->nowhere;
    t->calls = calls;
    struct lk_call *call = &calls[t->call_count++];
    *call = (struct lk_call){.when = (uint8_t)when, .op = (uint8_t)op, .socket = 1, .how = 1, .within = LK_NEVER};
    return call;
}

/* "established", or "received N" when something had arrived. */
static void after(struct lk_call *call, uint64_t received)
{
    call->when = received == 0 ? LK_WHEN_ESTABLISHED : LK_WHEN_RECEIVED;
    call->when_bytes = received;
}

static void end_sending(struct draft *d)
{
    if (d->sending == 0)
        return;
    struct lk_call *call = add_call(d, LK_DO_SEND, LK_WHEN_ESTABLISHED);
    after(call, d->heard);
    call->bytes = d->sending;
    d->sending = 0;
}

static void end_reading(struct draft *d)
{
    if (d->reading == 0)
        return;
    struct lk_call *call = add_call(d, LK_DO_RECV, LK_WHEN_RECEIVED);
    after(call, d->peer.data);
    call->bytes = d->reading;
    d->reading = 0;
}

static void close_call(struct draft *d)
{
    struct lk_call *call = add_call(d, LK_DO_CLOSE, LK_WHEN_PEER_CLOSED);
    if (!d->peer.fin && d->dut.data != 0 && d->dut.acked > d->dut.data)
        call->when = LK_WHEN_ALL_ACKED;
    else if (!d->peer.fin)
        after(call, d->peer.data);
}

/* -- one segment -- */

/* Bytes of data in it that its sender had not sent before; moves the sender's high-water mark. */
static uint64_t new_data(struct draft *d, struct end *from, const struct lk_segment *s)
{
    uint64_t start = seq_distance(s->tcp.sequence_number, from->isn) + (uint64_t)(s->tcp.control & LK_TCP_SYN ? 1 : 0);
    uint64_t end = start + s->tcp.payload_len, fresh = end > from->high ? end - (start > from->high ? start : from->high) : 0;
    if (from == &d->dut && s->seg_len != 0 && fresh < s->tcp.payload_len) {
        if (d->resent == 0)
            d->first_resent = (struct lk_range){start, end};
        d->resent += s->tcp.payload_len - fresh;
    }
    from->high = end > from->high ? end : from->high;
    from->data += fresh;
    return fresh;
}

static void note_isn(struct end *end, const struct lk_segment *s)
{
    if (end->known)
        return;
    end->known = true; /* in the middle of a connection: the number before the first byte seen stands for the SYN */
    end->isn = s->tcp.control & LK_TCP_SYN ? s->tcp.sequence_number : seq_sub(s->tcp.sequence_number, 1);
    end->high = 1;
    end->acked = 1;
}

static void segment_out(struct draft *d, const struct lk_segment *s, lk_time at)
{
    if (s->tcp.control & LK_TCP_SYN && d->syn_at == LK_NEVER)
        d->syn_at = at;
    uint64_t fresh = new_data(d, &d->dut, s);
    if (fresh != 0) {
        end_reading(d);
        if (d->sending == 0)
            d->heard = d->peer.data;
        d->sending += fresh;
    }
    if (s->tcp.control & LK_TCP_RST && !d->aborted) {
        end_sending(d);
        end_reading(d);
        after(add_call(d, LK_DO_ABORT, LK_WHEN_ESTABLISHED), d->peer.data);
        d->aborted = true;
    }
    if (s->tcp.control & LK_TCP_FIN && !d->dut.fin) {
        end_sending(d);
        end_reading(d);
        close_call(d);
        d->dut.fin = true;
    }
}

static void segment_in(struct draft *d, const struct lk_segment *s, lk_time at)
{
    struct lk_call *connect = &d->out->trace.calls[0];
    bool answer = d->syn_at != LK_NEVER && d->answer_at == LK_NEVER;
    if (answer && s->tcp.control & (LK_TCP_SYN | LK_TCP_RST)) {
        d->answer_at = at;
        connect->has_result = (s->tcp.control & LK_TCP_SYN) != 0;
        connect->error = connect->has_result ? NULL : "ECONNREFUSED";
    }
    if (s->tcp.control & LK_TCP_ACK && d->dut.known) {
        uint64_t ack = seq_distance(s->tcp.acknowledgment_number, d->dut.isn);
        d->dut.acked = ack > d->dut.acked && ack <= d->dut.high + 1 ? ack : d->dut.acked;
    }
    uint64_t fresh = new_data(d, &d->peer, s);
    if (fresh != 0) {
        end_sending(d);
        d->reading += fresh;
    }
    if (s->tcp.control & LK_TCP_FIN && !d->peer.fin) {
        end_reading(d);
        d->peer.fin = true;
    }
}

/* What the peer's SYN offered. */
static void note_options(struct lk_trace_peer *peer, const struct lk_segment *s)
{
    const struct lk_tcp_options *o = &s->options;
    if (!(s->tcp.control & LK_TCP_SYN))
        return;
    peer->mss = o->present & LK_TCP_HAS(LK_TCP_OPT_MSS) ? o->mss : 536; /* RFC 9293 3.7.1 */
    peer->wscale = o->present & LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE) ? (o->window_scale > 14 ? 14 : o->window_scale) : -1;
    peer->sack = (o->present & LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED)) != 0;
    peer->timestamps = (o->present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) != 0;
    peer->window = s->tcp.window;
}

/* -- the whole capture -- */

static bool is_from(const struct lk_segment *s, const struct end *a, const struct end *b)
{
    return s->src == a->address && s->dst == b->address && s->tcp.source_port == a->port && s->tcp.destination_port == b->port;
}

/* The segment that says who is who: the first SYN, else the first SYN,ACK's receiver, else the sender of the first segment. */
static bool find_ends(const struct lk_capture *capture, struct draft *d)
{
    bool found = false, sure = false;
    for (size_t i = 0; i < capture->count && !sure; i++) {
        struct lk_segment s;
        lk_segment_read(capture->frames[i].bytes, capture->frames[i].len, capture->link, &s);
        if (!s.is_tcp)
            continue;
        sure = (s.tcp.control & LK_TCP_SYN) != 0;
        if (found && !sure)
            continue;
        struct end from = {.address = s.src, .port = s.tcp.source_port}, to = {.address = s.dst, .port = s.tcp.destination_port};
        bool answer = sure && s.tcp.control & LK_TCP_ACK;
        d->dut = answer ? to : from;
        d->peer = answer ? from : to;
        found = true;
    }
    return found;
}

static void note_macs(struct lk_trace *t, const struct lk_captured *frame, uint32_t link, bool out)
{
    struct lk_ethernet ethernet;
    if (link != LK_CAPTURE_ETHERNET || lk_ethernet_parse(frame->bytes, frame->len, &ethernet) < 0 || t->dut.host.has_mac)
        return;
    t->dut.host.has_mac = t->peer.host.has_mac = true;
    memcpy(t->dut.host.mac, out ? ethernet.source : ethernet.destination, 6);
    memcpy(t->peer.host.mac, out ? ethernet.destination : ethernet.source, 6);
}

static void walk(const struct lk_capture *capture, struct draft *d)
{
    struct lk_trace *t = &d->out->trace;
    for (size_t i = 0; i < capture->count && !d->failed; i++) {
        const struct lk_captured *frame = &capture->frames[i];
        struct lk_segment s;
        lk_segment_read(frame->bytes, frame->len, capture->link, &s);
        bool out = is_from(&s, &d->dut, &d->peer), in = is_from(&s, &d->peer, &d->dut);
        if (!s.is_tcp)
            continue;
        d->others += !out && !in;
        if (!out && !in)
            continue;
        note_macs(t, frame, capture->link, out);
        note_isn(out ? &d->dut : &d->peer, &s);
        if (out)
            segment_out(d, &s, frame->at);
        if (in) {
            note_options(&t->peer, &s);
            segment_in(d, &s, frame->at);
        }
    }
    end_sending(d);
    end_reading(d);
}

static void ask_all(struct draft *d)
{
    struct lk_trace *t = &d->out->trace;
    char dut[LK_WORD], peer[LK_WORD], range[LK_WORD];
    lk_write_ip4(&t->dut.host.address, dut);
    lk_write_ip4(&t->peer.host.address, peer);
    ask(d, lk_bump_format(d->bump, "Is the device under test the client, %s:%u? If it is the server, %s:%u, exchange dut and peer and turn the calls around.", dut, d->dut.port, peer, d->peer.port));
    if (d->others != 0)
        ask(d, lk_bump_format(d->bump, "%zu TCP segments belong to other connections. Should they be in the capture? Only the first connection is drafted here.", d->others));
    if (d->syn_at == LK_NEVER)
        ask(d, "The client's SYN is not in the capture. Can it be recorded again from the beginning? A trace begins with its connection.");
    else if (d->answer_at == LK_NEVER)
        ask(d, "Nothing answered the SYN. What does connect return, and within what time?");
    ask(d, "Was the capture taken at the device under test? delay is guessed as half the time until the SYN was answered.");
    if (d->resent != 0)
        ask(d, lk_bump_format(d->bump, "%" PRIu64 " bytes were sent twice, the first time %s. Which segments were lost? Put them into fates, or give the capture of the peer.", d->resent, lk_write_range(&d->first_resent, range)));
    ask(d, "The calls are guessed from the data: does the application call send and recv, and in such pieces? When does it close?");
    ask(d, "Which requirements does this prove (ids: conformance/requirements/*.tsv), and which check decides each? proves: {ID: CHECK}");
    ask(d, "Where does the capture come from (stack, version, script, licence)? source: {...}");
}

static void conclude(struct draft *d)
{
    struct lk_trace *t = &d->out->trace;
    if (d->answer_at != LK_NEVER && d->answer_at > d->syn_at)
        t->network.delay[0] = t->network.delay[1] = (d->answer_at - d->syn_at) / 2 / 1000 * 1000;
    if (d->resent == 0)
        return;
    t->peer.kind = LK_PEER_ACTING;
    t->match.mode = LK_MATCH_STREAM;
}

int lk_trace_draft(const struct lk_capture *capture, const char *file, struct lk_bump *bump, struct lk_draft *out)
{
    static const struct lk_pair source[] = {{"capture", "unknown"}};
    struct draft d = {.bump = bump, .out = out, .syn_at = LK_NEVER, .answer_at = LK_NEVER};
    *out = (struct lk_draft){0};
    struct lk_trace *t = &out->trace;
    lk_trace_init(t, bump);
    if (!find_ends(capture, &d))
        return LK_E_NOTFOUND;
    t->name = t->dut.capture_file = file;
    t->capture = *capture;
    t->link.type = capture->link == LK_CAPTURE_RAW_IP ? "raw" : "ethernet";
    t->dut.role = LK_ROLE_CLIENT;
    t->dut.host.address = lk_addr_from_ip4(d.dut.address);
    t->peer.host.address = lk_addr_from_ip4(d.peer.address);
    t->peer.host.port = d.peer.port;
    t->peer.kind = LK_PEER_RECORDED;
    t->match.mode = LK_MATCH_EXACT;
    t->config.profile = "rfc";
    t->source = lk_bump_copy(bump, source, sizeof source);
    t->source_count = t->source == NULL ? 0 : 1;
    add_call(&d, LK_DO_CONNECT, LK_WHEN_AT);
    if (d.failed)
        return LK_E_NOMEM;
    walk(capture, &d);
    conclude(&d);
    ask_all(&d);
    return d.failed ? LK_E_NOMEM : 0;
}
