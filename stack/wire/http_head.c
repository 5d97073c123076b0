/* Heads of HTTP/1.x messages. */
#include "stack/wire/http_head.h"

#include "stack/base/error.h"
#include "stack/base/mem.h"

enum phase { PHASE_START = 0, PHASE_FIRST_FIELD, PHASE_FIELDS };

/* What an octet may be part of. */
enum { TCHAR = 1, TEXT = 2, GRAPH = 4 };

/* RFC 9110 5.6.2: tchar; 5.5: field-vchar, SP, HTAB; RFC 5234: VCHAR. */
static uint8_t class_of(uint8_t c)
{
	static const uint8_t ascii[128] = {
		['\t'] = TEXT, [' '] = TEXT, ['!'] = 7, ['"'] = 6, ['#'] = 7, ['$'] = 7, ['%'] = 7, ['&'] = 7, ['\''] = 7, ['('] = 6, [')'] = 6,
		['*'] = 7, ['+'] = 7, [','] = 6, ['-'] = 7, ['.'] = 7, ['/'] = 6, ['0'] = 7, ['1'] = 7, ['2'] = 7, ['3'] = 7, ['4'] = 7, ['5'] = 7,
		['6'] = 7, ['7'] = 7, ['8'] = 7, ['9'] = 7, [':'] = 6, [';'] = 6, ['<'] = 6, ['='] = 6, ['>'] = 6, ['?'] = 6, ['@'] = 6, ['A'] = 7,
		['B'] = 7, ['C'] = 7, ['D'] = 7, ['E'] = 7, ['F'] = 7, ['G'] = 7, ['H'] = 7, ['I'] = 7, ['J'] = 7, ['K'] = 7, ['L'] = 7, ['M'] = 7,
		['N'] = 7, ['O'] = 7, ['P'] = 7, ['Q'] = 7, ['R'] = 7, ['S'] = 7, ['T'] = 7, ['U'] = 7, ['V'] = 7, ['W'] = 7, ['X'] = 7, ['Y'] = 7,
		['Z'] = 7, ['['] = 6, ['\\'] = 6, [']'] = 6, ['^'] = 7, ['_'] = 7, ['`'] = 7, ['a'] = 7, ['b'] = 7, ['c'] = 7, ['d'] = 7, ['e'] = 7,
		['f'] = 7, ['g'] = 7, ['h'] = 7, ['i'] = 7, ['j'] = 7, ['k'] = 7, ['l'] = 7, ['m'] = 7, ['n'] = 7, ['o'] = 7, ['p'] = 7, ['q'] = 7,
		['r'] = 7, ['s'] = 7, ['t'] = 7, ['u'] = 7, ['v'] = 7, ['w'] = 7, ['x'] = 7, ['y'] = 7, ['z'] = 7, ['{'] = 6, ['|'] = 7, ['}'] = 6,
		['~'] = 7,
	};

	return c < 128 ? ascii[c] : TEXT;
}

static bool all_of(const uint8_t *bytes, size_t len, uint8_t class)
{
	for (size_t i = 0; i < len; i++) {
		if ((class_of(bytes[i]) & class) == 0) {
			return false;
		}
	}
	return true;
}

bool lk_http_is_token(const uint8_t *bytes, size_t len)
{
	return len != 0 && all_of(bytes, len, TCHAR);
}

bool lk_http_is_value(const uint8_t *bytes, size_t len)
{
	return all_of(bytes, len, TEXT);
}

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

/* ---- the lines ---- */

/* The first SP at or after `at`, or `end`. */
static uint32_t find_space(const uint8_t *bytes, uint32_t at, uint32_t end)
{
	while (at < end && bytes[at] != ' ') {
		at++;
	}
	return at;
}

/* RFC 9112 2.3: HTTP-version, case-sensitive. */
static int read_version(struct lk_http_head *head, const uint8_t *bytes, uint32_t len)
{
	if (len != 8 || !lk_memequal(bytes, "HTTP/", 5) || !is_digit(bytes[5]) || bytes[6] != '.' || !is_digit(bytes[7])) {
		return LK_E_HTTP_VERSION;
	}
	if (bytes[5] != '1') {
		return LK_E_HTTP_MAJOR;
	}
	head->minor = (uint8_t)(bytes[7] - '0');
	return 0;
}

