#include "stack/tests/support/gateway.h"

#define ROUTER 0xc0000209u /* 192.0.2.9, somewhere on the way */

/* A packet as it left, for an error to quote. */
struct kept { uint8_t bytes[600]; size_t len; };

static struct kept keep(const struct gw *w, size_t most)
{
    struct kept k = {.len = w->out.len < most ? w->out.len : most};
    memcpy(k.bytes, w->out.bytes, k.len);
    return k;
}

static int error_about(struct gw *w, uint32_t iface, uint32_t from, uint32_t to, uint8_t type, uint8_t code, uint32_t rest, struct kept k)
{
    return give_icmp(w, iface, (struct pkt){.from = from, .to = to}, type, code, rest, k.bytes, k.len);
}

static int unreachable(struct gw *w, struct kept k)
{
    return error_about(w, OUTSIDE, ROUTER, OUT_IP, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_FRAGMENTATION_NEEDED, 1400, k);
}

static struct kept sent_udp(struct gw *w, size_t len)
{
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 5000, 53, len), LK_GATEWAY_FORWARD); /* takes the port */
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 53, len), LK_GATEWAY_FORWARD);
    ck_assert_uint_ne(w->udp.source_port, 5000);
    return keep(w, 548);
}

/* The packet quoted in what left last, with its checksums held against a full recomputation. */
static struct lk_ipv4 quote(const struct gw *w, bool whole)
{
    struct lk_ipv4 q;
    int header = lk_icmpv4_quoted(&w->icmp, &q);
    ck_assert_int_gt(header, 0);
    ck_assert(lk_ipv4_checksum_ok(w->icmp.payload, (size_t)header));
    uint64_t pseudo = lk_checksum_pseudo_ipv4(q.source_address, q.destination_address, q.protocol, (uint16_t)q.payload_len);
    if (whole && q.protocol == LK_PROTOCOL_UDP)
        ck_assert(lk_udp_checksum_ok(q.payload, q.payload_len, pseudo));
    if (whole && q.protocol == LK_PROTOCOL_TCP)
        ck_assert(lk_tcp_checksum_ok(q.payload, q.payload_len, pseudo));
    if (whole && q.protocol == LK_PROTOCOL_ICMP)
        ck_assert(lk_icmpv4_checksum_ok(q.payload, q.payload_len));
    return q;
}

START_TEST(an_echo_and_its_reply_pass) /* RFC 5508 REQ-1 */
{
    struct gw *w = nat();
    ck_assert_int_eq(give_echo(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 7), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(give_echo(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 7), LK_GATEWAY_FORWARD);
    uint16_t id = lk_icmpv4_identifier(&w->icmp);
    ck_assert_uint_ne(id, 7);
    ck_assert_uint_eq(w->ip.source_address, OUT_IP);
    ck_assert_int_eq(give_icmp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, LK_ICMPV4_ECHO_REPLY, 0, lk_icmpv4_rest_echo(id, 1), NULL, 0), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.destination_address, ALICE);
    ck_assert_uint_eq(lk_icmpv4_identifier(&w->icmp), 7);
    ck_assert_uint_eq(lk_icmpv4_sequence_number(&w->icmp), 1);
    gw_free(w);
}
END_TEST

START_TEST(one_identifier_whatever_the_destination_and_a_minute_of_life) /* RFC 5508 REQ-1a, REQ-2 */
{
    struct gw *w = nat();
    struct pkt reply = {.from = SERVER, .to = OUT_IP};
    give_echo(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 7);
    uint16_t id = lk_icmpv4_identifier(&w->icmp);
    give_echo(w, INSIDE, (struct pkt){.from = ALICE, .to = OTHER}, 7);
    ck_assert_uint_eq(lk_icmpv4_identifier(&w->icmp), id);
    w->now = 59 * S;
    ck_assert_int_eq(give_icmp(w, OUTSIDE, reply, LK_ICMPV4_ECHO_REPLY, 0, lk_icmpv4_rest_echo(id, 1), NULL, 0), LK_GATEWAY_FORWARD);
    w->now = 60 * S;
    ck_assert_int_eq(give_icmp(w, OUTSIDE, reply, LK_ICMPV4_ECHO_REPLY, 0, lk_icmpv4_rest_echo(id, 1), NULL, 0), LK_GATEWAY_LOCAL);
    gw_free(w);
}
END_TEST

