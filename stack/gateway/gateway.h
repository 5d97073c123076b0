/* A router with NAT: a pure step between "this packet is for another host" and "send that packet there". It owns no interface
 * and sends nothing.
 *
 *     lk_stack_rx()  ->  LK_RX_FORWARD  ->  lk_gateway_step()  ->  LK_GATEWAY_FORWARD  ->  lk_stack_forward()
 *                                                              ->  LK_GATEWAY_LOCAL    ->  lk_stack_local()
 *
 * RFC 1812 for the router; RFC 4787, 5382, 5508, 6888 for the NAT; RFC 1624 for checksums. */
#ifndef LK_GATEWAY_GATEWAY_H
#define LK_GATEWAY_GATEWAY_H

#include "stack/host/stack.h"

struct lk_gateway; /* opaque, in the caller's memory, 16-byte aligned; holds no pointer */

struct lk_gateway_iface {
    struct lk_addr address; /* our own there; unspecified: none yet */
    uint32_t prefix;
    uint16_t mtu;
    bool outside;           /* NAT: packets that leave here are translated. One at most */
    uint8_t reserved;
};

struct lk_gateway_config {
    uint32_t size_of;
    uint32_t ifaces;
    struct lk_gateway_iface iface[LK_MAX_IFACES];
    uint32_t routes;          /* table size, the interfaces' own networks not counted */
    uint32_t mappings;        /* NAT bindings, all protocols together; 0: a plain router */
    uint32_t sessions;        /* NAT: pairs of a binding and a remote host, for filtering and TCP states */
    uint32_t fragments;       /* NAT: datagrams whose fragments are followed at once (RFC 4787 REQ-14); 32 */
    uint32_t early_fragments; /* NAT: fragments that may wait for their first, a packet of the largest MTU each; 8 */
    uint16_t port_low, port_high; /* outside ports the NAT may use, inclusive; disjoint from those the stack uses itself */
    lk_time udp_timeout;      /* RFC 4787 REQ-5: 5 min; never below 2 */
    lk_time tcp_established_timeout; /* RFC 5382 REQ-5: 2 h 4 min */
    lk_time tcp_transitory_timeout;  /* RFC 5382 REQ-5: 4 min */
    lk_time icmp_timeout;     /* RFC 5508 REQ-2: 60 s */
    lk_time icmp_error_interval; /* RFC 1812 4.3.2.8: at most icmp_error_burst ICMP errors in it */
    uint32_t icmp_error_burst;
    uint8_t filtering;        /* enum lk_nat_filtering (RFC 4787 REQ-8) */
    bool send_redirects;      /* RFC 1812 5.2.7.2 */
    bool hairpinning;         /* RFC 4787 REQ-9; default on */
    bool silent;              /* NAT: a SYN that nobody asked for is never answered (RFC 5382 REQ-4 a); default off: after 6 s */
};
enum lk_nat_filtering { LK_NAT_ENDPOINT_INDEPENDENT = 0, LK_NAT_ADDRESS_DEPENDENT = 1, LK_NAT_ADDRESS_PORT_DEPENDENT = 2 };

void lk_gateway_config_init(struct lk_gateway_config *config);
size_t lk_gateway_footprint(const struct lk_gateway_config *config); /* 0: invalid */
int lk_gateway_init(void *memory, size_t size, const struct lk_gateway_config *config, lk_time now, const uint8_t seed[32]);
/* Copies a whole gateway into other memory of at least the same footprint: the only way to take a snapshot (sanitizer marks travel
 * with it). 0, NOSPACE or INVALID. */
int lk_gateway_copy(void *to, size_t size, const struct lk_gateway *from);

/* An interface got another address (a lease). Bindings of the old one are gone. */
int lk_gateway_address(struct lk_gateway *g, uint32_t iface, struct lk_addr address, uint32_t prefix, lk_time now);
/* Longest prefix wins; prefix 0 is the default route. gateway unspecified: on link. NOBUFS, EXISTS, NOTFOUND, INVALID. */
int lk_gateway_route_add(struct lk_gateway *g, struct lk_addr destination, uint32_t prefix, struct lk_addr gateway, uint32_t iface);
int lk_gateway_route_remove(struct lk_gateway *g, struct lk_addr destination, uint32_t prefix);
/* What the table says of a destination: the interface and next hop. NETUNREACH. */
int lk_gateway_lookup(const struct lk_gateway *g, struct lk_addr destination, uint32_t *iface, struct lk_addr *next_hop);
/* A port of the outside address leads to an inside host for ever (a "port forwarding"). protocol LK_TCP or LK_UDP. */
int lk_gateway_publish(struct lk_gateway *g, int protocol, uint16_t outside_port, const struct lk_endpoint *inside, lk_time now);

