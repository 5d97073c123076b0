/* RFC 5681's windows. */
#include "stack/host/config.h"
#include "stack/tcp/congestion.h"
#include "stack/tests/support/run.h"

static struct lk_tcp_config profile(const char *name)
{
    struct lk_config config;
    ck_assert_int_eq(lk_config_init(&config, name), 0);
    return config.tcp;
}

START_TEST(initial_window_by_segment_size)
{ /* 3.1 */
    struct lk_tcp_config config = profile("rfc");
    ck_assert_uint_eq(tcp_congestion_initial(&config, 2200, false), 4400);
    ck_assert_uint_eq(tcp_congestion_initial(&config, 1460, false), 4380);
    ck_assert_uint_eq(tcp_congestion_initial(&config, 1095, false), 4380);
    ck_assert_uint_eq(tcp_congestion_initial(&config, 536, false), 2144);
}
END_TEST

START_TEST(initial_window_after_a_lost_syn_is_one_segment)
{ /* 3.1 */
    struct lk_tcp_config config = profile("linux");
    ck_assert_uint_eq(tcp_congestion_initial(&config, 1460, true), 1460);
}
END_TEST

START_TEST(initial_window_of_ten_segments_and_its_bound)
{ /* RFC 6928 2 */
    struct lk_tcp_config config = profile("linux");
    ck_assert_uint_eq(tcp_congestion_initial(&config, 1460, false), 14600);
    config.initial_cwnd_bytes = 5000;
    ck_assert_uint_eq(tcp_congestion_initial(&config, 1460, false), 5000);
}
END_TEST

START_TEST(slow_start_grows_by_what_was_acknowledged_at_most_a_segment)
{ /* equation 2 */
    struct tcp_congestion c = {.cwnd = 4000, .ssthresh = UINT32_MAX};
    uint32_t since = 0;
    tcp_congestion_ack(&c, &since, 500, 4000, 1000);
    ck_assert_uint_eq(c.cwnd, 4500);
    tcp_congestion_ack(&c, &since, 3000, 4000, 1000);
    ck_assert_uint_eq(c.cwnd, 5500);
}
END_TEST

START_TEST(congestion_avoidance_grows_a_segment_a_window)
{ /* 3.1 */
    struct tcp_congestion c = {.cwnd = 10000, .ssthresh = 10000};
    uint32_t since = 0;
    for (int i = 0; i < 9; i++)
        tcp_congestion_ack(&c, &since, 1000, 10000, 1000);
    ck_assert_uint_eq(c.cwnd, 10000);
    tcp_congestion_ack(&c, &since, 1000, 10000, 1000);
    ck_assert_uint_eq(c.cwnd, 11000);
}
END_TEST

START_TEST(an_unused_window_does_not_grow)
{ /* RFC 7661 4.3 */
    struct tcp_congestion c = {.cwnd = 10000, .ssthresh = UINT32_MAX};
    uint32_t since = 0;
    tcp_congestion_ack(&c, &since, 1000, 4000, 1000);
    ck_assert_uint_eq(c.cwnd, 10000);
}
END_TEST

START_TEST(a_loss_halves_but_leaves_two_segments)
{ /* equation 4 */
    ck_assert_uint_eq(tcp_congestion_half(10000, 1000), 5000);
    ck_assert_uint_eq(tcp_congestion_half(3000, 1000), 2000);
}
END_TEST

START_TEST(after_idling_the_window_restarts)
{ /* 4.1 */
    struct tcp_congestion c = {.cwnd = 50000, .ssthresh = 40000};
    tcp_congestion_restart(&c, 4380);
    ck_assert_uint_eq(c.cwnd, 4380);
    ck_assert_uint_eq(c.ssthresh, 40000);
    c.cwnd = 1000;
    tcp_congestion_restart(&c, 4380);
    ck_assert_uint_eq(c.cwnd, 1000);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        initial_window_by_segment_size, initial_window_after_a_lost_syn_is_one_segment, initial_window_of_ten_segments_and_its_bound,
        slow_start_grows_by_what_was_acknowledged_at_most_a_segment, congestion_avoidance_grows_a_segment_a_window,
        an_unused_window_does_not_grow, a_loss_halves_but_leaves_two_segments, after_idling_the_window_restarts,
    };
    return run_tests("stack/tcp/congestion", tests, sizeof tests / sizeof tests[0]);
}
