/* The acting peer: it answers what really arrives, over a network with the trace's rate, delay, queue and fates. From the
 * recording come its data, its closing, its window and its way of acknowledging; everything else is computed. */
#include "conformance/replay/receiver.h"
#include "conformance/replay/rewrite.h"
#include "conformance/replay/run.h"
#include "conformance/replay/script.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include <string.h>

#define DEVICE 0u
#define PEER 1u
#define ACK_DELAY (40 * LK_MILLISECOND) /* when the trace names none */
#define RTO_FIRST LK_SECOND             /* RFC 6298 2.1; the peer takes no samples */

struct lk_peer {
    struct lk_net *net;
    struct lk_script script;
    struct lk_receiver receiver;
    uint16_t device_port, ip_id;
    /* sending half; numbers relative to our ISN */
    bool syn_sent, established, dead;
    uint64_t una, nxt, allowed;      /* SND.UNA, SND.NXT, how much the script lets out */
    uint64_t device_edge;            /* right edge of the device's window */
    unsigned duplicates;
    lk_time rto, rto_at, probe_at;
    size_t step; lk_time step_base;  /* next step; when the one before it was done */
    lk_time need_at;                 /* when the next step's need was met */
    /* options as agreed */
    bool timestamps, sack, wscale; uint8_t device_shift; uint16_t device_mss;
    /* acknowledging */
    unsigned unacked; lk_time ack_at;
    size_t window; lk_time closed_at;/* episode of the script; when its window became zero, LK_NEVER: not yet */
    uint64_t edge;                   /* right edge we have offered */
};

/* ---- windows ---- */

static uint64_t right_edge(const struct lk_run *run)
{
    const struct lk_peer *p = run->peer;
    uint64_t edge = p->receiver.next + run->trace->peer.window;
    if (p->window < p->script.window_count && edge > p->script.windows[p->window].edge)
        edge = p->script.windows[p->window].edge;
    return edge > p->edge ? edge : p->edge; /* never moves back (RFC 9293 SHLD-14) */
}

static uint16_t window_field(struct lk_run *run, bool syn)
{
    struct lk_peer *p = run->peer;
    unsigned shift = p->wscale && !syn ? (unsigned)run->trace->peer.wscale : 0;
    if (!syn)
        p->edge = right_edge(run);
    uint64_t window = syn ? p->script.syn_window : p->edge > p->receiver.next ? p->edge - p->receiver.next : 0;
    window >>= shift;
    return window > UINT16_MAX ? UINT16_MAX : (uint16_t)window;
}

/* ---- sending ---- */

static size_t options(struct lk_run *run, bool syn, bool has_ack, uint8_t out[LK_TCP_OPTIONS_MAX])
{
    static const uint8_t order_syn[] = {2, 4, 8, 1, 3}, order_syn_bare[] = {2, 1, 1, 4, 1, 3}, order[] = {1, 1, 8, 1, 1, 5};
    struct lk_peer *p = run->peer;
    const struct lk_trace_peer *t = &run->trace->peer;
    struct lk_tcp_options o = {0};
    bool offers = syn && !p->receiver.synchronized; /* our SYN comes first: we offer what we have */
    bool ts = offers ? t->timestamps : p->timestamps, sack = offers ? t->sack : p->sack, wscale = offers ? t->wscale >= 0 : p->wscale;
    if (ts) {
        o.present |= LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
        o.ts_val = seq_add(p->script.ts_val, (uint32_t)((run->now - p->script.ts_at) / LK_MILLISECOND));
        o.ts_ecr = has_ack ? p->receiver.ts_recent : 0;
    }
    if (syn) {
        o.present |= t->mss != 0 ? LK_TCP_HAS(LK_TCP_OPT_MSS) : 0;
        o.mss = t->mss;
        o.present |= sack ? LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED) : 0;
        o.present |= wscale ? LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE) : 0;
        o.window_scale = wscale ? (uint8_t)t->wscale : 0;
    } else if (sack) {
        o.sack_count = (uint8_t)lk_receiver_sack(&p->receiver, o.sack, ts ? 3 : 4);
        o.present |= o.sack_count > 0 ? LK_TCP_HAS(LK_TCP_OPT_SACK) : 0;
    }
    const uint8_t *kinds = !syn ? order : ts ? order_syn : order_syn_bare;
    int len = lk_tcp_options_emit(&o, kinds, !syn ? sizeof order : ts ? sizeof order_syn : sizeof order_syn_bare, out, LK_TCP_OPTIONS_MAX);
    return len < 0 ? 0 : (size_t)len;
}

