/* What the HTTP server says: heads, content, refusals. Heads go through the record's stash, so that they are queued whole or not
 * at all; content goes straight into the socket's buffer. */
#include "stack/apps/http_server_state.h"

#include "stack/base/mem.h"
#include "stack/wire/http_date.h"

#define HTTP_STARVED (100 * LK_MILLISECOND) /* until the next try when the stack has no memory */
#define OWN_FIELDS 128u /* octets of the field lines added to the caller's, at most */

static size_t length_of(const char *text)
{
    size_t n = 0;
    while (text != NULL && text[n] != 0)
        n++;
    return n;
}

static size_t put(uint8_t *to, const char *text)
{
    size_t n = length_of(text);
    lk_memcpy(to, text, n);
    return n;
}

static size_t put_number(uint8_t *to, uint64_t n)
{
    uint8_t digits[20];
    size_t count = 0;
    do {
        digits[count++] = (uint8_t)('0' + n % 10);
        n /= 10;
    } while (n != 0);
    for (size_t i = 0; i < count; i++)
        to[i] = digits[count - 1 - i];
    return count;
}

bool http_answer_flush(struct http_connection *c, struct lk_stack *stack, lk_time now)
{
    while (c->out_len != 0) {
        int64_t n = lk_sock_send(stack, c->link.socket, http_out_stash(c) + c->out_at, c->out_len, now);
        if (n == LK_E_AGAIN || n == LK_E_NOBUFS)
            return true;
        if (n <= 0)
            return false;
        c->out_at += (uint32_t)n;
        c->out_len -= (uint32_t)n;
    }
    c->out_at = 0;
    return true;
}

/* Room behind what is queued, which is moved to the front. */
static uint8_t *out_room(struct http_connection *c, size_t *room)
{
    uint8_t *stash = http_out_stash(c);
    lk_memmove(stash, stash + c->out_at, c->out_len);
    c->out_at = 0;
    *room = c->stash - c->out_len;
    return stash + c->out_len;
}

static bool has(const struct lk_http_response *r, const char *name)
{
    struct lk_http_field field;
    return lk_http_field_find((const uint8_t *)r->fields, length_of(r->fields), name, &field);
}

/* RFC 9110 6.6.1: an origin server with a clock MUST send Date, one without MUST NOT. */
static size_t put_date(const struct lk_http_server *s, uint8_t *to, lk_time now)
{
    uint8_t date[LK_HTTP_DATE_LEN + 1] = {0};
    if (s->config.epoch == 0 || lk_http_date_emit(lk_time_add(s->config.epoch, now) / LK_SECOND, date, sizeof date) < 0)
        return 0;
    size_t n = put(to, "Date: ");
    n += put(to + n, (const char *)date);
    return n + put(to + n, "\r\n");
}

/* Start line, the caller's fields, and how the connection and the content go on. Octets or an error; nothing is queued yet. */
static int compose(const struct lk_http_server *s, struct http_connection *c, const struct lk_http_response *r, bool length, bool chunked, uint8_t *to, size_t room, lk_time now)
{
    const char *reason = r->reason != NULL ? r->reason : lk_http_reason(r->status);
    struct lk_http_start start = {.kind = LK_HTTP_KIND_RESPONSE, .minor = 1, .status = r->status, .reason = (const uint8_t *)reason,
                                  .reason_len = (uint32_t)length_of(reason), .fields = (const uint8_t *)r->fields,
                                  .fields_len = (uint32_t)length_of(r->fields)};
    int n = room > OWN_FIELDS ? lk_http_head_emit(&start, to, room - OWN_FIELDS) : LK_E_NOSPACE;
    if (n < 0)
        return n;
    uint8_t *at = to + n - 2; /* over the empty line */
    if (!has(r, "Date"))
        at += put_date(s, at, now);
    if (length) {
        at += put(at, "Content-Length: ");
        at += put_number(at, r->length);
        at += put(at, "\r\n");
    }
    if (chunked)
        at += put(at, "Transfer-Encoding: chunked\r\n");
    if (c->closing) /* RFC 9112 9.6: SHOULD send it in the final response */
        at += put(at, "Connection: close\r\n");
    else if (c->minor == 0) /* RFC 9112 9.3 and C.2.2 */
        at += put(at, "Connection: keep-alive\r\n");
    at += put(at, "\r\n");
    return (int)(at - to);
}

