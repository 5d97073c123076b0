/* lockstep fetch: pages over a real interface. */
#define _GNU_SOURCE
#include "conformance/cli/cli.h"
#include "conformance/cli/fetch_why.h"
#include "conformance/cli/live_host.h"
#include "conformance/cli/progress.h"
#include "conformance/files/partial.h"
#include "stack/run/fetch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HEAD 65536 /* bytes of the longest head of an answer */

static const char usage[] =
    "usage: lockstep fetch --interface IF [OPTION...] URL...\n"
    "Fetches pages (http://HOST[:PORT][/PATH], or HOST alone) over a real interface with a stack of its own: address by DHCP,\n"
    "name by DNS, page by HTTP/1.1. The kernel's own address and connections are left alone.\n";
static const char usage_more[] =
    "  --output FILE    keeps what comes; FILE.part until it is whole. - is standard output, a folder takes the page's name\n"
    "  --timeout S      gives up when nothing has gone on for S seconds (default 30)\n"
    "  -v               each step, and the head of the answer\n"
    "Without --output a page is received and counted, and not kept.\n"
    "Exit status: 0 all pages came whole, 1 one did not, with one line that says which step failed and what to try, 2 usage.\n";

struct options { struct lk_live_options live; const char *output; lk_time timeout; bool verbose; };

struct work {
    const struct options *options;
    struct lk_live_host *host;
    struct lk_dns_resolver *dns;
    struct lk_http_client *http;
    struct lk_fetch fetch;
    struct lk_partial *output;
    struct lk_progress progress;
    enum lk_fetch_step step;      /* as it was told last */
    uint64_t received;
    lk_time began, moved, asked;  /* moved: when something went on last */
    lk_time round_trip;           /* of the handshake */
    struct lk_fault fault;
    uint8_t head[HEAD];
};

/* -- what is told -- */

static void say_step(struct work *w)
{
    struct lk_dhcp_lease lease;
    char one[48], two[48];
    const struct lk_fetch *f = &w->fetch;
    if (w->step == LK_FETCH_LEASE && w->host->dhcp != NULL && lk_dhcp_client_lease(w->host->dhcp, &lease))
        fprintf(stderr, "* we are %s/%u, leased by %s\n", lk_live_address_text(&lease.address, one), lease.prefix, lk_live_address_text(&lease.server, two));
    if (f->step == LK_FETCH_RESOLVE && !f->url.is_address)
        fprintf(stderr, "* looking up %s\n", f->url.host);
    if (w->step <= LK_FETCH_RESOLVE && f->step >= LK_FETCH_CONNECT && f->step != LK_FETCH_FAILED)
        fprintf(stderr, "* connecting to %s port %u\n", lk_live_address_text(&f->address[0], one), f->url.port);
    if (f->step == LK_FETCH_REQUEST)
        fprintf(stderr, "* connected in %.3f ms\n> GET %s HTTP/1.1\n> Host: %s\n", (double)w->round_trip / 1e6, f->url.target, f->url.host_field);
}

static void say_head(struct work *w)
{
    const char *at = (const char *)w->head, *end = at + w->fetch.head_len;
    fprintf(stderr, "< %u\n", w->fetch.status);
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at)), *next = line == NULL ? end : line + 1;
        fputs("< ", stderr);
        for (; at < next; at++)
            if (*at != '\r' && *at != '\n')
                fputc(*at < 32 || *at > 126 ? '?' : *at, stderr); /* beyond ASCII there are controls too */
        fputc('\n', stderr);
    }
}

/* Notes that it went on, for the time-out, and says so when asked to. */
static void notice(struct work *w)
{
    lk_time now = w->host->loop.now;
    struct lk_fetch *f = &w->fetch;
    if (f->received != w->received)
        w->moved = now;
    w->received = f->received;
    if (f->step == w->step)
        return;
    if (w->step <= LK_FETCH_RESOLVE && f->step == LK_FETCH_CONNECT)
        w->asked = now;
    if (w->step == LK_FETCH_CONNECT)
        w->round_trip = now - w->asked;
    if (w->options->verbose) {
        say_step(w);
        if (w->step < LK_FETCH_CONTENT && f->status != 0)
            say_head(w);
    }
    w->moved = now;
    w->step = f->step;
}

