/* The connections of an HTTP client or server. */
#include "stack/apps/http_table.h"

#include "stack/base/error.h"

static uint32_t buckets_for(uint32_t count)
{
    uint32_t n = 1;
    while (n < count && n < 1u << 30)
        n *= 2;
    return n;
}

static uint32_t *bucket(const struct http_table *table, lk_socket socket)
{
    uint32_t hash = (uint32_t)socket * 2654435761u;
    return (uint32_t *)(uintptr_t)((const uint8_t *)table + table->buckets) + ((hash >> 8) & table->mask);
}

int http_table_init(struct http_table *table, struct lk_arena *arena, uint32_t size, uint32_t count, lk_time now)
{
    uint32_t n = buckets_for(count);
    uint64_t at = lk_arena_carve(arena, n, sizeof(uint32_t));
    uint8_t *buckets = lk_arena_at(arena, at);
    int error = lk_pool_init(&table->pool, arena, size, count);
    if (error == 0)
        error = lk_wheel_init(&table->wheel, arena, count, now);
    if (error != 0 || buckets == NULL)
        return error;
    table->buckets = buckets - (uint8_t *)table;
    table->mask = n - 1;
    table->head = LK_NONE;
    table->tail = LK_NONE;
    for (uint32_t i = 0; i < n; i++)
        ((uint32_t *)(void *)buckets)[i] = LK_NONE;
    return 0;
}

void *http_table_at(const struct http_table *table, uint32_t index)
{
    return lk_pool_at(&table->pool, index);
}

bool http_table_taken(const struct http_table *table, uint32_t index)
{
    return lk_pool_taken(&table->pool, index);
}

void *http_table_take(struct http_table *table, lk_socket socket)
{
    uint32_t index = lk_pool_take(&table->pool);
    if (index == LK_NONE)
        return NULL;
    struct http_link *link = http_table_at(table, index);
    uint32_t *first = bucket(table, socket);
    link->socket = socket;
    link->index = index;
    link->hash_next = *first;
    link->ready_next = LK_NONE;
    link->ready_prev = LK_NONE;
    *first = index;
    return link;
}

static void unhash(struct http_table *table, struct http_link *link)
{
    uint32_t *at = bucket(table, link->socket);
    while (*at != link->index)
        at = &((struct http_link *)http_table_at(table, *at))->hash_next;
    *at = link->hash_next;
}

static void unqueue(struct http_table *table, struct http_link *link)
{
    if (link->ready_prev == LK_NONE)
        table->head = link->ready_next;
    else
        ((struct http_link *)http_table_at(table, link->ready_prev))->ready_next = link->ready_next;
    if (link->ready_next == LK_NONE)
        table->tail = link->ready_prev;
    else
        ((struct http_link *)http_table_at(table, link->ready_next))->ready_prev = link->ready_prev;
    link->ready_next = LK_NONE;
    link->ready_prev = LK_NONE;
    link->ready = false;
}

void http_table_give(struct http_table *table, void *record)
{
    struct http_link *link = record;
    unhash(table, link);
    if (link->ready)
        unqueue(table, link);
    lk_wheel_cancel(&table->wheel, link->index);
    lk_pool_give(&table->pool, link->index);
}

void *http_table_find(const struct http_table *table, lk_socket socket)
{
    uint32_t index = *bucket(table, socket);
    while (index != LK_NONE) {
        struct http_link *link = http_table_at(table, index);
        if (link->socket == socket)
            return link;
        index = link->hash_next;
    }
    return NULL;
}

void http_table_ready(struct http_table *table, void *record)
{
    struct http_link *link = record;
    if (link->ready)
        return;
    link->ready = true;
    link->ready_prev = table->tail;
    if (table->tail == LK_NONE)
        table->head = link->index;
    else
        ((struct http_link *)http_table_at(table, table->tail))->ready_next = link->index;
    table->tail = link->index;
}

void *http_table_next(struct http_table *table)
{
    if (table->head == LK_NONE)
        return NULL;
    struct http_link *link = http_table_at(table, table->head);
    unqueue(table, link);
    return link;
}

void http_table_timer(struct http_table *table, void *record, lk_time deadline)
{
    struct http_link *link = record;
    lk_wheel_arm(&table->wheel, link->index, deadline);
}
