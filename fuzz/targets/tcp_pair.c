/* Two stacks over a hostile network. The input's first eight bytes choose sizes, options and rates, the rest is what the
 * network does with each frame, one byte a frame: 0 fine, 1 lost, 2 doubled, 3 late, 4 corrupted. After the input the
 * network is kind, so every byte must arrive intact and both ends must close. */
#include "fuzz/common/pair.h"
#include "fuzz/common/verdict.h"
#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lk_pair_config config;
    struct lk_pair_result result;
    struct lk_bump *memory;
    uint64_t seed = 0;
    int e;
    if (size < 8 || size > 4096) return 0;
    for (int i = 0; i < 8; i++) seed = seed << 8 | data[i];
    lk_pair_config_from_seed(&config, seed);
    config.script = data + 8;
    config.script_len = size - 8;
    config.steps = 200000;
    config.check_often = true;
    if (!(memory = lk_bump_new((size_t)256 << 20))) return 0;
    e = lk_pair_run(&config, &result, memory);
    if (e < 0 && e != LK_E_NOMEM) lk_fuzz_fail("tcp_pair", "could not start");
    if (e == 0 && result.failure) lk_fuzz_fail("tcp_pair", result.failure);
    lk_bump_free(memory);
    return 0;
}
