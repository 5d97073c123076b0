/* lockstep-events: replays event files with nothing but the C library, so that builds without libpcap and libyaml (MSan,
 * 32 bit) run the whole trace corpus too. One line a file on standard output:
 *     VERDICT NAME FRAMES HASH
 * HASH is over all frames the device sent, with their times: equal under every compiler and word size, or something in the
 * device depends on what it must not depend on. */
#include "conformance/dut/load.h"
#include "conformance/replay/replay.h"
#include "conformance/timeline/codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET ((size_t)1 << 30) /* bytes that one trace and its replay may take */
#define FILE_MOST ((size_t)64 << 20)

static const char usage[] =
    "usage: lockstep-events [--dut D] [--open-loop] FILE.event...\n"
    "Replays event files (made by: lockstep record --event X.event NAME.yaml) and prints verdict, name, frames sent and their hash.\n"
    "Exit status: 0 all held or skipped, 1 something failed, 2 usage, unreadable input, or an error.\n";

struct sum { uint64_t frames, hash; };

/* FNV-1a, 64 bit. */
static void add(struct sum *sum, const uint8_t *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        sum->hash = (sum->hash ^ bytes[i]) * UINT64_C(1099511628211);
}

static void add_number(struct sum *sum, uint64_t number)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> (8 * i));
    add(sum, bytes, sizeof bytes);
}

static void add_timeline(struct sum *sum, const struct lk_timeline *timeline)
{
    for (size_t i = 0; i < timeline->count; i++) {
        const struct lk_event *event = &timeline->events[i];
        if (event->kind != LK_EVENT_FRAME || event->dir != LK_OUT)
            continue;
        sum->frames++;
        add_number(sum, (uint64_t)event->at);
        add_number(sum, event->len);
        add(sum, event->bytes, event->len);
    }
}

/* The whole file into a block of exactly its size, to be freed; NULL after a line on standard error. */
static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fprintf(stderr, "lockstep-events: %s: cannot be opened\n", path);
        return NULL;
    }
    size_t room = 4096;
    uint8_t *bytes = malloc(room);
    *len = 0;
    while (bytes != NULL && *len <= FILE_MOST) {
        size_t got = fread(bytes + *len, 1, room - *len, file);
        *len += got;
        if (got == 0)
            break;
        uint8_t *grown = *len < room ? bytes : realloc(bytes, room *= 2);
        if (grown == NULL)
            free(bytes);
        bytes = grown;
    }
    bool bad = ferror(file) != 0 || *len > FILE_MOST;
    fclose(file);
    uint8_t *exact = bytes == NULL || bad ? NULL : realloc(bytes, *len == 0 ? 1 : *len);
    if (exact == NULL) {
        if (bytes != NULL)
            free(bytes);
        fprintf(stderr, "lockstep-events: %s: cannot be read\n", path);
    }
    return exact;
}

static int replay(const struct lk_dut *dut, const struct lk_replay_options *options, const char *path, const uint8_t *bytes, size_t len, struct lk_bump *memory)
{
    static const char *const verdicts[] = {"pass", "fail", "skip", "error"};
    struct lk_trace trace;
    struct lk_verdict verdict;
    struct sum sum = {0, UINT64_C(14695981039346656037)};
    if (!lk_trace_recognise(bytes, len) || lk_trace_decode(bytes, len, memory, &trace) != 0) {
        fprintf(stderr, "lockstep-events: %s: no trace in it, or too large a one\n", path);
        return 2;
    }
    if (trace.name == NULL)
        trace.name = path;
    lk_replay_run(&trace, dut, options, &verdict, memory);
    add_timeline(&sum, &verdict.ours);
    printf("%-5s %s %" PRIu64 " %016" PRIx64 "\n", verdicts[verdict.kind], trace.name, sum.frames, sum.hash);
    if (verdict.kind == LK_ERROR)
        fprintf(stderr, "lockstep-events: %s: %s\n", path, verdict.reason == NULL ? "no reason given" : verdict.reason);
    return verdict.kind == LK_ERROR ? 2 : verdict.kind == LK_FAIL ? 1 : 0;
}

static int replay_file(const struct lk_dut *dut, const struct lk_replay_options *options, const char *path)
{
    size_t len;
    uint8_t *bytes = read_file(path, &len);
    struct lk_bump *memory = bytes == NULL ? NULL : lk_bump_new(BUDGET);
    int status = memory == NULL ? 2 : replay(dut, options, path, bytes, len, memory);
    lk_bump_free(memory);
    free(bytes);
    return status;
}

int main(int argc, char **argv)
{
    struct lk_replay_options options = {0};
    const char *name = "builtin";
    char why[256];
    int i = 1, worst = 0;
    for (; i < argc && argv[i][0] == '-'; i++) {
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout) < 0 ? 2 : 0;
        if (strcmp(argv[i], "--open-loop") == 0)
            options.open_loop = true;
        else if (strcmp(argv[i], "--dut") == 0 && i + 1 < argc)
            name = argv[++i];
        else
            i = argc;
    }
    if (i >= argc) {
        fputs(usage, stderr);
        return 2;
    }
    const struct lk_dut *dut = lk_dut_load(name, why);
    if (dut == NULL) {
        fprintf(stderr, "lockstep-events: %s: %s\n", name, why);
        return 2;
    }
    for (; i < argc; i++) {
        int status = replay_file(dut, &options, argv[i]);
        worst = status > worst ? status : worst;
    }
    return worst;
}
