#include "stack/tests/support/gateway.h"

static const struct pkt alice_to_server = {.from = ALICE, .to = SERVER};

/* From inside; the outside port it got. */
static uint16_t send_udp(struct gw *w, uint32_t from, uint16_t port, uint32_t to, uint16_t dport)
{
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = from, .to = to}, port, dport, 4), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->out.iface, OUTSIDE);
    ck_assert_uint_eq(w->ip.source_address, OUT_IP);
    ck_assert_uint_eq(w->ip.destination_address, to);
    ck_assert_uint_eq(w->udp.destination_port, dport);
    return w->udp.source_port;
}

static int from_outside(struct gw *w, uint32_t from, uint16_t sport, uint16_t to_port)
{
    return give_udp(w, OUTSIDE, (struct pkt){.from = from, .to = OUT_IP}, sport, to_port, 4);
}

START_TEST(a_datagram_goes_out_and_its_answer_comes_in) /* RFC 3022 4.1 */
{
    struct gw *w = nat();
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    ck_assert_int_eq(from_outside(w, SERVER, 53, port), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.destination_address, ALICE);
    ck_assert_uint_eq(w->ip.source_address, SERVER);
    ck_assert_uint_eq(w->udp.destination_port, 5000);
    ck_assert_uint_eq(w->udp.source_port, 53);
    ck_assert_uint_eq(w->out.iface, INSIDE);
    ck_assert_uint_eq(lk_addr_ip4(&w->out.next_hop), ALICE);
    ck_assert_uint_eq(w->ip.time_to_live, 63);
    gw_free(w);
}
END_TEST

START_TEST(one_inside_endpoint_keeps_one_outside_port) /* RFC 4787 REQ-1 */
{
    struct gw *w = nat();
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    ck_assert_uint_eq(send_udp(w, ALICE, 5000, OTHER, 9), port);
    ck_assert_uint_eq(send_udp(w, ALICE, 5000, SERVER, 54), port);
    gw_free(w);
}
END_TEST

START_TEST(two_inside_hosts_never_share_a_port) /* RFC 4787 REQ-3 */
{
    struct gw *w = nat();
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    ck_assert_uint_ne(send_udp(w, BOB, 5000, SERVER, 53), port);
    gw_free(w);
}
END_TEST

START_TEST(bindings_are_per_protocol) /* RFC 7857 5 */
{
    struct gw *w = nat();
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    ck_assert_int_eq(give_tcp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 80, port, LK_TCP_SYN), LK_GATEWAY_DROP_NO_BINDING);
    ck_assert_int_eq(give_tcp(w, INSIDE, alice_to_server, 5000, 80, LK_TCP_SYN), LK_GATEWAY_FORWARD);
    struct lk_nat_binding b;
    ck_assert_int_eq(lk_gateway_binding(w->g, 1, &b), 0);
    ck_assert_int_eq(lk_gateway_binding(w->g, 2, &b), LK_E_NOTFOUND);
    gw_free(w);
}
END_TEST

START_TEST(what_nobody_asked_for_goes_nowhere)
{
    struct gw *w = nat();
    ck_assert_int_eq(from_outside(w, SERVER, 53, 5000), LK_GATEWAY_DROP_NO_BINDING);
    ck_assert_int_eq(give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = ALICE}, 53, 5000, 4), LK_GATEWAY_DROP_FILTERED);
    gw_free(w);
}
END_TEST

START_TEST(a_port_that_is_not_the_nats_is_the_hosts)
{
    struct gw *w = nat();
    ck_assert_int_eq(from_outside(w, SERVER, 53, 50000), LK_GATEWAY_LOCAL);
    ck_assert_int_eq(from_outside(w, SERVER, 53, 68), LK_GATEWAY_LOCAL);
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = OUT_IP}, 5000, 68, 4), LK_GATEWAY_LOCAL);
    gw_free(w);
}
END_TEST

