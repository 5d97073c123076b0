#include "conformance/replay/field_http.h"
#include "conformance/compose/compose.h"
#include "conformance/compose/words.h"
#include <stdio.h>
#include <string.h>

#define FIELDS 64
#define TOLD 120

struct text { const uint8_t *at; size_t len; };
struct message {
    bool response, chunked, length_said, close_ends;
    struct text version, code, method, target, name[FIELDS], value[FIELDS];
    size_t fields, head, body_at;
    uint64_t length;
    uint8_t *body; size_t body_len;  /* without chunked coding */
};

struct hold { struct lk_bump *memory; struct lk_http_held *out; void (*held)(void *, const char *); void *context; };

static bool differ(struct hold *h, const char *field, const char *expected, const char *actual)
{
    h->out->field = field;
    h->out->expected = expected;
    h->out->actual = actual;
    return false;
}

static bool bad(struct hold *h, const char *what)
{
    return differ(h, "http.grammar", what, "something else");
}

static const char *copy(struct hold *h, const uint8_t *at, size_t len)
{
    const char *text = lk_bump_text(h->memory, (const char *)at, len < TOLD ? len : TOLD);
    return text == NULL ? "out of memory" : text;
}

/* ---- reading ---- */

static bool is_token(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

/* One line that ends in CRLF, without it. 1; 0: not there yet; -1: a bare CR or LF (RFC 9112 2.2). */
static int next_line(const uint8_t *bytes, size_t len, size_t *at, struct text *line)
{
    for (size_t i = *at; i < len; i++) {
        if (bytes[i] == '\n')
            return -1;
        if (bytes[i] != '\r')
            continue;
        if (i + 1 == len)
            return 0;
        if (bytes[i + 1] != '\n')
            return -1;
        *line = (struct text){bytes + *at, i - *at};
        *at = i + 2;
        return 1;
    }
    return 0;
}

static struct text cut(struct text *rest, uint8_t mark)
{
    const uint8_t *found = rest->len == 0 ? NULL : memchr(rest->at, mark, rest->len);
    struct text head = *rest;
    if (found == NULL) {
        *rest = (struct text){rest->at + rest->len, 0};
        return head;
    }
    head.len = (size_t)(found - rest->at);
    *rest = (struct text){found + 1, rest->len - head.len - 1};
    return head;
}

static bool read_start(struct hold *h, struct text line, struct message *m)
{
    m->response = line.len >= 5 && memcmp(line.at, "HTTP/", 5) == 0;
    if (m->response) { /* RFC 9112 4: status-line */
        struct text rest = line;
        m->version = cut(&rest, ' ');
        m->code = cut(&rest, ' ');
        if (m->version.len != 8 || m->code.len != 3 || rest.at == m->code.at + m->code.len)
            return bad(h, "HTTP-version SP status-code SP [reason-phrase] (RFC 9112 4)");
    } else { /* 3: request-line */
        struct text rest = line;
        m->method = cut(&rest, ' ');
        m->target = cut(&rest, ' ');
        m->version = rest;
        if (m->method.len == 0 || m->target.len == 0 || m->version.len != 8 || memcmp(m->version.at, "HTTP/", 5) != 0)
            return bad(h, "method SP request-target SP HTTP-version (RFC 9112 3)");
    }
    m->version = (struct text){m->version.at + 5, 3};
    return true;
}

static bool same_name(struct text a, const char *b, size_t len)
{
    if (a.len != len)
        return false;
    for (size_t i = 0; i < len; i++)
        if ((a.at[i] | (a.at[i] >= 'A' && a.at[i] <= 'Z' ? 32 : 0)) != ((uint8_t)b[i] | (b[i] >= 'A' && b[i] <= 'Z' ? 32 : 0)))
            return false;
    return true;
}

static bool read_field(struct hold *h, struct text line, struct message *m)
{
    struct text value = line, name = cut(&value, ':');
    if (name.len == 0 || name.len == line.len || m->fields == FIELDS)
        return bad(h, "field-name \":\" field-value (RFC 9112 5)");
    for (size_t i = 0; i < name.len; i++)
        if (!is_token(name.at[i]))
            return bad(h, "a field-name of tchar only (RFC 9112 5, RFC 9110 5.1)");
    while (value.len > 0 && (*value.at == ' ' || *value.at == '\t'))
        value = (struct text){value.at + 1, value.len - 1};
    while (value.len > 0 && (value.at[value.len - 1] == ' ' || value.at[value.len - 1] == '\t'))
        value.len--;
    m->name[m->fields] = name;
    m->value[m->fields++] = value;
    if (same_name(name, "transfer-encoding", 17))
        m->chunked |= same_name(value, "chunked", 7);
    if (!same_name(name, "content-length", 14))
        return true;
    if (m->length_said || value.len == 0 || value.len > 15)
        return bad(h, "one Content-Length, of digits (RFC 9112 6.2)");
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < '0' || value.at[i] > '9')
            return bad(h, "one Content-Length, of digits (RFC 9112 6.2)");
        m->length = m->length * 10 + (value.at[i] - '0');
    }
    m->length_said = true;
    return true;
}

