#include "stack/tests/support/tcp_world.h"
#include "stack/base/seq.h"
#include "stack/wire/checksum.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint64_t layout(struct tw *w, struct lk_arena *arena, uint64_t *wheel)
{
    static const uint8_t seed[32] = {1, 2, 3, 4, 5, 6, 7, 8};
    struct lk_wheel scratch;
    *wheel = lk_arena_carve(arena, 1, sizeof(struct lk_wheel));
    struct lk_wheel *at = lk_arena_at(arena, *wheel);
    lk_wheel_init(at != NULL ? at : &scratch, arena, TW_NODE_BASE + lk_tcp_nodes(&w->config.tcp), w->now);
    return lk_tcp_init(arena, &w->config.tcp, seed, TW_NODE_BASE);
}

void tw_begin(struct tw *w, const char *profile, void (*tune)(struct lk_config *))
{
    memset(w, 0, sizeof *w);
    ck_assert_int_eq(lk_config_init(&w->config, profile), 0);
    if (tune != NULL)
        tune(&w->config);
    w->now = 1000 * LK_SECOND;
    struct lk_arena arena;
    uint64_t wheel;
    lk_arena_measure(&arena);
    layout(w, &arena, &wheel);
    size_t size = lk_arena_used(&arena);
    w->memory = malloc(size);
    ck_assert_ptr_nonnull(w->memory);
    ck_assert_int_eq(lk_arena_open(&arena, w->memory, size), 0);
    uint64_t tcp = layout(w, &arena, &wheel);
    ck_assert(tcp != UINT64_MAX);
    w->tcp = lk_arena_at(&arena, tcp);
    w->wheel = lk_arena_at(&arena, wheel);
    w->us = lk_addr_from_ip4(0x0a000001);
    w->peer = lk_addr_from_ip4(0x0a000002);
    w->mtu = 1500;
    w->peer_window = 65535;
    w->peer_wscale = -1;
    w->peer_mss = 1460;
    w->peer_ts = 5000;
    w->peer_isn = TW_PEER_ISN;
    w->our_port = TW_PORT;
    w->peer_port = TW_PEER_PORT;
}

void tw_end(struct tw *w)
{
    free(w->memory);
    w->memory = NULL;
}

struct lk_tcp_context tw_context(struct tw *w)
{
    return (struct lk_tcp_context){w->tcp, w->wheel, w->now};
}

static void check(struct tw *w)
{
    const char *where = "?";
    int broken = lk_tcp_check(w->tcp, w->wheel, &where);
    if (broken != 0) /* Check's own asserts write to a file each time */
        ck_abort_msg("invariant: %s", where);
}

static size_t peer_options(struct tw *w, unsigned control, uint8_t *options)
{
    static const uint8_t order[] = {2, 4, 8, 1, 3, 1, 1, 5};
    struct lk_tcp_options o = {0};
    if (control & S) {
        o.present |= w->peer_mss != 0 ? LK_TCP_HAS(LK_TCP_OPT_MSS) : 0;
        o.mss = (uint16_t)w->peer_mss;
        o.present |= w->peer_sack ? LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED) : 0;
        o.present |= w->peer_wscale >= 0 ? LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE) : 0;
        o.window_scale = (uint8_t)w->peer_wscale;
    }
    if (w->peer_timestamps) {
        o.present |= LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
        o.ts_val = w->peer_ts;
        o.ts_ecr = control & A ? w->last_ts : 0;
    }
    if (w->sack_count != 0) {
        o.present |= LK_TCP_HAS(LK_TCP_OPT_SACK);
        o.sack_count = (uint8_t)w->sack_count;
        for (unsigned i = 0; i < w->sack_count; i++)
            o.sack[i] = (struct lk_tcp_sack){w->isn + w->sacks[i].left, w->isn + w->sacks[i].right};
        w->sack_count = 0;
    }
    if (o.present == 0)
        return 0;
    int n = lk_tcp_options_emit(&o, order, sizeof order, options, LK_TCP_OPTIONS_MAX);
    ck_assert_int_ge(n, 0);
    return (size_t)n;
}

