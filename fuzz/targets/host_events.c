/* Several frames into one host, with steps of time and application calls between them. The input is an event file: raw
 * frames (flag bit 0: repair lengths and checksums; bit 1: address it to the host), LK_STIMULUS_PASS, and every record's
 * own microseconds. Other kinds are skipped, so that any trace's event file is an input too. */
#include "fuzz/common/stateful.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_fuzz_host_events(data, size);
    return 0;
}