static void filtering(uint8_t mode, int same_host_other_port, int other_host)
{
    struct lk_gateway_config c = nat_config();
    c.filtering = mode;
    struct gw *w = gw_with(c);
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    ck_assert_int_eq(from_outside(w, SERVER, 53, port), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(from_outside(w, SERVER, 54, port), same_host_other_port);
    ck_assert_int_eq(from_outside(w, OTHER, 53, port), other_host);
    gw_free(w);
}

START_TEST(filtering_by_mode) /* RFC 4787 REQ-8, 5 */
{
    filtering(LK_NAT_ENDPOINT_INDEPENDENT, LK_GATEWAY_FORWARD, LK_GATEWAY_FORWARD);
    filtering(LK_NAT_ADDRESS_DEPENDENT, LK_GATEWAY_FORWARD, LK_GATEWAY_DROP_FILTERED);
    filtering(LK_NAT_ADDRESS_PORT_DEPENDENT, LK_GATEWAY_DROP_FILTERED, LK_GATEWAY_DROP_FILTERED);
}
END_TEST

START_TEST(a_binding_lives_five_minutes_from_the_last_packet_out) /* RFC 4787 REQ-5, REQ-6 */
{
    struct gw *w = nat();
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    w->now = 299 * S;
    ck_assert_int_eq(from_outside(w, SERVER, 53, port), LK_GATEWAY_FORWARD); /* refreshes nothing */
    ck_assert_uint_eq(send_udp(w, ALICE, 5000, SERVER, 53), port);
    w->now = 598 * S;
    ck_assert_int_eq(from_outside(w, SERVER, 53, port), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(lk_gateway_deadline(w->g) <= 599 * S, 1);
    w->now = 599 * S;
    ck_assert_int_eq(from_outside(w, SERVER, 53, port), LK_GATEWAY_DROP_NO_BINDING);
    gw_free(w);
}
END_TEST

START_TEST(a_filters_permission_ends_on_its_own) /* each remote host has its own time */
{
    struct lk_gateway_config c = nat_config();
    c.filtering = LK_NAT_ADDRESS_DEPENDENT;
    struct gw *w = gw_with(c);
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    w->now = 200 * S;
    send_udp(w, ALICE, 5000, OTHER, 53);
    w->now = 301 * S;
    ck_assert_int_eq(from_outside(w, SERVER, 53, port), LK_GATEWAY_DROP_FILTERED);
    ck_assert_int_eq(from_outside(w, OTHER, 53, port), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(what_the_filter_refuses_refreshes_nothing) /* RFC 7857 7 */
{
    struct lk_gateway_config c = nat_config();
    c.filtering = LK_NAT_ADDRESS_DEPENDENT;
    struct gw *w = gw_with(c);
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    for (w->now = 0; w->now < 301 * S; w->now += 50 * S)
        from_outside(w, OTHER, 53, port);
    struct lk_nat_binding b;
    w->now = 301 * S;
    lk_gateway_tick(w->g, w->now);
    ck_assert_int_eq(lk_gateway_binding(w->g, 0, &b), LK_E_NOTFOUND);
    gw_free(w);
}
END_TEST

START_TEST(inside_hosts_reach_each_other_by_their_outside_ports) /* RFC 4787 REQ-9, 9a */
{
    struct gw *w = nat();
    uint16_t bobs = send_udp(w, BOB, 6000, SERVER, 53);
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = OUT_IP}, 5000, bobs, 4), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->out.iface, INSIDE);
    ck_assert_uint_eq(w->ip.destination_address, BOB);
    ck_assert_uint_eq(w->udp.destination_port, 6000);
    ck_assert_uint_eq(w->ip.source_address, OUT_IP); /* as anybody outside would see her */
    uint16_t alices = w->udp.source_port;
    ck_assert_int_eq(more(w), LK_E_AGAIN);  /* and no redirect */
    ck_assert_uint_eq(send_udp(w, ALICE, 5000, SERVER, 53), alices);
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = BOB, .to = OUT_IP}, 6000, alices, 4), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.destination_address, ALICE);
    ck_assert_uint_eq(w->udp.source_port, bobs);
    gw_free(w);
}
END_TEST

