/* The options of a TCP header (RFC 9293 section 3.2, RFC 7323, RFC 2018, RFC 5482, RFC 7413, RFC 2385). */
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"
#include "stack/wire/tcp.h"

#define OPT_ECHO 6            /* RFC 1072, gone */
#define OPT_ECHO_REPLY 7      /* RFC 1072, gone */
#define OPT_CC 11             /* RFC 1644, gone, as the next two */
#define OPT_CC_ECHO 13
#define OPT_MD5 19            /* RFC 2385 */
#define OPT_FAST_OPEN 34      /* RFC 7413 */
#define OPT_EXPERIMENT 253    /* RFC 6994 */
#define FAST_OPEN_MAGIC 0xf989u

/* One option: where it stands, and how long it is. */
struct option {
    const struct lk_view *v;
    const struct lk_tcp_context *tcp;
    uint32_t at, len;
};

static bool wrong_size(struct lk_walk *w, const struct option *o)
{
    lk_walk_note(w, o->v->at + o->at + 1, "a TCP option has another length than its RFC gives it");
    return true;
}

static bool add32(struct lk_walk *w, const struct option *o, const char *name, uint32_t offset, uint32_t base)
{
    return lk_add_number(w, o->v, name, o->at + offset, 4, (uint32_t)(lk_load_be32(o->v->bytes + o->at + offset) - base));
}

static bool add_mss(struct lk_walk *w, const struct option *o)
{
    if (o->len != 4)
        return wrong_size(w, o);
    return lk_add_number(w, o->v, "tcp.options.mss_val", o->at + 2, 2, lk_load_be16(o->v->bytes + o->at + 2));
}

static bool add_window_scale(struct lk_walk *w, const struct option *o)
{
    if (o->len != 3)
        return wrong_size(w, o);
    uint32_t shift = o->v->bytes[o->at + 2];
    if (!lk_add_number(w, o->v, "tcp.options.wscale.shift", o->at + 2, 1, shift))
        return false;
    if (shift > 14) { /* RFC 7323 section 2.3: log it and use 14 */
        lk_walk_note(w, o->v->at + o->at + 2, "window scale above 14");
        shift = 14;
    }
    if (o->tcp->flow != NULL && (o->tcp->flags & LK_TCP_SYN) && !w->in_error)
        o->tcp->flow->scale[o->tcp->side] = (int8_t)shift;
    return lk_add_number(w, o->v, "tcp.options.wscale.multiplier", o->at + 2, 0, UINT64_C(1) << shift);
}

static bool add_sack(struct lk_walk *w, const struct option *o)
{
    const struct lk_dissect_flow *flow = o->tcp->flow;
    uint32_t base = flow != NULL && flow->has_base[!o->tcp->side] ? flow->base[!o->tcp->side] : 0, count = 0;
    if ((o->len - 2) % 8 != 0)
        wrong_size(w, o);
    for (uint32_t i = 2; i + 4 <= o->len; i += 8) {
        if (!add32(w, o, "tcp.options.sack_le", i, base))
            return false;
        if (i + 8 > o->len)
            break;
        if (!add32(w, o, "tcp.options.sack_re", i + 4, base))
            return false;
        count++;
    }
    return lk_add_number(w, o->v, "tcp.options.sack.count", o->at, 0, count);
}

static bool add_timestamps(struct lk_walk *w, const struct option *o)
{
    if (o->len != 10)
        return wrong_size(w, o);
    return add32(w, o, "tcp.options.timestamp.tsval", 2, 0) && add32(w, o, "tcp.options.timestamp.tsecr", 6, 0);
}

static bool add_user_timeout(struct lk_walk *w, const struct option *o)
{
    if (o->len != 4)
        return wrong_size(w, o);
    uint16_t word = lk_load_be16(o->v->bytes + o->at + 2);
    return lk_add_number(w, o->v, "tcp.options.user_to_granularity", o->at + 2, 2, word >> 15) &&
           lk_add_number(w, o->v, "tcp.options.user_to_val", o->at + 2, 2, word & 0x7fffu);
}

static bool add_cookie(struct lk_walk *w, const struct option *o, uint32_t head)
{
    if (o->len == head) /* a request for a cookie */
        return lk_add_number(w, o->v, "tcp.options.tfo.request", o->at, 0, 1);
    return lk_add_octets(w, o->v, "tcp.options.tfo.cookie", o->at + head, o->len - head, LK_FIELD_BYTES);
}

static bool add_experiment(struct lk_walk *w, const struct option *o)
{
    if (o->len < 4)
        return wrong_size(w, o);
    uint16_t id = lk_load_be16(o->v->bytes + o->at + 2);
    if (!lk_add_hex(w, o->v, "tcp.options.experimental.exid", o->at + 2, 2, id, 4))
        return false;
    if (id == FAST_OPEN_MAGIC)
        return add_cookie(w, o, 4);
    return o->len == 4 || lk_add_octets(w, o->v, "tcp.options.experimental.data", o->at + 4, o->len - 4, LK_FIELD_BYTES);
}

