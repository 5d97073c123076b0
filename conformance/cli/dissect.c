/* lockstep dissect: what is in a capture, frame by frame. */
#include "conformance/cli/cli.h"
#include "conformance/cli/json_string.h"
#include "conformance/dissect/dissect.h"
#include "conformance/files/capture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS 4096
#define FLOWS (1u << 16)
#define DATAGRAMS 64u

static const char usage[] =
    "usage: lockstep dissect [--json] [-v] CAPTURE...\n"
    "Takes every frame of a pcap or pcapng file apart: Ethernet, ARP, IPv4, ICMP, UDP, TCP, DHCP, DNS, HTTP.\n"
    "  --json   JSON Lines, one object a frame: frame time layers[] fields{} error. Field names are Wireshark's, values as\n"
    "           tshark -T fields prints them; a field that occurs several times is an array\n"
    "  -v       below each line the tree of fields, each with its byte range in the frame\n"
    "Exit status: 0, or 2 when a file could not be read to its end (its whole frames are shown first), or standard output not written.\n";

struct options {
    bool json, verbose;
};

static void print_error(const struct lk_dissection *d)
{
    if (d->end_what != NULL)
        printf("\"%s, byte %u\"", d->end_what, (unsigned)d->end_at);
    else if (d->note != NULL)
        printf("\"%s, byte %u\"", d->note, (unsigned)d->note_at);
    else
        printf("null");
}

/* RFC 8259 section 7. Only strings of a frame hold anything that needs escapes. */
static void print_value(const struct lk_field *field, char *text)
{
    lk_field_text(field, text, LK_FIELD_TEXT(65536));
    lk_cli_json_string(stdout, text);
}

