/* The host of world.h and its oracles. */
#include "fuzz/common/world.h"
#include "fuzz/common/verdict.h"
#include "stack/wire/arp.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/udp.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#include <sanitizer/msan_interface.h>
#define CHECK_INITIALISED(bytes, len) __msan_check_mem_is_initialized(bytes, len)
#endif
#endif
#ifndef CHECK_INITIALISED
#define CHECK_INITIALISED(bytes, len) ((void)(bytes), (void)(len))
#endif

#define OWN 0x0a090001u
#define PEER 0x0a090002u
static const uint8_t own_mac[6] = {2, 0, 0, 0, 0, 1}, peer_mac[6] = {2, 0, 0, 0, 0, 2};

/* ---- the host, built once for each profile ---- */

struct built { void *arena, *work; size_t size; struct lk_world world; };

static void must(int64_t result, const char *target, const char *what)
{
    if (result < 0) lk_fuzz_fail(target, what);
}

static void configure(struct lk_config *config, const char *profile, const char *target)
{
    must(lk_config_init(config, profile), target, "no such profile");
    memcpy(config->iface[0].mac, own_mac, 6);
    config->iface[0].mtu = 1500;
    config->tcp.connections = 16;
    config->tcp.active = 6;
    config->tcp.segments = 128;
    config->tcp.out_of_order = 32;
    config->tcp.send_buffer = config->tcp.receive_buffer = 16384;
    config->intents = 16;
    config->neighbours = 8;
    config->neighbour_queue = 4;
    config->udp_queue = 4;
    config->udp_queue_bytes = 256;
}

static void build(struct built *b, const char *target, const char *profile)
{
    struct lk_config config;
    struct lk_world *w = &b->world;
    struct lk_endpoint any80 = {.iface = LK_ANY, .port = 80}, any53 = {.iface = LK_ANY, .port = 53}, from = {.iface = LK_ANY, .port = 6000};
    struct lk_endpoint to = {.address = lk_addr_from_ip4(PEER), .iface = LK_ANY, .port = 7000};
    static const uint8_t seed[32] = {1, 2, 3};
    configure(&config, profile, target);
    b->size = lk_stack_footprint(&config);
    must(b->size ? 0 : -1, target, "no footprint");
    b->arena = aligned_alloc(16, (b->size + 15) / 16 * 16);
    b->work = aligned_alloc(16, (b->size + 15) / 16 * 16);
    if (!b->arena || !b->work) exit(0);
    w->stack = b->arena;
    w->now = LK_SECOND;
    must(lk_stack_init(b->arena, b->size, &config, w->now, seed), target, "init");
    must(lk_addr_add(w->stack, 0, lk_addr_from_ip4(OWN), 24, LK_ADDR_PREFERRED, w->now), target, "address");
    must(lk_neighbour_set(w->stack, 0, lk_addr_from_ip4(PEER), peer_mac, w->now), target, "neighbour");
    must(lk_sock_open(w->stack, LK_TCP, &w->listener, w->now), target, "open");
    must(lk_sock_bind(w->stack, w->listener, &any80, w->now), target, "bind");
    must(lk_sock_listen(w->stack, w->listener, 4, w->now), target, "listen");
    must(lk_sock_open(w->stack, LK_UDP, &w->udp, w->now), target, "open");
    must(lk_sock_bind(w->stack, w->udp, &any53, w->now), target, "bind");
    must(lk_sock_open(w->stack, LK_TCP, &w->client, w->now), target, "open");
    must(lk_sock_bind(w->stack, w->client, &from, w->now), target, "bind");
    must(lk_sock_connect(w->stack, w->client, &to, w->now), target, "connect");
}

void lk_world_reset(struct lk_world *world, const char *target, const char *profile)
{
    static struct built built[2];
    struct built *b = &built[!strcmp(profile, "rfc")];
    if (!b->arena) {
        build(b, target, profile);
        if (getenv("LOCKSTEP_MATRIX")) atexit(lk_world_matrix);
    }
    *world = b->world;
    world->target = target;
    world->stack = b->work;
    if (lk_stack_copy(b->work, b->size, b->arena) < 0) lk_fuzz_fail(target, "copy");
}

