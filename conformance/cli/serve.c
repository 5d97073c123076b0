/* lockstep serve: a folder as a web site on a real interface. */
#define _GNU_SOURCE
#include "conformance/cli/cli.h"
#include "conformance/cli/live_host.h"
#include "conformance/cli/progress.h"
#include "conformance/files/site.h"
#include "conformance/timeline/units.h"
#include "stack/apps/http_server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#define CHUNK 65536 /* bytes read from a file at once */

static const char usage[] =
    "usage: lockstep serve --interface IF [OPTION...] DIR\n"
    "Serves the files below DIR by HTTP/1.1 on a real interface, with a stack of its own, until a signal (Ctrl-C) ends it.\n"
    "Files whose name begins with a dot and symbolic links are not served. One line for each request goes to standard output:\n"
    "time, client, method, target, status, bytes of content sent.\n";
static const char usage_more[] =
    "  --port N         (default 80)\n"
    "  --connections N  at once (default 512); a further one is answered 503\n"
    "  -q               no line for each request\n"
    "Exit status: 0 ended by a signal, 1 it could not serve, or not any more, with one line that says why, 2 usage.\n";

struct options { struct lk_live_options live; uint16_t port; uint32_t connections; bool quiet; };

struct answering {
    bool used;
    uint32_t connection;
    uint64_t sent;
    struct lk_endpoint client;
    struct lk_site_answer answer;
    char line[512]; /* method and target */
};

struct work {
    const struct options *options;
    struct lk_live_host *host;
    struct lk_http_server *server;
    struct lk_site *site;
    struct answering *slots;   /* tag of a connection: number of its slot + 1 */
    uint32_t slot_count, slot_free;
    uint64_t requests, bytes, refused, unfinished;
    struct lk_fault fault;
    uint8_t chunk[CHUNK];
};

/* -- the log -- */

