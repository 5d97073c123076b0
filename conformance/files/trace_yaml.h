/* Traces as people write them: a YAML file (format version 1, corpora/README.md) and its captures in the same folder. */
#ifndef LK_FILES_TRACE_YAML_H
#define LK_FILES_TRACE_YAML_H

#include "conformance/timeline/bump.h"
#include "conformance/timeline/fault.h"
#include "conformance/timeline/trace.h"
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define LK_TRACE_BUDGET (UINT64_C(256) << 20) /* bytes of bump that every sound trace fits in */

/* Reads a trace, `NAME.yaml` with its captures or `NAME.event`, into *trace; all of it lives in `bump`. Everything is
 * checked that can be checked without replaying it: keys, types, units, requirement ids, files, and that the DUT's
 * and the peer's address occur in the capture. 0; or -1 and a fault of one line, and *trace is not to be used. */
int lk_trace_read(const char *path, struct lk_bump *bump, struct lk_trace *trace, struct lk_fault *fault);

/* The YAML alone, out of memory; no capture is opened. `name` stands in faults and names the trace. */
int lk_trace_parse(const char *name, const uint8_t *bytes, size_t len, struct lk_bump *bump, struct lk_trace *trace, struct lk_fault *fault);

/* Writes the YAML in its canonical form: the order of the README, keys left out that would only say the default. Reading it gives an equal
 * trace. Captures are not written (lk_trace_save does both). 0, or -1 and a fault; then no file is left. */
int lk_trace_write(const char *path, const struct lk_trace *trace, struct lk_fault *fault);

/* The same into a stream that is open for writing; `name` stands in the fault. Errors of the stream are the caller's. */
int lk_trace_print(FILE *stream, const char *name, const struct lk_trace *trace, struct lk_fault *fault);

/* Writes `base`.yaml, `base`.pcap and, if there is one, `base`.peer.pcap (outcomes: `base`.N.pcap), reads them back and holds
 * them against the trace. 0, or -1 and a fault; then none of the files is left. */
int lk_trace_save(const char *base, const struct lk_trace *trace, struct lk_fault *fault);

#endif
