/* A named field of a packet: where it lies and what it says.
 *
 * Names are Wireshark's display-filter names, and lk_field_text() prints a value as `tshark -T fields` does, so that
 * everything here can be held against tshark. */
#ifndef LK_DISSECT_FIELD_H
#define LK_DISSECT_FIELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lk_field_kind {
    LK_FIELD_DECIMAL, /* `number` */
    LK_FIELD_SIGNED,  /* `number` as a signed one */
    LK_FIELD_HEX,     /* `number`, 0x and `digits` digits */
    LK_FIELD_MAC,     /* six octets at `bytes` */
    LK_FIELD_IPV4,    /* four octets at `bytes` */
    LK_FIELD_BYTES,   /* `len` octets at `bytes`, as hexadecimal digits */
    LK_FIELD_TIME,    /* `number` as signed nanoseconds: seconds with nine decimals */
    LK_FIELD_IPV6,    /* sixteen octets at `bytes`, as RFC 5952 writes them */
    LK_FIELD_DNS_NAME,/* the domain name at the low half of `number` in the message of (high half of `number`) octets at `bytes`: labels
                         joined by dots, what is not printable escaped as tshark does. `digits` 1, 2: its first, second label
                         alone; 3: all behind these; 0: all */
    LK_FIELD_STRING,  /* `len` octets at `bytes`, as ASCII text up to the first NUL: backspace, tab, line feed, form feed and
                         carriage return as \b \t \n \f \r, each octet above 127 as U+FFFD, all others as they are */
};

struct lk_field {
    const char *name;     /* "ip.src"; lives for ever */
    const uint8_t *bytes; /* borrowed from the frame; NULL unless the kind says otherwise */
    uint64_t number;
    uint32_t at;          /* offset in the frame */
    uint32_t len;         /* bytes; 0: computed, stands nowhere in the frame */
    uint16_t layer;       /* index of the layer it belongs to */
    uint8_t kind;         /* enum lk_field_kind */
    uint8_t digits;
};

/* Bytes that hold the text of every field of `len` bytes, and the NUL. A name of two octets may stand for 255. */
#define LK_FIELD_TEXT(len) (3 * (size_t)(len) + 1100)

/* Write the value as text, cut to `cap` bytes with the NUL. The length of the text that was written. The text of a string
 * may hold control characters, quotes and backslashes as the frame holds them. */
size_t lk_field_text(const struct lk_field *field, char *text, size_t cap);

/* Whether the field has that name. */
bool lk_field_is(const struct lk_field *field, const char *name);

#endif
