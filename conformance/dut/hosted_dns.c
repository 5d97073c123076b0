/* DNS: a resolver (call `resolve NAME TYPE`), and a server of a zone. Settings have the names of the machines' configs. */
#include "conformance/compose/compose.h"
#include "conformance/dut/hosted.h"
#include "conformance/timeline/units.h"
#include "stack/apps/dns_resolver.h"
#include "stack/apps/dns_server.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define QUERIES 64
#define RECORDS 512

/* ---- resolver ---- */

struct resolver { struct { uint32_t query, call; uint16_t type; bool on; } asked[QUERIES]; };

static void read_servers(const struct lk_dut_config *from, struct lk_dns_resolver_config *c)
{
    const char *text;
    for (c->server_count = 0; c->server_count < LK_DNS_SERVERS && (text = lk_hosted_app(from, "server", c->server_count)) != NULL; c->server_count++) {
        struct lk_endpoint *to = &c->server[c->server_count];
        *to = (struct lk_endpoint){.iface = LK_ANY};
        if (!lk_read_ip4(text, &to->address) && !lk_read_endpoint(text, &to->address, &to->port))
            return;
    }
}

static int create_resolver(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32])
{
    struct lk_dns_resolver_config c;
    const char *text;
    lk_dns_resolver_config_init(&c);
    read_servers(from, &c);
    c.queries = (uint32_t)lk_hosted_number(from, "queries", c.queries);
    c.cache_entries = (uint32_t)lk_hosted_number(from, "cache_entries", c.cache_entries);
    c.cache_bytes = (uint32_t)lk_hosted_number(from, "cache_bytes", c.cache_bytes);
    c.message_bytes = (uint32_t)lk_hosted_number(from, "message_bytes", c.message_bytes);
    c.udp_size = (uint16_t)lk_hosted_number(from, "udp_size", c.udp_size);
    c.attempts = (uint16_t)lk_hosted_number(from, "attempts", c.attempts);
    c.timeout = lk_hosted_number(from, "timeout", c.timeout);
    c.negative_ttl = (uint32_t)lk_hosted_number(from, "negative_ttl", c.negative_ttl);
    c.ndots = (uint32_t)lk_hosted_number(from, "ndots", c.ndots);
    for (c.search_count = 0; c.search_count < LK_DNS_SEARCH && (text = lk_hosted_app(from, "search", c.search_count)) != NULL; c.search_count++)
        snprintf(c.search[c.search_count], sizeof c.search[0], "%s", text);
    size_t size = lk_dns_resolver_footprint(&c);
    h->memory = lk_hosted_memory(size);
    h->more = lk_hosted_memory(sizeof(struct resolver));
    if (h->memory == NULL || h->more == NULL || lk_dns_resolver_init(h->memory, size, &c, h->now, seed) < 0)
        return -1;
    h->run.app[h->run.apps++] = (struct lk_app){&lk_dns_resolver_app, h->memory};
    return 0;
}

static int call_resolver(struct lk_hosted *h, uint32_t id, const char *words)
{
    struct resolver *r = h->more;
    char name[300], type[20];
    uint32_t query;
    size_t slot = 0;
    while (slot < QUERIES && r->asked[slot].on)
        slot++;
    if (sscanf(words, "resolve %299s %19s", name, type) != 2 || lk_compose_type(type) == 0 || slot == QUERIES)
        return -1;
    int result = lk_dns_resolve(h->memory, h->run.stack, name, lk_compose_type(type), &query, h->now);
    if (result < 0) {
        lk_hosted_return(h, id, result == LK_E_INVALID ? "no name" : result == LK_E_FULL ? "full" : "no server");
        return 0;
    }
    r->asked[slot].query = query;
    r->asked[slot].call = id;
    r->asked[slot].type = lk_compose_type(type);
    r->asked[slot].on = true;
    return 0;
}