/* ---- oracles ---- */

static void check_transport(struct lk_world *w, const struct lk_ipv4 *ip)
{
    uint64_t pseudo = lk_checksum_pseudo_ipv4(ip->source_address, ip->destination_address, ip->protocol, (uint16_t)ip->payload_len);
    struct lk_tcp tcp;
    struct lk_tcp_options options;
    struct lk_udp udp;
    struct lk_icmpv4 icmp;
    switch (ip->protocol) {
    case 6:
        if (lk_tcp_parse(ip->payload, ip->payload_len, &tcp) < 0) lk_fuzz_fail(w->target, "emitted a TCP header that does not parse");
        if (!lk_tcp_checksum_ok(ip->payload, ip->payload_len, pseudo)) lk_fuzz_fail(w->target, "emitted a wrong TCP checksum (RFC9293-MUST-2)");
        if (lk_tcp_options_parse(tcp.options, tcp.options_len, &options) < 0 || options.wrong_size) lk_fuzz_fail(w->target, "emitted malformed TCP options (RFC9293-MUST-68)");
        if ((options.present & LK_TCP_HAS(LK_TCP_OPT_MSS)) && !(tcp.control & LK_TCP_SYN)) lk_fuzz_fail(w->target, "MSS option without SYN (RFC9293-MUST-65)");
        if ((tcp.control & LK_TCP_SYN) && (tcp.control & (LK_TCP_FIN | LK_TCP_RST))) lk_fuzz_fail(w->target, "SYN with FIN or RST");
        if (tcp.reserved) lk_fuzz_fail(w->target, "reserved bits set");
        break;
    case 17:
        if (lk_udp_parse(ip->payload, ip->payload_len, &udp) < 0) lk_fuzz_fail(w->target, "emitted a UDP header that does not parse");
        if (!lk_udp_checksum_ok(ip->payload, ip->payload_len, pseudo)) lk_fuzz_fail(w->target, "emitted a wrong UDP checksum");
        break;
    case 1:
        if (lk_icmpv4_parse(ip->payload, ip->payload_len, &icmp) < 0) lk_fuzz_fail(w->target, "emitted an ICMP header that does not parse");
        if (!lk_icmpv4_checksum_ok(ip->payload, ip->payload_len)) lk_fuzz_fail(w->target, "emitted a wrong ICMP checksum");
        break;
    default: lk_fuzz_fail(w->target, "emitted a protocol it does not speak");
    }
}

static void check_emitted(struct lk_world *w, const uint8_t *frame, size_t len)
{
    struct lk_ethernet eth;
    struct lk_ipv4 ip;
    struct lk_arp arp;
    CHECK_INITIALISED(frame, len);
    if (lk_ethernet_parse(frame, len, &eth) < 0) lk_fuzz_fail(w->target, "emitted a frame that does not parse");
    if (memcmp(frame + 6, own_mac, 6)) lk_fuzz_fail(w->target, "emitted a frame with a foreign source");
    if (eth.type == LK_ETHERTYPE_ARP) {
        if (lk_arp_parse(frame + 14, len - 14, &arp) < 0) lk_fuzz_fail(w->target, "emitted an ARP packet that does not parse");
        return;
    }
    if (eth.type != LK_ETHERTYPE_IPV4) lk_fuzz_fail(w->target, "emitted an unknown type");
    if (len - 14 > 1500) lk_fuzz_fail(w->target, "emitted more than the MTU");
    if (lk_ipv4_parse(frame + 14, len - 14, &ip) < 0) lk_fuzz_fail(w->target, "emitted an IPv4 header that does not parse");
    if (!lk_ipv4_checksum_ok(frame + 14, len - 14)) lk_fuzz_fail(w->target, "emitted a wrong IPv4 checksum");
    if (ip.source_address != OWN) lk_fuzz_fail(w->target, "emitted a foreign source address");
    check_transport(w, &ip);
}

static void check_state(struct lk_world *w)
{
    const char *where = "an invariant";
    if (lk_stack_check(w->stack, &where) != 0) lk_fuzz_fail(w->target, where);
}

/* ---- steps ---- */

