/* The recording as a device: see recording.h. What it tells the application follows from the frames that passed. */
#include "conformance/dut/recording.h"
#include "conformance/dut/recorded_steps.h"
#include "conformance/timeline/event.h"
#include "stack/base/seq.h"
#include <stdlib.h>
#include <string.h>

struct pending { bool on, due; uint32_t id; uint8_t op; size_t len; };

struct device {
    struct lk_recorded_steps *steps; /* mode `fields`: nothing else below is used */
    const struct lk_trace *trace;
    lk_time *times, now, end;
    size_t next;                 /* frame of the capture that is looked at next */
    struct pending *calls; size_t call_count;
    bool shook, sent_syn, reset, peer_fin;
    uint32_t rcv_first, rcv_fin, rcv_read, rcv_nxt; bool rcv_known; /* relative to rcv_first but that itself */
    uint8_t *data; bool *there; size_t room;
};

void lk_recording_times(const struct lk_capture *capture, lk_time *times)
{
    for (size_t i = 0; i < capture->count; i++) {
        times[i] = capture->frames[i].at;
        if (i > 0 && times[i] <= times[i - 1] && times[i - 1] < LK_NEVER)
            times[i] = times[i - 1] + 1;
    }
}

static void destroy(void *dut)
{
    struct device *d = dut;
    lk_recorded_steps_free(d->steps);
    free(d->times);
    free(d->calls);
    free(d->data);
    free(d->there);
    free(d);
}

/* The most data the peer can have sent: as much as the capture holds. */
static size_t capture_bytes(const struct lk_capture *capture)
{
    size_t sum = 1;
    for (size_t i = 0; i < capture->count; i++)
        sum += capture->frames[i].len;
    return sum;
}

static void *create(const struct lk_dut_config *config, const uint8_t seed[32], int64_t now)
{
    struct device *d = calloc(1, sizeof *d);
    (void)seed;
    if (d == NULL || config->trace == NULL) {
        free(d);
        return NULL;
    }
    d->trace = config->trace;
    d->now = now;
    if (d->trace->match.mode == LK_MATCH_FIELDS && (d->steps = lk_recorded_steps_new(d->trace, now)) == NULL) {
        free(d);
        return NULL;
    }
    d->room = capture_bytes(&d->trace->capture);
    d->times = calloc(d->trace->capture.count + 1, sizeof *d->times);
    d->calls = calloc(d->trace->call_count + 1, sizeof *d->calls);
    d->data = calloc(d->room, 1);
    d->there = calloc(d->room, sizeof *d->there);
    if (d->times == NULL || d->calls == NULL || d->data == NULL || d->there == NULL) {
        destroy(d);
        return NULL;
    }
    lk_recording_times(&d->trace->capture, d->times);
    d->end = d->trace->capture.count > 0 ? d->times[d->trace->capture.count - 1] : now;
    return d;
}

/* ---- what arrives ---- */

static void begin_stream(struct device *d, uint32_t isn)
{
    d->rcv_known = true;
    d->rcv_first = seq_add(isn, 1);
    d->rcv_nxt = d->rcv_read = 0;
    d->peer_fin = d->reset = false;
    memset(d->there, 0, d->room * sizeof *d->there);
}

static void take_data(struct device *d, const struct lk_segment *s)
{
    uint32_t from = seq_sub(s->tcp.sequence_number, d->rcv_first) + ((s->tcp.control & LK_TCP_SYN) ? 1u : 0u);
    if (from < d->room && s->tcp.payload_len <= d->room - from) {
        memcpy(d->data + from, s->tcp.payload, s->tcp.payload_len);
        for (size_t i = 0; i < s->tcp.payload_len; i++)
            d->there[from + i] = true;
        if (s->tcp.control & LK_TCP_FIN) {
            d->peer_fin = true;
            d->rcv_fin = from + (uint32_t)s->tcp.payload_len;
        }
    }
    while (d->rcv_nxt < d->room && d->there[d->rcv_nxt])
        d->rcv_nxt++;
}

static bool is_mine(const struct device *d, const struct lk_segment *s)
{
    return s->is_tcp && s->tcp_checksum_ok && s->dst == lk_addr_ip4(&d->trace->dut.host.address);
}

static bool is_synchronized(const struct lk_segment *s)
{
    return (s->tcp.control & (LK_TCP_SYN | LK_TCP_RST | LK_TCP_ACK)) == LK_TCP_ACK;
}

static int inject(void *dut, uint32_t iface, const uint8_t *frame, size_t len, int64_t at)
{
    struct device *d = dut;
    struct lk_segment s;
    (void)iface;
    if (at > d->now)
        d->now = at;
    if (d->steps != NULL)
        return lk_recorded_steps_inject(d->steps, iface, frame, len, at);
    lk_segment_read(frame, len, d->trace->capture.link, &s);
    if (!is_mine(d, &s))
        return 0;
    bool over = d->reset || (d->peer_fin && d->rcv_nxt == d->rcv_fin);
    if ((s.tcp.control & LK_TCP_SYN) && (!d->rcv_known || (over && !(s.tcp.control & LK_TCP_ACK))))
        begin_stream(d, s.tcp.sequence_number);
    d->shook |= d->sent_syn && is_synchronized(&s);
    if (s.tcp.control & LK_TCP_RST)
        d->reset = true;
    else if (d->rcv_known)
        take_data(d, &s);
    return 0;
}

/* ---- calls ---- */

