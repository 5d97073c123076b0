/* HTTP-date: a cursor walks over the text; each piece of the grammar takes its octets or fails. */
#include "stack/wire/http_date.h"

#include "stack/base/error.h"
#include "stack/wire/http_head.h"

#define FIRST_YEAR 1900
#define LAST_YEAR 9999
#define DAY 86400

struct date { int year, month, day, hour, minute, second; }; /* month: 0 .. 11 */
struct cursor { const char *at, *end; };

static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

/* ---- the calendar ---- */

static bool leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_days(int year, int month)
{
	static const uint8_t usual[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

	return usual[month] + (month == 1 && leap(year));
}

/* Days from 1970-01-01 to the first of January of `year`. */
static int32_t year_begin(int year)
{
	int before = year - 1;

	return 365 * (year - 1970) + (before / 4 - before / 100 + before / 400) - (1969 / 4 - 1969 / 100 + 1969 / 400);
}

static int64_t seconds_of(const struct date *d)
{
	int64_t day = year_begin(d->year) + d->day - 1;

	for (int month = 0; month < d->month; month++)
		day += month_days(d->year, month);
	return day * DAY + d->hour * 3600 + d->minute * 60 + d->second;
}

static bool date_of(int64_t seconds, struct date *d)
{
	if (seconds < (int64_t)year_begin(FIRST_YEAR) * DAY || seconds >= (int64_t)year_begin(LAST_YEAR + 1) * DAY)
		return false;
	int32_t since = (int32_t)((seconds - (int64_t)year_begin(FIRST_YEAR) * DAY) / DAY) + year_begin(FIRST_YEAR);
	int32_t rest = (int32_t)(seconds - (int64_t)since * DAY);

	/* No year is longer than 366 days: the first guess is never late, and at most 25 years early. */
	d->year = FIRST_YEAR + (since - year_begin(FIRST_YEAR)) / 366;
	while (since >= year_begin(d->year + 1))
		d->year++;
	since -= year_begin(d->year);
	for (d->month = 0; since >= month_days(d->year, d->month); d->month++)
		since -= month_days(d->year, d->month);
	d->day = since + 1;
	d->hour = rest / 3600;
	d->minute = rest / 60 % 60;
	d->second = rest % 60;
	return true;
}

/* ---- writing ---- */

static uint8_t *put(uint8_t *at, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++)
		*at++ = (uint8_t)text[i];
	return at;
}

static uint8_t *put_two(uint8_t *at, int number, char then)
{
	*at++ = (uint8_t)('0' + number / 10);
	*at++ = (uint8_t)('0' + number % 10);
	if (then != 0)
		*at++ = (uint8_t)then;
	return at;
}

int lk_http_date_emit(int64_t seconds, uint8_t *out, size_t cap)
{
	struct date d;

	if (!date_of(seconds, &d))
		return LK_E_INVALID;
	if (cap < LK_HTTP_DATE_LEN)
		return LK_E_NOSPACE;
	/* 1899-12-31, the day before the first there is, was a Sunday. */
	int64_t day = (seconds - ((int64_t)year_begin(FIRST_YEAR) - 1) * DAY) / DAY;
	out = put(out, days[day % 7], 3);
	out = put(out, ", ", 2);
	out = put_two(out, d.day, ' ');
	out = put(out, months[d.month], 3);
	out = put(out, " ", 1);
	out = put_two(out, d.year / 100, 0);
	out = put_two(out, d.year % 100, ' ');
	out = put_two(out, d.hour, ':');
	out = put_two(out, d.minute, ':');
	out = put_two(out, d.second, ' ');
	put(out, "GMT", 3);
	return LK_HTTP_DATE_LEN;
}

/* ---- reading ---- */

static bool take(struct cursor *c, const char *text, size_t len)
{
	if ((size_t)(c->end - c->at) < len)
		return false;
	for (size_t i = 0; i < len; i++)
		if (c->at[i] != text[i])
			return false;
	c->at += len;
	return true;
}

static bool take_number(struct cursor *c, int digits, int *out)
{
	*out = 0;
	for (; digits > 0; digits--, c->at++) {
		if (c->at == c->end || *c->at < '0' || *c->at > '9')
			return false;
		*out = *out * 10 + (*c->at - '0');
	}
	return true;
}

static bool take_day_name(struct cursor *c, bool whole)
{
	static const uint8_t lengths[] = {6, 6, 7, 9, 8, 6, 8};

	for (int i = 0; i < 7; i++)
		if (take(c, days[i], whole ? lengths[i] : 3))
			return true;
	return false;
}

