/* The client against a server that the test plays by hand. */
#include "stack/apps/dhcp_client.h"
#include "stack/tests/support/wire_world.h"

#define SERVER_IP 0x0a000001u
#define OTHER_SERVER_IP 0x0a000002u
#define ROUTER_IP 0x0a0000feu
#define YOUR_IP 0x0a000064u
#define EVERYBODY 0xffffffffu

static const uint8_t server_mac[6] = {2, 0, 0, 0, 0, 0x67}, everyone[6] = {255, 255, 255, 255, 255, 255};

struct play {
    struct world *w;
    struct lk_dhcp_client *c;
    struct lk_stack *stack;
};

static struct lk_dhcp_client_config plain(void)
{
    struct lk_dhcp_client_config config;
    lk_dhcp_client_config_init(&config);
    return config;
}

static struct play begin_seeded(struct lk_dhcp_client_config config, uint8_t seed0)
{
    uint8_t seed[32] = {seed0};
    struct play p = {.w = world_new()};
    p.stack = p.w->host[world_host(p.w)].stack;
    memcpy(config.mac, p.w->host[0].mac, 6);
    size_t size = lk_dhcp_client_footprint(&config);
    ck_assert_uint_gt(size, 0);
    p.c = malloc(size);
    ck_assert_int_eq(lk_dhcp_client_init(p.c, size, &config, 0, seed), 0);
    world_app(p.w, 0, &lk_dhcp_client_app, p.c);
    ck_assert_int_eq(lk_dhcp_client_start(p.c, p.stack, 0), 0);
    world_run(p.w, 0);
    return p;
}

static struct play begin(struct lk_dhcp_client_config config)
{
    return begin_seeded(config, 1);
}

static void end(struct play p)
{
    free(p.c);
    world_free(p.w);
}

/* ---- what the server sends ---- */

struct say { /* 0: as the client's last message and the constants above have it; numbers that would be 0 are given as NONE */
    uint8_t type;
    uint32_t xid, yiaddr, server, lease, t1, t2, mask, router;
    const uint8_t *chaddr;
    const uint8_t *extra; /* options before the end */
    size_t extra_len;
    bool unicast;
};
#define NONE 0xfffffffeu

static uint32_t number(uint32_t given, uint32_t otherwise)
{
    return given == NONE ? 0 : given != 0 ? given : otherwise;
}

static const struct note *last_said(const struct play *p)
{
    const struct note *last = NULL;
    for (uint32_t i = 0; i < p->w->notes; i++)
        if (p->w->note[i].message != 0 && p->w->note[i].from == 0)
            last = &p->w->note[i];
    return last;
}

static void put(struct lk_dhcp_writer *w, uint8_t code, uint32_t value)
{
    if (value != 0)
        lk_dhcp_put_32(w, code, value);
}

static void send_udp(struct play *p, const uint8_t *payload, size_t len, uint32_t from, uint32_t to)
{
    uint8_t datagram[1500], packet[1500], frame[1514];
    struct lk_udp udp = {.source_port = 67, .destination_port = 68, .payload = payload, .payload_len = len};
    int total = lk_udp_emit(&udp, datagram, sizeof datagram); /* checksum 0: none */
    struct lk_ipv4 ip = {.time_to_live = 64, .protocol = LK_PROTOCOL_UDP, .source_address = from, .destination_address = to, .payload = datagram, .payload_len = (size_t)total};
    total = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    struct lk_ethernet e = {.type = LK_ETHERTYPE_IPV4, .payload = packet, .payload_len = (size_t)total};
    memcpy(e.destination, to == EVERYBODY ? everyone : p->w->host[0].mac, 6);
    memcpy(e.source, server_mac, 6);
    total = lk_ethernet_emit(&e, frame, sizeof frame);
    world_send(p->w, WORLD_HOSTS, frame, (size_t)total);
    world_run(p->w, p->w->now);
}

static void say(struct play *p, struct say s)
{
    uint8_t bytes[600];
    struct lk_dhcp_writer w = {.at = bytes + 240, .cap = sizeof bytes - 240};
    const struct note *asked = last_said(p);
    struct lk_dhcp m = {.op = 2, .htype = 1, .hlen = 6, .xid = number(s.xid, asked->dhcp.xid), .yiaddr = s.type == LK_DHCP_NAK ? 0 : number(s.yiaddr, YOUR_IP)};
    memcpy(m.chaddr, s.chaddr != NULL ? s.chaddr : p->w->host[0].mac, 6);
    lk_dhcp_put_8(&w, LK_DHCP_OPT_MESSAGE_TYPE, s.type);
    put(&w, LK_DHCP_OPT_SERVER_IDENTIFIER, number(s.server, SERVER_IP));
    if (s.type != LK_DHCP_NAK) {
        put(&w, LK_DHCP_OPT_LEASE_TIME, number(s.lease, 3600));
        put(&w, LK_DHCP_OPT_T1, number(s.t1, 0));
        put(&w, LK_DHCP_OPT_T2, number(s.t2, 0));
        put(&w, LK_DHCP_OPT_SUBNET_MASK, number(s.mask, 0xffffff00));
        put(&w, LK_DHCP_OPT_ROUTER, number(s.router, ROUTER_IP));
    }
    memcpy(w.at + w.len, s.extra_len != 0 ? s.extra : (const uint8_t *)"", s.extra_len);
    w.len += s.extra_len;
    m.options_len = lk_dhcp_put_end(&w, 60);
    m.options = w.at;
    int len = lk_dhcp_emit(&m, bytes, sizeof bytes);
    send_udp(p, bytes, (size_t)len, SERVER_IP, s.unicast ? m.yiaddr : EVERYBODY);
}

