/* The words about a story: what each packet says, why it was sent, what each act was. */
#ifndef LK_VISIT_TELL_H
#define LK_VISIT_TELL_H

#include "conformance/visit/acts.h"

struct lk_fetch;

/* Fills line and why of every packet, title and summary of every act, in all languages. 0, or LK_E_NOMEM. */
int lk_visit_tell(struct lk_visit_reading *reading);
/* How the browser failed: story->failure. 0, or LK_E_NOMEM. */
int lk_visit_tell_failure(struct lk_story *story, const struct lk_fetch *fetch);

#endif
