/* Captures: pcap and pcapng in either byte order, microseconds or nanoseconds, gzip or not, by libpcap. Link types
 * Ethernet and raw IP; any other is a fault that names it. */
#ifndef LK_FILES_CAPTURE_H
#define LK_FILES_CAPTURE_H

#include "conformance/timeline/bump.h"
#include "conformance/timeline/fault.h"
#include "conformance/timeline/trace.h"
#include <stddef.h>
#include <stdint.h>

/* -- one frame after the other -- */

struct lk_capture_reader;
/* NULL and a fault when the file cannot be opened, is no capture, or has an unsupported link type. */
struct lk_capture_reader *lk_capture_open(const char *path, struct lk_fault *fault);
/* The same over bytes, which must outlive the reader. */
struct lk_capture_reader *lk_capture_open_memory(const char *name, const uint8_t *bytes, size_t len, struct lk_fault *fault);
/* The same for any link type; lk_capture_link() is then the number that libpcap gives it. */
struct lk_capture_reader *lk_capture_open_any(const char *path, struct lk_fault *fault);
uint32_t lk_capture_link(const struct lk_capture_reader *reader); /* enum lk_capture_link */
/* The next frame: 1; 0 at the end; -1 and a fault when what follows is truncated or malformed (all whole frames before it
 * have been handed out). frame->at counts from the first frame; frame->bytes are valid until the next call. */
int lk_capture_next(struct lk_capture_reader *reader, struct lk_captured *frame, struct lk_fault *fault);
/* The time of the first frame, ns since 1970; 0 before it was read. */
lk_time lk_capture_start(const struct lk_capture_reader *reader);
void lk_capture_close(struct lk_capture_reader *reader);

/* -- all at once -- */

/* Reads a whole capture into `bump`. 0; or -1 and a fault, and *capture still holds all whole frames before the fault.
 * More frames than the budget of `bump` allows is a fault too. */
int lk_capture_read(const char *path, struct lk_bump *bump, struct lk_capture *capture, struct lk_fault *fault);
int lk_capture_read_memory(const char *name, const uint8_t *bytes, size_t len, struct lk_bump *bump, struct lk_capture *capture, struct lk_fault *fault);

/* Writes a pcap with nanoseconds; frame times are capture->start + at. 0, or -1 and a fault; then no file is left. */
int lk_capture_write(const char *path, const struct lk_capture *capture, struct lk_fault *fault);

/* -- as it happens -- */

struct lk_capture_writer;
/* Begins a pcap with nanoseconds at `path`; link: enum lk_capture_link. NULL and a fault. */
struct lk_capture_writer *lk_capture_writer_open(const char *path, uint32_t link, struct lk_fault *fault);
/* One frame more, `at` ns since 1970. 0, or -1 and a fault: the file cannot take it, the time is out of range. */
int lk_capture_writer_add(struct lk_capture_writer *writer, const uint8_t *bytes, size_t len, lk_time at, struct lk_fault *fault);
/* Ends the file. 0, or -1 and a fault when it is not whole. NULL is closed already. */
int lk_capture_writer_close(struct lk_capture_writer *writer, struct lk_fault *fault);

#endif