static void offer(struct play *p)
{
    say(p, (struct say){.type = LK_DHCP_OFFER});
}

static void ack(struct play *p, uint32_t lease)
{
    say(p, (struct say){.type = LK_DHCP_ACK, .lease = lease});
}

static void arp(struct play *p, uint16_t op, uint32_t spa, uint32_t tpa)
{
    uint8_t packet[28], frame[64];
    struct lk_arp a = {.op = op, .spa = spa, .tpa = tpa};
    memcpy(a.sha, server_mac, 6);
    lk_arp_emit(&a, packet, sizeof packet);
    struct lk_ethernet e = {.type = LK_ETHERTYPE_ARP, .payload = packet, .payload_len = 28};
    memcpy(e.destination, everyone, 6);
    memcpy(e.source, server_mac, 6);
    int len = lk_ethernet_emit(&e, frame, sizeof frame);
    world_send(p->w, WORLD_HOSTS, frame, (size_t)len);
    world_run(p->w, p->w->now);
}

static enum lk_dhcp_state state(const struct play *p)
{
    return lk_dhcp_client_state(p->c);
}

static bool has_address(const struct play *p, uint32_t address)
{
    return lk_addr_conflicts(p->stack, 0, lk_addr_from_ip4(address)) >= 0;
}

/* A client that has its lease since the time 0 and answers for ARP's question about the server. */
static struct play bound(uint32_t lease)
{
    struct lk_dhcp_client_config config = plain();
    config.probe = false;
    struct play p = begin(config);
    offer(&p);
    ack(&p, lease);
    ck_assert_int_eq(state(&p), LK_DHCP_BOUND);
    ck_assert_int_eq(lk_neighbour_set(p.stack, 0, lk_addr_from_ip4(SERVER_IP), server_mac, 0), 0);
    p.w->notes = 0;
    return p;
}

static bool has_option(const struct note *n, uint8_t code)
{
    uint8_t value[300];
    return lk_dhcp_get(&n->dhcp, code, value, sizeof value) >= 0;
}

static uint32_t option_32(const struct note *n, uint8_t code)
{
    uint32_t value = 0;
    ck_assert_int_eq(lk_dhcp_get_32(&n->dhcp, code, &value), 0);
    return value;
}

/* When the k-th message of the client passed. */
static lk_time when(const struct play *p, uint8_t type, uint32_t k)
{
    const struct note *n = world_message(p->w, type, k);
    ck_assert_ptr_nonnull(n);
    return n->at;
}

/* ---- what it sends ---- */

START_TEST(discover_is_broadcast_from_nobody_and_asks_for_parameters)
{
    struct lk_dhcp_client_config config = plain();
    strcpy(config.hostname, "laptop");
    struct play p = begin(config);
    const struct note *d = world_message(p.w, LK_DHCP_DISCOVER, 0);
    uint8_t identifier[8], list[16];
    ck_assert(d->src == 0 && d->dst == EVERYBODY && d->sport == 68 && d->dport == 67);
    ck_assert_mem_eq(d->to, everyone, 6);
    ck_assert_uint_ge(d->len, 14 + 20 + 8 + LK_DHCP_LEAST);
    ck_assert(d->dhcp.op == 1 && d->dhcp.htype == 1 && d->dhcp.hlen == 6 && d->dhcp.hops == 0 && d->dhcp.flags == 0 && d->dhcp.secs == 0);
    ck_assert(d->dhcp.ciaddr == 0 && d->dhcp.yiaddr == 0 && d->dhcp.siaddr == 0 && d->dhcp.giaddr == 0);
    ck_assert_mem_eq(d->dhcp.chaddr, p.w->host[0].mac, 6);
    ck_assert(!has_option(d, LK_DHCP_OPT_SERVER_IDENTIFIER) && !has_option(d, LK_DHCP_OPT_REQUESTED_ADDRESS));
    ck_assert(has_option(d, LK_DHCP_OPT_HOST_NAME) && has_option(d, LK_DHCP_OPT_MAXIMUM_SIZE));
    ck_assert_int_eq(lk_dhcp_get(&d->dhcp, LK_DHCP_OPT_CLIENT_IDENTIFIER, identifier, 8), 7);
    ck_assert(identifier[0] == 1 && memcmp(identifier + 1, p.w->host[0].mac, 6) == 0);
    ck_assert_int_gt(lk_dhcp_get(&d->dhcp, LK_DHCP_OPT_PARAMETER_LIST, list, 16), 0);
    ck_assert_uint_eq(list[0], LK_DHCP_OPT_SUBNET_MASK);
    end(p);
}
END_TEST

