/* What one end has sent, as far as the capture shows it: ranges of its sequence space in order, each with the packet that carried
 * it last. A range nobody has seen, though something above it was sent, is a piece of its own: a hole.
 *
 * Positions are 64-bit distances from the first sequence number seen. Old pieces go when room is short. */
#ifndef LK_AUDIT_PIECES_H
#define LK_AUDIT_PIECES_H

#include "stack/base/types.h"

enum { LK_PIECE_HOLE = 1,   /* not seen; the packet's fields are those of the one that jumped over it */
       LK_PIECE_FILLED = 2, /* was a hole once */
       LK_PIECE_STAMPED = 4,/* ts_val is valid */
       LK_PIECE_UNSEEN = 8  /* a hole that an acknowledgement told of: no packet jumped over it, ts_val and id mean nothing */ };

struct lk_piece {
    int64_t from;
    lk_time at;            /* when it was seen last; a hole: when it was jumped over */
    uint32_t len;
    uint32_t ts_val;
    uint16_t id;           /* IPv4 Identification */
    uint8_t copies;        /* how often it was seen, up to 255 */
    uint8_t flags;
};

struct lk_pieces { struct lk_piece *ring; uint32_t first, count, capacity; };

/* Appends a piece at the end (its `from` is where the last one ends or later). Oldest pieces are forgotten when `most` are held or
 * without memory; *budget is what may still be allocated, in bytes. False: not one could be kept. */
bool lk_pieces_add(struct lk_pieces *p, const struct lk_piece *piece, uint32_t most, size_t *budget);
/* The piece number i, 0 is the lowest. */
struct lk_piece *lk_pieces_at(const struct lk_pieces *p, uint32_t i);
/* The lowest piece that ends above `position`; p->count when there is none. */
uint32_t lk_pieces_find(const struct lk_pieces *p, int64_t position);
/* Splits piece i at `position`, which lies within it; the upper part is i + 1. False without room: nothing changed. */
bool lk_pieces_split(struct lk_pieces *p, uint32_t i, int64_t position, uint32_t most, size_t *budget);
void lk_pieces_free(struct lk_pieces *p, size_t *budget);

#endif
