#include "stack/tests/support/gateway.h"

/* The fragments of what was given, laid together again in `whole`. Returns their number, and checks that they come in order. */
static uint32_t collect(struct gw *w, int verdict, uint8_t *whole, size_t *len)
{
    uint32_t count = 0;
    *len = 0;
    for (; verdict == LK_GATEWAY_FORWARD; verdict = more(w)) {
        ck_assert_uint_eq(w->ip.fragment_offset * 8u, *len);
        ck_assert_uint_le(w->out.len, 576);
        memcpy(whole + *len, w->ip.payload, w->ip.payload_len);
        *len += w->ip.payload_len;
        count++;
        if ((w->ip.flags & LK_IPV4_MF) == 0)
            break;
    }
    ck_assert_int_eq(verdict, LK_GATEWAY_FORWARD);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    return count;
}

START_TEST(a_packet_too_large_leaves_in_few_fragments_in_order) /* RFC 1812 4.2.2.7 */
{
    struct gw *w = router();
    uint8_t datagram[1480], whole[2000];
    struct pkt a = {.from = ALICE, .to = SLOW, .protocol = LK_PROTOCOL_UDP, .id = 0x1234, .flags = LK_IPV4_RESERVED, .tos = 0x20};
    size_t len, total = udp_of(datagram, sizeof datagram, a, 1, 2, 1472);
    for (size_t i = 8; i < total; i++)
        datagram[i] = (uint8_t)i;
    ck_assert_uint_eq(collect(w, give(w, INSIDE, a, datagram, total), whole, &len), 3); /* 552 + 552 + 376 */
    ck_assert_uint_eq(len, total);
    ck_assert_mem_eq(whole, datagram, total);
    ck_assert_uint_eq(w->ip.identification, 0x1234);
    ck_assert_uint_eq(w->ip.flags, LK_IPV4_RESERVED); /* copied: RFC 1812 5.2.5 */
    ck_assert_uint_eq(w->ip.type_of_service, 0x20);
    ck_assert_uint_eq(w->ip.time_to_live, 63);
    gw_free(w);
}
END_TEST

START_TEST(what_just_fits_is_left_whole)
{
    struct gw *w = router();
    uint8_t whole[2000];
    size_t len;
    ck_assert_uint_eq(collect(w, give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SLOW}, 1, 2, 576 - 28), whole, &len), 1);
    ck_assert_uint_eq(collect(w, give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SLOW}, 1, 2, 577 - 28), whole, &len), 2);
    gw_free(w);
}
END_TEST

START_TEST(a_fragment_is_fragmented_again)
{
    struct gw *w = router();
    uint8_t part[800] = {0};
    struct pkt a = {.from = ALICE, .to = SLOW, .protocol = LK_PROTOCOL_UDP, .offset = 100, .flags = LK_IPV4_MF};
    ck_assert_int_eq(give(w, INSIDE, a, part, sizeof part), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.fragment_offset, 100);
    ck_assert_uint_eq(w->ip.flags, LK_IPV4_MF);
    size_t first = w->ip.payload_len;
    ck_assert_int_eq(more(w), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.fragment_offset, 100 + first / 8);
    ck_assert_uint_eq(w->ip.flags, LK_IPV4_MF); /* more followed it */
    ck_assert_uint_eq(first + w->ip.payload_len, sizeof part);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
}
END_TEST

START_TEST(options_are_copied_if_they_say_so) /* RFC 791 3.1 */
{
    struct gw *w = router();
    uint8_t part[800] = {0};
    static const uint8_t options[] = {7, 7, 4, 0, 0, 0, 0, 0x9e, 4, 1, 2, 0}; /* record route is not copied, the other is */
    struct pkt a = {.from = ALICE, .to = SLOW, .protocol = 99, .options = options, .options_len = 12};
    ck_assert_int_eq(give(w, INSIDE, a, part, sizeof part), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.options_len, 12);
    ck_assert_int_eq(more(w), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.options_len, 4);
    ck_assert_mem_eq(w->ip.options, options + 7, 4);
    gw_free(w);
}
END_TEST

START_TEST(fragments_not_asked_for_go_with_the_next_packet)
{
    struct gw *w = router();
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SLOW}, 1, 2, 1400), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(lk_gateway_deadline(w->g), 0);
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SERVER}, 1, 2, 14), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
}
END_TEST

START_TEST(too_little_room_loses_nothing)
{
    struct gw *w = router();
    give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SLOW}, 1, 2, 1400);
    struct lk_gateway_out small = {.bytes = w->bytes, .cap = 600};
    ck_assert_int_eq(lk_gateway_more(w->g, &small, 0), LK_E_NOSPACE);
    ck_assert_int_eq(more(w), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(a_packet_larger_than_any_link_of_ours_is_not_kept)
{
    struct gw *w = router();
    ck_assert_int_eq(give_udp(w, INSIDE, (struct pkt){.from = ALICE, .to = SLOW}, 1, 2, 2000), LK_GATEWAY_DROP_FULL);
    gw_free(w);
}
END_TEST

ALL("split", a_packet_too_large_leaves_in_few_fragments_in_order, what_just_fits_is_left_whole, a_fragment_is_fragmented_again,
    options_are_copied_if_they_say_so, fragments_not_asked_for_go_with_the_next_packet, too_little_room_loses_nothing,
    a_packet_larger_than_any_link_of_ours_is_not_kept)
