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

#endif
