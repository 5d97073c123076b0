/* Each rule that a segment decides by itself: once held, once broken, and "cannot tell" where a SYN was not seen. */
#include "conformance/requirements/requirement.h"
#include "conformance/rules/scan.h"

#include <check.h>
#include <stdlib.h>

static struct lk_scan s;
static const uint8_t all = LK_SCAN_MSS | LK_SCAN_WSCALE | LK_SCAN_SACK_PERMITTED | LK_SCAN_STAMPS;

static void fresh(void) { s = (struct lk_scan){0}; }

static struct lk_scan_segment segment(unsigned from) { return (struct lk_scan_segment){.from = (uint8_t)from, .ack = true, .options = LK_SCAN_STAMPS, .right_edge = -1, .edge_unit = 1, .ip4 = true, .ttl = 64, .source = 0x0a000001}; }

static uint32_t syn(unsigned from, bool ack, uint8_t options)
{
    struct lk_scan_segment seg = segment(from);
    seg.syn = true, seg.ack = ack, seg.options = options, seg.placed = true, seg.end = 1;
    return lk_scan(&s, &seg);
}

/* Both SYNs, with these options. */
static void opened(uint8_t client, uint8_t server)
{
    fresh();
    ck_assert_uint_eq(syn(0, false, client), 0);
    ck_assert_uint_eq(syn(1, true, server), 0);
}

static bool held(unsigned end, enum lk_scan_rule rule) { return (s.held[end] >> rule & 1) != 0; }
static bool unknown(unsigned end, enum lk_scan_rule rule) { return (s.unknown[end] >> rule & 1) != 0; }
#define BIT(rule) (UINT32_C(1) << (rule))

START_TEST(options_of_syns_are_on_syns_only)
{
    opened(all, all);
    struct lk_scan_segment seg = segment(0);
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(held(0, LK_SCAN_MSS_ON_SYN) && held(0, LK_SCAN_SACK_PERMITTED_ON_SYN));
    seg.options |= LK_SCAN_MSS;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_MSS_ON_SYN));
    seg.options = LK_SCAN_STAMPS | LK_SCAN_SACK_PERMITTED;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_SACK_PERMITTED_ON_SYN));
}
END_TEST

START_TEST(sack_goes_to_who_permitted_it)
{
    struct lk_scan_segment seg = segment(1);
    seg.options |= LK_SCAN_SACK;
    opened(all, all);
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(held(1, LK_SCAN_SACK_IF_PERMITTED) && held(1, LK_SCAN_SACK_LAYOUT));
    opened((uint8_t)(all & ~LK_SCAN_SACK_PERMITTED), all);
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_SACK_IF_PERMITTED));
    fresh();
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(unknown(1, LK_SCAN_SACK_IF_PERMITTED));
    seg.options = LK_SCAN_STAMPS | LK_SCAN_SACK_ODD;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_SACK_LAYOUT));
}
END_TEST

START_TEST(the_answer_offers_what_was_asked)
{
    opened(all, all);
    ck_assert(held(1, LK_SCAN_WSCALE_ANSWER) && held(1, LK_SCAN_STAMPS_ANSWER) && held(1, LK_SCAN_WSCALE_MOST));
    fresh();
    syn(0, false, LK_SCAN_MSS | LK_SCAN_STAMPS);
    ck_assert_uint_eq(syn(1, true, all), BIT(LK_SCAN_WSCALE_ANSWER));
    fresh();
    syn(0, false, LK_SCAN_MSS | LK_SCAN_WSCALE);
    ck_assert_uint_eq(syn(1, true, all), BIT(LK_SCAN_STAMPS_ANSWER));
    fresh();
    ck_assert_uint_eq(syn(1, true, all), 0);
    ck_assert(unknown(1, LK_SCAN_WSCALE_ANSWER) && unknown(1, LK_SCAN_STAMPS_ANSWER));
}
END_TEST

START_TEST(a_syn_repeated_with_less_leaves_open_which_was_heard)
{
    fresh();
    syn(0, false, all);
    syn(0, false, LK_SCAN_MSS);
    ck_assert_uint_eq(syn(1, true, all), 0);
    struct lk_scan_segment seg = segment(0);
    seg.options = 0;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(unknown(0, LK_SCAN_STAMPS_ALWAYS));
}
END_TEST

