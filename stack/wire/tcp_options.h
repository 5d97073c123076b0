/* The options of TCP, decoded: RFC 9293 section 3.2 (MSS), RFC 7323 (window scale, timestamps), RFC 2018 (SACK), RFC 5482
 * (user timeout). To see every option with its bytes, unknown ones too, walk them with lk_tcp_option_next().
 *
 * Law. parse(emit(x)) = x for every x that emit accepts, for the kinds present. */
#ifndef LK_WIRE_TCP_OPTIONS_H
#define LK_WIRE_TCP_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

#include "stack/wire/option.h"

#define LK_TCP_OPTIONS_MAX 40 /* bytes: Data Offset has 4 bits */

/* Option kinds. */
#define LK_TCP_OPT_END 0
#define LK_TCP_OPT_NOP 1
#define LK_TCP_OPT_MSS 2
#define LK_TCP_OPT_WINDOW_SCALE 3
#define LK_TCP_OPT_SACK_PERMITTED 4
#define LK_TCP_OPT_SACK 5
#define LK_TCP_OPT_TIMESTAMPS 8
#define LK_TCP_OPT_USER_TIMEOUT 28

#define LK_TCP_SACK_MAX 4 /* blocks that fit in 40 bytes of options */

/* A block of received data: left .. right - 1. */
struct lk_tcp_sack {
	uint32_t left;
	uint32_t right;
};

/* The options of one segment, decoded. A bit is 1 << kind: LK_TCP_HAS(LK_TCP_OPT_MSS). */
#define LK_TCP_HAS(kind) ((uint32_t)1 << (kind))

struct lk_tcp_options {
	uint32_t present;       /* bits of the kinds decoded */
	uint32_t wrong_size;    /* bits of known kinds that came with a length their RFC does not allow; not decoded */
	uint16_t mss;           /* bytes */
	uint16_t user_timeout;  /* granularity bit and 15 bits, as on the wire (RFC 5482) */
	uint8_t window_scale;   /* shift count, as on the wire: may be above 14 (RFC 7323 section 2.3) */
	uint8_t sack_count;     /* 1 .. 4 when SACK is present */
	uint8_t unknown;        /* options of kinds not in the list above, skipped (RFC 9293 MUST-6) */
	uint8_t zero;           /* 0 */
	uint32_t ts_val;
	uint32_t ts_ecr;
	struct lk_tcp_sack sack[LK_TCP_SACK_MAX]; /* zero from sack_count on */
};

/* Decode `len` bytes of options. Of an option that comes twice the last one counts. 0; LK_E_OPTION_LENGTH or
 * LK_E_OPTION_OVERRUN when the list cannot be walked to its end: *out holds what came before, and the caller decides
 * (RFC 9293 MUST-7 asks to survive it; a reset or ignoring the rest are both seen). */
int lk_tcp_options_parse(const uint8_t *options, size_t len, struct lk_tcp_options *out);

/* Write the options that `in->present` names in the order of `order`, an array of `order_len` kinds in which NOP and END
 * may occur: the order is a property of the sender, not of the protocol. A listed kind that is not present is left out,
 * and so are the NOPs directly before it, since they only align it; END ends the list. Then ENDs up to a multiple of 4.
 *
 * The number of bytes written, 0 .. 40; LK_E_INVALID: a present kind is not in the order, an unknown kind is, sack_count
 * is not 1 .. 4 with SACK present; LK_E_NOSPACE: longer than cap or 40. On an error nothing is written. */
int lk_tcp_options_emit(const struct lk_tcp_options *in, const uint8_t *order, size_t order_len, uint8_t *buf, size_t cap);

#endif
