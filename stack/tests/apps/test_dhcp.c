/* Client and server, each on a stack of its own, over a wire. */
#include "stack/apps/dhcp_client.h"
#include "stack/apps/dhcp_server.h"
#include "stack/tests/support/wire_world.h"

#define SERVER_IP 0x0a000001u
#define FIRST_IP 0x0a000064u

static const uint8_t seed[32] = {7, 7, 7};

struct pair {
    struct world *w;
    uint32_t server_host, client_host;
    struct lk_dhcp_server *server;
    struct lk_dhcp_client *client;
};

static struct lk_dhcp_server *server_on(struct world *w, uint32_t host, struct lk_dhcp_server_config config)
{
    config.address = lk_addr_from_ip4(SERVER_IP);
    ck_assert_int_eq(lk_addr_add(w->host[host].stack, 0, config.address, 24, LK_ADDR_PREFERRED, w->now), 0);
    size_t size = lk_dhcp_server_footprint(&config);
    ck_assert_uint_gt(size, 0);
    struct lk_dhcp_server *s = malloc(size);
    ck_assert_int_eq(lk_dhcp_server_init(s, size, &config, w->now, seed), 0);
    ck_assert_int_eq(lk_dhcp_server_start(s, w->host[host].stack, w->now), 0);
    world_app(w, host, &lk_dhcp_server_app, s);
    return s;
}

static struct lk_dhcp_client *client_on(struct world *w, uint32_t host, struct lk_dhcp_client_config config)
{
    memcpy(config.mac, w->host[host].mac, 6);
    size_t size = lk_dhcp_client_footprint(&config);
    ck_assert_uint_gt(size, 0);
    struct lk_dhcp_client *c = malloc(size);
    ck_assert_int_eq(lk_dhcp_client_init(c, size, &config, w->now, seed), 0);
    ck_assert_int_eq(lk_dhcp_client_start(c, w->host[host].stack, w->now), 0);
    world_app(w, host, &lk_dhcp_client_app, c);
    return c;
}

static struct lk_dhcp_server_config server_config(void)
{
    struct lk_dhcp_server_config config;
    lk_dhcp_server_config_init(&config);
    config.first = lk_addr_from_ip4(FIRST_IP);
    config.last = lk_addr_from_ip4(FIRST_IP + 9);
    config.routers = config.dns_servers = 1;
    config.router[0] = lk_addr_from_ip4(0x0a0000feu);
    config.dns_server[0] = lk_addr_from_ip4(0x0a000035u);
    strcpy(config.domain, "home.test");
    return config;
}

static struct pair begin(void)
{
    struct lk_dhcp_client_config config;
    struct pair p = {.w = world_new()};
    lk_dhcp_client_config_init(&config);
    strcpy(config.hostname, "laptop");
    p.server_host = world_host(p.w);
    p.client_host = world_host(p.w);
    p.server = server_on(p.w, p.server_host, server_config());
    p.client = client_on(p.w, p.client_host, config);
    return p;
}

static void end(struct pair p)
{
    free(p.server);
    free(p.client);
    world_free(p.w);
}

START_TEST(a_client_gets_a_lease_and_configures_its_stack)
{
    struct pair p = begin();
    struct lk_dhcp_lease lease;
    struct lk_endpoint far = {.address = lk_addr_from_ip4(0xc0000201u), .iface = LK_ANY, .port = 9};
    lk_socket s;
    struct lk_stack *stack = p.w->host[p.client_host].stack;
    world_run(p.w, 2 * S);
    ck_assert_int_eq(lk_dhcp_client_state(p.client), LK_DHCP_BOUND);
    ck_assert(lk_dhcp_client_lease(p.client, &lease));
    ck_assert_uint_eq(lk_addr_ip4(&lease.address), FIRST_IP);
    ck_assert_uint_eq(lk_addr_ip4(&lease.server), SERVER_IP);
    ck_assert_uint_eq(lease.prefix, 24);
    ck_assert_uint_eq(lease.routers, 1);
    ck_assert_uint_eq(lk_addr_ip4(&lease.dns_server[0]), 0x0a000035u);
    ck_assert_str_eq(lease.domain, "home.test");
    ck_assert_int_eq(lease.expires, 3600 * S);
    ck_assert(lease.t1 <= 1800 * S && lease.t1 >= 1700 * S && lease.t2 <= 3150 * S && lease.t2 >= 3000 * S);
    /* The address and the default route are there: a datagram for far away asks for the router. */
    ck_assert_int_eq(lk_sock_open(stack, LK_UDP, &s, p.w->now), 0);
    ck_assert_int_eq(lk_sock_send_to(stack, s, "x", 1, &far, NULL, p.w->now), 1);
    world_run(p.w, p.w->now);
    ck_assert_uint_eq(p.w->note[p.w->notes - 1].arp.tpa, 0x0a0000feu);
    ck_assert_uint_eq(p.w->note[p.w->notes - 1].arp.spa, FIRST_IP);
    end(p);
}
END_TEST

