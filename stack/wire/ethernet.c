/* Ethernet II frames (RFC 894). */
#include "stack/wire/ethernet.h"

#include <limits.h>

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/payload.h"

int lk_ethernet_parse(const uint8_t *bytes, size_t len, struct lk_ethernet *out)
{
	if (len < LK_ETHERNET_HEADER) {
		return LK_E_TRUNCATED;
	}
	lk_memcpy(out->destination, bytes, 6);
	lk_memcpy(out->source, bytes + 6, 6);
	out->type = lk_load_be16(bytes + 12);
	out->payload = bytes + LK_ETHERNET_HEADER;
	out->payload_len = len - LK_ETHERNET_HEADER;
	return LK_ETHERNET_HEADER;
}

int lk_ethernet_emit(const struct lk_ethernet *in, uint8_t *buf, size_t cap)
{
	if (in->payload_len > INT_MAX - LK_ETHERNET_HEADER) {
		return LK_E_INVALID;
	}
	if (cap < LK_ETHERNET_HEADER + in->payload_len) {
		return LK_E_NOSPACE;
	}
	lk_payload_place(buf + LK_ETHERNET_HEADER, in->payload, in->payload_len);
	lk_memcpy(buf, in->destination, 6);
	lk_memcpy(buf + 6, in->source, 6);
	lk_store_be16(buf + 12, in->type);
	return (int)(LK_ETHERNET_HEADER + in->payload_len);
}
