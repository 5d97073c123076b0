#include "stack/tests/support/host.h"
#include "stack/wire/tcp_options.h"

/* ---- two hosts and a wire that loses nothing ---- */

struct pair { struct host *a, *b; lk_time now; };

static struct pair pair_new(struct lk_config config)
{
    struct pair p = {0};
    p.a = host_bare(config);
    memcpy(config.iface[0].mac, peer_mac, 6);
    p.b = host_bare(config);
    ck_assert_int_eq(lk_addr_add(p.a->stack, 0, ip4(US_IP), 24, LK_ADDR_PREFERRED, 0), 0);
    ck_assert_int_eq(lk_addr_add(p.b->stack, 0, ip4(PEER_IP), 24, LK_ADDR_PREFERRED, 0), 0);
    return p;
}

static bool carry(struct host *from, struct host *to, lk_time now)
{
    from->now = to->now = now;
    if (pull(from) == 0)
        return false;
    give(to, from->out, from->frame.len);
    return true;
}

/* Carries frames until there are none, then lets time pass to the next deadline, until `until`. */
static void run(struct pair *p, lk_time until)
{
    for (;;) {
        while (carry(p->a, p->b, p->now) || carry(p->b, p->a, p->now)) {
        }
        lk_time next = lk_time_min(lk_stack_deadline(p->a->stack), lk_stack_deadline(p->b->stack));
        if (next > until)
            break;
        p->now = next;
    }
    p->now = until;
}

static void pair_free(struct pair *p)
{
    host_free(p->a);
    host_free(p->b);
}

static lk_socket listening(struct host *h, uint16_t port, lk_time now)
{
    struct lk_endpoint local = at(0, port);
    lk_socket s;
    ck_assert_int_eq(lk_sock_open(h->stack, LK_TCP, &s, now), 0);
    ck_assert_int_eq(lk_sock_bind(h->stack, s, &local, now), 0);
    ck_assert_int_eq(lk_sock_listen(h->stack, s, 4, now), 0);
    return s;
}

static lk_socket connecting(struct host *h, uint32_t ip, uint16_t port, lk_time now)
{
    struct lk_endpoint remote = at(ip, port);
    lk_socket s;
    ck_assert_int_eq(lk_sock_open(h->stack, LK_TCP, &s, now), 0);
    ck_assert_int_eq(lk_sock_connect(h->stack, s, &remote, now), 0);
    return s;
}

START_TEST(a_connection_carries_bytes_both_ways_and_ends)
{
    struct pair p = pair_new(plain_config("rfc"));
    struct lk_endpoint remote;
    struct lk_sock_info info;
    char data[32];
    lk_socket listener = listening(p.b, 80, 0), client = connecting(p.a, PEER_IP, 80, 0), server;
    ck_assert_uint_ne(client & LK_SOCKET_TCP, 0);
    run(&p, 1 * S);
    ck_assert_uint_ne(lk_sock_bits(p.a->stack, client) & LK_SOCK_CONNECTED, 0);
    ck_assert_uint_ne(lk_sock_bits(p.b->stack, listener) & LK_SOCK_ACCEPTABLE, 0);
    ck_assert_int_eq(lk_sock_accept(p.b->stack, listener, &server, &remote, p.now), 0);
    ck_assert_uint_eq(lk_addr_ip4(&remote.address), US_IP);
    ck_assert_int_eq(lk_sock_send(p.a->stack, client, "question", 8, p.now), 8);
    run(&p, 2 * S);
    ck_assert_int_eq(lk_sock_recv(p.b->stack, server, data, sizeof data, 0, p.now), 8);
    ck_assert_mem_eq(data, "question", 8);
    ck_assert_int_eq(lk_sock_send(p.b->stack, server, "answer", 6, p.now), 6);
    ck_assert_int_eq(lk_sock_close(p.b->stack, server, p.now), 0);
    run(&p, 3 * S);
    ck_assert_int_eq(lk_sock_recv(p.a->stack, client, data, sizeof data, 0, p.now), 6);
    ck_assert_int_eq(lk_sock_recv(p.a->stack, client, data, sizeof data, 0, p.now), 0);
    struct lk_endpoint local = at(PEER_IP, 80);
    ck_assert_int_eq(lk_tuple_info(p.b->stack, &local, &remote, &info), 0); /* without a handle it lives on */
    ck_assert_int_eq(info.state, LK_TCP_FIN_WAIT_2);
    ck_assert_int_eq(lk_sock_close(p.a->stack, client, p.now), 0);
    run(&p, 3 * S + 2 * 120 * S + 1 * S); /* twice the MSL */
    ck_assert_int_eq(lk_tuple_info(p.b->stack, &local, &remote, &info), LK_E_NOTCONN);
    pair_free(&p);
}
END_TEST

