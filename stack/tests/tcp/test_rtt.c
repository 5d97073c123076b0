/* RFC 6298 by its own numbers. */
#include "stack/host/config.h"
#include "stack/tcp/rtt.h"
#include "stack/tests/support/run.h"

#define MS LK_MILLISECOND

static struct lk_tcp_config rfc(void)
{
    struct lk_config config;
    ck_assert_int_eq(lk_config_init(&config, "rfc"), 0);
    return config.tcp;
}

START_TEST(before_any_measurement_rto_is_one_second)
{ /* 2.1 */
    struct lk_tcp_config config = rfc();
    struct tcp_rtt rtt = {0};
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 0), LK_SECOND);
}
END_TEST

START_TEST(the_first_measurement_sets_srtt_and_half_as_variance)
{ /* 2.2 */
    struct lk_tcp_config config = rfc();
    struct tcp_rtt rtt = {0};
    tcp_rtt_sample(&rtt, 800 * MS);
    ck_assert_int_eq(rtt.srtt, 800 * MS);
    ck_assert_int_eq(rtt.rttvar, 400 * MS);
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 0), 2400 * MS);
}
END_TEST

START_TEST(later_measurements_move_variance_first_by_the_old_srtt)
{ /* 2.3: RTTVAR = 3/4 * 400 + 1/4 * |800 - 1600|, SRTT = 7/8 * 800 + 1/8 * 1600 */
    struct tcp_rtt rtt = {0};
    tcp_rtt_sample(&rtt, 800 * MS);
    tcp_rtt_sample(&rtt, 1600 * MS);
    ck_assert_int_eq(rtt.rttvar, 500 * MS);
    ck_assert_int_eq(rtt.srtt, 900 * MS);
}
END_TEST

START_TEST(rto_is_at_least_the_floor)
{ /* 2.4 */
    struct lk_tcp_config config = rfc();
    struct tcp_rtt rtt = {0};
    for (int i = 0; i < 50; i++)
        tcp_rtt_sample(&rtt, 10 * MS);
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 0), LK_SECOND);
    config.rto_min = 200 * MS;
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 0), 200 * MS);
}
END_TEST

START_TEST(granularity_is_the_least_variance)
{ /* 2.2, 2.3: max (G, K * RTTVAR) */
    struct lk_tcp_config config = rfc();
    struct tcp_rtt rtt = {.srtt = 2 * LK_SECOND, .rttvar = 0};
    config.rto_granularity = 100 * MS;
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 0), 2100 * MS);
}
END_TEST

START_TEST(linux_adds_its_floor_to_srtt)
{
    struct lk_tcp_config config = rfc();
    struct tcp_rtt rtt = {.srtt = 50 * MS, .rttvar = 1 * MS};
    config.rto_min = 200 * MS;
    config.rttvar_floor_linux = true;
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 0), 250 * MS);
}
END_TEST

START_TEST(each_backoff_doubles_up_to_the_maximum)
{ /* 5.5, 2.5 */
    struct lk_tcp_config config = rfc();
    struct tcp_rtt rtt = {0};
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 1), 2 * LK_SECOND);
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 5), 32 * LK_SECOND);
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 6), 60 * LK_SECOND);
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, false, 255), 60 * LK_SECOND);
}
END_TEST

START_TEST(a_lost_syn_without_measurement_means_three_seconds)
{ /* 5.7 */
    struct lk_tcp_config config = rfc();
    struct tcp_rtt rtt = {0};
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, true, 0), 3 * LK_SECOND);
    tcp_rtt_sample(&rtt, 2 * LK_SECOND);
    ck_assert_int_eq(tcp_rtt_rto(&rtt, &config, true, 0), 6 * LK_SECOND);
}
END_TEST

START_TEST(a_measurement_of_nothing_is_still_one)
{
    struct tcp_rtt rtt = {0};
    tcp_rtt_sample(&rtt, 0);
    ck_assert_int_eq(rtt.srtt, 1);
    tcp_rtt_sample(&rtt, 0);
    ck_assert_int_eq(rtt.srtt, 1);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        before_any_measurement_rto_is_one_second, the_first_measurement_sets_srtt_and_half_as_variance,
        later_measurements_move_variance_first_by_the_old_srtt, rto_is_at_least_the_floor, granularity_is_the_least_variance,
        linux_adds_its_floor_to_srtt, each_backoff_doubles_up_to_the_maximum, a_lost_syn_without_measurement_means_three_seconds,
        a_measurement_of_nothing_is_still_one,
    };
    return run_tests("stack/tcp/rtt", tests, sizeof tests / sizeof tests[0]);
}
