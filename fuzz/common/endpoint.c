/* See endpoint.h. */
#include "fuzz/common/endpoint.h"
#include "conformance/timeline/event.h"
#include "conformance/timeline/trace.h"
#include "fuzz/common/verdict.h"
#include "stack/base/seq.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include <stdlib.h>
#include <string.h>

#define OWN 0x0a090001u
#define PEER 0x0a090002u
#define PEER_ISN 0xfffffe00u /* close to the wrap, so that every input crosses it */

static const uint16_t host_port[LK_ENDPOINTS] = {80, 6000}, peer_port[LK_ENDPOINTS] = {40000, 7000};

static uint8_t pattern(int direction, uint32_t at)
{
    uint32_t x = at * 2654435761u + (uint32_t)direction * 40503u;
    return (uint8_t)(x >> 24 ^ x >> 9);
}

/* ---- what comes out of the host ---- */

static void out(void *context, const uint8_t *frame, size_t len)
{
    struct lk_endpoint_run *run = context;
    struct lk_segment s;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &s);
    if (!s.is_tcp) return;
    run->latest_len = len - 14 < sizeof run->latest ? len - 14 : sizeof run->latest;
    memcpy(run->latest, frame + 14, run->latest_len);
    for (int i = 0; i < LK_ENDPOINTS; i++) {
        struct lk_endpoint_side *side = &run->side[i];
        uint32_t end = s.tcp.sequence_number + s.seg_len;
        if (s.tcp.source_port != host_port[i] || s.tcp.destination_port != peer_port[i]) continue;
        if (s.tcp.control & LK_TCP_RST) return;
        if (s.tcp.control & LK_TCP_SYN) {
            if (!side->iss_known || side->iss != s.tcp.sequence_number) side->snd_nxt = end;
            side->iss = s.tcp.sequence_number;
            side->iss_known = true;
        }
        if (seq_lt(side->snd_nxt, end)) side->snd_nxt = end;
        if (s.options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) side->ts_latest = s.options.ts_val;
        for (size_t k = 0; side->iss_known && k < s.tcp.payload_len; k++)
            if (s.tcp.payload[k] != pattern(i, s.tcp.sequence_number - side->iss - 1 + (uint32_t)k))
                lk_fuzz_fail(run->world.target, "a byte sent is not the one given for its sequence number");
    }
}

/* ---- segments of the peer ---- */

static bool info_of(struct lk_endpoint_run *run, int i, struct lk_sock_info *info)
{
    struct lk_endpoint local = {.address = lk_addr_from_ip4(OWN), .iface = LK_ANY, .port = host_port[i]};
    struct lk_endpoint remote = {.address = lk_addr_from_ip4(PEER), .iface = LK_ANY, .port = peer_port[i]};
    return lk_tuple_info(run->world.stack, &local, &remote, info) >= 0;
}

static uint32_t sequence_of(const struct lk_stimulus_segment *s, const struct lk_sock_info *info, bool known)
{
    uint32_t base = known ? info->rcv_nxt : PEER_ISN;
    if (s->seq_base == LK_BASE_SENT && known) base = info->rcv_nxt + info->rcv_wnd;
    if (s->seq_base == LK_BASE_ISN) base = known ? info->irs : PEER_ISN;
    if (s->seq_base == LK_BASE_ABSOLUTE) base = 0;
    return base + (uint32_t)s->seq;
}

static uint32_t acknowledgment_of(const struct lk_stimulus_segment *s, const struct lk_sock_info *info, bool known)
{
    uint32_t base = 0;
    if (known && s->ack_base == LK_BASE_RECEIVER) base = info->snd_una;
    if (known && s->ack_base == LK_BASE_SENT) base = info->snd_nxt;
    if (known && s->ack_base == LK_BASE_ISN) base = info->iss;
    return base + (uint32_t)s->ack;
}

