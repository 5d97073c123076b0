#include "stack/tests/support/gateway.h"

static const struct pkt out_to_server = {.from = ALICE, .to = SERVER};

static int udp(struct gw *w, struct pkt a)
{
    return give_udp(w, INSIDE, a, 5000, 53, 20);
}

START_TEST(a_packet_goes_on_with_one_hop_less) /* RFC 1812 5.3.1, RFC 1624 */
{
    struct gw *w = router();
    ck_assert_int_eq(udp(w, out_to_server), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.time_to_live, 63);
    ck_assert_uint_eq(w->ip.source_address, ALICE);
    ck_assert_uint_eq(w->ip.destination_address, SERVER);
    ck_assert_uint_eq(w->out.iface, OUTSIDE);
    ck_assert_uint_eq(lk_addr_ip4(&w->out.next_hop), UPLINK);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
}
END_TEST

START_TEST(the_last_hop_is_used_up_and_not_before) /* RFC 1812 5.3.1 */
{
    struct gw *w = router();
    struct pkt a = out_to_server;
    a.ttl = 2;
    ck_assert_int_eq(udp(w, a), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.time_to_live, 1);
    a.ttl = 1;
    ck_assert_int_eq(udp(w, a), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_TIME_EXCEEDED, LK_ICMPV4_TTL_EXCEEDED);
    gw_free(w);
}
END_TEST

START_TEST(a_ttl_of_zero_is_not_forwarded) /* RFC 1812 4.2.2.9 */
{
    struct gw *w = router();
    uint8_t buf[100];
    size_t len = build(buf, sizeof buf, (struct pkt){.from = ALICE, .to = SERVER, .protocol = 99}, buf, 0);
    buf[10] = 0, buf[11] = 0, buf[8] = 0;
    lk_store_be16(buf + 10, lk_checksum_finish(lk_checksum_add(0, buf, 20)));
    ck_assert_int_eq(give_bytes(w, INSIDE, buf, len), LK_GATEWAY_ANSWER);
    gw_free(w);
}
END_TEST

START_TEST(the_ttl_of_what_is_for_the_router_itself_is_not_looked_at) /* RFC 1812 4.2.2.9 */
{
    struct gw *w = router();
    struct pkt a = {.from = ALICE, .to = IN_IP, .ttl = 1};
    ck_assert_int_eq(give_echo(w, INSIDE, a, 7), LK_GATEWAY_LOCAL);
    a.to = SLOW_IP; /* nor does it matter which of its addresses */
    ck_assert_int_eq(give_echo(w, INSIDE, a, 7), LK_GATEWAY_LOCAL);
    gw_free(w);
}
END_TEST

START_TEST(a_broken_header_ends_here) /* RFC 1812 5.2.2 */
{
    struct gw *w = router();
    uint8_t good[100], bad[100];
    size_t len = build(good, sizeof good, (struct pkt){.from = ALICE, .to = SERVER, .protocol = 99}, good, 0);
    for (size_t cut = 0; cut < len; cut++)
        ck_assert_int_eq(give_bytes(w, INSIDE, good, cut), LK_GATEWAY_DROP_HEADER);
    memcpy(bad, good, len), bad[0] = 0x55;
    ck_assert_int_eq(give_bytes(w, INSIDE, bad, len), LK_GATEWAY_DROP_HEADER);
    memcpy(bad, good, len), bad[0] = 0x44;
    ck_assert_int_eq(give_bytes(w, INSIDE, bad, len), LK_GATEWAY_DROP_HEADER);
    memcpy(bad, good, len), bad[3] = 19;
    ck_assert_int_eq(give_bytes(w, INSIDE, bad, len), LK_GATEWAY_DROP_HEADER);
    memcpy(bad, good, len), bad[3] = 21; /* shorter than it says */
    ck_assert_int_eq(give_bytes(w, INSIDE, bad, len), LK_GATEWAY_DROP_HEADER);
    gw_free(w);
}
END_TEST

