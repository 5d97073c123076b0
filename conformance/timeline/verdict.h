/* What a replay found: the value that reports print. Filled by the engine, read by conformance/report. */
#ifndef LK_TIMELINE_VERDICT_H
#define LK_TIMELINE_VERDICT_H

#include "conformance/timeline/event.h"
#include "conformance/timeline/trace.h"

enum lk_verdict_kind { LK_PASS = 0, LK_FAIL = 1, LK_SKIP = 2, LK_ERROR = 3 };
enum lk_severity { LK_MUST = 1, LK_SHOULD = 2, LK_NOTE = 3 };

struct lk_finding {          /* of a rule or of the matcher */
    const char *check;       /* "rto-not-early", "segments", ... (static) */
    const char *requirement; /* id, or NULL */
    uint8_t severity;
    uint32_t event;          /* index in the timeline; UINT32_MAX: none */
    const char *message;     /* one line, in the memory of the timeline */
};

struct lk_check_count { const char *check; uint64_t held, violated; }; /* how often a check was decided */

struct lk_difference {       /* the first one */
    bool present;
    uint32_t event, frame;   /* in our timeline; in the capture (0 none) */
    uint64_t from, to;       /* bytes concerned, relative; from == to: none */
    const char *rule, *field, *expected, *actual, *requirement; /* NULL where unknown; expected/actual in tcpdump's notation */
};

struct lk_verdict {
    enum lk_verdict_kind kind;
    const char *trace, *dut, *mode; /* exact | stream, and the peer: "exact/recorded" */
    const char *reason;      /* skip, error: one line */
    const char *skipped_for; /* capability */
    struct { uint64_t frames, bytes, checks; } compared;
    struct lk_difference difference;
    struct lk_finding *findings; size_t finding_count;
    struct lk_check_count *checks; size_t check_count;
    const struct lk_trace *source;
    struct lk_timeline ours; /* what happened with the DUT */
    struct lk_timeline recorded; /* what the capture says, for the ladder; count 0 if none */
    lk_time virtual_time;    /* from the first to the last event */
    struct { uint64_t data_frames_out, resent_frames, resent_bytes, rto, lost_bytes; lk_time finished; } figures, recorded_figures; /* stream mode */
};

#endif
