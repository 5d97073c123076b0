#include "conformance/compose/words.h"
#include "conformance/timeline/units.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SHOWN(span) (int)((span).len < 60 ? (span).len : 60), (span).text

bool lk_compose_refuse(struct lk_composer *c, const char *format, ...)
{
    va_list arguments;
    if (c->failed)
        return false;
    c->failed = true;
    va_start(arguments, format);
    vsnprintf(c->why, sizeof c->why, format, arguments);
    va_end(arguments);
    return false;
}

/* The length of the word that `text` begins with: up to a blank outside quotes and braces. */
static size_t word_length(struct lk_span span)
{
    size_t at = 0;
    int depth = 0;
    bool quoted = false;
    for (; at < span.len; at++) {
        char ch = span.text[at];
        if (quoted && ch == '\\' && at + 1 < span.len)
            at++;
        else if (ch == '"')
            quoted = !quoted;
        else if (!quoted && ch == '{')
            depth++;
        else if (!quoted && ch == '}')
            depth--;
        else if (!quoted && depth <= 0 && ch == ' ')
            break;
    }
    return at;
}

bool lk_word_next(struct lk_span *rest, struct lk_span *word)
{
    while (rest->len > 0 && *rest->text == ' ')
        *rest = (struct lk_span){rest->text + 1, rest->len - 1};
    if (rest->len == 0)
        return false;
    size_t len = word_length(*rest);
    *word = (struct lk_span){rest->text, len};
    *rest = (struct lk_span){rest->text + len, rest->len - len};
    return true;
}

bool lk_span_is(struct lk_span span, const char *text)
{
    return strlen(text) == span.len && memcmp(span.text, text, span.len) == 0;
}

bool lk_word_take(struct lk_span *rest, const char *word)
{
    struct lk_span ahead = *rest, next;
    if (!lk_word_next(&ahead, &next) || !lk_span_is(next, word))
        return false;
    *rest = ahead;
    return true;
}

bool lk_word_block(struct lk_span word, const char *name, struct lk_span *inside)
{
    size_t len = strlen(name);
    if (word.len < len + 2 || memcmp(word.text, name, len) != 0 || word.text[len] != '{' || word.text[word.len - 1] != '}')
        return false;
    *inside = (struct lk_span){word.text + len + 1, word.len - len - 2};
    return true;
}

void lk_span_cut(struct lk_span span, char mark, struct lk_span *head, struct lk_span *rest)
{
    bool quoted = false;
    *rest = (struct lk_span){NULL, 0};
    *head = span;
    for (size_t i = 0; i < span.len; i++) {
        if (quoted && span.text[i] == '\\' && i + 1 < span.len) {
            i++;
        } else if (span.text[i] == '"') {
            quoted = !quoted;
        } else if (!quoted && span.text[i] == mark) {
            *head = (struct lk_span){span.text, i};
            *rest = (struct lk_span){span.text + i + 1, span.len - i - 1};
            return;
        }
    }
}

void lk_word_pair(struct lk_span word, struct lk_span *key, struct lk_span *value)
{
    lk_span_cut(word, '=', key, value);
}

const char *lk_span_text(struct lk_composer *c, struct lk_span span)
{
    const char *text = lk_bump_text(c->memory, span.text == NULL ? "" : span.text, span.len);
    if (text == NULL)
        lk_compose_refuse(c, "needs more memory than the budget allows");
    return text;
}

static int digit_of(char ch)
{
    return ch >= '0' && ch <= '9' ? ch - '0' : ch >= 'a' && ch <= 'f' ? ch - 'a' + 10 : ch >= 'A' && ch <= 'F' ? ch - 'A' + 10 : -1;
}

bool lk_word_number(struct lk_composer *c, struct lk_span key, struct lk_span value, uint64_t most, uint64_t *out)
{
    bool hex = value.len > 2 && value.text[0] == '0' && value.text[1] == 'x';
    uint64_t base = hex ? 16 : 10, sum = 0;
    bool ok = value.len > 0;
    for (size_t i = hex ? 2 : 0; i < value.len && ok; i++) {
        int digit = digit_of(value.text[i]);
        ok = digit >= 0 && (uint64_t)digit < base && sum <= (UINT64_MAX - (uint64_t)digit) / base;
        sum = ok ? sum * base + (uint64_t)digit : 0;
    }
    if (!ok || sum > most)
        return lk_compose_refuse(c, "%.*s: \"%.*s\" is not a number up to %llu", SHOWN(key), SHOWN(value), (unsigned long long)most);
    *out = sum;
    return true;
}

bool lk_word_ip4(struct lk_composer *c, struct lk_span value, uint32_t *out)
{
    const char *text = lk_span_text(c, value);
    struct lk_addr address;
    if (text == NULL)
        return false;
    if (!lk_read_ip4(text, &address))
        return lk_compose_refuse(c, "\"%.*s\" is not an IPv4 address", SHOWN(value));
    *out = lk_addr_ip4(&address);
    return true;
}