void http_answer_refusal(const struct lk_http_server *s, struct http_connection *c, uint16_t status, lk_time now)
{
    const struct lk_http_response r = {.status = status};
    size_t room;
    uint8_t *to = out_room(c, &room);
    c->closing = true;
    /* Content-Length: 0 for clients that do not see the end of the connection (RFC 9112 6.3, 8). */
    int n = compose(s, c, &r, true, false, to, room, now);
    c->out_len += n > 0 ? (uint32_t)n : 0;
}

void http_answer_continue(struct http_connection *c)
{
    size_t room;
    uint8_t *to = out_room(c, &room);
    if (room > 32)
        c->out_len += (uint32_t)put(to, "HTTP/1.1 100 Continue\r\n\r\n");
}

/* ---- the calls ---- */

static struct http_connection *find(struct lk_http_server *s, uint32_t connection)
{
    if (!http_table_taken(&s->table, connection))
        return NULL;
    struct http_connection *c = http_table_at(&s->table, connection);
    return c->spare ? NULL : c;
}

/* RFC 9110 15.5.2, 15.5.6, 15.5.8, 15.5.22: fields without which a status must not be sent. */
static bool status_complete(const struct lk_http_response *r)
{
    switch (r->status) {
    case 401: return has(r, "WWW-Authenticate");
    case 405: return has(r, "Allow");
    case 407: return has(r, "Proxy-Authenticate");
    case 426: return has(r, "Upgrade");
    default: return true;
    }
}

static bool response_ok(const struct lk_http_response *r)
{
    if (r->status < 200 || r->status > 599 || !lk_http_fields_ok((const uint8_t *)r->fields, length_of(r->fields)))
        return false;
    if (has(r, "Content-Length") || has(r, "Transfer-Encoding") || has(r, "Connection"))
        return false;
    /* RFC 9110 15.3.5, 15.3.6: no content with 204, and with 205. */
    if ((r->status == 204 || r->status == 205) && r->length != 0)
        return false;
    return status_complete(r);
}

/* How the content is delimited: a length, chunks, or the end of the connection. */
static int queue_head(const struct lk_http_server *s, struct http_connection *c, const struct lk_http_response *r, bool content, lk_time now)
{
    bool known = r->length != UINT64_MAX;
    /* RFC 9110 8.6: no Content-Length in 204; in 304 it would be that of the representation. */
    bool length = known && r->status != 204 && !(r->status == 304 && r->length == 0);
    /* RFC 9112 6.1: no Transfer-Encoding unless the request indicates HTTP/1.1. */
    bool chunked = content && !known && c->minor >= 1;
    bool was_closing = c->closing;
    size_t room;
    uint8_t *to = out_room(c, &room);
    /* RFC 9112 6.3, 8: otherwise the end of the connection is the end of the content. */
    c->closing |= content && !known && c->minor == 0;
    /* RFC 9110 10.1.1: the client was not told to send its content, so nobody knows whether it will. RFC 9112 9.3: a server
     * MUST read the entire request body or close the connection. */
    c->closing |= c->expect || c->broken;
    int n = compose(s, c, r, length, chunked, to, room, now);
    if (n < 0) {
        c->closing = was_closing;
        return n;
    }
    c->out_len += (uint32_t)n;
    c->chunked = chunked;
    return 0;
}

int lk_http_server_respond(struct lk_http_server *s, struct lk_stack *stack, uint32_t connection, const struct lk_http_response *response, lk_time now)
{
    struct http_connection *c = find(s, connection);
    if (c == NULL || c->state != HTTP_WAIT || !response_ok(response))
        return LK_E_INVALID;
    /* RFC 9110 9.3.2, 15.4.5: HEAD and 304 end with the head. */
    bool content = !c->head_method && response->status != 204 && response->status != 205 && response->status != 304;
    int error = queue_head(s, c, response, content, now);
    if (error < 0)
        return error;
    c->broken |= c->expect;
    c->expect = false;
    c->tag = response->tag;
    c->left = content ? response->length : 0;
    c->state = c->left == 0 ? HTTP_ANSWERED : HTTP_ANSWER;
    http_answer_flush(c, stack, now);
    http_table_timer(&s->table, c, lk_time_add(now, s->config.idle));
    http_table_ready(&s->table, c);
    return 0;
}

