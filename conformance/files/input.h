/* A file, or bytes in memory, as a stream to read from; gzip (RFC 1952) is unpacked on the way without being asked. */
#ifndef LK_FILES_INPUT_H
#define LK_FILES_INPUT_H

#include "conformance/timeline/bump.h"
#include "conformance/timeline/fault.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Opens `path` ("-": standard input). NULL and a fault when it cannot be opened. Close with fclose(). Damaged gzip data
 * ends in a read error with errno EILSEQ; data that ends early just ends. */
FILE *lk_input_open(const char *path, struct lk_fault *fault);
/* The same over bytes, which must outlive the stream. `name` stands in the fault. */
FILE *lk_input_memory(const char *name, const uint8_t *bytes, size_t len, struct lk_fault *fault);

/* The whole of a file into memory, at most `limit` bytes: longer is a fault. 0 or -1 with a fault. */
int lk_input_whole(const char *path, size_t limit, struct lk_bump *bump, uint8_t **bytes, size_t *len, struct lk_fault *fault);

#endif
