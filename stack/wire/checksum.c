/* The Internet checksum (RFC 1071). */
#include "stack/wire/checksum.h"

#include "stack/base/mem.h"

/* 16 bytes as two 64-bit numbers, added lane by lane (on machines without such registers the compiler makes two
 * additions of it). */
typedef uint64_t lanes __attribute__((vector_size(16)));

/* Two sums run along: of the 64-bit words, which overflows, and of their upper halves, which cannot. The sum of the
 * lower halves cannot either, so it is what is left of the first sum, modulo 2^64, without the second one's share. That
 * is one operation less for each word than splitting it, and no carry is looked at. */
struct running {
	lanes words;
	lanes upper;
};

static inline void add_16_bytes(struct running *r, const uint8_t *bytes)
{
	lanes x;

	lk_memcpy(&x, bytes, sizeof x);
	r->words += x;
	r->upper += x >> 32;
}

/* What is left after the blocks of 16: fewer than 16 bytes. */
static inline uint64_t add_rest(uint64_t sum, const uint8_t *bytes, size_t len)
{
	uint32_t word;
	uint16_t half;

	for (; len >= 4; len -= 4, bytes += 4) {
		lk_memcpy(&word, bytes, 4);
		sum += word;
	}
	if (len >= 2) {
		lk_memcpy(&half, bytes, 2);
		sum += half;
		bytes += 2;
	}
	/* RFC 1071 section 4.1: a left-over octet counts as if a zero octet followed it. */
	return len % 2 != 0 ? lk_checksum_add16(sum, (uint16_t)(*bytes << 8)) : sum;
}

uint64_t lk_checksum_add(uint64_t sum, const uint8_t *bytes, size_t len)
{
	struct running r = {{0, 0}, {0, 0}};

	if (len >= 16) {
		for (; len >= 64; len -= 64, bytes += 64) {
			add_16_bytes(&r, bytes);
			add_16_bytes(&r, bytes + 16);
			add_16_bytes(&r, bytes + 32);
			add_16_bytes(&r, bytes + 48);
		}
		for (; len >= 16; len -= 16, bytes += 16) {
			add_16_bytes(&r, bytes);
		}
		r.words += r.upper - (r.upper << 32);
		sum += r.words[0];
		sum += r.words[1];
	}
	return add_rest(sum, bytes, len);
}

uint64_t lk_checksum_add_odd(uint64_t sum, const uint8_t *bytes, size_t len)
{
	return sum + __builtin_bswap16(lk_checksum_fold(lk_checksum_add(0, bytes, len)));
}

uint16_t lk_checksum_update16(uint16_t checksum, uint16_t old, uint16_t new)
{
	/* RFC 1624 section 3, equation 3: HC' = ~(~HC + ~m + m') */
	return (uint16_t)~lk_checksum_fold((uint64_t)(uint16_t)~checksum + (uint16_t)~old + new);
}

uint16_t lk_checksum_update32(uint16_t checksum, uint32_t old, uint32_t new)
{
	checksum = lk_checksum_update16(checksum, (uint16_t)(old >> 16), (uint16_t)(new >> 16));
	return lk_checksum_update16(checksum, (uint16_t)old, (uint16_t)new);
}
