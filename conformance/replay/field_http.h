/* An HTTP/1.1 message at the head of a stream, read strictly (RFC 9112), held against the words of http{...}. Internal to
 * conformance/replay. */
#ifndef LK_REPLAY_FIELD_HTTP_H
#define LK_REPLAY_FIELD_HTTP_H

#include "conformance/timeline/bump.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lk_http_held {
    bool whole;              /* the message is all there, and takes `consumed` bytes */
    size_t consumed;
    const char *field, *expected, *actual; /* the first difference; field NULL: none so far */
};

/* Holds `bytes` against `words`. `ended`: nothing more will come. `held` (may be NULL) is told the name of every item that agreed. Texts live in
 * `memory`. Names: http.response.code http.request.method http.request.uri http.version http.body, http.NAME of a field line in small
 * letters, and http.grammar for what is no HTTP. */
void lk_http_hold(const char *words, const uint8_t *bytes, size_t len, bool ended, struct lk_bump *memory, struct lk_http_held *out,
                  void (*held)(void *context, const char *name), void *context);

#endif
