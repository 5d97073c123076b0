/* lwIP under test, through its raw API and in virtual time. lwIP keeps one stack in globals, so there is one device at a
 * time; between two devices every connection is aborted and the interface removed. Frames that lwIP sends go into a
 * queue, callbacks of its raw API end the calls that wait for them, and advance() hands both out in order of time. */
#include "conformance/dut/dut.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/tcp.h"
#include "lwip/timeouts.h"
#include "netif/ethernet.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MILLISECOND INT64_C(1000000)
#define SOCKETS 64

struct happening { /* one thing to hand out */
    struct happening *next;
    struct lk_dut_happening what;
    uint8_t bytes[];
};

struct wait { bool on; uint32_t id; size_t len; };

struct sock {
    bool used, connected, peer_closed, listening, failed;
    uint32_t number;
    enum lk_dut_error error;
    struct tcp_pcb *pcb;             /* NULL after close, reset or abort */
    struct pbuf *unread;
    uint8_t *unsent; size_t unsent_len, unsent_at;
    size_t send_total;
    struct wait connect, accept, recv, send;
    uint32_t accept_number;
    struct sock *parent;             /* accepted, not yet given out */
};

struct device {
    struct netif netif;
    int64_t now;                     /* the caller's clock */
    int64_t offset;                  /* lwIP's clock - the caller's, so that lwIP's never goes back */
    struct happening *first, **last;
    struct sock socks[SOCKETS];
    struct lk_dut_config config;
    bool no_memory;
    const char *dead;
    bool death_told;
    uint8_t *handed;                 /* bytes of the last happening */
};

static struct device *the_device;
static int64_t lwip_time;            /* ns, only grows */
static uint64_t random_state;

u32_t sys_now(void) { return (u32_t)(lwip_time / MILLISECOND); }

unsigned int lockstep_lwip_random(void)
{
    random_state = random_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (unsigned int)(random_state >> 33);
}

void lockstep_lwip_died(const char *reason)
{
    if (the_device && !the_device->dead) the_device->dead = reason;
}

static void clock_to(struct device *d, int64_t now)
{
    if (now > d->now) d->now = now;
    if (d->now + d->offset > lwip_time) lwip_time = d->now + d->offset;
}

/* ---- what is handed out ---- */

static struct happening *add(struct device *d, enum lk_dut_kind kind, size_t len)
{
    struct happening *h = calloc(1, sizeof *h + len);
    if (!h) { d->no_memory = true; return NULL; }
    h->what.size = sizeof h->what;
    h->what.kind = kind;
    h->what.at = d->now;
    h->what.bytes = h->bytes;
    h->what.len = len;
    *d->last = h;
    d->last = &h->next;
    return h;
}

static void give_back(struct device *d, struct wait *w, int64_t result, enum lk_dut_error error)
{
    if (!w->on) return;
    struct happening *h = add(d, LK_DUT_RETURN, 0);
    if (!h) return;
    w->on = false;
    h->what.id = w->id;
    h->what.result = error ? -1 : result;
    h->what.error = error;
}

static err_t link_output(struct netif *netif, struct pbuf *p)
{
    struct device *d = netif->state;
    struct happening *h = add(d, LK_DUT_FRAME, p->tot_len);
    if (!h) return ERR_MEM;
    pbuf_copy_partial(p, h->bytes, p->tot_len, 0);
    return ERR_OK;
}

static err_t netif_start(struct netif *netif)
{
    struct device *d = netif->state;
    netif->name[0] = 'l';
    netif->name[1] = 'k';
    netif->output = etharp_output;
    netif->linkoutput = link_output;
    netif->mtu = (u16_t)d->config.mtu;
    netif->hwaddr_len = 6;
    memcpy(netif->hwaddr, d->config.mac, 6);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_LINK_UP;
    return ERR_OK;
}

/* ---- sockets ---- */

static struct sock *find(struct device *d, uint32_t number)
{
    for (size_t i = 0; i < SOCKETS; i++)
        if (d->socks[i].used && !d->socks[i].parent && d->socks[i].number == number) return &d->socks[i];
    return NULL;
}

