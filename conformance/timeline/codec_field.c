#include "conformance/timeline/codec_field.h"

#include <string.h>

#define NO_TEXT 0xffffu

/* Room for `len` more bytes of payload; NULL when the budget is used up. */
static uint8_t *reserve(struct lk_codec *codec, size_t len)
{
    while (!codec->failed && codec->capacity - codec->len < len) {
        size_t wanted = codec->capacity == 0 ? 256 : codec->capacity * 2;
        uint8_t *grown = lk_bump_take(codec->bump, wanted);
        if (grown == NULL) {
            codec->failed = true;
            break;
        }
        if (codec->len != 0)
            memcpy(grown, codec->payload, codec->len);
        codec->payload = grown;
        codec->capacity = wanted;
    }
    if (codec->failed)
        return NULL;
    codec->len += len;
    return codec->payload + codec->len - len;
}

void lk_codec_bytes(struct lk_codec *codec, uint8_t *bytes, size_t len)
{
    if (len == 0)
        return;
    if (codec->emit) {
        uint8_t *to = reserve(codec, len);
        if (to != NULL)
            memcpy(to, bytes, len);
        return;
    }
    size_t left = codec->len - codec->at, have = len < left ? len : left;
    if (have != 0)
        memcpy(bytes, codec->payload + codec->at, have);
    memset(bytes + have, 0, len - have);
    codec->at += have;
}

/* A number of `size` bytes, little endian. */
static uint64_t number(struct lk_codec *codec, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    uint64_t out = 0;
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    lk_codec_bytes(codec, bytes, size);
    for (size_t i = 0; i < size; i++)
        out |= (uint64_t)bytes[i] << (8 * i);
    return out;
}

void lk_codec_u8(struct lk_codec *codec, uint8_t *value)
{
    *value = (uint8_t)number(codec, *value, 1);
}

void lk_codec_u16(struct lk_codec *codec, uint16_t *value)
{
    *value = (uint16_t)number(codec, *value, 2);
}

void lk_codec_u32(struct lk_codec *codec, uint32_t *value)
{
    *value = (uint32_t)number(codec, *value, 4);
}

void lk_codec_u64(struct lk_codec *codec, uint64_t *value)
{
    *value = number(codec, *value, 8);
}

void lk_codec_i64(struct lk_codec *codec, int64_t *value)
{
    *value = (int64_t)number(codec, (uint64_t)*value, 8);
}

void lk_codec_flag(struct lk_codec *codec, bool *value)
{
    *value = number(codec, *value, 1) != 0;
}

/* The bytes of the UTF-8 sequence at `at` (RFC 3629 section 4), 0 when it is none or a zero byte. */
static size_t sequence(const unsigned char *at, size_t left)
{
    if (at[0] != 0 && at[0] < 0x80)
        return 1;
    size_t len = at[0] >= 0xc2 && at[0] < 0xe0 ? 2 : (at[0] & 0xf0) == 0xe0 ? 3 : at[0] >= 0xf0 && at[0] < 0xf5 ? 4 : 0;
    if (len == 0 || len > left)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((at[i] & 0xc0) != 0x80)
            return 0;
    bool overlong = (at[0] == 0xe0 && at[1] < 0xa0) || (at[0] == 0xf0 && at[1] < 0x90);
    bool surrogate = at[0] == 0xed && at[1] >= 0xa0, beyond = at[0] == 0xf4 && at[1] >= 0x90;
    return overlong || surrogate || beyond ? 0 : len;
}

static void clean(char *text, size_t len)
{
    for (size_t at = 0; at < len;) {
        size_t sound = sequence((const unsigned char *)text + at, len - at);
        if (sound == 0)
            text[at] = '?';
        at += sound == 0 ? 1 : sound;
    }
}

void lk_codec_text(struct lk_codec *codec, const char **text)
{
    size_t have = *text == NULL || !codec->emit ? 0 : strlen(*text);
    uint16_t len = (uint16_t)(have == 0 ? NO_TEXT : have < NO_TEXT ? have : NO_TEXT - 1);
    lk_codec_u16(codec, &len);
    if (codec->emit) {
        if (len != NO_TEXT)
            lk_codec_bytes(codec, (uint8_t *)(uintptr_t)*text, len);
        return;
    }
    *text = NULL;
    size_t left = codec->len - codec->at, take = len < left ? len : left;
    if (len == NO_TEXT || take == 0)
        return;
    char *copy = lk_bump_text(codec->bump, (const char *)codec->payload + codec->at, take);
    codec->at += take;
    codec->failed |= copy == NULL;
    if (copy != NULL)
        clean(copy, take);
    *text = copy;
}

size_t lk_codec_count(struct lk_codec *codec, size_t count, size_t least)
{
    uint16_t wanted = (uint16_t)(count < UINT16_MAX ? count : UINT16_MAX);
    lk_codec_u16(codec, &wanted);
    if (codec->emit)
        return wanted;
    size_t left = (codec->len - codec->at) / least;
    return wanted < left ? wanted : left;
}
