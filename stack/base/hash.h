/* Two hashes. SipHash-2-4 (Aumasson and Bernstein), keyed: tables that a stranger's packets select from, and ISNs by
 * RFC 6528, need a hash nobody outside can predict. A 64-bit digest without key, for "is this the same state". Both
 * give the same number on every machine. */
#ifndef LK_BASE_HASH_H
#define LK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 of `len` bytes under a 16-byte key. */
uint64_t lk_siphash(const uint8_t key[16], const void *bytes, size_t len);

/* A running digest. Begin with lk_digest_begin(), add fields in a fixed order, read `value`. Each number is added as
 * itself, not as its bytes in memory, so byte order and struct layout have no influence. A stranger can build
 * collisions; for comparing own states only. */
struct lk_digest {
	uint64_t value;
	uint64_t count; /* numbers added */
};

void lk_digest_begin(struct lk_digest *digest);

/* Add a number. */
void lk_digest_add(struct lk_digest *digest, uint64_t number);

/* Add `len` bytes, and their count. */
void lk_digest_bytes(struct lk_digest *digest, const void *bytes, size_t len);

#endif
