/* An HTTP/1.1 server over the stack's sockets (RFC 9110, RFC 9112). What to answer is the caller's: requests are handed out,
 * heads and content are handed in. Framing, keep-alive, pipelining, 100-continue, HEAD, and every refusal are done here. */
#ifndef LK_APPS_HTTP_SERVER_H
#define LK_APPS_HTTP_SERVER_H

#include "stack/apps/app.h"

struct lk_http_server; /* opaque */
extern const struct lk_app_kind lk_http_server_app;

struct lk_http_server_config {
    uint32_t size_of;
    struct lk_endpoint local; /* port 0: 80 */
    uint32_t connections;     /* at once; a further one is closed at once with 503 */
    uint32_t head_bytes;      /* longest request head: beyond it 431 (or 414 for the target) */
    uint32_t backlog;
    lk_time idle;             /* between requests */
    lk_time head_time;        /* for one whole head: 408 beyond it */
    lk_time linger;           /* after the last answer, for the client's FIN (RFC 9112 9.6) */
    uint32_t fields;          /* lines of one head: 431 beyond them */
    lk_time epoch;            /* the clock: ns since 1970 at now = 0; every response then has a Date (RFC 9110 6.6.1). 0: no clock, no Date */
    uint32_t drain;           /* octets of content nobody asked for that are read and thrown away rather than closing */
};
void lk_http_server_config_init(struct lk_http_server_config *config);
size_t lk_http_server_footprint(const struct lk_http_server_config *config);
int lk_http_server_init(void *memory, size_t size, const struct lk_http_server_config *config, lk_time now);
int lk_http_server_start(struct lk_http_server *s, struct lk_stack *stack, lk_time now);

enum lk_http_server_kind { LK_HTTP_REQUEST = 1, LK_HTTP_CONTENT, LK_HTTP_CONTENT_END, LK_HTTP_WRITABLE, LK_HTTP_GONE, LK_HTTP_REFUSED };
struct lk_http_server_event {
    uint8_t kind;
    uint32_t connection;
    uint64_t tag;             /* what lk_http_server_respond() was given; 0 before */
    const char *method, *target, *host; /* REQUEST: not terminated, with the lengths below; valid until the next call */
    uint32_t method_len, target_len, host_len;
    const uint8_t *bytes;     /* REQUEST: the field section; CONTENT: the bytes */
    size_t len;
    uint64_t length;          /* REQUEST: content to come, 0: none and no CONTENT_END, UINT64_MAX: not known before */
    uint8_t minor;            /* REQUEST: of the version, 1 for HTTP/1.1 */
    struct lk_endpoint remote;/* REQUEST, REFUSED: the client */
    uint16_t status;          /* REFUSED: what was answered without asking the caller, for a log */
    const char *what;         /* REFUSED: why, with the RFC's section */
};
/* REQUEST is to be answered by respond(), at once or later; content is handed out meanwhile. To refuse a request before its content
 * comes (413, 417 ...), answer it before the next call of next(): only then 100 (Continue) is sent to a client that waits for it.
 * target and host: of an absolute target the path and its authority (RFC 9112 3.2.2). WRITABLE comes when write() has room again; GONE ends a connection: forget its tag. */
bool lk_http_server_next(struct lk_http_server *s, struct lk_stack *stack, struct lk_http_server_event *out, lk_time now);

struct lk_http_response {
    uint16_t status;
    const char *reason;       /* NULL: the usual one */
    const char *fields;       /* field lines, each with its CRLF; without Connection, Content-Length, Transfer-Encoding; a Date of its own stands instead of the server's */
    uint64_t length;          /* of the content; UINT64_MAX: not known, chunked (or until close for HTTP/1.0) */
    uint64_t tag;
};
/* Queues the head. INVALID: no request waits there, or what it says would not be HTTP: a status below 200 or above 599, fields that
 * are no field lines or one of those named above, 401 without WWW-Authenticate, 405 without Allow, 407 without Proxy-Authenticate,
 * 426 without Upgrade (RFC 9110 15.5), content with 204 or 205. NOSPACE: longer than config.head_bytes. */
int lk_http_server_respond(struct lk_http_server *s, struct lk_stack *stack, uint32_t connection, const struct lk_http_response *response, lk_time now);
/* Content: how many bytes were taken (0: wait for WRITABLE), or INVALID: no answer with content is under way, or more than its
 * length. For HEAD, 204, 205 and 304 nothing may be written, and an answer of length 0 has ended already. The response
 * ends by itself after `length` bytes, a chunked one by end(). */
int64_t lk_http_server_write(struct lk_http_server *s, struct lk_stack *stack, uint32_t connection, const void *bytes, size_t len, lk_time now);
int lk_http_server_end(struct lk_http_server *s, struct lk_stack *stack, uint32_t connection, lk_time now);
/* The content cannot be finished: the connection is reset, so that nobody takes it for whole. */
int lk_http_server_abort(struct lk_http_server *s, struct lk_stack *stack, uint32_t connection, lk_time now);

#endif
