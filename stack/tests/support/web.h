/* Two hosts on a wire in memory, a client with our HTTP client on one, a server with our HTTP server on the other. Frames take a
 * millisecond; nothing is lost unless `drop` says so. The pages are `path` -> `length` octets of a pattern. */
#ifndef LK_TESTS_WEB_H
#define LK_TESTS_WEB_H

#include "stack/apps/http_client.h"
#include "stack/apps/http_server.h"
#include "stack/tests/support/host.h"
#include <stdio.h>

#define WEB_WIRE 4096

struct web_frame { uint8_t *bytes; size_t len; lk_time at; int to; };

struct web {
    struct host *host[2];       /* 0: client 10.0.0.1, 1: server 10.0.0.2 */
    struct lk_http_client *client;
    struct lk_http_server *server;
    struct web_frame wire[WEB_WIRE];
    uint32_t head, tail;
    lk_time now;
    uint64_t frames;
    bool check;                 /* every invariant after every step */
};

static inline struct host *web_host(struct lk_config config, uint32_t address, const uint8_t mac[6])
{
    memcpy(config.iface[0].mac, mac, 6);
    struct host *h = host_bare(config);
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(address), 24, LK_ADDR_PREFERRED, 0), 0);
    return h;
}

static inline struct lk_config web_config(uint32_t connections, uint32_t buffer)
{
    struct lk_config config = plain_config("linux");
    config.tcp.connections = connections;
    config.tcp.active = connections;
    config.tcp.send_buffer = buffer;
    config.tcp.receive_buffer = buffer;
    config.tcp.msl = 1 * S;
    return config;
}

static inline struct web *web_new(struct lk_config config, const struct lk_http_client_config *cc, const struct lk_http_server_config *sc)
{
    struct web *w = calloc(1, sizeof *w);
    w->check = true;
    w->host[0] = web_host(config, US_IP, our_mac);
    w->host[1] = web_host(config, PEER_IP, peer_mac);
    if (cc != NULL) {
        size_t size = lk_http_client_footprint(cc);
        ck_assert_uint_gt(size, 0);
        w->client = aligned_alloc(64, (size + 63) / 64 * 64);
        ck_assert_int_eq(lk_http_client_init(w->client, size, cc, 0), 0);
    }
    if (sc != NULL) {
        size_t size = lk_http_server_footprint(sc);
        ck_assert_uint_gt(size, 0);
        w->server = aligned_alloc(64, (size + 63) / 64 * 64);
        ck_assert_int_eq(lk_http_server_init(w->server, size, sc, 0), 0);
        ck_assert_int_eq(lk_http_server_start(w->server, w->host[1]->stack, 0), 0);
    }
    return w;
}

static inline void web_free(struct web *w)
{
    for (; w->head != w->tail; w->head++)
        free(w->wire[w->head % WEB_WIRE].bytes);
    host_free(w->host[0]);
    host_free(w->host[1]);
    free(w->client);
    free(w->server);
    free(w);
}

static inline void web_pull(struct web *w, int from)
{
    uint8_t bytes[2048];
    for (;;) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = bytes, .cap = sizeof bytes};
        int n = lk_stack_tx(w->host[from]->stack, LK_ANY, &f, w->now);
        ck_assert_int_ge(n, 0);
        if (n == 0)
            return;
        w->frames++;
        ck_assert_uint_lt(w->tail - w->head, WEB_WIRE);
        struct web_frame *at = &w->wire[w->tail++ % WEB_WIRE];
        *at = (struct web_frame){.bytes = malloc((size_t)n), .len = (size_t)n, .at = w->now + MS, .to = 1 - from};
        memcpy(at->bytes, bytes, (size_t)n);
    }
}

static inline void web_deliver(struct web *w)
{
    while (w->head != w->tail && w->wire[w->head % WEB_WIRE].at <= w->now) {
        struct web_frame *at = &w->wire[w->head++ % WEB_WIRE];
        struct lk_frame f = {.size_of = sizeof f, .bytes = at->bytes, .len = at->len};
        lk_stack_rx(w->host[at->to]->stack, &f, w->now);
        free(at->bytes);
    }
}

static inline void web_events(struct web *w)
{
    struct lk_event_sock e;
    for (int i = 0; i < 2; i++) {
        lk_stack_tick(w->host[i]->stack, w->now);
        if (w->check)
            sound(w->host[i]);
    }
    if (w->client != NULL) {
        lk_http_client_app.tick(w->client, w->host[0]->stack, w->now);
        while (lk_stack_event(w->host[0]->stack, &e))
            lk_http_client_app.event(w->client, w->host[0]->stack, &e, w->now);
    }
    if (w->server != NULL) {
        lk_http_server_app.tick(w->server, w->host[1]->stack, w->now);
        while (lk_stack_event(w->host[1]->stack, &e))
            lk_http_server_app.event(w->server, w->host[1]->stack, &e, w->now);
    }
}

/* Until when nothing happens by itself. */
static inline lk_time web_deadline(const struct web *w)
{
    lk_time least = w->head != w->tail ? w->wire[w->head % WEB_WIRE].at : LK_NEVER;
    for (int i = 0; i < 2; i++)
        least = lk_time_min(least, lk_stack_deadline(w->host[i]->stack));
    if (w->client != NULL)
        least = lk_time_min(least, lk_http_client_app.deadline(w->client));
    if (w->server != NULL)
        least = lk_time_min(least, lk_http_server_app.deadline(w->server));
    return least;
}

/* Sends what is owed, lets time go on to the next thing that happens and takes it in. False: nothing will happen any more. */
static inline bool web_step(struct web *w)
{
    web_pull(w, 0);
    web_pull(w, 1);
    lk_time next = web_deadline(w);
    if (next == LK_NEVER)
        return false;
    w->now = next > w->now ? next : w->now;
    web_deliver(w);
    web_events(w);
    return true;
}

static inline uint8_t web_octet(uint64_t n)
{
    return (uint8_t)(n * 2654435761u >> 13);
}

#endif
