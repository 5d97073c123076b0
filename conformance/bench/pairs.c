/* Many hostile pairs: seeds 0..N-1 of fuzz/common/pair, each must hold. Prints one line that is the same on every
 * compiler, optimisation level and word size: the number of runs and frames and a hash over all frames and digests.
 *   bench_pairs [--seeds N] [--first K] [-v] */
#include "fuzz/common/pair.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int run(uint64_t seed, int verbose, uint64_t *frames, uint64_t *hash)
{
    struct lk_pair_config config;
    struct lk_pair_result result;
    struct lk_bump *memory = lk_bump_new((size_t)512 << 20);
    int e;
    lk_pair_config_from_seed(&config, seed);
    e = memory ? lk_pair_run(&config, &result, memory) : LK_E_NOMEM;
    lk_bump_free(memory);
    if (e < 0) {
        printf("seed %llu: could not run: %s\n", (unsigned long long)seed, lk_error_name(e));
        return 1;
    }
    *frames += result.frames[0] + result.frames[1];
    *hash = (*hash ^ result.hash) * UINT64_C(0x100000001b3);
    if (result.failure) printf("seed %llu: %s after %llu steps\n", (unsigned long long)seed, result.failure, (unsigned long long)result.steps);
    else if (verbose) printf("seed %llu: %llu frames, %.3f s, %llu RTOs, hash %016llx\n", (unsigned long long)seed, (unsigned long long)(result.frames[0] + result.frames[1]),
                             (double)result.finished / 1e9, (unsigned long long)result.rto, (unsigned long long)result.hash);
    return result.failure != NULL;
}

int main(int argc, char **argv)
{
    uint64_t seeds = 1000, first = 0, frames = 0, hash = UINT64_C(0xcbf29ce484222325), failed = 0;
    int verbose = 0;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "-v")) verbose = 1;
        else if (!strcmp(argv[i], "--seeds") && i + 1 < argc) seeds = strtoull(argv[++i], NULL, 10);
        else if (!strcmp(argv[i], "--first") && i + 1 < argc) first = strtoull(argv[++i], NULL, 10);
        else { fprintf(stderr, "bench_pairs: unknown argument %s\n", argv[i]); return 2; }
    }
    for (uint64_t s = 0; s < seeds; s++) failed += (uint64_t)run(first + s, verbose, &frames, &hash);
    printf("pairs: %llu runs, %llu failed, %llu frames, hash %016llx\n", (unsigned long long)seeds, (unsigned long long)failed, (unsigned long long)frames, (unsigned long long)hash);
    return failed != 0;
}
