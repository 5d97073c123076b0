#include "conformance/timeline/bump.h"
#include "stack/base/guard.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 16u
#define CHUNK 16384u

struct chunk {
    struct chunk *older;
    size_t size, used;           /* bytes after this header */
    _Alignas(ALIGNMENT) unsigned char bytes[];
};

struct lk_bump {
    struct chunk *newest;
    size_t budget, used;         /* used: bytes handed out, rounded up */
};

struct lk_bump *lk_bump_new(size_t budget)
{
    struct lk_bump *bump = calloc(1, sizeof *bump);
    if (bump != NULL)
        bump->budget = budget;
    return bump;
}

void lk_bump_free(struct lk_bump *bump)
{
    if (bump == NULL)
        return;
    while (bump->newest != NULL) {
        struct chunk *older = bump->newest->older;
        lk_guard_open(bump->newest->bytes, bump->newest->size);
        free(bump->newest);
        bump->newest = older;
    }
    free(bump);
}

static struct chunk *chunk_add(struct lk_bump *bump, size_t at_least)
{
    size_t size = at_least > CHUNK ? at_least : CHUNK;
    if (size > SIZE_MAX - sizeof(struct chunk))
        return NULL;
    struct chunk *chunk = calloc(1, sizeof *chunk + size);
    if (chunk == NULL)
        return NULL;
    lk_guard_close(chunk->bytes, size);
    chunk->size = size;
    chunk->older = bump->newest;
    bump->newest = chunk;
    return chunk;
}

void *lk_bump_take(struct lk_bump *bump, size_t len)
{
    if (len > SIZE_MAX - ALIGNMENT - LK_GUARD_GAP)
        return NULL;
    size_t rounded = len == 0 ? ALIGNMENT : (len + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (rounded > bump->budget - bump->used)
        return NULL;
    struct chunk *chunk = bump->newest;
    if (chunk == NULL || rounded + LK_GUARD_GAP > chunk->size - chunk->used) {
        chunk = chunk_add(bump, rounded + LK_GUARD_GAP);
        if (chunk == NULL)
            return NULL;
    }
    void *taken = chunk->bytes + chunk->used;
    lk_guard_open(taken, len);
    chunk->used += rounded + LK_GUARD_GAP; /* closed bytes behind each piece, for sanitizers */
    bump->used += rounded;
    return taken;
}

void *lk_bump_array(struct lk_bump *bump, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return lk_bump_take(bump, count * size);
}

char *lk_bump_text(struct lk_bump *bump, const char *text, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = lk_bump_take(bump, len + 1);
    if (copy != NULL && len != 0)
        memcpy(copy, text, len);
    return copy;
}

void *lk_bump_copy(struct lk_bump *bump, const void *bytes, size_t len)
{
    void *copy = lk_bump_take(bump, len);
    if (copy != NULL && len != 0)
        memcpy(copy, bytes, len);
    return copy;
}

char *lk_bump_format(struct lk_bump *bump, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *text = len < 0 ? NULL : lk_bump_take(bump, (size_t)len + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

void *lk_bump_grow(struct lk_bump *bump, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t wanted = *capacity < 8 ? 8 : *capacity * 2;
    if (wanted < *capacity)
        return NULL;
    void *grown = lk_bump_array(bump, wanted, size);
    if (grown == NULL)
        return NULL;
    if (count != 0) {
        memcpy(grown, array, count * size);
        lk_guard_close(array, *capacity * size); /* whoever still points into it learns so */
    }
    *capacity = wanted;
    return grown;
}

size_t lk_bump_used(const struct lk_bump *bump)
{
    return bump->used;
}
