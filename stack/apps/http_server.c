/* An HTTP/1.1 server: one record a connection, one exchange at a time on it.
 *
 * event() and tick() only note which connections have something to do; next() takes them one after the other and does it, until
 * there is something to tell the caller. On a connection requests are read one by one: the next head stays in the socket until
 * the answer before it is whole, so answers cannot come out of order (RFC 9112 9.3.2). */
#include "stack/apps/http_server.h"

#include "stack/apps/http_server_state.h"
#include "stack/base/mem.h"

#define SPARE 8u          /* records for connections that only get a 503 */
#define TARGET_LEAST 8000 /* RFC 9112 3: octets of a request line that are taken at least, if head_bytes allows */

static struct http_source source_of(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, lk_time now)
{
    static const struct lk_http_chunk_limits chunk_limits = {.digits = 16, .extensions = 4096};
    return (struct http_source){.stack = stack, .socket = c->link.socket, .stash = http_in_stash(c), .limits = &s->limits, .chunk_limits = &chunk_limits, .now = now};
}

/* ---- life ---- */

void lk_http_server_config_init(struct lk_http_server_config *config)
{
    lk_memset(config, 0, sizeof *config);
    config->size_of = sizeof *config;
    config->local.iface = LK_ANY;
    config->connections = 64;
    config->head_bytes = 16384;
    config->backlog = 64;
    config->idle = 60 * LK_SECOND;
    config->head_time = 20 * LK_SECOND;
    config->linger = 2 * LK_SECOND;
    config->fields = 100;
    config->drain = 65536;
}

static bool config_ok(const struct lk_http_server_config *config)
{
    return config->size_of == sizeof *config && config->connections >= 1 && config->connections <= 1u << 24 && config->head_bytes >= 256 &&
           config->head_bytes <= 1u << 24 && config->backlog >= 1 && config->fields >= 1 && config->epoch >= 0 && config->idle > 0 && config->head_time > 0 && config->linger > 0;
}

static void layout(struct lk_arena *arena, struct lk_http_server *s, const struct lk_http_server_config *config, lk_time now)
{
    uint32_t size = (uint32_t)sizeof(struct http_connection) + 2 * config->head_bytes;
    http_table_init(&s->table, arena, size, config->connections + SPARE, now);
}

size_t lk_http_server_footprint(const struct lk_http_server_config *config)
{
    struct lk_http_server scratch;
    struct lk_arena arena;
    if (!config_ok(config))
        return 0;
    lk_arena_measure(&arena);
    lk_arena_carve(&arena, 1, sizeof scratch);
    layout(&arena, &scratch, config, 0);
    return lk_arena_used(&arena);
}

int lk_http_server_init(void *memory, size_t size, const struct lk_http_server_config *config, lk_time now)
{
    struct lk_arena arena;
    if (!config_ok(config) || lk_arena_open(&arena, memory, size) != 0)
        return LK_E_INVALID;
    if (size < lk_http_server_footprint(config))
        return LK_E_NOSPACE;
    struct lk_http_server *s = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *s));
    s->config = *config;
    layout(&arena, s, config, now);
    uint32_t line = config->head_bytes - config->head_bytes / 4;
    s->limits = (struct lk_http_limits){.method = 32, .start_line = line < TARGET_LEAST + 100 ? line : TARGET_LEAST + 100, .field_line = config->head_bytes,
                                        .fields = config->fields, .head = config->head_bytes, .empty_lines = 1};
    return lk_arena_error(&arena);
}

int lk_http_server_start(struct lk_http_server *s, struct lk_stack *stack, lk_time now)
{
    struct lk_endpoint local = s->config.local;
    if (local.port == 0)
        local.port = 80;
    int error = lk_sock_open(stack, LK_TCP, &s->listener, now);
    if (error == 0)
        error = lk_sock_bind(stack, s->listener, &local, now);
    if (error == 0)
        error = lk_sock_listen(stack, s->listener, s->config.backlog, now);
    if (error != 0 && s->listener != 0) {
        lk_sock_close(stack, s->listener, now);
        s->listener = 0;
    }
    return error;
}

