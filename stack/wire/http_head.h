/* Heads of HTTP/1.x messages (RFC 9112 sections 2 to 5): request line or status line, field lines, empty line; and trailer
 * sections, which are a head without a start line.
 *
 * Reading is incremental: the state below holds how far it got as distances from the first octet, so the caller may give the
 * same octets again with more behind them, wherever they lie by then. Every octet is looked at once. The verdict does not
 * depend on how the octets were cut, because each error is found at one certain octet: a bad octet where it stands, the
 * structure of a line where the line ends, a limit where it is passed.
 *
 * Where RFC 9112 leaves a choice, reading is strict: a line ends with CRLF and nothing else (2.2), the parts of a start line
 * are separated by one SP (3, 4), folded lines are an error in requests (5.2). What is left open is in the limits.
 *
 * Laws. Canonical is a head without empty lines before it. parse(emit(x)) = x for every x that emit takes;
 * emit(parse(b)) = b for every canonical b without folds. */
#ifndef LK_WIRE_HTTP_HEAD_H
#define LK_WIRE_HTTP_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lk_http_kind { LK_HTTP_KIND_REQUEST = 0, LK_HTTP_KIND_RESPONSE, LK_HTTP_KIND_TRAILERS };

/* Octets, without the CRLF where a line is meant. */
struct lk_http_limits {
	uint32_t method;      /* of a method */
	uint32_t start_line;  /* of a request or status line; RFC 9112 3 recommends at least 8000 */
	uint32_t field_line;  /* of one field line, or of each line of a folded one */
	uint32_t fields;      /* lines */
	uint32_t head;        /* everything from the start line to the empty line, and empty lines before it; at most 2^31 - 1 */
	uint32_t empty_lines; /* before the start line that are ignored (RFC 9112 2.2: a server SHOULD ignore at least one) */
	bool fold;            /* folded lines are taken (a user agent must, RFC 9112 5.2); otherwise LK_E_HTTP_FOLD */
};

/* A piece of the head: distance from the first octet given, and octets. */
struct lk_http_span {
	uint32_t at;
	uint32_t len;
};

struct lk_http_head {
	uint8_t kind;               /* enum lk_http_kind */
	uint8_t minor;              /* of the version: 1 for HTTP/1.1 */
	uint16_t status;            /* response: 0 .. 999, as it stands there */
	struct lk_http_span method; /* request */
	struct lk_http_span target; /* request; its form is checked by lk_http_framing() */
	struct lk_http_span reason; /* response; may be empty */
	struct lk_http_span fields; /* the field lines, each with its CRLF */
	uint32_t field_count;
	uint32_t line, at;          /* how far reading got: where the line begins, the next octet */
	uint32_t empty;             /* empty lines skipped */
	int32_t done;               /* what parse returned when it ended; 0: it has not */
	uint8_t phase;
	bool folded;                /* fields hold a fold: lk_http_unfold() before they are looked at */
	uint8_t zero[2];
};

/* Sets *head to the beginning of a head of that kind. */
void lk_http_head_begin(struct lk_http_head *head, enum lk_http_kind kind);

/* Goes on reading. `bytes` begins with the octets of the calls before. Returns the octets of the head, its empty line
 * included; LK_E_TRUNCATED: more are needed, at most limits->head in all; LK_E_HTTP_...: malformed, for good.
 * Called again after the end it returns the same. */
int lk_http_head_parse(struct lk_http_head *head, const uint8_t *bytes, size_t len, const struct lk_http_limits *limits);

/* Replaces every fold in `len` octets of a field section by spaces (RFC 9112 5.2), in place; the length stays. */
void lk_http_unfold(uint8_t *fields, size_t len);

/* ---- fields ---- */

/* Borrowed from the section. The value is without whitespace around it (RFC 9112 5.1). */
struct lk_http_field {
	const uint8_t *name, *value;
	uint32_t name_len, value_len;
};

/* The field line at *at of a section that was parsed, and *at to the next one. Begin with *at = 0. False: no more. Bounded by
 * `len` whatever the octets are. */
bool lk_http_field_next(const uint8_t *fields, size_t len, size_t *at, struct lk_http_field *out);
/* The first field of that name. */
bool lk_http_field_find(const uint8_t *fields, size_t len, const char *name, struct lk_http_field *out);
/* Whether `len` octets are `text` but for the case of letters. */
bool lk_http_is(const uint8_t *bytes, size_t len, const char *text);

/* The next element of a comma-separated list (RFC 9110 5.6.1), without whitespace around it; commas in quoted strings do not
 * count, empty elements are skipped (5.6.1.2). *at as above. */
bool lk_http_list_next(const uint8_t *value, size_t len, size_t *at, struct lk_http_span *out);

/* Octet classes. */
bool lk_http_is_token(const uint8_t *bytes, size_t len);  /* 1*tchar, RFC 9110 5.6.2 */
bool lk_http_is_value(const uint8_t *bytes, size_t len);  /* HTAB, SP, VCHAR, obs-text: what a value or phrase may hold */

/* ---- writing ---- */

struct lk_http_start {
	uint8_t kind;
	uint8_t minor;      /* 0 .. 9 */
	uint16_t status;    /* response: 100 .. 599 */
	const uint8_t *method, *target; /* request */
	const uint8_t *reason;          /* response; may be empty, its space is written all the same (RFC 9112 4) */
	const uint8_t *fields;          /* lines, each with its CRLF; the empty line is not part of it */
	uint32_t method_len, target_len, reason_len, fields_len;
};

/* Writes start line, fields and empty line. Returns octets written. LK_E_INVALID: a part holds what its grammar does not allow
 * (so no CR, LF or NUL can be smuggled in); LK_E_NOSPACE. On an error nothing is written. */
int lk_http_head_emit(const struct lk_http_start *in, uint8_t *buf, size_t cap);

/* Writes one field line with its CRLF; errors as above. The value may not begin or end with whitespace. */
int lk_http_field_emit(const char *name, const uint8_t *value, size_t value_len, uint8_t *buf, size_t cap);

/* Whether `len` octets are field lines as emit takes them: no fold, each line whole with its CRLF. */
bool lk_http_fields_ok(const uint8_t *fields, size_t len);

#endif
