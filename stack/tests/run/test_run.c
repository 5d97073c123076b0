/* The loop over one host: here a router between two links, with applications that count what they are told. */
#include "stack/run/run.h"
#include "stack/tests/support/host.h"

#define LEFT_IP 0x0a000001u
#define RIGHT_IP 0x0a010001u
#define FAR 0x0a010009u

struct counter { lk_time due; uint32_t ticks, events; lk_socket mine; };

static lk_time counter_deadline(const void *self)
{
    return ((const struct counter *)self)->due;
}

static void counter_tick(void *self, struct lk_stack *stack, lk_time now)
{
    struct counter *c = self;
    (void)stack;
    c->ticks++;
    ck_assert_int_le(c->due, now);
    c->due = LK_NEVER;
}

static bool counter_event(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now)
{
    struct counter *c = self;
    (void)stack, (void)now;
    c->events += event->socket == c->mine;
    return event->socket == c->mine;
}

static const struct lk_app_kind counter_kind = {"counter", counter_deadline, counter_tick, counter_event};

struct box {
    struct host *h;
    struct lk_run run;
    void *memory;
    uint8_t scratch[2048];
    struct counter counter[2];
};

static struct box *box_new(bool shared)
{
    static const uint8_t seed[32] = {1};
    struct box *b = calloc(1, sizeof *b);
    struct lk_config config = plain_config("rfc");
    config.ifaces = 2;
    config.iface[1] = config.iface[0];
    config.iface[1].mac[5] = 7;
    config.iface[1].mtu = 600;
    config.forwarding = true;
    config.forward_queue = 8;
    b->h = host_bare(config);
    lk_addr_add(b->h->stack, 0, ip4(LEFT_IP), 24, shared ? LK_ADDR_SHARED : LK_ADDR_PREFERRED, 0);
    lk_addr_add(b->h->stack, 1, ip4(RIGHT_IP), 24, LK_ADDR_PREFERRED, 0);
    lk_neighbour_set(b->h->stack, 0, ip4(PEER_IP), peer_mac, 0);
    lk_neighbour_set(b->h->stack, 1, ip4(FAR), other_mac, 0);
    struct lk_gateway_config g;
    lk_gateway_config_init(&g);
    g.ifaces = 2;
    g.iface[0] = (struct lk_gateway_iface){.address = ip4(LEFT_IP), .prefix = 24, .mtu = 1500};
    g.iface[1] = (struct lk_gateway_iface){.address = ip4(RIGHT_IP), .prefix = 24, .mtu = 600};
    size_t size = lk_gateway_footprint(&g);
    b->memory = aligned_alloc(64, (size + 63) / 64 * 64);
    ck_assert_int_eq(lk_gateway_init(b->memory, size, &g, 0, seed), 0);
    b->run = (struct lk_run){.stack = b->h->stack, .gateway = b->memory, .apps = 2, .scratch = b->scratch, .scratch_size = sizeof b->scratch};
    for (int i = 0; i < 2; i++) {
        b->counter[i].due = LK_NEVER;
        b->run.app[i] = (struct lk_app){&counter_kind, &b->counter[i]};
    }
    return b;
}

static void box_free(struct box *b)
{
    host_free(b->h);
    free(b->memory);
    free(b);
}

static int run_rx(struct box *b, const uint8_t *frame, size_t len, int *verdict)
{
    uint8_t *copy = malloc(len);
    memcpy(copy, frame, len);
    struct lk_frame f = {.size_of = sizeof f, .bytes = copy, .len = len};
    int became = lk_run_rx(&b->run, &f, b->h->now, verdict);
    free(copy);
    return became;
}

static size_t udp_frame(uint8_t *frame, size_t cap, struct as a, size_t len)
{
    static const uint8_t filler[1400];
    uint8_t datagram[1500];
    struct lk_udp u = {.source_port = 9, .destination_port = 9, .payload = filler, .payload_len = len};
    uint64_t pseudo = lk_checksum_pseudo_ipv4(a.from, a.to, LK_PROTOCOL_UDP, (uint16_t)(8 + len));
    int total = lk_udp_emit_summed(&u, pseudo, datagram, sizeof datagram);
    a.protocol = LK_PROTOCOL_UDP;
    return ip_frame(frame, cap, a, datagram, (size_t)total);
}

/* The next frame by lk_run_tx(), taken apart as IP alone. */
static int run_tx(struct box *b)
{
    struct host *h = b->h;
    h->frame = (struct lk_frame){.size_of = sizeof h->frame, .bytes = h->out, .cap = sizeof h->out};
    int len = lk_run_tx(&b->run, LK_ANY, &h->frame, h->now);
    ck_assert_int_ge(len, 0);
    if (len > 0) {
        lk_ethernet_parse(h->out, (size_t)len, &h->eth);
        lk_ipv4_parse(h->eth.payload, h->eth.payload_len, &h->ip);
    }
    return len;
}

START_TEST(a_packet_for_another_host_goes_through_the_gateway)
{
    struct box *b = box_new(false);
    uint8_t frame[1600];
    int verdict;
    size_t len = udp_frame(frame, sizeof frame, (struct as){.from = PEER_IP, .to = FAR}, 20);
    ck_assert_int_eq(run_rx(b, frame, len, &verdict), LK_RX_FORWARD);
    ck_assert_int_eq(verdict, LK_GATEWAY_FORWARD);
    ck_assert_int_gt(run_tx(b), 0);
    ck_assert_uint_eq(b->h->frame.iface, 1);
    ck_assert(mac_is(b->h->eth.destination, other_mac));
    ck_assert_uint_eq(b->h->ip.time_to_live, 63);
    ck_assert_uint_eq(b->run.forwarded, 1);
    ck_assert_int_eq(run_tx(b), 0);
    box_free(b);
}
END_TEST

