/* Loss recovery as exchanges: fast retransmit with and without SACK, limited transmit, NewReno's partial ACKs, time-outs.
 * The peer's MSS is 1000; segments are numbered by the octet they begin with.
 */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

static void ten_segments(struct lk_config *c)
{
    c->tcp.initial_window = 10;
}

static void ten_segments_plain(struct lk_config *c)
{
    c->tcp.initial_window = 10;
    c->tcp.limited_transmit = false;
}

/* ESTABLISHED with `segments` of 1000 octets in flight. */
static void in_flight(bool sack, unsigned segments, void (*tune)(struct lk_config *))
{
    tw_begin(&w, "rfc", tune);
    w.peer_mss = 1000;
    w.peer_sack = sack;
    tw_passive(&w);
    ck_assert_int_eq(tw_send(&w, segments * 1000), segments * 1000);
    for (unsigned i = 0; i < segments; i++)
        tw_expect(&w, A, 1 + i * 1000, 1, 1000);
}

static void sack(uint32_t left, uint32_t right)
{
    w.sacks[w.sack_count++] = (struct lk_tcp_sack){left, right};
}

START_TEST(the_third_duplicate_ack_resends_the_head)
{ /* RFC 5681 3.2 */
    in_flight(false, 10, ten_segments_plain);
    tw_in(&w, A, 1, 1, 0);
    tw_in(&w, A, 1, 1, 0);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 1, 1, 1000);
    struct lk_sock_info info = tw_info(&w);
    ck_assert_uint_eq(info.ssthresh, 5000);
    ck_assert_uint_eq(info.cwnd, 8000); /* ssthresh + 3 segments */
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(acks_with_data_or_another_window_are_no_duplicates)
{ /* RFC 5681 2 */
    in_flight(false, 10, ten_segments_plain);
    for (uint32_t i = 0; i < 4; i++) {
        w.peer_window = 60000 + i;
        tw_in(&w, A, 1, 1, 0);
    }
    tw_nothing(&w);
    for (uint32_t i = 0; i < 4; i++)
        tw_in(&w, A, 1 + i * 10, 1, 10);
    tw_wait(&w, LK_SECOND / 2);
    tw_expect(&w, A, 10001, 41, 0);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(limited_transmit_sends_new_data_for_the_first_two)
{ /* RFC 3042 2 */
    in_flight(false, 10, ten_segments);
    tw_send(&w, 5000);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 10001, 1, 1000);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 11001, 1, 1000);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 1, 1, 1000);
    ck_assert_uint_eq(tw_info(&w).ssthresh, 5000); /* what limited transmit sent does not count */
    tw_end(&w);
}
END_TEST

START_TEST(newreno_resends_one_segment_for_each_partial_ack)
{ /* RFC 6582 3.2 */
    in_flight(false, 10, ten_segments_plain);
    for (int i = 0; i < 3; i++)
        tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 1, 1, 1000);
    tw_in(&w, A, 1, 3001, 0);
    tw_expect(&w, A, 3001, 1, 1000);
    tw_nothing(&w);
    tw_in(&w, A, 1, 7001, 0);
    tw_expect(&w, A, 7001, 1, 1000);
    tw_in(&w, A, 1, 10001, 0);
    ck_assert(!tw_info(&w).in_recovery);
    ck_assert_uint_le(tw_info(&w).cwnd, 5000);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(newreno_ignores_duplicates_of_its_own_resending)
{ /* RFC 6582 3.2 step 2 */
    in_flight(false, 10, ten_segments_plain);
    for (int i = 0; i < 3; i++)
        tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 1, 1, 1000);
    tw_send(&w, 3000);
    tw_in(&w, A, 1, 10001, 0);
    while (tw_out(&w)) {
    }
    for (int i = 0; i < 3; i++)
        tw_in(&w, A, 1, 10001, 0);
    ck_assert(!tw_info(&w).in_recovery);
    tw_end(&w);
}
END_TEST

