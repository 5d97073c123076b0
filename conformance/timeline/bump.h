/* A growing arena for what lives as long as one trace, one replay or one report: taken in pieces, freed at once.
 * Limited by a budget of bytes, so that no input can make us take the whole machine. Sanitizers see into it: a
 * byte past a piece, or of an array that has moved, is closed. */
#ifndef LK_TIMELINE_BUMP_H
#define LK_TIMELINE_BUMP_H

#include <stddef.h>
#include <stdint.h>

struct lk_bump;
/* A new one that hands out at most `budget` bytes; NULL when there is no memory. */
struct lk_bump *lk_bump_new(size_t budget);
void lk_bump_free(struct lk_bump *bump);
/* Zeroed, 16-byte aligned; NULL when the budget or the memory is used up (every caller must handle it). len 0 gives a valid pointer. */
void *lk_bump_take(struct lk_bump *bump, size_t len);
/* count * size without overflow. */
void *lk_bump_array(struct lk_bump *bump, size_t count, size_t size);
/* A copy of `len` bytes plus a zero byte. */
char *lk_bump_text(struct lk_bump *bump, const char *text, size_t len);
void *lk_bump_copy(struct lk_bump *bump, const void *bytes, size_t len);
/* printf into the arena; NULL as above. */
char *lk_bump_format(struct lk_bump *bump, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Makes room for one more element of a growing array; may move it. *capacity and the return value are the new ones; NULL as above. */
void *lk_bump_grow(struct lk_bump *bump, void *array, size_t count, size_t *capacity, size_t size);
size_t lk_bump_used(const struct lk_bump *bump);

#endif