/* RFC 9112 3: request-line = method SP request-target SP HTTP-version. */
static int read_request_line(struct lk_http_head *head, const uint8_t *bytes, uint32_t end, const struct lk_http_limits *limits)
{
	uint32_t begin = head->line;
	uint32_t first = find_space(bytes, begin, end);
	uint32_t second = first == end ? end : find_space(bytes, first + 1, end);

	if (first != end && first - begin > limits->method) {
		return LK_E_HTTP_METHOD_LONG;
	}
	if (second == end || second == first + 1 || find_space(bytes, second + 1, end) != end) {
		return LK_E_HTTP_REQUEST_LINE;
	}
	if (!lk_http_is_token(bytes + begin, first - begin)) {
		return LK_E_HTTP_METHOD;
	}
	if (!all_of(bytes + first + 1, second - first - 1, GRAPH)) {
		return LK_E_HTTP_TARGET;
	}
	head->method = (struct lk_http_span){begin, first - begin};
	head->target = (struct lk_http_span){first + 1, second - first - 1};
	return read_version(head, bytes + second + 1, end - second - 1);
}

/* RFC 9112 4: status-line = HTTP-version SP status-code SP [ reason-phrase ]. */
static int read_status_line(struct lk_http_head *head, const uint8_t *bytes, uint32_t end)
{
	uint32_t begin = head->line;
	uint32_t first = find_space(bytes, begin, end);
	const uint8_t *code = bytes + first + 1;
	int error = read_version(head, bytes + begin, first - begin);

	if (error != 0) {
		return error;
	}
	if (end - first < 5 || !is_digit(code[0]) || !is_digit(code[1]) || !is_digit(code[2]) || code[3] != ' ') {
		return LK_E_HTTP_STATUS_LINE;
	}
	head->status = (uint16_t)((code[0] - '0') * 100 + (code[1] - '0') * 10 + (code[2] - '0'));
	head->reason = (struct lk_http_span){first + 5, end - first - 5};
	return 0;
}

/* RFC 9112 5: field-line = field-name ":" OWS field-value OWS. */
static int read_field_line(const uint8_t *line, uint32_t len)
{
	uint32_t colon = 0;

	while (colon < len && line[colon] != ':') {
		colon++;
	}
	if (colon == len) {
		return LK_E_HTTP_NO_COLON;
	}
	/* RFC 9112 5.1: no whitespace is allowed between the field name and colon. */
	if (colon != 0 && is_space(line[colon - 1])) {
		return LK_E_HTTP_SPACE_COLON;
	}
	return lk_http_is_token(line, colon) ? 0 : LK_E_HTTP_FIELD_NAME;
}

/* A line of the field section that begins with whitespace. */
static int read_fold(struct lk_http_head *head, const struct lk_http_limits *limits)
{
	/* RFC 9112 2.2: whitespace between the start-line and the first field: reject. */
	if (head->phase == PHASE_FIRST_FIELD) {
		return LK_E_HTTP_FIRST_SPACE;
	}
	if (!limits->fold) {
		return LK_E_HTTP_FOLD;
	}
	head->folded = true;
	return 0;
}

static int read_start(struct lk_http_head *head, const uint8_t *bytes, uint32_t end, const struct lk_http_limits *limits)
{
	int error;

	/* RFC 9112 2.2: ignore at least one empty line received prior to the request-line. */
	if (end == head->line && head->empty < limits->empty_lines) {
		head->empty++;
		return 0;
	}
	error = head->kind == LK_HTTP_KIND_REQUEST ? read_request_line(head, bytes, end, limits) : read_status_line(head, bytes, end);
	head->phase = PHASE_FIRST_FIELD;
	head->fields.at = end + 2;
	return error;
}

/* The line from head->line to `end`. 1: it was the empty line, 0: go on, or an error. */
static int read_line(struct lk_http_head *head, const uint8_t *bytes, uint32_t end, const struct lk_http_limits *limits)
{
	int error;

	if (head->phase == PHASE_START) {
		return read_start(head, bytes, end, limits);
	}
	if (end == head->line) {
		head->fields.len = head->line - head->fields.at;
		return 1;
	}
	if (head->field_count >= limits->fields) {
		return LK_E_HTTP_FIELDS_MANY;
	}
	head->field_count++;
	error = is_space(bytes[head->line]) ? read_fold(head, limits) : read_field_line(bytes + head->line, end - head->line);
	head->phase = PHASE_FIELDS;
	return error;
}

/* ---- octets to lines ---- */

/* A limit is passed: which of them. */
static int too_long(const struct lk_http_head *head, const uint8_t *bytes, const struct lk_http_limits *limits)
{
	if (head->phase != PHASE_START) {
		return head->at - head->line >= limits->field_line ? LK_E_HTTP_LINE_LONG : LK_E_HTTP_HEAD_LONG;
	}
	if (head->kind != LK_HTTP_KIND_REQUEST) {
		return LK_E_HTTP_LINE_LONG;
	}
	/* RFC 9112 3: a method longer than any implemented: 501; a target longer than wished: 414. */
	return find_space(bytes, head->line, head->at) == head->at ? LK_E_HTTP_METHOD_LONG : LK_E_HTTP_TARGET_LONG;
}

