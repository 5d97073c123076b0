/* The one value that tells what became of a received frame. Every room returns it, counters, traces, tests and fuzz
 * oracles read it. */
#ifndef LK_BASE_RX_H
#define LK_BASE_RX_H

/* What became of a received frame. Everything from LK_RX_DROP_FIRST on was dropped for the reason named. */
enum lk_rx {
    LK_RX_ACCEPTED = 0,      /* processed; something may be owed */
    LK_RX_FORWARD = 1,       /* for another host: see frame->forward; nothing is owed */
    LK_RX_DUPLICATE = 2,     /* TCP: nothing new in it; an ACK may be owed */
    LK_RX_CHALLENGE = 3,     /* TCP: RFC 5961 challenge ACK owed (or throttled) */
    LK_RX_RESET_SENT = 4,    /* TCP: answered by an owed RST */
    LK_RX_UNREACHABLE_SENT = 5, /* UDP/IP: answered by an owed ICMP destination unreachable */
    LK_RX_DROP_FIRST = 16,
    LK_RX_DROP_LINK = 16,    /* frame shorter than its link header, unknown type, not for us, interface down */
    LK_RX_DROP_ARP,          /* malformed or foreign ARP */
    LK_RX_DROP_IP_HEADER,    /* truncated, version, IHL, total length, checksum, options */
    LK_RX_DROP_IP_SOURCE,    /* invalid source: broadcast, multicast, own (RFC 1122 3.2.1.3) */
    LK_RX_DROP_IP_NOT_OURS,
    LK_RX_DROP_IP_FRAGMENT,  /* fragments are not reassembled yet */
    LK_RX_DROP_IP_PROTOCOL,  /* no such protocol here */
    LK_RX_DROP_ICMP,
    LK_RX_DROP_UDP_HEADER,
    LK_RX_DROP_UDP_FULL,
    LK_RX_DROP_TCP_HEADER,   /* truncated, data offset, options (RFC 9293 MUST-7) */
    LK_RX_DROP_TCP_CHECKSUM,
    LK_RX_DROP_TCP_WINDOW,   /* outside the receive window; an ACK may be owed */
    LK_RX_DROP_TCP_PAWS,     /* RFC 7323 5.3 */
    LK_RX_DROP_TCP_ACK,      /* unacceptable acknowledgement */
    LK_RX_DROP_TCP_RST,      /* RST not acceptable: dropped silently */
    LK_RX_DROP_TCP_SYN,      /* SYN not acceptable, or from/to a broadcast or multicast address */
    LK_RX_DROP_TCP_STATE,    /* nothing in this state takes it (e.g. no ACK bit) */
    LK_RX_DROP_FULL,         /* a table or buffer of ours is full */
    LK_RX_DROP_UDP_PORT,     /* no socket on that port, and no ICMP may be owed for it */
    LK_RX_COUNT
};

#endif
