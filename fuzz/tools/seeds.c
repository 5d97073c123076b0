/* Writes a seed for every trace below the paths given: seeds TARGET OUTDIR PATH..., TARGET is tcp_endpoint, host_events, frame or audit
 * (fuzz/make-seeds calls it). */
#include "conformance/files/folder.h"
#include "conformance/files/trace_yaml.h"
#include "fuzz/common/seed.h"
#include "stack/base/error.h"
#include <stdio.h>
#include <string.h>

#define CAP (32u << 10)

/* The DUT-side capture as the audit's target reads it: headers only. */
static int audit_seed(const struct lk_trace *trace, uint8_t *bytes, size_t cap)
{
    size_t at = 0, most = trace->capture.count < 80 ? trace->capture.count : 80;
    lk_time last = 0;
    bytes[at++] = 0; /* Ethernet */
    for (size_t i = 0; i < most; i++) {
        const struct lk_captured *f = &trace->capture.frames[i];
        uint32_t len = f->len < 82 ? f->len : 82, more = f->orig_len - len;
        lk_time ms = (f->at - last) / LK_MILLISECOND;
        last = f->at;
        if (at + 4 + len > cap) break;
        bytes[at++] = 0;
        bytes[at++] = (uint8_t)len;
        bytes[at++] = (uint8_t)(more > 255 ? 255 : more);
        bytes[at++] = (uint8_t)(ms > 255 ? 255 : ms);
        memcpy(bytes + at, f->bytes, len);
        at += len;
    }
    return most == 0 ? LK_E_NOTFOUND : (int)at;
}

static int make(const char *target, const struct lk_trace *trace, uint8_t *bytes, size_t cap)
{
    if (!strcmp(target, "audit")) return audit_seed(trace, bytes, cap);
    if (!strcmp(target, "frame")) return lk_seed_frame_from_trace(trace, 0, bytes, cap);
    if (!strcmp(target, "host_events")) return lk_seed_frames_from_trace(trace, bytes, cap, 24);
    return lk_seed_from_trace(trace, bytes, cap, 200);
}

static int one(const char *target, const char *out, const char *path)
{
    static uint8_t bytes[CAP];
    struct lk_bump *bump = lk_bump_new((size_t)LK_TRACE_BUDGET);
    struct lk_trace trace;
    struct lk_fault fault;
    char name[512];
    FILE *f;
    int len, bad = 1;
    if (!bump || lk_trace_read(path, bump, &trace, &fault) < 0) { fprintf(stderr, "%s\n", bump ? fault.text : "out of memory"); goto end; }
    len = make(target, &trace, bytes, sizeof bytes);
    if (len == LK_E_NOTFOUND) { bad = 0; goto end; } /* nothing in it for this target */
    if (len < 0) { fprintf(stderr, "%s: %s\n", path, lk_error_name(len)); goto end; }
    snprintf(name, sizeof name, "%s/%s", out, trace.name);
    for (char *c = name + strlen(out) + 1; *c; c++) if (*c == '/') *c = '-';
    if (!(f = fopen(name, "wb"))) { perror(name); goto end; }
    bad = fwrite(bytes, 1, (size_t)len, f) != (size_t)len;
    bad |= fclose(f) != 0;
end:
    lk_bump_free(bump);
    return bad;
}

int main(int argc, char **argv)
{
    static const char *const suffixes[] = {".yaml", NULL};
    int bad = 0;
    size_t written = 0;
    if (argc < 4) { fprintf(stderr, "usage: seeds TARGET OUTDIR PATH...\n"); return 2; }
    for (int i = 3; i < argc; i++) {
        struct lk_bump *bump = lk_bump_new((size_t)16 << 20);
        struct lk_folder folder;
        if (!bump || lk_folder_list(argv[i], suffixes, bump, &folder) < 0) { fprintf(stderr, "seeds: out of memory\n"); return 2; }
        for (size_t k = 0; k < folder.fault_count; k++) { fprintf(stderr, "%s\n", folder.faults[k].text); bad = 1; }
        for (size_t k = 0; k < folder.count; k++) { int e = one(argv[1], argv[2], folder.paths[k]); bad |= e; written += !e; }
        lk_bump_free(bump);
    }
    printf("%zu seeds\n", written);
    return bad ? 2 : 0;
}
