#include "stack/tcp/range.h"
#include "stack/base/seq.h"

void tcp_ranges_init(struct tcp_ranges *list)
{
    list->head = LK_NONE;
    list->count = 0;
    list->octets = 0;
}

/* Takes the record behind `before` (LK_NONE: the head) out of the list. */
static void range_remove(struct lk_pool *pool, struct tcp_ranges *list, uint32_t before, uint32_t index)
{
    struct tcp_range *r = tcp_range_at(pool, index);
    if (before == LK_NONE)
        list->head = r->next;
    else
        tcp_range_at(pool, before)->next = r->next;
    list->count--;
    list->octets -= seq_distance(r->right, r->left);
    lk_pool_give(pool, index);
}

/* Puts a new record behind `before`. */
static bool range_insert(struct lk_pool *pool, struct tcp_ranges *list, uint32_t before, uint32_t left, uint32_t right, uint32_t stamp)
{
    uint32_t index = lk_pool_take(pool);
    if (index == LK_NONE)
        return false;
    struct tcp_range *r = tcp_range_at(pool, index);
    uint32_t *link = before == LK_NONE ? &list->head : &tcp_range_at(pool, before)->next;
    *r = (struct tcp_range){.left = left, .right = right, .next = *link, .stamp = stamp};
    *link = index;
    list->count++;
    list->octets += seq_distance(right, left);
    return true;
}

int64_t tcp_ranges_add(struct lk_pool *pool, struct tcp_ranges *list, uint32_t left, uint32_t right, uint32_t stamp)
{
    uint32_t before = LK_NONE;
    uint32_t at = list->head;
    while (at != LK_NONE && seq_lt(tcp_range_at(pool, at)->right, left)) {
        before = at;
        at = tcp_range_at(pool, at)->next;
    }
    uint32_t covered = list->octets;
    if (at == LK_NONE || seq_gt(tcp_range_at(pool, at)->left, right))
        return range_insert(pool, list, before, left, right, stamp) ? (int64_t)seq_distance(right, left) : -1;

    /* it touches `at`: grow that one, then swallow what it reaches */
    struct tcp_range *r = tcp_range_at(pool, at);
    list->octets -= seq_distance(r->right, r->left);
    r->left = seq_min(r->left, left);
    r->right = seq_max(r->right, right);
    r->stamp = stamp;
    while (r->next != LK_NONE && seq_leq(tcp_range_at(pool, r->next)->left, r->right)) {
        r->right = seq_max(r->right, tcp_range_at(pool, r->next)->right);
        range_remove(pool, list, at, r->next);
    }
    list->octets += seq_distance(r->right, r->left);
    return (int64_t)list->octets - (int64_t)covered;
}

void tcp_ranges_cut(struct lk_pool *pool, struct tcp_ranges *list, uint32_t seq)
{
    while (list->head != LK_NONE) {
        struct tcp_range *r = tcp_range_at(pool, list->head);
        if (seq_geq(r->left, seq))
            return;
        if (seq_gt(r->right, seq)) {
            list->octets -= seq_distance(seq, r->left);
            r->left = seq;
            return;
        }
        range_remove(pool, list, LK_NONE, list->head);
    }
}

void tcp_ranges_clear(struct lk_pool *pool, struct tcp_ranges *list)
{
    while (list->head != LK_NONE)
        range_remove(pool, list, LK_NONE, list->head);
}

bool tcp_ranges_gap(const struct lk_pool *pool, const struct tcp_ranges *list, uint32_t from, uint32_t *left, uint32_t *right)
{
    *left = from;
    for (uint32_t i = list->head; i != LK_NONE; i = tcp_range_at(pool, i)->next) {
        const struct tcp_range *r = tcp_range_at(pool, i);
        if (seq_gt(r->left, *left)) {
            *right = r->left;
            return true;
        }
        *left = seq_max(*left, r->right);
    }
    return false;
}

bool tcp_ranges_cover(const struct lk_pool *pool, const struct tcp_ranges *list, uint32_t left, uint32_t right)
{
    for (uint32_t i = list->head; i != LK_NONE; i = tcp_range_at(pool, i)->next) {
        const struct tcp_range *r = tcp_range_at(pool, i);
        if (seq_leq(r->left, left) && seq_geq(r->right, right))
            return true;
    }
    return false;
}

bool tcp_ranges_check(const struct lk_pool *pool, const struct tcp_ranges *list)
{
    uint32_t count = 0;
    uint32_t octets = 0;
    const struct tcp_range *last = NULL;
    for (uint32_t i = list->head; i != LK_NONE; i = last->next) {
        if (!lk_pool_taken(pool, i) || count > pool->capacity)
            return false;
        const struct tcp_range *r = tcp_range_at(pool, i);
        if (!seq_lt(r->left, r->right) || (last != NULL && !seq_lt(last->right, r->left)))
            return false;
        octets += seq_distance(r->right, r->left);
        count++;
        last = r;
    }
    return count == list->count && octets == list->octets;
}
