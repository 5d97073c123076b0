/* A small sorted set of half-open ranges of sequence space, disjoint and never touching, in memory the caller gives.
 * The rules keep in it what a receiver holds above its gap. */
#ifndef LK_RULES_SPANS_H
#define LK_RULES_SPANS_H

#include <stdbool.h>
#include <stdint.h>

struct span { int64_t from, to; };
struct spans { struct span *at; uint32_t count, capacity; };

/* Adds from..to and joins what touches. 0, or LK_E_NOMEM when the set is full (then nothing is changed). An empty range is ignored. */
int spans_add(struct spans *set, int64_t from, int64_t to);
/* Takes away everything below `edge`. */
void spans_drop_below(struct spans *set, int64_t edge);
/* Whether all of from..to is held. */
bool spans_cover(const struct spans *set, int64_t from, int64_t to);
/* Whether any of from..to is held. */
bool spans_touch(const struct spans *set, int64_t from, int64_t to);

#endif
