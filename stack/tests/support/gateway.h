/* A gateway under test: 192.168.1.1/24 inside on interface 0, 203.0.113.1/24 on interface 1 with the default route by
 * 203.0.113.254 (the outside, where there is a NAT), 10.2.0.1/16 with an MTU of 576 on interface 2. Packets are built with the wire
 * room and handed in as heap blocks of their exact size; after each step every invariant is checked, and what leaves is taken
 * apart with its checksums verified. */
#ifndef LK_TESTS_GATEWAY_H
#define LK_TESTS_GATEWAY_H

#include "stack/base/bytes.h"
#include "stack/gateway/gateway.h"
#include "stack/tests/support/run.h"
#include "stack/wire/checksum.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"
#include <stdlib.h>
#include <string.h>

#define S LK_SECOND
#define IN_IP 0xc0a80101u    /* 192.168.1.1 */
#define OUT_IP 0xcb007101u   /* 203.0.113.1 */
#define SLOW_IP 0x0a020001u  /* 10.2.0.1 */
#define UPLINK 0xcb0071feu   /* 203.0.113.254 */
#define ALICE 0xc0a8010au    /* 192.168.1.10 */
#define BOB 0xc0a8010bu      /* 192.168.1.11 */
#define SLOW 0x0a020005u     /* 10.2.0.5 */
#define SERVER 0xc6336401u   /* 198.51.100.1, behind the uplink */
#define OTHER 0xc6336402u    /* 198.51.100.2 */

enum { INSIDE = 0, OUTSIDE = 1, SLOW_LINK = 2 };

struct gw {
    void *memory;
    struct lk_gateway *g;
    struct lk_gateway_config config;
    lk_time now;
    uint8_t bytes[4096];
    struct lk_gateway_out out;
    struct lk_ipv4 ip; /* what left last */
    struct lk_icmpv4 icmp;
    struct lk_udp udp;
    struct lk_tcp tcp;
    bool link_broadcast;
    bool any_sum; /* do not verify the transport checksum of what leaves */
};

/* What a test varies of an IP packet. */
struct pkt {
    uint32_t from, to;
    uint8_t protocol, ttl, tos, flags;
    uint16_t id, offset;
    const uint8_t *options;
    size_t options_len;
};

static inline struct lk_addr ip4(uint32_t address)
{
    return lk_addr_from_ip4(address);
}

static inline void sound(const struct gw *w)
{
    const char *where = "";
    ck_assert_msg(lk_gateway_check(w->g, &where) == 0, "broken: %s", where);
}

static inline struct lk_gateway_config router_config(void)
{
    struct lk_gateway_config c;
    lk_gateway_config_init(&c);
    c.ifaces = 3;
    c.iface[INSIDE] = (struct lk_gateway_iface){.address = ip4(IN_IP), .prefix = 24, .mtu = 1500};
    c.iface[OUTSIDE] = (struct lk_gateway_iface){.address = ip4(OUT_IP), .prefix = 24, .mtu = 1500, .outside = true};
    c.iface[SLOW_LINK] = (struct lk_gateway_iface){.address = ip4(SLOW_IP), .prefix = 16, .mtu = 576};
    return c;
}

static inline struct lk_gateway_config nat_config(void)
{
    struct lk_gateway_config c = router_config();
    c.mappings = 64;
    c.sessions = 64;
    return c;
}

static inline struct gw *gw_with(struct lk_gateway_config config)
{
    static const uint8_t seed[32] = {5, 6, 7};
    struct gw *w = calloc(1, sizeof *w);
    size_t size = lk_gateway_footprint(&config);
    ck_assert_uint_gt(size, 0);
    w->config = config;
    w->memory = aligned_alloc(64, (size + 63) / 64 * 64);
    ck_assert_int_eq(lk_gateway_init(w->memory, size, &config, 0, seed), 0);
    w->g = w->memory;
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0), 0, ip4(UPLINK), OUTSIDE), 0);
    sound(w);
    return w;
}

