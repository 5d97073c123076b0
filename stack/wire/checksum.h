/* The Internet checksum (RFC 1071): the 16-bit ones' complement of the ones' complement sum.
 *
 * Work with a partial sum: begin with 0 or a pseudo header, add byte runs and single numbers in any order, finish. A
 * partial sum is an uint64_t in this machine's own byte order (RFC 1071 section 2 B); pass it on, don't look at it. It
 * cannot overflow below 16 GB of data. */
#ifndef LK_WIRE_CHECKSUM_H
#define LK_WIRE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Add `len` bytes that begin at an even offset of the data. Only the last run of the data may have an odd length; for
 * data in odd pieces see lk_checksum_add_odd(). */
uint64_t lk_checksum_add(uint64_t sum, const uint8_t *bytes, size_t len);

/* Add `len` bytes that begin at an odd offset of the data (RFC 1071 section 2 B: their sum counts byte-swapped). */
uint64_t lk_checksum_add_odd(uint64_t sum, const uint8_t *bytes, size_t len);

/* Add one 16-bit or 32-bit number that stands (or would stand) in the data in network order, at an even offset. */
static inline uint64_t lk_checksum_add16(uint64_t sum, uint16_t number)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return sum + __builtin_bswap16(number);
#else
	return sum + number;
#endif
}

static inline uint64_t lk_checksum_add32(uint64_t sum, uint32_t number)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return sum + __builtin_bswap32(number);
#else
	return sum + number;
#endif
}

/* The partial sum of the pseudo header of TCP and UDP over IPv4 (RFC 9293 section 3.1, RFC 768): addresses in host
 * order, the protocol number, and the length of transport header and data in bytes. */
static inline uint64_t lk_checksum_pseudo_ipv4(uint32_t source, uint32_t destination, uint8_t protocol, uint16_t length)
{
	uint64_t sum = lk_checksum_add32(0, source);

	sum = lk_checksum_add32(sum, destination);
	return lk_checksum_add32(sum, (uint32_t)protocol << 16 | length);
}

/* A partial sum folded to 16 bits with end-around carry, still in this machine's order; for this room's own use. Adding
 * a number to itself with its halves exchanged leaves the sum of both halves, carry included, in the upper half. */
static inline uint16_t lk_checksum_fold(uint64_t sum)
{
	uint64_t wide = sum + (sum >> 32 | sum << 32);
	uint32_t half = (uint32_t)(wide >> 32);
	uint32_t folded = half + (half >> 16 | half << 16);

	return (uint16_t)(folded >> 16);
}

/* The checksum to put into the header: the complement of the folded sum, as a number in host order. The checksum field
 * itself must have been summed as 0, or not at all. */
static inline uint16_t lk_checksum_finish(uint64_t sum)
{
	return (uint16_t)~lk_checksum_add16(0, lk_checksum_fold(sum));
}

/* Whether a sum over data that includes its checksum field is right: all ones after folding (RFC 1071 section 1 (3)). */
static inline bool lk_checksum_ok(uint64_t sum)
{
	return lk_checksum_fold(sum) == 0xffff;
}

/* The checksum after a 16-bit (32-bit) field of the data changed from `old` to `new` (RFC 1624 section 3, equation 3,
 * which also is right where equation 2 gives 0xffff for 0). All numbers in host order. */
uint16_t lk_checksum_update16(uint16_t checksum, uint16_t old, uint16_t new);
uint16_t lk_checksum_update32(uint16_t checksum, uint32_t old, uint32_t new);

#endif
