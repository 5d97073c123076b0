/* Questions over TCP (RFC 7766): one connection a server (6.2.2), on which questions are sent without waiting for the answers
 * to those before (6.2.1.1), and answers are matched by ID and question, in whatever order they come (7). */
#include "stack/apps/dns_answer.h"
#include "stack/apps/dns_resolver_state.h"
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

#define IDLE (2 * LK_SECOND) /* a connection nobody waits on is kept, RFC 7766 6.2.3 */
#define ID_TRIES 64u

static uint8_t *in_of(const struct lk_dns_resolver *r, const struct lk_dns_stream *s)
{
    return (uint8_t *)lk_dns_at(r, r->stream_in) + (size_t)(s - r->stream) * (2u + r->config.message_bytes);
}

static size_t out_cap(const struct lk_dns_resolver *r)
{
    return (size_t)r->config.queries * (2u + LK_DNS_QUERY_MAX);
}

static uint8_t *out_of(const struct lk_dns_resolver *r, const struct lk_dns_stream *s)
{
    return (uint8_t *)lk_dns_at(r, r->stream_out) + (size_t)(s - r->stream) * out_cap(r);
}

/* The next question that waits on this connection, from number `i` on; NULL when there is none. */
static struct lk_dns_query *waiting(const struct lk_dns_resolver *r, const struct lk_dns_stream *s, uint32_t i)
{
    for (; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        if (q->state == LK_DNS_STREAM && q->stream == (uint8_t)(s - r->stream))
            return q;
    }
    return NULL;
}

static void end(struct lk_stack *stack, struct lk_dns_stream *s, bool hard, lk_time now)
{
    if (hard)
        lk_sock_abort(stack, s->socket, now);
    else
        lk_sock_close(stack, s->socket, now);
    *s = (struct lk_dns_stream){0};
}

enum loss { CLOSED, BROKEN, REFUSED };

/* The connection is gone: what waited on it is asked again elsewhere (RFC 7766 6.2.4). REFUSED: this server does not do it. */
static void lose(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_stream *s, enum loss how, lk_time now)
{
    end(stack, s, how != CLOSED, now);
    for (uint32_t i = 0; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        if (q->state != LK_DNS_STREAM || q->stream != (uint8_t)(s - r->stream))
            continue;
        if (how == REFUSED)
            lk_dns_query_failed(r, stack, q, LK_DNS_SERVFAIL, now);
        else
            lk_dns_query_late(r, stack, q, now);
    }
}

static bool same_server(const struct lk_endpoint *a, const struct lk_endpoint *b)
{
    return a->port == b->port && a->iface == b->iface && lk_addr_equal(&a->address, &b->address);
}

/* The connection to a server: the one there is, or a new one in a free or idle place; NULL: none can be had. */
static struct lk_dns_stream *stream_to(struct lk_dns_resolver *r, struct lk_stack *stack, const struct lk_endpoint *server, lk_time now)
{
    struct lk_dns_stream *spare = NULL;
    for (uint32_t i = 0; i < LK_DNS_SERVERS; i++) {
        struct lk_dns_stream *s = &r->stream[i];
        if (s->socket != 0 && same_server(&s->server, server))
            return s;
        if (s->socket == 0 || (spare == NULL && waiting(r, s, 0) == NULL))
            spare = s;
    }
    if (spare == NULL)
        return NULL;
    if (spare->socket != 0)
        end(stack, spare, false, now);
    struct lk_endpoint local = {.iface = r->config.iface};
    *spare = (struct lk_dns_stream){.server = *server};
    if (lk_sock_open(stack, LK_TCP, &spare->socket, now) < 0) {
        spare->socket = 0;
        return NULL;
    }
    if (lk_sock_bind(stack, spare->socket, &local, now) < 0 || lk_sock_connect(stack, spare->socket, server, now) < 0) {
        end(stack, spare, true, now);
        return NULL;
    }
    return spare;
}

/* RFC 7766 6.2.1: the IDs of questions that are under way on one connection differ. */
static uint16_t fresh_id(struct lk_dns_resolver *r, const struct lk_dns_stream *s, const struct lk_dns_query *self)
{
    uint16_t id = 0;
    for (unsigned tries = 0; tries < ID_TRIES; tries++) {
        bool taken = false;
        id = (uint16_t)lk_rng_next(&r->rng);
        for (uint32_t i = 0; i < r->config.queries; i++) {
            const struct lk_dns_query *q = lk_dns_query_at(r, i);
            taken = taken || (q != self && q->state == LK_DNS_STREAM && q->stream == (uint8_t)(s - r->stream) && q->id == id);
        }
        if (!taken)
            break;
    }
    return id;
}

/* Sends what waits. False: the connection is lost. */
static bool flush(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_stream *s, lk_time now)
{
    while (s->connected && s->out_at < s->out_len) {
        int64_t sent = lk_sock_send(stack, s->socket, out_of(r, s) + s->out_at, s->out_len - s->out_at, now);
        if (sent == LK_E_AGAIN)
            return true;
        if (sent < 0) {
            lose(r, stack, s, BROKEN, now);
            return false;
        }
        s->out_at += (uint32_t)sent;
    }
    if (s->out_at == s->out_len)
        s->out_at = s->out_len = 0;
    return true;
}

