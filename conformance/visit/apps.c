/* The programs on the hosts. On the laptop a DHCP client, a resolver and a browser (stack/run/fetch over an HTTP client); on the
 * gateway a DHCP server; a DNS server that knows the name in the URL; a web server that has one page. */
#include "conformance/visit/tell.h"
#include "conformance/visit/world.h"
#include "stack/apps/dhcp_server.h"
#include "stack/apps/dns_server.h"
#include "stack/apps/http_server.h"
#include "stack/base/error.h"
#include <stdio.h>
#include <string.h>

#define TYPE_A 1
#define TYPE_SOA 6
#define LEASE_TIME 86400
#define WEB_CONNECTIONS 8
#define RECORD_TTL 300

struct answer { bool used; uint32_t connection; uint64_t written; bool head_only; };

struct world_apps {
    struct lk_dhcp_client *dhcp;
    struct lk_dns_resolver *dns;
    struct lk_http_client *http;
    struct lk_fetch fetch;
    struct lk_http_server *web;
    struct answer answer[WEB_CONNECTIONS];
    struct lk_dns_zone zone;
    struct lk_dns_zone_record record[2];
    char name[258], origin[258];
    uint8_t soa[300], address[4];
};

static void add_app(struct world *w, uint32_t host, const struct lk_app_kind *kind, void *self)
{
    struct lk_run *run = &w->host[host].run;
    run->app[run->apps++] = (struct lk_app){.kind = kind, .self = self};
}

/* ---- the laptop ---- */

static int start_dhcp_client(struct world *w)
{
    struct lk_dhcp_client_config config;
    uint8_t seed[32];
    lk_dhcp_client_config_init(&config);
    config.iface = 0;
    memcpy(config.mac, w->story->hosts[LAPTOP].iface[0].mac, 6);
    memcpy(config.hostname, "laptop", sizeof "laptop");
    world_seed(w, LAPTOP, 2, seed);
    size_t size = lk_dhcp_client_footprint(&config);
    w->apps->dhcp = lk_bump_take(w->memory, size);
    if (w->apps->dhcp == NULL)
        return LK_E_NOMEM;
    int error = lk_dhcp_client_init(w->apps->dhcp, size, &config, w->now, seed);
    add_app(w, LAPTOP, &lk_dhcp_client_app, w->apps->dhcp);
    return error == 0 ? lk_dhcp_client_start(w->apps->dhcp, w->host[LAPTOP].stack, w->now) : error;
}

static int start_resolver(struct world *w)
{
    struct lk_dns_resolver_config config;
    uint8_t seed[32];
    lk_dns_resolver_config_init(&config);
    config.attempts = 8; /* a learner may lose much */
    world_seed(w, LAPTOP, 3, seed);
    size_t size = lk_dns_resolver_footprint(&config);
    w->apps->dns = lk_bump_take(w->memory, size);
    if (w->apps->dns == NULL)
        return LK_E_NOMEM;
    add_app(w, LAPTOP, &lk_dns_resolver_app, w->apps->dns);
    return lk_dns_resolver_init(w->apps->dns, size, &config, w->now, seed);
}

static int start_browser(struct world *w)
{
    struct lk_http_client_config config;
    lk_http_client_config_init(&config);
    config.timeout = 600 * LK_SECOND; /* TCP gives up before */
    size_t size = lk_http_client_footprint(&config);
    w->apps->http = lk_bump_take(w->memory, size);
    if (w->apps->http == NULL)
        return LK_E_NOMEM;
    add_app(w, LAPTOP, &lk_http_client_app, w->apps->http);
    lk_fetch_init(&w->apps->fetch, &w->url, w->apps->dhcp, w->apps->dns, w->apps->http);
    return lk_http_client_init(w->apps->http, size, &config, w->now);
}

/* ---- the servers ---- */

