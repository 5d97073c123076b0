/* The story of one input of a stateful target as a capture: export TARGET INPUT OUT.pcap. What the input broke is printed by
 * the target itself; the capture is written all the same. */
#include "conformance/files/capture.h"
#include "conformance/timeline/bump.h"
#include "fuzz/common/stateful.h"
#include "fuzz/common/verdict.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct story { struct lk_bump *bump; struct lk_capture capture; size_t capacity; const char *path; lk_time start; };

static int save(struct story *s)
{
    struct lk_fault fault;
    if (lk_capture_write(s->path, &s->capture, &fault) < 0) { fprintf(stderr, "%s\n", fault.text); return 2; }
    printf("%s: %zu frames\n", s->path, s->capture.count);
    return 0;
}

static void on_frame(void *context, bool into_host, lk_time at, const uint8_t *frame, size_t len)
{
    struct story *s = context;
    struct lk_captured *f = lk_bump_grow(s->bump, s->capture.frames, s->capture.count, &s->capacity, sizeof *f);
    (void)into_host;
    if (!f) return;
    s->capture.frames = f;
    f += s->capture.count;
    memset(f, 0, sizeof *f);
    if (s->capture.count == 0) s->start = at;
    f->at = at - s->start;
    f->len = f->orig_len = (uint32_t)len;
    f->number = (uint32_t)s->capture.count + 1;
    if (!(f->bytes = lk_bump_copy(s->bump, frame, len))) return;
    s->capture.count++;
}

static void on_failure(void *context)
{
    exit(save(context) ? 2 : 1);
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *f = fopen(path, "rb");
    uint8_t *bytes = malloc(1 << 20);
    if (!f || !bytes) { perror(path); exit(2); }
    *len = fread(bytes, 1, 1 << 20, f);
    fclose(f);
    return bytes;
}

int main(int argc, char **argv)
{
    static const struct { const char *name; void (*run)(const uint8_t *, size_t); } targets[] = {
        {"frame", lk_fuzz_frame}, {"host_events", lk_fuzz_host_events}, {"tcp_endpoint", lk_fuzz_tcp_endpoint}, {"tcp_pair", lk_fuzz_tcp_pair}};
    struct story story = {.capture = {.link = LK_CAPTURE_ETHERNET}};
    struct lk_fuzz_tap tap = {.context = &story, .frame = on_frame, .failed = on_failure};
    if (argc != 4) { fprintf(stderr, "usage: export TARGET INPUT OUT.pcap\n"); return 2; }
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++) {
        size_t len;
        uint8_t *bytes;
        if (strcmp(argv[1], targets[i].name)) continue;
        if (!(story.bump = lk_bump_new((size_t)256 << 20))) { fprintf(stderr, "export: out of memory\n"); return 2; }
        story.path = argv[3];
        bytes = read_file(argv[2], &len);
        lk_fuzz_listen(&tap);
        targets[i].run(bytes, len);
        free(bytes);
        return save(&story);
    }
    return 0; /* a target without a story */
}
