/* A template for your own stack as a device under test. Copy it, replace every line marked [yours] by calls of your
 * stack, build it as a shared object that exports lockstep_dut(), and run
 *     lockstep replay --dut ./libtemplate.so corpora/traces/handshake
 * So that it runs as it stands, the lines marked [yours] drive Lockstep's own stack. */
#include "conformance/dut/dut.h"
#include "stack/host/stack.h" /* [yours] */
#include <stdlib.h>
#include <string.h>

enum { SOCKETS = 16, ARENA = 8 << 20 };

struct wait { int on; uint32_t id; size_t len; };
struct sock { uint32_t number; lk_socket s; uint32_t accept_number; struct wait connect, accept, recv; };
struct device {
    struct lk_stack *stack;               /* [yours] */
    int64_t now;
    struct sock socks[SOCKETS];
    struct { uint32_t id; int64_t result; uint32_t error; size_t len; } returns[64]; size_t first, count; /* calls that ended */
    uint8_t frame[2048], data[65536];
};

static void give(struct device *d, uint32_t id, int64_t result, uint32_t error, size_t len)
{
    size_t at = (d->first + d->count++) % 64;
    d->returns[at].id = id; d->returns[at].result = error ? -1 : result; d->returns[at].error = error; d->returns[at].len = len;
}

static uint32_t error_of(int64_t e) /* [yours]: name every error your stack gives */
{
    if (e >= 0) return LK_DUT_OK;
    return e == LK_E_CONNREFUSED ? LK_DUT_ECONNREFUSED : e == LK_E_CONNRESET ? LK_DUT_ECONNRESET : e == LK_E_TIMEDOUT ? LK_DUT_ETIMEDOUT : LK_DUT_EOTHER;
}

static struct sock *find(struct device *d, uint32_t number) /* number 0 finds a free one */
{
    for (size_t i = 0; i < SOCKETS; i++) if (d->socks[i].number == number) return &d->socks[i];
    return NULL;
}

static void *create(const struct lk_dut_config *c, const uint8_t seed[32], int64_t now)
{
    struct device *d = calloc(1, sizeof *d);
    struct lk_addr own, peer;
    struct lk_config config;              /* [yours] down to the end: address, MAC, the peer's MAC */
    if (!d || lk_config_init(&config, "linux") < 0) { free(d); return NULL; }
    for (size_t i = 0; i < c->setting_count; i++) if (!strcmp(c->settings[i].name, "profile")) lk_config_init(&config, c->settings[i].value);
    memcpy(config.iface[0].mac, c->mac, 6);
    config.iface[0].mtu = (uint16_t)c->mtu;
    config.tcp.send_buffer = 1 << 18;     /* a send returns when all of it is taken */
    memcpy(&own, c->address, 16); memcpy(&peer, c->peer_address, 16); d->now = now;
    if (!(d->stack = aligned_alloc(16, ARENA)) || lk_stack_init(d->stack, ARENA, &config, now, seed) < 0 ||
        lk_addr_add(d->stack, 0, own, c->prefix, LK_ADDR_PREFERRED, now) < 0) { free(d->stack); free(d); return NULL; }
    if (!c->arp) lk_neighbour_set(d->stack, 0, peer, c->peer_mac, now);
    return d;
}

static void destroy(void *dut) { free(((struct device *)dut)->stack); free(dut); }

static int inject(void *dut, uint32_t iface, const uint8_t *frame, size_t len, int64_t at) /* a frame arrives */
{
    struct device *d = dut;
    struct lk_frame f = {.size_of = sizeof f, .iface = iface, .bytes = (uint8_t *)(uintptr_t)frame, .len = len};
    d->now = at;
    return lk_stack_rx(d->stack, &f, at) < 0 ? -1 : 0; /* [yours] */
}

