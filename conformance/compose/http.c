/* An HTTP/1.1 message (RFC 9112) out of http{...}: what a recorded device would send for the words that one is held against. */
#include "conformance/compose/words.h"
#include <stdio.h>
#include <string.h>

#define SHOWN(span) (int)((span).len < 60 ? (span).len : 60), (span).text

struct message { struct lk_span status, method, target, version; bool length_said, length_field, head_only, chunked; uint8_t body[4096]; size_t body_len; uint64_t length; };

static void put_text(struct lk_paper *p, const char *text)
{
    lk_put(p, text, strlen(text));
}

static void put_span(struct lk_paper *p, struct lk_span span)
{
    lk_put(p, span.text, span.len);
}

/* field=Name:value or field="Name: value with blanks"; without a value it only has to be there. */
static void put_field(struct lk_paper *p, struct lk_span value)
{
    struct lk_span name, rest;
    if (value.len >= 2 && *value.text == '"')
        value = (struct lk_span){value.text + 1, value.len - 2};
    lk_span_cut(value, ':', &name, &rest);
    while (rest.len > 0 && *rest.text == ' ')
        rest = (struct lk_span){rest.text + 1, rest.len - 1};
    put_span(p, name);
    put_text(p, ": ");
    if (rest.text != NULL)
        put_span(p, rest);
    else
        put_text(p, "x");
    put_text(p, "\r\n");
}

static bool read_words(struct lk_composer *c, struct lk_span inside, struct message *m, struct lk_paper *fields)
{
    struct lk_span word, key, value;
    while (lk_word_next(&inside, &word)) {
        lk_word_pair(word, &key, &value);
        bool ok = true;
        if (lk_span_is(key, "status"))
            m->status = value;
        else if (lk_span_is(key, "method"))
            m->method = value;
        else if (lk_span_is(key, "target"))
            m->target = value;
        else if (lk_span_is(key, "version"))
            m->version = value;
        else if (lk_span_is(key, "field") && value.text != NULL) {
            put_field(fields, value);
            m->length_field |= value.len > 14 && (strncmp(value.text, "Content-Length", 14) == 0 || strncmp(value.text, "content-length", 14) == 0);
        }
        else if (lk_span_is(key, "body"))
            ok = lk_word_bytes(c, value, m->body, sizeof m->body, &m->body_len);
        else if (lk_span_is(key, "length"))
            m->length_said = ok = lk_word_number(c, key, value, UINT32_MAX, &m->length);
        else if (lk_span_is(key, "head"))
            m->head_only = true;
        else if (lk_span_is(key, "chunked"))
            m->chunked = true;
        else if (!lk_span_is(key, "nofield"))
            ok = lk_compose_refuse(c, "http{}: there is no \"%.*s\"", SHOWN(key));
        if (!ok)
            return false;
    }
    return true;
}

static void put_start(struct lk_composer *c, const struct message *m, struct lk_paper *p)
{
    char version[16] = "1.1";
    if (m->version.text != NULL && m->version.len < sizeof version)
        snprintf(version, sizeof version, "%.*s", (int)m->version.len, m->version.text);
    if (m->status.text == NULL) {
        m->method.text == NULL ? put_text(p, "GET") : put_span(p, m->method);
        put_text(p, " ");
        m->target.text == NULL ? put_text(p, "/") : put_span(p, m->target);
        put_text(p, " HTTP/");
        put_text(p, version);
        put_text(p, "\r\n");
        return;
    }
    put_text(p, "HTTP/");
    put_text(p, version);
    put_text(p, " ");
    if (m->status.len != 3)
        lk_compose_refuse(c, "http{}: status=404, or status=4xx");
    for (size_t i = 0; i < m->status.len; i++)
        lk_put8(p, m->status.text[i] == 'x' ? '0' : (uint8_t)m->status.text[i]);
    put_text(p, " \r\n");
}

bool lk_compose_http(struct lk_composer *c, struct lk_span inside, struct lk_paper *p)
{
    struct message m = {.length = 0};
    uint8_t bytes[4096];
    struct lk_paper fields = {.bytes = bytes, .cap = sizeof bytes};
    char line[64];
    if (!read_words(c, inside, &m, &fields))
        return false;
    put_start(c, &m, p);
    lk_put(p, bytes, fields.len);
    if (m.chunked)
        put_text(p, "Transfer-Encoding: chunked\r\n");
    else if (!m.length_field && (m.length_said || m.body_len > 0 || (m.status.text != NULL && m.status.text[0] != '1' && !lk_span_is(m.status, "204") && !lk_span_is(m.status, "304")))) {
        snprintf(line, sizeof line, "Content-Length: %llu\r\n", (unsigned long long)(m.length_said ? m.length : m.body_len));
        put_text(p, line);
    }
    put_text(p, "\r\n");
    if (m.chunked && m.body_len > 0) {
        snprintf(line, sizeof line, "%zx\r\n", m.body_len);
        put_text(p, line);
    }
    if (!m.head_only)
        lk_put(p, m.body, m.body_len);
    for (uint64_t i = m.body_len; !m.head_only && m.length_said && i < m.length; i++)
        lk_put8(p, 'x');
    if (m.chunked)
        put_text(p, m.body_len > 0 ? "\r\n0\r\n\r\n" : "0\r\n\r\n");
    return (!p->full && !c->failed) || lk_compose_refuse(c, "http{}: too long");
}
