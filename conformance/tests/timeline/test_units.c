/* The words of the trace format: exact, whole or refused, and written so that they read the same. */
#include "conformance/timeline/units.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(times_are_exact)
{
    static const struct { const char *text; lk_time time; } good[] = {
        {"0s", 0}, {"1s", LK_SECOND}, {"0.61s", 610 * LK_MILLISECOND}, {"20ms", 20 * LK_MILLISECOND}, {"200us", 200 * LK_MICROSECOND}, {"5ns", 5},
        {"1.000000001s", LK_SECOND + 1}, {"0.5us", 500}, {"1.10s", 1100 * LK_MILLISECOND}, {"1.000ns", 1}, {"2305843009s", 2305843009 * LK_SECOND}};
    static const char *const bad[] = {"", "1", "s", "-1s", "+1s", " 1s", "1s ", "1 s", "1.s", ".5s", "1,5s", "1e3s", "0.5ns", "1.0000000001s", "1m", "1S", "1ms2us",
                                      "2305843010s", "9999999999999999999999s", "0x1s", "1.0000000000000s"};
    lk_time time;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        char word[LK_WORD];
        lk_time again;
        ck_assert_msg(lk_read_time(good[i].text, &time), "%s", good[i].text);
        ck_assert_int_eq(time, good[i].time);
        ck_assert(lk_read_time(lk_write_time(time, word), &again));
        ck_assert_int_eq(again, time);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        time = 77;
        ck_assert_msg(!lk_read_time(bad[i], &time), "%s", bad[i]);
        ck_assert_int_eq(time, 77);
    }
}
END_TEST

START_TEST(times_are_written_short)
{
    static const struct { lk_time time; const char *text; } words[] = {{0, "0s"}, {LK_SECOND, "1s"}, {1100 * LK_MILLISECOND, "1100ms"}, {1500, "1500ns"}, {-5, "-5ns"}};
    char word[LK_WORD];
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        ck_assert_str_eq(lk_write_time(words[i].time, word), words[i].text);
}
END_TEST

START_TEST(rates_numbers_and_ratios)
{
    uint64_t number;
    int64_t integer;
    uint32_t permille;
    char word[LK_WORD];
    ck_assert(lk_read_rate("4mbit", &number) && number == 4000000);
    ck_assert(lk_read_rate("1.5gbit", &number) && number == 1500000000);
    ck_assert(lk_read_rate("300bit", &number) && number == 300);
    ck_assert_str_eq(lk_write_rate(1500000000, word), "1500mbit");
    ck_assert(!lk_read_rate("0.5bit", &number) && !lk_read_rate("4mb", &number) && !lk_read_rate("4", &number));
    ck_assert(lk_read_number("18446744073709551615", UINT64_MAX, &number) && number == UINT64_MAX);
    ck_assert(!lk_read_number("18446744073709551616", UINT64_MAX, &number) && !lk_read_number("256", 255, &number) && !lk_read_number("9", 8, &number));
    ck_assert(!lk_read_number("", 9, &number) && !lk_read_number("1 ", 9, &number) && !lk_read_number("-1", 9, &number));
    ck_assert(lk_read_integer("-9223372036854775807", &integer) && integer == -INT64_MAX);
    ck_assert(!lk_read_integer("--1", &integer) && !lk_read_integer("-", &integer) && !lk_read_integer("9223372036854775808", &integer));
    ck_assert(lk_read_permille("1.0", &permille) && permille == 1000 && lk_read_permille("2", &permille) && permille == 2000);
    ck_assert(lk_read_permille("0.125", &permille) && permille == 125 && !lk_read_permille("0.0001", &permille) && !lk_read_permille("5000000", &permille));
    ck_assert_str_eq(lk_write_permille(1000, word), "1.0");
    ck_assert_str_eq(lk_write_permille(1250, word), "1.25");
    ck_assert_str_eq(lk_write_permille(5, word), "0.005");
}
END_TEST

START_TEST(settings_of_every_kind)
{
    int64_t value;
    ck_assert(lk_read_setting("true", &value) && value == 1 && lk_read_setting("false", &value) && value == 0);
    ck_assert(lk_read_setting("never", &value) && value == LK_NEVER && lk_read_setting("-7", &value) && value == -7);
    ck_assert(lk_read_setting("200ms", &value) && value == 200 * LK_MILLISECOND);
    ck_assert(!lk_read_setting("yes", &value) && !lk_read_setting("", &value) && !lk_read_setting("1x", &value));
}
END_TEST

START_TEST(ranges_and_addresses)
{
    struct lk_range range;
    struct lk_addr address;
    uint16_t port;
    uint8_t mac[6];
    char word[LK_WORD];
    ck_assert(lk_read_range("2897..4345", &range) && range.from == 2897 && range.to == 4345);
    ck_assert_str_eq(lk_write_range(&range, word), "2897..4345");
    ck_assert(!lk_read_range("5..5", &range) && !lk_read_range("6..5", &range) && !lk_read_range("5", &range) && !lk_read_range("5..6x", &range) && !lk_read_range("..6", &range));
    ck_assert(lk_read_ip4("10.9.0.1", &address) && lk_addr_ip4(&address) == 0x0a090001);
    ck_assert_str_eq(lk_write_ip4(&address, word), "10.9.0.1");
    ck_assert(!lk_read_ip4("10.9.0", &address) && !lk_read_ip4("10.9.0.1.2", &address) && !lk_read_ip4("10.9.0.256", &address) && !lk_read_ip4("10.9..1", &address));
    ck_assert(lk_read_endpoint("10.9.0.2:80", &address, &port) && port == 80 && lk_addr_ip4(&address) == 0x0a090002);
    ck_assert(!lk_read_endpoint("10.9.0.2", &address, &port) && !lk_read_endpoint("10.9.0.2:65536", &address, &port) && !lk_read_endpoint("10.9.0.2:", &address, &port));
    ck_assert(lk_read_mac("02:00:0A:09:00:ff", mac) && mac[2] == 10 && mac[5] == 255);
    ck_assert_str_eq(lk_write_mac(mac, word), "02:00:0a:09:00:ff");
    ck_assert(!lk_read_mac("02:00:0a:09:00", mac) && !lk_read_mac("02-00-0a-09-00-01", mac) && !lk_read_mac("02:00:0g:09:00:01", mac) && !lk_read_mac("02:00:0a:09:00:011", mac));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timeline/units");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, times_are_exact);
    tcase_add_test(all, times_are_written_short);
    tcase_add_test(all, rates_numbers_and_ratios);
    tcase_add_test(all, settings_of_every_kind);
    tcase_add_test(all, ranges_and_addresses);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
