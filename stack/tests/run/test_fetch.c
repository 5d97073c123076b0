/* From a URL to a page between two whole hosts: a client with DHCP, resolver and HTTP client, and one server that is DHCP server,
 * DNS server and web server at once. Each step, and each way to fail, with the step named. */
#include "stack/run/fetch.h"
#include "stack/apps/dhcp_server.h"
#include "stack/apps/dns_server.h"
#include "stack/apps/http_server.h"
#include "stack/run/run.h"
#include "stack/tests/support/host.h"

#define SERVER_IP 0x0a000001u
#define DEAD_IP 0x0a000063u  /* on the link, nobody's */
#define CLOSED_IP 0x0a000002u /* the server's too, and nothing listens there */
#define PAGE 5000u

static const uint8_t seeds[2][32] = {{1}, {2}};

enum { WITH_LEASE = 1, WITHOUT_DHCP_SERVER = 2, CUT_SHORT = 4, CHUNKED = 8, WITHOUT_WEB = 16, WITHOUT_DNS = 32 };

struct side { void *arena; struct lk_run run; };

struct net {
    struct side client, server;
    lk_time now;
    int flags;
    struct lk_dhcp_client *dhcp;
    struct lk_dns_resolver *dns;
    struct lk_http_client *http;
    struct lk_http_server *web;
    struct lk_fetch fetch;
    uint8_t got[2 * PAGE];
    size_t got_len, written;
    uint32_t answering;
    bool seen[LK_FETCH_FAILED + 1];
    void *memory[8];
    size_t blocks;
};

static void *take(struct net *n, size_t size)
{
    ck_assert_uint_gt(size, 0);
    return n->memory[n->blocks++] = aligned_alloc(64, (size + 63) / 64 * 64);
}

static void side_begin(struct side *side, uint8_t last, const uint8_t seed[32])
{
    struct lk_config config = plain_config("rfc");
    config.iface[0].mac[5] = last;
    size_t size = lk_stack_footprint(&config);
    side->arena = aligned_alloc(64, (size + 63) / 64 * 64);
    ck_assert_int_eq(lk_stack_init(side->arena, size, &config, 0, seed), 0);
    side->run = (struct lk_run){.stack = side->arena};
}

static void app(struct side *side, const struct lk_app_kind *kind, void *self)
{
    side->run.app[side->run.apps++] = (struct lk_app){kind, self};
}

/* ---- the server ---- */

static const uint8_t good[4] = {10, 0, 0, 1}, dead[4] = {10, 0, 0, 0x63}, closed[4] = {10, 0, 0, 2};
static const uint8_t soa[] = {0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 60};
static const struct lk_dns_zone_record records[] = {
    {"test.", 6, 60, soa, sizeof soa},
    {"one.test.", 1, 60, good, 4},
    {"two.test.", 1, 60, closed, 4},
    {"two.test.", 1, 60, good, 4},
    {"dead.test.", 1, 60, dead, 4},
    {"text.test.", 16, 60, (const uint8_t *)"\2hi", 3},
};
static const struct lk_dns_zone zone = {"test.", records, sizeof records / sizeof *records};

static void start_dhcp_server(struct net *n)
{
    struct lk_dhcp_server_config config;
    lk_dhcp_server_config_init(&config);
    config.address = ip4(SERVER_IP);
    config.prefix = 24;
    config.first = ip4(0x0a000032u);
    config.last = ip4(0x0a000033u);
    config.leases = 2;
    config.lease_time = 3600;
    config.routers = config.dns_servers = 1;
    config.router[0] = config.dns_server[0] = ip4(SERVER_IP);
    size_t size = lk_dhcp_server_footprint(&config);
    struct lk_dhcp_server *server = take(n, size);
    ck_assert_int_eq(lk_dhcp_server_init(server, size, &config, 0, seeds[1]), 0);
    app(&n->server, &lk_dhcp_server_app, server);
    ck_assert_int_eq(lk_dhcp_server_start(server, n->server.run.stack, 0), 0);
}

