#include "conformance/visit/page_write.h"

#include "conformance/report/out.h" /* utf8_length() */

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void lk_page_put(const struct lk_report_out *out, const char *text)
{
    out->write(out->context, text, strlen(text));
}

void lk_page_number(const struct lk_report_out *out, int64_t number)
{
    char text[24];
    int len = snprintf(text, sizeof text, "%" PRId64, number);
    out->write(out->context, text, (size_t)len);
}

/* Writes the text, every character that `escape` knows by another one; escape returns NULL for what stands for itself. */
static void put_escaped(const struct lk_report_out *out, const char *text, const char *(*escape)(unsigned char, char *), const char *bad)
{
    char room[8];
    const char *run = text;
    while (*text != '\0') {
        size_t len = utf8_length((const unsigned char *)text);
        const char *instead = len == 0 ? bad : len == 1 ? escape((unsigned char)*text, room) : NULL;
        size_t step = len == 0 ? 1 : len;
        if (instead != NULL) {
            out->write(out->context, run, (size_t)(text - run));
            lk_page_put(out, instead);
            run = text + step;
        }
        text += step;
    }
    out->write(out->context, run, (size_t)(text - run));
}

static const char *html_escape(unsigned char byte, char *room)
{
    (void)room;
    switch (byte) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\'': return "&#39;";
    default: return byte < 0x20 || byte == 0x7f ? "?" : NULL;
    }
}

void lk_page_html(const struct lk_report_out *out, const char *text)
{
    put_escaped(out, text, html_escape, "\xef\xbf\xbd");
}

/* RFC 8259 section 7 */
static const char *json_escape(unsigned char byte, char *room)
{
    if (byte == '"')
        return "\\\"";
    if (byte == '\\')
        return "\\\\";
    if (byte >= 0x20 && byte != 0x7f && byte != '<' && byte != '>' && byte != '&')
        return NULL;
    snprintf(room, 8, "\\u%04x", byte);
    return room;
}

void lk_page_json(const struct lk_report_out *out, const char *text)
{
    if (text == NULL) {
        lk_page_put(out, "null");
        return;
    }
    lk_page_put(out, "\"");
    put_escaped(out, text, json_escape, "\xef\xbf\xbd");
    lk_page_put(out, "\"");
}

void lk_page_base64(const struct lk_report_out *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char line[256];
    size_t used = 0;
    line[used++] = '"';
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t word = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) | (left > 2 ? bytes[i + 2] : 0u);
        line[used++] = digits[word >> 18];
        line[used++] = digits[word >> 12 & 63];
        line[used++] = left > 1 ? digits[word >> 6 & 63] : '=';
        line[used++] = left > 2 ? digits[word & 63] : '=';
        if (used > sizeof line - 5) {
            out->write(out->context, line, used);
            used = 0;
        }
    }
    line[used++] = '"';
    out->write(out->context, line, used);
}

/* ---- every text once ---- */

static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261u; /* FNV-1a: all texts are our own program's or bounded in number by the packets */
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

static size_t slot_of(const struct lk_page_texts *texts, const char *text)
{
    size_t at = hash_of(text) & (texts->slots - 1);
    while (texts->slot[at] != 0 && strcmp(texts->text[texts->slot[at] - 1], text) != 0)
        at = (at + 1) & (texts->slots - 1);
    return at;
}

/* Twice the slots, when half of them are taken. */
static int make_room(struct lk_page_texts *texts)
{
    if (texts->count * 2 < texts->slots)
        return 0;
    texts->slots = texts->slots == 0 ? 1024 : texts->slots * 2;
    texts->slot = lk_bump_array(texts->memory, texts->slots, sizeof *texts->slot);
    if (texts->slot == NULL)
        return -1;
    for (size_t i = 0; i < texts->count; i++)
        texts->slot[slot_of(texts, texts->text[i])] = (uint32_t)i + 1;
    return 0;
}

int64_t lk_page_intern(struct lk_page_texts *texts, const char *text)
{
    if (make_room(texts) != 0)
        return -1;
    size_t at = slot_of(texts, text);
    if (texts->slot[at] != 0)
        return (int64_t)texts->slot[at] - 1;
    const char **grown = lk_bump_grow(texts->memory, texts->text, texts->count, &texts->capacity, sizeof *texts->text);
    char *copy = lk_bump_text(texts->memory, text, strlen(text));
    if (grown == NULL || copy == NULL)
        return -1;
    texts->text = grown;
    texts->text[texts->count++] = copy;
    texts->slot[at] = (uint32_t)texts->count;
    return (int64_t)texts->count - 1;
}
