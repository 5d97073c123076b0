/* The socket program: one end of a recorded connection. It makes the calls of a script by condition, as the `calls:` of
 * a trace say them, and logs what each call returned and when, so that a trace tells what really happened.
 *
 *   sock ADDRESS PORT PEER PEER-PORT LETTER START LOG CALL...
 *
 * PORT 0 lets the kernel choose. LETTER starts each eight-byte group of the bytes sent (a letter, the group's number in six hex
 * digits, a newline), so that every place in the stream is told from every other. START is the time 0 of the script, as
 * `date +%s.%N` prints it, or now when that has passed. A CALL is one argument, in the trace's own notation:
 *
 *   {at: 0s, do: connect}   {when: established + 5ms, do: send, bytes: 300}   {when: second.peer closed, do: close, socket: second}
 *
 * do: listen, connect, accept, send, recv, shutdown, close, abort, option (name, value). A socket without a name is the main one;
 * accept gives its connection the name in `socket`. Calls start in order, each when its condition holds; one may start while an
 * earlier one has not returned. `port: N` on a connect overrides PORT. With `only: recording` a call is made but is no part of the trace.
 * `vanish`, for peers only, forgets the connection without a segment, as a crash does.
 * `forge`, for peers only, sends a segment that the kernel would not (flags, seq, ack, bytes, age: forge.h).
 * `recv` takes what is there, at least one byte, at most `bytes`; `drain`, for peers only, reads until the end of the stream.
 *
 * LOG gets one line a call, tab separated: number, start, return (seconds since START, - if never), result, errno name or -.
 * LOG.ready appears once the calls due at once have been made. Ends when every call has returned; exit status 1 when it was stopped by SIGTERM before. */
#define _GNU_SOURCE
#include "forge.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MAX_CALLS = 64, MAX_SOCKETS = 8, CHUNK = 65536 };

struct sock {
    char name[16];
    int fd, listener;       /* -1: none */
    size_t sent, received;  /* bytes so far */
};

struct call {
    char when[64], op[16], socket[16], name[24], flags[8];
    double at, after, since; /* seconds; at < 0: by condition; since: when the condition first held, < 0 not yet */
    long bytes, value, port, done;
    long seq, ack, age;      /* forge */
    double began, ended;     /* < 0: not yet */
    long result;
    int error;
};

struct program {
    struct sockaddr_in local, remote;
    char letter;
    double start;
    struct sock sockets[MAX_SOCKETS];
    size_t socket_count;
    struct call calls[MAX_CALLS];
    size_t call_count;
};

static volatile sig_atomic_t stopped;
static void stop(int signal) { stopped = signal; }

static _Noreturn void fail(const char *what, const char *about)
{
    fprintf(stderr, "sock: %s: %s\n", what, about);
    exit(2);
}

static double clock_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* ---- reading a call ---- */

/* The value of `key` in "{a: b, c: d}", into out; false when absent. */
static bool value_of(const char *text, const char *key, char *out, size_t cap)
{
    for (const char *p = text + 1; p && *p; p = strchr(p, ',') ? strchr(p, ',') + 1 : NULL) {
        while (*p == ' ') p++;
        size_t n = strlen(key);
        if (strncmp(p, key, n) != 0 || p[n] != ':') continue;
        p += n + 1;
        while (*p == ' ') p++;
        n = strcspn(p, ",}");
        if (n >= cap) fail("value too long", text);
        memcpy(out, p, n);
        out[n] = 0;
        return true;
    }
    return false;
}

static long number_of(const char *text, const char *key, long otherwise)
{
    char value[32];
    return value_of(text, key, value, sizeof value) ? strtol(value, NULL, 10) : otherwise;
}

static double seconds(const char *text)
{
    char *end;
    double n = strtod(text, &end);
    if (strcmp(end, "s") == 0) return n;
    if (strcmp(end, "ms") == 0) return n / 1e3;
    if (strcmp(end, "us") == 0) return n / 1e6;
    fail("a time needs s, ms or us", text);
}

