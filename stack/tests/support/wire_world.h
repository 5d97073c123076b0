/* Hosts on one Ethernet in memory, each a stack with applications beside it; every frame reaches all the others at once. Virtual time
 * goes from deadline to deadline. Each DHCP message and ARP packet that passes is noted, and may be lost. */
#ifndef LK_TESTS_WIRE_WORLD_H
#define LK_TESTS_WIRE_WORLD_H

#include "stack/apps/app.h"
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/wire/arp.h"
#include "stack/wire/dhcp.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/udp.h"
#include <stdio.h>
#include <string.h>

#define MS LK_MILLISECOND
#define S LK_SECOND
#define WORLD_HOSTS 4
#define WORLD_NOTES 512

struct note { /* one frame that passed */
    lk_time at;
    uint32_t from;        /* host, or WORLD_HOSTS: put there by the test */
    uint16_t type;        /* EtherType */
    uint8_t to[6];
    struct lk_arp arp;
    uint32_t src, dst;    /* of IP */
    uint16_t sport, dport;
    uint8_t message;      /* DHCP message type, 0: none */
    struct lk_dhcp dhcp;  /* slices point into bytes */
    uint8_t bytes[1600];
    size_t len;
};

struct world_host {
    struct lk_stack *stack;
    struct lk_app app[2];
    uint32_t apps;
    uint8_t mac[6];
};

struct world {
    struct world_host host[WORLD_HOSTS];
    uint32_t hosts;
    lk_time now;
    bool (*lose)(const struct note *n, void *what); /* NULL: nothing is lost */
    void *what;
    struct note note[WORLD_NOTES];
    uint32_t notes;
};

static inline struct world *world_new(void)
{
    return calloc(1, sizeof(struct world));
}

/* A host with one interface and no address. Its link address is 02:00:00:00:01:INDEX. */
static inline uint32_t world_host_with(struct world *w, struct lk_config config)
{
    uint32_t index = w->hosts++;
    struct world_host *h = &w->host[index];
    uint8_t mac[6] = {2, 0, 0, 0, 1, (uint8_t)index}, seed[32] = {(uint8_t)(index + 1)};
    memcpy(h->mac, mac, 6);
    memcpy(config.iface[0].mac, mac, 6);
    size_t size = lk_stack_footprint(&config);
    h->stack = aligned_alloc(64, (size + 63) / 64 * 64);
    ck_assert_int_eq(lk_stack_init(h->stack, size, &config, w->now, seed), 0);
    return index;
}

static inline uint32_t world_host(struct world *w)
{
    struct lk_config config;
    ck_assert_int_eq(lk_config_init(&config, "rfc"), 0);
    return world_host_with(w, config);
}

static inline void world_app(struct world *w, uint32_t host, const struct lk_app_kind *kind, void *self)
{
    struct world_host *h = &w->host[host];
    h->app[h->apps++] = (struct lk_app){kind, self};
}

static inline void world_free(struct world *w)
{
    for (uint32_t i = 0; i < w->hosts; i++)
        free(w->host[i].stack);
    free(w);
}

/* Takes a frame apart as far as a test wants to look. */
static inline void note_read(struct note *n)
{
    struct lk_ethernet e;
    struct lk_ipv4 ip;
    struct lk_udp udp;
    uint8_t type = 0;
    if (lk_ethernet_parse(n->bytes, n->len, &e) < 0)
        return;
    n->type = e.type;
    memcpy(n->to, e.destination, 6);
    if (e.type == LK_ETHERTYPE_ARP)
        lk_arp_parse(e.payload, e.payload_len, &n->arp);
    if (e.type != LK_ETHERTYPE_IPV4 || lk_ipv4_parse(e.payload, e.payload_len, &ip) < 0 || ip.protocol != LK_PROTOCOL_UDP)
        return;
    n->src = ip.source_address;
    n->dst = ip.destination_address;
    if (lk_udp_parse(ip.payload, ip.payload_len, &udp) < 0)
        return;
    n->sport = udp.source_port;
    n->dport = udp.destination_port;
    if (lk_dhcp_parse(udp.payload, udp.payload_len, &n->dhcp) > 0 && lk_dhcp_get_8(&n->dhcp, LK_DHCP_OPT_MESSAGE_TYPE, &type) == 0)
        n->message = type;
}

