/* The chunked transfer coding (RFC 9112 section 7.1), octet by octet in and whole chunks out.
 *
 * The reader keeps a few numbers and no text, so it may be fed one octet at a time; extensions are checked against their grammar
 * and ignored (7.1.1). It ends behind the last-chunk line: the trailer section and its empty line follow, which is a head of
 * kind LK_HTTP_KIND_TRAILERS (stack/wire/http_head.h).
 *
 * Law. What the writer wrote the reader gives back, however it is cut. */
#ifndef LK_WIRE_HTTP_CHUNK_H
#define LK_WIRE_HTTP_CHUNK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_http_chunk_limits {
	uint32_t digits;     /* of a chunk size, leading zeros too */
	uint32_t extensions; /* octets of extensions in the whole body (7.1.1: a server ought to limit their total) */
};

struct lk_http_chunk {
	uint64_t left;       /* octets of chunk data to come; while the size is read, the size so far */
	uint32_t digits, extensions;
	int32_t error;       /* what read returned when it was malformed */
	uint8_t phase;
	uint8_t zero[3];
};

void lk_http_chunk_begin(struct lk_http_chunk *chunk);

/* Reads on in `len` octets and stops behind the first run of content, behind the last-chunk line, or at the end. Returns the
 * octets used; *content, *content_len: the content among them, 0 for none. LK_E_HTTP_CHUNK_...: malformed, for good. Sizes
 * beyond 2^63 - 1 are an error whatever the limits say (RFC 9112 7.1). */
int64_t lk_http_chunk_read(struct lk_http_chunk *chunk, const uint8_t *bytes, size_t len, const struct lk_http_chunk_limits *limits, const uint8_t **content,
                           size_t *content_len);

/* Whether the last chunk has been read; what follows is the trailer section. */
bool lk_http_chunk_ended(const struct lk_http_chunk *chunk);

#define LK_HTTP_CHUNK_OVERHEAD 20 /* octets around the content of one chunk at most */

/* Writes one chunk: size, content, CRLF. A content that stands behind its size line already (lk_http_chunk_room()) is left
 * there. Octets written; LK_E_INVALID: no content, which would be the last chunk; LK_E_NOSPACE. On an error nothing is written. */
int64_t lk_http_chunk_emit(const uint8_t *content, size_t len, uint8_t *buf, size_t cap);
/* Octets of the size line for `len` octets of content. */
size_t lk_http_chunk_room(size_t len);
/* Writes the last chunk, `fields` as trailer section (lines with their CRLF; may be empty), and the empty line. LK_E_INVALID: no
 * field lines; LK_E_NOSPACE. */
int lk_http_chunk_emit_last(const uint8_t *fields, size_t len, uint8_t *buf, size_t cap);

#endif
