/* Who has this address: the cache of neighbours' link addresses and the protocol that fills it (RFC 826, RFC 1122 2.3.2).
 *
 * A neighbour is
 *   unknown     no entry
 *   incomplete  asked for by broadcast, at most every `retry`; packets wait. After `tries` requests without an answer the
 *               entry is given up and what waited is handed back as failed
 *   reachable   its address is used; `expiry` after it was last heard it is asked anew, when the next packet goes there
 *   polled      reachable, old, and asked by unicast (RFC 1122 2.3.2.1 (2)); its address is used meanwhile. After `tries`
 *               polls without an answer the entry is forgotten
 *   pinned      set by the caller: never expires, never changed by a packet
 *
 * What is learnt from packets (RFC 826, packet reception): a sender that has an entry updates it, whatever the opcode; a
 * sender that has none gets one only from a REQUEST that asks for us. The RFC's text would add one from a REPLY to us too;
 * nobody asked for such a reply, so it adds nothing. */
#ifndef LK_LINK_ARP_CACHE_H
#define LK_LINK_ARP_CACHE_H

#include "stack/base/hash.h"
#include "stack/base/pool.h"
#include "stack/base/wheel.h"
#include "stack/link/owed.h"
#include "stack/wire/arp.h"

enum lk_neighbour_state { LK_NEIGHBOUR_INCOMPLETE = 1, LK_NEIGHBOUR_REACHABLE, LK_NEIGHBOUR_POLLED, LK_NEIGHBOUR_PINNED };

struct lk_neighbour {
    struct lk_addr address;
    lk_time heard;               /* when its link address was last confirmed */
    lk_time asked;               /* when the last request was owed */
    uint32_t chain;              /* next in its hash bucket */
    uint32_t newer, older;       /* among those reachable, by last use: the oldest makes room */
    uint32_t wait_head, wait_tail; /* packets that wait, oldest first */
    uint32_t tries;              /* requests since it became incomplete or polled */
    uint32_t source;             /* IPv4 address to ask from, host order */
    uint8_t state;
    uint8_t iface;
    uint8_t mac[6];
    uint32_t unused;             /* 0 */
};
_Static_assert(sizeof(struct lk_neighbour) == 72, "no padding");

struct lk_arp_cache {
    struct lk_pool pool;
    int64_t buckets;             /* bytes from this struct to a table of uint32 */
    lk_time retry, expiry;       /* ns */
    uint64_t unresolved;         /* packets dropped because their neighbour did not answer or had no entry */
    uint8_t key[16];             /* of the hash: a stranger must not choose his bucket */
    uint32_t mask;               /* buckets - 1 */
    uint32_t tries;
    uint32_t node_base;          /* wheel node of neighbour 0 */
    uint32_t newest, oldest;     /* ends of the list of reachable ones */
    uint32_t last;               /* found last */
};

/* Built by the host for each call. */
struct lk_arp_context {
    struct lk_arp_cache *cache;
    struct lk_owed *owed;
    struct lk_wheel *wheel;
    const struct lk_links *links;
    lk_time now;
};

/* Carves a cache of `count` entries. Timers are wheel nodes node_base .. node_base + count - 1. retry and expiry in ns. */
int lk_arp_cache_init(struct lk_arp_cache *cache, struct lk_arena *arena, uint32_t count, const uint8_t key[16], uint32_t node_base);

/* Takes a received packet in. `for_us`: its target protocol address is ours on that interface. `sender_sound`: the sender's
 * protocol address is a unicast address that is not ours; otherwise nothing is learnt (an address probe of RFC 5227 has
 * sender 0.0.0.0 and is still answered). Owes the reply. Whether anything came of it. */
bool lk_arp_cache_input(const struct lk_arp_context *context, uint32_t iface, const struct lk_arp *arp, bool for_us, bool sender_sound);

/* Sends the packet in record `index` (its len, type and iface set) to a neighbour: at once, or when it is resolved.
 * `source`: the IPv4 address requests come from. A packet that must wait is moved to LK_OWED_WAITING; when that class is full the
 * oldest one waiting for the same neighbour makes room (RFC 1122 2.3.2.2: save the latest). LK_E_NOBUFS: there is none, or the
 * table of neighbours is full; the packet was dropped. */
int lk_arp_cache_send(const struct lk_arp_context *context, uint32_t index, const struct lk_addr *next_hop, uint32_t source);

/* The link address of a neighbour if it may be used now: true, and mac filled. Begins to poll when it is old. False: it must
 * be resolved; use lk_arp_cache_send(). */
bool lk_arp_cache_find(const struct lk_arp_context *context, uint32_t iface, const struct lk_addr *next_hop, uint32_t source, uint8_t mac[6]);

/* Gives back the oldest packet that waits for this neighbour, to make room for a later one. False: none. */
bool lk_arp_cache_make_room(const struct lk_arp_context *context, uint32_t iface, const struct lk_addr *next_hop);

/* Broadcasts a request about an address of our own: a probe (sender 0, RFC 5227 2.1.1) or an announcement (sender = target, 2.3).
 * Nothing is kept of it. False: no room among the replies that are owed. */
bool lk_arp_cache_claim(const struct lk_arp_context *context, uint32_t iface, uint32_t sender, uint32_t target);

/* A timer of this room fired; context->now is its deadline. Returns the first of the packets that failed with it, linked by
 * `next`, for the caller to report and give back; LK_NONE mostly. */
uint32_t lk_arp_cache_timer(const struct lk_arp_context *context, uint32_t node);

/* Pins, or forgets when mac is NULL. 0; LK_E_NOTFOUND: nothing to forget; LK_E_NOBUFS: the table is full of others. */
int lk_arp_cache_set(const struct lk_arp_context *context, uint32_t iface, const struct lk_addr *address, const uint8_t *mac);

/* Forgets all of an interface but the pinned; what waits is dropped. */
void lk_arp_cache_flush(const struct lk_arp_context *context, uint32_t iface);

bool lk_arp_cache_check(const struct lk_arp_cache *cache, const struct lk_owed *owed, const struct lk_wheel *wheel);
void lk_arp_cache_digest(const struct lk_arp_cache *cache, const struct lk_wheel *wheel, struct lk_digest *digest);

#endif
