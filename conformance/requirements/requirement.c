#include "conformance/requirements/requirement.h"

#include <string.h>

const struct lk_requirement *lk_requirement_lookup(const char *id)
{
    size_t low = 0, high = lk_requirement_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(id, lk_requirement_table[middle].id);
        if (order == 0)
            return &lk_requirement_table[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

size_t lk_requirement_list(const struct lk_requirement **out)
{
    *out = lk_requirement_table;
    return lk_requirement_count;
}
