/* Two hosts on a bad wire and two careless applications, driven by a seed: frames are lost, doubled and late, garbage is
 * injected, sockets of both kinds are opened, used and closed at random. Everything that comes out of the stacks goes into
 * one hash, so that two runs can be compared; a hook runs before each step, where a law may be tried. */
#ifndef LK_TESTS_STORM_H
#define LK_TESTS_STORM_H

#include "stack/base/hash.h"
#include "stack/tests/support/host.h"

#define STORM_SOCKETS 6
#define STORM_WIRE 16

struct storm_frame { uint8_t bytes[1514]; size_t len; lk_time at; int to; };

struct storm {
    struct host *host[2];
    uint64_t random;
    lk_time now;
    lk_socket sockets[2][STORM_SOCKETS];
    struct storm_frame wire[STORM_WIRE]; /* len 0: free */
    struct lk_digest seen;               /* every disposition, return value, event and byte */
    uint64_t frames;
    void (*hook)(struct storm *);
    unsigned loss;                       /* of 100 */
};

static inline uint32_t draw(struct storm *s, uint32_t bound)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return (uint32_t)((s->random >> 16) % bound);
}

static inline struct lk_config storm_config(void)
{
    struct lk_config c = plain_config("rfc");
    c.neighbours = 3;
    c.neighbour_queue = 3;
    c.udp_sockets = 3;
    c.udp_queue = 4;
    c.intents = 4;
    c.udp_send_queue = 3;
    c.arp_expiry = 2 * S;
    c.tcp.connections = 6;
    c.tcp.listeners = 2;
    c.tcp.active = 4;
    c.tcp.segments = 64;
    c.tcp.out_of_order = 8;
    c.tcp.send_buffer = c.tcp.receive_buffer = 4096;
    c.tcp.msl = 1 * S;
    return c;
}

static inline struct storm *storm_new(uint64_t seed)
{
    struct storm *s = calloc(1, sizeof *s);
    for (int i = 0; i < 2; i++) {
        struct lk_config c = storm_config();
        memcpy(c.iface[0].mac, i == 0 ? our_mac : peer_mac, 6);
        s->host[i] = host_bare(c);
        ck_assert_int_eq(lk_addr_add(s->host[i]->stack, 0, ip4(i == 0 ? US_IP : PEER_IP), 24, LK_ADDR_PREFERRED, 0), 0);
    }
    s->random = seed * 0x9e3779b97f4a7c15u + 1;
    s->loss = 10;
    lk_digest_begin(&s->seen);
    return s;
}

static inline void storm_free(struct storm *s)
{
    host_free(s->host[0]);
    host_free(s->host[1]);
    free(s);
}

static inline void saw(struct storm *s, int64_t number)
{
    lk_digest_add(&s->seen, (uint64_t)number);
}

static inline void storm_rx(struct storm *s, int to, const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len == 0 ? 1 : len);
    memcpy(copy, bytes, len);
    struct lk_frame f = {.size_of = sizeof f, .bytes = copy, .len = len};
    saw(s, lk_stack_rx(s->host[to]->stack, &f, s->now));
    free(copy);
}

/* Puts a frame on the wire: lost, late or doubled. */
static inline void storm_wire(struct storm *s, int to, const uint8_t *bytes, size_t len)
{
    unsigned copies = draw(s, 100) < s->loss ? 0 : draw(s, 20) == 0 ? 2 : 1;
    for (size_t i = 0; i < STORM_WIRE && copies > 0; i++) {
        if (s->wire[i].len != 0)
            continue;
        s->wire[i].len = len;
        s->wire[i].to = to;
        s->wire[i].at = s->now + (lk_time)draw(s, 5) * MS;
        memcpy(s->wire[i].bytes, bytes, len);
        copies--;
    }
}

static inline void storm_pull(struct storm *s, int from, uint32_t most)
{
    uint8_t out[1514];
    for (uint32_t i = 0; i < most; i++) {
        struct lk_frame f = {.size_of = sizeof f, .bytes = out, .cap = sizeof out};
        int len = lk_stack_tx(s->host[from]->stack, LK_ANY, &f, s->now);
        saw(s, len);
        ck_assert_int_ge(len, 0);
        if (len == 0)
            return;
        s->frames++;
        lk_digest_bytes(&s->seen, out, (size_t)len);
        storm_wire(s, 1 - from, out, (size_t)len);
    }
}

/* ---- the applications ---- */

static inline void storm_open(struct storm *s, int who, lk_socket *slot)
{
    struct lk_stack *stack = s->host[who]->stack;
    struct lk_endpoint local = at(0, (uint16_t)(1 + draw(s, 3))), remote = at(who == 0 ? PEER_IP : US_IP, (uint16_t)(1 + draw(s, 3)));
    lk_socket old = *slot;
    if (old != 0)
        saw(s, draw(s, 3) == 0 ? lk_sock_abort(stack, old, s->now) : lk_sock_close(stack, old, s->now));
    *slot = 0;
    int error = lk_sock_open(stack, draw(s, 4) == 0 ? LK_UDP : LK_TCP, slot, s->now);
    saw(s, error);
    if (error < 0)
        return;
    if (draw(s, 2) == 0) {
        saw(s, lk_sock_bind(stack, *slot, &local, s->now));
        saw(s, lk_sock_listen(stack, *slot, 2, s->now));
    } else {
        saw(s, lk_sock_connect(stack, *slot, &remote, s->now));
    }
}