START_TEST(request_names_the_server_and_repeats_xid_secs_identifier_and_list)
{
    struct play p = begin(plain());
    uint8_t a[32], b[32];
    world_run(p.w, 6 * S); /* the second DISCOVER, secs no longer 0 */
    const struct note *d = world_message(p.w, LK_DHCP_DISCOVER, 1);
    ck_assert_uint_gt(d->dhcp.secs, 0);
    world_run(p.w, 9 * S);
    offer(&p);
    const struct note *r = world_message(p.w, LK_DHCP_REQUEST, 0);
    ck_assert_ptr_nonnull(r);
    ck_assert(r->src == 0 && r->dst == EVERYBODY && r->dhcp.ciaddr == 0);
    ck_assert_uint_eq(r->dhcp.xid, d->dhcp.xid);
    ck_assert_uint_eq(r->dhcp.secs, d->dhcp.secs);
    ck_assert_uint_eq(option_32(r, LK_DHCP_OPT_SERVER_IDENTIFIER), SERVER_IP);
    ck_assert_uint_eq(option_32(r, LK_DHCP_OPT_REQUESTED_ADDRESS), YOUR_IP);
    for (size_t i = 0; i < 2; i++) {
        uint8_t code = i == 0 ? LK_DHCP_OPT_CLIENT_IDENTIFIER : LK_DHCP_OPT_PARAMETER_LIST;
        int len = lk_dhcp_get(&d->dhcp, code, a, sizeof a);
        ck_assert_int_eq(lk_dhcp_get(&r->dhcp, code, b, sizeof b), len);
        ck_assert_mem_eq(a, b, (size_t)len);
    }
    end(p);
}
END_TEST

static void gaps_are(const struct play *p, uint8_t type, const int *seconds, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        lk_time gap = when(p, type, i + 1) - when(p, type, i);
        ck_assert_int_ge(gap, (seconds[i] - 1) * S);
        ck_assert_int_le(gap, (seconds[i] + 1) * S);
        ck_assert_int_ne(gap, seconds[i] * S); /* randomised */
    }
}

START_TEST(discover_is_repeated_after_4_8_16_32_64_64_seconds_give_or_take_one)
{
    static const int gaps[] = {4, 8, 16, 32, 64, 64, 64};
    struct play p = begin(plain());
    struct lk_dhcp_event e;
    bool told = false;
    world_run(p.w, 400 * S);
    gaps_are(&p, LK_DHCP_DISCOVER, gaps, 7);
    while (lk_dhcp_client_next(p.c, &e))
        told = told || (e.state == LK_DHCP_SELECTING && e.error == LK_E_TIMEDOUT);
    ck_assert(told); /* and it goes on */
    ck_assert_int_eq(state(&p), LK_DHCP_SELECTING);
    end(p);
}
END_TEST

START_TEST(xids_and_delays_differ_from_run_to_run)
{
    struct play p = begin_seeded(plain(), 1), q = begin_seeded(plain(), 2);
    world_run(p.w, 6 * S);
    world_run(q.w, 6 * S);
    ck_assert_uint_ne(world_message(p.w, LK_DHCP_DISCOVER, 0)->dhcp.xid, world_message(q.w, LK_DHCP_DISCOVER, 0)->dhcp.xid);
    ck_assert_int_ne(when(&p, LK_DHCP_DISCOVER, 1), when(&q, LK_DHCP_DISCOVER, 1));
    end(p);
    end(q);
}
END_TEST

START_TEST(an_unanswered_request_is_given_up_after_a_minute_and_begun_anew)
{
    static const int gaps[] = {4, 8, 16};
    struct play p = begin(plain());
    struct lk_dhcp_event e, last = {LK_DHCP_STOPPED, 0};
    offer(&p);
    uint32_t xid = last_said(&p)->dhcp.xid;
    world_run(p.w, 70 * S);
    gaps_are(&p, LK_DHCP_REQUEST, gaps, 3);
    ck_assert_uint_eq(world_count(p.w, LK_DHCP_REQUEST), 4);
    lk_time again = when(&p, LK_DHCP_DISCOVER, 1);
    ck_assert(again >= 56 * S && again <= 64 * S);
    ck_assert_uint_ne(world_message(p.w, LK_DHCP_DISCOVER, 1)->dhcp.xid, xid);
    while (lk_dhcp_client_next(p.c, &e))
        if (e.error != 0)
            last = e;
    ck_assert(last.state == LK_DHCP_INIT && last.error == LK_E_TIMEDOUT);
    end(p);
}
END_TEST

START_TEST(the_start_is_delayed_by_one_to_ten_seconds_when_that_is_wanted)
{
    for (uint8_t i = 0; i < 20; i++) {
        struct lk_dhcp_client_config config = plain();
        config.start_delay_max = 10 * S;
        struct play p = begin_seeded(config, i);
        world_run(p.w, 11 * S);
        ck_assert_int_ge(when(&p, LK_DHCP_DISCOVER, 0), 1 * S);
        ck_assert_int_le(when(&p, LK_DHCP_DISCOVER, 0), 10 * S);
        end(p);
    }
}
END_TEST

/* ---- what it takes ---- */

