/* The server against clients that the test plays by hand. */
#include "stack/apps/dhcp_server.h"
#include "stack/tests/support/wire_world.h"

#define SERVER_IP 0x0a000001u
#define OTHER_SERVER_IP 0x0a000002u
#define FIRST 0x0a000064u
#define EVERYBODY 0xffffffffu

struct play {
    struct world *w;
    struct lk_dhcp_server *s;
    uint32_t seen; /* notes already looked at */
};

static struct lk_dhcp_server_config plain(void)
{
    struct lk_dhcp_server_config config;
    lk_dhcp_server_config_init(&config);
    config.address = lk_addr_from_ip4(SERVER_IP);
    config.first = lk_addr_from_ip4(FIRST);
    config.last = lk_addr_from_ip4(FIRST + 2);
    config.routers = 1;
    config.router[0] = lk_addr_from_ip4(0x0a0000feu);
    strcpy(config.domain, "home.test");
    return config;
}

static struct play begin(struct lk_dhcp_server_config config)
{
    static const uint8_t seed[32] = {3};
    struct play p = {.w = world_new()};
    struct lk_stack *stack = p.w->host[world_host(p.w)].stack;
    size_t size = lk_dhcp_server_footprint(&config);
    ck_assert_uint_gt(size, 0);
    ck_assert_int_eq(lk_addr_add(stack, 0, config.address, 24, LK_ADDR_PREFERRED, 0), 0);
    p.s = malloc(size);
    ck_assert_int_eq(lk_dhcp_server_init(p.s, size, &config, 0, seed), 0);
    ck_assert_int_eq(lk_dhcp_server_start(p.s, stack, 0), 0);
    world_app(p.w, 0, &lk_dhcp_server_app, p.s);
    return p;
}

static void end(struct play p)
{
    free(p.s);
    world_free(p.w);
}

/* ---- what the clients send ---- */

struct ask { /* 0: not there */
    uint8_t type, client;       /* client n has the link address 02:00:00:00:02:n */
    uint32_t requested, server, ciaddr, giaddr, lease, to; /* to: 0 is everybody */
    uint16_t flags, size;
    const char *identifier;
};

static void ask(struct play *p, struct ask a)
{
    uint8_t bytes[800], datagram[900], packet[900], frame[914], mac[6] = {2, 0, 0, 0, 2, a.client};
    static const uint8_t everyone[6] = {255, 255, 255, 255, 255, 255};
    struct lk_dhcp_writer w = {.at = bytes + 240, .cap = sizeof bytes - 240};
    struct lk_dhcp m = {.op = 1, .htype = 1, .hlen = 6, .xid = 0x1000u + a.client, .flags = a.flags, .ciaddr = a.ciaddr, .giaddr = a.giaddr, .options = w.at};
    memcpy(m.chaddr, mac, 6);
    lk_dhcp_put_8(&w, LK_DHCP_OPT_MESSAGE_TYPE, a.type);
    if (a.requested != 0)
        lk_dhcp_put_32(&w, LK_DHCP_OPT_REQUESTED_ADDRESS, a.requested);
    if (a.server != 0)
        lk_dhcp_put_32(&w, LK_DHCP_OPT_SERVER_IDENTIFIER, a.server);
    if (a.lease != 0)
        lk_dhcp_put_32(&w, LK_DHCP_OPT_LEASE_TIME, a.lease);
    if (a.size != 0)
        lk_dhcp_put_16(&w, LK_DHCP_OPT_MAXIMUM_SIZE, a.size);
    if (a.identifier != NULL)
        lk_dhcp_put(&w, LK_DHCP_OPT_CLIENT_IDENTIFIER, a.identifier, strlen(a.identifier));
    m.options_len = lk_dhcp_put_end(&w, 60);
    int len = lk_dhcp_emit(&m, bytes, sizeof bytes);
    struct lk_udp udp = {.source_port = 68, .destination_port = 67, .payload = bytes, .payload_len = (size_t)len};
    len = lk_udp_emit(&udp, datagram, sizeof datagram);
    struct lk_ipv4 ip = {.time_to_live = 64, .protocol = LK_PROTOCOL_UDP, .source_address = a.ciaddr, .destination_address = a.to != 0 ? a.to : EVERYBODY,
                         .payload = datagram, .payload_len = (size_t)len};
    len = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    struct lk_ethernet e = {.type = LK_ETHERTYPE_IPV4, .payload = packet, .payload_len = (size_t)len};
    memcpy(e.destination, a.to != 0 ? p->w->host[0].mac : everyone, 6);
    memcpy(e.source, mac, 6);
    len = lk_ethernet_emit(&e, frame, sizeof frame);
    world_send(p->w, WORLD_HOSTS, frame, (size_t)len);
    p->seen = p->w->notes;
    world_run(p->w, p->w->now);
}

