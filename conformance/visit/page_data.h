/* What the page tells, as one JSON object: every packet taken apart, once. Not for other rooms.
 *
 *   url seed whole failure[2] page_bytes got_bytes ended   of the visit; times are nanoseconds; failure: at which step it ended, or null
 *   hosts[] {name role ifaces[{mac link address prefix outside}]}   address null: by DHCP
 *   links[] {name hosts[2] delay}
 *   acts[] {kind happened held first last from to title[2] summary[2]}
 *   findings[] {act packet requirement message}
 *   packets[] {link from to sent arrived act repeated repeats same line[2] why[2] error} and either
 *       {bytes layers fields}             bytes in base64; layers: name, at, length, ...; fields: name, layer, at, length, value, ...
 *       {base patch changed}              as packet number `base`, but for patch: at, bytes, ... and changed: field, value, ...
 *   texts[]                               what the numbers in layers, fields, changed, line and why stand for; -1: no text
 *
 * A pair [2] is English, Korean. `act` is an index of acts. A field of length 0 stands nowhere in the frame. The value of
 * a long run of bytes is -1: they are to be seen anyway. */
#ifndef LK_VISIT_PAGE_DATA_H
#define LK_VISIT_PAGE_DATA_H

#include "conformance/dissect/dissect.h"
#include "conformance/visit/page_write.h"
#include "conformance/visit/story.h"

/* One packet, taken apart; its texts as numbers of `texts`. */
struct lk_page_packet {
    struct lk_layer *layers;
    struct lk_field *fields;
    uint32_t *name, *value;    /* of each field; LK_NONE: no text */
    uint32_t layer_count, field_count;
    uint32_t *layer_name;
    uint32_t line[LK_STORY_LANGUAGES], why[LK_STORY_LANGUAGES];
    uint32_t error;            /* why taking it apart ended early, or LK_NONE */
    uint32_t base;             /* index of a packet that differs in values only, or LK_NONE */
};

struct lk_page_data {
    const struct lk_story *story;
    struct lk_page_packet *packets;
    struct lk_page_texts texts;
};

/* Takes all packets apart, in `memory`. 0, LK_E_INVALID or LK_E_NOMEM as lk_visit_page(). */
int lk_page_data_make(struct lk_page_data *data, const struct lk_story *story, struct lk_bump *memory);
void lk_page_data_write(const struct lk_page_data *data, const struct lk_report_out *out);

#endif
