/* A resolver on 10.0.0.1 and name servers on 10.0.0.53 and on, on one Ethernet in memory; or a peer that the test plays itself
 * with what passed and what it puts on the wire. */
#ifndef LK_TESTS_DNS_WORLD_H
#define LK_TESTS_DNS_WORLD_H

#include "stack/apps/dns_resolver.h"
#include "stack/apps/dns_server.h"
#include "stack/tests/support/wire_world.h"
#include "stack/wire/checksum.h"
#include "stack/wire/dns_record.h"

#define CLIENT_IP 0x0a000001u
#define SERVER_IP 0x0a000035u /* the first server; the others count on */

struct dns_world {
    struct world *w;
    uint32_t client;
    struct lk_dns_resolver_config config;
    struct lk_dns_resolver *resolver;
    uint32_t servers;
    struct lk_dns_server *server[3];
    uint32_t host[3]; /* of each server */
};

static inline struct lk_dns_name name_of(const char *text)
{
    struct lk_dns_name name = {0};
    ck_assert_int_eq(lk_dns_name_from_text(text, strlen(text), &name, NULL), 0);
    return name;
}

static inline uint32_t dns_host(struct world *w, uint32_t ip)
{
    struct lk_config config;
    ck_assert_int_eq(lk_config_init(&config, "rfc"), 0);
    config.udp_sockets = 32;
    config.udp_queue = 32;
    config.udp_send_queue = 32;
    config.neighbour_queue = 32;
    uint32_t host = world_host_with(w, config);
    ck_assert_int_eq(lk_addr_add(w->host[host].stack, 0, lk_addr_from_ip4(ip), 24, LK_ADDR_PREFERRED, w->now), 0);
    return host;
}

/* The world with a client; its resolver begins with dns_begin(), after the test has changed d->config. */
static inline struct dns_world dns_world(void)
{
    struct dns_world d = {.w = world_new()};
    d.client = dns_host(d.w, CLIENT_IP);
    lk_dns_resolver_config_init(&d.config);
    return d;
}

static inline void dns_begin(struct dns_world *d)
{
    static const uint8_t seed[32] = {9, 8, 7};
    size_t size = lk_dns_resolver_footprint(&d->config);
    ck_assert_uint_gt(size, 0);
    d->resolver = aligned_alloc(16, (size + 15) / 16 * 16);
    ck_assert_int_eq(lk_dns_resolver_init(d->resolver, size, &d->config, d->w->now, seed), 0);
    world_app(d->w, d->client, &lk_dns_resolver_app, d->resolver);
}

/* Another server address for the resolver; a host with a server of ours when there is a zone, a silent host when not. */
static inline uint32_t dns_server_with(struct dns_world *d, const struct lk_dns_zone *zone, const struct lk_dns_server_config *config)
{
    uint32_t i = d->servers++;
    d->host[i] = dns_host(d->w, SERVER_IP + i);
    d->config.server[d->config.server_count++] = (struct lk_endpoint){.address = lk_addr_from_ip4(SERVER_IP + i), .iface = LK_ANY};
    if (zone != NULL) {
        size_t size = lk_dns_server_footprint(config);
        ck_assert_uint_gt(size, 0);
        d->server[i] = aligned_alloc(16, (size + 15) / 16 * 16);
        ck_assert_int_eq(lk_dns_server_init(d->server[i], size, config, zone, d->w->now), 0);
        ck_assert_int_eq(lk_dns_server_start(d->server[i], d->w->host[d->host[i]].stack, d->w->now), 0);
        world_app(d->w, d->host[i], &lk_dns_server_app, d->server[i]);
    }
    return i;
}

static inline uint32_t dns_server(struct dns_world *d, const struct lk_dns_zone *zone)
{
    struct lk_dns_server_config config;
    lk_dns_server_config_init(&config);
    return dns_server_with(d, zone, &config);
}

static inline void dns_free(struct dns_world *d)
{
    for (uint32_t i = 0; i < d->servers; i++)
        free(d->server[i]);
    free(d->resolver);
    world_free(d->w);
}

static inline uint32_t ask(struct dns_world *d, const char *name, uint16_t type)
{
    uint32_t query = LK_NONE;
    ck_assert_int_eq(lk_dns_resolve(d->resolver, d->w->host[d->client].stack, name, type, &query, d->w->now), 0);
    return query;
}