static void start_dns_server(struct net *n)
{
    struct lk_dns_server_config config;
    lk_dns_server_config_init(&config);
    size_t size = lk_dns_server_footprint(&config);
    struct lk_dns_server *server = take(n, size);
    ck_assert_int_eq(lk_dns_server_init(server, size, &config, &zone, 0), 0);
    app(&n->server, &lk_dns_server_app, server);
    ck_assert_int_eq(lk_dns_server_start(server, n->server.run.stack, 0), 0);
}

static void start_web_server(struct net *n)
{
    struct lk_http_server_config config;
    lk_http_server_config_init(&config);
    config.local = at(SERVER_IP, 80);
    size_t size = lk_http_server_footprint(&config);
    n->web = take(n, size);
    ck_assert_int_eq(lk_http_server_init(n->web, size, &config, 0), 0);
    app(&n->server, &lk_http_server_app, n->web);
    ck_assert_int_eq(lk_http_server_start(n->web, n->server.run.stack, 0), 0);
}

static uint8_t octet(size_t i)
{
    return (uint8_t)(i * 7 + i / 251);
}

static void write_page(struct net *n)
{
    size_t most = n->flags & CUT_SHORT ? PAGE / 2 : PAGE;
    uint8_t bytes[PAGE];
    for (size_t i = 0; i < PAGE; i++)
        bytes[i] = octet(i);
    while (n->written < most) {
        int64_t wrote = lk_http_server_write(n->web, n->server.run.stack, n->answering, bytes + n->written, most - n->written, n->now);
        if (wrote <= 0)
            return;
        n->written += (size_t)wrote;
    }
    if (n->flags & CUT_SHORT)
        return; /* until the client has some of it: serve() */
    if (n->flags & CHUNKED)
        lk_http_server_end(n->web, n->server.run.stack, n->answering, n->now);
    n->answering = LK_NONE;
}

static void serve(struct net *n)
{
    struct lk_http_server_event event;
    while (n->web != NULL && lk_http_server_next(n->web, n->server.run.stack, &event, n->now)) {
        struct lk_http_response response = {.status = 200, .length = n->flags & CHUNKED ? UINT64_MAX : PAGE};
        if (event.kind == LK_HTTP_REQUEST) {
            ck_assert_int_eq(lk_http_server_respond(n->web, n->server.run.stack, event.connection, &response, n->now), 0);
            n->answering = event.connection;
        }
        if (event.kind != LK_HTTP_GONE && n->answering == event.connection)
            write_page(n);
    }
    if ((n->flags & CUT_SHORT) && n->got_len > 0 && n->answering != LK_NONE) {
        lk_http_server_abort(n->web, n->server.run.stack, n->answering, n->now);
        n->answering = LK_NONE;
    }
    lk_run_tick(&n->server.run, n->now);
}

/* ---- the client ---- */

static void start_client(struct net *n, const char *text)
{
    struct lk_dhcp_client_config dhcp;
    struct lk_dns_resolver_config dns;
    struct lk_http_client_config http;
    struct lk_url url;
    lk_dhcp_client_config_init(&dhcp);
    memcpy(dhcp.mac, (const uint8_t[6]){2, 0, 0, 0, 0, 2}, 6);
    lk_dns_resolver_config_init(&dns);
    lk_http_client_config_init(&http);
    size_t size = lk_dns_resolver_footprint(&dns);
    n->dns = take(n, size);
    ck_assert_int_eq(lk_dns_resolver_init(n->dns, size, &dns, 0, seeds[0]), 0);
    app(&n->client, &lk_dns_resolver_app, n->dns);
    size = lk_http_client_footprint(&http);
    n->http = take(n, size);
    ck_assert_int_eq(lk_http_client_init(n->http, size, &http, 0), 0);
    app(&n->client, &lk_http_client_app, n->http);
    if (n->flags & WITH_LEASE) {
        size = lk_dhcp_client_footprint(&dhcp);
        n->dhcp = take(n, size);
        ck_assert_int_eq(lk_dhcp_client_init(n->dhcp, size, &dhcp, 0, seeds[0]), 0);
        app(&n->client, &lk_dhcp_client_app, n->dhcp);
        ck_assert_int_eq(lk_dhcp_client_start(n->dhcp, n->client.run.stack, 0), 0);
    } else {
        struct lk_endpoint server = at(SERVER_IP, 0);
        ck_assert_int_eq(lk_addr_add(n->client.run.stack, 0, ip4(0x0a000005u), 24, LK_ADDR_PREFERRED, 0), 0);
        if (!(n->flags & WITHOUT_DNS))
            ck_assert_int_eq(lk_dns_resolver_servers(n->dns, &server, 1, 0), 0);
    }
    ck_assert_int_eq(lk_url_parse(text, &url), 0);
    lk_fetch_init(&n->fetch, &url, n->dhcp, n->dns, n->http);
}

