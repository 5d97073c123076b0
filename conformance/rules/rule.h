/* The rulebook's face. A rule watches the events of one TCP connection, in order, and reports findings. The same code
 * serves replay, fuzzing and audit. Three answers: held, violated, cannot tell; in a closed world (replay, fuzzing)
 * "cannot tell" is an error of the rule.
 *
 * Rules judge the device under test: segments with dir LK_OUT are judged, LK_IN is what it had to go by. To judge both
 * ends of a capture, run the rulebook twice with the directions exchanged.
 *
 * No allocation: all state of a book lives in memory the caller gives; lk_rulebook_size() says how much.
 */
#ifndef LK_RULES_RULE_H
#define LK_RULES_RULE_H

#include "conformance/timeline/event.h"
#include "conformance/timeline/verdict.h"
#include <stddef.h>
#include <stdint.h>

enum lk_answer { LK_HELD = 0, LK_VIOLATED = 1, LK_CANNOT_TELL = 2 };

struct lk_rule_policy {      /* what a profile or a trace leaves open */
    lk_time rto_initial, rto_min, rto_max, granularity; /* floor of the RTO the device may use (RFC 6298 2.4) */
    lk_time ack_limit;       /* 500 ms */
    lk_time slack;           /* tolerance on every time bound: 0 in a closed world */
    uint32_t dup_threshold;  /* 3 */
    bool closed_world;
    bool open_loop;          /* a recording is judged: what the device received is the capture */
};

/* Where findings and counts go. */
struct lk_rule_sink {
    void *context;
    void (*finding)(void *context, const char *check, const char *requirement, enum lk_severity severity, uint32_t event, uint64_t from, uint64_t to,
                    const char *expected, const char *actual);          /* texts are valid during the call only */
    void (*decided)(void *context, const char *check, enum lk_answer answer); /* each time a check came to an answer */
};

struct lk_rulebook;          /* opaque, in the caller's memory */
size_t lk_rulebook_size(uint32_t max_segments); /* max_segments: records of sent ranges to keep for one connection */
struct lk_rulebook *lk_rulebook_init(void *memory, size_t size, uint32_t max_segments, const struct lk_rule_policy *policy, const struct lk_rule_sink *sink);
/* Feeds one event. Events of one connection only, in order of time. Returns 0 or LK_E_NOMEM when its records are used up
 * (then nothing after it is judged, and that is said by the caller). */
int lk_rulebook_event(struct lk_rulebook *book, const struct lk_event *event);
/* The end of the timeline: what is still owed is judged now. */
void lk_rulebook_finish(struct lk_rulebook *book, lk_time at);

/* What is known of a check by name. NULL for an unknown one. */
struct lk_check_info { const char *name, *what; const char *const *requirements; size_t requirement_count; };
const struct lk_check_info *lk_check_lookup(const char *name);
size_t lk_check_list(const struct lk_check_info **out); /* all of them */

#endif