static bool add_echo(struct lk_walk *w, const struct option *o, const char *name)
{
    return o->len == 6 ? add32(w, o, name, 2, 0) : wrong_size(w, o);
}

static bool add_md5(struct lk_walk *w, const struct option *o)
{
    if (o->len != 18)
        return wrong_size(w, o);
    return lk_add_octets(w, o->v, "tcp.options.md5.digest", o->at + 2, 16, LK_FIELD_BYTES);
}

static bool add_value(struct lk_walk *w, const struct option *o, unsigned kind)
{
    switch (kind) {
    case LK_TCP_OPT_MSS:
        return add_mss(w, o);
    case LK_TCP_OPT_WINDOW_SCALE:
        return add_window_scale(w, o);
    case LK_TCP_OPT_SACK_PERMITTED:
        return o->len == 2 || wrong_size(w, o);
    case LK_TCP_OPT_SACK:
        return add_sack(w, o);
    case LK_TCP_OPT_TIMESTAMPS:
        return add_timestamps(w, o);
    case LK_TCP_OPT_USER_TIMEOUT:
        return add_user_timeout(w, o);
    case OPT_ECHO:
    case OPT_ECHO_REPLY:
        return add_echo(w, o, "tcp.options.echo_value");
    case OPT_CC:
    case OPT_CC + 1:
    case OPT_CC_ECHO:
        return add_echo(w, o, "tcp.options.cc_value");
    case OPT_MD5:
        return add_md5(w, o);
    case OPT_FAST_OPEN:
        return add_cookie(w, o, 2);
    case OPT_EXPERIMENT:
    case OPT_EXPERIMENT + 1:
        return add_experiment(w, o);
    default:
        return true;
    }
}

/* Both sides must offer window scaling; one SYN without it settles the matter (RFC 7323 section 2.2). */
static void settle_window_scale(const struct lk_tcp_context *tcp)
{
    if (tcp->flow == NULL || !(tcp->flags & LK_TCP_SYN))
        return;
    int8_t *own = &tcp->flow->scale[tcp->side], *other = &tcp->flow->scale[!tcp->side];
    if (*own == -1)
        *own = *other = -2;
    else if ((tcp->flags & LK_TCP_ACK) && *other == -2)
        *own = -2;
}

/* What follows the end of the list, octet by octet as tshark shows it; it should be zero (RFC 9293 section 3.1, Padding). */
static bool add_padding(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint32_t end)
{
    for (; at < end; at++) {
        if (v->bytes[at] != 0)
            lk_walk_note(w, v->at + at, "octets other than zero after the end of the TCP options");
        else if (!lk_add_number(w, v, "tcp.option_kind", at, 1, 0))
            return false;
    }
    return true;
}

static bool add_options(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t len, struct lk_tcp_context *tcp)
{
    size_t next = 0;
    for (;;) {
        struct lk_option option;
        struct option o = {v, tcp, offset + (uint32_t)next, 0};
        int step = lk_option_next(v->bytes + offset, len, &next, &option);
        if (step < 0)
            lk_walk_note(w, v->at + o.at, "a TCP option is longer than the options, or shorter than its own head");
        if (step <= 0)
            return true;
        o.len = option.length;
        if (!lk_add_number(w, v, "tcp.option_kind", o.at, 1, option.kind))
            return false;
        if (option.kind == LK_TCP_OPT_END)
            return add_padding(w, v, o.at + 1, offset + len);
        if (option.kind == LK_TCP_OPT_NOP)
            continue;
        if (!lk_add_number(w, v, "tcp.option_len", o.at + 1, 1, option.length) || !add_value(w, &o, option.kind))
            return false;
    }
}

/* Options that the capture cuts short are shown as far as they go. */
static bool add_cut_options(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t len, struct lk_tcp_context *tcp)
{
    uint32_t there = v->captured > offset ? v->captured - offset : 0;
    if (there > 0 && lk_add_octets(w, v, "tcp.options", offset, there, LK_FIELD_BYTES))
        add_options(w, v, offset, there, tcp);
    return lk_view_need(w, v, offset, len);
}

bool lk_dissect_tcp_options(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t len, struct lk_tcp_context *tcp)
{
    if (offset + len > v->captured)
        return add_cut_options(w, v, offset, len, tcp);
    if (len > 0 && (!lk_add_octets(w, v, "tcp.options", offset, len, LK_FIELD_BYTES) || !add_options(w, v, offset, len, tcp)))
        return false;
    if (!w->in_error && !w->fragmented)
        settle_window_scale(tcp);
    return true;
}
