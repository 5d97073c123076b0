/* An HTTP/1.1 client: one record a connection, requests in order on it.
 *
 * event() and tick() note which connections have something to do; next() goes on with one after the other until there is
 * something to tell. Answers belong to the oldest request of their connection (RFC 9112 9.2). */
#include "stack/apps/http_client.h"

#include "stack/apps/http_client_state.h"
#include "stack/base/mem.h"

/* ---- life ---- */

void lk_http_client_config_init(struct lk_http_client_config *config)
{
    lk_memset(config, 0, sizeof *config);
    config->size_of = sizeof *config;
    config->connections = 8;
    config->pipeline = 1;
    config->head_bytes = 32768;
    config->request_bytes = 8192;
    config->timeout = 30 * LK_SECOND;
    config->fields = 256;
}

static bool config_ok(const struct lk_http_client_config *config)
{
    return config->size_of == sizeof *config && config->connections >= 1 && config->pipeline >= 1 && config->connections <= 65535 &&
           config->pipeline <= 65535 / config->connections && config->head_bytes >= 256 && config->head_bytes <= 1u << 24 &&
           config->request_bytes >= 64 && config->request_bytes <= 1u << 24 && config->timeout > 0 && config->fields >= 1;
}

/* Carves all tables; `c` is a scratch while measuring. */
static void layout(struct lk_arena *arena, struct lk_http_client *c, const struct lk_http_client_config *config, lk_time now)
{
    uint32_t size = (uint32_t)sizeof(struct http_connection) + config->head_bytes + config->request_bytes;
    uint32_t count = config->connections * config->pipeline;
    uint32_t buckets = 1;
    while (buckets < config->connections)
        buckets *= 2;
    http_table_init(&c->table, arena, size, config->connections, now);
    uint8_t *requests = lk_arena_at(arena, lk_arena_carve(arena, count, sizeof(struct http_request)));
    uint8_t *first = lk_arena_at(arena, lk_arena_carve(arena, buckets, sizeof(uint32_t)));
    if (requests == NULL || first == NULL)
        return;
    c->requests = requests - (uint8_t *)c;
    c->buckets = first - (uint8_t *)c;
    c->mask = buckets - 1;
    for (uint32_t i = 0; i < buckets; i++)
        ((uint32_t *)(void *)first)[i] = LK_NONE;
    for (uint32_t i = 0; i < count; i++)
        http_request_at(c, i)->next = i + 1 < count ? i + 1 : LK_NONE;
}

size_t lk_http_client_footprint(const struct lk_http_client_config *config)
{
    struct lk_http_client scratch;
    struct lk_arena arena;
    if (!config_ok(config))
        return 0;
    lk_arena_measure(&arena);
    lk_arena_carve(&arena, 1, sizeof scratch);
    layout(&arena, &scratch, config, 0);
    return lk_arena_used(&arena);
}

int lk_http_client_init(void *memory, size_t size, const struct lk_http_client_config *config, lk_time now)
{
    struct lk_arena arena;
    if (!config_ok(config) || lk_arena_open(&arena, memory, size) != 0)
        return LK_E_INVALID;
    if (size < lk_http_client_footprint(config))
        return LK_E_NOSPACE;
    struct lk_http_client *c = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *c));
    c->config = *config;
    c->idle_head = LK_NONE;
    c->idle_tail = LK_NONE;
    layout(&arena, c, config, now);
    /* RFC 9112 5.2: a user agent MUST replace folds, so they are taken. */
    c->limits = (struct lk_http_limits){.method = 0, .start_line = config->head_bytes, .field_line = config->head_bytes, .fields = config->fields,
                                        .head = config->head_bytes, .empty_lines = 1, .fold = true};
    return lk_arena_error(&arena);
}

/* ---- the application's side of the loop ---- */

static lk_time client_deadline(const void *self)
{
    const struct lk_http_client *c = self;
    return lk_wheel_deadline(&c->table.wheel);
}

static void client_tick(void *self, struct lk_stack *stack, lk_time now)
{
    struct lk_http_client *c = self;
    uint32_t index;
    lk_time at;
    (void)stack;
    while (lk_wheel_pop(&c->table.wheel, now, &index, &at)) {
        struct http_connection *conn = http_table_at(&c->table, index);
        conn->late = true;
        http_table_ready(&c->table, conn);
    }
}

static bool client_event(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now)
{
    struct lk_http_client *c = self;
    struct http_connection *conn = http_table_find(&c->table, event->socket);
    (void)stack;
    (void)now;
    if (conn == NULL)
        return false;
    http_table_ready(&c->table, conn);
    return true;
}

const struct lk_app_kind lk_http_client_app = {.name = "http-client", .deadline = client_deadline, .tick = client_tick, .event = client_event};

/* ---- ending ---- */