/* -- one page -- */

static bool wanted(const struct lk_fetch *f)
{
    return f->status >= 200 && f->status < 300;
}

/* Goes on as far as it can with what has come. False: what came could not be written. */
static bool pump(struct work *w)
{
    const uint8_t *bytes;
    size_t len;
    do {
        lk_fetch_next(&w->fetch, w->host->stack, &bytes, &len, w->host->loop.now);
        if (len > 0 && w->output != NULL && wanted(&w->fetch) && lk_partial_write(w->output, bytes, len, &w->fault) != 0)
            return false;
        notice(w);
    } while (len > 0);
    return true;
}

enum outcome { OUTCOME_ENDED, OUTCOME_SILENT, OUTCOME_STOPPED, OUTCOME_FAULT };

static enum outcome run(struct work *w)
{
    struct lk_live_loop *loop = &w->host->loop;
    loop->now = lk_live_now();
    while (pump(w)) {
        if (w->fetch.step == LK_FETCH_DONE || w->fetch.step == LK_FETCH_FAILED)
            return OUTCOME_ENDED;
        if (loop->now >= w->moved + w->options->timeout)
            return OUTCOME_SILENT;
        lk_progress_show(&w->progress, w->fetch.received, w->fetch.length, loop->now);
        lk_time until = lk_time_min(lk_progress_due(&w->progress), w->moved + w->options->timeout);
        enum lk_live_loop_state end = lk_live_loop_step(loop, until, &w->fault);
        if (end != LK_LIVE_GOES_ON)
            return end == LK_LIVE_STOPPED ? OUTCOME_STOPPED : OUTCOME_FAULT;
    }
    return OUTCOME_FAULT;
}

/* Where the page goes: FILE, or in a folder a name out of the URL. To be freed; NULL and a fault. */
static char *place_of(const struct options *options, const struct lk_url *url, struct lk_fault *fault)
{
    struct stat about;
    char *place;
    size_t path = strcspn(url->target, "?"), name = path;
    if (strcmp(options->output, "-") == 0 || stat(options->output, &about) != 0 || !S_ISDIR(about.st_mode)) {
        place = strdup(options->output);
    } else {
        while (name > 0 && url->target[name - 1] != '/')
            name--;
        const char *text = name == path ? "index.html" : url->target + name;
        int len = name == path ? (int)strlen(text) : (int)(path - name);
        bool dots = strspn(text, ".") == (size_t)len;
        if (dots || asprintf(&place, "%s/%.*s", options->output, len, text) < 0)
            place = NULL;
    }
    if (place == NULL)
        lk_fault_at(fault, options->output, 0, "no file name can be made out of %s", url->target);
    return place;
}

static bool open_output(struct work *w, const struct lk_url *url)
{
    w->output = NULL;
    if (w->options->output == NULL)
        return true;
    char *place = place_of(w->options, url, &w->fault);
    if (place != NULL)
        w->output = lk_partial_open(place, &w->fault);
    free(place);
    return w->output != NULL;
}

static bool conclude(struct work *w, const char *text, enum outcome outcome)
{
    char size[24], rate[24], why[1024] = "";
    char *part = NULL;
    const struct lk_fetch *f = &w->fetch;
    double seconds = (double)(w->host->loop.now - w->began) / 1e9;
    bool good = outcome == OUTCOME_ENDED && f->step == LK_FETCH_DONE && wanted(f);
    lk_progress_end(&w->progress);
    if (outcome == OUTCOME_FAULT)
        snprintf(why, sizeof why, "%s", w->fault.text);
    else if (outcome == OUTCOME_STOPPED)
        snprintf(why, sizeof why, "stopped by a signal while %s", lk_fetch_step_name(f->step));
    else if (!good)
        lk_fetch_why(f, outcome == OUTCOME_SILENT ? w->options->timeout : 0, w->host, w->head, f->head_len, why, sizeof why);
    if (w->output != NULL && good)
        good = lk_partial_finish(w->output, &w->fault) == 0 || (snprintf(why, sizeof why, "%s", w->fault.text), false);
    else if (w->output != NULL)
        part = lk_partial_abandon(w->output);
    w->output = NULL;
    if (good)
        fprintf(stderr, "%s: %s in %.2f s, %s/s%s\n", text, lk_bytes_text((double)f->received, size), seconds,
                lk_bytes_text(seconds > 0 ? (double)f->received / seconds : 0, rate), w->options->output == NULL ? " (not kept: no --output)" : "");
    else
        fprintf(stderr, "lockstep fetch: %s: %s%s%s\n", text, why, part != NULL ? "; what came stands in " : "", part != NULL ? part : "");
    free(part);
    return good;
}

