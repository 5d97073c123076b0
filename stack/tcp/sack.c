#include "stack/tcp/sack.h"
#include "stack/base/seq.h"

void tcp_sack_init(struct tcp_scoreboard *board, uint32_t una)
{
    tcp_ranges_init(&board->sacked);
    board->high_rxt = una;
    board->lost = una;
}

uint32_t tcp_sack_update(struct lk_pool *pool, struct tcp_scoreboard *board, const struct lk_tcp_sack *blocks, unsigned count, uint32_t una, uint32_t nxt)
{
    uint32_t fresh = 0;
    for (unsigned i = 0; i < count; i++) {
        uint32_t left = blocks[i].left;
        uint32_t right = blocks[i].right;
        /* RFC 2018 4: a block reports data above the acknowledgement. One at or below it is a DSACK (RFC 2883 4.1). */
        if (!seq_lt(left, right) || !seq_gt(left, una) || !seq_leq(right, nxt))
            continue;
        int64_t octets = tcp_ranges_add(pool, &board->sacked, left, right, 0);
        fresh += octets > 0 ? (uint32_t)octets : 0;
    }
    return fresh;
}

void tcp_sack_acked(struct lk_pool *pool, struct tcp_scoreboard *board, uint32_t una)
{
    tcp_ranges_cut(pool, &board->sacked, una);
    board->high_rxt = seq_max(board->high_rxt, una);
    board->lost = seq_max(board->lost, una);
}

void tcp_sack_mark_lost(const struct lk_pool *pool, struct tcp_scoreboard *board, unsigned dup_threshold, uint32_t smss)
{
    uint32_t ranges = board->sacked.count;
    uint32_t octets = board->sacked.octets;
    for (uint32_t i = board->sacked.head; i != LK_NONE; i = tcp_range_at(pool, i)->next) {
        const struct tcp_range *r = tcp_range_at(pool, i);
        if (ranges < dup_threshold && octets <= (dup_threshold - 1) * smss)
            return;
        board->lost = seq_max(board->lost, r->left);
        ranges--;
        octets -= seq_distance(r->right, r->left);
    }
}

/* Octets of left .. right - 1 that count into Pipe: each not lost once (4 (a)), each retransmitted once more (4 (b)). */
static uint32_t pipe_of_gap(const struct tcp_scoreboard *board, uint32_t left, uint32_t right)
{
    uint32_t pipe = 0;
    uint32_t not_lost = seq_max(left, board->lost);
    uint32_t resent = seq_min(right, board->high_rxt);
    if (seq_lt(not_lost, right))
        pipe += seq_distance(right, not_lost);
    if (seq_lt(left, resent))
        pipe += seq_distance(resent, left);
    return pipe;
}

uint32_t tcp_sack_pipe(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t una, uint32_t nxt)
{
    uint32_t pipe = 0;
    uint32_t at = una;
    for (uint32_t i = board->sacked.head; i != LK_NONE; i = tcp_range_at(pool, i)->next) {
        const struct tcp_range *r = tcp_range_at(pool, i);
        if (seq_lt(at, r->left))
            pipe += pipe_of_gap(board, at, r->left);
        at = r->right;
    }
    if (seq_lt(at, nxt))
        pipe += pipe_of_gap(board, at, nxt);
    return pipe;
}

/* The gap at or above high_rxt, cut off at `limit` and at `most` octets. */
static bool gap_below(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t limit, uint32_t most, uint32_t *left, uint32_t *right)
{
    if (!tcp_ranges_gap(pool, &board->sacked, board->high_rxt, left, right))
        *right = limit;
    *right = seq_min(*right, limit);
    if (!seq_lt(*left, *right))
        return false;
    *right = seq_min(*right, seq_add(*left, most));
    return true;
}

bool tcp_sack_next_lost(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t most, uint32_t *left, uint32_t *right)
{
    return gap_below(pool, board, board->lost, most, left, right);
}

bool tcp_sack_next_hole(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t most, uint32_t *left, uint32_t *right)
{
    if (!tcp_ranges_gap(pool, &board->sacked, board->high_rxt, left, right))
        return false; /* nothing is SACKed above */
    *right = seq_min(*right, seq_add(*left, most));
    return true;
}

bool tcp_sack_reneged(const struct lk_pool *pool, const struct tcp_scoreboard *board, uint32_t una)
{
    return board->sacked.head != LK_NONE && seq_leq(tcp_range_at(pool, board->sacked.head)->left, una);
}
