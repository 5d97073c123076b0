/* See stimulus.h. Little endian, fixed places. */
#include "conformance/timeline/stimulus.h"
#include "stack/base/error.h"
#include <string.h>

static uint32_t get(const struct lk_record *r, size_t at, size_t bytes)
{
    uint32_t v = 0;
    for (size_t i = 0; i < bytes; i++)
        if (at + i < r->len) v |= (uint32_t)r->payload[at + i] << 8 * i;
    return v;
}

static void put(uint8_t *buf, size_t at, size_t bytes, uint32_t v)
{
    for (size_t i = 0; i < bytes; i++) buf[at + i] = (uint8_t)(v >> 8 * i);
}

void lk_stimulus_segment_parse(const struct lk_record *r, struct lk_stimulus_segment *s)
{
    memset(s, 0, sizeof *s);
    s->control = (uint8_t)get(r, 0, 1);
    s->seq_base = (uint8_t)(get(r, 1, 1) & 3);
    s->ack_base = (uint8_t)(get(r, 1, 1) >> 2 & 3);
    s->socket = (uint8_t)(get(r, 1, 1) >> 4 & 1);
    s->options = (uint8_t)get(r, 2, 1);
    s->damage = (uint8_t)get(r, 3, 1);
    s->seq = (int32_t)get(r, 4, 4);
    s->ack = (int32_t)get(r, 8, 4);
    s->window = (uint16_t)get(r, 12, 2);
    s->payload_len = (uint16_t)get(r, 14, 2);
    s->mss = (uint16_t)get(r, 16, 2);
    s->wscale = (uint8_t)get(r, 18, 1);
    s->urgent = (uint16_t)get(r, 20, 2);
    s->ts_val = (int32_t)get(r, 24, 4);
    s->ts_ecr = (int32_t)get(r, 28, 4);
    s->sack_left = (int32_t)get(r, 32, 4);
    s->sack_len = get(r, 36, 4);
    if (r->len > LK_STIMULUS_SEGMENT_BYTES) {
        size_t left = (size_t)r->len - LK_STIMULUS_SEGMENT_BYTES;
        s->raw_len = (uint8_t)(left < 40 ? left : 40);
        s->raw = r->payload + LK_STIMULUS_SEGMENT_BYTES;
    }
}

int lk_stimulus_segment_emit(const struct lk_stimulus_segment *s, uint8_t *buf, size_t cap)
{
    if (s->raw_len > 40) return LK_E_INVALID;
    if (cap < (size_t)LK_STIMULUS_SEGMENT_BYTES + s->raw_len) return LK_E_NOSPACE;
    memset(buf, 0, LK_STIMULUS_SEGMENT_BYTES);
    put(buf, 0, 1, s->control);
    put(buf, 1, 1, (uint32_t)((s->seq_base & 3) | (s->ack_base & 3) << 2 | (s->socket & 1) << 4));
    put(buf, 2, 1, s->options);
    put(buf, 3, 1, s->damage);
    put(buf, 4, 4, (uint32_t)s->seq);
    put(buf, 8, 4, (uint32_t)s->ack);
    put(buf, 12, 2, s->window);
    put(buf, 14, 2, s->payload_len);
    put(buf, 16, 2, s->mss);
    put(buf, 18, 1, s->wscale);
    put(buf, 20, 2, s->urgent);
    put(buf, 24, 4, (uint32_t)s->ts_val);
    put(buf, 28, 4, (uint32_t)s->ts_ecr);
    put(buf, 32, 4, (uint32_t)s->sack_left);
    put(buf, 36, 4, s->sack_len);
    if (s->raw_len) memmove(buf + LK_STIMULUS_SEGMENT_BYTES, s->raw, s->raw_len);
    return LK_STIMULUS_SEGMENT_BYTES + s->raw_len;
}

void lk_stimulus_call_parse(const struct lk_record *r, struct lk_stimulus_call *c)
{
    *c = (struct lk_stimulus_call){.op = (uint8_t)get(r, 0, 1), .socket = (uint8_t)get(r, 1, 1), .how = (uint8_t)get(r, 2, 1), .option = (uint8_t)get(r, 3, 1), .len = get(r, 4, 4)};
}

int lk_stimulus_call_emit(const struct lk_stimulus_call *c, uint8_t *buf, size_t cap)
{
    if (cap < LK_STIMULUS_CALL_BYTES) return LK_E_NOSPACE;
    put(buf, 0, 1, c->op);
    put(buf, 1, 1, c->socket);
    put(buf, 2, 1, c->how);
    put(buf, 3, 1, c->option);
    put(buf, 4, 4, c->len);
    return LK_STIMULUS_CALL_BYTES;
}
