/* An HTTP/1.1 client over the stack's sockets (RFC 9110, RFC 9112): one record a connection, requests in order on it, answers
 * handed out as they arrive, without a copy. */
#ifndef LK_APPS_HTTP_CLIENT_H
#define LK_APPS_HTTP_CLIENT_H

#include "stack/apps/app.h"

struct lk_http_client; /* opaque */
extern const struct lk_app_kind lk_http_client_app;

struct lk_http_client_config {
    uint32_t size_of;
    uint32_t connections;  /* at once */
    uint32_t pipeline;     /* requests under way on one connection; 1: no pipelining */
    uint32_t head_bytes;   /* longest head that is taken, of a response and of its trailers */
    uint32_t request_bytes;/* longest request head */
    lk_time timeout;       /* without a byte from the server */
    uint32_t fields;       /* field lines of a head that are taken at most */
};
void lk_http_client_config_init(struct lk_http_client_config *config);
size_t lk_http_client_footprint(const struct lk_http_client_config *config);
int lk_http_client_init(void *memory, size_t size, const struct lk_http_client_config *config, lk_time now);

struct lk_http_request {
    struct lk_endpoint server;
    const char *method;    /* "GET" ... */
    const char *host;      /* the Host field: "www.example.com" or "www.example.com:8080" */
    const char *target;    /* origin-form, "/index.html" */
    const char *fields;    /* further field lines, each with its CRLF; or NULL */
    bool close;            /* ask for the connection to be closed after the answer */
    const void *content;   /* sent with the head, copied; or NULL */
    size_t content_len;    /* head and content together are bounded by config.request_bytes */
};
/* Starts a request: on an idle or pipelining connection to the same server, otherwise on a new one.
 * FULL; INVALID: what it says would not be HTTP (fields may not be Host, Connection, Content-Length, Transfer-Encoding, Expect or
 * Upgrade; TRACE has no content); NOSPACE: longer than config.request_bytes; or what open and connect say. Nothing is repeated by
 * itself: after FAILED the caller knows best (RFC 9110 9.2.2). Requests whose method is not idempotent have a connection for
 * themselves until they are answered (RFC 9112 9.3.2). */
int lk_http_client_request(struct lk_http_client *c, struct lk_stack *stack, const struct lk_http_request *request, uint32_t *id, lk_time now);
/* Forgets a request: nothing more is told about it. Its connection is reset; what else was under way there fails with CONNABORTED. */
void lk_http_client_cancel(struct lk_http_client *c, struct lk_stack *stack, uint32_t id, lk_time now);
/* Closes what is idle. */
void lk_http_client_close(struct lk_http_client *c, struct lk_stack *stack, lk_time now);

enum lk_http_client_kind { LK_HTTP_CONNECTED = 1, LK_HTTP_HEAD, LK_HTTP_BODY, LK_HTTP_TRAILERS, LK_HTTP_END, LK_HTTP_FAILED };
struct lk_http_client_event {
    uint8_t kind;
    uint32_t id;
    uint16_t status;       /* HEAD; 1xx are handed out too, and another head follows */
    const uint8_t *bytes;  /* HEAD, TRAILERS: the field section; BODY: content, chunked coding taken off. Valid until the next call */
    size_t len;
    uint64_t length;       /* HEAD: content to come, UINT64_MAX when it is not known before */
    bool truncated;        /* FAILED: the connection ended inside of the answer */
    int error;             /* FAILED: CONNREFUSED, TIMEDOUT, CONNRESET ..., CONNABORTED: closed before the answer began, TRUNCATED and
                              TRUNCATED_PAYLOAD: closed inside of it, or the name of what was malformed */
    const char *what;      /* FAILED: in words, with the RFC's section where one was broken */
};
bool lk_http_client_next(struct lk_http_client *c, struct lk_stack *stack, struct lk_http_client_event *out, lk_time now);

#endif