START_TEST(hairpinning_obeys_the_filter_and_can_be_switched_off)
{
    struct lk_gateway_config c = nat_config();
    c.filtering = LK_NAT_ADDRESS_PORT_DEPENDENT;
    struct gw *w = gw_with(c);
    uint16_t bobs = send_udp(w, BOB, 6000, SERVER, 53), alices = send_udp(w, ALICE, 5000, SERVER, 53);
    struct pkt a = {.from = ALICE, .to = OUT_IP}, b = {.from = BOB, .to = OUT_IP};
    ck_assert_int_eq(give_udp(w, INSIDE, a, 5000, bobs, 4), LK_GATEWAY_DROP_FILTERED);
    ck_assert_int_eq(give_udp(w, INSIDE, b, 6000, alices, 4), LK_GATEWAY_FORWARD); /* she has asked him */
    ck_assert_int_eq(give_udp(w, INSIDE, a, 5000, bobs, 4), LK_GATEWAY_FORWARD);   /* and now he her */
    gw_free(w);
    c = nat_config();
    c.hairpinning = false;
    w = gw_with(c);
    bobs = send_udp(w, BOB, 6000, SERVER, 53);
    ck_assert_int_eq(give_udp(w, INSIDE, a, 5000, bobs, 4), LK_GATEWAY_DROP_FILTERED);
    gw_free(w);
}
END_TEST

START_TEST(a_udp_checksum_of_none_stays_none) /* RFC 3022 4.1; bug class 93 */
{
    struct gw *w = nat();
    uint8_t datagram[12];
    struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_UDP};
    size_t len = udp_of(datagram, sizeof datagram, a, 5000, 53, 4);
    datagram[6] = datagram[7] = 0;
    ck_assert_int_eq(give(w, INSIDE, a, datagram, len), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->udp.checksum, 0);
    gw_free(w);
}
END_TEST

START_TEST(a_udp_checksum_never_becomes_none) /* RFC 768; bug class 93: 0 and 0xFFFF */
{
    struct gw *w = nat();
    uint32_t ones = 0;
    for (uint32_t i = 0; i < 65536; i++) { /* every value that a sum can come out as */
        uint8_t datagram[12];
        struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_UDP};
        size_t len = udp_of(datagram, sizeof datagram, a, 5000, (uint16_t)i, 4);
        ck_assert_int_eq(give(w, INSIDE, a, datagram, len), LK_GATEWAY_FORWARD);
        ck_assert_uint_ne(w->udp.checksum, 0);
        ones += w->udp.checksum == 0xffff;
    }
    ck_assert_uint_gt(ones, 0);
    gw_free(w);
}
END_TEST

START_TEST(a_wrong_checksum_stays_wrong) /* RFC 3022 4.1 */
{
    struct gw *w = nat();
    uint8_t datagram[12];
    struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_UDP};
    size_t len = udp_of(datagram, sizeof datagram, a, 5000, 53, 4);
    datagram[8] ^= 0x40; /* damaged on the way */
    w->any_sum = true;
    ck_assert_int_eq(give(w, INSIDE, a, datagram, len), LK_GATEWAY_FORWARD);
    uint64_t pseudo = lk_checksum_pseudo_ipv4(OUT_IP, SERVER, LK_PROTOCOL_UDP, (uint16_t)len);
    ck_assert(!lk_udp_checksum_ok(w->ip.payload, len, pseudo));
    gw_free(w);
}
END_TEST

