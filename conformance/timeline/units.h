/* The words of the trace format: numbers, times, rates, ranges and addresses as text, read exactly (no floating point)
 * and written in their shortest exact form. Each reader takes the whole text or refuses it: false, *out untouched. */
#ifndef LK_TIMELINE_UNITS_H
#define LK_TIMELINE_UNITS_H

#include "conformance/timeline/trace.h"

/* "0", "42"; decimal digits only. */
bool lk_read_number(const char *text, uint64_t most, uint64_t *out);
/* The same with an optional minus. */
bool lk_read_integer(const char *text, int64_t *out);
/* "true" or "false". */
bool lk_read_bool(const char *text, bool *out);
/* "1s" "0.61s" "20ms" "200us" "5ns": never negative, never finer than a nanosecond, at most LK_TIME_MAX. */
bool lk_read_time(const char *text, lk_time *out);
/* "4mbit" "1.5gbit" "64kbit" "300bit": bit/s, factors of 1000. */
bool lk_read_rate(const char *text, uint64_t *out);
/* "1.0" -> 1000; at most three digits after the point. */
bool lk_read_permille(const char *text, uint32_t *out);
/* "a..b", a < b; half open. */
bool lk_read_range(const char *text, struct lk_range *out);
/* "10.9.0.1" */
bool lk_read_ip4(const char *text, struct lk_addr *out);
/* "10.9.0.1:80" */
bool lk_read_endpoint(const char *text, struct lk_addr *address, uint16_t *port);
/* "02:00:0a:09:00:01" */
bool lk_read_mac(const char *text, uint8_t out[6]);
/* A value of `config:` as a number: true/false are 1/0, times are ns, "never" is LK_NEVER, everything else an integer. */
bool lk_read_setting(const char *text, int64_t *out);

#define LK_WORD 48 /* room that each of these needs */
/* The inverse of the readers above; each returns `out`. */
const char *lk_write_time(lk_time time, char out[LK_WORD]);
const char *lk_write_rate(uint64_t rate, char out[LK_WORD]);
const char *lk_write_permille(uint32_t permille, char out[LK_WORD]);
const char *lk_write_range(const struct lk_range *range, char out[LK_WORD]);
const char *lk_write_ip4(const struct lk_addr *address, char out[LK_WORD]);
const char *lk_write_mac(const uint8_t mac[6], char out[LK_WORD]);

#endif