START_TEST(a_syn_waits_for_its_neighbour)
{
    struct host *h = host_new();
    connecting(h, PEER_IP, 80, 0);
    pulls_arp_request(h, PEER_IP);
    nothing_more(h);
    give_arp_reply(h, peer_mac, PEER_IP);
    pulls_ip(h, LK_PROTOCOL_TCP);
    ck_assert(mac_is(h->eth.destination, peer_mac));
    ck_assert_uint_eq(h->ip.source_address, US_IP);
    nothing_more(h);
    host_free(h);
}
END_TEST

/* The TSval of the segment pulled last. */
static uint32_t timestamp(const struct host *h)
{
    struct lk_tcp_options o;
    ck_assert_int_eq(lk_tcp_options_parse(h->tcp.options, h->tcp.options_len, &o), 0);
    return o.ts_val;
}

/* The TSval of the SYN that a host of the same seed sends at time 0. */
static uint32_t timestamp_at_0(struct lk_config config)
{
    struct host *h = host_with(config);
    lk_neighbour_set(h->stack, 0, ip4(PEER_IP), peer_mac, 0);
    connecting(h, PEER_IP, 80, 0);
    pulls_ip(h, LK_PROTOCOL_TCP);
    uint32_t ts = timestamp(h);
    host_free(h);
    return ts;
}

START_TEST(the_latest_segments_wait_when_there_is_no_room_for_all)
{
    struct lk_config config = plain_config("rfc");
    config.neighbour_queue = 1;
    config.arp_tries = 200;
    struct host *h = host_with(config); /* RFC 1122 2.3.2.2: at least one, the latest */
    struct lk_counters counters;
    lk_socket s = connecting(h, PEER_IP, 80, 0);
    struct lk_sock_info info;
    pulls_arp_request(h, PEER_IP);
    for (int i = 1; i <= 8; i++) { /* the SYN is sent again and again */
        tick_to(h, i * S);
        while (pull(h) > 0)
            ck_assert_uint_eq(h->eth.type, LK_ETHERTYPE_ARP);
    }
    ck_assert_int_eq(lk_sock_info(h->stack, s, &info), 0);
    ck_assert_uint_ge(info.segments_out, 3);
    lk_stack_counters(h->stack, &counters);
    ck_assert_uint_eq(counters.neighbour_drops, info.segments_out - 1);
    give_arp_reply(h, peer_mac, PEER_IP);
    pulls_ip(h, LK_PROTOCOL_TCP);
    ck_assert_uint_ge(timestamp(h) - timestamp_at_0(config), 3000); /* ms: not the first SYN */
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_neighbour_that_does_not_answer_is_a_soft_error_of_the_connection)
{
    struct host *h = host_new(); /* RFC 9293 3.9.2.2: host unreachable is no reason to give up an open that may yet succeed */
    lk_socket s = connecting(h, PEER_IP, 80, 0);
    pulls_arp_request(h, PEER_IP);
    tick_to(h, 3 * S);
    ck_assert_uint_ne(lk_sock_bits(h->stack, s) & LK_SOCK_SOFT_ERROR, 0);
    ck_assert_uint_eq(lk_sock_bits(h->stack, s) & (LK_SOCK_ERROR | LK_SOCK_CLOSED), 0);
    host_free(h);
}
END_TEST

