/* The interfaces of a host and what kind of link each is on. The link type is configuration: everything above this room
 * sees IP packets only, and everything below it frames.
 *
 * Ethernet: RFC 894 frames are sent; received are those and, mixed with them, RFC 1042 (802.3 with SNAP) ones
 * (RFC 1122 2.3.3). Raw IP: the frame is the packet (a TUN device, a point-to-point link). */
#ifndef LK_LINK_IFACE_H
#define LK_LINK_IFACE_H

#include "stack/base/types.h"
#include "stack/wire/ethernet.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_LINK_IFACES 8 /* interfaces of a stack at most */

enum lk_link_kind { LK_LINK_IS_ETHERNET = 0, LK_LINK_IS_RAW = 1 };

struct lk_link_iface {
    uint16_t mtu;     /* bytes of IP packet */
    uint16_t mtu_max; /* what mtu may be raised to */
    uint8_t kind;     /* enum lk_link_kind */
    uint8_t up;       /* 0 or 1 */
    uint8_t mac[6];
    uint32_t unused;  /* 0 */
};

struct lk_links {
    uint32_t count;
    uint32_t up; /* bit i: interface i is up */
    struct lk_link_iface at[LK_LINK_IFACES];
};

enum lk_link_cast { LK_LINK_UNICAST = 0, LK_LINK_BROADCAST = 1, LK_LINK_MULTICAST = 2 };

struct lk_link_in {
    uint16_t type;  /* EtherType: LK_ETHERTYPE_IPV4, LK_ETHERTYPE_ARP */
    uint8_t cast;   /* enum lk_link_cast: RFC 1122 2.4 wants IP told */
    uint8_t source[6];
    uint32_t offset; /* of the packet in the frame */
    uint32_t len;    /* of the packet, link padding included */
};

/* Takes the link header off a received frame. 0; LK_E_TRUNCATED: shorter than its header; LK_E_MALFORMED: a group address
 * as source, a length field that lies, or no LLC/SNAP header; LK_E_NOTFOUND: for another station; LK_E_UNSUPPORTED: a
 * type that nobody here takes. Drop it on each. */
int lk_link_input(const struct lk_link_iface *iface, const uint8_t *bytes, size_t len, struct lk_link_in *out);

/* Bytes the link puts before a packet. */
static inline uint32_t lk_link_header(const struct lk_link_iface *iface)
{
    return iface->kind == LK_LINK_IS_ETHERNET ? LK_ETHERNET_HEADER : 0;
}

/* Writes that header to buf. Nothing on raw IP. No padding: short frames are the driver's to pad, with zeros. */
void lk_link_emit(const struct lk_link_iface *iface, const uint8_t destination[6], uint16_t type, uint8_t *buf);

/* The Ethernet address for a broadcast, or for an IPv4 multicast address (RFC 1112 6.4). */
void lk_link_group_mac(bool broadcast, const struct lk_addr *address, uint8_t mac[6]);

#endif