static void parse_call(struct program *p, const char *text)
{
    if (p->call_count == MAX_CALLS) fail("too many calls", text);
    struct call *c = &p->calls[p->call_count++];
    *c = (struct call){.at = -1, .since = -1, .began = -1, .ended = -1};
    char at[16], *plus;
    size_t length = strlen(text);
    if (length < 2 || text[0] != '{' || text[length - 1] != '}') fail("a call stands in braces", text);
    if (value_of(text, "at", at, sizeof at)) c->at = seconds(at);
    else if (!value_of(text, "when", c->when, sizeof c->when)) fail("neither at nor when", text);
    if ((plus = strstr(c->when, " + ")) != NULL) {
        c->after = seconds(plus + 3);
        *plus = 0;
    }
    if (!value_of(text, "do", c->op, sizeof c->op)) fail("do what?", text);
    value_of(text, "socket", c->socket, sizeof c->socket);
    value_of(text, "name", c->name, sizeof c->name);
    c->bytes = number_of(text, "bytes", 0);
    c->value = number_of(text, "value", 0);
    c->port = number_of(text, "port", 0);
    value_of(text, "flags", c->flags, sizeof c->flags);
    c->seq = number_of(text, "seq", 0);
    c->ack = number_of(text, "ack", 0);
    c->age = number_of(text, "age", -1);
}

/* ---- conditions ---- */

static struct sock *find(struct program *p, const char *name, bool make)
{
    for (size_t i = 0; i < p->socket_count; i++)
        if (strcmp(p->sockets[i].name, name) == 0) return &p->sockets[i];
    if (!make) return NULL;
    if (p->socket_count == MAX_SOCKETS) fail("too many sockets", name);
    struct sock *s = &p->sockets[p->socket_count++];
    *s = (struct sock){.fd = -1, .listener = -1};
    snprintf(s->name, sizeof s->name, "%s", name);
    return s;
}

static int state_of(const struct sock *s)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    return getsockopt(s->fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_state : TCP_CLOSE;
}

static bool polled(const struct sock *s, short what)
{
    struct pollfd fd = {.fd = s->fd, .events = what};
    return poll(&fd, 1, 0) > 0 && (fd.revents & what);
}

static bool sending(const struct program *p, const char *name)
{
    for (size_t i = 0; i < p->call_count; i++) {
        const struct call *c = &p->calls[i];
        if (c->began >= 0 && c->ended < 0 && strcmp(c->op, "send") == 0 && strcmp(c->socket, name) == 0) return true;
    }
    return false;
}

static bool holds(struct program *p, const struct call *c)
{
    const char *what = c->when, *dot = strchr(c->when, '.');
    char name[16] = "";
    if (dot && (size_t)(dot - what) < sizeof name) {
        memcpy(name, what, (size_t)(dot - what));
        what = dot + 1;
    } else snprintf(name, sizeof name, "%s", c->socket);
    struct sock *s = find(p, name, false);
    if (!s || s->fd < 0) return false;
    int state = state_of(s), waiting = 0;
    unsigned long wanted;
    if (strcmp(what, "established") == 0) return state != TCP_SYN_SENT && state != TCP_SYN_RECV && state != TCP_CLOSE && state != TCP_LISTEN;
    if (strcmp(what, "readable") == 0) return polled(s, POLLIN);
    if (strcmp(what, "peer closed") == 0) return polled(s, POLLRDHUP);
    if (strcmp(what, "closed") == 0) return state == TCP_CLOSE;
    if (strcmp(what, "all acknowledged") == 0) return !sending(p, name) && ioctl(s->fd, SIOCOUTQ, &waiting) == 0 && waiting == 0;
    if (sscanf(what, "received %lu", &wanted) == 1) return ioctl(s->fd, SIOCINQ, &waiting) == 0 && s->received + (size_t)waiting >= wanted;
    fail("unknown condition", c->when);
}

/* ---- calls ---- */

static int new_socket(const struct program *p, long port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;
    struct sockaddr_in local = p->local;
    if (port) local.sin_port = htons((uint16_t)port);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) < 0) fail("socket", strerror(errno));
    if (bind(fd, (struct sockaddr *)&local, sizeof local) < 0) fail("bind", strerror(errno));
    return fd;
}

static long set_option(struct sock *s, const struct call *c)
{
    static const struct { const char *name; int level, option; } table[] = {
        {"nodelay", IPPROTO_TCP, TCP_NODELAY}, {"keepalive", SOL_SOCKET, SO_KEEPALIVE}, {"keepalive_idle", IPPROTO_TCP, TCP_KEEPIDLE},
        {"keepalive_interval", IPPROTO_TCP, TCP_KEEPINTVL}, {"keepalive_count", IPPROTO_TCP, TCP_KEEPCNT}, {"mss", IPPROTO_TCP, TCP_MAXSEG},
        {"receive_buffer", SOL_SOCKET, SO_RCVBUF}, {"send_buffer", SOL_SOCKET, SO_SNDBUF}, {"quickack", IPPROTO_TCP, TCP_QUICKACK},
        {"user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT}, {"window_clamp", IPPROTO_TCP, TCP_WINDOW_CLAMP}};
    int value = (int)c->value;
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, c->name) == 0) return setsockopt(s->fd >= 0 ? s->fd : s->listener, table[i].level, table[i].option, &value, sizeof value);
    fail("unknown option", c->name);
}

