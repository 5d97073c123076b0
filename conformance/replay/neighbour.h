/* ARP where it is not part of the trace: a request of the device for the peer (or its gateway) is answered at once. */
#ifndef LK_REPLAY_NEIGHBOUR_H
#define LK_REPLAY_NEIGHBOUR_H

#include "conformance/replay/run.h"

/* Whether the frame is ARP and was dealt with: then it is nobody else's business. */
bool lk_neighbour_answer(struct lk_run *run, const struct lk_event *event);

#endif
