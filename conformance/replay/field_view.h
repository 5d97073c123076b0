/* A frame as a list of named fields, and what of it is compared. Internal to conformance/replay. */
#ifndef LK_REPLAY_FIELD_VIEW_H
#define LK_REPLAY_FIELD_VIEW_H

#include "conformance/dissect/dissect.h"
#include "conformance/timeline/trace.h"

#define LK_VIEW_FIELDS 1024

struct lk_field_view {
    const uint8_t *bytes; uint32_t len;
    struct lk_dissection d;
    struct lk_layer layers[LK_DISSECT_DEPTH];
    struct lk_field fields[LK_VIEW_FIELDS];
    struct lk_field data;    /* what no layer takes apart, "data"; len 0: nothing */
};

/* Takes the frame apart; bytes are borrowed. */
void lk_field_view(struct lk_field_view *view, const uint8_t *bytes, size_t len);
/* The field at an index: those of the dissection, then `data`; NULL behind the last. */
const struct lk_field *lk_view_at(const struct lk_field_view *view, uint32_t index);
/* How many fields of that name stand before the index; and the nth (from 0) field of a name, or NULL. */
uint32_t lk_view_rank(const struct lk_field_view *view, uint32_t index);
const struct lk_field *lk_view_nth(const struct lk_field_view *view, const char *name, uint32_t rank);
bool lk_view_has_layer(const struct lk_field_view *view, const char *name);
/* The index of the innermost IP layer at or above a layer; LK_DISSECT_DEPTH: none. */
uint32_t lk_view_ip_layer(const struct lk_field_view *view, uint32_t layer);
/* The number of a field of a given layer: addresses in host order. False: it is not there. */
bool lk_view_number(const struct lk_field_view *view, uint32_t layer, const char *name, uint64_t *out);
/* A field as a number of at most 8 octets. */
uint64_t lk_field_number(const struct lk_field *field);

/* Puts changed bytes right again: every checksum that covers a changed octet changes by as much, so that a right one stays right
 * and a wrong one wrong. `view` is of the frame before; `bytes` is the changed frame of the same length. */
void lk_view_repair(const struct lk_field_view *view, uint8_t *bytes);

#endif
