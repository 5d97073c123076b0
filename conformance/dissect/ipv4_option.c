/* The options of an IPv4 header (RFC 791 section 3.1, RFC 2113). */
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"
#include "stack/wire/ipv4.h"

static bool is_source_route(uint8_t type)
{
    return type == LK_IPV4_OPT_LSRR || type == LK_IPV4_OPT_SSRR;
}

/* Where the final destination stands: in the last address of a source route, else in the header. */
uint32_t lk_dissect_ipv4_destination(const struct lk_view *v, uint32_t header)
{
    if (header > v->captured)
        return 16;
    size_t at = 0;
    struct lk_option option;
    while (lk_option_next(v->bytes + LK_IPV4_HEADER, header - LK_IPV4_HEADER, &at, &option) > 0)
        if (is_source_route(option.kind))
            return option.value_len >= 5 ? (uint32_t)(option.value + option.value_len - 4 - v->bytes) : 16;
    return 16;
}

static bool add_type(struct lk_walk *w, const struct lk_view *v, uint32_t at)
{
    uint8_t type = v->bytes[at];
    return lk_add_number(w, v, "ip.opt.type", at, 1, type) && lk_add_number(w, v, "ip.opt.type.copy", at, 1, type >> 7) &&
           lk_add_number(w, v, "ip.opt.type.class", at, 1, type >> 5 & 3u) && lk_add_number(w, v, "ip.opt.type.number", at, 1, type & 31u);
}

/* Record route and source routes: what lies before the pointer is recorded, what follows is to come. */
static bool add_route(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint32_t len)
{
    if (len < 3)
        return true;
    uint8_t pointer = v->bytes[at + 2];
    bool source = is_source_route(v->bytes[at]);
    if (!lk_add_number(w, v, "ip.opt.ptr", at + 2, 1, pointer))
        return false;
    for (uint32_t i = 3; i + 4 <= len; i += 4) {
        const char *name = i + 1 < pointer ? "ip.rec_rt" : source ? "ip.src_rt" : "ip.empty_rt";
        if (source && i + 8 > len)
            break; /* the last one is the destination: ip.dst */
        if (!lk_add_octets(w, v, name, at + i, 4, LK_FIELD_IPV4))
            return false;
    }
    return true;
}

static bool add_timestamp(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint32_t len)
{
    if (len < 4)
        return true;
    uint8_t flag = v->bytes[at + 3] & 15u;
    if (!lk_add_number(w, v, "ip.opt.ptr", at + 2, 1, v->bytes[at + 2]) ||
        !lk_add_number(w, v, "ip.opt.overflow", at + 3, 1, v->bytes[at + 3] >> 4) || !lk_add_hex(w, v, "ip.opt.flag", at + 3, 1, flag, 2))
        return false;
    for (uint32_t i = 4; i + (flag == 0 ? 4 : 8) <= len; i += 4) {
        if (flag != 0) {
            if (!lk_add_octets(w, v, "ip.opt.time_stamp_addr", at + i, 4, LK_FIELD_IPV4))
                return false;
            i += 4;
        }
        if (!lk_add_number(w, v, "ip.opt.time_stamp", at + i, 4, lk_load_be32(v->bytes + at + i)))
            return false;
    }
    return true;
}

static bool add_value(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint32_t len)
{
    switch (v->bytes[at]) {
    case LK_IPV4_OPT_RECORD_ROUTE:
    case LK_IPV4_OPT_LSRR:
    case LK_IPV4_OPT_SSRR:
        return add_route(w, v, at, len);
    case LK_IPV4_OPT_TIMESTAMP:
        return add_timestamp(w, v, at, len);
    case LK_IPV4_OPT_STREAM_ID:
        return len != 4 || lk_add_number(w, v, "ip.opt.sid", at + 2, 2, lk_load_be16(v->bytes + at + 2));
    case LK_IPV4_OPT_ROUTER_ALERT:
        return len != 4 || lk_add_number(w, v, "ip.opt.ra", at + 2, 2, lk_load_be16(v->bytes + at + 2));
    default:
        return true;
    }
}

bool lk_dissect_ipv4_options(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t len)
{
    if (!lk_view_need(w, v, offset, len))
        return false;
    size_t next = 0;
    for (;;) {
        struct lk_option option;
        uint32_t at = offset + (uint32_t)next;
        int step = lk_option_next(v->bytes + offset, len, &next, &option);
        if (step < 0)
            lk_walk_note(w, v->at + at, "an IP option is longer than the options, or shorter than its own head");
        if (step <= 0)
            return true;
        if (!add_type(w, v, at))
            return false;
        if (option.kind == LK_OPTION_END)
            return true;
        if (option.kind == LK_OPTION_NOP)
            continue;
        if (!lk_add_number(w, v, "ip.opt.len", at + 1, 1, option.length) || !add_value(w, v, at, option.length))
            return false;
    }
}
