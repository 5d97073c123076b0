/* The driver of pair.h: the network of conformance/net, the two applications, and what is held against them. */
#include "fuzz/common/pair.h"
#include "conformance/net/net.h"
#include "conformance/timeline/event.h"
#include "fuzz/common/verdict.h"
#include "stack/base/seq.h"
#include "stack/wire/tcp.h"
#include <string.h>

#define PORT 7777
#define STALLS 64                 /* calls of the deadline in a row without progress */

struct side {
    struct lk_stack *stack;
    lk_socket listener, socket;
    struct lk_endpoint local, remote;
    bool open, shut, ended, gone;
    uint64_t sent, received;
    uint64_t rto_seen;
};

struct run {
    const struct lk_pair_config *config;
    struct lk_pair_result *result;
    struct lk_net *net;
    struct side side[2];
    lk_time now;
    uint64_t random, hash, frames;
    uint8_t *copies; uint64_t copies_len; /* side 0: transmissions of each MSS-sized piece, and whether one got through */
    uint32_t iss, mss;
    bool iss_known;
    uint32_t stalls;
    uint32_t in_a_row;                    /* frames that a script has lost or corrupted, one after the other */
};

/* A script takes no more frames than this in a row: with more, a connection rightly gives up (RFC 9293 section 3.8.3). */
#define SCRIPT_IN_A_ROW 2

/* The byte at a position of a side's stream: any shift or repetition shows. */
static uint8_t pattern(int side, uint64_t at)
{
    uint64_t x = at * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)side * UINT64_C(0xbf58476d1ce4e5b9);
    return (uint8_t)(x >> 56 ^ x >> 24);
}

static uint64_t draw(uint64_t *state) /* splitmix64 */
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static void hash_bytes(uint64_t *hash, const uint8_t *bytes, size_t len)
{
    uint64_t h = *hash;
    for (size_t i = 0; i < len; i++) h = (h ^ bytes[i]) * UINT64_C(0x100000001b3);
    *hash = (h ^ len) * UINT64_C(0x100000001b3);
}

static bool fail(struct run *r, const char *what)
{
    if (!r->result->failure) r->result->failure = what;
    return false;
}

/* ---- the network's will ---- */

static void choose_fate(struct run *r, int from, struct lk_net_fate *fate)
{
    const struct lk_pair_harm *harm = &r->config->harm[from];
    uint64_t n = r->frames++;
    memset(fate, 0, sizeof *fate);
    if (r->config->script) {
        uint8_t will = n < r->config->script_len ? r->config->script[n] % 8 : 0;
        bool taken = (will == 1 || will == 4) && r->in_a_row < SCRIPT_IN_A_ROW;
        r->in_a_row = taken ? r->in_a_row + 1 : 0;
        fate->lost = taken && will == 1;
        fate->copies = will == 2;
        fate->late = will == 3 ? harm->late : 0;
        fate->corrupted = taken && will == 4;
        return;
    }
    if (n >= r->config->harm_frames) return;
    fate->lost = draw(&r->random) % 1000000 < harm->lost_ppm;
    fate->copies = draw(&r->random) % 1000000 < harm->doubled_ppm;
    fate->corrupted = draw(&r->random) % 1000000 < harm->corrupted_ppm;
    fate->late = draw(&r->random) % 1000000 < harm->late_ppm ? 1 + (lk_time)(draw(&r->random) % (uint64_t)(harm->late + 1)) : 0;
}

/* ---- what is noted of side 0's segments, to explain its timeouts ---- */

enum { COPIES = 0x7f, THROUGH = 0x80 };

static void note(struct run *r, const uint8_t *frame, size_t len, bool arrives)
{
    struct lk_segment s;
    uint64_t at;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &s);
    if (!s.is_tcp) return;
    if (s.tcp.control & LK_TCP_SYN) { r->iss = s.tcp.sequence_number; r->iss_known = true; }
    if (s.tcp.payload_len == 0 || !r->iss_known || r->mss == 0) return;
    r->result->data_frames++;
    at = (s.tcp.sequence_number - r->iss - 1) / r->mss;
    if (at >= r->copies_len) return;
    if ((r->copies[at] & COPIES) < COPIES) r->copies[at]++;
    if (arrives) r->copies[at] |= THROUGH;
}

/* A timeout is explained when the oldest piece was sent at least twice in vain, or nothing (or fewer pieces than the
 * duplicate threshold) behind it got through: a lost retransmission or a lost tail. Or it did arrive: then every
 * acknowledgement of the tail was lost. */