static struct sock *make(struct device *d, uint32_t number)
{
    for (size_t i = 0; i < SOCKETS; i++)
        if (!d->socks[i].used) {
            memset(&d->socks[i], 0, sizeof d->socks[i]);
            d->socks[i].used = true;
            d->socks[i].number = number;
            return &d->socks[i];
        }
    return NULL;
}

/* Ends a recv that waits, if there is something to tell. */
static void try_recv(struct device *d, struct sock *s)
{
    if (!s->recv.on) return;
    if (s->unread) {
        size_t n = s->unread->tot_len < s->recv.len ? s->unread->tot_len : s->recv.len;
        struct happening *h = add(d, LK_DUT_RETURN, n);
        if (!h) return;
        s->recv.on = false;
        h->what.id = s->recv.id;
        h->what.result = (int64_t)n;
        pbuf_copy_partial(s->unread, h->bytes, (u16_t)n, 0);
        s->unread = pbuf_free_header(s->unread, (u16_t)n);
        if (s->pcb) tcp_recved(s->pcb, (u16_t)n);
    } else if (s->failed) {
        give_back(d, &s->recv, -1, s->error);
    } else if (s->peer_closed) {
        give_back(d, &s->recv, 0, LK_DUT_OK);
    }
}

/* Gives lwIP as much of the data to send as it takes. */
static void try_send(struct device *d, struct sock *s)
{
    if (!s->send.on) return;
    if (s->failed || !s->pcb) { give_back(d, &s->send, -1, s->failed ? s->error : LK_DUT_EPIPE); return; }
    while (s->unsent_at < s->unsent_len) {
        size_t n = s->unsent_len - s->unsent_at, room = tcp_sndbuf(s->pcb);
        if (n > room) n = room;
        if (n > 0xffff) n = 0xffff;
        if (n == 0 || tcp_write(s->pcb, s->unsent + s->unsent_at, (u16_t)n, TCP_WRITE_FLAG_COPY | (s->unsent_at + n < s->unsent_len ? TCP_WRITE_FLAG_MORE : 0)) != ERR_OK) break;
        s->unsent_at += n;
    }
    tcp_output(s->pcb);
    if (s->unsent_at == s->unsent_len) give_back(d, &s->send, (int64_t)s->unsent_len, LK_DUT_OK);
}

static void try_accept(struct device *d, struct sock *listener)
{
    if (!listener->accept.on) return;
    for (size_t i = 0; i < SOCKETS; i++) {
        struct sock *s = &d->socks[i];
        if (!s->used || s->parent != listener) continue;
        s->parent = NULL;
        s->number = listener->accept_number;
        if (s->pcb) tcp_backlog_accepted(s->pcb);
        give_back(d, &listener->accept, 0, LK_DUT_OK);
        return;
    }
}

static err_t on_recv(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t err)
{
    struct sock *s = arg;
    (void)pcb; (void)err;
    if (!p) s->peer_closed = true;
    else if (s->unread) pbuf_cat(s->unread, p);
    else s->unread = p;
    try_recv(the_device, s);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t len)
{
    (void)pcb; (void)len;
    try_send(the_device, arg);
    return ERR_OK;
}

static void on_err(void *arg, err_t err)
{
    struct sock *s = arg;
    if (!s) return;
    s->pcb = NULL;                   /* lwIP has freed it */
    s->failed = true;
    s->error = err == ERR_RST || err == ERR_CLSD ? (s->connected ? LK_DUT_ECONNRESET : LK_DUT_ECONNREFUSED) : LK_DUT_ETIMEDOUT;
    give_back(the_device, &s->connect, -1, s->error);
    try_recv(the_device, s);
    try_send(the_device, s);
}

static void attach(struct sock *s, struct tcp_pcb *pcb)
{
    s->pcb = pcb;
    tcp_arg(pcb, s);
    tcp_recv(pcb, on_recv);
    tcp_sent(pcb, on_sent);
    tcp_err(pcb, on_err);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct sock *s = arg;
    (void)pcb; (void)err;
    s->connected = true;
    give_back(the_device, &s->connect, 0, LK_DUT_OK);
    return ERR_OK;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t err)
{
    struct sock *listener = arg;
    if (err != ERR_OK || !pcb) return ERR_VAL;
    struct sock *s = make(the_device, 0);
    if (!s) return ERR_MEM;
    s->parent = listener;
    s->connected = true;
    attach(s, pcb);
    tcp_backlog_delayed(pcb);
    try_accept(the_device, listener);
    return ERR_OK;
}