/* ---- the application's side of the loop ---- */

static lk_time server_deadline(const void *self)
{
    const struct lk_http_server *s = self;
    return lk_wheel_deadline(&s->table.wheel);
}

static void server_tick(void *self, struct lk_stack *stack, lk_time now)
{
    struct lk_http_server *s = self;
    uint32_t index;
    lk_time at;
    (void)stack;
    while (lk_wheel_pop(&s->table.wheel, now, &index, &at)) {
        struct http_connection *c = http_table_at(&s->table, index);
        c->late = true;
        http_table_ready(&s->table, c);
    }
}

/* A new connection: a record of its own, or one of the spare ones for a 503 (RFC 9110 15.6.4). */
static void admit(struct lk_http_server *s, struct lk_stack *stack, lk_socket socket, const struct lk_endpoint *remote, lk_time now)
{
    struct http_connection *c = http_table_take(&s->table, socket);
    if (c == NULL) {
        lk_sock_abort(stack, socket, now);
        return;
    }
    lk_sock_set(stack, socket, LK_OPT_NODELAY, 1, now);
    http_stream_begin(&c->in, LK_HTTP_KIND_REQUEST);
    c->stash = s->config.head_bytes;
    c->minor = 1;
    c->remote = *remote;
    c->spare = s->serving >= s->config.connections;
    s->serving += !c->spare;
    http_table_timer(&s->table, c, lk_time_add(now, s->config.idle));
    http_table_ready(&s->table, c);
}

static bool server_event(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now)
{
    struct lk_http_server *s = self;
    if (event->socket == s->listener && s->listener != 0) {
        lk_socket socket;
        struct lk_endpoint remote;
        for (uint32_t i = 0; i < s->config.backlog && lk_sock_accept(stack, s->listener, &socket, &remote, now) == 0; i++)
            admit(s, stack, socket, &remote, now);
        return true;
    }
    struct http_connection *c = http_table_find(&s->table, event->socket);
    if (c == NULL)
        return false;
    http_table_ready(&s->table, c);
    return true;
}

const struct lk_app_kind lk_http_server_app = {.name = "http-server", .deadline = server_deadline, .tick = server_tick, .event = server_event};

/* ---- ending ---- */

/* The connection is over: its socket goes, the record stays until that was told. */
static void bury(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, bool reset, lk_time now)
{
    if (c->state == HTTP_DEAD)
        return;
    if (reset)
        lk_sock_abort(stack, c->link.socket, now);
    else
        lk_sock_close(stack, c->link.socket, now);
    c->state = HTTP_DEAD;
    http_table_timer(&s->table, c, LK_NEVER);
}

static void last_answer(struct http_connection *c)
{
    c->state = HTTP_LINGER;
    c->lingering = false;
}

/* A refusal is the last answer on a connection: what follows the error cannot be delimited (RFC 9112 2.2, 6.3). */
static void refuse(const struct lk_http_server *s, struct http_connection *c, uint16_t status, int why, lk_time now)
{
    http_answer_refusal(s, c, status, now);
    c->refused = status;
    c->why = why;
    last_answer(c);
}

static const char *why_text(int error)
{
    switch (error) {
    case LK_E_TRUNCATED: return "the head is cut short (RFC 9112 8)";
    case LK_E_TRUNCATED_PAYLOAD: return "the content is cut short (RFC 9112 6.3)";
    case LK_E_TIMEDOUT: return "the request took too long (RFC 9110 15.5.9)";
    case LK_E_UNSUPPORTED: return "CONNECT to what is no proxy (RFC 9110 9.3.6)";
    case LK_E_FULL: return "too many connections (RFC 9110 15.6.4)";
    default: return lk_http_error_text(error);
    }
}

