/* The loss table: two of our stacks, one bulk transfer, random loss both ways, near-zero round-trip time, virtual seconds.
 * Machine independent and deterministic: a change of recovery shows as a diff.
 *   bench_loss [--bytes N] [--profile NAME] */
#include "fuzz/common/pair.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int row(const char *profile, uint64_t bytes, uint32_t loss_ppm, uint32_t buffer)
{
    struct lk_pair_config config;
    struct lk_pair_result result;
    struct lk_bump *memory = lk_bump_new((size_t)3 << 30);
    int e = lk_pair_config_init(&config, profile);
    if (!memory || e < 0) { fprintf(stderr, "bench_loss: cannot set up (%d)\n", e); return 1; }
    for (int i = 0; i < 2; i++) {
        struct lk_tcp_config *tcp = &config.stack[i].tcp;
        tcp->send_buffer = tcp->receive_buffer = buffer;
        tcp->segments = buffer / 500 + 64;
        tcp->out_of_order = buffer / 500 + 64;
        config.harm[i].lost_ppm = loss_ppm;
        config.seed[i] = 7;
    }
    config.bytes[0] = bytes;
    config.delay = 10 * LK_MICROSECOND;
    config.rate = 10000000000u;
    config.steps = 100000000;
    e = lk_pair_run(&config, &result, memory);
    if (e < 0) { printf("%7.2f %9u  could not start: %d\n", loss_ppm / 1e4, buffer, e); lk_bump_free(memory); return 1; }
    printf("%7.2f %9u %12.4f %8llu %10llu %10llu %10llu %8.4f%s%s\n", loss_ppm / 1e4, buffer, (double)result.finished / 1e9, (unsigned long long)result.rto,
           (unsigned long long)result.rto_explained, (unsigned long long)result.data_frames, (unsigned long long)result.data_needed,
           result.data_needed ? (double)result.data_frames / (double)result.data_needed : 0.0, result.failure ? "  FAILED: " : "", result.failure ? result.failure : "");
    lk_bump_free(memory);
    return result.failure != NULL;
}

int main(int argc, char **argv)
{
    static const uint32_t losses[] = {0, 1000, 10000, 30000}, buffers[] = {65536, 1048576};
    const char *profile = "linux";
    uint64_t bytes = 50000000;
    int bad = 0;
    for (int i = 1; i + 1 < argc; i += 2) {
        if (!strcmp(argv[i], "--bytes")) bytes = strtoull(argv[i + 1], NULL, 10);
        else if (!strcmp(argv[i], "--profile")) profile = argv[i + 1];
        else { fprintf(stderr, "bench_loss: unknown argument %s\n", argv[i]); return 2; }
    }
    printf("%llu bytes, profile %s, 10 Gbit/s, 10 us one way; seconds are virtual\n", (unsigned long long)bytes, profile);
    printf("%7s %9s %12s %8s %10s %10s %10s %8s\n", "loss %", "buffer", "seconds", "RTOs", "explained", "sent", "needed", "ratio");
    for (size_t l = 0; l < sizeof losses / sizeof *losses; l++)
        for (size_t b = 0; b < sizeof buffers / sizeof *buffers; b++) bad |= row(profile, bytes, losses[l], buffers[b]);
    return bad;
}