START_TEST(a_connection_whose_route_is_gone_counts_what_it_loses)
{
    struct host *h = host_near();
    struct lk_counters counters;
    lk_socket s = connecting(h, FAR_IP, 80, 0);
    ck_assert_int_eq(lk_route_remove(h->stack, ip4(0), 0, 0), 0);
    nothing_more(h);
    lk_stack_counters(h->stack, &counters);
    ck_assert_uint_eq(counters.no_route, 1);
    ck_assert_uint_ne(lk_sock_bits(h->stack, s) & LK_SOCK_SOFT_ERROR, 0);
    ck_assert_int_gt(lk_stack_deadline(h->stack), h->now); /* and it is not tried again at once */
    host_free(h);
}
END_TEST

START_TEST(a_connection_follows_an_mtu_that_shrinks)
{
    struct pair p = pair_new(plain_config("rfc"));
    static char data[6000], got[6000];
    lk_socket listener = listening(p.b, 80, 0), client = connecting(p.a, PEER_IP, 80, 0), server;
    run(&p, 1 * S);
    ck_assert_int_eq(lk_sock_accept(p.b->stack, listener, &server, NULL, p.now), 0);
    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (char)(i * 7);
    ck_assert_int_eq(lk_iface_set(p.a->stack, 0, true, 600, p.now), 0);
    ck_assert_int_eq(lk_sock_send(p.a->stack, client, data, sizeof data, p.now), sizeof data);
    p.a->now = p.now;
    ck_assert_int_gt(pull(p.a), 0);
    ck_assert_int_le(p.a->ip.total_length, 600);
    ck_assert_int_ge(p.a->ip.total_length, 552);
    give(p.b, p.a->out, p.a->frame.len);
    run(&p, 60 * S);
    ck_assert_int_eq(lk_sock_recv(p.b->stack, server, got, sizeof got, 0, p.now), sizeof data);
    ck_assert_mem_eq(got, data, sizeof data);
    pair_free(&p);
}
END_TEST

START_TEST(a_connection_whose_address_is_gone_sends_nothing_from_it)
{
    struct host *h = host_near(); /* RFC 1122 3.2.1.3 (d) */
    struct lk_counters counters;
    lk_addr_add(h->stack, 0, ip4(0x0a000005), 24, LK_ADDR_PREFERRED, 0);
    connecting(h, PEER_IP, 80, 0);
    ck_assert_int_eq(lk_addr_remove(h->stack, 0, ip4(US_IP), 0), 0);
    nothing_more(h);
    lk_stack_counters(h->stack, &counters);
    ck_assert_uint_eq(counters.no_route, 1);
    host_free(h);
}
END_TEST

