/* The list of what is outstanding: cutting, finding, dropping. */
#include "conformance/rules/pieces.h"
#include "conformance/tests/support/rule_lines.h"
#include "stack/base/error.h"

static uint8_t bytes[100];

static struct pieces three(struct piece *room, uint32_t capacity)
{
    struct pieces pieces = {.at = room, .capacity = capacity};
    for (int64_t from = 0; from < 30; from += 10) {
        struct piece piece = {.from = from, .to = from + 10, .bytes = bytes + from, .copies = 1};
        ck_assert_int_eq(pieces_add(&pieces, &piece), 0);
    }
    return pieces;
}

/* Neighbours meet, and each piece points at its own bytes. */
static void assert_whole(const struct pieces *pieces, int64_t from, int64_t to)
{
    for (uint32_t i = 0; i < pieces->count; i++) {
        const struct piece *piece = pieces_at(pieces, i);
        ck_assert_int_eq(piece->from, from);
        ck_assert_int_lt(piece->from, piece->to);
        ck_assert_ptr_eq(piece->bytes, bytes + from);
        from = piece->to;
    }
    ck_assert_int_eq(from, to);
}

START_TEST(a_position_is_found_in_its_piece)
{
    struct piece room[8];
    struct pieces pieces = three(room, 8);
    ck_assert_int_eq(pieces_find(&pieces, 0)->from, 0);
    ck_assert_int_eq(pieces_find(&pieces, 9)->from, 0);
    ck_assert_int_eq(pieces_find(&pieces, 10)->from, 10);
    ck_assert_int_eq(pieces_find(&pieces, 29)->from, 20);
    ck_assert_ptr_null(pieces_find(&pieces, 30));
    ck_assert_ptr_null(pieces_find(&pieces, -1));
    ck_assert_uint_eq(pieces_from(&pieces, -5), 0);
    ck_assert_uint_eq(pieces_from(&pieces, 10), 1);
    ck_assert_uint_eq(pieces_from(&pieces, 30), 3);
}
END_TEST

START_TEST(splitting_keeps_everything)
{
    struct piece room[8];
    struct pieces pieces = three(room, 8);
    ck_assert_int_eq(pieces_split(&pieces, 15), 0);
    ck_assert_uint_eq(pieces.count, 4);
    assert_whole(&pieces, 0, 30);
    ck_assert_int_eq(pieces_split(&pieces, 15), 0); /* it is a border now */
    ck_assert_int_eq(pieces_split(&pieces, 0), 0);
    ck_assert_int_eq(pieces_split(&pieces, 30), 0);
    ck_assert_uint_eq(pieces.count, 4);
    ck_assert_int_eq(pieces_find(&pieces, 14)->to, 15);
    ck_assert_int_eq(pieces_find(&pieces, 15)->to, 20);
}
END_TEST

START_TEST(dropping_cuts_the_piece_at_the_edge)
{
    struct piece room[8];
    struct pieces pieces = three(room, 8);
    pieces_drop_below(&pieces, 15);
    ck_assert_uint_eq(pieces.count, 2);
    assert_whole(&pieces, 15, 30);
    pieces_drop_below(&pieces, 20);
    assert_whole(&pieces, 20, 30);
    pieces_drop_below(&pieces, 99);
    ck_assert_uint_eq(pieces.count, 0);
}
END_TEST

START_TEST(the_room_of_dropped_pieces_is_used_again)
{
    struct piece room[3];
    struct pieces pieces = three(room, 3);
    struct piece next = {.from = 30, .to = 40, .bytes = bytes + 30, .copies = 1};
    ck_assert_int_eq(pieces_add(&pieces, &next), LK_E_NOMEM);
    ck_assert_int_eq(pieces_split(&pieces, 5), LK_E_NOMEM);
    assert_whole(&pieces, 0, 30);
    pieces_drop_below(&pieces, 10);
    ck_assert_int_eq(pieces_add(&pieces, &next), 0);
    assert_whole(&pieces, 10, 40);
}
END_TEST

START_TEST(a_piece_finds_its_place_between_others)
{
    struct piece room[8];
    struct pieces pieces = {.at = room, .capacity = 8};
    struct piece low = {.from = 0, .to = 10, .bytes = bytes}, middle = {.from = 10, .to = 20, .bytes = bytes + 10}, high = {.from = 20, .to = 30, .bytes = bytes + 20};
    ck_assert_int_eq(pieces_add(&pieces, &low), 0);
    ck_assert_int_eq(pieces_add(&pieces, &high), 0);
    ck_assert_ptr_null(pieces_find(&pieces, 15));
    ck_assert_int_eq(pieces_add(&pieces, &middle), 0);
    assert_whole(&pieces, 0, 30);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {a_position_is_found_in_its_piece, splitting_keeps_everything, dropping_cuts_the_piece_at_the_edge,
        the_room_of_dropped_pieces_is_used_again, a_piece_finds_its_place_between_others};
    return run_tests("rules/pieces", tests, sizeof tests / sizeof tests[0]);
}