START_TEST(timestamps_pass_like_echoes)
{
    struct gw *w = nat();
    static const uint8_t times[12];
    ck_assert_int_eq(give_icmp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, LK_ICMPV4_TIMESTAMP, 0, lk_icmpv4_rest_echo(7, 1), times, 12), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(give_icmp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, LK_ICMPV4_TIMESTAMP_REPLY, 0, lk_icmpv4_rest_echo(7, 1), times, 12), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(an_echo_to_the_nat_is_the_hosts) /* RFC 5508 REQ-10 */
{
    struct gw *w = nat();
    ck_assert_int_eq(give_echo(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 7), LK_GATEWAY_LOCAL);
    ck_assert_int_eq(give_echo(w, INSIDE, (struct pkt){.from = ALICE, .to = OUT_IP}, 7), LK_GATEWAY_LOCAL);
    gw_free(w);
}
END_TEST

START_TEST(replies_and_strange_messages_from_inside_end_here) /* RFC 5508 REQ-11 */
{
    struct gw *w = nat();
    struct pkt a = {.from = ALICE, .to = SERVER};
    ck_assert_int_eq(give_icmp(w, INSIDE, a, LK_ICMPV4_ECHO_REPLY, 0, 0, NULL, 0), LK_GATEWAY_DROP_ICMP);
    ck_assert_int_eq(give_icmp(w, INSIDE, a, 10, 0, 0, NULL, 0), LK_GATEWAY_DROP_ICMP);
    gw_free(w);
}
END_TEST

START_TEST(an_error_from_outside_reaches_the_sender) /* RFC 5508 REQ-4, RFC 4787 REQ-12 b; bug class 93: the inner checksum */
{
    struct gw *w = nat();
    struct kept k = sent_udp(w, 100);
    ck_assert_int_eq(unreachable(w, k), LK_GATEWAY_FORWARD);
    answers(w, ROUTER, ALICE, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_FRAGMENTATION_NEEDED);
    ck_assert_uint_eq(lk_icmpv4_next_hop_mtu(&w->icmp), 1400);
    struct lk_ipv4 q = quote(w, true);
    ck_assert_uint_eq(q.source_address, ALICE);
    ck_assert_uint_eq(q.destination_address, SERVER);
    ck_assert_uint_eq(lk_load_be16(q.payload), 5000);
    ck_assert_uint_eq(lk_load_be16(q.payload + 2), 53);
    gw_free(w);
}
END_TEST

START_TEST(an_error_about_a_segment_reaches_the_sender) /* RFC 5382 REQ-9 */
{
    struct gw *w = nat();
    give_tcp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 5000, 80, LK_TCP_SYN);
    give_tcp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 80, LK_TCP_SYN);
    struct kept k = keep(w, 548), brief = keep(w, 28);
    ck_assert_int_eq(unreachable(w, k), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.destination_address, ALICE);
    ck_assert_uint_eq(quote(w, true).source_address, ALICE);
    ck_assert_int_eq(unreachable(w, brief), LK_GATEWAY_FORWARD); /* eight bytes of it are enough: its checksum is not there */
    ck_assert_uint_eq(lk_load_be16(quote(w, false).payload), 5000);
    ck_assert_int_eq(error_about(w, OUTSIDE, SERVER, OUT_IP, 3, 3, 0, k), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(give_tcp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 80, lk_load_be16(k.bytes + 20), LK_TCP_SYN | LK_TCP_ACK),
                     LK_GATEWAY_FORWARD); /* REQ-10: no error ends a connection */
    gw_free(w);
}
END_TEST

