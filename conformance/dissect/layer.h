/* What the layers of dissect share: a view of bytes with two ends, and how fields are added. Not for other rooms.
 *
 * A view knows how many bytes the layer below promises (`reported`) and how many of them the capture holds (`captured`).
 * Each reader stops the walk at the first byte it misses: as cut by the capture if that byte was promised, as malformed if
 * not. A function that returns bool returns false when the walk has ended; the caller just returns. */
#ifndef LK_DISSECT_LAYER_H
#define LK_DISSECT_LAYER_H

#include "conformance/dissect/dissect.h"

struct lk_view {
    const uint8_t *bytes;
    uint32_t at;       /* offset of the first byte in the frame */
    uint32_t captured; /* <= reported */
    uint32_t reported;
};

struct lk_walk {
    const struct lk_dissect_frame *frame;
    struct lk_dissect_memory *memory;
    struct lk_dissection *out;
    uint32_t address[2]; /* source and destination of the innermost IP header, host order */
    uint16_t layer;      /* index of the layer that fields are added to */
    bool fragmented;     /* inside a first fragment of which the rest is not here */
    bool in_error;       /* inside the datagram that an ICMP error quotes */
    bool below_icmp;     /* the IP header was quoted directly by an ICMP message */
};

/* A row of a header's figure. */
struct lk_row {
    const char *name;
    uint8_t at, len; /* bytes */
    uint8_t kind, digits;
};

/* Open a layer; fields go to it from now on. False when there is no room or the walk is too deep. */
bool lk_layer_open(struct lk_walk *w, const char *name, const struct lk_view *v);

/* End the walk, with the reason. Always false. */
bool lk_walk_end(struct lk_walk *w, enum lk_dissect_end end, uint32_t at, const char *what);

/* Remember what is wrong without ending the walk; the first of a frame is kept. */
void lk_walk_note(struct lk_walk *w, uint32_t at, const char *what);

/* Whether `len` bytes at `offset` are there; ends the walk if not. */
bool lk_view_need(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t len);

/* The view without its first `offset` bytes (offset <= reported), and the view cut to `len` bytes. */
struct lk_view lk_view_from(const struct lk_view *v, uint32_t offset);
struct lk_view lk_view_cut(const struct lk_view *v, uint32_t len);

/* Add a field: a number that stands at `offset`, one that is computed (len 0), or octets. */
bool lk_add_number(struct lk_walk *w, const struct lk_view *v, const char *name, uint32_t offset, uint32_t len, uint64_t number);
bool lk_add_hex(struct lk_walk *w, const struct lk_view *v, const char *name, uint32_t offset, uint32_t len, uint64_t number, unsigned digits);
bool lk_add_octets(struct lk_walk *w, const struct lk_view *v, const char *name, uint32_t offset, uint32_t len, unsigned kind);
bool lk_add(struct lk_walk *w, const struct lk_field *field);

/* Add the rows of a figure one after the other, each read in network order; ends the walk at the first that is missing. */
bool lk_add_rows(struct lk_walk *w, const struct lk_view *v, const struct lk_row *rows, size_t count);

/* The checksum status fields: tshark's numbers. */
enum { LK_CHECKSUM_BAD = 0, LK_CHECKSUM_GOOD = 1, LK_CHECKSUM_UNVERIFIED = 2, LK_CHECKSUM_ABSENT = 3 };

/* The layers, one file each. `v` is what the layer below hands up. */
bool lk_dissect_ethernet(struct lk_walk *w, const struct lk_view *v);
bool lk_dissect_arp(struct lk_walk *w, const struct lk_view *v);
bool lk_dissect_ipv4(struct lk_walk *w, const struct lk_view *v);
bool lk_dissect_ipv4_options(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t len);
uint32_t lk_dissect_ipv4_destination(const struct lk_view *v, uint32_t header);
bool lk_dissect_icmpv4(struct lk_walk *w, const struct lk_view *v);
bool lk_dissect_udp(struct lk_walk *w, const struct lk_view *v);
bool lk_dissect_dns(struct lk_walk *w, const struct lk_view *v);
bool lk_dissect_mdns(struct lk_walk *w, const struct lk_view *v);
bool lk_dissect_llmnr(struct lk_walk *w, const struct lk_view *v);
/* DNS messages at the start of a segment's data, as far as they are whole; *taken: octets of them. */
bool lk_dissect_dns_stream(struct lk_walk *w, const struct lk_view *v, uint32_t *taken);
bool lk_dissect_dhcp(struct lk_walk *w, const struct lk_view *v);
/* HTTP/1.x messages at the start of a segment's data. */
bool lk_dissect_http(struct lk_walk *w, const struct lk_view *v);
bool lk_dissect_tcp(struct lk_walk *w, const struct lk_view *v);

/* What TCP's options have to know, and tell, of the connection. */
struct lk_tcp_context {
    struct lk_dissect_flow *flow; /* or NULL */
    unsigned side;                /* who sent the segment */
    uint16_t flags;
};
bool lk_dissect_tcp_options(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t len, struct lk_tcp_context *tcp);

#endif
