#include "stack/tests/support/gateway.h"

static bool valid(struct lk_gateway_config c)
{
    return lk_gateway_footprint(&c) > 0;
}

START_TEST(a_configuration_that_breaks_a_rule_is_refused)
{
    struct lk_gateway_config good = nat_config(), c;
    ck_assert(valid(good));
    c = good, c.size_of = 1, ck_assert(!valid(c));
    c = good, c.ifaces = 0, ck_assert(!valid(c));
    c = good, c.ifaces = LK_MAX_IFACES + 1, ck_assert(!valid(c));
    c = good, c.iface[0].outside = true, ck_assert(!valid(c)); /* two outsides */
    c = good, c.iface[0].mtu = 67, ck_assert(!valid(c));
    c = good, c.iface[0].prefix = 33, ck_assert(!valid(c));
    c = good, c.iface[0].address = ip4(0x7f000001), ck_assert(!valid(c));
    c = good, c.port_low = 0, ck_assert(!valid(c));
    c = good, c.port_low = 30000, c.port_high = 29999, ck_assert(!valid(c));
    c = good, c.filtering = 3, ck_assert(!valid(c));
    c = good, c.udp_timeout = 120 * S - 1, ck_assert(!valid(c)); /* RFC 4787 REQ-5 */
    c = good, c.icmp_timeout = 60 * S - 1, ck_assert(!valid(c)); /* RFC 5508 REQ-2 */
    c = good, c.tcp_established_timeout = 7440 * S - 1, ck_assert(!valid(c)); /* RFC 5382 REQ-5 */
    c = good, c.tcp_transitory_timeout = 240 * S - 1, ck_assert(!valid(c));
    c = good, c.icmp_error_interval = 0, ck_assert(!valid(c));
}
END_TEST

START_TEST(memory_is_what_the_footprint_says)
{
    struct lk_gateway_config c = nat_config();
    static const uint8_t seed[32];
    size_t size = lk_gateway_footprint(&c);
    uint8_t *memory = aligned_alloc(64, (size + 127) / 64 * 64);
    ck_assert_int_eq(lk_gateway_init(memory, size - 1, &c, 0, seed), LK_E_NOSPACE);
    ck_assert_int_eq(lk_gateway_init(memory + 1, size, &c, 0, seed), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_init(memory, size, &c, 0, seed), 0);
    c.ifaces = 0;
    ck_assert_int_eq(lk_gateway_init(memory, size, &c, 0, seed), LK_E_INVALID);
    free(memory);
}
END_TEST

START_TEST(a_step_needs_room_and_an_interface)
{
    struct gw *w = router();
    uint8_t buf[700];
    size_t len = build(buf, sizeof buf, (struct pkt){.from = ALICE, .to = SERVER, .protocol = 99}, buf, 600);
    struct lk_gateway_in in = {.iface = 3, .packet = buf, .len = len};
    struct lk_gateway_out out = {.bytes = w->bytes, .cap = sizeof w->bytes};
    ck_assert_int_eq(lk_gateway_step(w->g, &in, &out, 0), LK_E_INVALID);
    in.iface = 0;
    out.cap = len - 1;
    ck_assert_int_eq(lk_gateway_step(w->g, &in, &out, 0), LK_E_NOSPACE);
    in.len = 20;
    out.cap = 575;
    ck_assert_int_eq(lk_gateway_step(w->g, &in, &out, 0), LK_E_NOSPACE);
    for (int i = 0; i < LK_GATEWAY_VERDICTS; i++)
        ck_assert_uint_eq(lk_gateway_count(w->g, i), 0);
    gw_free(w);
}
END_TEST

START_TEST(each_verdict_has_a_name_and_is_counted)
{
    struct gw *w = router();
    for (int i = 0; i < LK_GATEWAY_VERDICTS; i++) {
        bool used = i <= LK_GATEWAY_HOLD || i >= LK_GATEWAY_DROP;
        ck_assert_int_eq(strcmp(lk_gateway_verdict_name(i), "?") != 0, used);
        for (int k = 0; used && k < i; k++)
            ck_assert_str_ne(lk_gateway_verdict_name(i), lk_gateway_verdict_name(k));
    }
    ck_assert_str_eq(lk_gateway_verdict_name(-1), "?");
    ck_assert_str_eq(lk_gateway_verdict_name(LK_GATEWAY_VERDICTS), "?");
    give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 1, 2, 3);
    ck_assert_uint_eq(lk_gateway_count(w->g, LK_GATEWAY_FORWARD), 1);
    ck_assert_uint_eq(lk_gateway_count(w->g, 99), 0);
    gw_free(w);
}
END_TEST

START_TEST(an_address_can_change_and_routes_follow)
{
    struct gw *w = router();
    struct lk_addr none = {{0}};
    ck_assert_int_eq(lk_gateway_address(w->g, 3, ip4(ALICE), 24, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_address(w->g, INSIDE, ip4(0xe0000001), 24, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_address(w->g, INSIDE, ip4(ALICE), 33, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_address(w->g, INSIDE, none, 0, 0), 0);
    ck_assert_int_eq(give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = IN_IP}, 1, 2, 3), LK_GATEWAY_FORWARD); /* by the default route */
    ck_assert_int_eq(lk_gateway_address(w->g, INSIDE, ip4(IN_IP), 24, 0), 0);
    ck_assert_int_eq(give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = IN_IP}, 1, 2, 3), LK_GATEWAY_LOCAL);
    gw_free(w);
}
END_TEST

START_TEST(a_copy_of_the_memory_runs_on_the_same)
{
    struct gw *w = nat();
    size_t size = lk_gateway_footprint(&w->config);
    give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 53, 3);
    give_tcp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 53, LK_TCP_SYN);
    void *other = aligned_alloc(64, (size + 63) / 64 * 64), *first = w->memory;
    ck_assert_int_eq(lk_gateway_copy(other, size - 1, w->g), LK_E_NOSPACE);
    ck_assert_int_eq(lk_gateway_copy((uint8_t *)other + 1, size, w->g), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_copy(other, size, w->g), 0);
    w->memory = other, w->g = other;
    free(first);
    ck_assert_int_eq(give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 53, 5000, 3), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

ALL("gateway", a_configuration_that_breaks_a_rule_is_refused, memory_is_what_the_footprint_says, a_step_needs_room_and_an_interface,
    each_verdict_has_a_name_and_is_counted, an_address_can_change_and_routes_follow, a_copy_of_the_memory_runs_on_the_same)