static void tell_failure(struct lk_hosted *h, uint32_t call, const struct lk_dns_result *result)
{
    if (result->error == LK_E_NOTFOUND)
        lk_hosted_return(h, call, result->rcode == 3 ? "NXDOMAIN" : "no data");
    else if (result->error == LK_E_TIMEDOUT)
        lk_hosted_return(h, call, "timed out");
    else
        lk_hosted_return(h, call, "failed, rcode %u", result->rcode);
}

/* The addresses at the end of the chain; of other types how many records there are. */
static void tell_result(struct lk_hosted *h, uint32_t call, uint16_t type, const struct lk_dns_result *result)
{
    char text[400] = "", word[LK_WORD];
    struct lk_addr address;
    if (result->error != 0) {
        tell_failure(h, call, result);
        return;
    }
    for (uint32_t i = 0; type == 1 && i < 20 && lk_dns_result_address(result, i, &address) == 0; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i == 0 ? "" : " ", lk_write_ip4(&address, word));
    if (text[0] != 0)
        lk_hosted_return(h, call, "%s", text);
    else
        lk_hosted_return(h, call, "%u records", result->len < 12 ? 0u : (unsigned)result->message[6] << 8 | result->message[7]);
}

static void look_resolver(struct lk_hosted *h)
{
    struct resolver *r = h->more;
    struct lk_dns_result result;
    while (lk_dns_resolver_next(h->memory, &result))
        for (size_t i = 0; i < QUERIES; i++)
            if (r->asked[i].on && r->asked[i].query == result.query) {
                r->asked[i].on = false;
                tell_result(h, r->asked[i].call, r->asked[i].type, &result);
            }
}

const struct lk_hosted_kind lk_hosted_dns_resolver = {.runs = "dns-resolver", .create = create_resolver, .call = call_resolver, .look = look_resolver};

/* ---- server ---- */

struct server { struct lk_dns_zone zone; struct lk_dns_zone_record list[RECORDS]; struct lk_composed_record record[RECORDS]; char origin[258]; };

static bool read_zone(struct server *s, const struct lk_dut_config *from)
{
    const char *text, *origin = lk_hosted_app(from, "origin", 0);
    struct lk_bump *memory = lk_bump_new((size_t)1 << 20);
    bool ok = origin != NULL && memory != NULL;
    size_t n = 0;
    for (; ok && (text = lk_hosted_app(from, "record", n)) != NULL; n++) {
        ok = n < RECORDS && lk_compose_record(text, memory, &s->record[n]);
        if (ok)
            s->list[n] = (struct lk_dns_zone_record){s->record[n].name, s->record[n].type, s->record[n].ttl, s->record[n].data, s->record[n].len};
    }
    if (ok)
        snprintf(s->origin, sizeof s->origin, "%s%s", origin, origin[0] != 0 && origin[strlen(origin) - 1] == '.' ? "" : ".");
    s->zone = (struct lk_dns_zone){.origin = s->origin, .record = s->list, .count = n};
    lk_bump_free(memory);
    return ok;
}

static int create_server(struct lk_hosted *h, const struct lk_dut_config *from, const uint8_t seed[32])
{
    struct lk_dns_server_config c;
    struct server *s = lk_hosted_memory(sizeof *s);
    (void)seed;
    h->more = s;
    lk_dns_server_config_init(&c);
    c.port = (uint16_t)lk_hosted_number(from, "port", c.port);
    c.udp_size = (uint16_t)lk_hosted_number(from, "udp_size", c.udp_size);
    c.tcp_connections = (uint32_t)lk_hosted_number(from, "tcp_connections", c.tcp_connections);
    c.tcp_idle = lk_hosted_number(from, "tcp_idle", c.tcp_idle);
    size_t size = lk_dns_server_footprint(&c);
    h->memory = lk_hosted_memory(size);
    if (s == NULL || !read_zone(s, from) || h->memory == NULL || lk_dns_server_init(h->memory, size, &c, &s->zone, h->now) < 0)
        return -1;
    h->run.app[h->run.apps++] = (struct lk_app){&lk_dns_server_app, h->memory};
    return lk_dns_server_start(h->memory, h->run.stack, h->now);
}

const struct lk_hosted_kind lk_hosted_dns_server = {.runs = "dns-server", .create = create_server};
