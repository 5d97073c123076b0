/* Inside of the HTTP server: its records, and what http_server.c and http_server_answer.c do for each other. */
#ifndef LK_APPS_HTTP_SERVER_STATE_H
#define LK_APPS_HTTP_SERVER_STATE_H

#include "stack/apps/http_server.h"
#include "stack/apps/http_stream.h"
#include "stack/apps/http_table.h"

enum http_server_state {
    HTTP_IDLE = 0, /* no request, or a part of a head */
    HTTP_WAIT,     /* a request was handed out */
    HTTP_ANSWER,   /* its answer's content is being written */
    HTTP_ANSWERED, /* the answer is whole, the request may not be */
    HTTP_LINGER,   /* the last answer was queued */
    HTTP_DEAD      /* the socket is gone */
};

struct http_connection {
    struct http_link link;
    struct http_stream in;
    struct lk_endpoint remote; /* the client */
    uint64_t tag;
    uint64_t left;         /* content of the answer to come; UINT64_MAX: not known */
    uint64_t drained;      /* content of the request thrown away */
    uint32_t stash;        /* octets of each of the two stashes behind this record: heads in, heads out */
    uint32_t out_at, out_len; /* octets of the second that are still to be sent */
    uint16_t refused;      /* status of a refusal not yet told */
    uint8_t state;         /* enum http_server_state */
    uint8_t minor;         /* of the request's version */
    bool head_method;      /* HEAD: no content */
    bool closing;          /* the connection ends with this answer */
    bool expect;           /* the client may wait for 100 (Continue) */
    bool chunked;          /* the answer is */
    bool want_write;       /* write() had to refuse something */
    bool starved;          /* the stack had no memory for it: not to be told writable before the timer */
    bool broken;           /* the request's content cannot be read on */
    bool told;             /* the caller knows this connection */
    bool spare;            /* only here to get a 503 */
    bool lingering;        /* half-closed */
    bool late;             /* the timer fired */
    bool timing_head;      /* the timer is that of a head */
    bool content_due;      /* CONTENT_END has not been told */
    uint8_t zero[2];
    int32_t why;           /* of a refusal: an error */
};

struct lk_http_server {
    struct lk_http_server_config config;
    struct lk_http_limits limits;
    lk_socket listener;
    uint32_t serving;      /* records that are not spare */
    uint32_t zero;
    struct http_table table;
};

static inline uint8_t *http_in_stash(struct http_connection *c)
{
    return (uint8_t *)(c + 1);
}

static inline uint8_t *http_out_stash(struct http_connection *c)
{
    return (uint8_t *)(c + 1) + c->stash;
}

/* Queues the whole answer of a refusal, with "Connection: close" (RFC 9112 9.6). */
void http_answer_refusal(const struct lk_http_server *s, struct http_connection *c, uint16_t status, lk_time now);
/* Queues 100 (Continue) (RFC 9110 15.2.1). */
void http_answer_continue(struct http_connection *c);
/* Sends what is queued as far as there is room. False: the connection is gone. */
bool http_answer_flush(struct http_connection *c, struct lk_stack *stack, lk_time now);

#endif
