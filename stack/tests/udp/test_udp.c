#include "stack/udp/udp.h"

#include "stack/tests/support/host.h"

static int64_t take(struct host *h, lk_socket s, char *buffer, size_t cap, struct lk_endpoint *remote, struct lk_endpoint *local)
{
    int64_t n = lk_sock_recv_from(h->stack, s, buffer, cap - 1, remote, local, h->now);
    if (n >= 0)
        buffer[n] = 0;
    sound(h);
    return n;
}

/* ---- sending ---- */

START_TEST(a_datagram_leaves_as_rfc_768_draws_it)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 1000);
    ck_assert_int_eq(send_udp_to(h, s, "odd", PEER_IP, 9), 3);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert_uint_eq(h->ip.source_address, US_IP);
    ck_assert_uint_eq(h->ip.destination_address, PEER_IP);
    ck_assert_uint_eq(h->ip.time_to_live, 64);
    ck_assert_uint_eq(h->ip.type_of_service, 0);
    ck_assert_uint_eq(h->ip.flags, LK_IPV4_DF);
    ck_assert_uint_eq(h->udp.source_port, 1000);
    ck_assert_uint_eq(h->udp.destination_port, 9);
    ck_assert_uint_eq(h->udp.length, 11);
    ck_assert_mem_eq(h->udp.payload, "odd", 3);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_checksum_that_computes_to_0_is_sent_as_all_ones)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 1000);
    struct lk_endpoint peer = at(PEER_IP, 9);
    uint64_t sum = lk_checksum_pseudo_ipv4(US_IP, PEER_IP, 17, 10);
    sum = lk_checksum_add16(lk_checksum_add16(lk_checksum_add16(sum, 1000), 9), 10);
    uint16_t missing = lk_checksum_finish(sum); /* makes the sum all ones */
    uint8_t data[2] = {(uint8_t)(missing >> 8), (uint8_t)missing};
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, data, 2, &peer, NULL, 0), 2);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert_uint_eq(h->udp.checksum, 0xffff);
    host_free(h);
}
END_TEST

START_TEST(ttl_and_dscp_are_the_sockets_to_set)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 1000);
    ck_assert_int_eq(lk_sock_set(h->stack, s, LK_OPT_TTL, 3, 0), 0);
    ck_assert_int_eq(lk_sock_set(h->stack, s, LK_OPT_DSCP, 46, 0), 0);
    ck_assert_int_eq(lk_sock_set(h->stack, s, LK_OPT_TTL, 0, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_sock_set(h->stack, s, LK_OPT_DSCP, 64, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_sock_set(h->stack, s, LK_OPT_NODELAY, 1, 0), LK_E_NOPROTOOPT);
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert_uint_eq(h->ip.time_to_live, 3);
    ck_assert_uint_eq(lk_ipv4_dscp(&h->ip), 46);
    host_free(h);
}
END_TEST

START_TEST(nothing_is_fragmented_what_is_too_long_is_refused)
{
    struct host *h = host_near();
    static char data[1474];
    lk_socket s = udp_on(h, 1000);
    memset(data, 'x', 1473);
    ck_assert_int_eq(send_udp_to(h, s, data, PEER_IP, 9), LK_E_MSGSIZE);
    data[1472] = 0;
    ck_assert_int_eq(send_udp_to(h, s, data, PEER_IP, 9), 1472);
    ck_assert_int_eq(pull(h), 14 + 1500);
    host_free(h);
}
END_TEST

START_TEST(the_send_queue_is_bounded)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 1000);
    for (uint32_t i = 0; i < h->config.udp_send_queue; i++)
        ck_assert_int_eq(send_udp_to(h, s, "x", PEER_IP, 9), 1);
    ck_assert_int_eq(send_udp_to(h, s, "x", PEER_IP, 9), LK_E_NOBUFS);
    pull(h);
    ck_assert_int_eq(send_udp_to(h, s, "x", PEER_IP, 9), 1);
    host_free(h);
}
END_TEST