START_TEST(a_reply_for_somebody_else_is_ignored)
{
    static const uint8_t other[6] = {2, 0, 0, 0, 9, 9}, twice[] = {53, 1, 2}, overrun[] = {12, 200, 'x'}, unknown[] = {224, 3, 1, 2, 3};
    struct play p = begin(plain());
    uint32_t xid = last_said(&p)->dhcp.xid;
    say(&p, (struct say){.type = LK_DHCP_OFFER, .xid = xid + 1});
    say(&p, (struct say){.type = LK_DHCP_OFFER, .chaddr = other});
    say(&p, (struct say){.type = LK_DHCP_OFFER, .server = NONE});
    say(&p, (struct say){.type = LK_DHCP_OFFER, .lease = NONE});
    say(&p, (struct say){.type = LK_DHCP_OFFER, .extra = twice, .extra_len = 3}); /* two message types */
    say(&p, (struct say){.type = LK_DHCP_OFFER, .extra = overrun, .extra_len = 3});
    say(&p, (struct say){.type = LK_DHCP_ACK});
    say(&p, (struct say){.type = LK_DHCP_NAK});
    say(&p, (struct say){.type = LK_DHCP_DISCOVER});
    send_udp(&p, (const uint8_t *)"x", 1, SERVER_IP, EVERYBODY);
    ck_assert_int_eq(state(&p), LK_DHCP_SELECTING);
    say(&p, (struct say){.type = LK_DHCP_OFFER, .extra = unknown, .extra_len = 5}); /* RFC 2132 2: skipped by its length */
    ck_assert_int_eq(state(&p), LK_DHCP_REQUESTING);
    end(p);
}
END_TEST

START_TEST(an_offer_by_unicast_is_taken_before_there_is_an_address)
{
    struct play p = begin(plain());
    say(&p, (struct say){.type = LK_DHCP_OFFER, .unicast = true});
    ck_assert_int_eq(state(&p), LK_DHCP_REQUESTING);
    end(p);
}
END_TEST

