#include "stack/tests/support/gateway.h"

static uint32_t hop(const struct gw *w, uint32_t to)
{
    uint32_t iface;
    struct lk_addr next;
    return lk_gateway_lookup(w->g, ip4(to), &iface, &next) == 0 ? lk_addr_ip4(&next) : 0;
}

START_TEST(the_longest_prefix_wins_whatever_the_order_of_adding) /* RFC 1812 5.2.4.3 */
{
    struct gw *w = router();
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100000), 24, ip4(SLOW + 24), SLOW_LINK), 0);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac000000), 8, ip4(SLOW + 8), SLOW_LINK), 0);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100000), 16, ip4(SLOW + 16), SLOW_LINK), 0);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100007), 32, ip4(SLOW + 32), SLOW_LINK), 0);
    sound(w);
    ck_assert_uint_eq(hop(w, 0xac100007), SLOW + 32);
    ck_assert_uint_eq(hop(w, 0xac100008), SLOW + 24);
    ck_assert_uint_eq(hop(w, 0xac100108), SLOW + 16);
    ck_assert_uint_eq(hop(w, 0xac110108), SLOW + 8);
    ck_assert_uint_eq(hop(w, 0xad110108), UPLINK);
    gw_free(w);
}
END_TEST

START_TEST(an_attached_network_is_reached_directly_unless_a_longer_route_says_otherwise)
{
    struct gw *w = router();
    ck_assert_uint_eq(hop(w, ALICE), ALICE);
    lk_gateway_route_add(w->g, ip4(0xc0a80100), 24, ip4(SLOW), SLOW_LINK); /* as long: the network itself wins */
    ck_assert_uint_eq(hop(w, ALICE), ALICE);
    lk_gateway_route_add(w->g, ip4(ALICE), 32, ip4(SLOW), SLOW_LINK);
    ck_assert_uint_eq(hop(w, ALICE), SLOW);
    gw_free(w);
}
END_TEST

START_TEST(a_route_without_gateway_is_on_link)
{
    struct gw *w = router();
    lk_gateway_route_add(w->g, ip4(0xac100000), 16, ip4(0), SLOW_LINK);
    ck_assert_uint_eq(hop(w, 0xac10ffee), 0xac10ffee);
    gw_free(w);
}
END_TEST

START_TEST(routes_that_make_no_sense_are_refused)
{
    struct lk_gateway_config c = router_config();
    c.routes = 2;
    struct gw *w = gw_with(c);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100001), 16, ip4(SLOW), SLOW_LINK), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100000), 33, ip4(SLOW), SLOW_LINK), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100000), 16, ip4(SLOW), 3), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100000), 16, ip4(0x7f000001), SLOW_LINK), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0), 0, ip4(SLOW), SLOW_LINK), LK_E_EXISTS);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100000), 16, ip4(SLOW), SLOW_LINK), 0);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xad000000), 8, ip4(SLOW), SLOW_LINK), LK_E_NOBUFS);
    ck_assert_int_eq(lk_gateway_route_remove(w->g, ip4(0xad000000), 8), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_gateway_route_remove(w->g, ip4(0xac100000), 99), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_gateway_route_remove(w->g, ip4(0), 0), 0);
    uint32_t iface;
    struct lk_addr next;
    ck_assert_int_eq(lk_gateway_lookup(w->g, ip4(SERVER), &iface, &next), LK_E_NETUNREACH);
    gw_free(w);
}
END_TEST

START_TEST(a_large_table_agrees_with_looking_at_every_route)
{
    enum { COUNT = 2000 };
    static uint32_t destination[COUNT], prefix[COUNT], count;
    struct lk_gateway_config c = router_config();
    uint32_t x = 1;
    c.routes = COUNT + 1;
    struct gw *w = gw_with(c);
    for (count = 0; count < COUNT;) {
        x = x * 1664525 + 1013904223;
        uint32_t p = 4 + x % 29, d = (0xac000000u | (x >> 4 & 0xffffff)) & lk_ip4_mask(p);
        if (lk_gateway_route_add(w->g, ip4(d), p, ip4(SLOW + count), SLOW_LINK) == 0)
            destination[count] = d, prefix[count] = p, count++;
        else if (p < 12)
            x += 7; /* there are few of these */
    }
    sound(w);
    for (uint32_t i = 0; i < COUNT; i += 3) { /* and some go again */
        ck_assert_int_eq(lk_gateway_route_remove(w->g, ip4(destination[i]), prefix[i]), 0);
        prefix[i] = 99;
    }
    for (uint32_t k = 0; k < 3000; k++) {
        x = x * 1664525 + 1013904223;
        uint32_t to = 0xac000000u | (x >> 4 & 0xffffff), best = UPLINK, longest = 0;
        for (uint32_t i = 0; i < COUNT; i++)
            if (prefix[i] <= 32 && (to & lk_ip4_mask(prefix[i])) == destination[i] && prefix[i] > longest)
                longest = prefix[i], best = SLOW + i;
        ck_assert_uint_eq(hop(w, to), best);
    }
    gw_free(w);
}
END_TEST

ALL("routes", the_longest_prefix_wins_whatever_the_order_of_adding, an_attached_network_is_reached_directly_unless_a_longer_route_says_otherwise,
    a_route_without_gateway_is_on_link, routes_that_make_no_sense_are_refused, a_large_table_agrees_with_looking_at_every_route)
