/* The builtin device: application calls become socket calls that are tried until they end, frames are pulled after every
 * step of time, and advance() hands out one thing at a time. Nothing here knows TCP. */
#include "conformance/dut/builtin.h"
#include "conformance/dut/hosted.h"
#include <stdlib.h>
#include <string.h>

#define SOCKETS 256
#define STUCK 64             /* steps without progress after which the device is declared dead */

struct wait { bool on; uint32_t id; uint32_t number; size_t len; };
struct sock { bool used; uint32_t number; lk_socket handle; struct wait connect, accept, recv, send; uint8_t *data; size_t data_len, data_at; };
struct done { struct done *next; uint32_t id; int64_t result; uint32_t error; size_t len; uint8_t bytes[]; };

struct device {
    bool hosted;             /* as in struct lk_hosted: then it is one */
    struct lk_stack *stack;
    size_t arena_size;
    lk_time now;
    struct sock socks[SOCKETS];
    size_t sock_count;
    struct done *first, **last, *handed;
    uint8_t *frame; size_t frame_cap;
    uint32_t still;          /* steps in a row that changed nothing */
    bool no_memory, dead;
};

/* ---- errors and returns ---- */

static enum lk_dut_error error_of(int64_t e)
{
    switch (e) {
    case LK_E_CONNREFUSED: return LK_DUT_ECONNREFUSED;
    case LK_E_CONNRESET: return LK_DUT_ECONNRESET;
    case LK_E_TIMEDOUT: return LK_DUT_ETIMEDOUT;
    case LK_E_PIPE: return LK_DUT_EPIPE;
    case LK_E_NOTCONN: return LK_DUT_ENOTCONN;
    case LK_E_ADDRINUSE: return LK_DUT_EADDRINUSE;
    case LK_E_HOSTUNREACH: return LK_DUT_EHOSTUNREACH;
    case LK_E_NETUNREACH: return LK_DUT_ENETUNREACH;
    case LK_E_CONNABORTED: return LK_DUT_ECONNABORTED;
    case LK_E_INVALID: return LK_DUT_EINVAL;
    case LK_E_OPNOTSUPP: return LK_DUT_EOPNOTSUPP;
    case LK_E_NOMEM: case LK_E_NOBUFS: case LK_E_MFILE: return LK_DUT_ENOMEM;
    case LK_E_BADF: return LK_DUT_EBADF;
    case LK_E_ISCONN: return LK_DUT_EISCONN;
    default: return e < 0 ? LK_DUT_EOTHER : LK_DUT_OK;
    }
}

/* Queues the return of a call; result < 0 is an LK_E_ name. Returns the record, so that data can be put in. */
static struct done *finish(struct device *d, uint32_t id, int64_t result, size_t len)
{
    struct done *r = calloc(1, sizeof *r + len);
    if (!r) { d->no_memory = true; return NULL; }
    r->id = id;
    r->result = result < 0 ? -1 : result;
    r->error = error_of(result);
    r->len = len;
    *d->last = r;
    d->last = &r->next;
    return r;
}

/* ---- sockets ---- */

static struct sock *find(struct device *d, uint32_t number)
{
    for (size_t i = 0; i < d->sock_count; i++)
        if (d->socks[i].used && d->socks[i].number == number) return &d->socks[i];
    return NULL;
}

static struct sock *make(struct device *d, uint32_t number, lk_socket handle)
{
    size_t i = 0;
    while (i < d->sock_count && d->socks[i].used) i++;
    if (i == SOCKETS) return NULL;
    if (i == d->sock_count) d->sock_count++;
    memset(&d->socks[i], 0, sizeof d->socks[i]);
    d->socks[i].used = true;
    d->socks[i].number = number;
    d->socks[i].handle = handle;
    return &d->socks[i];
}

/* ---- waiting calls: each is tried again after every step ---- */

static void try_connect(struct device *d, struct sock *s)
{
    uint32_t bits = lk_sock_bits(d->stack, s->handle);
    int error = lk_sock_error(d->stack, s->handle);
    if (bits & LK_SOCK_CONNECTED) finish(d, s->connect.id, 0, 0);
    else if (bits & (LK_SOCK_ERROR | LK_SOCK_CLOSED)) finish(d, s->connect.id, error < 0 ? error : LK_E_CONNABORTED, 0);
    else return;
    s->connect.on = false;
}

static void try_accept(struct device *d, struct sock *s)
{
    lk_socket handle;
    int r = lk_sock_accept(d->stack, s->handle, &handle, NULL, d->now);
    if (r == LK_E_AGAIN) return;
    s->accept.on = false;
    if (r >= 0 && !make(d, s->accept.number, handle)) { d->no_memory = true; return; }
    finish(d, s->accept.id, r < 0 ? r : 0, 0);
}