static inline struct gw *router(void)
{
    return gw_with(router_config());
}

static inline struct gw *nat(void)
{
    return gw_with(nat_config());
}

static inline void gw_free(struct gw *w)
{
    sound(w);
    free(w->memory);
    free(w);
}

/* Takes apart what stands in w->out. */
static inline void take_apart(struct gw *w)
{
    const uint8_t *b = w->out.bytes;
    int header = lk_ipv4_parse(b, w->out.len, &w->ip);
    ck_assert_int_ge(header, 20);
    ck_assert_uint_eq(w->ip.total_length, w->out.len);
    ck_assert(lk_ipv4_checksum_ok(b, (size_t)header));
    ck_assert_uint_gt(w->ip.time_to_live, 0);
    memset(&w->icmp, 0, sizeof w->icmp), memset(&w->udp, 0, sizeof w->udp), memset(&w->tcp, 0, sizeof w->tcp);
    if (w->ip.fragment_offset != 0 || (w->ip.flags & LK_IPV4_MF) != 0)
        return;
    uint64_t pseudo = lk_checksum_pseudo_ipv4(w->ip.source_address, w->ip.destination_address, w->ip.protocol, (uint16_t)w->ip.payload_len);
    const uint8_t *payload = w->ip.payload;
    size_t len = w->ip.payload_len;
    bool right = true;
    if (w->ip.protocol == LK_PROTOCOL_ICMP && lk_icmpv4_parse(payload, len, &w->icmp) > 0)
        right = lk_icmpv4_checksum_ok(payload, len);
    else if (w->ip.protocol == LK_PROTOCOL_UDP && lk_udp_parse(payload, len, &w->udp) > 0)
        right = lk_udp_checksum_ok(payload, len, pseudo);
    else if (w->ip.protocol == LK_PROTOCOL_TCP && lk_tcp_parse(payload, len, &w->tcp) > 0)
        right = lk_tcp_checksum_ok(payload, len, pseudo);
    ck_assert(right || w->any_sum);
}

/* Hands in bytes as they are. */
static inline int give_bytes(struct gw *w, uint32_t iface, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    memcpy(copy, bytes, len);
    struct lk_gateway_in in = {.iface = iface, .packet = copy, .len = len, .link_broadcast = w->link_broadcast};
    memset(w->bytes, 0xee, sizeof w->bytes);
    w->out = (struct lk_gateway_out){.bytes = w->bytes, .cap = sizeof w->bytes};
    int verdict = lk_gateway_step(w->g, &in, &w->out, w->now);
    free(copy);
    sound(w);
    if (verdict == LK_GATEWAY_FORWARD || verdict == LK_GATEWAY_ANSWER)
        take_apart(w);
    return verdict;
}

static inline int more(struct gw *w)
{
    w->out = (struct lk_gateway_out){.bytes = w->bytes, .cap = sizeof w->bytes};
    int verdict = lk_gateway_more(w->g, &w->out, w->now);
    sound(w);
    if (verdict >= 0)
        take_apart(w);
    return verdict;
}

static inline size_t build(uint8_t *buf, size_t cap, struct pkt a, const uint8_t *payload, size_t len)
{
    struct lk_ipv4 ip = {.type_of_service = a.tos, .flags = a.flags, .time_to_live = a.ttl == 0 ? 64 : a.ttl, .protocol = a.protocol,
                         .identification = a.id, .fragment_offset = a.offset, .source_address = a.from, .destination_address = a.to,
                         .options = a.options, .options_len = a.options_len, .payload = payload, .payload_len = len};
    int total = lk_ipv4_emit_summed(&ip, buf, cap);
    ck_assert_int_gt(total, 0);
    return (size_t)total;
}

static inline int give(struct gw *w, uint32_t iface, struct pkt a, const uint8_t *payload, size_t len)
{
    uint8_t buf[4096];
    return give_bytes(w, iface, buf, build(buf, sizeof buf, a, payload, len));
}