START_TEST(no_payload_is_ever_touched) /* RFC 4787 REQ-10, RFC 5382 REQ-6; bug class 92: there is no ALG to be deceived */
{
    static const char *const tempting[] = {"PORT 192,168,1,10,19,136\r\n", "REGISTER sip:a SIP/2.0\r\nVia: SIP/2.0/TCP 192.168.1.10:5060\r\nContact: <sip:192.168.1.10:5060>\r\n\r\n"};
    static const uint16_t port[] = {21, 5060};
    struct gw *w = nat();
    for (size_t i = 0; i < 2; i++) {
        uint8_t segment[300];
        struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_TCP};
        give_tcp(w, INSIDE, alice_to_server, 5000, port[i], LK_TCP_SYN);
        struct lk_tcp t = {.source_port = 5000, .destination_port = port[i], .control = LK_TCP_ACK, .payload = (const uint8_t *)tempting[i], .payload_len = strlen(tempting[i])};
        uint64_t pseudo = lk_checksum_pseudo_ipv4(a.from, a.to, 6, (uint16_t)(20 + t.payload_len));
        int len = lk_tcp_emit_summed(&t, pseudo, segment, sizeof segment);
        ck_assert_int_eq(give(w, INSIDE, a, segment, (size_t)len), LK_GATEWAY_FORWARD);
        ck_assert_uint_eq(w->tcp.payload_len, strlen(tempting[i]));
        ck_assert_mem_eq(w->tcp.payload, tempting[i], w->tcp.payload_len);
    }
    struct lk_nat_binding b;
    ck_assert_int_eq(lk_gateway_binding(w->g, 1, &b), LK_E_NOTFOUND); /* and nothing was opened */
    gw_free(w);
}
END_TEST

START_TEST(another_protocol_is_refused) /* RFC 5508 REQ-8 */
{
    struct gw *w = nat();
    uint8_t payload[8] = {1};
    struct pkt a = {.from = ALICE, .to = SERVER, .protocol = 47};
    ck_assert_int_eq(give(w, INSIDE, a, payload, 8), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_COMMUNICATION_PROHIBITED);
    gw_free(w);
}
END_TEST

START_TEST(headers_cut_short_end_here)
{
    struct gw *w = nat();
    uint8_t payload[40] = {0};
    struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_UDP}, in = {.from = SERVER, .to = OUT_IP, .protocol = LK_PROTOCOL_UDP};
    ck_assert_int_eq(give(w, INSIDE, a, payload, 7), LK_GATEWAY_DROP_HEADER);
    ck_assert_int_eq(give(w, OUTSIDE, in, payload, 7), LK_GATEWAY_DROP_HEADER);
    a.protocol = LK_PROTOCOL_ICMP;
    ck_assert_int_eq(give(w, INSIDE, a, payload, 7), LK_GATEWAY_DROP_HEADER);
    a.protocol = LK_PROTOCOL_TCP;
    ck_assert_int_eq(give(w, INSIDE, a, payload, 19), LK_GATEWAY_DROP_HEADER);
    payload[12] = 0x40; /* Data Offset below 5 */
    ck_assert_int_eq(give(w, INSIDE, a, payload, 20), LK_GATEWAY_DROP_HEADER);
    payload[12] = 0x60; /* beyond the end; bug class 91: a rewrite would reach past it */
    ck_assert_int_eq(give(w, INSIDE, a, payload, 20), LK_GATEWAY_DROP_HEADER);
    gw_free(w);
}
END_TEST

START_TEST(tcp_options_pass_untouched) /* bug class 91: no clamping of the MSS, nothing to overrun */
{
    struct gw *w = nat();
    uint8_t segment[200];
    struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_TCP};
    size_t len = tcp_of(segment, sizeof segment, a, 5000, 80, LK_TCP_SYN, 0);
    ck_assert_int_eq(give(w, INSIDE, a, segment, len), LK_GATEWAY_FORWARD);
    ck_assert_mem_eq(w->tcp.options, segment + 20, 4);
    gw_free(w);
}
END_TEST

START_TEST(full_tables_refuse_the_next_and_keep_what_is_there) /* RFC 5508 REQ-8; bug class 93 */
{
    struct lk_gateway_config c = nat_config();
    c.mappings = 2;
    struct gw *w = gw_with(c);
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    send_udp(w, ALICE, 5001, SERVER, 53);
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 5000, 53, 4), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, BOB, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_COMMUNICATION_PROHIBITED);
    ck_assert_int_eq(from_outside(w, SERVER, 53, port), LK_GATEWAY_FORWARD);
    w->now = 301 * S; /* room again */
    send_udp(w, BOB, 5000, SERVER, 53);
    gw_free(w);
}
END_TEST

