/* lockstep replay: traces against a device, one verdict each. */
#define _DEFAULT_SOURCE
#include "conformance/cli/cli.h"
#include "conformance/dut/load.h"
#include "conformance/files/capture.h"
#include "conformance/files/folder.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/replay/replay.h"
#include "conformance/report/report.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BUDGET ((size_t)1 << 30) /* bytes that one trace and its replay may take */

static const char usage[] =
    "usage: lockstep replay [OPTION...] PATH...\n"
    "Replays traces (NAME.yaml or NAME.event; a folder stands for all below it) against a stack in virtual time.\n"
    "  --dut D          builtin (default), recording, or a shared object (./mine.so)\n"
    "  --filter GLOB    only traces whose name (topic/name) matches\n"
    "  --shard I/N      only every N-th trace, beginning with the I-th (from 1)\n"
    "  --format F       text (default), json (one object a line), junit, tap\n"
    "  --pcap-out DIR   what happened with the stack, one capture for each trace\n"
    "  --open-loop      frames come at their recorded times whatever the stack does (for --dut recording)\n"
    "  --fail-on-skip   a skipped trace counts as failed\n"
    "  -v               the ladder of both sides, with the reason of each segment\n"
    "A single x.pcap without x.yaml beside it is answered by a draft of that YAML, with questions as comments.\n"
    "Exit status: 0 all held, 1 something failed, 2 usage, unreadable input, an error, or nothing ran.\n";

struct options {
    const char *dut, *filter, *pcap_out;
    enum lk_report_format format;
    unsigned long shard, shards;
    bool fail_on_skip, open_loop, verbose;
};

struct totals { unsigned long pass, fail, skip, error; };

struct work { const struct options *options; const struct lk_dut *dut; struct lk_report report; struct totals totals; size_t done, count; };

/* ---- what is printed ---- */

static void write_out(void *context, const char *text, size_t len)
{
    (void)context;
    fwrite(text, 1, len, stdout); /* an error stays in the stream and is seen at the end */
}

static void begin_report(struct work *work)
{
    struct winsize size;
    bool terminal = isatty(STDOUT_FILENO) != 0;
    struct lk_report_style style = {.colours = terminal && getenv("NO_COLOR") == NULL, .verbose = work->options->verbose};
    struct lk_report_out out = {NULL, write_out};
    if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        style.columns = size.ws_col;
    lk_report_begin(&work->report, work->options->format, &style, &out);
}

/* A bar for people who wait: on a terminal, from the second second on, wiped at the end. */
static void show_progress(const struct work *work, bool last)
{
    static struct timespec began;
    struct timespec now;
    if (!isatty(STDERR_FILENO) || isatty(STDOUT_FILENO))
        return;
    clock_gettime(CLOCK_MONOTONIC, &now);
    if (began.tv_sec == 0)
        began = now;
    if (now.tv_sec - began.tv_sec < 1)
        return;
    if (last) {
        fprintf(stderr, "\r\033[K");
        return;
    }
    int full = (int)(work->done * 40 / work->count);
    fprintf(stderr, "\r[%.*s%.*s] %zu of %zu", full, "########################################", 40 - full, "                                        ", work->done, work->count);
}

/* ---- one trace ---- */

static bool wanted(const struct options *options, const char *name)
{
    return options->filter == NULL || fnmatch(options->filter, name, 0) == 0;
}

static bool write_capture(const struct options *options, const struct lk_verdict *v, struct lk_bump *memory)
{
    struct lk_fault fault;
    struct lk_capture capture = {.link = LK_CAPTURE_ETHERNET, .start = v->source->capture.start};
    char *path = lk_bump_format(memory, "%s/%s.pcap", options->pcap_out, v->trace);
    capture.frames = lk_bump_array(memory, v->ours.count, sizeof *capture.frames);
    if (path == NULL || capture.frames == NULL)
        return false;
    for (char *c = path + strlen(options->pcap_out) + 1; *c != 0; c++)
        if (*c == '/')
            *c = '-';
    for (size_t i = 0; i < v->ours.count; i++) {
        const struct lk_event *event = &v->ours.events[i];
        if (event->kind == LK_EVENT_FRAME) {
            struct lk_captured frame = {event->at, (uint32_t)capture.count + 1, event->len, event->len, event->bytes};
            capture.frames[capture.count++] = frame;
        }
    }
    if (lk_capture_write(path, &capture, &fault) == 0)
        return true;
    fprintf(stderr, "lockstep replay: %s\n", fault.text);
    return false;
}

