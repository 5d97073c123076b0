/* The TCP header (RFC 9293 section 3.1). Field names are the figure's. What the options say is in tcp_options.h.
 *
 * Laws. Every segment with a Data Offset of at least 5 that lies within its bytes is canonical: emit(parse(b)) = b,
 * whatever its reserved bits, checksum and options are. parse(emit(x)) = x for every x that emit accepts. */
#ifndef LK_WIRE_TCP_H
#define LK_WIRE_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/wire/option.h"
#include "stack/wire/tcp_options.h"

#define LK_TCP_HEADER 20     /* bytes without options */
#define LK_TCP_HEADER_MAX 60 /* with all options */

/* control bits */
#define LK_TCP_FIN 0x01
#define LK_TCP_SYN 0x02
#define LK_TCP_RST 0x04
#define LK_TCP_PSH 0x08
#define LK_TCP_ACK 0x10
#define LK_TCP_URG 0x20
#define LK_TCP_ECE 0x40 /* RFC 3168 */
#define LK_TCP_CWR 0x80 /* RFC 3168 */

struct lk_tcp {
	uint16_t source_port;
	uint16_t destination_port;
	uint32_t sequence_number;
	uint32_t acknowledgment_number;
	uint8_t reserved; /* the 4 bits after Data Offset; zero from a sound sender, kept */
	uint8_t control;  /* LK_TCP_* */
	uint16_t window;  /* as in the header, unscaled */
	uint16_t checksum;
	uint16_t urgent_pointer;
	const uint8_t *options; /* borrowed, padding included; Data Offset is 5 + options_len / 4 */
	size_t options_len;     /* 0 .. 40, a multiple of 4 */
	const uint8_t *payload; /* borrowed */
	size_t payload_len;
};

/* SEG.LEN: the payload, and 1 for each of SYN and FIN (RFC 9293 section 3.4). */
static inline uint32_t lk_tcp_segment_length(const struct lk_tcp *t)
{
	return (uint32_t)t->payload_len + ((t->control & LK_TCP_SYN) ? 1u : 0u) + ((t->control & LK_TCP_FIN) ? 1u : 0u);
}

/* Read a segment of `len` bytes. The checksum is not verified, options are not walked. The bytes of the header with
 * options; LK_E_TRUNCATED (fewer than 20 bytes), LK_E_TCP_DATA_OFFSET (below 5), LK_E_TRUNCATED (fewer bytes than Data
 * Offset says). Who knows from IP that `len` is all there is may call the last one malformed too. Drop on each. */
int lk_tcp_parse(const uint8_t *bytes, size_t len, struct lk_tcp *out);

/* Write header, options and payload, checksum as it stands in the struct. A payload already at buf + the header's length
 * is left there, any other is moved there. The number of bytes written; LK_E_INVALID: options_len not a multiple of 4 or
 * above 40, reserved above 15, or more than 65535 bytes; LK_E_NOSPACE. On an error nothing is written. The options must
 * not lie within buf. */
int lk_tcp_emit(const struct lk_tcp *in, uint8_t *buf, size_t cap);

/* The same with the right checksum; `pseudo` is the partial sum of the pseudo header over header and payload
 * (lk_checksum_pseudo_ipv4() with length LK_TCP_HEADER + options_len + payload_len). */
int lk_tcp_emit_summed(const struct lk_tcp *in, uint64_t pseudo, uint8_t *buf, size_t cap);

/* Whether the checksum over all `len` bytes is right (RFC 9293 MUST-3); false below 20 bytes. */
bool lk_tcp_checksum_ok(const uint8_t *bytes, size_t len, uint64_t pseudo);

/* Step through the options: see lk_option_next(). */
static inline int lk_tcp_option_next(const struct lk_tcp *t, size_t *at, struct lk_option *out)
{
	return lk_option_next(t->options, t->options_len, at, out);
}

#endif
