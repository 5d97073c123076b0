/* What the gateway is made of, and how a packet goes through it:
 *
 *   gateway.c   configuration, memory, the order of steps, deadline
 *   forward.c   RFC 1812: header checks, addresses nobody may use, TTL, MTU; what leaves is written here
 *   routes.c    the next hop
 *   options.c   IP options of a packet that passes: record route, timestamp, source routes
 *   split.c     fragments of a packet that is too large for where it goes
 *   icmp.c      errors and redirects of our own: when not to send one, what it quotes, how many in a while
 *   edit.c      header fields changed with their checksums (RFC 1624)
 *   undelivered.c  what no neighbour took
 *   nat.h       the NAT; binding.h its tables; ports.h which outside port */
#ifndef LK_GATEWAY_STATE_H
#define LK_GATEWAY_STATE_H

#include "stack/gateway/gateway.h"
#include "stack/gateway/binding.h"
#include "stack/gateway/fragments.h"
#include "stack/gateway/routes.h"
#include "stack/wire/ipv4.h"

#define GW_ICMP_MOST 576 /* bytes of an ICMP error with its IP header, RFC 1812 4.3.2.3 */

/* How many ICMP errors have been sent since `since`. */
struct gw_rate {
    lk_time since;
    uint32_t sent;
    uint32_t unused;
};

/* A packet whose later fragments are still to be sent: its bytes lie in a buffer of the largest MTU. */
struct gw_split {
    int64_t bytes;     /* bytes from the start of the gateway to the buffer */
    uint32_t room;
    uint32_t len;      /* of the packet; 0: nothing is pending */
    uint32_t sent;     /* payload bytes sent so far */
    uint32_t iface, next_hop;
    uint32_t unused;
};

/* A redirect to be sent after the packet that caused it. */
struct gw_redirect {
    uint32_t len; /* 0: none */
    uint32_t iface, next_hop;
    uint8_t bytes[GW_ICMP_MOST];
    uint32_t unused;
};

struct lk_gateway {
    uint64_t size;
    lk_time now;
    uint64_t count[LK_GATEWAY_VERDICTS];
    struct lk_gateway_config config;
    struct gw_rate rate;
    struct gw_split split;
    struct gw_redirect redirect;
    struct gw_routes routes;
    struct gw_fragments fragments;
    struct gw_nat nat;
};

/* What a NAT changes of a packet. All addresses and ports are those to write, changed or not. */
struct gw_rewrite {
    uint8_t kind;           /* enum gw_kind of nat.h; 0: nothing changes */
    uint32_t source, destination;
    uint16_t source_port, destination_port; /* queries and replies: the identifier, in both */
    uint32_t inner_source, inner_destination; /* errors: of the packet quoted */
    uint16_t inner_source_port, inner_destination_port;
    uint32_t binding;       /* inward: whose it is */
    uint16_t identification; /* of IP */
};

/* One packet on its way. */
struct gw_packet {
    const struct lk_gateway_in *in;
    struct lk_gateway_out *out;
    struct lk_ipv4 ip;    /* as it came */
    struct gw_hop hop;    /* where it goes */
    struct gw_rewrite rewrite;
};

/* ---- addresses ---- */

/* The interface whose own address it is, or LK_ANY. */
uint32_t gw_own(const struct lk_gateway *g, uint32_t address);
/* Whether no single host can have it: 0/8, 127/8, multicast, 240/4 with the limited broadcast, RFC 1812 5.3.7. */
bool gw_martian(uint32_t address);
/* Whether it is the broadcast address of an attached network, all ones or all zeros (RFC 1812 5.3.5.2, RFC 1122 3.3.6). iface:
 * LK_ANY or the only one asked about. */
bool gw_directed_broadcast(const struct lk_gateway *g, uint32_t iface, uint32_t address);

/* ---- forward.c ---- */

/* Reads and judges what came before anything is done with it: 0, or the verdict. */
int gw_admit(struct lk_gateway *g, struct gw_packet *p);
/* Whom the packet is for: LK_GATEWAY_FORWARD, LK_GATEWAY_LOCAL or a drop. */
int gw_destination(const struct lk_gateway *g, const struct gw_packet *p, uint32_t destination);
/* Whether the packet may go along p->hop: LK_GATEWAY_FORWARD or the verdict. */
int gw_permit(struct lk_gateway *g, struct gw_packet *p);
/* Writes the packet that leaves to p->out: TTL, options, fragments. */
int gw_emit(struct lk_gateway *g, struct gw_packet *p);

/* ---- icmp.c ---- */

/* Answers the packet with an ICMP error written to p->out: LK_GATEWAY_ANSWER, or `otherwise` when the rules of RFC 1812 4.3.2.7
 * forbid one, LK_GATEWAY_DROP_RATE when there were too many. */
int gw_error(struct lk_gateway *g, const struct gw_packet *p, uint8_t type, uint8_t code, uint32_t rest, int otherwise);
/* Notes a redirect of the packet's source to p->hop.next_hop, if one is due (RFC 1812 5.2.7.2). */
void gw_note_redirect(struct lk_gateway *g, const struct gw_packet *p);

/* ---- options.c ---- */

/* Whether the packet's options can pass: 0, or the verdict. */
int gw_options_permit(struct lk_gateway *g, struct gw_packet *p);
/* Fills in the options of the packet in `bytes` that leaves on `iface`, and sums its header anew if it changed. */
void gw_options_pass(const struct lk_gateway *g, uint32_t iface, uint8_t *bytes, lk_time now);
/* Whether there is a source route that has not ended. *strict: the next address must be a neighbour. */
bool gw_source_routed(const struct lk_ipv4 *ip, bool *strict);

/* ---- split.c ---- */

/* Begins to send the packet of `len` bytes in out->bytes in fragments: keeps it, and puts the first into *out. False when it
 * does not fit into the buffer. */
bool gw_split_begin(struct lk_gateway *g, struct lk_gateway_out *out);
/* The next fragment: its length, 0 when there is none. */
size_t gw_split_next(struct lk_gateway *g, uint8_t *bytes, size_t cap);

#endif
