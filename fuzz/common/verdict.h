/* How an oracle of ours says that something is wrong: one line on standard error, then an abort that the fuzzer and the
 * plain replay both see. */
#ifndef LK_FUZZ_VERDICT_H
#define LK_FUZZ_VERDICT_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

_Noreturn void lk_fuzz_fail(const char *target, const char *what);

/* Who wants to see the frames of a run (to write a capture), and be told before an abort. One listener, or NULL. */
struct lk_fuzz_tap { void *context; void (*frame)(void *context, bool into_host, lk_time at, const uint8_t *frame, size_t len); void (*failed)(void *context); };
void lk_fuzz_listen(const struct lk_fuzz_tap *tap);
/* Tells the listener of a frame. */
void lk_fuzz_seen(bool into_host, lk_time at, const uint8_t *frame, size_t len);

#endif
