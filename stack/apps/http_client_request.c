/* Requests of the HTTP client: what is written, and on which connection. */
#include "stack/apps/http_client_state.h"

#include "stack/base/mem.h"

static size_t length_of(const char *text)
{
    size_t n = 0;
    while (text != NULL && text[n] != 0)
        n++;
    return n;
}

static bool is(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

/* ---- lists of connections ---- */

static uint32_t *bucket(struct lk_http_client *c, const struct lk_endpoint *server)
{
    uint32_t hash = server->port * 2654435761u + server->iface;
    for (size_t i = 0; i < 16; i++)
        hash = (hash ^ server->address.octet[i]) * 16777619u;
    return (uint32_t *)(void *)((uint8_t *)c + c->buckets) + (hash & c->mask);
}

static struct http_connection *at(struct lk_http_client *c, uint32_t index)
{
    return http_table_at(&c->table, index);
}

static bool same(const struct lk_endpoint *a, const struct lk_endpoint *b)
{
    return lk_addr_equal(&a->address, &b->address) && a->port == b->port && a->iface == b->iface;
}

static void list_server(struct lk_http_client *c, struct http_connection *conn)
{
    uint32_t *first = bucket(c, &conn->server);
    conn->listed = true;
    conn->prev = LK_NONE;
    conn->next = *first;
    if (*first != LK_NONE)
        at(c, *first)->prev = conn->link.index;
    *first = conn->link.index;
}

static void unlist_server(struct lk_http_client *c, struct http_connection *conn)
{
    if (conn->prev == LK_NONE)
        *bucket(c, &conn->server) = conn->next;
    else
        at(c, conn->prev)->next = conn->next;
    if (conn->next != LK_NONE)
        at(c, conn->next)->prev = conn->prev;
    conn->listed = false;
}

static void list_idle(struct lk_http_client *c, struct http_connection *conn)
{
    conn->idle = true;
    conn->idle_next = LK_NONE;
    conn->idle_prev = c->idle_tail;
    if (c->idle_tail == LK_NONE)
        c->idle_head = conn->link.index;
    else
        at(c, c->idle_tail)->idle_next = conn->link.index;
    c->idle_tail = conn->link.index;
}

static void unlist_idle(struct lk_http_client *c, struct http_connection *conn)
{
    if (conn->idle_prev == LK_NONE)
        c->idle_head = conn->idle_next;
    else
        at(c, conn->idle_prev)->idle_next = conn->idle_next;
    if (conn->idle_next == LK_NONE)
        c->idle_tail = conn->idle_prev;
    else
        at(c, conn->idle_next)->idle_prev = conn->idle_prev;
    conn->idle = false;
}

void http_client_unlist(struct lk_http_client *c, struct http_connection *conn)
{
    if (conn->listed)
        unlist_server(c, conn);
    if (conn->idle)
        unlist_idle(c, conn);
}

void http_client_list(struct lk_http_client *c, struct http_connection *conn)
{
    http_client_unlist(c, conn);
    if (conn->state == HTTP_OVER)
        return;
    /* RFC 9112 9.6: no further request after one with "close"; 9.3.2: nor behind a method that is not idempotent. */
    if (!conn->last_request && !conn->alone && conn->count < c->config.pipeline)
        list_server(c, conn);
    if (conn->count == 0)
        list_idle(c, conn);
}

/* ---- requests under way ---- */

void http_client_pop(struct lk_http_client *c, struct http_connection *conn)
{
    uint32_t index = conn->first;
    struct http_request *r = http_request_at(c, index);
    conn->first = r->next;
    conn->count--;
    if (conn->count == 0) {
        conn->last = LK_NONE;
        conn->alone = false;
    }
    r->under_way = false;
    r->next = c->free_request;
    c->free_request = index;
    http_client_list(c, conn);
}

static uint32_t push(struct lk_http_client *c, struct http_connection *conn, const struct lk_http_request *request, bool idempotent)
{
    uint32_t index = c->free_request;
    struct http_request *r = http_request_at(c, index);
    c->free_request = r->next;
    r->generation++;
    if (r->generation == 0)
        r->generation = 1;
    r->id = (uint32_t)r->generation << 16 | index;
    r->connection = conn->link.index;
    r->method = (uint8_t)lk_http_method_of((const uint8_t *)request->method, length_of(request->method));
    r->under_way = true;
    r->next = LK_NONE;
    if (conn->last == LK_NONE)
        conn->first = index;
    else
        http_request_at(c, conn->last)->next = index;
    conn->last = index;
    conn->count++;
    conn->alone |= !idempotent;
    conn->last_request |= request->close;
    http_client_list(c, conn);
    return r->id;
}

/* ---- what is written ---- */

/* RFC 9110 9.2.2. */
static bool is_idempotent(const char *method)
{
    return is(method, "GET") || is(method, "HEAD") || is(method, "OPTIONS") || is(method, "PUT") || is(method, "DELETE") || is(method, "TRACE");
}

/* RFC 9110 8.6: Content-Length is sent even of nothing when the method defines a meaning for content. */
static bool tells_length(const struct lk_http_request *r)
{
    return r->content_len != 0 || is(r->method, "POST") || is(r->method, "PUT") || is(r->method, "PATCH");
}

static bool fields_ok(const struct lk_http_request *r)
{
    static const char *const own[] = {"Host", "Connection", "Content-Length", "Transfer-Encoding", "Expect", "Upgrade"};
    const uint8_t *fields = (const uint8_t *)r->fields;
    size_t len = length_of(r->fields);
    struct lk_http_field field;
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++)
        if (lk_http_field_find(fields, len, own[i], &field))
            return false;
    return lk_http_fields_ok(fields, len);
}