START_TEST(a_shift_count_is_at_most_14)
{
    fresh();
    struct lk_scan_segment seg = segment(0);
    seg.syn = true, seg.ack = false, seg.options = all, seg.wscale = 14;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    seg.wscale = 15;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_WSCALE_MOST));
}
END_TEST

START_TEST(timestamps_stay_once_negotiated)
{
    struct lk_scan_segment seg = segment(0);
    opened(all, all);
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(held(0, LK_SCAN_STAMPS_ALWAYS));
    seg.options = 0;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_STAMPS_ALWAYS));
    seg.rst = true;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    seg.rst = false;
    opened(all, LK_SCAN_MSS);
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    fresh();
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(unknown(0, LK_SCAN_STAMPS_ALWAYS));
    opened(all, all);
    seg.options = LK_SCAN_OPTIONS_CUT;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
}
END_TEST

START_TEST(every_segment_of_a_connection_carries_ack)
{
    struct lk_scan_segment seg = segment(0);
    opened(all, all);
    lk_scan(&s, &seg);
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(held(0, LK_SCAN_ACK_BIT));
    seg.ack = false;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_ACK_BIT));
    fresh();
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(unknown(0, LK_SCAN_ACK_BIT));
}
END_TEST

START_TEST(nothing_follows_a_fin)
{
    struct lk_scan_segment seg = segment(0);
    opened(all, all);
    seg.placed = true, seg.fin = true, seg.end = 101;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert_uint_eq(lk_scan(&s, &seg), 0); /* again */
    ck_assert(held(0, LK_SCAN_NOTHING_BEYOND_FIN));
    seg.fin = false, seg.end = 102;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_NOTHING_BEYOND_FIN));
    seg.placed = false;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
}
END_TEST

START_TEST(the_right_edge_moves_right)
{
    struct lk_scan_segment seg = segment(1);
    opened(all, all);
    seg.placed = true, seg.right_edge = 1000, seg.in_order = true, seg.edge_unit = 128;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    seg.right_edge = 873; /* rounded down by scaling */
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(held(1, LK_SCAN_WINDOW_SHRUNK));
    seg.right_edge = 872;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_WINDOW_SHRUNK));
    seg.in_order = false;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
    ck_assert(unknown(1, LK_SCAN_WINDOW_SHRUNK));
}
END_TEST

START_TEST(a_datagram_has_a_ttl_and_a_unicast_source)
{
    struct lk_scan_segment seg = segment(0);
    opened(all, all);
    lk_scan(&s, &seg);
    ck_assert(held(0, LK_SCAN_TTL) && held(0, LK_SCAN_SOURCE));
    seg.ttl = 0;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_TTL));
    seg.ttl = 1, seg.source = UINT32_MAX;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_SOURCE));
    seg.source = 0xe0000001;
    ck_assert_uint_eq(lk_scan(&s, &seg), BIT(LK_SCAN_SOURCE));
    seg.ip4 = false, seg.ttl = 0;
    ck_assert_uint_eq(lk_scan(&s, &seg), 0);
}
END_TEST

START_TEST(every_rule_names_a_row_of_the_catalogue)
{
    for (unsigned rule = 0; rule < LK_SCAN_RULES; rule++)
        ck_assert_msg(lk_requirement_lookup(lk_scan_info((enum lk_scan_rule)rule)->requirement) != NULL, "%s", lk_scan_info((enum lk_scan_rule)rule)->name);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("scan");
    TCase *tests = tcase_create("scan");
    tcase_add_test(tests, options_of_syns_are_on_syns_only);
    tcase_add_test(tests, sack_goes_to_who_permitted_it);
    tcase_add_test(tests, the_answer_offers_what_was_asked);
    tcase_add_test(tests, a_syn_repeated_with_less_leaves_open_which_was_heard);
    tcase_add_test(tests, a_shift_count_is_at_most_14);
    tcase_add_test(tests, timestamps_stay_once_negotiated);
    tcase_add_test(tests, every_segment_of_a_connection_carries_ack);
    tcase_add_test(tests, nothing_follows_a_fin);
    tcase_add_test(tests, the_right_edge_moves_right);
    tcase_add_test(tests, a_datagram_has_a_ttl_and_a_unicast_source);
    tcase_add_test(tests, every_rule_names_a_row_of_the_catalogue);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