static void explain_rto(struct run *r, const struct lk_sock_info *info)
{
    uint64_t at = r->mss ? (info->snd_una - r->iss - 1) / r->mss : 0, behind = 0;
    if (at >= r->copies_len) { r->result->rto_explained++; return; } /* only the FIN is out */
    for (uint64_t i = at + 1; i < r->copies_len && r->copies[i]; i++) behind += (r->copies[i] & THROUGH) != 0;
    if ((r->copies[at] & COPIES) >= 2 || (r->copies[at] & THROUGH) || behind < 3) r->result->rto_explained++;
}

/* ---- one side ---- */

static bool send_app(struct run *r, int i)
{
    struct side *s = &r->side[i];
    uint8_t buffer[4096];
    while (s->sent < r->config->bytes[i]) {
        uint64_t left = r->config->bytes[i] - s->sent;
        size_t n = left < sizeof buffer ? (size_t)left : sizeof buffer;
        int64_t took;
        for (size_t k = 0; k < n; k++) buffer[k] = pattern(i, s->sent + k);
        took = lk_sock_send(s->stack, s->socket, buffer, n, r->now);
        if (took == LK_E_AGAIN) return true;
        if (took < 0) return fail(r, "send failed");
        s->sent += (uint64_t)took;
        r->stalls = 0;
    }
    if (!s->shut) {
        if (lk_sock_shutdown(s->stack, s->socket, LK_SHUT_WR, r->now) < 0) return fail(r, "shutdown failed");
        s->shut = true;
    }
    return true;
}

static bool recv_app(struct run *r, int i)
{
    struct side *s = &r->side[i];
    uint8_t buffer[4096];
    uint32_t want = r->config->read_size[i] < sizeof buffer ? r->config->read_size[i] : sizeof buffer;
    while (!s->ended) {
        int64_t n = lk_sock_recv(s->stack, s->socket, buffer, want, 0, r->now);
        if (n == LK_E_AGAIN) return true;
        if (n < 0) return fail(r, "recv failed");
        r->stalls = 0;
        if (n == 0) { s->ended = true; break; }
        for (int64_t k = 0; k < n; k++)
            if (buffer[k] != pattern(!i, s->received + (uint64_t)k)) return fail(r, "a byte arrived wrong");
        s->received += (uint64_t)n;
        if (s->received > r->config->bytes[!i]) return fail(r, "more bytes arrived than were sent");
    }
    if (s->received != r->config->bytes[!i]) return fail(r, "the stream ended early");
    return true;
}

static bool application(struct run *r, int i)
{
    struct side *s = &r->side[i];
    if (s->gone) return true;
    if (!s->open && i == 1 && lk_sock_accept(s->stack, s->listener, &s->socket, &s->remote, r->now) >= 0) s->open = true;
    if (!s->open && i == 0) {
        uint32_t bits = lk_sock_bits(s->stack, s->socket);
        if (bits & LK_SOCK_ERROR) return fail(r, "connect failed");
        s->open = (bits & LK_SOCK_CONNECTED) != 0;
        if (s->open) {
            struct lk_sock_info info;
            r->result->established = r->now;
            if (lk_sock_info(s->stack, s->socket, &info) >= 0) { r->mss = info.snd_mss - (info.timestamps ? 12 : 0); s->local = info.local; } /* the option and its padding take 12 bytes of each segment */
        }
    }
    if (!s->open) return true;
    if (!send_app(r, i) || !recv_app(r, i)) return false;
    if (i == 0) {
        struct lk_sock_info info;
        if (lk_sock_info(s->stack, s->socket, &info) >= 0) {
            if (info.rto_count > s->rto_seen) explain_rto(r, &info);
            s->rto_seen = info.rto_count;
            r->result->rto = info.rto_count;
            r->result->resent_frames = info.retransmitted_segments;
        }
    }
    if (s->ended && s->shut && (i == 1 || r->side[1].ended)) {
        if (r->side[0].ended && r->side[1].ended && r->result->finished == 0) r->result->finished = r->now;
        if (lk_sock_close(s->stack, s->socket, r->now) < 0) return fail(r, "close failed");
        s->gone = true;
        r->stalls = 0;
    }
    return true;
}

