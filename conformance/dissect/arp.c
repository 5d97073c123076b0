/* ARP (RFC 826), for every kind of hardware and protocol: addresses of unknown kinds are shown as octets. */
#include "stack/wire/arp.h"
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"
#include "stack/base/mem.h"
#include "stack/wire/ethernet.h"

/* The hardware types with addresses as Ethernet has them: Ethernet, IEEE 802. */
static bool has_macs(uint16_t hardware, uint8_t len)
{
    return (hardware == LK_ARP_HARDWARE_ETHERNET || hardware == 6) && len == 6;
}

static bool add_hardware(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint8_t len, bool mac, bool target)
{
    if (len == 0)
        return true;
    if (mac)
        return lk_add_octets(w, v, target ? "arp.dst.hw_mac" : "arp.src.hw_mac", at, len, LK_FIELD_MAC);
    return lk_add_octets(w, v, target ? "arp.dst.hw" : "arp.src.hw", at, len, LK_FIELD_BYTES);
}

static bool add_protocol(struct lk_walk *w, const struct lk_view *v, uint32_t at, uint8_t len, bool ipv4, bool target)
{
    if (len == 0)
        return true;
    if (ipv4)
        return lk_add_octets(w, v, target ? "arp.dst.proto_ipv4" : "arp.src.proto_ipv4", at, len, LK_FIELD_IPV4);
    return lk_add_octets(w, v, target ? "arp.dst.proto" : "arp.src.proto", at, len, LK_FIELD_BYTES);
}

bool lk_dissect_arp(struct lk_walk *w, const struct lk_view *v)
{
    static const struct lk_row fixed[] = {
        {"arp.hw.type", 0, 2, LK_FIELD_DECIMAL, 0},  {"arp.proto.type", 2, 2, LK_FIELD_HEX, 4}, {"arp.hw.size", 4, 1, LK_FIELD_DECIMAL, 0},
        {"arp.proto.size", 5, 1, LK_FIELD_DECIMAL, 0}, {"arp.opcode", 6, 2, LK_FIELD_DECIMAL, 0},
    };
    if (!lk_layer_open(w, "arp", v) || !lk_view_need(w, v, 0, 8))
        return false;
    const uint8_t *b = v->bytes;
    uint8_t hardware_len = b[4], protocol_len = b[5];
    bool mac = has_macs(lk_load_be16(b), hardware_len);
    bool ipv4 = lk_load_be16(b + 2) == LK_ETHERTYPE_IPV4 && protocol_len == 4;
    uint32_t sha = 8, spa = sha + hardware_len, tha = spa + protocol_len, tpa = tha + hardware_len;
    struct lk_view whole = lk_view_cut(v, tpa + protocol_len); /* what follows is padding of the link */
    return lk_add_rows(w, &whole, fixed, sizeof fixed / sizeof *fixed) &&
           add_hardware(w, &whole, sha, hardware_len, mac, false) && add_protocol(w, &whole, spa, protocol_len, ipv4, false) &&
           add_hardware(w, &whole, tha, hardware_len, mac, true) && add_protocol(w, &whole, tpa, protocol_len, ipv4, true);
}
