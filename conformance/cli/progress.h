/* A bar for people who wait for bytes: how much, how fast, how long still. On a terminal only, on standard error, from the first
 * half second on. */
#ifndef LK_CLI_PROGRESS_H
#define LK_CLI_PROGRESS_H

#include "stack/base/types.h"

struct lk_progress {
    bool terminal, shown;
    int columns;
    lk_time began, last;  /* ns, monotonic */
    uint64_t before;      /* bytes at `last` */
    double rate;          /* bytes a second, of late */
};

void lk_progress_begin(struct lk_progress *progress, lk_time now);
/* When show() has something new to say: LK_NEVER where there is no terminal. */
lk_time lk_progress_due(const struct lk_progress *progress);
/* `total` UINT64_MAX: not known. */
void lk_progress_show(struct lk_progress *progress, uint64_t done, uint64_t total, lk_time now);
/* Wipes it. */
void lk_progress_end(struct lk_progress *progress);

/* One line without its end: what show() writes, `columns` wide at most. */
void lk_progress_line(const struct lk_progress *progress, uint64_t done, uint64_t total, char text[256]);
/* "12.3 MB" */
const char *lk_bytes_text(double bytes, char text[24]);

#endif
