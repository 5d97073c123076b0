/* One frame out of the words of a line. Inside this room only. */
#ifndef LK_COMPOSE_PACKET_H
#define LK_COMPOSE_PACKET_H

#include "conformance/compose/words.h"
#include "conformance/timeline/trace.h"

/* Composes the frame that the words describe; `dir` and `iface` decide the link addresses where they are not said. */
bool lk_compose_frame(struct lk_composer *c, const struct lk_trace *trace, enum lk_dir dir, size_t iface, struct lk_span words, struct lk_paper *p);

#endif
