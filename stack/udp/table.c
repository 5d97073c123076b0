#include "stack/udp/table.h"
#include "stack/base/error.h"

int lk_udp_init(struct lk_udp_table *udp, struct lk_arena *arena, uint32_t sockets, uint32_t datagrams, uint32_t room, uint16_t port_first,
                uint16_t port_last, const uint8_t seed[32])
{
    uint32_t buckets = 1;
    while (buckets < sockets && buckets < 65536)
        buckets *= 2;
    uint64_t distance = lk_arena_carve(arena, buckets, sizeof(uint32_t));
    uint32_t *bucket = lk_arena_at(arena, distance);
    if (bucket != NULL) {
        udp->buckets = (uint8_t *)bucket - (uint8_t *)udp;
        lk_memset(bucket, 0xff, buckets * sizeof(uint32_t)); /* LK_NONE */
    }
    udp->mask = buckets - 1;
    udp->room = room;
    udp->event_head = udp->event_tail = LK_NONE;
    udp->port_first = port_first;
    udp->port_last = port_last;
    lk_rng_init(&udp->ports, seed, LK_UDP);
    int error = lk_pool_init(&udp->sockets, arena, (uint32_t)sizeof(struct lk_udp_socket), sockets);
    return error < 0 ? error : lk_pool_init(&udp->datagrams, arena, (uint32_t)sizeof(struct lk_udp_datagram) + room, datagrams);
}

uint32_t lk_udp_find(const struct lk_udp_table *udp, lk_socket socket)
{
    uint32_t index = (uint32_t)socket;
    if (!lk_pool_taken(&udp->sockets, index) || lk_udp_at(udp, index)->generation != (uint32_t)(socket >> 32))
        return LK_NONE;
    return index;
}

/* ---- bits and events ---- */

static uint32_t bits_of(const struct lk_udp_socket *s)
{
    uint32_t bits = 0;
    if (s->waiting > 0 || (s->flags & LK_UDP_NO_RECV) != 0)
        bits |= LK_SOCK_READABLE;
    if ((s->flags & LK_UDP_NO_SEND) == 0)
        bits |= LK_SOCK_WRITABLE;
    if ((s->flags & LK_UDP_CONNECTED) != 0)
        bits |= LK_SOCK_CONNECTED;
    if (s->error != 0)
        bits |= LK_SOCK_ERROR;
    if (s->soft_error != 0)
        bits |= LK_SOCK_SOFT_ERROR;
    return bits;
}

static lk_socket handle_of(const struct lk_udp_table *udp, uint32_t index)
{
    return (lk_socket)lk_udp_at(udp, index)->generation << 32 | index;
}

void lk_udp_touch(struct lk_udp_table *udp, uint32_t index, uint64_t age)
{
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if ((s->flags & LK_UDP_EVENT) != 0 || bits_of(s) == s->told)
        return;
    s->flags |= LK_UDP_EVENT;
    s->event_age = age;
    s->event_before = udp->event_tail;
    s->event_next = LK_NONE;
    if (udp->event_tail == LK_NONE)
        udp->event_head = index;
    else
        lk_udp_at(udp, udp->event_tail)->event_next = index;
    udp->event_tail = index;
}

static void event_unlink(struct lk_udp_table *udp, uint32_t index)
{
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if (s->event_before == LK_NONE)
        udp->event_head = s->event_next;
    else
        lk_udp_at(udp, s->event_before)->event_next = s->event_next;
    if (s->event_next == LK_NONE)
        udp->event_tail = s->event_before;
    else
        lk_udp_at(udp, s->event_next)->event_before = s->event_before;
    s->event_next = s->event_before = LK_NONE;
    s->flags &= (uint8_t)~LK_UDP_EVENT;
}

bool lk_udp_event_age(const struct lk_udp_table *udp, uint64_t *age)
{
    if (udp->event_head == LK_NONE)
        return false;
    *age = lk_udp_at(udp, udp->event_head)->event_age;
    return true;
}

bool lk_udp_event(struct lk_udp_table *udp, lk_socket *out, uint32_t *bits)
{
    uint32_t index = udp->event_head;
    if (index == LK_NONE)
        return false;
    event_unlink(udp, index);
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    *out = handle_of(udp, index);
    *bits = bits_of(s);
    bool changed = s->told != *bits;
    s->told = *bits;
    return changed;
}

/* ---- ports ---- */

static bool overlaps(const struct lk_addr *a, uint32_t a_iface, const struct lk_addr *b, uint32_t b_iface)
{
    bool addresses = lk_udp_any(a) || lk_udp_any(b) || lk_addr_equal(a, b);
    return addresses && (a_iface == LK_ANY || b_iface == LK_ANY || a_iface == b_iface);
}

static bool port_taken(const struct lk_udp_table *udp, uint16_t port, const struct lk_addr *address, uint32_t iface)
{
    for (uint32_t at = *lk_udp_bucket(udp, port); at != LK_NONE; at = lk_udp_at(udp, at)->chain) {
        const struct lk_udp_socket *s = lk_udp_at(udp, at);
        if (s->local_port == port && overlaps(&s->local, s->local_iface, address, iface))
            return true;
    }
    return false;
}

