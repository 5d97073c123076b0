/* lockstep matrix: requirements by devices - proved by a trace that passes, failed, or open. */
#include "conformance/cli/cli.h"
#include "conformance/dut/load.h"
#include "conformance/files/folder.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/replay/replay.h"
#include "conformance/requirements/requirement.h"

#include <errno.h>
#include <fnmatch.h>
#include <stdio.h>
#include <string.h>

#define BUDGET ((size_t)1 << 30)
#define DUTS 8
#define PROFILES 64

static const char usage[] =
    "usage: lockstep matrix [OPTION...] PATH...\n"
    "Replays traces and tells for each requirement of the catalogue whether one of them proves it.\n"
    "  --dut D          builtin (default), recording, or a shared object; may come several times: a column each\n"
    "  --profile GLOB   only rows of that profile (dns, dhcp, http, gateway, nat, udp, tcp ...); may come several times\n"
    "  --open           list only rows that are not proved\n"
    "  --format F       text (default), json (one object a line: rows, then a total for each profile and device)\n"
    "A row is proved when a trace that names it passes, failed when one that names it fails, otherwise open. Counted are rows that\n"
    "packets can show (observable: trace); the same behaviour under another id counts with it.\n"
    "Exit status: 0 nothing failed, 1 something failed, 2 usage, unreadable input, an error, or nothing ran.\n";

enum state { OPEN = 0, PROVED, FAILED };
static const char *const state_names[] = {"open", "proved", "failed"};

struct options { const char *profile[PROFILES], *dut[DUTS]; size_t profiles, duts; bool json, open_only; };
struct row { uint8_t state[DUTS]; const char *trace; };
struct work { struct options options; const struct lk_dut *dut[DUTS]; const struct lk_requirement *list; size_t count; struct row *rows; struct lk_bump *memory; bool error, failed, ran; };

/* ---- running ---- */

static void note(struct work *work, const struct lk_trace *trace, size_t dut, enum lk_verdict_kind kind)
{
    for (size_t i = 0; i < trace->proof_count; i++) {
        const struct lk_requirement *found = lk_requirement_lookup(trace->proves[i].requirement);
        if (found == NULL)
            continue;
        struct row *row = &work->rows[found - work->list];
        if (kind == LK_FAIL)
            row->state[dut] = FAILED;
        else if (kind == LK_PASS && row->state[dut] == OPEN)
            row->state[dut] = PROVED;
        if (row->trace == NULL && kind != LK_SKIP)
            row->trace = lk_bump_text(work->memory, trace->name, strlen(trace->name));
    }
}

static void run(struct work *work, const char *path)
{
    struct lk_bump *memory = lk_bump_new(BUDGET);
    struct lk_trace trace;
    struct lk_fault fault;
    if (memory == NULL || lk_trace_read(path, memory, &trace, &fault) != 0) {
        fprintf(stderr, "lockstep matrix: %s\n", memory == NULL ? "out of memory" : fault.text);
        work->error = true;
        lk_bump_free(memory);
        return;
    }
    for (size_t d = 0; d < work->options.duts; d++) {
        struct lk_replay_options options = {.open_loop = strcmp(work->dut[d]->name, "recording") == 0};
        struct lk_bump *scratch = lk_bump_new(BUDGET);
        struct lk_verdict verdict = {.kind = LK_ERROR, .reason = "out of memory"};
        if (scratch != NULL)
            lk_replay_run(&trace, work->dut[d], &options, &verdict, scratch);
        if (verdict.kind == LK_ERROR)
            fprintf(stderr, "lockstep matrix: %s: %s\n", path, verdict.reason == NULL ? "error" : verdict.reason);
        work->error |= verdict.kind == LK_ERROR;
        work->ran = true;
        note(work, &trace, d, verdict.kind);
        lk_bump_free(scratch);
    }
    lk_bump_free(memory);
}

/* "same behaviour as ID": one proof serves both, either way. */
static void join_same(struct work *work)
{
    static const char mark[] = "same behaviour as ";
    for (size_t i = 0; i < work->count; i++) {
        char id[64];
        const char *at = strstr(work->list[i].note, mark);
        if (at == NULL || sscanf(at + sizeof mark - 1, "%63[^ ,;]", id) != 1)
            continue;
        const struct lk_requirement *other = lk_requirement_lookup(id);
        struct row *a = &work->rows[i], *b = other == NULL ? NULL : &work->rows[other - work->list];
        for (size_t d = 0; b != NULL && d < work->options.duts; d++) {
            uint8_t both = a->state[d] > b->state[d] ? a->state[d] : b->state[d];
            a->state[d] = b->state[d] = both;
        }
        if (b != NULL && a->trace == NULL)
            a->trace = b->trace;
        if (b != NULL && b->trace == NULL)
            b->trace = a->trace;
    }
}

