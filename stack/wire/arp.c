/* ARP for IPv4 over Ethernet (RFC 826). */
#include "stack/wire/arp.h"

#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/ethernet.h"

/* The fixed part; what it names decides how long the rest has to be. */
#define FIXED 8

int lk_arp_parse(const uint8_t *bytes, size_t len, struct lk_arp *out)
{
	if (len < FIXED) {
		return LK_E_TRUNCATED;
	}
	if (lk_load_be16(bytes) != LK_ARP_HARDWARE_ETHERNET) {
		return LK_E_ARP_HARDWARE_TYPE;
	}
	if (lk_load_be16(bytes + 2) != LK_ETHERTYPE_IPV4) {
		return LK_E_ARP_PROTOCOL_TYPE;
	}
	if (bytes[4] != 6) {
		return LK_E_ARP_HARDWARE_LENGTH;
	}
	if (bytes[5] != 4) {
		return LK_E_ARP_PROTOCOL_LENGTH;
	}
	if (len < LK_ARP_LEN) {
		return LK_E_TRUNCATED;
	}
	out->op = lk_load_be16(bytes + 6);
	lk_memcpy(out->sha, bytes + 8, 6);
	out->spa = lk_load_be32(bytes + 14);
	lk_memcpy(out->tha, bytes + 18, 6);
	out->tpa = lk_load_be32(bytes + 24);
	return LK_ARP_LEN;
}

int lk_arp_emit(const struct lk_arp *in, uint8_t *buf, size_t cap)
{
	if (cap < LK_ARP_LEN) {
		return LK_E_NOSPACE;
	}
	lk_store_be16(buf, LK_ARP_HARDWARE_ETHERNET);
	lk_store_be16(buf + 2, LK_ETHERTYPE_IPV4);
	buf[4] = 6;
	buf[5] = 4;
	lk_store_be16(buf + 6, in->op);
	lk_memcpy(buf + 8, in->sha, 6);
	lk_store_be32(buf + 14, in->spa);
	lk_memcpy(buf + 18, in->tha, 6);
	lk_store_be32(buf + 24, in->tpa);
	return LK_ARP_LEN;
}