/* The connection is over; the requests on it are told one by one. */
static void over(struct lk_http_client *c, struct lk_stack *stack, struct http_connection *conn, int error, bool truncated, lk_time now)
{
    if (conn->state == HTTP_OVER)
        return;
    bool ended = (lk_sock_bits(stack, conn->link.socket) & LK_SOCK_PEER_CLOSED) != 0;
    if (error == 0 || conn->count == 0 || ended)
        lk_sock_close(stack, conn->link.socket, now);
    else
        lk_sock_abort(stack, conn->link.socket, now);
    conn->state = HTTP_OVER;
    conn->error = error != 0 ? error : LK_E_CONNABORTED;
    conn->truncated = truncated;
    http_client_unlist(c, conn);
    http_table_timer(&c->table, conn, LK_NEVER);
    http_table_ready(&c->table, conn);
}

void lk_http_client_close(struct lk_http_client *c, struct lk_stack *stack, lk_time now)
{
    while (c->idle_head != LK_NONE)
        over(c, stack, http_table_at(&c->table, c->idle_head), 0, false, now);
}

void lk_http_client_cancel(struct lk_http_client *c, struct lk_stack *stack, uint32_t id, lk_time now)
{
    uint32_t index = id & 0xffff;
    if (index >= c->config.connections * c->config.pipeline)
        return;
    struct http_request *r = http_request_at(c, index);
    if (!r->under_way || r->id != id)
        return;
    over(c, stack, http_table_at(&c->table, r->connection), LK_E_CONNABORTED, false, now);
    r->id = 0; /* nothing is told about it */
}

static const char *failure(int error)
{
    switch (error) {
    case LK_E_CONNREFUSED: return "the server refuses connections";
    case LK_E_TIMEDOUT: return "no answer in time";
    case LK_E_CONNRESET: return "the connection was reset";
    case LK_E_CONNABORTED: return "the connection was closed before the answer (RFC 9112 9.5)";
    case LK_E_TRUNCATED: return "the connection was closed inside of a head (RFC 9112 8)";
    case LK_E_TRUNCATED_PAYLOAD: return "the connection was closed before the content was whole (RFC 9112 6.3, 8)";
    case LK_E_HOSTUNREACH: return "the host cannot be reached";
    case LK_E_NETUNREACH: return "the network cannot be reached";
    case LK_E_PROTO: return "the server switches protocols unasked (RFC 9110 7.8)";
    default: return lk_error_is_malformed(error) ? lk_http_error_text(error) : lk_error_name(error);
    }
}

/* ---- one step of one connection: each returns true when there is something to tell ---- */

static bool tell(struct lk_http_client *c, struct lk_http_client_event *out, enum lk_http_client_kind kind, const struct http_connection *conn)
{
    *out = (struct lk_http_client_event){.kind = (uint8_t)kind, .id = http_request_at(c, conn->first)->id};
    return true;
}

/* A head of an answer is whole. RFC 9110 15.2: any number of 1xx before the final one. */
static bool arrived(struct lk_http_client *c, struct lk_stack *stack, struct http_connection *conn, struct lk_http_client_event *out, lk_time now)
{
    const struct lk_http_head *head = &conn->in.head;
    struct lk_http_framing f;
    int error = lk_http_framing(http_in_stash(conn), head, (enum lk_http_method)http_request_at(c, conn->first)->method, &f);
    if (error == 0 && f.coded)
        error = LK_E_HTTP_CODING_UNKNOWN; /* RFC 9110 10.1.4: we sent no TE, so nothing but chunked may come */
    if (error == 0 && head->status == 101)
        error = LK_E_PROTO;
    if (error != 0) {
        over(c, stack, conn, error, false, now);
        return false;
    }
    tell(c, out, LK_HTTP_HEAD, conn);
    out->status = head->status;
    out->bytes = http_in_stash(conn) + head->fields.at;
    out->len = head->fields.len;
    if (head->status >= 100 && head->status < 200) {
        http_stream_begin(&conn->in, LK_HTTP_KIND_RESPONSE);
        return true;
    }
    http_stream_body(&conn->in, &f);
    conn->persist = f.persist;
    out->length = f.body == LK_HTTP_LENGTH || f.body == LK_HTTP_NO_BODY ? f.length : UINT64_MAX;
    return true;
}

/* The answer is whole. */
static bool finished(struct lk_http_client *c, struct lk_stack *stack, struct http_connection *conn, struct lk_http_client_event *out, lk_time now)
{
    tell(c, out, LK_HTTP_END, conn);
    http_client_pop(c, conn);
    http_stream_begin(&conn->in, LK_HTTP_KIND_RESPONSE);
    if (conn->count == 0)
        http_table_timer(&c->table, conn, LK_NEVER);
    /* RFC 9112 9.3, 9.6: the client MUST close after an answer with "close", and after that to a request with it. */
    if (!conn->persist || (conn->last_request && conn->count == 0))
        over(c, stack, conn, 0, false, now);
    return true;
}

