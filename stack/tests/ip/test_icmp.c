#include "stack/ip/icmp.h"

#include "stack/tests/support/host.h"

/* ---- echo (RFC 1122 3.2.2.6) ---- */

START_TEST(an_echo_request_is_answered_with_the_same_data)
{
    struct host *h = host_near();
    ck_assert_int_eq(give_echo(h, from_peer, "abcdefghijklmnopqrstuvw"), LK_RX_ACCEPTED);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    ck_assert(mac_is(h->eth.destination, peer_mac));
    ck_assert_uint_eq(h->ip.source_address, US_IP);
    ck_assert_uint_eq(h->ip.destination_address, PEER_IP);
    ck_assert_uint_eq(h->icmp.type, LK_ICMPV4_ECHO_REPLY);
    ck_assert_uint_eq(lk_icmpv4_identifier(&h->icmp), 7);
    ck_assert_uint_eq(lk_icmpv4_sequence_number(&h->icmp), 1);
    ck_assert_uint_eq(h->icmp.payload_len, 23);
    ck_assert_mem_eq(h->icmp.payload, "abcdefghijklmnopqrstuvw", 23);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(the_reply_comes_from_the_address_asked)
{
    struct host *h = host_near();
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(0x0a000005), 24, LK_ADDR_PREFERRED, 0), 0);
    struct as a = {.from = PEER_IP, .to = 0x0a000005};
    give_echo(h, a, "x");
    pulls_ip(h, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(h->ip.source_address, 0x0a000005);
    host_free(h);
}
END_TEST

START_TEST(a_full_frame_of_data_comes_back_whole)
{
    struct host *h = host_near();
    char data[1473];
    memset(data, 'e', 1472);
    data[1472] = 0;
    ck_assert_int_eq(give_echo(h, from_peer, data), LK_RX_ACCEPTED);
    ck_assert_int_eq(pull(h), 14 + 1500);
    ck_assert_mem_eq(h->icmp.payload, data, 1472);
    host_free(h);
}
END_TEST

