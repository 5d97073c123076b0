/* A sorted array of disjoint ranges that do not touch. */
#include "conformance/replay/ranges.h"
#include "stack/base/error.h"
#include <string.h>

int lk_ranges_add(struct lk_ranges *set, struct lk_bump *memory, uint64_t from, uint64_t to)
{
    if (from >= to)
        return 0;
    size_t first = 0;
    while (first < set->count && set->list[first].to < from)
        first++;
    size_t end = first; /* those from first to end - 1 melt into the new one */
    while (end < set->count && set->list[end].from <= to) {
        from = set->list[end].from < from ? set->list[end].from : from;
        to = set->list[end].to > to ? set->list[end].to : to;
        end++;
    }
    if (end == first) {
        void *grown = lk_bump_grow(memory, set->list, set->count, &set->capacity, sizeof *set->list);
        if (grown == NULL)
            return LK_E_NOMEM;
        set->list = grown;
    }
    memmove(&set->list[first + 1], &set->list[end], (set->count - end) * sizeof *set->list);
    set->list[first] = (struct lk_range){from, to};
    set->count = set->count + 1 + first - end;
    return 0;
}

uint64_t lk_ranges_next_hole(const struct lk_ranges *set, uint64_t from)
{
    for (size_t i = 0; i < set->count && set->list[i].from <= from; i++)
        if (from < set->list[i].to)
            return set->list[i].to;
    return from;
}

uint64_t lk_ranges_covered(const struct lk_ranges *set, uint64_t from, uint64_t to)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < set->count; i++) {
        uint64_t low = set->list[i].from > from ? set->list[i].from : from;
        uint64_t high = set->list[i].to < to ? set->list[i].to : to;
        sum += low < high ? high - low : 0;
    }
    return sum;
}

uint64_t lk_ranges_total(const struct lk_ranges *set)
{
    return lk_ranges_covered(set, 0, UINT64_MAX);
}