static bool step_answer(struct lk_http_client *c, struct lk_stack *stack, struct http_connection *conn, struct lk_http_client_event *out, lk_time now)
{
    static const struct lk_http_chunk_limits chunk_limits = {.digits = 16, .extensions = 65536};
    struct http_source source = {.stack = stack, .socket = conn->link.socket, .stash = http_in_stash(conn), .limits = &c->limits, .chunk_limits = &chunk_limits, .now = now};
    const uint8_t *bytes;
    size_t len;
    uint32_t had = conn->in.stash_len;
    int item = http_stream_next(&conn->in, &source, &bytes, &len);
    if (item > HTTP_AGAIN || conn->in.stash_len != had)
        http_table_timer(&c->table, conn, lk_time_add(now, c->config.timeout));
    switch (item) {
    case HTTP_AGAIN: return false;
    case HTTP_HEAD: return arrived(c, stack, conn, out, now);
    case HTTP_END: return finished(c, stack, conn, out, now);
    case HTTP_EOF: {
        bool between = http_stream_between(&conn->in);
        bool head = conn->in.head.kind == LK_HTTP_KIND_RESPONSE && conn->in.head.done == 0;
        over(c, stack, conn, between ? LK_E_CONNABORTED : head ? LK_E_TRUNCATED : LK_E_TRUNCATED_PAYLOAD, !between, now);
        return false;
    }
    case HTTP_CONTENT:
    case HTTP_TRAILERS:
        tell(c, out, item == HTTP_CONTENT ? LK_HTTP_BODY : LK_HTTP_TRAILERS, conn);
        out->bytes = bytes;
        out->len = len;
        return true;
    default:
        over(c, stack, conn, item, !lk_error_is_malformed(item) && !http_stream_between(&conn->in), now);
        return false;
    }
}

/* Without a request: what comes now is no answer (RFC 9112 9.2); empty lines are ignored (2.2). */
static void step_unasked(struct lk_http_client *c, struct lk_stack *stack, struct http_connection *conn, lk_time now)
{
    const uint8_t *bytes;
    struct http_source source = {.stack = stack, .socket = conn->link.socket, .now = now};
    http_stream_settle(&conn->in, &source);
    int64_t n = lk_sock_peek(stack, conn->link.socket, &bytes, now);
    for (int64_t i = 0; i < n; i++)
        if (bytes[i] != '\r' && bytes[i] != '\n')
            n = 0;
    if (n > 0)
        lk_sock_consume(stack, conn->link.socket, (size_t)n, now);
    else if (n != LK_E_AGAIN)
        over(c, stack, conn, 0, false, now);
}

static bool step_connecting(struct lk_http_client *c, struct lk_stack *stack, struct http_connection *conn, struct lk_http_client_event *out)
{
    if ((lk_sock_bits(stack, conn->link.socket) & LK_SOCK_CONNECTED) == 0)
        return false;
    conn->state = HTTP_OPEN;
    return tell(c, out, LK_HTTP_CONNECTED, conn);
}

/* Tells the requests of a connection that is over; frees its record after the last. */
static bool step_over(struct lk_http_client *c, struct http_connection *conn, struct lk_http_client_event *out)
{
    while (conn->count != 0) {
        tell(c, out, LK_HTTP_FAILED, conn);
        out->error = conn->error;
        out->truncated = conn->truncated;
        out->what = failure(conn->error);
        http_client_pop(c, conn);
        /* Only the first was being answered. */
        conn->truncated = false;
        if (conn->error != LK_E_TIMEDOUT && conn->error != LK_E_CONNREFUSED)
            conn->error = LK_E_CONNABORTED;
        if (out->id != 0)
            return true;
    }
    return false;
}

static bool step(struct lk_http_client *c, struct lk_stack *stack, struct http_connection *conn, struct lk_http_client_event *out, lk_time now)
{
    bool late = conn->late;
    conn->late = false;
    if (conn->state != HTTP_OVER && (lk_sock_bits(stack, conn->link.socket) & LK_SOCK_ERROR) != 0 && conn->state == HTTP_CONNECTING)
        over(c, stack, conn, lk_sock_error(stack, conn->link.socket), false, now);
    if (conn->state == HTTP_CONNECTING && step_connecting(c, stack, conn, out))
        return true;
    if (conn->state == HTTP_OPEN)
        http_client_flush(conn, stack, now); /* an error shows when reading */
    if (conn->state == HTTP_OPEN && conn->count != 0 && step_answer(c, stack, conn, out, now))
        return true;
    if (conn->state == HTTP_OPEN && conn->count == 0)
        step_unasked(c, stack, conn, now);
    if (late && conn->state != HTTP_OVER && conn->count != 0)
        over(c, stack, conn, LK_E_TIMEDOUT, conn->state == HTTP_OPEN && !http_stream_between(&conn->in), now);
    return conn->state == HTTP_OVER && step_over(c, conn, out);
}

bool lk_http_client_next(struct lk_http_client *c, struct lk_stack *stack, struct lk_http_client_event *out, lk_time now)
{
    struct http_connection *conn;
    while ((conn = http_table_next(&c->table)) != NULL) {
        bool told = step(c, stack, conn, out, now);
        /* Free at once, so that the caller can ask for the next thing on hearing of the last one. */
        if (conn->state == HTTP_OVER && conn->count == 0)
            http_table_give(&c->table, conn);
        else if (told)
            http_table_ready(&c->table, conn);
        if (told)
            return true;
    }
    return false;
}
