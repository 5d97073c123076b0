#include "conformance/dissect/peel.h"

#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"

#include <string.h>

/* What is left of the frame: `at` moves inwards. */
struct cursor { const uint8_t *bytes; uint32_t at, captured, length; };

/* Whether `n` more bytes are captured; otherwise why not, in *why. */
static bool need(const struct cursor *c, uint32_t n, enum lk_peel *why)
{
    if (c->captured >= n && c->at <= c->captured - n)
        return true;
    *why = c->length >= n && c->at <= c->length - n ? LK_PEEL_CUT : LK_PEEL_MALFORMED;
    return false;
}

/* The transport goes on to the IP packet's end; a capture that was cut without saying so ends earlier. */
static enum lk_peel transport(const struct cursor *c, uint32_t end, struct lk_peeled *out)
{
    out->at = c->at;
    out->len = end - c->at;
    out->captured = c->captured > c->at ? c->captured - c->at : 0;
    if (out->captured > out->len)
        out->captured = out->len;
    return LK_PEEL_TRANSPORT;
}

/* RFC 791 3.1 */
static enum lk_peel ipv4(struct cursor *c, struct lk_peeled *out)
{
    enum lk_peel why;
    out->ip_at = c->at;
    if (!need(c, 20, &why))
        return why;
    const uint8_t *h = c->bytes + c->at;
    uint32_t header = (h[0] & 15u) * 4, total = lk_load_be16(h + 2), room = c->length - c->at;
    if (h[0] >> 4 != 4 || header < 20)
        return LK_PEEL_MALFORMED;
    if (total == 0) {
        out->giant = true; /* segmentation offload leaves the length to the card */
        total = room;
    }
    if (total < header)
        return LK_PEEL_MALFORMED;
    if (!need(c, header, &why))
        return why;
    out->version = 4;
    out->src = lk_addr_from_ip4(lk_load_be32(h + 12));
    out->dst = lk_addr_from_ip4(lk_load_be32(h + 16));
    out->protocol = h[9];
    out->ttl = h[8];
    out->has_id = true;
    out->id = (uint16_t)lk_load_be16(h + 4);
    out->ip_checksum_bad = !lk_checksum_ok(lk_checksum_add(0, h, header));
    out->first_fragment = (h[6] & 0x20) != 0;
    uint32_t offset = lk_load_be16(h + 6) & 0x1fff, end = c->at + total;
    c->at += header;
    transport(c, end, out);
    return offset == 0 ? LK_PEEL_TRANSPORT : LK_PEEL_FRAGMENT;
}

/* RFC 8200 4: the extension headers up to the transport; at most eight, as nobody sends more. */
static enum lk_peel extensions(struct cursor *c, uint32_t end, struct lk_peeled *out)
{
    enum lk_peel why;
    for (unsigned i = 0; i < 8; i++) {
        uint8_t kind = out->protocol;
        if (kind != 0 && kind != 43 && kind != 44 && kind != 51 && kind != 60)
            return transport(c, end, out);
        if (!need(c, 8, &why))
            return why;
        const uint8_t *h = c->bytes + c->at;
        uint32_t len = kind == 44 ? 8 : kind == 51 ? (h[1] + 2u) * 4 : (h[1] + 1u) * 8;
        if (len > end - c->at)
            return LK_PEEL_MALFORMED;
        out->protocol = h[0];
        c->at += len;
        if (kind == 44) { /* 4.5 */
            out->first_fragment = (h[3] & 1) != 0;
            if ((lk_load_be16(h + 2) & 0xfff8) != 0) {
                transport(c, end, out);
                return LK_PEEL_FRAGMENT;
            }
        }
    }
    return LK_PEEL_MALFORMED;
}

/* RFC 8200 3 */
static enum lk_peel ipv6(struct cursor *c, struct lk_peeled *out)
{
    enum lk_peel why;
    out->ip_at = c->at;
    if (!need(c, 40, &why))
        return why;
    const uint8_t *h = c->bytes + c->at;
    uint32_t payload = lk_load_be16(h + 4), room = c->length - c->at - 40;
    if (h[0] >> 4 != 6)
        return LK_PEEL_MALFORMED;
    if (payload == 0 && h[6] != 59) {
        out->giant = true;
        payload = room;
    }
    out->version = 6;
    memcpy(out->src.octet, h + 8, 16);
    memcpy(out->dst.octet, h + 24, 16);
    out->protocol = h[6];
    out->ttl = h[7];
    c->at += 40;
    return extensions(c, c->at + payload, out);
}

static enum lk_peel ip(struct cursor *c, struct lk_peeled *out)
{
    enum lk_peel why;
    if (!need(c, 1, &why))
        return why;
    return c->bytes[c->at] >> 4 == 6 ? ipv6(c, out) : ipv4(c, out);
}

