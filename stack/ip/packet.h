/* What the internet layer and its users hand each other: one received datagram, one to be sent, one ICMP error that
 * quotes a datagram of ours. Shapes only, no code: stack/ip fills and
 * reads them for the link's side, stack/tcp and stack/udp for the transport's. Bytes are borrowed for the call.
 */
#ifndef LK_IP_PACKET_H
#define LK_IP_PACKET_H

#include "stack/base/rx.h"
#include "stack/base/types.h"
#include <stddef.h>
#include <stdint.h>

#define LK_ANY UINT32_MAX /* "any interface" wherever an interface is asked for */

/* ---- a received datagram, from IP up to TCP or UDP ---------------------------------------------------------- */

enum { /* lk_ip_in.flags */
    LK_IP_BROADCAST = 1,     /* destination is a broadcast address, of IP or of the link */
    LK_IP_MULTICAST = 2,     /* destination is multicast, of IP or of the link */
    LK_IP_CSUM_VERIFIED = 4, /* transport checksum is known to be good (or is to be ignored): do not look at it */
};

struct lk_ip_in {
    struct lk_addr src, dst;  /* as in the IP header; src was found to be a unicast address */
    uint32_t iface;           /* interface it came in on */
    uint16_t mtu;             /* bytes of IP packet that interface takes */
    uint8_t protocol;         /* 6, 17 */
    uint8_t tos;              /* RFC 2474 DSCP in the upper six bits */
    uint8_t ttl;
    uint8_t flags;            /* LK_IP_... */
    const uint8_t *bytes;     /* transport header and data, without link padding */
    uint32_t len;
    const uint8_t *packet;    /* the whole IP packet, for ICMP quotes */
    uint32_t packet_len;
};

/* ---- a datagram to send, from TCP or UDP down to IP ---------------------------------------------------------- */

struct lk_ip_out {
    struct lk_addr src, dst;
    uint32_t iface;           /* in: LK_ANY or the only interface asked for; out: the interface to send on */
    uint8_t protocol;
    uint8_t tos;
    uint8_t ttl;              /* 0: the host's default */
    uint8_t df;               /* 1: set Don't Fragment */
    uint8_t *bytes;           /* in: where the transport header and data go */
    uint32_t cap;             /* in: room at bytes */
    uint32_t len;             /* out: bytes written, or bytes needed when the call says LK_E_NOSPACE */
};

/* ---- an ICMP error about a datagram of ours (RFC 792, RFC 1122 3.2.2) ---------------------------------------- */

struct lk_icmp_error {
    struct lk_addr local;     /* source of the quoted packet: us */
    struct lk_addr remote;    /* its destination */
    uint32_t iface;           /* interface the error came in on */
    uint8_t type, code;       /* of ICMPv4 */
    uint16_t mtu;             /* type 3 code 4: next-hop MTU of RFC 1191, 0 if the router gave none */
    const uint8_t *bytes;     /* the quoted transport header, at least 8 bytes */
    uint32_t len;
};

#endif
