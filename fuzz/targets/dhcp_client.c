/* The DHCP client against a hostile server. Events of an input:
 *   0  a reply: type, yiaddr, server, lease, T1, T2, mask, router, and options as they are; xid and chaddr are the client's own
 *   1  a message of this length (two bytes), xid and chaddr made the client's own, type reply
 *   2  a datagram of this length, as it is
 *   3  time passes: a byte of eighths of a second, seconds, minutes or hours
 *   4  ARP: somebody has the address, probes for it, or asks for it
 *   5  the application: release, or start
 * Held: no address that no host may have is configured; none stays beyond its lease, and no lease lasts longer than an ACK gave it;
 * messages are what table 5 of RFC 2131 says; frames are bounded by what came in and by time. */
#include "fuzz/common/dhcp_wire.h"
#include "stack/apps/dhcp_client.h"

#define SERVER_IP 0x0a000001u
#define YOUR_IP 0x0a000064u

struct bench {
    struct dhcp_bench b;
    struct lk_dhcp_client *client;
    uint32_t xid;         /* of the client's last message */
    lk_time asked;        /* when its first REQUEST with that xid left */
    uint32_t asked_xid;
    lk_time longest;      /* no lease ends later than this */
    uint32_t had;         /* the address it had last */
    lk_time had_until;
};

static bool illegal(uint32_t a)
{
    return a >> 24 == 0 || a >> 24 == 127 || a >= 0xe0000000u;
}

/* Table 5: which of 50, 54, 55, 57 must and must not be there. */
static void table_5(const struct bench *t, uint8_t type, const struct lk_ipv4 *ip, const struct lk_dhcp *m)
{
    const struct dhcp_bench *b = &t->b;
    bool requested = dhcp_has(m, LK_DHCP_OPT_REQUESTED_ADDRESS), server = dhcp_has(m, LK_DHCP_OPT_SERVER_IDENTIFIER);
    bool list = dhcp_has(m, LK_DHCP_OPT_PARAMETER_LIST), size = dhcp_has(m, LK_DHCP_OPT_MAXIMUM_SIZE);
    dhcp_must(b, m->op == 1 && m->hops == 0 && m->yiaddr == 0 && m->siaddr == 0 && m->giaddr == 0 && (m->flags & 0x7fff) == 0, "fields of a request");
    dhcp_must(b, memcmp(m->chaddr, dhcp_our_mac, 6) == 0 && dhcp_has(m, LK_DHCP_OPT_CLIENT_IDENTIFIER), "who is asking");
    switch (type) {
    case LK_DHCP_DISCOVER:
        dhcp_must(b, !server && m->ciaddr == 0 && ip->source_address == 0 && ip->destination_address == UINT32_MAX, "DISCOVER");
        break;
    case LK_DHCP_REQUEST:
        dhcp_must(b, m->ciaddr == 0 ? requested : !requested && !server, "REQUEST: ciaddr or requested address");
        dhcp_must(b, ip->source_address == m->ciaddr, "REQUEST: from the address it has");
        break;
    case LK_DHCP_DECLINE:
        dhcp_must(b, requested && server && !list && !size && m->ciaddr == 0 && ip->source_address == 0 && ip->destination_address == UINT32_MAX, "DECLINE");
        break;
    case LK_DHCP_RELEASE:
        dhcp_must(b, !requested && server && !list && !size && m->ciaddr != 0 && ip->destination_address == dhcp_number(m, LK_DHCP_OPT_SERVER_IDENTIFIER), "RELEASE");
        break;
    default:
        dhcp_must(b, false, "a type that clients don't send");
    }
}

static void seen(void *context, const uint8_t *frame, size_t len)
{
    struct bench *t = context;
    struct lk_ethernet e;
    struct lk_ipv4 ip;
    struct lk_udp udp;
    struct lk_dhcp m;
    uint8_t type = 0;
    dhcp_must(&t->b, lk_ethernet_parse(frame, len, &e) > 0, "a frame");
    if (e.type != LK_ETHERTYPE_IPV4)
        return;
    dhcp_must(&t->b, lk_ipv4_parse(e.payload, e.payload_len, &ip) > 0, "a packet");
    dhcp_must(&t->b, ip.source_address == 0 || (ip.source_address == t->had && t->b.now <= t->had_until), "packets come from the leased address, while it lasts");
    if (!dhcp_in_frame(frame, len, &ip, &udp, &m) || udp.source_port != 68)
        return;
    dhcp_must(&t->b, udp.destination_port == 67 && lk_dhcp_options_check(&m) == 0 && lk_dhcp_get_8(&m, LK_DHCP_OPT_MESSAGE_TYPE, &type) == 0, "a sound message");
    table_5(t, type, &ip, &m);
    t->xid = m.xid;
    if (type == LK_DHCP_REQUEST && t->asked_xid != m.xid) {
        t->asked = t->b.now;
        t->asked_xid = m.xid;
    }
}

