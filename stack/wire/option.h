/* The list of options at the end of an IPv4 header (RFC 791 section 3.1) and of a TCP header (RFC 9293 section 3.2):
 * both have the same form. Kind 0 ends the list, kind 1 is a single octet, every other kind has a length octet that
 * counts kind, length and value. */
#ifndef LK_WIRE_OPTION_H
#define LK_WIRE_OPTION_H

#include <stddef.h>
#include <stdint.h>

#include "stack/base/error.h"

#define LK_OPTION_END 0 /* end of option list */
#define LK_OPTION_NOP 1 /* no operation */

struct lk_option {
	uint8_t kind;
	uint8_t length;       /* of the whole option: 1 for the end and no-operation */
	const uint8_t *value; /* borrowed from the options walked */
	size_t value_len;     /* length - 2, or 0 */
};

/* Step through `len` bytes of options. *at is the offset of the next option: 0 to begin with, moved on each step. The
 * end of the list is handed out as an option too, and is the last one, whatever bytes follow it.
 *
 * 1: *out is an option. 0: no more.
 * LK_E_OPTION_LENGTH: the length octet is 0, 1 or missing. LK_E_OPTION_OVERRUN: the option runs past the end. After an
 * error *at still points at the bad option; nothing behind it can be found. */
static inline int lk_option_next(const uint8_t *options, size_t len, size_t *at, struct lk_option *out)
{
	size_t start = *at;
	size_t length;

	if (start >= len) {
		return 0;
	}
	if (options[start] == LK_OPTION_END || options[start] == LK_OPTION_NOP) {
		*out = (struct lk_option){.kind = options[start], .length = 1};
		*at = options[start] == LK_OPTION_END ? len : start + 1;
		return 1;
	}
	if (len - start < 2 || options[start + 1] < 2) {
		return LK_E_OPTION_LENGTH;
	}
	length = options[start + 1];
	if (length > len - start) {
		return LK_E_OPTION_OVERRUN;
	}
	*out = (struct lk_option){.kind = options[start],
	                          .length = (uint8_t)length,
	                          .value = options + start + 2,
	                          .value_len = length - 2};
	*at = start + length;
	return 1;
}

#endif