static bool transmit(struct run *r, int i)
{
    uint8_t frame[2048];
    struct side *s = &r->side[i];
    for (uint32_t burst = 0;; burst++) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = frame, .cap = sizeof frame};
        struct lk_net_fate fate;
        int len = lk_stack_tx(s->stack, LK_ANY, &f, r->now);
        if (len < 0) return fail(r, "tx failed");
        if (len == 0) return true;
        if (burst > 100000) return fail(r, "frames without end at one time");
        choose_fate(r, i, &fate);
        hash_bytes(&r->hash, frame, (size_t)len);
        r->result->frames[i]++;
        r->result->lost[i] += fate.lost;
        if (i == 0) lk_fuzz_seen(false, r->now, frame, (size_t)len);
        if (i == 0) note(r, frame, (size_t)len, !fate.lost && !fate.corrupted);
        if (lk_net_send(r->net, (uint32_t)i, frame, (size_t)len, r->now, &fate, 0, NULL) < 0) return fail(r, "out of memory for the network");
        r->stalls = 0;
    }
}

static bool check(struct run *r, int i)
{
    const char *where = "an invariant";
    return lk_stack_check(r->side[i].stack, &where) == 0 || fail(r, where);
}

/* Both connections are gone, or only wait in TIME-WAIT. */
static bool over(struct run *r)
{
    for (int i = 0; i < 2; i++) {
        struct side *s = &r->side[i];
        struct lk_sock_info info;
        if (!s->gone) return false;
        if (lk_tuple_info(s->stack, &s->local, &s->remote, &info) >= 0 && info.state != LK_TCP_TIME_WAIT) return false;
    }
    return true;
}

static bool step(struct run *r)
{
    struct lk_net_frame arrival;
    lk_time next = lk_net_next(r->net), before = r->now;
    for (int i = 0; i < 2; i++) {
        lk_time deadline = lk_stack_deadline(r->side[i].stack);
        if (deadline < next) next = deadline;
    }
    if (next == LK_NEVER) return fail(r, "nothing is pending and the connection is not over");
    if (next > r->now) r->now = next;
    if (r->now == before && ++r->stalls > STALLS) return fail(r, "the deadline does not move on");
    while (lk_net_receive(r->net, r->now, &arrival)) {
        /* an exact-size copy lives in the arena: a read past the frame is seen by the sanitizer of whoever gave it */
        struct lk_frame f = {.size_of = sizeof f, .bytes = (uint8_t *)(uintptr_t)arrival.bytes, .len = arrival.len};
        if (arrival.to == 0) lk_fuzz_seen(true, r->now, arrival.bytes, arrival.len);
        if (lk_stack_rx(r->side[arrival.to].stack, &f, r->now) < 0) return fail(r, "rx refused a frame");
        r->stalls = 0;
    }
    for (int i = 0; i < 2; i++) {
        lk_stack_tick(r->side[i].stack, r->now);
        if (!application(r, i) || !transmit(r, i)) return false;
        if (r->config->check_often && !check(r, i)) return false;
    }
    return true;
}

/* ---- setting up ---- */

static const uint8_t mac[2][6] = {{2, 0, 0, 0, 0, 1}, {2, 0, 0, 0, 0, 2}};

static int start_side(struct run *r, int i, struct lk_bump *memory)
{
    struct side *s = &r->side[i];
    struct lk_addr own = lk_addr_from_ip4(0x0a090001u + (uint32_t)i), other = lk_addr_from_ip4(0x0a090002u - (uint32_t)i);
    const struct lk_config *config = &r->config->stack[i];
    size_t size = lk_stack_footprint(config);
    uint8_t seed[32];
    void *arena = size ? lk_bump_take(memory, size) : NULL;
    int e;
    memcpy(seed, r->config->seed, 32);
    seed[0] ^= (uint8_t)(i + 1);
    if (!size) return LK_E_INVALID;
    if (!arena) return LK_E_NOMEM;
    s->stack = arena;
    if ((e = lk_stack_init(arena, size, config, 0, seed)) < 0) return e;
    if ((e = lk_addr_add(s->stack, 0, own, 24, LK_ADDR_PREFERRED, 0)) < 0 || (e = lk_neighbour_set(s->stack, 0, other, mac[!i], 0)) < 0) return e;
    if (i == 1) {
        s->local = (struct lk_endpoint){.address = own, .iface = LK_ANY, .port = PORT};
        if ((e = lk_sock_open(s->stack, LK_TCP, &s->listener, 0)) < 0 || (e = lk_sock_bind(s->stack, s->listener, &s->local, 0)) < 0) return e;
        return lk_sock_listen(s->stack, s->listener, 4, 0);
    }
    s->remote = (struct lk_endpoint){.address = other, .iface = LK_ANY, .port = PORT};
    if ((e = lk_sock_open(s->stack, LK_TCP, &s->socket, 0)) < 0) return e;
    return lk_sock_connect(s->stack, s->socket, &s->remote, 0);
}

