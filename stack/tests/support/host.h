/* A host under test: 10.0.0.1/24 with link address 02:..:01 on interface 0, a default route by 10.0.0.254. Frames are built
 * with the wire room, handed in as heap blocks of their exact size, pulled one at a time; after each step every
 * invariant of the stack is checked. Its neighbour is 10.0.0.2 at 02:..:02. */
#ifndef LK_TESTS_HOST_H
#define LK_TESTS_HOST_H

#include "stack/base/error.h"
#include "stack/host/stack.h"
#include "stack/tests/support/run.h"
#include "stack/wire/arp.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"
#include <stdlib.h>
#include <string.h>

#define MS LK_MILLISECOND
#define S LK_SECOND
#define US_IP 0x0a000001u
#define PEER_IP 0x0a000002u
#define GATEWAY_IP 0x0a0000feu
#define FAR_IP 0xc0000201u /* 192.0.2.1, behind the gateway */

static const uint8_t our_mac[6] = {2, 0, 0, 0, 0, 1};
static const uint8_t peer_mac[6] = {2, 0, 0, 0, 0, 2};
static const uint8_t other_mac[6] = {2, 0, 0, 0, 0, 9};
static const uint8_t everyone[6] = {255, 255, 255, 255, 255, 255};
static const uint8_t no_mac[6];

struct host {
    void *arena;
    size_t size;
    struct lk_stack *stack;
    struct lk_config config;
    lk_time now;
    struct lk_frame frame; /* as last given or pulled */
    uint8_t out[2048];     /* the frame pulled last */
    struct lk_ethernet eth;
    struct lk_arp arp;
    struct lk_ipv4 ip;
    struct lk_icmpv4 icmp;
    struct lk_udp udp;
    struct lk_tcp tcp;
};

static inline struct lk_addr ip4(uint32_t address)
{
    return lk_addr_from_ip4(address);
}

static inline struct lk_endpoint at(uint32_t address, uint16_t port)
{
    struct lk_endpoint e = {.iface = LK_ANY, .port = port};
    if (address != 0)
        e.address = ip4(address);
    return e;
}

static inline void sound(const struct host *h)
{
    const char *where = "";
    ck_assert_msg(lk_stack_check(h->stack, &where) == 0, "broken: %s", where);
}

/* ---- beginning and ending ---- */

static inline struct lk_config plain_config(const char *profile)
{
    struct lk_config config;
    ck_assert_int_eq(lk_config_init(&config, profile), 0);
    memcpy(config.iface[0].mac, our_mac, 6);
    return config;
}

static inline struct host *host_bare(struct lk_config config)
{
    static const uint8_t seed[32] = {1, 2, 3, 4};
    struct host *h = calloc(1, sizeof *h);
    h->config = config;
    h->size = lk_stack_footprint(&config);
    ck_assert_uint_gt(h->size, 0);
    h->arena = aligned_alloc(64, (h->size + 63) / 64 * 64);
    ck_assert_int_eq(lk_stack_init(h->arena, h->size, &config, 0, seed), 0);
    h->stack = h->arena;
    sound(h);
    return h;
}

static inline struct host *host_with(struct lk_config config)
{
    struct host *h = host_bare(config);
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(US_IP), 24, LK_ADDR_PREFERRED, 0), 0);
    ck_assert_int_eq(lk_route_add(h->stack, ip4(0), 0, ip4(GATEWAY_IP), 0, 0), 0);
    return h;
}

static inline struct host *host_new(void)
{
    return host_with(plain_config("rfc"));
}

/* The same, with the peer's link address pinned, for tests that are not about ARP. */
static inline struct host *host_near(void)
{
    struct host *h = host_new();
    ck_assert_int_eq(lk_neighbour_set(h->stack, 0, ip4(PEER_IP), peer_mac, 0), 0);
    return h;
}

static inline void host_free(struct host *h)
{
    sound(h);
    free(h->arena);
    free(h);
}

/* ---- frames in ---- */

static inline int give_on(struct host *h, uint32_t iface, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    memcpy(copy, bytes, len);
    h->frame = (struct lk_frame){.size_of = sizeof h->frame, .iface = iface, .bytes = copy, .len = len};
    int became = lk_stack_rx(h->stack, &h->frame, h->now);
    free(copy);
    sound(h);
    return became;
}

static inline int give(struct host *h, const uint8_t *bytes, size_t len)
{
    return give_on(h, 0, bytes, len);
}

