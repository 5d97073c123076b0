/* The IPv4 header (RFC 791 section 3.1). Field names are the figure's. Addresses are numbers in host order.
 *
 * Laws. Canonical is a datagram without link padding: len = Total Length. emit(parse(b)) = b for each of them, whatever
 * its checksum, reserved flag and options are. parse(emit(x)) = x for each x with total_length as emit computes it. */
#ifndef LK_WIRE_IPV4_H
#define LK_WIRE_IPV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/wire/option.h"

#define LK_IPV4_HEADER 20      /* bytes without options */
#define LK_IPV4_HEADER_MAX 60  /* with all options */
#define LK_IPV4_OPTIONS_MAX 40

/* flags */
#define LK_IPV4_MF 1       /* more fragments */
#define LK_IPV4_DF 2       /* don't fragment */
#define LK_IPV4_RESERVED 4 /* must be zero, kept */

/* protocol */
#define LK_PROTOCOL_ICMP 1
#define LK_PROTOCOL_TCP 6
#define LK_PROTOCOL_UDP 17

/* Option types (the whole octet: copied flag, class, number). */
#define LK_IPV4_OPT_END 0
#define LK_IPV4_OPT_NOP 1
#define LK_IPV4_OPT_RECORD_ROUTE 7
#define LK_IPV4_OPT_TIMESTAMP 68
#define LK_IPV4_OPT_SECURITY 130
#define LK_IPV4_OPT_LSRR 131         /* loose source and record route */
#define LK_IPV4_OPT_STREAM_ID 136
#define LK_IPV4_OPT_SSRR 137         /* strict source and record route */
#define LK_IPV4_OPT_ROUTER_ALERT 148 /* RFC 2113 */
#define LK_IPV4_OPT_COPIED 0x80      /* the flag: copied into every fragment */

struct lk_ipv4 {
	uint8_t type_of_service; /* DSCP (RFC 2474) and ECN (RFC 3168), see below */
	uint8_t flags;           /* LK_IPV4_*: 3 bits */
	uint8_t time_to_live;
	uint8_t protocol;
	uint16_t total_length;    /* bytes; set by parse, ignored by emit, which computes it */
	uint16_t identification;
	uint16_t fragment_offset; /* in units of 8 bytes: 13 bits */
	uint16_t header_checksum;
	uint32_t source_address;
	uint32_t destination_address;
	const uint8_t *options; /* borrowed, padding included; IHL is 5 + options_len / 4 */
	size_t options_len;     /* 0 .. 40, a multiple of 4 */
	const uint8_t *payload; /* borrowed; ends at Total Length, whatever the link padded */
	size_t payload_len;
};

static inline unsigned lk_ipv4_dscp(const struct lk_ipv4 *ip)
{
	return ip->type_of_service >> 2;
}

static inline unsigned lk_ipv4_ecn(const struct lk_ipv4 *ip)
{
	return ip->type_of_service & 3u;
}

/* Whether this is one of several fragments. */
static inline bool lk_ipv4_is_fragment(const struct lk_ipv4 *ip)
{
	return ip->fragment_offset != 0 || (ip->flags & LK_IPV4_MF) != 0;
}

/* Read a datagram of `len` bytes, of which the last may be link padding. The checksum is not verified, options are not
 * walked. The bytes of the header with options; or, in this order, LK_E_TRUNCATED (fewer than 20 bytes),
 * LK_E_IPV4_VERSION, LK_E_IPV4_IHL, LK_E_TRUNCATED (fewer bytes than IHL says), LK_E_IPV4_TOTAL_LENGTH (less than the
 * header), LK_E_TRUNCATED_PAYLOAD (fewer bytes than Total Length). Drop on each (RFC 1122 section 3.2.1.1). */
int lk_ipv4_parse(const uint8_t *bytes, size_t len, struct lk_ipv4 *out);

/* The same, but a payload that is cut short is not an error: payload_len is what is there. For the datagram quoted in an
 * ICMP error and for captures with a snap length. Compare payload_len with total_length to see the cut. */
int lk_ipv4_parse_header(const uint8_t *bytes, size_t len, struct lk_ipv4 *out);

/* Write header, options and payload, header_checksum as it stands in the struct. A payload that stands already at buf +
 * the header's length is left there, any other is moved there. The number of bytes written; LK_E_INVALID: options_len
 * not a multiple of 4 or above 40, flags above 7, fragment_offset above 8191, or more than 65535 bytes altogether;
 * LK_E_NOSPACE: more than cap. On an error nothing is written. The options must not lie within buf. */
int lk_ipv4_emit(const struct lk_ipv4 *in, uint8_t *buf, size_t cap);

/* The same with the right header checksum, whatever header_checksum says. This is the one to send with. */
int lk_ipv4_emit_summed(const struct lk_ipv4 *in, uint8_t *buf, size_t cap);

/* Whether the header checksum is right (RFC 1122 section 3.2.1.2 asks to verify it). False also when the header is not
 * whole. */
bool lk_ipv4_checksum_ok(const uint8_t *bytes, size_t len);

/* Step through the options: see lk_option_next(). */
static inline int lk_ipv4_option_next(const struct lk_ipv4 *ip, size_t *at, struct lk_option *out)
{
	return lk_option_next(ip->options, ip->options_len, at, out);
}

/* Walk all options and judge the known kinds: lengths and, for routes and timestamps, the pointer. 0 when all are sound,
 * unknown kinds included; LK_E_OPTION_LENGTH, LK_E_OPTION_OVERRUN, LK_E_OPTION_SIZE, LK_E_OPTION_POINTER. On an error
 * *where (may be NULL) is the offset from the start of the header of the octet at fault, as ICMP's Parameter Problem
 * wants it. */
int lk_ipv4_options_check(const struct lk_ipv4 *ip, size_t *where);

#endif
