#define _DEFAULT_SOURCE /* scandir */
#include "conformance/files/folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 32 /* folders within folders; also ends loops of links */

struct walk { const char *const *suffixes; struct lk_bump *bump; struct lk_folder *out; size_t paths, faults; /* capacities */ };

static bool add_path(struct walk *walk, const char *path)
{
    const char **paths = lk_bump_grow(walk->bump, walk->out->paths, walk->out->count, &walk->paths, sizeof *paths);
    if (paths == NULL)
        return false;
    walk->out->paths = paths;
    paths[walk->out->count] = lk_bump_text(walk->bump, path, strlen(path));
    return paths[walk->out->count++] != NULL;
}

static bool add_fault(struct walk *walk, const char *path, const char *reason)
{
    struct lk_fault *faults = lk_bump_grow(walk->bump, walk->out->faults, walk->out->fault_count, &walk->faults, sizeof *faults);
    if (faults == NULL)
        return false;
    walk->out->faults = faults;
    lk_fault_at(&faults[walk->out->fault_count++], path, 0, "%s", reason);
    return true;
}

static bool has_suffix(const char *name, const char *const *suffixes)
{
    size_t len = strlen(name);
    for (; *suffixes != NULL; suffixes++) {
        size_t tail = strlen(*suffixes);
        if (len > tail && strcmp(name + len - tail, *suffixes) == 0)
            return true;
    }
    return false;
}

static bool visit(struct walk *walk, const char *path, int depth, bool named);

static bool visit_folder(struct walk *walk, const char *path, int depth)
{
    struct dirent **entries;
    if (depth == DEPTH_MAX)
        return add_fault(walk, path, "folders are nested too deep");
    int count = scandir(path, &entries, NULL, NULL);
    if (count < 0)
        return add_fault(walk, path, strerror(errno));
    bool ok = true;
    size_t len = strlen(path);
    const char *between = len != 0 && path[len - 1] == '/' ? "" : "/";
    for (int i = 0; i < count; i++) {
        if (ok && entries[i]->d_name[0] != '.') {
            const char *inner = lk_bump_format(walk->bump, "%s%s%s", path, between, entries[i]->d_name);
            ok = inner != NULL && visit(walk, inner, depth + 1, false);
        }
        free(entries[i]);
    }
    free(entries);
    return ok;
}

/* named: the path was asked for by name, so it is listed or complained of. */
static bool visit(struct walk *walk, const char *path, int depth, bool named)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return !named || add_fault(walk, path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return visit_folder(walk, path, depth);
    return (!named && !has_suffix(path, walk->suffixes)) || add_path(walk, path);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int lk_folder_list(const char *path, const char *const *suffixes, struct lk_bump *bump, struct lk_folder *out)
{
    struct walk walk = {.suffixes = suffixes, .bump = bump, .out = out};
    *out = (struct lk_folder){0};
    bool ok = visit(&walk, path, 0, true);
    if (out->count != 0)
        qsort(out->paths, out->count, sizeof *out->paths, by_name);
    return ok ? 0 : -1;
}