static inline size_t ether(uint8_t *frame, const uint8_t to[6], const uint8_t from[6], uint16_t type, const uint8_t *payload, size_t len)
{
    struct lk_ethernet e = {.type = type, .payload = payload, .payload_len = len};
    memcpy(e.destination, to, 6);
    memcpy(e.source, from, 6);
    return (size_t)lk_ethernet_emit(&e, frame, 14 + len);
}

static inline int give_arp(struct host *h, const uint8_t to[6], uint16_t op, const uint8_t sha[6], uint32_t spa, const uint8_t tha[6], uint32_t tpa)
{
    uint8_t packet[28], frame[42];
    struct lk_arp arp = {.op = op, .spa = spa, .tpa = tpa};
    memcpy(arp.sha, sha, 6);
    memcpy(arp.tha, tha, 6);
    lk_arp_emit(&arp, packet, sizeof packet);
    return give(h, frame, ether(frame, to, sha, LK_ETHERTYPE_ARP, packet, sizeof packet));
}

/* The answer to a request of ours. */
static inline int give_arp_reply(struct host *h, const uint8_t mac[6], uint32_t ip)
{
    return give_arp(h, our_mac, LK_ARP_REPLY, mac, ip, our_mac, US_IP);
}

static inline int give_arp_request(struct host *h, const uint8_t mac[6], uint32_t ip, uint32_t target)
{
    return give_arp(h, everyone, LK_ARP_REQUEST, mac, ip, no_mac, target);
}

/* What a test varies of an IP header. */
struct as {
    uint32_t from, to;
    uint8_t protocol;
    const uint8_t *link; /* destination link address; NULL: ours */
    uint16_t offset;
    uint8_t flags, ttl, tos;
    const uint8_t *options;
    size_t options_len;
};

static inline size_t ip_frame(uint8_t *frame, size_t cap, struct as a, const uint8_t *payload, size_t len)
{
    uint8_t packet[2048];
    struct lk_ipv4 ip = {.type_of_service = a.tos, .time_to_live = a.ttl == 0 ? 64 : a.ttl, .protocol = a.protocol, .flags = a.flags, .fragment_offset = a.offset,
                         .source_address = a.from, .destination_address = a.to, .options = a.options, .options_len = a.options_len,
                         .payload = payload, .payload_len = len};
    int total = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    ck_assert_int_gt(total, 0);
    ck_assert_uint_ge(cap, (size_t)total + 14);
    return ether(frame, a.link == NULL ? our_mac : a.link, peer_mac, LK_ETHERTYPE_IPV4, packet, (size_t)total);
}

static inline int give_ip(struct host *h, struct as a, const uint8_t *payload, size_t len)
{
    uint8_t frame[2048];
    return give(h, frame, ip_frame(frame, sizeof frame, a, payload, len));
}

static inline int give_icmp(struct host *h, struct as a, uint8_t type, uint8_t code, uint32_t rest, const uint8_t *data, size_t len)
{
    uint8_t message[1600];
    struct lk_icmpv4 m = {.type = type, .code = code, .rest_of_header = rest, .payload = data, .payload_len = len};
    int total = lk_icmpv4_emit_summed(&m, message, sizeof message);
    a.protocol = LK_PROTOCOL_ICMP;
    return give_ip(h, a, message, (size_t)total);
}

static inline int give_echo(struct host *h, struct as a, const char *data)
{
    return give_icmp(h, a, LK_ICMPV4_ECHO, 0, lk_icmpv4_rest_echo(7, 1), (const uint8_t *)data, strlen(data));
}

static inline int give_udp(struct host *h, struct as a, uint16_t from, uint16_t to, const char *data)
{
    uint8_t datagram[1600];
    struct lk_udp u = {.source_port = from, .destination_port = to, .payload = (const uint8_t *)data, .payload_len = strlen(data)};
    uint64_t pseudo = lk_checksum_pseudo_ipv4(a.from, a.to, LK_PROTOCOL_UDP, (uint16_t)(8 + strlen(data)));
    int total = lk_udp_emit_summed(&u, pseudo, datagram, sizeof datagram);
    a.protocol = LK_PROTOCOL_UDP;
    return give_ip(h, a, datagram, (size_t)total);
}

static const struct as from_peer = {.from = PEER_IP, .to = US_IP};

/* ---- frames out ---- */