/* ---- printing ---- */

static bool wanted(const struct work *work, const struct lk_requirement *r)
{
    if (strcmp(r->observable, "trace") != 0)
        return false;
    for (size_t i = 0; i < work->options.profiles; i++)
        if (fnmatch(work->options.profile[i], r->profile, 0) == 0)
            return true;
    return work->options.profiles == 0;
}

static unsigned level_of(const struct lk_requirement *r)
{
    return strncmp(r->level, "MUST", 4) == 0 ? 0 : strncmp(r->level, "SHOULD", 6) == 0 ? 1 : 2;
}

static void print_text(const char *text)
{
    putchar('"');
    for (; *text != 0; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    putchar('"');
}

static void print_row(const struct work *work, size_t index)
{
    const struct lk_requirement *r = &work->list[index];
    const struct row *row = &work->rows[index];
    if (!work->options.json) {
        printf("  %-22s %-10s", r->id, r->level);
        for (size_t d = 0; d < work->options.duts; d++)
            printf(" %-6s", state_names[row->state[d]]);
        printf(" %-28s %s\n", row->trace == NULL ? "-" : row->trace, r->summary);
        return;
    }
    printf("{\"requirement\":\"%s\",\"level\":\"%s\",\"rfc\":\"%s\",\"section\":", r->id, r->level, r->rfc);
    print_text(r->section);
    printf(",\"profile\":\"%s\",\"summary\":", r->profile);
    print_text(r->summary);
    fputs(",\"trace\":", stdout);
    row->trace == NULL ? (void)fputs("null", stdout) : print_text(row->trace);
    fputs(",\"duts\":{", stdout);
    for (size_t d = 0; d < work->options.duts; d++)
        printf("%s\"%s\":\"%s\"", d == 0 ? "" : ",", work->dut[d]->name, state_names[row->state[d]]);
    puts("}}");
}

static bool is_proved(const struct work *work, const struct row *row)
{
    for (size_t d = 0; d < work->options.duts; d++)
        if (row->state[d] != PROVED)
            return false;
    return true;
}

static void print_total(const struct work *work, const char *profile, size_t dut)
{
    static const char *const levels[] = {"must", "should", "may"};
    unsigned long n[3][3] = {{0}};
    for (size_t i = 0; i < work->count; i++)
        if (wanted(work, &work->list[i]) && strcmp(work->list[i].profile, profile) == 0)
            n[level_of(&work->list[i])][work->rows[i].state[dut]]++;
    if (work->options.json)
        printf("{\"profile\":\"%s\",\"dut\":\"%s\"", profile, work->dut[dut]->name);
    else
        printf("  %-16s %-10s", profile, work->dut[dut]->name);
    for (unsigned l = 0; l < 3; l++) {
        unsigned long all = n[l][OPEN] + n[l][PROVED] + n[l][FAILED];
        if (work->options.json)
            printf(",\"%s\":{\"rows\":%lu,\"proved\":%lu,\"failed\":%lu,\"open\":%lu}", levels[l], all, n[l][PROVED], n[l][FAILED], n[l][OPEN]);
        else
            printf("  %s %lu of %lu%s", levels[l], n[l][PROVED], all, n[l][FAILED] > 0 ? " (some FAILED)" : "");
    }
    puts(work->options.json ? "}" : "");
}

/* Profiles in the order in which they first occur. */
static size_t list_profiles(const struct work *work, const char *profile[PROFILES])
{
    size_t count = 0;
    for (size_t i = 0; i < work->count; i++) {
        size_t p = 0;
        while (p < count && strcmp(profile[p], work->list[i].profile) != 0)
            p++;
        if (p == count && count < PROFILES && wanted(work, &work->list[i]))
            profile[count++] = work->list[i].profile;
    }
    return count;
}

static void print_all(struct work *work)
{
    const char *profile[PROFILES];
    size_t profiles = list_profiles(work, profile);
    if (profiles == 0) {
        fprintf(stderr, "lockstep matrix: no requirement is of that profile; without --profile all are listed\n");
        work->error = true;
        return;
    }
    for (size_t p = 0; p < profiles; p++) {
        if (!work->options.json)
            printf("%s\n", profile[p]);
        for (size_t i = 0; i < work->count; i++)
            if (wanted(work, &work->list[i]) && strcmp(work->list[i].profile, profile[p]) == 0 && !(work->options.open_only && is_proved(work, &work->rows[i])))
                print_row(work, i);
    }
    if (!work->options.json)
        puts("proved (rows that packets can show)");
    for (size_t p = 0; p < profiles; p++)
        for (size_t d = 0; d < work->options.duts; d++)
            print_total(work, profile[p], d);
    for (size_t i = 0; i < work->count; i++)
        for (size_t d = 0; d < work->options.duts; d++)
            work->failed |= wanted(work, &work->list[i]) && work->rows[i].state[d] == FAILED;
}

/* ---- arguments ---- */

static bool read_option(struct options *o, const char *name, const char *value, int *taken)
{
    *taken = 2;
    if (strcmp(name, "--open") == 0) {
        *taken = 1;
        return o->open_only = true;
    }
    if (value == NULL)
        return false;
    if (strcmp(name, "--dut") == 0 && o->duts < DUTS)
        return (o->dut[o->duts++] = value) != NULL;
    if (strcmp(name, "--profile") == 0 && o->profiles < PROFILES)
        return (o->profile[o->profiles++] = value) != NULL;
    if (strcmp(name, "--format") != 0)
        return false;
    o->json = strcmp(value, "json") == 0;
    return o->json || strcmp(value, "text") == 0;
}

static int read_arguments(int argc, char **argv, struct options *o)
{
    int i = 1, taken;
    for (; i < argc && argv[i][0] == '-'; i += taken)
        if (!read_option(o, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &taken)) {
            fprintf(stderr, "lockstep matrix: unknown option or value: %s%s%s (try --help)\n", argv[i], taken == 2 && i + 1 < argc ? " " : "", taken == 2 && i + 1 < argc ? argv[i + 1] : "");
            return -1;
        }
    if (o->duts == 0)
        o->dut[o->duts++] = "builtin";
    if (i < argc)
        return i;
    fprintf(stderr, "lockstep matrix: no trace given (try --help)\n");
    return -1;
}

static bool run_paths(struct work *work, int count, char **paths)
{
    static const char *const suffixes[] = {".yaml", ".event", NULL};
    for (int i = 0; i < count; i++) {
        struct lk_folder folder;
        if (lk_folder_list(paths[i], suffixes, work->memory, &folder) < 0)
            return false;
        for (size_t j = 0; j < folder.fault_count; j++, work->error = true)
            fprintf(stderr, "lockstep matrix: %s\n", folder.faults[j].text);
        for (size_t j = 0; j < folder.count; j++)
            run(work, folder.paths[j]);
    }
    return true;
}

int lk_cli_matrix(int argc, char **argv)
{
    struct work work = {.count = lk_requirement_list(&work.list), .memory = lk_bump_new(BUDGET)};
    char why[256];
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            lk_bump_free(work.memory);
            return fputs(usage, stdout) < 0 ? 2 : 0;
        }
    int first = read_arguments(argc, argv, &work.options);
    for (size_t d = 0; first > 0 && d < work.options.duts; d++)
        if ((work.dut[d] = lk_dut_load(work.options.dut[d], why)) == NULL) {
            fprintf(stderr, "lockstep matrix: %s: %s\n", work.options.dut[d], why);
            first = -1;
        }
    work.rows = work.memory == NULL ? NULL : lk_bump_array(work.memory, work.count, sizeof *work.rows);
    if (first > 0 && (work.rows == NULL || !run_paths(&work, argc - first, argv + first))) {
        fprintf(stderr, "lockstep matrix: out of memory\n");
        first = -1;
    }
    if (first > 0 && !work.ran && !work.error) {
        fprintf(stderr, "lockstep matrix: nothing ran: no trace in what was given\n");
        first = -1;
    }
    if (first > 0 && work.ran) {
        join_same(&work);
        print_all(&work);
    }
    lk_bump_free(work.memory);
    if (first > 0 && (fflush(stdout) != 0 || ferror(stdout))) {
        fprintf(stderr, "lockstep matrix: standard output: %s\n", strerror(errno));
        return 2;
    }
    return first < 0 || work.error ? 2 : work.failed;
}