static void try_recv(struct device *d, struct sock *s)
{
    const uint8_t *bytes;
    size_t cap = s->recv.len ? s->recv.len : 1;
    int64_t there = lk_sock_peek(d->stack, s->handle, &bytes, d->now);
    uint8_t *copy = NULL;
    if (there == LK_E_AGAIN) return;
    if (there < 0) { finish(d, s->recv.id, there, 0); s->recv.on = false; return; } /* an error is told once */
    if (there > 0 && !(copy = malloc(cap))) { d->no_memory = true; return; }
    int64_t r = lk_sock_recv(d->stack, s->handle, copy ? copy : (uint8_t[1]){0}, copy ? cap : 1, 0, d->now);
    if (r != LK_E_AGAIN) {
        struct done *done = finish(d, s->recv.id, r, r > 0 ? (size_t)r : 0);
        if (done && r > 0) memcpy(done->bytes, copy, (size_t)r);
        s->recv.on = false;
    }
    free(copy);
}

static void try_send(struct device *d, struct sock *s)
{
    while (s->data_at < s->data_len) {
        int64_t r = lk_sock_send(d->stack, s->handle, s->data + s->data_at, s->data_len - s->data_at, d->now);
        if (r == LK_E_AGAIN || r == 0) return;
        if (r < 0) { finish(d, s->send.id, r, 0); s->send.on = false; return; }
        s->data_at += (size_t)r;
    }
    finish(d, s->send.id, (int64_t)s->data_len, 0);
    s->send.on = false;
}

static void settle(struct device *d)
{
    for (size_t i = 0; i < d->sock_count; i++) {
        struct sock *s = &d->socks[i];
        if (s->used && s->connect.on) try_connect(d, s);
        if (s->used && s->accept.on) try_accept(d, s);
        s = &d->socks[i];
        if (s->used && s->recv.on) try_recv(d, s);
        if (s->used && s->send.on) try_send(d, s);
    }
}

/* ---- calls ---- */

static int start_listen(struct device *d, lk_socket handle, const struct lk_dut_args *args)
{
    struct lk_endpoint local = {.iface = LK_ANY, .port = args->local_port};
    int r = lk_sock_bind(d->stack, handle, &local, d->now);
    return r < 0 ? r : lk_sock_listen(d->stack, handle, args->backlog ? args->backlog : 1, d->now);
}

static int start_connect(struct device *d, lk_socket handle, const struct lk_dut_args *args)
{
    struct lk_endpoint local = {.iface = LK_ANY, .port = args->local_port}, remote = {.iface = LK_ANY, .port = args->remote_port};
    int r = 0;
    memcpy(&remote.address, args->remote_address, sizeof args->remote_address);
    if (args->local_port) r = lk_sock_bind(d->stack, handle, &local, d->now);
    return r < 0 ? r : lk_sock_connect(d->stack, handle, &remote, d->now);
}

static int call_open(struct device *d, uint32_t id, uint32_t number, enum lk_dut_op op, const struct lk_dut_args *args)
{
    lk_socket handle;
    struct sock *s;
    int r = lk_sock_open(d->stack, LK_TCP, &handle, d->now);
    if (r < 0) { finish(d, id, r, 0); return 0; }
    if (!(s = make(d, number, handle))) { lk_sock_close(d->stack, handle, d->now); return -1; }
    r = op == LK_DUT_LISTEN ? start_listen(d, handle, args) : start_connect(d, handle, args);
    if (r < 0) {
        lk_sock_close(d->stack, handle, d->now);
        s->used = false;
        finish(d, id, r, 0);
    } else if (op == LK_DUT_LISTEN) {
        finish(d, id, 0, 0);
    } else {
        s->connect = (struct wait){.on = true, .id = id};
    }
    return 0;
}

static int call_send(struct sock *s, uint32_t id, const struct lk_dut_args *args)
{
    if (s->send.on) return -1;
    free(s->data);
    s->data = malloc(args->len ? args->len : 1);
    if (!s->data) return -1;
    if (args->len) memcpy(s->data, args->bytes, args->len);
    s->data_len = args->len;
    s->data_at = 0;
    s->send = (struct wait){.on = true, .id = id};
    return 0;
}