int lk_pair_config_init(struct lk_pair_config *config, const char *profile)
{
    int e;
    memset(config, 0, sizeof *config);
    config->profile = profile;
    for (int i = 0; i < 2; i++) {
        struct lk_config *c = &config->stack[i];
        if ((e = lk_config_init(c, profile)) < 0) return e;
        memcpy(c->iface[0].mac, mac[i], 6);
        c->iface[0].mtu = 1500;
        config->read_size[i] = 4096;
    }
    config->delay = LK_MILLISECOND;
    config->steps = 1000000;
    config->harm_frames = UINT64_MAX;
    return 0;
}

void lk_pair_config_from_seed(struct lk_pair_config *config, uint64_t seed)
{
    static const uint32_t buffers[] = {2048, 4096, 16384, 65536, 262144};
    uint64_t state = seed;
    lk_pair_config_init(config, draw(&state) % 2 ? "linux" : "rfc");
    for (int k = 0; k < 32; k++) config->seed[k] = (uint8_t)draw(&state);
    for (int i = 0; i < 2; i++) {
        struct lk_tcp_config *t = &config->stack[i].tcp;
        t->send_buffer = buffers[draw(&state) % 5];
        t->receive_buffer = buffers[draw(&state) % 5];
        t->timestamps = draw(&state) % 4 != 0;
        t->sack = draw(&state) % 4 != 0;
        t->wscale = draw(&state) % 4 != 0;
        t->nagle = draw(&state) % 4 != 0;
        t->mss = draw(&state) % 3 ? 0 : (uint16_t)(100 + draw(&state) % 1361);
        t->syn_retries = t->synack_retries = 20;
        t->r2 = 50;
        t->r2_time = t->syn_time = LK_NEVER;
        config->stack[i].iface[0].mtu = draw(&state) % 4 ? 1500 : (uint16_t)(296 + draw(&state) % 1205);
        config->bytes[i] = draw(&state) % 4 ? draw(&state) % 40000 : draw(&state) % 3;
        config->read_size[i] = 1 + (uint32_t)(draw(&state) % 4096);
        config->harm[i] = (struct lk_pair_harm){.lost_ppm = (uint32_t)(draw(&state) % 100000), .doubled_ppm = (uint32_t)(draw(&state) % 50000),
                                                .corrupted_ppm = (uint32_t)(draw(&state) % 30000), .late_ppm = (uint32_t)(draw(&state) % 100000), .late = 20 * LK_MILLISECOND};
    }
    config->rate = draw(&state) % 3 ? 0 : 1000000 + draw(&state) % 10000000;
    config->delay = (lk_time)(draw(&state) % (40 * (uint64_t)LK_MILLISECOND));
    config->queue = draw(&state) % 3 ? 0 : (uint32_t)(8 + draw(&state) % 50);
    config->harm_frames = 2000;
}

int lk_pair_run(const struct lk_pair_config *config, struct lk_pair_result *result, struct lk_bump *memory)
{
    struct run r = {.config = config, .result = result, .hash = UINT64_C(0xcbf29ce484222325)};
    int e;
    memset(result, 0, sizeof *result);
    r.random = 0;
    for (int i = 8; i < 16; i++) r.random = r.random << 8 | config->seed[i];
    r.copies_len = config->bytes[0] / 64 + 2;
    if (!(r.net = lk_net_new(memory)) || !(r.copies = lk_bump_take(memory, (size_t)r.copies_len))) return LK_E_NOMEM;
    for (uint32_t i = 0; i < 2; i++) {
        struct lk_net_link link = {.from = i, .to = !i, .rate = config->rate, .delay = config->delay, .queue = config->queue};
        if ((e = lk_net_link(r.net, &link)) < 0 || (e = start_side(&r, (int)i, memory)) < 0) return e;
    }
    for (int i = 0; i < 2 && transmit(&r, i); i++) continue;
    while (!result->failure && !over(&r)) {
        if (++result->steps > config->steps) { fail(&r, "too many steps"); break; }
        if (!step(&r)) break;
    }
    if (!result->failure) (void)(check(&r, 0) && check(&r, 1));
    for (int i = 0; i < 2; i++) {
        uint64_t digest = lk_stack_digest(r.side[i].stack);
        for (int k = 0; k < 8; k++) { uint8_t b = (uint8_t)(digest >> 8 * k); hash_bytes(&r.hash, &b, 1); }
    }
    result->hash = r.hash;
    result->data_needed = r.mss ? (config->bytes[0] + r.mss - 1) / r.mss : 0;
    return 0;
}
