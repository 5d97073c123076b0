#define _GNU_SOURCE /* strdup(), strcasecmp() */
#include "conformance/files/site.h"
#include "conformance/files/site_list.h"
#include "stack/wire/http_date.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEGMENT 255 /* bytes of one name: what file systems have */

struct lk_site { int folder; };

struct lk_site *lk_site_open(const char *folder, struct lk_fault *fault)
{
    struct lk_site *site = malloc(sizeof *site);
    int fd = site == NULL ? -1 : open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        site->folder = fd;
        return site;
    }
    lk_fault_at(fault, folder, 0, "%s", site == NULL ? "out of memory" : strerror(errno));
    free(site);
    return NULL;
}

void lk_site_close(struct lk_site *site)
{
    if (site == NULL)
        return;
    close(site->folder);
    free(site);
}

/* -- dates -- */

/* "Thu, 01 Jan 1970 00:00:00 GMT" for a time no date can say: a file's may be any. */
static void date_text(int64_t at, char text[LK_HTTP_DATE_LEN + 1])
{
    if (lk_http_date_emit(at, (uint8_t *)text, LK_HTTP_DATE_LEN) < 0)
        lk_http_date_emit(0, (uint8_t *)text, LK_HTTP_DATE_LEN);
    text[LK_HTTP_DATE_LEN] = 0;
}

/* -- fields -- */

static void add(struct lk_site_answer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct lk_site_answer *out, const char *format, ...)
{
    size_t used = strlen(out->fields);
    va_list arguments;
    va_start(arguments, format);
    int more = vsnprintf(out->fields + used, sizeof out->fields - used, format, arguments);
    va_end(arguments);
    if (more < 0 || (size_t)more >= sizeof out->fields - used)
        out->fields[used] = 0; /* a line is there or not, never cut */
}

/* The value of the one field of that name; false when there is none or more than one. */
static bool field(const struct lk_site_request *request, const char *name, const char **value, size_t *len)
{
    const char *at = request->fields, *end = at == NULL ? NULL : at + request->fields_len;
    size_t wanted = strlen(name);
    unsigned found = 0;
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at)), *next = line == NULL ? end : line + 1;
        if ((size_t)(next - at) > wanted && strncasecmp(at, name, wanted) == 0 && at[wanted] == ':') {
            const char *from = at + wanted + 1, *to = next;
            while (from < to && (*from == ' ' || *from == '\t'))
                from++;
            while (to > from && strchr(" \t\r\n", to[-1]) != NULL)
                to--;
            *value = from, *len = (size_t)(to - from);
            found++;
        }
        at = next;
    }
    return found == 1;
}

/* -- the path -- */

static int hex(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* What of the target is the path: without scheme and authority (RFC 9112 3.2.2) and without query. */
static void path_of(const struct lk_site_request *request, const char **path, size_t *len)
{
    const char *at = request->target, *end = at + request->target_len;
    if (end - at > 7 && strncasecmp(at, "http://", 7) == 0) {
        at = memchr(at + 7, '/', (size_t)(end - at) - 7);
        if (at == NULL)
            at = "/", end = at + 1;
    }
    const char *query = memchr(at, '?', (size_t)(end - at));
    *path = at, *len = (size_t)((query == NULL ? end : query) - at);
}

/* The next segment, percent-decoded (RFC 3986 2.1). Its length; -1: no name a file can have here, 404; -2: malformed, 400. */
static int segment(const char **at, const char *end, char name[SEGMENT + 1])
{
    int len = 0;
    while (*at < end && **at != '/') {
        int byte = (unsigned char)*(*at)++;
        if (byte == '%') {
            if (end - *at < 2 || hex((*at)[0]) < 0 || hex((*at)[1]) < 0)
                return -2;
            byte = hex((*at)[0]) * 16 + hex((*at)[1]);
            *at += 2;
            if (byte == 0)
                return -2;
            if (byte == '/')
                return -1;
        }
        if (len == SEGMENT)
            return -1;
        name[len++] = (char)byte;
    }
    name[len] = 0;
    if (strcmp(name, ".") == 0)
        return 0;
    return name[0] == '.' ? -1 : len;
}

static uint16_t status_of(int error)
{
    if (error == EMFILE || error == ENFILE || error == ENOMEM)
        return 500;
    return error == EACCES || error == EPERM ? 403 : 404;
}

static int walk_in(int folder, const char *name)
{
    int next = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC); /* not waiting: it may be a pipe */
    int reason = errno;
    close(folder);
    errno = reason;
    return next;
}