static size_t options_of(const struct lk_endpoint_run *run, int i, const struct lk_stimulus_segment *s, const struct lk_sock_info *info, bool known, uint8_t *buf)
{
    static const uint8_t order[] = {2, 4, 8, 1, 3, 1, 1, 5};
    struct lk_tcp_options o = {0};
    int len;
    if (s->options & LK_STIMULUS_RAW) {
        size_t n = (s->raw_len + 3u) / 4 * 4;
        memset(buf, 0, n);
        if (s->raw_len) memcpy(buf, s->raw, s->raw_len);
        return n;
    }
    if (s->options & LK_STIMULUS_MSS) { o.present |= LK_TCP_HAS(2); o.mss = s->mss; }
    if (s->options & LK_STIMULUS_SACK_OK) o.present |= LK_TCP_HAS(4);
    if (s->options & LK_STIMULUS_WSCALE) { o.present |= LK_TCP_HAS(3); o.window_scale = s->wscale; }
    if (s->options & LK_STIMULUS_TIMESTAMPS) {
        o.present |= LK_TCP_HAS(8);
        o.ts_val = (uint32_t)(run->world.now / LK_MILLISECOND) + (uint32_t)s->ts_val;
        o.ts_ecr = run->side[i].ts_latest + (uint32_t)s->ts_ecr;
    }
    if (s->options & LK_STIMULUS_SACK && !(s->options & LK_STIMULUS_SACK_OK)) {
        o.present |= LK_TCP_HAS(5);
        o.sack_count = 1;
        o.sack[0].left = (known ? info->snd_una : 0) + (uint32_t)s->sack_left;
        o.sack[0].right = o.sack[0].left + s->sack_len;
    }
    len = lk_tcp_options_emit(&o, order, sizeof order, buf, LK_TCP_OPTIONS_MAX);
    return len < 0 ? 0 : (size_t)len;
}

static void segment(struct lk_endpoint_run *run, const struct lk_record *record)
{
    struct lk_stimulus_segment s;
    struct lk_sock_info info;
    uint8_t options[LK_TCP_OPTIONS_MAX], *frame;
    struct lk_tcp tcp;
    bool known;
    uint32_t first;
    size_t len;
    int i;
    lk_stimulus_segment_parse(record, &s);
    i = s.socket;
    known = info_of(run, i, &info) && info.state != LK_TCP_LISTEN;
    if (known && info.state == LK_TCP_SYN_SENT) { info.irs = PEER_ISN; info.rcv_nxt = PEER_ISN; info.rcv_wnd = 65535; }
    tcp = (struct lk_tcp){.source_port = peer_port[i], .destination_port = host_port[i], .control = s.control, .window = s.window, .urgent_pointer = s.urgent, .options = options};
    tcp.sequence_number = sequence_of(&s, &info, known);
    tcp.acknowledgment_number = acknowledgment_of(&s, &info, known);
    tcp.options_len = options_of(run, i, &s, &info, known, options);
    tcp.payload_len = s.payload_len > 1460 - tcp.options_len ? 1460 - tcp.options_len : s.payload_len;
    len = 14 + 20 + 20 + tcp.options_len + tcp.payload_len;
    if (!(frame = calloc(1, len))) return;
    /* the peer's stream: a byte follows from its place behind the ISN the host took, or would take from this SYN */
    first = tcp.sequence_number + (s.control & LK_TCP_SYN ? 1 : 0) - (known && info.state != LK_TCP_SYN_SENT ? info.irs : s.control & LK_TCP_SYN ? tcp.sequence_number : PEER_ISN) - 1;
    for (size_t k = 0; k < tcp.payload_len; k++) frame[54 + tcp.options_len + k] = pattern(2 + i, first + (uint32_t)k);
    tcp.payload = frame + 54 + tcp.options_len;
    memcpy(frame, (const uint8_t[14]){2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0}, 14);
    memcpy(frame + 14, (const uint8_t[20]){0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 6, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1}, 20);
    lk_tcp_emit(&tcp, frame + 34, len - 34);
    if (s.damage & LK_STIMULUS_BAD_OFFSET) run->raw_seen = true; /* payload may count as options */
    if (s.damage & LK_STIMULUS_BAD_OFFSET) frame[46] = (uint8_t)(frame[46] + 0x10 * (1 + (s.urgent & 7)));
    if (s.damage & LK_STIMULUS_CUT) len -= len / 8;
    lk_world_repair(frame, len);
    if (s.damage & LK_STIMULUS_BAD_CHECKSUM) frame[50] ^= 0x55;
    lk_world_frame(&run->world, frame, len);
    free(frame);
}

