/* UDP (RFC 768). Field names are the figure's.
 *
 * Laws. Canonical is a datagram with len = Length: emit(parse(b)) = b. Bytes beyond Length are ignored (RFC 768 allows
 * IP to carry more; they are no data). parse(emit(x)) = x for each x with length as emit computes it. */
#ifndef LK_WIRE_UDP_H
#define LK_WIRE_UDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LK_UDP_HEADER 8 /* bytes */

struct lk_udp {
	uint16_t source_port;
	uint16_t destination_port;
	uint16_t length;        /* bytes of header and data; set by parse, ignored by emit, which computes it */
	uint16_t checksum;      /* 0: the sender made none */
	const uint8_t *payload; /* borrowed */
	size_t payload_len;
};

/* Read a datagram. 8, the bytes of the header; LK_E_TRUNCATED (fewer than 8 bytes), LK_E_UDP_LENGTH (Length below 8),
 * LK_E_TRUNCATED_PAYLOAD (fewer bytes than Length). The checksum is not verified. */
int lk_udp_parse(const uint8_t *bytes, size_t len, struct lk_udp *out);

/* Write header and payload, checksum as it stands in the struct. A payload already at buf + 8 is left there, any other is
 * moved there. The number of bytes written; LK_E_INVALID: more than 65535 bytes; LK_E_NOSPACE. On an error nothing is
 * written. */
int lk_udp_emit(const struct lk_udp *in, uint8_t *buf, size_t cap);

/* The same with the right checksum; `pseudo` is the partial sum of the pseudo header over LK_UDP_HEADER + payload_len
 * bytes. A checksum that computes to 0 is sent as 0xffff (RFC 768). */
int lk_udp_emit_summed(const struct lk_udp *in, uint64_t pseudo, uint8_t *buf, size_t cap);

/* Whether the checksum is right, or 0 = none was made (RFC 1122 section 4.1.3.4). `pseudo` is the pseudo header's sum for
 * the datagram's Length. False when lk_udp_parse() would refuse the datagram. */
bool lk_udp_checksum_ok(const uint8_t *bytes, size_t len, uint64_t pseudo);

#endif