/* ---- what only a sender must not do ---- */

static bool text_is(struct text a, const char *b)
{
    return same_name(a, b, strlen(b));
}

/* RFC 9110 5.3: a name that is no list stands once. */
static bool is_single(struct text name)
{
    static const char *const names[] = {"host", "content-length", "content-type", "content-location", "date", "location", "server", "user-agent", "last-modified",
                                        "etag", "expires", "from", "max-forwards", "referer", "retry-after", "authorization", "age", "content-range", "range"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is(name, names[i]))
            return true;
    return false;
}

static bool is_list(struct text name)
{
    static const char *const names[] = {"connection", "transfer-encoding", "allow", "accept", "accept-charset", "accept-encoding", "accept-language", "te", "trailer",
                                        "upgrade", "vary", "via", "cache-control", "content-encoding", "content-language", "expect", "if-match", "if-none-match"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is(name, names[i]))
            return true;
    return false;
}

/* RFC 9110 5.6.1.1: no empty elements. */
static bool has_empty_element(struct text value)
{
    bool empty = true;
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == ',' && empty)
            return true;
        empty = value.at[i] == ',' || (empty && (value.at[i] == ' ' || value.at[i] == '\t'));
    }
    return value.len > 0 && empty;
}

/* RFC 9110 5.6.7: IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT". */
static bool is_date(struct text value)
{
    static const char form[] = "Aaa, 00 Aaa 0000 00:00:00 GMT";
    if (value.len != sizeof form - 1)
        return false;
    for (size_t i = 0; i < value.len; i++) {
        bool digit = value.at[i] >= '0' && value.at[i] <= '9', big = value.at[i] >= 'A' && value.at[i] <= 'Z', small = value.at[i] >= 'a' && value.at[i] <= 'z';
        if (form[i] == '0' ? !digit : form[i] == 'A' && i < 26 ? !big : form[i] == 'a' ? !small : value.at[i] != (uint8_t)form[i])
            return false;
    }
    return true;
}

static const struct text *find(const struct message *m, const char *name)
{
    for (size_t i = 0; i < m->fields; i++)
        if (text_is(m->name[i], name))
            return &m->value[i];
    return NULL;
}

static bool field_as_sent(struct hold *h, const struct message *m, size_t n)
{
    struct text name = m->name[n], value = m->value[n];
    for (size_t i = 0; i < value.len; i++)
        if ((value.at[i] < 32 && value.at[i] != '\t') || value.at[i] == 127)
            return bad(h, "no control character in a field-value (RFC 9110 5.5)");
    for (size_t i = 0; i < n; i++)
        if (is_single(name) && m->name[i].len == name.len && same_name(m->name[i], (const char *)name.at, name.len))
            return bad(h, "a field that is no list once (RFC 9110 5.3)");
    if (is_list(name) && has_empty_element(value))
        return bad(h, "a list without empty elements (RFC 9110 5.6.1.1)");
    if ((text_is(name, "date") || text_is(name, "last-modified") || text_is(name, "expires")) && !is_date(value))
        return bad(h, "a date as IMF-fixdate (RFC 9110 5.6.7)");
    return true;
}

