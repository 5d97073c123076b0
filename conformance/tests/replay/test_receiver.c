/* The acting peer's receiver, against the examples of RFC 2018 and RFC 7323. */
#include "conformance/replay/receiver.h"
#include <check.h>
#include <stdlib.h>

#define IRS 4999u /* so that data begins at 5000, as in RFC 2018 4 */
#define EDGE 100000u

static struct lk_bump *memory;
static struct lk_receiver receiver;

static void setup(void)
{
    memory = lk_bump_new(1 << 20);
    receiver = (struct lk_receiver){.memory = memory};
    struct lk_segment syn = {.is_tcp = true, .seg_len = 1, .tcp = {.control = LK_TCP_SYN, .sequence_number = IRS}};
    lk_receiver_synchronize(&receiver, &syn);
}

static void teardown(void)
{
    lk_bump_free(memory);
}

static enum lk_received data(uint32_t seq, uint32_t len, uint8_t control)
{
    struct lk_segment s = {.is_tcp = true, .seg_len = len + ((control & LK_TCP_FIN) ? 1 : 0), .tcp = {.control = control | LK_TCP_ACK, .sequence_number = seq, .payload_len = len}};
    return lk_receiver_take(&receiver, &s, EDGE);
}

static void expect_block(unsigned which, uint32_t left, uint32_t right)
{
    struct lk_tcp_sack blocks[4];
    unsigned count = lk_receiver_sack(&receiver, blocks, 4);
    ck_assert_uint_gt(count, which);
    ck_assert_uint_eq(blocks[which].left, left);
    ck_assert_uint_eq(blocks[which].right, right);
}

START_TEST(data_in_order_moves_rcv_nxt)
{
    ck_assert_int_eq(data(5000, 500, 0), LK_RECEIVED_IN_ORDER);
    ck_assert_uint_eq(lk_receiver_ack(&receiver), 5500);
}
END_TEST

START_TEST(case_2_of_rfc_2018_the_first_segment_is_lost)
{
    for (uint32_t i = 1; i < 8; i++) {
        ck_assert_int_eq(data(5000 + 500 * i, 500, 0), LK_RECEIVED_URGENTLY);
        ck_assert_uint_eq(lk_receiver_ack(&receiver), 5000);
        expect_block(0, 5500, 6000 + 500 * (i - 1));
    }
}
END_TEST

START_TEST(case_3_of_rfc_2018_every_second_segment_is_lost)
{
    data(5000, 500, 0);
    data(6000, 500, 0);
    expect_block(0, 6000, 6500);
    data(7000, 500, 0);
    expect_block(0, 7000, 7500);
    expect_block(1, 6000, 6500);
    data(8000, 500, 0);
    expect_block(0, 8000, 8500);
    expect_block(1, 7000, 7500);
    expect_block(2, 6000, 6500);
    data(6500, 500, 0); /* the fourth packet comes late: the newest block is the one it fills */
    expect_block(0, 6000, 7500);
    expect_block(1, 8000, 8500);
    ck_assert_uint_eq(lk_receiver_ack(&receiver), 5500);
}
END_TEST

START_TEST(filling_the_gap_acknowledges_everything_and_reports_nothing)
{
    struct lk_tcp_sack blocks[4];
    data(5500, 500, 0);
    ck_assert_int_eq(data(5000, 500, 0), LK_RECEIVED_URGENTLY);
    ck_assert_uint_eq(lk_receiver_ack(&receiver), 6000);
    ck_assert_uint_eq(lk_receiver_sack(&receiver, blocks, 4), 0);
}
END_TEST

START_TEST(a_fin_counts_when_everything_before_it_is_there)
{
    data(5500, 0, LK_TCP_FIN);
    ck_assert_uint_eq(lk_receiver_ack(&receiver), 5000);
    data(5000, 500, 0);
    ck_assert_uint_eq(lk_receiver_ack(&receiver), 5501);
}
END_TEST

START_TEST(what_lies_beyond_the_window_is_not_taken)
{
    struct lk_segment s = {.is_tcp = true, .seg_len = 500, .tcp = {.control = LK_TCP_ACK, .sequence_number = 5000, .payload_len = 500}};
    ck_assert_int_eq(lk_receiver_take(&receiver, &s, 101), LK_RECEIVED_IN_ORDER); /* one hundred bytes fit */
    ck_assert_uint_eq(lk_receiver_ack(&receiver), 5100);
    s.tcp.sequence_number = 5100;
    ck_assert_int_eq(lk_receiver_take(&receiver, &s, 101), LK_RECEIVED_URGENTLY); /* none: acknowledged all the same */
    ck_assert_uint_eq(lk_receiver_ack(&receiver), 5100);
}
END_TEST

START_TEST(the_timestamp_echoed_is_that_of_the_earliest_unacknowledged_segment)
{
    struct lk_segment s = {.is_tcp = true, .seg_len = 100, .tcp = {.control = LK_TCP_ACK, .sequence_number = 5000, .payload_len = 100}};
    s.options.present = LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
    s.options.ts_val = 10;
    receiver.last_ack_sent = 1;
    lk_receiver_take(&receiver, &s, EDGE);
    s.tcp.sequence_number = 5100;
    s.options.ts_val = 20;
    lk_receiver_take(&receiver, &s, EDGE); /* no ACK went out in between: RFC 7323 4.3, delayed ACKs */
    ck_assert_uint_eq(receiver.ts_recent, 10);
}
END_TEST

START_TEST(an_old_segment_is_acknowledged_at_once)
{
    data(5000, 500, 0);
    ck_assert_int_eq(data(5000, 500, 0), LK_RECEIVED_URGENTLY);
    ck_assert_int_eq(data(4000, 500, 0), LK_RECEIVED_URGENTLY);
    ck_assert_uint_eq(lk_receiver_ack(&receiver), 5500);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("receiver");
    TCase *tcase = tcase_create("receiver");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, data_in_order_moves_rcv_nxt);
    tcase_add_test(tcase, case_2_of_rfc_2018_the_first_segment_is_lost);
    tcase_add_test(tcase, case_3_of_rfc_2018_every_second_segment_is_lost);
    tcase_add_test(tcase, filling_the_gap_acknowledges_everything_and_reports_nothing);
    tcase_add_test(tcase, a_fin_counts_when_everything_before_it_is_there);
    tcase_add_test(tcase, what_lies_beyond_the_window_is_not_taken);
    tcase_add_test(tcase, the_timestamp_echoed_is_that_of_the_earliest_unacknowledged_segment);
    tcase_add_test(tcase, an_old_segment_is_acknowledged_at_once);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
