/* Every disposition a received frame can have, reached through the whole host. */
#include "stack/base/bytes.h"
#include "stack/tests/support/host.h"

/* ---- a connection by hand: the peer connects to our port 80, timestamps on ---- */

struct peer { struct host *h; uint32_t seq, ack; uint32_t ts; lk_socket listener; };

static int give_tcp(struct peer *p, uint16_t port, uint8_t control, uint32_t seq, uint32_t ack, uint32_t ts, const char *data)
{
    uint8_t segment[1600], options[12] = {1, 1, 8, 10};
    struct as a = from_peer;
    struct lk_tcp tcp = {.source_port = 5000, .destination_port = port, .sequence_number = seq, .acknowledgment_number = ack,
                         .control = control, .window = 10000, .options = options, .options_len = ts == 0 ? 0 : 12,
                         .payload = (const uint8_t *)data, .payload_len = strlen(data)};
    lk_store_be32(options + 4, ts);
    size_t len = LK_TCP_HEADER + tcp.options_len + tcp.payload_len;
    uint64_t pseudo = lk_checksum_pseudo_ipv4(PEER_IP, US_IP, LK_PROTOCOL_TCP, (uint16_t)len);
    ck_assert_int_eq(lk_tcp_emit_summed(&tcp, pseudo, segment, sizeof segment), (int)len);
    a.protocol = LK_PROTOCOL_TCP;
    return give_ip(p->h, a, segment, len);
}

static void drain(struct host *h)
{
    while (pull(h) > 0) {
    }
}

static struct peer listening(struct lk_config config)
{
    struct peer p = {.h = host_with(config), .seq = 1000, .ts = 500};
    struct lk_endpoint local = at(0, 80);
    lk_neighbour_set(p.h->stack, 0, ip4(PEER_IP), peer_mac, 0);
    lk_sock_open(p.h->stack, LK_TCP, &p.listener, 0);
    lk_sock_bind(p.h->stack, p.listener, &local, 0);
    ck_assert_int_eq(lk_sock_listen(p.h->stack, p.listener, 2, 0), 0);
    return p;
}

static struct peer connected(void)
{
    struct peer p = listening(plain_config("rfc"));
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_SYN, p.seq++, 0, p.ts, ""), LK_RX_ACCEPTED);
    pulls_ip(p.h, LK_PROTOCOL_TCP);
    ck_assert_uint_eq(p.h->tcp.control, LK_TCP_SYN | LK_TCP_ACK);
    p.ack = p.h->tcp.sequence_number + 1;
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_ACK, p.seq, p.ack, p.ts, ""), LK_RX_ACCEPTED);
    return p;
}

START_TEST(segments_of_a_connection)
{
    struct peer p = connected();
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_ACK, p.seq, p.ack, p.ts, "new"), LK_RX_ACCEPTED);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_ACK, p.seq, p.ack, p.ts, "new"), LK_RX_DUPLICATE);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_ACK, p.seq + 1000000, p.ack, p.ts, "far"), LK_RX_DROP_TCP_WINDOW);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_ACK, p.seq + 3, p.ack, p.ts - 1, "old"), LK_RX_DROP_TCP_PAWS);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_ACK, p.seq + 3, p.ack + 1, p.ts, ""), LK_RX_DROP_TCP_ACK);
    ck_assert_int_eq(give_tcp(&p, 80, 0, p.seq + 3, p.ack, p.ts, "no ack"), LK_RX_DROP_TCP_STATE);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_SYN, p.seq + 3, p.ack, p.ts, ""), LK_RX_CHALLENGE);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_RST, p.seq + 1000000, 0, 0, ""), LK_RX_DROP_TCP_RST);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_RST, p.seq + 4, 0, 0, ""), LK_RX_CHALLENGE);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_RST, p.seq + 3, 0, 0, ""), LK_RX_ACCEPTED);
    host_free(p.h);
}
END_TEST

START_TEST(segments_of_no_connection)
{
    struct peer p = listening(plain_config("rfc"));
    ck_assert_int_eq(give_tcp(&p, 81, LK_TCP_SYN, 1, 0, 0, ""), LK_RX_RESET_SENT);
    ck_assert_int_eq(give_tcp(&p, 81, LK_TCP_RST, 1, 0, 0, ""), LK_RX_DROP_TCP_RST);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_RST, 1, 0, 0, ""), LK_RX_DROP_TCP_RST);
    ck_assert_int_eq(give_tcp(&p, 80, LK_TCP_ACK, 1, 1, 0, ""), LK_RX_RESET_SENT);
    ck_assert_int_eq(give_tcp(&p, 80, 0, 1, 0, 0, ""), LK_RX_DROP_TCP_STATE);
    ck_assert_int_eq(give_tcp(&p, 0, LK_TCP_SYN, 1, 0, 0, ""), LK_RX_DROP_TCP_HEADER);
    host_free(p.h);
}
END_TEST