static size_t count_chunked(const struct text *coding)
{
    size_t count = 0;
    for (size_t i = 0; i + 7 <= coding->len; i++)
        count += text_is((struct text){coding->at + i, 7}, "chunked");
    return count;
}

static bool coding_as_sent(struct hold *h, const struct message *m)
{
    const struct text *coding = find(m, "transfer-encoding");
    bool no_content = m->response && (m->code.at[0] == '1' || memcmp(m->code.at, "204", 3) == 0);
    if (no_content && (coding != NULL || m->length_said))
        return bad(h, "neither Transfer-Encoding nor Content-Length in 1xx and 204 (RFC 9112 6.1, RFC 9110 8.6)");
    if (coding == NULL)
        return true;
    bool last = coding->len >= 7 && text_is((struct text){coding->at + coding->len - 7, 7}, "chunked");
    if (count_chunked(coding) > 1 || (count_chunked(coding) == 1 && !last))
        return bad(h, "chunked once, and as the last coding (RFC 9112 6.1)");
    return m->response || last || bad(h, "chunked as the last coding of a request (RFC 9112 6.1)");
}

static bool request_as_sent(struct hold *h, const struct message *m)
{
    bool content = m->length_said ? m->length != 0 : m->chunked;
    for (size_t i = 0; i < m->method.len; i++)
        if (!is_token(m->method.at[i]))
            return bad(h, "a method of tchar (RFC 9112 3.1)");
    if (memcmp(m->version.at, "1.1", 3) == 0 && find(m, "host") == NULL)
        return bad(h, "Host in a request of HTTP/1.1 (RFC 9112 3.2)");
    if (find(m, "expect") != NULL && !content)
        return bad(h, "no expectation without content (RFC 9110 10.1.1)");
    return !content || !text_is(m->method, "trace") || bad(h, "no content in TRACE (RFC 9110 9.3.8)");
}

static bool response_as_sent(struct hold *h, const struct message *m)
{
    static const struct { const char *code, *field, *what; } needs[] = {
        {"101", "upgrade", "Upgrade in 101 (RFC 9110 7.8)"}, {"401", "www-authenticate", "WWW-Authenticate in 401 (RFC 9110 15.5.2)"},
        {"405", "allow", "Allow in 405 (RFC 9110 15.5.6)"}, {"407", "proxy-authenticate", "Proxy-Authenticate in 407 (RFC 9110 15.5.8)"},
        {"426", "upgrade", "Upgrade in 426 (RFC 9110 15.5.22)"}};
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (memcmp(m->code.at, needs[i].code, 3) == 0 && find(m, needs[i].field) == NULL)
            return bad(h, needs[i].what);
    return memcmp(m->code.at, "205", 3) != 0 || (m->length_said && m->length == 0) || bad(h, "no content in 205, and that said (RFC 9110 15.3.6)");
}

/* A receiver may have to put up with these, a sender must not send them. */
static bool as_sent(struct hold *h, const struct message *m)
{
    for (size_t i = 0; i < m->fields; i++)
        if (!field_as_sent(h, m, i))
            return false;
    return coding_as_sent(h, m) && (m->response ? response_as_sent(h, m) : request_as_sent(h, m));
}

/* 1, 0, -1 as next_line(). */
static int read_head(struct hold *h, const uint8_t *bytes, size_t len, struct message *m)
{
    struct text line;
    size_t at = 0;
    bool first = true;
    for (;;) {
        int there = next_line(bytes, len, &at, &line);
        if (there < 0)
            bad(h, "lines that end in CRLF (RFC 9112 2.2)");
        if (there <= 0)
            return there;
        if (!first && line.len == 0)
            break;
        if (first ? !read_start(h, line, m) : !read_field(h, line, m))
            return -1;
        first = false;
    }
    m->head = m->body_at = at;
    if (m->chunked && m->length_said)
        return bad(h, "no Content-Length beside Transfer-Encoding (RFC 9112 6.2)") - 1;
    return as_sent(h, m) ? 1 : -1;
}