static void put_on_link(struct lk_run *run, const uint8_t *frame, size_t len)
{
    struct lk_segment segment;
    struct lk_net_fate fate;
    struct lk_peer *p = run->peer;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &segment);
    struct lk_relative rel = {.seq = seq_sub(segment.tcp.sequence_number, p->script.isn)};
    rel.end = seq_add(rel.seq, segment.seg_len);
    rel.ack = seq_sub(segment.tcp.acknowledgment_number, p->receiver.irs);
    lk_fates_decide(run->fates, LK_IN, &segment, &rel, run->now, &fate);
    if (lk_net_send(p->net, PEER, frame, len, run->now, &fate, 0, NULL) < 0)
        lk_run_no_memory(run);
}

/* One segment from `from`: SYN at 0, data from 1, FIN at the end of the stream. */
static void transmit(struct lk_run *run, uint8_t control, uint64_t from, uint64_t len)
{
    struct lk_peer *p = run->peer;
    const struct lk_stream *stream = run->tape.conns.count > 0 ? &run->tape.streams[LK_IN][0] : NULL;
    uint8_t frame[2048], option_bytes[LK_TCP_OPTIONS_MAX];
    bool syn = (control & LK_TCP_SYN) != 0, has_ack = p->receiver.synchronized;
    if (len > 0 && (stream == NULL || from == 0 || from - 1 > stream->len || len > stream->len - (from - 1))) {
        lk_run_stop(run, LK_RUN_ERROR, "the recording does not hold bytes %llu..%llu of the peer's stream", (unsigned long long)from, (unsigned long long)(from + len));
        return;
    }
    struct lk_frame_addresses addresses = {.source = lk_addr_ip4(&run->trace->peer.host.address), .destination = lk_addr_ip4(&run->trace->dut.host.address)};
    memcpy(addresses.source_mac, run->peer_mac, 6);
    memcpy(addresses.destination_mac, run->dut_mac, 6);
    struct lk_tcp tcp = {.source_port = p->script.port, .destination_port = p->device_port, .sequence_number = seq_add(p->script.isn, (uint32_t)from),
                         .control = (uint8_t)(control | (has_ack ? LK_TCP_ACK : 0)), .window = window_field(run, syn), .options = option_bytes, .payload_len = (size_t)len};
    tcp.acknowledgment_number = has_ack ? lk_receiver_ack(&p->receiver) : 0;
    tcp.payload = len > 0 ? stream->bytes + from - 1 : NULL;
    if (!(control & LK_TCP_RST))
        tcp.options_len = options(run, syn, has_ack, option_bytes);
    int frame_len = lk_make_frame(&addresses, p->ip_id++, &tcp, frame, sizeof frame);
    if (frame_len < 0) {
        lk_run_stop(run, LK_RUN_ERROR, "the acting peer could not make a segment of %llu bytes", (unsigned long long)len);
        return;
    }
    if (has_ack) {
        p->unacked = 0;
        p->ack_at = LK_NEVER;
        p->receiver.last_ack_sent = p->receiver.next;
    }
    put_on_link(run, frame, (size_t)frame_len);
}

static void acknowledge(struct lk_run *run)
{
    transmit(run, 0, run->peer->nxt, 0);
}

static bool ends_stream(const struct lk_run *run, uint64_t number)
{
    return run->tape.conns.count > 0 && run->tape.streams[LK_IN][0].fin && number == run->tape.streams[LK_IN][0].len + 1;
}

