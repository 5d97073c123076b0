/* The ladder: arrows, fates, calls, reasons. */
#include "conformance/tests/report/verdicts.h"

static struct written written;

static const char *ladder_of(uint32_t columns, const char *const *lines)
{
    struct lk_bump *memory = lk_bump_new(1 << 20);
    struct lk_timeline timeline = timeline_of(memory, lines);
    struct lk_report_style style = {.columns = columns};
    struct lk_report_out out = {&written, write_to};
    struct lk_report report;
    written.len = 0;
    lk_report_begin(&report, LK_REPORT_TEXT, &style, &out);
    lk_report_ladder(&report, &timeline);
    lk_bump_free(memory);
    return written.text;
}

START_TEST(both_ends_times_fates_calls_and_reasons)
{
    ck_assert_str_eq(ladder_of(100, LINES("0.00 > S 0 win 64000 mss 1000 sackOK", "0.10 < S. 0 ack 1 win 64000 mss 1000 sackOK", "0.10 > . 1 ack 1 win 64000",
                                        "0.10 send 200", "0.10 > . 1:101 ack 1 win 64000 lost", "0.10 > P. 101:201 ack 1 win 64000",
                                        "0.20 < . 1 ack 1 win 64000 sack 101:201", "0.21 < . 1 ack 1 win 64000 lost", "0.40 > . 1:101 ack 1 win 64000",
                                        "0.50 > R 201 win 0")),
        "      time               device                                        peer\n"
        "  0.000000                 |--- S 0 win 64000 ----------------------------->|  active open\n"
        "  0.100000                 |<------------------------ S. 0 ack 1 win 64000 -|\n"
        "  0.100000                 |--- . 1 ack 1 win 64000 ----------------------->|\n"
        "                           |    completes the handshake\n"
        "  0.100000      send = 200 |                                                |\n"
        "  0.100000                 |--- . 1:101 ack 1 win 64000 ------------X lost  |  new data\n"
        "  0.100000                 |--- P. 101:201 ack 1 win 64000 ---------------->|  new data\n"
        "  0.200000                 |<------------ . 1 ack 1 sack 101:201 win 64000 -|\n"
        "  0.210000                 |  lost X------------------ . 1 ack 1 win 64000 -|\n"
        "  0.400000                 |--- . 1:101 ack 1 win 64000 ------------------->|\n"
        "                           |    retransmission timer, 0.300 s after the copy before\n"
        "  0.500000                 |--- R 201 win 0 ------------------------------->|  RST: abort\n");
}
END_TEST

START_TEST(every_row_of_a_narrow_ladder_fits)
{
    const char *text = ladder_of(80, LINES("0.00 > S 0 win 64000 mss 1000", "0.10 < S. 0 ack 1 win 64000 mss 1000 sackOK",
                                         "0.20 < . 1:1461 ack 1 win 64000 sack 101:201,301:401,501:601 lost", "0.30 > PF. 4000000000:4000001460 ack 4000000000 win 64000 lost"));
    size_t columns = 0;
    for (; *text != '\0'; text++) {
        columns = *text == '\n' ? 0 : columns + 1;
        ck_assert_uint_le(columns, 80);
    }
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {both_ends_times_fates_calls_and_reasons, every_row_of_a_narrow_ladder_fits};
    return run_tests("report/ladder", tests, sizeof tests / sizeof tests[0]);
}