static inline void world_events(struct world *w, struct world_host *h)
{
    struct lk_event_sock event;
    while (lk_stack_event(h->stack, &event))
        for (uint32_t i = 0; i < h->apps; i++)
            if (h->app[i].kind->event(h->app[i].self, h->stack, &event, w->now))
                break;
}

static inline void world_deliver(struct world *w, uint32_t from, const uint8_t *bytes, size_t len)
{
    for (uint32_t i = 0; i < w->hosts; i++) {
        struct world_host *h = &w->host[i];
        uint8_t *copy = malloc(len);
        memcpy(copy, bytes, len);
        struct lk_frame frame = {.size_of = sizeof frame, .bytes = copy, .len = len};
        if (i != from && ((bytes[0] & 1) != 0 || memcmp(bytes, h->mac, 6) == 0)) {
            ck_assert_int_ge(lk_stack_rx(h->stack, &frame, w->now), 0);
            world_events(w, h);
        }
        free(copy);
    }
}

/* Sends a frame that came from `from`; noted, and delivered unless it is lost. */
static inline void world_send(struct world *w, uint32_t from, const uint8_t *bytes, size_t len)
{
    ck_assert_uint_lt(w->notes, WORLD_NOTES);
    ck_assert_uint_le(len, sizeof w->note[0].bytes);
    struct note *n = &w->note[w->notes++];
    *n = (struct note){.at = w->now, .from = from, .len = len};
    memcpy(n->bytes, bytes, len);
    note_read(n);
    if (w->lose == NULL || !w->lose(n, w->what))
        world_deliver(w, from, bytes, len);
}

static inline bool world_pull(struct world *w)
{
    bool any = false;
    for (uint32_t i = 0; i < w->hosts; i++) {
        uint8_t bytes[1600];
        struct lk_frame frame = {.size_of = sizeof frame, .bytes = bytes, .cap = sizeof bytes};
        while (lk_stack_tx(w->host[i].stack, LK_ANY, &frame, w->now) > 0) {
            world_send(w, i, bytes, frame.len);
            any = true;
        }
    }
    return any;
}

static inline lk_time world_deadline(const struct world *w)
{
    lk_time t = LK_NEVER;
    for (uint32_t i = 0; i < w->hosts; i++) {
        const struct world_host *h = &w->host[i];
        t = lk_time_min(t, lk_stack_deadline(h->stack));
        for (uint32_t k = 0; k < h->apps; k++)
            t = lk_time_min(t, h->app[k].kind->deadline(h->app[k].self));
    }
    return t;
}

static inline void world_tick(struct world *w)
{
    for (uint32_t i = 0; i < w->hosts; i++) {
        struct world_host *h = &w->host[i];
        const char *where = "";
        lk_stack_tick(h->stack, w->now);
        for (uint32_t k = 0; k < h->apps; k++)
            h->app[k].kind->tick(h->app[k].self, h->stack, w->now);
        world_events(w, h);
        ck_assert_msg(lk_stack_check(h->stack, &where) == 0, "broken: %s", where);
    }
}

/* Runs until `until`, and everything due then has happened. */
static inline void world_run(struct world *w, lk_time until)
{
    for (uint32_t steps = 0;; steps++) {
        ck_assert_uint_lt(steps, 100000);
        while (world_pull(w))
            ;
        lk_time next = world_deadline(w);
        if (next > until)
            break;
        if (next > w->now)
            w->now = next;
        world_tick(w);
    }
    w->now = until;
}

/* The k-th message of a type that passed (0: the first), or NULL. */
static inline const struct note *world_message(const struct world *w, uint8_t type, uint32_t k)
{
    for (uint32_t i = 0; i < w->notes; i++)
        if (w->note[i].message == type && k-- == 0)
            return &w->note[i];
    return NULL;
}

static inline uint32_t world_count(const struct world *w, uint8_t type)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < w->notes; i++)
        count += w->note[i].message == type;
    return count;
}

#endif
