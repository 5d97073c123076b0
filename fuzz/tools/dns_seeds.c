/* Writes the DNS messages of a capture as seeds, one of each shape: dns_seeds CAPTURE OUTDIR (fuzz/make-seeds calls it). */
#include "conformance/dissect/dissect.h"
#include "conformance/files/capture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 4096
#define SHAPES 256

/* What makes a message like another: flags, question type, types and sections of its records. */
static uint64_t shape_of(const struct lk_dissection *d)
{
    static const char *const telling[] = {"dns.flags", "dns.qry.type", "dns.resp.type", "dns.opt.code", "dns.count.answers"};
    uint64_t shape = 1;
    for (uint32_t i = 0; i < d->field_count; i++)
        for (size_t k = 0; k < sizeof telling / sizeof *telling; k++)
            if (lk_field_is(&d->fields[i], telling[k]))
                shape = (shape ^ d->fields[i].number) * UINT64_C(0x100000001b3) + k;
    return shape;
}

static int write_seed(const char *folder, unsigned number, const uint8_t *bytes, size_t len)
{
    char path[512];
    snprintf(path, sizeof path, "%s/frame-%04u", folder, number);
    FILE *f = fopen(path, "wb");
    if (f == NULL || fwrite(bytes, 1, len, f) != len) {
        perror(path);
        if (f != NULL)
            fclose(f);
        return 1;
    }
    return fclose(f) != 0;
}

static int one(const char *folder, const struct lk_captured *c, const struct lk_dissection *d, uint64_t *seen, size_t *count)
{
    const struct lk_layer *dns = NULL;
    for (uint32_t i = 0; i < d->layer_count; i++)
        if (strcmp(d->layers[i].name, "dns") == 0)
            dns = &d->layers[i];
    uint64_t shape = shape_of(d);
    for (size_t i = 0; i < *count; i++)
        if (seen[i] == shape)
            return 0;
    if (dns == NULL || *count == SHAPES)
        return 0;
    seen[(*count)++] = shape;
    return write_seed(folder, c->number, c->bytes + dns->at, dns->len);
}

int main(int argc, char **argv)
{
    static struct lk_layer layers[LK_DISSECT_DEPTH];
    static struct lk_field fields[FIELDS];
    static uint64_t seen[SHAPES];
    struct lk_fault fault;
    struct lk_captured c;
    size_t count = 0;
    int bad = 0, more;
    struct lk_capture_reader *reader = argc == 3 ? lk_capture_open(argv[1], &fault) : NULL;
    if (reader == NULL) {
        fprintf(stderr, "%s\n", argc == 3 ? fault.text : "usage: dns_seeds CAPTURE OUTDIR");
        return 2;
    }
    while ((more = lk_capture_next(reader, &c, &fault)) > 0) {
        struct lk_dissect_frame frame = {c.bytes, c.len, c.orig_len, lk_capture_link(reader), c.number, 0};
        struct lk_dissection d = {.layers = layers, .fields = fields, .layer_cap = LK_DISSECT_DEPTH, .field_cap = FIELDS};
        if (lk_dissect(&frame, NULL, &d) == 0)
            bad |= one(argv[2], &c, &d, seen, &count);
    }
    lk_capture_close(reader);
    printf("%zu seeds\n", count);
    return bad || more < 0 ? 2 : 0;
}
