/* Hand-made timelines for the rules, written like tcpdump prints them, one segment a line:
 *
 *     0.000 > S 0 win 64240 mss 1460 sackOK ts 1/0 wscale 7     the device sends
 *     0.010 < S. 0 ack 1 win 65535 mss 1460                     it receives
 *     0.020 > P. 1:101 ack 1 win 502
 *     0.030 < . 1 ack 1 win 500 sack 201:301,401:501
 *     0.040 > F. 101 ack 1 win 502
 *     0.050 send 100                                            the application's call took 100 bytes
 *
 * Times in seconds; sequence numbers relative to the sender's ISN (the ISNs are chosen so that numbers wrap early); the
 * payload is a pattern of its sequence number. Words at the end: "garbled" (another payload), "badsum", "lost".
 */
#ifndef LK_TESTS_RULE_LINES_H
#define LK_TESTS_RULE_LINES_H

#include "conformance/rules/rule.h"

#include <check.h>

#define LINES(...) (const char *const[]){__VA_ARGS__, NULL}

struct found { const char *check, *requirement; enum lk_severity severity; uint32_t line; uint64_t from, to; char expected[200], actual[200]; };

struct judged {
    struct found found[64];
    size_t count;            /* findings of all levels */
    struct { const char *check; unsigned held, violated, cannot_tell; } decided[32];
    size_t decided_count;
    char reasons[64][160];   /* by line */
    int error;
};

/* Judges the lines (ended by NULL) to the end and `until` seconds. */
void judge_lines(const struct lk_rule_policy *policy, const char *const *lines, double until, struct judged *out);
unsigned held_times(const struct judged *judged, const char *check);

/* Fails the test unless the one finding is this one, at line `line` (from 0); requirement NULL: any. */
void expect_violation(const char *const *lines, const char *check, const char *requirement, uint32_t line);
void expect_violation_under(const struct lk_rule_policy *policy, const char *const *lines, const char *check, const char *requirement, uint32_t line);
/* Fails the test unless there is no finding and the check held `times`. */
void expect_held(const char *const *lines, const char *check, unsigned times);
void expect_held_under(const struct lk_rule_policy *policy, const char *const *lines, const char *check, unsigned times);
/* The policy the two above use: profile rfc, but an RTO floor of 200 ms so that the lines stay short. */
struct lk_rule_policy usual_policy(void);

/* One line as an event; its payload points into constant memory. */
void read_rule_line(const char *line, uint32_t number, struct lk_event *event);

/* Runs the tests and gives the exit status. */
int run_tests(const char *name, const TTest *const *tests, size_t count);

#endif
