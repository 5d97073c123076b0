/* The chunked transfer coding. */
#include "stack/wire/http_chunk.h"

#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/http_head.h"

enum phase {
	SIZE_FIRST = 0, SIZE,
	BEFORE_SEMICOLON,                                        /* BWS ";" */
	NAME_FIRST, NAME, AFTER_NAME,                            /* BWS chunk-ext-name BWS */
	VALUE_FIRST, VALUE, QUOTED, QUOTED_PAIR, AFTER_QUOTED,   /* "=" BWS chunk-ext-val */
	LINE_LF, DATA, DATA_CR, DATA_LF, ENDED
};

void lk_http_chunk_begin(struct lk_http_chunk *chunk)
{
	lk_memset(chunk, 0, sizeof *chunk);
}

bool lk_http_chunk_ended(const struct lk_http_chunk *chunk)
{
	return chunk->phase == ENDED;
}

/* The value of a hex digit, or 16. */
static unsigned hex(uint8_t c)
{
	if (c >= '0' && c <= '9') {
		return (unsigned)(c - '0');
	}
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a' + 10) : 16;
}

/* RFC 9112 7.1: chunk-size = 1*HEXDIG; conversion overflows must be prevented. */
static int size_digit(struct lk_http_chunk *chunk, unsigned digit, const struct lk_http_chunk_limits *limits)
{
	if (chunk->digits >= limits->digits || chunk->left > (uint64_t)INT64_MAX >> 4) {
		return LK_E_HTTP_CHUNK_LARGE;
	}
	chunk->digits++;
	chunk->left = chunk->left << 4 | digit;
	return SIZE;
}

