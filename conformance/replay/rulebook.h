/* The rulebook over a run: each connection of the timeline is shown to a book of its own. */
#ifndef LK_REPLAY_RULEBOOK_H
#define LK_REPLAY_RULEBOOK_H

#include "conformance/replay/run.h"

void lk_rulebook_judge(struct lk_run *run);

#endif
