#include "stack/tests/support/gateway.h"

#define EXPIRING {.from = ALICE, .to = SERVER, .ttl = 1}

START_TEST(an_error_quotes_what_came_up_to_576_bytes) /* RFC 1812 4.3.2.3 */
{
    struct gw *w = router();
    uint8_t buf[1500], datagram[1500];
    struct pkt a = EXPIRING;
    a.protocol = LK_PROTOCOL_UDP;
    size_t len = build(buf, sizeof buf, a, datagram, udp_of(datagram, sizeof datagram, a, 1, 2, 1400));
    ck_assert_int_eq(give_bytes(w, INSIDE, buf, len), LK_GATEWAY_ANSWER);
    ck_assert_uint_eq(w->out.len, 576);
    ck_assert_mem_eq(w->icmp.payload, buf, 576 - 28);
    len = build(buf, sizeof buf, a, datagram, udp_of(datagram, sizeof datagram, a, 1, 2, 10));
    give_bytes(w, INSIDE, buf, len);
    ck_assert_uint_eq(w->icmp.payload_len, len);
    ck_assert_mem_eq(w->icmp.payload, buf, len);
    gw_free(w);
}
END_TEST

START_TEST(an_errors_header_is_its_own) /* RFC 1812 4.3.2.2, 4.3.2.5 */
{
    struct gw *w = router();
    struct pkt a = EXPIRING;
    a.tos = 0x28 | 3;
    ck_assert_int_eq(give_udp(w, INSIDE, a, 1, 2, 3), LK_GATEWAY_ANSWER);
    ck_assert_uint_eq(w->ip.time_to_live, 64);
    ck_assert_uint_eq(w->ip.type_of_service, 0xc0 | 0x0a); /* internetwork control, TOS of the packet */
    ck_assert_uint_eq(w->ip.flags, LK_IPV4_DF);
    gw_free(w);
}
END_TEST

START_TEST(an_error_comes_from_the_interface_it_leaves_on) /* RFC 1812 4.3.2.4 */
{
    struct gw *w = router();
    struct pkt a = {.from = SLOW, .to = SERVER, .ttl = 1};
    ck_assert_int_eq(give_udp(w, INSIDE, a, 1, 2, 3), LK_GATEWAY_ANSWER); /* it came by another */
    ck_assert_uint_eq(w->ip.source_address, SLOW_IP);
    ck_assert_uint_eq(w->out.iface, SLOW_LINK);
    ck_assert_uint_eq(lk_addr_ip4(&w->out.next_hop), SLOW);
    gw_free(w);
}
END_TEST

START_TEST(never_about_what_must_not_be_answered) /* RFC 1812 4.3.2.7 */
{
    struct gw *w = router();
    static const uint8_t errors[] = {3, 4, 5, 11, 12};
    struct pkt a = EXPIRING, fragment = EXPIRING;
    for (size_t i = 0; i < sizeof errors; i++)
        ck_assert_int_eq(give_icmp(w, INSIDE, a, errors[i], 0, 0, NULL, 0), LK_GATEWAY_DROP_ICMP);
    ck_assert_int_eq(give_icmp(w, INSIDE, a, LK_ICMPV4_ECHO, 0, 0, NULL, 0), LK_GATEWAY_ANSWER); /* a query may be */
    a.protocol = LK_PROTOCOL_ICMP;
    ck_assert_int_eq(give(w, INSIDE, a, NULL, 0), LK_GATEWAY_DROP_ICMP); /* too short to tell */
    fragment.protocol = LK_PROTOCOL_UDP;
    fragment.offset = 3;
    ck_assert_int_eq(give(w, INSIDE, fragment, errors, 5), LK_GATEWAY_DROP_ICMP);
    fragment.offset = 0;
    fragment.flags = LK_IPV4_MF; /* the first may be */
    ck_assert_int_eq(give(w, INSIDE, fragment, errors, 5), LK_GATEWAY_ANSWER);
    gw_free(w);
}
END_TEST

START_TEST(a_source_without_a_way_back_gets_none)
{
    struct gw *w = router();
    lk_gateway_route_remove(w->g, ip4(0), 0);
    ck_assert_int_eq(give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OTHER}, 1, 2, 3), LK_GATEWAY_DROP_ICMP);
    gw_free(w);
}
END_TEST

START_TEST(errors_are_limited_in_number) /* RFC 1812 4.3.2.8 */
{
    struct lk_gateway_config c = router_config();
    c.icmp_error_burst = 3;
    struct gw *w = gw_with(c);
    struct pkt a = EXPIRING;
    int answered = 0;
    for (int i = 0; i < 1000; i++) {
        w->now = i * LK_MILLISECOND;
        int verdict = give_udp(w, INSIDE, a, 1, 2, 3);
        answered += verdict == LK_GATEWAY_ANSWER;
        ck_assert(verdict == LK_GATEWAY_ANSWER || verdict == LK_GATEWAY_DROP_RATE);
    }
    ck_assert_int_eq(answered, 3);
    ck_assert_uint_eq(lk_gateway_count(w->g, LK_GATEWAY_DROP_RATE), 997);
    w->now = 1000 * LK_MILLISECOND;
    ck_assert_int_eq(give_udp(w, INSIDE, a, 1, 2, 3), LK_GATEWAY_ANSWER);
    gw_free(w);
}
END_TEST

