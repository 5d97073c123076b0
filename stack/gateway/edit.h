/* Changing a header in place, with every checksum that covers it (RFC 1624 equation 3): what was right stays right, what was
 * wrong stays wrong by the same amount, so that no damage is hidden from the receiver. */
#ifndef LK_GATEWAY_EDIT_H
#define LK_GATEWAY_EDIT_H

#include <stdbool.h>
#include <stdint.h>

/* TTL minus one, by at least one (RFC 1812 5.3.1); the TTL must be above 0. */
void gw_edit_ttl(uint8_t *ip);

/* The header checksum over all `header` bytes anew: for what changed it in odd places. */
void gw_edit_sum_header(uint8_t *ip, uint32_t header);

#endif
