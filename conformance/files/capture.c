#define _GNU_SOURCE /* u_char and its like, which pcap.h leans on */
#include "conformance/files/capture.h"
#include "conformance/files/input.h"
#include "conformance/files/pcapng.h"

#include <errno.h>
#include <pcap/pcap.h>
#include <stdlib.h>
#include <string.h>

#define SNAP_LENGTH 262144

struct lk_capture_reader {
    char *name;
    pcap_t *pcap;
    uint32_t link, number;
    lk_time start;
};

/* libpcap's numbers for "the packet begins with its IP header" differ between systems and versions. */
static uint32_t link_of(int data_link)
{
    if (data_link == DLT_EN10MB)
        return LK_CAPTURE_ETHERNET;
    if (data_link == DLT_RAW || data_link == DLT_IPV4 || data_link == DLT_IPV6)
        return LK_CAPTURE_RAW_IP;
    return 0;
}

/* Names the link type of a capture that is not supported. */
static void refuse_link(const char *name, int data_link, struct lk_fault *fault)
{
    const char *known = pcap_datalink_val_to_name(data_link);
    lk_fault_at(fault, name, 0, "link type %d (%s) is not supported, only Ethernet and raw IP", data_link, known == NULL ? "unknown" : known);
}

/* Takes `stream` over, also when it fails. */
static struct lk_capture_reader *open_stream(const char *name, FILE *stream, bool any, struct lk_fault *fault)
{
    char reason[PCAP_ERRBUF_SIZE] = "";
    stream = lk_pcapng_even(stream);
    if (stream == NULL) {
        lk_fault_at(fault, name, 0, "out of memory");
        return NULL;
    }
    pcap_t *pcap = pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, reason);
    if (pcap == NULL) {
        fclose(stream);
        lk_fault_at(fault, name, 0, "no capture: %s", reason);
        return NULL;
    }
    uint32_t link = any ? (uint32_t)pcap_datalink(pcap) : link_of(pcap_datalink(pcap));
    bool refused = link == 0 && !any;
    struct lk_capture_reader *reader = refused ? NULL : calloc(1, sizeof *reader);
    char *copy = reader == NULL ? NULL : malloc(strlen(name) + 1);
    if (copy == NULL) {
        if (refused)
            refuse_link(name, pcap_datalink(pcap), fault);
        else
            lk_fault_at(fault, name, 0, "out of memory");
        free(reader);
        pcap_close(pcap);
        return NULL;
    }
    strcpy(copy, name);
    *reader = (struct lk_capture_reader){.name = copy, .pcap = pcap, .link = link};
    return reader;
}

struct lk_capture_reader *lk_capture_open(const char *path, struct lk_fault *fault)
{
    FILE *stream = lk_input_open(path, fault);
    return stream == NULL ? NULL : open_stream(path, stream, false, fault);
}

struct lk_capture_reader *lk_capture_open_any(const char *path, struct lk_fault *fault)
{
    FILE *stream = lk_input_open(path, fault);
    return stream == NULL ? NULL : open_stream(path, stream, true, fault);
}

struct lk_capture_reader *lk_capture_open_memory(const char *name, const uint8_t *bytes, size_t len, struct lk_fault *fault)
{
    FILE *stream = lk_input_memory(name, bytes, len, fault);
    return stream == NULL ? NULL : open_stream(name, stream, false, fault);
}

uint32_t lk_capture_link(const struct lk_capture_reader *reader)
{
    return reader->link;
}

lk_time lk_capture_start(const struct lk_capture_reader *reader)
{
    return reader->start;
}

/* Nanoseconds since 1970; false when a lk_time cannot hold them. A damaged fraction of more than a second is carried over. */
static bool time_of(const struct pcap_pkthdr *header, lk_time *at)
{
    const int64_t carried = 5000; /* seconds: 32 bits of microseconds are less */
    const int64_t most = LK_TIME_MAX / LK_SECOND - carried; /* so that differences fit too */
    if (header->ts.tv_sec > most || header->ts.tv_sec < -most || header->ts.tv_usec < -carried * LK_SECOND || header->ts.tv_usec > carried * LK_SECOND)
        return false;
    *at = (lk_time)header->ts.tv_sec * LK_SECOND + (lk_time)header->ts.tv_usec; /* opened for nanoseconds */
    return true;
}

