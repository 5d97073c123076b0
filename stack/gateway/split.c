/* A packet that is too large for the network it goes to, and may be fragmented (RFC 791 3.2, RFC 1812 4.2.2.7): as few fragments
 * as possible, in order, each as large as the MTU allows. */
#include "stack/base/bytes.h"
#include "stack/base/mem.h"
#include "stack/gateway/edit.h"
#include "stack/gateway/state.h"

static uint8_t *kept(const struct lk_gateway *g)
{
    return (uint8_t *)(uintptr_t)g + g->split.bytes;
}

bool gw_split_begin(struct lk_gateway *g, struct lk_gateway_out *out)
{
    if (out->len > g->split.room)
        return false;
    lk_memcpy(kept(g), out->bytes, out->len);
    g->split.len = (uint32_t)out->len;
    g->split.sent = 0;
    g->split.iface = out->iface;
    g->split.next_hop = lk_addr_ip4(&out->next_hop);
    out->len = gw_split_next(g, out->bytes, out->cap);
    return true;
}

/* Options of the second and later fragments: those with the copied flag (RFC 791 3.1). Returns their padded length. */
static uint32_t copied_options(const uint8_t *whole, uint32_t header, uint8_t *to)
{
    struct lk_option option;
    size_t at = 0;
    uint32_t len = 0;
    while (lk_option_next(whole + LK_IPV4_HEADER, header - LK_IPV4_HEADER, &at, &option) == 1) {
        if ((option.kind & LK_IPV4_OPT_COPIED) == 0)
            continue;
        lk_memcpy(to + len, whole + LK_IPV4_HEADER + at - option.length, option.length);
        len += option.length;
    }
    uint32_t padded = (len + 3) / 4 * 4;
    lk_memset(to + len, LK_IPV4_OPT_END, padded - len);
    return padded;
}

size_t gw_split_next(struct lk_gateway *g, uint8_t *bytes, size_t cap)
{
    struct gw_split *s = &g->split;
    const uint8_t *whole = kept(g);
    uint32_t header = s->len == 0 ? 0 : (whole[0] & 15u) * 4, own = header, mtu = g->config.iface[s->iface].mtu;
    if (s->len == 0 || cap < mtu)
        return 0;
    lk_memcpy(bytes, whole, header);
    if (s->sent > 0)
        own = LK_IPV4_HEADER + copied_options(whole, header, bytes + LK_IPV4_HEADER);
    uint32_t left = s->len - header - s->sent, room = (mtu - own) / 8 * 8, part = left <= mtu - own ? left : room;
    lk_memcpy(bytes + own, whole + header + s->sent, part);
    /* The fragment may itself be one of several: its offset counts from its own, and more follow if more followed it. */
    uint16_t field = lk_load_be16(whole + 6);
    uint16_t offset = (uint16_t)((field & 0x1fff) + s->sent / 8);
    uint16_t flags = (uint16_t)((field & 0xe000) | (part < left ? LK_IPV4_MF << 13 : 0));
    bytes[0] = (uint8_t)(0x40 | own / 4);
    lk_store_be16(bytes + 2, (uint16_t)(own + part));
    lk_store_be16(bytes + 6, flags | offset);
    gw_edit_sum_header(bytes, own);
    s->sent += part;
    if (part == left)
        s->len = 0;
    return own + part;
}