START_TEST(sack_resends_exactly_the_holes)
{ /* RFC 6675 5 */
    in_flight(true, 10, ten_segments_plain);
    sack(1001, 2001);
    tw_in(&w, A, 1, 1, 0);
    sack(1001, 3001);
    tw_in(&w, A, 1, 1, 0);
    tw_nothing(&w);
    sack(1001, 4001);
    tw_in(&w, A, 1, 1, 0); /* three segments above the first: lost */
    tw_expect(&w, A, 1, 1, 1000);
    tw_nothing(&w); /* pipe 7000, cwnd 5000 */
    for (uint32_t right = 6001; right <= 10001; right += 1000) { /* 4001 is missing too */
        sack(5001, right);
        sack(1001, 4001);
        tw_in(&w, A, 1, 1, 0);
    }
    tw_expect(&w, A, 4001, 1, 1000);
    tw_nothing(&w);
    tw_in(&w, A, 1, 10001, 0);
    ck_assert(!tw_info(&w).in_recovery);
    ck_assert_uint_eq(tw_info(&w).cwnd, 5000);
    ck_assert_uint_eq(tw_info(&w).retransmitted_bytes, 2000);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(sack_recovery_waits_for_pipe)
{ /* RFC 6675 5 (C): as many leave as the network lost or delivered */
    in_flight(true, 10, ten_segments_plain);
    tw_send(&w, 20000);
    sack(1001, 4001);
    tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 1, 1, 1000);
    tw_nothing(&w);
    sack(1001, 6001);
    tw_in(&w, A, 1, 1, 0); /* pipe 5000 = cwnd */
    tw_nothing(&w);
    sack(1001, 7001);
    tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 10001, 1, 1000); /* rule (2): new data */
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(sack_blocks_of_nonsense_start_nothing)
{
    in_flight(true, 10, ten_segments_plain);
    for (int i = 0; i < 5; i++) {
        sack(20001, 30001);
        tw_in(&w, A, 1, 1, 0);
    }
    tw_nothing(&w);
    ck_assert(!tw_info(&w).in_recovery);
    tw_end(&w);
}
END_TEST

START_TEST(a_time_out_goes_back_and_slow_starts)
{ /* RFC 6298 5.4 to 5.6, RFC 5681 3.1 */
    in_flight(false, 10, ten_segments_plain);
    tw_wait(&w, LK_SECOND - 1);
    tw_nothing(&w);
    tw_wait(&w, 1);
    tw_expect(&w, A, 1, 1, 1000);
    tw_nothing(&w);
    struct lk_sock_info info = tw_info(&w);
    ck_assert_uint_eq(info.cwnd, 1000);
    ck_assert_uint_eq(info.ssthresh, 5000);
    ck_assert_int_eq(info.rto, 2 * LK_SECOND);
    tw_in(&w, A, 1, 1001, 0);
    tw_expect(&w, A, 1001, 1, 1000);
    tw_expect(&w, A, 2001, 1, 1000);
    tw_nothing(&w);
    tw_in(&w, A, 1, 10001, 0); /* the rest had arrived */
    tw_nothing(&w);
    ck_assert(!tw_info(&w).in_recovery);
    tw_end(&w);
}
END_TEST

static void forgetting(struct lk_config *c)
{
    ten_segments_plain(c);
    c->tcp.sack_outlives_rto = false;
}

static void remembering(struct lk_config *c)
{
    ten_segments_plain(c);
    c->tcp.sack_outlives_rto = true;
}

START_TEST(a_time_out_forgets_what_was_sacked)
{ /* RFC 2018 5.1 */
    in_flight(true, 10, forgetting);
    sack(1001, 2001);
    tw_in(&w, A, 1, 1, 0);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 1, 1000);
    tw_in(&w, A, 1, 1001, 0);
    tw_expect(&w, A, 1001, 1, 1000);
    tw_expect(&w, A, 2001, 1, 1000);
    sack(4001, 5001); /* what is SACKed after it counts (RFC 6675 5.1) */
    tw_in(&w, A, 1, 3001, 0);
    tw_expect(&w, A, 3001, 1, 1000);
    tw_expect(&w, A, 5001, 1, 1000);
    tw_end(&w);
}
END_TEST

START_TEST(a_backed_off_rto_stays_until_a_measurement)
{ /* RFC 9293 3.8.2, RFC 6298 5 */
    in_flight(false, 1, NULL);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 1, 1000);
    tw_in(&w, A, 1, 1001, 0);
    ck_assert_int_eq(tw_info(&w).rto, 2 * LK_SECOND);
    tw_send(&w, 1000);
    tw_expect(&w, A, 1001, 1, 1000);
    tw_in(&w, A, 1, 2001, 0);
    ck_assert_int_eq(tw_info(&w).rto, LK_SECOND);
    tw_end(&w);
}
END_TEST

START_TEST(a_second_resending_stays_in_a_window_that_shrank)
{ /* RFC 7323 2.4 */
    in_flight(false, 2, NULL);
    w.peer_window = 300;
    tw_in(&w, A, 1, 1, 0);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 1, 1000);
    tw_wait(&w, 2 * LK_SECOND);
    tw_expect(&w, A, 1, 1, 300);
    w.peer_window = 0;
    tw_in(&w, A, 1, 1, 0);
    tw_wait(&w, 4 * LK_SECOND);
    tw_expect(&w, A, 1, 1, 1);
    tw_end(&w);
}
END_TEST

