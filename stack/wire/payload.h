/* What the emit functions of this room share: bringing the payload behind the header. */
#ifndef LK_WIRE_PAYLOAD_H
#define LK_WIRE_PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "stack/base/mem.h"

/* Move `len` bytes of payload to `to`, unless they stand there already. To be done before the header is written: the
 * payload may lie where the header goes. */
static inline void lk_payload_place(uint8_t *to, const uint8_t *payload, size_t len)
{
	if (to != payload) {
		lk_memmove(to, payload, len);
	}
}

#endif