START_TEST(a_syn_to_a_broadcast_address_is_dropped)
{
    struct host *h = host_near(); /* RFC 9293 MUST-57 */
    uint8_t segment[20];
    struct as a = {.from = PEER_IP, .to = 0x0a0000ff, .protocol = LK_PROTOCOL_TCP, .link = everyone};
    struct lk_tcp tcp = {.source_port = 5000, .destination_port = 80, .control = LK_TCP_SYN};
    lk_tcp_emit_summed(&tcp, lk_checksum_pseudo_ipv4(a.from, a.to, LK_PROTOCOL_TCP, 20), segment, sizeof segment);
    ck_assert_int_eq(give_ip(h, a, segment, 20), LK_RX_DROP_TCP_SYN);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_segment_with_a_bad_sum_or_header_is_dropped)
{
    struct host *h = host_near();
    uint8_t segment[24];
    static const uint8_t looping[4] = {9, 0, 0, 0}; /* an option of length 0 */
    struct as a = from_peer;
    a.protocol = LK_PROTOCOL_TCP;
    struct lk_tcp tcp = {.source_port = 5000, .destination_port = 80, .control = LK_TCP_SYN};
    lk_tcp_emit_summed(&tcp, lk_checksum_pseudo_ipv4(a.from, a.to, LK_PROTOCOL_TCP, 20), segment, sizeof segment);
    for (size_t len = 0; len < 20; len++)
        ck_assert_int_eq(give_ip(h, a, segment, len), LK_RX_DROP_TCP_HEADER);
    segment[15] ^= 1;
    ck_assert_int_eq(give_ip(h, a, segment, 20), LK_RX_DROP_TCP_CHECKSUM);
    tcp.options = looping;
    tcp.options_len = 4;
    lk_tcp_emit_summed(&tcp, lk_checksum_pseudo_ipv4(a.from, a.to, LK_PROTOCOL_TCP, 24), segment, sizeof segment);
    ck_assert_int_eq(give_ip(h, a, segment, 24), LK_RX_DROP_TCP_HEADER);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_full_table_of_connections_drops_the_next)
{
    struct lk_config config = plain_config("rfc");
    config.tcp.connections = 1;
    struct peer p = listening(config);
    int became = LK_RX_ACCEPTED, n = 0;
    for (; became == LK_RX_ACCEPTED && n < 10; n++) {
        uint8_t segment[20];
        struct as a = from_peer;
        a.protocol = LK_PROTOCOL_TCP;
        struct lk_tcp tcp = {.source_port = (uint16_t)(5000 + n), .destination_port = 80, .control = LK_TCP_SYN};
        lk_tcp_emit_summed(&tcp, lk_checksum_pseudo_ipv4(a.from, a.to, LK_PROTOCOL_TCP, 20), segment, sizeof segment);
        became = give_ip(p.h, a, segment, 20);
    }
    ck_assert_int_eq(became, LK_RX_DROP_FULL);
    ck_assert_int_gt(n, 1);
    drain(p.h);
    host_free(p.h);
}
END_TEST

START_TEST(the_broadcast_of_another_network_of_ours_is_not_forwarded)
{
    struct lk_config config = plain_config("rfc");
    config.forwarding = true;
    config.ifaces = 2;
    config.iface[1] = config.iface[0];
    struct host *h = host_with(config); /* RFC 2644 3 */
    lk_addr_add(h->stack, 1, ip4(0xac100001), 16, LK_ADDR_PREFERRED, 0);
    struct as a = {.from = PEER_IP, .to = 0xac10ffff};
    ck_assert_int_eq(give_udp(h, a, 1, 9, "smurf"), LK_RX_DROP_IP_NOT_OURS);
    a.to = 0xac100002;
    ck_assert_int_eq(give_udp(h, a, 1, 9, "pass"), LK_RX_FORWARD);
    ck_assert_uint_eq(h->frame.forward.iface, 1);
    host_free(h);
}
END_TEST

START_TEST(what_has_no_route_is_reported_without_an_interface)
{
    struct lk_config config = plain_config("rfc");
    config.forwarding = true;
    struct host *h = host_with(config);
    lk_route_remove(h->stack, ip4(0), 0, 0);
    ck_assert_int_eq(give_udp(h, (struct as){.from = PEER_IP, .to = FAR_IP}, 1, 9, "x"), LK_RX_FORWARD);
    ck_assert_uint_eq(h->frame.forward.iface, LK_ANY);
    host_free(h);
}
END_TEST

