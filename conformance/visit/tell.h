/* The words about a story: what each packet says, why it was sent, what each act was. */
#ifndef LK_VISIT_TELL_H
#define LK_VISIT_TELL_H

#include "conformance/visit/acts.h"

/* Fills line and why of every packet, title and summary of every act, in all languages. 0, or LK_E_NOMEM. */
int lk_visit_tell(struct lk_visit_reading *reading);

#endif