void lk_world_drain(struct lk_world *w)
{
    for (uint32_t n = 0;; n++) {
        uint8_t room[1600];
        struct lk_frame f = {.size_of = sizeof f, .bytes = room, .cap = sizeof room};
        int len = lk_stack_tx(w->stack, LK_ANY, &f, w->now);
        uint8_t *exact;
        if (len == 0) break;
        if (len < 0) lk_fuzz_fail(w->target, lk_error_name(len));
        if (n >= LK_WORLD_BURST) lk_fuzz_fail(w->target, "frames without end in one step");
        w->emitted++;
        if (!(exact = malloc((size_t)len))) exit(0);
        memcpy(exact, room, (size_t)len);
        check_emitted(w, exact, (size_t)len);
        lk_fuzz_seen(false, w->now, exact, (size_t)len);
        if (w->out) w->out(w->context, exact, (size_t)len);
        free(exact);
    }
}

/* The TCP segment in a frame and the state of the connection it belongs to; false when it carries none. */
static bool state_before(struct lk_world *w, const uint8_t *frame, size_t len, struct lk_tcp *tcp, int *state)
{
    struct lk_ipv4 ip;
    struct lk_sock_info info;
    struct lk_endpoint local = {.iface = LK_ANY}, remote = {.iface = LK_ANY};
    if (len < 34 || lk_ipv4_parse(frame + 14, len - 14, &ip) < 0 || ip.protocol != 6 || lk_tcp_parse(ip.payload, ip.payload_len, tcp) < 0) return false;
    local.address = lk_addr_from_ip4(ip.destination_address);
    local.port = tcp->destination_port;
    remote.address = lk_addr_from_ip4(ip.source_address);
    remote.port = tcp->source_port;
    *state = lk_tuple_info(w->stack, &local, &remote, &info) >= 0 ? info.state : tcp->destination_port == 80 ? LK_TCP_LISTEN : LK_TCP_CLOSED;
    return true;
}

void lk_world_frame(struct lk_world *w, const uint8_t *frame, size_t len)
{
    struct lk_tcp tcp;
    int state = 0;
    uint8_t *exact = calloc(1, len ? len : 1);
    struct lk_frame f = {.size_of = sizeof f, .bytes = exact, .len = len};
    int r;
    if (!exact) exit(0);
    if (len) memcpy(exact, frame, len);
    lk_fuzz_seen(true, w->now, exact, len);
    if (!state_before(w, exact, len, &tcp, &state)) state = -1;
    r = lk_stack_rx(w->stack, &f, w->now);
    if (state >= 0) lk_world_mark(state, &tcp, r);
    if (r < 0 || r >= LK_RX_COUNT) lk_fuzz_fail(w->target, "rx returned no disposition");
    if (len && memcmp(exact, frame, len)) lk_fuzz_fail(w->target, "rx wrote into a received frame");
    free(exact);
    check_state(w);
}

void lk_world_pass(struct lk_world *w, lk_time time)
{
    lk_time until = time > LK_NEVER - 1 - w->now ? LK_NEVER - 1 : w->now + time;
    uint32_t still = 0;
    for (uint32_t n = 0;; n++) {
        lk_time deadline = lk_stack_deadline(w->stack);
        if (deadline > until) break;
        if (n > LK_WORLD_STEPS) lk_fuzz_fail(w->target, "timers without end in one step of time");
        still = deadline <= w->now ? still + 1 : 0;
        if (still > 64) lk_fuzz_fail(w->target, "the deadline does not move on");
        if (deadline > w->now) w->now = deadline;
        lk_stack_tick(w->stack, w->now);
        lk_world_drain(w);
    }
    w->now = until;
    lk_stack_tick(w->stack, w->now);
    check_state(w);
}

static void read_all(struct lk_world *w, lk_socket s)
{
    uint8_t buffer[512];
    for (uint32_t n = 0; n < 64; n++)
        if (lk_sock_recv(w->stack, s, buffer, sizeof buffer, 0, w->now) <= 0) return;
}