START_TEST(an_error_about_an_echo_reaches_the_sender)
{
    struct gw *w = nat();
    give_echo(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 7);
    give_echo(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 7);
    struct kept k = keep(w, 548);
    ck_assert_int_eq(error_about(w, OUTSIDE, ROUTER, OUT_IP, LK_ICMPV4_TIME_EXCEEDED, 0, 0, k), LK_GATEWAY_FORWARD);
    struct lk_ipv4 q = quote(w, true);
    ck_assert_uint_eq(q.source_address, ALICE);
    ck_assert_uint_eq(lk_load_be16(q.payload + 4), 7);
    gw_free(w);
}
END_TEST

START_TEST(options_of_the_quoted_packet_are_stepped_over) /* RFC 5508 REQ-3 b */
{
    struct gw *w = nat();
    static const uint8_t options[8] = {1, 1, 1, 1, 1, 1, 1, 0};
    struct pkt a = {.from = ALICE, .to = SERVER, .options = options, .options_len = 8};
    ck_assert_int_eq(give_udp(w, INSIDE, a, 5000, 53, 20), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(unreachable(w, keep(w, 548)), LK_GATEWAY_FORWARD);
    struct lk_ipv4 q = quote(w, true);
    ck_assert_uint_eq(q.options_len, 8);
    ck_assert_uint_eq(lk_load_be16(q.payload), 5000);
    gw_free(w);
}
END_TEST

START_TEST(extensions_behind_the_quote_pass_and_are_not_summed_into_it) /* RFC 5508 REQ-3 d, RFC 4884 */
{
    struct gw *w = nat();
    struct kept k = sent_udp(w, 20);
    memset(k.bytes + k.len, 0, 128 - k.len); /* padded to 128, then an extension structure */
    memcpy(k.bytes + 128, "\x20\x00\xde\xad\x00\x08\x01\x01\x12\x34\x51\x40", 12);
    k.len = 140;
    ck_assert_int_eq(error_about(w, OUTSIDE, ROUTER, OUT_IP, LK_ICMPV4_TIME_EXCEEDED, 0, 32u << 16, k), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(quote(w, true).source_address, ALICE); /* up to its own Total Length its checksum is right */
    ck_assert_mem_eq(w->icmp.payload + 128, k.bytes + 128, 12);
    gw_free(w);
}
END_TEST

START_TEST(damaged_errors_end_here) /* RFC 5508 REQ-3, 3a */
{
    struct gw *w = nat();
    struct kept k = sent_udp(w, 20), inner = k;
    uint8_t message[200];
    size_t len = icmp_of(message, sizeof message, 3, 1, 0, k.bytes, k.len);
    message[9] ^= 1;
    ck_assert_int_eq(give(w, OUTSIDE, (struct pkt){.from = ROUTER, .to = OUT_IP, .protocol = 1}, message, len), LK_GATEWAY_DROP_CHECKSUM);
    inner.bytes[10] ^= 1;
    ck_assert_int_eq(unreachable(w, inner), LK_GATEWAY_DROP_ICMP);
    inner = k;
    inner.len = 27; /* less than eight bytes of the datagram */
    ck_assert_int_eq(unreachable(w, inner), LK_GATEWAY_DROP_ICMP);
    inner.len = 10;
    ck_assert_int_eq(unreachable(w, inner), LK_GATEWAY_DROP_ICMP);
    gw_free(w);
}
END_TEST

START_TEST(a_wrong_checksum_of_the_quoted_datagram_is_no_reason_to_drop) /* RFC 5508 REQ-3 c */
{
    struct gw *w = nat();
    struct kept k = sent_udp(w, 20);
    k.bytes[40] ^= 1;
    ck_assert_int_eq(unreachable(w, k), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(an_error_about_nothing_we_know_is_the_hosts_to_ignore) /* RFC 5508 REQ-4 */
{
    struct gw *w = nat();
    struct kept k = sent_udp(w, 20);
    w->now = 301 * S;
    ck_assert_int_eq(unreachable(w, k), LK_GATEWAY_LOCAL);
    gw_free(w);
}
END_TEST

START_TEST(an_error_about_another_connection_of_a_bound_port_ends_here)
{
    struct gw *w = nat();
    give_tcp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 80, LK_TCP_SYN);
    struct kept k = keep(w, 548);
    k.bytes[23] ^= 1; /* its destination port: no such session */
    ck_assert_int_eq(unreachable(w, k), LK_GATEWAY_DROP_NO_BINDING);
    gw_free(w);
}
END_TEST

START_TEST(errors_neither_refresh_nor_end_a_binding) /* RFC 5508 REQ-6, RFC 4787 REQ-12 */
{
    struct gw *w = nat();
    struct kept k = sent_udp(w, 20);
    uint16_t port = lk_load_be16(k.bytes + 20);
    w->now = 299 * S;
    unreachable(w, k);
    ck_assert_int_eq(give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 53, port, 1), LK_GATEWAY_FORWARD);
    w->now = 300 * S;
    ck_assert_int_eq(give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 53, port, 1), LK_GATEWAY_DROP_NO_BINDING);
    gw_free(w);
}
END_TEST

START_TEST(an_error_from_inside_goes_out_translated) /* RFC 5508 REQ-5 */
{
    struct gw *w = nat();
    struct kept k = sent_udp(w, 20);
    give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 53, lk_load_be16(k.bytes + 20), 20);
    struct kept answer = keep(w, 548);
    ck_assert_int_eq(error_about(w, INSIDE, ALICE, SERVER, 3, 3, 0, answer), LK_GATEWAY_FORWARD);
    answers(w, OUT_IP, SERVER, 3, 3);
    struct lk_ipv4 q = quote(w, true);
    ck_assert_uint_eq(q.destination_address, OUT_IP);
    ck_assert_uint_eq(q.source_address, SERVER);
    ck_assert_uint_eq(lk_load_be16(q.payload + 2), lk_load_be16(k.bytes + 20));
    w->now = 301 * S;
    ck_assert_int_eq(error_about(w, INSIDE, ALICE, SERVER, 3, 3, 0, answer), LK_GATEWAY_DROP_ICMP); /* without a mapping: silently */
    gw_free(w);
}
END_TEST