START_TEST(frames_for_nobody_and_of_no_type_are_dropped_at_the_link)
{
    struct host *h = host_near();
    uint8_t frame[60] = {0};
    for (size_t len = 0; len < 14; len++)
        ck_assert_int_eq(give(h, frame, len), LK_RX_DROP_LINK);
    ck_assert_int_eq(give(h, frame, ether(frame, other_mac, peer_mac, LK_ETHERTYPE_IPV4, frame, 0)), LK_RX_DROP_LINK);
    ck_assert_int_eq(give(h, frame, ether(frame, our_mac, peer_mac, LK_ETHERTYPE_IPV6, frame, 0)), LK_RX_DROP_LINK);
    struct lk_frame none = {.size_of = sizeof none};
    ck_assert_int_eq(lk_stack_rx(h->stack, &none, 0), LK_RX_DROP_LINK);
    host_free(h);
}
END_TEST

START_TEST(each_disposition_has_a_name_of_its_own)
{
    for (int i = 0; i < LK_RX_COUNT; i++) {
        bool used = i <= LK_RX_UNREACHABLE_SENT || i >= LK_RX_DROP_FIRST;
        ck_assert_int_eq(strcmp(lk_rx_name(i), "?") != 0, used);
        for (int k = 0; used && k < i; k++)
            ck_assert_str_ne(lk_rx_name(i), lk_rx_name(k));
    }
    ck_assert_str_eq(lk_rx_name(-1), "?");
    ck_assert_str_eq(lk_rx_name(LK_RX_COUNT), "?");
}
END_TEST

/* ---- an address shared with a gateway ---- */

static struct host *sharing(void)
{
    struct lk_config config = plain_config("rfc");
    config.forwarding = true;
    config.ifaces = 2;
    config.iface[1] = config.iface[0];
    config.iface[1].mac[5] = 3;
    struct host *h = host_with(config);
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(US_IP), 24, LK_ADDR_SHARED, 0), 0);
    ck_assert_int_eq(lk_addr_add(h->stack, 1, ip4(0xac100001), 16, LK_ADDR_PREFERRED, 0), 0);
    lk_neighbour_set(h->stack, 0, ip4(PEER_IP), peer_mac, 0);
    return h;
}

/* As give(), and then lk_stack_local() with the same frame. */
static int give_then_local(struct host *h, const uint8_t *frame, size_t len)
{
    uint8_t *copy = malloc(len);
    memcpy(copy, frame, len);
    struct lk_frame f = {.size_of = sizeof f, .bytes = copy, .len = len};
    ck_assert_int_eq(lk_stack_rx(h->stack, &f, h->now), LK_RX_FORWARD);
    ck_assert_uint_eq(f.forward.iface, LK_LOCAL);
    ck_assert_uint_eq(f.forward.offset, 14);
    ck_assert_uint_eq(f.forward.len, len - 14);
    nothing_more(h); /* nothing is owed for what a gateway may take */
    int became = lk_stack_local(h->stack, &f, h->now);
    free(copy);
    sound(h);
    return became;
}

static size_t echo_frame(uint8_t *frame, size_t cap, struct as a)
{
    uint8_t message[64];
    struct lk_icmpv4 m = {.type = LK_ICMPV4_ECHO, .rest_of_header = 0x70001, .payload = (const uint8_t *)"x", .payload_len = 1};
    int len = lk_icmpv4_emit_summed(&m, message, sizeof message);
    a.protocol = LK_PROTOCOL_ICMP;
    return ip_frame(frame, cap, a, message, (size_t)len);
}

START_TEST(what_comes_to_a_shared_address_is_the_gateways_first_and_then_ours)
{
    struct host *h = sharing();
    uint8_t frame[200];
    ck_assert_int_eq(give_then_local(h, frame, echo_frame(frame, sizeof frame, from_peer)), LK_RX_ACCEPTED);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(h->ip.source_address, US_IP);
    struct as fragment = from_peer;
    fragment.flags = LK_IPV4_MF;
    ck_assert_int_eq(give_then_local(h, frame, echo_frame(frame, sizeof frame, fragment)), LK_RX_DROP_IP_FRAGMENT);
    host_free(h);
}
END_TEST

