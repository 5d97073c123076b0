/* A host's TCP driven by events: segments with numbers relative to the connection, application calls, steps of time, and how
 * often what is owed is pulled. The input is an event file (conformance/timeline/record.h, stimulus.h). */
#include "fuzz/common/stateful.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_fuzz_tcp_endpoint(data, size);
    return 0;
}