bool lk_word_mac(struct lk_composer *c, struct lk_span value, uint8_t out[6])
{
    const char *text = lk_span_text(c, value);
    return text != NULL && (lk_read_mac(text, out) || lk_compose_refuse(c, "\"%.*s\" is not a MAC address", SHOWN(value)));
}

static bool starts(struct lk_span span, const char *with)
{
    return span.len >= strlen(with) && memcmp(span.text, with, strlen(with)) == 0;
}

bool lk_word_is_bytes(struct lk_span word)
{
    return (word.len >= 2 && word.text[0] == '"') || starts(word, "hex:") || starts(word, "bytes:") || starts(word, "zeros:") ||
           starts(word, "letters:");
}

static bool read_hex(struct lk_composer *c, struct lk_span digits, struct lk_paper *p)
{
    if (digits.len % 2 != 0)
        return lk_compose_refuse(c, "hex: an odd number of digits");
    for (size_t i = 0; i < digits.len; i += 2) {
        int high = digit_of(digits.text[i]), low = digit_of(digits.text[i + 1]);
        if (high < 0 || low < 0)
            return lk_compose_refuse(c, "hex: \"%.*s\" are no two digits", 2, digits.text + i);
        lk_put8(p, (unsigned)high << 4 | (unsigned)low);
    }
    return true;
}

static bool read_escape(struct lk_composer *c, struct lk_span inside, size_t *at, struct lk_paper *p)
{
    static const char from[] = "nrt0\"\\", to[] = "\n\r\t\0\"\\";
    char ch = inside.text[*at];
    const char *known = ch == 0 ? NULL : strchr(from, ch);
    if (known != NULL) {
        lk_put8(p, (uint8_t)to[known - from]);
        return true;
    }
    int high = ch == 'x' && *at + 2 < inside.len ? digit_of(inside.text[*at + 1]) : -1, low = high < 0 ? -1 : digit_of(inside.text[*at + 2]);
    if (low < 0)
        return lk_compose_refuse(c, "a text knows \\n \\r \\t \\0 \\\" \\\\ \\xHH");
    *at += 2;
    lk_put8(p, (unsigned)high << 4 | (unsigned)low);
    return true;
}

static bool read_quoted(struct lk_composer *c, struct lk_span word, struct lk_paper *p)
{
    if (word.len < 2 || word.text[word.len - 1] != '"')
        return lk_compose_refuse(c, "a text without its closing quote");
    struct lk_span inside = {word.text + 1, word.len - 2};
    for (size_t i = 0; i < inside.len; i++) {
        if (inside.text[i] != '\\')
            lk_put8(p, (uint8_t)inside.text[i]);
        else if (++i >= inside.len || !read_escape(c, inside, &i, p))
            return lk_compose_refuse(c, "a text that ends in a backslash");
    }
    return true;
}

bool lk_word_bytes(struct lk_composer *c, struct lk_span value, uint8_t *out, size_t cap, size_t *len)
{
    struct lk_paper p = {.bytes = out, .cap = cap};
    uint64_t count = 0;
    bool ok = true;
    if (starts(value, "hex:")) {
        ok = read_hex(c, (struct lk_span){value.text + 4, value.len - 4}, &p);
    } else if (starts(value, "bytes:") || starts(value, "zeros:")) {
        ok = lk_word_number(c, (struct lk_span){value.text, 5}, (struct lk_span){value.text + 6, value.len - 6}, cap, &count);
        for (uint64_t i = 0; ok && i < count; i++)
            lk_put8(&p, value.text[0] == 'b' ? i & 255 : 0);
    } else if (starts(value, "letters:")) {
        ok = lk_word_number(c, (struct lk_span){value.text, 7}, (struct lk_span){value.text + 8, value.len - 8}, cap, &count);
        for (uint64_t i = 0; ok && i < count; i++)
            lk_put8(&p, 'a' + i % 26);
    } else if (value.len > 0 && value.text[0] == '"') {
        ok = read_quoted(c, value, &p);
    } else {
        ok = lk_compose_refuse(c, "\"%.*s\" is none of \"text\", hex:DIGITS, bytes:N, zeros:N, letters:N", SHOWN(value));
    }
    if (ok && p.full)
        ok = lk_compose_refuse(c, "more than %zu bytes", cap);
    *len = p.len;
    return ok;
}

void lk_put(struct lk_paper *p, const void *bytes, size_t len)
{
    if (p->full || len > p->cap - p->len) {
        p->full = true;
        return;
    }
    if (len > 0)
        memcpy(p->bytes + p->len, bytes, len);
    p->len += len;
}

void lk_put8(struct lk_paper *p, uint64_t value)
{
    lk_put(p, &(uint8_t){(uint8_t)value}, 1);
}

void lk_put16(struct lk_paper *p, uint64_t value)
{
    lk_put8(p, value >> 8);
    lk_put8(p, value);
}

void lk_put32(struct lk_paper *p, uint64_t value)
{
    lk_put16(p, value >> 16);
    lk_put16(p, value);
}
