#include "stack/tcp/demux.h"
#include "stack/base/bytes.h"
#include "stack/base/hash.h"
#include "stack/base/mem.h"

uint64_t tcp_tuple_hash(const struct lk_tcp_stack *tcp, unsigned key, const struct tcp_tuple *tuple)
{
    uint8_t bytes[36];
    lk_memcpy(bytes, tuple->local.octet, 16);
    lk_memcpy(bytes + 16, tuple->remote.octet, 16);
    lk_store_be16(bytes + 32, tuple->local_port);
    lk_store_be16(bytes + 34, tuple->remote_port);
    return lk_siphash(tcp->keys[key], bytes, sizeof bytes);
}

static uint32_t *tuple_bucket(const struct lk_tcp_stack *tcp, const struct tcp_tuple *tuple)
{
    return tcp_table(tcp, tcp->tuples) + (tcp_tuple_hash(tcp, TCP_KEY_TUPLE, tuple) & tcp->tuple_mask);
}

/* Ports are our own choice or few: no key is needed. */
static uint32_t *port_bucket(const struct lk_tcp_stack *tcp, uint16_t port)
{
    return tcp_table(tcp, tcp->ports) + (port & tcp->port_mask);
}

struct tcp_tuple tcp_tuple_of(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    return (struct tcp_tuple){tcp_common(tcp, tcb)->local, tcb->remote, tcb->local_port, tcb->remote_port};
}

struct tcb *tcp_demux_tuple(const struct lk_tcp_stack *tcp, const struct tcp_tuple *tuple)
{
    for (uint32_t i = *tuple_bucket(tcp, tuple); i != LK_NONE; i = tcb_at(tcp, i)->hash_next) {
        struct tcb *tcb = tcb_at(tcp, i);
        if (tcb->local_port == tuple->local_port && tcb->remote_port == tuple->remote_port &&
            lk_memequal(&tcb->remote, &tuple->remote, 16) && lk_memequal(&tcp_common(tcp, tcb)->local, &tuple->local, 16))
            return tcb;
    }
    return NULL;
}

struct tcb *tcp_demux_listener(const struct lk_tcp_stack *tcp, const struct lk_addr *local, uint16_t port, uint32_t iface)
{
    struct tcb *any = NULL;
    for (uint32_t i = *port_bucket(tcp, port); i != LK_NONE; i = tcb_at(tcp, i)->hash_next) {
        struct tcb *tcb = tcb_at(tcp, i);
        const struct common *bound = tcp_common(tcp, tcb);
        if (tcb->state != LK_TCP_LISTEN || tcb->local_port != port || (bound->iface != LK_ANY && bound->iface != iface))
            continue;
        if (lk_memequal(&bound->local, local, 16))
            return tcb;
        if (lk_addr_is_unspecified(&bound->local))
            any = tcb;
    }
    return any;
}

static void bucket_push(struct lk_tcp_stack *tcp, uint32_t *bucket, struct tcb *tcb)
{
    tcb->hash_next = *bucket;
    *bucket = tcb_index(tcp, tcb);
}

void tcp_demux_add_tuple(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    struct tcp_tuple tuple = tcp_tuple_of(tcp, tcb);
    bucket_push(tcp, tuple_bucket(tcp, &tuple), tcb);
    tcb->flags |= TCB_TUPLE;
}

void tcp_demux_add_port(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    bucket_push(tcp, port_bucket(tcp, tcb->local_port), tcb);
    tcb->flags |= TCB_PORT;
}

void tcp_demux_remove(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    if ((tcb->flags & (TCB_PORT | TCB_TUPLE)) == 0)
        return;
    struct tcp_tuple tuple = tcp_tuple_of(tcp, tcb);
    uint32_t *link = tcb->flags & TCB_TUPLE ? tuple_bucket(tcp, &tuple) : port_bucket(tcp, tcb->local_port);
    uint32_t index = tcb_index(tcp, tcb);
    while (*link != index)
        link = &tcb_at(tcp, *link)->hash_next;
    *link = tcb->hash_next;
    tcb->hash_next = LK_NONE;
    tcb->flags &= ~(uint32_t)(TCB_PORT | TCB_TUPLE);
}

bool tcp_demux_port_taken(const struct lk_tcp_stack *tcp, const struct lk_addr *local, uint16_t port)
{
    for (uint32_t i = *port_bucket(tcp, port); i != LK_NONE; i = tcb_at(tcp, i)->hash_next) {
        const struct tcb *tcb = tcb_at(tcp, i);
        if (tcb->local_port != port)
            continue;
        const struct lk_addr *bound = &tcp_common(tcp, tcb)->local;
        if (lk_addr_is_unspecified(local) || lk_addr_is_unspecified(bound) || lk_memequal(bound, local, 16))
            return true;
    }
    return false;
}

uint16_t tcp_demux_choose_port(struct lk_tcp_stack *tcp, const struct tcp_tuple *tuple)
{
    const struct lk_tcp_config *config = &tcp->config;
    struct tcp_tuple wanted = *tuple;
    wanted.local_port = 0;
    uint32_t range = (uint32_t)config->port_last - config->port_first + 1;
    uint32_t offset = (uint32_t)tcp_tuple_hash(tcp, TCP_KEY_PORT, &wanted);
    bool bind = lk_addr_is_unspecified(&tuple->remote);
    for (uint32_t tries = 0; tries < range; tries++) {
        uint64_t step = (uint64_t)offset + tcp->port_counter++;
        wanted.local_port = (uint16_t)(config->port_first + step % range);
        bool taken = tcp_demux_port_taken(tcp, &wanted.local, wanted.local_port) || (!bind && tcp_demux_tuple(tcp, &wanted) != NULL);
        if (!taken)
            return wanted.local_port;
    }
    return 0;
}
