/* The walk through one frame, and what was found on it. */
#include "conformance/dissect/dissect.h"

#include "conformance/dissect/layer.h"
#include "stack/base/error.h"

static int error_of(enum lk_dissect_end end)
{
    switch (end) {
    case LK_DISSECT_WHOLE:
        return 0;
    case LK_DISSECT_CUT:
        return LK_E_TRUNCATED;
    case LK_DISSECT_FULL:
    case LK_DISSECT_DEEP:
        return LK_E_FULL;
    case LK_DISSECT_UNSUPPORTED:
        return LK_E_UNSUPPORTED;
    default:
        return LK_E_MALFORMED;
    }
}

int lk_dissect(const struct lk_dissect_frame *frame, struct lk_dissect_memory *memory, struct lk_dissection *out)
{
    out->layer_count = out->field_count = 0;
    out->end = LK_DISSECT_WHOLE;
    out->end_at = out->note_at = 0;
    out->end_what = out->note = NULL;
    struct lk_walk walk = {.frame = frame, .memory = memory, .out = out};
    /* A frame that says it is shorter than what was captured of it is believed to be as long as what is there. */
    struct lk_view v = {frame->bytes, 0, frame->captured, frame->length > frame->captured ? frame->length : frame->captured};
    if (frame->link == LK_LINK_ETHERNET)
        lk_dissect_ethernet(&walk, &v);
    else if (frame->link == LK_LINK_RAW_IP)
        lk_dissect_ipv4(&walk, &v);
    else
        lk_walk_end(&walk, LK_DISSECT_UNSUPPORTED, 0, "this link type is not taken apart");
    return error_of(out->end);
}

const struct lk_field *lk_dissection_find(const struct lk_dissection *d, const char *name, uint32_t from)
{
    for (uint32_t i = from; i < d->field_count; i++)
        if (lk_field_is(&d->fields[i], name))
            return &d->fields[i];
    return NULL;
}
