/* The fields of a record, walked in one order for both directions: emitting appends them to a payload, parsing takes them
 * from one. So the layout is written down once. Inside this room only. */
#ifndef LK_TIMELINE_CODEC_FIELD_H
#define LK_TIMELINE_CODEC_FIELD_H

#include "conformance/timeline/trace.h"

struct lk_codec {
    bool emit;
    bool failed;                 /* the budget is used up; everything after it does nothing */
    struct lk_bump *bump;        /* what emit grows, where parse copies to */
    uint8_t *payload;            /* emit: grown; parse: borrowed, not written */
    size_t len, capacity, at;    /* parse: at goes up to len; past it everything reads as zero */
};

void lk_codec_u8(struct lk_codec *codec, uint8_t *value);
void lk_codec_u16(struct lk_codec *codec, uint16_t *value);
void lk_codec_u32(struct lk_codec *codec, uint32_t *value);
void lk_codec_u64(struct lk_codec *codec, uint64_t *value);
void lk_codec_i64(struct lk_codec *codec, int64_t *value);
void lk_codec_flag(struct lk_codec *codec, bool *value);
void lk_codec_bytes(struct lk_codec *codec, uint8_t *bytes, size_t len);
/* NULL and an empty text are both "none". Parsing: sound UTF-8 without zero bytes, each unsound byte becomes '?'. */
void lk_codec_text(struct lk_codec *codec, const char **text);
/* The number of elements of a list that take at least `least` bytes each; parsing bounds it by what is left. */
size_t lk_codec_count(struct lk_codec *codec, size_t count, size_t least);

#endif
