/* RFC 4787 REQ-14. A datagram of 48 bytes behind the IP header in fragments of 16. */
#include "stack/tests/support/gateway.h"

static uint8_t datagram[48];

static struct pkt part(struct pkt a, int i)
{
    a.protocol = LK_PROTOCOL_UDP;
    a.offset = (uint16_t)(i * 2);
    a.flags = i < 2 ? LK_IPV4_MF : 0;
    return a;
}

static int give_part(struct gw *w, uint32_t iface, struct pkt a, int i)
{
    return give(w, iface, part(a, i), datagram + 16 * i, 16);
}

static const struct pkt out = {.from = ALICE, .to = SERVER, .id = 0x77};
static const struct pkt in = {.from = SERVER, .to = OUT_IP, .id = 0x99};

/* The fragments that left, laid together: the checksum over the whole is right. */
static void whole_is_sound(const uint8_t whole[48], uint32_t from, uint32_t to)
{
    ck_assert(lk_udp_checksum_ok(whole, 48, lk_checksum_pseudo_ipv4(from, to, LK_PROTOCOL_UDP, 48)));
}

static struct gw *with_binding(void)
{
    struct gw *w = nat();
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 53, 1), LK_GATEWAY_FORWARD);
    return w;
}

START_TEST(fragments_in_order_follow_their_first)
{
    struct gw *w = nat();
    uint8_t whole[48];
    uint16_t id = 0;
    udp_of(datagram, sizeof datagram, out, 5000, 53, 40);
    for (int i = 0; i < 3; i++) {
        ck_assert_int_eq(give_part(w, INSIDE, out, i), LK_GATEWAY_FORWARD);
        ck_assert_uint_eq(w->ip.source_address, OUT_IP);
        ck_assert_uint_eq(w->ip.fragment_offset, (uint32_t)i * 2);
        ck_assert_uint_eq((w->ip.flags & LK_IPV4_MF) != 0, i < 2);
        ck_assert(i == 0 || w->ip.identification == id);
        id = w->ip.identification;
        memcpy(whole + 16 * i, w->ip.payload, 16);
        ck_assert_int_eq(more(w), LK_E_AGAIN);
    }
    whole_is_sound(whole, OUT_IP, SERVER);
    gw_free(w);
}
END_TEST

START_TEST(fragments_in_any_order_all_arrive)
{
    struct gw *w = with_binding();
    uint8_t whole[48];
    udp_of(datagram, sizeof datagram, in, 53, 5000, 40);
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 2), LK_GATEWAY_HOLD);
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 1), LK_GATEWAY_HOLD);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 0), LK_GATEWAY_FORWARD);
    for (int i = 0; i < 3; i++) {
        ck_assert_uint_eq(w->ip.destination_address, ALICE);
        ck_assert_uint_eq(w->ip.fragment_offset, i == 0 ? 0 : i == 1 ? 4 : 2); /* as they came */
        memcpy(whole + w->ip.fragment_offset * 8, w->ip.payload, 16);
        ck_assert_int_eq(more(w), i < 2 ? LK_GATEWAY_FORWARD : LK_E_AGAIN);
    }
    whole_is_sound(whole, SERVER, ALICE);
    ck_assert_int_eq(lk_gateway_deadline(w->g) > 0, 1);
    gw_free(w);
}
END_TEST

START_TEST(fragments_of_a_datagram_nobody_may_send_go_nowhere)
{
    struct gw *w = nat();
    udp_of(datagram, sizeof datagram, in, 53, 5000, 40);
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 1), LK_GATEWAY_HOLD);
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 0), LK_GATEWAY_DROP_NO_BINDING);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 2), LK_GATEWAY_HOLD);
    gw_free(w);
}
END_TEST

START_TEST(another_datagrams_fragments_do_not_follow)
{
    struct gw *w = with_binding();
    struct pkt other = in;
    udp_of(datagram, sizeof datagram, in, 53, 5000, 40);
    give_part(w, OUTSIDE, in, 0);
    other.id++;
    ck_assert_int_eq(give_part(w, OUTSIDE, other, 1), LK_GATEWAY_HOLD);
    other = in;
    other.from = OTHER;
    ck_assert_int_eq(give_part(w, OUTSIDE, other, 1), LK_GATEWAY_HOLD);
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 1), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(a_flood_of_fragments_harms_nobody) /* REQ-14 a */
{
    struct gw *w = with_binding();
    udp_of(datagram, sizeof datagram, in, 53, 5000, 40);
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 0), LK_GATEWAY_FORWARD);
    for (uint16_t i = 0; i < 1000; i++) {
        struct pkt flood = in;
        flood.id = (uint16_t)(0x1000 + i);
        ck_assert_int_eq(give_part(w, OUTSIDE, flood, 1), LK_GATEWAY_HOLD);
    }
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 1), LK_GATEWAY_FORWARD); /* in order: follows as ever */
    ck_assert_int_eq(give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 53, 5000, 1), LK_GATEWAY_FORWARD);
    struct pkt late = in;
    late.id = 0x1000 + 999; /* the newest is still kept, the oldest is not */
    ck_assert_int_eq(give_part(w, OUTSIDE, late, 0), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(more(w), LK_GATEWAY_FORWARD);
    late.id = 0x1000;
    ck_assert_int_eq(give_part(w, OUTSIDE, late, 0), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
}
END_TEST

START_TEST(what_waits_too_long_is_forgotten)
{
    struct gw *w = with_binding();
    udp_of(datagram, sizeof datagram, in, 53, 5000, 40);
    give_part(w, OUTSIDE, in, 1);
    w->now = 30 * S;
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 0), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    w->now = 60 * S;
    ck_assert_int_eq(give_part(w, OUTSIDE, in, 2), LK_GATEWAY_HOLD);
    gw_free(w);
}
END_TEST