static int start_dhcp_server(struct world *w)
{
    struct lk_dhcp_server_config config;
    uint8_t seed[32];
    uint32_t own = w->plan[GATEWAY].iface[0].address;
    lk_dhcp_server_config_init(&config);
    config.iface = 0;
    config.address = lk_addr_from_ip4(own);
    config.prefix = w->plan[GATEWAY].iface[0].prefix;
    config.first = lk_addr_from_ip4((own & ~255u) + 100);
    config.last = lk_addr_from_ip4((own & ~255u) + 199);
    config.leases = 16;
    config.lease_time = LEASE_TIME;
    config.routers = config.dns_servers = 1;
    config.router[0] = config.address;
    config.dns_server[0] = lk_addr_from_ip4(w->plan[DNS_SERVER].iface[0].address);
    world_seed(w, GATEWAY, 2, seed);
    size_t size = lk_dhcp_server_footprint(&config);
    struct lk_dhcp_server *server = lk_bump_take(w->memory, size);
    if (server == NULL)
        return LK_E_NOMEM;
    int error = lk_dhcp_server_init(server, size, &config, w->now, seed);
    add_app(w, GATEWAY, &lk_dhcp_server_app, server);
    return error == 0 ? lk_dhcp_server_start(server, w->host[GATEWAY].stack, w->now) : error;
}

/* A name as RDATA holds it; its length. */
static size_t put_name(uint8_t *out, const char *name)
{
    size_t used = 0;
    while (*name != 0 && *name != '.') {
        size_t label = strcspn(name, ".");
        out[used++] = (uint8_t)label;
        memcpy(out + used, name, label);
        used += label;
        name += label + (name[label] == '.');
    }
    out[used++] = 0;
    return used;
}

/* The zone is what stands behind the name's first label; it holds that one name, or only itself. */
static void make_zone(struct world *w)
{
    struct world_apps *a = w->apps;
    static const uint32_t times[5] = {1, 7200, 900, 1209600, 60}; /* RFC 1035 3.3.13: serial, refresh, retry, expire, minimum */
    size_t len = strlen(w->url.host);
    snprintf(a->name, sizeof a->name, "%s%s", w->url.host, len > 0 && w->url.host[len - 1] == '.' ? "" : ".");
    const char *rest = a->name + strcspn(a->name, ".") + 1;
    snprintf(a->origin, sizeof a->origin, "%s", rest[0] == 0 ? "." : rest);
    size_t soa = put_name(a->soa, "ns.invalid.");
    soa += put_name(a->soa + soa, "hostmaster.invalid.");
    for (int i = 0; i < 5; i++)
        for (int shift = 24; shift >= 0; shift -= 8)
            a->soa[soa++] = (uint8_t)(times[i] >> shift);
    uint32_t ip = w->plan[WEB_SERVER].iface[0].address;
    for (int i = 0; i < 4; i++)
        a->address[i] = (uint8_t)(ip >> (24 - 8 * i));
    a->record[0] = (struct lk_dns_zone_record){a->origin, TYPE_SOA, RECORD_TTL, a->soa, (uint16_t)soa};
    a->record[1] = (struct lk_dns_zone_record){a->name, TYPE_A, RECORD_TTL, a->address, 4};
    a->zone = (struct lk_dns_zone){.origin = a->origin, .record = a->record, .count = w->options->no_such_name ? 1 : 2};
}

static int start_dns_server(struct world *w)
{
    struct lk_dns_server_config config;
    lk_dns_server_config_init(&config);
    make_zone(w);
    size_t size = lk_dns_server_footprint(&config);
    struct lk_dns_server *server = lk_bump_take(w->memory, size);
    if (server == NULL)
        return LK_E_NOMEM;
    int error = lk_dns_server_init(server, size, &config, &w->apps->zone, w->now);
    add_app(w, DNS_SERVER, &lk_dns_server_app, server);
    return error == 0 ? lk_dns_server_start(server, w->host[DNS_SERVER].stack, w->now) : error;
}

static int start_web_server(struct world *w)
{
    struct lk_http_server_config config;
    if (w->options->refuse)
        return 0;
    lk_http_server_config_init(&config);
    config.local.iface = LK_ANY;
    config.local.port = w->url.port;
    config.connections = WEB_CONNECTIONS;
    config.idle = 600 * LK_SECOND;
    config.head_time = 600 * LK_SECOND;
    size_t size = lk_http_server_footprint(&config);
    w->apps->web = lk_bump_take(w->memory, size);
    if (w->apps->web == NULL)
        return LK_E_NOMEM;
    int error = lk_http_server_init(w->apps->web, size, &config, w->now);
    add_app(w, WEB_SERVER, &lk_http_server_app, w->apps->web);
    return error == 0 ? lk_http_server_start(w->apps->web, w->host[WEB_SERVER].stack, w->now) : error;
}