static void bind_port(struct lk_udp_table *udp, uint32_t index, uint16_t port)
{
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    uint32_t *bucket = lk_udp_bucket(udp, port);
    s->local_port = port;
    s->flags |= LK_UDP_BOUND;
    s->chain = *bucket;
    *bucket = index;
}

int lk_udp_bind_ephemeral(struct lk_udp_table *udp, uint32_t index)
{
    const struct lk_udp_socket *s = lk_udp_at(udp, index);
    uint32_t ports = (uint32_t)udp->port_last - udp->port_first + 1;
    uint32_t first = lk_rng_below(&udp->ports, ports);
    for (uint32_t i = 0; i < ports; i++) {
        uint16_t port = (uint16_t)(udp->port_first + (first + i) % ports);
        if (!port_taken(udp, port, &s->local, s->local_iface)) {
            bind_port(udp, index, port);
            return 0;
        }
    }
    return LK_E_ADDRNOTAVAIL;
}

/* ---- socket calls that touch no datagram ---- */

int lk_udp_open(struct lk_udp_table *udp, lk_socket *out, uint64_t age)
{
    uint32_t index = lk_pool_take(&udp->sockets);
    if (index == LK_NONE)
        return LK_E_MFILE;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    udp->generation = udp->generation == UINT32_MAX ? 1 : udp->generation + 1; /* 0 is never a socket */
    s->generation = udp->generation;
    s->chain = s->head = s->tail = s->event_next = s->event_before = LK_NONE;
    s->local_iface = s->remote_iface = LK_ANY;
    *out = handle_of(udp, index);
    lk_udp_touch(udp, index, age);
    return 0;
}

void lk_udp_remove(struct lk_udp_table *udp, uint32_t index)
{
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if ((s->flags & LK_UDP_EVENT) != 0)
        event_unlink(udp, index);
    if ((s->flags & LK_UDP_BOUND) != 0) {
        uint32_t *link = lk_udp_bucket(udp, s->local_port);
        while (*link != index)
            link = &lk_udp_at(udp, *link)->chain;
        *link = s->chain;
    }
    lk_pool_give(&udp->sockets, index);
}

int lk_udp_bind(struct lk_udp_table *udp, lk_socket socket, const struct lk_endpoint *local)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if ((s->flags & LK_UDP_BOUND) != 0)
        return LK_E_INVALID;
    if (local->port != 0 && port_taken(udp, local->port, &local->address, local->iface))
        return LK_E_ADDRINUSE;
    s->local = local->address;
    s->local_iface = local->iface;
    if (local->port == 0)
        return lk_udp_bind_ephemeral(udp, index);
    bind_port(udp, index, local->port);
    return 0;
}

int lk_udp_connect(struct lk_udp_table *udp, lk_socket socket, const struct lk_endpoint *remote, uint64_t age)
{
    static const struct lk_addr any;
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    bool none = remote->port == 0 && lk_udp_any(&remote->address);
    if (!none && (remote->port == 0 || lk_udp_any(&remote->address)))
        return LK_E_INVALID;
    int error = !none && (s->flags & LK_UDP_BOUND) == 0 ? lk_udp_bind_ephemeral(udp, index) : 0;
    if (error < 0)
        return error;
    s->remote = none ? any : remote->address;
    s->remote_port = remote->port;
    s->remote_iface = none ? LK_ANY : remote->iface;
    s->flags = (uint8_t)(none ? s->flags & ~LK_UDP_CONNECTED : s->flags | LK_UDP_CONNECTED);
    lk_udp_touch(udp, index, age);
    return 0;
}

int lk_udp_shutdown(struct lk_udp_table *udp, lk_socket socket, int how, uint64_t age)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    if ((s->flags & LK_UDP_CONNECTED) == 0)
        return LK_E_NOTCONN;
    if (how != LK_SHUT_WR)
        s->flags |= LK_UDP_NO_RECV;
    if (how != LK_SHUT_RD)
        s->flags |= LK_UDP_NO_SEND;
    lk_udp_touch(udp, index, age);
    return 0;
}

int lk_udp_set(struct lk_udp_table *udp, lk_socket socket, int option, int64_t value)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    struct lk_udp_socket *s = lk_udp_at(udp, index);
    switch (option) {
    case LK_OPT_TTL: /* RFC 1122 4.1.4; 0 is never sent (3.2.1.7) */
        if (value < 1 || value > 255)
            return LK_E_INVALID;
        s->ttl = (uint8_t)value;
        return 0;
    case LK_OPT_DSCP:
        if (value < 0 || value > 63)
            return LK_E_INVALID;
        s->tos = (uint8_t)(value << 2);
        return 0;
    default:
        return LK_E_NOPROTOOPT;
    }
}

int lk_udp_error(const struct lk_udp_table *udp, lk_socket socket)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    const struct lk_udp_socket *s = lk_udp_at(udp, index);
    return s->error != 0 ? s->error : s->soft_error;
}