int lk_capture_next(struct lk_capture_reader *reader, struct lk_captured *frame, struct lk_fault *fault)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    int got = pcap_next_ex(reader->pcap, &header, &bytes);
    if (got == PCAP_ERROR_BREAK)
        return 0;
    if (got != 1)
        return lk_fault_in_frame(fault, reader->name, reader->number + 1, "%s", pcap_geterr(reader->pcap));
    lk_time at;
    if (!time_of(header, &at))
        return lk_fault_in_frame(fault, reader->name, reader->number + 1, "time out of range");
    if (reader->number == UINT32_MAX)
        return lk_fault_in_frame(fault, reader->name, reader->number, "too many frames");
    if (reader->number == 0)
        reader->start = at;
    reader->number++;
    *frame = (struct lk_captured){.at = at - reader->start, .number = reader->number, .len = header->caplen, .orig_len = header->len, .bytes = bytes};
    return 1;
}

void lk_capture_close(struct lk_capture_reader *reader)
{
    if (reader == NULL)
        return;
    pcap_close(reader->pcap);
    free(reader->name);
    free(reader);
}

/* Appends a frame to a capture; false when the budget is used up. */
static bool keep(struct lk_bump *bump, struct lk_capture *capture, size_t *capacity, const struct lk_captured *frame)
{
    struct lk_captured *frames = lk_bump_grow(bump, capture->frames, capture->count, capacity, sizeof *frames);
    const uint8_t *bytes = frames == NULL ? NULL : lk_bump_copy(bump, frame->bytes, frame->len);
    if (bytes == NULL)
        return false;
    capture->frames = frames;
    frames[capture->count] = *frame;
    frames[capture->count].bytes = bytes;
    capture->count++;
    return true;
}

static int read_all(struct lk_capture_reader *reader, struct lk_bump *bump, struct lk_capture *capture, struct lk_fault *fault)
{
    struct lk_captured frame;
    size_t capacity = 0;
    int got;
    capture->link = reader->link;
    while ((got = lk_capture_next(reader, &frame, fault)) == 1) {
        capture->start = reader->start;
        if (!keep(bump, capture, &capacity, &frame)) {
            got = lk_fault_in_frame(fault, reader->name, frame.number, "needs more memory than the budget allows");
            break;
        }
    }
    lk_capture_close(reader);
    return got;
}

static int read_into(struct lk_capture_reader *reader, const char *name, struct lk_bump *bump, struct lk_capture *capture, struct lk_fault *fault)
{
    *capture = (struct lk_capture){0};
    if (reader == NULL)
        return -1;
    capture->file = lk_bump_text(bump, name, strlen(name));
    if (capture->file == NULL) {
        lk_capture_close(reader);
        return lk_fault_at(fault, name, 0, "needs more memory than the budget allows");
    }
    return read_all(reader, bump, capture, fault);
}

int lk_capture_read(const char *path, struct lk_bump *bump, struct lk_capture *capture, struct lk_fault *fault)
{
    return read_into(lk_capture_open(path, fault), path, bump, capture, fault);
}

int lk_capture_read_memory(const char *name, const uint8_t *bytes, size_t len, struct lk_bump *bump, struct lk_capture *capture, struct lk_fault *fault)
{
    return read_into(lk_capture_open_memory(name, bytes, len, fault), name, bump, capture, fault);
}

/* The header of a frame; false when pcap's 32 bits of seconds cannot hold the time. */
static bool header_of(const struct lk_capture *capture, const struct lk_captured *frame, struct pcap_pkthdr *header)
{
    if (capture->start < 0 || frame->at < -capture->start)
        return false;
    lk_time at = frame->at < 0 ? capture->start + frame->at : lk_time_add(capture->start, frame->at);
    if (at / LK_SECOND > UINT32_MAX)
        return false;
    header->ts.tv_sec = (time_t)(at / LK_SECOND);
    header->ts.tv_usec = (suseconds_t)(at % LK_SECOND);
    header->caplen = frame->len;
    header->len = frame->orig_len;
    return true;
}

