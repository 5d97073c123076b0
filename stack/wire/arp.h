/* ARP for IPv4 over Ethernet (RFC 826). Field names are the RFC's ar$ names. Other hardware and protocols are refused by
 * name, which is what the RFC's receiving algorithm begins with.
 *
 * Laws. Canonical is a packet of exactly 28 bytes: emit(parse(b)) = b. More bytes are padding of the link and are
 * ignored. parse(emit(x)) = x for every x. */
#ifndef LK_WIRE_ARP_H
#define LK_WIRE_ARP_H

#include <stddef.h>
#include <stdint.h>

#define LK_ARP_LEN 28             /* bytes */
#define LK_ARP_HARDWARE_ETHERNET 1 /* ar$hrd */
#define LK_ARP_REQUEST 1          /* ar$op */
#define LK_ARP_REPLY 2

struct lk_arp {
	uint16_t op;    /* operation; other numbers than the two above are kept */
	uint8_t sha[6]; /* sender hardware address */
	uint8_t tha[6]; /* target hardware address */
	uint32_t spa;   /* sender protocol address, host order */
	uint32_t tpa;   /* target protocol address, host order */
};

/* Read an ARP packet. 28; or LK_E_TRUNCATED (fewer bytes: of the fixed 8, or of the addresses), LK_E_ARP_HARDWARE_TYPE,
 * LK_E_ARP_PROTOCOL_TYPE, LK_E_ARP_HARDWARE_LENGTH, LK_E_ARP_PROTOCOL_LENGTH, checked in this order; what they name is
 * judged before the addresses are missed. Drop the packet on each. */
int lk_arp_parse(const uint8_t *bytes, size_t len, struct lk_arp *out);

/* Write a packet. 28; LK_E_NOSPACE if cap is less, nothing written. */
int lk_arp_emit(const struct lk_arp *in, uint8_t *buf, size_t cap);

#endif
