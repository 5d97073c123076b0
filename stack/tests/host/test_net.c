#include "stack/tests/support/host.h"

START_TEST(an_interface_that_is_down_takes_nothing_and_forgets_its_neighbours)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 9);
    send_udp_to(h, s, "x", PEER_IP, 9);
    send_udp_to(h, s, "x", FAR_IP, 9); /* waits for the gateway */
    ck_assert_int_eq(lk_iface_set(h->stack, 0, false, 1500, 0), 0);
    sound(h);
    nothing_more(h);
    ck_assert_int_eq(give_echo(h, from_peer, "x"), LK_RX_DROP_LINK);
    ck_assert_int_eq(send_udp_to(h, s, "x", PEER_IP, 9), LK_E_NETUNREACH);
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(PEER_IP), (const uint8_t *)"....................", 20, 0), LK_E_NETDOWN);
    ck_assert_int_eq(lk_iface_set(h->stack, 0, true, 1500, 0), 0);
    ck_assert_int_eq(send_udp_to(h, s, "x", PEER_IP, 9), 1); /* pinned: still known */
    pulls_ip(h, LK_PROTOCOL_UDP);
    ck_assert_int_eq(give_arp_reply(h, other_mac, GATEWAY_IP), LK_RX_DROP_ARP); /* nobody asks for the gateway any more */
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(the_mtu_may_shrink_and_grow_back)
{
    struct host *h = host_near();
    static char data[700];
    lk_socket s = udp_on(h, 9);
    memset(data, 'x', 600);
    ck_assert_int_eq(lk_iface_set(h->stack, 0, true, 576, 0), 0);
    ck_assert_int_eq(send_udp_to(h, s, data, PEER_IP, 9), LK_E_MSGSIZE);
    ck_assert_int_eq(lk_iface_set(h->stack, 0, true, 67, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_iface_set(h->stack, 0, true, 1501, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_iface_set(h->stack, 1, true, 1500, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_iface_set(h->stack, 0, true, 1500, 0), 0);
    ck_assert_int_eq(send_udp_to(h, s, data, PEER_IP, 9), 600);
    host_free(h);
}
END_TEST

START_TEST(a_packet_to_forward_is_copied_behind_the_neighbour)
{
    struct lk_config config = plain_config("rfc");
    config.forward_queue = 2;
    struct host *h = host_with(config);
    uint8_t packet[40] = {0x45, 0, 0, 40};
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(PEER_IP), packet, sizeof packet, 0), 0);
    packet[0] = 0;
    pulls_arp_request(h, PEER_IP);
    give_arp_reply(h, peer_mac, PEER_IP);
    struct lk_frame f = {.size_of = sizeof f, .bytes = h->out, .cap = sizeof h->out};
    ck_assert_int_eq(lk_stack_tx(h->stack, LK_ANY, &f, 0), 54);
    ck_assert(mac_is(h->out, peer_mac));
    ck_assert_uint_eq(h->out[14], 0x45);
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(PEER_IP), packet, sizeof packet, 0), 0); /* known now: these are ready */
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(PEER_IP), packet, sizeof packet, 0), 0);
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(PEER_IP), packet, sizeof packet, 0), LK_E_NOBUFS);
    host_free(h);
}
END_TEST

START_TEST(a_packet_to_forward_must_fit_and_name_one_neighbour)
{
    struct lk_config config = plain_config("rfc");
    config.forward_queue = 2;
    struct host *h = host_with(config);
    static uint8_t packet[1501];
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(PEER_IP), packet, 1501, 0), LK_E_MSGSIZE);
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(PEER_IP), packet, 19, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_stack_forward(h->stack, 1, ip4(PEER_IP), packet, 20, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(0), packet, 20, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(0xe0000001), packet, 20, 0), LK_E_INVALID);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_host_that_never_forwards_needs_no_memory_for_it)
{
    struct host *h = host_new();
    uint8_t packet[40] = {0x45};
    ck_assert_int_eq(lk_stack_forward(h->stack, 0, ip4(PEER_IP), packet, sizeof packet, 0), LK_E_NOBUFS);
    host_free(h);
}
END_TEST

