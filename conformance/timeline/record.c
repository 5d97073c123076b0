/* See record.h. */
#include "conformance/timeline/record.h"
#include "stack/base/error.h"
#include <string.h>

static const uint8_t magic[4] = {'L', 'K', 'E', '1'};

struct lk_record_cursor lk_record_start(const uint8_t *bytes, size_t len)
{
    struct lk_record_cursor c = {bytes, len, 0};
    if (len >= sizeof magic && !memcmp(bytes, magic, sizeof magic)) c.at = sizeof magic;
    return c;
}

bool lk_record_next(struct lk_record_cursor *c, struct lk_record *out)
{
    const uint8_t *b = c->bytes + c->at;
    size_t left = c->len - c->at, len;
    if (left < LK_RECORD_HEADER) return false;
    len = (size_t)b[2] | (size_t)b[3] << 8;
    if (left - LK_RECORD_HEADER < len) return false;
    *out = (struct lk_record){.kind = b[0], .flags = b[1], .len = (uint16_t)len, .payload = b + LK_RECORD_HEADER,
                              .microseconds = (uint32_t)b[4] | (uint32_t)b[5] << 8 | (uint32_t)b[6] << 16 | (uint32_t)b[7] << 24};
    c->at += LK_RECORD_HEADER + len;
    return true;
}

int lk_record_magic(uint8_t *buf, size_t cap)
{
    if (cap < sizeof magic) return LK_E_NOSPACE;
    memcpy(buf, magic, sizeof magic);
    return (int)sizeof magic;
}

int lk_record_put(const struct lk_record *in, uint8_t *buf, size_t cap)
{
    if (cap < LK_RECORD_HEADER || cap - LK_RECORD_HEADER < in->len) return LK_E_NOSPACE;
    buf[0] = in->kind;
    buf[1] = in->flags;
    buf[2] = (uint8_t)in->len;
    buf[3] = (uint8_t)(in->len >> 8);
    for (int i = 0; i < 4; i++) buf[4 + i] = (uint8_t)(in->microseconds >> 8 * i);
    if (in->len) memmove(buf + LK_RECORD_HEADER, in->payload, in->len);
    return LK_RECORD_HEADER + in->len;
}
