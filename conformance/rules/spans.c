#include "conformance/rules/spans.h"
#include "stack/base/error.h"

#include <string.h>

/* The first range that ends at or above `position`; count when there is none. */
static uint32_t first_reaching(const struct spans *set, int64_t position)
{
    uint32_t i = 0;
    while (i < set->count && set->at[i].to < position)
        i++;
    return i;
}

static void replace(struct spans *set, uint32_t first, uint32_t last, struct span with)
{
    set->at[first] = with;
    memmove(&set->at[first + 1], &set->at[last], (set->count - last) * sizeof *set->at);
    set->count -= last - first - 1;
}

static int insert(struct spans *set, uint32_t where, struct span with)
{
    if (set->count == set->capacity)
        return LK_E_NOMEM;
    memmove(&set->at[where + 1], &set->at[where], (set->count - where) * sizeof *set->at);
    set->at[where] = with;
    set->count++;
    return 0;
}

int spans_add(struct spans *set, int64_t from, int64_t to)
{
    if (from >= to)
        return 0;
    uint32_t first = first_reaching(set, from), last = first;
    struct span joined = {from, to};
    while (last < set->count && set->at[last].from <= to) {
        joined.from = set->at[last].from < joined.from ? set->at[last].from : joined.from;
        joined.to = set->at[last].to > joined.to ? set->at[last].to : joined.to;
        last++;
    }
    if (last == first)
        return insert(set, first, joined);
    replace(set, first, last, joined);
    return 0;
}

void spans_drop_below(struct spans *set, int64_t edge)
{
    uint32_t gone = 0;
    while (gone < set->count && set->at[gone].to <= edge)
        gone++;
    memmove(set->at, &set->at[gone], (set->count - gone) * sizeof *set->at);
    set->count -= gone;
    if (set->count != 0 && set->at[0].from < edge)
        set->at[0].from = edge;
}

bool spans_cover(const struct spans *set, int64_t from, int64_t to)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->at[i].from <= from && to <= set->at[i].to)
            return true;
    return from >= to;
}

bool spans_touch(const struct spans *set, int64_t from, int64_t to)
{
    for (uint32_t i = 0; i < set->count; i++)
        if (set->at[i].from < to && from < set->at[i].to)
            return true;
    return false;
}