/* The server's only answer to the last question, or NULL. */
static const struct note *answer(struct play *p)
{
    const struct note *found = NULL;
    for (uint32_t i = p->seen; i < p->w->notes; i++) {
        if (p->w->note[i].message == 0)
            continue;
        ck_assert_ptr_null(found);
        found = &p->w->note[i];
    }
    return found;
}

static const struct note *answered(struct play *p, uint8_t type)
{
    const struct note *n = answer(p);
    ck_assert_ptr_nonnull(n);
    ck_assert_uint_eq(n->message, type);
    ck_assert(n->src == SERVER_IP && n->sport == 67 && n->dport == 68 && n->dhcp.op == 2 && n->dhcp.secs == 0 && n->dhcp.hops == 0);
    return n;
}

static uint32_t option_32(const struct note *n, uint8_t code)
{
    uint32_t value = 0;
    ck_assert_int_eq(lk_dhcp_get_32(&n->dhcp, code, &value), 0);
    return value;
}

static bool has_option(const struct note *n, uint8_t code)
{
    uint8_t value[300];
    return lk_dhcp_get(&n->dhcp, code, value, sizeof value) >= 0;
}

/* DISCOVER, OFFER: the address. */
static uint32_t offered(struct play *p, uint8_t client, uint32_t requested)
{
    ask(p, (struct ask){.type = LK_DHCP_DISCOVER, .client = client, .requested = requested});
    return answered(p, LK_DHCP_OFFER)->dhcp.yiaddr;
}

static uint32_t leased(struct play *p, uint8_t client, uint32_t requested)
{
    uint32_t address = offered(p, client, requested);
    ask(p, (struct ask){.type = LK_DHCP_REQUEST, .client = client, .requested = address, .server = SERVER_IP});
    ck_assert_uint_eq(answered(p, LK_DHCP_ACK)->dhcp.yiaddr, address);
    return address;
}

