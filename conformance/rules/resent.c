/* resent-payload: what is sent again is what was sent (RFC 9293 3.10.8: the segment at the front of the retransmission
 * queue is sent again; a byte of the stream never changes its value). */
#include "conformance/rules/book.h"

#include <string.h>

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* First byte of from..to in which the segment differs from the piece; `to` when none does. */
static int64_t first_difference(const struct piece *piece, const struct seg *seg, int64_t from, int64_t to)
{
    while (from < to && piece->bytes[from - piece->from] == seg->bytes[from - seg->data])
        from++;
    return from;
}

static void compare(struct lk_rulebook *book, const struct piece *piece, const struct seg *seg)
{
    int64_t from = greater(piece->from, seg->data), to = lesser(piece->to, seg->data_end);
    if (piece->kind != PIECE_DATA || from >= to)
        return;
    if (piece->bytes == NULL || seg->bytes == NULL) {
        book_cannot_tell(book, CHECK_RESENT_PAYLOAD);
        return;
    }
    int64_t differs = first_difference(piece, seg, from, to);
    if (differs == to) {
        book_held(book, CHECK_RESENT_PAYLOAD);
        return;
    }
    book_expect(book, "byte %lld again as first sent, 0x%02x", (long long)differs, piece->bytes[differs - piece->from]);
    book_actual(book, "0x%02x", seg->bytes[differs - seg->data]);
    book_violated(book, CHECK_RESENT_PAYLOAD, "RFC9293-3.10.8-a", seg->number, differs, to);
}

void resent_payload_out(struct lk_rulebook *book, const struct seg *seg)
{
    const struct pieces *pieces = &book->flow.pieces;
    if (seg->rst)
        return;
    for (uint32_t i = pieces_from(pieces, seg->data); i < pieces->count && pieces_at(pieces, i)->from < seg->data_end; i++)
        compare(book, pieces_at(pieces, i), seg);
}