/* The next frame on any interface, taken apart. 0: none. */
static inline int pull_on(struct host *h, uint32_t iface)
{
    h->frame = (struct lk_frame){.size_of = sizeof h->frame, .bytes = h->out, .cap = sizeof h->out};
    int len = lk_stack_tx(h->stack, iface, &h->frame, h->now);
    ck_assert_int_ge(len, 0);
    sound(h);
    if (len == 0)
        return 0;
    ck_assert_uint_eq(h->frame.len, (size_t)len);
    ck_assert_int_eq(lk_ethernet_parse(h->out, (size_t)len, &h->eth), 14);
    if (h->eth.type == LK_ETHERTYPE_ARP)
        ck_assert_int_eq(lk_arp_parse(h->eth.payload, h->eth.payload_len, &h->arp), 28);
    if (h->eth.type != LK_ETHERTYPE_IPV4)
        return len;
    ck_assert_int_eq(lk_ipv4_parse(h->eth.payload, h->eth.payload_len, &h->ip), 20);
    ck_assert(lk_ipv4_checksum_ok(h->eth.payload, 20));
    ck_assert_uint_eq(h->ip.total_length, h->eth.payload_len);
    ck_assert_uint_gt(h->ip.time_to_live, 0);
    uint64_t pseudo = lk_checksum_pseudo_ipv4(h->ip.source_address, h->ip.destination_address, h->ip.protocol, (uint16_t)h->ip.payload_len);
    if (h->ip.protocol == LK_PROTOCOL_ICMP) {
        ck_assert_int_eq(lk_icmpv4_parse(h->ip.payload, h->ip.payload_len, &h->icmp), 8);
        ck_assert(lk_icmpv4_checksum_ok(h->ip.payload, h->ip.payload_len));
    } else if (h->ip.protocol == LK_PROTOCOL_UDP) {
        ck_assert_int_eq(lk_udp_parse(h->ip.payload, h->ip.payload_len, &h->udp), 8);
        ck_assert_uint_ne(h->udp.checksum, 0);
        ck_assert(lk_udp_checksum_ok(h->ip.payload, h->ip.payload_len, pseudo));
    } else if (h->ip.protocol == LK_PROTOCOL_TCP) {
        ck_assert_int_gt(lk_tcp_parse(h->ip.payload, h->ip.payload_len, &h->tcp), 0);
        ck_assert(lk_tcp_checksum_ok(h->ip.payload, h->ip.payload_len, pseudo));
    }
    return len;
}

static inline int pull(struct host *h)
{
    return pull_on(h, LK_ANY);
}

static inline void nothing_more(struct host *h)
{
    ck_assert_int_eq(pull(h), 0);
}

static inline void pulls_arp_request(struct host *h, uint32_t target)
{
    ck_assert_int_gt(pull(h), 0);
    ck_assert_uint_eq(h->eth.type, LK_ETHERTYPE_ARP);
    ck_assert_uint_eq(h->arp.op, LK_ARP_REQUEST);
    ck_assert_uint_eq(h->arp.tpa, target);
}

static inline void pulls_ip(struct host *h, uint8_t protocol)
{
    ck_assert_int_gt(pull(h), 0);
    ck_assert_uint_eq(h->eth.type, LK_ETHERTYPE_IPV4);
    ck_assert_uint_eq(h->ip.protocol, protocol);
}

static inline bool mac_is(const uint8_t a[6], const uint8_t b[6])
{
    return memcmp(a, b, 6) == 0;
}

static inline void tick_to(struct host *h, lk_time now)
{
    h->now = now;
    lk_stack_tick(h->stack, now);
    sound(h);
}

/* A UDP socket bound to a port of any address. */
static inline lk_socket udp_on(struct host *h, uint16_t port)
{
    lk_socket s;
    struct lk_endpoint local = at(0, port);
    ck_assert_int_eq(lk_sock_open(h->stack, LK_UDP, &s, h->now), 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, s, &local, h->now), 0);
    return s;
}

static inline int64_t send_udp_to(struct host *h, lk_socket s, const char *data, uint32_t to, uint16_t port)
{
    struct lk_endpoint remote = at(to, port);
    return lk_sock_send_to(h->stack, s, data, strlen(data), &remote, NULL, h->now);
}

#define SUITE(name, ...)                                                                                                         \
    int main(void)                                                                                                               \
    {                                                                                                                            \
        const TTest *const tests[] = {__VA_ARGS__};                                                                       \
        Suite *suite = suite_create(name);                                                                                       \
        TCase *tc = tcase_create(name);                                                                                          \
        tcase_set_timeout(tc, 120); /* sanitizers are slow */                                                                    \
        for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++)                                                              \
            tcase_add_test(tc, tests[i]);                                                                                        \
        suite_add_tcase(suite, tc);                                                                                              \
        return run_suite(suite);                                                                                                 \
    }

#endif
