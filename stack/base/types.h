/* The few types every room shares: time, addresses, the "no index" value.
 *
 * Time is an argument everywhere and never read from a clock. An IP address is always 16 bytes, so that IPv4 and
 * IPv6 share every table; an IPv4 address is held in its IPv4-mapped form (RFC 4291 section 2.5.5.2). */
#ifndef LK_BASE_TYPES_H
#define LK_BASE_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Nanoseconds since an epoch of the caller's choice; may be negative. */
typedef int64_t lk_time;

#define LK_NEVER INT64_MAX /* later than every point in time */
#define LK_MICROSECOND ((lk_time)1000)
#define LK_MILLISECOND ((lk_time)1000000)
#define LK_SECOND ((lk_time)1000000000)

/* "No such record", wherever a record is named by a 32-bit index. */
#define LK_NONE UINT32_MAX

/* `t + d`, but never wraps: a sum beyond the range is LK_NEVER. `d` must not be negative. LK_NEVER stays LK_NEVER. */
static inline lk_time lk_time_add(lk_time t, lk_time d)
{
	return t > LK_NEVER - d ? LK_NEVER : t + d;
}

/* The earlier of two points in time. */
static inline lk_time lk_time_min(lk_time a, lk_time b)
{
	return a < b ? a : b;
}

/* An IP address, octets in network order. All zero is "unspecified" (::), which also stands for 0.0.0.0 unbound. */
struct lk_addr {
	uint8_t octet[16];
};

/* The address for IPv4 address `ip4` given as a number in host order: 192.0.2.1 is 0xc0000201. */
static inline struct lk_addr lk_addr_from_ip4(uint32_t ip4)
{
	struct lk_addr a = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (uint8_t)(ip4 >> 24), (uint8_t)(ip4 >> 16),
	                     (uint8_t)(ip4 >> 8), (uint8_t)ip4}};

	return a;
}

/* The last four octets as a number in host order; the IPv4 address if lk_addr_is_ip4(), otherwise meaningless. */
static inline uint32_t lk_addr_ip4(const struct lk_addr *a)
{
	return (uint32_t)a->octet[12] << 24 | (uint32_t)a->octet[13] << 16 | (uint32_t)a->octet[14] << 8 | a->octet[15];
}

/* Whether `a` is an IPv4 address (::ffff:0:0/96). */
bool lk_addr_is_ip4(const struct lk_addr *a);

/* Whether `a` is :: or 0.0.0.0. */
bool lk_addr_is_unspecified(const struct lk_addr *a);

/* Whether `a` is in 224.0.0.0/4 (RFC 1112 section 4) or ff00::/8 (RFC 4291 section 2.7). */
bool lk_addr_is_multicast(const struct lk_addr *a);

/* Whether `a` is in 127.0.0.0/8 (RFC 1122 section 3.2.1.3 g) or ::1. */
bool lk_addr_is_loopback(const struct lk_addr *a);

/* Whether `a` is 255.255.255.255, the limited broadcast (RFC 919 section 7). */
bool lk_addr_is_limited_broadcast(const struct lk_addr *a);

/* Whether both are the same address. */
bool lk_addr_equal(const struct lk_addr *a, const struct lk_addr *b);

/* Negative, zero or positive as `a` is before, equal to or after `b` in octet order. */
int lk_addr_compare(const struct lk_addr *a, const struct lk_addr *b);

/* Whether the first `prefix` bits of both are equal. `prefix` counts in 128 bits: an IPv4 /24 is 96 + 24. More than
 * 128 compares all bits. */
bool lk_addr_in_prefix(const struct lk_addr *a, const struct lk_addr *network, unsigned prefix);

/* The IPv4 network mask for `prefix` bits (0..32), as a number in host order. */
static inline uint32_t lk_ip4_mask(unsigned prefix)
{
	return prefix == 0 ? 0 : UINT32_MAX << (32 - prefix);
}

#endif