/* RFC 1661 2, RFC 1332, RFC 5072: the protocol field may be compressed to one byte. */
static enum lk_peel ppp(struct cursor *c, struct lk_peeled *out)
{
    enum lk_peel why;
    if (!need(c, 2, &why))
        return why;
    const uint8_t *h = c->bytes + c->at;
    if (h[0] == 0xff && h[1] == 0x03) {
        c->at += 2;
        if (!need(c, 2, &why))
            return why;
        h += 2;
    }
    uint32_t protocol = h[0] & 1 ? h[0] : lk_load_be16(h);
    c->at += h[0] & 1 ? 1 : 2;
    return protocol == 0x21 ? ipv4(c, out) : protocol == 0x57 ? ipv6(c, out) : LK_PEEL_OTHER;
}

/* RFC 3032 2.1: labels up to the bottom of the stack; what follows is told from its first nibble. */
static enum lk_peel mpls(struct cursor *c, struct lk_peeled *out)
{
    enum lk_peel why;
    for (unsigned labels = 0; labels < 16; labels++) {
        if (!need(c, 5, &why))
            return why;
        bool bottom = (c->bytes[c->at + 2] & 1) != 0;
        c->at += 4;
        if (bottom)
            return c->bytes[c->at] >> 4 == 4 ? ipv4(c, out) : c->bytes[c->at] >> 4 == 6 ? ipv6(c, out) : LK_PEEL_OTHER;
    }
    return LK_PEEL_MALFORMED;
}

/* What follows an EtherType. */
static enum lk_peel ethertype(struct cursor *c, uint32_t type, struct lk_peeled *out)
{
    enum lk_peel why;
    for (unsigned tags = 0; type == 0x8100 || type == 0x88a8 || type == 0x9100; tags++) {
        if (tags == 4)
            return LK_PEEL_MALFORMED;
        if (!need(c, 4, &why))
            return why;
        if (tags == 0)
            out->vlan = (lk_load_be16(c->bytes + c->at) & 0xfff) + 1;
        type = lk_load_be16(c->bytes + c->at + 2);
        c->at += 4;
    }
    switch (type) {
    case 0x0800: return ipv4(c, out);
    case 0x86dd: return ipv6(c, out);
    case 0x0806: return transport(c, c->length, out), LK_PEEL_ARP;
    case 0x8847: case 0x8848: return mpls(c, out);
    case 0x8864: /* RFC 2516 4 */
        if (!need(c, 6, &why))
            return why;
        c->at += 6;
        return ppp(c, out);
    default: return LK_PEEL_OTHER;
    }
}

static enum lk_peel ethernet(struct cursor *c, struct lk_peeled *out)
{
    enum lk_peel why;
    if (!need(c, 14, &why))
        return why;
    uint32_t type = lk_load_be16(c->bytes + 12);
    c->at += 14;
    if (type > 1500)
        return ethertype(c, type, out);
    static const uint8_t snap[] = {0xaa, 0xaa, 3, 0, 0, 0}; /* RFC 1042 */
    if (!need(c, 8, &why))
        return why;
    if (memcmp(c->bytes + c->at, snap, sizeof snap) != 0)
        return LK_PEEL_OTHER;
    type = lk_load_be16(c->bytes + c->at + 6);
    c->at += 8;
    return ethertype(c, type, out);
}

/* A header of `len` bytes with an EtherType at `type_at`. */
static enum lk_peel cooked(struct cursor *c, uint32_t len, uint32_t type_at, struct lk_peeled *out)
{
    enum lk_peel why;
    if (!need(c, len, &why))
        return why;
    uint32_t type = lk_load_be16(c->bytes + type_at);
    c->at += len;
    return ethertype(c, type, out);
}

/* NULL and LOOP: the address family as the capturing machine numbers it, in its byte order or in network order. */
static enum lk_peel loopback(struct cursor *c, struct lk_peeled *out)
{
    enum lk_peel why;
    if (!need(c, 4, &why))
        return why;
    uint32_t family = lk_load_be32(c->bytes);
    if (family > 0xffff)
        family = (family >> 24 & 0xff) | (family >> 8 & 0xff00);
    c->at += 4;
    if (family == 2)
        return ipv4(c, out);
    return family == 10 || family == 24 || family == 28 || family == 30 ? ipv6(c, out) : LK_PEEL_OTHER;
}

enum lk_peel lk_peel(uint32_t link, const uint8_t *bytes, uint32_t captured, uint32_t length, struct lk_peeled *out)
{
    struct cursor c = {.bytes = bytes, .captured = captured, .length = length < captured ? captured : length};
    memset(out, 0, sizeof *out);
    switch (link) {
    case 1: return ethernet(&c, out);
    case 0: case 108: return loopback(&c, out);
    case 12: case 14: case 101: case 228: case 229: return ip(&c, out);
    case 9: case 50: return ppp(&c, out);
    case 204: c.at = 1; return ppp(&c, out);
    case 113: return cooked(&c, 16, 14, out);
    case 276: return cooked(&c, 20, 0, out);
    default: return LK_PEEL_UNSUPPORTED;
    }
}
