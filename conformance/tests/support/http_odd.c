/* The table of odd HTTP messages, and verdicts. */
#include "conformance/tests/support/http_odd.h"

#include "stack/base/error.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the table ---- */

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* Expands escapes of text .. end into out (NULL: only counts). SIZE_MAX: malformed. */
static size_t expand(const char *text, const char *end, uint8_t *out)
{
    size_t n = 0;
    while (text < end) {
        if (*text != '\\') {
            if (out != NULL)
                out[n] = (uint8_t)*text;
            text++;
            n++;
            continue;
        }
        static const char names[] = "rnt\\0";
        static const char values[] = "\r\n\t\\";
        const char *name = text + 1 < end ? strchr(names, text[1]) : NULL;
        if (name != NULL) {
            if (out != NULL)
                out[n] = (uint8_t)(*name == '0' ? 0 : values[name - names]);
            text += 2;
            n++;
        } else if (end - text >= 4 && text[1] == 'x' && hex(text[2]) >= 0 && hex(text[3]) >= 0) {
            if (out != NULL)
                out[n] = (uint8_t)(hex(text[2]) * 16 + hex(text[3]));
            text += 4;
            n++;
        } else if (end - text >= 2 && text[1] == '{') {
            char *star;
            unsigned long times = strtoul(text + 2, &star, 10);
            const char *close = memchr(star, '}', (size_t)(end - star));
            if (*star != '*' || close == NULL)
                return SIZE_MAX;
            for (unsigned long i = 0; i < times; i++)
                n += expand(star + 1, close, out == NULL ? NULL : out + n);
            text = close + 1;
        } else {
            return SIZE_MAX;
        }
    }
    return n;
}

static bool read_row(struct odd_message *m, char *line)
{
    char **columns[] = {&m->name, &m->kind, &m->text, &m->verdict, &m->answer, &m->section, &m->reason, &m->others};
    for (size_t i = 0; i < 8; i++) {
        *columns[i] = line;
        char *tab = strchr(line, '\t');
        if ((tab == NULL) != (i == 7))
            return false;
        if (tab != NULL) {
            *tab = 0;
            line = tab + 1;
        }
    }
    m->len = expand(m->text, m->text + strlen(m->text), NULL);
    if (m->len == SIZE_MAX)
        return false;
    m->bytes = malloc(m->len + 1);
    expand(m->text, m->text + strlen(m->text), m->bytes);
    return true;
}

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (f == NULL)
        return NULL;
    fseek(f, 0, SEEK_END);
    long size = ftell(f);
    rewind(f);
    char *text = calloc(1, (size_t)size + 1);
    size_t n = fread(text, 1, (size_t)size, f);
    fclose(f);
    text[n] = 0;
    return text;
}

bool odd_table_read(struct odd_table *t, const char *path, size_t *line)
{
    *t = (struct odd_table){.file = read_file(path)};
    *line = 0;
    if (t->file == NULL)
        return false;
    for (char *at = t->file; *at != 0;) {
        char *end = strchr(at, '\n');
        char *next = end != NULL ? end + 1 : at + strlen(at);
        if (end != NULL)
            *end = 0;
        ++*line;
        if (*at != '#' && *at != 0) {
            t->at = realloc(t->at, (t->count + 1) * sizeof *t->at);
            if (!read_row(&t->at[t->count], at))
                return false;
            t->count++;
        }
        at = next;
    }
    return true;
}

void odd_table_free(struct odd_table *t)
{
    for (size_t i = 0; i < t->count; i++)
        free(t->at[i].bytes);
    free(t->at);
    free(t->file);
}

/* ---- the verdict ---- */

enum { V_HEAD, V_LENGTH, V_CHUNKS, V_TRAILERS, V_CLOSE, V_TUNNEL, V_DONE };

void http_verdict_begin(struct http_verdict *v, const char *kind)
{
    bool request = strcmp(kind, "request") == 0;
    memset(v, 0, sizeof *v);
    v->kind = request ? LK_HTTP_KIND_REQUEST : LK_HTTP_KIND_RESPONSE;
    v->method = strstr(kind, "HEAD") != NULL ? LK_HTTP_HEAD_METHOD : strstr(kind, "CONNECT") != NULL ? LK_HTTP_CONNECT : LK_HTTP_OTHER;
    v->limits = (struct lk_http_limits){.method = 32, .start_line = 8100, .field_line = 16384, .fields = 100, .head = 16384, .empty_lines = 1, .fold = !request};
    v->chunk_limits = (struct lk_http_chunk_limits){.digits = 16, .extensions = 4096};
    lk_http_head_begin(&v->head, v->kind);
}

static void word(struct http_verdict *v, const char *text)
{
    size_t n = strlen(v->text);
    snprintf(v->text + n, sizeof v->text - n, "%s%s", n == 0 ? "" : " ", text);
}

