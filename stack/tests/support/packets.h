/* Writing packets as hex in a test: "45 00 0054 ..." to bytes in an exact-size heap block, so that ASan sees a read one
 * byte past the end. Blanks are ignored. */
#ifndef LK_TESTS_PACKETS_H
#define LK_TESTS_PACKETS_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct packet {
	uint8_t *bytes; /* free it */
	size_t len;
};

static inline uint8_t hex_digit(char c)
{
	return (uint8_t)(c <= '9' ? c - '0' : (c | 32) - 'a' + 10);
}

static inline struct packet packet_of(const char *hex)
{
	size_t digits = 0;
	struct packet p;

	for (const char *c = hex; *c != 0; c++) {
		digits += *c != ' ';
	}
	p.len = digits / 2;
	p.bytes = calloc(p.len == 0 ? 1 : p.len, 1);
	digits = 0;
	for (const char *c = hex; *c != 0; c++) {
		if (*c != ' ') {
			p.bytes[digits / 2] = (uint8_t)(p.bytes[digits / 2] << 4 | hex_digit(*c));
			digits++;
		}
	}
	return p;
}

/* The first `len` bytes, again in a block of exactly that size. */
static inline struct packet cut(struct packet p, size_t len)
{
	struct packet c = {malloc(len == 0 ? 1 : len), len};

	memcpy(c.bytes, p.bytes, len);
	return c;
}

#endif
