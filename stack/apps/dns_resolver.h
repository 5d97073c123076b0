/* A stub resolver (RFC 1034 5.3.1, RFC 1035, RFC 1123 6.1.3, RFC 2308, RFC 5452, RFC 6891, RFC 7766): asks recursive servers,
 * by UDP and, when an answer is truncated, by TCP; remembers what they said, and that they said there is nothing.
 *
 *     lk_dns_resolve(...)   starts a question         lk_dns_resolver_next(...)   hands out finished ones
 */
#ifndef LK_APPS_DNS_RESOLVER_H
#define LK_APPS_DNS_RESOLVER_H

#include "stack/apps/app.h"

struct lk_dns_resolver; /* opaque, in the caller's memory, 16-byte aligned; holds no pointer */
extern const struct lk_app_kind lk_dns_resolver_app;

#define LK_DNS_SERVERS 4 /* bounds of the config only */
#define LK_DNS_SEARCH 4

struct lk_dns_resolver_config {
    uint32_t size_of;
    uint32_t queries;          /* at once */
    uint32_t cache_entries;    /* 0: no cache */
    uint32_t cache_bytes;      /* bytes of one cached answer at most; a larger one is not kept */
    uint32_t message_bytes;    /* longest answer that is taken, UDP or TCP; 512..65535 */
    uint16_t udp_size;         /* EDNS0 requestor's payload size (RFC 6891 6.2.3), 0: no OPT */
    uint16_t attempts;         /* rounds over all servers */
    lk_time timeout;           /* of the first round; doubled each round (RFC 1035 4.2.1, RFC 1123 6.1.3.3) */
    uint32_t negative_ttl;     /* s, bound on what a SOA may say (RFC 2308 5) */
    uint32_t iface;            /* LK_ANY, or the only one to use */
    uint32_t server_count;
    struct lk_endpoint server[LK_DNS_SERVERS]; /* port 0: 53 */
    uint32_t ndots;            /* names with fewer dots try the search list first (RFC 1123 6.1.4.3) */
    uint32_t search_count;
    char search[LK_DNS_SEARCH][256];
};
void lk_dns_resolver_config_init(struct lk_dns_resolver_config *config); /* defaults: 8 queries, 64 entries, 1232, 2 s, 2 rounds */
size_t lk_dns_resolver_footprint(const struct lk_dns_resolver_config *config); /* 0: the config is invalid */
int lk_dns_resolver_init(void *memory, size_t size, const struct lk_dns_resolver_config *config, lk_time now, const uint8_t seed[32]);
/* Other servers from now on (a DHCP lease brought them); questions under way go to them with their next try. */
int lk_dns_resolver_servers(struct lk_dns_resolver *r, const struct lk_endpoint *server, uint32_t count, lk_time now);

/* Asks for `name` ("www.example.com"; a final dot switches the search list off; \DDD and \. as in RFC 1035 5.1).
 * 0 and *query; INVALID: no name by RFC 1035; UNSUPPORTED: a zone transfer, which is no question to a resolver (RFC 1035 4.2); FULL:
 * config.queries are under way; DESTADDRREQ: no server is known. */
int lk_dns_resolve(struct lk_dns_resolver *r, struct lk_stack *stack, const char *name, uint16_t type, uint32_t *query, lk_time now);
void lk_dns_resolver_cancel(struct lk_dns_resolver *r, struct lk_stack *stack, uint32_t query, lk_time now);

/* Gives up what is under way, without results, and closes the connections: before the stack goes away. It may be asked again. */
void lk_dns_resolver_close(struct lk_dns_resolver *r, struct lk_stack *stack, lk_time now);

struct lk_dns_result {
    uint32_t query;
    int error;              /* 0: there is an answer; NOTFOUND: the name does not exist (NXDOMAIN), or exists without such a record (then
                               rcode is 0); TIMEDOUT: no server answered; CONNREFUSED: every server refused or failed (rcode says how) */
    uint8_t rcode;
    bool cached, over_tcp;
    const uint8_t *message; /* the whole answer, or NULL; valid until the next call of any function of this resolver */
    size_t len;
    struct lk_endpoint server;
};
/* The next finished question, once; false when there is none. */
bool lk_dns_resolver_next(struct lk_dns_resolver *r, struct lk_dns_result *out);
/* The index-th address (A, later AAAA) at the end of the answer's CNAME chain. 0, or NOTFOUND when there are no more. */
int lk_dns_result_address(const struct lk_dns_result *result, uint32_t index, struct lk_addr *out);

#endif
