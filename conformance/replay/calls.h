/* The application of the trace: starts each call when its condition holds, in the order of the list, and judges what it
 * returns. Conditions are read off the wire and the returns, so they mean the same for every device. */
#ifndef LK_REPLAY_CALLS_H
#define LK_REPLAY_CALLS_H

#include "conformance/replay/run.h"

/* NULL without memory. */
struct lk_calls *lk_calls_new(struct lk_run *run);
/* Looks at the condition of the call that comes next; to be called after everything that happens. */
void lk_calls_look(struct lk_run *run);
/* When the next call is to be started; LK_NEVER if its condition does not hold yet or none is left. */
lk_time lk_calls_next(const struct lk_run *run);
/* Starts the next call if it is due now. */
void lk_calls_start(struct lk_run *run);
/* Until when a return is worth waiting for: the bound of the calls under way that have one, ten seconds for those that have
 * none and whose return is expected; a time that is past when nothing is under way. */
lk_time lk_calls_patience(const struct lk_run *run);
/* A call returned. */
void lk_calls_returned(struct lk_run *run, const struct lk_dut_happening *happening);
/* The connection that a socket stands for, at the end of the run; LK_NONE. */
uint32_t lk_calls_connection(const struct lk_run *run, uint32_t socket);
/* All that the application gave to a connection to send so far, *len bytes; NULL without memory. */
const uint8_t *lk_calls_given(struct lk_run *run, uint32_t conn, uint64_t *len);
/* Everything is started and returned. */
bool lk_calls_done(const struct lk_run *run);
/* The end of the run: expected returns that did not come are judged. An expectation that was never used, that is a call that
 * was never started, stops the run with an error (a failed trace stays a failed trace). */
void lk_calls_finish(struct lk_run *run);

#endif