/* Up to CHUNK bytes of the stream from place `at` on. */
static size_t pattern(char letter, size_t at, char *out, size_t want)
{
    size_t n = want < CHUNK ? want : CHUNK;
    char group[24];
    for (size_t i = 0; i < n; i++) {
        if (i == 0 || (at + i) % 8 == 0) snprintf(group, sizeof group, "%c%06lx\n", letter, (unsigned long)((at + i) / 8 % 0x1000000));
        out[i] = group[(at + i) % 8];
    }
    return n;
}

static void finish(struct call *c, long result)
{
    c->result = result;
    c->error = result < 0 ? errno : 0;
    c->ended = clock_now();
}

static void go_on_send(struct program *p, struct sock *s, struct call *c)
{
    static char bytes[CHUNK];
    while (c->done < c->bytes) {
        size_t n = pattern(p->letter, s->sent, bytes, (size_t)(c->bytes - c->done));
        ssize_t got = send(s->fd, bytes, n, MSG_NOSIGNAL);
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (got < 0) {
            finish(c, -1);
            return;
        }
        c->done += got;
        s->sent += (size_t)got;
    }
    finish(c, c->done);
}

static void go_on_recv(struct sock *s, struct call *c)
{
    static char bytes[1 << 20];
    size_t want = c->bytes > 0 && c->bytes < (long)sizeof bytes ? (size_t)c->bytes : sizeof bytes;
    ssize_t got = recv(s->fd, bytes, want, 0);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (got > 0) s->received += (size_t)got;
    finish(c, got);
}

/* Reads until the peer has closed; the result is how many bytes. */
static void go_on_drain(struct sock *s, struct call *c)
{
    static char bytes[CHUNK];
    ssize_t got;
    while ((got = recv(s->fd, bytes, sizeof bytes, 0)) > 0) {
        c->done += got;
        s->received += (size_t)got;
    }
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
    finish(c, got < 0 ? -1 : c->done);
}

