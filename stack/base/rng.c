/* SipHash in counter mode, keyed from the caller's seed. */
#include "stack/base/rng.h"

#include "stack/base/bytes.h"
#include "stack/base/hash.h"
#include "stack/base/mem.h"

void lk_seed_key(const uint8_t seed[32], uint64_t purpose, uint8_t key[16])
{
	uint8_t message[25];

	lk_store_le64(message, purpose);
	lk_memcpy(message + 8, seed + 16, 16);
	for (uint8_t half = 0; half < 2; half++) {
		message[24] = half;
		lk_store_le64(key + 8 * half, lk_siphash(seed, message, sizeof message));
	}
}

void lk_rng_init(struct lk_rng *rng, const uint8_t seed[32], uint64_t purpose)
{
	lk_seed_key(seed, purpose, rng->key);
	rng->counter = 0;
}

uint64_t lk_rng_next(struct lk_rng *rng)
{
	uint8_t message[8];

	lk_store_le64(message, rng->counter++);
	return lk_siphash(rng->key, message, sizeof message);
}

uint32_t lk_rng_below(struct lk_rng *rng, uint32_t bound)
{
	/* Numbers below 2^64 mod bound are drawn again: what is left is a whole multiple of the bound. */
	uint64_t least = bound == 0 ? 0 : (UINT64_MAX - bound + 1) % bound;
	uint64_t x;

	if (bound == 0) {
		return 0;
	}
	do {
		x = lk_rng_next(rng);
	} while (x < least);
	return (uint32_t)(x % bound);
}