/* The segment that starts at `from`, no longer than the device's MSS, never beyond what the script has let out. */
static uint64_t transmit_from(struct lk_run *run, uint64_t from, uint64_t most)
{
    struct lk_peer *p = run->peer;
    uint64_t room = p->device_mss - (p->timestamps ? 12u : 0u), len = p->allowed - from;
    if (from == 0) {
        transmit(run, LK_TCP_SYN, 0, 0);
        return 1;
    }
    bool fin = ends_stream(run, p->allowed - 1);
    len -= fin ? 1 : 0;
    len = len < most ? len : most;
    bool whole = len <= room;
    len = whole ? len : room;
    fin = fin && whole && from + len == p->allowed - 1;
    transmit(run, (uint8_t)((fin ? LK_TCP_FIN : 0) | (len > 0 ? LK_TCP_PSH : 0)), from, len);
    return len + (fin ? 1 : 0);
}

static void arm(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    p->rto_at = p->nxt > p->una ? lk_time_add(run->now, p->rto) : LK_NEVER;
}

static void send_allowed(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    while (p->established && !p->dead && p->nxt < p->allowed && run->stop == LK_RUN_GOES_ON) {
        uint64_t room = p->device_edge > p->nxt ? p->device_edge - p->nxt : 0;
        bool only_fin = ends_stream(run, p->nxt);
        if (room == 0 && !only_fin) {
            if (p->probe_at == LK_NEVER)
                p->probe_at = lk_time_add(run->now, p->rto);
            return;
        }
        uint64_t sent = transmit_from(run, p->nxt, room);
        if (sent == 0)
            return;
        p->nxt += sent;
        p->probe_at = LK_NEVER;
        if (p->rto_at == LK_NEVER)
            arm(run);
    }
}

/* ---- the script ---- */

static lk_time step_at(const struct lk_run *run)
{
    const struct lk_peer *p = run->peer;
    if (p->dead || !p->established || p->step == p->script.step_count || p->need_at == LK_NEVER)
        return LK_NEVER;
    lk_time base = p->need_at > p->step_base ? p->need_at : p->step_base;
    return lk_time_add(base, p->script.steps[p->step].wait);
}

static void look_at_need(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    if (p->need_at == LK_NEVER && p->established && p->step < p->script.step_count && p->receiver.next >= p->script.steps[p->step].need)
        p->need_at = run->now;
}

static void do_step(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    const struct lk_script_step *step = &p->script.steps[p->step++];
    p->step_base = run->now;
    p->need_at = LK_NEVER;
    if (step->reset) {
        transmit(run, LK_TCP_RST, p->nxt, 0);
        p->dead = true;
        return;
    }
    p->allowed = step->to > p->allowed ? step->to : p->allowed;
    send_allowed(run);
    look_at_need(run);
}

/* ---- receiving ---- */

static void agree(struct lk_run *run, const struct lk_segment *syn)
{
    struct lk_peer *p = run->peer;
    const struct lk_trace_peer *t = &run->trace->peer;
    p->timestamps = t->timestamps && (syn->options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS));
    p->sack = t->sack && (syn->options.present & LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED));
    p->wscale = t->wscale >= 0 && (syn->options.present & LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE));
    p->device_shift = p->wscale ? (syn->options.window_scale > 14 ? 14 : syn->options.window_scale) : 0;
    p->device_mss = (syn->options.present & LK_TCP_HAS(LK_TCP_OPT_MSS)) ? syn->options.mss : 536; /* RFC 9293 MUST-15 */
    p->device_mss = p->device_mss > 1460 ? 1460 : p->device_mss < 64 ? 64 : p->device_mss;
    lk_receiver_synchronize(&p->receiver, syn);
    p->edge = 1 + (uint64_t)(p->script.syn_window < UINT16_MAX ? p->script.syn_window : UINT16_MAX);
    p->device_edge = 1 + syn->tcp.window;
}

static void take_syn(struct lk_run *run, const struct lk_segment *s)
{
    struct lk_peer *p = run->peer;
    bool again = p->receiver.synchronized;
    if (!again) {
        p->device_port = s->tcp.source_port;
        agree(run, s);
    }
    if (p->established || (s->tcp.control & LK_TCP_ACK)) {
        acknowledge(run); /* RFC 9293 3.10.7.3, or a repeated one: 3.10.7.4, fourth */
        return;
    }
    transmit(run, LK_TCP_SYN, 0, 0);
    p->syn_sent = true;
    p->nxt = 1;
    arm(run);
}

