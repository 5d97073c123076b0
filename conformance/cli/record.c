/* lockstep record: a trace from one of its forms into another. */
#include "conformance/cli/cli.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/timeline/codec.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: lockstep record --from X.event --out NAME    writes NAME.yaml, NAME.pcap and the captures beside it\n"
    "       lockstep record --event X.event NAME.yaml    writes the trace with its captures as one event file\n"
    "A trace in one form holds all that it holds in the other: what is written is read back and compared first.\n"
    "To record a trace from a live exchange between two hosts: conformance/record/run.\n"
    "Exit status: 0 written, 2 usage, unreadable input, or it cannot be written (then nothing is).\n";

static int fail(const char *why)
{
    fprintf(stderr, "lockstep record: %s\n", why);
    return LK_EXIT_UNUSABLE;
}

/* NAME, whether or not it came with its suffix. */
static int to_yaml(const char *from, const char *out, struct lk_bump *bump)
{
    struct lk_trace trace;
    struct lk_fault fault;
    size_t len = strlen(out);
    const char *base = lk_bump_text(bump, out, len > 5 && strcmp(out + len - 5, ".yaml") == 0 ? len - 5 : len);
    if (base == NULL)
        return fail("out of memory");
    if (lk_trace_read(from, bump, &trace, &fault) != 0 || lk_trace_save(base, &trace, &fault) != 0)
        return fail(fault.text);
    return LK_EXIT_HELD;
}

static int write_bytes(const char *path, const uint8_t *bytes, size_t len, struct lk_fault *fault)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL)
        return lk_fault_at(fault, path, 0, "%s", strerror(errno));
    size_t written = fwrite(bytes, 1, len, file);
    if (fclose(file) == 0 && written == len)
        return 0;
    remove(path);
    return lk_fault_at(fault, path, 0, "cannot be written to its end");
}

static int to_event(const char *from, const char *out, struct lk_bump *bump)
{
    struct lk_trace trace, back;
    struct lk_fault fault;
    uint8_t *bytes;
    size_t len;
    if (lk_trace_read(from, bump, &trace, &fault) != 0)
        return fail(fault.text);
    if (lk_trace_encode(&trace, bump, &bytes, &len) != 0 || lk_trace_decode(bytes, len, bump, &back) != 0)
        return fail("the trace needs more memory than the budget allows");
    const char *difference = lk_trace_difference(&trace, &back);
    if (difference != NULL) {
        lk_fault_at(&fault, from, 0, "cannot be written without loss: %s", difference);
        return fail(fault.text);
    }
    return write_bytes(out, bytes, len, &fault) == 0 ? LK_EXIT_HELD : fail(fault.text);
}

int lk_cli_record(int argc, char **argv)
{
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
        fputs(usage, stdout);
        return LK_EXIT_HELD;
    }
    bool yaml = argc == 5 && strcmp(argv[1], "--from") == 0 && strcmp(argv[3], "--out") == 0;
    bool event = argc == 4 && strcmp(argv[1], "--event") == 0;
    if (!yaml && !event)
        return fail("either --from X.event --out NAME, or --event X.event NAME.yaml (try --help)");
    struct lk_bump *bump = lk_bump_new(4 * LK_TRACE_BUDGET);
    if (bump == NULL)
        return fail("out of memory");
    int status = yaml ? to_yaml(argv[2], argv[4], bump) : to_event(argv[3], argv[2], bump);
    lk_bump_free(bump);
    return status;
}