enum lk_gateway_verdict {
    LK_GATEWAY_FORWARD = 0,   /* out holds the packet to send; give it to lk_stack_forward() */
    LK_GATEWAY_LOCAL = 1,     /* for this host itself: give the packet that came to lk_stack_local() */
    LK_GATEWAY_ANSWER = 2,    /* dropped; out holds an ICMP error to send. From lk_gateway_more(): an ICMP message to send */
    LK_GATEWAY_HOLD = 3,      /* NAT: a fragment that came before its first; it is kept, and comes out of lk_gateway_more() when that has come */
    LK_GATEWAY_DROP = 16,     /* from here on: dropped without a word, and why */
    LK_GATEWAY_DROP_HEADER = 16, LK_GATEWAY_DROP_SOURCE, LK_GATEWAY_DROP_DESTINATION, LK_GATEWAY_DROP_LINK_BROADCAST,
    LK_GATEWAY_DROP_CHECKSUM, LK_GATEWAY_DROP_NO_BINDING, LK_GATEWAY_DROP_FILTERED, LK_GATEWAY_DROP_FULL, LK_GATEWAY_DROP_RATE,
    LK_GATEWAY_DROP_FRAGMENT, LK_GATEWAY_DROP_PROTOCOL, LK_GATEWAY_DROP_ICMP, LK_GATEWAY_VERDICTS
};
const char *lk_gateway_verdict_name(int verdict);

struct lk_gateway_out {
    uint8_t *bytes;           /* in: room for the packet, at least that of the incoming one and 576 bytes */
    size_t cap;
    size_t len;               /* out */
    uint32_t iface;           /* out: where to send it */
    struct lk_addr next_hop;  /* out */
};

struct lk_gateway_in {
    uint32_t iface;           /* it came in on */
    const uint8_t *packet;    /* IP packet, as struct lk_frame.forward describes it */
    size_t len;
    bool link_broadcast;      /* the frame was sent to a link-layer broadcast or multicast (RFC 1812 5.3.4) */
};
/* What becomes of one packet. Returns an enum lk_gateway_verdict, or LK_E_INVALID, LK_E_NOSPACE (nothing changed). */
int lk_gateway_step(struct lk_gateway *g, const struct lk_gateway_in *in, struct lk_gateway_out *out, lk_time now);
/* What the last step or a timer has still to send: the second and later fragments of a packet that was too large, a redirect,
 * an error that had to wait. LK_GATEWAY_FORWARD or LK_GATEWAY_ANSWER, with out filled as by lk_gateway_step(); LK_E_AGAIN: nothing
 * more; LK_E_NOSPACE: nothing was lost, come with 576 bytes and the largest MTU. Ask until AGAIN after each step and when the
 * deadline has come; the next step drops what of its predecessor's was not asked for. */
int lk_gateway_more(struct lk_gateway *g, struct lk_gateway_out *out, lk_time now);
/* A packet that was handed out for `iface` could not be delivered: no neighbour answered there (lk_stack_undelivered()). ANSWER: out
 * holds "host unreachable" for whom it came from (RFC 1812 4.3.3.1); otherwise why nobody is told. INVALID, NOSPACE as above. */
int lk_gateway_undeliverable(struct lk_gateway *g, const uint8_t *packet, size_t len, uint32_t iface, struct lk_gateway_out *out, lk_time now);

lk_time lk_gateway_deadline(const struct lk_gateway *g);
void lk_gateway_tick(struct lk_gateway *g, lk_time now);

/* A binding, for people and tests. NOTFOUND beyond the last. */
struct lk_nat_binding { struct lk_endpoint inside, outside; uint8_t protocol; lk_time expires; uint32_t sessions; };
int lk_gateway_binding(const struct lk_gateway *g, uint32_t index, struct lk_nat_binding *out);
uint64_t lk_gateway_count(const struct lk_gateway *g, int verdict); /* packets that ended so */
int lk_gateway_check(const struct lk_gateway *g, const char **where); /* every invariant; 0, or negative and its name */

#endif