static int option_of(const char *name)
{
    static const struct { const char *name; int option; } options[] = {
        {"nodelay", LK_OPT_NODELAY}, {"keepalive", LK_OPT_KEEPALIVE}, {"keepalive_idle", LK_OPT_KEEPALIVE_IDLE}, {"keepalive_interval", LK_OPT_KEEPALIVE_INTERVAL},
        {"keepalive_count", LK_OPT_KEEPALIVE_COUNT}, {"r2", LK_OPT_R2}, {"receive_buffer", LK_OPT_RECEIVE_BUFFER}, {"send_buffer", LK_OPT_SEND_BUFFER},
        {"dscp", LK_OPT_DSCP}, {"ttl", LK_OPT_TTL}, {"mss", LK_OPT_MSS}, {"linger_0", LK_OPT_LINGER_0}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (!strcmp(options[i].name, name)) return options[i].option;
    return 0;
}

static void forget_sock(struct sock *s)
{
    free(s->data);
    memset(s, 0, sizeof *s);
}

static int call(void *dut, uint32_t id, uint32_t number, enum lk_dut_op op, const struct lk_dut_args *args, int64_t at)
{
    struct device *d = dut;
    struct sock *s;
    int r = 0;
    if (d->hosted) return lk_hosted_call(dut, id, op, args, at);
    s = find(d, number);
    if (at > d->now) d->now = at;
    d->still = 0;
    if (op == LK_DUT_LISTEN || op == LK_DUT_CONNECT) {
        if (!s) return call_open(d, id, number, op, args);
        finish(d, id, LK_E_ISCONN, 0);
        return 0;
    }
    if (!s) { finish(d, id, LK_E_BADF, 0); return 0; }
    switch (op) {
    case LK_DUT_ACCEPT:
        if (s->accept.on) return -1;
        s->accept = (struct wait){.on = true, .id = id, .number = args->new_socket};
        return 0;
    case LK_DUT_RECV:
        if (s->recv.on) return -1;
        s->recv = (struct wait){.on = true, .id = id, .len = args->len};
        return 0;
    case LK_DUT_SEND: return call_send(s, id, args);
    case LK_DUT_SHUTDOWN: r = lk_sock_shutdown(d->stack, s->handle, (int)args->how, d->now); break;
    case LK_DUT_CLOSE: r = lk_sock_close(d->stack, s->handle, d->now); forget_sock(s); break;
    case LK_DUT_ABORT: r = lk_sock_abort(d->stack, s->handle, d->now); forget_sock(s); break;
    case LK_DUT_OPTION: r = option_of(args->name) ? lk_sock_set(d->stack, s->handle, option_of(args->name), args->value, d->now) : LK_E_OPNOTSUPP; break;
    default: return -1;
    }
    finish(d, id, r, 0);
    return 0;
}

/* ---- life ---- */

static void destroy(void *dut)
{
    struct device *d = dut;
    if (d->hosted) { lk_hosted_destroy(dut); return; }
    while (d->first) { struct done *r = d->first; d->first = r->next; free(r); }
    for (size_t i = 0; i < d->sock_count; i++) free(d->socks[i].data);
    free(d->handed);
    free(d->frame);
    free(d->stack);
    free(d);
}

static int configure(struct lk_config *config, const struct lk_dut_config *from)
{
    int r = lk_config_init(config, "rfc");
    for (size_t i = 0; r == 0 && i < from->setting_count; i++)
        if (!strcmp(from->settings[i].name, "profile")) r = lk_builtin_setting(config, "profile", from->settings[i].value);
    config->ifaces = 1;
    config->iface[0].link = LK_LINK_ETHERNET;
    config->iface[0].mtu = (uint16_t)from->mtu;
    memcpy(config->iface[0].mac, from->mac, 6);
    for (size_t i = 0; r == 0 && i < from->setting_count; i++)
        if (strcmp(from->settings[i].name, "profile")) r = lk_builtin_setting(config, from->settings[i].name, from->settings[i].value);
    return r;
}

static int give_addresses(struct device *d, const struct lk_dut_config *from)
{
    struct lk_addr own, peer, gateway, any = {{0}};
    int r;
    memcpy(&own, from->address, 16);
    memcpy(&peer, from->peer_address, 16);
    memcpy(&gateway, from->gateway, 16);
    r = lk_addr_add(d->stack, 0, own, from->prefix, LK_ADDR_PREFERRED, d->now);
    if (r >= 0 && memcmp(&gateway, &any, 16)) r = lk_route_add(d->stack, lk_addr_from_ip4(0), 0, gateway, 0, d->now);
    if (r >= 0 && !from->arp) r = lk_neighbour_set(d->stack, 0, peer, from->peer_mac, d->now);
    return r;
}

static void *create(const struct lk_dut_config *from, const uint8_t seed[32], int64_t now)
{
    struct lk_config config;
    struct device *d;
    if (from->mtu > UINT16_MAX || configure(&config, from) < 0) return NULL;
    if (from->runs) return lk_hosted_create(from, &config, seed, now);
    if (!(d = calloc(1, sizeof *d))) return NULL;
    d->last = &d->first;
    d->now = now;
    d->arena_size = lk_stack_footprint(&config);
    d->frame_cap = from->mtu + 14u;
    d->frame = malloc(d->frame_cap);
    d->stack = d->arena_size ? aligned_alloc(16, (d->arena_size + 15) / 16 * 16) : NULL;
    if (!d->frame || !d->stack || lk_stack_init(d->stack, d->arena_size, &config, now, seed) < 0 || give_addresses(d, from) < 0) {
        destroy(d);
        return NULL;
    }
    return d;
}

static int inject(void *dut, uint32_t iface, const uint8_t *frame, size_t len, int64_t at)
{
    struct device *d = dut;
    struct lk_frame f = {.size_of = sizeof f, .iface = iface, .bytes = (uint8_t *)(uintptr_t)frame, .len = len};
    if (d->hosted) return lk_hosted_inject(dut, iface, frame, len, at);
    if (iface != 0) return -1;
    if (at > d->now) d->now = at;
    d->still = 0;
    return lk_stack_rx(d->stack, &f, d->now) < 0 ? -1 : 0;
}

static int hand_out_return(struct device *d, struct lk_dut_happening *out)
{
    struct done *r = d->first;
    d->first = r->next;
    if (!d->first) d->last = &d->first;
    free(d->handed);
    d->handed = r;
    out->kind = LK_DUT_RETURN;
    out->id = r->id;
    out->result = r->result;
    out->error = r->error;
    out->bytes = r->bytes;
    out->len = r->len;
    return 0;
}

static int death(struct device *d, struct lk_dut_happening *out, const char *reason)
{
    if (d->dead) return 0;
    d->dead = true;
    out->kind = LK_DUT_DEATH;
    out->reason = reason;
    return 0;
}

static int advance(void *dut, int64_t until, struct lk_dut_happening *out)
{
    struct device *d = dut;
    if (d->hosted) return lk_hosted_advance(dut, until, out);
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    for (;;) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = d->frame, .cap = d->frame_cap};
        lk_time next;
        int len;
        out->at = d->now;
        if (d->no_memory) return -1;
        if (d->dead) return 0;
        lk_stack_tick(d->stack, d->now);
        settle(d);
        if (d->first) return hand_out_return(d, out);
        len = lk_stack_tx(d->stack, LK_ANY, &f, d->now);
        if (len < 0) return death(d, out, "the stack could not emit a frame");
        if (len > 0) {
            d->still = 0;
            out->kind = LK_DUT_FRAME;
            out->bytes = d->frame;
            out->len = (size_t)len;
            return 0;
        }
        next = lk_stack_deadline(d->stack);
        if (next > until) {
            if (until > d->now) d->now = until;
            return 0;
        }
        if (next <= d->now && ++d->still > STUCK) return death(d, out, "the stack's deadline does not move on");
        if (next > d->now) d->now = next;
    }
}