/* ---- redirects: RFC 1812 5.2.7.2 ---- */

static struct gw *with_neighbour_router(struct lk_gateway_config c)
{
    struct gw *w = gw_with(c);
    ck_assert_int_eq(lk_gateway_route_add(w->g, ip4(0xac100000), 16, ip4(BOB), INSIDE), 0);
    return w;
}

START_TEST(a_host_is_told_of_the_better_way_and_its_packet_goes_on)
{
    struct gw *w = with_neighbour_router(router_config());
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = 0xac100001}, 1, 2, 3), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(lk_addr_ip4(&w->out.next_hop), BOB);
    ck_assert_int_eq(lk_gateway_deadline(w->g), 0);
    ck_assert_int_eq(more(w), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_REDIRECT, LK_ICMPV4_REDIRECT_HOST);
    ck_assert_uint_eq(lk_icmpv4_gateway(&w->icmp), BOB);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
}
END_TEST

START_TEST(a_neighbour_on_the_same_link_is_named_itself)
{
    struct gw *w = router();
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = BOB}, 1, 2, 3), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(more(w), LK_GATEWAY_ANSWER);
    ck_assert_uint_eq(lk_icmpv4_gateway(&w->icmp), BOB);
    gw_free(w);
}
END_TEST

START_TEST(nobody_is_redirected_otherwise)
{
    static const uint8_t loose[] = {LK_IPV4_OPT_LSRR, 7, 4, 1, 2, 3, 4, 0};
    struct pkt far = {.from = SERVER, .to = 0xac100001}, routed = {.from = ALICE, .to = 0xac100001, .options = loose, .options_len = 8}, host = {.from = ALICE, .to = 0xac100001};
    struct gw *w = with_neighbour_router(router_config());
    ck_assert_int_eq(give_udp(w, INSIDE, far, 1, 2, 3), LK_GATEWAY_FORWARD); /* not a neighbour of the next hop */
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    ck_assert_int_eq(give_udp(w, INSIDE, routed, 1, 2, 3), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    ck_assert_int_eq(give_udp(w, SLOW_LINK, host, 1, 2, 3), LK_GATEWAY_FORWARD); /* it leaves where it did not come in */
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    ck_assert_int_eq(give_icmp(w, INSIDE, host, 3, 3, 0, NULL, 0), LK_GATEWAY_FORWARD); /* about an error */
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
    struct lk_gateway_config c = router_config();
    c.send_redirects = false;
    w = with_neighbour_router(c);
    ck_assert_int_eq(give_udp(w, INSIDE, host, 1, 2, 3), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
}
END_TEST

START_TEST(a_received_redirect_changes_no_route) /* RFC 1812 5.2.7.2; bug class 94 */
{
    struct gw *w = router();
    uint8_t buf[100], message[100], quoted[28];
    build(quoted, sizeof quoted, (struct pkt){.from = IN_IP, .to = SERVER, .protocol = 17}, buf, 8);
    size_t len = icmp_of(message, sizeof message, LK_ICMPV4_REDIRECT, 1, ALICE, quoted, sizeof quoted);
    struct pkt a = {.from = ALICE, .to = IN_IP, .protocol = LK_PROTOCOL_ICMP};
    ck_assert_int_eq(give(w, INSIDE, a, message, len), LK_GATEWAY_LOCAL);
    uint32_t iface;
    struct lk_addr next;
    lk_gateway_lookup(w->g, ip4(SERVER), &iface, &next);
    ck_assert_uint_eq(lk_addr_ip4(&next), UPLINK);
    gw_free(w);
}
END_TEST

START_TEST(a_routing_loop_ends_with_the_ttl) /* bug class 94: two gateways that send to each other */
{
    struct gw *w = with_neighbour_router(router_config());
    struct pkt a = {.from = SERVER, .to = 0xac100001, .ttl = 5};
    int hops = 0;
    uint8_t buf[100], datagram[20];
    a.protocol = LK_PROTOCOL_UDP;
    size_t len = build(buf, sizeof buf, a, datagram, udp_of(datagram, sizeof datagram, a, 1, 2, 3));
    while (give_bytes(w, INSIDE, buf, len) == LK_GATEWAY_FORWARD) {
        memcpy(buf, w->out.bytes, len);
        ck_assert_int_lt(hops++, 255);
    }
    ck_assert_int_eq(hops, 4);
    gw_free(w);
}
END_TEST

ALL("icmp", an_error_quotes_what_came_up_to_576_bytes, an_errors_header_is_its_own, an_error_comes_from_the_interface_it_leaves_on,
    never_about_what_must_not_be_answered, a_source_without_a_way_back_gets_none, errors_are_limited_in_number,
    a_host_is_told_of_the_better_way_and_its_packet_goes_on, a_neighbour_on_the_same_link_is_named_itself, nobody_is_redirected_otherwise,
    a_received_redirect_changes_no_route, a_routing_loop_ends_with_the_ttl)
