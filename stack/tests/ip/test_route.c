#include "stack/ip/route.h"

#include "stack/tests/support/host.h"

struct net {
    struct lk_addresses addresses;
    struct lk_address entries[4];
    struct lk_routes routes;
    struct lk_route more[8];
};

/* 10.0.0.1/24 on interface 0, 172.16.0.1/16 on interface 1. */
static struct net *net_new(void)
{
    struct net *n = calloc(1, sizeof *n);
    struct lk_addr a = ip4(US_IP), b = ip4(0xac100001);
    n->addresses.capacity = 4;
    n->addresses.table = (uint8_t *)n->entries - (uint8_t *)&n->addresses;
    n->routes.capacity = 3;
    n->routes.table = (uint8_t *)n->more - (uint8_t *)&n->routes;
    ck_assert_int_eq(lk_addresses_add(&n->addresses, 0, &a, 24, false), 0);
    ck_assert_int_eq(lk_addresses_add(&n->addresses, 1, &b, 16, false), 0);
    return n;
}

static int add(struct net *n, uint32_t destination, uint32_t prefix, uint32_t gateway, uint32_t iface)
{
    struct lk_addr d = ip4(destination), g = {{0}};
    if (gateway != 0)
        g = ip4(gateway);
    return lk_routes_add(&n->routes, &d, prefix, &g, iface);
}

/* The next hop towards an address, 0 when there is no way. */
static uint32_t via(const struct net *n, uint32_t iface, uint32_t up, uint32_t ip, struct lk_hop *hop)
{
    struct lk_addr a = ip4(ip);
    if (lk_routes_find(&n->routes, &n->addresses, up, iface, &a, hop) < 0)
        return 0;
    return lk_addr_ip4(&hop->next);
}

START_TEST(what_is_on_link_is_its_own_next_hop_and_works_without_any_gateway)
{
    struct net *n = net_new(); /* RFC 1122 3.3.1.1 */
    struct lk_hop hop;
    ck_assert_uint_eq(via(n, LK_ANY, 3, PEER_IP, &hop), PEER_IP);
    ck_assert_uint_eq(hop.iface, 0);
    ck_assert_uint_eq(via(n, LK_ANY, 3, 0xac10ff09, &hop), 0xac10ff09);
    ck_assert_uint_eq(hop.iface, 1);
    ck_assert_uint_eq(via(n, LK_ANY, 3, FAR_IP, &hop), 0);
    free(n);
}
END_TEST

START_TEST(the_longest_prefix_wins_whatever_the_order_of_adding)
{
    struct net *n = net_new();
    struct lk_hop hop;
    ck_assert_int_eq(add(n, 0, 0, 0x0a0000fe, 0), 0);
    ck_assert_int_eq(add(n, 0xc0000200, 24, 0xac100002, 1), 0);
    ck_assert_int_eq(add(n, 0xc0000000, 8, 0x0a000003, 0), 0);
    ck_assert_uint_eq(via(n, LK_ANY, 3, FAR_IP, &hop), 0xac100002);
    ck_assert_uint_eq(via(n, LK_ANY, 3, 0xc0010101, &hop), 0x0a000003);
    ck_assert_uint_eq(via(n, LK_ANY, 3, 0x08080808, &hop), 0x0a0000fe);
    ck_assert_uint_eq(via(n, LK_ANY, 3, PEER_IP, &hop), PEER_IP);
    ck_assert(lk_routes_check(&n->routes, 2));
    ck_assert_int_eq(add(n, 0xc6000000, 8, 0x0a000003, 0), LK_E_NOBUFS);
    free(n);
}
END_TEST

START_TEST(a_route_longer_than_our_network_goes_before_it)
{
    struct net *n = net_new();
    struct lk_hop hop;
    ck_assert_int_eq(add(n, PEER_IP, 32, 0xac100002, 1), 0);
    ck_assert_uint_eq(via(n, LK_ANY, 3, PEER_IP, &hop), 0xac100002);
    free(n);
}
END_TEST

