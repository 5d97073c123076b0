#include "stack/link/arp_cache.h"
#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

static const uint8_t broadcast_mac[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static struct lk_neighbour *neighbour_at(const struct lk_arp_cache *cache, uint32_t index)
{
    return lk_pool_at(&cache->pool, index);
}

static uint32_t *bucket_of(const struct lk_arp_cache *cache, uint32_t iface, const struct lk_addr *address)
{
    uint8_t key[20];
    lk_store_be32(key, iface);
    lk_memcpy(key + 4, address->octet, 16);
    uint32_t hash = (uint32_t)lk_siphash(cache->key, key, sizeof key);
    return (uint32_t *)(void *)((uint8_t *)(uintptr_t)cache + cache->buckets) + (hash & cache->mask);
}

int lk_arp_cache_init(struct lk_arp_cache *cache, struct lk_arena *arena, uint32_t count, const uint8_t key[16], uint32_t node_base)
{
    uint32_t buckets = 1;
    while (buckets < count)
        buckets *= 2;
    uint64_t distance = lk_arena_carve(arena, buckets, sizeof(uint32_t));
    uint32_t *bucket = lk_arena_at(arena, distance);
    if (bucket != NULL) {
        cache->buckets = (uint8_t *)bucket - (uint8_t *)cache;
        lk_memset(bucket, 0xff, buckets * sizeof(uint32_t)); /* LK_NONE */
    }
    cache->mask = buckets - 1;
    lk_memcpy(cache->key, key, sizeof cache->key);
    cache->node_base = node_base;
    cache->newest = cache->oldest = cache->last = LK_NONE;
    return lk_pool_init(&cache->pool, arena, (uint32_t)sizeof(struct lk_neighbour), count);
}

/* ---- the table: finding, adding, removing ---- */

static bool is_of(const struct lk_neighbour *n, uint32_t iface, const struct lk_addr *address)
{
    return n->iface == iface && lk_memequal(n->address.octet, address->octet, 16);
}

static uint32_t find(struct lk_arp_cache *cache, uint32_t iface, const struct lk_addr *address)
{
    if (cache->last != LK_NONE && is_of(neighbour_at(cache, cache->last), iface, address))
        return cache->last;
    uint32_t at = *bucket_of(cache, iface, address);
    while (at != LK_NONE && !is_of(neighbour_at(cache, at), iface, address))
        at = neighbour_at(cache, at)->chain;
    if (at != LK_NONE)
        cache->last = at;
    return at;
}

static void unlist(struct lk_arp_cache *cache, uint32_t index)
{
    struct lk_neighbour *n = neighbour_at(cache, index);
    if (n->newer != LK_NONE)
        neighbour_at(cache, n->newer)->older = n->older;
    else
        cache->newest = n->older;
    if (n->older != LK_NONE)
        neighbour_at(cache, n->older)->newer = n->newer;
    else
        cache->oldest = n->newer;
    n->newer = n->older = LK_NONE;
}

static void list_newest(struct lk_arp_cache *cache, uint32_t index)
{
    struct lk_neighbour *n = neighbour_at(cache, index);
    n->older = cache->newest;
    if (cache->newest != LK_NONE)
        neighbour_at(cache, cache->newest)->newer = index;
    else
        cache->oldest = index;
    cache->newest = index;
}

/* Changes the state, and with it whether the entry may be evicted: only reachable ones are in the list. */
static void become(const struct lk_arp_context *context, uint32_t index, enum lk_neighbour_state state)
{
    struct lk_neighbour *n = neighbour_at(context->cache, index);
    if (n->state == LK_NEIGHBOUR_REACHABLE)
        unlist(context->cache, index);
    n->state = (uint8_t)state;
    if (state == LK_NEIGHBOUR_REACHABLE)
        list_newest(context->cache, index);
    if (state == LK_NEIGHBOUR_REACHABLE || state == LK_NEIGHBOUR_PINNED) {
        n->tries = 0;
        lk_wheel_cancel(context->wheel, context->cache->node_base + index);
    }
}

/* Takes the waiting packets off an entry, linked by `next`. */
static uint32_t take_waiting(struct lk_neighbour *n)
{
    uint32_t first = n->wait_head;
    n->wait_head = n->wait_tail = LK_NONE;
    return first;
}

/* Forgets an entry; returns the packets that waited on it. */
static uint32_t forget(const struct lk_arp_context *context, uint32_t index)
{
    struct lk_arp_cache *cache = context->cache;
    struct lk_neighbour *n = neighbour_at(cache, index);
    if (n->state == LK_NEIGHBOUR_REACHABLE)
        unlist(cache, index);
    uint32_t *link = bucket_of(cache, n->iface, &n->address);
    while (*link != index)
        link = &neighbour_at(cache, *link)->chain;
    *link = n->chain;
    if (cache->last == index)
        cache->last = LK_NONE;
    lk_wheel_cancel(context->wheel, cache->node_base + index);
    uint32_t waiting = take_waiting(n);
    lk_pool_give(&cache->pool, index);
    return waiting;
}

static void drop_packets(const struct lk_arp_context *context, uint32_t first)
{
    while (first != LK_NONE) {
        uint32_t next = lk_owed_at(context->owed, first)->next;
        lk_owed_give(context->owed, first);
        context->cache->unresolved++;
        first = next;
    }
}

/* A new entry, without a state yet. When the table is full the one used longest ago makes room; those being resolved do
 * not, or asking again could break the rate of RFC 1122 2.3.2.1. LK_NONE: no room. */
static uint32_t add(const struct lk_arp_context *context, uint32_t iface, const struct lk_addr *address)
{
    struct lk_arp_cache *cache = context->cache;
    if (cache->pool.in_use == cache->pool.capacity && cache->oldest != LK_NONE)
        drop_packets(context, forget(context, cache->oldest));
    uint32_t index = lk_pool_take(&cache->pool);
    if (index == LK_NONE)
        return LK_NONE;
    struct lk_neighbour *n = neighbour_at(cache, index);
    n->address = *address;
    n->iface = (uint8_t)iface;
    n->newer = n->older = n->wait_head = n->wait_tail = LK_NONE;
    uint32_t *bucket = bucket_of(cache, iface, address);
    n->chain = *bucket;
    *bucket = index;
    return index;
}

/* ---- what is sent ---- */

static bool owe_arp(const struct lk_arp_context *context, uint32_t iface, const struct lk_arp *arp, const uint8_t to[6])
{
    uint32_t index = lk_owed_take(context->owed, LK_OWED_REPLY);
    if (index == LK_NONE)
        return false; /* counted; a request is tried again by its timer */
    struct lk_owed_packet *p = lk_owed_at(context->owed, index);
    int len = lk_arp_emit(arp, lk_owed_bytes(context->owed, index), context->owed->room);
    lk_assert(len == LK_ARP_LEN); /* an MTU is at least 68 */
    p->len = (uint32_t)len;
    p->type = LK_ETHERTYPE_ARP;
    p->iface = (uint8_t)iface;
    lk_memcpy(p->mac, to, 6);
    lk_owed_make_ready(context->owed, index);
    return true;
}

bool lk_arp_cache_claim(const struct lk_arp_context *context, uint32_t iface, uint32_t sender, uint32_t target)
{
    struct lk_arp request = {.op = LK_ARP_REQUEST, .spa = sender, .tpa = target};
    lk_memcpy(request.sha, context->links->at[iface].mac, 6);
    return owe_arp(context, iface, &request, broadcast_mac);
}

/* RFC 826, packet generation; by unicast when its address is known (RFC 1122 2.3.2.1 (2)). */
static void ask(const struct lk_arp_context *context, uint32_t index)
{
    struct lk_arp_cache *cache = context->cache;
    struct lk_neighbour *n = neighbour_at(cache, index);
    struct lk_arp request = {.op = LK_ARP_REQUEST, .spa = n->source, .tpa = lk_addr_ip4(&n->address)};
    lk_memcpy(request.sha, context->links->at[n->iface].mac, 6);
    owe_arp(context, n->iface, &request, n->state == LK_NEIGHBOUR_POLLED ? n->mac : broadcast_mac);
    n->tries++;
    n->asked = context->now;
    lk_wheel_arm(context->wheel, cache->node_base + index, lk_time_add(context->now, cache->retry));
}

static void release(const struct lk_arp_context *context, uint32_t index)
{
    struct lk_neighbour *n = neighbour_at(context->cache, index);
    uint32_t at = take_waiting(n);
    while (at != LK_NONE) {
        struct lk_owed_packet *p = lk_owed_at(context->owed, at);
        uint32_t next = p->next;
        lk_memcpy(p->mac, n->mac, 6);
        lk_owed_make_ready(context->owed, at);
        at = next;
    }
}

/* ---- what is received ---- */

static bool station_sound(const uint8_t mac[6], const uint8_t own[6])
{
    static const uint8_t zero[6];
    return !lk_ethernet_is_group(mac) && !lk_memequal(mac, zero, 6) && !lk_memequal(mac, own, 6);
}

/* RFC 826: "merge". An entry that is pinned stays as it is. */
static void learn(const struct lk_arp_context *context, uint32_t index, const uint8_t mac[6])
{
    struct lk_neighbour *n = neighbour_at(context->cache, index);
    if (n->state == LK_NEIGHBOUR_PINNED)
        return;
    lk_memcpy(n->mac, mac, 6);
    n->heard = context->now;
    if (n->state != LK_NEIGHBOUR_REACHABLE)
        become(context, index, LK_NEIGHBOUR_REACHABLE);
    release(context, index);
}

bool lk_arp_cache_input(const struct lk_arp_context *context, uint32_t iface, const struct lk_arp *arp, bool for_us, bool sender_sound)
{
    const struct lk_link_iface *link = &context->links->at[iface];
    bool used = false;
    if (!station_sound(arp->sha, link->mac))
        return false;
    if (sender_sound) {
        struct lk_addr sender = lk_addr_from_ip4(arp->spa);
        uint32_t index = find(context->cache, iface, &sender);
        if (index == LK_NONE && for_us && arp->op == LK_ARP_REQUEST)
            index = add(context, iface, &sender);
        used = index != LK_NONE;
        if (used)
            learn(context, index, arp->sha);
    }
    if (!for_us || arp->op != LK_ARP_REQUEST)
        return used; /* RFC 826: look at the opcode only now, and answer requests only */
    struct lk_arp reply = {.op = LK_ARP_REPLY, .spa = arp->tpa, .tpa = arp->spa};
    lk_memcpy(reply.sha, link->mac, 6);
    lk_memcpy(reply.tha, arp->sha, 6);
    owe_arp(context, iface, &reply, arp->sha);
    return true;
}

/* ---- resolving ---- */

bool lk_arp_cache_find(const struct lk_arp_context *context, uint32_t iface, const struct lk_addr *next_hop, uint32_t source, uint8_t mac[6])
{
    struct lk_arp_cache *cache = context->cache;
    uint32_t index = find(cache, iface, next_hop);
    if (index == LK_NONE)
        return false;
    struct lk_neighbour *n = neighbour_at(cache, index);
    if (n->state == LK_NEIGHBOUR_INCOMPLETE)
        return false;
    if (n->state == LK_NEIGHBOUR_REACHABLE && lk_time_add(n->heard, cache->expiry) <= context->now) {
        n->source = source;
        become(context, index, LK_NEIGHBOUR_POLLED);
        ask(context, index);
    } else if (n->state == LK_NEIGHBOUR_REACHABLE && cache->newest != index) {
        unlist(cache, index);
        list_newest(cache, index);
    }
    lk_memcpy(mac, n->mac, 6);
    return true;
}

/* The neighbour's entry, begun if there is none. LK_NONE: the table is full. */
static uint32_t resolve(const struct lk_arp_context *context, uint32_t iface, const struct lk_addr *next_hop, uint32_t source)
{
    uint32_t index = find(context->cache, iface, next_hop);
    if (index != LK_NONE)
        return index;
    index = add(context, iface, next_hop);
    if (index == LK_NONE)
        return LK_NONE;
    neighbour_at(context->cache, index)->source = source;
    become(context, index, LK_NEIGHBOUR_INCOMPLETE);
    ask(context, index);
    return index;
}

/* Drops the oldest packet that waits for a neighbour. False: none does. */
static bool drop_oldest(const struct lk_arp_context *context, uint32_t index)
{
    struct lk_neighbour *n = neighbour_at(context->cache, index);
    uint32_t oldest = n->wait_head;
    if (oldest == LK_NONE)
        return false;
    n->wait_head = lk_owed_at(context->owed, oldest)->next;
    if (n->wait_head == LK_NONE)
        n->wait_tail = LK_NONE;
    lk_owed_give(context->owed, oldest);
    context->cache->unresolved++;
    return true;
}

/* Counts a packet among those that wait; the oldest for the same neighbour makes room if it must. */
static bool may_wait(const struct lk_arp_context *context, uint32_t packet, uint32_t index)
{
    struct lk_owed *owed = context->owed;
    bool counted = lk_owed_at(owed, packet)->of_class == LK_OWED_WAITING;
    if (!counted && owed->used[LK_OWED_WAITING] == owed->limit[LK_OWED_WAITING])
        drop_oldest(context, index);
    return lk_owed_move(owed, packet, LK_OWED_WAITING);
}

int lk_arp_cache_send(const struct lk_arp_context *context, uint32_t packet, const struct lk_addr *next_hop, uint32_t source)
{
    struct lk_owed_packet *p = lk_owed_at(context->owed, packet);
    if (lk_arp_cache_find(context, p->iface, next_hop, source, p->mac)) {
        lk_owed_make_ready(context->owed, packet);
        return 0;
    }
    uint32_t index = resolve(context, p->iface, next_hop, source);
    if (index == LK_NONE) {
        drop_packets(context, packet);
        return LK_E_NOBUFS;
    }
    if (!may_wait(context, packet, index)) {
        lk_owed_give(context->owed, packet); /* counted as a drop of its class */
        return LK_E_NOBUFS;
    }
    struct lk_neighbour *n = neighbour_at(context->cache, index);
    p->neighbour = index;
    p->next = LK_NONE;
    if (n->wait_tail == LK_NONE)
        n->wait_head = packet;
    else
        lk_owed_at(context->owed, n->wait_tail)->next = packet;
    n->wait_tail = packet;
    return 0;
}

bool lk_arp_cache_make_room(const struct lk_arp_context *context, uint32_t iface, const struct lk_addr *next_hop)
{
    uint32_t index = find(context->cache, iface, next_hop);
    return index != LK_NONE && drop_oldest(context, index);
}

uint32_t lk_arp_cache_timer(const struct lk_arp_context *context, uint32_t node)
{
    uint32_t index = node - context->cache->node_base;
    const struct lk_neighbour *n = neighbour_at(context->cache, index);
    if (n->tries < context->cache->tries) {
        ask(context, index);
        return LK_NONE;
    }
    /* Given up. The next packet begins anew, one `retry` after the last request at the earliest. */
    return forget(context, index);
}

/* ---- set by hand ---- */

int lk_arp_cache_set(const struct lk_arp_context *context, uint32_t iface, const struct lk_addr *address, const uint8_t *mac)
{
    uint32_t index = find(context->cache, iface, address);
    if (mac == NULL) {
        if (index == LK_NONE)
            return LK_E_NOTFOUND;
        drop_packets(context, forget(context, index));
        return 0;
    }
    if (index == LK_NONE)
        index = add(context, iface, address);
    if (index == LK_NONE)
        return LK_E_NOBUFS;
    become(context, index, LK_NEIGHBOUR_PINNED);
    lk_memcpy(neighbour_at(context->cache, index)->mac, mac, 6);
    release(context, index);
    return 0;
}

void lk_arp_cache_flush(const struct lk_arp_context *context, uint32_t iface)
{
    struct lk_arp_cache *cache = context->cache;
    for (uint32_t i = 0; i < cache->pool.capacity; i++) {
        if (!lk_pool_taken(&cache->pool, i))
            continue;
        const struct lk_neighbour *n = neighbour_at(cache, i);
        if (n->iface == iface && n->state != LK_NEIGHBOUR_PINNED)
            drop_packets(context, forget(context, i));
    }
}

/* ---- looking inside ---- */

static bool neighbour_sound(const struct lk_arp_cache *cache, const struct lk_owed *owed, const struct lk_wheel *wheel, uint32_t index)
{
    const struct lk_neighbour *n = neighbour_at(cache, index);
    bool asking = n->state == LK_NEIGHBOUR_INCOMPLETE || n->state == LK_NEIGHBOUR_POLLED;
    if (n->state < LK_NEIGHBOUR_INCOMPLETE || n->state > LK_NEIGHBOUR_PINNED)
        return false;
    if (asking != lk_wheel_armed(wheel, cache->node_base + index))
        return false;
    if (asking && (n->tries == 0 || n->tries > cache->tries))
        return false;
    if (n->wait_head != LK_NONE && n->state != LK_NEIGHBOUR_INCOMPLETE)
        return false; /* packets wait only for an address that is not known */
    uint32_t last = LK_NONE, steps = 0;
    for (uint32_t at = n->wait_head; at != LK_NONE; at = lk_owed_at(owed, at)->next) {
        if (steps++ == owed->pool.in_use || !lk_pool_taken(&owed->pool, at) || lk_owed_at(owed, at)->neighbour != index ||
            lk_owed_at(owed, at)->of_class != LK_OWED_WAITING)
            return false;
        last = at;
    }
    if (n->wait_tail != last)
        return false;
    uint32_t at = *bucket_of(cache, n->iface, &n->address);
    for (steps = 0; at != LK_NONE && at != index && steps <= cache->pool.in_use; steps++)
        at = neighbour_at(cache, at)->chain;
    return at == index;
}

bool lk_arp_cache_check(const struct lk_arp_cache *cache, const struct lk_owed *owed, const struct lk_wheel *wheel)
{
    uint32_t reachable = 0, listed = 0;
    if (!lk_pool_check(&cache->pool) || (cache->last != LK_NONE && !lk_pool_taken(&cache->pool, cache->last)))
        return false;
    for (uint32_t i = 0; i < cache->pool.capacity; i++) {
        if (!lk_pool_taken(&cache->pool, i)) {
            if (lk_wheel_armed(wheel, cache->node_base + i))
                return false;
            continue;
        }
        if (!neighbour_sound(cache, owed, wheel, i))
            return false;
        reachable += neighbour_at(cache, i)->state == LK_NEIGHBOUR_REACHABLE;
    }
    uint32_t newer = LK_NONE;
    for (uint32_t at = cache->newest; at != LK_NONE; at = neighbour_at(cache, at)->older) {
        if (listed++ == reachable || neighbour_at(cache, at)->newer != newer || neighbour_at(cache, at)->state != LK_NEIGHBOUR_REACHABLE)
            return false;
        newer = at;
    }
    return listed == reachable && cache->oldest == newer;
}

void lk_arp_cache_digest(const struct lk_arp_cache *cache, const struct lk_wheel *wheel, struct lk_digest *digest)
{
    lk_digest_add(digest, cache->pool.in_use);
    lk_digest_add(digest, cache->unresolved);
    for (uint32_t at = cache->newest; at != LK_NONE; at = neighbour_at(cache, at)->older)
        lk_digest_add(digest, at);
    for (uint32_t i = 0; i < cache->pool.capacity; i++) {
        if (!lk_pool_taken(&cache->pool, i))
            continue;
        const struct lk_neighbour *n = neighbour_at(cache, i);
        lk_digest_add(digest, i);
        lk_digest_bytes(digest, n->address.octet, 16);
        lk_digest_add(digest, (uint64_t)n->heard);
        lk_digest_add(digest, (uint64_t)n->asked);
        lk_digest_add(digest, n->wait_head);
        lk_digest_add(digest, n->tries);
        lk_digest_add(digest, n->source);
        lk_digest_add(digest, n->state);
        lk_digest_add(digest, n->iface);
        lk_digest_bytes(digest, n->mac, 6);
        lk_digest_add(digest, (uint64_t)lk_wheel_deadline_of(wheel, cache->node_base + i));
    }
}
