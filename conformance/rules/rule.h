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
    bool open_loop;          /* a recording is judged: what the device received is the capture. Its kernel's timers may then fire
                                an eighth of their length late */
    bool foreign_stamps;     /* the device cannot know the timestamps it is sent (a recording in closed loop): its echo is not judged */
    bool rack_tlp;           /* RFC 8985 is in use: RACK and the tail loss probe are causes of a retransmission */
};

/* The policy of a profile: "rfc" (linux_profile false) or "linux" (RTO floor 200 ms); in a closed world, without slack.
 * Judging a recording: set open_loop, and slack to the tick of its clock (10 ms for a 100 Hz kernel). */
void lk_rule_policy_init(struct lk_rule_policy *policy, bool linux_profile);

/* Where findings and counts go. */
struct lk_rule_sink {
    void *context;
    void (*finding)(void *context, const char *check, const char *requirement, enum lk_severity severity, uint32_t event, uint64_t from, uint64_t to,
                    const char *expected, const char *actual);          /* texts are valid during the call only */
    void (*decided)(void *context, const char *check, enum lk_answer answer); /* each time a check came to an answer */
};

struct lk_rulebook;          /* opaque, in the caller's memory */
/* max_segments: records of sent and not acknowledged ranges to keep; as many ranges received above a gap. Bytes. */
size_t lk_rulebook_size(uint32_t max_segments);
/* `memory` 16-byte aligned. NULL: it is too small. Policy and sink are copied. */
struct lk_rulebook *lk_rulebook_init(void *memory, size_t size, uint32_t max_segments, const struct lk_rule_policy *policy, const struct lk_rule_sink *sink);
/* Feeds one event. Events of one connection (one pair of addresses and ports) only, in order of time; a second connection
 * of the same pair after the first is followed from its SYN on. An LK_IN frame is an arrival at the device, at its time;
 * one with fate LK_FATE_LOST is passed over. An LK_OUT frame counts as sent whatever becomes of it. The frame's bytes must stay
 * where they are until the book is done with. Returns 0 or LK_E_NOMEM when its records are used up (then nothing after it is
 * judged, and that is said by the caller). */
int lk_rulebook_event(struct lk_rulebook *book, const struct lk_event *event);
/* The end of the timeline: what is still owed is judged now. */
void lk_rulebook_finish(struct lk_rulebook *book, lk_time at);

/* Why the device sent the last LK_OUT segment fed ("third duplicate ACK", "retransmission timer, 0.204 s"): a text for the
 * ladder, empty when there is nothing to say; valid until the next event. */
const char *lk_rulebook_reason(const struct lk_rulebook *book);

/* What is known of a check by name. NULL for an unknown one. */
struct lk_check_info { const char *name, *what; const char *const *requirements; size_t requirement_count; };
const struct lk_check_info *lk_check_lookup(const char *name);
size_t lk_check_list(const struct lk_check_info **out); /* all of them */

#endif