static int call(void *dut, uint32_t id, uint32_t number, enum lk_dut_op op, const struct lk_dut_args *a, int64_t at)
{
    struct device *d = dut;
    struct sock *s = find(d, op == LK_DUT_LISTEN || op == LK_DUT_CONNECT ? 0 : number);
    struct lk_endpoint local = {.iface = LK_ANY, .port = a->local_port}, remote = {.iface = LK_ANY, .port = a->remote_port};
    int64_t r = 0;
    d->now = at;
    if (!s) { give(d, id, -1, LK_DUT_EBADF, 0); return 0; }
    s->number = number;
    memcpy(&remote.address, a->remote_address, 16);
    switch (op) {                         /* [yours]: every call of lk_sock_... */
    case LK_DUT_LISTEN: r = lk_sock_open(d->stack, LK_TCP, &s->s, at); if (r >= 0) r = lk_sock_bind(d->stack, s->s, &local, at); if (r >= 0) r = lk_sock_listen(d->stack, s->s, 8, at); break;
    case LK_DUT_CONNECT:
        r = lk_sock_open(d->stack, LK_TCP, &s->s, at);
        if (r >= 0 && a->local_port) r = lk_sock_bind(d->stack, s->s, &local, at);
        if (r >= 0) r = lk_sock_connect(d->stack, s->s, &remote, at);
        if (r >= 0) { s->connect = (struct wait){1, id, 0}; return 0; }
        break;
    case LK_DUT_ACCEPT: s->accept = (struct wait){1, id, 0}; s->accept_number = a->new_socket; return 0;
    case LK_DUT_RECV: s->recv = (struct wait){1, id, a->len < sizeof d->data ? a->len : sizeof d->data}; return 0;
    case LK_DUT_SEND: r = lk_sock_send(d->stack, s->s, a->bytes, a->len, at); break; /* fits in the send buffer here */
    case LK_DUT_SHUTDOWN: r = lk_sock_shutdown(d->stack, s->s, (int)a->how, at); break;
    case LK_DUT_CLOSE: r = lk_sock_close(d->stack, s->s, at); memset(s, 0, sizeof *s); break;
    case LK_DUT_ABORT: r = lk_sock_abort(d->stack, s->s, at); memset(s, 0, sizeof *s); break;
    default: r = LK_E_OPNOTSUPP;
    }
    give(d, id, r, error_of(r), 0);
    return 0;
}

static void try_waiting(struct device *d) /* ends the calls that wait */
{
    for (size_t i = 0; i < SOCKETS; i++) {
        struct sock *s = &d->socks[i], *child = find(d, 0);
        lk_socket handle;
        uint32_t bits = s->number ? lk_sock_bits(d->stack, s->s) : 0;   /* [yours] */
        if (s->connect.on && bits & (LK_SOCK_CONNECTED | LK_SOCK_ERROR)) {
            s->connect.on = 0;
            give(d, s->connect.id, 0, bits & LK_SOCK_CONNECTED ? LK_DUT_OK : error_of(lk_sock_error(d->stack, s->s)), 0);
        }
        if (s->accept.on && child && lk_sock_accept(d->stack, s->s, &handle, NULL, d->now) >= 0) { /* [yours] */
            child->number = s->accept_number; child->s = handle; s->accept.on = 0;
            give(d, s->accept.id, 0, LK_DUT_OK, 0);
        }
        if (s->recv.on) {
            int64_t r = lk_sock_recv(d->stack, s->s, d->data, s->recv.len, 0, d->now); /* [yours] */
            if (r != LK_E_AGAIN) { s->recv.on = 0; give(d, s->recv.id, r, error_of(r), r > 0 ? (size_t)r : 0); return; }
        }
    }
}

static int advance(void *dut, int64_t until, struct lk_dut_happening *out) /* the next thing that happens, or nothing by `until` */
{
    struct device *d = dut;
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    for (;;) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = d->frame, .cap = sizeof d->frame};
        int64_t next, len;
        lk_stack_tick(d->stack, d->now);  /* [yours]: run the timers that are due */
        if (!d->count) try_waiting(d);
        out->at = d->now;
        if (d->count) {
            out->kind = LK_DUT_RETURN; out->id = d->returns[d->first].id; out->result = d->returns[d->first].result;
            out->error = d->returns[d->first].error; out->bytes = d->data; out->len = d->returns[d->first].len;
            d->first = (d->first + 1) % 64; d->count--;
            return 0;
        }
        if ((len = lk_stack_tx(d->stack, LK_ANY, &f, d->now)) > 0) { out->kind = LK_DUT_FRAME; out->bytes = d->frame; out->len = (size_t)len; return 0; } /* [yours] */
        next = lk_stack_deadline(d->stack); /* [yours]: when your stack wants to run again */
        if (next > until) { d->now = until; return 0; } /* nothing more */
        d->now = next > d->now ? next : d->now + 1;
    }
}

const struct lk_dut *lockstep_dut(void); /* the one symbol of the shared object */
const struct lk_dut *lockstep_dut(void)
{
    static const struct lk_dut dut = {.version = LK_DUT_VERSION, .size = sizeof dut, .name = "template",
        .capabilities = LK_DUT_CAN_CONNECT | LK_DUT_CAN_LISTEN | LK_DUT_CAN_SHUTDOWN | LK_DUT_CAN_ABORT | LK_DUT_CAN_BIND_PORT | LK_DUT_CAN_WSCALE | LK_DUT_CAN_TIMESTAMPS | LK_DUT_CAN_SACK,
        .create = create, .destroy = destroy, .inject = inject, .call = call, .advance = advance};
    return &dut;
}