/* What must hold whenever nothing is happening. */
static void settled(void *context)
{
    struct bench *t = context;
    struct dhcp_bench *b = &t->b;
    struct lk_dhcp_lease lease;
    uint64_t seconds = (uint64_t)((b->now - b->began) / LK_SECOND);
    dhcp_must(b, b->out <= 64 + 3 * b->into + 4 * seconds, "frames are bounded by what came in and by time");
    if (t->had != 0 && !lk_dhcp_client_lease(t->client, NULL))
        dhcp_must(b, lk_dhcp_client_state(t->client) == LK_DHCP_PROBING || lk_addr_conflicts(b->stack, 0, lk_addr_from_ip4(t->had)) < 0, "an address without a lease is taken away");
    if (!lk_dhcp_client_lease(t->client, &lease))
        return;
    uint32_t address = lk_addr_ip4(&lease.address), host = address & ~lk_ip4_mask(lease.prefix);
    dhcp_must(b, !illegal(address) && lease.prefix >= 8 && lease.prefix <= 32, "an address that a host may have");
    dhcp_must(b, lease.prefix > 30 || (host != 0 && host != ~lk_ip4_mask(lease.prefix)), "neither the network nor its broadcast address");
    dhcp_must(b, lk_addr_conflicts(b->stack, 0, lease.address) >= 0, "the leased address is configured");
    dhcp_must(b, lease.expires == LK_NEVER || (lease.t1 < lease.t2 && lease.t2 < lease.expires), "T1 before T2 before the end");
    dhcp_must(b, b->now < lease.expires && lease.expires <= t->longest, "no longer than it was given");
    t->had = address;
    t->had_until = lease.expires;
}

/* Notes what an ACK would give, before it is delivered. */
static void note_ack(struct bench *t, const uint8_t *payload, size_t len)
{
    struct lk_dhcp m;
    uint8_t type = 0;
    if (lk_dhcp_parse(payload, len, &m) < 0 || lk_dhcp_get_8(&m, LK_DHCP_OPT_MESSAGE_TYPE, &type) < 0 || type != LK_DHCP_ACK)
        return;
    uint32_t seconds = dhcp_number(&m, LK_DHCP_OPT_LEASE_TIME);
    lk_time end = seconds == UINT32_MAX ? LK_NEVER : lk_time_add(t->asked, seconds * LK_SECOND);
    t->longest = end > t->longest ? end : t->longest;
}

static void deliver(struct bench *t, const uint8_t *payload, size_t len, bool unicast)
{
    note_ack(t, payload, len);
    dhcp_give_udp(&t->b, dhcp_their_mac, 67, 68, SERVER_IP, unicast ? YOUR_IP : UINT32_MAX, payload, len);
    settled(t);
}

static void put(struct lk_dhcp_writer *w, uint8_t code, uint32_t value)
{
    if (value != 0)
        lk_dhcp_put_32(w, code, value);
}

static void reply(struct bench *t, struct feed *f)
{
    static const uint32_t known[] = {YOUR_IP, SERVER_IP, 0, UINT32_MAX, 0xe0000001, 0x7f000001, 0x0a0000ff, 0x0a000000};
    static const uint32_t times[] = {3600, 0, 1, 2, 60, 1800, 3150, UINT32_MAX, UINT32_MAX - 1, 0x80000000};
    static const uint32_t masks[] = {0xffffff00, 0, 0xffff0000, 0xff000000, 0xfffffffe, UINT32_MAX, 0x00ffffff, 0xffff00ff, 0x80000000};
    uint8_t bytes[900], how = feed_8(f);
    struct lk_dhcp_writer w = {.at = bytes + 240, .cap = sizeof bytes - 240};
    struct lk_dhcp m = {.op = 2, .htype = 1, .hlen = 6, .xid = t->xid};
    memcpy(m.chaddr, dhcp_our_mac, 6);
    m.yiaddr = dhcp_feed_address(f, known, 8);
    uint32_t server = dhcp_feed_address(f, known + 1, 7);
    lk_dhcp_put_8(&w, LK_DHCP_OPT_MESSAGE_TYPE, how % 8 == 0 ? LK_DHCP_OFFER : how % 8 == 1 ? LK_DHCP_ACK : how % 8 == 2 ? LK_DHCP_NAK : (uint8_t)(how % 9));
    put(&w, LK_DHCP_OPT_SERVER_IDENTIFIER, server);
    put(&w, LK_DHCP_OPT_LEASE_TIME, times[feed_8(f) % 10]);
    put(&w, LK_DHCP_OPT_T1, times[feed_8(f) % 10]);
    put(&w, LK_DHCP_OPT_T2, times[feed_8(f) % 10]);
    put(&w, LK_DHCP_OPT_SUBNET_MASK, masks[feed_8(f) % 9]);
    put(&w, LK_DHCP_OPT_ROUTER, dhcp_feed_address(f, known, 8));
    size_t got;
    const uint8_t *more = feed_bytes(f, feed_8(f), &got);
    if (got > 0)
        memcpy(w.at + w.len, more, got);
    w.len += got;
    m.options_len = lk_dhcp_put_end(&w, 60);
    m.options = w.at;
    int len = lk_dhcp_emit(&m, bytes, sizeof bytes);
    deliver(t, bytes, (size_t)len, (how & 0x80) != 0);
}