void lk_world_application(struct lk_world *w)
{
    struct lk_event_sock event;
    struct lk_endpoint remote, local;
    uint8_t buffer[256];
    lk_socket accepted;
    uint32_t n = 0;
    while (lk_stack_event(w->stack, &event))
        if (++n > 1000) lk_fuzz_fail(w->target, "events without end");
    if (lk_sock_accept(w->stack, w->listener, &accepted, &remote, w->now) >= 0) w->accepted = accepted;
    if (w->accepted) read_all(w, w->accepted);
    read_all(w, w->client);
    (void)lk_sock_recv_from(w->stack, w->udp, buffer, sizeof buffer, &remote, &local, w->now);
}

/* ---- repair ---- */

static void store16(uint8_t *at, uint16_t value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

void lk_world_repair(uint8_t *frame, size_t len)
{
    uint8_t *ip = frame + 14, *up;
    size_t header, total;
    uint64_t pseudo;
    if (len < 14 + 20 || frame[12] != 8 || frame[13] != 0) return;
    header = (size_t)(ip[0] & 15) * 4;
    total = len - 14;
    if (header < 20 || header > total || total > 65535) return;
    store16(ip + 2, (uint16_t)total);
    store16(ip + 10, 0);
    store16(ip + 10, lk_checksum_finish(lk_checksum_add(0, ip, header)));
    up = ip + header;
    total -= header;
    pseudo = lk_checksum_pseudo_ipv4((uint32_t)ip[12] << 24 | (uint32_t)ip[13] << 16 | (uint32_t)ip[14] << 8 | ip[15],
                                     (uint32_t)ip[16] << 24 | (uint32_t)ip[17] << 16 | (uint32_t)ip[18] << 8 | ip[19], ip[9], (uint16_t)total);
    if (ip[9] == 6 && total >= 20) {
        store16(up + 16, 0);
        store16(up + 16, lk_checksum_finish(lk_checksum_add(pseudo, up, total)));
    } else if (ip[9] == 17 && total >= 8) {
        store16(up + 4, (uint16_t)total);
        store16(up + 6, 0);
        store16(up + 6, lk_checksum_finish(lk_checksum_add(pseudo, up, total)));
    } else if (ip[9] == 1 && total >= 4) {
        store16(up + 2, 0);
        store16(up + 2, lk_checksum_finish(lk_checksum_add(0, up, total)));
    }
}

/* ---- protocol-state coverage ---- */

#define CLASSES 32
#define OUTCOMES LK_RX_COUNT

/* libFuzzer reads this section as counters of its own. `used`, because nothing here reads the array otherwise. */
__attribute__((used, section("__libfuzzer_extra_counters"))) static volatile uint8_t matrix[LK_TCP_STATES * CLASSES * OUTCOMES];
static uint8_t reached[LK_TCP_STATES * CLASSES * OUTCOMES]; /* over all inputs; the fuzzer clears the other before each */

void lk_world_mark(int state, const struct lk_tcp *s, int outcome)
{
    unsigned kind = (s->control & LK_TCP_SYN ? 1u : 0) | (s->control & LK_TCP_RST ? 2u : 0) | (s->control & LK_TCP_FIN ? 4u : 0) |
                    (s->control & LK_TCP_ACK ? 8u : 0) | (s->payload_len ? 16u : 0);
    size_t at;
    if (state < 0 || state >= LK_TCP_STATES || outcome < 0 || outcome >= OUTCOMES) return;
    at = ((size_t)state * CLASSES + kind) * OUTCOMES + (size_t)outcome;
    if (matrix[at] < 255) matrix[at] = (uint8_t)(matrix[at] + 1);
    reached[at] = 1;
}

void lk_world_matrix(void)
{
    static const char *const names[] = {"CLOSED", "LISTEN", "SYN-SENT", "SYN-RECEIVED", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "CLOSE-WAIT", "CLOSING", "LAST-ACK", "TIME-WAIT"};
    for (int s = 0; s < LK_TCP_STATES; s++) {
        int cells = 0;
        for (size_t i = 0; i < CLASSES * OUTCOMES; i++) cells += reached[(size_t)s * CLASSES * OUTCOMES + i];
        fprintf(stderr, "%-13s %d cells\n", names[s], cells);
    }
}
