#include "stack/udp/table.h"

#include "stack/tests/support/host.h"

START_TEST(a_closed_handle_stays_stale_when_its_record_is_used_again)
{
    struct host *h = host_near();
    lk_socket a = udp_on(h, 9), b;
    ck_assert_uint_ne(a, 0);
    ck_assert_uint_eq(a & LK_SOCKET_TCP, 0);
    ck_assert_int_eq(lk_sock_close(h->stack, a, 0), 0);
    b = udp_on(h, 9);
    ck_assert_uint_eq((uint32_t)a, (uint32_t)b);
    ck_assert_uint_ne(a, b);
    ck_assert_int_eq(lk_sock_close(h->stack, a, 0), LK_E_BADF);
    ck_assert_uint_eq(lk_sock_bits(h->stack, a), 0);
    ck_assert_int_eq(lk_sock_send(h->stack, a, "x", 1, 0), LK_E_BADF);
    ck_assert_int_eq(lk_sock_error(h->stack, a), LK_E_BADF);
    ck_assert_int_eq(lk_sock_close(h->stack, 0, 0), LK_E_BADF);
    ck_assert_int_eq(lk_sock_close(h->stack, 77, 0), LK_E_BADF);
    host_free(h);
}
END_TEST

START_TEST(the_table_is_bounded)
{
    struct host *h = host_near();
    lk_socket s;
    for (uint32_t i = 0; i < h->config.udp_sockets; i++)
        ck_assert_int_eq(lk_sock_open(h->stack, LK_UDP, &s, 0), 0);
    ck_assert_int_eq(lk_sock_open(h->stack, LK_UDP, &s, 0), LK_E_MFILE);
    ck_assert_int_eq(lk_sock_open(h->stack, 99, &s, 0), LK_E_PROTONOSUPPORT);
    host_free(h);
}
END_TEST

START_TEST(a_port_belongs_to_one_socket_for_each_address_and_interface)
{
    struct host *h = host_near();
    struct lk_endpoint any = at(0, 9), first = at(US_IP, 9), second = at(0x0a000005, 9), foreign = at(0x0a000006, 9);
    lk_socket a, b, c;
    lk_addr_add(h->stack, 0, second.address, 24, LK_ADDR_PREFERRED, 0);
    lk_sock_open(h->stack, LK_UDP, &a, 0);
    lk_sock_open(h->stack, LK_UDP, &b, 0);
    lk_sock_open(h->stack, LK_UDP, &c, 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, a, &foreign, 0), LK_E_ADDRNOTAVAIL);
    ck_assert_int_eq(lk_sock_bind(h->stack, a, &first, 0), 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, a, &first, 0), LK_E_INVALID); /* bound already */
    ck_assert_int_eq(lk_sock_bind(h->stack, b, &first, 0), LK_E_ADDRINUSE);
    ck_assert_int_eq(lk_sock_bind(h->stack, b, &any, 0), LK_E_ADDRINUSE);
    ck_assert_int_eq(lk_sock_bind(h->stack, b, &second, 0), 0);
    ck_assert_int_eq(lk_sock_close(h->stack, a, 0), 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, c, &first, 0), 0);
    host_free(h);
}
END_TEST

START_TEST(ephemeral_ports_lie_in_their_range_differ_and_run_out)
{
    struct lk_config config = plain_config("rfc");
    config.tcp.port_first = 50000;
    config.tcp.port_last = 50003;
    struct host *h = host_with(config);
    bool seen[4] = {false};
    struct lk_sock_info info;
    struct lk_endpoint any = at(0, 0);
    lk_socket s;
    for (int i = 0; i < 4; i++) {
        lk_sock_open(h->stack, LK_UDP, &s, 0);
        ck_assert_int_eq(lk_sock_bind(h->stack, s, &any, 0), 0);
        ck_assert_int_eq(lk_sock_info(h->stack, s, &info), 0);
        ck_assert(info.local.port >= 50000 && info.local.port <= 50003 && !seen[info.local.port - 50000]);
        seen[info.local.port - 50000] = true;
    }
    lk_sock_open(h->stack, LK_UDP, &s, 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, s, &any, 0), LK_E_ADDRNOTAVAIL);
    host_free(h);
}
END_TEST