/* The answer is whole: on to the next request, or the end. */
static void finish(struct lk_http_server *s, struct http_connection *c, lk_time now)
{
    if (c->closing || c->broken) {
        last_answer(c);
        return;
    }
    http_stream_begin(&c->in, LK_HTTP_KIND_REQUEST);
    c->state = HTTP_IDLE;
    c->tag = 0;
    c->timing_head = false;
    http_table_timer(&s->table, c, lk_time_add(now, s->config.idle));
}

/* RFC 9112 9.6: half-close, then read until the client has closed too or enough time went by. */
static void linger(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, lk_time now)
{
    const uint8_t *bytes;
    int64_t n;
    struct http_source source = source_of(s, stack, c, now);
    http_stream_settle(&c->in, &source);
    if (!c->lingering && c->out_len == 0) {
        lk_sock_shutdown(stack, c->link.socket, LK_SHUT_WR, now);
        c->lingering = true;
        http_table_timer(&s->table, c, lk_time_add(now, s->config.linger));
    }
    /* An answer given because the time was over, to a client that reads nothing: without a new time it would wait for ever. */
    if (!c->lingering && !lk_wheel_armed(&s->table.wheel, c->link.index))
        http_table_timer(&s->table, c, lk_time_add(now, s->config.idle));
    while ((n = lk_sock_peek(stack, c->link.socket, &bytes, now)) > 0)
        lk_sock_consume(stack, c->link.socket, (size_t)n, now);
    if (c->lingering && (n == 0 || (n < 0 && n != LK_E_AGAIN)))
        bury(s, stack, c, false, now);
}

/* ---- one step of one connection: each returns true when there is something to tell ---- */

static bool tell(struct lk_http_server_event *out, enum lk_http_server_kind kind, const struct http_connection *c)
{
    *out = (struct lk_http_server_event){.kind = (uint8_t)kind, .connection = c->link.index, .tag = c->tag, .remote = c->remote};
    return true;
}

/* RFC 9112 3.2.1: the empty path of "http://host?query" is "/": host moves one octet to the left to make room for it. */
static void give_path(uint8_t *stash, struct lk_http_framing *f)
{
    lk_memmove(stash + f->authority.at - 1, stash + f->authority.at, f->authority.len);
    f->authority.at--;
    f->path.at--;
    f->path.len++;
    stash[f->path.at] = '/';
}

/* The request, as it lies in the stash. */
static bool tell_request(struct http_connection *c, struct lk_http_framing *f, struct lk_http_server_event *out)
{
    uint8_t *stash = http_in_stash(c);
    const struct lk_http_head *head = &c->in.head;
    if (f->form == LK_HTTP_ABSOLUTE && (f->path.len == 0 || stash[f->path.at] == '?'))
        give_path(stash, f);
    if (f->form == LK_HTTP_ASTERISK)
        f->path = head->target;
    tell(out, LK_HTTP_REQUEST, c);
    out->method = (const char *)stash + head->method.at;
    out->method_len = head->method.len;
    out->target = (const char *)stash + f->path.at;
    out->target_len = f->path.len;
    out->host = (const char *)stash + f->authority.at;
    out->host_len = f->authority.len;
    out->bytes = stash + head->fields.at;
    out->len = head->fields.len;
    out->length = f->body == LK_HTTP_CHUNKED ? UINT64_MAX : f->length;
    out->minor = head->minor;
    return true;
}

/* The head is whole: a request to hand out, or a refusal. */
static bool arrived(struct lk_http_server *s, struct http_connection *c, struct lk_http_server_event *out, lk_time now)
{
    const uint8_t *stash = http_in_stash(c);
    const struct lk_http_head *head = &c->in.head;
    struct lk_http_framing f;
    int error = lk_http_framing(stash, head, LK_HTTP_OTHER, &f);
    c->minor = head->minor;
    if (error != 0 || f.form == LK_HTTP_AUTHORITY) {
        refuse(s, c, error != 0 ? lk_http_error_status(error) : 501, error != 0 ? error : LK_E_UNSUPPORTED, now);
        return false;
    }
    http_stream_body(&c->in, &f);
    c->head_method = lk_http_method_of(stash + head->method.at, head->method.len) == LK_HTTP_HEAD_METHOD;
    c->closing = !f.persist;
    c->expect = f.expect;
    c->content_due = f.body != LK_HTTP_NO_BODY;
    c->drained = 0;
    c->told = true;
    c->state = HTTP_WAIT;
    http_table_timer(&s->table, c, c->content_due ? lk_time_add(now, s->config.idle) : LK_NEVER);
    return tell_request(c, &f, out);
}

