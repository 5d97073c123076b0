#include "conformance/audit/segment.h"

#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"

#include <string.h>

/* RFC 9293 3.1; RFC 8200 8.1 */
static enum lk_sum check(const uint8_t *tcp, const struct lk_peeled *ip)
{
    if (ip->captured < ip->len || ip->first_fragment || ip->giant)
        return LK_SUM_UNKNOWN;
    const uint8_t *src = ip->version == 4 ? ip->src.octet + 12 : ip->src.octet, *dst = ip->version == 4 ? ip->dst.octet + 12 : ip->dst.octet;
    size_t size = ip->version == 4 ? 4 : 16;
    uint64_t sum = lk_checksum_add(0, src, size);
    sum = lk_checksum_add(sum, dst, size);
    sum = lk_checksum_add32(sum, ip->len);
    sum = lk_checksum_add16(sum, 6);
    return lk_checksum_ok(lk_checksum_add(sum, tcp, ip->len)) ? LK_SUM_GOOD : LK_SUM_BAD;
}

static void one_option(const uint8_t *o, uint32_t len, struct lk_audit_segment *out)
{
    switch (o[0]) {
    case 2:
        out->has_mss = len == 4;
        if (out->has_mss) out->mss = (uint16_t)lk_load_be16(o + 2);
        break;
    case 3:
        out->has_wscale = len == 3;
        if (out->has_wscale) out->wscale_sent = o[2], out->wscale = o[2] > 14 ? 14 : o[2];
        break;
    case 4: out->sack_permitted = len == 2; break;
    case 5:
        out->sack_odd = len < 10 || len > 34 || (len - 2) % 8 != 0;
        if (out->sack_odd)
            break;
        out->sacks = (uint8_t)((len - 2) / 8);
        for (uint32_t i = 0; i < out->sacks; i++) {
            out->sack[i].from = lk_load_be32(o + 2 + 8 * i);
            out->sack[i].to = lk_load_be32(o + 6 + 8 * i);
        }
        break;
    case 8:
        out->has_ts = len == 10;
        if (out->has_ts) out->ts_val = lk_load_be32(o + 2), out->ts_ecr = lk_load_be32(o + 6);
        break;
    default: break;
    }
}

static void options(const uint8_t *o, uint32_t len, struct lk_audit_segment *out)
{
    static const uint8_t stamps[4] = {1, 1, 8, 10}; /* how nearly everybody lays them out: RFC 7323 appendix A */
    if (len == 12 && memcmp(o, stamps, 4) == 0) {
        one_option(o + 2, 10, out);
        return;
    }
    for (uint32_t at = 0; at < len && o[at] != 0;) {
        if (o[at] == 1) {
            at++;
            continue;
        }
        if (len - at < 2 || o[at + 1] < 2 || o[at + 1] > len - at)
            return;
        one_option(o + at, o[at + 1], out);
        at += o[at + 1];
    }
}

enum lk_audit_read lk_audit_segment_read(const uint8_t *frame, const struct lk_peeled *ip, struct lk_audit_segment *out)
{
    const uint8_t *h = frame + ip->at;
    memset(out, 0, sizeof *out);
    if (ip->captured >= 4) {
        out->source_port = (uint16_t)lk_load_be16(h);
        out->destination_port = (uint16_t)lk_load_be16(h + 2);
    }
    if (ip->captured < 20)
        return ip->len < 20 ? LK_AUDIT_BOGUS : LK_AUDIT_CUT;
    uint32_t header = (h[12] >> 4) * 4u;
    out->seq = lk_load_be32(h + 4);
    if (header < 20 || header > ip->len)
        return LK_AUDIT_BOGUS;
    out->ack = lk_load_be32(h + 8);
    out->flags = h[13] & 0x3f;
    out->window = (uint16_t)lk_load_be16(h + 14);
    out->payload = ip->len - header;
    out->payload_captured = ip->captured > header ? ip->captured - header : 0;
    out->bytes = h + header;
    out->options_cut = header > ip->captured;
    if (header > 20 && !out->options_cut)
        options(h + 20, header - 20, out);
    out->sum = (uint8_t)check(h, ip);
    return LK_AUDIT_WHOLE;
}
