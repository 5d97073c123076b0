/* A sorted list of disjoint ranges of sequence numbers, its records in a pool. Used twice: for what arrived out of
 * order (reassembly.c) and for what the peer has SACKed (sack.c). Ranges that touch are one range.
 * All numbers of one list lie within 2^31 of each other.
 */
#ifndef LK_TCP_RANGE_H
#define LK_TCP_RANGE_H

#include "stack/base/pool.h"
#include <stdbool.h>
#include <stdint.h>

struct tcp_range {
    uint32_t left, right; /* left .. right - 1 */
    uint32_t next;        /* index of the next higher range, or LK_NONE */
    uint32_t stamp;       /* the caller's; of merged ranges the newest */
};

struct tcp_ranges {
    uint32_t head;   /* lowest range, or LK_NONE */
    uint32_t count;
    uint32_t octets; /* covered */
};

void tcp_ranges_init(struct tcp_ranges *list);

static inline struct tcp_range *tcp_range_at(const struct lk_pool *pool, uint32_t index)
{
    return (struct tcp_range *)lk_pool_at(pool, index);
}

/* Adds left .. right - 1 (left < right). Returns the number of octets that were not covered before;
 * -1 when the pool has no record for it: nothing changed. */
int64_t tcp_ranges_add(struct lk_pool *pool, struct tcp_ranges *list, uint32_t left, uint32_t right, uint32_t stamp);

/* Removes everything below `seq`. */
void tcp_ranges_cut(struct lk_pool *pool, struct tcp_ranges *list, uint32_t seq);

void tcp_ranges_clear(struct lk_pool *pool, struct tcp_ranges *list);

/* The first gap at or above `from`: *left is the first octet not covered, *right where the next range starts.
 * False when no range lies above it (then *left is still right). */
bool tcp_ranges_gap(const struct lk_pool *pool, const struct tcp_ranges *list, uint32_t from, uint32_t *left, uint32_t *right);

/* Whether all of left .. right - 1 is covered. */
bool tcp_ranges_cover(const struct lk_pool *pool, const struct tcp_ranges *list, uint32_t left, uint32_t right);

/* Sorted, disjoint, not touching, sums right. */
bool tcp_ranges_check(const struct lk_pool *pool, const struct tcp_ranges *list);

#endif
