/* What every fuzz target needs: an input in a block of exactly its size, a law that aborts when it is broken, and the
 * question whether bytes that leave are initialised. */
#ifndef LK_FUZZ_LAW_H
#define LK_FUZZ_LAW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The entry point of a target (libFuzzer's name for it; fuzz/standalone.c calls it too). Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* LK_FUZZ_NO_LAWS switches them off, for the one purpose of showing that a planted fault survives without them. */
#ifdef LK_FUZZ_NO_LAWS
#define LAWS_ON false
#else
#define LAWS_ON true
#endif

/* Abort with the name of the law unless it holds. */
static inline void law(bool holds, const char *name)
{
	if (!holds && LAWS_ON) {
		fprintf(stderr, "broken law: %s\n", name);
		abort();
	}
}

/* The input again, in a heap block of exactly its size, so that ASan sees a read one byte past the end. Free it. */
static inline uint8_t *exact_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size == 0 ? 1 : size);

	law(copy != NULL, "memory for the input");
	if (size != 0) {
		memcpy(copy, data, size);
	}
	return copy;
}

/* Under MSan: die unless `len` bytes are initialised. Nothing that leaves may carry what was in memory before. */
#if defined(__has_feature)
#if __has_feature(memory_sanitizer)
#define LK_FUZZ_MSAN 1
#endif
#endif

#ifdef LK_FUZZ_MSAN
void __msan_check_mem_is_initialized(const volatile void *at, size_t len);

static inline void must_be_initialised(const uint8_t *bytes, size_t len)
{
	__msan_check_mem_is_initialized(bytes, len);
}
#else
static inline void must_be_initialised(const uint8_t *bytes, size_t len)
{
	(void)bytes;
	(void)len;
}
#endif

/* A buffer of `size` bytes for an emit function: heap, not initialised, freed by the caller. */
static inline uint8_t *blank(size_t size)
{
	uint8_t *buf = malloc(size == 0 ? 1 : size);

	law(buf != NULL, "memory for the output");
	return buf;
}

/* Two slices hold the same bytes. */
static inline bool same(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

/* Take numbers and bytes off the front of an input; zeros once it is used up. */
struct feed {
	const uint8_t *at;
	size_t left;
};

static inline uint8_t feed_8(struct feed *f)
{
	if (f->left == 0) {
		return 0;
	}
	f->left--;
	return *f->at++;
}

static inline uint16_t feed_16(struct feed *f)
{
	uint16_t high = feed_8(f);

	return (uint16_t)(high << 8 | feed_8(f));
}

static inline uint32_t feed_32(struct feed *f)
{
	uint32_t high = feed_16(f);

	return high << 16 | feed_16(f);
}

/* The next `len` bytes, or as many as are left; *got says how many. */
static inline const uint8_t *feed_bytes(struct feed *f, size_t len, size_t *got)
{
	const uint8_t *at = f->at;

	*got = len < f->left ? len : f->left;
	f->at += *got;
	f->left -= *got;
	return at;
}

#endif
