/* The framing of an event file: the magic "LKE1", then records {u8 kind, u8 flags, u16 length, u32 microseconds since the
 * record before, all little endian, payload}. Unknown kinds are skipped by whoever reads, a short tail ends the file,
 * so every byte string is a valid input: bytes without the magic are read as records from the first byte on.
 *
 * Kinds 1..63 describe a trace (codec.h), 64..127 are stimuli of the stateful fuzz targets (stimulus.h), 128..255 are free.
 * Laws: every record that next() gives back is written by put() as the same bytes. */
#ifndef LK_TIMELINE_RECORD_H
#define LK_TIMELINE_RECORD_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_RECORD_HEADER 8
#define LK_RECORD_PAYLOAD_MAX 65535

struct lk_record {
    uint8_t kind, flags;
    uint16_t len;            /* bytes of payload */
    uint32_t microseconds;   /* since the record before */
    const uint8_t *payload;  /* borrowed */
};

struct lk_record_cursor { const uint8_t *bytes; size_t len, at; };

/* Starts at the first record. */
struct lk_record_cursor lk_record_start(const uint8_t *bytes, size_t len);
/* The next whole record; false at the end or at a short tail. */
bool lk_record_next(struct lk_record_cursor *cursor, struct lk_record *out);

/* Writes the magic. 4, or LK_E_NOSPACE. */
int lk_record_magic(uint8_t *buf, size_t cap);
/* Writes one record. Its bytes, or LK_E_NOSPACE; never a part of one. */
int lk_record_put(const struct lk_record *in, uint8_t *buf, size_t cap);

#endif