int world_start_apps(struct world *w)
{
    int (*const start[])(struct world *) = {start_dhcp_server, start_dns_server, start_web_server, start_dhcp_client, start_resolver, start_browser};
    w->apps = lk_bump_take(w->memory, sizeof *w->apps);
    int error = w->apps == NULL ? LK_E_NOMEM : 0;
    for (size_t i = 0; i < sizeof start / sizeof *start && error == 0; i++)
        error = start[i](w);
    return error;
}

/* ---- the browser at work ---- */

static void keep(struct world *w, const uint8_t *bytes, size_t len)
{
    if (w->got_bytes + len > w->got_capacity) {
        size_t capacity = 2 * (w->got_capacity + len);
        uint8_t *grown = lk_bump_take(w->memory, capacity);
        if (grown == NULL) {
            w->error = LK_E_NOMEM;
            return;
        }
        if (w->got_bytes > 0)
            memcpy(grown, w->got, (size_t)w->got_bytes);
        w->got = grown;
        w->got_capacity = capacity;
    }
    memcpy(w->got + w->got_bytes, bytes, len);
    w->got_bytes += len;
}

static void browse(struct world *w)
{
    const uint8_t *bytes;
    size_t len;
    enum lk_fetch_step step;
    if (w->over)
        return;
    do {
        step = lk_fetch_next(&w->apps->fetch, w->host[LAPTOP].stack, &bytes, &len, w->now);
        if (len > 0)
            keep(w, bytes, len);
    } while (len > 0 && w->error == 0);
    w->over = step == LK_FETCH_DONE || step == LK_FETCH_FAILED;
    if (step == LK_FETCH_FAILED && lk_visit_tell_failure(w->story, &w->apps->fetch) != 0)
        w->error = LK_E_NOMEM;
    lk_run_tick(&w->host[LAPTOP].run, w->now);
}

/* ---- the web server at work ---- */

static struct answer *answer_of(struct world_apps *a, uint32_t connection, bool fresh)
{
    struct answer *free = NULL;
    for (uint32_t i = 0; i < WEB_CONNECTIONS; i++) {
        if (a->answer[i].used && a->answer[i].connection == connection)
            return &a->answer[i];
        if (!a->answer[i].used)
            free = &a->answer[i];
    }
    return fresh ? free : NULL;
}

static void write_on(struct world *w, struct answer *answer)
{
    while (answer != NULL && answer->used && answer->written < w->page_bytes) {
        int64_t n = lk_http_server_write(w->apps->web, w->host[WEB_SERVER].stack, answer->connection, w->page + answer->written, (size_t)(w->page_bytes - answer->written), w->now);
        if (n <= 0)
            return;
        answer->written += (uint64_t)n;
    }
    if (answer != NULL)
        answer->used = false;
}

static void respond(struct world *w, const struct lk_http_server_event *event)
{
    char fields[256];
    bool head = event->method_len == 4 && memcmp(event->method, "HEAD", 4) == 0, get = event->method_len == 3 && memcmp(event->method, "GET", 3) == 0;
    struct lk_http_response response = {.status = 200, .fields = fields, .length = w->page_bytes};
    snprintf(fields, sizeof fields, "Content-Type: %.200s\r\n", w->options->page_type);
    if (!head && !get)
        response = (struct lk_http_response){.status = 405, .fields = "Allow: GET, HEAD\r\n"};
    struct answer *answer = answer_of(w->apps, event->connection, true);
    if (lk_http_server_respond(w->apps->web, w->host[WEB_SERVER].stack, event->connection, &response, w->now) != 0 || answer == NULL || !get)
        return;
    *answer = (struct answer){.used = true, .connection = event->connection};
    write_on(w, answer);
}

static void serve(struct world *w)
{
    struct lk_http_server_event event;
    if (w->apps->web == NULL)
        return;
    while (lk_http_server_next(w->apps->web, w->host[WEB_SERVER].stack, &event, w->now)) {
        struct answer *answer = answer_of(w->apps, event.connection, false);
        if (event.kind == LK_HTTP_REQUEST)
            respond(w, &event);
        else if (event.kind == LK_HTTP_WRITABLE)
            write_on(w, answer);
        else if (event.kind == LK_HTTP_GONE && answer != NULL)
            answer->used = false;
    }
    lk_run_tick(&w->host[WEB_SERVER].run, w->now);
}

void world_run_apps(struct world *w, uint32_t host)
{
    if (host == LAPTOP)
        browse(w);
    else if (host == WEB_SERVER)
        serve(w);
}