static int state(void *dut, uint32_t number, struct lk_dut_info *out)
{
    struct device *d = dut;
    struct sock *s = d->hosted ? NULL : find(d, number);
    struct lk_sock_info info;
    if (!s || lk_sock_info(d->stack, s->handle, &info) < 0) return -1;
    *out = (struct lk_dut_info){.size = sizeof *out, .tcp_state = info.state, .rto = info.rto, .srtt = info.srtt, .cwnd = info.cwnd, .ssthresh = info.ssthresh};
    return 0;
}

struct lk_stack *lk_builtin_stack(void *dut)
{
    struct device *d = dut;
    return d->hosted ? ((struct lk_hosted *)dut)->run.stack : d->stack;
}

const struct lk_dut *lk_dut_builtin(void)
{
    static const struct lk_dut dut = {
        .version = LK_DUT_VERSION, .size = sizeof(struct lk_dut), .name = "builtin",
        .capabilities = LK_DUT_CAN_CONNECT | LK_DUT_CAN_LISTEN | LK_DUT_CAN_SHUTDOWN | LK_DUT_CAN_ABORT | LK_DUT_CAN_BIND_PORT | LK_DUT_CAN_SIMULTANEOUS |
                        LK_DUT_CAN_WSCALE | LK_DUT_CAN_TIMESTAMPS | LK_DUT_CAN_SACK | LK_DUT_CAN_OPTIONS | LK_DUT_CAN_CONFIG | LK_DUT_CAN_ARP | LK_DUT_CAN_STATE | LK_HOSTED_CAPABILITIES,
        .create = create, .destroy = destroy, .inject = inject, .call = call, .advance = advance, .state = state,
    };
    return &dut;
}
