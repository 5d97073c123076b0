/* One request and its answer over bare sockets. */
#ifndef LK_VISIT_PLAIN_H
#define LK_VISIT_PLAIN_H

#include "conformance/visit/world.h"

int plain_start(struct world *w);
void plain_client(struct world *w);
void plain_server(struct world *w);

#endif