START_TEST(a_host_without_address_may_broadcast_from_0_0_0_0)
{
    struct host *h = host_bare(plain_config("rfc")); /* RFC 1122 3.2.1.3 (a) */
    struct lk_endpoint all = at(0xffffffff, 67), peer = at(PEER_IP, 67);
    lk_socket s = udp_on(h, 68);
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "d", 1, &all, NULL, 0), LK_E_NETUNREACH); /* on which interface? */
    all.iface = 0;
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "d", 1, &all, NULL, 0), 1);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert(mac_is(h->eth.destination, everyone));
    ck_assert_uint_eq(h->ip.source_address, 0);
    ck_assert_uint_eq(h->ip.destination_address, 0xffffffff);
    peer.iface = 0;
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "d", 1, &peer, NULL, 0), LK_E_NETUNREACH);
    ck_assert_int_eq(lk_route_add(h->stack, ip4(0), 0, (struct lk_addr){{0}}, 0, 0), 0);
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "d", 1, &peer, NULL, 0), LK_E_ADDRNOTAVAIL); /* a way, and no one to come from */
    host_free(h);
}
END_TEST

START_TEST(broadcast_and_multicast_go_to_group_link_addresses)
{
    static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 0xfb};
    struct host *h = host_near();
    lk_socket s = udp_on(h, 1000);
    send_udp_to(h, s, "x", 0x0a0000ff, 9);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert(mac_is(h->eth.destination, everyone));
    send_udp_to(h, s, "x", 0xe00000fb, 5353);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert(mac_is(h->eth.destination, group));
    ck_assert_uint_eq(h->ip.time_to_live, 1); /* RFC 1112 6.1 */
    ck_assert_uint_eq(h->ip.source_address, US_IP);
    host_free(h);
}
END_TEST

START_TEST(the_source_is_the_one_asked_for_if_it_is_ours)
{
    struct host *h = host_near();
    struct lk_endpoint peer = at(PEER_IP, 9), second = at(0x0a000005, 0), foreign = at(0x0a000006, 0), none = at(0, 0);
    lk_socket s = udp_on(h, 1000);
    lk_addr_add(h->stack, 0, second.address, 24, LK_ADDR_PREFERRED, 0);
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "x", 1, &peer, &second, 0), 1);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert_uint_eq(h->ip.source_address, 0x0a000005);
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "x", 1, &peer, &foreign, 0), LK_E_ADDRNOTAVAIL);
    none.address = ip4(0); /* 0.0.0.0 by name needs an interface by name */
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "x", 1, &peer, &none, 0), LK_E_ADDRNOTAVAIL);
    none.iface = 0;
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "x", 1, &peer, &none, 0), 1);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert_uint_eq(h->ip.source_address, 0);
    host_free(h);
}
END_TEST

START_TEST(without_a_peer_or_a_way_sending_says_so)
{
    struct host *h = host_near();
    struct lk_endpoint nobody = at(0, 9), portless = at(PEER_IP, 0);
    lk_socket s = udp_on(h, 1000);
    ck_assert_int_eq(lk_sock_send(h->stack, s, "x", 1, 0), LK_E_DESTADDRREQ);
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "x", 1, &nobody, NULL, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "x", 1, &portless, NULL, 0), LK_E_INVALID);
    ck_assert_int_eq(send_udp_to(h, s, "x", 0x7f000001, 9), LK_E_NETUNREACH);
    host_free(h);
}
END_TEST

/* ---- receiving ---- */

START_TEST(a_datagram_is_delivered_with_source_destination_and_interface)
{
    struct host *h = host_near();
    char data[10];
    struct lk_endpoint remote, local;
    lk_socket s = udp_on(h, 9);
    struct as a = {.from = PEER_IP, .to = 0x0a0000ff, .link = everyone};
    ck_assert_int_eq(give_udp(h, a, 5000, 9, "hello"), LK_RX_ACCEPTED);
    ck_assert_uint_ne(lk_sock_bits(h->stack, s) & LK_SOCK_READABLE, 0);
    ck_assert_int_eq(take(h, s, data, sizeof data, &remote, &local), 5);
    ck_assert_str_eq(data, "hello");
    ck_assert_uint_eq(lk_addr_ip4(&remote.address), PEER_IP);
    ck_assert_uint_eq(remote.port, 5000);
    ck_assert_uint_eq(lk_addr_ip4(&local.address), 0x0a0000ff);
    ck_assert_uint_eq(local.port, 9);
    ck_assert_uint_eq(local.iface, 0);
    ck_assert_uint_eq(lk_sock_bits(h->stack, s) & LK_SOCK_READABLE, 0);
    ck_assert_int_eq(take(h, s, data, sizeof data, NULL, NULL), LK_E_AGAIN);
    host_free(h);
}
END_TEST

