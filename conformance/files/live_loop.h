/* A host on real interfaces: one struct lk_run, its frames through libpcap, its time by the monotonic clock, its end by a signal.
 *
 *     lk_live_loop_init(&loop, &run);  loop.port[0] = lk_live_open(...);  loop.ports = 1;  lk_live_loop_signals();
 *     while (!done) {
 *         if (lk_live_loop_step(&loop, LK_NEVER, &fault) != LK_LIVE_GOES_ON) break;
 *         ... ask the applications what happened, call them with loop.now ...
 *     }
 *     lk_live_loop_flush(&loop, &fault);  the frames that the last calls owe
 *     lk_live_loop_end(&loop, &fault);    the captures
 *
 * Interface i of the stack is port[i]. */
#ifndef LK_FILES_LIVE_LOOP_H
#define LK_FILES_LIVE_LOOP_H

#include "conformance/files/live.h"
#include "conformance/files/live_record.h"
#include "stack/run/run.h"

struct lk_live_loop {
    struct lk_run *run;
    struct lk_live *port[LK_MAX_IFACES];
    uint32_t ports;
    struct lk_live_record record[LK_MAX_IFACES]; /* .to: where the frames of that port are recorded; NULL: nowhere */
    lk_time now;          /* of the last step: what the applications are to be given */
    /* inside */
    uint32_t receiving;   /* port */
    struct lk_fault *fault;
    bool failed;          /* a frame could not be recorded */
    uint8_t frame[65600]; /* the one that is being sent */
};

void lk_live_loop_init(struct lk_live_loop *loop, struct lk_run *run);
/* SIGINT and SIGTERM end the next step instead of the program, and SIGPIPE is ignored. For a whole program, once. */
void lk_live_loop_signals(void);

enum lk_live_loop_state { LK_LIVE_FAULT = -1, LK_LIVE_GOES_ON = 0, LK_LIVE_STOPPED = 1 };
/* Sends what is owed, waits for a frame, a deadline of the stack, or `until` (on lk_live_now()'s clock), takes the frames that
 * have come (a batch, then the caller is asked again), fires timers. STOPPED: a signal came, then or before; FAULT. */
enum lk_live_loop_state lk_live_loop_step(struct lk_live_loop *loop, lk_time until, struct lk_fault *fault);
/* Timers, and all frames that are owed now; no waiting. GOES_ON or FAULT. */
enum lk_live_loop_state lk_live_loop_flush(struct lk_live_loop *loop, struct lk_fault *fault);
/* Writes what is held back of the captures, before their writers are closed. 0; -1 and a fault. */
int lk_live_loop_end(struct lk_live_loop *loop, struct lk_fault *fault);
/* Which signal it was, 0 none. */
int lk_live_loop_signal(void);

#endif
