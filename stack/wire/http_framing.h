/* How long a message is and what becomes of the connection after it: RFC 9112 section 6.3 (message body length), 9.3
 * (persistence), 3.2 (Host), as one function of a parsed head. Strict where the RFC allows it: what could be understood in two
 * ways (RFC 9112 11.2, request smuggling) is refused. */
#ifndef LK_WIRE_HTTP_FRAMING_H
#define LK_WIRE_HTTP_FRAMING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stack/wire/http_head.h"
#include "stack/wire/http_target.h"

/* Methods that framing depends on; they are case-sensitive (RFC 9110 9.1). */
enum lk_http_method { LK_HTTP_OTHER = 0, LK_HTTP_HEAD_METHOD, LK_HTTP_CONNECT };
enum lk_http_method lk_http_method_of(const uint8_t *method, size_t len);

enum lk_http_body {
	LK_HTTP_NO_BODY = 0,   /* the message ends with its head */
	LK_HTTP_LENGTH,        /* `length` octets follow */
	LK_HTTP_CHUNKED,       /* chunked coding, stack/wire/http_chunk.h */
	LK_HTTP_UNTIL_CLOSE,   /* response: everything until the server closes */
	LK_HTTP_TUNNEL         /* 2xx to CONNECT: no longer HTTP */
};

struct lk_http_framing {
	uint8_t body;          /* enum lk_http_body */
	uint8_t form;          /* request: enum lk_http_form */
	bool persist;          /* RFC 9112 9.3: the connection may carry another message after this exchange */
	bool expect;           /* request: the client may be waiting for 100 (Continue), RFC 9110 10.1.1 */
	bool coded;            /* response: codings other than chunked were applied and are still on the content */
	uint8_t zero[3];
	uint64_t length;       /* LENGTH: 1 .. 2^63 - 1; otherwise 0 */
	struct lk_http_span authority; /* request: host and port it is for, out of an absolute target or Host; may be empty */
	struct lk_http_span path;      /* request: path and query; empty: none, or "/" in absolute form */
};

/* Decides from a head that was parsed, and unfolded where it was folded. `bytes` are those it was parsed from; `method` is that
 * of the request a response answers (a request has its own). 0, or a named error, LK_E_HTTP_HOST_MISSING to LK_E_HTTP_EXPECT or
 * LK_E_HTTP_TARGET: the message cannot be delimited or must not be, the connection has to end. */
int lk_http_framing(const uint8_t *bytes, const struct lk_http_head *head, enum lk_http_method method, struct lk_http_framing *out);

/* The status with which a server answers an error of head, framing or chunked coding: 400, 414, 417, 431, 501, 505. */
uint16_t lk_http_error_status(int error);
/* The same in words, with the section that was broken: "Host is missing (RFC 9112 3.2)". Never NULL. */
const char *lk_http_error_text(int error);
/* The usual phrase of a status (RFC 9110 15); for others that of its class. */
const char *lk_http_reason(uint16_t status);

#endif
