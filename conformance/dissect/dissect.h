/* Bytes to layers and named fields: Ethernet, ARP, IPv4, ICMP, UDP, TCP, DHCP, DNS and HTTP.
 *
 * One call takes one frame of a capture apart and fills arrays of the caller. Nothing is allocated, no file is read, and
 * no byte outside the frame is looked at. What a frame alone cannot tell (sequence numbers relative to the first one of
 * the connection, the scaled window, a datagram put together from fragments) comes from a bounded memory that the caller
 * may give; without it those fields are left out.
 *
 * A header that does not end within the bytes is still taken apart up to the cut, as tshark does it. */
#ifndef LK_DISSECT_H
#define LK_DISSECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "conformance/dissect/field.h"
#include "conformance/dissect/memory.h"

/* Link types, as a pcap file numbers them. */
#define LK_LINK_ETHERNET 1u
#define LK_LINK_RAW_IP 101u

/* Layers within layers: an ICMP error quotes a datagram that may hold an ICMP error. Deeper ones are not looked at. */
#define LK_DISSECT_DEPTH 24

/* Why taking apart ended before the innermost layer's end. */
enum lk_dissect_end {
    LK_DISSECT_WHOLE = 0,   /* it did not: all headers are sound */
    LK_DISSECT_CUT,         /* the capture holds only a part of the frame, and it ends inside a header */
    LK_DISSECT_SHORT,       /* the layer below ends inside this header: malformed */
    LK_DISSECT_BOGUS,       /* a field says what its RFC does not allow: malformed */
    LK_DISSECT_DEEP,        /* more than LK_DISSECT_DEPTH layers */
    LK_DISSECT_FULL,        /* more fields or layers than the caller's arrays hold */
    LK_DISSECT_UNSUPPORTED, /* a link type that is not taken apart */
};

struct lk_layer {
    const char *name; /* "eth" "arp" "ip" "icmp" "udp" "dhcp" "dns" "mdns" "llmnr" "tcp" */
    uint32_t at;      /* offset in the frame */
    uint32_t len;     /* bytes of its header as far as they are there */
};

/* One frame of a capture. */
struct lk_dissect_frame {
    const uint8_t *bytes;
    uint32_t captured; /* bytes there are */
    uint32_t length;   /* bytes there were on the wire */
    uint32_t link;     /* LK_LINK_* */
    uint32_t number;   /* from 1 */
    int64_t time;      /* ns since 1970 */
};

/* What came out. The caller sets the arrays and their sizes; everything else is set by the call. */
struct lk_dissection {
    struct lk_layer *layers;
    struct lk_field *fields;
    uint32_t layer_cap, field_cap;
    uint32_t layer_count, field_count;
    enum lk_dissect_end end;
    uint32_t end_at;      /* offset in the frame of the byte at fault, or of the first one that is missing */
    const char *end_what; /* what was wrong in some words; NULL when nothing was */
    const char *note;     /* what is wrong with a frame that could be taken apart all the same: an option list; or NULL */
    uint32_t note_at;
};

/* Take a frame apart. `memory` may be NULL. 0 when all headers are whole and sound; otherwise LK_E_TRUNCATED (cut by the
 * capture), LK_E_MALFORMED, LK_E_FULL, or LK_E_UNSUPPORTED for the link type: `out` says where and why, and holds the
 * fields before that place. */
int lk_dissect(const struct lk_dissect_frame *frame, struct lk_dissect_memory *memory, struct lk_dissection *out);

/* The first field of that name at or after index `from`; NULL when there is none. */
const struct lk_field *lk_dissection_find(const struct lk_dissection *d, const char *name, uint32_t from);

/* One readable line for the innermost conversation of a frame, such as
 * "10.0.0.1:40000 > 10.0.0.2:80 tcp [S] seq 0 win 64240 <mss 1460,sackOK>". Cut to `cap` bytes with the NUL. Its length. */
size_t lk_dissection_line(const struct lk_dissection *d, char *text, size_t cap);

#endif