static void browse(struct net *n)
{
    const uint8_t *bytes;
    size_t len;
    do {
        n->seen[lk_fetch_next(&n->fetch, n->client.run.stack, &bytes, &len, n->now)] = true;
        ck_assert_uint_le(n->got_len + len, sizeof n->got);
        memcpy(n->got + n->got_len, bytes == NULL ? n->got : bytes, len);
        n->got_len += len;
    } while (len > 0);
    lk_run_tick(&n->client.run, n->now);
}

/* ---- the wire ---- */

static bool carry(struct net *n, struct side *from, struct side *to)
{
    uint8_t bytes[1600];
    struct lk_frame frame = {.size_of = sizeof frame, .bytes = bytes, .cap = sizeof bytes};
    int len = lk_run_tx(&from->run, 0, &frame, n->now);
    if (len <= 0)
        return false;
    struct lk_frame in = {.size_of = sizeof in, .bytes = bytes, .len = (size_t)len};
    lk_run_rx(&to->run, &in, n->now, NULL);
    return true;
}

static struct net *fetch(const char *url, int flags)
{
    struct net *n = calloc(1, sizeof *n);
    n->flags = flags;
    n->answering = LK_NONE;
    side_begin(&n->client, 2, seeds[0]);
    side_begin(&n->server, 1, seeds[1]);
    ck_assert_int_eq(lk_addr_add(n->server.run.stack, 0, ip4(SERVER_IP), 24, LK_ADDR_PREFERRED, 0), 0);
    ck_assert_int_eq(lk_addr_add(n->server.run.stack, 0, ip4(CLOSED_IP), 24, LK_ADDR_PREFERRED, 0), 0);
    if (!(flags & WITHOUT_DHCP_SERVER))
        start_dhcp_server(n);
    start_dns_server(n);
    if (!(flags & WITHOUT_WEB))
        start_web_server(n);
    start_client(n, url);
    for (int steps = 0; steps < 100000 && n->fetch.step != LK_FETCH_DONE && n->fetch.step != LK_FETCH_FAILED; steps++) {
        lk_run_tick(&n->client.run, n->now);
        lk_run_tick(&n->server.run, n->now);
        browse(n);
        serve(n);
        bool moved = carry(n, &n->client, &n->server);
        moved = carry(n, &n->server, &n->client) || moved;
        lk_time next = lk_time_min(lk_run_deadline(&n->client.run), lk_run_deadline(&n->server.run));
        if (!moved && next > n->now && next != LK_NEVER)
            n->now = next;
    }
    return n;
}

static void end(struct net *n)
{
    for (size_t i = 0; i < n->blocks; i++)
        free(n->memory[i]);
    free(n->client.arena);
    free(n->server.arena);
    free(n);
}

static void whole(const struct net *n)
{
    ck_assert_msg(n->fetch.step == LK_FETCH_DONE, "%s: %s", lk_fetch_step_name(n->fetch.failed_at), n->fetch.what);
    ck_assert_uint_eq(n->got_len, PAGE);
    ck_assert_uint_eq(n->fetch.received, PAGE);
    ck_assert_uint_eq(n->fetch.status, 200);
    for (size_t i = 0; i < PAGE; i++)
        ck_assert_uint_eq(n->got[i], octet(i));
}

static void failed(struct net *n, enum lk_fetch_step at_step, int error, const char *what)
{
    ck_assert_int_eq(n->fetch.step, LK_FETCH_FAILED);
    ck_assert_str_eq(lk_fetch_step_name(n->fetch.failed_at), lk_fetch_step_name(at_step));
    ck_assert_str_eq(lk_error_name(n->fetch.error), lk_error_name(error));
    if (what != NULL)
        ck_assert_str_eq(n->fetch.what, what);
    end(n);
}

