/* What the acting peer does of its own accord, read off the recording: what it sent and closed, after how much of the device's
 * stream and how long after; and where its application let the window close, and for how long. */
#ifndef LK_REPLAY_SCRIPT_H
#define LK_REPLAY_SCRIPT_H

#include "conformance/replay/tape.h"

struct lk_script_step {
    uint64_t need;       /* the device's numbers that must have arrived in order (its FIN counts one) */
    lk_time wait;        /* after that, or after the step before if that comes later */
    uint64_t from, to;   /* the peer's numbers that are sent now, FIN included */
    bool reset;          /* a RST instead */
};

struct lk_script_window {
    uint64_t edge;       /* the right edge stands here, in the device's numbers */
    lk_time closed;      /* and moves on so long after the window has become zero */
};

struct lk_script {
    struct lk_script_step *steps; size_t step_count;
    struct lk_script_window *windows; size_t window_count;
    bool opens; lk_time open_at;     /* the peer begins: when its SYN leaves it */
    uint32_t isn; uint32_t ts_val; lk_time ts_at; /* its ISN; its timestamp at a time */
    uint16_t port;
    uint32_t syn_window;             /* the window of its SYN, unscaled as it stands there; without a recording that of the trace */
};

/* Reads the tape's first connection. 0 or LK_E_NOMEM. */
int lk_script_read(const struct lk_tape *tape, struct lk_bump *memory, struct lk_script *out);

#endif