START_TEST(an_offer_carries_what_table_3_says)
{
    struct lk_dhcp_server_config config = plain();
    config.t1 = 1000;
    config.t2 = 2000;
    struct play p = begin(config);
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1, .flags = 0x8000, .identifier = "me"});
    const struct note *n = answered(&p, LK_DHCP_OFFER);
    uint8_t value[16];
    ck_assert(n->dhcp.xid == 0x1001 && n->dhcp.flags == 0x8000 && n->dhcp.ciaddr == 0 && n->dhcp.yiaddr == FIRST && n->dhcp.giaddr == 0);
    ck_assert_mem_eq(n->dhcp.chaddr, "\2\0\0\0\2\1", 6);
    ck_assert_uint_eq(option_32(n, LK_DHCP_OPT_SERVER_IDENTIFIER), SERVER_IP);
    ck_assert_uint_eq(option_32(n, LK_DHCP_OPT_LEASE_TIME), 3600);
    ck_assert_uint_eq(option_32(n, LK_DHCP_OPT_T1), 1000);
    ck_assert_uint_eq(option_32(n, LK_DHCP_OPT_T2), 2000);
    ck_assert_uint_eq(option_32(n, LK_DHCP_OPT_SUBNET_MASK), 0xffffff00);
    ck_assert_uint_eq(option_32(n, LK_DHCP_OPT_ROUTER), 0x0a0000fe);
    ck_assert(!has_option(n, LK_DHCP_OPT_REQUESTED_ADDRESS) && !has_option(n, LK_DHCP_OPT_PARAMETER_LIST) && !has_option(n, LK_DHCP_OPT_MAXIMUM_SIZE));
    ck_assert_int_eq(lk_dhcp_get(&n->dhcp, LK_DHCP_OPT_CLIENT_IDENTIFIER, value, 16), 2); /* RFC 6842 */
    struct lk_dhcp_option o;
    size_t at = 0;
    bool mask = false;
    while (lk_dhcp_option_next(n->dhcp.options, n->dhcp.options_len, &at, &o) == 1) {
        mask = mask || o.code == LK_DHCP_OPT_SUBNET_MASK;
        ck_assert(o.code != LK_DHCP_OPT_ROUTER || mask); /* RFC 2132 3.3 */
    }
    end(p);
}
END_TEST

START_TEST(replies_go_where_4_1_says)
{
    struct play p = begin(plain());
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1});
    const struct note *n = answered(&p, LK_DHCP_OFFER); /* no broadcast flag: to the link address, without ARP */
    ck_assert_uint_eq(n->dst, n->dhcp.yiaddr);
    ck_assert_mem_eq(n->to, "\2\0\0\0\2\1", 6);
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1, .flags = 0x8000});
    ck_assert_uint_eq(answered(&p, LK_DHCP_OFFER)->dst, EVERYBODY);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .requested = FIRST + 1, .server = SERVER_IP});
    ck_assert_uint_eq(answered(&p, LK_DHCP_NAK)->dst, EVERYBODY); /* NAK: always */
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1, .giaddr = 0x0a000009});
    ck_assert_ptr_null(answer(&p)); /* no relay agents */
    end(p);
}
END_TEST

START_TEST(renewing_is_answered_at_ciaddr)
{
    struct play p = begin(plain());
    uint32_t address = leased(&p, 1, 0);
    uint8_t mac[6] = {2, 0, 0, 0, 2, 1};
    ck_assert_int_eq(lk_neighbour_set(p.w->host[0].stack, 0, lk_addr_from_ip4(address), mac, 0), 0);
    world_run(p.w, 1800 * S);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .ciaddr = address, .to = SERVER_IP});
    const struct note *n = answered(&p, LK_DHCP_ACK);
    ck_assert(n->dst == address && n->dhcp.ciaddr == address && n->dhcp.yiaddr == address);
    struct lk_dhcp_server_lease lease;
    ck_assert_int_eq(lk_dhcp_server_lease(p.s, 0, &lease, p.w->now), 0);
    ck_assert_int_eq(lease.expires, 5400 * S);
    end(p);
}
END_TEST

START_TEST(no_two_clients_get_one_address_and_the_range_has_an_end)
{
    struct play p = begin(plain());
    ck_assert_uint_eq(leased(&p, 1, 0), FIRST);
    ck_assert_uint_eq(leased(&p, 2, FIRST), FIRST + 1); /* taken: another */
    ck_assert_uint_eq(leased(&p, 3, 0), FIRST + 2);
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 4});
    ck_assert_ptr_null(answer(&p));
    ck_assert_uint_eq(offered(&p, 2, FIRST), FIRST + 1); /* its own, whatever it asks for */
    world_run(p.w, 3600 * S); /* all leases are over */
    ck_assert_uint_eq(offered(&p, 4, 0), FIRST); /* the one that ended first */
    ck_assert_uint_eq(offered(&p, 2, 0), FIRST + 1); /* its previous one */
    end(p);
}
END_TEST