int tw_in_raw(struct tw *w, unsigned control, uint32_t seq, uint32_t ack, const uint8_t *options, size_t options_len, const uint8_t *text, uint32_t len)
{
    struct lk_tcp segment = {
        .source_port = w->peer_port, .destination_port = w->our_port, .sequence_number = w->peer_isn + seq,
        .acknowledgment_number = control & A ? w->isn + ack : 0, .control = (uint8_t)control, .window = (uint16_t)w->peer_window,
        .urgent_pointer = control & U ? 1 : 0, .options = options, .options_len = options_len, .payload = text, .payload_len = len,
    };
    size_t total = LK_TCP_HEADER + options_len + len;
    uint8_t *bytes = malloc(total); /* exact size, so that a sanitizer sees every byte too far */
    uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_addr_ip4(&w->peer), lk_addr_ip4(&w->us), 6, (uint16_t)total);
    ck_assert_int_eq(lk_tcp_emit_summed(&segment, pseudo, bytes, total), (int)total);
    struct lk_ip_in in = {.src = w->peer, .dst = w->us, .mtu = (uint16_t)w->mtu, .protocol = 6, .ttl = 64, .bytes = bytes, .len = (uint32_t)total,
                          .packet = bytes, .packet_len = (uint32_t)total};
    struct lk_tcp_context context = tw_context(w);
    int result = (int)lk_tcp_input(&context, &in);
    free(bytes);
    check(w);
    return result;
}

int tw_in(struct tw *w, unsigned control, uint32_t seq, uint32_t ack, uint32_t len)
{
    static uint8_t text[65536];
    uint8_t options[LK_TCP_OPTIONS_MAX];
    for (uint32_t i = 0; i < len; i++)
        text[i] = (uint8_t)(seq + i);
    size_t n = peer_options(w, control, options);
    return tw_in_raw(w, control, seq, ack, options, n, text, len);
}

bool tw_out(struct tw *w)
{
    uint8_t bytes[65536];
    struct lk_ip_out out = {.iface = LK_ANY, .bytes = bytes, .cap = sizeof bytes};
    struct lk_tcp_context context = tw_context(w);
    int n = lk_tcp_output(&context, &out);
    check(w);
    ck_assert_int_ge(n, 0);
    if (n == 0)
        return false;
    struct lk_tcp t;
    ck_assert_int_gt(lk_tcp_parse(bytes, (size_t)n, &t), 0);
    uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_addr_ip4(&out.src), lk_addr_ip4(&out.dst), 6, (uint16_t)n);
    ck_assert(lk_tcp_checksum_ok(bytes, (size_t)n, pseudo)); /* RFC 9293 MUST-2 */
    ck_assert(n + 20 <= (int)w->mtu);
    ck_assert(out.protocol == LK_TCP && out.iface == 0 && out.df == 1);
    ck_assert(lk_addr_equal(&out.src, &w->us) && lk_addr_equal(&out.dst, &w->peer));
    struct tw_segment *s = &w->last;
    ck_assert_int_eq(lk_tcp_options_parse(t.options, t.options_len, &s->options), 0);
    if (t.control & LK_TCP_SYN)
        w->isn = t.sequence_number;
    w->our_port = t.source_port;
    s->control = t.control;
    s->seq = t.sequence_number - w->isn;
    s->ack = t.control & A ? t.acknowledgment_number - w->peer_isn : 0;
    s->len = (uint32_t)t.payload_len;
    s->window = t.window;
    memcpy(s->payload, t.payload, t.payload_len);
    if (s->options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS))
        w->last_ts = s->options.ts_val;
    return true;
}

void tw_expect_at(struct tw *w, unsigned control, uint32_t seq, uint32_t ack, uint32_t len, const char *file, int line)
{
    ck_assert_msg(tw_out(w), "%s:%d: nothing was sent", file, line);
    const struct tw_segment *s = &w->last;
    bool same = (s->control & ~(unsigned)P) == (control & ~(unsigned)P) && s->seq == seq && s->ack == ack && s->len == len;
    ck_assert_msg(same, "%s:%d: sent control %02x seq %u ack %u len %u, expected control %02x seq %u ack %u len %u", file, line,
                  s->control, s->seq, s->ack, s->len, control, seq, ack, len);
}

