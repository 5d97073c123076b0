/* Text and FIN: when they are acknowledged, what is kept out of order, which SACK blocks tell of it. */
#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

static void begin(const char *profile, void (*tune)(struct lk_config *))
{
    tw_begin(&w, profile, tune);
    w.peer_sack = true;
    w.peer_mss = 1000;
    tw_passive(&w);
}

/* The SACK blocks of the segment pulled last are these pairs of the peer's numbers. */
static void blocks(unsigned count, const uint32_t *edges)
{
    ck_assert_uint_eq(w.last.options.sack_count, count);
    for (unsigned i = 0; i < count; i++) {
        ck_assert_uint_eq(w.last.options.sack[i].left - w.peer_isn, edges[2 * i]);
        ck_assert_uint_eq(w.last.options.sack[i].right - w.peer_isn, edges[2 * i + 1]);
    }
}

START_TEST(an_ack_waits_for_the_second_full_segment)
{ /* RFC 5681 4.2, RFC 9293 SHLD-19 */
    begin("rfc", NULL);
    tw_in(&w, A, 1, 1, 1000);
    tw_nothing(&w);
    tw_in(&w, A, 1001, 1, 1000);
    tw_expect(&w, A, 1, 2001, 0);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(an_ack_waits_two_hundred_milliseconds_at_most)
{ /* RFC 9293 MUST-40 */
    begin("rfc", NULL);
    tw_in(&w, A, 1, 1, 1000);
    tw_wait(&w, 200 * LK_MILLISECOND - 1);
    tw_nothing(&w);
    tw_wait(&w, 1);
    tw_expect(&w, A, 1, 1001, 0);
    tw_end(&w);
}
END_TEST

START_TEST(quick_acks_come_at_once_and_run_out)
{
    begin("linux", NULL);
    for (uint32_t i = 0; i < 16; i++) {
        tw_in(&w, A, 1 + i * 100, 1, 100);
        tw_expect(&w, A, 1, 101 + i * 100, 0);
    }
    tw_in(&w, A, 1601, 1, 100);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(in_order_data_of_a_batch_is_acknowledged_once)
{
    begin("rfc", NULL);
    for (uint32_t i = 0; i < 6; i++)
        tw_in(&w, A, 1 + i * 1000, 1, 1000);
    tw_expect(&w, A, 1, 6001, 0);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(each_segment_out_of_order_gets_its_own_ack)
{ /* RFC 5681 4.2; also when they came in one batch */
    begin("rfc", NULL);
    tw_in(&w, A, 1001, 1, 1000);
    tw_in(&w, A, 2001, 1, 1000);
    tw_in(&w, A, 3001, 1, 1000);
    for (int i = 0; i < 3; i++)
        tw_expect(&w, A, 1, 1, 0);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1, 1000); /* fills the gap: at once */
    tw_expect(&w, A, 1, 4001, 0);
    ck_assert_int_eq(tw_recv(&w, 5000), 4000);
    tw_end(&w);
}
END_TEST

START_TEST(duplicate_acks_of_a_gap_that_was_filled_become_one)
{ /* three of them would tell the peer of a loss that is none */
    begin("rfc", NULL);
    for (uint32_t i = 1; i < 4; i++)
        tw_in(&w, A, 1 + i * 1000, 1, 1000);
    tw_in(&w, A, 1, 1, 1000);
    tw_expect(&w, A, 1, 4001, 0);
    tw_nothing(&w);
    tw_end(&w);
}
END_TEST

START_TEST(filling_part_of_a_gap_is_acknowledged_at_once)
{
    begin("rfc", NULL);
    tw_in(&w, A, 2001, 1, 1000);
    tw_expect(&w, A, 1, 1, 0);
    tw_in(&w, A, 1, 1, 1000);
    tw_expect(&w, A, 1, 1001, 0);
    blocks(1, (uint32_t[]){2001, 3001});
    tw_end(&w);
}
END_TEST

START_TEST(blocks_tell_the_latest_range_first)
{ /* RFC 2018 4, and its second example: every second segment is lost */
    begin("rfc", NULL);
    tw_in(&w, A, 1001, 1, 500);
    tw_expect(&w, A, 1, 1, 0);
    blocks(1, (uint32_t[]){1001, 1501});
    tw_in(&w, A, 2001, 1, 500);
    tw_expect(&w, A, 1, 1, 0);
    blocks(2, (uint32_t[]){2001, 2501, 1001, 1501});
    tw_in(&w, A, 3001, 1, 500);
    tw_expect(&w, A, 1, 1, 0);
    blocks(3, (uint32_t[]){3001, 3501, 2001, 2501, 1001, 1501});
    tw_in(&w, A, 4001, 1, 500);
    tw_expect(&w, A, 1, 1, 0);
    tw_in(&w, A, 5001, 1, 500);
    tw_expect(&w, A, 1, 1, 0);
    blocks(4, (uint32_t[]){5001, 5501, 4001, 4501, 3001, 3501, 2001, 2501});
    tw_in(&w, A, 1501, 1, 500); /* joins two ranges */
    tw_expect(&w, A, 1, 1, 0);
    blocks(4, (uint32_t[]){1001, 2501, 5001, 5501, 4001, 4501, 3001, 3501});
    tw_end(&w);
}
END_TEST

START_TEST(beside_timestamps_three_blocks_fit)
{ /* RFC 2018 3 */
    tw_begin(&w, "rfc", NULL);
    w.peer_sack = w.peer_timestamps = true;
    tw_passive(&w);
    for (uint32_t i = 1; i < 6; i++)
        tw_in(&w, A, i * 1000, 1, 500);
    for (int i = 0; i < 5; i++)
        tw_expect(&w, A, 1, 1, 0);
    ck_assert_uint_eq(w.last.options.sack_count, 3);
    tw_end(&w);
}
END_TEST

START_TEST(without_permission_no_blocks_are_sent)
{ /* RFC 2018 2 */
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    tw_in(&w, A, 1001, 1, 1000);
    tw_expect(&w, A, 1, 1, 0);
    ck_assert_uint_eq(w.last.options.present, 0);
    tw_end(&w);
}
END_TEST

START_TEST(a_duplicate_is_reported_first)
{ /* RFC 2883 4.1.1, 4.1.2 */
    begin("linux", NULL);
    tw_in(&w, A, 1, 1, 1000);
    tw_expect(&w, A, 1, 1001, 0);
    tw_in(&w, A, 1, 1, 1000);
    tw_expect(&w, A, 1, 1001, 0);
    blocks(1, (uint32_t[]){1, 1001});
    tw_in(&w, A, 2001, 1, 1000);
    tw_expect(&w, A, 1, 1001, 0);
    blocks(1, (uint32_t[]){2001, 3001});
    tw_in(&w, A, 2001, 1, 500);
    tw_expect(&w, A, 1, 1001, 0);
    blocks(2, (uint32_t[]){2001, 2501, 2001, 3001});
    tw_end(&w);
}
END_TEST

static void one_record(struct lk_config *c)
{
    c->tcp.out_of_order = 1;
}

START_TEST(out_of_order_data_without_a_record_counts_as_lost)
{
    begin("rfc", one_record);
    tw_in(&w, A, 1001, 1, 500);
    tw_expect(&w, A, 1, 1, 0);
    ck_assert_int_eq(tw_in(&w, A, 3001, 1, 500), LK_RX_DROP_FULL);
    tw_nothing(&w);
    tw_in(&w, A, 1, 1, 1000);
    ck_assert_int_eq(tw_recv(&w, 5000), 1500);
    tw_end(&w);
}
END_TEST

START_TEST(a_fin_out_of_order_is_reached_later)
{
    begin("rfc", NULL);
    tw_in(&w, A | F, 1001, 1, 500);
    tw_expect(&w, A, 1, 1, 0);
    blocks(1, (uint32_t[]){1001, 1502}); /* the FIN counts */
    ck_assert_int_eq(tw_state(&w), LK_TCP_ESTABLISHED);
    tw_in(&w, A, 1, 1, 1000);
    tw_expect(&w, A, 1, 1502, 0);
    ck_assert_int_eq(tw_state(&w), LK_TCP_CLOSE_WAIT);
    ck_assert_int_eq(tw_recv(&w, 5000), 1500);
    ck_assert_int_eq(tw_recv(&w, 5000), 0);
    tw_end(&w);
}
END_TEST

START_TEST(data_behind_a_fin_is_not_taken)
{
    begin("rfc", NULL);
    tw_in(&w, A | F, 1001, 1, 500);
    ck_assert_int_eq(tw_in(&w, A, 1501, 1, 500), LK_RX_DUPLICATE);
    tw_in(&w, A, 1, 1, 1000);
    ck_assert_int_eq(tw_recv(&w, 5000), 1500);
    ck_assert_int_eq(tw_recv(&w, 5000), 0);
    tw_end(&w);
}
END_TEST

START_TEST(overlapping_pieces_give_every_octet_once)
{
    begin("rfc", NULL);
    uint8_t text[4000];
    struct lk_tcp_context context;
    tw_in(&w, A, 901, 1, 300);
    tw_in(&w, A, 301, 1, 200);
    tw_in(&w, A, 451, 1, 600);
    tw_in(&w, A, 101, 1, 250);
    tw_in(&w, A, 1, 1, 150);
    context = tw_context(&w);
    ck_assert_int_eq(lk_tcp_recv(&context, w.s, text, sizeof text, 0), 1200);
    for (uint32_t i = 0; i < 1200; i++)
        ck_assert_msg(text[i] == (uint8_t)(1 + i), "octet %u", i);
    tw_end(&w);
}
END_TEST

START_TEST(data_after_close_is_answered_by_a_reset)
{ /* RFC 9293 SHLD-3 */
    begin("rfc", NULL);
    struct lk_tcp_context context = tw_context(&w);
    lk_tcp_close(&context, w.s);
    tw_expect(&w, F | A, 1, 1, 0);
    tw_in(&w, A, 1, 2, 0);
    ck_assert_int_eq(tw_in(&w, A, 1, 2, 10), LK_RX_RESET_SENT);
    tw_expect(&w, R, 2, 0, 0);
    ck_assert_int_eq(tw_state(&w), -1);
    tw_end(&w);
}
END_TEST

START_TEST(after_shutting_the_reading_side_data_is_taken_and_thrown_away)
{
    begin("rfc", NULL);
    struct lk_tcp_context context = tw_context(&w);
    lk_tcp_shutdown(&context, w.s, LK_SHUT_RD);
    for (uint32_t i = 0; i < 100; i++) {
        ck_assert_int_eq(tw_in(&w, A, 1 + i * 1000, 1, 1000), LK_RX_ACCEPTED);
        tw_out(&w);
    }
    ck_assert_int_eq(tw_recv(&w, 10), 0);
    tw_end(&w);
}
END_TEST

START_TEST(reading_opens_the_window_and_tells_so)
{
    begin("rfc", NULL);
    for (uint32_t i = 0; i < 65; i++) {
        tw_in(&w, A, 1 + i * 1000, 1, 1000);
        tw_out(&w);
    }
    tw_in(&w, A, 65001, 1, 535);
    tw_wait(&w, LK_SECOND);
    tw_out(&w);
    ck_assert_uint_eq(w.last.window, 0);
    ck_assert_int_eq(tw_recv(&w, 900), 900);
    tw_nothing(&w); /* less than a segment */
    ck_assert_int_eq(tw_recv(&w, 100), 100);
    tw_expect(&w, A, 1, 65536, 0);
    ck_assert_uint_eq(w.last.window, 1001);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        an_ack_waits_for_the_second_full_segment, an_ack_waits_two_hundred_milliseconds_at_most, quick_acks_come_at_once_and_run_out,
        in_order_data_of_a_batch_is_acknowledged_once, each_segment_out_of_order_gets_its_own_ack,
        duplicate_acks_of_a_gap_that_was_filled_become_one,
        filling_part_of_a_gap_is_acknowledged_at_once, blocks_tell_the_latest_range_first, beside_timestamps_three_blocks_fit,
        without_permission_no_blocks_are_sent, a_duplicate_is_reported_first, out_of_order_data_without_a_record_counts_as_lost,
        a_fin_out_of_order_is_reached_later, data_behind_a_fin_is_not_taken, overlapping_pieces_give_every_octet_once,
        data_after_close_is_answered_by_a_reset, after_shutting_the_reading_side_data_is_taken_and_thrown_away,
        reading_opens_the_window_and_tells_so,
    };
    return run_tests("stack/tcp/input_text", tests, sizeof tests / sizeof tests[0]);
}