/* Opens what the path names. A descriptor, or -1 and *status. *slash: the path ends with one. */
static int walk(const struct lk_site *site, const char *path, size_t len, bool *slash, uint16_t *status)
{
    const char *at = path, *end = path + len;
    char name[SEGMENT + 1];
    int fd = dup(site->folder);
    *slash = true;
    while (fd >= 0 && at < end) {
        if (*at == '/') {
            at++;
            *slash = true;
            continue;
        }
        int got = segment(&at, end, name);
        *slash = got == 0 || (at < end && *at == '/');
        if (got < 0) {
            close(fd);
            *status = got == -1 ? 404 : 400;
            return -1;
        }
        if (got > 0)
            fd = walk_in(fd, name);
    }
    if (fd < 0)
        *status = status_of(errno);
    return fd;
}

/* -- what it is -- */

static const char *type_of(const char *path, size_t len)
{
    static const struct { const char *suffix, *type; } types[] = {
        {".html", "text/html; charset=utf-8"}, {".htm", "text/html; charset=utf-8"}, {".css", "text/css; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"}, {".json", "application/json"}, {".txt", "text/plain; charset=utf-8"},
        {".md", "text/markdown; charset=utf-8"}, {".csv", "text/csv; charset=utf-8"}, {".xml", "application/xml"},
        {".svg", "image/svg+xml"}, {".png", "image/png"}, {".jpg", "image/jpeg"}, {".jpeg", "image/jpeg"}, {".gif", "image/gif"},
        {".webp", "image/webp"}, {".ico", "image/x-icon"}, {".pdf", "application/pdf"}, {".gz", "application/gzip"},
        {".zip", "application/zip"}, {".wasm", "application/wasm"}, {".woff2", "font/woff2"}, {".mp4", "video/mp4"},
        {".pcap", "application/vnd.tcpdump.pcap"},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        size_t own = strlen(types[i].suffix);
        if (len >= own && strncasecmp(path + len - own, types[i].suffix, own) == 0)
            return types[i].type;
    }
    return "application/octet-stream";
}

static void plain(struct lk_site_answer *out, uint16_t status, const char *what)
{
    lk_site_done(out);
    out->status = status;
    out->from = 0;
    out->text = strdup(what);
    out->length = out->text == NULL ? 0 : strlen(what);
    add(out, "Content-Type: text/plain; charset=utf-8\r\n");
}

static bool number(const char **at, const char *end, uint64_t *out)
{
    const char *from = *at;
    for (*out = 0; *at < end && **at >= '0' && **at <= '9'; (*at)++) {
        if (*out > (UINT64_MAX - 9) / 10)
            return false;
        *out = *out * 10 + (uint64_t)(**at - '0');
    }
    return *at > from;
}

enum range { RANGE_NONE, RANGE_ONE, RANGE_BEYOND };

/* RFC 9110 14.1.2, one range; what is malformed or more than one is ignored (14.2: a server MAY). */
static enum range range_of(const char *value, size_t len, uint64_t size, uint64_t *from, uint64_t *length)
{
    if (len < 7 || strncasecmp(value, "bytes=", 6) != 0)
        return RANGE_NONE;
    const char *at = value + 6, *end = value + len;
    uint64_t first = 0, last = UINT64_MAX;
    bool suffix = *at == '-';
    if (!suffix && !number(&at, end, &first))
        return RANGE_NONE;
    if (at >= end || *at++ != '-')
        return RANGE_NONE;
    if (suffix || at < end) {
        if (!number(&at, end, &last) || at < end)
            return RANGE_NONE;
    }
    if (suffix) {
        if (last == 0 || size == 0)
            return RANGE_BEYOND;
        first = last > size ? 0 : size - last;
        last = size - 1;
    } else if (last < first) {
        return RANGE_NONE;
    }
    if (first >= size)
        return RANGE_BEYOND;
    *from = first;
    *length = (last >= size ? size - 1 : last) - first + 1;
    return RANGE_ONE;
}

/* Ranges are defined for GET alone (RFC 9110 14.2). */
static void cut(const struct lk_site_request *request, int64_t modified, int64_t now, struct lk_site_answer *out)
{
    const char *value;
    size_t len;
    int64_t date;
    uint64_t size = out->length;
    if (out->empty || !field(request, "Range", &value, &len))
        return;
    enum range range = range_of(value, len, size, &out->from, &out->length);
    if (field(request, "If-Range", &value, &len) && (lk_http_date_parse((const uint8_t *)value, len, now, &date) != 0 || date != modified)) {
        out->from = 0, out->length = size; /* RFC 9110 13.1.5: it has changed, all of it then */
        return;
    }
    if (range == RANGE_ONE) {
        out->status = 206;
        add(out, "Content-Range: bytes %llu-%llu/%llu\r\n", (unsigned long long)out->from, (unsigned long long)(out->from + out->length - 1), (unsigned long long)size);
    } else if (range == RANGE_BEYOND) {
        add(out, "Content-Range: bytes */%llu\r\n", (unsigned long long)size);
        plain(out, 416, "That range is beyond the end.\n");
    }
}

