/* What the two machine targets of DHCP share: one stack with one interface, messages to and from it, and the reading of an input.
 *
 * An input is a list of events, each a byte that says which, then its bytes; what is missing at the end is 0. */
#ifndef LK_FUZZ_DHCP_WIRE_H
#define LK_FUZZ_DHCP_WIRE_H

#include "fuzz/common/law.h"
#include "fuzz/common/verdict.h"
#include "stack/apps/app.h"
#include "stack/base/error.h"
#include "stack/wire/arp.h"
#include "stack/wire/dhcp.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/udp.h"

#define DHCP_EVENTS_MOST 200
#define DHCP_STEPS_MOST 2000 /* deadlines that an input may let pass */

static const uint8_t dhcp_our_mac[6] = {2, 0, 0, 0, 0, 1}, dhcp_their_mac[6] = {2, 0, 0, 0, 0, 2}, dhcp_everyone[6] = {255, 255, 255, 255, 255, 255};

struct dhcp_bench {
    const char *target;
    struct lk_stack *stack;
    const struct lk_app_kind *kind;
    void *app;
    lk_time now, began;
    uint64_t into, out; /* frames */
    uint32_t steps;     /* deadlines passed so far */
    void (*seen)(void *context, const uint8_t *frame, size_t len); /* each frame that comes out */
    void *context;
};

static inline void dhcp_must(const struct dhcp_bench *b, bool holds, const char *what)
{
    if (!holds)
        lk_fuzz_fail(b->target, what);
}

static inline struct lk_stack *dhcp_stack(void)
{
    static const uint8_t seed[32] = {9};
    struct lk_config config;
    law(lk_config_init(&config, "rfc") == 0, "a configuration");
    memcpy(config.iface[0].mac, dhcp_our_mac, 6);
    config.tcp.connections = config.tcp.active = config.tcp.listeners = 1; /* nobody speaks TCP here; a small stack is built fast */
    config.tcp.segments = config.tcp.out_of_order = 1;
    config.tcp.send_buffer = config.tcp.receive_buffer = 2048;
    size_t size = lk_stack_footprint(&config);
    law(size > 0, "a sound configuration");
    struct lk_stack *stack = aligned_alloc(64, (size + 63) / 64 * 64);
    law(stack != NULL && lk_stack_init((void *)stack, size, &config, 0, seed) == 0, "a stack");
    return stack;
}

static inline void dhcp_handle(struct dhcp_bench *b)
{
    struct lk_event_sock event;
    const char *where = "?";
    while (lk_stack_event(b->stack, &event))
        b->kind->event(b->app, b->stack, &event, b->now);
    dhcp_must(b, lk_stack_check(b->stack, &where) == 0, where);
}

/* Whoever is asked for by ARP answers, so that unicast leaves; a probe or an announcement is nobody's question. */
static inline void dhcp_answer(struct dhcp_bench *b, const uint8_t *frame, size_t len)
{
    uint8_t packet[LK_ARP_LEN], bytes[64];
    struct lk_ethernet e;
    struct lk_arp arp;
    if (lk_ethernet_parse(frame, len, &e) < 0 || e.type != LK_ETHERTYPE_ARP || lk_arp_parse(e.payload, e.payload_len, &arp) < 0)
        return;
    if (arp.op != LK_ARP_REQUEST || arp.spa == 0 || arp.spa == arp.tpa)
        return;
    struct lk_arp reply = {.op = LK_ARP_REPLY, .spa = arp.tpa, .tpa = arp.spa};
    memcpy(reply.sha, dhcp_their_mac, 6);
    memcpy(reply.tha, dhcp_our_mac, 6);
    lk_arp_emit(&reply, packet, sizeof packet);
    struct lk_ethernet out = {.type = LK_ETHERTYPE_ARP, .payload = packet, .payload_len = sizeof packet};
    memcpy(out.destination, dhcp_our_mac, 6);
    memcpy(out.source, dhcp_their_mac, 6);
    struct lk_frame answer = {.size_of = sizeof answer, .bytes = bytes, .len = (size_t)lk_ethernet_emit(&out, bytes, sizeof bytes)};
    lk_stack_rx(b->stack, &answer, b->now);
    b->into++;
}

static inline void dhcp_drain(struct dhcp_bench *b)
{
    for (unsigned i = 0;; i++) {
        uint8_t bytes[2048];
        struct lk_frame frame = {.size_of = sizeof frame, .bytes = bytes, .cap = sizeof bytes};
        int len = lk_stack_tx(b->stack, LK_ANY, &frame, b->now);
        dhcp_must(b, len >= 0 && i < 64, "a step owes a few frames at most");
        if (len == 0)
            return;
        must_be_initialised(bytes, frame.len);
        lk_fuzz_seen(false, b->now, bytes, frame.len);
        b->out++;
        if (b->seen != NULL)
            b->seen(b->context, bytes, frame.len);
        dhcp_answer(b, bytes, frame.len);
    }
}