START_TEST(an_open_needs_one_host_and_a_way_to_it)
{
    struct host *h = host_near();
    lk_socket s;
    static const struct { uint32_t ip; uint16_t port; int error; } cases[] = {
        {0, 80, LK_E_INVALID}, {PEER_IP, 0, LK_E_INVALID}, {0x7f000001, 80, LK_E_NETUNREACH}, {US_IP, 80, LK_E_NETUNREACH},
        {0x0a0000ff, 80, LK_E_NETUNREACH}, {0xffffffff, 80, LK_E_NETUNREACH}, {0xe0000001, 80, LK_E_NETUNREACH}};
    ck_assert_int_eq(lk_sock_open(h->stack, LK_TCP, &s, 0), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lk_endpoint remote = at(cases[i].ip, cases[i].port);
        ck_assert_msg(lk_sock_connect(h->stack, s, &remote, 0) == cases[i].error, "%08x", cases[i].ip);
    }
    struct lk_endpoint six = {.address = {{0x20, 1}}, .iface = LK_ANY, .port = 80}, odd = at(PEER_IP, 80), elsewhere = at(PEER_IP, 80);
    odd.reserved = 1;
    elsewhere.iface = 1;
    ck_assert_int_eq(lk_sock_connect(h->stack, s, &six, 0), LK_E_AFNOSUPPORT);
    ck_assert_int_eq(lk_sock_connect(h->stack, s, &odd, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_sock_connect(h->stack, s, &elsewhere, 0), LK_E_INVALID);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(without_an_address_there_is_nothing_to_open_from)
{
    struct host *h = host_bare(plain_config("rfc"));
    struct lk_endpoint remote = at(PEER_IP, 80);
    lk_socket s;
    lk_sock_open(h->stack, LK_TCP, &s, 0);
    ck_assert_int_eq(lk_sock_connect(h->stack, s, &remote, 0), LK_E_NETUNREACH);
    ck_assert_int_eq(lk_route_add(h->stack, ip4(0), 0, (struct lk_addr){{0}}, 0, 0), 0);
    ck_assert_int_eq(lk_sock_connect(h->stack, s, &remote, 0), LK_E_ADDRNOTAVAIL);
    host_free(h);
}
END_TEST

START_TEST(a_segment_too_large_for_the_buffer_is_not_lost)
{
    struct host *h = host_near();
    uint8_t out[100];
    connecting(h, PEER_IP, 80, 0);
    size_t needed = 0;
    for (size_t cap = 0; cap < 54 + 20; cap += 7) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = cap == 0 ? NULL : out, .cap = cap};
        ck_assert_int_eq(lk_stack_tx(h->stack, LK_ANY, &f, 0), LK_E_NOSPACE);
        needed = f.len;
        ck_assert_uint_gt(needed, cap);
    }
    struct lk_frame f = {.size_of = sizeof f, .bytes = out, .cap = needed};
    ck_assert_int_eq(lk_stack_tx(h->stack, LK_ANY, &f, 0), (int)needed);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_segment_for_a_closed_port_is_reset)
{
    struct host *h = host_near();
    uint8_t segment[20];
    struct lk_tcp tcp = {.source_port = 5000, .destination_port = 81, .sequence_number = 100, .control = LK_TCP_SYN, .window = 1000};
    struct as a = from_peer;
    int len = lk_tcp_emit_summed(&tcp, lk_checksum_pseudo_ipv4(PEER_IP, US_IP, LK_PROTOCOL_TCP, 20), segment, sizeof segment);
    ck_assert_int_eq(len, 20);
    a.protocol = LK_PROTOCOL_TCP;
    ck_assert_int_eq(give_ip(h, a, segment, 20), LK_RX_RESET_SENT);
    pulls_ip(h, LK_PROTOCOL_TCP);
    ck_assert_uint_eq(h->tcp.control, LK_TCP_RST | LK_TCP_ACK);
    ck_assert_uint_eq(h->tcp.acknowledgment_number, 101);
    nothing_more(h);
    a.to = 0x0a0000ff; /* RFC 9293 MUST-57: to a broadcast address nothing is answered */
    a.link = everyone;
    lk_tcp_emit_summed(&tcp, lk_checksum_pseudo_ipv4(PEER_IP, 0x0a0000ff, LK_PROTOCOL_TCP, 20), segment, sizeof segment);
    ck_assert_int_ge(give_ip(h, a, segment, 20), LK_RX_DROP_FIRST);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(an_icmp_error_reaches_the_connection)
{
    struct host *h = host_near();
    lk_socket s = connecting(h, PEER_IP, 80, 0);
    pulls_ip(h, LK_PROTOCOL_TCP);
    uint8_t quote[28];
    memcpy(quote, h->eth.payload, 28);
    ck_assert_int_eq(give_icmp(h, from_peer, 3, LK_ICMPV4_HOST_UNREACHABLE, 0, quote, 28), LK_RX_ACCEPTED);
    ck_assert_uint_eq(lk_sock_bits(h->stack, s) & (LK_SOCK_ERROR | LK_SOCK_SOFT_ERROR), LK_SOCK_SOFT_ERROR);
    ck_assert_int_eq(give_icmp(h, from_peer, 3, LK_ICMPV4_PORT_UNREACHABLE, 0, quote, 28), LK_RX_ACCEPTED);
    ck_assert_uint_ne(lk_sock_bits(h->stack, s) & LK_SOCK_ERROR, 0); /* RFC 1122 4.2.3.9: a hard one ends the open */
    ck_assert_int_eq(lk_sock_error(h->stack, s), LK_E_CONNREFUSED);
    host_free(h);
}
END_TEST

START_TEST(calls_for_datagrams_and_wrong_flags_are_refused_on_a_connection)
{
    struct host *h = host_near();
    struct lk_endpoint remote = at(PEER_IP, 80);
    uint8_t buffer[4];
    lk_socket s = connecting(h, PEER_IP, 80, 0);
    ck_assert_int_eq(lk_sock_send_to(h->stack, s, "x", 1, &remote, NULL, 0), LK_E_OPNOTSUPP);
    ck_assert_int_eq(lk_sock_recv_from(h->stack, s, buffer, 4, NULL, NULL, 0), LK_E_OPNOTSUPP);
    ck_assert_int_eq(lk_sock_recv(h->stack, s, buffer, 4, 2, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_sock_shutdown(h->stack, s, 9, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_sock_close(h->stack, s ^ (1ull << 32), 0), LK_E_BADF);
    host_free(h);
}
END_TEST

/* ---- events of both protocols in one order ---- */

START_TEST(events_of_tcp_and_udp_come_in_the_order_in_which_they_arose)
{
    struct host *h = host_near();
    struct lk_event_sock e;
    lk_socket order[6];
    for (int i = 0; i < 6; i++) {
        if (i % 2 == 0)
            order[i] = udp_on(h, (uint16_t)(10 + i));
        else
            order[i] = connecting(h, PEER_IP, 80, 0);
    }
    while (lk_stack_event(h->stack, &e)) {
    }
    uint8_t quote[28];
    for (int i = 0; i < 3; i++) { /* port unreachable for the connections, a datagram for the others, turn about */
        pulls_ip(h, LK_PROTOCOL_TCP);
        memcpy(quote, h->eth.payload, 28);
        give_icmp(h, from_peer, 3, LK_ICMPV4_PORT_UNREACHABLE, 0, quote, 28);
        give_udp(h, from_peer, 7, (uint16_t)(14 - 2 * i), "x");
    }
    static const int expected[6] = {1, 4, 3, 2, 5, 0};
    for (int i = 0; i < 6; i++) {
        ck_assert(lk_stack_event(h->stack, &e));
        ck_assert_uint_eq(e.socket, order[expected[i]]);
    }
    ck_assert(!lk_stack_event(h->stack, &e));
    host_free(h);
}
END_TEST

SUITE("sockets", a_connection_carries_bytes_both_ways_and_ends, a_syn_waits_for_its_neighbour,
      the_latest_segments_wait_when_there_is_no_room_for_all, a_neighbour_that_does_not_answer_is_a_soft_error_of_the_connection,
      a_connection_whose_route_is_gone_counts_what_it_loses, a_connection_follows_an_mtu_that_shrinks, a_connection_whose_address_is_gone_sends_nothing_from_it, an_open_needs_one_host_and_a_way_to_it,
      without_an_address_there_is_nothing_to_open_from, a_segment_too_large_for_the_buffer_is_not_lost, a_segment_for_a_closed_port_is_reset,
      an_icmp_error_reaches_the_connection, calls_for_datagrams_and_wrong_flags_are_refused_on_a_connection,
      events_of_tcp_and_udp_come_in_the_order_in_which_they_arose)
