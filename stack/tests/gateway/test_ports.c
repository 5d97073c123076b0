#include "stack/tests/support/gateway.h"

static uint16_t port_of(struct gw *w, uint32_t from, uint16_t port)
{
    if (give_udp(w, INSIDE, (struct pkt){.from = from, .to = SERVER}, port, 53, 1) != LK_GATEWAY_FORWARD)
        return 0;
    return w->udp.source_port;
}

static struct gw *with_ports(uint16_t low, uint16_t high)
{
    struct lk_gateway_config c = nat_config();
    c.mappings = 4096;
    c.port_low = low;
    c.port_high = high;
    return gw_with(c);
}

START_TEST(a_free_port_is_kept)
{
    struct gw *w = nat();
    ck_assert_uint_eq(port_of(w, ALICE, 5000), 5000);
    ck_assert_uint_eq(port_of(w, ALICE, 700), 700);
    gw_free(w);
}
END_TEST

START_TEST(class_and_parity_are_kept_when_the_port_is_not) /* RFC 4787 REQ-3 a, REQ-4 */
{
    struct gw *w = with_ports(600, 32767);
    for (uint32_t i = 0; i < 50; i++) {
        ck_assert_uint_eq(port_of(w, ALICE + i, 5000) % 2, 0);
        ck_assert_uint_eq(port_of(w, ALICE + i, 5001) % 2, 1);
        ck_assert_uint_ge(port_of(w, ALICE + i, 5000), 1024);
        uint16_t low = port_of(w, ALICE + i, 500);
        ck_assert(low >= 600 && low < 1024 && low % 2 == 0);
        ck_assert_uint_ge(port_of(w, ALICE + i, 60000), 1024); /* beyond what we may use */
    }
    gw_free(w);
}
END_TEST

START_TEST(class_and_parity_give_way_before_a_flow_is_refused)
{
    struct gw *w = with_ports(1022, 1027);
    uint32_t seen = 0;
    for (uint32_t i = 0; i < 6; i++) {
        uint16_t port = port_of(w, ALICE + i, 5000);
        ck_assert(port >= 1022 && port <= 1027);
        ck_assert_uint_eq(seen >> (port - 1022) & 1, 0); /* never one twice */
        seen |= 1u << (port - 1022);
        if (i < 2)
            ck_assert_uint_eq(port % 2, 0);
        if (i < 4)
            ck_assert_uint_ge(port, 1024);
    }
    ck_assert_uint_eq(port_of(w, ALICE + 6, 5000), 0);
    ck_assert_uint_eq(w->icmp.type, LK_ICMPV4_DESTINATION_UNREACHABLE); /* used up: refused by name */
    ck_assert_uint_eq(w->icmp.code, LK_ICMPV4_COMMUNICATION_PROHIBITED);
    gw_free(w);
}
END_TEST

START_TEST(a_port_that_is_chosen_is_hard_to_guess) /* RFC 7857 9 */
{
    struct gw *w = with_ports(600, 32767);
    uint32_t steps[3] = {0}, last = 0;
    for (uint32_t i = 0; i < 100; i++) {
        uint16_t port = port_of(w, ALICE + i, 5000);
        steps[port > last ? 0 : 1]++;
        steps[2] += port - last == 2 || port - last == 1;
        last = port;
    }
    ck_assert_uint_gt(steps[0], 20); /* up and down, and hardly ever the next */
    ck_assert_uint_gt(steps[1], 20);
    ck_assert_uint_lt(steps[2], 5);
    gw_free(w);
}
END_TEST

START_TEST(a_flood_of_flows_never_shares_a_port) /* RFC 4787 REQ-3, REQ-11 */
{
    static uint8_t taken[65536];
    struct gw *w = with_ports(600, 32767);
    for (uint32_t i = 0; i < 4096; i++) {
        uint16_t port = port_of(w, 0xc0a80102 + i % 200, (uint16_t)(5000 + i / 200));
        ck_assert_uint_ne(port, 0);
        ck_assert_uint_eq(taken[port], 0);
        taken[port] = 1;
    }
    ck_assert_uint_eq(port_of(w, BOB, 65000), 0);
    gw_free(w);
}
END_TEST

ALL("ports", a_free_port_is_kept, class_and_parity_are_kept_when_the_port_is_not, class_and_parity_give_way_before_a_flow_is_refused,
    a_port_that_is_chosen_is_hard_to_guess, a_flood_of_flows_never_shares_a_port)