/* Reading a head: what came, or how long it may take. */
static bool step_idle(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, struct lk_http_server_event *out, bool late, lk_time now)
{
    struct http_source source = source_of(s, stack, c, now);
    const uint8_t *bytes;
    size_t len;
    int item = http_stream_next(&c->in, &source, &bytes, &len);
    if (item == HTTP_HEAD)
        return arrived(s, c, out, now);
    if (lk_error_is_malformed(item)) {
        refuse(s, c, lk_http_error_status(item), item, now);
    } else if (item < 0) {
        bury(s, stack, c, false, now);
    } else if (http_stream_between(&c->in)) {
        if (item == HTTP_EOF || late)
            last_answer(c); /* RFC 9112 9.5: a time-out is a graceful close */
    } else if (item == HTTP_EOF) {
        refuse(s, c, 400, LK_E_TRUNCATED, now);
    } else if (c->timing_head && late) {
        refuse(s, c, 408, LK_E_TIMEDOUT, now);
    } else if (!c->timing_head) {
        c->timing_head = true;
        http_table_timer(&s->table, c, lk_time_add(now, s->config.head_time));
    }
    return false;
}

/* The request's content cannot be read on. Before the answer it is refused; an answer under way goes on to its end. */
static void broken_content(const struct lk_http_server *s, struct http_connection *c, uint16_t status, int why, lk_time now)
{
    c->broken = true;
    c->closing = true;
    if (c->state == HTTP_WAIT)
        refuse(s, c, status, why, now);
}

/* One item of the request's content. True: it is to be told; *more: there may be another. */
static bool content_item(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, struct lk_http_server_event *out, bool *more, lk_time now)
{
    struct http_source source = source_of(s, stack, c, now);
    const uint8_t *bytes;
    size_t len;
    int item = http_stream_next(&c->in, &source, &bytes, &len);
    *more = item > HTTP_AGAIN && item != HTTP_EOF;
    if (*more)
        http_table_timer(&s->table, c, lk_time_add(now, s->config.idle));
    if (lk_error_is_malformed(item)) {
        broken_content(s, c, lk_http_error_status(item), item, now);
    } else if (item < 0) {
        bury(s, stack, c, false, now);
    } else if (item == HTTP_EOF) {
        broken_content(s, c, 400, LK_E_TRUNCATED_PAYLOAD, now);
    } else if (item == HTTP_CONTENT && c->state == HTTP_ANSWERED) {
        /* Nobody wants it: read on to the next request, if it is not too far (RFC 9112 9.3). */
        c->drained += len;
        c->broken |= c->drained > s->config.drain;
    } else if (item == HTTP_CONTENT) {
        tell(out, LK_HTTP_CONTENT, c);
        out->bytes = bytes;
        out->len = len;
        return true;
    }
    return false;
}

static bool step_content(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, struct lk_http_server_event *out, lk_time now)
{
    bool more = true;
    while (more && !c->broken && !http_stream_ended(&c->in))
        if (content_item(s, stack, c, out, &more, now))
            return true;
    if (!http_stream_ended(&c->in) || !c->content_due || c->state == HTTP_ANSWERED)
        return false;
    c->content_due = false;
    if (c->state == HTTP_WAIT)
        http_table_timer(&s->table, c, LK_NEVER); /* from here on the time is the caller's */
    return tell(out, LK_HTTP_CONTENT_END, c);
}