static int write_frames(pcap_dumper_t *dumper, const char *path, const struct lk_capture *capture, struct lk_fault *fault)
{
    for (size_t i = 0; i < capture->count; i++) {
        struct pcap_pkthdr header = {0};
        if (!header_of(capture, &capture->frames[i], &header))
            return lk_fault_in_frame(fault, path, i + 1, "time out of range");
        if (capture->frames[i].len > SNAP_LENGTH)
            return lk_fault_in_frame(fault, path, i + 1, "longer than %d bytes", SNAP_LENGTH);
        pcap_dump((u_char *)dumper, &header, capture->frames[i].bytes);
    }
    return 0;
}

int lk_capture_write(const char *path, const struct lk_capture *capture, struct lk_fault *fault)
{
    int data_link = capture->link == LK_CAPTURE_RAW_IP ? DLT_RAW : DLT_EN10MB;
    pcap_t *pcap = pcap_open_dead_with_tstamp_precision(data_link, SNAP_LENGTH, PCAP_TSTAMP_PRECISION_NANO);
    if (pcap == NULL)
        return lk_fault_at(fault, path, 0, "out of memory");
    pcap_dumper_t *dumper = pcap_dump_open(pcap, path);
    if (dumper == NULL) {
        lk_fault_at(fault, path, 0, "%s", strerror(errno)); /* libpcap's words begin with the path too */
        pcap_close(pcap);
        return -1;
    }
    int result = write_frames(dumper, path, capture, fault);
    if (result == 0 && (pcap_dump_flush(dumper) != 0 || ferror(pcap_dump_file(dumper))))
        result = lk_fault_at(fault, path, 0, "cannot be written to its end");
    pcap_dump_close(dumper);
    pcap_close(pcap);
    if (result != 0)
        remove(path);
    return result;
}

struct lk_capture_writer { pcap_t *pcap; pcap_dumper_t *dumper; char *name; };

struct lk_capture_writer *lk_capture_writer_open(const char *path, uint32_t link, struct lk_fault *fault)
{
    struct lk_capture_writer *writer = calloc(1, sizeof *writer);
    char *name = malloc(strlen(path) + 1);
    pcap_t *pcap = pcap_open_dead_with_tstamp_precision(link == LK_CAPTURE_RAW_IP ? DLT_RAW : DLT_EN10MB, SNAP_LENGTH, PCAP_TSTAMP_PRECISION_NANO);
    pcap_dumper_t *dumper = pcap == NULL ? NULL : pcap_dump_open(pcap, path);
    if (writer != NULL && name != NULL && dumper != NULL) {
        strcpy(name, path);
        *writer = (struct lk_capture_writer){.pcap = pcap, .dumper = dumper, .name = name};
        return writer;
    }
    lk_fault_at(fault, path, 0, "%s", pcap == NULL || dumper != NULL ? "out of memory" : strerror(errno));
    if (dumper != NULL)
        pcap_dump_close(dumper);
    if (pcap != NULL)
        pcap_close(pcap);
    free(name);
    free(writer);
    return NULL;
}

int lk_capture_writer_add(struct lk_capture_writer *writer, const uint8_t *bytes, size_t len, lk_time at, struct lk_fault *fault)
{
    if (at < 0 || at / LK_SECOND > UINT32_MAX)
        return lk_fault_at(fault, writer->name, 0, "time out of range");
    if (len > SNAP_LENGTH)
        return lk_fault_at(fault, writer->name, 0, "a frame longer than %d bytes", SNAP_LENGTH);
    struct pcap_pkthdr header = {.caplen = (bpf_u_int32)len, .len = (bpf_u_int32)len};
    header.ts.tv_sec = (time_t)(at / LK_SECOND);
    header.ts.tv_usec = (suseconds_t)(at % LK_SECOND);
    pcap_dump((u_char *)writer->dumper, &header, bytes);
    return ferror(pcap_dump_file(writer->dumper)) ? lk_fault_at(fault, writer->name, 0, "cannot be written: %s", strerror(errno)) : 0;
}

int lk_capture_writer_close(struct lk_capture_writer *writer, struct lk_fault *fault)
{
    if (writer == NULL)
        return 0;
    int result = 0;
    if (pcap_dump_flush(writer->dumper) != 0 || ferror(pcap_dump_file(writer->dumper)))
        result = lk_fault_at(fault, writer->name, 0, "cannot be written to its end: %s", strerror(errno));
    pcap_dump_close(writer->dumper);
    pcap_close(writer->pcap);
    free(writer->name);
    free(writer);
    return result;
}
