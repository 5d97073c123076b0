/* The authoritative server: what it says to one message (RFC 1035 4.1.1, RFC 6891 7), and its sockets. */
#include "stack/apps/dns_server.h"

#include "stack/apps/dns_zone.h"
#include "stack/base/arena.h"
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/dns.h"
#include "stack/wire/dns_record.h"

#define QUERY_MAX 4096u /* bytes of a question that is looked at; over TCP a longer one ends the connection */
#define OPT_LEN 11u     /* bytes of an OPT without options */
#define ERRORS 8u       /* of one socket in a row, then it is left alone until its next event */

struct connection {
    lk_socket socket; /* 0: free */
    lk_time deadline;
    uint32_t in_len, out_len, out_at;
    uint8_t in[2 + QUERY_MAX];
    uint8_t out[2 + LK_DNS_MESSAGE_MAX];
};

struct lk_dns_server {
    struct lk_dns_server_config config;
    const struct lk_dns_zone *zone;
    lk_socket udp, listener;
    int64_t connections; /* bytes from this struct to the table */
    uint8_t in[QUERY_MAX];
    uint8_t out[LK_DNS_MESSAGE_MAX];
};

static struct connection *connection_at(struct lk_dns_server *s, uint32_t i)
{
    return (struct connection *)(void *)((uint8_t *)s + s->connections) + i;
}

void lk_dns_server_config_init(struct lk_dns_server_config *config)
{
    *config = (struct lk_dns_server_config){.size_of = sizeof *config, .port = LK_DNS_PORT, .udp_size = 1232, .tcp_connections = 4,
                                            .tcp_idle = 10 * LK_SECOND, .local = {.iface = LK_ANY}};
}

static bool valid(const struct lk_dns_server_config *config)
{
    return config->size_of == sizeof *config && config->port != 0 && config->udp_size >= LK_DNS_UDP_MAX && config->tcp_idle > 0;
}

static int64_t layout(struct lk_arena *arena, const struct lk_dns_server_config *config)
{
    lk_arena_carve(arena, 1, sizeof(struct lk_dns_server));
    return (int64_t)lk_arena_carve(arena, config->tcp_connections, sizeof(struct connection));
}

size_t lk_dns_server_footprint(const struct lk_dns_server_config *config)
{
    struct lk_arena arena;
    if (!valid(config))
        return 0;
    lk_arena_measure(&arena);
    layout(&arena, config);
    return lk_arena_error(&arena) == 0 ? lk_arena_used(&arena) : 0;
}

int lk_dns_server_init(void *memory, size_t size, const struct lk_dns_server_config *config, const struct lk_dns_zone *zone, lk_time now)
{
    struct lk_arena arena;
    struct lk_dns_server *s = memory;
    (void)now;
    if (!valid(config) || lk_arena_open(&arena, memory, size) < 0)
        return LK_E_INVALID;
    int64_t connections = layout(&arena, config);
    if (lk_arena_error(&arena) < 0)
        return LK_E_NOSPACE;
    s->config = *config;
    s->zone = zone;
    s->connections = connections;
    return 0;
}

/* ---- one message ---- */

struct exchange {
    struct lk_dns_server *server;
    struct lk_dns_header header;     /* of the reply */
    struct lk_dns_question question; /* name.len 0: none was understood */
    bool has_opt;
    struct lk_dns_edns opt;          /* what the question brought */
    uint8_t extended;                /* upper bits of the RCODE */
    uint8_t *out;
    size_t cap;                      /* of the reply, by transport and EDNS0 */
};

/* Reads the question and the OPT. False: FORMERR. */
static bool read_query(struct exchange *x, const uint8_t *query, size_t len)
{
    struct lk_dns_reader r;
    struct lk_dns_record record;
    int more;
    if (lk_dns_read_begin(&r, query, len) < 0 || r.header.count[LK_DNS_QUESTION] != 1 || lk_dns_read_question(&r, &x->question) < 1)
        return false;
    /* RFC 6891 6.1.1: more than one OPT is a format error too */
    if (lk_dns_check(query, len) < 0)
        return false;
    while ((more = lk_dns_read_record(&r, &record)) > 0)
        if (lk_dns_edns(&record, &x->opt) == 0)
            x->has_opt = true;
    return more == 0;
}

/* The message so far: header, question; room is kept for the OPT. */
static bool begin_reply(struct exchange *x, struct lk_dns_writer *w, size_t cap)
{
    if (lk_dns_write_begin(w, x->out, cap - (x->has_opt ? OPT_LEN : 0), &x->header) < 0)
        return false;
    return x->question.name.len == 0 || lk_dns_write_question(w, &x->question) == 0;
}

static size_t end_reply(struct exchange *x, struct lk_dns_writer *w)
{
    lk_dns_write_header(w, &x->header);
    /* RFC 6891 6.1.1, 7: an OPT answers an OPT, and only that */
    if (x->has_opt) {
        struct lk_dns_edns opt = {.udp_size = x->server->config.udp_size, .extended_rcode = x->extended, .dnssec_ok = x->opt.dnssec_ok};
        struct lk_dns_record record = lk_dns_edns_record(&opt);
        w->cap += OPT_LEN;
        lk_dns_write_record(w, LK_DNS_ADDITIONAL, &record);
    }
    return w->len;
}