static void log_line(struct work *w, const struct lk_endpoint *client, const char *line, uint16_t status, uint64_t bytes, const char *more)
{
    char when[32], from[48];
    struct tm tm;
    time_t now = (time_t)(lk_live_today() / LK_SECOND);
    if (w->options->quiet)
        return;
    if (gmtime_r(&now, &tm) == NULL || strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        strcpy(when, "-");
    printf("%s %s %s %u %llu%s%s\n", when, lk_live_address_text(&client->address, from), line, status, (unsigned long long)bytes, more[0] == 0 ? "" : " ", more);
}

/* Method and target as they came, in one piece without blanks: what is not printable stands percent-encoded. */
static void describe(const struct lk_http_server_event *event, char *out, size_t room)
{
    size_t used = 0;
    const char *parts[] = {event->method, event->target};
    const uint32_t lens[] = {event->method_len, event->target_len};
    for (size_t part = 0; part < 2; part++) {
        for (uint32_t i = 0; i < lens[part] && used + 8 < room; i++) {
            unsigned char c = (unsigned char)parts[part][i];
            used += (size_t)snprintf(out + used, room - used, c > 32 && c < 127 ? "%c" : "%%%02X", c);
        }
        if (part == 0)
            out[used++] = ' ';
    }
    out[used] = 0;
}

/* -- answers -- */

static void end_answer(struct work *w, struct answering *a, const char *more)
{
    w->bytes += a->sent;
    w->unfinished += more[0] != 0;
    log_line(w, &a->client, a->line, a->answer.status, a->sent, more);
    lk_site_done(&a->answer);
    a->used = false;
    w->slot_free = (uint32_t)(a - w->slots);
}

/* Content, as much as there is room for. */
static void push(struct work *w, struct answering *a, lk_time now)
{
    struct lk_stack *stack = w->host->stack;
    while (a->sent < a->answer.length) {
        int64_t got = lk_site_read(&a->answer, a->sent, w->chunk, sizeof w->chunk);
        if (got < 0) {
            lk_http_server_abort(w->server, stack, a->connection, now);
            end_answer(w, a, "(cut off: the file cannot be read on)");
            return;
        }
        for (int64_t took, at = 0; at < got; at += took) {
            took = lk_http_server_write(w->server, stack, a->connection, w->chunk + at, (size_t)(got - at), now);
            if (took <= 0)
                return; /* WRITABLE comes, or GONE */
            a->sent += (uint64_t)took;
        }
    }
    end_answer(w, a, "");
}

static struct answering *take_slot(struct work *w)
{
    for (uint32_t i = 0; i < w->slot_count; i++) {
        struct answering *a = &w->slots[(w->slot_free + i) % w->slot_count];
        if (a->used)
            continue;
        w->slot_free = (uint32_t)(a - w->slots + 1) % w->slot_count;
        return a;
    }
    return NULL;
}

static void answer(struct work *w, const struct lk_http_server_event *event, lk_time now)
{
    struct answering *a = take_slot(w);
    struct lk_site_request request = {event->method, event->target, (const char *)event->bytes, event->method_len, event->target_len, event->len};
    if (a == NULL) { /* there is one for each connection */
        lk_http_server_abort(w->server, w->host->stack, event->connection, now);
        return;
    }
    w->requests++;
    a->used = true;
    a->connection = event->connection;
    a->sent = 0;
    a->client = event->remote;
    describe(event, a->line, sizeof a->line);
    lk_site_answer(w->site, &request, lk_live_today() / LK_SECOND, &a->answer);
    struct lk_http_response response = {.status = a->answer.status, .fields = a->answer.fields, .length = a->answer.length, .tag = (uint64_t)(a - w->slots) + 1};
    int error = lk_http_server_respond(w->server, w->host->stack, event->connection, &response, now);
    if (error != 0) {
        lk_http_server_abort(w->server, w->host->stack, event->connection, now);
        end_answer(w, a, lk_error_name(error));
    } else if (a->answer.empty) {
        end_answer(w, a, "");
    } else {
        push(w, a, now);
    }
}

static struct answering *slot_of(struct work *w, const struct lk_http_server_event *event)
{
    if (event->tag == 0 || event->tag > w->slot_count)
        return NULL;
    struct answering *a = &w->slots[event->tag - 1];
    return a->used && a->connection == event->connection ? a : NULL;
}

static void handle(struct work *w, const struct lk_http_server_event *event, lk_time now)
{
    struct answering *a = slot_of(w, event);
    char line[512] = "-";
    switch (event->kind) {
    case LK_HTTP_REQUEST: answer(w, event, now); break;
    case LK_HTTP_WRITABLE:
        if (a != NULL)
            push(w, a, now);
        break;
    case LK_HTTP_GONE:
        if (a != NULL)
            end_answer(w, a, "(cut off: the client has gone)");
        break;
    case LK_HTTP_REFUSED:
        w->refused++;
        if (event->target_len > 0)
            describe(event, line, sizeof line);
        log_line(w, &event->remote, line, event->status, 0, event->what);
        break;
    default: break; /* content of a request: nobody asked for it */
    }
}

/* -- the host -- */

static void say_where(const struct work *w, const struct lk_addr *address)
{
    char text[48], port[8] = "";
    if (w->options->port != 80)
        snprintf(port, sizeof port, ":%u", w->options->port);
    fprintf(stderr, "serving at http://%s%s/ on %s\n", lk_live_address_text(address, text), port, lk_live_name(w->host->live));
}

static void tell_lease(struct work *w)
{
    struct lk_dhcp_event event;
    struct lk_dhcp_lease lease;
    while (w->host->dhcp != NULL && lk_dhcp_client_next(w->host->dhcp, &event)) {
        if (event.error == LK_E_TIMEDOUT)
            fprintf(stderr, "no DHCP server has answered on %s yet; --address does without\n", lk_live_name(w->host->live));
        else if (event.error != 0)
            fprintf(stderr, "the lease: %s (%s)\n", event.error == LK_E_ADDRINUSE ? "somebody has the address already" : event.error == LK_E_CONNREFUSED ? "the server refuses" : "it ran out", lk_dhcp_state_name(event.state));
        if (event.state == LK_DHCP_BOUND && lk_dhcp_client_lease(w->host->dhcp, &lease))
            say_where(w, &lease.address);
    }
}

static int run(struct work *w)
{
    struct lk_live_loop *loop = &w->host->loop;
    struct lk_http_server_event event;
    for (;;) {
        enum lk_live_loop_state end = lk_live_loop_step(loop, LK_NEVER, &w->fault);
        if (end == LK_LIVE_STOPPED)
            return LK_EXIT_HELD;
        if (end == LK_LIVE_FAULT) {
            fprintf(stderr, "lockstep serve: %s\n", w->fault.text);
            return LK_EXIT_FAILED;
        }
        tell_lease(w);
        while (lk_http_server_next(w->server, w->host->stack, &event, loop->now))
            handle(w, &event, loop->now);
        fflush(stdout);
    }
}

static bool start_server(struct work *w)
{
    struct lk_http_server_config config;
    lk_http_server_config_init(&config);
    config.connections = w->options->connections;
    config.local.port = w->options->port;
    config.backlog = w->options->connections;
    config.epoch = lk_live_today() - lk_live_now();
    size_t size = lk_http_server_footprint(&config);
    w->server = lk_live_memory(size);
    w->slot_count = w->options->connections + 64;
    w->slots = lk_live_memory(w->slot_count * sizeof *w->slots);
    int error = w->server == NULL || w->slots == NULL ? LK_E_NOMEM : lk_http_server_init(w->server, size, &config, lk_live_now());
    if (error == 0)
        error = lk_http_server_start(w->server, w->host->stack, lk_live_now());
    if (error != 0)
        fprintf(stderr, "lockstep serve: the server cannot start: %s\n", lk_error_name(error));
    else
        w->host->run.app[w->host->run.apps++] = (struct lk_app){&lk_http_server_app, w->server};
    return error == 0;
}

static bool open_host(struct work *w)
{
    struct lk_config config;
    uint32_t connections = w->options->connections;
    lk_config_init(&config, "linux");
    config.neighbours = 1024;
    config.udp_sockets = 4;
    config.udp_queue = 16;
    config.udp_queue_bytes = 1500;
    config.udp_send_queue = 8;
    config.tcp.connections = 16 * connections + 1024; /* those in TIME-WAIT too */
    config.tcp.listeners = 1;
    config.tcp.active = connections + 16;
    config.tcp.segments = 16 * connections + 4096;
    config.tcp.out_of_order = 4 * connections + 1024;
    config.tcp.commons = 256;
    config.tcp.send_buffer = 256 << 10;
    config.tcp.receive_buffer = 32 << 10;
    w->host = lk_live_host_open(&w->options->live, &config, &w->fault);
    if (w->host == NULL)
        fprintf(stderr, "lockstep serve: %s\n", w->fault.text);
    return w->host != NULL;
}

/* Those still connected are told, for nobody answers them any more. */
static void hang_up(struct work *w)
{
    for (uint32_t i = 0; i < w->slot_count; i++) {
        if (w->slots[i].used)
            end_answer(w, &w->slots[i], "(cut off: the server ended)");
        lk_http_server_abort(w->server, w->host->stack, i, w->host->loop.now);
    }
}

/* One open file for each connection. */
static void raise_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static int serve(struct work *w, const char *folder)
{
    char bytes[24];
    int status = LK_EXIT_FAILED;
    raise_limit();
    lk_live_loop_signals();
    w->site = lk_site_open(folder, &w->fault);
    if (w->site == NULL)
        fprintf(stderr, "lockstep serve: %s\n", w->fault.text);
    else if (open_host(w) && start_server(w)) {
        if (w->options->live.fixed)
            say_where(w, &w->options->live.address);
        status = run(w);
        hang_up(w);
        fprintf(stderr, "%llu requests, %llu refused, %s of content, %llu cut off\n", (unsigned long long)w->requests, (unsigned long long)w->refused,
                lk_bytes_text((double)w->bytes, bytes), (unsigned long long)w->unfinished);
        lk_live_host_complain(w->host);
    }
    if (lk_live_host_close(w->host, &w->fault) != 0 || fflush(stdout) != 0) {
        fprintf(stderr, "lockstep serve: %s\n", w->fault.text);
        status = LK_EXIT_FAILED;
    }
    lk_site_close(w->site);
    free(w->server);
    free(w->slots);
    return status;
}

/* -- arguments -- */

/* 1: took one, 2: took it and its value, 0: neither; -1: the value is wrong, and it was said. */
static int take_option(void *taken, const char *name, const char *value)
{
    struct options *options = taken;
    uint64_t number;
    int live = lk_live_option(&options->live, "serve", name, value);
    if (live != 0)
        return live < 0 ? -1 : 2;
    if (strcmp(name, "-q") == 0 || strcmp(name, "--quiet") == 0)
        return options->quiet = true;
    if (strcmp(name, "--port") == 0 && value != NULL && lk_read_number(value, 65535, &number) && number >= 1) {
        options->port = (uint16_t)number;
        return 2;
    }
    if (strcmp(name, "--connections") == 0 && value != NULL && lk_read_number(value, 10000, &number) && number >= 1) {
        options->connections = (uint32_t)number;
        return 2;
    }
    return 0;
}

int lk_cli_serve(int argc, char **argv)
{
    struct options options = {.port = 80, .connections = 512};
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            return fputs(usage, stdout) < 0 || fputs(lk_live_usage, stdout) < 0 || fputs(usage_more, stdout) < 0 ? LK_EXIT_UNUSABLE : LK_EXIT_HELD;
    int first = lk_live_arguments(argc, argv, "serve", take_option, &options);
    if (first < 0 || !lk_live_options_whole(&options.live, "serve"))
        return LK_EXIT_UNUSABLE;
    if (argc - first != 1) {
        fprintf(stderr, "lockstep serve: one folder is needed (try --help)\n");
        return LK_EXIT_UNUSABLE;
    }
    struct work *w = lk_live_memory(sizeof *w);
    if (w == NULL) {
        fprintf(stderr, "lockstep serve: out of memory\n");
        return LK_EXIT_FAILED;
    }
    w->options = &options;
    int status = serve(w, argv[first]);
    free(w);
    return status;
}
