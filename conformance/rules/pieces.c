#include "conformance/rules/pieces.h"
#include "stack/base/error.h"

#include <string.h>

uint32_t pieces_from(const struct pieces *pieces, int64_t position)
{
    uint32_t low = 0, high = pieces->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (pieces_at(pieces, middle)->to <= position)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

struct piece *pieces_find(const struct pieces *pieces, int64_t position)
{
    uint32_t i = pieces_from(pieces, position);
    if (i == pieces->count || pieces_at(pieces, i)->from > position)
        return NULL;
    return pieces_at(pieces, i);
}

/* Acknowledged pieces leave a free stretch at the front, used again when the end is reached. */
static void move_to_front(struct pieces *pieces)
{
    memmove(pieces->at, pieces->at + pieces->start, pieces->count * sizeof *pieces->at);
    pieces->start = 0;
}

int pieces_add(struct pieces *pieces, const struct piece *piece)
{
    if (pieces->count == pieces->capacity)
        return LK_E_NOMEM;
    if (pieces->start + pieces->count == pieces->capacity)
        move_to_front(pieces);
    uint32_t where = pieces_from(pieces, piece->from);
    memmove(pieces_at(pieces, where + 1), pieces_at(pieces, where), (pieces->count - where) * sizeof *pieces->at);
    *pieces_at(pieces, where) = *piece;
    pieces->count++;
    return 0;
}

static void cut_front(struct piece *piece, int64_t position)
{
    if (piece->bytes != NULL)
        piece->bytes += position - piece->from;
    piece->from = position;
}

int pieces_split(struct pieces *pieces, int64_t position)
{
    struct piece *whole = pieces_find(pieces, position);
    if (whole == NULL || whole->from == position)
        return 0;
    struct piece upper = *whole;
    int64_t end = whole->to;
    cut_front(&upper, position);
    whole->to = position;
    int error = pieces_add(pieces, &upper);
    if (error != 0)
        whole->to = end;
    return error;
}

void pieces_drop_below(struct pieces *pieces, int64_t edge)
{
    uint32_t gone = pieces_from(pieces, edge);
    pieces->start += gone;
    pieces->count -= gone;
    if (pieces->count == 0)
        pieces->start = 0;
    else if (pieces_at(pieces, 0)->from < edge)
        cut_front(pieces_at(pieces, 0), edge);
}