/* What may follow a size, a name or a value. `after`: the phase when whitespace comes. */
static int separator(uint8_t c, int after)
{
	switch (c) {
	case '\r': return LINE_LF;
	case ';': return NAME_FIRST;
	case ' ':
	case '\t': return after;
	default: return LK_E_HTTP_CHUNK_EXTENSION;
	}
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

/* Within an extension (RFC 9112 7.1.1): the next phase or an error. */
static int extension(const struct lk_http_chunk *chunk, uint8_t c)
{
	bool token = lk_http_is_token(&c, 1);

	switch (chunk->phase) {
	case BEFORE_SEMICOLON:
		return c == ';' ? NAME_FIRST : is_space(c) ? BEFORE_SEMICOLON : LK_E_HTTP_CHUNK_EXTENSION;
	case NAME_FIRST:
		return token ? NAME : is_space(c) ? NAME_FIRST : LK_E_HTTP_CHUNK_EXTENSION;
	case NAME:
		return token ? NAME : c == '=' ? VALUE_FIRST : separator(c, AFTER_NAME);
	case AFTER_NAME:
		return c == '=' ? VALUE_FIRST : c == '\r' ? LK_E_HTTP_CHUNK_EXTENSION : separator(c, AFTER_NAME);
	case VALUE_FIRST:
		return token ? VALUE : c == '"' ? QUOTED : is_space(c) ? VALUE_FIRST : LK_E_HTTP_CHUNK_EXTENSION;
	case VALUE:
		return token ? VALUE : separator(c, BEFORE_SEMICOLON);
	case QUOTED:
		return c == '"' ? AFTER_QUOTED : c == '\\' ? QUOTED_PAIR : lk_http_is_value(&c, 1) ? QUOTED : LK_E_HTTP_CHUNK_EXTENSION;
	case QUOTED_PAIR:
		return lk_http_is_value(&c, 1) ? QUOTED : LK_E_HTTP_CHUNK_EXTENSION;
	default: /* AFTER_QUOTED */
		return separator(c, BEFORE_SEMICOLON);
	}
}

/* The octet that ends the size line: data or, after size 0, the trailer section. */
static int line_end(struct lk_http_chunk *chunk, uint8_t c)
{
	if (c != '\n') {
		return LK_E_HTTP_CHUNK_SIZE;
	}
	chunk->digits = 0;
	return chunk->left == 0 ? ENDED : DATA;
}

/* One octet outside of chunk data: the next phase or an error. */
static int octet(struct lk_http_chunk *chunk, uint8_t c, const struct lk_http_chunk_limits *limits)
{
	unsigned digit = hex(c);
	int next;

	switch (chunk->phase) {
	case SIZE_FIRST:
		return digit < 16 ? size_digit(chunk, digit, limits) : LK_E_HTTP_CHUNK_SIZE;
	case SIZE:
		if (digit < 16) {
			return size_digit(chunk, digit, limits);
		}
		next = separator(c, BEFORE_SEMICOLON);
		return next < 0 ? LK_E_HTTP_CHUNK_SIZE : next;
	case LINE_LF:
		return line_end(chunk, c);
	case DATA_CR:
		return c == '\r' ? DATA_LF : LK_E_HTTP_CHUNK_END;
	case DATA_LF:
		return c == '\n' ? SIZE_FIRST : LK_E_HTTP_CHUNK_END;
	default:
		next = extension(chunk, c);
		if (next > 0 && ++chunk->extensions > limits->extensions) {
			return LK_E_HTTP_CHUNK_EXTENSION_LONG;
		}
		return next;
	}
}

int64_t lk_http_chunk_read(struct lk_http_chunk *chunk, const uint8_t *bytes, size_t len, const struct lk_http_chunk_limits *limits, const uint8_t **content,
                           size_t *content_len)
{
	size_t used = 0;

	*content = bytes;
	*content_len = 0;
	while (chunk->error == 0 && used < len && chunk->phase != ENDED) {
		int next;

		if (chunk->phase == DATA) {
			*content = bytes + used;
			*content_len = len - used < chunk->left ? len - used : (size_t)chunk->left;
			chunk->left -= *content_len;
			if (chunk->left == 0) {
				chunk->phase = DATA_CR;
			}
			return (int64_t)(used + *content_len);
		}
		next = octet(chunk, bytes[used], limits);
		if (next < 0) {
			chunk->error = next;
		} else {
			chunk->phase = (uint8_t)next;
			used++;
		}
	}
	return chunk->error != 0 ? chunk->error : (int64_t)used;
}

/* ---- writing ---- */

static size_t digits_of(size_t n)
{
	size_t digits = 1;

	while (n >> 4 != 0) {
		n >>= 4;
		digits++;
	}
	return digits;
}

size_t lk_http_chunk_room(size_t len)
{
	return digits_of(len) + 2;
}

int64_t lk_http_chunk_emit(const uint8_t *content, size_t len, uint8_t *buf, size_t cap)
{
	size_t room = lk_http_chunk_room(len);

	if (len == 0) {
		return LK_E_INVALID;
	}
	if (cap < room + 2 || cap - room - 2 < len) {
		return LK_E_NOSPACE;
	}
	if (content != buf + room) {
		lk_memmove(buf + room, content, len);
	}
	for (size_t i = room - 2, n = len; i-- > 0; n >>= 4) {
		buf[i] = (uint8_t)"0123456789abcdef"[n & 15];
	}
	lk_memcpy(buf + room - 2, "\r\n", 2);
	lk_memcpy(buf + room + len, "\r\n", 2);
	return (int64_t)(room + len + 2);
}

int lk_http_chunk_emit_last(const uint8_t *fields, size_t len, uint8_t *buf, size_t cap)
{
	if (len > INT32_MAX - 5 || !lk_http_fields_ok(fields, len)) {
		return LK_E_INVALID;
	}
	if (cap < len + 5) {
		return LK_E_NOSPACE;
	}
	lk_memmove(buf + 3, fields, len);
	lk_memcpy(buf, "0\r\n", 3);
	lk_memcpy(buf + 3 + len, "\r\n", 2);
	return (int)(len + 5);
}
