/* A line taken apart into words: plain ones, "texts", and blocks NAME{key=value flag ...}. For this room, and for who holds
 * something against the same words. */
#ifndef LK_COMPOSE_WORDS_H
#define LK_COMPOSE_WORDS_H

#include "conformance/timeline/bump.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_span { const char *text; size_t len; };

/* What composing one line needs; `why` is set with the first failure. */
struct lk_composer { struct lk_bump *memory; bool failed; char why[200]; };

/* Remembers why the line cannot be used. Always false. */
bool lk_compose_refuse(struct lk_composer *c, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The next word of `rest`, which then begins behind it; false at the end. A word ends at a blank outside quotes and braces. */
bool lk_word_next(struct lk_span *rest, struct lk_span *word);
/* Whether the line goes on with this word; then it is taken. */
bool lk_word_take(struct lk_span *rest, const char *word);
bool lk_span_is(struct lk_span span, const char *text);
/* The inside of NAME{...}; false for another word. */
bool lk_word_block(struct lk_span word, const char *name, struct lk_span *inside);
/* key=value or key alone (value.text NULL). */
void lk_word_pair(struct lk_span word, struct lk_span *key, struct lk_span *value);
/* Cuts at the first `mark` outside quotes: *head before it; *rest behind it, text NULL when there is none. */
void lk_span_cut(struct lk_span span, char mark, struct lk_span *head, struct lk_span *rest);

/* Values. Each refuses by name. Numbers are decimal or 0x hexadecimal. */
bool lk_word_number(struct lk_composer *c, struct lk_span key, struct lk_span value, uint64_t most, uint64_t *out);
bool lk_word_ip4(struct lk_composer *c, struct lk_span value, uint32_t *out);
bool lk_word_mac(struct lk_composer *c, struct lk_span value, uint8_t out[6]);
/* "text" with \n \r \t \" \\ \xHH, hex:0a0b, bytes:N (0, 1, 2 ... 255, 0 ...), zeros:N, letters:N (a b c ... z a ...); at most `cap` bytes. */
bool lk_word_bytes(struct lk_composer *c, struct lk_span value, uint8_t *out, size_t cap, size_t *len);
bool lk_word_is_bytes(struct lk_span word);
/* A copy with a zero at its end; NULL without memory (then failed). */
const char *lk_span_text(struct lk_composer *c, struct lk_span span);

/* Bytes being written; what does not fit makes it full. */
struct lk_paper { uint8_t *bytes; size_t len, cap; bool full; };
void lk_put8(struct lk_paper *p, uint64_t value);
void lk_put16(struct lk_paper *p, uint64_t value);
void lk_put32(struct lk_paper *p, uint64_t value);
void lk_put(struct lk_paper *p, const void *bytes, size_t len);

/* Messages carried by UDP or TCP, from the inside of their block. */
bool lk_compose_dns(struct lk_composer *c, struct lk_span inside, struct lk_paper *p);
/* The words of http{...} as a message: a response with status=, otherwise a request. */
bool lk_compose_http(struct lk_composer *c, struct lk_span inside, struct lk_paper *p);
bool lk_compose_dhcp(struct lk_composer *c, struct lk_span inside, struct lk_paper *p);

#endif
