/* The quick way from a frame to its transport header: link header, VLAN tags, IPv4 or IPv6 with its extension headers. For who
 * judges millions of packets and does not want every field by name (that is lk_dissect()). Nothing is allocated or copied, no
 * byte outside the frame is looked at.
 *
 * Link types, by their numbers in capture files: Ethernet (1) with 802.1Q and 802.1ad tags, 802.3 SNAP, MPLS labels and PPPoE sessions, NULL (0),
 * LOOP (108), PPP (9, 50, 204), raw IP (12, 14, 101, 228, 229), Linux cooked (113) and cooked v2 (276). */
#ifndef LK_DISSECT_PEEL_H
#define LK_DISSECT_PEEL_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lk_peel {
    LK_PEEL_TRANSPORT = 0, /* everything below is filled */
    LK_PEEL_FRAGMENT,      /* a fragment other than the first: addresses and the fragment's fields are filled, no transport */
    LK_PEEL_ARP,           /* `at` is the ARP packet */
    LK_PEEL_OTHER,         /* another protocol than IP or ARP */
    LK_PEEL_CUT,           /* the capture ends inside a header */
    LK_PEEL_MALFORMED,     /* a header says what its RFC does not allow, or ends too early */
    LK_PEEL_UNSUPPORTED,   /* that link type is not known */
};

struct lk_peeled {
    struct lk_addr src, dst;
    uint32_t vlan;         /* the outermost tag's identifier, + 1; 0: untagged */
    uint8_t version;       /* 4 or 6 */
    uint8_t protocol;      /* of the transport: 6 TCP, 17 UDP, 1 ICMP, 58 ICMPv6 ... */
    uint8_t ttl;           /* or hop limit */
    bool first_fragment;   /* more of it follows elsewhere: `len` is not the whole datagram */
    bool ip_checksum_bad;  /* IPv4, whole header captured */
    bool has_id;           /* IPv4 */
    uint16_t id;           /* IPv4 Identification */
    uint32_t ip_at;        /* offset of the IP header */
    uint32_t at;           /* offset of the transport header (ARP: of its packet) */
    uint32_t len;          /* bytes of transport header and data by IP's length field; link padding is not counted */
    uint32_t captured;     /* how many of them are in the capture: fewer when it was cut, with or without saying so */
    bool giant;            /* IP's length is 0: segmentation offload, a frame longer than a link takes */
};

/* Takes a frame of `link` apart: `captured` bytes are there, `length` were on the wire. */
enum lk_peel lk_peel(uint32_t link, const uint8_t *bytes, uint32_t captured, uint32_t length, struct lk_peeled *out);

#endif