START_TEST(an_address_or_mask_that_no_host_may_have_is_never_configured)
{
    static const struct {
        uint32_t yiaddr, mask, server;
    } rows[] = {
        {NONE, 0, 0},       {0xffffffff, 0, 0}, {0xe0000001, 0, 0}, {0x7f000001, 0, 0},    {0x00000005, 0, 0}, {0xf0000001, 0, 0}, {0x0a0000ff, 0, 0},
        {0x0a000000, 0, 0}, {SERVER_IP, 0, 0},  {0, 0xff00ff00, 0}, {0, 0xfe000000, 0},    {0, 0x00ffffff, 0}, {0, 0, EVERYBODY},  {0, 0, 0xe0000001},
        {0, NONE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool good = rows[i].mask == NONE; /* no mask: that of class A */
        struct play p = begin(plain());
        say(&p, (struct say){.type = LK_DHCP_OFFER, .yiaddr = rows[i].yiaddr, .mask = rows[i].mask, .server = rows[i].server});
        ck_assert_int_eq(state(&p), good ? LK_DHCP_REQUESTING : LK_DHCP_SELECTING);
        if (!good) { /* nor when only the ACK says so */
            offer(&p);
            say(&p, (struct say){.type = LK_DHCP_ACK, .yiaddr = rows[i].yiaddr, .mask = rows[i].mask, .server = rows[i].server});
            ck_assert_int_eq(state(&p), LK_DHCP_REQUESTING);
        }
        end(p);
    }
}
END_TEST

START_TEST(offers_are_collected_and_the_address_asked_for_wins)
{
    struct lk_dhcp_client_config config = plain();
    config.offer_wait = 2 * S;
    config.requested = lk_addr_from_ip4(YOUR_IP + 5);
    struct play p = begin(config);
    ck_assert_uint_eq(option_32(world_message(p.w, LK_DHCP_DISCOVER, 0), LK_DHCP_OPT_REQUESTED_ADDRESS), YOUR_IP + 5);
    offer(&p);
    say(&p, (struct say){.type = LK_DHCP_OFFER, .yiaddr = YOUR_IP + 5, .server = OTHER_SERVER_IP});
    say(&p, (struct say){.type = LK_DHCP_OFFER, .yiaddr = YOUR_IP + 6});
    ck_assert_int_eq(state(&p), LK_DHCP_SELECTING);
    world_run(p.w, 2 * S);
    const struct note *r = world_message(p.w, LK_DHCP_REQUEST, 0);
    ck_assert_int_eq(r->at, 2 * S);
    ck_assert_uint_eq(option_32(r, LK_DHCP_OPT_SERVER_IDENTIFIER), OTHER_SERVER_IP);
    ck_assert_uint_eq(option_32(r, LK_DHCP_OPT_REQUESTED_ADDRESS), YOUR_IP + 5);
    end(p);
}
END_TEST

START_TEST(a_nak_begins_again_and_ever_more_slowly)
{
    struct play p = begin(plain());
    struct lk_dhcp_event e;
    bool told = false;
    offer(&p);
    say(&p, (struct say){.type = LK_DHCP_NAK, .server = OTHER_SERVER_IP}); /* was not asked */
    say(&p, (struct say){.type = LK_DHCP_NAK, .server = NONE});
    ck_assert_int_eq(state(&p), LK_DHCP_REQUESTING);
    say(&p, (struct say){.type = LK_DHCP_NAK});
    ck_assert_uint_eq(world_count(p.w, LK_DHCP_DISCOVER), 2); /* at once */
    while (lk_dhcp_client_next(p.c, &e))
        told = told || (e.state == LK_DHCP_INIT && e.error == LK_E_CONNREFUSED);
    ck_assert(told);
    offer(&p);
    say(&p, (struct say){.type = LK_DHCP_NAK});
    ck_assert_int_eq(state(&p), LK_DHCP_INIT);
    ck_assert_int_ge(lk_dhcp_client_app.deadline(p.c), 3 * S);
    end(p);
}
END_TEST

/* ---- the check of the address ---- */

START_TEST(an_address_that_somebody_has_is_declined_and_ten_seconds_pass)
{
    struct play p = begin(plain());
    struct lk_dhcp_event e;
    bool told = false;
    offer(&p);
    ack(&p, 3600);
    ck_assert_int_eq(state(&p), LK_DHCP_PROBING);
    ck_assert(!lk_dhcp_client_lease(p.c, NULL));
    world_run(p.w, 500 * MS);
    arp(&p, LK_ARP_REPLY, YOUR_IP, 0);
    world_run(p.w, 1 * S);
    const struct note *d = world_message(p.w, LK_DHCP_DECLINE, 0);
    ck_assert_ptr_nonnull(d);
    ck_assert(d->src == 0 && d->dst == EVERYBODY && d->dhcp.ciaddr == 0 && d->dhcp.secs == 0 && d->dhcp.flags == 0);
    ck_assert_uint_eq(option_32(d, LK_DHCP_OPT_REQUESTED_ADDRESS), YOUR_IP);
    ck_assert_uint_eq(option_32(d, LK_DHCP_OPT_SERVER_IDENTIFIER), SERVER_IP);
    ck_assert(has_option(d, LK_DHCP_OPT_CLIENT_IDENTIFIER) && !has_option(d, LK_DHCP_OPT_PARAMETER_LIST) && !has_option(d, LK_DHCP_OPT_MAXIMUM_SIZE));
    ck_assert(!has_address(&p, YOUR_IP));
    world_run(p.w, 20 * S);
    ck_assert_int_ge(when(&p, LK_DHCP_DISCOVER, 1) - d->at, 10 * S);
    ck_assert_int_le(when(&p, LK_DHCP_DISCOVER, 1) - d->at, 11 * S);
    ck_assert(!has_option(world_message(p.w, LK_DHCP_DISCOVER, 1), LK_DHCP_OPT_REQUESTED_ADDRESS));
    while (lk_dhcp_client_next(p.c, &e))
        told = told || (e.state == LK_DHCP_INIT && e.error == LK_E_ADDRINUSE);
    ck_assert(told);
    end(p);
}
END_TEST

START_TEST(ten_conflicts_slow_it_down_to_one_address_a_minute)
{
    struct play p = begin(plain());
    for (int i = 0; i < 10; i++) {
        world_run(p.w, lk_dhcp_client_app.deadline(p.c));
        if (state(&p) == LK_DHCP_INIT)
            world_run(p.w, p.w->now);
        offer(&p);
        ack(&p, 3600);
        arp(&p, LK_ARP_REPLY, YOUR_IP, 0);
        world_run(p.w, p.w->now + 1 * S);
        ck_assert_int_eq(state(&p), LK_DHCP_INIT);
        p.w->notes = 0;
        lk_time wait = lk_dhcp_client_app.deadline(p.c) - p.w->now;
        ck_assert_int_ge(wait, i < 9 ? 10 * S : 60 * S); /* RFC 5227 2.1.1 */
        world_run(p.w, lk_dhcp_client_app.deadline(p.c));
    }
    end(p);
}
END_TEST

/* ---- extending ---- */

START_TEST(times_are_a_half_and_seven_eighths_of_the_lease_or_a_little_before)
{
    struct play p = bound(3600);
    struct lk_dhcp_lease lease;
    ck_assert(lk_dhcp_client_lease(p.c, &lease));
    ck_assert(lease.t1 <= 1800 * S && lease.t1 >= 1770 * S);
    ck_assert(lease.t2 <= 3150 * S && lease.t2 >= 3100 * S);
    ck_assert_int_eq(lease.expires, 3600 * S);
    end(p);
}
END_TEST

START_TEST(times_that_are_out_of_order_are_replaced_by_the_defaults)
{
    static const struct {
        uint32_t t1, t2, lease;
    } rows[] = {{1000, 900, 3600}, {1000, 1000, 3600}, {1000, 3600, 3600}, {4000, 5000, 3600}, {100, 200, 1}, {EVERYBODY, EVERYBODY, 3600}, {1, 2, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct lk_dhcp_client_config config = plain();
        struct lk_dhcp_lease lease;
        config.probe = false;
        struct play p = begin(config);
        offer(&p);
        say(&p, (struct say){.type = LK_DHCP_ACK, .t1 = rows[i].t1, .t2 = rows[i].t2, .lease = rows[i].lease});
        ck_assert(lk_dhcp_client_lease(p.c, &lease));
        lk_time all = rows[i].lease * S;
        ck_assert(lease.t1 > 0 && lease.t1 < lease.t2 && lease.t2 < lease.expires);
        ck_assert(lease.expires == all && lease.t1 <= all / 2 && lease.t1 >= all / 2 - all / 64);
        end(p);
    }
}
END_TEST

START_TEST(times_of_the_server_are_kept_when_they_are_in_order)
{
    struct lk_dhcp_client_config config = plain();
    struct lk_dhcp_lease lease;
    config.probe = false;
    struct play p = begin(config);
    offer(&p);
    say(&p, (struct say){.type = LK_DHCP_ACK, .t1 = 600, .t2 = 601});
    ck_assert(lk_dhcp_client_lease(p.c, &lease));
    ck_assert(lease.t1 <= 600 * S && lease.t1 >= 590 * S && lease.t2 <= 601 * S && lease.t2 > lease.t1);
    end(p);
}
END_TEST

START_TEST(at_t1_the_server_is_asked_by_unicast)
{
    struct play p = bound(3600);
    world_run(p.w, 1800 * S);
    ck_assert_int_eq(state(&p), LK_DHCP_RENEWING);
    const struct note *r = world_message(p.w, LK_DHCP_REQUEST, 0);
    ck_assert(r->src == YOUR_IP && r->dst == SERVER_IP && r->dhcp.ciaddr == YOUR_IP);
    ck_assert_mem_eq(r->to, server_mac, 6);
    ck_assert(!has_option(r, LK_DHCP_OPT_SERVER_IDENTIFIER) && !has_option(r, LK_DHCP_OPT_REQUESTED_ADDRESS));
    ck_assert(has_option(r, LK_DHCP_OPT_CLIENT_IDENTIFIER) && has_option(r, LK_DHCP_OPT_PARAMETER_LIST));
    ack(&p, 7200);
    struct lk_dhcp_lease lease;
    ck_assert_int_eq(state(&p), LK_DHCP_BOUND);
    ck_assert(lk_dhcp_client_lease(p.c, &lease));
    ck_assert_int_eq(lease.expires, r->at + 7200 * S); /* from when the request was sent */
    end(p);
}
END_TEST

START_TEST(renewing_asks_again_after_half_of_what_remains_until_t2)
{
    struct play p = bound(3600);
    struct lk_dhcp_lease lease;
    ck_assert(lk_dhcp_client_lease(p.c, &lease));
    world_run(p.w, lease.t2 - 1);
    uint32_t count = world_count(p.w, LK_DHCP_REQUEST);
    ck_assert_uint_eq(count, 6); /* 1350 675 337 168 84 24 s before T2, more or less */
    for (uint32_t i = 0; i + 1 < count; i++) {
        const struct note *a = world_message(p.w, LK_DHCP_REQUEST, i), *b = world_message(p.w, LK_DHCP_REQUEST, i + 1);
        lk_time half = (lease.t2 - a->at) / 2;
        ck_assert_int_eq(b->at - a->at, half < 60 * S ? 60 * S : half);
        ck_assert_uint_ne(a->dhcp.xid, b->dhcp.xid);
    }
    ck_assert_int_eq(state(&p), LK_DHCP_RENEWING);
    end(p);
}
END_TEST

START_TEST(at_t2_every_server_is_asked_by_broadcast)
{
    struct play p = bound(3600);
    struct lk_dhcp_lease lease;
    ck_assert(lk_dhcp_client_lease(p.c, &lease));
    world_run(p.w, lease.t2);
    ck_assert_int_eq(state(&p), LK_DHCP_REBINDING);
    const struct note *r = last_said(&p);
    ck_assert(r->at == lease.t2 && r->src == YOUR_IP && r->dst == EVERYBODY && r->dhcp.ciaddr == YOUR_IP);
    ck_assert(!has_option(r, LK_DHCP_OPT_SERVER_IDENTIFIER) && !has_option(r, LK_DHCP_OPT_REQUESTED_ADDRESS));
    world_run(p.w, lease.expires - 1);
    uint32_t count = world_count(p.w, LK_DHCP_REQUEST);
    ck_assert_int_eq(when(&p, LK_DHCP_REQUEST, count - 1) - when(&p, LK_DHCP_REQUEST, count - 2), 60 * S);
    say(&p, (struct say){.type = LK_DHCP_ACK, .server = OTHER_SERVER_IP}); /* another one may extend it */
    ck_assert(lk_dhcp_client_lease(p.c, &lease));
    ck_assert_uint_eq(lk_addr_ip4(&lease.server), OTHER_SERVER_IP);
    end(p);
}
END_TEST

START_TEST(when_the_lease_ends_the_address_goes_at_once)
{
    struct play p = bound(3600);
    struct lk_endpoint to = {.address = lk_addr_from_ip4(SERVER_IP), .iface = LK_ANY, .port = 9};
    lk_socket s;
    world_run(p.w, 3600 * S - 1);
    ck_assert(has_address(&p, YOUR_IP) && lk_dhcp_client_lease(p.c, NULL));
    world_run(p.w, 3600 * S);
    ck_assert(!has_address(&p, YOUR_IP) && !lk_dhcp_client_lease(p.c, NULL));
    ck_assert_int_eq(lk_sock_open(p.stack, LK_UDP, &s, p.w->now), 0);
    ck_assert_int_eq(lk_sock_send_to(p.stack, s, "x", 1, &to, NULL, p.w->now), LK_E_NETUNREACH); /* no network, no default route */
    const struct note *d = world_message(p.w, LK_DHCP_DISCOVER, 0);
    ck_assert(d != NULL && d->at == 3600 * S && d->src == 0);
    ck_assert_uint_eq(option_32(d, LK_DHCP_OPT_REQUESTED_ADDRESS), YOUR_IP);
    end(p);
}
END_TEST

START_TEST(a_late_tick_finds_the_lease_expired_and_asks_nobody_to_renew_it)
{
    struct play p = bound(3600);
    p.w->now = 4000 * S;
    world_tick(p.w);
    world_run(p.w, 4000 * S);
    ck_assert_uint_eq(world_count(p.w, LK_DHCP_REQUEST), 0);
    ck_assert(!has_address(&p, YOUR_IP));
    end(p);
}
END_TEST

START_TEST(an_ack_with_another_xid_or_address_extends_nothing)
{
    struct play p = bound(3600);
    struct lk_dhcp_lease before, after;
    ck_assert(lk_dhcp_client_lease(p.c, &before));
    world_run(p.w, 1800 * S);
    say(&p, (struct say){.type = LK_DHCP_ACK, .xid = last_said(&p)->dhcp.xid ^ 1, .lease = 9000});
    say(&p, (struct say){.type = LK_DHCP_ACK, .yiaddr = YOUR_IP + 1, .lease = 9000});
    ck_assert_int_eq(state(&p), LK_DHCP_RENEWING);
    ck_assert(lk_dhcp_client_lease(p.c, &after));
    ck_assert_int_eq(before.expires, after.expires);
    ack(&p, 3600);
    ck_assert(lk_dhcp_client_lease(p.c, &before));
    ack(&p, 9000); /* BOUND: discarded (figure 5) */
    ck_assert(lk_dhcp_client_lease(p.c, &after));
    ck_assert_int_eq(before.expires, after.expires);
    end(p);
}
END_TEST

START_TEST(a_nak_while_renewing_takes_the_address_away)
{
    struct play p = bound(3600);
    world_run(p.w, 1800 * S);
    say(&p, (struct say){.type = LK_DHCP_NAK});
    ck_assert(!has_address(&p, YOUR_IP));
    ck_assert_int_eq(state(&p), LK_DHCP_SELECTING);
    ck_assert(!has_option(last_said(&p), LK_DHCP_OPT_REQUESTED_ADDRESS));
    end(p);
}
END_TEST

START_TEST(an_infinite_lease_is_never_renewed)
{
    struct play p = bound(0xffffffff);
    struct lk_dhcp_lease lease;
    ck_assert(lk_dhcp_client_lease(p.c, &lease));
    ck_assert(lease.t1 == LK_NEVER && lease.t2 == LK_NEVER && lease.expires == LK_NEVER);
    world_run(p.w, INT64_C(5000000000) * S);
    ck_assert_uint_eq(p.w->notes, 0);
    ck_assert(has_address(&p, YOUR_IP));
    end(p);
}
END_TEST

START_TEST(the_longest_finite_lease_does_not_overflow)
{
    struct play p = bound(0xfffffffd);
    struct lk_dhcp_lease lease;
    ck_assert(lk_dhcp_client_lease(p.c, &lease));
    ck_assert_int_eq(lease.expires, INT64_C(4294967293) * S);
    ck_assert(lease.t1 < lease.t2 && lease.t2 < lease.expires);
    end(p);
}
END_TEST

START_TEST(another_router_in_a_renewal_replaces_the_default_route)
{
    struct play p = bound(3600);
    struct lk_endpoint far = {.address = lk_addr_from_ip4(0xc0000201u), .iface = LK_ANY, .port = 9};
    lk_socket s;
    world_run(p.w, 1800 * S);
    say(&p, (struct say){.type = LK_DHCP_ACK, .router = 0x0a0000fd});
    ck_assert_int_eq(lk_sock_open(p.stack, LK_UDP, &s, p.w->now), 0);
    ck_assert_int_eq(lk_sock_send_to(p.stack, s, "x", 1, &far, NULL, p.w->now), 1);
    world_run(p.w, p.w->now);
    ck_assert_uint_eq(p.w->note[p.w->notes - 1].arp.tpa, 0x0a0000fd);
    end(p);
}
END_TEST

/* ---- INIT-REBOOT, release ---- */

static struct play reboot(void)
{
    struct lk_dhcp_client_config config = plain();
    config.reboot = true;
    config.probe = false;
    config.requested = lk_addr_from_ip4(YOUR_IP);
    return begin(config);
}

START_TEST(after_a_reboot_the_known_address_is_asked_for)
{
    struct play p = reboot();
    const struct note *r = world_message(p.w, LK_DHCP_REQUEST, 0);
    ck_assert_int_eq(state(&p), LK_DHCP_REBOOTING);
    ck_assert(r->src == 0 && r->dst == EVERYBODY && r->dhcp.ciaddr == 0);
    ck_assert_uint_eq(option_32(r, LK_DHCP_OPT_REQUESTED_ADDRESS), YOUR_IP);
    ck_assert(!has_option(r, LK_DHCP_OPT_SERVER_IDENTIFIER));
    ack(&p, 3600);
    ck_assert_int_eq(state(&p), LK_DHCP_BOUND);
    end(p);
}
END_TEST

START_TEST(a_reboot_that_is_refused_or_not_answered_begins_from_the_start)
{
    struct play p = reboot();
    say(&p, (struct say){.type = LK_DHCP_NAK});
    ck_assert_int_eq(state(&p), LK_DHCP_SELECTING);
    end(p);
    p = reboot();
    world_run(p.w, 66 * S);
    ck_assert_uint_eq(world_count(p.w, LK_DHCP_REQUEST), 4);
    ck_assert_int_eq(state(&p), LK_DHCP_SELECTING);
    end(p);
}
END_TEST

START_TEST(release_is_unicast_and_says_which_lease)
{
    struct play p = bound(3600);
    ck_assert_int_eq(lk_dhcp_client_release(p.c, p.stack, 0), 0);
    ck_assert_int_eq(lk_dhcp_client_release(p.c, p.stack, 0), LK_E_NOTCONN);
    world_run(p.w, 0);
    const struct note *r = world_message(p.w, LK_DHCP_RELEASE, 0);
    ck_assert(r->src == YOUR_IP && r->dst == SERVER_IP && r->dhcp.ciaddr == YOUR_IP && r->dhcp.secs == 0 && r->dhcp.flags == 0);
    ck_assert_uint_eq(option_32(r, LK_DHCP_OPT_SERVER_IDENTIFIER), SERVER_IP);
    ck_assert(has_option(r, LK_DHCP_OPT_CLIENT_IDENTIFIER) && !has_option(r, LK_DHCP_OPT_REQUESTED_ADDRESS) && !has_option(r, LK_DHCP_OPT_PARAMETER_LIST));
    ck_assert(!has_address(&p, YOUR_IP));
    ck_assert_int_eq(lk_dhcp_client_app.deadline(p.c), LK_NEVER);
    ck_assert_int_eq(lk_dhcp_client_start(p.c, p.stack, 0), 0); /* and it can begin again */
    ck_assert_int_eq(lk_dhcp_client_start(p.c, p.stack, 0), LK_E_ALREADY);
    end(p);
}
END_TEST

START_TEST(a_configuration_that_makes_no_sense_needs_no_memory)
{
    struct lk_dhcp_client_config config = plain();
    ck_assert_uint_gt(lk_dhcp_client_footprint(&config), 0);
    config.reboot = true; /* without an address */
    ck_assert_uint_eq(lk_dhcp_client_footprint(&config), 0);
    config = plain();
    config.mac[0] = 1;
    ck_assert_uint_eq(lk_dhcp_client_footprint(&config), 0);
    config = plain();
    config.requested = lk_addr_from_ip4(0xe0000001);
    ck_assert_uint_eq(lk_dhcp_client_footprint(&config), 0);
    config = plain();
    memset(config.hostname, 'x', sizeof config.hostname);
    ck_assert_uint_eq(lk_dhcp_client_footprint(&config), 0);
    config = plain();
    config.size_of--;
    ck_assert_uint_eq(lk_dhcp_client_footprint(&config), 0);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {discover_is_broadcast_from_nobody_and_asks_for_parameters,
                            request_names_the_server_and_repeats_xid_secs_identifier_and_list,
                            discover_is_repeated_after_4_8_16_32_64_64_seconds_give_or_take_one,
                            xids_and_delays_differ_from_run_to_run,
                            an_unanswered_request_is_given_up_after_a_minute_and_begun_anew,
                            the_start_is_delayed_by_one_to_ten_seconds_when_that_is_wanted,
                            a_reply_for_somebody_else_is_ignored,
                            an_offer_by_unicast_is_taken_before_there_is_an_address,
                            an_address_or_mask_that_no_host_may_have_is_never_configured,
                            offers_are_collected_and_the_address_asked_for_wins,
                            a_nak_begins_again_and_ever_more_slowly,
                            an_address_that_somebody_has_is_declined_and_ten_seconds_pass,
                            ten_conflicts_slow_it_down_to_one_address_a_minute,
                            times_are_a_half_and_seven_eighths_of_the_lease_or_a_little_before,
                            times_that_are_out_of_order_are_replaced_by_the_defaults,
                            times_of_the_server_are_kept_when_they_are_in_order,
                            at_t1_the_server_is_asked_by_unicast,
                            renewing_asks_again_after_half_of_what_remains_until_t2,
                            at_t2_every_server_is_asked_by_broadcast,
                            when_the_lease_ends_the_address_goes_at_once,
                            a_late_tick_finds_the_lease_expired_and_asks_nobody_to_renew_it,
                            an_ack_with_another_xid_or_address_extends_nothing,
                            a_nak_while_renewing_takes_the_address_away,
                            an_infinite_lease_is_never_renewed,
                            the_longest_finite_lease_does_not_overflow,
                            another_router_in_a_renewal_replaces_the_default_route,
                            after_a_reboot_the_known_address_is_asked_for,
                            a_reboot_that_is_refused_or_not_answered_begins_from_the_start,
                            release_is_unicast_and_says_which_lease,
                            a_configuration_that_makes_no_sense_needs_no_memory};
    return run_tests("dhcp client", tests, sizeof tests / sizeof tests[0]);
}