START_TEST(settings_that_make_no_sense_are_refused)
{
    struct host *h = host_new();
    struct lk_addr none = {{0}};
    ck_assert_int_eq(lk_addr_add(h->stack, 1, ip4(PEER_IP), 24, LK_ADDR_PREFERRED, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(PEER_IP), 24, 7, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_addr_remove(h->stack, 0, ip4(PEER_IP), 0), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_route_add(h->stack, ip4(0), 0, ip4(PEER_IP), 1, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_route_remove(h->stack, ip4(FAR_IP), 32, 0), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_neighbour_set(h->stack, 1, ip4(PEER_IP), peer_mac, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_neighbour_set(h->stack, 0, ip4(PEER_IP), everyone, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_neighbour_set(h->stack, 0, none, peer_mac, 0), LK_E_INVALID);
    host_free(h);
}
END_TEST

START_TEST(a_raw_ip_link_has_no_neighbours_and_no_header)
{
    struct lk_config config = plain_config("rfc");
    config.iface[0] = (struct lk_iface_config){.link = LK_LINK_RAW_IP, .mtu = 1400};
    struct host *h = host_with(config);
    lk_socket s = udp_on(h, 9);
    uint8_t out[100];
    struct lk_ipv4 ip;
    struct lk_frame f = {.size_of = sizeof f, .bytes = out, .cap = sizeof out};
    ck_assert_int_eq(send_udp_to(h, s, "abc", FAR_IP, 9), 3);
    ck_assert_int_eq(lk_stack_tx(h->stack, LK_ANY, &f, 0), 31);
    ck_assert_int_eq(lk_ipv4_parse(out, 31, &ip), 20);
    ck_assert_int_eq(lk_neighbour_set(h->stack, 0, ip4(PEER_IP), peer_mac, 0), LK_E_INVALID);
    uint8_t reply[31]; /* turned round: to the port we have open */
    memcpy(reply, out, 31);
    memcpy(reply + 12, out + 16, 4);
    memcpy(reply + 16, out + 12, 4);
    f = (struct lk_frame){.size_of = sizeof f, .bytes = reply, .len = 31};
    ck_assert_int_eq(lk_stack_rx(h->stack, &f, 0), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

START_TEST(several_interfaces_keep_their_frames_apart)
{
    struct lk_config config = plain_config("rfc");
    config.ifaces = 2;
    config.iface[1] = config.iface[0];
    config.iface[1].mac[5] = 9;
    struct host *h = host_with(config);
    lk_addr_add(h->stack, 1, ip4(0xac100001), 16, LK_ADDR_PREFERRED, 0);
    lk_socket s = udp_on(h, 9);
    send_udp_to(h, s, "x", 0xac100002, 9);
    send_udp_to(h, s, "x", PEER_IP, 9);
    ck_assert_int_gt(pull_on(h, 0), 0);
    ck_assert_uint_eq(h->frame.iface, 0);
    ck_assert_uint_eq(h->arp.tpa, PEER_IP);
    ck_assert_int_eq(pull_on(h, 0), 0);
    ck_assert_int_gt(pull_on(h, LK_ANY), 0);
    ck_assert_uint_eq(h->frame.iface, 1);
    ck_assert_uint_eq(h->arp.tpa, 0xac100002);
    ck_assert_uint_eq(h->arp.spa, 0xac100001);
    ck_assert(mac_is(h->eth.source, config.iface[1].mac));
    nothing_more(h);
    uint8_t packet[28], frame[42]; /* an address is asked for on its own interface */
    struct lk_arp arp = {.op = LK_ARP_REQUEST, .sha = {2, 0, 0, 0, 0, 2}, .spa = 0xac100002, .tpa = US_IP};
    lk_arp_emit(&arp, packet, sizeof packet);
    size_t len = ether(frame, everyone, peer_mac, LK_ETHERTYPE_ARP, packet, sizeof packet);
    give_on(h, 1, frame, len);
    while (pull(h) > 0)
        ck_assert(h->eth.type != LK_ETHERTYPE_ARP || h->arp.op != LK_ARP_REPLY);
    ck_assert_int_eq(give_on(h, 0, frame, len), LK_RX_ACCEPTED);
    host_free(h);
}
END_TEST

#define WANTED_IP 0x0a000063u

static struct host *wanting(void)
{
    struct host *h = host_new();
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(WANTED_IP), 24, LK_ADDR_TENTATIVE, h->now), 0);
    return h;
}

static int conflicts(const struct host *h)
{
    return lk_addr_conflicts(h->stack, 0, ip4(WANTED_IP));
}

START_TEST(a_probe_asks_without_saying_who_asks)
{
    struct host *h = wanting();
    ck_assert_int_eq(lk_addr_probe(h->stack, 0, ip4(WANTED_IP), h->now), 0);
    pulls_arp_request(h, WANTED_IP);
    ck_assert(mac_is(h->eth.destination, everyone));
    ck_assert(mac_is(h->arp.sha, our_mac) && mac_is(h->arp.tha, no_mac));
    ck_assert_uint_eq(h->arp.spa, 0); /* RFC 5227 2.1.1: to pollute no cache */
    nothing_more(h);
    ck_assert_int_eq(lk_addr_probe(h->stack, 0, ip4(US_IP), h->now), LK_E_NOTFOUND); /* not tentative */
    ck_assert_int_eq(lk_addr_probe(h->stack, 0, ip4(PEER_IP), h->now), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_addr_probe(h->stack, 9, ip4(WANTED_IP), h->now), LK_E_INVALID);
    host_free(h);
}
END_TEST

START_TEST(whoever_has_a_tentative_address_or_asks_for_it_is_a_conflict)
{
    struct host *h = wanting();
    ck_assert_int_eq(conflicts(h), 0);
    ck_assert_int_eq(give_arp_request(h, other_mac, PEER_IP, WANTED_IP), LK_RX_DROP_ARP); /* somebody looks for it: no claim */
    ck_assert_int_eq(conflicts(h), 0);
    ck_assert_int_eq(give_arp(h, our_mac, LK_ARP_REPLY, other_mac, WANTED_IP, our_mac, 0), LK_RX_ACCEPTED);
    ck_assert_int_eq(conflicts(h), 1);
    ck_assert_int_eq(give_arp_request(h, other_mac, WANTED_IP, GATEWAY_IP), LK_RX_ACCEPTED); /* a request from it, too */
    ck_assert_int_eq(conflicts(h), 2);
    ck_assert_int_eq(give_arp_request(h, other_mac, 0, WANTED_IP), LK_RX_ACCEPTED); /* another probe */
    ck_assert_int_eq(conflicts(h), 3);
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(WANTED_IP), 24, LK_ADDR_TENTATIVE, h->now), 0);
    ck_assert_int_eq(conflicts(h), 0); /* counted since it was added */
    host_free(h);
}
END_TEST

START_TEST(our_own_packet_come_back_is_no_conflict)
{
    struct host *h = wanting();
    ck_assert_int_eq(give_arp_request(h, our_mac, 0, WANTED_IP), LK_RX_DROP_ARP);
    ck_assert_int_eq(give_arp(h, everyone, LK_ARP_REPLY, our_mac, WANTED_IP, no_mac, WANTED_IP), LK_RX_DROP_ARP);
    ck_assert_int_eq(conflicts(h), 0);
    host_free(h);
}
END_TEST

START_TEST(claims_of_an_address_in_use_are_counted_but_a_probe_for_it_is_answered)
{
    struct host *h = host_new();
    ck_assert_int_eq(give_arp_request(h, other_mac, 0, US_IP), LK_RX_ACCEPTED);
    ck_assert_int_eq(lk_addr_conflicts(h->stack, 0, ip4(US_IP)), 0);
    ck_assert_int_gt(pull(h), 0);
    ck_assert_uint_eq(h->arp.op, LK_ARP_REPLY);
    ck_assert_int_eq(give_arp_request(h, other_mac, US_IP, GATEWAY_IP), LK_RX_DROP_ARP);
    ck_assert_int_eq(lk_addr_conflicts(h->stack, 0, ip4(US_IP)), 1);
    ck_assert_int_eq(lk_addr_conflicts(h->stack, 1, ip4(US_IP)), LK_E_NOTFOUND);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(an_announcement_names_the_address_as_sender_and_target)
{
    struct host *h = wanting();
    ck_assert_int_eq(lk_addr_announce(h->stack, 0, ip4(WANTED_IP), h->now), LK_E_NOTFOUND); /* not ours yet */
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(WANTED_IP), 24, LK_ADDR_PREFERRED, h->now), 0);
    ck_assert_int_eq(lk_addr_announce(h->stack, 0, ip4(WANTED_IP), h->now), 0);
    pulls_arp_request(h, WANTED_IP);
    ck_assert(mac_is(h->eth.destination, everyone));
    ck_assert_uint_eq(h->arp.spa, WANTED_IP); /* RFC 5227 2.3 */
    nothing_more(h);
    ck_assert_int_eq(lk_iface_set(h->stack, 0, false, 1500, h->now), 0);
    ck_assert_int_eq(lk_addr_announce(h->stack, 0, ip4(WANTED_IP), h->now), LK_E_NETDOWN);
    host_free(h);
}
END_TEST

START_TEST(a_route_is_removed_by_gateway_when_there_are_several)
{
    struct host *h = host_new();
    ck_assert_int_eq(lk_route_add(h->stack, ip4(0), 0, ip4(PEER_IP), 0, h->now), 0);
    ck_assert_int_eq(lk_route_remove_by(h->stack, ip4(0), 0, ip4(0x0a000009), 0, h->now), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_route_remove_by(h->stack, ip4(0), 0, ip4(PEER_IP), 0, h->now), 0);
    lk_socket s = udp_on(h, 5000);
    ck_assert_int_eq(send_udp_to(h, s, "x", FAR_IP, 9), 1);
    pulls_arp_request(h, GATEWAY_IP); /* the other one is still there */
    host_free(h);
}
END_TEST

SUITE("net", an_interface_that_is_down_takes_nothing_and_forgets_its_neighbours, the_mtu_may_shrink_and_grow_back,
      a_packet_to_forward_is_copied_behind_the_neighbour, a_packet_to_forward_must_fit_and_name_one_neighbour,
      a_host_that_never_forwards_needs_no_memory_for_it, settings_that_make_no_sense_are_refused, a_raw_ip_link_has_no_neighbours_and_no_header,
      several_interfaces_keep_their_frames_apart, a_probe_asks_without_saying_who_asks,
      whoever_has_a_tentative_address_or_asks_for_it_is_a_conflict, our_own_packet_come_back_is_no_conflict,
      claims_of_an_address_in_use_are_counted_but_a_probe_for_it_is_answered, an_announcement_names_the_address_as_sender_and_target,
      a_route_is_removed_by_gateway_when_there_are_several)