/* Frames of the closing are still under way: a polite end, and a whole capture. */
static void linger(struct work *w)
{
    struct lk_live_loop *loop = &w->host->loop;
    lk_time wait = 2 * w->round_trip + 20 * LK_MILLISECOND;
    lk_time until = lk_live_now() + (wait < LK_SECOND ? wait : LK_SECOND);
    while (lk_live_now() < until && lk_live_loop_step(loop, until, &w->fault) == LK_LIVE_GOES_ON)
        ;
}

static int fetch_page(struct work *w, const char *text)
{
    struct lk_url url;
    if (lk_url_parse(text, &url) != 0) /* whole() has looked */
        return LK_EXIT_UNUSABLE;
    lk_fetch_init(&w->fetch, &url, w->host->dhcp, w->dns, w->http);
    w->fetch.head = w->head;
    w->fetch.head_cap = sizeof w->head - 1; /* a zero stays behind it */
    w->step = LK_FETCH_LEASE;
    w->received = 0;
    w->round_trip = 0;
    w->began = w->moved = w->asked = lk_live_now();
    if (!open_output(w, &url)) {
        fprintf(stderr, "lockstep fetch: %s\n", w->fault.text);
        return LK_EXIT_FAILED;
    }
    lk_progress_begin(&w->progress, w->began);
    enum outcome outcome = run(w);
    bool good = conclude(w, text, outcome);
    if (w->fetch.requested && !good)
        lk_http_client_cancel(w->http, w->host->stack, w->fetch.request, w->host->loop.now);
    return good ? LK_EXIT_HELD : LK_EXIT_FAILED;
}

/* -- the host -- */

static bool build_machines(struct work *w)
{
    struct lk_dns_resolver_config dns;
    struct lk_http_client_config http;
    uint8_t seed[32];
    lk_dns_resolver_config_init(&dns);
    lk_http_client_config_init(&http);
    http.timeout = w->options->timeout;
    http.head_bytes = HEAD;
    dns.server_count = w->options->live.dns_count;
    memcpy(dns.server, w->options->live.dns, sizeof dns.server);
    size_t dns_size = lk_dns_resolver_footprint(&dns), http_size = lk_http_client_footprint(&http);
    w->dns = lk_live_memory(dns_size);
    w->http = lk_live_memory(http_size);
    lk_time now = lk_live_now();
    if (w->dns == NULL || w->http == NULL || lk_live_seed(seed, &w->fault) != 0 || lk_dns_resolver_init(w->dns, dns_size, &dns, now, seed) != 0 ||
        lk_http_client_init(w->http, http_size, &http, now) != 0) {
        fprintf(stderr, "lockstep fetch: out of memory\n");
        return false;
    }
    w->host->run.app[w->host->run.apps++] = (struct lk_app){&lk_dns_resolver_app, w->dns};
    w->host->run.app[w->host->run.apps++] = (struct lk_app){&lk_http_client_app, w->http};
    return true;
}

static bool open_host(struct work *w)
{
    struct lk_config config;
    lk_config_init(&config, "linux");
    config.udp_sockets = 16;
    config.udp_queue = 32;
    config.udp_queue_bytes = 1500;
    config.udp_send_queue = 8;
    config.tcp.connections = 32;
    config.tcp.active = 8;
    config.tcp.segments = 4096;
    config.tcp.out_of_order = 4096;
    config.tcp.receive_buffer = 2 << 20;
    config.tcp.send_buffer = 64 << 10;
    w->host = lk_live_host_open(&w->options->live, &config, &w->fault);
    if (w->host == NULL)
        fprintf(stderr, "lockstep fetch: %s\n", w->fault.text);
    return w->host != NULL;
}