static void failed(struct http_verdict *v, int error)
{
    v->error = error;
    v->phase = V_DONE;
    word(v, lk_error_name(error));
}

/* The message is whole. */
static void message(struct http_verdict *v, const char *how, bool number)
{
    char text[64];
    snprintf(text, sizeof text, number ? "%s %llu" : "%s", how, (unsigned long long)v->octets);
    word(v, text);
    v->begin = v->at;
    /* Behind the final answer there is no other one (RFC 9112 6.3). */
    bool final = v->kind == LK_HTTP_KIND_RESPONSE && (v->head.kind != LK_HTTP_KIND_RESPONSE || v->head.status >= 200);
    v->phase = final ? V_DONE : V_HEAD;
    lk_http_head_begin(&v->head, v->kind);
}

static void head_read(struct http_verdict *v, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len - v->begin + 1); /* exactly what there is, for the sanitizers; and folds are replaced */
    memcpy(copy, bytes + v->begin, len - v->begin);
    int n = lk_http_head_parse(&v->head, copy, len - v->begin, &v->limits);
    v->at = len;
    if (n < 0) {
        if (n != LK_E_TRUNCATED)
            failed(v, n);
        free(copy);
        return;
    }
    v->at = v->begin + (size_t)n;
    struct lk_http_framing f;
    if (v->head.folded)
        lk_http_unfold(copy + v->head.fields.at, v->head.fields.len);
    int error = lk_http_framing(copy, &v->head, v->method, &f);
    free(copy);
    v->left = f.length;
    v->octets = 0;
    if (error != 0) {
        failed(v, error);
        return;
    }
    static const int phases[] = {[LK_HTTP_LENGTH] = V_LENGTH, [LK_HTTP_CHUNKED] = V_CHUNKS, [LK_HTTP_UNTIL_CLOSE] = V_CLOSE, [LK_HTTP_TUNNEL] = V_TUNNEL};
    v->phase = phases[f.body];
    lk_http_chunk_begin(&v->chunk);
    if (f.body == LK_HTTP_NO_BODY)
        message(v, "none", false);
}

static void chunks_read(struct http_verdict *v, const uint8_t *bytes, size_t len)
{
    const uint8_t *content;
    size_t n;
    int64_t used = lk_http_chunk_read(&v->chunk, bytes + v->at, len - v->at, &v->chunk_limits, &content, &n);
    if (used < 0) {
        failed(v, (int)used);
        return;
    }
    v->at += (size_t)used;
    v->octets += n;
    if (lk_http_chunk_ended(&v->chunk)) {
        v->phase = V_TRAILERS;
        v->begin = v->at;
        lk_http_head_begin(&v->head, LK_HTTP_KIND_TRAILERS);
    }
}

static void trailers_read(struct http_verdict *v, const uint8_t *bytes, size_t len)
{
    int n = lk_http_head_parse(&v->head, bytes + v->begin, len - v->begin, &v->limits);
    v->at = n >= 0 ? v->begin + (size_t)n : len;
    if (n >= 0)
        message(v, "chunked", true);
    else if (n != LK_E_TRUNCATED)
        failed(v, n);
}

static void length_read(struct http_verdict *v, size_t len)
{
    uint64_t n = len - v->at < v->left ? len - v->at : v->left;
    v->at += (size_t)n;
    v->left -= n;
    v->octets += n;
    if (v->left == 0)
        message(v, "length", true);
}

/* The stream ends: a message that is not whole, or one that ends with it. */
static void end_of_stream(struct http_verdict *v)
{
    if (v->phase == V_CLOSE || v->phase == V_TUNNEL)
        message(v, v->phase == V_CLOSE ? "close" : "tunnel", true);
    else if (v->phase != V_DONE && (v->phase != V_HEAD || v->at != v->begin))
        word(v, "more");
    v->phase = V_DONE;
}

void http_verdict_feed(struct http_verdict *v, const uint8_t *bytes, size_t len, bool ended)
{
    size_t before;
    int phase;
    do {
        before = v->at;
        phase = v->phase;
        if (v->phase == V_HEAD && len > v->begin)
            head_read(v, bytes, len);
        else if (v->phase == V_LENGTH)
            length_read(v, len);
        else if (v->phase == V_CHUNKS)
            chunks_read(v, bytes, len);
        else if (v->phase == V_TRAILERS)
            trailers_read(v, bytes, len);
        else if (v->phase == V_CLOSE || v->phase == V_TUNNEL) {
            v->octets += len - v->at;
            v->at = len;
        }
    } while (v->phase != V_DONE && (v->at != before || v->phase != phase));
    if (ended)
        end_of_stream(v);
}