static void duplicate_ack(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    if (++p->duplicates == 3 && p->nxt > p->una && p->una > 0) /* RFC 5681 3.2 (2) */
        transmit_from(run, p->una, UINT64_MAX);
}

static void take_ack(struct lk_run *run, const struct lk_segment *s)
{
    struct lk_peer *p = run->peer;
    uint64_t ack = seq_sub(s->tcp.acknowledgment_number, p->script.isn);
    unsigned shift = (s->tcp.control & LK_TCP_SYN) ? 0 : p->device_shift;
    if (ack > p->nxt)
        return;
    uint64_t edge = ack + ((uint64_t)s->tcp.window << shift);
    bool same_edge = edge == p->device_edge;
    p->device_edge = edge > p->device_edge ? edge : p->device_edge;
    if (ack > p->una) {
        p->una = ack;
        p->duplicates = 0;
        p->rto = RTO_FIRST;
        arm(run);
    } else if (ack == p->una && s->seg_len == 0 && same_edge) {
        duplicate_ack(run);
    }
    if (!p->established && p->una > 0) {
        p->established = true;
        p->step_base = run->now;
        p->allowed = p->allowed > 1 ? p->allowed : 1;
    }
}

static void take_data(struct lk_run *run, const struct lk_segment *s)
{
    struct lk_peer *p = run->peer;
    const struct lk_trace_peer *t = &run->trace->peer;
    enum lk_received what = lk_receiver_take(&p->receiver, s, p->edge);
    if (what == LK_RECEIVED_NO_MEMORY)
        lk_run_no_memory(run);
    if (what == LK_RECEIVED_NOTHING || what == LK_RECEIVED_NO_MEMORY)
        return;
    p->unacked++;
    if (what == LK_RECEIVED_URGENTLY || t->ack == LK_ACK_EVERY || p->unacked >= 2)
        acknowledge(run);
    else if (p->ack_at == LK_NEVER)
        p->ack_at = lk_time_add(run->now, t->ack_delay > 0 ? t->ack_delay : ACK_DELAY);
    if (p->window < p->script.window_count && p->closed_at == LK_NEVER && p->receiver.next >= p->script.windows[p->window].edge)
        p->closed_at = run->now;
}

static void receive(struct lk_run *run, const struct lk_net_frame *frame)
{
    struct lk_peer *p = run->peer;
    struct lk_segment s;
    lk_segment_read(frame->bytes, frame->len, LK_CAPTURE_ETHERNET, &s);
    if (!s.is_tcp || !s.tcp_checksum_ok || !s.ip_checksum_ok || p->dead || s.tcp.destination_port != p->script.port)
        return;
    if (s.tcp.control & LK_TCP_RST) {
        p->dead = p->receiver.synchronized || p->syn_sent;
        return;
    }
    if (s.tcp.control & LK_TCP_SYN) {
        if ((s.tcp.control & LK_TCP_ACK) && p->syn_sent)
            take_ack(run, &s);
        take_syn(run, &s);
    } else if (p->receiver.synchronized) {
        if (s.tcp.control & LK_TCP_ACK)
            take_ack(run, &s);
        take_data(run, &s);
    }
    send_allowed(run);
    look_at_need(run);
}

/* ---- time ---- */

static lk_time window_opens(const struct lk_run *run)
{
    const struct lk_peer *p = run->peer;
    return p->closed_at == LK_NEVER || p->dead ? LK_NEVER : lk_time_add(p->closed_at, p->script.windows[p->window].closed);
}

static lk_time opens_at(const struct lk_run *run)
{
    return run->peer->script.opens && !run->peer->syn_sent ? run->peer->script.open_at : LK_NEVER;
}

static void time_out(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    p->rto = p->rto < 60 * LK_SECOND ? p->rto * 2 : p->rto; /* RFC 6298 5.5 */
    transmit_from(run, p->una, UINT64_MAX);
    arm(run);
}