START_TEST(interfaces_that_are_down_or_not_asked_for_are_passed_over)
{
    struct net *n = net_new();
    struct lk_hop hop;
    add(n, 0, 0, 0x0a0000fe, 0);
    add(n, 0, 0, 0xac100002, 1);
    ck_assert_uint_eq(via(n, LK_ANY, 3, FAR_IP, &hop), 0x0a0000fe); /* the first added */
    ck_assert_uint_eq(via(n, LK_ANY, 2, FAR_IP, &hop), 0xac100002);
    ck_assert_uint_eq(via(n, 1, 3, FAR_IP, &hop), 0xac100002);
    ck_assert_uint_eq(via(n, LK_ANY, 0, FAR_IP, &hop), 0);
    free(n);
}
END_TEST

START_TEST(what_must_not_be_on_a_link_has_no_way)
{
    struct net *n = net_new();
    struct lk_hop hop;
    add(n, 0, 0, 0x0a0000fe, 0);
    ck_assert_uint_eq(via(n, LK_ANY, 3, 0x7f000001, &hop), 0);
    ck_assert_uint_eq(via(n, LK_ANY, 3, 0, &hop), 0);
    ck_assert_uint_eq(via(n, LK_ANY, 3, US_IP, &hop), 0);
    free(n);
}
END_TEST

START_TEST(groups_are_told_and_need_no_table_when_the_interface_is_named)
{
    struct net *n = net_new();
    struct lk_hop hop;
    ck_assert_uint_eq(via(n, 1, 3, 0xffffffff, &hop), 0xffffffff);
    ck_assert_uint_eq(hop.cast, LK_CAST_BROADCAST);
    ck_assert_uint_eq(via(n, 1, 3, 0xe0000001, &hop), 0xe0000001);
    ck_assert_uint_eq(hop.cast, LK_CAST_MULTICAST);
    ck_assert_uint_eq(via(n, 1, 1, 0xffffffff, &hop), 0); /* down */
    ck_assert_uint_eq(via(n, LK_ANY, 3, 0xffffffff, &hop), 0);
    ck_assert_uint_eq(via(n, LK_ANY, 3, 0x0a0000ff, &hop), 0x0a0000ff);
    ck_assert_uint_eq(hop.cast, LK_CAST_BROADCAST);
    ck_assert_uint_eq(via(n, LK_ANY, 3, PEER_IP, &hop), PEER_IP);
    ck_assert_uint_eq(hop.cast, LK_CAST_UNICAST);
    free(n);
}
END_TEST

START_TEST(nonsense_is_refused_and_removing_finds_the_same_route)
{
    struct net *n = net_new();
    struct lk_addr d = ip4(0xc0000200);
    struct lk_hop hop;
    ck_assert_int_eq(add(n, 0xc0000201, 24, 0x0a0000fe, 0), LK_E_INVALID); /* bits behind the prefix */
    ck_assert_int_eq(add(n, 0, 33, 0x0a0000fe, 0), LK_E_INVALID);
    ck_assert_int_eq(add(n, 0, 0, 0xe0000001, 0), LK_E_INVALID);
    ck_assert_int_eq(add(n, 0xc0000200, 24, 0x0a0000fe, 0), 0);
    ck_assert_int_eq(add(n, 0xc0000200, 24, 0x0a0000fe, 0), LK_E_EXISTS);
    ck_assert_int_eq(lk_routes_remove(&n->routes, &d, 25), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_routes_remove(&n->routes, &d, 24), 0);
    ck_assert_uint_eq(via(n, LK_ANY, 3, FAR_IP, &hop), 0);
    free(n);
}
END_TEST

SUITE("routes", what_is_on_link_is_its_own_next_hop_and_works_without_any_gateway, the_longest_prefix_wins_whatever_the_order_of_adding,
      a_route_longer_than_our_network_goes_before_it, interfaces_that_are_down_or_not_asked_for_are_passed_over, what_must_not_be_on_a_link_has_no_way,
      groups_are_told_and_need_no_table_when_the_interface_is_named, nonsense_is_refused_and_removing_finds_the_same_route)