START_TEST(datagrams_keep_their_order_and_their_bounds)
{
    struct host *h = host_near();
    char data[10];
    lk_socket s = udp_on(h, 9);
    give_udp(h, from_peer, 1, 9, "one");
    give_udp(h, from_peer, 2, 9, "");
    give_udp(h, from_peer, 3, 9, "three is longer");
    ck_assert_int_eq(take(h, s, data, sizeof data, NULL, NULL), 3);
    ck_assert_int_eq(take(h, s, data, sizeof data, NULL, NULL), 0);
    ck_assert_int_eq(take(h, s, data, sizeof data, NULL, NULL), 9); /* what does not fit is lost */
    ck_assert_int_eq(take(h, s, data, sizeof data, NULL, NULL), LK_E_AGAIN);
    host_free(h);
}
END_TEST

START_TEST(peeking_leaves_it_and_consuming_drops_it_whole)
{
    struct host *h = host_near();
    char data[10];
    const uint8_t *bytes;
    lk_socket s = udp_on(h, 9);
    give_udp(h, from_peer, 1, 9, "one");
    give_udp(h, from_peer, 1, 9, "two");
    ck_assert_int_eq(lk_sock_recv(h->stack, s, data, sizeof data, LK_RECV_PEEK, 0), 3);
    ck_assert_int_eq(lk_sock_peek(h->stack, s, &bytes, 0), 3);
    ck_assert_mem_eq(bytes, "one", 3);
    ck_assert_int_eq(lk_sock_consume(h->stack, s, 3, 0), 0);
    ck_assert_int_eq(take(h, s, data, sizeof data, NULL, NULL), 3);
    ck_assert_str_eq(data, "two");
    ck_assert_int_eq(lk_sock_consume(h->stack, s, 3, 0), LK_E_AGAIN);
    host_free(h);
}
END_TEST

