/* Dates of HTTP fields: Date, Last-Modified, If-Modified-Since ... (RFC 9110 5.6.7). Times are seconds since 1970-01-01 00:00:00
 * UTC without leap seconds, as POSIX counts them. Years are 1900 .. 9999 (RFC 5322 3.3 knows none before, the grammar none after). */
#ifndef LK_WIRE_HTTP_DATE_H
#define LK_WIRE_HTTP_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_HTTP_DATE_LEN 29 /* octets of an IMF-fixdate */

/* Writes an IMF-fixdate, "Sun, 06 Nov 1994 08:49:37 GMT", without a NUL. LK_HTTP_DATE_LEN; LK_E_INVALID: a year out of range;
 * LK_E_NOSPACE: `cap` is below LK_HTTP_DATE_LEN. */
int lk_http_date_emit(int64_t seconds, uint8_t *out, size_t cap);

/* Reads a whole field value without the whitespace around it, in any of the three formats: IMF-fixdate, RFC 850, asctime. Of the
 * two digits of an RFC 850 year it makes the last such year that does not lie more than 50 years after `now` (seconds). 23:59:60
 * is the second after 23:59:59. Names are case-sensitive; whether the day's name is that date's is not looked at, for a date is
 * the same without it. 0; LK_E_HTTP_DATE: no such date, to be treated as if the field were not there; LK_E_INVALID: `now` is in a
 * year out of range. *out is written on 0 only. */
int lk_http_date_parse(const uint8_t *text, size_t len, int64_t now, int64_t *out);

/* Whether the If-Modified-Since among these field lines allows 304 for a GET or HEAD of what was last modified at `modified`
 * (RFC 9110 13.1.3). False as well when there is an If-None-Match, none or several of it, or no date. */
bool lk_http_unmodified_since(const uint8_t *fields, size_t len, int64_t modified, int64_t now);

#endif