START_TEST(an_error_of_the_gateway_goes_back)
{
    struct box *b = box_new(false);
    uint8_t frame[1600];
    int verdict;
    size_t len = udp_frame(frame, sizeof frame, (struct as){.from = PEER_IP, .to = FAR, .ttl = 1}, 20);
    ck_assert_int_eq(run_rx(b, frame, len, &verdict), LK_RX_FORWARD);
    ck_assert_int_eq(verdict, LK_GATEWAY_ANSWER);
    ck_assert_int_gt(run_tx(b), 0);
    ck_assert_uint_eq(b->h->frame.iface, 0);
    ck_assert_uint_eq(b->h->ip.destination_address, PEER_IP);
    box_free(b);
}
END_TEST

START_TEST(all_fragments_of_a_packet_leave)
{
    struct box *b = box_new(false);
    uint8_t frame[1600];
    size_t len = udp_frame(frame, sizeof frame, (struct as){.from = PEER_IP, .to = FAR}, 1400), payload = 0;
    run_rx(b, frame, len, NULL);
    while (run_tx(b) > 0)
        payload += b->h->ip.payload_len;
    ck_assert_uint_eq(payload, 1408);
    ck_assert_uint_eq(b->run.forwarded, 3);
    box_free(b);
}
END_TEST

START_TEST(what_the_gateway_has_no_use_for_is_the_hosts)
{
    struct box *b = box_new(true);
    uint8_t frame[1600];
    int verdict;
    lk_socket s = udp_on(b->h, 9);
    b->counter[1].mine = s;
    size_t len = udp_frame(frame, sizeof frame, (struct as){.from = PEER_IP, .to = LEFT_IP}, 20);
    ck_assert_int_eq(run_rx(b, frame, len, &verdict), LK_RX_FORWARD);
    ck_assert_int_eq(verdict, LK_GATEWAY_LOCAL);
    ck_assert_uint_ne(lk_sock_bits(b->h->stack, s) & LK_SOCK_READABLE, 0);
    ck_assert_uint_eq(b->counter[1].events, 1); /* and the application to whom the socket belongs has been told */
    ck_assert_uint_eq(b->counter[0].events, 0);
    b->run.gateway = NULL; /* and with nobody to ask at all */
    ck_assert_int_eq(run_rx(b, frame, len, &verdict), LK_RX_FORWARD);
    ck_assert_int_eq(verdict, -1);
    struct lk_counters counters;
    lk_stack_counters(b->h->stack, &counters);
    ck_assert_uint_eq(counters.rx[LK_RX_ACCEPTED], 2);
    box_free(b);
}
END_TEST

START_TEST(what_the_stack_has_no_room_for_is_counted)
{
    struct box *b = box_new(false);
    uint8_t frame[1600];
    size_t len = udp_frame(frame, sizeof frame, (struct as){.from = PEER_IP, .to = FAR}, 20);
    for (int i = 0; i < 9; i++)
        run_rx(b, frame, len, NULL);
    ck_assert_uint_eq(b->run.forwarded, 8);
    ck_assert_uint_eq(b->run.unforwarded, 1);
    box_free(b);
}
END_TEST

START_TEST(a_neighbour_that_does_not_answer_is_reported_to_the_sender) /* RFC 1812 4.3.3.1: host unreachable */
{
    struct box *b = box_new(false);
    uint8_t frame[1600];
    size_t len = udp_frame(frame, sizeof frame, (struct as){.from = PEER_IP, .to = FAR + 1}, 20);
    run_rx(b, frame, len, NULL);
    int asked = 0;
    for (b->h->now = 0; b->h->now < 10 * S && b->run.forwarded < 2; b->h->now = lk_run_deadline(&b->run)) {
        lk_run_tick(&b->run, b->h->now);
        while (run_tx(b) > 0)
            asked += b->h->eth.type == LK_ETHERTYPE_ARP;
        sound(b->h);
    }
    ck_assert_int_eq(asked, 3);
    ck_assert_uint_eq(b->h->ip.destination_address, PEER_IP);
    ck_assert_uint_eq(b->h->ip.protocol, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(b->h->ip.payload[0], LK_ICMPV4_DESTINATION_UNREACHABLE);
    ck_assert_uint_eq(b->h->ip.payload[1], LK_ICMPV4_HOST_UNREACHABLE);
    box_free(b);
}
END_TEST

START_TEST(the_deadline_is_the_least_of_all)
{
    struct box *b = box_new(false);
    uint8_t frame[1600];
    ck_assert_int_eq(lk_run_deadline(&b->run), LK_NEVER);
    b->counter[1].due = 5 * S;
    ck_assert_int_eq(lk_run_deadline(&b->run), 5 * S);
    lk_run_tick(&b->run, 4 * S);
    ck_assert_uint_eq(b->counter[1].ticks, 0);
    lk_run_tick(&b->run, 5 * S);
    ck_assert_uint_eq(b->counter[1].ticks, 1);
    b->h->now = 5 * S;
    run_rx(b, frame, udp_frame(frame, sizeof frame, (struct as){.from = PEER_IP, .to = FAR}, 20), NULL);
    ck_assert_int_eq(lk_run_deadline(&b->run), 5 * S); /* a frame can be pulled */
    box_free(b);
}
END_TEST

SUITE("run", a_packet_for_another_host_goes_through_the_gateway, an_error_of_the_gateway_goes_back, all_fragments_of_a_packet_leave,
      what_the_gateway_has_no_use_for_is_the_hosts, what_the_stack_has_no_room_for_is_counted,
      a_neighbour_that_does_not_answer_is_reported_to_the_sender, the_deadline_is_the_least_of_all)