/* ---- tests ---- */

START_TEST(every_step_comes_in_turn_and_the_page_is_whole)
{
    struct net *n = fetch("http://one.test/x", WITH_LEASE);
    whole(n);
    ck_assert(n->seen[LK_FETCH_LEASE] && n->seen[LK_FETCH_RESOLVE] && n->seen[LK_FETCH_CONNECT] && n->seen[LK_FETCH_CONTENT] && n->seen[LK_FETCH_DONE]);
    ck_assert_uint_eq(n->fetch.length, PAGE);
    end(n);
}
END_TEST

START_TEST(a_configured_address_needs_no_lease_and_an_address_in_the_url_no_name)
{
    struct net *n = fetch("http://10.0.0.1/", WITHOUT_DHCP_SERVER | WITHOUT_DNS);
    whole(n);
    ck_assert(!n->seen[LK_FETCH_LEASE] && !n->seen[LK_FETCH_RESOLVE]);
    end(n);
}
END_TEST

START_TEST(a_length_that_is_not_known_before_is_said_so)
{
    struct net *n = fetch("http://one.test/", CHUNKED);
    whole(n);
    ck_assert(n->fetch.length == UINT64_MAX);
    end(n);
}
END_TEST

START_TEST(a_further_address_is_tried_when_one_refuses)
{
    struct net *n = fetch("http://two.test/", 0);
    whole(n);
    ck_assert_uint_eq(n->fetch.addresses, 2);
    ck_assert_uint_eq(n->fetch.tried, 2);
    end(n);
}
END_TEST

START_TEST(each_failure_names_its_step)
{
    failed(fetch("http://one.test/", WITH_LEASE | WITHOUT_DHCP_SERVER), LK_FETCH_LEASE, LK_E_TIMEDOUT, "no DHCP server answered");
    failed(fetch("http://none.test/", 0), LK_FETCH_RESOLVE, LK_E_NOTFOUND, "there is no such name");
    failed(fetch("http://text.test/", 0), LK_FETCH_RESOLVE, LK_E_NOTFOUND, "the name has no IPv4 address");
    failed(fetch("http://www.elsewhere/", 0), LK_FETCH_RESOLVE, LK_E_CONNREFUSED, "the DNS servers refuse to answer, or fail");
    failed(fetch("http://one.test/", WITHOUT_DNS), LK_FETCH_RESOLVE, LK_E_DESTADDRREQ, "no DNS server is known");
    failed(fetch("http://one.test/", WITHOUT_WEB), LK_FETCH_CONNECT, LK_E_CONNREFUSED, NULL);
    failed(fetch("http://one.test:81/", 0), LK_FETCH_CONNECT, LK_E_CONNREFUSED, NULL);
    failed(fetch("http://203.0.113.1/", 0), LK_FETCH_CONNECT, LK_E_NETUNREACH, "there is no route to the server");
}
END_TEST

START_TEST(content_that_is_cut_short_fails_and_what_came_was_handed_out)
{
    struct net *n = fetch("http://one.test/", CUT_SHORT);
    ck_assert(n->got_len > 0 && n->got_len <= PAGE / 2);
    ck_assert_uint_eq(n->got_len, n->fetch.received);
    failed(n, LK_FETCH_CONTENT, LK_E_CONNRESET, NULL);
}
END_TEST

START_TEST(every_step_has_a_name)
{
    for (int step = 0; step <= LK_FETCH_FAILED; step++)
        ck_assert(lk_fetch_step_name((enum lk_fetch_step)step)[0] != '?');
    ck_assert_str_eq(lk_fetch_step_name((enum lk_fetch_step)(LK_FETCH_FAILED + 1)), "?");
}
END_TEST

SUITE("run/fetch", every_step_comes_in_turn_and_the_page_is_whole, a_configured_address_needs_no_lease_and_an_address_in_the_url_no_name,
    a_length_that_is_not_known_before_is_said_so, a_further_address_is_tried_when_one_refuses, each_failure_names_its_step,
    content_that_is_cut_short_fails_and_what_came_was_handed_out, every_step_has_a_name)
