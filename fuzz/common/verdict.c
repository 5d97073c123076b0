/* See verdict.h. */
#include "fuzz/common/verdict.h"
#include <stdio.h>
#include <stdlib.h>

static const struct lk_fuzz_tap *listener;

void lk_fuzz_listen(const struct lk_fuzz_tap *tap)
{
    listener = tap;
}

void lk_fuzz_seen(bool into_host, lk_time at, const uint8_t *frame, size_t len)
{
    if (listener) listener->frame(listener->context, into_host, at, frame, len);
}

void lk_fuzz_fail(const char *target, const char *what)
{
    fprintf(stderr, "%s: violated: %s\n", target, what);
    if (listener) listener->failed(listener->context);
    abort();
}