/* An ICMP error about the latest segment of the host (RFC 792, RFC 1122 3.2.2). */
static void icmp_error(struct lk_endpoint_run *run, const struct lk_record *r)
{
    uint8_t frame[14 + 20 + 8 + sizeof run->latest] = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0, 0, 0, 0, 0, 0x40, 0, 64, 1, 0, 0, 10, 9, 0, 2, 10, 9, 0, 1};
    size_t cut = r->len > 4 ? r->payload[4] : 0, quote = run->latest_len > cut ? run->latest_len - cut : 0;
    frame[34] = r->len > 0 ? r->payload[0] : 3;
    frame[35] = r->len > 1 ? r->payload[1] : 3;
    frame[40] = r->len > 2 ? r->payload[2] : 0;
    frame[41] = r->len > 3 ? r->payload[3] : 0;
    memcpy(frame + 42, run->latest, quote);
    lk_world_repair(frame, 42 + quote);
    lk_world_frame(&run->world, frame, 42 + quote);
}

/* ---- the application ---- */

static void read_some(struct lk_endpoint_run *run, int i, size_t most, bool in_place)
{
    struct lk_endpoint_side *side = &run->side[i];
    uint8_t buffer[1024];
    while (side->socket && most > 0) {
        const uint8_t *there;
        size_t want = most < sizeof buffer ? most : sizeof buffer;
        int64_t n;
        if (in_place) {
            n = lk_sock_peek(run->world.stack, side->socket, &there, run->world.now);
            if (n > (int64_t)want) n = (int64_t)want;
            if (n > 0) memcpy(buffer, there, (size_t)n);
            if (n > 0 && lk_sock_consume(run->world.stack, side->socket, (size_t)n, run->world.now) < 0) lk_fuzz_fail(run->world.target, "what was peeked cannot be consumed");
        } else {
            n = lk_sock_recv(run->world.stack, side->socket, buffer, want, 0, run->world.now);
        }
        if (n <= 0) return;
        for (int64_t k = 0; k < n && !run->raw_seen; k++)
            if (buffer[k] != pattern(2 + i, (uint32_t)(side->read + (uint64_t)k))) lk_fuzz_fail(run->world.target, "a byte read is not the one the peer sent");
        side->read += (uint64_t)n;
        most -= (size_t)n;
    }
}

static void send_some(struct lk_endpoint_run *run, int i, size_t len, bool in_place)
{
    struct lk_endpoint_side *side = &run->side[i];
    uint8_t buffer[1024];
    while (side->socket && len > 0) {
        size_t want = len < sizeof buffer ? len : sizeof buffer;
        uint8_t *free_room;
        int64_t n;
        for (size_t k = 0; k < want; k++) buffer[k] = pattern(i, (uint32_t)(side->given + k));
        if (in_place) {
            n = lk_sock_reserve(run->world.stack, side->socket, &free_room, run->world.now);
            if (n > (int64_t)want) n = (int64_t)want;
            if (n > 0) memcpy(free_room, buffer, (size_t)n);
            if (n > 0 && lk_sock_commit(run->world.stack, side->socket, (size_t)n, run->world.now) < 0) lk_fuzz_fail(run->world.target, "what was reserved cannot be committed");
        } else n = lk_sock_send(run->world.stack, side->socket, buffer, want, run->world.now);
        if (n <= 0) return;
        side->given += (uint64_t)n;
        len -= (size_t)n;
    }
}

/* Opens the connection of the host anew, from the same port. */
static void connect_again(struct lk_endpoint_run *run)
{
    struct lk_world *w = &run->world;
    struct lk_endpoint from = {.iface = LK_ANY, .port = host_port[1]}, to = {.address = lk_addr_from_ip4(PEER), .iface = LK_ANY, .port = peer_port[1]};
    lk_socket s;
    if (run->side[1].socket || lk_sock_open(w->stack, LK_TCP, &s, w->now) < 0) return;
    if (lk_sock_bind(w->stack, s, &from, w->now) < 0 || lk_sock_connect(w->stack, s, &to, w->now) < 0) {
        lk_sock_close(w->stack, s, w->now);
        return;
    }
    run->side[1].socket = s;
    run->side[1].read = run->side[1].given = 0;
}

/* Calls that are refused, and a listener that comes and goes. */
static void listen_elsewhere(struct lk_endpoint_run *run, uint16_t port)
{
    struct lk_world *w = &run->world;
    struct lk_endpoint at = {.iface = LK_ANY, .port = port};
    lk_socket s;
    if (lk_sock_open(w->stack, LK_TCP, &s, w->now) < 0) return;
    if (lk_sock_bind(w->stack, s, &at, w->now) >= 0) lk_sock_listen(w->stack, s, 1, w->now);
    lk_sock_close(w->stack, s, w->now);
}