START_TEST(a_bad_header_or_sum_is_dropped_and_no_sum_is_taken)
{
    struct host *h = host_near();
    udp_on(h, 9);
    struct as a = from_peer;
    a.protocol = LK_PROTOCOL_UDP;
    uint8_t d[12] = {0, 1, 0, 9, 0, 12, 0, 0, 'd', 'a', 't', 'a'};
    ck_assert_int_eq(give_ip(h, a, d, 12), LK_RX_ACCEPTED); /* RFC 1122 4.1.3.4: checksum 0 */
    for (size_t len = 0; len < 12; len++)
        ck_assert_int_eq(give_ip(h, a, d, len), LK_RX_DROP_UDP_HEADER);
    d[5] = 7; /* Length below its own header */
    ck_assert_int_eq(give_ip(h, a, d, 12), LK_RX_DROP_UDP_HEADER);
    d[5] = 10; /* Length short of the packet: the rest is no data */
    ck_assert_int_eq(give_ip(h, a, d, 12), LK_RX_ACCEPTED);
    d[5] = 12;
    d[7] = 1;
    ck_assert_int_eq(give_ip(h, a, d, 12), LK_RX_DROP_UDP_HEADER);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_full_queue_or_too_long_a_datagram_is_dropped_by_name)
{
    struct lk_config config = plain_config("rfc");
    config.udp_queue = 2;
    config.udp_queue_bytes = 4;
    struct host *h = host_with(config);
    char data[10];
    lk_socket s = udp_on(h, 9);
    ck_assert_int_eq(give_udp(h, from_peer, 1, 9, "12345"), LK_RX_DROP_UDP_FULL);
    ck_assert_int_eq(give_udp(h, from_peer, 1, 9, "1234"), LK_RX_ACCEPTED);
    ck_assert_int_eq(give_udp(h, from_peer, 1, 9, "2"), LK_RX_ACCEPTED);
    ck_assert_int_eq(give_udp(h, from_peer, 1, 9, "3"), LK_RX_DROP_UDP_FULL);
    take(h, s, data, sizeof data, NULL, NULL);
    ck_assert_int_eq(give_udp(h, from_peer, 1, 9, "4"), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

/* ---- which socket ---- */

START_TEST(the_socket_that_fits_gets_it)
{
    struct host *h = host_near();
    char data[10];
    struct lk_endpoint specific = at(US_IP, 9), second = at(0x0a000005, 9), peer = at(PEER_IP, 7), any = at(0, 9);
    lk_addr_add(h->stack, 0, ip4(0x0a000005), 24, LK_ADDR_PREFERRED, 0);
    lk_socket a, b;
    lk_sock_open(h->stack, LK_UDP, &a, 0);
    lk_sock_open(h->stack, LK_UDP, &b, 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, a, &specific, 0), 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, b, &second, 0), 0);
    ck_assert_int_eq(give_udp(h, from_peer, 7, 9, "a"), LK_RX_ACCEPTED);
    ck_assert_int_eq(take(h, b, data, sizeof data, NULL, NULL), LK_E_AGAIN);
    ck_assert_int_eq(take(h, a, data, sizeof data, NULL, NULL), 1);
    ck_assert_int_eq(lk_sock_connect(h->stack, a, &peer, 0), 0); /* connected: only its peer */
    ck_assert_int_eq(give_udp(h, from_peer, 8, 9, "b"), LK_RX_UNREACHABLE_SENT);
    ck_assert_int_eq(give_udp(h, from_peer, 7, 9, "c"), LK_RX_ACCEPTED);
    any.port = 0;
    ck_assert_int_eq(lk_sock_connect(h->stack, a, &any, 0), 0); /* no peer any more */
    ck_assert_int_eq(give_udp(h, from_peer, 8, 9, "d"), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

START_TEST(a_socket_bound_to_an_interface_hears_of_its_neighbours)
{
    struct host *h = host_new();
    struct lk_endpoint local = {.iface = 0, .port = 9};
    lk_socket s;
    lk_sock_open(h->stack, LK_UDP, &s, 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, s, &local, 0), 0);
    send_udp_to(h, s, "x", PEER_IP, 9);
    tick_to(h, 3 * LK_SECOND);
    ck_assert_int_eq(lk_sock_error(h->stack, s), LK_E_HOSTUNREACH);
    host_free(h);
}
END_TEST

START_TEST(an_interface_a_socket_is_bound_to_is_the_only_one)
{
    struct lk_config config = plain_config("rfc");
    config.ifaces = 2;
    config.iface[1] = config.iface[0];
    struct host *h = host_with(config);
    struct lk_endpoint local = {.iface = 1, .port = 9};
    lk_socket s;
    lk_sock_open(h->stack, LK_UDP, &s, 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, s, &local, 0), 0);
    ck_assert_int_eq(give_udp(h, from_peer, 1, 9, "x"), LK_RX_UNREACHABLE_SENT);
    ck_assert_int_eq(send_udp_to(h, s, "x", PEER_IP, 9), LK_E_NETUNREACH); /* no address, no route on 1 */
    host_free(h);
}
END_TEST

SUITE("udp", a_datagram_leaves_as_rfc_768_draws_it, a_checksum_that_computes_to_0_is_sent_as_all_ones, ttl_and_dscp_are_the_sockets_to_set,
      nothing_is_fragmented_what_is_too_long_is_refused, the_send_queue_is_bounded, a_host_without_address_may_broadcast_from_0_0_0_0,
      broadcast_and_multicast_go_to_group_link_addresses, the_source_is_the_one_asked_for_if_it_is_ours, without_a_peer_or_a_way_sending_says_so,
      a_datagram_is_delivered_with_source_destination_and_interface, datagrams_keep_their_order_and_their_bounds,
      peeking_leaves_it_and_consuming_drops_it_whole, a_bad_header_or_sum_is_dropped_and_no_sum_is_taken,
      a_full_queue_or_too_long_a_datagram_is_dropped_by_name, the_socket_that_fits_gets_it,
      a_socket_bound_to_an_interface_hears_of_its_neighbours, an_interface_a_socket_is_bound_to_is_the_only_one)