static int call(void *dut, uint32_t id, uint32_t socket, enum lk_dut_op op, const struct lk_dut_args *args, int64_t at)
{
    struct device *d = dut;
    (void)socket;
    if (at > d->now)
        d->now = at;
    if (d->steps != NULL)
        return 0;
    if (id >= d->trace->call_count)
        return -1;
    d->calls[id] = (struct pending){.on = true, .id = id, .op = (uint8_t)op, .len = args->len};
    return 0;
}

static enum lk_dut_error error_number(const char *name)
{
    static const char *const names[] = {"", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "EPIPE", "ENOTCONN", "EADDRINUSE", "EHOSTUNREACH", "ENETUNREACH",
                                        "ECONNABORTED", "EINVAL", "EOPNOTSUPP", "ENOMEM", "EBADF", "EISCONN"};
    for (unsigned i = 1; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (enum lk_dut_error)i;
    return LK_DUT_EOTHER;
}

/* Whether a call that the trace says failed has failed by now: at the peer's RST, or when the recording is over. */
static bool failed_by_now(const struct device *d, const struct pending *c)
{
    bool waits = c->op == LK_DUT_CONNECT || c->op == LK_DUT_RECV || c->op == LK_DUT_ACCEPT;
    return !waits || d->reset || d->next == d->trace->capture.count;
}

static bool returns_now(const struct device *d, const struct pending *c)
{
    const struct lk_call *call = &d->trace->calls[c->id];
    if (!c->on)
        return false;
    if (call->error != NULL && !(c->op == LK_DUT_RECV && d->rcv_nxt > d->rcv_read))
        return failed_by_now(d, c);
    if (c->op == LK_DUT_CONNECT || c->op == LK_DUT_ACCEPT)
        return d->shook;
    if (c->op == LK_DUT_RECV)
        return d->rcv_nxt > d->rcv_read || (d->peer_fin && d->rcv_nxt == d->rcv_fin);
    return true;
}

static void finish(struct device *d, struct pending *c, struct lk_dut_happening *out)
{
    const struct lk_call *call = &d->trace->calls[c->id];
    c->on = false;
    out->kind = LK_DUT_RETURN;
    out->at = d->now;
    out->id = c->id;
    if (c->op == LK_DUT_RECV && d->rcv_nxt > d->rcv_read) {
        size_t len = d->rcv_nxt - d->rcv_read;
        out->len = len < c->len ? len : c->len;
        out->bytes = d->data + d->rcv_read;
        out->result = (int64_t)out->len;
        d->rcv_read += (uint32_t)out->len;
    } else if (call->error != NULL) {
        out->result = -1;
        out->error = (uint32_t)error_number(call->error);
    } else if (c->op == LK_DUT_SEND) {
        out->result = call->has_result ? call->result : (int64_t)c->len;
    }
}

static bool hand_out_return(struct device *d, struct lk_dut_happening *out)
{
    for (size_t i = 0; i < d->trace->call_count; i++)
        if (returns_now(d, &d->calls[i])) {
            finish(d, &d->calls[i], out);
            return true;
        }
    return false;
}

/* ---- frames ---- */

static bool is_own(const struct device *d, const struct lk_captured *frame)
{
    struct lk_segment s;
    lk_segment_read(frame->bytes, frame->len, d->trace->capture.link, &s);
    if (s.is_ip)
        return s.src == lk_addr_ip4(&d->trace->dut.host.address) && s.dst == lk_addr_ip4(&d->trace->peer.host.address);
    bool arp = frame->len >= 42 && frame->bytes[12] == 0x08 && frame->bytes[13] == 0x06;
    return arp && memcmp(frame->bytes + 28, &d->trace->dut.host.address.octet[12], 4) == 0; /* ar$spa */
}

/* The handshake is over for the application with the first segment beyond the SYNs, either way. */
static void note_own(struct device *d, const struct lk_captured *frame)
{
    struct lk_segment s;
    lk_segment_read(frame->bytes, frame->len, d->trace->capture.link, &s);
    if (!s.is_tcp)
        return;
    d->sent_syn |= (s.tcp.control & LK_TCP_SYN) != 0;
    if (d->rcv_known && is_synchronized(&s))
        d->shook = true;
}

static int advance(void *dut, int64_t until, struct lk_dut_happening *out)
{
    struct device *d = dut;
    const struct lk_capture *capture = &d->trace->capture;
    if (d->steps != NULL)
        return lk_recorded_steps_advance(d->steps, until, out);
    *out = (struct lk_dut_happening){.size = sizeof *out};
    if (hand_out_return(d, out))
        return 0;
    for (; d->next < capture->count && d->times[d->next] <= until; d->next++) {
        const struct lk_captured *frame = &capture->frames[d->next];
        if (d->times[d->next] > d->now)
            d->now = d->times[d->next];
        if (!is_own(d, frame))
            continue;
        d->next++;
        note_own(d, frame);
        *out = (struct lk_dut_happening){.size = sizeof *out, .kind = LK_DUT_FRAME, .at = d->now, .bytes = frame->bytes, .len = frame->len};
        return 0;
    }
    if (d->next == capture->count && hand_out_return(d, out))
        return 0;
    d->now = until > d->now ? until : d->now;
    return 0;
}

const struct lk_dut *lk_dut_recording(void)
{
    static const struct lk_dut recording = {LK_DUT_VERSION, sizeof recording, ~(LK_DUT_CAN_STATE | LK_DUT_CAN_SNAPSHOT), "recording",
                                            create, destroy, inject, call, advance, NULL, NULL, NULL, NULL};
    return &recording;
}
