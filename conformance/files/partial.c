#define _GNU_SOURCE /* asprintf() */
#include "conformance/files/partial.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct lk_partial {
    char *path, *part; /* part NULL: written directly */
    int fd;
    bool any;          /* bytes were written */
};

static void discard(struct lk_partial *partial)
{
    if (partial->fd > STDERR_FILENO)
        close(partial->fd);
    free(partial->path);
    free(partial->part);
    free(partial);
}

static int open_direct(const char *path)
{
    return strcmp(path, "-") == 0 ? STDOUT_FILENO : open(path, O_WRONLY | O_CLOEXEC);
}

/* A new file: what an earlier try left goes, and nobody's link of that name is followed. */
static int open_beside(const char *part)
{
    if (unlink(part) != 0 && errno != ENOENT)
        return -1;
    return open(part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
}

struct lk_partial *lk_partial_open(const char *path, struct lk_fault *fault)
{
    struct stat about;
    struct lk_partial *partial = calloc(1, sizeof *partial);
    if (partial != NULL)
        partial->path = strdup(path);
    if (partial == NULL || partial->path == NULL) {
        free(partial);
        lk_fault_at(fault, path, 0, "out of memory");
        return NULL;
    }
    bool direct = strcmp(path, "-") == 0 || (stat(path, &about) == 0 && !S_ISREG(about.st_mode));
    if (!direct && asprintf(&partial->part, "%s.part", path) < 0)
        partial->part = NULL, errno = ENOMEM, partial->fd = -1;
    else
        partial->fd = direct ? open_direct(path) : open_beside(partial->part);
    if (partial->fd >= 0)
        return partial;
    lk_fault_at(fault, direct || partial->part == NULL ? path : partial->part, 0, "%s", strerror(errno));
    discard(partial);
    return NULL;
}

int lk_partial_write(struct lk_partial *partial, const uint8_t *bytes, size_t len, struct lk_fault *fault)
{
    while (len > 0) {
        ssize_t wrote = write(partial->fd, bytes, len);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return lk_fault_at(fault, partial->path, 0, "cannot be written: %s", strerror(errno));
        bytes += wrote;
        len -= (size_t)wrote;
        partial->any = true;
    }
    return 0;
}

int lk_partial_finish(struct lk_partial *partial, struct lk_fault *fault)
{
    int result = 0;
    if (partial->part != NULL) {
        if (close(partial->fd) != 0)
            result = lk_fault_at(fault, partial->part, 0, "cannot be written: %s", strerror(errno));
        else if (rename(partial->part, partial->path) != 0)
            result = lk_fault_at(fault, partial->path, 0, "%s; what arrived stands in %s", strerror(errno), partial->part);
        partial->fd = -1;
    }
    discard(partial);
    return result;
}

char *lk_partial_abandon(struct lk_partial *partial)
{
    char *part = partial->any ? partial->part : NULL;
    if (partial->part != NULL && !partial->any)
        unlink(partial->part);
    if (part != NULL)
        partial->part = NULL;
    discard(partial);
    return part;
}
