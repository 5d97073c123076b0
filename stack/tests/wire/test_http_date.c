/* HTTP-date: the RFC's three examples, the calendar's edges, and everything that is no date. */
#include "stack/wire/http_date.h"

#include <stdio.h>
#include <string.h>

#include "stack/base/error.h"
#include "stack/tests/support/run.h"

#define EXAMPLE 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */
#define NOW 1700000000    /* Tue, 14 Nov 2023 22:13:20 GMT */
#define FIRST (-2208988800) /* Mon, 01 Jan 1900 00:00:00 GMT */
#define LAST 253402300799   /* Fri, 31 Dec 9999 23:59:59 GMT */

static int read_at(const char *text, int64_t now, int64_t *out)
{
	return lk_http_date_parse((const uint8_t *)text, strlen(text), now, out);
}

/* The seconds of a date; fails if it is none. */
static int64_t date(const char *text, int64_t now)
{
	int64_t at = -1;

	ck_assert_msg(read_at(text, now, &at) == 0, "%s", text);
	return at;
}

static const char *text_of(int64_t seconds)
{
	static char text[LK_HTTP_DATE_LEN + 1];

	ck_assert_int_eq(lk_http_date_emit(seconds, (uint8_t *)text, LK_HTTP_DATE_LEN), LK_HTTP_DATE_LEN);
	return text;
}

START_TEST(all_three_formats_are_the_same_time)
{
	ck_assert_int_eq(date("Sun, 06 Nov 1994 08:49:37 GMT", NOW), EXAMPLE);
	ck_assert_int_eq(date("Sunday, 06-Nov-94 08:49:37 GMT", NOW), EXAMPLE);
	ck_assert_int_eq(date("Sun Nov  6 08:49:37 1994", NOW), EXAMPLE);
	ck_assert_int_eq(date("Wed Nov 16 08:49:37 1994", NOW), EXAMPLE + 10 * 86400);
	ck_assert_int_eq(date("Wednesday, 16-Nov-94 08:49:37 GMT", NOW), EXAMPLE + 10 * 86400);
}
END_TEST