START_TEST(a_shared_address_is_checked_like_any_other)
{
    struct host *h = sharing();
    struct as own = {.from = US_IP, .to = US_IP}, cast = {.from = PEER_IP, .to = US_IP, .link = everyone};
    ck_assert_int_eq(give_echo(h, own, "x"), LK_RX_DROP_IP_SOURCE);
    ck_assert_int_eq(give_echo(h, cast, "x"), LK_RX_DROP_IP_NOT_OURS);
    ck_assert_int_eq(give_arp_request(h, peer_mac, PEER_IP, US_IP), LK_RX_ACCEPTED); /* it answers for it as ever */
    ck_assert_int_gt(pull(h), 0);
    ck_assert_uint_eq(h->arp.spa, US_IP);
    host_free(h);
}
END_TEST

START_TEST(another_interfaces_own_address_is_ours_and_no_gateway_is_asked)
{
    struct host *h = sharing();
    struct as across = {.from = PEER_IP, .to = 0xac100001};
    ck_assert_int_eq(give_echo(h, across, "x"), LK_RX_ACCEPTED);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    ck_assert_uint_eq(h->ip.source_address, 0xac100001);
    host_free(h);
}
END_TEST

START_TEST(a_host_that_does_not_forward_asks_no_gateway)
{
    struct host *h = host_near();
    lk_addr_add(h->stack, 0, ip4(US_IP), 24, LK_ADDR_SHARED, 0);
    ck_assert_int_eq(give_echo(h, from_peer, "x"), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

START_TEST(a_connection_from_a_shared_address_works)
{
    struct host *h = sharing();
    struct lk_endpoint remote = at(PEER_IP, 80);
    lk_socket s;
    uint8_t frame[200], segment[20];
    lk_sock_open(h->stack, LK_TCP, &s, 0);
    ck_assert_int_eq(lk_sock_connect(h->stack, s, &remote, 0), 0);
    pulls_ip(h, LK_PROTOCOL_TCP);
    ck_assert_uint_eq(h->ip.source_address, US_IP);
    struct lk_tcp answer = {.source_port = 80, .destination_port = h->tcp.source_port, .sequence_number = 9, .window = 1000,
                            .acknowledgment_number = h->tcp.sequence_number + 1, .control = LK_TCP_SYN | LK_TCP_ACK};
    lk_tcp_emit_summed(&answer, lk_checksum_pseudo_ipv4(PEER_IP, US_IP, LK_PROTOCOL_TCP, 20), segment, sizeof segment);
    struct as a = from_peer;
    a.protocol = LK_PROTOCOL_TCP;
    ck_assert_int_eq(give_then_local(h, frame, ip_frame(frame, sizeof frame, a, segment, sizeof segment)), LK_RX_ACCEPTED);
    ck_assert_uint_ne(lk_sock_bits(h->stack, s) & LK_SOCK_CONNECTED, 0);
    host_free(h);
}
END_TEST

START_TEST(local_input_is_refused_for_what_is_not_ours)
{
    struct host *h = sharing();
    uint8_t frame[200];
    struct lk_frame f = {.size_of = sizeof f, .bytes = frame};
    f.len = echo_frame(frame, sizeof frame, (struct as){.from = PEER_IP, .to = FAR_IP});
    ck_assert_int_eq(lk_stack_local(h->stack, &f, 0), LK_E_INVALID);
    f.len = ether(frame, our_mac, peer_mac, LK_ETHERTYPE_ARP, frame + 20, 28);
    ck_assert_int_eq(lk_stack_local(h->stack, &f, 0), LK_E_INVALID);
    f.len = 20;
    ck_assert_int_eq(lk_stack_local(h->stack, &f, 0), LK_E_INVALID);
    f.iface = 7;
    ck_assert_int_eq(lk_stack_local(h->stack, &f, 0), LK_E_INVALID);
    host_free(h);
}
END_TEST

SUITE("rx", what_comes_to_a_shared_address_is_the_gateways_first_and_then_ours, a_shared_address_is_checked_like_any_other,
      another_interfaces_own_address_is_ours_and_no_gateway_is_asked, a_host_that_does_not_forward_asks_no_gateway,
      a_connection_from_a_shared_address_works, local_input_is_refused_for_what_is_not_ours,
      segments_of_a_connection, segments_of_no_connection, a_syn_to_a_broadcast_address_is_dropped,
      a_segment_with_a_bad_sum_or_header_is_dropped, a_full_table_of_connections_drops_the_next,
      the_broadcast_of_another_network_of_ours_is_not_forwarded, what_has_no_route_is_reported_without_an_interface,
      frames_for_nobody_and_of_no_type_are_dropped_at_the_link, each_disposition_has_a_name_of_its_own)