static void give_file(const struct lk_site_request *request, int64_t now, const struct stat *about, const char *type, struct lk_site_answer *out)
{
    char date[LK_HTTP_DATE_LEN + 1];
    int64_t modified = about->st_mtime > now ? now : about->st_mtime; /* RFC 9110 8.8.2.1: never later than Date */
    out->status = 200;
    out->length = (uint64_t)about->st_size;
    date_text(modified, date);
    add(out, "Last-Modified: %s\r\nAccept-Ranges: bytes\r\n", date);
    /* If-None-Match comes first, and there are no entity tags. */
    if (lk_http_unmodified_since((const uint8_t *)request->fields, request->fields_len, modified, now)) {
        out->status = 304;
        out->empty = true;
        return;
    }
    cut(request, modified, now, out);
    if (out->status != 416)
        add(out, "Content-Type: %s\r\n", type);
}

/* A path that names a folder without a slash at its end: relative links in it would lead astray. */
static void redirect(const char *path, size_t len, struct lk_site_answer *out)
{
    char location[LK_SITE_FIELDS / 2];
    while (len > 1 && path[0] == '/' && path[1] == '/') /* "//host" would lead to another host */
        path++, len--;
    if (len + 2 > sizeof location) {
        plain(out, 404, "There is no such file.\n");
        return;
    }
    memcpy(location, path, len);
    strcpy(location + len, "/");
    add(out, "Location: %s\r\n", location);
    plain(out, 301, "It is a folder.\n");
}

static void give_folder(const struct lk_site_request *request, int64_t now, const char *path, size_t len, struct lk_site_answer *out)
{
    struct stat about;
    int index = openat(out->file, "index.html", O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (index >= 0 && fstat(index, &about) == 0 && S_ISREG(about.st_mode)) {
        close(out->file);
        out->file = index;
        give_file(request, now, &about, "text/html; charset=utf-8", out);
        return;
    }
    if (index >= 0)
        close(index);
    size_t size = 0;
    out->text = lk_site_list(out->file, path, len, &size);
    if (out->text == NULL) {
        plain(out, 500, "The folder cannot be read.\n");
        return;
    }
    close(out->file);
    out->file = -1;
    out->status = 200;
    out->length = size;
    add(out, "Content-Type: text/html; charset=utf-8\r\n");
}

static bool is(const struct lk_site_request *request, const char *method)
{
    return request->method_len == strlen(method) && memcmp(request->method, method, request->method_len) == 0;
}

static void find(const struct lk_site *site, const struct lk_site_request *request, int64_t now, struct lk_site_answer *out)
{
    const char *path;
    size_t len;
    bool slash;
    uint16_t status = 404;
    struct stat about;
    path_of(request, &path, &len);
    if (len == 0 || path[0] != '/') {
        plain(out, 400, "The target is no path.\n");
        return;
    }
    out->file = walk(site, path, len, &slash, &status);
    if (out->file < 0 || fstat(out->file, &about) != 0 || !(S_ISDIR(about.st_mode) || (S_ISREG(about.st_mode) && !slash)))
        plain(out, status, status == 403 ? "That may not be read.\n" : status == 400 ? "The target is malformed.\n" : status == 500 ? "Too much is open.\n" : "There is no such file.\n");
    else if (S_ISREG(about.st_mode))
        give_file(request, now, &about, type_of(path, len), out);
    else if (!slash)
        redirect(path, len, out);
    else
        give_folder(request, now, path, len, out);
}

void lk_site_answer(const struct lk_site *site, const struct lk_site_request *request, int64_t now, struct lk_site_answer *out)
{
    char date[LK_HTTP_DATE_LEN + 1];
    out->fields[0] = 0;
    out->length = out->from = 0;
    out->file = -1;
    out->text = NULL;
    date_text(now, date);
    add(out, "Date: %s\r\n", date); /* RFC 9110 6.6.1 */
    out->empty = is(request, "HEAD");
    if (out->empty || is(request, "GET")) {
        find(site, request, now, out);
        return;
    }
    add(out, "Allow: GET, HEAD\r\n"); /* RFC 9110 15.5.6 */
    plain(out, 405, "Only GET and HEAD are answered here.\n");
}

int64_t lk_site_read(const struct lk_site_answer *answer, uint64_t offset, void *bytes, size_t cap)
{
    if (offset >= answer->length)
        return 0;
    uint64_t left = answer->length - offset;
    size_t len = left < cap ? (size_t)left : cap;
    if (answer->text != NULL) {
        memcpy(bytes, answer->text + offset, len);
        return (int64_t)len;
    }
    ssize_t got = answer->file < 0 ? -1 : pread(answer->file, bytes, len, (off_t)(answer->from + offset));
    return got > 0 ? got : -1;
}

void lk_site_done(struct lk_site_answer *answer)
{
    if (answer->file >= 0)
        close(answer->file);
    free(answer->text);
    answer->file = -1;
    answer->text = NULL;
}