static void detach(struct sock *s)
{
    if (!s->pcb || s->listening) return;
    tcp_arg(s->pcb, NULL);
    tcp_recv(s->pcb, NULL);
    tcp_sent(s->pcb, NULL);
    tcp_err(s->pcb, NULL);
}

static void drop(struct sock *s)
{
    if (s->unread) pbuf_free(s->unread);
    free(s->unsent);
    memset(s, 0, sizeof *s);
}

/* ---- calls ---- */

static int call_listen(struct device *d, uint32_t id, uint32_t number, const struct lk_dut_args *args)
{
    struct sock *s = make(d, number);
    struct tcp_pcb *pcb = s ? tcp_new() : NULL;
    struct wait w = {true, id, 0};
    if (!pcb) return -1;
    ip_set_option(pcb, SOF_REUSEADDR);
    if (tcp_bind(pcb, IP_ADDR_ANY, args->local_port) != ERR_OK) {
        tcp_abort(pcb);
        drop(s);
        give_back(d, &w, -1, LK_DUT_EADDRINUSE);
        return 0;
    }
    s->pcb = tcp_listen_with_backlog(pcb, (u8_t)(args->backlog > 255 ? 255 : args->backlog ? args->backlog : 1));
    if (!s->pcb) { tcp_abort(pcb); drop(s); return -1; }
    s->listening = true;
    tcp_arg(s->pcb, s);
    tcp_accept(s->pcb, on_accept);
    give_back(d, &w, 0, LK_DUT_OK);
    return 0;
}

static int call_connect(struct device *d, uint32_t id, uint32_t number, const struct lk_dut_args *args)
{
    struct sock *s = make(d, number);
    struct tcp_pcb *pcb = s ? tcp_new() : NULL;
    ip_addr_t to;
    if (!pcb) return -1;
    attach(s, pcb);
    s->connect = (struct wait){true, id, 0};
    ip_set_option(pcb, SOF_REUSEADDR);
    if (args->local_port && tcp_bind(pcb, IP_ADDR_ANY, args->local_port) != ERR_OK) {
        give_back(d, &s->connect, -1, LK_DUT_EADDRINUSE);
        return 0;
    }
    IP_ADDR4(&to, args->remote_address[12], args->remote_address[13], args->remote_address[14], args->remote_address[15]);
    if (tcp_connect(pcb, &to, args->remote_port, on_connected) != ERR_OK) give_back(d, &s->connect, -1, LK_DUT_ENETUNREACH);
    return 0;
}

static int call_send(struct device *d, uint32_t id, struct sock *s, const struct lk_dut_args *args)
{
    if (s->send.on) return -1;
    free(s->unsent);
    s->unsent = malloc(args->len ? args->len : 1);
    if (!s->unsent) return -1;
    memcpy(s->unsent, args->bytes, args->len);
    s->unsent_len = args->len;
    s->unsent_at = 0;
    s->send = (struct wait){true, id, args->len};
    try_send(d, s);
    return 0;
}

static enum lk_dut_error call_option(struct sock *s, const struct lk_dut_args *args)
{
    if (!s->pcb || s->listening) return LK_DUT_EINVAL;
    if (!strcmp(args->name, "nodelay")) {
        if (args->value) tcp_nagle_disable(s->pcb); else tcp_nagle_enable(s->pcb);
        return LK_DUT_OK;
    }
    if (!strcmp(args->name, "keepalive")) {
        if (args->value) ip_set_option(s->pcb, SOF_KEEPALIVE); else ip_reset_option(s->pcb, SOF_KEEPALIVE);
        return LK_DUT_OK;
    }
    if (!strcmp(args->name, "keepalive_idle")) { s->pcb->keep_idle = (u32_t)(args->value / MILLISECOND); return LK_DUT_OK; }
    if (!strcmp(args->name, "keepalive_interval")) { s->pcb->keep_intvl = (u32_t)(args->value / MILLISECOND); return LK_DUT_OK; }
    return LK_DUT_EOPNOTSUPP;
}