static bool request_ok(const struct lk_http_request *r)
{
    struct lk_http_target target;
    size_t method_len = length_of(r->method);
    size_t host_len = length_of(r->host);
    if (r->method == NULL || r->target == NULL || !lk_http_is_token((const uint8_t *)r->method, method_len))
        return false;
    /* RFC 9112 3.2.1 to 3.2.4: absolute-form would be for a proxy. */
    if (lk_http_target_parse((const uint8_t *)r->method, method_len, (const uint8_t *)r->target, length_of(r->target), &target) != 0 ||
        target.form == LK_HTTP_ABSOLUTE)
        return false;
    /* RFC 9110 4.2.1: an http URI has a host; 9.3.8: no content in TRACE. */
    if (host_len == 0 || !lk_http_host_ok((const uint8_t *)r->host, host_len) || (r->content == NULL && r->content_len != 0))
        return false;
    return fields_ok(r) && !(is(r->method, "TRACE") && r->content_len != 0);
}

static size_t put(uint8_t *to, size_t cap, size_t at, const void *bytes, size_t len)
{
    if (at <= cap && len <= cap - at)
        lk_memcpy(to + at, bytes, len);
    return at <= cap && len <= cap - at ? at + len : SIZE_MAX;
}

static size_t put_length(uint8_t *to, size_t cap, size_t at, uint64_t n)
{
    char digits[22];
    size_t first = sizeof digits;
    digits[--first] = '\n';
    digits[--first] = '\r';
    do {
        digits[--first] = (char)('0' + n % 10);
        n /= 10;
    } while (n != 0 && first > 0);
    at = put(to, cap, at, "Content-Length: ", 16);
    return put(to, cap, at, digits + first, sizeof digits - first);
}

/* The request in `cap` octets: length, or an error with nothing that counts written. */
static int64_t compose(const struct lk_http_request *r, uint8_t *to, size_t cap)
{
    struct lk_http_start start = {.kind = LK_HTTP_KIND_REQUEST, .minor = 1, .method = (const uint8_t *)r->method, .method_len = (uint32_t)length_of(r->method),
                                  .target = (const uint8_t *)r->target, .target_len = (uint32_t)length_of(r->target)};
    int n = lk_http_head_emit(&start, to, cap);
    if (n < 0)
        return n;
    size_t len = (size_t)n - 2; /* over the empty line */
    /* RFC 9110 7.2: Host SHOULD be the first field. */
    n = lk_http_field_emit("Host", (const uint8_t *)r->host, length_of(r->host), to + len, cap - len);
    if (n < 0)
        return n;
    len += (size_t)n;
    if (r->close)
        len = put(to, cap, len, "Connection: close\r\n", 19);
    if (tells_length(r))
        len = put_length(to, cap, len, r->content_len);
    len = put(to, cap, len, r->fields, length_of(r->fields));
    len = put(to, cap, len, "\r\n", 2);
    len = put(to, cap, len, r->content, r->content_len);
    return len == SIZE_MAX ? LK_E_NOSPACE : (int64_t)len;
}

bool http_client_flush(struct http_connection *conn, struct lk_stack *stack, lk_time now)
{
    while (conn->out_len != 0) {
        int64_t n = lk_sock_send(stack, conn->link.socket, http_out_stash(conn) + conn->out_at, conn->out_len, now);
        if (n == LK_E_AGAIN || n == LK_E_NOBUFS)
            return true;
        if (n <= 0)
            return false;
        conn->out_at += (uint32_t)n;
        conn->out_len -= (uint32_t)n;
    }
    conn->out_at = 0;
    return true;
}