START_TEST(echo_to_a_group_is_not_answered)
{
    struct host *h = host_near();
    static const uint32_t groups[] = {0xffffffff, 0x0a0000ff, 0xe0000001};
    for (size_t i = 0; i < 3; i++) {
        struct as a = {.from = PEER_IP, .to = groups[i], .link = everyone};
        ck_assert_int_eq(give_echo(h, a, "x"), LK_RX_DROP_ICMP);
    }
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(echo_can_be_switched_off)
{
    struct lk_config config = plain_config("rfc");
    config.icmp_echo = false;
    struct host *h = host_with(config);
    ck_assert_int_eq(give_echo(h, from_peer, "x"), LK_RX_DROP_ICMP);
    host_free(h);
}
END_TEST

START_TEST(a_message_cut_short_or_with_a_wrong_sum_is_dropped)
{
    struct host *h = host_near();
    uint8_t message[12] = {8, 0, 0xf7, 0xff, 0, 0, 0, 0};
    struct as a = from_peer;
    a.protocol = LK_PROTOCOL_ICMP;
    for (size_t len = 0; len < 8; len++)
        ck_assert_int_eq(give_ip(h, a, message, len), LK_RX_DROP_ICMP);
    ck_assert_int_eq(give_ip(h, a, message, 8), LK_RX_ACCEPTED);
    message[3] ^= 1;
    ck_assert_int_eq(give_ip(h, a, message, 8), LK_RX_DROP_ICMP);
    host_free(h);
}
END_TEST

START_TEST(unknown_and_obsolete_types_are_dropped_silently)
{
    static const uint8_t types[] = {1, 2, 4, 5, 7, 9, 10, 13, 14, 15, 16, 17, 18, 30, 40, 200, 255};
    struct host *h = host_near(); /* RFC 1122 3.2.2; RFC 6633 3 for Source Quench */
    uint8_t data[20] = {0};
    for (size_t i = 0; i < sizeof types; i++)
        ck_assert_int_eq(give_icmp(h, from_peer, types[i], 0, 0, data, sizeof data), LK_RX_DROP_ICMP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(when_too_many_replies_are_owed_the_newest_is_dropped_and_counted)
{
    struct lk_config config = plain_config("rfc");
    config.intents = 3;
    struct host *h = host_with(config);
    lk_neighbour_set(h->stack, 0, ip4(PEER_IP), peer_mac, 0);
    struct lk_counters counters;
    for (uint16_t i = 0; i < 5; i++) {
        uint8_t data[1] = {(uint8_t)i};
        int became = give_icmp(h, from_peer, LK_ICMPV4_ECHO, 0, i, data, 1);
        ck_assert_int_eq(became, i < 3 ? LK_RX_ACCEPTED : LK_RX_DROP_FULL);
    }
    for (uint8_t i = 0; i < 3; i++) {
        pulls_ip(h, LK_PROTOCOL_ICMP);
        ck_assert_uint_eq(h->icmp.payload[0], i);
    }
    nothing_more(h);
    lk_stack_counters(h->stack, &counters);
    ck_assert_uint_eq(counters.intents_dropped, 2);
    host_free(h);
}
END_TEST

/* ---- destination unreachable: sent (RFC 1122 3.2.2.1) ---- */

static void pulls_unreachable(struct host *h, uint8_t code)
{
    pulls_ip(h, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(h->icmp.type, LK_ICMPV4_DESTINATION_UNREACHABLE);
    ck_assert_uint_eq(h->icmp.code, code);
    ck_assert_uint_eq(h->icmp.rest_of_header, 0);
    ck_assert_uint_eq(h->ip.type_of_service, 0);
}

START_TEST(a_closed_udp_port_is_answered_with_the_datagram_quoted)
{
    struct host *h = host_near();
    struct as a = from_peer;
    a.tos = 0xb8; /* RFC 1122 3.2.2: the error itself has TOS 0 */
    ck_assert_int_eq(give_udp(h, a, 5000, 9, "nobody home"), LK_RX_UNREACHABLE_SENT);
    pulls_unreachable(h, LK_ICMPV4_PORT_UNREACHABLE);
    struct lk_ipv4 quoted;
    ck_assert_int_eq(lk_icmpv4_quoted(&h->icmp, &quoted), 20);
    ck_assert_uint_eq(h->icmp.payload_len, 20 + 8 + 11); /* all of it: unchanged, no bytes behind it */
    ck_assert_uint_eq(quoted.source_address, PEER_IP);
    ck_assert(lk_ipv4_checksum_ok(h->icmp.payload, 20));
    ck_assert_mem_eq(quoted.payload + 8, "nobody home", 11);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(an_unknown_protocol_is_answered)
{
    struct host *h = host_near();
    struct as a = {.from = PEER_IP, .to = US_IP, .protocol = 200};
    ck_assert_int_eq(give_ip(h, a, (const uint8_t *)"abc", 3), LK_RX_UNREACHABLE_SENT);
    pulls_unreachable(h, LK_ICMPV4_PROTOCOL_UNREACHABLE);
    host_free(h);
}
END_TEST

START_TEST(a_quote_never_makes_more_than_576_bytes)
{
    struct host *h = host_near(); /* RFC 1812 4.3.2.3 */
    char data[1401];
    memset(data, 'q', 1400);
    data[1400] = 0;
    give_udp(h, from_peer, 5000, 9, data);
    pulls_unreachable(h, LK_ICMPV4_PORT_UNREACHABLE);
    ck_assert_uint_eq(h->ip.total_length, 576);
    host_free(h);
}
END_TEST

START_TEST(no_error_is_ever_sent_about_a_group_or_a_source_that_is_no_host)
{
    static const uint32_t groups[] = {0xffffffff, 0x0a0000ff, 0xe0000001};
    struct host *h = host_near(); /* RFC 1122 3.2.2: the never-rules */
    for (size_t i = 0; i < 3; i++) {
        struct as a = {.from = PEER_IP, .to = groups[i], .link = everyone};
        ck_assert_int_eq(give_udp(h, a, 5000, 9, "x"), LK_RX_DROP_UDP_PORT);
        a.protocol = 200;
        ck_assert_int_eq(give_ip(h, a, (const uint8_t *)"abc", 3), LK_RX_DROP_IP_PROTOCOL);
        a.link = NULL; /* in a unicast frame too */
        ck_assert_int_eq(give_ip(h, a, (const uint8_t *)"abc", 3), LK_RX_DROP_IP_PROTOCOL);
    }
    struct as reserved = {.from = 0xf0000001, .to = US_IP};
    ck_assert_int_eq(give_udp(h, reserved, 5000, 9, "x"), LK_RX_DROP_UDP_PORT);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(no_error_is_sent_about_an_icmp_error_and_one_is_about_an_echo)
{
    static const uint8_t bad_option[4] = {0x9e, 0, 0, 0};
    struct host *h = host_near();
    struct as a = {.from = PEER_IP, .to = US_IP, .options = bad_option, .options_len = 4};
    uint8_t quote[28] = {0x45};
    static const uint8_t errors[] = {3, 4, 5, 11, 12};
    for (size_t i = 0; i < sizeof errors; i++)
        ck_assert_int_eq(give_icmp(h, a, errors[i], 0, 0, quote, sizeof quote), LK_RX_DROP_IP_HEADER);
    nothing_more(h);
    ck_assert_int_eq(give_echo(h, a, "x"), LK_RX_DROP_IP_HEADER);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    host_free(h);
}
END_TEST

/* The rules themselves, where other checks of the host would hide them. */
START_TEST(each_never_rule_holds_alone)
{
    uint8_t echo = LK_ICMPV4_ECHO, unreachable = LK_ICMPV4_DESTINATION_UNREACHABLE;
    struct lk_ip_in in = {.src = ip4(PEER_IP), .dst = ip4(US_IP)}, bad;
    struct lk_ipv4 udp = {.protocol = LK_PROTOCOL_UDP}, other = udp;
    ck_assert(lk_icmp_may_answer(&in, &udp));
    bad = in;
    bad.flags = LK_IP_BROADCAST; /* of IP or of the link */
    ck_assert(!lk_icmp_may_answer(&bad, &udp));
    bad.flags = LK_IP_MULTICAST;
    ck_assert(!lk_icmp_may_answer(&bad, &udp));
    other.fragment_offset = 1;
    ck_assert(!lk_icmp_may_answer(&in, &other));
    static const uint32_t sources[] = {0, 1, 0x7f000001, 0xe0000001, 0xf0000001, 0xffffffff};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        bad = in;
        bad.src = ip4(sources[i]);
        ck_assert(!lk_icmp_may_answer(&bad, &udp));
    }
    other = (struct lk_ipv4){.protocol = LK_PROTOCOL_ICMP, .payload = &unreachable, .payload_len = 1};
    ck_assert(!lk_icmp_may_answer(&in, &other));
    other.payload = &echo;
    ck_assert(lk_icmp_may_answer(&in, &other));
    other.payload_len = 0; /* might have been one */
    ck_assert(!lk_icmp_may_answer(&in, &other));
}
END_TEST

START_TEST(no_error_is_sent_about_a_later_fragment)
{
    static const uint8_t bad_option[4] = {0x9e, 0, 0, 0};
    struct host *h = host_near();
    struct as a = {.from = PEER_IP, .to = US_IP, .offset = 1, .options = bad_option, .options_len = 4};
    ck_assert_int_eq(give_udp(h, a, 5000, 9, "x"), LK_RX_DROP_IP_HEADER);
    nothing_more(h);
    host_free(h);
}
END_TEST

/* ---- errors received (RFC 1122 3.2.2.1) ---- */

/* An ICMP message about the datagram we sent last. */
static int give_error(struct host *h, uint8_t type, uint8_t code, size_t quoted)
{
    uint8_t quote[100];
    memcpy(quote, h->eth.payload, quoted);
    return give_icmp(h, from_peer, type, code, 0, quote, quoted);
}

START_TEST(an_error_reaches_the_socket_that_sent_the_datagram)
{
    struct host *h = host_near();
    struct lk_endpoint peer = at(PEER_IP, 9);
    lk_socket s = udp_on(h, 1000), bystander = udp_on(h, 1001);
    lk_sock_connect(h->stack, s, &peer, 0);
    lk_sock_send(h->stack, s, "hello", 5, 0);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert_int_eq(give_error(h, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_PORT_UNREACHABLE, 28), LK_RX_ACCEPTED);
    ck_assert_int_eq(lk_sock_error(h->stack, s), LK_E_CONNREFUSED);
    ck_assert_int_eq(lk_sock_error(h->stack, bystander), 0);
    uint8_t buffer[1];
    ck_assert_int_eq(lk_sock_recv(h->stack, s, buffer, 1, 0, 0), LK_E_CONNREFUSED); /* once */
    ck_assert_int_eq(lk_sock_recv(h->stack, s, buffer, 1, 0, 0), LK_E_AGAIN);
    host_free(h);
}
END_TEST

START_TEST(each_code_has_its_own_error)
{
    static const struct { uint8_t type, code; int error; } cases[] = {
        {3, 0, LK_E_NETUNREACH}, {3, 1, LK_E_HOSTUNREACH}, {3, 2, LK_E_NOPROTOOPT}, {3, 3, LK_E_CONNREFUSED}, {3, 4, LK_E_MSGSIZE},
        {3, 13, LK_E_HOSTUNREACH}, {11, 0, LK_E_HOSTUNREACH}, {12, 0, LK_E_PROTO}};
    struct host *h = host_near();
    struct lk_endpoint peer = at(PEER_IP, 9);
    lk_socket s = udp_on(h, 1000);
    lk_sock_connect(h->stack, s, &peer, 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ck_assert_int_eq(lk_sock_send(h->stack, s, "x", 1, 0), 1);
        pulls_ip(h, LK_PROTOCOL_UDP);
        ck_assert_int_eq(give_error(h, cases[i].type, cases[i].code, 28), LK_RX_ACCEPTED);
        ck_assert_int_eq(lk_sock_send(h->stack, s, "x", 1, 0), cases[i].error);
    }
    host_free(h);
}
END_TEST

START_TEST(a_socket_of_many_peers_is_told_softly)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 1000);
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert_int_eq(give_error(h, 3, 3, 28), LK_RX_ACCEPTED);
    ck_assert_uint_ne(lk_sock_bits(h->stack, s) & LK_SOCK_SOFT_ERROR, 0);
    ck_assert_int_eq(lk_sock_error(h->stack, s), LK_E_CONNREFUSED);
    ck_assert_int_eq(send_udp_to(h, s, "y", PEER_IP, 9), 1); /* the next call does not fail */
    host_free(h);
}
END_TEST

START_TEST(an_error_about_nothing_of_ours_is_dropped)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 1000);
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_ip(h, LK_PROTOCOL_UDP);
    uint8_t quote[28];
    memcpy(quote, h->eth.payload, 28);
    ck_assert_int_eq(give_error(h, 3, 3, 27), LK_RX_DROP_ICMP); /* fewer than 8 octets of transport header */
    quote[15] ^= 8;                                             /* another source */
    ck_assert_int_eq(give_icmp(h, from_peer, 3, 3, 0, quote, 28), LK_RX_DROP_ICMP);
    quote[15] ^= 8;
    quote[21] ^= 1; /* a port of nobody */
    ck_assert_int_eq(give_icmp(h, from_peer, 3, 3, 0, quote, 28), LK_RX_DROP_ICMP);
    quote[21] ^= 1;
    quote[9] = 99; /* a protocol of nobody */
    ck_assert_int_eq(give_icmp(h, from_peer, 3, 3, 0, quote, 28), LK_RX_DROP_ICMP);
    ck_assert_int_eq(lk_sock_error(h->stack, s), 0);
    host_free(h);
}
END_TEST

SUITE("icmp", an_echo_request_is_answered_with_the_same_data, the_reply_comes_from_the_address_asked, a_full_frame_of_data_comes_back_whole,
      echo_to_a_group_is_not_answered, echo_can_be_switched_off, a_message_cut_short_or_with_a_wrong_sum_is_dropped,
      unknown_and_obsolete_types_are_dropped_silently, when_too_many_replies_are_owed_the_newest_is_dropped_and_counted,
      a_closed_udp_port_is_answered_with_the_datagram_quoted, an_unknown_protocol_is_answered, a_quote_never_makes_more_than_576_bytes,
      no_error_is_ever_sent_about_a_group_or_a_source_that_is_no_host, no_error_is_sent_about_an_icmp_error_and_one_is_about_an_echo,
      no_error_is_sent_about_a_later_fragment, each_never_rule_holds_alone, an_error_reaches_the_socket_that_sent_the_datagram, each_code_has_its_own_error,
      a_socket_of_many_peers_is_told_softly, an_error_about_nothing_of_ours_is_dropped)