static void message(struct bench *t, struct feed *f, bool repaired)
{
    size_t got;
    uint16_t len = feed_16(f);
    const uint8_t *bytes = feed_bytes(f, len, &got);
    uint8_t *copy = exact_copy(bytes, got);
    if (repaired && got >= 34) {
        copy[0] = 2;
        for (int i = 0; i < 4; i++)
            copy[4 + i] = (uint8_t)(t->xid >> (24 - 8 * i));
        memcpy(copy + 28, dhcp_our_mac, 6);
    }
    deliver(t, copy, got, false);
    free(copy);
}

static void pass(struct bench *t, struct feed *f)
{
    static const lk_time units[] = {LK_SECOND / 8, LK_SECOND, 60 * LK_SECOND, 3600 * LK_SECOND};
    uint8_t byte = feed_8(f);
    dhcp_pass(&t->b, (byte & 63) * units[byte >> 6], settled);
    settled(t);
}

static void arp(struct bench *t, struct feed *f)
{
    uint8_t how = feed_8(f);
    uint32_t address = (how & 4) != 0 ? YOUR_IP : t->had;
    switch (how % 3) {
    case 0: dhcp_give_arp(&t->b, LK_ARP_REPLY, address, 0); break;
    case 1: dhcp_give_arp(&t->b, LK_ARP_REQUEST, 0, address); break;
    default: dhcp_give_arp(&t->b, LK_ARP_REQUEST, SERVER_IP, address); break;
    }
    settled(t);
}

static void application(struct bench *t, struct feed *f)
{
    struct lk_dhcp_event event;
    if (feed_8(f) % 2 == 0)
        lk_dhcp_client_release(t->client, t->b.stack, t->b.now);
    else
        lk_dhcp_client_start(t->client, t->b.stack, t->b.now);
    for (unsigned i = 0; lk_dhcp_client_next(t->client, &event); i++)
        dhcp_must(&t->b, i < 64 && strcmp(lk_dhcp_state_name(event.state), "?") != 0, "a state by name");
    dhcp_drain(&t->b);
    settled(t);
}

static void begin(struct bench *t, uint8_t how)
{
    static const uint8_t seed[32] = {5};
    struct lk_dhcp_client_config config;
    lk_dhcp_client_config_init(&config);
    memcpy(config.mac, dhcp_our_mac, 6);
    config.probe = (how & 1) == 0;
    config.reboot = (how & 2) != 0;
    if ((how & 6) != 0)
        config.requested = lk_addr_from_ip4(YOUR_IP);
    if ((how & 8) != 0)
        config.offer_wait = 2 * LK_SECOND;
    if ((how & 16) != 0)
        config.start_delay_max = 10 * LK_SECOND;
    size_t size = lk_dhcp_client_footprint(&config);
    t->client = malloc(size);
    law(lk_dhcp_client_init(t->client, size, &config, 0, seed) == 0, "a client");
    t->b = (struct dhcp_bench){.target = "dhcp_client", .stack = dhcp_stack(), .kind = &lk_dhcp_client_app, .app = t->client, .seen = seen, .context = t};
    law(lk_dhcp_client_start(t->client, t->b.stack, 0) == 0, "a start");
    dhcp_drain(&t->b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = {data, size};
    struct bench t = {0};
    begin(&t, feed_8(&f));
    for (unsigned i = 0; f.left > 0 && i < DHCP_EVENTS_MOST; i++) {
        switch (feed_8(&f) % 6) {
        case 0: reply(&t, &f); break;
        case 1: message(&t, &f, true); break;
        case 2: message(&t, &f, false); break;
        case 3: pass(&t, &f); break;
        case 4: arp(&t, &f); break;
        default: application(&t, &f); break;
        }
    }
    free(t.client);
    free(t.b.stack);
    return 0;
}
