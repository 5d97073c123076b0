/* SipHash-2-4 (Aumasson and Bernstein, "SipHash: a fast short-input PRF"), and a digest of numbers. */
#include "stack/base/hash.h"

#include "stack/base/bytes.h"

struct sip {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotate(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void sip_round(struct sip *s)
{
	s->v0 += s->v1;
	s->v1 = rotate(s->v1, 13) ^ s->v0;
	s->v0 = rotate(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotate(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotate(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotate(s->v1, 17) ^ s->v2;
	s->v2 = rotate(s->v2, 32);
}

static inline void sip_word(struct sip *s, uint64_t word)
{
	s->v3 ^= word;
	sip_round(s);
	sip_round(s);
	s->v0 ^= word;
}

uint64_t lk_siphash(const uint8_t key[16], const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint64_t k0 = lk_load_le64(key);
	uint64_t k1 = lk_load_le64(key + 8);
	uint64_t last = (uint64_t)(len & 0xff) << 56;
	struct sip s = {
	    k0 ^ UINT64_C(0x736f6d6570736575),
	    k1 ^ UINT64_C(0x646f72616e646f6d),
	    k0 ^ UINT64_C(0x6c7967656e657261),
	    k1 ^ UINT64_C(0x7465646279746573),
	};
	size_t whole = len - len % 8;

	for (size_t i = 0; i < whole; i += 8) {
		sip_word(&s, lk_load_le64(p + i));
	}
	for (size_t i = whole; i < len; i++) {
		last |= (uint64_t)p[i] << (8 * (i - whole));
	}
	sip_word(&s, last);
	s.v2 ^= 0xff;
	for (int i = 0; i < 4; i++) {
		sip_round(&s);
	}
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void lk_digest_begin(struct lk_digest *digest)
{
	*digest = (struct lk_digest){.value = UINT64_C(0x6c6f636b73746570), .count = 0};
}

/* Each step is a bijection of the state for a fixed number and of the number for a fixed state, so two runs that differ
 * in one number never meet again through it. */
void lk_digest_add(struct lk_digest *digest, uint64_t number)
{
	uint64_t v = (rotate(digest->value, 29) ^ number) * UINT64_C(0x9e3779b97f4a7c15);

	digest->value = v ^ v >> 32;
	digest->count++;
}

void lk_digest_bytes(struct lk_digest *digest, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	size_t whole = len - len % 8;
	uint64_t last = 0;

	lk_digest_add(digest, len);
	for (size_t i = 0; i < whole; i += 8) {
		lk_digest_add(digest, lk_load_le64(p + i));
	}
	for (size_t i = whole; i < len; i++) {
		last = last << 8 | p[i];
	}
	if (whole != len) {
		lk_digest_add(digest, last);
	}
}
