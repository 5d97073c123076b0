/* Everything random in the stack comes from the 32-byte seed the caller gave: same seed, same numbers, on every
 * machine. SipHash in counter mode; good against a stranger who sees outputs and not the seed. */
#ifndef LK_BASE_RNG_H
#define LK_BASE_RNG_H

#include <stdint.h>

struct lk_rng {
	uint8_t key[16];
	uint64_t counter; /* numbers drawn so far */
};

/* Derive a 16-byte key from the seed, a different one for each `purpose` (any number): hash keys, ISN secret. */
void lk_seed_key(const uint8_t seed[32], uint64_t purpose, uint8_t key[16]);

/* Begin a generator of its own for `purpose`. */
void lk_rng_init(struct lk_rng *rng, const uint8_t seed[32], uint64_t purpose);

/* The next 64 random bits. */
uint64_t lk_rng_next(struct lk_rng *rng);

/* The next number in 0 .. bound - 1, all equally likely; 0 for a bound of 0. */
uint32_t lk_rng_below(struct lk_rng *rng, uint32_t bound);

#endif
