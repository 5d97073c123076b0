/* UDP (RFC 768). What it carries is told by the ports. */
#include "stack/wire/udp.h"
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"
#include "stack/wire/dhcp.h"
#include "stack/wire/dns.h"
#include "stack/wire/ipv4.h"

static uint64_t status_of(const struct lk_walk *w, const struct lk_view *v, uint32_t length, uint16_t checksum)
{
    if (checksum == 0)
        return LK_CHECKSUM_ABSENT;
    if (w->fragmented || v->captured < v->reported || v->captured < length || length < LK_UDP_HEADER)
        return LK_CHECKSUM_UNVERIFIED;
    uint64_t sum = lk_checksum_pseudo_ipv4(w->address[0], w->address[1], LK_PROTOCOL_UDP, (uint16_t)length);
    return lk_checksum_ok(lk_checksum_add(sum, v->bytes, length)) ? LK_CHECKSUM_GOOD : LK_CHECKSUM_BAD;
}

typedef bool (*reader)(struct lk_walk *w, const struct lk_view *v);

static reader reader_of(uint16_t port)
{
    switch (port) {
    case LK_DHCP_SERVER_PORT:
    case LK_DHCP_CLIENT_PORT: return lk_dissect_dhcp;
    case LK_DNS_PORT: return lk_dissect_dns;
    case 5353: return lk_dissect_mdns;
    case 5355: return lk_dissect_llmnr;
    default: return NULL;
    }
}

/* The lower port is asked first, as Wireshark does. */
static bool payload(struct lk_walk *w, const struct lk_view *v, uint32_t length)
{
    uint16_t from = lk_load_be16(v->bytes), to = lk_load_be16(v->bytes + 2);
    reader read = reader_of(from < to ? from : to);
    if (read == NULL)
        read = reader_of(from < to ? to : from);
    if (read == NULL || w->fragmented || length <= LK_UDP_HEADER)
        return true;
    struct lk_view inner = lk_view_from(v, LK_UDP_HEADER);
    inner = lk_view_cut(&inner, length - LK_UDP_HEADER);
    return read(w, &inner);
}

bool lk_dissect_udp(struct lk_walk *w, const struct lk_view *v)
{
    static const struct lk_row ports[] = {
        {"udp.srcport", 0, 2, LK_FIELD_DECIMAL, 0},
        {"udp.dstport", 2, 2, LK_FIELD_DECIMAL, 0},
        {"udp.port", 0, 2, LK_FIELD_DECIMAL, 0},
        {"udp.port", 2, 2, LK_FIELD_DECIMAL, 0},
    };
    static const struct lk_row length_row = {"udp.length", 4, 2, LK_FIELD_DECIMAL, 0};
    static const struct lk_row checksum_row = {"udp.checksum", 6, 2, LK_FIELD_HEX, 4};
    if (!lk_layer_open(w, "udp", v) || !lk_view_need(w, v, 0, 4) || !lk_add_rows(w, v, ports, sizeof ports / sizeof *ports) ||
        !lk_add_rows(w, v, &length_row, 1))
        return false;
    uint32_t length = lk_load_be16(v->bytes + 4);
    if (length < LK_UDP_HEADER)
        return lk_walk_end(w, LK_DISSECT_BOGUS, v->at + 4, "UDP length is below 8");
    if (!lk_add_rows(w, v, &checksum_row, 1) ||
        !lk_add_number(w, v, "udp.checksum.status", 6, 0, status_of(w, v, length, lk_load_be16(v->bytes + 6))))
        return false;
    if (length > v->reported && !w->fragmented && !w->in_error)
        return lk_walk_end(w, LK_DISSECT_BOGUS, v->at + 4, "UDP length goes beyond the datagram");
    return payload(w, v, length < v->reported ? length : v->reported);
}
