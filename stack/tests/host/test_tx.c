#include "stack/tests/support/host.h"

START_TEST(a_buffer_too_small_is_told_the_size_and_nothing_is_lost)
{
    struct host *h = host_near();
    uint8_t out[100];
    give_echo(h, from_peer, "twelve bytes"); /* 14 + 20 + 8 + 12 */
    for (size_t cap = 0; cap < 54; cap++) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = cap == 0 ? NULL : out, .cap = cap};
        memset(out, 0x5a, sizeof out);
        ck_assert_int_eq(lk_stack_tx(h->stack, LK_ANY, &f, 0), LK_E_NOSPACE);
        ck_assert_uint_eq(f.len, 54);
        ck_assert_uint_eq(out[0], 0x5a);
    }
    struct lk_frame f = {.size_of = sizeof f, .bytes = out, .cap = 54};
    ck_assert_int_eq(lk_stack_tx(h->stack, LK_ANY, &f, 0), 54);
    ck_assert_uint_eq(f.len, 54);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(reserved_fields_must_be_0_in_both_directions)
{
    struct host *h = host_near();
    uint8_t bytes[100] = {0};
    for (int field = 0; field < 8; field++) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = bytes, .cap = sizeof bytes, .len = 60};
        uint32_t iface = LK_ANY;
        switch (field) {
        case 0: f.size_of--; break;
        case 1: f.reserved = 1; break;
        case 2: f.gso_size = 1; break;
        case 3: f.vlan = 1; break;
        case 4: f.reserved2 = 1; break;
        case 5: f.bytes = NULL; break;
        case 6: f.csum = 3; break;
        default: f.iface = iface = 1; break; /* does not exist */
        }
        ck_assert_int_eq(lk_stack_rx(h->stack, &f, 0), LK_E_INVALID);
        ck_assert_int_eq(lk_stack_tx(h->stack, iface, &f, 0), LK_E_INVALID);
    }
    struct lk_counters counters;
    lk_stack_counters(h->stack, &counters);
    for (int i = 0; i < LK_RX_COUNT; i++)
        ck_assert_uint_eq(counters.rx[i], 0); /* a wrong call is no received frame */
    host_free(h);
}
END_TEST

START_TEST(what_became_ready_first_leaves_first)
{
    struct host *h = host_new();
    lk_socket s = udp_on(h, 9);
    send_udp_to(h, s, "waits", PEER_IP, 9);
    give_echo(h, (struct as){.from = PEER_IP, .to = US_IP}, "waits too");
    give_arp_request(h, other_mac, 0x0a000003, US_IP);
    pulls_arp_request(h, PEER_IP);
    ck_assert_int_gt(pull(h), 0);
    ck_assert_uint_eq(h->arp.op, LK_ARP_REPLY);
    nothing_more(h);
    give_arp_reply(h, peer_mac, PEER_IP);
    pulls_ip(h, LK_PROTOCOL_UDP);
    pulls_ip(h, LK_PROTOCOL_ICMP);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(frames_and_dispositions_are_counted)
{
    struct host *h = host_near();
    struct lk_counters counters;
    give_echo(h, from_peer, "x");
    give_echo(h, (struct as){.from = PEER_IP, .to = FAR_IP}, "x");
    pull(h);
    pull(h);
    lk_stack_counters(h->stack, &counters);
    ck_assert_uint_eq(counters.rx[LK_RX_ACCEPTED], 1);
    ck_assert_uint_eq(counters.rx[LK_RX_DROP_IP_NOT_OURS], 1);
    ck_assert_uint_eq(counters.tx_frames, 1);
    host_free(h);
}
END_TEST

SUITE("tx", a_buffer_too_small_is_told_the_size_and_nothing_is_lost, reserved_fields_must_be_0_in_both_directions,
      what_became_ready_first_leaves_first, frames_and_dispositions_are_counted)