static void close_sock(struct sock *s, bool abort_it)
{
    if (s->pcb) {
        struct tcp_pcb *pcb = s->pcb;
        detach(s);
        s->pcb = NULL;
        if (abort_it && !s->listening) tcp_abort(pcb);
        else if (tcp_close(pcb) != ERR_OK) tcp_abort(pcb);
    }
    drop(s);
}

static int call(void *dut, uint32_t id, uint32_t number, enum lk_dut_op op, const struct lk_dut_args *args, int64_t at)
{
    struct device *d = dut;
    struct wait w = {true, id, 0};
    struct sock *s = find(d, number);
    clock_to(d, at);
    if (op == LK_DUT_LISTEN || op == LK_DUT_CONNECT) {
        if (s) { give_back(d, &w, -1, LK_DUT_EISCONN); return 0; }
        return op == LK_DUT_LISTEN ? call_listen(d, id, number, args) : call_connect(d, id, number, args);
    }
    if (!s) { give_back(d, &w, -1, LK_DUT_EBADF); return 0; }
    switch (op) {
    case LK_DUT_ACCEPT:
        if (!s->listening || s->accept.on) return -1;
        s->accept = (struct wait){true, id, 0};
        s->accept_number = args->new_socket;
        try_accept(d, s);
        return 0;
    case LK_DUT_SEND: return call_send(d, id, s, args);
    case LK_DUT_RECV:
        if (s->recv.on) return -1;
        s->recv = (struct wait){true, id, args->len};
        try_recv(d, s);
        return 0;
    case LK_DUT_SHUTDOWN:
        if (!s->pcb || tcp_shutdown(s->pcb, args->how != 1, args->how != 0) != ERR_OK) give_back(d, &w, -1, LK_DUT_ENOTCONN);
        else give_back(d, &w, 0, LK_DUT_OK);
        return 0;
    case LK_DUT_CLOSE:
    case LK_DUT_ABORT:
        close_sock(s, op == LK_DUT_ABORT);
        give_back(d, &w, 0, LK_DUT_OK);
        return 0;
    case LK_DUT_OPTION: {
        enum lk_dut_error e = call_option(s, args);
        give_back(d, &w, 0, e);
        return 0;
    }
    default: return -1;
    }
}

/* ---- life ---- */

static void destroy(void *dut)
{
    struct device *d = dut;
    while (tcp_active_pcbs) { tcp_active_pcbs->errf = NULL; tcp_abort(tcp_active_pcbs); }
    while (tcp_tw_pcbs) tcp_abort(tcp_tw_pcbs);
    while (tcp_bound_pcbs) { tcp_bound_pcbs->errf = NULL; tcp_abort(tcp_bound_pcbs); }
    for (size_t i = 0; i < SOCKETS; i++) {
        struct sock *s = &d->socks[i];
        if (s->used && s->listening && s->pcb) tcp_close(s->pcb);
        if (s->used) drop(s);
    }
    netif_remove(&d->netif);
    while (d->first) { struct happening *h = d->first; d->first = h->next; free(h); }
    free(d->handed);
    free(d);
    the_device = NULL;
}

static void *create(const struct lk_dut_config *config, const uint8_t seed[32], int64_t now)
{
    static bool started;
    struct device *d;
    ip4_addr_t address, mask, gateway, peer;
    if (the_device || config->prefix > 32) return NULL;
    if (!(d = calloc(1, sizeof *d))) return NULL;
    if (!started) { lwip_init(); started = true; }
    the_device = d;
    d->config = *config;
    d->last = &d->first;
    d->now = now;
    lwip_time += INT64_C(1000) * MILLISECOND;
    sys_check_timeouts();            /* the TCP timer of an earlier device stops here */
    for (u32_t ticks = tcp_ticks; tcp_ticks == ticks;) tcp_tmr(); /* lwIP does its slow work at every second tick: start with the same one */
    d->offset = lwip_time - now;
    memcpy(&random_state, seed, sizeof random_state);
    const uint8_t *a = config->address + 12, *g = config->gateway + 12, *p = config->peer_address + 12;
    IP4_ADDR(&address, a[0], a[1], a[2], a[3]);
    IP4_ADDR(&gateway, g[0], g[1], g[2], g[3]);
    IP4_ADDR(&peer, p[0], p[1], p[2], p[3]);
    ip4_addr_set_u32(&mask, lwip_htonl(config->prefix ? UINT32_MAX << (32 - config->prefix) : 0));
    if (!netif_add(&d->netif, &address, &mask, &gateway, d, netif_start, ethernet_input)) { free(d); the_device = NULL; return NULL; }
    netif_set_default(&d->netif);
    netif_set_up(&d->netif);
    if (!config->arp) {
        struct eth_addr mac;
        memcpy(mac.addr, config->peer_mac, 6);
        etharp_add_static_entry(&peer, &mac);
    }
    while (d->first) { struct happening *h = d->first; d->first = h->next; free(h); } /* the gratuitous ARP of netif_set_up */
    d->last = &d->first;
    return d;
}

