#include "stack/link/owed.h"
#include "stack/base/check.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"

int lk_owed_init(struct lk_owed *owed, struct lk_arena *arena, const uint32_t limit[LK_OWED_CLASSES], uint32_t room)
{
    uint64_t count = 0;
    for (size_t c = 0; c < LK_OWED_CLASSES; c++) {
        owed->limit[c] = limit[c];
        count += limit[c];
    }
    for (size_t i = 0; i < LK_LINK_IFACES; i++)
        owed->head[i] = owed->tail[i] = LK_NONE;
    owed->room = room;
    return lk_pool_init(&owed->pool, arena, (uint32_t)sizeof(struct lk_owed_packet) + room, (uint32_t)count);
}

uint32_t lk_owed_take(struct lk_owed *owed, enum lk_owed_class of_class)
{
    if (owed->used[of_class] == owed->limit[of_class]) {
        owed->dropped[of_class]++;
        return LK_NONE;
    }
    uint32_t index = lk_pool_take(&owed->pool);
    lk_assert(index != LK_NONE); /* the pool is as large as all limits together */
    struct lk_owed_packet *p = lk_owed_at(owed, index);
    p->of_class = (uint8_t)of_class;
    p->next = p->neighbour = LK_NONE;
    owed->used[of_class]++;
    return index;
}

void lk_owed_give(struct lk_owed *owed, uint32_t index)
{
    const struct lk_owed_packet *p = lk_owed_at(owed, index);
    owed->used[p->of_class]--;
    lk_pool_give(&owed->pool, index);
}

bool lk_owed_move(struct lk_owed *owed, uint32_t index, enum lk_owed_class to)
{
    struct lk_owed_packet *p = lk_owed_at(owed, index);
    if (p->of_class == (uint8_t)to)
        return true;
    if (owed->used[to] == owed->limit[to]) {
        owed->dropped[to]++;
        return false;
    }
    owed->used[p->of_class]--;
    owed->used[to]++;
    p->of_class = (uint8_t)to;
    return true;
}

void lk_owed_make_ready(struct lk_owed *owed, uint32_t index)
{
    struct lk_owed_packet *p = lk_owed_at(owed, index);
    lk_assert(!p->ready && p->len <= owed->room);
    p->order = owed->orders++;
    p->next = p->neighbour = LK_NONE;
    p->ready = 1;
    if (owed->tail[p->iface] == LK_NONE)
        owed->head[p->iface] = index;
    else
        lk_owed_at(owed, owed->tail[p->iface])->next = index;
    owed->tail[p->iface] = index;
    owed->ready++;
}

uint32_t lk_owed_first(const struct lk_owed *owed, uint32_t iface)
{
    if (owed->ready == 0)
        return LK_NONE;
    if (iface != LK_NONE)
        return owed->head[iface];
    uint32_t first = LK_NONE;
    for (size_t i = 0; i < LK_LINK_IFACES; i++) {
        uint32_t head = owed->head[i];
        if (head != LK_NONE && (first == LK_NONE || lk_owed_at(owed, head)->order < lk_owed_at(owed, first)->order))
            first = head;
    }
    return first;
}

void lk_owed_sent(struct lk_owed *owed, uint32_t index)
{
    const struct lk_owed_packet *p = lk_owed_at(owed, index);
    lk_assert(p->ready && owed->head[p->iface] == index);
    owed->head[p->iface] = p->next;
    if (p->next == LK_NONE)
        owed->tail[p->iface] = LK_NONE;
    owed->ready--;
    lk_owed_give(owed, index);
}

void lk_owed_flush(struct lk_owed *owed, uint32_t iface)
{
    while (owed->head[iface] != LK_NONE)
        lk_owed_sent(owed, owed->head[iface]);
}

bool lk_owed_check(const struct lk_owed *owed)
{
    uint32_t used = 0, ready = 0;
    for (size_t c = 0; c < LK_OWED_CLASSES; c++) {
        used += owed->used[c];
        if (owed->used[c] > owed->limit[c])
            return false;
    }
    if (used != owed->pool.in_use || !lk_pool_check(&owed->pool))
        return false;
    for (uint32_t i = 0; i < LK_LINK_IFACES; i++) {
        uint32_t last = LK_NONE;
        uint64_t least = 0;
        for (uint32_t at = owed->head[i]; at != LK_NONE; at = lk_owed_at(owed, at)->next) {
            if (!lk_pool_taken(&owed->pool, at) || ready++ == owed->ready)
                return false;
            const struct lk_owed_packet *p = lk_owed_at(owed, at);
            if (p->iface != i || !p->ready || p->order < least || p->len > owed->room)
                return false;
            least = p->order + 1;
            last = at;
        }
        if (owed->tail[i] != last)
            return false;
    }
    return ready == owed->ready;
}

void lk_owed_digest(const struct lk_owed *owed, struct lk_digest *digest)
{
    for (size_t c = 0; c < LK_OWED_CLASSES; c++) {
        lk_digest_add(digest, owed->used[c]);
        lk_digest_add(digest, owed->dropped[c]);
    }
    lk_digest_add(digest, owed->orders);
    for (uint32_t i = 0; i < owed->pool.capacity; i++) {
        if (!lk_pool_taken(&owed->pool, i))
            continue;
        const struct lk_owed_packet *p = lk_owed_at(owed, i);
        lk_digest_add(digest, i);
        lk_digest_add(digest, p->order);
        lk_digest_add(digest, p->next);
        lk_digest_add(digest, p->neighbour);
        lk_digest_add(digest, p->type);
        lk_digest_add(digest, p->of_class);
        lk_digest_add(digest, p->iface);
        lk_digest_add(digest, p->ready);
        lk_digest_bytes(digest, p->mac, sizeof p->mac);
        lk_digest_bytes(digest, lk_owed_bytes(owed, i), p->len);
    }
}
