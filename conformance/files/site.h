/* A folder of files as a web site: what a request (RFC 9110) is answered with. Head and content come out of here; framing and
 * connection are the HTTP server's.
 *
 * Nothing outside of the folder is ever opened: a path is walked segment by segment from the folder's own descriptor, `..` is
 * refused however it is written, and no symbolic link is followed. Names that begin with a dot are neither served nor listed. */
#ifndef LK_FILES_SITE_H
#define LK_FILES_SITE_H

#include "conformance/timeline/fault.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_site;

/* NULL and a fault: no such folder, no folder, no permission. */
struct lk_site *lk_site_open(const char *folder, struct lk_fault *fault);
void lk_site_close(struct lk_site *site);

/* Not terminated; borrowed for the call. */
struct lk_site_request { const char *method, *target, *fields; size_t method_len, target_len, fields_len; /* fields: lines with their CRLF */ };

#define LK_SITE_FIELDS 2048

struct lk_site_answer {
    uint16_t status;             /* 200, 206, 301, 304, 400, 403, 404, 405, 416, 500 */
    char fields[LK_SITE_FIELDS]; /* field lines, each with its CRLF: Date, Content-Type, Last-Modified, ...; no framing */
    uint64_t length;             /* of the content, also where none is sent (HEAD) */
    bool empty;                  /* no content is sent: HEAD, 304 */
    int file;                    /* inside: -1, or where the content comes from */
    char *text;                  /* inside: the content, when it is not a file's */
    uint64_t from;               /* inside: where in the file it begins */
};

/* Finds what answers the request; `now` in seconds since 1970. lk_site_done() must follow. Files are opened, not read. GET and
 * HEAD (RFC 9110 9.3); If-Modified-Since (13.1.3); one range (14.2), If-Range with a date; a folder is its index.html, or a
 * list of what is in it. */
void lk_site_answer(const struct lk_site *site, const struct lk_site_request *request, int64_t now, struct lk_site_answer *out);
/* Content from `offset` on: bytes read, at most cap; -1 when the file has shrunk or cannot be read: the answer cannot be finished. */
int64_t lk_site_read(const struct lk_site_answer *answer, uint64_t offset, void *bytes, size_t cap);
void lk_site_done(struct lk_site_answer *answer);

#endif
