#define _GNU_SOURCE /* strncasecmp() */
#include "conformance/cli/fetch_why.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

struct line { char *text; size_t room; };

static void add(struct line *line, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct line *line, const char *format, ...)
{
    size_t used = strlen(line->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line->text + used, line->room - used, format, arguments);
    va_end(arguments);
}

/* A page elsewhere, or none: the exchange itself was sound. */
static void not_the_page(const struct lk_fetch *f, const uint8_t *head, size_t head_len, struct line *line)
{
    const char *at = (const char *)head, *end = at + head_len;
    add(line, "the server answered %u", f->status);
    while (f->status / 100 == 3 && at < end) {
        const char *feed = memchr(at, '\n', (size_t)(end - at)), *next = feed == NULL ? end : feed + 1;
        if (next - at > 9 && strncasecmp(at, "Location:", 9) == 0) {
            const char *from = at + 9 + strspn(at + 9, " \t");
            size_t used = strlen(line->text);
            add(line, ": it is elsewhere; try: %.*s", (int)strcspn(from, "\r\n"), from);
            for (char *c = line->text + used; *c != 0; c++)
                if (*c < ' ' || *c > '~') /* no URI has such, but a terminal may obey it */
                    *c = '?';
            return;
        }
        at = next;
    }
    add(line, "%s", f->status == 404 ? ": it has no such page; check the path" : f->status / 100 == 4 ? ": it will not give the page to us" : f->status / 100 == 5 ? ": it is in trouble; try later" : "");
}

static const char *try_lease(int error)
{
    return error == LK_E_TIMEDOUT ? "is there one on this network? Otherwise give --address" : "give --address";
}

static const char *try_name(int error)
{
    switch (error) {
    case LK_E_NOTFOUND: return "check the spelling";
    case LK_E_DESTADDRREQ: return "give --dns, or an address instead of the name";
    case LK_E_TIMEDOUT: return "check the server's address (--dns) and the way there (--gateway)";
    default: return "try another server (--dns)";
    }
}

static const char *try_connection(int error)
{
    switch (error) {
    case LK_E_CONNREFUSED: return "nothing listens on that port; check the port";
    case LK_E_NETUNREACH: return "give --gateway";
    case LK_E_HOSTUNREACH: return "is it switched on, and on this network? Check --address and --gateway";
    case LK_E_TIMEDOUT: return "is it switched on, or is a firewall in between? Check --gateway";
    default: return "try again";
    }
}

/* What the server sent before any content. */
static const char *try_request(int error)
{
    if (error == LK_E_TIMEDOUT)
        return "the server took the request and said nothing: try again, or a longer --timeout";
    if (error == LK_E_HTTP_STATUS_LINE || error == LK_E_HTTP_VERSION || !lk_error_is_malformed(error))
        return "is it a web server?";
    return "the answer is not sound, and only the server can mend that";
}

static const char *in_words(const struct lk_fetch *f, int error)
{
    if (f->what != NULL)
        return f->what;
    switch (error) {
    case LK_E_CONNREFUSED: return "refused";
    case LK_E_CONNRESET: return "the server broke the connection off (reset)";
    case LK_E_TIMEDOUT: return "no answer";
    case LK_E_NETUNREACH: return "there is no route to it";
    case LK_E_HOSTUNREACH: return "nobody has that address there";
    default: return lk_error_name(error);
    }
}

static void add_server(const struct lk_fetch *f, struct line *line)
{
    char text[48];
    uint32_t which = f->tried > 0 ? f->tried - 1 : 0;
    if (f->addresses > 0)
        add(line, " %s port %u", lk_live_address_text(&f->address[which], text), f->url.port);
}

static void add_content(const struct lk_fetch *f, int error, struct line *line)
{
    if (f->length != UINT64_MAX)
        add(line, " (%llu of %llu bytes came); ", (unsigned long long)f->received, (unsigned long long)f->length);
    else
        add(line, " (%llu bytes came); ", (unsigned long long)f->received);
    add(line, "%s", error == LK_E_TIMEDOUT ? "try again, or a longer --timeout" : "try again, and if it stays so the server's Content-Length is wrong");
}

void lk_fetch_why(const struct lk_fetch *f, lk_time silent, const struct lk_live_host *host, const uint8_t *head, size_t head_len, char *text, size_t room)
{
    struct line line = {text, room};
    enum lk_fetch_step step = f->step == LK_FETCH_FAILED ? f->failed_at : f->step;
    int error = silent > 0 ? LK_E_TIMEDOUT : f->error;
    text[0] = 0;
    if (f->step == LK_FETCH_DONE) {
        not_the_page(f, head, head_len, &line);
        return;
    }
    add(&line, "%s", lk_fetch_step_name(step));
    if (step == LK_FETCH_RESOLVE)
        add(&line, " %s", f->url.host);
    if (step == LK_FETCH_CONNECT || step == LK_FETCH_REQUEST)
        add_server(f, &line);
    if (silent > 0 && step == LK_FETCH_LEASE)
        add(&line, ": no DHCP server answered for %g s", (double)silent / 1e9);
    else if (silent > 0)
        add(&line, ": nothing for %g s", (double)silent / 1e9);
    else
        add(&line, ": %s", in_words(f, error));
    if (step == LK_FETCH_LEASE)
        add(&line, " on %s; %s", lk_live_name(host->live), try_lease(error));
    else if (step == LK_FETCH_RESOLVE)
        add(&line, "; %s", try_name(error));
    else if (step == LK_FETCH_CONNECT)
        add(&line, "; %s", try_connection(error));
    else if (step == LK_FETCH_REQUEST)
        add(&line, "; %s", try_request(error));
    else if (step == LK_FETCH_CONTENT)
        add_content(f, error, &line);
}
