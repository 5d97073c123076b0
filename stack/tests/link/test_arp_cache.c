#include "stack/link/arp_cache.h"

#include "stack/tests/support/host.h"

/* ---- answering (RFC 826, packet reception) ---- */

START_TEST(a_request_for_our_address_is_answered_to_the_asker)
{
    struct host *h = host_new();
    ck_assert_int_eq(give_arp_request(h, peer_mac, PEER_IP, US_IP), LK_RX_ACCEPTED);
    ck_assert_int_gt(pull(h), 0);
    ck_assert(mac_is(h->eth.destination, peer_mac));
    ck_assert(mac_is(h->eth.source, our_mac));
    ck_assert_uint_eq(h->arp.op, LK_ARP_REPLY);
    ck_assert(mac_is(h->arp.sha, our_mac));
    ck_assert(mac_is(h->arp.tha, peer_mac));
    ck_assert_uint_eq(h->arp.spa, US_IP);
    ck_assert_uint_eq(h->arp.tpa, PEER_IP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_request_for_another_host_is_not_answered)
{
    struct host *h = host_new();
    ck_assert_int_eq(give_arp_request(h, peer_mac, PEER_IP, 0x0a000003), LK_RX_DROP_ARP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_reply_is_never_answered)
{
    struct host *h = host_new();
    give_arp_reply(h, peer_mac, PEER_IP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(an_unknown_opcode_is_not_answered)
{
    struct host *h = host_new();
    ck_assert_int_eq(give_arp(h, our_mac, 9, peer_mac, PEER_IP, no_mac, US_IP), LK_RX_DROP_ARP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_probe_from_no_address_is_answered_and_teaches_nothing)
{
    struct host *h = host_new(); /* RFC 5227 2.1.1 */
    ck_assert_int_eq(give_arp_request(h, peer_mac, 0, US_IP), LK_RX_ACCEPTED);
    ck_assert_int_gt(pull(h), 0);
    ck_assert_uint_eq(h->arp.op, LK_ARP_REPLY);
    lk_socket s = udp_on(h, 9);
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_arp_request(h, PEER_IP);
    host_free(h);
}
END_TEST

START_TEST(a_tentative_address_is_not_answered_for)
{
    struct host *h = host_new();
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(0x0a000005), 24, LK_ADDR_TENTATIVE, 0), 0);
    ck_assert_int_eq(give_arp_request(h, peer_mac, PEER_IP, 0x0a000005), LK_RX_DROP_ARP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(every_malformed_packet_is_dropped_and_unanswered)
{
    struct host *h = host_new();
    uint8_t frame[60] = {0}, packet[28];
    struct lk_arp arp = {.op = LK_ARP_REQUEST, .spa = PEER_IP, .tpa = US_IP};
    memcpy(arp.sha, peer_mac, 6);
    lk_arp_emit(&arp, packet, sizeof packet);
    for (size_t len = 0; len < 28; len++) /* shorter than its header */
        ck_assert_int_eq(give(h, frame, ether(frame, our_mac, peer_mac, LK_ETHERTYPE_ARP, packet, len)), LK_RX_DROP_ARP);
    for (size_t i = 0; i < 6; i++) { /* hardware type, protocol type, lengths */
        packet[i] ^= 0x40;
        ck_assert_int_eq(give(h, frame, ether(frame, our_mac, peer_mac, LK_ETHERTYPE_ARP, packet, 28)), LK_RX_DROP_ARP);
        packet[i] ^= 0x40;
    }
    nothing_more(h);
    ck_assert_int_eq(give(h, frame, ether(frame, our_mac, peer_mac, LK_ETHERTYPE_ARP, packet, 28)), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

/* ---- learning ---- */

/* Whether a datagram to an address leaves at once, and to which link address. */
static bool knows(struct host *h, uint32_t ip, uint8_t mac[6])
{
    lk_socket s;
    ck_assert_int_eq(lk_sock_open(h->stack, LK_UDP, &s, h->now), 0);
    send_udp_to(h, s, "?", ip, 9);
    ck_assert_int_gt(pull(h), 0);
    lk_sock_close(h->stack, s, h->now);
    memcpy(mac, h->eth.destination, 6);
    return h->eth.type == LK_ETHERTYPE_IPV4;
}

START_TEST(a_request_that_asks_for_us_teaches_who_asked)
{
    struct host *h = host_new();
    uint8_t mac[6];
    give_arp_request(h, peer_mac, PEER_IP, US_IP);
    pull(h);
    ck_assert(knows(h, PEER_IP, mac) && mac_is(mac, peer_mac));
    host_free(h);
}
END_TEST

START_TEST(a_request_for_another_teaches_nothing_new)
{
    struct host *h = host_new();
    uint8_t mac[6];
    give_arp_request(h, peer_mac, PEER_IP, 0x0a000003);
    ck_assert(!knows(h, PEER_IP, mac));
    host_free(h);
}
END_TEST

START_TEST(a_reply_that_nobody_asked_for_adds_no_entry)
{
    struct host *h = host_new();
    uint8_t mac[6];
    ck_assert_int_eq(give_arp_reply(h, other_mac, PEER_IP), LK_RX_DROP_ARP);
    ck_assert(!knows(h, PEER_IP, mac));
    host_free(h);
}
END_TEST

START_TEST(a_known_sender_is_merged_whatever_it_says)
{
    struct host *h = host_new(); /* RFC 826: merge before looking at the opcode */
    uint8_t mac[6];
    give_arp_request(h, peer_mac, PEER_IP, US_IP);
    pull(h);
    ck_assert_int_eq(give_arp(h, everyone, 7, other_mac, PEER_IP, no_mac, 0x0a000003), LK_RX_ACCEPTED);
    ck_assert(knows(h, PEER_IP, mac) && mac_is(mac, other_mac));
    host_free(h);
}
END_TEST

START_TEST(a_pinned_entry_is_not_changed_by_packets)
{
    struct host *h = host_near();
    uint8_t mac[6];
    give_arp_request(h, other_mac, PEER_IP, US_IP);
    pull(h);
    give_arp_reply(h, other_mac, PEER_IP);
    ck_assert(knows(h, PEER_IP, mac) && mac_is(mac, peer_mac));
    h->now = 3600 * S; /* and does not expire */
    ck_assert(knows(h, PEER_IP, mac) && mac_is(mac, peer_mac));
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(no_one_is_learnt_under_an_address_that_is_no_hosts)
{
    static const uint32_t bad[] = {US_IP, 0xffffffff, 0x0a0000ff, 0xe0000001, 0x7f000001, 0x00000001};
    struct host *h = host_new();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(give_arp_request(h, peer_mac, bad[i], US_IP), LK_RX_DROP_ARP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_group_or_our_own_link_address_is_no_sender)
{
    struct host *h = host_new();
    uint8_t packet[28], frame[42];
    const uint8_t *bad[] = {everyone, no_mac, our_mac};
    for (size_t i = 0; i < 3; i++) {
        struct lk_arp arp = {.op = LK_ARP_REQUEST, .spa = PEER_IP, .tpa = US_IP};
        memcpy(arp.sha, bad[i], 6);
        lk_arp_emit(&arp, packet, sizeof packet);
        ck_assert_int_eq(give(h, frame, ether(frame, our_mac, peer_mac, LK_ETHERTYPE_ARP, packet, 28)), LK_RX_DROP_ARP);
    }
    nothing_more(h);
    host_free(h);
}
END_TEST

/* ---- resolving (RFC 1122 2.3.2) ---- */

START_TEST(the_first_packet_asks_by_broadcast_and_follows_the_answer)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 1000);
    ck_assert_int_eq(send_udp_to(h, s, "hello", PEER_IP, 9), 5);
    pulls_arp_request(h, PEER_IP);
    ck_assert(mac_is(h->eth.destination, everyone));
    ck_assert(mac_is(h->arp.sha, our_mac));
    ck_assert(mac_is(h->arp.tha, no_mac));
    ck_assert_uint_eq(h->arp.spa, US_IP);
    nothing_more(h);
    ck_assert_int_eq(give_arp_reply(h, peer_mac, PEER_IP), LK_RX_ACCEPTED);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert(mac_is(h->eth.destination, peer_mac));
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(what_is_not_on_link_asks_for_the_gateway)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 1000);
    send_udp_to(h, s, "hello", FAR_IP, 9);
    pulls_arp_request(h, GATEWAY_IP);
    give_arp_reply(h, other_mac, GATEWAY_IP);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert(mac_is(h->eth.destination, other_mac));
    ck_assert_uint_eq(h->ip.destination_address, FAR_IP);
    host_free(h);
}
END_TEST

START_TEST(packets_that_wait_leave_in_their_order)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 1000);
    for (uint16_t port = 1; port <= 5; port++)
        send_udp_to(h, s, "x", PEER_IP, port);
    pulls_arp_request(h, PEER_IP);
    nothing_more(h);
    give_arp_reply(h, peer_mac, PEER_IP);
    for (uint16_t port = 1; port <= 5; port++) {
        pulls_ip(h, LK_PROTOCOL_UDP);
        ck_assert_uint_eq(h->udp.destination_port, port);
    }
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(requests_are_at_most_one_a_second_and_three)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 1000);
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_arp_request(h, PEER_IP);
    ck_assert_int_eq(lk_stack_deadline(h->stack), 1 * S);
    for (lk_time t = 0; t < 1 * S; t += 100 * MS) { /* as many packets as one likes */
        h->now = t;
        send_udp_to(h, s, "x", PEER_IP, 9);
        nothing_more(h);
    }
    for (lk_time t = 1; t <= 2; t++) {
        tick_to(h, t * S - 1);
        nothing_more(h);
        tick_to(h, t * S);
        pulls_arp_request(h, PEER_IP);
        nothing_more(h);
    }
    tick_to(h, 3 * S);
    nothing_more(h);
    ck_assert(lk_stack_deadline(h->stack) == LK_NEVER);
    host_free(h);
}
END_TEST

START_TEST(a_neighbour_that_does_not_answer_is_reported_to_the_socket)
{
    struct host *h = host_new();
    struct lk_counters counters;
    struct lk_endpoint peer = at(PEER_IP, 9);
    lk_socket s = udp_on(h, 1000);
    ck_assert_int_eq(lk_sock_connect(h->stack, s, &peer, 0), 0);
    ck_assert_int_eq(lk_sock_send(h->stack, s, "x", 1, 0), 1);
    tick_to(h, 3 * S - 1);
    ck_assert_uint_eq(lk_sock_bits(h->stack, s) & LK_SOCK_ERROR, 0);
    tick_to(h, 3 * S);
    ck_assert_uint_ne(lk_sock_bits(h->stack, s) & LK_SOCK_ERROR, 0);
    ck_assert_int_eq(lk_sock_send(h->stack, s, "y", 1, h->now), LK_E_HOSTUNREACH);
    ck_assert_uint_eq(lk_sock_bits(h->stack, s) & LK_SOCK_ERROR, 0);
    lk_stack_counters(h->stack, &counters);
    ck_assert_uint_eq(counters.neighbour_drops, 1);
    host_free(h);
}
END_TEST

START_TEST(an_old_entry_is_polled_by_unicast_and_used_meanwhile)
{
    struct host *h = host_new(); /* RFC 1122 2.3.2.1 (2) */
    lk_socket s = udp_on(h, 1000);
    give_arp_request(h, peer_mac, PEER_IP, US_IP);
    pull(h);
    h->now = 60 * S - 1;
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_ip(h, LK_PROTOCOL_UDP);
    nothing_more(h);
    h->now = 60 * S;
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_arp_request(h, PEER_IP);
    ck_assert(mac_is(h->eth.destination, peer_mac));
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert(mac_is(h->eth.destination, peer_mac));
    give_arp_reply(h, peer_mac, PEER_IP);
    tick_to(h, 62 * S);
    nothing_more(h); /* answered: no further poll */
    host_free(h);
}
END_TEST

START_TEST(an_entry_that_was_heard_again_is_not_old)
{
    struct host *h = host_new(); /* RFC 1122 2.3.2.1 (1): the timeout restarts when the entry is refreshed */
    lk_socket s = udp_on(h, 1000);
    give_arp_request(h, peer_mac, PEER_IP, US_IP);
    pull(h);
    h->now = 59 * S;
    give_arp_request(h, peer_mac, PEER_IP, 0x0a000003); /* asks another, by broadcast */
    h->now = 118 * S;
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_ip(h, LK_PROTOCOL_UDP);
    nothing_more(h);
    h->now = 119 * S;
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_arp_request(h, PEER_IP);
    host_free(h);
}
END_TEST

START_TEST(an_old_entry_that_does_not_answer_is_forgotten)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 1000);
    give_arp_request(h, peer_mac, PEER_IP, US_IP);
    pull(h);
    h->now = 61 * S;
    send_udp_to(h, s, "x", PEER_IP, 9);
    for (int i = 0; i < 3; i++) {
        if (i > 0)
            tick_to(h, h->now + S);
        pulls_arp_request(h, PEER_IP);
        ck_assert(mac_is(h->eth.destination, peer_mac));
        if (i == 0)
            pulls_ip(h, LK_PROTOCOL_UDP);
        nothing_more(h);
    }
    tick_to(h, h->now + S);
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_arp_request(h, PEER_IP);
    ck_assert(mac_is(h->eth.destination, everyone));
    host_free(h);
}
END_TEST

START_TEST(an_entry_nobody_uses_costs_no_frame)
{
    struct host *h = host_new();
    give_arp_request(h, peer_mac, PEER_IP, US_IP);
    pull(h);
    ck_assert(lk_stack_deadline(h->stack) == LK_NEVER);
    tick_to(h, 7200 * S);
    nothing_more(h);
    host_free(h);
}
END_TEST

/* ---- full tables ---- */

START_TEST(what_waits_takes_no_room_from_replies)
{
    struct lk_config config = plain_config("rfc");
    config.intents = 2;
    config.neighbour_queue = 3;
    config.neighbours = 16;
    struct host *h = host_with(config);
    for (uint32_t i = 0; i < 8; i++) { /* pings from addresses nobody has */
        give_echo(h, (struct as){.from = 0x0a000010 + i, .to = US_IP}, "x");
        pull(h); /* the request for it */
    }
    nothing_more(h);
    ck_assert_int_eq(give_arp_request(h, peer_mac, PEER_IP, US_IP), LK_RX_ACCEPTED);
    ck_assert_int_gt(pull(h), 0);
    ck_assert_uint_eq(h->arp.op, LK_ARP_REPLY);
    ck_assert_int_eq(give_echo(h, from_peer, "x"), LK_RX_ACCEPTED);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    host_free(h);
}
END_TEST

START_TEST(of_packets_to_one_neighbour_the_latest_wait)
{
    struct lk_config config = plain_config("rfc");
    config.neighbour_queue = 2;
    struct host *h = host_with(config); /* RFC 1122 2.3.2.2 */
    struct lk_counters counters;
    lk_socket s = udp_on(h, 1000);
    for (uint16_t port = 1; port <= 5; port++)
        ck_assert_int_eq(send_udp_to(h, s, "x", PEER_IP, port), 1);
    ck_assert_int_eq(send_udp_to(h, s, "x", 0x0a000003, 9), LK_E_NOBUFS); /* none of its own to give up */
    pulls_arp_request(h, PEER_IP);
    pulls_arp_request(h, 0x0a000003);
    give_arp_reply(h, peer_mac, PEER_IP);
    for (uint16_t port = 4; port <= 5; port++) {
        pulls_ip(h, LK_PROTOCOL_UDP);
        ck_assert_uint_eq(h->udp.destination_port, port);
    }
    nothing_more(h);
    lk_stack_counters(h->stack, &counters);
    ck_assert_uint_eq(counters.neighbour_drops, 4);
    host_free(h);
}
END_TEST


START_TEST(the_entry_used_longest_ago_makes_room)
{
    struct lk_config config = plain_config("rfc");
    config.neighbours = 2;
    struct host *h = host_with(config);
    uint8_t mac[6];
    give_arp_request(h, peer_mac, PEER_IP, US_IP);
    give_arp_request(h, other_mac, 0x0a000003, US_IP);
    while (pull(h) > 0) {
    }
    ck_assert(knows(h, PEER_IP, mac)); /* now 10.0.0.3 is the older one */
    give_arp_request(h, other_mac, 0x0a000004, US_IP);
    pull(h);
    ck_assert(knows(h, PEER_IP, mac));
    ck_assert(knows(h, 0x0a000004, mac));
    ck_assert(!knows(h, 0x0a000003, mac));
    host_free(h);
}
END_TEST

START_TEST(entries_being_resolved_are_not_pushed_out)
{
    struct lk_config config = plain_config("rfc");
    config.neighbours = 2;
    struct host *h = host_with(config);
    lk_socket s = udp_on(h, 1000);
    struct lk_counters counters;
    send_udp_to(h, s, "x", PEER_IP, 9);
    send_udp_to(h, s, "x", 0x0a000003, 9);
    ck_assert_int_eq(send_udp_to(h, s, "x", 0x0a000004, 9), LK_E_NOBUFS);
    lk_stack_counters(h->stack, &counters);
    ck_assert_uint_eq(counters.neighbour_drops, 1);
    pulls_arp_request(h, PEER_IP);
    pulls_arp_request(h, 0x0a000003);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(forgetting_by_hand_drops_what_waits)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 1000);
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_arp_request(h, PEER_IP);
    ck_assert_int_eq(lk_neighbour_set(h->stack, 0, ip4(PEER_IP), NULL, 0), 0);
    ck_assert_int_eq(lk_neighbour_set(h->stack, 0, ip4(PEER_IP), NULL, 0), LK_E_NOTFOUND);
    give_arp_reply(h, peer_mac, PEER_IP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(pinning_releases_what_waits)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 1000);
    send_udp_to(h, s, "x", PEER_IP, 9);
    pulls_arp_request(h, PEER_IP);
    ck_assert_int_eq(lk_neighbour_set(h->stack, 0, ip4(PEER_IP), other_mac, 0), 0);
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert(mac_is(h->eth.destination, other_mac));
    ck_assert(lk_stack_deadline(h->stack) == LK_NEVER);
    host_free(h);
}
END_TEST

