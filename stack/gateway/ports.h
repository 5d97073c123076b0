/* Which outside port an inside endpoint gets (RFC 4787 4.2). The same number if it is free, else one of the same class (below
 * 1024, or not) and parity, at a place nobody can predict (RFC 7857 9); then of the same class; then any. Never one that is taken: no
 * overloading, whatever happens (REQ-3, REQ-11). */
#ifndef LK_GATEWAY_PORTS_H
#define LK_GATEWAY_PORTS_H

#include "stack/gateway/binding.h"

/* False: all are taken. ICMP identifiers have neither class nor parity, and all 65536 may be used. */
bool gw_port_choose(struct gw_nat *nat, const struct lk_gateway_config *config, uint8_t protocol, uint16_t wanted, uint16_t *out);

#endif
