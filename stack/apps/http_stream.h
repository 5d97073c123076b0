/* HTTP messages out of a socket: the half that client and server share. Content is handed out where it lies in the socket's
 * buffer; only heads and trailer sections are copied, into the owner's stash, since they must stay in one piece.
 *
 *     http_stream_begin(), http_stream_next() until HTTP_HEAD, lk_http_framing(), http_stream_body(), http_stream_next() until HTTP_END
 */
#ifndef LK_APPS_HTTP_STREAM_H
#define LK_APPS_HTTP_STREAM_H

#include "stack/host/stack.h"
#include "stack/wire/http_chunk.h"
#include "stack/wire/http_framing.h"

struct http_stream {
    struct lk_http_head head;
    struct lk_http_chunk chunk;
    uint64_t left;      /* of a body with a length */
    uint32_t stash_len; /* octets in the stash */
    uint32_t owed;      /* octets handed out, freed with the next call */
    uint8_t phase;
    uint8_t zero[7];
};

/* What reading needs from its owner, for one call. */
struct http_source {
    struct lk_stack *stack;
    lk_socket socket;
    uint8_t *stash;     /* room for limits->head octets */
    const struct lk_http_limits *limits;
    const struct lk_http_chunk_limits *chunk_limits;
    lk_time now;
};

enum http_item {
    HTTP_AGAIN = 0,     /* nothing more now */
    HTTP_HEAD,          /* stream->head describes the stash */
    HTTP_CONTENT,       /* bytes, len */
    HTTP_TRAILERS,      /* bytes, len: a field section, not empty */
    HTTP_END,           /* the message is whole */
    HTTP_EOF            /* the peer has closed; http_stream_between() tells whether inside of a message */
};

/* Ready for a message of that kind; nothing is owed any more. */
void http_stream_begin(struct http_stream *in, enum lk_http_kind kind);
/* How the body after HTTP_HEAD is delimited. */
void http_stream_body(struct http_stream *in, const struct lk_http_framing *framing);
/* The next item, or a negative error: of the socket (LK_E_CONNRESET ...) or a malformed one. bytes stay valid until the next call. */
int http_stream_next(struct http_stream *in, const struct http_source *source, const uint8_t **bytes, size_t *len);
/* Nothing of the next message has come. */
bool http_stream_between(const struct http_stream *in);
/* The message was read to its end. */
bool http_stream_ended(const struct http_stream *in);
/* Frees what was handed out. */
void http_stream_settle(struct http_stream *in, const struct http_source *source);

#endif