START_TEST(a_client_is_known_by_its_identifier_if_it_has_one)
{
    struct play p = begin(plain());
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1, .identifier = "laptop"});
    ck_assert_uint_eq(answered(&p, LK_DHCP_OFFER)->dhcp.yiaddr, FIRST);
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 2, .identifier = "laptop"}); /* by another interface */
    ck_assert_uint_eq(answered(&p, LK_DHCP_OFFER)->dhcp.yiaddr, FIRST);
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1, .identifier = "phone"});
    ck_assert_uint_eq(answered(&p, LK_DHCP_OFFER)->dhcp.yiaddr, FIRST + 1);
    end(p);
}
END_TEST

START_TEST(an_address_that_is_asked_for_is_given_if_it_is_ours_and_free)
{
    struct lk_dhcp_server_config config = plain();
    config.last = lk_addr_from_ip4(0x0a0000feu); /* up to the router */
    struct play p = begin(config);
    ck_assert_uint_eq(offered(&p, 1, FIRST + 7), FIRST + 7);
    ck_assert_uint_eq(offered(&p, 2, 0x0a0000feu), FIRST); /* the router's */
    ck_assert_uint_eq(offered(&p, 3, 0x0a000005), FIRST + 1); /* not in the range */
    end(p);
}
END_TEST

START_TEST(an_offer_that_is_not_taken_up_is_free_after_a_minute)
{
    struct lk_dhcp_server_config config = plain();
    config.last = config.first;
    struct play p = begin(config);
    ck_assert_uint_eq(offered(&p, 1, 0), FIRST);
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 2});
    ck_assert_ptr_null(answer(&p));
    world_run(p.w, 60 * S);
    ck_assert_uint_eq(offered(&p, 2, 0), FIRST);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .requested = FIRST, .server = SERVER_IP}); /* too late */
    answered(&p, LK_DHCP_NAK);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 2, .requested = FIRST, .server = OTHER_SERVER_IP}); /* it chose another server */
    ck_assert_ptr_null(answer(&p));
    ck_assert_uint_eq(offered(&p, 3, 0), FIRST);
    end(p);
}
END_TEST

START_TEST(a_nak_carries_no_parameters)
{
    struct play p = begin(plain());
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .requested = FIRST, .server = SERVER_IP}); /* never offered */
    const struct note *n = answered(&p, LK_DHCP_NAK);
    ck_assert(n->dhcp.yiaddr == 0 && n->dhcp.ciaddr == 0);
    ck_assert_uint_eq(option_32(n, LK_DHCP_OPT_SERVER_IDENTIFIER), SERVER_IP);
    ck_assert(has_option(n, LK_DHCP_OPT_MESSAGE));
    ck_assert(!has_option(n, LK_DHCP_OPT_LEASE_TIME) && !has_option(n, LK_DHCP_OPT_SUBNET_MASK) && !has_option(n, LK_DHCP_OPT_ROUTER));
    end(p);
}
END_TEST

START_TEST(after_a_reboot_only_what_we_know_is_answered)
{
    struct play p = begin(plain());
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .requested = 0xc0a80005}); /* another network */
    answered(&p, LK_DHCP_NAK);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .requested = FIRST}); /* no record: silent */
    ck_assert_ptr_null(answer(&p));
    leased(&p, 1, 0);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .requested = FIRST});
    answered(&p, LK_DHCP_ACK);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .requested = FIRST + 1}); /* not its own */
    answered(&p, LK_DHCP_NAK);
    end(p);
}
END_TEST