/* Looks for the end of the line. 0: head->at stands at its CR and the LF is there; or TRUNCATED, or an error. */
static int find_line_end(struct lk_http_head *head, const uint8_t *bytes, uint32_t len, const struct lk_http_limits *limits)
{
	uint32_t line_limit = head->phase == PHASE_START ? limits->start_line : limits->field_line;
	uint32_t room = limits->head - head->line;
	uint32_t end = head->line + (room >= 2 && line_limit <= room - 2 ? line_limit : room < 2 ? 0 : room - 2);

	/* Whatever comes, the head needs two more octets. */
	if (head->at + 2 > limits->head) {
		return too_long(head, bytes, limits);
	}
	while (head->at < len) {
		uint8_t c = bytes[head->at];

		if (c == '\r') {
			if (head->at + 1 == len) {
				return LK_E_TRUNCATED;
			}
			/* RFC 9112 2.2: a bare CR is invalid. */
			return bytes[head->at + 1] == '\n' ? 0 : LK_E_HTTP_BARE_CR;
		}
		/* RFC 9112 2.2: a recipient MAY take a single LF as line terminator; here it is not. */
		if (c == '\n') {
			return LK_E_HTTP_BARE_LF;
		}
		/* RFC 9110 5.5: CR, LF and NUL are dangerous, other control characters invalid. */
		if ((class_of(c) & TEXT) == 0) {
			return LK_E_HTTP_OCTET;
		}
		if (head->at >= end) {
			return too_long(head, bytes, limits);
		}
		head->at++;
	}
	return LK_E_TRUNCATED;
}

void lk_http_head_begin(struct lk_http_head *head, enum lk_http_kind kind)
{
	lk_memset(head, 0, sizeof *head);
	head->kind = (uint8_t)kind;
	head->phase = kind == LK_HTTP_KIND_TRAILERS ? PHASE_FIRST_FIELD : PHASE_START;
}

int lk_http_head_parse(struct lk_http_head *head, const uint8_t *bytes, size_t len, const struct lk_http_limits *limits)
{
	/* Nothing behind the limit is ever looked at but the octet that passes it. */
	uint32_t most = len > (size_t)limits->head + 1 ? limits->head + 1 : (uint32_t)len;

	while (head->done == 0) {
		int error = find_line_end(head, bytes, most, limits);

		if (error == LK_E_TRUNCATED) {
			return error;
		}
		if (error == 0) {
			error = read_line(head, bytes, head->at, limits);
		}
		if (error == 0) {
			head->at += 2;
			head->line = head->at;
		} else {
			head->done = error < 0 ? error : (int32_t)(head->at + 2);
		}
	}
	return head->done;
}

void lk_http_unfold(uint8_t *fields, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++) {
		if (fields[i] == '\r' && fields[i + 1] == '\n' && is_space(fields[i + 2])) {
			fields[i] = ' ';
			fields[i + 1] = ' ';
		}
	}
}

/* ---- fields ---- */

static void trim(const uint8_t **bytes, uint32_t *len)
{
	while (*len != 0 && is_space((*bytes)[0])) {
		(*bytes)++;
		(*len)--;
	}
	while (*len != 0 && is_space((*bytes)[*len - 1])) {
		(*len)--;
	}
}

bool lk_http_field_next(const uint8_t *fields, size_t len, size_t *at, struct lk_http_field *out)
{
	size_t begin = *at;
	size_t end = begin;
	size_t colon = begin;

	while (end < len && fields[end] != '\r') {
		end++;
	}
	while (colon < end && fields[colon] != ':') {
		colon++;
	}
	if (colon == end) {
		return false;
	}
	*at = end + 2 < len ? end + 2 : len;
	*out = (struct lk_http_field){.name = fields + begin, .value = fields + colon + 1, .name_len = (uint32_t)(colon - begin), .value_len = (uint32_t)(end - colon - 1)};
	trim(&out->value, &out->value_len);
	return true;
}

static uint8_t lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

bool lk_http_is(const uint8_t *bytes, size_t len, const char *text)
{
	size_t i = 0;

	while (i < len && text[i] != 0 && lower(bytes[i]) == lower((uint8_t)text[i])) {
		i++;
	}
	return i == len && text[i] == 0;
}

bool lk_http_field_find(const uint8_t *fields, size_t len, const char *name, struct lk_http_field *out)
{
	size_t at = 0;

	while (lk_http_field_next(fields, len, &at, out)) {
		if (lk_http_is(out->name, out->name_len, name)) {
			return true;
		}
	}
	return false;
}