/* Times of options in tenths of a second: an interval of nanoseconds would be a timer storm by the application's own wish. */
static int64_t option_value(int option, uint32_t value)
{
    bool time = option == LK_OPT_KEEPALIVE_IDLE || option == LK_OPT_KEEPALIVE_INTERVAL || option == LK_OPT_R2;
    return time ? (int64_t)value * (LK_SECOND / 10) : (int64_t)value;
}

static void call(struct lk_endpoint_run *run, const struct lk_record *record)
{
    struct lk_stimulus_call c;
    struct lk_world *w = &run->world;
    struct lk_endpoint_side *side;
    lk_socket accepted;
    int i;
    lk_stimulus_call_parse(record, &c);
    i = c.socket & 1;
    side = &run->side[i];
    switch (c.op) {
    case LK_DO_ACCEPT:
        if (lk_sock_accept(w->stack, w->listener, &accepted, NULL, w->now) < 0) return;
        if (run->side[0].socket) lk_sock_close(w->stack, run->side[0].socket, w->now);
        run->side[0].socket = accepted;
        run->side[0].read = run->side[0].given = 0;
        return;
    case LK_DO_CONNECT: connect_again(run); return;
    case LK_DO_LISTEN: listen_elsewhere(run, (uint16_t)c.len); return;
    case LK_DO_SEND: send_some(run, i, c.len % 8192, c.how & 1); return;
    case LK_DO_RECV: read_some(run, i, c.len % 32768, c.how & 1); return;
    case LK_DO_SHUTDOWN: if (side->socket) lk_sock_shutdown(w->stack, side->socket, c.how % 3, w->now); return;
    case LK_DO_CLOSE: if (side->socket) lk_sock_close(w->stack, side->socket, w->now); side->socket = 0; return;
    case LK_DO_ABORT: if (side->socket) lk_sock_abort(w->stack, side->socket, w->now); side->socket = 0; return;
    case LK_DO_OPTION: if (side->socket) lk_sock_set(w->stack, side->socket, c.option % 14, option_value(c.option % 14, c.len), w->now); return;
    default: return;
    }
}

/* ---- the run ---- */

void lk_endpoint_start(struct lk_endpoint_run *run, const char *target, const char *profile)
{
    memset(run, 0, sizeof *run);
    lk_world_reset(&run->world, target, profile);
    run->side[1].socket = run->world.client;
    run->world.out = out;
    run->world.context = run;
    lk_world_drain(&run->world);
}

void lk_endpoint_step(struct lk_endpoint_run *run, const struct lk_record *r)
{
    uint32_t ms = 0;
    if (r->microseconds) lk_world_pass(&run->world, (lk_time)r->microseconds * LK_MICROSECOND);
    switch (r->kind) {
    case LK_STIMULUS_SEGMENT: segment(run, r); break;
    case LK_STIMULUS_CALL: call(run, r); break;
    case LK_STIMULUS_ICMP: icmp_error(run, r); break;
    case LK_STIMULUS_FRAME:
        run->raw_seen = true;
        lk_world_frame(&run->world, r->payload, r->len);
        break;
    case LK_STIMULUS_PASS:
        for (size_t i = 0; i < 4 && i < r->len; i++) ms |= (uint32_t)r->payload[i] << 8 * i;
        lk_world_pass(&run->world, (lk_time)ms * LK_MILLISECOND);
        break;
    default: break;
    }
    for (int i = 0; i < LK_ENDPOINTS; i++) {
        struct lk_sock_info info;
        (void)lk_sock_error(run->world.stack, run->side[i].socket);
        if (lk_sock_info(run->world.stack, run->side[i].socket, &info) >= 0 && info.state >= LK_TCP_STATES) lk_fuzz_fail(run->world.target, "a state that does not exist");
    }
}

void lk_endpoint_end(struct lk_endpoint_run *run)
{
    lk_world_drain(&run->world);
    for (int i = 0; i < LK_ENDPOINTS; i++) read_some(run, i, 65536, false);
    lk_world_pass(&run->world, 300 * LK_SECOND);
}
