/* Numbers that the device chooses itself - ports, ids, transaction numbers - stand in a trace as the recorded device, or the
 * author, chose them. Which is which is learnt from what the device sends: one number of the trace for one of this run, both
 * ways, and what comes in later is rewritten. A number that comes in first is not the device's choice: it must come back equal.
 * Internal to conformance/replay. */
#ifndef LK_REPLAY_FIELD_MAP_H
#define LK_REPLAY_FIELD_MAP_H

#include "conformance/replay/field_view.h"
#include "conformance/timeline/bump.h"

struct lk_field_map;
struct lk_field_map *lk_field_map_new(const struct lk_trace *trace, struct lk_bump *memory); /* NULL without memory */

enum lk_field_class { LK_CLASS_FREE = 0, LK_CLASS_EQUAL, LK_CLASS_MAPPED };
/* How the device's field is compared: free, equal, or mapped. `view` is of the frame that the trace expects. */
enum lk_field_class lk_field_class(const struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *view, const struct lk_field *field);

/* The device says `actual` where the trace says `expected`. NULL when that agrees with what was learnt (now it is, when `learn`);
 * otherwise what should have come, as text in `memory`. */
const char *lk_field_map_hold(struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *view, const struct lk_field *expected,
                              const struct lk_field *actual, bool learn);
/* Learns the numbers of a matched frame that are free but may come back: IP identifications, quoted by ICMP. */
void lk_field_map_note(struct lk_field_map *map, const struct lk_step *step, const struct lk_field_view *expected, const struct lk_field_view *actual);

/* A stimulus of the trace as this run needs it: a copy with the learnt numbers in place, its checksums right where they were. Numbers
 * that nobody has chosen yet are the peer's from now on. NULL without memory. */
uint8_t *lk_field_map_rewrite(struct lk_field_map *map, const struct lk_step *step);
bool lk_field_map_no_memory(const struct lk_field_map *map);

#endif
