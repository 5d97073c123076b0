#include "stack/tests/support/gateway.h"

/* What left last could not be delivered. */
static int undelivered(struct gw *w)
{
    uint8_t packet[2000];
    size_t len = w->out.len;
    uint32_t iface = w->out.iface;
    memcpy(packet, w->out.bytes, len);
    w->out = (struct lk_gateway_out){.bytes = w->bytes, .cap = sizeof w->bytes};
    int verdict = lk_gateway_undeliverable(w->g, packet, len, iface, &w->out, w->now);
    sound(w);
    if (verdict == LK_GATEWAY_ANSWER)
        take_apart(w);
    return verdict;
}

static struct lk_ipv4 quoted(const struct gw *w)
{
    struct lk_ipv4 q;
    int header = lk_icmpv4_quoted(&w->icmp, &q);
    ck_assert(header > 0 && lk_ipv4_checksum_ok(w->icmp.payload, (size_t)header));
    ck_assert(q.protocol != LK_PROTOCOL_UDP || lk_udp_checksum_ok(q.payload, q.payload_len, lk_checksum_pseudo_ipv4(q.source_address, q.destination_address, 17, (uint16_t)q.payload_len)));
    return q;
}

START_TEST(the_sender_is_told_that_the_host_is_unreachable) /* RFC 1812 4.3.3.1 */
{
    struct gw *w = router();
    give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SLOW}, 5000, 53, 10);
    ck_assert_int_eq(undelivered(w), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_HOST_UNREACHABLE);
    ck_assert_uint_eq(quoted(w).destination_address, SLOW);
    gw_free(w);
}
END_TEST

START_TEST(a_sender_inside_is_told_of_its_own_packet)
{
    struct gw *w = nat();
    give_udp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 5000, 53, 10);
    give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 53, 10);
    ck_assert_int_eq(undelivered(w), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_HOST_UNREACHABLE);
    struct lk_ipv4 q = quoted(w);
    ck_assert_uint_eq(q.source_address, ALICE);
    ck_assert_uint_eq(lk_load_be16(q.payload), 5000);
    give_echo(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 7);
    give_echo(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 7);
    ck_assert_int_eq(undelivered(w), LK_GATEWAY_ANSWER);
    ck_assert_uint_eq(lk_load_be16(quoted(w).payload + 4), 7);
    ck_assert(lk_icmpv4_checksum_ok(quoted(w).payload, quoted(w).payload_len));
    gw_free(w);
}
END_TEST

START_TEST(a_sender_outside_is_told_of_the_outside_address)
{
    struct gw *w = nat();
    give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 53, 10);
    give_udp(w, OUTSIDE, (struct pkt){.from = SERVER, .to = OUT_IP}, 53, w->udp.source_port, 10);
    ck_assert_int_eq(undelivered(w), LK_GATEWAY_ANSWER);
    answers(w, OUT_IP, SERVER, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_HOST_UNREACHABLE);
    ck_assert_uint_eq(quoted(w).destination_address, OUT_IP); /* nothing inside is given away */
    gw_free(w);
}
END_TEST

START_TEST(both_ends_of_a_hairpin_are_put_back)
{
    struct gw *w = nat();
    give_udp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 6000, 53, 10);
    give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = OUT_IP}, 5000, w->udp.source_port, 10);
    ck_assert_int_eq(undelivered(w), LK_GATEWAY_ANSWER);
    ck_assert_uint_eq(w->ip.destination_address, ALICE);
    struct lk_ipv4 q = quoted(w);
    ck_assert_uint_eq(q.source_address, ALICE);
    ck_assert_uint_eq(q.destination_address, OUT_IP);
    gw_free(w);
}
END_TEST

START_TEST(nobody_is_told_of_what_nobody_here_sent)
{
    struct gw *w = nat();
    give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 5000, 53, 10);
    uint8_t packet[100];
    memcpy(packet, w->out.bytes, w->out.len);
    size_t len = w->out.len;
    packet[21] ^= 1; /* another port: the host's own */
    w->out.cap = 575;
    ck_assert_int_eq(lk_gateway_undeliverable(w->g, packet, len, OUTSIDE, &w->out, 0), LK_E_NOSPACE);
    w->out = (struct lk_gateway_out){.bytes = w->bytes, .cap = sizeof w->bytes};
    ck_assert_int_eq(lk_gateway_undeliverable(w->g, packet, len, 9, &w->out, 0), LK_E_INVALID);
    ck_assert_int_eq(lk_gateway_undeliverable(w->g, packet, len, OUTSIDE, &w->out, 0), LK_GATEWAY_DROP_NO_BINDING);
    for (size_t cut = 0; cut < 20; cut++)
        ck_assert_int_eq(lk_gateway_undeliverable(w->g, packet, cut, OUTSIDE, &w->out, 0), LK_GATEWAY_DROP_HEADER);
    ck_assert_int_eq(give_icmp(w, INSIDE, (struct pkt){.from = ALICE, .to = SLOW}, 3, 3, 0, packet, 28), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(undelivered(w), LK_GATEWAY_DROP_ICMP); /* never about an error */
    gw_free(w);
}
END_TEST

ALL("undelivered", the_sender_is_told_that_the_host_is_unreachable, a_sender_inside_is_told_of_its_own_packet,
    a_sender_outside_is_told_of_the_outside_address, both_ends_of_a_hairpin_are_put_back, nobody_is_told_of_what_nobody_here_sent)