/* The timer fired while a request was under way. */
static void too_late(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, lk_time now)
{
    if (c->state == HTTP_WAIT && !c->broken && !http_stream_ended(&c->in))
        refuse(s, c, 408, LK_E_TIMEDOUT, now);
    else if (c->out_len != 0 || c->want_write || c->state == HTTP_ANSWERED)
        bury(s, stack, c, true, now); /* the client reads or sends nothing any more */
}

/* A request is under way. */
static bool step_exchange(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, struct lk_http_server_event *out, bool late, lk_time now)
{
    if (late && c->starved) {
        c->starved = late = false;
        http_table_timer(&s->table, c, lk_time_add(now, s->config.idle));
    }
    if (c->want_write && !c->starved && c->out_len == 0 && (lk_sock_bits(stack, c->link.socket) & LK_SOCK_WRITABLE) != 0) {
        c->want_write = false;
        return tell(out, LK_HTTP_WRITABLE, c);
    }
    /* RFC 9110 10.1.1: MUST NOT wait for the content before sending the 100. The caller has seen the request by now. */
    if (c->expect) {
        c->expect = false;
        http_answer_continue(c);
        http_answer_flush(c, stack, now);
    }
    if (step_content(s, stack, c, out, now))
        return true;
    if (late)
        too_late(s, stack, c, now);
    if (c->state == HTTP_ANSWERED && c->out_len == 0 && (c->broken || http_stream_ended(&c->in)))
        finish(s, c, now);
    return false;
}

static bool tell_refusal(struct http_connection *c, struct lk_http_server_event *out)
{
    tell(out, LK_HTTP_REFUSED, c);
    out->status = c->refused;
    out->what = why_text(c->why);
    c->refused = 0;
    return true;
}

/* One thing in the state the connection is in. */
static bool step_state(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, struct lk_http_server_event *out, bool late, lk_time now)
{
    switch (c->state) {
    case HTTP_IDLE:
        if (c->spare)
            refuse(s, c, 503, LK_E_FULL, now);
        return !c->spare && c->out_len == 0 && step_idle(s, stack, c, out, late, now);
    case HTTP_LINGER:
        if (c->refused != 0)
            return tell_refusal(c, out);
        if (late)
            bury(s, stack, c, c->out_len != 0, now);
        else
            linger(s, stack, c, now);
        return false;
    default:
        return c->state != HTTP_DEAD && step_exchange(s, stack, c, out, late, now);
    }
}

/* Goes on with a connection until there is something to tell, or nothing more to do. */
static bool step(struct lk_http_server *s, struct lk_stack *stack, struct http_connection *c, struct lk_http_server_event *out, lk_time now)
{
    bool late = c->late;
    uint8_t before;
    c->late = false;
    if (c->state != HTTP_DEAD && (!http_answer_flush(c, stack, now) || (lk_sock_bits(stack, c->link.socket) & LK_SOCK_ERROR) != 0))
        bury(s, stack, c, false, now);
    do {
        before = c->state;
        if (step_state(s, stack, c, out, late, now))
            return true;
        late = false;
    } while (c->state != before);
    return false;
}

/* A record whose socket is gone: the caller hears of it if it knew the connection, and the record is free. */
static bool farewell(struct lk_http_server *s, struct http_connection *c, struct lk_http_server_event *out)
{
    bool told = c->told;
    tell(out, LK_HTTP_GONE, c);
    s->serving -= !c->spare;
    http_table_give(&s->table, c);
    return told;
}

bool lk_http_server_next(struct lk_http_server *s, struct lk_stack *stack, struct lk_http_server_event *out, lk_time now)
{
    struct http_connection *c;
    while ((c = http_table_next(&s->table)) != NULL) {
        if (step(s, stack, c, out, now)) {
            http_table_ready(&s->table, c);
            return true;
        }
        if (c->state == HTTP_DEAD && farewell(s, c, out))
            return true;
    }
    return false;
}