START_TEST(renewing_and_rebinding_are_told_apart_when_there_is_no_record)
{
    struct play p = begin(plain());
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .ciaddr = FIRST}); /* to everybody: another server's */
    ck_assert_ptr_null(answer(&p));
    uint8_t mac[6] = {2, 0, 0, 0, 2, 1};
    ck_assert_int_eq(lk_neighbour_set(p.w->host[0].stack, 0, lk_addr_from_ip4(FIRST), mac, 0), 0);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .ciaddr = FIRST, .to = SERVER_IP}); /* to us: trusted */
    ck_assert_uint_eq(answered(&p, LK_DHCP_ACK)->dhcp.yiaddr, FIRST);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 2, .ciaddr = FIRST, .to = SERVER_IP}); /* somebody else's by now */
    answered(&p, LK_DHCP_NAK);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .ciaddr = FIRST + 1}); /* we know better */
    answered(&p, LK_DHCP_NAK);
    end(p);
}
END_TEST

START_TEST(a_declined_address_is_given_to_nobody)
{
    struct play p = begin(plain());
    uint32_t address = leased(&p, 1, 0);
    ask(&p, (struct ask){.type = LK_DHCP_DECLINE, .client = 2, .requested = address, .server = SERVER_IP}); /* not its to decline */
    struct lk_dhcp_server_lease lease;
    lk_dhcp_server_lease(p.s, 0, &lease, 0);
    ck_assert_int_eq(lease.state, LK_DHCP_LEASE_BOUND);
    ask(&p, (struct ask){.type = LK_DHCP_DECLINE, .client = 1, .requested = address, .server = SERVER_IP});
    ck_assert_ptr_null(answer(&p));
    lk_dhcp_server_lease(p.s, 0, &lease, 0);
    ck_assert_int_eq(lease.state, LK_DHCP_LEASE_DECLINED);
    ck_assert_uint_eq(offered(&p, 1, address), FIRST + 1);
    ck_assert_uint_eq(offered(&p, 2, address), FIRST + 2);
    world_run(p.w, 3600 * S); /* for as long as a lease */
    ck_assert_uint_eq(offered(&p, 3, address), address);
    end(p);
}
END_TEST

START_TEST(a_released_address_is_free_and_remembered)
{
    struct lk_dhcp_server_config config = plain();
    config.last = config.first;
    struct play p = begin(config);
    leased(&p, 1, 0);
    ask(&p, (struct ask){.type = LK_DHCP_RELEASE, .client = 2, .ciaddr = FIRST, .server = SERVER_IP, .to = SERVER_IP}); /* not its lease */
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 2});
    ck_assert_ptr_null(answer(&p));
    ask(&p, (struct ask){.type = LK_DHCP_RELEASE, .client = 1, .ciaddr = FIRST, .server = SERVER_IP, .to = SERVER_IP});
    ck_assert_ptr_null(answer(&p));
    ck_assert_uint_eq(offered(&p, 2, 0), FIRST);
    end(p);
}
END_TEST

START_TEST(inform_is_answered_without_a_lease_and_only_on_our_network)
{
    struct play p = begin(plain());
    uint8_t mac[6] = {2, 0, 0, 0, 2, 1};
    ck_assert_int_eq(lk_neighbour_set(p.w->host[0].stack, 0, lk_addr_from_ip4(0x0a000009), mac, 0), 0);
    ask(&p, (struct ask){.type = LK_DHCP_INFORM, .client = 1, .ciaddr = 0x0a000009});
    const struct note *n = answered(&p, LK_DHCP_ACK);
    ck_assert(n->dst == 0x0a000009 && n->dhcp.yiaddr == 0);
    ck_assert(!has_option(n, LK_DHCP_OPT_LEASE_TIME) && has_option(n, LK_DHCP_OPT_ROUTER));
    ask(&p, (struct ask){.type = LK_DHCP_INFORM, .client = 1, .ciaddr = 0xc0000201});
    ck_assert_ptr_null(answer(&p));
    end(p);
}
END_TEST