static void count(struct totals *totals, const struct options *options, enum lk_verdict_kind kind)
{
    if (kind == LK_PASS)
        totals->pass++;
    else if (kind == LK_FAIL)
        totals->fail++;
    else if (kind == LK_ERROR)
        totals->error++;
    else if (options->fail_on_skip)
        totals->fail++;
    else
        totals->skip++;
}

static void replay_trace(struct work *work, const struct lk_trace *trace, struct lk_bump *memory)
{
    struct lk_replay_options options = {.open_loop = work->options->open_loop};
    struct lk_verdict verdict;
    lk_replay_run(trace, work->dut, &options, &verdict, memory);
    lk_report_verdict(&work->report, &verdict);
    count(&work->totals, work->options, verdict.kind);
    if (verdict.kind == LK_ERROR)
        fprintf(stderr, "lockstep replay: %s: %s\n", trace->path != NULL ? trace->path : trace->name, verdict.reason != NULL ? verdict.reason : "no reason given");
    if (work->options->pcap_out != NULL && verdict.ours.count > 0 && !write_capture(work->options, &verdict, memory))
        work->totals.error++;
}

/* A trace that cannot be read is an error of the run, told and counted like any other; the others still run. */
static void refuse(struct work *work, const char *path, const char *why)
{
    struct lk_verdict verdict = {.kind = LK_ERROR, .trace = path, .dut = work->dut->name, .mode = "unread", .reason = why};
    fprintf(stderr, "lockstep replay: %s\n", why);
    lk_report_verdict(&work->report, &verdict);
    work->totals.error++;
}

static void replay_path(struct work *work, const char *path)
{
    struct lk_fault fault;
    struct lk_trace trace;
    struct lk_bump *memory = lk_bump_new(BUDGET);
    if (memory == NULL) {
        refuse(work, path, "out of memory");
        return;
    }
    if (lk_trace_read(path, memory, &trace, &fault) < 0) {
        refuse(work, path, fault.text);
    } else if (wanted(work->options, trace.name)) {
        replay_trace(work, &trace, memory);
    }
    lk_bump_free(memory);
}

static void replay_all(struct work *work, const struct lk_folder *folder)
{
    work->count = folder->count;
    for (size_t i = 0; i < folder->count; i++) {
        if (i % work->options->shards + 1 == work->options->shard)
            replay_path(work, folder->paths[i]);
        work->done = i + 1;
        show_progress(work, false);
    }
    show_progress(work, true);
}

/* ---- arguments ---- */

static bool read_shard(const char *text, struct options *options)
{
    char *end;
    options->shard = strtoul(text, &end, 10);
    if (*end != '/')
        return false;
    options->shards = strtoul(end + 1, &end, 10);
    return *end == 0 && options->shard >= 1 && options->shard <= options->shards;
}

static bool read_format(const char *text, struct options *options)
{
    int format = lk_report_format_named(text);
    if (format >= 0)
        options->format = (enum lk_report_format)format;
    return format >= 0;
}

static bool read_flag(const char *name, struct options *options)
{
    if (strcmp(name, "-v") == 0 || strcmp(name, "--verbose") == 0)
        return options->verbose = true;
    if (strcmp(name, "--open-loop") == 0)
        return options->open_loop = true;
    if (strcmp(name, "--fail-on-skip") == 0)
        return options->fail_on_skip = true;
    return false;
}

