#define _GNU_SOURCE /* fopencookie */
#include "conformance/files/pcapng.h"
#include "stack/base/bytes.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SECTION 0x0a0d0d0au      /* block types; this one reads the same in both byte orders */
#define INTERFACE 1u
#define HEAD 12                  /* the least a block has: type, length, and four bytes more */
#define SNAP_AT 12               /* of an interface: after type, length, link type and reserved */
#define SNAP_LENGTH 262144u      /* libpcap's own largest */

struct even {
    FILE *file;
    bool big;                    /* byte order of the section */
    uint8_t head[SNAP_AT + 4];
    size_t have, given;          /* bytes of head: read, handed out */
    uint32_t rest;               /* bytes of the block behind the head */
};

static uint32_t number(const struct even *even, const uint8_t *at)
{
    return even->big ? lk_load_be32(at) : lk_load_le32(at);
}

/* Reads the snapshot length of an interface, and puts the one that all get in its place. */
static void level(struct even *even)
{
    size_t got = fread(even->head + SNAP_AT, 1, 4, even->file);
    even->have += got;
    if (got == 4 && even->big)
        lk_store_be32(even->head + SNAP_AT, SNAP_LENGTH);
    else if (got == 4)
        lk_store_le32(even->head + SNAP_AT, SNAP_LENGTH);
}

/* Reads the first bytes of the next block. False at the end. */
static bool next_block(struct even *even)
{
    even->given = 0;
    even->have = fread(even->head, 1, HEAD, even->file);
    even->rest = 0;
    if (even->have < HEAD)
        return even->have != 0;
    if (lk_load_be32(even->head) == SECTION)
        even->big = lk_load_be32(even->head + 8) == 0x1a2b3c4du;
    uint32_t len = number(even, even->head + 4);
    if (number(even, even->head) == INTERFACE && len >= 20)
        level(even);
    even->rest = len > even->have ? len - (uint32_t)even->have : 0; /* a length below 12 is libpcap's to refuse */
    return true;
}

static ssize_t even_read(void *cookie, char *to, size_t room)
{
    struct even *even = cookie;
    if (even->given == even->have && even->rest == 0 && !next_block(even))
        return ferror(even->file) ? -1 : 0;
    if (even->given < even->have) {
        size_t part = even->have - even->given < room ? even->have - even->given : room;
        memcpy(to, even->head + even->given, part);
        even->given += part;
        return (ssize_t)part;
    }
    size_t got = fread(to, 1, even->rest < room ? even->rest : room, even->file);
    even->rest -= (uint32_t)got;
    return got == 0 && ferror(even->file) ? -1 : (ssize_t)got;
}

static int even_close(void *cookie)
{
    struct even *even = cookie;
    int result = fclose(even->file);
    free(even);
    return result;
}

FILE *lk_pcapng_even(FILE *file)
{
    int first = getc(file);
    if (first != EOF)
        ungetc(first, file);
    if (first != SECTION >> 24)
        return file;
    struct even *even = calloc(1, sizeof *even);
    cookie_io_functions_t functions = {.read = even_read, .close = even_close};
    FILE *stream = even == NULL ? NULL : fopencookie(even, "rb", functions);
    if (stream == NULL) {
        fclose(file);
        free(even);
        return NULL;
    }
    even->file = file;
    return stream;
}
