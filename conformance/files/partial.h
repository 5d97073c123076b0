/* A file that has its name only when it is whole: until then what was written stands beside it as NAME.part. */
#ifndef LK_FILES_PARTIAL_H
#define LK_FILES_PARTIAL_H

#include "conformance/timeline/fault.h"
#include <stddef.h>
#include <stdint.h>

struct lk_partial;

/* Begins `path`; what stands there stays until the end. "-" is standard output, and what exists and is no regular file (a device,
 * a pipe) is written directly. NULL and a fault. A NAME.part of an earlier try is replaced. */
struct lk_partial *lk_partial_open(const char *path, struct lk_fault *fault);
/* 0, or -1 and a fault. */
int lk_partial_write(struct lk_partial *partial, const uint8_t *bytes, size_t len, struct lk_fault *fault);
/* It is whole: gives it its name. 0, or -1 and a fault. The partial is gone either way. */
int lk_partial_finish(struct lk_partial *partial, struct lk_fault *fault);
/* It will never be whole. Where what was written stands, in memory to be freed; NULL: nothing was kept. The partial is gone. */
char *lk_partial_abandon(struct lk_partial *partial);

#endif
