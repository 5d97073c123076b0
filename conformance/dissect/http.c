/* HTTP/1.x heads (RFC 9112), where a head begins a segment or stands behind a whole message in it, and is whole within the segment.
 * Nothing is put together over segments: where tshark waits for the rest of the content, it shows the fields with the last one. */
#include "stack/wire/http_chunk.h"
#include "stack/wire/http_framing.h"
#include "conformance/dissect/layer.h"

/* Field lines that have a name of their own in Wireshark. */
static const struct { const char *line, *name; } known[] = {
    {"host", "http.host"}, {"connection", "http.connection"}, {"content-length", "http.content_length_header"}, {"content-type", "http.content_type"},
    {"content-encoding", "http.content_encoding"}, {"transfer-encoding", "http.transfer_encoding"}, {"upgrade", "http.upgrade"},
    {"user-agent", "http.user_agent"}, {"cookie", "http.cookie"}, {"set-cookie", "http.set_cookie"}, {"accept", "http.accept"}, {"referer", "http.referer"},
    {"accept-language", "http.accept_language"}, {"accept-encoding", "http.accept_encoding"}, {"date", "http.date"}, {"cache-control", "http.cache_control"},
    {"server", "http.server"}, {"location", "http.location"}, {"last-modified", "http.last_modified"}, {"authorization", "http.authorization"},
    {"www-authenticate", "http.www_authenticate"}, {"proxy-authenticate", "http.proxy_authenticate"}, {"proxy-authorization", "http.proxy_authorization"},
    {"x-forwarded-for", "http.x_forwarded_for"},
};

static bool add_text(struct lk_walk *w, const struct lk_view *v, const char *name, uint32_t at, uint32_t len)
{
    return lk_add_octets(w, v, name, at, len, LK_FIELD_STRING);
}

static bool add_span(struct lk_walk *w, const struct lk_view *v, const char *name, struct lk_http_span span)
{
    return add_text(w, v, name, span.at, span.len);
}

static bool add_start(struct lk_walk *w, const struct lk_view *v, const struct lk_http_head *head, uint32_t begin)
{
    if (head->kind == LK_HTTP_KIND_REQUEST)
        return lk_add_number(w, v, "http.request", begin, 0, 1) && add_span(w, v, "http.request.method", head->method) &&
               add_span(w, v, "http.request.uri", head->target) &&
               add_text(w, v, "http.request.version", head->target.at + head->target.len + 1, 8);
    return lk_add_number(w, v, "http.response", begin, 0, 1) && add_text(w, v, "http.response.version", begin, 8) &&
           lk_add_number(w, v, "http.response.code", begin + 9, 3, head->status) && add_span(w, v, "http.response.phrase", head->reason);
}

static bool add_value(struct lk_walk *w, const struct lk_view *v, const struct lk_http_field *field, uint32_t at)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (lk_http_is(field->name, field->name_len, known[i].line) && !add_text(w, v, known[i].name, at, field->value_len))
            return false;
    if (!lk_http_is(field->name, field->name_len, "content-length"))
        return true;
    uint64_t length = 0;
    for (uint32_t i = 0; i < field->value_len; i++) {
        if (field->value[i] < '0' || field->value[i] > '9' || length > UINT64_MAX / 10 - 1)
            return true;
        length = length * 10 + (uint64_t)(field->value[i] - '0');
    }
    return field->value_len == 0 || lk_add_number(w, v, "http.content_length", at, field->value_len, length);
}

static bool add_fields(struct lk_walk *w, const struct lk_view *v, const struct lk_http_head *head)
{
    const uint8_t *section = v->bytes + head->fields.at;
    const char *line = head->kind == LK_HTTP_KIND_REQUEST ? "http.request.line" : "http.response.line";
    struct lk_http_field field;
    size_t at = 0, begin = 0;
    while (lk_http_field_next(section, head->fields.len, &at, &field)) {
        if (!add_text(w, v, line, head->fields.at + (uint32_t)begin, (uint32_t)(at - begin)) ||
            !add_value(w, v, &field, head->fields.at + (uint32_t)(field.value - section)))
            return false;
        begin = at;
    }
    return true;
}

/* Octets of the chunked content and its trailers at the beginning of the view; 0: not whole, or malformed. */
static uint32_t chunked_len(const struct lk_view *v, const struct lk_http_limits *limits)
{
    static const struct lk_http_chunk_limits any = {.digits = 64, .extensions = UINT32_MAX};
    struct lk_http_chunk chunk;
    struct lk_http_head trailers;
    uint32_t at = 0;
    lk_http_chunk_begin(&chunk);
    while (!lk_http_chunk_ended(&chunk) && at < v->captured) {
        const uint8_t *content;
        size_t len;
        int64_t used = lk_http_chunk_read(&chunk, v->bytes + at, v->captured - at, &any, &content, &len);
        if (used <= 0)
            return 0;
        at += (uint32_t)used;
    }
    lk_http_head_begin(&trailers, LK_HTTP_KIND_TRAILERS);
    int n = lk_http_chunk_ended(&chunk) ? lk_http_head_parse(&trailers, v->bytes + at, v->captured - at, limits) : 0;
    return n > 0 ? at + (uint32_t)n : 0;
}

/* Octets of the whole message, its content included; 0: it goes on behind the segment, or nobody can tell. */
static uint32_t message_len(const struct lk_view *v, const struct lk_http_head *head, uint32_t len, const struct lk_http_limits *limits)
{
    struct lk_http_framing f;
    if (head->folded || lk_http_framing(v->bytes, head, LK_HTTP_OTHER, &f) != 0)
        return 0;
    struct lk_view content = lk_view_from(v, len);
    uint32_t chunked = f.body == LK_HTTP_CHUNKED ? chunked_len(&content, limits) : 0;
    switch (f.body) {
    case LK_HTTP_NO_BODY: return len;
    case LK_HTTP_LENGTH: return f.length <= v->captured - len ? len + (uint32_t)f.length : 0;
    case LK_HTTP_CHUNKED: return chunked == 0 ? 0 : len + chunked;
    default: return 0;
    }
}

bool lk_dissect_http(struct lk_walk *w, const struct lk_view *v)
{
    static const struct lk_http_limits limits = {.method = 64, .start_line = 65535, .field_line = 65535, .fields = 65535, .head = 65535, .empty_lines = 0, .fold = true};
    struct lk_view rest = *v;
    while (rest.captured > 12 && w->out->layer_count < LK_DISSECT_DEPTH) {
        bool response = lk_http_is(rest.bytes, 7, "HTTP/1.");
        struct lk_http_head head;
        lk_http_head_begin(&head, response ? LK_HTTP_KIND_RESPONSE : LK_HTTP_KIND_REQUEST);
        int len = lk_http_head_parse(&head, rest.bytes, rest.captured, &limits);
        if (len <= 0 || 3 * head.field_count + 8 > w->out->field_cap - w->out->field_count)
            return true; /* no head, or more fields than there is room for: the segment is sound all the same */
        if (!lk_layer_open(w, "http", &rest) || !add_start(w, &rest, &head, 0) || !add_fields(w, &rest, &head))
            return false;
        uint32_t whole = message_len(&rest, &head, (uint32_t)len, &limits);
        if (whole == 0)
            return true;
        rest = lk_view_from(&rest, whole);
    }
    return true;
}