START_TEST(full_sessions_refuse_the_next_flow_and_leave_nothing_behind)
{
    struct lk_gateway_config c = nat_config();
    c.sessions = 1;
    c.filtering = LK_NAT_ADDRESS_DEPENDENT;
    struct gw *w = gw_with(c);
    send_udp(w, ALICE, 5000, SERVER, 53);
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 5000, 53, 4), LK_GATEWAY_ANSWER);
    ck_assert_int_eq(give_tcp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 5000, 53, LK_TCP_SYN), LK_GATEWAY_ANSWER);
    struct lk_nat_binding b;
    ck_assert_int_eq(lk_gateway_binding(w->g, 1, &b), LK_E_NOTFOUND);
    gw_free(w);
}
END_TEST

START_TEST(a_published_port_leads_inside_for_ever)
{
    struct gw *w = nat();
    struct lk_endpoint bob = {.address = ip4(BOB), .port = 8080}, none = {.address = ip4(BOB)};
    ck_assert_int_eq(lk_gateway_publish(w->g, LK_UDP, 80, &bob, 0), 0);
    ck_assert_int_eq(lk_gateway_publish(w->g, LK_UDP, 80, &bob, 0), LK_E_EXISTS);
    ck_assert_int_eq(lk_gateway_publish(w->g, LK_UDP, 81, &bob, 0), LK_E_EXISTS); /* it has its port already */
    ck_assert_int_eq(lk_gateway_publish(w->g, 1, 81, &bob, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_publish(w->g, LK_UDP, 0, &bob, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_publish(w->g, LK_UDP, 81, &none, 0), LK_E_INVALID);
    w->now = 100000 * S;
    ck_assert_int_eq(from_outside(w, SERVER, 1234, 80), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.destination_address, BOB);
    ck_assert_uint_eq(w->udp.destination_port, 8080);
    ck_assert_uint_eq(send_udp(w, BOB, 8080, SERVER, 1234), 80);
    ck_assert_int_eq(lk_gateway_publish(w->g, LK_TCP, 80, &bob, 0), 0); /* per protocol */
    ck_assert_int_eq(give_tcp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 1234, 80, LK_TCP_SYN), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(another_outside_address_ends_all_bindings_but_what_is_published)
{
    struct gw *w = nat();
    struct lk_endpoint bob = {.address = ip4(BOB), .port = 8080};
    lk_gateway_publish(w->g, LK_TCP, 80, &bob, 0);
    uint16_t port = send_udp(w, ALICE, 5000, SERVER, 53);
    ck_assert_int_eq(lk_gateway_address(w->g, OUTSIDE, ip4(OUT_IP), 24, 0), 0); /* the same again: nothing ends */
    ck_assert_int_eq(lk_gateway_address(w->g, INSIDE, ip4(IN_IP + 1), 24, 0), 0); /* nor by another inside */
    ck_assert_int_eq(from_outside(w, SERVER, 53, port), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(lk_gateway_address(w->g, OUTSIDE, ip4(OUT_IP + 8), 24, 0), 0);
    sound(w);
    struct lk_nat_binding b;
    ck_assert_int_eq(lk_gateway_binding(w->g, 0, &b), 0);
    ck_assert_uint_eq(b.outside.port, 80);
    ck_assert_uint_eq(lk_addr_ip4(&b.outside.address), OUT_IP + 8);
    ck_assert_int_eq(lk_gateway_binding(w->g, 1, &b), LK_E_NOTFOUND);
    gw_free(w);
}
END_TEST

START_TEST(without_an_outside_address_nothing_goes_out)
{
    struct gw *w = nat();
    struct lk_addr none = {{0}};
    ck_assert_int_eq(lk_gateway_address(w->g, OUTSIDE, none, 0, 0), 0);
    ck_assert_int_eq(give_udp(w, INSIDE, alice_to_server, 5000, 53, 4), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_NET_UNREACHABLE);
    gw_free(w);
}
END_TEST

START_TEST(a_source_that_lies_outside_gets_no_binding) /* RFC 1812 5.3.8: what is sent to it would leave again */
{
    struct gw *w = nat();
    struct lk_nat_binding b;
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = OTHER, .to = SERVER}, 5000, 53, 4), LK_GATEWAY_DROP_SOURCE);
    ck_assert_int_eq(lk_gateway_binding(w->g, 0, &b), LK_E_NOTFOUND);
    send_udp(w, ALICE, 5000, SERVER, 53);
    lk_gateway_route_add(w->g, ip4(ALICE), 32, ip4(UPLINK), OUTSIDE); /* nor does one whose way changes */
    ck_assert_int_eq(from_outside(w, SERVER, 53, 5000), LK_GATEWAY_DROP_NO_BINDING);
    gw_free(w);
}
END_TEST

START_TEST(between_inside_networks_nothing_is_translated)
{
    struct gw *w = nat();
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SLOW}, 5000, 53, 4), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.source_address, ALICE);
    gw_free(w);
}
END_TEST