/* One chunk out of the front of the bytes: where it will be sent from, or by way of the stash when too little lies in one piece. */
static int64_t write_chunk(struct http_connection *c, struct lk_stack *stack, const uint8_t *bytes, size_t len, lk_time now)
{
    uint8_t *run;
    int64_t room = lk_sock_reserve(stack, c->link.socket, &run, now);
    if (room >= 2 * LK_HTTP_CHUNK_OVERHEAD) {
        size_t n = len < (size_t)room - LK_HTTP_CHUNK_OVERHEAD ? len : (size_t)room - LK_HTTP_CHUNK_OVERHEAD;
        int64_t total = lk_http_chunk_emit(bytes, n, run, (size_t)room);
        int error = lk_sock_commit(stack, c->link.socket, (size_t)total, now);
        return error < 0 ? error : (int64_t)n;
    }
    if (room <= 0)
        return room;
    size_t n = len < c->stash / 4 ? len : c->stash / 4;
    int64_t total = lk_http_chunk_emit(bytes, n, http_out_stash(c), c->stash);
    c->out_at = 0;
    c->out_len = (uint32_t)total;
    http_answer_flush(c, stack, now);
    return (int64_t)n;
}

int64_t lk_http_server_write(struct lk_http_server *s, struct lk_stack *stack, uint32_t connection, const void *bytes, size_t len, lk_time now)
{
    struct http_connection *c = find(s, connection);
    if (c == NULL || c->state != HTTP_ANSWER || len > c->left)
        return LK_E_INVALID;
    int64_t n = LK_E_AGAIN;
    if (len == 0)
        return 0;
    if (http_answer_flush(c, stack, now) && c->out_len == 0)
        n = c->chunked ? write_chunk(c, stack, bytes, len, now) : lk_sock_send(stack, c->link.socket, bytes, len, now);
    /* What is wrong with the connection is found, and told as GONE, by its next step. */
    if (n <= 0) {
        /* The socket stays writable while the stack lacks memory: told so at once, the caller would try without end. */
        c->starved = n == LK_E_NOBUFS;
        if (c->starved)
            http_table_timer(&s->table, c, lk_time_add(now, HTTP_STARVED));
        else if (!c->want_write)
            http_table_timer(&s->table, c, lk_time_add(now, s->config.idle));
        c->want_write = true;
        http_table_ready(&s->table, c);
        return 0;
    }
    c->starved = false;
    http_table_timer(&s->table, c, lk_time_add(now, s->config.idle));
    if (c->left == UINT64_MAX)
        return n;
    c->left -= (uint64_t)n;
    if (c->left == 0) {
        c->state = HTTP_ANSWERED;
        http_table_ready(&s->table, c);
    }
    return n;
}

int lk_http_server_end(struct lk_http_server *s, struct lk_stack *stack, uint32_t connection, lk_time now)
{
    struct http_connection *c = find(s, connection);
    if (c == NULL || c->state != HTTP_ANSWER || c->left != UINT64_MAX)
        return LK_E_INVALID;
    if (c->chunked) {
        size_t room;
        uint8_t *to = out_room(c, &room);
        int n = lk_http_chunk_emit_last(NULL, 0, to, room);
        if (n < 0)
            return LK_E_AGAIN;
        c->out_len += (uint32_t)n;
    }
    c->state = HTTP_ANSWERED;
    http_answer_flush(c, stack, now);
    http_table_timer(&s->table, c, lk_time_add(now, s->config.idle)); /* the last one may have fired while the caller thought */
    http_table_ready(&s->table, c);
    return 0;
}

int lk_http_server_abort(struct lk_http_server *s, struct lk_stack *stack, uint32_t connection, lk_time now)
{
    struct http_connection *c = find(s, connection);
    if (c == NULL || c->state == HTTP_DEAD)
        return LK_E_INVALID;
    lk_sock_abort(stack, c->link.socket, now);
    c->state = HTTP_DEAD;
    http_table_timer(&s->table, c, LK_NEVER);
    http_table_ready(&s->table, c);
    return 0;
}
