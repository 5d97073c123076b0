/* What taking frames apart remembers from one frame to the next: TCP connections and fragments, each in an array that the
 * caller gives and that never grows. */
#ifndef LK_DISSECT_MEMORY_H
#define LK_DISSECT_MEMORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One TCP connection; side 0 and side 1 in the order of their addresses. */
struct lk_dissect_flow {
    uint32_t address[2];
    uint16_t port[2];
    uint32_t stream;   /* counted from 0 in the order of first packets */
    uint32_t base[2];  /* the sequence number that is shown as 0 */
    bool has_base[2];
    bool used;
    int8_t scale[2];   /* window shift; -1 not seen, -2 not used (RFC 7323 section 2.2) */
    bool has_message[2];
    uint32_t message[2]; /* of what is cut into messages (DNS): the sequence number where the next one begins */
    int64_t first, last; /* time of the first packet and of the last one before this */
};

#define LK_DISSECT_RANGES 64 /* fragments of one datagram */
#define LK_DISSECT_DATAGRAM 65535

/* A datagram of which not all fragments are there yet. */
struct lk_dissect_datagram {
    uint32_t source, destination;
    uint16_t identification;
    uint8_t protocol;
    bool used;
    uint32_t total; /* bytes, 0: the last fragment is not there yet */
    uint32_t count; /* fragments */
    uint64_t order; /* which one to give up first */
    struct { uint32_t from, to; } range[LK_DISSECT_RANGES];
    uint8_t bytes[LK_DISSECT_DATAGRAM];
};

struct lk_dissect_memory {
    struct lk_dissect_flow *flows; /* zeroed by the caller */
    uint32_t flow_cap;             /* a power of two, or 0 */
    uint32_t streams;              /* connections seen, 0 to begin with */
    struct lk_dissect_datagram *datagrams; /* zeroed by the caller; may be NULL */
    uint32_t datagram_cap;
    uint64_t order;                /* 0 to begin with */
};

/* The connection of a packet and which side sent it (*side), entered when it is new. NULL when there is no room near its
 * place in the table: its fields are then left out. */
struct lk_dissect_flow *lk_dissect_flow_of(struct lk_dissect_memory *memory, const uint32_t address[2], const uint16_t port[2],
                                           unsigned *side);

/* Begin the connection anew under a new stream number: its ports are used again. */
void lk_dissect_flow_renew(struct lk_dissect_memory *memory, struct lk_dissect_flow *flow);

/* One fragment of a datagram (RFC 791 section 3.2, "An Example Reassembly Procedure"). */
struct lk_dissect_piece {
    uint32_t source, destination;
    uint16_t identification;
    uint8_t protocol;
    bool more;      /* more fragments follow */
    uint32_t at;    /* bytes from the start of the datagram's payload */
    uint32_t len;   /* bytes */
    const uint8_t *bytes;
};

/* Keep a fragment. The length of the whole payload when this was the last one missing: *whole is valid until the next
 * call. 0 while others are missing, or when there is no memory for it. */
uint32_t lk_dissect_reassemble(struct lk_dissect_memory *memory, const struct lk_dissect_piece *piece, const uint8_t **whole);

#endif
