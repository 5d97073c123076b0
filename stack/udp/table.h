/* The table of UDP sockets: handles, ports, events. What the rest of this room shares. */
#ifndef LK_UDP_TABLE_H
#define LK_UDP_TABLE_H

#include "stack/base/mem.h"
#include "stack/udp/udp.h"

static inline struct lk_udp_socket *lk_udp_at(const struct lk_udp_table *udp, uint32_t index)
{
    return lk_pool_at(&udp->sockets, index);
}

static inline uint32_t *lk_udp_bucket(const struct lk_udp_table *udp, uint16_t port)
{
    return (uint32_t *)(void *)((uint8_t *)(uintptr_t)udp + udp->buckets) + (port & udp->mask);
}

/* Whether an endpoint's address says "any": all zero, which 0.0.0.0 (::ffff:0.0.0.0) is not. */
static inline bool lk_udp_any(const struct lk_addr *address)
{
    static const struct lk_addr any;
    return lk_memequal(address->octet, any.octet, 16);
}

/* The index of a handle, LK_NONE when it is stale. */
uint32_t lk_udp_find(const struct lk_udp_table *udp, lk_socket socket);

/* Queues an event if the socket's bits are no longer those last returned. Call after whatever may change them. */
void lk_udp_touch(struct lk_udp_table *udp, uint32_t index, uint64_t age);

/* Gives an unbound socket a free port (RFC 6056 3.3.1). 0 or LK_E_ADDRNOTAVAIL. */
int lk_udp_bind_ephemeral(struct lk_udp_table *udp, uint32_t index);

/* Takes a socket that holds no datagram out of the table; its handle is stale from now on. */
void lk_udp_remove(struct lk_udp_table *udp, uint32_t index);

#endif
