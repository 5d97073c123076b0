/* Ethernet II frames (RFC 894), without preamble and frame check sequence.
 *
 * Laws. Every frame of at least 14 bytes is canonical: emit(parse(b)) = b, padding included (it is part of the payload;
 * the layer above knows its own length). parse(emit(x)) = x for every x. */
#ifndef LK_WIRE_ETHERNET_H
#define LK_WIRE_ETHERNET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_ETHERNET_HEADER 14       /* bytes */
#define LK_ETHERNET_MIN 60          /* shortest frame on a wire, without FCS; shorter ones are padded with zeros */
#define LK_ETHERTYPE_IPV4 0x0800
#define LK_ETHERTYPE_ARP 0x0806
#define LK_ETHERTYPE_VLAN 0x8100    /* 802.1Q tag follows */
#define LK_ETHERTYPE_IPV6 0x86dd
#define LK_ETHERTYPE_LEAST 0x0600   /* a type field below this is the length of an 802.3 frame (RFC 1122 section 2.3.3) */

struct lk_ethernet {
	uint8_t destination[6];
	uint8_t source[6];
	uint16_t type;          /* or the length of an 802.3 frame, see LK_ETHERTYPE_LEAST */
	const uint8_t *payload; /* borrowed */
	size_t payload_len;
};

/* Read a frame of `len` bytes. 14, the bytes of the header; or LK_E_TRUNCATED when there are fewer. */
int lk_ethernet_parse(const uint8_t *bytes, size_t len, struct lk_ethernet *out);

/* Write header and payload. A payload that stands already at buf + 14 is left there, any other is moved there (it may
 * overlap buf). The number of bytes written; LK_E_NOSPACE if more than `cap`, nothing written. No padding is added. */
int lk_ethernet_emit(const struct lk_ethernet *in, uint8_t *buf, size_t cap);

/* Whether the address is for a group: the lowest bit of the first octet (broadcast is one of them). */
static inline bool lk_ethernet_is_group(const uint8_t address[6])
{
	return (address[0] & 1) != 0;
}

/* Whether the address is ff:ff:ff:ff:ff:ff. */
static inline bool lk_ethernet_is_broadcast(const uint8_t address[6])
{
	return (address[0] & address[1] & address[2] & address[3] & address[4] & address[5]) == 0xff;
}

#endif