/* A reply without records. */
static size_t plain_reply(struct exchange *x, unsigned rcode)
{
    struct lk_dns_writer w;
    x->header.rcode = rcode & 15;
    x->extended = (uint8_t)(rcode >> 4);
    return begin_reply(x, &w, x->cap) ? end_reply(x, &w) : 0;
}

/* RFC 1035 4.1.1, 4.2.1; RFC 2181 9: what did not fit is asked for again over TCP. */
static size_t truncated_reply(struct exchange *x)
{
    x->header.tc = true;
    return plain_reply(x, LK_DNS_NOERROR);
}

static size_t zone_reply(struct exchange *x)
{
    struct lk_dns_writer w;
    if (!begin_reply(x, &w, x->cap))
        return 0;
    int error = lk_dns_zone_answer(x->server->zone, &x->question, &w, &x->header);
    if (error == LK_E_NOSPACE)
        return truncated_reply(x);
    if (error < 0) {
        x->header.aa = false;
        return plain_reply(x, LK_DNS_SERVFAIL);
    }
    return end_reply(x, &w);
}

static bool is_transfer(uint16_t type)
{
    return type == LK_DNS_AXFR || type == LK_DNS_IXFR;
}

static size_t answer(struct exchange *x)
{
    /* RFC 6891 6.1.3 */
    if (x->has_opt && x->opt.version != 0)
        return plain_reply(x, LK_DNS_BADVERS);
    if (x->question.type == LK_DNS_MAILA || x->question.type == LK_DNS_MAILB || x->question.type == LK_DNS_OPT)
        return plain_reply(x, LK_DNS_NOTIMP);
    if (x->question.class != LK_DNS_IN || is_transfer(x->question.type) || !lk_dns_zone_holds(x->server->zone, &x->question.name))
        return plain_reply(x, LK_DNS_REFUSED);
    return zone_reply(x);
}

/* What is sent back for a message; its length, 0: nothing. */
static size_t reply(struct lk_dns_server *s, const uint8_t *query, size_t len, bool tcp, uint8_t *out)
{
    struct exchange x = {.server = s, .out = out, .cap = tcp ? LK_DNS_MESSAGE_MAX : LK_DNS_UDP_MAX};
    struct lk_dns_header asked;
    if (lk_dns_header_parse(query, len, &asked) < 0 || asked.qr)
        return 0; /* an answer to an answer would never end */
    /* RFC 1035 4.1.1: ID, opcode and RD are copied; RFC 4035 3.1.6: CD too */
    x.header = (struct lk_dns_header){.id = asked.id, .qr = true, .opcode = asked.opcode, .rd = asked.rd, .cd = asked.cd};
    if (asked.opcode != LK_DNS_QUERY)
        return plain_reply(&x, LK_DNS_NOTIMP);
    if (!read_query(&x, query, len))
        return plain_reply(&x, LK_DNS_FORMERR);
    /* RFC 6891 6.2.3: below 512 counts as 512; 6.2.5: ours is a bound as well */
    if (!tcp && x.has_opt && x.opt.udp_size > x.cap)
        x.cap = x.opt.udp_size < s->config.udp_size ? x.opt.udp_size : s->config.udp_size;
    return answer(&x);
}

/* ---- UDP ---- */

static void serve_udp(struct lk_dns_server *s, struct lk_stack *stack, lk_time now)
{
    struct lk_endpoint remote, local;
    for (unsigned errors = 0; errors < ERRORS;) {
        int64_t got = lk_sock_recv_from(stack, s->udp, s->in, sizeof s->in, &remote, &local, now);
        if (got == LK_E_AGAIN)
            return;
        if (got < 0) { /* what an ICMP error said of an earlier reply */
            errors++;
            continue;
        }
        size_t len = reply(s, s->in, (size_t)got, false, s->out);
        /* RFC 2181 4.1, 4.2: from the address and port that were asked. What finds no room is lost: the client asks again. */
        if (len > 0)
            (void)lk_sock_send_to(stack, s->udp, s->out, len, &remote, &local, now);
    }
}

/* ---- TCP (RFC 7766) ---- */

static void drop(struct lk_stack *stack, struct connection *c, bool hard, lk_time now)
{
    if (hard)
        lk_sock_abort(stack, c->socket, now);
    else
        lk_sock_close(stack, c->socket, now);
    lk_memset(c, 0, sizeof *c);
}

/* Sends what waits. False: it still waits, or the connection is gone. */
static bool flush(struct lk_stack *stack, struct connection *c, lk_time now)
{
    while (c->out_at < c->out_len) {
        int64_t sent = lk_sock_send(stack, c->socket, c->out + c->out_at, c->out_len - c->out_at, now);
        if (sent == LK_E_AGAIN)
            return false;
        if (sent < 0) {
            drop(stack, c, true, now);
            return false;
        }
        c->out_at += (uint32_t)sent;
    }
    c->out_at = c->out_len = 0;
    return true;
}

