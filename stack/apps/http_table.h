/* The connections of an HTTP client or server: records in a pool, found by their socket, a queue of those that have something to
 * do, a timer each. Constant work for each step. Lies in the owner's memory and holds no pointer. */
#ifndef LK_APPS_HTTP_TABLE_H
#define LK_APPS_HTTP_TABLE_H

#include "stack/base/arena.h"
#include "stack/base/pool.h"
#include "stack/base/wheel.h"
#include "stack/ip/socket.h"

/* Stands first in each record. */
struct http_link {
    lk_socket socket;
    uint32_t index;      /* of the record itself */
    uint32_t hash_next;
    uint32_t ready_next, ready_prev;
    bool ready;
    uint8_t zero[7];
};

struct http_table {
    struct lk_pool pool;
    struct lk_wheel wheel;  /* a node for each record, of the same number */
    int64_t buckets;        /* bytes from this struct to them */
    uint32_t mask;
    uint32_t head, tail;    /* the queue */
    uint32_t zero;
};

/* Carves `count` records of `size` bytes. While measuring nothing is touched but the arena's count. 0, INVALID or NOMEM. */
int http_table_init(struct http_table *table, struct lk_arena *arena, uint32_t size, uint32_t count, lk_time now);

/* A zeroed record for that socket, not queued; NULL: all are taken. */
void *http_table_take(struct http_table *table, lk_socket socket);
/* Gives a record back: out of the queue, timer stopped. Its socket is the caller's to close before. */
void http_table_give(struct http_table *table, void *record);
void *http_table_find(const struct http_table *table, lk_socket socket); /* NULL: none */
void *http_table_at(const struct http_table *table, uint32_t index);

/* Puts a record at the end of the queue unless it is in it. */
void http_table_ready(struct http_table *table, void *record);
/* Whether the record has the number of one that is taken now. */
bool http_table_taken(const struct http_table *table, uint32_t index);
/* The record that has waited longest, taken out of the queue; NULL: none. */
void *http_table_next(struct http_table *table);

/* Arms the record's timer; LK_NEVER stops it. */
void http_table_timer(struct http_table *table, void *record, lk_time deadline);

#endif
