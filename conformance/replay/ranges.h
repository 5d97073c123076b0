/* A set of ranges of sequence space (relative numbers), kept sorted and joined: which bytes were sent, have arrived, were lost. */
#ifndef LK_REPLAY_RANGES_H
#define LK_REPLAY_RANGES_H

#include "conformance/timeline/trace.h"

struct lk_ranges { struct lk_range *list; size_t count, capacity; };

/* Adds from .. to - 1. 0 or LK_E_NOMEM. An empty range adds nothing. */
int lk_ranges_add(struct lk_ranges *set, struct lk_bump *memory, uint64_t from, uint64_t to);
/* The first number at or behind `from` that is not in the set. */
uint64_t lk_ranges_next_hole(const struct lk_ranges *set, uint64_t from);
/* How many numbers of from .. to - 1 are in the set. */
uint64_t lk_ranges_covered(const struct lk_ranges *set, uint64_t from, uint64_t to);
/* How many numbers there are in all. */
uint64_t lk_ranges_total(const struct lk_ranges *set);

#endif