static int fetch_all(struct work *w, char **urls, int count)
{
    int worst = LK_EXIT_HELD;
    lk_live_loop_signals();
    if (!open_host(w))
        return LK_EXIT_FAILED;
    if (!build_machines(w))
        worst = LK_EXIT_FAILED;
    for (int i = 0; i < count && w->http != NULL && lk_live_loop_signal() == 0 && worst != LK_EXIT_UNUSABLE; i++) {
        int status = fetch_page(w, urls[i]);
        worst = status > worst ? status : worst;
    }
    linger(w);
    lk_live_host_complain(w->host);
    if (lk_live_host_close(w->host, &w->fault) != 0) {
        fprintf(stderr, "lockstep fetch: %s\n", w->fault.text);
        worst = LK_EXIT_FAILED;
    }
    free(w->dns);
    free(w->http);
    return worst;
}

/* -- arguments -- */

static bool read_timeout(const char *text, lk_time *out)
{
    char *end;
    double seconds = text == NULL ? 0 : strtod(text, &end);
    if (text == NULL || *end != 0 || !(seconds >= 0.1 && seconds <= 86400))
        return false;
    *out = (lk_time)(seconds * 1e9);
    return true;
}

/* 1: took one, 2: took it and its value, 0: neither; -1: the value is wrong, and it was said. */
static int take_option(void *taken, const char *name, const char *value)
{
    struct options *options = taken;
    int live = lk_live_option(&options->live, "fetch", name, value);
    if (live != 0)
        return live < 0 ? -1 : 2;
    if (strcmp(name, "-v") == 0 || strcmp(name, "--verbose") == 0)
        return options->verbose = true;
    if (strcmp(name, "--output") == 0 && value != NULL && value[0] != 0) {
        options->output = value;
        return 2;
    }
    if (strcmp(name, "--timeout") == 0 && read_timeout(value, &options->timeout))
        return 2;
    return 0;
}

static bool is_url(const char *text)
{
    struct lk_url url;
    int error = lk_url_parse(text, &url);
    if (error != 0)
        fprintf(stderr, "lockstep fetch: %s: %s\n", text, error == LK_E_UNSUPPORTED ? "only http:// and IPv4 are known here" : error == LK_E_NOSPACE ? "the URL is too long" : "this is no URL");
    return error == 0;
}

static bool whole(const struct options *options, char **url, int urls)
{
    struct stat about;
    for (int i = 0; i < urls; i++)
        if (!is_url(url[i]))
            return false;
    if (urls < 1)
        fprintf(stderr, "lockstep fetch: no URL given (try --help)\n");
    else if (urls > 1 && options->output != NULL && strcmp(options->output, "-") != 0 && (stat(options->output, &about) != 0 || !S_ISDIR(about.st_mode)))
        fprintf(stderr, "lockstep fetch: --output %s is no folder, and there are %d URLs\n", options->output, urls);
    else
        return lk_live_options_whole(&options->live, "fetch");
    return false;
}

int lk_cli_fetch(int argc, char **argv)
{
    struct options options = {.timeout = 30 * LK_SECOND};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout) < 0 || fputs(lk_live_usage, stdout) < 0 || fputs(usage_more, stdout) < 0 ? LK_EXIT_UNUSABLE : LK_EXIT_HELD;
    int first = lk_live_arguments(argc, argv, "fetch", take_option, &options);
    if (first < 0 || !whole(&options, argv + first, argc - first))
        return LK_EXIT_UNUSABLE;
    struct work *w = lk_live_memory(sizeof *w);
    if (w == NULL) {
        fprintf(stderr, "lockstep fetch: out of memory\n");
        return LK_EXIT_FAILED;
    }
    w->options = &options;
    int status = fetch_all(w, argv + first, argc - first);
    free(w);
    return status;
}
