/* Which act of the story each packet belongs to, which one it is a repetition of, and which one of the hop before was
 * forwarded as it. All from the packets' bytes and times. Not for use outside this room. */
#ifndef LK_VISIT_ACTS_H
#define LK_VISIT_ACTS_H

#include "conformance/visit/view.h"

/* Everything that reads a finished story has it with each packet taken apart. */
struct lk_visit_reading {
    struct lk_story *story;
    struct lk_visit_view *view; /* one a packet */
};

/* Fills act, same_as, repeats and link_number of every packet and the times of every act. *out is for those who go on with the
 * story. 0, or LK_E_NOMEM. */
int lk_visit_acts(struct lk_story *story, struct lk_visit_reading *out);

#endif