static void go_on_connect(struct sock *s, struct call *c)
{
    int error = 0;
    socklen_t size = sizeof error;
    if (!polled(s, POLLOUT | POLLERR | POLLHUP)) return;
    if (getsockopt(s->fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0) fail("getsockopt", strerror(errno));
    errno = error;
    finish(c, error ? -1 : 0);
}

static void go_on_accept(struct sock *s, struct call *c, const struct sock *listening)
{
    int fd = accept4(listening->listener, NULL, NULL, SOCK_NONBLOCK);
    if (fd < 0 && (errno == EAGAIN || errno == EINTR)) return;
    s->fd = fd;
    finish(c, fd < 0 ? -1 : 0);
}

/* Calls that may take time: tried again until they return. */
static void go_on(struct program *p, struct call *c)
{
    struct sock *s = find(p, c->socket, true);
    if (strcmp(c->op, "connect") == 0) go_on_connect(s, c);
    else if (strcmp(c->op, "accept") == 0) {
        struct sock *listening = s->listener >= 0 ? s : find(p, "", true);
        go_on_accept(s, c, listening);
    } else if (strcmp(c->op, "send") == 0) go_on_send(p, s, c);
    else if (strcmp(c->op, "drain") == 0) go_on_drain(s, c);
    else go_on_recv(s, c);
}

/* Calls on a socket that is closed under them return an error, as select-driven programs see it. */
static void give_up_waiting(struct program *p, const char *name)
{
    for (size_t i = 0; i < p->call_count; i++) {
        struct call *c = &p->calls[i];
        if (c->began < 0 || c->ended >= 0 || strcmp(c->socket, name) != 0) continue;
        errno = EBADF;
        finish(c, -1);
    }
}

/* Ends the connection on this side without a segment, as a crash does. */
static int vanish(struct sock *s)
{
    int on = 1, result = setsockopt(s->fd, IPPROTO_TCP, TCP_REPAIR, &on, sizeof on);
    close(s->fd);
    s->fd = -1;
    return result;
}

static void begin(struct program *p, struct call *c)
{
    struct sock *s = find(p, c->socket, true);
    struct linger hard = {.l_onoff = 1, .l_linger = 0};
    c->began = clock_now();
    if (strcmp(c->op, "listen") == 0) {
        s->listener = new_socket(p, c->port);
        finish(c, listen(s->listener, 8));
    } else if (strcmp(c->op, "connect") == 0) {
        if (s->fd < 0) s->fd = new_socket(p, c->port);
        if (connect(s->fd, (struct sockaddr *)&p->remote, sizeof p->remote) < 0 && errno != EINPROGRESS) finish(c, -1);
    } else if (strcmp(c->op, "option") == 0) {
        if (s->fd < 0 && s->listener < 0) s->fd = new_socket(p, c->port);
        finish(c, set_option(s, c));
    } else if (strcmp(c->op, "forge") == 0) finish(c, forge_segment(s->fd, &(struct forgery){c->flags, c->seq, c->ack, c->bytes, c->age}));
    else if (strcmp(c->op, "vanish") == 0) finish(c, vanish(s));
    else if (strcmp(c->op, "shutdown") == 0) finish(c, shutdown(s->fd, SHUT_WR));
    else if (strcmp(c->op, "close") == 0 || strcmp(c->op, "abort") == 0) {
        int *fd = s->fd >= 0 ? &s->fd : &s->listener;
        if (c->op[0] == 'a') setsockopt(*fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
        finish(c, close(*fd));
        *fd = -1;
        give_up_waiting(p, c->socket);
    } else if (strcmp(c->op, "accept") != 0 && strcmp(c->op, "send") != 0 && strcmp(c->op, "recv") != 0 && strcmp(c->op, "drain") != 0)
        fail("unknown call", c->op);
    if (c->ended < 0) go_on(p, c);
}

/* True when the call's time or condition has come. */
static bool due(struct program *p, struct call *c)
{
    double now = clock_now();
    if (c->at >= 0) return now >= p->start + c->at;
    if (c->since < 0 && holds(p, c)) c->since = now;
    return c->since >= 0 && now >= c->since + c->after;
}

static bool step(struct program *p)
{
    bool open = false;
    for (size_t i = 0; i < p->call_count; i++)
        if (p->calls[i].began >= 0 && p->calls[i].ended < 0) go_on(p, &p->calls[i]);
    for (size_t i = 0; i < p->call_count; i++) {
        if (p->calls[i].began < 0 && !due(p, &p->calls[i])) return true;
        if (p->calls[i].began < 0) begin(p, &p->calls[i]);
        open |= p->calls[i].ended < 0;
    }
    return open;
}

static void wait_a_little(const struct program *p)
{
    struct pollfd fds[MAX_SOCKETS];
    nfds_t count = 0;
    for (size_t i = 0; i < p->socket_count; i++)
        if (p->sockets[i].listener >= 0) fds[count++] = (struct pollfd){.fd = p->sockets[i].listener, .events = POLLIN};
    poll(fds, count, 1);
}

static void write_log(const struct program *p, const char *path)
{
    FILE *f = fopen(path, "w");
    if (!f) fail(path, strerror(errno));
    for (size_t i = 0; i < p->call_count; i++) {
        const struct call *c = &p->calls[i];
        fprintf(f, "%zu\t%.6f\t", i, c->began < 0 ? -1 : c->began - p->start);
        if (c->ended < 0) fprintf(f, "-\t-\t-\n");
        else fprintf(f, "%.6f\t%ld\t%s\n", c->ended - p->start, c->result, c->error ? strerrorname_np(c->error) : "-");
    }
    if (fclose(f) != 0) fail(path, strerror(errno));
}

/* Tells who waits that the calls due at once have been made: an empty file LOG.ready. */
static void tell_ready(const char *log)
{
    char path[256];
    snprintf(path, sizeof path, "%s.ready", log);
    FILE *f = fopen(path, "w");
    if (!f || fclose(f) != 0) fail(path, strerror(errno));
}

static struct sockaddr_in address(const char *text, const char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)strtoul(port, NULL, 10))};
    if (inet_pton(AF_INET, text, &a.sin_addr) != 1) fail("no address", text);
    return a;
}

int main(int argc, char **argv)
{
    static struct program p;
    if (argc < 8) fail("usage", "sock ADDRESS PORT PEER PEER-PORT LETTER START LOG CALL...");
    p.local = address(argv[1], argv[2]);
    p.remote = address(argv[3], argv[4]);
    p.letter = argv[5][0];
    p.start = strtod(argv[6], NULL) > clock_now() ? strtod(argv[6], NULL) : clock_now();
    for (int i = 8; i < argc; i++) parse_call(&p, argv[i]);
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    bool open = step(&p);
    tell_ready(argv[7]);
    while (!stopped && open) {
        wait_a_little(&p);
        open = step(&p);
    }
    write_log(&p, argv[7]);
    return open;
}
