/* Sequence number arithmetic, modulo 2^32 (RFC 9293 section 3.4). Two numbers compare by the sign of their difference,
 * which is right as long as they are less than 2^31 apart; that holds for everything within a window (RFC 7323
 * section 2.3 bounds windows to 2^30). All comparing, adding and subtracting of sequence numbers goes through here. */
#ifndef LK_BASE_SEQ_H
#define LK_BASE_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* Wrapping is meant here: not a finding for clang's unsigned-integer-overflow check. */
#if defined(__clang__)
#define LK_SEQ_WRAPS __attribute__((no_sanitize("unsigned-integer-overflow")))
#else
#define LK_SEQ_WRAPS
#endif

/* `n` octets after `a`. */
LK_SEQ_WRAPS static inline uint32_t seq_add(uint32_t a, uint32_t n)
{
	return a + n;
}

/* `n` octets before `a`. */
LK_SEQ_WRAPS static inline uint32_t seq_sub(uint32_t a, uint32_t n)
{
	return a - n;
}

/* How many octets `b` lies before `a`: in 0 .. 2^32 - 1; meant for b <= a. */
LK_SEQ_WRAPS static inline uint32_t seq_distance(uint32_t a, uint32_t b)
{
	return a - b;
}

/* Whether a < b. */
LK_SEQ_WRAPS static inline bool seq_lt(uint32_t a, uint32_t b)
{
	return (a - b) >> 31 != 0;
}

/* Whether a <= b. */
static inline bool seq_leq(uint32_t a, uint32_t b)
{
	return a == b || seq_lt(a, b);
}

/* Whether a > b. */
static inline bool seq_gt(uint32_t a, uint32_t b)
{
	return seq_lt(b, a);
}

/* Whether a >= b. */
static inline bool seq_geq(uint32_t a, uint32_t b)
{
	return a == b || seq_lt(b, a);
}

/* `a - b` as a signed number: negative when a < b. */
LK_SEQ_WRAPS static inline int64_t seq_diff(uint32_t a, uint32_t b)
{
	uint32_t d = a - b;

	return d >> 31 ? (int64_t)d - ((int64_t)1 << 32) : (int64_t)d;
}

/* Whether low <= x < high, going upward from low; false when low == high. */
LK_SEQ_WRAPS static inline bool seq_between(uint32_t x, uint32_t low, uint32_t high)
{
	return x - low < high - low;
}

/* The later of two. */
static inline uint32_t seq_max(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? b : a;
}

/* The earlier of two. */
static inline uint32_t seq_min(uint32_t a, uint32_t b)
{
	return seq_lt(a, b) ? a : b;
}

#endif
