/* A first version of a trace, from nothing but a capture: what can be read from the segments is filled in, what cannot is
 * asked. The person who knows where the capture comes from answers, and has a trace. */
#ifndef LK_TIMELINE_DRAFT_H
#define LK_TIMELINE_DRAFT_H

#include "conformance/timeline/bump.h"
#include "conformance/timeline/trace.h"

struct lk_draft {
    struct lk_trace trace;       /* proves nothing yet; capture as given */
    const char **questions;      /* one line each, for comments above the YAML */
    size_t question_count, question_capacity;
};

/* Takes the capture's first TCP connection (the first SYN, or without one the first segment) and guesses: the client is the
 * device under test; its calls follow from data, FIN and RST; the peer is recorded and matching exact, unless the client
 * sends something twice, then acting and stream; no fates. `file` becomes dut.capture. *out points into `bump` and into
 * the capture. 0; LK_E_NOTFOUND: no TCP over IPv4 in it; LK_E_NOMEM. */
int lk_trace_draft(const struct lk_capture *capture, const char *file, struct lk_bump *bump, struct lk_draft *out);

#endif
