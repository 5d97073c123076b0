/* HTTP messages out of a socket. */
#include "stack/apps/http_stream.h"

#include "stack/base/check.h"
#include "stack/base/mem.h"

enum phase { READ_HEAD = 0, READ_NOTHING, READ_LENGTH, READ_CHUNKS, READ_TRAILERS, READ_ALL, READ_ENDED };

#define PIECE 1024u /* octets of a head copied at once: what lies behind the head is copied in vain */

void http_stream_begin(struct http_stream *in, enum lk_http_kind kind)
{
    lk_http_head_begin(&in->head, kind);
    in->stash_len = 0;
    in->left = 0;
    in->phase = READ_HEAD;
}

void http_stream_body(struct http_stream *in, const struct lk_http_framing *framing)
{
    static const uint8_t phases[] = {[LK_HTTP_NO_BODY] = READ_NOTHING, [LK_HTTP_LENGTH] = READ_LENGTH, [LK_HTTP_CHUNKED] = READ_CHUNKS,
                                     [LK_HTTP_UNTIL_CLOSE] = READ_ALL, [LK_HTTP_TUNNEL] = READ_ALL};
    in->phase = phases[framing->body];
    in->left = framing->length;
    lk_http_chunk_begin(&in->chunk);
}

bool http_stream_between(const struct http_stream *in)
{
    /* Empty lines before a start line are ignored (RFC 9112 2.2). */
    return in->phase == READ_HEAD && in->head.line == in->stash_len && in->head.kind != LK_HTTP_KIND_TRAILERS && in->head.fields.at == 0;
}

bool http_stream_ended(const struct http_stream *in)
{
    return in->phase == READ_NOTHING || in->phase == READ_ENDED;
}

void http_stream_settle(struct http_stream *in, const struct http_source *source)
{
    if (in->owed != 0)
        lk_sock_consume(source->stack, source->socket, in->owed, source->now);
    in->owed = 0;
}

/* What the socket holds: a run > 0, HTTP_AGAIN or HTTP_EOF in *item, or an error. */
static int64_t look(const struct http_source *source, const uint8_t **run, int *item)
{
    int64_t n = lk_sock_peek(source->stack, source->socket, run, source->now);
    *item = n == 0 ? HTTP_EOF : HTTP_AGAIN;
    return n == LK_E_AGAIN ? 0 : n;
}

/* Moves octets into the stash until the head (or trailer section) in it is whole. */
static int read_head(struct http_stream *in, const struct http_source *source)
{
    for (;;) {
        const uint8_t *run;
        int item;
        int64_t n = look(source, &run, &item);
        if (n <= 0)
            return n < 0 ? (int)n : item;
        uint32_t piece = n < PIECE ? (uint32_t)n : PIECE;
        uint32_t room = source->limits->head - in->stash_len;
        piece = piece < room ? piece : room;
        lk_assert(piece != 0); /* a head as long as its limit is whole or malformed */
        lk_memcpy(source->stash + in->stash_len, run, piece);
        int end = lk_http_head_parse(&in->head, source->stash, in->stash_len + piece, source->limits);
        if (end < 0 && end != LK_E_TRUNCATED)
            return end;
        uint32_t used = end < 0 ? piece : (uint32_t)end - in->stash_len;
        lk_sock_consume(source->stack, source->socket, used, source->now);
        in->stash_len += used;
        if (end > 0)
            return HTTP_HEAD;
    }
}

static int read_message_head(struct http_stream *in, const struct http_source *source)
{
    int item = read_head(in, source);
    if (item == HTTP_HEAD) {
        in->phase = READ_NOTHING;
        if (in->head.folded)
            lk_http_unfold(source->stash + in->head.fields.at, in->head.fields.len);
    }
    return item;
}

/* RFC 9112 7.1.2: the trailer section stays apart from the header section. */
static int read_trailers(struct http_stream *in, const struct http_source *source, const uint8_t **bytes, size_t *len)
{
    int item = read_head(in, source);
    if (item != HTTP_HEAD)
        return item;
    in->phase = READ_ENDED;
    if (in->head.folded)
        lk_http_unfold(source->stash + in->head.fields.at, in->head.fields.len);
    *bytes = source->stash + in->head.fields.at;
    *len = in->head.fields.len;
    return *len != 0 ? HTTP_TRAILERS : HTTP_END;
}

static int read_length(struct http_stream *in, const struct http_source *source, const uint8_t **bytes, size_t *len)
{
    int item;
    int64_t n = look(source, bytes, &item);
    if (n <= 0)
        return n < 0 ? (int)n : item;
    *len = (uint64_t)n < in->left ? (size_t)n : (size_t)in->left;
    in->left -= *len;
    in->owed = (uint32_t)*len;
    if (in->left == 0)
        in->phase = READ_ENDED;
    return HTTP_CONTENT;
}

static int read_chunks(struct http_stream *in, const struct http_source *source, const uint8_t **bytes, size_t *len)
{
    while (!lk_http_chunk_ended(&in->chunk)) {
        const uint8_t *run;
        int item;
        int64_t n = look(source, &run, &item);
        if (n <= 0)
            return n < 0 ? (int)n : item;
        int64_t used = lk_http_chunk_read(&in->chunk, run, (size_t)n, source->chunk_limits, bytes, len);
        if (used < 0)
            return (int)used;
        in->owed = (uint32_t)used;
        if (*len != 0)
            return HTTP_CONTENT;
        http_stream_settle(in, source);
    }
    lk_http_head_begin(&in->head, LK_HTTP_KIND_TRAILERS);
    in->stash_len = 0;
    in->phase = READ_TRAILERS;
    return read_trailers(in, source, bytes, len);
}

/* RFC 9112 6.3, 8: until the connection is closed; an error of the connection is no end. */
static int read_all(struct http_stream *in, const struct http_source *source, const uint8_t **bytes, size_t *len)
{
    int item;
    int64_t n = look(source, bytes, &item);
    if (n > 0) {
        *len = (size_t)n;
        in->owed = (uint32_t)n;
        return HTTP_CONTENT;
    }
    if (n == 0 && item == HTTP_EOF) {
        in->phase = READ_ENDED;
        return HTTP_END;
    }
    return n < 0 ? (int)n : item;
}

int http_stream_next(struct http_stream *in, const struct http_source *source, const uint8_t **bytes, size_t *len)
{
    *bytes = NULL;
    *len = 0;
    http_stream_settle(in, source);
    switch (in->phase) {
    case READ_HEAD: return read_message_head(in, source);
    case READ_LENGTH: return read_length(in, source, bytes, len);
    case READ_CHUNKS: return read_chunks(in, source, bytes, len);
    case READ_TRAILERS: return read_trailers(in, source, bytes, len);
    case READ_ALL: return read_all(in, source, bytes, len);
    default: return HTTP_END;
    }
}