START_TEST(a_wrong_header_checksum_ends_here) /* RFC 1812 4.2.2.5 */
{
    struct gw *w = router();
    uint8_t buf[100];
    size_t len = build(buf, sizeof buf, (struct pkt){.from = ALICE, .to = SERVER, .protocol = 99}, buf, 0);
    buf[11] ^= 1;
    ck_assert_int_eq(give_bytes(w, INSIDE, buf, len), LK_GATEWAY_DROP_CHECKSUM);
    gw_free(w);
}
END_TEST

START_TEST(padding_behind_the_packet_is_not_forwarded)
{
    struct gw *w = router();
    uint8_t buf[100] = {0};
    size_t len = build(buf, sizeof buf, (struct pkt){.from = ALICE, .to = SERVER, .protocol = 99}, buf, 0);
    ck_assert_int_eq(give_bytes(w, INSIDE, buf, len + 26), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->out.len, len);
    gw_free(w);
}
END_TEST

START_TEST(martian_sources_end_here_without_a_word) /* RFC 1812 5.3.7, 4.2.2.11; bug class 94 */
{
    static const uint32_t martian[] = {0, 0x00000001, 0x7f000001, 0xe0000001, 0xf0000001, UINT32_MAX, IN_IP, OUT_IP, 0xc0a801ff, 0xc0a80100, 0x0a02ffff};
    struct gw *w = router();
    for (size_t i = 0; i < sizeof martian / sizeof martian[0]; i++) {
        struct pkt a = {.from = martian[i], .to = SERVER, .ttl = 1}; /* even where an error would be due */
        ck_assert_int_eq(udp(w, a), LK_GATEWAY_DROP_SOURCE);
    }
    gw_free(w);
}
END_TEST

START_TEST(martian_destinations_end_here_without_a_word) /* RFC 1812 5.3.7; bug class 94 */
{
    static const uint32_t martian[] = {0, 0x00000001, 0x7f000001, 0xe0000005, 0xf0000001};
    struct gw *w = router();
    for (size_t i = 0; i < sizeof martian / sizeof martian[0]; i++) {
        struct pkt a = {.from = ALICE, .to = martian[i], .ttl = 1};
        ck_assert_int_eq(udp(w, a), LK_GATEWAY_DROP_DESTINATION);
    }
    gw_free(w);
}
END_TEST

START_TEST(broadcasts_are_never_forwarded) /* RFC 1812 5.3.5, RFC 2644 3 */
{
    struct gw *w = router();
    struct pkt a = {.from = ALICE, .to = UINT32_MAX};
    ck_assert_int_eq(udp(w, a), LK_GATEWAY_LOCAL);
    a.to = 0xc0a801ff;
    ck_assert_int_eq(udp(w, a), LK_GATEWAY_LOCAL);
    a.to = 0x0a02ffff; /* of another network of ours */
    ck_assert_int_eq(udp(w, a), LK_GATEWAY_DROP_DESTINATION);
    a.to = 0x0a020000;
    ck_assert_int_eq(udp(w, a), LK_GATEWAY_DROP_DESTINATION);
    gw_free(w);
}
END_TEST

