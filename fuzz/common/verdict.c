/* See verdict.h. */
#include "fuzz/common/verdict.h"
#include <stdio.h>
#include <stdlib.h>

void lk_fuzz_fail(const char *target, const char *what)
{
    fprintf(stderr, "%s: violated: %s\n", target, what);
    abort();
}
