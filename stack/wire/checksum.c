/* The Internet checksum (RFC 1071). The main loop is as plain as can be, 32 bits into 64, so that compilers vectorise it
 * and no carry is ever looked at before the end. */
#include "stack/wire/checksum.h"

#include "stack/base/mem.h"

/* Fold to 16 bits with end-around carry. */
static uint16_t fold(uint64_t sum)
{
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & UINT32_MAX) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)sum;
}

/* Between this machine's order and host value; its own inverse. */
static uint16_t network_order(uint16_t number)
{
	return (uint16_t)lk_checksum_add16(0, number);
}

uint64_t lk_checksum_add(uint64_t sum, const uint8_t *bytes, size_t len)
{
	size_t words = len / 4;
	size_t rest = len % 4;
	uint8_t tail[4] = {0, 0, 0, 0};
	uint32_t word;

	for (size_t i = 0; i < words; i++) {
		lk_memcpy(&word, bytes + 4 * i, 4);
		sum += word;
	}
	/* RFC 1071 section 4.1: a left-over octet counts as if a zero octet followed it. */
	for (size_t i = 0; i < rest; i++) {
		tail[i] = bytes[4 * words + i];
	}
	lk_memcpy(&word, tail, 4);
	return sum + word;
}

uint64_t lk_checksum_add_odd(uint64_t sum, const uint8_t *bytes, size_t len)
{
	return sum + __builtin_bswap16(fold(lk_checksum_add(0, bytes, len)));
}

uint16_t lk_checksum_finish(uint64_t sum)
{
	return (uint16_t)~network_order(fold(sum));
}

bool lk_checksum_ok(uint64_t sum)
{
	return fold(sum) == 0xffff;
}

uint16_t lk_checksum_update16(uint16_t checksum, uint16_t old, uint16_t new)
{
	/* RFC 1624 section 3, equation 3: HC' = ~(~HC + ~m + m') */
	return (uint16_t)~fold((uint64_t)(uint16_t)~checksum + (uint16_t)~old + new);
}

uint16_t lk_checksum_update32(uint16_t checksum, uint32_t old, uint32_t new)
{
	checksum = lk_checksum_update16(checksum, (uint16_t)(old >> 16), (uint16_t)(new >> 16));
	return lk_checksum_update16(checksum, (uint16_t)old, (uint16_t)new);
}