SUITE("arp cache", a_request_for_our_address_is_answered_to_the_asker, a_request_for_another_host_is_not_answered, a_reply_is_never_answered,
      an_unknown_opcode_is_not_answered, a_probe_from_no_address_is_answered_and_teaches_nothing, a_tentative_address_is_not_answered_for,
      every_malformed_packet_is_dropped_and_unanswered, a_request_that_asks_for_us_teaches_who_asked, a_request_for_another_teaches_nothing_new,
      a_reply_that_nobody_asked_for_adds_no_entry, a_known_sender_is_merged_whatever_it_says, a_pinned_entry_is_not_changed_by_packets,
      no_one_is_learnt_under_an_address_that_is_no_hosts, a_group_or_our_own_link_address_is_no_sender,
      the_first_packet_asks_by_broadcast_and_follows_the_answer, what_is_not_on_link_asks_for_the_gateway, packets_that_wait_leave_in_their_order,
      requests_are_at_most_one_a_second_and_three, a_neighbour_that_does_not_answer_is_reported_to_the_socket,
      an_old_entry_is_polled_by_unicast_and_used_meanwhile, an_entry_that_was_heard_again_is_not_old, an_old_entry_that_does_not_answer_is_forgotten, an_entry_nobody_uses_costs_no_frame,
      what_waits_takes_no_room_from_replies, of_packets_to_one_neighbour_the_latest_wait, the_entry_used_longest_ago_makes_room, entries_being_resolved_are_not_pushed_out, forgetting_by_hand_drops_what_waits,
      pinning_releases_what_waits)
