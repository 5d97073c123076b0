/* The NAT between the order of steps (gateway.c) and the tables (binding.h). Network address and port translation of one outside
 * address; no application is looked into, no payload is ever touched (no ALG: RFC 4787 REQ-10, RFC 5382 REQ-6), and no TCP option
 * either.
 *
 *   nat.c       whom a packet belongs to, what of its headers changes
 *   nat_tcp.c   states of connections, SYNs that nobody asked for
 *   nat_icmp.c  ICMP errors with the packet they quote
 *   fragments.h fragments that have no ports */
#ifndef LK_GATEWAY_NAT_H
#define LK_GATEWAY_NAT_H

#include "stack/gateway/edit.h"
#include "stack/gateway/state.h"

/* What the transport header of a packet says, read with every length checked. */
enum gw_kind {
    GW_PLAIN = 0, /* not translated */
    GW_TCP,
    GW_UDP,
    GW_QUERY,     /* ICMP echo or timestamp request */
    GW_REPLY,     /* and their replies */
    GW_ERROR,     /* an ICMP error about a packet that can be told */
    GW_OTHER_ICMP,
    GW_PART,      /* a fragment without transport header */
    GW_UNKNOWN,   /* another protocol */
    GW_BROKEN     /* header cut short or impossible */
};

struct gw_flow {
    uint8_t kind;          /* enum gw_kind */
    uint8_t protocol;      /* of a binding */
    uint8_t control;       /* GW_TCP: the bits */
    uint16_t source, destination; /* ports; identifier of queries and replies in both */
};

/* Reads the transport header behind *ip. */
void gw_flow_read(const struct lk_ipv4 *ip, struct gw_flow *out);

/* Whether there is a NAT and the address is its outside one. */
bool gw_nat_address(const struct lk_gateway *g, uint32_t address);
uint32_t gw_nat_iface(const struct lk_gateway *g); /* LK_ANY: no NAT */

/* From inside to outside, just before it leaves: finds or makes the binding, fills p->rewrite. LK_GATEWAY_FORWARD, or why not. */
int gw_nat_outward(struct lk_gateway *g, struct gw_packet *p);
/* To the outside address, from either side: whom it is for and whether it may pass; fills p->rewrite.destination.
 * LK_GATEWAY_FORWARD, LK_GATEWAY_LOCAL, or why not. */
int gw_nat_find(struct lk_gateway *g, struct gw_packet *p);
/* Then, when it is going to be sent: notes what it changes, fills the rest of p->rewrite. LK_GATEWAY_FORWARD, or why not. */
int gw_nat_commit(struct lk_gateway *g, struct gw_packet *p);
/* Changes the packet in out->bytes as p->rewrite says. */
void gw_nat_apply(const struct gw_packet *p);

/* Whether the way to an address is not the outside: a binding for one that comes from inside and lies outside would lead back out
 * (RFC 1812 5.3.8). */
bool gw_lies_inside(const struct lk_gateway *g, uint32_t address);

/* A flow that cannot have a binding or session: RFC 5508 REQ-8. */
int gw_nat_refuse(struct lk_gateway *g, const struct gw_packet *p, int otherwise);

/* Finds or makes the binding of an inside endpoint. LK_NONE: tables or ports are used up. *made (may be NULL): whether it is new. */
uint32_t gw_nat_bind(struct lk_gateway *g, uint8_t protocol, uint32_t inside, uint16_t port, bool *made);

/* ---- nat_tcp.c ---- */

/* An outward segment between a binding (LK_NONE: none yet, then *binding is set) and a remote endpoint. */
int gw_tcp_outward(struct lk_gateway *g, struct gw_packet *p, uint32_t *binding, uint32_t remote, uint16_t remote_port);
/* Whether an inward one may pass. */
bool gw_tcp_passes(const struct lk_gateway *g, uint32_t binding, const struct gw_flow *flow, uint32_t remote);
/* Then what it changes. */
int gw_tcp_inward(struct lk_gateway *g, uint32_t binding, const struct gw_flow *flow, uint32_t remote, uint16_t remote_port);
/* An inward SYN that was dropped: it may be answered in 6 s, not before (RFC 5382 REQ-4). */
void gw_tcp_hold(struct lk_gateway *g, const struct gw_packet *p);
void gw_tcp_held_drop(struct lk_gateway *g, uint32_t index);
/* The error for one whose time has come, if any: whether out was filled. */
bool gw_tcp_held_due(struct lk_gateway *g, struct lk_gateway_out *out);

/* ---- undelivered.c ---- */

/* lk_gateway_undeliverable() behind its checks. */
int gw_undeliverable(struct lk_gateway *g, const uint8_t *packet, size_t len, uint32_t iface, struct lk_gateway_out *out);

/* ---- fragments.c ---- */

/* Notes what became of a first fragment, for the later ones: it was translated as p->rewrite says, or it was for the host. */
void gw_fragments_first(struct lk_gateway *g, const struct gw_packet *p, bool local);
/* A fragment without ports: as its first, or LK_GATEWAY_HOLD until that comes. */
int gw_fragments_later(struct lk_gateway *g, struct gw_packet *p);
/* The next of those whose first has come: LK_GATEWAY_FORWARD or LK_GATEWAY_ANSWER; LK_E_AGAIN: none. */
int gw_fragments_more(struct lk_gateway *g, struct lk_gateway_out *out);

/* ---- nat_icmp.c ---- */

int gw_icmp_outward(struct lk_gateway *g, struct gw_packet *p);
int gw_icmp_find(struct lk_gateway *g, struct gw_packet *p);
void gw_icmp_apply(const struct gw_packet *p);

#endif
