/* One arbitrary frame into a configured host, then its timers for two minutes. The first byte: bit 0 makes lengths and
 * checksums right, bit 1 addresses the frame to the host, bit 2 takes the profile "linux". The rest is the frame. */
#include "fuzz/common/stateful.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_fuzz_frame(data, size);
    return 0;
}
