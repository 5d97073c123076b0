/* RFC 6675's scoreboard: Update, IsLost, SetPipe, NextSeg, with segments of 1000 octets, numbered 0, 1, 2 ... */
#include "stack/tcp/sack.h"
#include "stack/tests/support/run.h"

#define MSS 1000u

struct world {
    _Alignas(16) uint8_t memory[8192];
    struct lk_pool *pool;
    struct tcp_scoreboard board;
    uint32_t una, nxt;
};

static void begin(struct world *w, uint32_t segments)
{
    struct lk_arena arena;
    ck_assert_int_eq(lk_arena_open(&arena, w->memory, sizeof w->memory), 0);
    w->pool = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof(struct lk_pool)));
    ck_assert_int_eq(lk_pool_init(w->pool, &arena, sizeof(struct tcp_range), 64), 0);
    w->una = UINT32_MAX - 2500; /* across the wrap */
    w->nxt = w->una + segments * MSS;
    tcp_sack_init(&w->board, w->una);
}

/* The peer SACKs segments from..to-1; returns the octets that were new. */
static uint32_t sack(struct world *w, uint32_t from, uint32_t to)
{
    struct lk_tcp_sack block = {w->una + from * MSS, w->una + to * MSS};
    uint32_t fresh = tcp_sack_update(w->pool, &w->board, &block, 1, w->una, w->nxt);
    tcp_sack_mark_lost(w->pool, &w->board, 3, MSS);
    return fresh;
}

static uint32_t lost_up_to(const struct world *w)
{
    return (w->board.lost - w->una) / MSS;
}

static uint32_t pipe(const struct world *w)
{
    return tcp_sack_pipe(w->pool, &w->board, w->una, w->nxt);
}

START_TEST(blocks_outside_of_what_is_in_flight_are_ignored)
{ /* RFC 2018 4, RFC 2883 4.1 */
    struct world w;
    begin(&w, 10);
    struct lk_tcp_sack blocks[] = {{w.una - 2000, w.una - 1000}, {w.una, w.una + 1000}, {w.nxt - 500, w.nxt + 500}, {w.una + 3000, w.una + 2000}};
    ck_assert_uint_eq(tcp_sack_update(w.pool, &w.board, blocks, 4, w.una, w.nxt), 0);
    ck_assert_uint_eq(w.board.sacked.count, 0);
    ck_assert_uint_eq(sack(&w, 1, 2), 1000);
    ck_assert_uint_eq(sack(&w, 1, 2), 0);
}
END_TEST

START_TEST(three_ranges_above_make_a_loss)
{ /* IsLost, DupThresh discontiguous sequences */
    struct world w;
    begin(&w, 10);
    struct lk_tcp_sack small[] = {{w.una + 1000, w.una + 1001}, {w.una + 3000, w.una + 3001}, {w.una + 5000, w.una + 5001}};
    tcp_sack_update(w.pool, &w.board, small, 2, w.una, w.nxt);
    tcp_sack_mark_lost(w.pool, &w.board, 3, MSS);
    ck_assert_uint_eq(lost_up_to(&w), 0);
    tcp_sack_update(w.pool, &w.board, small + 2, 1, w.una, w.nxt);
    tcp_sack_mark_lost(w.pool, &w.board, 3, MSS);
    ck_assert_uint_eq(lost_up_to(&w), 1); /* only what lies below all three */
}
END_TEST

START_TEST(more_than_two_segments_above_make_a_loss)
{ /* IsLost, (DupThresh - 1) * SMSS octets */
    struct world w;
    begin(&w, 10);
    sack(&w, 1, 3);
    ck_assert_uint_eq(lost_up_to(&w), 0);
    sack(&w, 3, 4);
    ck_assert_uint_eq(lost_up_to(&w), 1);
    sack(&w, 6, 8);
    ck_assert_uint_eq(lost_up_to(&w), 1); /* 4 and 5 have two segments above */
    sack(&w, 8, 9);
    ck_assert_uint_eq(lost_up_to(&w), 6);
}
END_TEST

START_TEST(pipe_counts_what_is_believed_to_travel)
{ /* SetPipe */
    struct world w;
    begin(&w, 10);
    ck_assert_uint_eq(pipe(&w), 10000);
    sack(&w, 1, 3);
    ck_assert_uint_eq(pipe(&w), 8000); /* 0 is not lost yet */
    sack(&w, 3, 4);
    ck_assert_uint_eq(pipe(&w), 6000); /* 0 is lost, 1..3 are SACKed */
    w.board.high_rxt = w.una + MSS;
    ck_assert_uint_eq(pipe(&w), 7000); /* 0 travels again */
}
END_TEST

START_TEST(next_seg_takes_losses_in_order_then_holes)
{ /* NextSeg (1), (3) */
    struct world w;
    uint32_t left, right;
    begin(&w, 12);
    ck_assert(!tcp_sack_next_lost(w.pool, &w.board, MSS, &left, &right));
    sack(&w, 2, 5);
    sack(&w, 7, 8);
    ck_assert(tcp_sack_next_lost(w.pool, &w.board, MSS, &left, &right));
    ck_assert(left == w.una && right == w.una + MSS);
    w.board.high_rxt = right;
    ck_assert(tcp_sack_next_lost(w.pool, &w.board, MSS, &left, &right));
    ck_assert(left == w.una + MSS && right == w.una + 2 * MSS);
    w.board.high_rxt = right;
    ck_assert(!tcp_sack_next_lost(w.pool, &w.board, MSS, &left, &right));
    ck_assert(tcp_sack_next_hole(w.pool, &w.board, MSS, &left, &right));
    ck_assert(left == w.una + 5 * MSS && right == w.una + 6 * MSS);
    w.board.high_rxt = w.una + 7 * MSS;
    ck_assert(!tcp_sack_next_hole(w.pool, &w.board, MSS, &left, &right)); /* nothing above the highest SACKed octet */
}
END_TEST

START_TEST(an_acknowledgment_shortens_the_board)
{
    struct world w;
    begin(&w, 10);
    sack(&w, 2, 4);
    sack(&w, 6, 9);
    tcp_sack_acked(w.pool, &w.board, w.una + 7 * MSS);
    ck_assert_uint_eq(w.board.sacked.octets, 2000);
    ck_assert_uint_eq(w.board.high_rxt, w.una + 7 * MSS);
}
END_TEST

START_TEST(reneging_is_a_sacked_octet_at_una)
{ /* RFC 2018 8 */
    struct world w;
    begin(&w, 10);
    sack(&w, 2, 4);
    ck_assert(!tcp_sack_reneged(w.pool, &w.board, w.una));
    tcp_sack_acked(w.pool, &w.board, w.una + 3 * MSS);
    ck_assert(tcp_sack_reneged(w.pool, &w.board, w.una + 3 * MSS));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        blocks_outside_of_what_is_in_flight_are_ignored, three_ranges_above_make_a_loss, more_than_two_segments_above_make_a_loss,
        pipe_counts_what_is_believed_to_travel, next_seg_takes_losses_in_order_then_holes, an_acknowledgment_shortens_the_board,
        reneging_is_a_sacked_octet_at_una,
    };
    return run_tests("stack/tcp/sack", tests, sizeof tests / sizeof tests[0]);
}
