/* The DHCP server against hostile clients. Events of an input:
 *   0  a message: client (one of eight), type, requested address, server, ciaddr, giaddr, lease time, flags, where it is sent to
 *   1  a message of this length (two bytes), type request, its chaddr that of one of eight clients
 *   2  a datagram of this length, as it is
 *   3  time passes: seconds, minutes or hours
 * Held: no address is granted to one client while another's lease of it runs, nor outside of the range; replies are what table 3 of
 * RFC 2131 says; one message is answered once at most. */
#include "fuzz/common/dhcp_wire.h"
#include "stack/apps/dhcp_server.h"

#define SERVER_IP 0x0a000001u
#define FIRST_IP 0x0a000064u
#define LAST_IP 0x0a000069u
#define ADDRESSES (LAST_IP - FIRST_IP + 1)

struct grant { /* the model: who may use an address until when, told from the ACKs alone */
    uint8_t who[256];
    size_t len;
    lk_time until;
};

struct bench {
    struct dhcp_bench b;
    struct lk_dhcp_server *server;
    struct grant grant[ADDRESSES];
    uint64_t asked, replied; /* messages; an answer may wait for its neighbour */
};

/* A client is its identifier, or else its hardware address. */
static size_t who_is(const struct lk_dhcp *m, uint8_t who[256])
{
    int len = lk_dhcp_get(m, LK_DHCP_OPT_CLIENT_IDENTIFIER, who, 255);
    if (len >= 2)
        return (size_t)len;
    memcpy(who, m->chaddr, 6);
    return 6;
}

static void granted(struct bench *t, const struct lk_dhcp *m)
{
    uint8_t who[256];
    size_t len = who_is(m, who);
    uint32_t seconds = dhcp_number(m, LK_DHCP_OPT_LEASE_TIME);
    dhcp_must(&t->b, m->yiaddr >= FIRST_IP && m->yiaddr <= LAST_IP && m->yiaddr != FIRST_IP + 1, "an address of the range that is nobody's");
    struct grant *g = &t->grant[m->yiaddr - FIRST_IP];
    dhcp_must(&t->b, g->until <= t->b.now || same(g->who, g->len, who, len), "an address is leased to one client at a time");
    memcpy(g->who, who, len);
    g->len = len;
    g->until = seconds == UINT32_MAX ? LK_NEVER : t->b.now + seconds * LK_SECOND;
}

static void seen(void *context, const uint8_t *frame, size_t len)
{
    struct bench *t = context;
    const struct dhcp_bench *b = &t->b;
    struct lk_ipv4 ip;
    struct lk_udp udp;
    struct lk_dhcp m;
    uint8_t type = 0;
    if (!dhcp_in_frame(frame, len, &ip, &udp, &m))
        return;
    dhcp_must(b, ++t->replied <= t->asked, "one answer to one message at most");
    dhcp_must(b, ip.source_address == SERVER_IP && udp.source_port == 67 && udp.destination_port == 68 && m.op == 2, "a reply");
    dhcp_must(b, lk_dhcp_options_check(&m) == 0 && lk_dhcp_get_8(&m, LK_DHCP_OPT_MESSAGE_TYPE, &type) == 0, "a sound message");
    dhcp_must(b, dhcp_number(&m, LK_DHCP_OPT_SERVER_IDENTIFIER) == SERVER_IP && !dhcp_has(&m, LK_DHCP_OPT_REQUESTED_ADDRESS) &&
                     !dhcp_has(&m, LK_DHCP_OPT_PARAMETER_LIST) && !dhcp_has(&m, LK_DHCP_OPT_MAXIMUM_SIZE),
              "table 3");
    bool lease = dhcp_has(&m, LK_DHCP_OPT_LEASE_TIME);
    switch (type) {
    case LK_DHCP_OFFER: dhcp_must(b, lease && m.ciaddr == 0 && m.yiaddr >= FIRST_IP && m.yiaddr <= LAST_IP, "OFFER"); break;
    case LK_DHCP_ACK:
        dhcp_must(b, lease == (m.yiaddr != 0), "ACK: a lease with an address");
        if (lease)
            granted(t, &m);
        break;
    case LK_DHCP_NAK: dhcp_must(b, !lease && m.yiaddr == 0 && m.ciaddr == 0 && ip.destination_address == UINT32_MAX, "NAK"); break;
    default: dhcp_must(b, false, "a type that servers don't send");
    }
}

/* The table says the same: no two records of one address, all within the range. */
static void settled(struct bench *t)
{
    struct lk_dhcp_server_lease a, b;
    for (uint32_t i = 0; lk_dhcp_server_lease(t->server, i, &a, t->b.now) == 0; i++) {
        uint32_t address = lk_addr_ip4(&a.address);
        if (address == 0)
            continue;
        dhcp_must(&t->b, address >= FIRST_IP && address <= LAST_IP, "records are of the range");
        for (uint32_t k = 0; k < i; k++)
            dhcp_must(&t->b, lk_dhcp_server_lease(t->server, k, &b, t->b.now) == 0 && lk_addr_ip4(&b.address) != address, "one record an address");
    }
}

/* What ends a lease: a RELEASE or DECLINE of the one who has it. */
static void note(struct bench *t, const uint8_t *payload, size_t len)
{
    struct lk_dhcp m;
    uint8_t type = 0, who[256];
    if (lk_dhcp_parse(payload, len, &m) < 0 || lk_dhcp_get_8(&m, LK_DHCP_OPT_MESSAGE_TYPE, &type) < 0)
        return;
    uint32_t address = type == LK_DHCP_RELEASE ? m.ciaddr : type == LK_DHCP_DECLINE ? dhcp_number(&m, LK_DHCP_OPT_REQUESTED_ADDRESS) : 0;
    if (address < FIRST_IP || address > LAST_IP)
        return;
    struct grant *g = &t->grant[address - FIRST_IP];
    size_t who_len = who_is(&m, who);
    if (same(g->who, g->len, who, who_len))
        g->until = 0;
}

