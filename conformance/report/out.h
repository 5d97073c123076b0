/* Writing, for the files of this room. */
#ifndef LK_REPORT_OUT_H
#define LK_REPORT_OUT_H

#include "conformance/report/report.h"

enum colour { PLAIN = 0, RED, GREEN, YELLOW, DIM, BOLD };

void put(const struct lk_report *report, const char *text);
void put_len(const struct lk_report *report, const char *text, size_t len);
/* A foreign text on one line of a terminal: control characters become '?'. */
void put_clean(const struct lk_report *report, const char *text);
/* printf of short things; what is longer than 500 bytes is cut. */
void putf(const struct lk_report *report, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Switches the colour if colours are wanted. */
void put_colour(const struct lk_report *report, enum colour colour);
void put_spaces(const struct lk_report *report, size_t count);
/* A text on lines of at most `width` columns, broken at spaces, every line after the first indented. */
void put_wrapped(const struct lk_report *report, const char *text, size_t indent, size_t width);
/* "1 frame", "2 frames" */
void put_count(const struct lk_report *report, uint64_t count, const char *one);
/* A JSON string with its quotes, or null for NULL. What is no UTF-8 becomes U+FFFD. */
void put_json(const struct lk_report *report, const char *text);
/* A text within XML, in attributes too. What XML 1.0 does not allow becomes '?'. */
void put_xml(const struct lk_report *report, const char *text);
/* The length of the UTF-8 sequence that starts here, or 0 when it is none. */
size_t utf8_length(const unsigned char *text);
size_t columns_of(const struct lk_report *report);

void json_verdict(const struct lk_report *report, const struct lk_verdict *verdict);
void junit_begin(const struct lk_report *report);
void junit_verdict(const struct lk_report *report, const struct lk_verdict *verdict);
void junit_end(const struct lk_report *report);
void tap_begin(const struct lk_report *report);
void tap_verdict(const struct lk_report *report, const struct lk_verdict *verdict, uint64_t number);
void tap_end(const struct lk_report *report, uint64_t count);
void text_verdict(struct lk_report *report, const struct lk_verdict *verdict);
void text_end(const struct lk_report *report);
/* What differs first, with the RFC it comes from; indented. */
void picture(struct lk_report *report, const struct lk_verdict *verdict);
/* "RFC 6298 section 5: summary" of a requirement, or nothing. Returns the length written to `out`. */
void requirement_line(const char *id, char *out, size_t cap);
/* The ladder's events from `first` to `last` (both included). */
void ladder_part(struct lk_report *report, const struct lk_timeline *timeline, size_t first, size_t last);

static inline double seconds_of(lk_time t) { return (double)t / 1e9; }
const char *verdict_word(enum lk_verdict_kind kind);

#endif