/* The comma that ends the element at `at`, or `len` (RFC 9110 5.6.4: quoted-string, quoted-pair). */
static size_t element_end(const uint8_t *value, size_t len, size_t at)
{
	bool quoted = false;

	for (; at < len && (quoted || value[at] != ','); at++) {
		if (quoted && value[at] == '\\' && at + 1 < len) {
			at++;
		} else if (value[at] == '"') {
			quoted = !quoted;
		}
	}
	return at;
}

bool lk_http_list_next(const uint8_t *value, size_t len, size_t *at, struct lk_http_span *out)
{
	while (*at < len) {
		size_t end = element_end(value, len, *at);
		const uint8_t *element = value + *at;
		uint32_t n = (uint32_t)(end - *at);

		*at = end < len ? end + 1 : len;
		trim(&element, &n);
		if (n != 0) {
			*out = (struct lk_http_span){(uint32_t)(element - value), n};
			return true;
		}
	}
	return false;
}

/* ---- writing ---- */

bool lk_http_fields_ok(const uint8_t *fields, size_t len)
{
	static const struct lk_http_limits any = {.field_line = INT32_MAX, .fields = UINT32_MAX, .head = INT32_MAX};
	struct lk_http_head head;

	if (len > INT32_MAX - 2) {
		return false;
	}
	lk_http_head_begin(&head, LK_HTTP_KIND_TRAILERS);
	/* Every line whole and none of them empty: then exactly all octets were read and the next line has not begun. */
	return lk_http_head_parse(&head, fields, len, &any) == LK_E_TRUNCATED && head.line == len;
}

static bool start_ok(const struct lk_http_start *in)
{
	if (in->minor > 9) {
		return false;
	}
	if (in->kind == LK_HTTP_KIND_REQUEST) {
		return lk_http_is_token(in->method, in->method_len) && in->target_len != 0 && all_of(in->target, in->target_len, GRAPH);
	}
	return in->kind == LK_HTTP_KIND_RESPONSE && in->status >= 100 && in->status <= 599 && lk_http_is_value(in->reason, in->reason_len);
}

static uint8_t *put(uint8_t *to, const void *bytes, size_t len)
{
	lk_memcpy(to, bytes, len);
	return to + len;
}

static uint8_t *put_version(uint8_t *to, uint8_t minor)
{
	to = put(to, "HTTP/1.", 7);
	*to = (uint8_t)('0' + minor);
	return to + 1;
}

static uint8_t *put_start(uint8_t *to, const struct lk_http_start *in)
{
	if (in->kind == LK_HTTP_KIND_REQUEST) {
		to = put(to, in->method, in->method_len);
		*to++ = ' ';
		to = put(to, in->target, in->target_len);
		*to++ = ' ';
		return put_version(to, in->minor);
	}
	to = put_version(to, in->minor);
	*to++ = ' ';
	*to++ = (uint8_t)('0' + in->status / 100);
	*to++ = (uint8_t)('0' + in->status / 10 % 10);
	*to++ = (uint8_t)('0' + in->status % 10);
	*to++ = ' ';
	return put(to, in->reason, in->reason_len);
}

int lk_http_head_emit(const struct lk_http_start *in, uint8_t *buf, size_t cap)
{
	uint64_t line = in->kind == LK_HTTP_KIND_REQUEST ? (uint64_t)in->method_len + in->target_len + 10 : (uint64_t)in->reason_len + 13;
	uint64_t total = line + 2 + in->fields_len + 2;
	uint8_t *to = buf;

	if (total > INT32_MAX || !start_ok(in) || !lk_http_fields_ok(in->fields, in->fields_len)) {
		return LK_E_INVALID;
	}
	if (total > cap) {
		return LK_E_NOSPACE;
	}
	to = put_start(to, in);
	to = put(to, "\r\n", 2);
	to = put(to, in->fields, in->fields_len);
	put(to, "\r\n", 2);
	return (int)total;
}

static size_t text_length(const char *text)
{
	size_t n = 0;

	while (text[n] != 0) {
		n++;
	}
	return n;
}

int lk_http_field_emit(const char *name, const uint8_t *value, size_t value_len, uint8_t *buf, size_t cap)
{
	size_t name_len = text_length(name);
	uint8_t *to = buf;

	if (name_len > INT32_MAX / 4 || value_len > INT32_MAX / 4 || !lk_http_is_token((const uint8_t *)name, name_len) || !lk_http_is_value(value, value_len)) {
		return LK_E_INVALID;
	}
	if (value_len != 0 && (is_space(value[0]) || is_space(value[value_len - 1]))) {
		return LK_E_INVALID;
	}
	if (name_len + value_len + 4 > cap) {
		return LK_E_NOSPACE;
	}
	to = put(to, name, name_len);
	to = put(to, ": ", 2);
	to = put(to, value, value_len);
	put(to, "\r\n", 2);
	return (int)(name_len + value_len + 4);
}
