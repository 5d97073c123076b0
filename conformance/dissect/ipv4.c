/* IPv4 (RFC 791 section 3.1): the header, and which layer its payload is. */
#include "stack/wire/ipv4.h"
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"

static bool add_service(struct lk_walk *w, const struct lk_view *v)
{
    if (!lk_view_need(w, v, 1, 1))
        return false;
    uint8_t octet = v->bytes[1];
    return lk_add_hex(w, v, "ip.dsfield", 1, 1, octet, 2) && lk_add_number(w, v, "ip.dsfield.dscp", 1, 1, octet >> 2) &&
           lk_add_number(w, v, "ip.dsfield.ecn", 1, 1, octet & 3u);
}

static bool add_fragmenting(struct lk_walk *w, const struct lk_view *v)
{
    if (!lk_view_need(w, v, 4, 2) || !lk_add_hex(w, v, "ip.id", 4, 2, lk_load_be16(v->bytes + 4), 4) || !lk_view_need(w, v, 6, 2))
        return false;
    uint16_t word = lk_load_be16(v->bytes + 6);
    return lk_add_hex(w, v, "ip.flags", 6, 1, word >> 13, 2) && lk_add_number(w, v, "ip.flags.rb", 6, 1, word >> 15) &&
           lk_add_number(w, v, "ip.flags.df", 6, 1, word >> 14 & 1u) && lk_add_number(w, v, "ip.flags.mf", 6, 1, word >> 13 & 1u) &&
           lk_add_number(w, v, "ip.frag_offset", 6, 2, word & 0x1fffu);
}

/* Time to live to the destination address. */
static bool add_rest(struct lk_walk *w, const struct lk_view *v, uint32_t header, bool *sound)
{
    static const struct lk_row before[] = {
        {"ip.ttl", 8, 1, LK_FIELD_DECIMAL, 0},
        {"ip.proto", 9, 1, LK_FIELD_DECIMAL, 0},
        {"ip.checksum", 10, 2, LK_FIELD_HEX, 4},
    };
    bool whole = v->captured >= header;
    *sound = !whole || lk_checksum_ok(lk_checksum_add(0, v->bytes, header));
    uint64_t status = !whole ? LK_CHECKSUM_UNVERIFIED : *sound ? LK_CHECKSUM_GOOD : LK_CHECKSUM_BAD;
    uint32_t destination = lk_dissect_ipv4_destination(v, header);
    if (!lk_add_rows(w, v, before, sizeof before / sizeof *before) || !lk_add_number(w, v, "ip.checksum.status", 10, 0, status) ||
        !lk_add_octets(w, v, "ip.src", 12, 4, LK_FIELD_IPV4) || !lk_add_octets(w, v, "ip.addr", 12, 4, LK_FIELD_IPV4))
        return false;
    w->address[0] = lk_load_be32(v->bytes + 12);
    if (destination != 16 && !lk_add_octets(w, v, "ip.cur_rt", 16, 4, LK_FIELD_IPV4))
        return false;
    if (!lk_add_octets(w, v, "ip.dst", destination, 4, LK_FIELD_IPV4) || !lk_add_octets(w, v, "ip.addr", destination, 4, LK_FIELD_IPV4))
        return false;
    w->address[1] = lk_load_be32(v->bytes + destination);
    return true;
}

static bool dissect_payload(struct lk_walk *w, const struct lk_view *v, uint8_t protocol)
{
    switch (protocol) {
    case LK_PROTOCOL_ICMP:
        return lk_dissect_icmpv4(w, v);
    case LK_PROTOCOL_TCP:
        return lk_dissect_tcp(w, v);
    case LK_PROTOCOL_UDP:
        return lk_dissect_udp(w, v);
    default:
        return true;
    }
}

/* A fragment: the whole datagram when this was its last missing one, the first fragment as far as it goes, else nothing. */
static bool dissect_fragment(struct lk_walk *w, const struct lk_view *payload, const uint8_t *header, bool sound)
{
    uint16_t word = lk_load_be16(header + 6);
    struct lk_dissect_piece piece = {.source = w->address[0], .destination = w->address[1], .identification = lk_load_be16(header + 4),
                                     .protocol = header[9], .more = (word & 0x2000u) != 0, .at = (word & 0x1fffu) * 8u,
                                     .len = payload->reported, .bytes = payload->bytes};
    if (sound && payload->reported > 0 && payload->captured >= payload->reported) {
        const uint8_t *whole = NULL;
        uint32_t len = lk_dissect_reassemble(w->memory, &piece, &whole);
        if (len == 0 && w->memory != NULL && w->memory->datagram_cap > 0)
            return true;
        if (len > 0) {
            struct lk_view datagram = {whole, payload->at, len, len};
            return dissect_payload(w, &datagram, piece.protocol);
        }
    }
    if (piece.at != 0)
        return true;
    w->fragmented = true;
    return dissect_payload(w, payload, piece.protocol);
}

/* Version to Total Length. The bytes of the header, and *v is cut to the datagram; 0 when the walk is at its end. */
static uint32_t read_lengths(struct lk_walk *w, struct lk_view *v)
{
    if (!lk_view_need(w, v, 0, 1))
        return 0;
    uint32_t version = v->bytes[0] >> 4, header = (v->bytes[0] & 15u) * 4u;
    if (!lk_add_number(w, v, "ip.version", 0, 1, version))
        return 0;
    if (version != 4)
        return lk_walk_end(w, LK_DISSECT_BOGUS, v->at, "IP version is not 4");
    if (!lk_add_number(w, v, "ip.hdr_len", 0, 1, header))
        return 0;
    if (header < LK_IPV4_HEADER)
        return lk_walk_end(w, LK_DISSECT_BOGUS, v->at, "IP header length is below 20");
    if (!add_service(w, v) || !lk_view_need(w, v, 2, 2))
        return 0;
    uint32_t total = lk_load_be16(v->bytes + 2);
    if (total == 0) /* a segmentation offload leaves the length to the device: what is there counts */
        total = v->reported;
    if (!lk_add_number(w, v, "ip.len", 2, 2, total))
        return 0;
    if (total < header)
        return lk_walk_end(w, LK_DISSECT_BOGUS, v->at + 2, "IP total length is less than the header");
    if (total > v->reported)
        lk_walk_note(w, v->at + 2, "IP total length goes beyond the frame");
    *v = lk_view_cut(v, total);
    return header;
}

bool lk_dissect_ipv4(struct lk_walk *w, const struct lk_view *below)
{
    struct lk_view v = *below;
    bool sound;
    if (!lk_layer_open(w, "ip", &v))
        return false;
    uint32_t header = read_lengths(w, &v);
    if (header == 0 || !add_fragmenting(w, &v) || !add_rest(w, &v, header, &sound))
        return false;
    if (header > LK_IPV4_HEADER && !lk_dissect_ipv4_options(w, &v, LK_IPV4_HEADER, header - LK_IPV4_HEADER))
        return false;
    if (header > v.reported)
        return lk_walk_end(w, LK_DISSECT_SHORT, v.at + v.reported, "the layer below ends here");
    struct lk_view payload = lk_view_from(&v, header);
    uint8_t protocol = v.bytes[9];
    if ((lk_load_be16(v.bytes + 6) & 0x3fffu) != 0)
        return dissect_fragment(w, &payload, v.bytes, sound);
    return dissect_payload(w, &payload, protocol);
}