static void deliver(struct bench *t, uint8_t client, const uint8_t *payload, size_t len, uint32_t from, bool unicast)
{
    uint8_t mac[6] = {2, 0, 0, 0, 1, client};
    note(t, payload, len);
    t->asked++;
    dhcp_give_udp(&t->b, mac, 68, 67, from, unicast ? SERVER_IP : UINT32_MAX, payload, len);
    settled(t);
}

static void ask(struct bench *t, struct feed *f)
{
    static const uint32_t known[] = {0, FIRST_IP, FIRST_IP + 1, FIRST_IP + 2, LAST_IP, LAST_IP + 1, SERVER_IP, UINT32_MAX, 0x0a0000ff, 0xc0a80001};
    uint8_t bytes[700], client = feed_8(f), how = feed_8(f);
    struct lk_dhcp_writer w = {.at = bytes + 240, .cap = sizeof bytes - 240};
    struct lk_dhcp m = {.op = 1, .htype = 1, .hlen = 6, .xid = client, .flags = (how & 0x10) != 0 ? 0x8000 : 0, .chaddr = {2, 0, 0, 0, 1, client & 7}};
    uint32_t requested = dhcp_feed_address(f, known, 10), server = dhcp_feed_address(f, (const uint32_t[]){0, SERVER_IP, 0x0a000002}, 3);
    m.ciaddr = dhcp_feed_address(f, known, 10);
    uint8_t lease = feed_8(f);
    lk_dhcp_put_8(&w, LK_DHCP_OPT_MESSAGE_TYPE, (uint8_t)(1 + how % 8));
    if (requested != 0)
        lk_dhcp_put_32(&w, LK_DHCP_OPT_REQUESTED_ADDRESS, requested);
    if (server != 0)
        lk_dhcp_put_32(&w, LK_DHCP_OPT_SERVER_IDENTIFIER, server);
    if (lease != 0)
        lk_dhcp_put_32(&w, LK_DHCP_OPT_LEASE_TIME, lease == 255 ? UINT32_MAX : lease * 60u);
    if ((client & 8) != 0) /* identifiers that several hardware addresses share */
        lk_dhcp_put(&w, LK_DHCP_OPT_CLIENT_IDENTIFIER, (const uint8_t[]){0, client >> 4}, 2);
    m.options_len = lk_dhcp_put_end(&w, 60);
    m.options = w.at;
    int len = lk_dhcp_emit(&m, bytes, sizeof bytes);
    deliver(t, client & 7, bytes, (size_t)len, (how & 0x40) != 0 ? m.ciaddr : 0, (how & 0x20) != 0);
}

static void message(struct bench *t, struct feed *f, bool repaired)
{
    size_t got;
    uint16_t len = feed_16(f);
    const uint8_t *bytes = feed_bytes(f, len, &got);
    uint8_t *copy = exact_copy(bytes, got);
    if (repaired && got >= 34) {
        copy[0] = 1;
        copy[33] &= 7;
        memcpy(copy + 28, (const uint8_t[]){2, 0, 0, 0, 1}, 5);
    }
    deliver(t, got >= 34 ? copy[33] & 7 : 0, copy, got, 0, false);
    free(copy);
}

static void pass(struct bench *t, struct feed *f)
{
    static const lk_time units[] = {LK_SECOND, 60 * LK_SECOND, 3600 * LK_SECOND, 0};
    uint8_t byte = feed_8(f);
    dhcp_pass(&t->b, (byte & 63) * units[byte >> 6], NULL);
}

static void begin(struct bench *t, uint8_t how)
{
    static const uint8_t seed[32] = {6};
    struct lk_dhcp_server_config config;
    lk_dhcp_server_config_init(&config);
    config.address = lk_addr_from_ip4(SERVER_IP);
    config.first = lk_addr_from_ip4(FIRST_IP);
    config.last = lk_addr_from_ip4(LAST_IP);
    config.leases = (how & 1) != 0 ? 3 : 16; /* fewer records than addresses, too */
    config.lease_time = (how & 2) != 0 ? UINT32_MAX : 1800;
    config.routers = 1;
    config.router[0] = lk_addr_from_ip4(FIRST_IP + 1); /* within the range: never to be leased */
    size_t size = lk_dhcp_server_footprint(&config);
    t->server = malloc(size);
    law(lk_dhcp_server_init(t->server, size, &config, 0, seed) == 0, "a server");
    t->b = (struct dhcp_bench){.target = "dhcp_server", .stack = dhcp_stack(), .kind = &lk_dhcp_server_app, .app = t->server, .seen = seen, .context = t};
    law(lk_addr_add(t->b.stack, 0, config.address, 24, LK_ADDR_PREFERRED, 0) == 0, "an address");
    law(lk_dhcp_server_start(t->server, t->b.stack, 0) == 0, "a start");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct feed f = {data, size};
    struct bench t = {0};
    begin(&t, feed_8(&f));
    for (unsigned i = 0; f.left > 0 && i < DHCP_EVENTS_MOST; i++) {
        switch (feed_8(&f) % 4) {
        case 0: ask(&t, &f); break;
        case 1: message(&t, &f, true); break;
        case 2: message(&t, &f, false); break;
        default: pass(&t, &f); break;
        }
    }
    free(t.server);
    free(t.b.stack);
    return 0;
}