static inline void storm_use(struct storm *s, int who, lk_socket *slot)
{
    struct lk_stack *stack = s->host[who]->stack;
    uint32_t ip = who == 0 ? PEER_IP : 0x0a000000u + draw(s, 8); /* drawn one by one: arguments have no order */
    struct lk_endpoint remote = at(ip, (uint16_t)(1 + draw(s, 3))), from, to;
    uint8_t data[1200];
    lk_socket child = 0;
    size_t len = 1 + draw(s, sizeof data);
    memset(data, (int)draw(s, 256), sizeof data);
    switch (draw(s, 7)) {
    case 0: saw(s, lk_sock_send(stack, *slot, data, len, s->now)); break;
    case 1: saw(s, lk_sock_send_to(stack, *slot, data, len, &remote, NULL, s->now)); break;
    case 2: {
        int64_t n = lk_sock_recv(stack, *slot, data, len, 0, s->now);
        saw(s, n);
        if (n > 0)
            lk_digest_bytes(&s->seen, data, (size_t)n);
        break;
    }
    case 3: {
        int64_t n = lk_sock_recv_from(stack, *slot, data, len, &from, &to, s->now);
        saw(s, n);
        if (n > 0)
            lk_digest_bytes(&s->seen, data, (size_t)n);
        break;
    }
    case 4: saw(s, lk_sock_shutdown(stack, *slot, (int)draw(s, 3), s->now)); break;
    case 5:
        saw(s, lk_sock_accept(stack, *slot, &child, &from, s->now));
        for (size_t i = 0; i < STORM_SOCKETS && child != 0; i++)
            if (s->sockets[who][i] == 0) {
                s->sockets[who][i] = child;
                child = 0;
            }
        if (child != 0)
            saw(s, lk_sock_close(stack, child, s->now));
        break;
    default: saw(s, lk_sock_error(stack, *slot)); break;
    }
}

/* ---- what nobody expects ---- */

static inline void storm_garbage(struct storm *s, int to)
{
    uint8_t frame[1514];
    size_t len = draw(s, 4) == 0 ? draw(s, sizeof frame) : 14 + draw(s, 80);
    for (size_t i = 0; i < len; i++)
        frame[i] = (uint8_t)draw(s, 256);
    if (len >= 14) {
        memcpy(frame, to == 0 ? our_mac : peer_mac, 6);
        frame[6] = 2;
        frame[12] = 8;
        frame[13] = draw(s, 3) == 0 ? 6 : 0;
    }
    if (len >= 15)
        frame[14] = 0x45;
    storm_rx(s, to, frame, len);
}

/* A frame on the wire with one bit flipped. */
static inline void storm_flip(struct storm *s)
{
    struct storm_frame *f = &s->wire[draw(s, STORM_WIRE)];
    if (f->len > 0)
        f->bytes[draw(s, (uint32_t)f->len)] ^= (uint8_t)(1u << draw(s, 8));
}

static inline void storm_deliver(struct storm *s)
{
    for (size_t i = 0; i < STORM_WIRE; i++)
        if (s->wire[i].len != 0 && s->wire[i].at <= s->now) {
            storm_rx(s, s->wire[i].to, s->wire[i].bytes, s->wire[i].len);
            s->wire[i].len = 0;
        }
}

static inline void storm_events(struct storm *s, int who)
{
    struct lk_event_sock e;
    while (lk_stack_event(s->host[who]->stack, &e)) {
        saw(s, (int64_t)e.socket);
        saw(s, e.bits);
    }
}

static inline void storm_step(struct storm *s)
{
    int who = (int)draw(s, 2);
    lk_socket *slot = &s->sockets[who][draw(s, STORM_SOCKETS)];
    if (s->hook != NULL)
        s->hook(s);
    switch (draw(s, 16)) {
    case 0: storm_open(s, who, slot); break;
    case 1: case 2: case 3: case 4: storm_use(s, who, slot); break;
    case 5: storm_garbage(s, who); break;
    case 6: storm_flip(s); break;
    case 7: storm_events(s, who); break;
    case 8: s->now += (lk_time)draw(s, 3000) * MS; break;
    case 9: case 10: s->now += (lk_time)draw(s, 20000) * LK_MICROSECOND; break;
    case 11: storm_pull(s, who, 1); break;
    default: storm_pull(s, who, 10); storm_deliver(s); break;
    }
    sound(s->host[0]);
    sound(s->host[1]);
}

static inline void storm_run(struct storm *s, uint32_t steps)
{
    for (uint32_t i = 0; i < steps; i++)
        storm_step(s);
}

#endif