void lk_dns_stream_ask(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_query *q, lk_time now)
{
    struct lk_endpoint server = q->from;
    lk_dns_query_silence(stack, q, now);
    struct lk_dns_stream *s = stream_to(r, stack, &server, now);
    if (s == NULL) {
        lk_dns_query_failed(r, stack, q, LK_DNS_SERVFAIL, now);
        return;
    }
    q->state = LK_DNS_STREAM;
    q->stream = (uint8_t)(s - r->stream);
    q->id = fresh_id(r, s, q);
    q->deadline = lk_time_add(now, lk_dns_query_patience(r, q));
    s->idle = lk_time_add(q->deadline, IDLE);
    /* RFC 7766 8: length and message in one piece. There is room for one of each query; a query that gave up while its
     * question still waited to be sent may have taken that of another. */
    uint8_t *out = out_of(r, s) + s->out_len;
    size_t room = out_cap(r) - s->out_len;
    size_t len = room < 2u + LK_DNS_QUERY_MAX ? 0 : lk_dns_query_write(r, q, out + 2, LK_DNS_QUERY_MAX);
    if (len == 0)
        return; /* its time passes, then comes the next try */
    lk_store_be16(out, (uint16_t)len);
    s->out_len += (uint32_t)len + 2;
    flush(r, stack, s, now);
}

/* One message of the stream (RFC 1035 4.2.2). */
static void take_message(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_stream *s, const uint8_t *bytes, size_t len, lk_time now)
{
    struct lk_dns_header header;
    for (uint32_t i = 0; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        struct lk_dns_question question = lk_dns_query_question(q);
        if (q->state != LK_DNS_STREAM || q->stream != (uint8_t)(s - r->stream) || !lk_dns_answer_matches(bytes, len, q->id, &question))
            continue;
        lk_dns_header_parse(bytes, len, &header);
        if (header.tc || lk_dns_check(bytes, len) < 0) {
            lk_dns_query_failed(r, stack, q, LK_DNS_SERVFAIL, now);
            return;
        }
        q->over_tcp = true;
        lk_dns_query_answer(r, stack, q, bytes, len, now);
        return;
    }
}

/* The messages that are there whole. False: one is longer than we take, and nothing behind it can be read. */
static bool take_messages(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_stream *s, lk_time now)
{
    uint8_t *in = in_of(r, s);
    uint32_t at = 0;
    while (s->in_len - at >= 2) {
        uint32_t len = lk_load_be16(in + at);
        if (len > r->config.message_bytes)
            return false;
        if (s->in_len - at - 2 < len)
            break;
        take_message(r, stack, s, in + at + 2, len, now);
        at += 2 + len;
    }
    s->in_len -= at;
    lk_memmove(in, in + at, s->in_len);
    return true;
}

void lk_dns_stream_event(struct lk_dns_resolver *r, struct lk_stack *stack, struct lk_dns_stream *s, uint32_t bits, lk_time now)
{
    if (!s->connected && (bits & LK_SOCK_ERROR) != 0) {
        lose(r, stack, s, REFUSED, now);
        return;
    }
    if (!s->connected && (bits & LK_SOCK_CONNECTED) == 0)
        return;
    s->connected = true;
    if (!flush(r, stack, s, now))
        return;
    for (;;) {
        size_t cap = 2u + r->config.message_bytes - s->in_len;
        int64_t got = lk_sock_recv(stack, s->socket, in_of(r, s) + s->in_len, cap, 0, now);
        if (got == LK_E_AGAIN)
            return;
        if (got <= 0) {
            lose(r, stack, s, got == 0 ? CLOSED : BROKEN, now);
            return;
        }
        s->in_len += (uint32_t)got;
        if (!take_messages(r, stack, s, now)) {
            lose(r, stack, s, REFUSED, now);
            return;
        }
        s->idle = lk_time_add(now, IDLE);
    }
}

lk_time lk_dns_stream_deadline(const struct lk_dns_resolver *r)
{
    lk_time least = LK_NEVER;
    for (uint32_t i = 0; i < LK_DNS_SERVERS; i++)
        if (r->stream[i].socket != 0 && waiting(r, &r->stream[i], 0) == NULL)
            least = lk_time_min(least, r->stream[i].idle);
    return least;
}

void lk_dns_stream_tick(struct lk_dns_resolver *r, struct lk_stack *stack, lk_time now)
{
    for (uint32_t i = 0; i < LK_DNS_SERVERS; i++) {
        struct lk_dns_stream *s = &r->stream[i];
        if (s->socket != 0 && s->idle <= now && waiting(r, s, 0) == NULL)
            end(stack, s, !s->connected, now);
    }
}

void lk_dns_stream_close(struct lk_dns_resolver *r, struct lk_stack *stack, lk_time now)
{
    for (uint32_t i = 0; i < LK_DNS_SERVERS; i++)
        if (r->stream[i].socket != 0)
            end(stack, &r->stream[i], !r->stream[i].connected, now);
}