static inline void dhcp_give(struct dhcp_bench *b, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = exact_copy(bytes, len);
    struct lk_frame frame = {.size_of = sizeof frame, .bytes = copy, .len = len};
    lk_fuzz_seen(true, b->now, bytes, len);
    b->into++;
    lk_stack_rx(b->stack, &frame, b->now);
    free(copy);
    dhcp_handle(b);
    dhcp_drain(b);
}

/* A datagram of `payload`, with the right lengths and no UDP checksum. */
static inline void dhcp_give_udp(struct dhcp_bench *b, const uint8_t *mac, uint16_t from_port, uint16_t to_port, uint32_t from, uint32_t to, const uint8_t *payload, size_t len)
{
    uint8_t datagram[1600], packet[1600], frame[1600];
    struct lk_udp udp = {.source_port = from_port, .destination_port = to_port, .payload = payload, .payload_len = len > 1472 ? 1472 : len};
    int total = lk_udp_emit(&udp, datagram, sizeof datagram);
    struct lk_ipv4 ip = {.time_to_live = 64, .protocol = LK_PROTOCOL_UDP, .source_address = from, .destination_address = to, .payload = datagram, .payload_len = (size_t)total};
    total = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    struct lk_ethernet e = {.type = LK_ETHERTYPE_IPV4, .payload = packet, .payload_len = (size_t)total};
    memcpy(e.destination, to == UINT32_MAX ? dhcp_everyone : dhcp_our_mac, 6);
    memcpy(e.source, mac, 6);
    total = lk_ethernet_emit(&e, frame, sizeof frame);
    dhcp_give(b, frame, (size_t)total);
}

static inline void dhcp_give_arp(struct dhcp_bench *b, uint16_t op, uint32_t spa, uint32_t tpa)
{
    uint8_t packet[LK_ARP_LEN], frame[64];
    struct lk_arp arp = {.op = op, .spa = spa, .tpa = tpa};
    memcpy(arp.sha, dhcp_their_mac, 6);
    lk_arp_emit(&arp, packet, sizeof packet);
    struct lk_ethernet e = {.type = LK_ETHERTYPE_ARP, .payload = packet, .payload_len = sizeof packet};
    memcpy(e.destination, dhcp_everyone, 6);
    memcpy(e.source, dhcp_their_mac, 6);
    int len = lk_ethernet_emit(&e, frame, sizeof frame);
    dhcp_give(b, frame, (size_t)len);
}

/* Time passes; whatever is due on the way happens at its own time. Each instant is passed in a bounded number of steps. An input
 * that has used up its steps stands still. */
static inline void dhcp_pass(struct dhcp_bench *b, lk_time time, void (*each)(void *context))
{
    lk_time until = lk_time_add(b->now, time), last = b->now;
    for (unsigned stuck = 0; b->steps < DHCP_STEPS_MOST; b->steps++) {
        lk_time next = lk_time_min(lk_stack_deadline(b->stack), b->kind->deadline(b->app));
        if (next > until)
            break;
        b->now = next > b->now ? next : b->now;
        stuck = b->now == last ? stuck + 1 : 0;
        last = b->now;
        dhcp_must(b, stuck < 50, "time goes on");
        lk_stack_tick(b->stack, b->now);
        b->kind->tick(b->app, b->stack, b->now);
        dhcp_handle(b);
        dhcp_drain(b);
        if (each != NULL)
            each(b->context);
    }
    if (lk_time_min(lk_stack_deadline(b->stack), b->kind->deadline(b->app)) > until && until != LK_NEVER)
        b->now = until;
}

/* The message in a frame, when there is one. */
static inline bool dhcp_in_frame(const uint8_t *frame, size_t len, struct lk_ipv4 *ip, struct lk_udp *udp, struct lk_dhcp *m)
{
    struct lk_ethernet e;
    return lk_ethernet_parse(frame, len, &e) > 0 && e.type == LK_ETHERTYPE_IPV4 && lk_ipv4_parse(e.payload, e.payload_len, ip) > 0 &&
           ip->protocol == LK_PROTOCOL_UDP && lk_udp_parse(ip->payload, ip->payload_len, udp) > 0 && lk_dhcp_parse(udp->payload, udp->payload_len, m) > 0;
}

static inline bool dhcp_has(const struct lk_dhcp *m, uint8_t code)
{
    uint8_t value[2048];
    return lk_dhcp_get(m, code, value, sizeof value) >= 0;
}

static inline uint32_t dhcp_number(const struct lk_dhcp *m, uint8_t code)
{
    uint32_t value = 0;
    return lk_dhcp_get_32(m, code, &value) == 0 ? value : 0;
}

/* Addresses that an input names by one byte: those that matter, some near them, and any. */
static inline uint32_t dhcp_feed_address(struct feed *f, const uint32_t *known, size_t count)
{
    uint8_t which = feed_8(f);
    return which < count ? known[which] : which == 255 ? feed_32(f) : 0x0a000000u + which;
}

#endif