START_TEST(a_time_out_skips_what_is_sacked)
{ /* RFC 6675 5.1 and its erratum 1610 */
    in_flight(true, 10, remembering);
    sack(2001, 3001);
    tw_in(&w, A, 1, 1, 0);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 1, 1000);
    tw_in(&w, A, 1, 1001, 0);
    tw_expect(&w, A, 1001, 1, 1000);
    tw_expect(&w, A, 3001, 1, 1000);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(a_second_time_out_does_not_halve_again)
{ /* RFC 5681 3.1 */
    in_flight(false, 10, ten_segments_plain);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 1, 1000);
    tw_wait(&w, 2 * LK_SECOND);
    tw_expect(&w, A, 1, 1, 1000);
    ck_assert_uint_eq(tw_info(&w).ssthresh, 5000);
    ck_assert_int_eq(tw_info(&w).rto, 4 * LK_SECOND);
    tw_end(&w);
}
END_TEST

START_TEST(reneging_is_answered_by_sending_all_again)
{ /* RFC 2018 8 */
    in_flight(true, 4, ten_segments_plain);
    sack(1001, 4001);
    tw_in(&w, A, 1, 1, 0);
    tw_expect(&w, A, 1, 1, 1000);
    tw_in(&w, A, 1, 1001, 0); /* the SACKed data should be acknowledged too */
    tw_wait(&w, 4 * LK_SECOND);
    tw_expect(&w, A, 1001, 1, 1000);
    tw_end(&w);
}
END_TEST

START_TEST(a_retransmitted_segment_is_not_timed)
{ /* RFC 6298 3, Karn */
    in_flight(false, 1, NULL);
    lk_time srtt = tw_info(&w).srtt;
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 1, 1000);
    tw_wait(&w, LK_SECOND);
    tw_in(&w, A, 1, 1001, 0);
    ck_assert_int_eq(tw_info(&w).srtt, srtt);
    tw_end(&w);
}
END_TEST

START_TEST(a_timestamp_times_even_a_retransmission)
{ /* RFC 7323 4.1 */
    tw_begin(&w, "rfc", NULL);
    w.peer_timestamps = true;
    tw_passive(&w);
    tw_send(&w, 10);
    tw_expect(&w, A, 1, 1, 10);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, A, 1, 1, 10);
    tw_wait(&w, 100 * LK_MILLISECOND);
    lk_time srtt = tw_info(&w).srtt;
    tw_in(&w, A, 1, 11, 0);
    ck_assert_int_eq(tw_info(&w).srtt, (7 * srtt + 100 * LK_MILLISECOND) / 8);
    tw_end(&w);
}
END_TEST

START_TEST(fin_is_resent_like_data)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    struct lk_tcp_context context = tw_context(&w);
    lk_tcp_shutdown(&context, w.s, LK_SHUT_WR);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_wait(&w, 2 * LK_SECOND);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, A, 1, 2, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_2);
    tw_end(&w);
}
END_TEST

START_TEST(data_and_fin_are_resent_together)
{
    in_flight(false, 2, NULL);
    struct lk_tcp_context context = tw_context(&w);
    lk_tcp_shutdown(&context, w.s, LK_SHUT_WR);
    tw_expect(&w, F | A, 2001, 1, 0);
    tw_in(&w, A, 1, 1001, 0);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, F | A, 1001, 1, 1000);
    tw_in(&w, A, 1, 2002, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_FIN_WAIT_2);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        the_third_duplicate_ack_resends_the_head, acks_with_data_or_another_window_are_no_duplicates,
        limited_transmit_sends_new_data_for_the_first_two, newreno_resends_one_segment_for_each_partial_ack,
        newreno_ignores_duplicates_of_its_own_resending, sack_resends_exactly_the_holes, sack_recovery_waits_for_pipe,
        sack_blocks_of_nonsense_start_nothing, a_time_out_goes_back_and_slow_starts, a_time_out_forgets_what_was_sacked, a_backed_off_rto_stays_until_a_measurement,
        a_second_resending_stays_in_a_window_that_shrank, a_time_out_skips_what_is_sacked,
        a_second_time_out_does_not_halve_again, reneging_is_answered_by_sending_all_again, a_retransmitted_segment_is_not_timed,
        a_timestamp_times_even_a_retransmission, fin_is_resent_like_data, data_and_fin_are_resent_together,
    };
    return run_tests("stack/tcp/recovery", tests, sizeof tests / sizeof tests[0]);
}
