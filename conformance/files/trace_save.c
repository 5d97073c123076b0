/* A trace into its files, held against what reading them gives: lk_trace_save(). */
#include "conformance/files/capture.h"
#include "conformance/files/trace_yaml.h"

#include <stdio.h>
#include <string.h>

/* Where the files of a trace lie, and which of them were written. */
struct save {
    const char *base, *file;     /* with its folder, and without */
    struct lk_bump *bump;
    struct lk_fault *fault;
    const char **written; size_t count, capacity;
};

static bool keep(struct save *save, const char *path)
{
    const char **written = lk_bump_grow(save->bump, save->written, save->count, &save->capacity, sizeof *written);
    if (written == NULL)
        return false;
    save->written = written;
    written[save->count++] = path;
    return true;
}

static int no_memory(struct save *save)
{
    return lk_fault_at(save->fault, save->base, 0, "needs more memory than the budget allows");
}

/* Writes one capture; *name becomes the name of its file. A capture without frames is left out. */
static int write_capture(struct save *save, const struct lk_capture *capture, const char *suffix, const char **name)
{
    *name = NULL;
    if (capture->count == 0 && strcmp(suffix, "") != 0)
        return 0;
    const char *path = lk_bump_format(save->bump, "%s%s.pcap", save->base, suffix);
    *name = lk_bump_format(save->bump, "%s%s.pcap", save->file, suffix);
    if (path == NULL || *name == NULL || !keep(save, path))
        return no_memory(save);
    return lk_capture_write(path, capture, save->fault);
}

static int write_captures(struct save *save, struct lk_trace *trace)
{
    bool talk = trace->match.mode == LK_MATCH_FIELDS && trace->capture.count == 0; /* its frames stand in the YAML, or with the interfaces */
    if ((!talk && write_capture(save, &trace->capture, "", &trace->dut.capture_file) != 0) ||
        write_capture(save, &trace->peer_capture, ".peer", &trace->peer.capture_file) != 0)
        return -1;
    struct lk_trace_iface *ifaces = lk_bump_array(save->bump, trace->iface_count, sizeof *ifaces);
    if (ifaces == NULL)
        return no_memory(save);
    for (size_t i = 0; i < trace->iface_count; i++) {
        const char *suffix = lk_bump_format(save->bump, ".%s", trace->ifaces[i].name);
        ifaces[i] = trace->ifaces[i];
        if (suffix == NULL)
            return no_memory(save);
        if (write_capture(save, &ifaces[i].capture, suffix, &ifaces[i].capture_file) != 0)
            return -1;
    }
    trace->ifaces = ifaces;
    struct lk_outcome *outcomes = lk_bump_array(save->bump, trace->outcome_count, sizeof *outcomes);
    if (outcomes == NULL)
        return no_memory(save);
    for (size_t i = 0; i < trace->outcome_count; i++) {
        const char *suffix = lk_bump_format(save->bump, ".%zu", i + 1);
        outcomes[i] = trace->outcomes[i];
        if (suffix == NULL)
            return no_memory(save);
        if (write_capture(save, &outcomes[i].capture, suffix, &outcomes[i].capture_file) != 0)
            return -1;
    }
    trace->outcomes = outcomes;
    return 0;
}

static int write_and_compare(struct save *save, struct lk_trace *trace)
{
    struct lk_trace back;
    const char *path = lk_bump_format(save->bump, "%s.yaml", save->base);
    if (write_captures(save, trace) != 0)
        return -1;
    if (path == NULL || !keep(save, path))
        return no_memory(save);
    if (lk_trace_write(path, trace, save->fault) != 0 || lk_trace_read(path, save->bump, &back, save->fault) != 0)
        return -1;
    const char *difference = lk_trace_difference(trace, &back);
    return difference == NULL ? 0 : lk_fault_at(save->fault, path, 0, "cannot be written without loss: %s", difference);
}

int lk_trace_save(const char *base, const struct lk_trace *trace, struct lk_fault *fault)
{
    struct lk_bump *bump = lk_bump_new(LK_TRACE_BUDGET);
    if (bump == NULL)
        return lk_fault_at(fault, base, 0, "out of memory");
    const char *slash = strrchr(base, '/');
    struct save save = {.base = base, .file = slash == NULL ? base : slash + 1, .bump = bump, .fault = fault};
    struct lk_trace copy = *trace;
    int result = write_and_compare(&save, &copy);
    for (size_t i = 0; result != 0 && i < save.count; i++)
        remove(save.written[i]);
    lk_bump_free(bump);
    return result;
}