static bool take_month(struct cursor *c, int *month)
{
	for (*month = 0; *month < 12; ++*month)
		if (take(c, months[*month], 3))
			return true;
	return false;
}

/* time-of-day: 00:00:00 - 23:59:60 (leap second) */
static bool take_time(struct cursor *c, struct date *d)
{
	if (!take_number(c, 2, &d->hour) || !take(c, ":", 1) || !take_number(c, 2, &d->minute) || !take(c, ":", 1) || !take_number(c, 2, &d->second))
		return false;
	return d->hour < 24 && d->minute < 60 && d->second < (d->hour == 23 && d->minute == 59 ? 61 : 60);
}

/* day-name "," SP day SP month SP year SP time-of-day SP GMT */
static bool imf_fixdate(struct cursor c, struct date *d)
{
	return take_day_name(&c, false) && take(&c, ", ", 2) && take_number(&c, 2, &d->day) && take(&c, " ", 1) && take_month(&c, &d->month) &&
	       take(&c, " ", 1) && take_number(&c, 4, &d->year) && take(&c, " ", 1) && take_time(&c, d) && take(&c, " GMT", 4) && c.at == c.end;
}

/* day-name-l "," SP day "-" month "-" 2DIGIT SP time-of-day SP GMT */
static bool rfc850_date(struct cursor c, struct date *d)
{
	return take_day_name(&c, true) && take(&c, ", ", 2) && take_number(&c, 2, &d->day) && take(&c, "-", 1) && take_month(&c, &d->month) &&
	       take(&c, "-", 1) && take_number(&c, 2, &d->year) && take(&c, " ", 1) && take_time(&c, d) && take(&c, " GMT", 4) && c.at == c.end;
}

/* day-name SP month SP ( 2DIGIT / ( SP 1DIGIT )) SP time-of-day SP year */
static bool asctime_date(struct cursor c, struct date *d)
{
	return take_day_name(&c, false) && take(&c, " ", 1) && take_month(&c, &d->month) && take(&c, " ", 1) &&
	       (take(&c, " ", 1) ? take_number(&c, 1, &d->day) : take_number(&c, 2, &d->day)) && take(&c, " ", 1) && take_time(&c, d) &&
	       take(&c, " ", 1) && take_number(&c, 4, &d->year) && c.at == c.end;
}

/* RFC 9110 5.6.7: more than 50 years in the future is the most recent year in the past with the same two digits. */
static void whole_year(struct date *d, const struct date *now)
{
	struct date then = *now;
	int most = now->year + 50;

	d->year = most - (most - d->year) % 100;
	then.year = most;
	if (d->year == most && seconds_of(d) > seconds_of(&then))
		d->year -= 100;
}

int lk_http_date_parse(const uint8_t *text, size_t len, int64_t now, int64_t *out)
{
	const struct cursor c = {(const char *)text, (const char *)text + len};
	struct date d = {0}, today;

	if (!date_of(now, &today))
		return LK_E_INVALID;
	if (rfc850_date(c, &d))
		whole_year(&d, &today);
	else if (!imf_fixdate(c, &d) && !asctime_date(c, &d))
		return LK_E_HTTP_DATE;
	if (d.year < FIRST_YEAR || d.day < 1 || d.day > month_days(d.year, d.month))
		return LK_E_HTTP_DATE;
	*out = seconds_of(&d);
	return 0;
}

/* The one field of that name; false when there is none or more than one. */
static bool single(const uint8_t *fields, size_t len, const char *name, struct lk_http_field *out)
{
	struct lk_http_field field;
	unsigned found = 0;

	for (size_t at = 0; lk_http_field_next(fields, len, &at, &field);)
		if (lk_http_is(field.name, field.name_len, name) && found++ == 0)
			*out = field;
	return found == 1;
}

bool lk_http_unmodified_since(const uint8_t *fields, size_t len, int64_t modified, int64_t now)
{
	struct lk_http_field field;
	int64_t since;

	/* RFC 9110 13.1.3: MUST ignore it beside If-None-Match, and when it is no single date. */
	if (lk_http_field_find(fields, len, "If-None-Match", &field) || !single(fields, len, "If-Modified-Since", &field))
		return false;
	return lk_http_date_parse(field.value, field.value_len, now, &since) == 0 && modified <= since;
}
