/* Adding fields, and where a walk through a frame ends. */
#include "conformance/dissect/layer.h"

#include "stack/base/bytes.h"

bool lk_walk_end(struct lk_walk *w, enum lk_dissect_end end, uint32_t at, const char *what)
{
    if (w->out->end == LK_DISSECT_WHOLE) {
        w->out->end = end;
        w->out->end_at = at;
        w->out->end_what = what;
    }
    return false;
}

void lk_walk_note(struct lk_walk *w, uint32_t at, const char *what)
{
    if (w->out->note == NULL) {
        w->out->note = what;
        w->out->note_at = at;
    }
}

bool lk_layer_open(struct lk_walk *w, const char *name, const struct lk_view *v)
{
    struct lk_dissection *out = w->out;
    if (out->layer_count == LK_DISSECT_DEPTH)
        return lk_walk_end(w, LK_DISSECT_DEEP, v->at, "too many layers within layers");
    if (out->layer_count == out->layer_cap)
        return lk_walk_end(w, LK_DISSECT_FULL, v->at, "more layers than there is room for");
    w->layer = (uint16_t)out->layer_count;
    out->layers[out->layer_count++] = (struct lk_layer){name, v->at, 0};
    return true;
}

bool lk_view_need(struct lk_walk *w, const struct lk_view *v, uint32_t offset, uint32_t len)
{
    if (offset <= v->captured && len <= v->captured - offset)
        return true;
    if (offset <= v->reported && len <= v->reported - offset)
        return lk_walk_end(w, LK_DISSECT_CUT, v->at + v->captured, "the capture holds no more of the frame");
    return lk_walk_end(w, LK_DISSECT_SHORT, v->at + v->reported, "the layer below ends here");
}

struct lk_view lk_view_from(const struct lk_view *v, uint32_t offset)
{
    uint32_t there = offset < v->captured ? offset : v->captured;
    return (struct lk_view){v->bytes + there, v->at + offset, v->captured - there, v->reported - offset};
}

struct lk_view lk_view_cut(const struct lk_view *v, uint32_t len)
{
    struct lk_view cut = *v;
    if (cut.reported > len)
        cut.reported = len;
    if (cut.captured > len)
        cut.captured = len;
    return cut;
}

bool lk_add(struct lk_walk *w, const struct lk_field *field)
{
    struct lk_dissection *out = w->out;
    if (out->field_count == out->field_cap)
        return lk_walk_end(w, LK_DISSECT_FULL, field->at, "more fields than there is room for");
    out->fields[out->field_count] = *field;
    out->fields[out->field_count++].layer = w->layer;
    struct lk_layer *layer = &out->layers[w->layer];
    if (field->len > 0 && field->at + field->len > layer->at + layer->len)
        layer->len = field->at + field->len - layer->at;
    return true;
}

bool lk_add_number(struct lk_walk *w, const struct lk_view *v, const char *name, uint32_t offset, uint32_t len, uint64_t number)
{
    return lk_add(w, &(struct lk_field){.name = name, .at = v->at + offset, .len = len, .number = number, .kind = LK_FIELD_DECIMAL});
}

bool lk_add_hex(struct lk_walk *w, const struct lk_view *v, const char *name, uint32_t offset, uint32_t len, uint64_t number, unsigned digits)
{
    return lk_add(w, &(struct lk_field){
                         .name = name, .at = v->at + offset, .len = len, .number = number, .kind = LK_FIELD_HEX, .digits = (uint8_t)digits});
}

bool lk_add_octets(struct lk_walk *w, const struct lk_view *v, const char *name, uint32_t offset, uint32_t len, unsigned kind)
{
    return lk_view_need(w, v, offset, len) &&
           lk_add(w, &(struct lk_field){
                         .name = name, .at = v->at + offset, .len = len, .bytes = v->bytes + offset, .kind = (uint8_t)kind});
}

bool lk_add_rows(struct lk_walk *w, const struct lk_view *v, const struct lk_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct lk_row *row = &rows[i];
        if (!lk_view_need(w, v, row->at, row->len))
            return false;
        const uint8_t *bytes = v->bytes + row->at;
        uint64_t number = 0;
        for (uint32_t k = 0; k < row->len; k++)
            number = number << 8 | bytes[k];
        struct lk_field field = {.name = row->name, .bytes = bytes, .number = number, .at = v->at + row->at, .len = row->len,
                                 .kind = row->kind, .digits = row->digits};
        if (!lk_add(w, &field))
            return false;
    }
    return true;
}
