/* Inside of the HTTP client: its records, and what its files do for each other. */
#ifndef LK_APPS_HTTP_CLIENT_STATE_H
#define LK_APPS_HTTP_CLIENT_STATE_H

#include "stack/apps/http_client.h"
#include "stack/apps/http_stream.h"
#include "stack/apps/http_table.h"

enum http_client_state { HTTP_CONNECTING = 0, HTTP_OPEN, HTTP_OVER };

struct http_connection {
    struct http_link link;
    struct http_stream in;
    struct lk_endpoint server;
    uint32_t stash;          /* octets of the stash for heads that come, behind this record */
    uint32_t room;           /* octets of the stash for requests, behind that one */
    uint32_t out_at, out_len;/* octets of it still to be sent */
    uint32_t first, last;    /* requests under way, in the order they were sent (RFC 9112 9.2) */
    uint32_t count;
    uint32_t next, prev;     /* in the list of those that could take a request to the same server */
    uint32_t idle_next, idle_prev; /* in the list of those without a request */
    int32_t error;           /* HTTP_OVER: why */
    uint8_t state;           /* enum http_client_state */
    bool listed, idle;       /* in those lists */
    bool persist;            /* after the answer that is being read */
    bool last_request;       /* none may follow: one with "close" was sent (9.6) */
    bool alone;              /* the method under way is not idempotent */
    bool truncated;          /* HTTP_OVER: inside of an answer */
    bool late;
};

struct http_request {
    uint32_t id;
    uint32_t connection;
    uint32_t next;
    uint16_t generation;     /* survives the request, see request_id() */
    uint8_t method;          /* enum lk_http_method */
    bool under_way;
};

struct lk_http_client {
    struct lk_http_client_config config;
    struct lk_http_limits limits;
    uint32_t idle_head, idle_tail;   /* longest idle first */
    uint32_t free_request;           /* first of the free ones, linked by next */
    uint32_t mask;                   /* of the buckets */
    int64_t requests, buckets;       /* bytes from this struct */
    struct http_table table;
};

static inline struct http_request *http_request_at(struct lk_http_client *c, uint32_t index)
{
    return (struct http_request *)(void *)((uint8_t *)c + c->requests) + index;
}

static inline uint8_t *http_in_stash(struct http_connection *conn)
{
    return (uint8_t *)(conn + 1);
}

static inline uint8_t *http_out_stash(struct http_connection *conn)
{
    return (uint8_t *)(conn + 1) + conn->stash;
}

/* Puts the connection into the lists it belongs to by its state. */
void http_client_list(struct lk_http_client *c, struct http_connection *conn);
/* Takes it out of all of them. */
void http_client_unlist(struct lk_http_client *c, struct http_connection *conn);
/* The oldest request of a connection is done with. */
void http_client_pop(struct lk_http_client *c, struct http_connection *conn);
/* Sends what is queued as far as there is room. False: the connection is gone. */
bool http_client_flush(struct http_connection *conn, struct lk_stack *stack, lk_time now);

#endif
