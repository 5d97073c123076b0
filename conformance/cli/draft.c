/* What `lockstep replay x.pcap` prints when there is no YAML beside it: a draft of one, with questions as comments. */
#include "conformance/cli/cli.h"
#include "conformance/files/capture.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/timeline/draft.h"
#include "stack/base/error.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The length of a capture's name without its suffix; 0 when it has none of those a capture has. */
static size_t without_suffix(const char *path)
{
    static const char *const suffixes[] = {".pcap", ".pcapng", ".cap", ".pcap.gz", ".pcapng.gz"};
    size_t len = strlen(path);
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        size_t tail = strlen(suffixes[i]);
        if (len > tail && strcmp(path + len - tail, suffixes[i]) == 0)
            return len - tail;
    }
    return 0;
}

bool lk_cli_is_bare_capture(const char *path)
{
    char yaml[4096];
    size_t len = without_suffix(path);
    if (len == 0 || len + 6 > sizeof yaml)
        return false;
    snprintf(yaml, sizeof yaml, "%.*s.yaml", (int)len, path);
    return access(yaml, F_OK) != 0;
}

static int fail(const char *why)
{
    fprintf(stderr, "lockstep replay: %s\n", why);
    return LK_EXIT_UNUSABLE;
}

static int print_draft(const char *path, const struct lk_capture *capture, struct lk_bump *bump)
{
    struct lk_draft draft;
    struct lk_fault fault;
    const char *slash = strrchr(path, '/');
    int result = lk_trace_draft(capture, slash == NULL ? path : slash + 1, bump, &draft);
    if (result != 0) {
        lk_fault_at(&fault, path, 0, "%s", result == LK_E_NOTFOUND ? "no TCP over IPv4 in it" : "needs more memory than the budget allows");
        return fail(fault.text);
    }
    printf("# A draft out of %s alone. Answer the questions, save it as NAME.yaml beside the capture, then: lockstep replay NAME.yaml\n", draft.trace.dut.capture_file);
    for (size_t i = 0; i < draft.question_count; i++)
        printf("# ? %s\n", draft.questions[i]);
    if (lk_trace_print(stdout, path, &draft.trace, &fault) != 0)
        return fail(fault.text);
    return fflush(stdout) == 0 ? LK_EXIT_HELD : fail("standard output cannot be written");
}

int lk_cli_draft(const char *path)
{
    struct lk_capture capture;
    struct lk_fault fault;
    struct lk_bump *bump = lk_bump_new(LK_TRACE_BUDGET);
    if (bump == NULL)
        return fail("out of memory");
    int status = lk_capture_read(path, bump, &capture, &fault) != 0 ? fail(fault.text) : print_draft(path, &capture, bump);
    lk_bump_free(bump);
    return status;
}