START_TEST(dates_are_written_as_imf_fixdate)
{
	uint8_t out[LK_HTTP_DATE_LEN] = {'x'};

	ck_assert_str_eq(text_of(EXAMPLE), "Sun, 06 Nov 1994 08:49:37 GMT");
	ck_assert_str_eq(text_of(0), "Thu, 01 Jan 1970 00:00:00 GMT");
	ck_assert_str_eq(text_of(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
	ck_assert_str_eq(text_of(951782400), "Tue, 29 Feb 2000 00:00:00 GMT");
	ck_assert_str_eq(text_of(4107542400), "Mon, 01 Mar 2100 00:00:00 GMT");
	ck_assert_str_eq(text_of(FIRST), "Mon, 01 Jan 1900 00:00:00 GMT");
	ck_assert_str_eq(text_of(LAST), "Fri, 31 Dec 9999 23:59:59 GMT");
	ck_assert_int_eq(lk_http_date_emit(FIRST - 1, out, sizeof out), LK_E_INVALID);
	ck_assert_int_eq(lk_http_date_emit(LAST + 1, out, sizeof out), LK_E_INVALID);
	ck_assert_int_eq(lk_http_date_emit(INT64_MIN, out, sizeof out), LK_E_INVALID);
	ck_assert_int_eq(lk_http_date_emit(INT64_MAX, out, sizeof out), LK_E_INVALID);
	ck_assert_int_eq(lk_http_date_emit(0, out, LK_HTTP_DATE_LEN - 1), LK_E_NOSPACE);
	ck_assert_uint_eq(out[0], 'x');
}
END_TEST

START_TEST(what_is_written_reads_back)
{
	for (int64_t at = FIRST; at <= LAST; at += 86400 * 17 + 12347)
		ck_assert_int_eq(date(text_of(at), NOW), at);
	for (int64_t at = EXAMPLE; at < EXAMPLE + 1500LL * 86400; at += 86399)
		ck_assert_int_eq(date(text_of(at), NOW), at);
}
END_TEST

START_TEST(a_year_of_two_digits_is_at_most_50_years_ahead)
{
	/* now: 14 Nov 2023 22:13:20 */
	ck_assert_str_eq(text_of(date("Tuesday, 14-Nov-23 22:13:20 GMT", NOW)), "Tue, 14 Nov 2023 22:13:20 GMT");
	ck_assert_str_eq(text_of(date("Friday, 01-Jan-72 00:00:00 GMT", NOW)), "Fri, 01 Jan 2072 00:00:00 GMT");
	ck_assert_str_eq(text_of(date("Tuesday, 14-Nov-73 22:13:20 GMT", NOW)), "Tue, 14 Nov 2073 22:13:20 GMT");
	ck_assert_str_eq(text_of(date("Wednesday, 14-Nov-73 22:13:21 GMT", NOW)), "Wed, 14 Nov 1973 22:13:21 GMT");
	ck_assert_str_eq(text_of(date("Tuesday, 01-Jan-74 00:00:00 GMT", NOW)), "Tue, 01 Jan 1974 00:00:00 GMT");
	ck_assert_str_eq(text_of(date("Friday, 31-Dec-99 00:00:00 GMT", NOW)), "Fri, 31 Dec 1999 00:00:00 GMT");
	/* at the end of 1999 10 is 2010 */
	ck_assert_str_eq(text_of(date("Friday, 01-Jan-10 00:00:00 GMT", 946684799)), "Fri, 01 Jan 2010 00:00:00 GMT");
	/* 29 February of a year that has none, once its century is known */
	int64_t at;
	ck_assert_int_eq(read_at("Monday, 29-Feb-00 00:00:00 GMT", 4000000000, &at), LK_E_HTTP_DATE);
	ck_assert_int_eq(read_at("Sunday, 06-Nov-94 08:49:37 GMT", INT64_MAX, &at), LK_E_INVALID);
}
END_TEST

START_TEST(a_leap_second_is_the_next_second)
{
	ck_assert_int_eq(date("Sat, 31 Dec 2016 23:59:60 GMT", NOW), 1483228800);
	ck_assert_int_eq(date("Sat Dec 31 23:59:60 2016", NOW), 1483228800);
	ck_assert_int_eq(date("Saturday, 31-Dec-16 23:59:60 GMT", NOW), 1483228800);
}
END_TEST

static const char *const no_date[] = {
	"", " ", "yesterday", "784111777",
	/* names */
	"Xun, 06 Nov 1994 08:49:37 GMT", "sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
	"Sun, 06 Now 1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT", "Sundays, 06-Nov-94 08:49:37 GMT", "Sunday, 06-NOV-94 08:49:37 GMT",
	"Sunday Nov  6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT", "Sun nov  6 08:49:37 1994",
	/* zones */
	"Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 gmt", "Sun, 06 Nov 1994 08:49:37 +0000", "Sun, 06 Nov 1994 08:49:37",
	"Sunday, 06-Nov-94 08:49:37 EST",
	/* ranges */
	"Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT", "Sun, 32 Dec 1994 08:49:37 GMT", "Wed, 29 Feb 1995 08:49:37 GMT",
	"Mon, 29 Feb 2100 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:00 GMT", "Sun, 06 Nov 1994 08:49:60 GMT",
	"Sun, 06 Nov 1994 23:59:61 GMT", "Sun, 06 Nov 1994 22:59:60 GMT", "Sun, 31 Dec 1899 23:59:59 GMT", "Sun, 06 Nov 0094 08:49:37 GMT", "Sun Nov  0 08:49:37 1994",
	"Sun Nov 31 08:49:37 1994", "Sunday, 31-Nov-94 08:49:37 GMT", "Sunday, 00-Nov-94 08:49:37 GMT",
	/* widths and blanks */
	"Sun, 6 Nov 1994 08:49:37 GMT", "Sun, 006 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "Sun, 06 Nov 1994 8:49:37 GMT",
	"Sun, 06 Nov 1994 08:49 GMT", "Sun,  06 Nov 1994 08:49:37 GMT", " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 GMT ",
	"Sunday, 06-Nov-1994 08:49:37 GMT", "Sunday, 6-Nov-94 08:49:37 GMT", "Sun Nov 6 08:49:37 1994", "Sun Nov  16 08:49:37 1994",
	"Sun Nov  6 08:49:37 94", "Sun Nov  6 08:49:37 19940", "Sun, -6 Nov 1994 08:49:37 GMT", "Sun, 06 Nov +994 08:49:37 GMT",
	"Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
};

START_TEST(everything_else_is_no_date)
{
	for (size_t i = 0; i < sizeof no_date / sizeof *no_date; i++) {
		int64_t at = 7;
		ck_assert_msg(read_at(no_date[i], NOW, &at) == LK_E_HTTP_DATE, "%s", no_date[i]);
		ck_assert_int_eq(at, 7);
	}
}
END_TEST

START_TEST(no_part_of_a_date_and_no_octet_more_is_one)
{
	static const char *const whole[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"};
	char more[40];
	int64_t at;

	for (size_t i = 0; i < 3; i++) {
		for (size_t len = 0; len < strlen(whole[i]); len++)
			ck_assert_int_eq(lk_http_date_parse((const uint8_t *)whole[i], len, NOW, &at), LK_E_HTTP_DATE);
		snprintf(more, sizeof more, "%s", whole[i]);
		ck_assert_int_eq(lk_http_date_parse((const uint8_t *)more, strlen(more) + 1, NOW, &at), LK_E_HTTP_DATE); /* NUL */
	}
}
END_TEST

START_TEST(if_modified_since_allows_304_from_that_second_on)
{
	static const struct { const char *fields; bool same; } cases[] = {
		{"", false},
		{"If-Modified-Since: Sun, 06 Nov 1994 08:49:36 GMT\r\n", false},
		{"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", true},
		{"Host: a\r\nif-modified-since:  Sunday, 06-Nov-94 08:49:37 GMT \r\n", true},
		{"If-Modified-Since: Sun Nov  6 08:49:38 1994\r\n", true},
		{"If-Modified-Since: now\r\n", false},
		{"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-None-Match: \"x\"\r\n", false},
		{"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-None-Match: \"x\"\r\nIf-None-Match: \"y\"\r\n", false},
		{"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\r\n", false},
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		ck_assert_msg(lk_http_unmodified_since((const uint8_t *)cases[i].fields, strlen(cases[i].fields), EXAMPLE, NOW) == cases[i].same, "%s", cases[i].fields);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {all_three_formats_are_the_same_time, dates_are_written_as_imf_fixdate, what_is_written_reads_back,
	                              a_year_of_two_digits_is_at_most_50_years_ahead, a_leap_second_is_the_next_second, everything_else_is_no_date,
	                              no_part_of_a_date_and_no_octet_more_is_one, if_modified_since_allows_304_from_that_second_on};

	return run_tests("http_date", tests, sizeof tests / sizeof tests[0]);
}
