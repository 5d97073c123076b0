/* What the device has sent and the peer has not yet acknowledged, cut into pieces: each piece was always sent as a whole,
 * so that it has one list of transmissions. Sorted by sequence number; in memory the caller gives.
 * A resend that covers half of a piece splits it; an acknowledgement drops what lies below it. */
#ifndef LK_RULES_PIECES_H
#define LK_RULES_PIECES_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stdint.h>

enum piece_kind { PIECE_DATA = 0, PIECE_SYN, PIECE_FIN };

struct piece {
    int64_t from, to;        /* relative to the sender's ISN, SYN is 0..1 */
    lk_time first, last;     /* first and latest transmission */
    uint64_t order;          /* of the latest transmission, counted over the connection */
    lk_time sacked_at, reported_at; /* when the peer first and last reported it (RFC 2018) */
    const uint8_t *bytes;    /* as first sent; NULL for SYN and FIN, and where the capture was cut short */
    uint32_t copies;         /* transmissions so far, >= 1 */
    uint8_t kind;
    bool sacked;
};

struct pieces { struct piece *at; uint32_t start, count, capacity; };

/* The i-th piece, from 0; i < pieces->count. */
static inline struct piece *pieces_at(const struct pieces *pieces, uint32_t i)
{
    return &pieces->at[pieces->start + i];
}
/* Index of the first piece that ends above `position`; count when there is none. */
uint32_t pieces_from(const struct pieces *pieces, int64_t position);
/* The piece that holds `position`, or NULL. */
struct piece *pieces_find(const struct pieces *pieces, int64_t position);
/* Puts a piece in its place; it must not overlap another. 0, or LK_E_NOMEM. */
int pieces_add(struct pieces *pieces, const struct piece *piece);
/* Makes `position` the border of two pieces if it lies within one. 0, or LK_E_NOMEM. */
int pieces_split(struct pieces *pieces, int64_t position);
/* Forgets everything below `edge`. */
void pieces_drop_below(struct pieces *pieces, int64_t edge);

#endif
