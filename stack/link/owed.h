/* Whole packets that are owed to the links: replies of ARP and ICMP, datagrams of UDP, packets to forward, and packets of
 * TCP that came before their neighbour was known. Each lies in a record of its own, waits on a neighbour or is ready on
 * its interface, and leaves in the order in which it became ready. (TCP's ready segments never come here: they are
 * written straight into the caller's frame.)
 *
 * Four classes with a bound each, so that no one starves another. A full class drops the newest and counts it. What has to wait
 * for a neighbour is moved to the class of those that wait: strangers who ping from addresses nobody has cannot use up the
 * replies. */
#ifndef LK_LINK_OWED_H
#define LK_LINK_OWED_H

#include "stack/base/hash.h"
#include "stack/base/pool.h"
#include "stack/link/iface.h"
#include <stdbool.h>
#include <stdint.h>

enum lk_owed_class { LK_OWED_REPLY, LK_OWED_UDP, LK_OWED_FORWARD, LK_OWED_WAITING, LK_OWED_CLASSES };

struct lk_owed_packet { /* the packet's bytes follow */
    uint64_t order;     /* of becoming ready, over all interfaces */
    uint32_t next;      /* in the list it hangs in, or LK_NONE */
    uint32_t len;       /* bytes of the packet */
    uint32_t neighbour; /* the one it waits on, or LK_NONE */
    uint16_t type;      /* EtherType */
    uint8_t of_class;   /* enum lk_owed_class */
    uint8_t iface;
    uint8_t mac[6];     /* destination, once ready */
    uint16_t ready;     /* 0 or 1 */
};
_Static_assert(sizeof(struct lk_owed_packet) == 32, "no padding");

struct lk_owed {
    struct lk_pool pool;
    uint64_t orders;                     /* packets that became ready so far */
    uint64_t dropped[LK_OWED_CLASSES];   /* that found their class full */
    uint32_t limit[LK_OWED_CLASSES];
    uint32_t used[LK_OWED_CLASSES];
    uint32_t head[LK_LINK_IFACES], tail[LK_LINK_IFACES]; /* ready, by interface */
    uint32_t ready;                      /* of them all */
    uint32_t room;                       /* bytes of packet a record holds */
};

/* Carves the records: limit[] of each class, `room` bytes of packet each. 0 or an error of lk_pool_init(). */
int lk_owed_init(struct lk_owed *owed, struct lk_arena *arena, const uint32_t limit[LK_OWED_CLASSES], uint32_t room);

/* Takes an empty record of a class. LK_NONE when the class is full, which is counted as a drop. */
uint32_t lk_owed_take(struct lk_owed *owed, enum lk_owed_class of_class);
void lk_owed_give(struct lk_owed *owed, uint32_t index);

/* Counts a taken record in another class from now on. False, and nothing changes but the count of drops: that class is full. */
bool lk_owed_move(struct lk_owed *owed, uint32_t index, enum lk_owed_class to);

static inline struct lk_owed_packet *lk_owed_at(const struct lk_owed *owed, uint32_t index)
{
    return lk_pool_at(&owed->pool, index);
}

/* Where the packet's bytes are; `room` of them. */
static inline uint8_t *lk_owed_bytes(const struct lk_owed *owed, uint32_t index)
{
    return (uint8_t *)(lk_owed_at(owed, index) + 1);
}

/* Puts a record whose len, type, iface and mac are set behind all that are ready. */
void lk_owed_make_ready(struct lk_owed *owed, uint32_t index);

/* The one to leave next on `iface`, or of all when it is LK_NONE. LK_NONE: nothing. */
uint32_t lk_owed_first(const struct lk_owed *owed, uint32_t iface);

/* Gives back the first of its interface, once it is sent. */
void lk_owed_sent(struct lk_owed *owed, uint32_t index);

/* Drops all that is ready on an interface. */
void lk_owed_flush(struct lk_owed *owed, uint32_t iface);

/* True when every count and list is sound. */
bool lk_owed_check(const struct lk_owed *owed);
void lk_owed_digest(const struct lk_owed *owed, struct lk_digest *digest);

#endif