/* Writes the request behind what the connection has queued. */
static int64_t queue(struct http_connection *conn, const struct lk_http_request *request)
{
    uint8_t *stash = http_out_stash(conn);
    lk_memmove(stash, stash + conn->out_at, conn->out_len);
    conn->out_at = 0;
    int64_t n = compose(request, stash + conn->out_len, conn->room - conn->out_len);
    if (n > 0)
        conn->out_len += (uint32_t)n;
    return n;
}

/* ---- which connection ---- */

/* One that stands, to the same server. */
static struct http_connection *standing(struct lk_http_client *c, struct lk_stack *stack, const struct lk_endpoint *server)
{
    uint32_t index = *bucket(c, server);
    while (index != LK_NONE) {
        struct http_connection *conn = at(c, index);
        uint32_t gone = LK_SOCK_PEER_CLOSED | LK_SOCK_ERROR | LK_SOCK_CLOSED;
        /* RFC 9112 9.2: what came while nothing was asked must not become the answer to what is asked now. */
        uint32_t bad = conn->count == 0 ? gone | LK_SOCK_READABLE : gone;
        if (same(&conn->server, server) && (lk_sock_bits(stack, conn->link.socket) & bad) == 0)
            return conn;
        index = conn->next;
    }
    return NULL;
}

/* Room for a new one: a free record, or that of the connection idle for longest. */
static bool make_room(struct lk_http_client *c, struct lk_stack *stack, lk_time now)
{
    if (c->table.pool.in_use < c->config.connections)
        return true;
    if (c->idle_head == LK_NONE)
        return false;
    struct http_connection *conn = at(c, c->idle_head);
    http_client_unlist(c, conn);
    lk_sock_close(stack, conn->link.socket, now);
    http_table_give(&c->table, conn);
    return true;
}

static int open(struct lk_http_client *c, struct lk_stack *stack, const struct lk_endpoint *server, struct http_connection **out, lk_time now)
{
    lk_socket socket;
    if (!make_room(c, stack, now))
        return LK_E_FULL;
    int error = lk_sock_open(stack, LK_TCP, &socket, now);
    if (error != 0)
        return error;
    lk_sock_set(stack, socket, LK_OPT_NODELAY, 1, now);
    error = lk_sock_connect(stack, socket, server, now);
    if (error != 0) {
        lk_sock_close(stack, socket, now);
        return error;
    }
    struct http_connection *conn = http_table_take(&c->table, socket);
    conn->server = *server;
    conn->stash = c->config.head_bytes;
    conn->room = c->config.request_bytes;
    conn->first = LK_NONE;
    conn->last = LK_NONE;
    http_stream_begin(&conn->in, LK_HTTP_KIND_RESPONSE);
    *out = conn;
    return 0;
}

static void drop(struct lk_http_client *c, struct lk_stack *stack, struct http_connection *conn, lk_time now)
{
    lk_sock_abort(stack, conn->link.socket, now);
    http_table_give(&c->table, conn);
}

int lk_http_client_request(struct lk_http_client *c, struct lk_stack *stack, const struct lk_http_request *request, uint32_t *id, lk_time now)
{
    struct lk_endpoint server = request->server;
    struct http_connection *conn = NULL;
    if (!request_ok(request))
        return LK_E_INVALID;
    if (c->free_request == LK_NONE)
        return LK_E_FULL;
    server.port = server.port == 0 ? 80 : server.port;
    int64_t n = LK_E_NOSPACE;
    conn = standing(c, stack, &server);
    if (conn != NULL)
        n = queue(conn, request);
    if (n == LK_E_NOSPACE) { /* none stands, or requests wait there already */
        int error = open(c, stack, &server, &conn, now);
        if (error != 0)
            return error;
        n = queue(conn, request);
        if (n < 0)
            drop(c, stack, conn, now);
    }
    if (n < 0)
        return (int)n;
    *id = push(c, conn, request, is_idempotent(request->method));
    if (conn->state == HTTP_OPEN) /* not into a SYN-SENT: who waits to be told CONNECTED asks after the handshake */
        http_client_flush(conn, stack, now);
    if (conn->count == 1)
        http_table_timer(&c->table, conn, lk_time_add(now, c->config.timeout));
    http_table_ready(&c->table, conn);
    return 0;
}
