#include "stack/tests/support/gateway.h"

static int with(struct gw *w, const uint8_t *options, size_t len, uint32_t to)
{
    struct pkt a = {.from = ALICE, .to = to, .options = options, .options_len = len};
    return give_udp(w, INSIDE, a, 1, 2, 3);
}

START_TEST(record_route_gets_the_address_it_leaves_by) /* RFC 1812 5.3.13.5 */
{
    struct gw *w = router();
    static const uint8_t free_slots[] = {7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0}, one[] = {7, 11, 8, 9, 9, 9, 9, 0, 0, 0, 0, 0}, full[] = {7, 7, 8, 1, 2, 3, 4, 0};
    ck_assert_int_eq(with(w, free_slots, 12, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.options[2], 8);
    ck_assert_uint_eq(lk_load_be32(w->ip.options + 3), OUT_IP);
    ck_assert_int_eq(with(w, one, 12, SLOW), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.options[2], 12);
    ck_assert_uint_eq(lk_load_be32(w->ip.options + 7), SLOW_IP);
    ck_assert_int_eq(with(w, full, 8, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_mem_eq(w->ip.options, full, 8);
    gw_free(w);
}
END_TEST

START_TEST(timestamps_are_entered_by_their_flag) /* RFC 791 3.1, RFC 1812 5.3.13.6 */
{
    struct gw *w = router();
    static const uint8_t alone[] = {68, 12, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0}, both[] = {68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0};
    uint8_t ours[] = {68, 12, 5, 3, 0, 0, 0, 0, 0, 0, 0, 0}, theirs[] = {68, 12, 5, 3, 1, 2, 3, 4, 0, 0, 0, 0};
    lk_store_be32(ours + 4, SLOW_IP); /* any address of ours */
    w->now = 5 * S;
    ck_assert_int_eq(with(w, alone, 12, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.options[2], 9);
    ck_assert_uint_eq(lk_load_be32(w->ip.options + 4), 0x80000000u | 5000); /* not the time of day: the high bit says so */
    ck_assert_int_eq(with(w, both, 12, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.options[2], 13);
    ck_assert_uint_eq(lk_load_be32(w->ip.options + 4), OUT_IP);
    ck_assert_int_eq(with(w, ours, 12, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.options[2], 13);
    ck_assert_uint_ne(lk_load_be32(w->ip.options + 8), 0);
    ck_assert_int_eq(with(w, theirs, 12, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_mem_eq(w->ip.options, theirs, 12);
    gw_free(w);
}
END_TEST

START_TEST(a_full_timestamp_option_counts_who_could_not_enter)
{
    struct gw *w = router();
    uint8_t full[] = {68, 8, 9, 0x20, 1, 1, 1, 1};
    ck_assert_int_eq(with(w, full, 8, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.options[3], 0x30);
    full[3] = 0xf0; /* even the count is full: the packet is in error */
    ck_assert_int_eq(with(w, full, 8, SERVER), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_PARAMETER_PROBLEM, 0);
    gw_free(w);
}
END_TEST

START_TEST(unknown_options_pass_unchanged) /* RFC 1812 4.2.2.6 */
{
    struct gw *w = router();
    static const uint8_t unknown[] = {0x9e, 6, 1, 2, 3, 4, 1, 0};
    ck_assert_int_eq(with(w, unknown, 8, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_mem_eq(w->ip.options, unknown, 8);
    gw_free(w);
}
END_TEST

START_TEST(a_broken_option_is_pointed_at) /* RFC 1812 4.3.3.5 */
{
    struct gw *w = router();
    static const uint8_t length[] = {1, 7, 1, 0}, overrun[] = {7, 9, 4, 0}, pointer[] = {7, 7, 3, 0, 0, 0, 0, 0};
    ck_assert_int_eq(with(w, length, 4, SERVER), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_PARAMETER_PROBLEM, LK_ICMPV4_POINTER_INDICATES);
    ck_assert_uint_eq(lk_icmpv4_pointer(&w->icmp), 22);
    ck_assert_int_eq(with(w, overrun, 4, SERVER), LK_GATEWAY_ANSWER);
    ck_assert_int_eq(with(w, pointer, 8, SERVER), LK_GATEWAY_ANSWER);
    ck_assert_uint_eq(lk_icmpv4_pointer(&w->icmp), 22);
    gw_free(w);
}
END_TEST

START_TEST(a_strict_route_to_no_neighbour_fails_and_a_loose_one_passes) /* RFC 1812 5.2.7.1 code 5 */
{
    struct gw *w = router();
    static const uint8_t strict[] = {LK_IPV4_OPT_SSRR, 7, 4, 1, 2, 3, 4, 0}, ended[] = {LK_IPV4_OPT_SSRR, 7, 8, 1, 2, 3, 4, 0}, loose[] = {LK_IPV4_OPT_LSRR, 7, 4, 1, 2, 3, 4, 0};
    ck_assert_int_eq(with(w, strict, 8, SERVER), LK_GATEWAY_ANSWER);
    answers(w, IN_IP, ALICE, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_SOURCE_ROUTE_FAILED);
    ck_assert_int_eq(with(w, strict, 8, SLOW), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(with(w, ended, 8, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(with(w, loose, 8, SERVER), LK_GATEWAY_FORWARD);
    ck_assert_mem_eq(w->ip.options, loose, 8);
    gw_free(w);
}
END_TEST

ALL("options", record_route_gets_the_address_it_leaves_by, timestamps_are_entered_by_their_flag, a_full_timestamp_option_counts_who_could_not_enter,
    unknown_options_pass_unchanged, a_broken_option_is_pointed_at, a_strict_route_to_no_neighbour_fails_and_a_loose_one_passes)
