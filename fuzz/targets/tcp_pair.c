/* Two stacks over a hostile network. The input's first eight bytes choose sizes, options and rates, the rest is what the
 * network does with each frame, one byte a frame: 0 fine, 1 lost, 2 doubled, 3 late, 4 corrupted. After the input the
 * network is kind, so every byte must arrive intact and both ends must close. */
#include "fuzz/common/stateful.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_fuzz_tcp_pair(data, size);
    return 0;
}
