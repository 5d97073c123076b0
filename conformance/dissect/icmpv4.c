/* ICMP for IPv4 (RFC 792, RFC 1191), and the datagram that an error quotes. */
#include "stack/wire/icmpv4.h"
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"

#define INFORMATION_REQUEST 15 /* RFC 792, gone */
#define INFORMATION_REPLY 16
#define MASK_REQUEST 17 /* RFC 950 */
#define MASK_REPLY 18

static bool add_identifier(struct lk_walk *w, const struct lk_view *v)
{
    if (!lk_view_need(w, v, 4, 2))
        return false;
    const uint8_t *b = v->bytes;
    return lk_add_number(w, v, "icmp.ident", 4, 2, lk_load_be16(b + 4)) && lk_add_number(w, v, "icmp.ident_le", 4, 2, lk_load_le16(b + 4)) &&
           lk_view_need(w, v, 6, 2) && lk_add_number(w, v, "icmp.seq", 6, 2, lk_load_be16(b + 6)) &&
           lk_add_number(w, v, "icmp.seq_le", 6, 2, lk_load_le16(b + 6));
}

static bool add_timestamps(struct lk_walk *w, const struct lk_view *v)
{
    static const struct lk_row rows[] = {
        {"icmp.originate_timestamp", 8, 4, LK_FIELD_DECIMAL, 0},
        {"icmp.receive_timestamp", 12, 4, LK_FIELD_DECIMAL, 0},
        {"icmp.transmit_timestamp", 16, 4, LK_FIELD_DECIMAL, 0},
    };
    return add_identifier(w, v) && lk_add_rows(w, v, rows, sizeof rows / sizeof *rows);
}

/* The word after the checksum, by type. */
static bool add_word(struct lk_walk *w, const struct lk_view *v, uint8_t type, uint8_t code)
{
    static const struct lk_row gateway = {"icmp.redir_gw", 4, 4, LK_FIELD_IPV4, 0};
    static const struct lk_row pointer = {"icmp.pointer", 4, 1, LK_FIELD_DECIMAL, 0};
    static const struct lk_row mtu = {"icmp.mtu", 6, 2, LK_FIELD_DECIMAL, 0};
    static const struct lk_row mask = {"icmp.address_mask", 8, 4, LK_FIELD_IPV4, 0};
    switch (type) {
    case LK_ICMPV4_ECHO:
    case LK_ICMPV4_ECHO_REPLY:
    case INFORMATION_REQUEST:
    case INFORMATION_REPLY:
        return add_identifier(w, v);
    case LK_ICMPV4_TIMESTAMP:
    case LK_ICMPV4_TIMESTAMP_REPLY:
        return add_timestamps(w, v);
    case MASK_REQUEST:
    case MASK_REPLY:
        return add_identifier(w, v) && lk_add_rows(w, v, &mask, 1);
    case LK_ICMPV4_REDIRECT:
        return lk_add_rows(w, v, &gateway, 1);
    case LK_ICMPV4_PARAMETER_PROBLEM:
        return lk_add_rows(w, v, &pointer, 1);
    case LK_ICMPV4_DESTINATION_UNREACHABLE:
        return code != LK_ICMPV4_FRAGMENTATION_NEEDED || lk_add_rows(w, v, &mtu, 1);
    default:
        return true;
    }
}

static bool dissect_quoted(struct lk_walk *w, const struct lk_view *v)
{
    if (v->reported < LK_ICMPV4_HEADER)
        return lk_walk_end(w, LK_DISSECT_SHORT, v->at + v->reported, "the layer below ends here");
    struct lk_view quoted = lk_view_from(v, LK_ICMPV4_HEADER);
    bool in_error = w->in_error;
    w->in_error = w->below_icmp = true;
    bool more = lk_dissect_ipv4(w, &quoted);
    w->in_error = in_error;
    return more;
}

bool lk_dissect_icmpv4(struct lk_walk *w, const struct lk_view *v)
{
    static const struct lk_row rows[] = {
        {"icmp.type", 0, 1, LK_FIELD_DECIMAL, 0},
        {"icmp.code", 1, 1, LK_FIELD_DECIMAL, 0},
        {"icmp.checksum", 2, 2, LK_FIELD_HEX, 4},
    };
    if (!lk_layer_open(w, "icmp", v) || !lk_view_need(w, v, 0, 4) || !lk_add_rows(w, v, rows, sizeof rows / sizeof *rows))
        return false;
    uint64_t status = LK_CHECKSUM_UNVERIFIED;
    if (!w->fragmented && v->captured >= v->reported && !w->in_error)
        status = lk_checksum_ok(lk_checksum_add(0, v->bytes, v->reported)) ? LK_CHECKSUM_GOOD : LK_CHECKSUM_BAD;
    uint8_t type = v->bytes[0];
    if (!lk_add_number(w, v, "icmp.checksum.status", 2, 0, status) || !add_word(w, v, type, v->bytes[1]))
        return false;
    return !lk_icmpv4_is_error(type) || dissect_quoted(w, v);
}
