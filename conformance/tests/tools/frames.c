/* What our stack really sends: every trace among the event files is replayed against it, and all frames that leave it and
 * the digest of its end state are hashed. No library is needed, so that MSan and 32-bit builds run it too; the lines must
 * be the same out of every compiler and every build.
 *
 *     frames FILE.event...    a line a trace, then the sum; exit 1 when a verdict is fail or error, 2 when a file is unreadable */
#include "conformance/dut/builtin.h"
#include "conformance/replay/replay.h"
#include "conformance/timeline/bump.h"
#include "conformance/timeline/codec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BUDGET ((size_t)256 << 20) /* bytes that one trace and its replay may take */

struct sum { uint64_t hash, frames; };

static struct sum sum; /* of the trace that runs now: a device has no place for it */

/* FNV-1a over the length and the bytes. */
static void hash_bytes(struct sum *to, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    for (unsigned i = 0; i < 8; i++)
        to->hash = (to->hash ^ ((uint64_t)len >> 8 * i & 255)) * UINT64_C(0x100000001b3);
    for (size_t i = 0; i < len; i++)
        to->hash = (to->hash ^ p[i]) * UINT64_C(0x100000001b3);
}

static void hash_number(struct sum *to, uint64_t number)
{
    uint8_t bytes[8];
    for (unsigned i = 0; i < 8; i++)
        bytes[i] = (uint8_t)(number >> 8 * i);
    hash_bytes(to, bytes, sizeof bytes);
}

static int advance(void *dut, int64_t until, struct lk_dut_happening *out)
{
    int result = lk_dut_builtin()->advance(dut, until, out);
    if (result == 0 && out->kind == LK_DUT_FRAME) {
        hash_number(&sum, (uint64_t)out->at);
        hash_bytes(&sum, out->bytes, out->len);
        sum.frames++;
    }
    return result;
}

static void destroy(void *dut)
{
    hash_number(&sum, lk_stack_digest(lk_builtin_stack(dut)));
    lk_dut_builtin()->destroy(dut);
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return NULL;
    size_t room = 0;
    uint8_t *bytes = NULL;
    *len = 0;
    for (;;) {
        if (*len == room) {
            room = room == 0 ? 65536 : 2 * room;
            uint8_t *more = realloc(bytes, room);
            if (more == NULL)
                break;
            bytes = more;
        }
        size_t got = fread(bytes + *len, 1, room - *len, file);
        *len += got;
        if (got == 0)
            break;
    }
    fclose(file);
    return bytes;
}

static int run(const char *path, const struct lk_dut *dut, struct sum *total)
{
    static const char *const names[] = {"pass", "fail", "skip", "error"};
    const struct lk_replay_options options = {.max_steps = 0};
    struct lk_trace trace;
    struct lk_verdict verdict;
    size_t len;
    uint8_t *bytes = read_file(path, &len);
    struct lk_bump *memory = lk_bump_new(BUDGET);
    if (bytes == NULL || memory == NULL || lk_trace_decode(bytes, len, memory, &trace) != 0) {
        fprintf(stderr, "frames: %s cannot be read\n", path);
        free(bytes);
        lk_bump_free(memory);
        return 2;
    }
    sum = (struct sum){UINT64_C(0xcbf29ce484222325), 0};
    lk_replay_run(&trace, dut, &options, &verdict, memory);
    printf("%s %s frames %" PRIu64 " hash %016" PRIx64 "\n", verdict.trace != NULL ? verdict.trace : "?", names[verdict.kind], sum.frames, sum.hash);
    if (verdict.kind == LK_ERROR)
        fprintf(stderr, "frames: %s: %s\n", path, verdict.reason != NULL ? verdict.reason : "error");
    hash_number(total, sum.hash);
    total->frames += sum.frames;
    int worst = verdict.kind == LK_ERROR ? 2 : verdict.kind == LK_FAIL ? 1 : 0;
    lk_bump_free(memory);
    free(bytes);
    return worst;
}

int main(int argc, char **argv)
{
    struct lk_dut dut = *lk_dut_builtin();
    struct sum total = {UINT64_C(0xcbf29ce484222325), 0};
    int worst = argc < 2 ? 2 : 0;
    dut.advance = advance;
    dut.destroy = destroy;
    for (int i = 1; i < argc; i++) {
        int status = run(argv[i], &dut, &total);
        worst = status > worst ? status : worst;
    }
    printf("%d traces, %" PRIu64 " frames, hash %016" PRIx64 "\n", argc - 1, total.frames, total.hash);
    return worst;
}