START_TEST(datagrams_of_two_hosts_get_different_numbers) /* RFC 7857 10, RFC 6864 */
{
    struct gw *w = nat();
    struct pkt alice = {.from = ALICE, .to = SERVER, .id = 5}, bob = {.from = BOB, .to = SERVER, .id = 5}, atomic = {.from = BOB, .to = SERVER, .id = 5, .flags = LK_IPV4_DF};
    give_udp(w, INSIDE, alice, 5000, 53, 1);
    uint16_t id = w->ip.identification;
    give_udp(w, INSIDE, bob, 5000, 53, 1);
    ck_assert_uint_ne(w->ip.identification, id);
    give_udp(w, INSIDE, atomic, 5000, 53, 1);
    ck_assert_uint_eq(w->ip.identification, 5);
    gw_free(w);
}
END_TEST

START_TEST(a_first_fragment_that_cuts_the_header_ends_here) /* RFC 1858 3, bug class 91 */
{
    struct gw *w = nat();
    uint8_t segment[40];
    struct pkt a = {.from = ALICE, .to = SERVER, .protocol = LK_PROTOCOL_TCP, .flags = LK_IPV4_MF};
    tcp_of(segment, sizeof segment, a, 5000, 80, LK_TCP_SYN, 0);
    ck_assert_int_eq(give(w, INSIDE, a, segment, 16), LK_GATEWAY_DROP_HEADER);
    a.offset = 1;
    ck_assert_int_eq(give(w, INSIDE, a, segment + 8, 16), LK_GATEWAY_DROP_FRAGMENT);
    gw_free(w);
}
END_TEST

START_TEST(fragments_for_the_host_are_the_hosts)
{
    struct gw *w = nat();
    uint8_t echo[32] = {8};
    struct pkt a = {.from = SERVER, .to = OUT_IP, .id = 3, .protocol = LK_PROTOCOL_ICMP, .flags = LK_IPV4_MF};
    ck_assert_int_eq(give(w, OUTSIDE, a, echo, 16), LK_GATEWAY_LOCAL);
    a.offset = 2, a.flags = 0;
    ck_assert_int_eq(give(w, OUTSIDE, a, echo + 16, 16), LK_GATEWAY_LOCAL);
    gw_free(w);
}
END_TEST

START_TEST(a_datagram_too_large_for_the_outside_leaves_translated_in_fragments) /* RFC 4787 REQ-13 a */
{
    struct lk_gateway_config c = nat_config();
    c.iface[OUTSIDE].mtu = 576;
    struct gw *w = gw_with(c);
    uint8_t whole[1500];
    size_t len = 0;
    int verdict = give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 53, 1400);
    for (; verdict == LK_GATEWAY_FORWARD; verdict = more(w)) {
        ck_assert_uint_eq(w->ip.source_address, OUT_IP);
        ck_assert_uint_eq(w->ip.fragment_offset * 8u, len);
        memcpy(whole + len, w->ip.payload, w->ip.payload_len);
        len += w->ip.payload_len;
    }
    ck_assert_uint_eq(len, 1408);
    ck_assert(lk_udp_checksum_ok(whole, len, lk_checksum_pseudo_ipv4(OUT_IP, SERVER, LK_PROTOCOL_UDP, 1408)));
    gw_free(w);
}
END_TEST

ALL("fragments", fragments_in_order_follow_their_first, fragments_in_any_order_all_arrive, fragments_of_a_datagram_nobody_may_send_go_nowhere,
    another_datagrams_fragments_do_not_follow, a_flood_of_fragments_harms_nobody, what_waits_too_long_is_forgotten,
    datagrams_of_two_hosts_get_different_numbers, a_first_fragment_that_cuts_the_header_ends_here, fragments_for_the_host_are_the_hosts,
    a_datagram_too_large_for_the_outside_leaves_translated_in_fragments)