START_TEST(a_network_of_two_addresses_has_no_broadcast) /* RFC 3021 */
{
    struct lk_gateway_config c = router_config();
    c.iface[SLOW_LINK].prefix = 31;
    struct gw *w = gw_with(c);
    ck_assert_int_eq(udp(w, (struct pkt){.from = ALICE, .to = SLOW_IP - 1}), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(what_came_as_a_link_broadcast_is_not_forwarded) /* RFC 1812 5.3.4 */
{
    struct gw *w = router();
    w->link_broadcast = true;
    ck_assert_int_eq(udp(w, out_to_server), LK_GATEWAY_DROP_LINK_BROADCAST);
    gw_free(w);
}
END_TEST

START_TEST(no_route_is_answered_by_net_unreachable) /* RFC 1812 4.3.3.1 */
{
    struct gw *w = router();
    lk_gateway_route_remove(w->g, ip4(0), 0);
    ck_assert_int_eq(udp(w, out_to_server), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_NET_UNREACHABLE);
    gw_free(w);
}
END_TEST

START_TEST(too_large_with_df_is_answered_with_the_mtu) /* RFC 1812 5.2.7.1, RFC 1191 4 */
{
    struct gw *w = router();
    struct pkt a = {.from = ALICE, .to = SLOW, .flags = LK_IPV4_DF};
    ck_assert_int_eq(give_udp(w, INSIDE, a, 1, 2, 1000), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_FRAGMENTATION_NEEDED);
    ck_assert_uint_eq(lk_icmpv4_next_hop_mtu(&w->icmp), 576);
    ck_assert_int_eq(give_udp(w, INSIDE, a, 1, 2, 576 - 28), LK_GATEWAY_FORWARD); /* just fits */
    ck_assert_int_eq(give_udp(w, INSIDE, a, 1, 2, 577 - 28), LK_GATEWAY_ANSWER);
    gw_free(w);
}
END_TEST

START_TEST(unused_bits_pass_unchanged) /* RFC 1812 4.2.2.3, 5.2.5 */
{
    struct gw *w = router();
    struct pkt a = {.from = ALICE, .to = SERVER, .flags = LK_IPV4_RESERVED, .tos = 0xff};
    ck_assert_int_eq(udp(w, a), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.flags, LK_IPV4_RESERVED);
    ck_assert_uint_eq(w->ip.type_of_service, 0xff);
    gw_free(w);
}
END_TEST

START_TEST(a_fragment_passes_alone) /* RFC 1812 5.2.6: not reassembled on the way */
{
    struct gw *w = router();
    uint8_t part[16] = {1, 2, 3};
    struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_UDP, .offset = 2, .flags = LK_IPV4_MF};
    ck_assert_int_eq(give(w, INSIDE, a, part, sizeof part), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.fragment_offset, 2);
    gw_free(w);
}
END_TEST

START_TEST(a_fragment_that_ends_beyond_every_datagram_ends_here) /* RFC 791 3.1: 65535 octets; cut again, its offset would begin anew */
{
    struct gw *w = router();
    uint8_t part[1400] = {1, 2, 3};
    struct pkt a = {.from = ALICE, .to = SLOW, .protocol = LK_PROTOCOL_UDP, .offset = 0x1fff};
    ck_assert_int_eq(give(w, INSIDE, a, part, sizeof part), LK_GATEWAY_DROP_HEADER);
    ck_assert_int_eq(give(w, INSIDE, a, part, 8), LK_GATEWAY_DROP_HEADER);
    a.offset = (65535 - 20 - 1400) / 8;
    ck_assert_int_eq(give(w, INSIDE, a, part, sizeof part), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(a_wrong_transport_checksum_stays_wrong)
{
    struct gw *w = router();
    uint8_t datagram[28];
    struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_UDP};
    size_t len = udp_of(datagram, sizeof datagram, a, 1, 2, 20);
    datagram[7] ^= 1;
    w->any_sum = true;
    ck_assert_int_eq(give(w, INSIDE, a, datagram, len), LK_GATEWAY_FORWARD);
    ck_assert_mem_eq(w->ip.payload, datagram, len);
    gw_free(w);
}
END_TEST

ALL("forward", a_packet_goes_on_with_one_hop_less, the_last_hop_is_used_up_and_not_before, a_ttl_of_zero_is_not_forwarded,
    the_ttl_of_what_is_for_the_router_itself_is_not_looked_at, a_broken_header_ends_here, a_wrong_header_checksum_ends_here,
    padding_behind_the_packet_is_not_forwarded, martian_sources_end_here_without_a_word, martian_destinations_end_here_without_a_word,
    broadcasts_are_never_forwarded, a_network_of_two_addresses_has_no_broadcast, what_came_as_a_link_broadcast_is_not_forwarded,
    no_route_is_answered_by_net_unreachable, too_large_with_df_is_answered_with_the_mtu, unused_bits_pass_unchanged, a_fragment_passes_alone,
    a_fragment_that_ends_beyond_every_datagram_ends_here, a_wrong_transport_checksum_stays_wrong)