START_TEST(an_error_by_way_of_the_outside_address_finds_both_ends) /* RFC 5508 REQ-7, 7a */
{
    struct gw *w = nat();
    give_udp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 6000, 53, 20);
    uint16_t bobs = w->udp.source_port;
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = OUT_IP}, 5000, bobs, 20), LK_GATEWAY_FORWARD);
    struct kept k = keep(w, 548);
    ck_assert_int_eq(error_about(w, INSIDE, BOB, OUT_IP, 3, 3, 0, k), LK_GATEWAY_FORWARD);
    answers(w, OUT_IP, ALICE, 3, 3);
    struct lk_ipv4 q = quote(w, true);
    ck_assert_uint_eq(q.source_address, ALICE);
    ck_assert_uint_eq(q.destination_address, OUT_IP);
    ck_assert_uint_eq(lk_load_be16(q.payload), 5000);
    ck_assert_uint_eq(lk_load_be16(q.payload + 2), bobs);
    gw_free(w);
}
END_TEST

ALL("nat_icmp", an_echo_and_its_reply_pass, one_identifier_whatever_the_destination_and_a_minute_of_life, timestamps_pass_like_echoes,
    an_echo_to_the_nat_is_the_hosts, replies_and_strange_messages_from_inside_end_here, an_error_from_outside_reaches_the_sender,
    an_error_about_a_segment_reaches_the_sender, an_error_about_an_echo_reaches_the_sender, options_of_the_quoted_packet_are_stepped_over,
    extensions_behind_the_quote_pass_and_are_not_summed_into_it, damaged_errors_end_here, a_wrong_checksum_of_the_quoted_datagram_is_no_reason_to_drop,
    an_error_about_nothing_we_know_is_the_hosts_to_ignore, an_error_about_another_connection_of_a_bound_port_ends_here,
    errors_neither_refresh_nor_end_a_binding, an_error_from_inside_goes_out_translated, an_error_by_way_of_the_outside_address_finds_both_ends)
