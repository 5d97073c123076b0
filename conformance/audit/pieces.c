#include "conformance/audit/pieces.h"

#include <stdlib.h>

struct lk_piece *lk_pieces_at(const struct lk_pieces *p, uint32_t i)
{
    return &p->ring[(p->first + i) & (p->capacity - 1)];
}

/* Twice the room, or eight to begin with. */
static bool grow(struct lk_pieces *p, uint32_t most, size_t *budget)
{
    uint32_t capacity = p->capacity == 0 ? 8 : p->capacity * 2;
    size_t more = (size_t)(capacity - p->capacity) * sizeof *p->ring;
    if (capacity > most || more > *budget)
        return false;
    struct lk_piece *ring = malloc(capacity * sizeof *ring);
    if (ring == NULL)
        return false;
    for (uint32_t i = 0; i < p->count; i++)
        ring[i] = *lk_pieces_at(p, i);
    free(p->ring);
    *budget -= more;
    p->ring = ring;
    p->first = 0;
    p->capacity = capacity;
    return true;
}

bool lk_pieces_add(struct lk_pieces *p, const struct lk_piece *piece, uint32_t most, size_t *budget)
{
    if (p->count == p->capacity && !grow(p, most, budget)) {
        if (p->capacity == 0)
            return false;
        p->first = (p->first + 1) & (p->capacity - 1);
        p->count--;
    }
    *lk_pieces_at(p, p->count++) = *piece;
    return true;
}

uint32_t lk_pieces_find(const struct lk_pieces *p, int64_t position)
{
    uint32_t low = 0, high = p->count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        const struct lk_piece *piece = lk_pieces_at(p, mid);
        if (piece->from + piece->len > position)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

bool lk_pieces_split(struct lk_pieces *p, uint32_t i, int64_t position, uint32_t most, size_t *budget)
{
    if (p->count == p->capacity && !grow(p, most, budget))
        return false;
    for (uint32_t k = p->count; k > i; k--)
        *lk_pieces_at(p, k) = *lk_pieces_at(p, k - 1);
    p->count++;
    struct lk_piece *low = lk_pieces_at(p, i), *high = lk_pieces_at(p, i + 1);
    low->len = (uint32_t)(position - low->from);
    high->len -= low->len;
    high->from = position;
    return true;
}

void lk_pieces_free(struct lk_pieces *p, size_t *budget)
{
    *budget += (size_t)p->capacity * sizeof *p->ring;
    free(p->ring);
    *p = (struct lk_pieces){0};
}