START_TEST(a_shorter_lease_may_be_asked_for_and_a_longer_one_not)
{
    struct play p = begin(plain());
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1, .lease = 600});
    ck_assert_uint_eq(option_32(answered(&p, LK_DHCP_OFFER), LK_DHCP_OPT_LEASE_TIME), 600);
    ask(&p, (struct ask){.type = LK_DHCP_REQUEST, .client = 1, .requested = FIRST, .server = SERVER_IP});
    ck_assert_uint_eq(option_32(answered(&p, LK_DHCP_ACK), LK_DHCP_OPT_LEASE_TIME), 600); /* as it was offered */
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 2, .lease = 0xffffffff});
    ck_assert_uint_eq(option_32(answered(&p, LK_DHCP_OFFER), LK_DHCP_OPT_LEASE_TIME), 3600);
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 3, .lease = 1});
    ck_assert_uint_eq(option_32(answered(&p, LK_DHCP_OFFER), LK_DHCP_OPT_LEASE_TIME), 60);
    end(p);
}
END_TEST

START_TEST(what_does_not_fit_into_the_clients_size_is_left_out)
{
    struct lk_dhcp_server_config config = plain();
    memset(config.domain, 'd', 250);
    struct play p = begin(config);
    char identifier[256];
    memset(identifier, 'i', 255);
    identifier[255] = '\0';
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1, .identifier = identifier});
    const struct note *n = answered(&p, LK_DHCP_OFFER);
    ck_assert_uint_le(n->len - 14, 576);
    ck_assert(has_option(n, LK_DHCP_OPT_LEASE_TIME) && has_option(n, LK_DHCP_OPT_SUBNET_MASK) && !has_option(n, LK_DHCP_OPT_DOMAIN_NAME));
    ask(&p, (struct ask){.type = LK_DHCP_DISCOVER, .client = 1, .identifier = identifier, .size = 1500});
    ck_assert(has_option(answered(&p, LK_DHCP_OFFER), LK_DHCP_OPT_DOMAIN_NAME));
    end(p);
}
END_TEST

START_TEST(a_configuration_that_makes_no_sense_needs_no_memory)
{
    struct lk_dhcp_server_config config = plain();
    ck_assert_uint_gt(lk_dhcp_server_footprint(&config), 0);
    config.last = lk_addr_from_ip4(FIRST - 1);
    ck_assert_uint_eq(lk_dhcp_server_footprint(&config), 0);
    config = plain();
    config.last = lk_addr_from_ip4(0x0a000164); /* another network */
    ck_assert_uint_eq(lk_dhcp_server_footprint(&config), 0);
    config = plain();
    config.t1 = 2000;
    config.t2 = 1000;
    ck_assert_uint_eq(lk_dhcp_server_footprint(&config), 0);
    config = plain();
    config.lease_time = 0;
    ck_assert_uint_eq(lk_dhcp_server_footprint(&config), 0);
    config = plain();
    config.routers = 5;
    ck_assert_uint_eq(lk_dhcp_server_footprint(&config), 0);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {an_offer_carries_what_table_3_says,
                            replies_go_where_4_1_says,
                            renewing_is_answered_at_ciaddr,
                            no_two_clients_get_one_address_and_the_range_has_an_end,
                            a_client_is_known_by_its_identifier_if_it_has_one,
                            an_address_that_is_asked_for_is_given_if_it_is_ours_and_free,
                            an_offer_that_is_not_taken_up_is_free_after_a_minute,
                            a_nak_carries_no_parameters,
                            after_a_reboot_only_what_we_know_is_answered,
                            renewing_and_rebinding_are_told_apart_when_there_is_no_record,
                            a_declined_address_is_given_to_nobody,
                            a_released_address_is_free_and_remembered,
                            inform_is_answered_without_a_lease_and_only_on_our_network,
                            a_shorter_lease_may_be_asked_for_and_a_longer_one_not,
                            what_does_not_fit_into_the_clients_size_is_left_out,
                            a_configuration_that_makes_no_sense_needs_no_memory};
    return run_tests("dhcp server", tests, sizeof tests / sizeof tests[0]);
}
