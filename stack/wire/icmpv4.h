/* ICMP for IPv4 (RFC 792, with RFC 1122 section 3.2.2, RFC 1191 section 4, RFC 1812 section 5.2.7.1).
 *
 * A message is type, code, checksum, one word whose meaning depends on the type, and the rest. The word is kept whole in
 * `rest_of_header` and read and built with the functions below, so that unused bits survive.
 *
 * Laws. Every message of at least 8 bytes (20 for timestamps) is canonical: emit(parse(b)) = b, unknown types included.
 * parse(emit(x)) = x for every x that emit accepts. */
#ifndef LK_WIRE_ICMPV4_H
#define LK_WIRE_ICMPV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/wire/ipv4.h"

#define LK_ICMPV4_HEADER 8 /* bytes */
#define LK_ICMPV4_TIMESTAMP_LEN 20

/* type */
#define LK_ICMPV4_ECHO_REPLY 0
#define LK_ICMPV4_DESTINATION_UNREACHABLE 3
#define LK_ICMPV4_SOURCE_QUENCH 4 /* deprecated by RFC 6633 */
#define LK_ICMPV4_REDIRECT 5
#define LK_ICMPV4_ECHO 8
#define LK_ICMPV4_TIME_EXCEEDED 11
#define LK_ICMPV4_PARAMETER_PROBLEM 12
#define LK_ICMPV4_TIMESTAMP 13
#define LK_ICMPV4_TIMESTAMP_REPLY 14

/* code of destination unreachable */
#define LK_ICMPV4_NET_UNREACHABLE 0
#define LK_ICMPV4_HOST_UNREACHABLE 1
#define LK_ICMPV4_PROTOCOL_UNREACHABLE 2
#define LK_ICMPV4_PORT_UNREACHABLE 3
#define LK_ICMPV4_FRAGMENTATION_NEEDED 4
#define LK_ICMPV4_SOURCE_ROUTE_FAILED 5
#define LK_ICMPV4_NET_UNKNOWN 6
#define LK_ICMPV4_HOST_UNKNOWN 7
#define LK_ICMPV4_SOURCE_HOST_ISOLATED 8
#define LK_ICMPV4_NET_PROHIBITED 9
#define LK_ICMPV4_HOST_PROHIBITED 10
#define LK_ICMPV4_NET_UNREACHABLE_TOS 11
#define LK_ICMPV4_HOST_UNREACHABLE_TOS 12
#define LK_ICMPV4_COMMUNICATION_PROHIBITED 13 /* RFC 1812 */
#define LK_ICMPV4_HOST_PRECEDENCE_VIOLATION 14
#define LK_ICMPV4_PRECEDENCE_CUTOFF 15

/* code of redirect */
#define LK_ICMPV4_REDIRECT_NET 0
#define LK_ICMPV4_REDIRECT_HOST 1
#define LK_ICMPV4_REDIRECT_NET_TOS 2
#define LK_ICMPV4_REDIRECT_HOST_TOS 3

/* code of time exceeded */
#define LK_ICMPV4_TTL_EXCEEDED 0
#define LK_ICMPV4_REASSEMBLY_EXCEEDED 1

/* code of parameter problem */
#define LK_ICMPV4_POINTER_INDICATES 0
#define LK_ICMPV4_OPTION_MISSING 1 /* RFC 1122 section 3.2.2.5 */

struct lk_icmpv4 {
	uint8_t type;
	uint8_t code;
	uint16_t checksum;
	uint32_t rest_of_header; /* bytes 4..7 as one number */
	const uint8_t *payload;  /* borrowed: what follows byte 8. Echo data; or the quoted datagram of an error */
	size_t payload_len;
};

/* Echo, echo reply, timestamp, timestamp reply: identifier and sequence number. */
static inline uint16_t lk_icmpv4_identifier(const struct lk_icmpv4 *m)
{
	return (uint16_t)(m->rest_of_header >> 16);
}

static inline uint16_t lk_icmpv4_sequence_number(const struct lk_icmpv4 *m)
{
	return (uint16_t)m->rest_of_header;
}

static inline uint32_t lk_icmpv4_rest_echo(uint16_t identifier, uint16_t sequence_number)
{
	return (uint32_t)identifier << 16 | sequence_number;
}

/* Fragmentation needed: next-hop MTU in bytes, 0 from a router older than RFC 1191. As rest_of_header it is itself. */
static inline uint16_t lk_icmpv4_next_hop_mtu(const struct lk_icmpv4 *m)
{
	return (uint16_t)m->rest_of_header;
}

/* Redirect: gateway internet address, host order. As rest_of_header it is itself. */
static inline uint32_t lk_icmpv4_gateway(const struct lk_icmpv4 *m)
{
	return m->rest_of_header;
}

/* Parameter problem: pointer, the offset of the octet at fault in the quoted header. */
static inline uint8_t lk_icmpv4_pointer(const struct lk_icmpv4 *m)
{
	return (uint8_t)(m->rest_of_header >> 24);
}

static inline uint32_t lk_icmpv4_rest_pointer(uint8_t pointer)
{
	return (uint32_t)pointer << 24;
}

/* Errors quote the datagram that caused them, and must never be answered by an error (RFC 1122 section 3.2.2): types 3,
 * 4, 5, 11 and 12. */
bool lk_icmpv4_is_error(uint8_t type);

/* Read a message of `len` bytes. 8, the bytes of the header; LK_E_TRUNCATED when there are fewer than 8, or than 20 in a
 * timestamp or timestamp reply. The checksum is not verified. */
int lk_icmpv4_parse(const uint8_t *bytes, size_t len, struct lk_icmpv4 *out);

/* Write header and payload, checksum as it stands in the struct. A payload already at buf + 8 is left there, any other is
 * moved there. The number of bytes written; LK_E_INVALID: a timestamp without its 12 bytes of payload, or more than
 * 65515 bytes; LK_E_NOSPACE. On an error nothing is written. */
int lk_icmpv4_emit(const struct lk_icmpv4 *in, uint8_t *buf, size_t cap);

/* The same with the right checksum. */
int lk_icmpv4_emit_summed(const struct lk_icmpv4 *in, uint8_t *buf, size_t cap);

/* Whether the checksum over all `len` bytes is right; false below 8 bytes. */
bool lk_icmpv4_checksum_ok(const uint8_t *bytes, size_t len);

/* The quoted datagram of an error: lk_ipv4_parse_header() over the payload (its payload is what was quoted of it, at
 * least 8 bytes from a sound sender). The bytes of its header, or lk_ipv4_parse_header()'s errors; LK_E_INVALID when the
 * message is no error. */
int lk_icmpv4_quoted(const struct lk_icmpv4 *m, struct lk_ipv4 *out);

/* Timestamp and reply: originate, receive, transmit, in ms since midnight UT. 0; LK_E_INVALID for another type. */
int lk_icmpv4_timestamps(const struct lk_icmpv4 *m, uint32_t out[3]);

#endif
