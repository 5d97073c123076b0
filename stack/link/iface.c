#include "stack/link/iface.h"
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

#define LLC_SNAP 8 /* LLC AA-AA-03, organization code 00-00-00, EtherType (RFC 1042) */

/* An 802.3 frame: its type field is a length, then LLC and SNAP (RFC 1042, header format). */
static int snap_input(const struct lk_ethernet *frame, struct lk_link_in *out)
{
    static const uint8_t header[6] = {0xaa, 0xaa, 0x03, 0, 0, 0};
    if (frame->type > 1500 || frame->type > frame->payload_len)
        return LK_E_MALFORMED; /* 1501..1535 is neither length nor type */
    if (frame->type < LLC_SNAP || !lk_memequal(frame->payload, header, sizeof header))
        return LK_E_MALFORMED;
    out->type = lk_load_be16(frame->payload + 6);
    out->offset = LK_ETHERNET_HEADER + LLC_SNAP;
    out->len = (uint32_t)frame->type - LLC_SNAP;
    return 0;
}

static int ethernet_input(const struct lk_link_iface *iface, const uint8_t *bytes, size_t len, struct lk_link_in *out)
{
    struct lk_ethernet frame;
    int header = lk_ethernet_parse(bytes, len, &frame);
    if (header < 0)
        return header;
    if (lk_ethernet_is_group(frame.source))
        return LK_E_MALFORMED; /* a group cannot send */
    if (lk_ethernet_is_broadcast(frame.destination))
        out->cast = LK_LINK_BROADCAST;
    else if (lk_ethernet_is_group(frame.destination))
        out->cast = LK_LINK_MULTICAST;
    else if (!lk_memequal(frame.destination, iface->mac, 6))
        return LK_E_NOTFOUND;
    lk_memcpy(out->source, frame.source, 6);
    if (frame.type < LK_ETHERTYPE_LEAST)
        return snap_input(&frame, out); /* RFC 1122 2.3.3: SHOULD be able to receive RFC 1042 */
    out->type = frame.type;
    out->offset = LK_ETHERNET_HEADER;
    out->len = (uint32_t)frame.payload_len;
    return 0;
}

int lk_link_input(const struct lk_link_iface *iface, const uint8_t *bytes, size_t len, struct lk_link_in *out)
{
    lk_memset(out, 0, sizeof *out);
    if (len > UINT32_MAX)
        return LK_E_MALFORMED;
    if (iface->kind == LK_LINK_IS_RAW) {
        out->type = LK_ETHERTYPE_IPV4;
        out->len = (uint32_t)len;
        return 0;
    }
    int error = ethernet_input(iface, bytes, len, out);
    if (error < 0)
        return error;
    if (out->type != LK_ETHERTYPE_IPV4 && out->type != LK_ETHERTYPE_ARP)
        return LK_E_UNSUPPORTED;
    return 0;
}

void lk_link_emit(const struct lk_link_iface *iface, const uint8_t destination[6], uint16_t type, uint8_t *buf)
{
    if (iface->kind != LK_LINK_IS_ETHERNET)
        return;
    lk_memcpy(buf, destination, 6);
    lk_memcpy(buf + 6, iface->mac, 6);
    lk_store_be16(buf + 12, type);
}

void lk_link_group_mac(bool broadcast, const struct lk_addr *address, uint8_t mac[6])
{
    if (broadcast) {
        lk_memset(mac, 0xff, 6);
        return;
    }
    /* RFC 1112 6.4: the low 23 bits of the group behind 01-00-5e */
    mac[0] = 0x01;
    mac[1] = 0x00;
    mac[2] = 0x5e;
    mac[3] = address->octet[13] & 0x7f;
    mac[4] = address->octet[14];
    mac[5] = address->octet[15];
}