void tw_nothing_at(struct tw *w, const char *file, int line)
{
    bool sent = tw_out(w);
    ck_assert_msg(!sent, "%s:%d: sent control %02x seq %u ack %u len %u, expected nothing", file, line, w->last.control, w->last.seq,
                  w->last.ack, w->last.len);
}

void tw_to(struct tw *w, lk_time at)
{
    uint32_t node;
    lk_time deadline;
    while (lk_wheel_pop(w->wheel, at, &node, &deadline)) {
        if (deadline > w->now)
            w->now = deadline;
        struct lk_tcp_context context = tw_context(w);
        lk_tcp_timer(&context, node);
        check(w);
    }
    w->now = at;
}

void tw_wait(struct tw *w, lk_time span)
{
    tw_to(w, w->now + span);
}

void tw_listen(struct tw *w)
{
    struct lk_tcp_context context = tw_context(w);
    struct lk_endpoint local = {.iface = LK_ANY, .port = TW_PORT};
    ck_assert_int_eq(lk_tcp_open(&context, &w->listener), 0);
    ck_assert_int_eq(lk_tcp_bind(&context, w->listener, &local), 0);
    ck_assert_int_eq(lk_tcp_listen(&context, w->listener, 5), 0);
    w->s = w->listener;
}

void tw_passive(struct tw *w)
{
    tw_listen(w);
    tw_in(w, S, 0, 0, 0);
    tw_expect(w, S | A, 0, 1, 0);
    tw_in(w, A, 1, 1, 0);
    struct lk_tcp_context context = tw_context(w);
    ck_assert_int_eq(lk_tcp_accept(&context, w->listener, &w->s, NULL), 0);
    ck_assert_int_eq(tw_state(w), LK_TCP_ESTABLISHED);
    tw_nothing(w);
}

void tw_connect(struct tw *w)
{
    struct lk_tcp_context context = tw_context(w);
    struct lk_endpoint remote = {.address = w->peer, .iface = LK_ANY, .port = TW_PEER_PORT};
    struct lk_tcp_route route = {.source = w->us, .iface = 0, .mtu = (uint16_t)w->mtu};
    ck_assert_int_eq(lk_tcp_open(&context, &w->s), 0);
    ck_assert_int_eq(lk_tcp_connect(&context, w->s, &remote, &route), 0);
}

void tw_active(struct tw *w)
{
    tw_connect(w);
    tw_expect(w, S, 0, 0, 0);
    tw_in(w, S | A, 0, 1, 0);
    tw_expect(w, A, 1, 1, 0);
    ck_assert_int_eq(tw_state(w), LK_TCP_ESTABLISHED);
    tw_nothing(w);
}

int tw_state(struct tw *w)
{
    struct lk_sock_info info;
    struct lk_endpoint local = {.address = w->us, .port = w->our_port};
    struct lk_endpoint remote = {.address = w->peer, .port = w->peer_port};
    if (lk_tcp_info(w->tcp, w->s, &info) == 0 || lk_tcp_tuple_info(w->tcp, &local, &remote, &info) == 0)
        return info.state;
    return -1;
}

struct lk_sock_info tw_info(struct tw *w)
{
    struct lk_sock_info info;
    struct lk_endpoint local = {.address = w->us, .port = w->our_port};
    struct lk_endpoint remote = {.address = w->peer, .port = w->peer_port};
    if (lk_tcp_info(w->tcp, w->s, &info) != 0)
        ck_assert_int_eq(lk_tcp_tuple_info(w->tcp, &local, &remote, &info), 0);
    return info;
}

int64_t tw_send(struct tw *w, uint32_t len)
{
    static uint8_t bytes[1 << 20];
    struct lk_sock_info info = tw_info(w);
    uint32_t next = info.snd_nxt + info.unsent - w->isn;
    for (uint32_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(next + i);
    struct lk_tcp_context context = tw_context(w);
    int64_t n = lk_tcp_send(&context, w->s, bytes, len);
    check(w);
    return n;
}

int64_t tw_recv(struct tw *w, uint32_t cap)
{
    static uint8_t bytes[1 << 20];
    struct lk_tcp_context context = tw_context(w);
    int64_t n = lk_tcp_recv(&context, w->s, bytes, cap, 0);
    check(w);
    return n;
}
