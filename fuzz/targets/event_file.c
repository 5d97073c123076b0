/* The event file on any bytes: always a trace, whose encoding is canonical and comes back without loss. */
#include "conformance/timeline/codec.h"
#include "conformance/timeline/event.h"
#include "fuzz/common/law.h"

#define BUDGET (16u << 20)

/* Every frame must be readable, whatever it is. */
static void must_be_readable(const struct lk_capture *capture)
{
    for (size_t i = 0; i < capture->count; i++) {
        struct lk_segment segment;
        char line[1024];
        lk_segment_read(capture->frames[i].bytes, capture->frames[i].len, capture->link, &segment);
        int len = lk_segment_text(&segment, 0, 0, line, sizeof line);
        law(len > 0 && (size_t)len == strlen(line), "a segment is one line");
        must_be_initialised((const uint8_t *)line, (size_t)len);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = exact_copy(data, size), *encoded, *again;
    struct lk_bump *bump = lk_bump_new(BUDGET), *room = lk_bump_new(8 * BUDGET);
    struct lk_trace trace, back;
    size_t len, again_len;
    law(bump != NULL && room != NULL, "memory for the arenas");
    int result = lk_trace_decode(bytes, size, bump, &trace);
    free(bytes); /* nothing of the trace may point into it */
    if (result == 0) {
        must_be_readable(&trace.capture);
        must_be_readable(&trace.peer_capture);
        law(lk_trace_encode(&trace, room, &encoded, &len) == 0, "it can be encoded");
        must_be_initialised(encoded, len);
        law(lk_trace_decode(encoded, len, room, &back) == 0, "it can be decoded again");
        law(lk_trace_difference(&trace, &back) == NULL, "decoding what was encoded is an identity");
        law(lk_trace_encode(&back, room, &again, &again_len) == 0, "it can be encoded again");
        law(same(encoded, len, again, again_len), "the encoding is canonical");
    }
    lk_bump_free(room);
    lk_bump_free(bump);
    return 0;
}