START_TEST(sending_binds_to_a_port_that_is_not_the_first_of_the_range_every_time)
{
    struct host *h = host_near(); /* RFC 6056 */
    uint32_t ports[4];
    for (int i = 0; i < 4; i++) {
        lk_socket s;
        lk_sock_open(h->stack, LK_UDP, &s, 0);
        send_udp_to(h, s, "x", PEER_IP, 9);
        pulls_ip(h, LK_PROTOCOL_UDP);
        ports[i] = h->udp.source_port;
        ck_assert_uint_ge(ports[i], 49152);
    }
    ck_assert(ports[1] != ports[0] + 1 || ports[2] != ports[1] + 1 || ports[3] != ports[2] + 1);
    host_free(h);
}
END_TEST

START_TEST(a_shut_down_socket_refuses_the_direction)
{
    struct host *h = host_near();
    uint8_t buffer[4];
    struct lk_endpoint peer = at(PEER_IP, 7);
    lk_socket s = udp_on(h, 9);
    ck_assert_int_eq(lk_sock_shutdown(h->stack, s, LK_SHUT_WR, 0), LK_E_NOTCONN);
    lk_sock_connect(h->stack, s, &peer, 0);
    ck_assert_int_eq(lk_sock_shutdown(h->stack, s, 7, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_sock_shutdown(h->stack, s, LK_SHUT_WR, 0), 0);
    ck_assert_int_eq(lk_sock_send(h->stack, s, "x", 1, 0), LK_E_PIPE);
    ck_assert_int_eq(give_udp(h, from_peer, 7, 9, "x"), LK_RX_ACCEPTED);
    ck_assert_int_eq(lk_sock_shutdown(h->stack, s, LK_SHUT_RD, 0), 0);
    ck_assert_int_eq(lk_sock_recv(h->stack, s, buffer, 4, 0, 0), 1);
    ck_assert_int_eq(lk_sock_recv(h->stack, s, buffer, 4, 0, 0), 0);
    ck_assert_int_eq(give_udp(h, from_peer, 7, 9, "x"), LK_RX_DROP_UDP_FULL);
    host_free(h);
}
END_TEST

START_TEST(what_udp_cannot_do_it_says)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 9), out;
    uint8_t *bytes;
    ck_assert_int_eq(lk_sock_listen(h->stack, s, 1, 0), LK_E_OPNOTSUPP);
    ck_assert_int_eq(lk_sock_accept(h->stack, s, &out, NULL, 0), LK_E_OPNOTSUPP);
    ck_assert_int_eq(lk_sock_reserve(h->stack, s, &bytes, 0), LK_E_OPNOTSUPP);
    ck_assert_int_eq(lk_sock_commit(h->stack, s, 1, 0), LK_E_OPNOTSUPP);
    ck_assert_int_eq(lk_sock_listen(h->stack, 77, 1, 0), LK_E_BADF);
    host_free(h);
}
END_TEST

START_TEST(closing_gives_back_what_waits)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 9);
    for (uint32_t i = 0; i < h->config.udp_queue; i++)
        ck_assert_int_eq(give_udp(h, from_peer, 7, 9, "x"), LK_RX_ACCEPTED);
    lk_sock_close(h->stack, s, 0);
    sound(h);
    udp_on(h, 9);
    for (uint32_t i = 0; i < h->config.udp_queue; i++)
        ck_assert_int_eq(give_udp(h, from_peer, 7, 9, "x"), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

SUITE("udp table", a_closed_handle_stays_stale_when_its_record_is_used_again, the_table_is_bounded,
      a_port_belongs_to_one_socket_for_each_address_and_interface, ephemeral_ports_lie_in_their_range_differ_and_run_out,
      sending_binds_to_a_port_that_is_not_the_first_of_the_range_every_time, a_shut_down_socket_refuses_the_direction, what_udp_cannot_do_it_says,
      closing_gives_back_what_waits)