START_TEST(the_exchange_is_discover_offer_request_ack_probe_announcement)
{
    struct pair p = begin();
    world_run(p.w, 2 * S);
    const uint8_t expected[] = {LK_DHCP_DISCOVER, LK_DHCP_OFFER, LK_DHCP_REQUEST, LK_DHCP_ACK, 0, 0};
    ck_assert_uint_eq(p.w->notes, 6);
    for (uint32_t i = 0; i < 6; i++)
        ck_assert_uint_eq(p.w->note[i].message, expected[i]);
    const struct note *offer = &p.w->note[1], *probe = &p.w->note[4], *announcement = &p.w->note[5];
    ck_assert_uint_eq(offer->dst, FIRST_IP); /* unicast, since the client does not ask for broadcast */
    ck_assert_mem_eq(offer->to, p.w->host[p.client_host].mac, 6);
    ck_assert(probe->arp.op == LK_ARP_REQUEST && probe->arp.spa == 0 && probe->arp.tpa == FIRST_IP);
    ck_assert(announcement->arp.op == LK_ARP_REQUEST && announcement->arp.spa == FIRST_IP && announcement->arp.tpa == FIRST_IP);
    ck_assert_int_eq(announcement->at - probe->at, 1 * S);
    end(p);
}
END_TEST

START_TEST(each_state_is_told_once_and_in_order)
{
    struct pair p = begin();
    struct lk_dhcp_event e;
    const enum lk_dhcp_state expected[] = {LK_DHCP_INIT, LK_DHCP_SELECTING, LK_DHCP_REQUESTING, LK_DHCP_PROBING, LK_DHCP_BOUND};
    world_run(p.w, 2 * S);
    for (size_t i = 0; i < 5; i++) {
        ck_assert(lk_dhcp_client_next(p.client, &e));
        ck_assert_int_eq(e.state, expected[i]);
        ck_assert_int_eq(e.error, 0);
    }
    ck_assert(!lk_dhcp_client_next(p.client, &e));
    end(p);
}
END_TEST

START_TEST(release_tells_the_server_and_takes_the_address_away)
{
    struct pair p = begin();
    struct lk_dhcp_server_lease record;
    struct lk_stack *stack = p.w->host[p.client_host].stack;
    world_run(p.w, 2 * S);
    ck_assert_int_eq(lk_dhcp_server_lease(p.server, 0, &record, p.w->now), 0);
    ck_assert(record.taken && record.state == LK_DHCP_LEASE_BOUND);
    ck_assert_int_eq(lk_dhcp_client_release(p.client, stack, p.w->now), 0);
    ck_assert_int_eq(lk_dhcp_client_state(p.client), LK_DHCP_STOPPED);
    ck_assert_int_eq(lk_addr_conflicts(stack, 0, lk_addr_from_ip4(FIRST_IP)), LK_E_NOTFOUND);
    world_run(p.w, 3 * S);
    const struct note *release = world_message(p.w, LK_DHCP_RELEASE, 0);
    ck_assert_ptr_nonnull(release);
    ck_assert_uint_eq(release->dst, SERVER_IP);
    ck_assert_uint_eq(release->dhcp.ciaddr, FIRST_IP);
    ck_assert_int_eq(lk_dhcp_server_lease(p.server, 0, &record, p.w->now), 0);
    ck_assert(!record.taken);
    end(p);
}
END_TEST

START_TEST(the_lease_is_renewed_again_and_again)
{
    struct pair p = begin();
    struct lk_dhcp_lease lease;
    world_run(p.w, 10000 * S);
    ck_assert_int_eq(lk_dhcp_client_state(p.client), LK_DHCP_BOUND);
    ck_assert(lk_dhcp_client_lease(p.client, &lease));
    ck_assert_int_gt(lease.expires, 10000 * S);
    ck_assert_uint_eq(lk_addr_ip4(&lease.address), FIRST_IP);
    ck_assert_uint_ge(world_count(p.w, LK_DHCP_REQUEST), 5);
    ck_assert_uint_eq(world_count(p.w, LK_DHCP_DISCOVER), 1);
    end(p);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {a_client_gets_a_lease_and_configures_its_stack, the_exchange_is_discover_offer_request_ack_probe_announcement,
                            each_state_is_told_once_and_in_order, release_tells_the_server_and_takes_the_address_away,
                            the_lease_is_renewed_again_and_again};
    return run_tests("dhcp", tests, sizeof tests / sizeof tests[0]);
}