uint32_t lk_udp_bits(const struct lk_udp_table *udp, lk_socket socket)
{
    uint32_t index = lk_udp_find(udp, socket);
    return index == LK_NONE ? 0 : bits_of(lk_udp_at(udp, index));
}

int lk_udp_info(const struct lk_udp_table *udp, lk_socket socket, struct lk_sock_info *out)
{
    uint32_t index = lk_udp_find(udp, socket);
    if (index == LK_NONE)
        return LK_E_BADF;
    const struct lk_udp_socket *s = lk_udp_at(udp, index);
    lk_memset(out, 0, sizeof *out);
    out->local = (struct lk_endpoint){.address = s->local, .iface = s->local_iface, .port = s->local_port};
    out->remote = (struct lk_endpoint){.address = s->remote, .iface = s->remote_iface, .port = s->remote_port};
    out->rto_deadline = LK_NEVER;
    for (uint32_t at = s->head; at != LK_NONE; at = ((const struct lk_udp_datagram *)lk_pool_at(&udp->datagrams, at))->next)
        out->unread += ((const struct lk_udp_datagram *)lk_pool_at(&udp->datagrams, at))->len;
    return 0;
}

/* ---- looking inside ---- */

static bool queue_sound(const struct lk_udp_table *udp, const struct lk_udp_socket *s)
{
    uint32_t last = LK_NONE, count = 0;
    for (uint32_t at = s->head; at != LK_NONE; at = ((const struct lk_udp_datagram *)lk_pool_at(&udp->datagrams, at))->next) {
        if (!lk_pool_taken(&udp->datagrams, at) || count++ == s->waiting)
            return false;
        last = at;
    }
    return count == s->waiting && s->tail == last;
}

static bool bound_sound(const struct lk_udp_table *udp, uint32_t index)
{
    const struct lk_udp_socket *s = lk_udp_at(udp, index);
    if ((s->flags & LK_UDP_BOUND) == 0)
        return s->local_port == 0;
    uint32_t at = *lk_udp_bucket(udp, s->local_port);
    for (uint32_t steps = 0; at != LK_NONE && at != index && steps <= udp->sockets.in_use; steps++)
        at = lk_udp_at(udp, at)->chain;
    return at == index && s->local_port != 0;
}

bool lk_udp_check(const struct lk_udp_table *udp)
{
    uint32_t waiting = 0, flagged = 0, queued = 0, last = LK_NONE;
    if (!lk_pool_check(&udp->sockets) || !lk_pool_check(&udp->datagrams))
        return false;
    for (uint32_t i = 0; i < udp->sockets.capacity; i++) {
        if (!lk_pool_taken(&udp->sockets, i))
            continue;
        const struct lk_udp_socket *s = lk_udp_at(udp, i);
        bool queued_now = (s->flags & LK_UDP_EVENT) != 0;
        if (!queue_sound(udp, s) || !bound_sound(udp, i) || (!queued_now && bits_of(s) != s->told))
            return false; /* a change that nobody will hear of */
        waiting += s->waiting;
        flagged += queued_now;
    }
    for (uint32_t at = udp->event_head; at != LK_NONE; at = lk_udp_at(udp, at)->event_next) {
        if (!lk_pool_taken(&udp->sockets, at) || queued++ == flagged || lk_udp_at(udp, at)->event_before != last || (lk_udp_at(udp, at)->flags & LK_UDP_EVENT) == 0)
            return false;
        last = at;
    }
    return waiting == udp->datagrams.in_use && queued == flagged && udp->event_tail == last;
}

void lk_udp_digest(const struct lk_udp_table *udp, struct lk_digest *digest)
{
    lk_digest_add(digest, udp->generation);
    lk_digest_add(digest, udp->ports.counter);
    for (uint32_t i = 0; i < udp->sockets.capacity; i++) {
        if (!lk_pool_taken(&udp->sockets, i))
            continue;
        const struct lk_udp_socket *s = lk_udp_at(udp, i);
        lk_digest_add(digest, handle_of(udp, i));
        lk_digest_bytes(digest, s->local.octet, 16);
        lk_digest_bytes(digest, s->remote.octet, 16);
        lk_digest_add(digest, (uint64_t)s->local_port << 16 | s->remote_port);
        lk_digest_add(digest, (uint64_t)s->local_iface << 32 | s->remote_iface);
        lk_digest_add(digest, (uint64_t)s->flags << 16 | (uint64_t)s->ttl << 8 | s->tos);
        lk_digest_add(digest, s->told);
        lk_digest_add(digest, (uint64_t)(int64_t)s->error);
        lk_digest_add(digest, (uint64_t)(int64_t)s->soft_error);
        for (uint32_t at = s->head; at != LK_NONE; at = ((const struct lk_udp_datagram *)lk_pool_at(&udp->datagrams, at))->next) {
            const struct lk_udp_datagram *d = lk_pool_at(&udp->datagrams, at);
            lk_digest_bytes(digest, d->remote.octet, 16);
            lk_digest_add(digest, (uint64_t)d->local_port << 16 | d->remote_port);
            lk_digest_bytes(digest, d + 1, d->len);
        }
    }
}
