/* Part of fetch: the one line that says which step failed, why, and what to try. */
#ifndef LK_CLI_FETCH_WHY_H
#define LK_CLI_FETCH_WHY_H

#include "conformance/cli/live_host.h"
#include "stack/run/fetch.h"

/* `silent`: nothing went on for that long, and the machines did not give up by themselves; 0: they did, or the answer is not the
 * page. `head`: the field section of the answer. */
void lk_fetch_why(const struct lk_fetch *fetch, lk_time silent, const struct lk_live_host *host, const uint8_t *head, size_t head_len, char *text, size_t room);

#endif