static int hex_of(uint8_t c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* RFC 9112 7.1. */
static int read_chunks(struct hold *h, const uint8_t *bytes, size_t len, struct message *m, size_t *end)
{
    struct text line;
    size_t at = m->head;
    for (;;) {
        uint64_t size = 0;
        int there = next_line(bytes, len, &at, &line);
        if (there <= 0)
            return there < 0 ? bad(h, "chunk-size CRLF (RFC 9112 7.1)") - 1 : 0;
        struct text extension = line, digits = cut(&extension, ';');
        for (size_t i = 0; i < digits.len; i++) {
            int digit = hex_of(digits.at[i]);
            if (digit < 0 || digits.len > 8)
                return bad(h, "a chunk-size of hexadecimal digits (RFC 9112 7.1)") - 1;
            size = size * 16 + (uint64_t)digit;
        }
        if (digits.len == 0)
            return bad(h, "a chunk-size (RFC 9112 7.1)") - 1;
        if (size == 0)
            break;
        if (len - at < size + 2)
            return 0;
        memcpy(m->body + m->body_len, bytes + at, (size_t)size);
        m->body_len += (size_t)size;
        at += (size_t)size;
        if (bytes[at] != '\r' || bytes[at + 1] != '\n')
            return bad(h, "CRLF behind chunk-data (RFC 9112 7.1)") - 1;
        at += 2;
    }
    for (;;) { /* trailers */
        int there = next_line(bytes, len, &at, &line);
        if (there <= 0)
            return there < 0 ? bad(h, "trailers that end in CRLF (RFC 9112 7.1.2)") - 1 : 0;
        if (line.len == 0)
            break;
    }
    *end = at;
    return 1;
}

/* RFC 9112 6.3: which bytes are the body. 1: all there; 0: not yet; -1. */
static int read_body(struct hold *h, const uint8_t *bytes, size_t len, bool ended, bool head_only, struct message *m, size_t *end)
{
    bool none = head_only || (m->response && (m->code.at[0] == '1' || memcmp(m->code.at, "204", 3) == 0 || memcmp(m->code.at, "304", 3) == 0));
    m->body = lk_bump_take(h->memory, len + 1);
    *end = m->head;
    if (m->body == NULL)
        return bad(h, "more memory than the budget allows") - 1;
    if (none)
        return 1;
    if (m->chunked)
        return read_chunks(h, bytes, len, m, end);
    if (!m->length_said && !m->response)
        return 1;
    uint64_t there = len - m->head;
    if (m->length_said && there < m->length)
        return 0;
    if (!m->length_said && !ended)
        return 0;
    m->body_len = m->length_said ? (size_t)m->length : (size_t)there;
    memcpy(m->body, bytes + m->head, m->body_len);
    *end = m->head + m->body_len;
    return 1;
}

/* ---- holding ---- */

static bool span_same(struct lk_span span, struct text text)
{
    return span.len == text.len && memcmp(span.text, text.at, span.len) == 0;
}

static bool agreed(struct hold *h, const char *name)
{
    if (h->held != NULL)
        h->held(h->context, name);
    return true;
}

static bool hold_text(struct hold *h, const char *name, struct lk_span expected, struct text actual)
{
    return span_same(expected, actual) ? agreed(h, name) : differ(h, name, copy(h, (const uint8_t *)expected.text, expected.len), copy(h, actual.at, actual.len));
}

static bool hold_status(struct hold *h, struct lk_span expected, const struct message *m)
{
    bool same = m->response && expected.len == 3;
    for (size_t i = 0; same && i < 3; i++)
        same = expected.text[i] == 'x' || (uint8_t)expected.text[i] == m->code.at[i];
    return same ? agreed(h, "http.response.code")
                : differ(h, "http.response.code", copy(h, (const uint8_t *)expected.text, expected.len), m->response ? copy(h, m->code.at, 3) : "a request");
}

static const char *field_name(struct hold *h, struct lk_span name)
{
    char *text = lk_bump_format(h->memory, "http.%.*s", (int)name.len, name.text);
    for (char *c = text; c != NULL && *c != 0; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 32) : *c;
    return text == NULL ? "http" : text;
}

/* Of several field lines of that name one has to agree. */
static bool hold_field(struct hold *h, struct lk_span words, const struct message *m, bool wanted)
{
    struct lk_span name, value;
    const char *actual = "nothing";
    if (words.len >= 2 && *words.text == '"')
        words = (struct lk_span){words.text + 1, words.len - 2};
    lk_span_cut(words, ':', &name, &value);
    while (value.len > 0 && *value.text == ' ')
        value = (struct lk_span){value.text + 1, value.len - 1};
    const char *told = field_name(h, name);
    for (size_t i = 0; i < m->fields; i++) {
        if (!same_name(m->name[i], name.text, name.len))
            continue;
        if (!wanted)
            return differ(h, told, "nothing", copy(h, m->value[i].at, m->value[i].len));
        if (value.text == NULL || span_same(value, m->value[i]))
            return agreed(h, told);
        actual = copy(h, m->value[i].at, m->value[i].len);
    }
    return !wanted ? agreed(h, told) : differ(h, told, value.text == NULL ? "this field" : copy(h, (const uint8_t *)value.text, value.len), actual);
}

static bool hold_body(struct hold *h, struct lk_span words, const struct message *m)
{
    struct lk_composer c = {.memory = h->memory};
    uint8_t bytes[4096];
    size_t len;
    if (!lk_word_bytes(&c, words, bytes, sizeof bytes, &len))
        return bad(h, c.why);
    return len == m->body_len && memcmp(bytes, m->body, len) == 0 ? agreed(h, "http.body") : differ(h, "http.body", copy(h, bytes, len), copy(h, m->body, m->body_len));
}

static bool hold_length(struct hold *h, struct lk_span words, const struct message *m)
{
    uint64_t actual = m->length_said ? m->length : m->body_len;
    const char *text = lk_bump_format(h->memory, "%llu", (unsigned long long)actual);
    return text != NULL && hold_text(h, "http.content-length", words, (struct text){(const uint8_t *)text, strlen(text)});
}

static bool hold_words(struct hold *h, const char *words, const struct message *m)
{
    struct lk_span rest = {words, strlen(words)}, word, key, value;
    bool ok = true;
    while (ok && lk_word_next(&rest, &word)) {
        lk_word_pair(word, &key, &value);
        if (lk_span_is(key, "status"))
            ok = hold_status(h, value, m);
        else if (lk_span_is(key, "method"))
            ok = hold_text(h, "http.request.method", value, m->method);
        else if (lk_span_is(key, "target"))
            ok = hold_text(h, "http.request.uri", value, m->target);
        else if (lk_span_is(key, "version"))
            ok = hold_text(h, "http.version", value, m->version);
        else if (lk_span_is(key, "field") || lk_span_is(key, "nofield"))
            ok = hold_field(h, value, m, lk_span_is(key, "field"));
        else if (lk_span_is(key, "body"))
            ok = hold_body(h, value, m);
        else if (lk_span_is(key, "length"))
            ok = hold_length(h, value, m);
        else if (lk_span_is(key, "chunked"))
            ok = m->chunked ? agreed(h, "http.transfer-encoding") : differ(h, "http.transfer-encoding", "chunked", "nothing");
    }
    return ok;
}

static bool wants_head_only(const char *words)
{
    struct lk_span rest = {words, strlen(words)}, word;
    while (lk_word_next(&rest, &word))
        if (lk_span_is(word, "head"))
            return true;
    return false;
}

void lk_http_hold(const char *words, const uint8_t *bytes, size_t len, bool ended, struct lk_bump *memory, struct lk_http_held *out,
                  void (*held)(void *context, const char *name), void *context)
{
    struct hold h = {memory, out, held, context};
    struct message m = {0};
    *out = (struct lk_http_held){.whole = false};
    int there = read_head(&h, bytes, len, &m);
    if (there == 1)
        there = read_body(&h, bytes, len, ended, wants_head_only(words), &m, &out->consumed);
    if (there != 1 || out->field != NULL)
        return;
    out->whole = true;
    agreed(&h, "http.grammar");
    hold_words(&h, words, &m);
}
