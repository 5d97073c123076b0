/* Ethernet II (RFC 894), and as far as it goes IEEE 802.3: the length in place of the type. */
#include "stack/wire/ethernet.h"
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"

#define LENGTH_MOST 1500 /* IEEE 802.3: up to here the number is a length */

bool lk_dissect_ethernet(struct lk_walk *w, const struct lk_view *v)
{
    static const struct lk_row addresses[] = {
        {"eth.dst", 0, 6, LK_FIELD_MAC, 0},
        {"eth.addr", 0, 6, LK_FIELD_MAC, 0},
        {"eth.src", 6, 6, LK_FIELD_MAC, 0},
        {"eth.addr", 6, 6, LK_FIELD_MAC, 0},
    };
    if (!lk_layer_open(w, "eth", v) || !lk_view_need(w, v, 0, LK_ETHERNET_HEADER))
        return false;
    uint16_t type = lk_load_be16(v->bytes + 12);
    if (!lk_add_rows(w, v, addresses, sizeof addresses / sizeof *addresses))
        return false;
    if (type <= LENGTH_MOST)
        return lk_add_number(w, v, "eth.len", 12, 2, type);
    if (type < LK_ETHERTYPE_LEAST) {
        lk_walk_note(w, v->at + 12, "neither a length nor a type");
        return lk_add_hex(w, v, "eth.invalid_lentype", 12, 2, type, 4);
    }
    if (!lk_add_hex(w, v, "eth.type", 12, 2, type, 4))
        return false;
    struct lk_view payload = lk_view_from(v, LK_ETHERNET_HEADER);
    if (type == LK_ETHERTYPE_ARP)
        return lk_dissect_arp(w, &payload);
    if (type == LK_ETHERTYPE_IPV4)
        return lk_dissect_ipv4(w, &payload);
    return true;
}