START_TEST(an_answer_too_large_for_the_inside_is_said_to_be) /* RFC 4787 REQ-13 */
{
    struct gw *w = nat();
    struct pkt big = {.from = SERVER, .to = OUT_IP, .flags = LK_IPV4_DF};
    ck_assert_int_eq(give_udp(w, SLOW_LINK, (struct pkt){.from = SLOW, .to = SERVER}, 5000, 53, 4), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(give_udp(w, OUTSIDE, big, 53, w->udp.source_port, 1000), LK_GATEWAY_ANSWER);
    answers(w, OUT_IP, SERVER, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_FRAGMENTATION_NEEDED);
    ck_assert_uint_eq(lk_load_be32(w->icmp.payload + 16), OUT_IP); /* quoted as it came: nothing inside is given away */
    gw_free(w);
}
END_TEST

START_TEST(what_cannot_be_sent_makes_no_binding)
{
    struct gw *w = nat();
    struct lk_nat_binding b;
    struct pkt a = {.from = ALICE, .to = SERVER, .ttl = 1};
    ck_assert_int_eq(give_udp(w, INSIDE, a, 5000, 53, 4), LK_GATEWAY_ANSWER); /* RFC 5508 REQ-10 */
    answers(w, IN_IP, ALICE, LK_ICMPV4_TIME_EXCEEDED, 0);
    ck_assert_uint_eq(lk_load_be32(w->icmp.payload + 12), ALICE);
    ck_assert_int_eq(lk_gateway_binding(w->g, 0, &b), LK_E_NOTFOUND);
    gw_free(w);
}
END_TEST

ALL("nat", a_datagram_goes_out_and_its_answer_comes_in, one_inside_endpoint_keeps_one_outside_port, two_inside_hosts_never_share_a_port,
    bindings_are_per_protocol, what_nobody_asked_for_goes_nowhere, a_port_that_is_not_the_nats_is_the_hosts, filtering_by_mode,
    a_binding_lives_five_minutes_from_the_last_packet_out, a_filters_permission_ends_on_its_own, what_the_filter_refuses_refreshes_nothing,
    inside_hosts_reach_each_other_by_their_outside_ports, hairpinning_obeys_the_filter_and_can_be_switched_off, a_udp_checksum_of_none_stays_none,
    a_udp_checksum_never_becomes_none, a_wrong_checksum_stays_wrong, no_payload_is_ever_touched, another_protocol_is_refused,
    headers_cut_short_end_here, tcp_options_pass_untouched, full_tables_refuse_the_next_and_keep_what_is_there,
    full_sessions_refuse_the_next_flow_and_leave_nothing_behind, a_published_port_leads_inside_for_ever,
    another_outside_address_ends_all_bindings_but_what_is_published, without_an_outside_address_nothing_goes_out,
    between_inside_networks_nothing_is_translated, a_source_that_lies_outside_gets_no_binding, an_answer_too_large_for_the_inside_is_said_to_be, what_cannot_be_sent_makes_no_binding)
