/* Copy, move, fill and compare, as compiler builtins: fixed small sizes stay inline, the rest becomes a call of the
 * four functions every C compiler may emit anyway (memcpy, memmove, memset, memcmp), which is all that the stack asks
 * of its surroundings. A length of 0 is allowed with any pointer, NULL included. */
#ifndef LK_BASE_MEM_H
#define LK_BASE_MEM_H

#include <stdbool.h>
#include <stddef.h>

/* Copy `len` bytes; the areas must not overlap. */
static inline void lk_memcpy(void *to, const void *from, size_t len)
{
	if (len != 0) {
		__builtin_memcpy(to, from, len);
	}
}

/* Copy `len` bytes; the areas may overlap. */
static inline void lk_memmove(void *to, const void *from, size_t len)
{
	if (len != 0) {
		__builtin_memmove(to, from, len);
	}
}

/* Set `len` bytes to `value` (0..255). */
static inline void lk_memset(void *to, int value, size_t len)
{
	if (len != 0) {
		__builtin_memset(to, value, len);
	}
}

/* Negative, zero or positive as the first differing byte of `a` is less than, equal to or greater than that of `b`. */
static inline int lk_memcmp(const void *a, const void *b, size_t len)
{
	return len == 0 ? 0 : __builtin_memcmp(a, b, len);
}

/* Whether `len` bytes are equal. */
static inline bool lk_memequal(const void *a, const void *b, size_t len)
{
	return lk_memcmp(a, b, len) == 0;
}

#endif