/* Asks and runs until there is an answer, or `patience` is over. */
static inline struct lk_dns_result resolve(struct dns_world *d, const char *name, uint16_t type)
{
    struct lk_dns_result result = {.error = 1};
    uint32_t query = ask(d, name, type);
    for (int i = 0; i < 600 && !lk_dns_resolver_next(d->resolver, &result); i++)
        world_run(d->w, d->w->now + 100 * MS);
    ck_assert_int_ne(result.error, 1);
    ck_assert_uint_eq(result.query, query);
    return result;
}

static inline uint32_t address_of(const struct lk_dns_result *result, uint32_t index)
{
    struct lk_addr a;
    return lk_dns_result_address(result, index, &a) == 0 ? lk_addr_ip4(&a) : 0;
}

/* Messages of DNS that passed over UDP to (or from) port 53 of a host: the k-th, or NULL. */
static inline const struct note *dns_note(const struct world *w, bool to_server, uint32_t k)
{
    for (uint32_t i = 0; i < w->notes; i++)
        if ((to_server ? w->note[i].dport : w->note[i].sport) == LK_DNS_PORT && k-- == 0)
            return &w->note[i];
    return NULL;
}

static inline uint32_t dns_count(const struct world *w, bool to_server)
{
    uint32_t count = 0;
    while (dns_note(w, to_server, count) != NULL)
        count++;
    return count;
}

/* ---- a server that the test plays ---- */

struct dns_fake {
    lk_socket udp, listener, tcp;
    struct lk_stack *stack;
    lk_time now;
    uint32_t asked;       /* questions that came */
    struct lk_endpoint remote, local; /* of the question over UDP */
    uint8_t in[70000];
    size_t in_len;        /* over TCP: what came and was not taken yet */
    /* A question came, over UDP or TCP. */
    void (*say)(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp);
    int mode;             /* for say */
    uint16_t ids[4];
};

static inline void fake_send(struct dns_fake *f, const uint8_t *bytes, size_t len, bool tcp)
{
    uint8_t prefix[2] = {(uint8_t)(len >> 8), (uint8_t)len};
    if (!tcp) {
        ck_assert_int_eq(lk_sock_send_to(f->stack, f->udp, bytes, len, &f->remote, &f->local, f->now), (int)len);
        return;
    }
    ck_assert_int_eq(lk_sock_send(f->stack, f->tcp, prefix, 2, f->now), 2);
    ck_assert_int_eq(lk_sock_send(f->stack, f->tcp, bytes, len, f->now), (int)len);
}

static inline void fake_tcp(struct dns_fake *f)
{
    int64_t got;
    if (f->tcp == 0 && lk_sock_accept(f->stack, f->listener, &f->tcp, NULL, f->now) < 0)
        return;
    while ((got = lk_sock_recv(f->stack, f->tcp, f->in + f->in_len, sizeof f->in - f->in_len, 0, f->now)) > 0)
        f->in_len += (size_t)got;
    while (f->in_len >= 2 && f->in_len >= 2u + (size_t)(f->in[0] << 8 | f->in[1])) {
        size_t len = (size_t)(f->in[0] << 8 | f->in[1]);
        uint8_t query[600];
        ck_assert_uint_le(len, sizeof query);
        memcpy(query, f->in + 2, len);
        f->in_len -= 2 + len;
        memmove(f->in, f->in + 2 + len, f->in_len);
        f->asked++;
        f->say(f, query, len, true);
        if (f->tcp == 0)
            return;
    }
    if (got == 0 || (got < 0 && got != LK_E_AGAIN)) {
        lk_sock_close(f->stack, f->tcp, f->now);
        f->tcp = 0;
        f->in_len = 0;
    }
}

static inline bool fake_event(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now)
{
    struct dns_fake *f = self;
    uint8_t query[600];
    int64_t got;
    f->stack = stack;
    f->now = now;
    if (event->socket == f->udp)
        while ((got = lk_sock_recv_from(stack, f->udp, query, sizeof query, &f->remote, &f->local, now)) >= 0) {
            f->asked++;
            f->say(f, query, (size_t)got, false);
        }
    else
        fake_tcp(f);
    return true;
}

static inline lk_time fake_deadline(const void *self)
{
    (void)self;
    return LK_NEVER;
}

static inline void fake_tick(void *self, struct lk_stack *stack, lk_time now)
{
    (void)self;
    (void)stack;
    (void)now;
}

static const struct lk_app_kind fake_kind = {"fake", fake_deadline, fake_tick, fake_event};