static int inject(void *dut, uint32_t iface, const uint8_t *frame, size_t len, int64_t at)
{
    struct device *d = dut;
    struct pbuf *p;
    if (iface != 0 || len > 0xffff) return -1;
    clock_to(d, at);
    if (!(p = pbuf_alloc(PBUF_RAW, (u16_t)len, PBUF_POOL))) return -1;
    pbuf_take(p, frame, (u16_t)len);
    if (d->netif.input(p, &d->netif) != ERR_OK) pbuf_free(p);
    return 0;
}

static int hand_out(struct device *d, struct lk_dut_happening *out)
{
    struct happening *h = d->first;
    d->first = h->next;
    if (!d->first) d->last = &d->first;
    free(d->handed);
    d->handed = (uint8_t *)h;
    *out = h->what;
    return 0;
}

static int advance(void *dut, int64_t until, struct lk_dut_happening *out)
{
    struct device *d = dut;
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    for (;;) {
        if (d->no_memory) return -1;
        if (d->first && d->first->what.at <= until) return hand_out(d, out);
        if (d->dead && !d->death_told) {
            d->death_told = true;
            out->kind = LK_DUT_DEATH;
            out->at = d->now;
            out->reason = d->dead;
            return 0;
        }
        u32_t sleep = d->dead ? SYS_TIMEOUTS_SLEEPTIME_INFINITE : sys_timeouts_sleeptime();
        int64_t next = sleep == SYS_TIMEOUTS_SLEEPTIME_INFINITE ? INT64_MAX : (lwip_time / MILLISECOND + sleep) * MILLISECOND - d->offset;
        if (next < d->now) next = d->now;
        if (next > until) {
            clock_to(d, until);
            return 0;
        }
        clock_to(d, next);
        sys_check_timeouts();
    }
}

static int state(void *dut, uint32_t socket, struct lk_dut_info *out)
{
    struct sock *s = find(dut, socket);
    memset(out, 0, sizeof *out);
    out->size = sizeof *out;
    out->rto = out->srtt = -1;
    if (!s || !s->pcb) return -1;
    out->tcp_state = (int32_t)s->pcb->state; /* the same order as RFC 9293 3.3.2 */
    if (s->listening) return 0;
    out->rto = (int64_t)s->pcb->rto * TCP_SLOW_INTERVAL * MILLISECOND;
    out->cwnd = s->pcb->cwnd;
    out->ssthresh = s->pcb->ssthresh;
    return 0;
}

const struct lk_dut *lockstep_dut(void);
const struct lk_dut *lockstep_dut(void)
{
    static const struct lk_dut dut = {
        .version = LK_DUT_VERSION, .size = sizeof(struct lk_dut), .name = "lwip",
        .capabilities = LK_DUT_CAN_CONNECT | LK_DUT_CAN_LISTEN | LK_DUT_CAN_SHUTDOWN | LK_DUT_CAN_ABORT | LK_DUT_CAN_BIND_PORT |
                        LK_DUT_CAN_WSCALE | LK_DUT_CAN_TIMESTAMPS | LK_DUT_CAN_SACK | LK_DUT_CAN_OPTIONS | LK_DUT_CAN_ARP | LK_DUT_CAN_STATE,
        .create = create, .destroy = destroy, .inject = inject, .call = call, .advance = advance, .state = state,
    };
    return &dut;
}