/* A terminal obeys control characters: a dot stands for each. */
static void defuse(char *text)
{
    for (; *text != 0; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            *text = '.';
}

static void print_json_field(const struct lk_dissection *d, uint32_t i, char *text)
{
    const struct lk_field *field = &d->fields[i];
    const struct lk_field *again = lk_dissection_find(d, field->name, i + 1);
    printf("\"%s\":%s", field->name, again != NULL ? "[" : "");
    print_value(field, text);
    while (again != NULL) {
        putchar(',');
        print_value(again, text);
        again = lk_dissection_find(d, field->name, (uint32_t)(again - d->fields) + 1);
        if (again == NULL)
            putchar(']');
    }
}

static void print_json(const struct lk_dissect_frame *frame, const struct lk_dissection *d, char *text)
{
    long long ns = frame->time < 0 ? -(long long)frame->time : (long long)frame->time; /* a damaged capture may be before 1970 */
    printf("{\"frame\":%u,\"time\":%s%lld.%09lld,\"layers\":[", (unsigned)frame->number, frame->time < 0 ? "-" : "", ns / 1000000000, ns % 1000000000);
    for (uint32_t i = 0; i < d->layer_count; i++)
        printf("%s\"%s\"", i > 0 ? "," : "", d->layers[i].name);
    printf("],\"fields\":{\"frame.len\":\"%u\",\"frame.cap_len\":\"%u\"", (unsigned)frame->length, (unsigned)frame->captured);
    for (uint32_t i = 0; i < d->field_count; i++)
        if (lk_dissection_find(d, d->fields[i].name, 0) == &d->fields[i]) {
            putchar(',');
            print_json_field(d, i, text);
        }
    printf("},\"error\":");
    print_error(d);
    printf("}\n");
}

static void print_tree(const struct lk_dissection *d, char *text)
{
    for (uint32_t layer = 0, i = 0; layer < d->layer_count; layer++) {
        printf("    %s, bytes %u..%u\n", d->layers[layer].name, (unsigned)d->layers[layer].at,
               (unsigned)(d->layers[layer].at + d->layers[layer].len));
        for (; i < d->field_count && d->fields[i].layer == layer; i++) {
            const struct lk_field *field = &d->fields[i];
            lk_field_text(field, text, LK_FIELD_TEXT(65536));
            defuse(text);
            if (field->len > 0)
                printf("        %-30s %-24s bytes %u..%u\n", field->name, text, (unsigned)field->at, (unsigned)(field->at + field->len));
            else
                printf("        %-30s %s\n", field->name, text);
        }
    }
}

static void print_text(const struct lk_dissect_frame *frame, int64_t since, const struct lk_dissection *d, char *text)
{
    lk_dissection_line(d, text, LK_FIELD_TEXT(65536));
    defuse(text);
    printf("%5u %4lld.%06lld %s", (unsigned)frame->number, (long long)(since / 1000000000), (long long)(since / 1000 % 1000000), text);
    if (frame->captured < frame->length)
        printf(" (%u of %u bytes captured)", (unsigned)frame->captured, (unsigned)frame->length);
    if (d->end_what != NULL)
        printf(" ! %s, byte %u", d->end_what, (unsigned)d->end_at);
    if (d->note != NULL)
        printf(" ! %s, byte %u", d->note, (unsigned)d->note_at);
    putchar('\n');
}

/* The memory of one run: connections and fragments of one file, the fields of one frame. */
struct room {
    struct lk_dissect_memory memory;
    struct lk_dissection out;
    char *text;
};

static bool room_make(struct room *room)
{
    *room = (struct room){0};
    room->memory.flow_cap = FLOWS;
    room->memory.datagram_cap = DATAGRAMS;
    room->memory.flows = calloc(FLOWS, sizeof *room->memory.flows);
    room->memory.datagrams = calloc(DATAGRAMS, sizeof *room->memory.datagrams);
    room->out.layers = calloc(LK_DISSECT_DEPTH, sizeof *room->out.layers);
    room->out.fields = calloc(FIELDS, sizeof *room->out.fields);
    room->out.layer_cap = LK_DISSECT_DEPTH;
    room->out.field_cap = FIELDS;
    room->text = malloc(LK_FIELD_TEXT(65536));
    return room->memory.flows && room->memory.datagrams && room->out.layers && room->out.fields && room->text;
}

static void room_empty(struct room *room)
{
    memset(room->memory.flows, 0, FLOWS * sizeof *room->memory.flows);
    memset(room->memory.datagrams, 0, DATAGRAMS * sizeof *room->memory.datagrams);
    room->memory.streams = 0;
    room->memory.order = 0;
}

static void room_free(struct room *room)
{
    free(room->memory.flows);
    free(room->memory.datagrams);
    free(room->out.layers);
    free(room->out.fields);
    free(room->text);
}

static int dissect_file(const char *path, const struct options *options, struct room *room)
{
    struct lk_fault fault;
    struct lk_capture_reader *reader = lk_capture_open(path, &fault);
    if (reader == NULL) {
        fprintf(stderr, "lockstep dissect: %s\n", fault.text);
        return 2;
    }
    struct lk_captured captured;
    int more;
    room_empty(room);
    while ((more = lk_capture_next(reader, &captured, &fault)) > 0) {
        struct lk_dissect_frame frame = {captured.bytes, captured.len, captured.orig_len, lk_capture_link(reader), captured.number,
                                         lk_capture_start(reader) + captured.at};
        lk_dissect(&frame, &room->memory, &room->out);
        if (options->json)
            print_json(&frame, &room->out, room->text);
        else
            print_text(&frame, captured.at, &room->out, room->text);
        if (options->verbose && !options->json)
            print_tree(&room->out, room->text);
    }
    if (more < 0) {
        fflush(stdout);
        fprintf(stderr, "lockstep dissect: %s\n", fault.text);
    }
    lk_capture_close(reader);
    return more < 0 ? 2 : 0;
}

/* Takes the options out of argv; the number of captures that stay, or -1 for an unknown option, -2 for --help. */
static int read_options(int argc, char **argv, struct options *options)
{
    int files = 0;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0)
            options->json = true;
        else if (strcmp(argv[i], "-v") == 0)
            options->verbose = true;
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return -2;
        else if (argv[i][0] == '-' && argv[i][1] != 0) {
            fprintf(stderr, "lockstep dissect: unknown option %s (try --help)\n", argv[i]);
            return -1;
        } else
            argv[++files] = argv[i];
    }
    return files;
}

int lk_cli_dissect(int argc, char **argv)
{
    struct options options = {false, false};
    int files = read_options(argc, argv, &options);
    if (files == -2) {
        fputs(usage, stdout);
        return 0;
    }
    if (files == 0)
        fputs("lockstep dissect: no capture given (try --help)\n", stderr);
    if (files <= 0)
        return 2;
    struct room room;
    int worst = 0;
    if (room_make(&room)) {
        for (int i = 1; i <= files; i++) {
            int status = dissect_file(argv[i], &options, &room);
            worst = status > worst ? status : worst;
        }
    } else {
        fputs("lockstep dissect: no memory\n", stderr);
        worst = 2;
    }
    room_free(&room);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fprintf(stderr, "lockstep dissect: standard output: %s\n", strerror(errno));
        worst = 2;
    }
    return worst;
}