static bool read_value(const char *name, const char *value, struct options *options)
{
    if (strcmp(name, "--dut") == 0)
        return (options->dut = value) != NULL;
    if (strcmp(name, "--filter") == 0)
        return (options->filter = value) != NULL;
    if (strcmp(name, "--pcap-out") == 0)
        return (options->pcap_out = value) != NULL;
    if (strcmp(name, "--shard") == 0)
        return value != NULL && read_shard(value, options);
    return strcmp(name, "--format") == 0 && value != NULL && read_format(value, options);
}

/* The index of the first path, or -1 after a line on standard error. `--name=value` is taken too. */
static int read_arguments(int argc, char **argv, struct options *options)
{
    int i = 1;
    for (; i < argc && argv[i][0] == '-' && argv[i][1] != 0; i++) {
        char *equals = strchr(argv[i], '=');
        if (strcmp(argv[i], "--") == 0)
            return i + 1;
        if (read_flag(argv[i], options))
            continue;
        if (equals != NULL)
            *equals = 0;
        if (!read_value(argv[i], equals != NULL ? equals + 1 : argv[i + 1], options)) {
            fprintf(stderr, "lockstep replay: unknown option or value: %s%s%s (try --help)\n", argv[i], argv[i + 1] != NULL ? " " : "", argv[i + 1] != NULL ? argv[i + 1] : "");
            return -1;
        }
        i += equals == NULL;
    }
    return i;
}

static bool gather(char **paths, int count, struct lk_bump *memory, struct lk_folder *out, struct totals *totals)
{
    static const char *const suffixes[] = {".yaml", ".event", NULL};
    size_t capacity = 0;
    for (int i = 0; i < count; i++) {
        struct lk_folder one;
        if (lk_folder_list(paths[i], suffixes, memory, &one) < 0)
            return false;
        for (size_t j = 0; j < one.fault_count; j++, totals->error++)
            fprintf(stderr, "lockstep replay: %s\n", one.faults[j].text);
        for (size_t j = 0; j < one.count; j++) {
            out->paths = lk_bump_grow(memory, out->paths, out->count, &capacity, sizeof *out->paths);
            if (out->paths == NULL)
                return false;
            out->paths[out->count++] = one.paths[j];
        }
    }
    return true;
}

static int conclude(const struct work *work)
{
    const struct totals *t = &work->totals;
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "lockstep replay: standard output: %s\n", strerror(errno));
        return 2;
    }
    if (t->error > 0)
        return 2;
    if (t->fail > 0)
        return 1;
    if (t->pass + t->skip == 0) {
        fprintf(stderr, "lockstep replay: nothing ran\n");
        return 2;
    }
    return 0;
}

int lk_cli_replay(int argc, char **argv)
{
    struct options options = {.dut = "builtin", .shard = 1, .shards = 1};
    struct work work = {.options = &options};
    struct lk_folder folder = {0};
    char why[256];
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout) < 0 ? 2 : 0;
    int first = read_arguments(argc, argv, &options);
    if (first < 0)
        return 2;
    if (first >= argc) {
        fprintf(stderr, "lockstep replay: no trace given (try --help)\n");
        return 2;
    }
    if (argc - first == 1 && lk_cli_is_bare_capture(argv[first]))
        return lk_cli_draft(argv[first]);
    work.dut = lk_dut_load(options.dut, why);
    if (work.dut == NULL) {
        fprintf(stderr, "lockstep replay: %s: %s\n", options.dut, why);
        return 2;
    }
    if (options.pcap_out != NULL && mkdir(options.pcap_out, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "lockstep replay: %s: %s\n", options.pcap_out, strerror(errno));
        return 2;
    }
    struct lk_bump *memory = lk_bump_new(BUDGET);
    if (memory == NULL || !gather(argv + first, argc - first, memory, &folder, &work.totals)) {
        fprintf(stderr, "lockstep replay: out of memory\n");
        lk_bump_free(memory);
        return 2;
    }
    begin_report(&work);
    replay_all(&work, &folder);
    lk_report_end(&work.report);
    lk_bump_free(memory);
    return conclude(&work);
}
