#define _GNU_SOURCE /* fopencookie, fmemopen */
#include "conformance/files/input.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define PIECE 65536u
#define WINDOW_AND_GZIP (15 + 16) /* zlib: a 32 KB window, gzip framing only */

struct unpacker {
    FILE *packed;
    z_stream zip;
    bool ended;           /* the last gzip member is complete */
    unsigned char piece[PIECE];
};

/* More packed bytes; false when there are none. */
static bool refill(struct unpacker *unpacker)
{
    if (unpacker->zip.avail_in == 0) {
        unpacker->zip.next_in = unpacker->piece;
        unpacker->zip.avail_in = (uInt)fread(unpacker->piece, 1, PIECE, unpacker->packed);
    }
    return unpacker->zip.avail_in != 0;
}

/* Read function of the cookie: bytes, 0 at the end, -1 with errno. */
static ssize_t unpack(void *cookie, char *to, size_t room)
{
    struct unpacker *unpacker = cookie;
    if (room > UINT32_MAX)
        room = UINT32_MAX;
    unpacker->zip.next_out = (unsigned char *)to;
    unpacker->zip.avail_out = (uInt)room;
    while (unpacker->zip.avail_out == (uInt)room && refill(unpacker)) {
        if (unpacker->ended) { /* RFC 1952 2.2: members follow each other */
            inflateReset(&unpacker->zip);
            unpacker->ended = false;
        }
        int result = inflate(&unpacker->zip, Z_NO_FLUSH);
        if (result == Z_STREAM_END)
            unpacker->ended = true;
        else if (result != Z_OK && result != Z_BUF_ERROR) {
            errno = EILSEQ;
            return -1;
        }
    }
    return (ssize_t)(room - unpacker->zip.avail_out);
}

static int unpack_close(void *cookie)
{
    struct unpacker *unpacker = cookie;
    int result = fclose(unpacker->packed);
    inflateEnd(&unpacker->zip);
    free(unpacker);
    return result;
}

/* Puts the unpacker between when the stream begins with gzip's magic. Takes `packed` over; NULL when memory is short. */
static FILE *unpacked(FILE *packed)
{
    unsigned char magic[2];
    struct unpacker *unpacker = calloc(1, sizeof *unpacker);
    if (unpacker == NULL) {
        fclose(packed);
        return NULL;
    }
    size_t got = fread(magic, 1, sizeof magic, packed);
    unpacker->packed = packed;
    memcpy(unpacker->piece, magic, got);
    unpacker->zip.next_in = unpacker->piece;
    unpacker->zip.avail_in = (uInt)got;
    if (inflateInit2(&unpacker->zip, WINDOW_AND_GZIP) != Z_OK) {
        fclose(packed);
        free(unpacker);
        return NULL;
    }
    cookie_io_functions_t functions = {.read = unpack, .close = unpack_close};
    FILE *stream = fopencookie(unpacker, "rb", functions);
    if (stream == NULL)
        unpack_close(unpacker);
    return stream;
}

static FILE *wrapped(FILE *file)
{
    int first = getc(file);
    if (first == EOF) {
        clearerr(file);
        return file;
    }
    ungetc(first, file);
    return first == 0x1f ? unpacked(file) : file; /* no capture format begins like gzip (RFC 1952 2.3.1) */
}

FILE *lk_input_open(const char *path, struct lk_fault *fault)
{
    FILE *file = strcmp(path, "-") == 0 ? fdopen(0, "rb") : fopen(path, "rb");
    if (file != NULL)
        file = wrapped(file);
    if (file == NULL)
        lk_fault_at(fault, path, 0, "%s", strerror(errno));
    return file;
}

FILE *lk_input_memory(const char *name, const uint8_t *bytes, size_t len, struct lk_fault *fault)
{
    static char nothing[1];
    FILE *file = fmemopen(len == 0 ? nothing : (void *)(uintptr_t)bytes, len == 0 ? 1 : len, "rb");
    if (file != NULL && len == 0)
        (void)getc(file);
    if (file != NULL)
        file = wrapped(file);
    if (file == NULL)
        lk_fault_at(fault, name, 0, "%s", strerror(errno));
    return file;
}

int lk_input_whole(const char *path, size_t limit, struct lk_bump *bump, uint8_t **bytes, size_t *len, struct lk_fault *fault)
{
    FILE *file = lk_input_open(path, fault);
    if (file == NULL)
        return -1;
    size_t room = 4096, have = 0;
    uint8_t *whole = malloc(room);
    while (whole != NULL) {
        size_t got = fread(whole + have, 1, room - have, file);
        have += got;
        if (got == 0 || have > limit)
            break;
        if (have == room) {
            uint8_t *more = realloc(whole, room *= 2);
            if (more == NULL)
                free(whole);
            whole = more;
        }
    }
    int result = 0;
    if (whole == NULL)
        result = lk_fault_at(fault, path, 0, "out of memory");
    else if (ferror(file))
        result = lk_fault_at(fault, path, 0, "%s", errno == EILSEQ ? "damaged gzip data" : strerror(errno));
    else if (have > limit)
        result = lk_fault_at(fault, path, 0, "longer than %zu bytes", limit);
    else if ((*bytes = lk_bump_copy(bump, whole, have)) == NULL)
        result = lk_fault_at(fault, path, 0, "needs more memory than the budget allows");
    *len = have;
    free(whole);
    fclose(file);
    return result;
}