/* Answers the first question that is there whole (RFC 1035 4.2.2). False: there is none. */
static bool serve_one(struct lk_dns_server *s, struct connection *c, lk_time now)
{
    uint32_t len = c->in_len < 2 ? UINT16_MAX : lk_load_be16(c->in);
    if (c->in_len < 2 || c->in_len - 2 < len)
        return false;
    size_t out = reply(s, c->in + 2, len, true, c->out + 2);
    lk_store_be16(c->out, (uint16_t)out);
    c->out_len = out == 0 ? 0 : (uint32_t)out + 2;
    c->in_len -= 2 + len;
    lk_memmove(c->in, c->in + 2 + len, c->in_len);
    c->deadline = lk_time_add(now, s->config.tcp_idle);
    return true;
}

/* Goes on with a connection until it has to wait. Questions are answered in their order, one reply waits at a time. */
static void serve_connection(struct lk_dns_server *s, struct lk_stack *stack, struct connection *c, lk_time now)
{
    for (;;) {
        if (!flush(stack, c, now))
            return;
        if (serve_one(s, c, now))
            continue;
        if (c->in_len >= 2 && lk_load_be16(c->in) > QUERY_MAX) {
            drop(stack, c, true, now);
            return;
        }
        int64_t got = lk_sock_recv(stack, c->socket, c->in + c->in_len, sizeof c->in - c->in_len, 0, now);
        if (got == LK_E_AGAIN)
            return;
        if (got <= 0) {
            drop(stack, c, got < 0, now);
            return;
        }
        c->in_len += (uint32_t)got;
    }
}

/* Connections that wait are taken as far as there is room; the others stay with the listener. */
static void accept_all(struct lk_dns_server *s, struct lk_stack *stack, lk_time now)
{
    for (uint32_t i = 0; i < s->config.tcp_connections; i++) {
        struct connection *c = connection_at(s, i);
        if (c->socket != 0)
            continue;
        lk_socket socket;
        if (lk_sock_accept(stack, s->listener, &socket, NULL, now) < 0)
            return;
        c->socket = socket;
        c->deadline = lk_time_add(now, s->config.tcp_idle);
        serve_connection(s, stack, c, now);
    }
}

/* ---- the application ---- */

int lk_dns_server_start(struct lk_dns_server *s, struct lk_stack *stack, lk_time now)
{
    struct lk_endpoint local = s->config.local;
    local.port = s->config.port;
    int error = lk_sock_open(stack, LK_UDP, &s->udp, now);
    if (error == 0)
        error = lk_sock_bind(stack, s->udp, &local, now);
    if (error == 0 && s->config.tcp_connections > 0)
        error = lk_sock_open(stack, LK_TCP, &s->listener, now);
    if (error == 0 && s->config.tcp_connections > 0)
        error = lk_sock_bind(stack, s->listener, &local, now);
    if (error == 0 && s->config.tcp_connections > 0)
        error = lk_sock_listen(stack, s->listener, s->config.tcp_connections, now);
    if (error < 0) {
        if (s->udp != 0)
            lk_sock_close(stack, s->udp, now);
        if (s->listener != 0)
            lk_sock_close(stack, s->listener, now);
        s->udp = s->listener = 0;
    }
    return error;
}

static lk_time deadline(const void *self)
{
    struct lk_dns_server *s = (struct lk_dns_server *)(uintptr_t)self;
    lk_time least = LK_NEVER;
    for (uint32_t i = 0; i < s->config.tcp_connections; i++)
        if (connection_at(s, i)->socket != 0)
            least = lk_time_min(least, connection_at(s, i)->deadline);
    return least;
}

/* RFC 7766 6.2.3: idle connections are closed, and those that do not come to an end with a question. */
static void tick(void *self, struct lk_stack *stack, lk_time now)
{
    struct lk_dns_server *s = self;
    bool freed = false;
    for (uint32_t i = 0; i < s->config.tcp_connections; i++) {
        struct connection *c = connection_at(s, i);
        if (c->socket != 0 && c->deadline <= now) {
            drop(stack, c, c->out_len > 0 || c->in_len > 0, now);
            freed = true;
        }
    }
    if (freed)
        accept_all(s, stack, now);
}

static bool event(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now)
{
    struct lk_dns_server *s = self;
    if (event->socket == s->udp && s->udp != 0) {
        serve_udp(s, stack, now);
        return true;
    }
    if (event->socket == s->listener && s->listener != 0) {
        accept_all(s, stack, now);
        return true;
    }
    for (uint32_t i = 0; i < s->config.tcp_connections; i++) {
        struct connection *c = connection_at(s, i);
        if (c->socket != 0 && c->socket == event->socket) {
            serve_connection(s, stack, c, now);
            if (c->socket == 0)
                accept_all(s, stack, now);
            return true;
        }
    }
    return false;
}

const struct lk_app_kind lk_dns_server_app = {.name = "dns-server", .deadline = deadline, .tick = tick, .event = event};