static inline struct dns_fake *dns_fake(struct dns_world *d, void (*say)(struct dns_fake *, const uint8_t *, size_t, bool))
{
    uint32_t i = dns_server_with(d, NULL, NULL);
    struct lk_stack *stack = d->w->host[d->host[i]].stack;
    struct dns_fake *f = calloc(1, sizeof *f);
    struct lk_endpoint local = {.iface = LK_ANY, .port = LK_DNS_PORT};
    f->say = say;
    f->stack = stack;
    ck_assert_int_eq(lk_sock_open(stack, LK_UDP, &f->udp, 0), 0);
    ck_assert_int_eq(lk_sock_bind(stack, f->udp, &local, 0), 0);
    ck_assert_int_eq(lk_sock_open(stack, LK_TCP, &f->listener, 0), 0);
    ck_assert_int_eq(lk_sock_bind(stack, f->listener, &local, 0), 0);
    ck_assert_int_eq(lk_sock_listen(stack, f->listener, 4, 0), 0);
    world_app(d->w, d->host[i], &fake_kind, f);
    return f;
}

/* A reply to a question, to be filled by the test. */
struct dns_reply {
    struct lk_dns_header header;
    struct lk_dns_question question;
    struct lk_dns_writer w;
    uint8_t bytes[1200];
};

static inline void reply_begin(struct dns_reply *p, const uint8_t *query, size_t len)
{
    struct lk_dns_reader r;
    ck_assert_int_eq(lk_dns_check(query, len), 0);
    lk_dns_read_begin(&r, query, len);
    ck_assert_int_eq(lk_dns_read_question(&r, &p->question), 1);
    p->header = (struct lk_dns_header){.id = r.header.id, .qr = true, .rd = r.header.rd, .ra = true};
    lk_dns_write_begin(&p->w, p->bytes, sizeof p->bytes, &p->header);
    lk_dns_write_question(&p->w, &p->question);
}

static inline void reply_record(struct dns_reply *p, uint8_t section, const char *name, uint16_t type, uint32_t ttl, const void *data, size_t len)
{
    struct lk_dns_record record = {.name = name_of(name), .type = type, .class = LK_DNS_IN, .ttl = ttl, .rdata = data, .rdlength = (uint16_t)len};
    ck_assert_int_eq(lk_dns_write_record(&p->w, section, &record), 0);
}

static inline void reply_a(struct dns_reply *p, const char *name, uint32_t ttl, uint32_t address)
{
    uint8_t data[4] = {(uint8_t)(address >> 24), (uint8_t)(address >> 16), (uint8_t)(address >> 8), (uint8_t)address};
    reply_record(p, LK_DNS_ANSWER, name, LK_DNS_A, ttl, data, 4);
}

static inline void reply_cname(struct dns_reply *p, const char *name, uint32_t ttl, const char *target)
{
    struct lk_dns_name end = name_of(target);
    reply_record(p, LK_DNS_ANSWER, name, LK_DNS_CNAME, ttl, end.octets, end.len);
}

static inline void reply_soa(struct dns_reply *p, const char *zone, uint32_t ttl, uint32_t minimum)
{
    struct lk_dns_soa soa = {name_of("ns.test"), name_of("root.test"), 1, 2, 3, 4, minimum};
    uint8_t data[64];
    reply_record(p, LK_DNS_AUTHORITY, zone, LK_DNS_SOA, ttl, data, (size_t)lk_dns_soa_emit(&soa, data, sizeof data));
}

static inline void reply_send(struct dns_fake *f, struct dns_reply *p, bool tcp)
{
    lk_dns_write_header(&p->w, &p->header);
    fake_send(f, p->bytes, p->w.len, tcp);
}

/* The question as text, "www.test./1". */
static inline const char *asked_for(const struct dns_reply *p)
{
    static char text[LK_DNS_NAME_TEXT + 8];
    int len = lk_dns_name_to_text(&p->question.name, text, LK_DNS_NAME_TEXT);
    snprintf(text + len, 8, "/%u", p->question.type);
    return text;
}

typedef void say_fn(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp);

/* A resolver with one played server. */
static inline struct dns_world world_of(say_fn *say, struct dns_fake **f)
{
    struct dns_world d = dns_world();
    *f = dns_fake(&d, say);
    dns_begin(&d);
    return d;
}

static inline void world_done(struct dns_world *d, struct dns_fake *f)
{
    dns_free(d);
    free(f);
}

static inline void say_address(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    reply_begin(&p, query, len);
    p.header.aa = true;
    reply_a(&p, "www.test", 60, 0x0a000050);
    reply_send(f, &p, tcp);
}

#endif
