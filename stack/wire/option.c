/* One walk for the options of IPv4 and of TCP. */
#include "stack/wire/option.h"

#include "stack/base/error.h"

int lk_option_next(const uint8_t *options, size_t len, size_t *at, struct lk_option *out)
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
