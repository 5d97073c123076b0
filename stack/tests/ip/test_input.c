#include "stack/ip/input.h"

#include "stack/tests/support/host.h"

static uint8_t frame[2048];

/* A sound echo request to us as a frame; tests then bend one thing. */
static size_t echo_frame(void)
{
    uint8_t message[16];
    struct lk_icmpv4 m = {.type = LK_ICMPV4_ECHO, .payload = (const uint8_t *)"data", .payload_len = 4};
    int len = lk_icmpv4_emit_summed(&m, message, sizeof message);
    struct as a = from_peer;
    a.protocol = LK_PROTOCOL_ICMP;
    return ip_frame(frame, sizeof frame, a, message, (size_t)len);
}

/* Makes the header checksum right again after a change. */
static void resum(size_t header)
{
    frame[14 + 10] = frame[14 + 11] = 0;
    uint16_t sum = lk_checksum_finish(lk_checksum_add(0, frame + 14, header));
    frame[14 + 10] = (uint8_t)(sum >> 8);
    frame[14 + 11] = (uint8_t)sum;
}

START_TEST(a_datagram_cut_anywhere_is_dropped)
{
    struct host *h = host_near();
    size_t len = echo_frame();
    for (size_t cut = 14; cut < len; cut++)
        ck_assert_int_eq(give(h, frame, cut), LK_RX_DROP_IP_HEADER);
    ck_assert_int_eq(give(h, frame, len), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

START_TEST(another_version_is_dropped_silently)
{
    struct host *h = host_near(); /* RFC 1122 3.2.1.1 */
    size_t len = echo_frame();
    for (uint8_t version = 0; version < 16; version++) {
        frame[14] = (uint8_t)(version << 4 | 5);
        resum(20);
        ck_assert_int_eq(give(h, frame, len), version == 4 ? LK_RX_ACCEPTED : LK_RX_DROP_IP_HEADER);
    }
    host_free(h);
}
END_TEST

START_TEST(a_header_length_that_lies_is_dropped)
{
    struct host *h = host_near();
    size_t len = echo_frame();
    for (uint8_t ihl = 0; ihl < 16; ihl++) {
        if (ihl == 5)
            continue;
        frame[14] = (uint8_t)(0x40 | ihl);
        resum(20);
        ck_assert_int_eq(give(h, frame, len), LK_RX_DROP_IP_HEADER);
    }
    host_free(h);
}
END_TEST

START_TEST(a_wrong_header_checksum_is_dropped_unless_the_device_verified_it)
{
    struct host *h = host_near(); /* RFC 1122 3.2.1.2 */
    size_t len = echo_frame();
    frame[14 + 11] ^= 1;
    ck_assert_int_eq(give(h, frame, len), LK_RX_DROP_IP_HEADER);
    struct lk_frame f = {.size_of = sizeof f, .csum = LK_CSUM_VERIFIED, .bytes = frame, .len = len};
    ck_assert_int_eq(lk_stack_rx(h->stack, &f, 0), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

START_TEST(link_padding_is_not_part_of_the_datagram)
{
    struct host *h = host_near(); /* RFC 894 */
    size_t len = echo_frame();
    memset(frame + len, 0x5a, 60 - len);
    ck_assert_int_eq(give(h, frame, 60), LK_RX_ACCEPTED);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(h->icmp.payload_len, 4);
    host_free(h);
}
END_TEST

START_TEST(a_ttl_of_0_or_1_is_no_reason_to_drop)
{
    struct host *h = host_near(); /* RFC 1122 3.2.1.7 */
    size_t len = echo_frame();
    for (uint8_t ttl = 0; ttl < 2; ttl++) {
        frame[14 + 8] = ttl;
        resum(20);
        ck_assert_int_eq(give(h, frame, len), LK_RX_ACCEPTED);
    }
    host_free(h);
}
END_TEST

START_TEST(sources_no_host_can_have_are_dropped)
{
    static const uint32_t bad[] = {0x00000000, 0x00000001, 0x7f000001, 0xffffffff, 0xe0000001, 0xefffffff, US_IP, 0x0a0000ff, 0x0a000000};
    struct host *h = host_near(); /* RFC 1122 3.2.1.3 */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct as a = {.from = bad[i], .to = US_IP};
        ck_assert_msg(give_echo(h, a, "x") == LK_RX_DROP_IP_SOURCE, "%08x", bad[i]);
    }
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_host_without_address_may_broadcast_udp)
{
    struct host *h = host_near();
    udp_on(h, 67);
    struct as a = {.from = 0, .to = 0xffffffff, .link = everyone};
    ck_assert_int_eq(give_udp(h, a, 68, 67, "discover"), LK_RX_ACCEPTED);
    ck_assert_int_eq(give_echo(h, a, "x"), LK_RX_DROP_IP_SOURCE);
    host_free(h);
}
END_TEST

START_TEST(what_is_not_for_us_is_dropped)
{
    static const uint32_t others[] = {0x0a000003, FAR_IP, 0x7f000001, 0xe0000002, 0xefffffff};
    struct host *h = host_near();
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        struct as a = {.from = PEER_IP, .to = others[i]};
        ck_assert_int_eq(give_echo(h, a, "x"), LK_RX_DROP_IP_NOT_OURS);
    }
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(broadcast_and_all_hosts_are_for_us)
{
    static const uint32_t groups[] = {0xffffffff, 0x0a0000ff, 0x0a000000, 0, 0xe0000001}; /* RFC 1122 3.3.6, 3.3.7 */
    struct host *h = host_near();
    udp_on(h, 9);
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        struct as a = {.from = PEER_IP, .to = groups[i], .link = everyone};
        ck_assert_int_eq(give_udp(h, a, 1, 9, "x"), LK_RX_ACCEPTED);
    }
    host_free(h);
}
END_TEST

START_TEST(unicast_in_a_link_broadcast_is_dropped)
{
    static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1};
    struct host *h = host_near(); /* RFC 1122 3.3.6 */
    struct as a = {.from = PEER_IP, .to = US_IP, .link = everyone};
    ck_assert_int_eq(give_echo(h, a, "x"), LK_RX_DROP_IP_NOT_OURS);
    a.link = group;
    ck_assert_int_eq(give_echo(h, a, "x"), LK_RX_DROP_IP_NOT_OURS);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(fragments_are_dropped_by_name_and_unanswered)
{
    struct host *h = host_near();
    struct as first = {.from = PEER_IP, .to = US_IP, .flags = LK_IPV4_MF}, last = {.from = PEER_IP, .to = US_IP, .offset = 3};
    ck_assert_int_eq(give_udp(h, first, 1, 9, "x"), LK_RX_DROP_IP_FRAGMENT);
    ck_assert_int_eq(give_udp(h, last, 1, 9, "x"), LK_RX_DROP_IP_FRAGMENT);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(before_it_has_an_address_an_interface_takes_udp_sent_to_its_link_address)
{
    struct host *h = host_bare(plain_config("rfc")); /* RFC 2131 4.1 */
    udp_on(h, 68);
    struct as a = {.from = GATEWAY_IP, .to = US_IP};
    ck_assert_int_eq(give_udp(h, a, 67, 68, "offer"), LK_RX_ACCEPTED);
    ck_assert_int_eq(give_echo(h, a, "x"), LK_RX_DROP_IP_NOT_OURS);
    ck_assert_int_eq(give_udp(h, a, 67, 69, "closed"), LK_RX_DROP_UDP_PORT);
    nothing_more(h);
    host_free(h);
}
END_TEST

/* ---- options (RFC 1122 3.2.1.8) ---- */

static int with_options(struct host *h, const uint8_t *options, size_t len)
{
    struct as a = {.from = PEER_IP, .to = US_IP, .options = options, .options_len = len};
    return give_echo(h, a, "x");
}

START_TEST(unknown_options_are_passed_over)
{
    static const uint8_t unknown[8] = {0x9e, 4, 1, 2, 1, 1, 1, 0}, stream[4] = {136, 4, 0, 1};
    struct host *h = host_near();
    ck_assert_int_eq(with_options(h, unknown, 8), LK_RX_ACCEPTED);
    ck_assert_int_eq(with_options(h, stream, 4), LK_RX_ACCEPTED);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(h->ip.options_len, 0);
    host_free(h);
}
END_TEST

START_TEST(a_malformed_option_is_answered_by_parameter_problem)
{
    static const uint8_t zero[4] = {0x9e, 0, 0, 0}, overrun[4] = {1, 0x9e, 9, 0}, route[4] = {7, 3, 2, 0};
    static const struct { const uint8_t *options; uint8_t pointer; } bad[] = {{zero, 21}, {overrun, 22}, {route, 22}};
    struct host *h = host_near(); /* RFC 1122 3.2.2.5 */
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(with_options(h, bad[i].options, 4), LK_RX_DROP_IP_HEADER);
        pulls_ip(h, LK_PROTOCOL_ICMP);
        ck_assert_uint_eq(h->icmp.type, LK_ICMPV4_PARAMETER_PROBLEM);
        ck_assert_uint_eq(lk_icmpv4_pointer(&h->icmp), bad[i].pointer);
        nothing_more(h);
    }
    host_free(h);
}
END_TEST

START_TEST(a_source_route_that_goes_on_is_refused_and_one_that_ended_here_is_not)
{
    static const uint8_t open[8] = {131, 7, 4, 10, 0, 0, 3, 0}, ended[8] = {131, 7, 8, 10, 0, 0, 3, 0};
    struct host *h = host_near(); /* RFC 1122 3.3.5 */
    ck_assert_int_eq(with_options(h, open, 8), LK_RX_DROP_IP_HEADER);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(h->icmp.type, LK_ICMPV4_DESTINATION_UNREACHABLE);
    ck_assert_uint_eq(h->icmp.code, LK_ICMPV4_SOURCE_ROUTE_FAILED);
    ck_assert_int_eq(with_options(h, ended, 8), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

/* ---- forwarding ---- */

START_TEST(a_forwarding_host_reports_what_is_for_others_and_owes_nothing)
{
    struct lk_config config = plain_config("rfc");
    config.forwarding = true;
    struct host *h = host_with(config);
    struct as a = {.from = PEER_IP, .to = FAR_IP};
    ck_assert_int_eq(give_echo(h, a, "pass on"), LK_RX_FORWARD);
    ck_assert_uint_eq(h->frame.forward.iface, 0);
    ck_assert_uint_eq(h->frame.forward.offset, 14);
    ck_assert_uint_eq(h->frame.forward.len, 20 + 8 + 7);
    a.link = everyone;
    ck_assert_int_eq(give_echo(h, a, "x"), LK_RX_DROP_IP_NOT_OURS);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(ignored_checksums_are_ignored_everywhere)
{
    struct lk_config config = plain_config("rfc");
    config.ignore_checksums = true;
    struct host *h = host_with(config);
    size_t len = echo_frame();
    frame[14 + 10] ^= 0xff;
    frame[14 + 20 + 2] ^= 0xff;
    ck_assert_int_eq(give(h, frame, len), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

SUITE("ip input", a_datagram_cut_anywhere_is_dropped, another_version_is_dropped_silently, a_header_length_that_lies_is_dropped,
      a_wrong_header_checksum_is_dropped_unless_the_device_verified_it, link_padding_is_not_part_of_the_datagram,
      a_ttl_of_0_or_1_is_no_reason_to_drop, sources_no_host_can_have_are_dropped, a_host_without_address_may_broadcast_udp,
      what_is_not_for_us_is_dropped, broadcast_and_all_hosts_are_for_us, unicast_in_a_link_broadcast_is_dropped,
      fragments_are_dropped_by_name_and_unanswered, before_it_has_an_address_an_interface_takes_udp_sent_to_its_link_address,
      unknown_options_are_passed_over, a_malformed_option_is_answered_by_parameter_problem,
      a_source_route_that_goes_on_is_refused_and_one_that_ended_here_is_not, a_forwarding_host_reports_what_is_for_others_and_owes_nothing,
      ignored_checksums_are_ignored_everywhere)