static void probe(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    p->probe_at = lk_time_add(run->now, p->rto);
    transmit_from(run, p->nxt, 1);
}

static void open_window(struct lk_run *run)
{
    run->peer->window++;
    run->peer->closed_at = LK_NEVER;
    acknowledge(run);
}

static void open_connection(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    p->syn_sent = true;
    p->device_port = run->tape.conns.list[0].port[LK_OUT];
    transmit(run, LK_TCP_SYN, 0, 0);
    p->nxt = 1;
    arm(run);
}

static lk_time next(struct lk_run *run)
{
    const struct lk_peer *p = run->peer;
    lk_time at = lk_time_min(lk_net_next(p->net), opens_at(run));
    if (!p->dead)
        at = lk_time_min(at, lk_time_min(lk_time_min(p->rto_at, p->probe_at), lk_time_min(p->ack_at, step_at(run))));
    at = lk_time_min(at, window_opens(run));
    return at < run->now ? run->now : at;
}

static void act(struct lk_run *run)
{
    struct lk_peer *p = run->peer;
    struct lk_net_frame frame;
    if (lk_net_receive(p->net, run->now, &frame)) {
        if (frame.to == PEER)
            receive(run, &frame);
        else
            lk_run_deliver(run, frame.bytes, frame.len, LK_NONE, false);
        return;
    }
    if (opens_at(run) <= run->now)
        open_connection(run);
    if (p->dead)
        return;
    if (window_opens(run) <= run->now)
        open_window(run);
    if (step_at(run) <= run->now)
        do_step(run);
    if (p->ack_at <= run->now)
        acknowledge(run);
    if (p->rto_at <= run->now)
        time_out(run);
    if (p->probe_at <= run->now)
        probe(run);
}

static void heard(struct lk_run *run, uint32_t index, const struct lk_net_fate *fate)
{
    struct lk_event *event = &run->ours.events[index];
    lk_time arrives;
    int copies = lk_net_send(run->peer->net, DEVICE, event->bytes, event->len, run->now, fate, 0, &arrives);
    if (copies < 0)
        lk_run_no_memory(run);
    event->delivered = copies > 0;
    event->delivered_at = arrives;
}

/* The device that is a recording acts at its recorded times: what caused that must have arrived, so it arrives a little early. */
static lk_time delay_to_device(const struct lk_run *run)
{
    lk_time delay = run->trace->network.delay[LK_IN], early = run->trace->match.tolerance / 2;
    if (strcmp(run->dut->name, "recording") != 0)
        return delay;
    return delay > early ? delay - early : 0;
}

static struct lk_peer *create(struct lk_run *run)
{
    const struct lk_trace_network *n = &run->trace->network;
    struct lk_peer *p = lk_bump_take(run->memory, sizeof *p);
    lk_time bound = run->trace->match.ends_within;
    if (p == NULL || (p->net = lk_net_new(run->memory)) == NULL)
        return NULL;
    if (lk_net_link(p->net, &(struct lk_net_link){DEVICE, PEER, n->rate[LK_OUT], n->delay[LK_OUT], n->queue}) < 0 ||
        lk_net_link(p->net, &(struct lk_net_link){PEER, DEVICE, n->rate[LK_IN], delay_to_device(run), n->queue}) < 0)
        return NULL;
    if (lk_script_read(&run->tape, run->memory, &p->script) < 0)
        return NULL;
    if (p->script.opens && p->script.open_at < run->now) /* the peer's SYN leaves before the device's capture begins */
        run->now = p->script.open_at;
    p->receiver.memory = run->memory;
    p->rto = RTO_FIRST;
    p->rto_at = p->probe_at = p->ack_at = p->need_at = p->closed_at = LK_NEVER;
    p->allowed = 1;
    lk_time longest = lk_time_add(8 * run->tape.end, 10 * LK_SECOND);
    run->horizon = bound == LK_NEVER ? longest : lk_time_add(bound, 5 * LK_SECOND);
    run->horizon = run->horizon < run->tape.end + run->grace ? run->tape.end + run->grace : run->horizon;
    return p;
}

const struct lk_peer_player lk_peer_acting = {"acting", create, heard, next, act};