static inline size_t udp_of(uint8_t *buf, size_t cap, struct pkt a, uint16_t sport, uint16_t dport, size_t len)
{
    static const uint8_t filler[3000];
    struct lk_udp u = {.source_port = sport, .destination_port = dport, .payload = filler, .payload_len = len};
    uint64_t pseudo = lk_checksum_pseudo_ipv4(a.from, a.to, LK_PROTOCOL_UDP, (uint16_t)(8 + len));
    int total = lk_udp_emit_summed(&u, pseudo, buf, cap);
    ck_assert_int_gt(total, 0);
    return (size_t)total;
}

static inline int give_udp(struct gw *w, uint32_t iface, struct pkt a, uint16_t sport, uint16_t dport, size_t len)
{
    uint8_t datagram[3200];
    a.protocol = LK_PROTOCOL_UDP;
    return give(w, iface, a, datagram, udp_of(datagram, sizeof datagram, a, sport, dport, len));
}

static inline size_t tcp_of(uint8_t *buf, size_t cap, struct pkt a, uint16_t sport, uint16_t dport, uint8_t control, size_t len)
{
    static const uint8_t filler[1500], mss[4] = {2, 4, 5, 0xb4};
    struct lk_tcp t = {.source_port = sport, .destination_port = dport, .sequence_number = 1000, .acknowledgment_number = 2000,
                       .control = control, .window = 5000, .payload = filler, .payload_len = len};
    if ((control & LK_TCP_SYN) != 0)
        t.options = mss, t.options_len = sizeof mss;
    uint64_t pseudo = lk_checksum_pseudo_ipv4(a.from, a.to, LK_PROTOCOL_TCP, (uint16_t)(20 + t.options_len + len));
    int total = lk_tcp_emit_summed(&t, pseudo, buf, cap);
    ck_assert_int_gt(total, 0);
    return (size_t)total;
}

static inline int give_tcp(struct gw *w, uint32_t iface, struct pkt a, uint16_t sport, uint16_t dport, uint8_t control)
{
    uint8_t segment[200];
    a.protocol = LK_PROTOCOL_TCP;
    return give(w, iface, a, segment, tcp_of(segment, sizeof segment, a, sport, dport, control, 0));
}

static inline size_t icmp_of(uint8_t *buf, size_t cap, uint8_t type, uint8_t code, uint32_t rest, const uint8_t *data, size_t len)
{
    struct lk_icmpv4 m = {.type = type, .code = code, .rest_of_header = rest, .payload = data, .payload_len = len};
    int total = lk_icmpv4_emit_summed(&m, buf, cap);
    ck_assert_int_gt(total, 0);
    return (size_t)total;
}

static inline int give_icmp(struct gw *w, uint32_t iface, struct pkt a, uint8_t type, uint8_t code, uint32_t rest, const uint8_t *data, size_t len)
{
    uint8_t message[2000];
    a.protocol = LK_PROTOCOL_ICMP;
    return give(w, iface, a, message, icmp_of(message, sizeof message, type, code, rest, data, len));
}

static inline int give_echo(struct gw *w, uint32_t iface, struct pkt a, uint16_t id)
{
    static const uint8_t data[8] = "abcdefg";
    return give_icmp(w, iface, a, LK_ICMPV4_ECHO, 0, lk_icmpv4_rest_echo(id, 1), data, sizeof data);
}

/* What left is an ICMP message of that kind to whoever sent the packet. */
static inline void answers(const struct gw *w, uint32_t from, uint32_t to, uint8_t type, uint8_t code)
{
    ck_assert_uint_eq(w->ip.protocol, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(w->ip.source_address, from);
    ck_assert_uint_eq(w->ip.destination_address, to);
    ck_assert_uint_eq(w->icmp.type, type);
    ck_assert_uint_eq(w->icmp.code, code);
}

#define ALL(name, ...)                                                  \
    int main(void)                                                      \
    {                                                                   \
        const TTest *const tests[] = {__VA_ARGS__};                     \
        return run_tests(name, tests, sizeof tests / sizeof tests[0]);  \
    }

#endif
