/* Where a message ends (RFC 9112 6.3), and what its errors are called. */
#include "stack/wire/http_framing.h"

#include "stack/base/error.h"

/* What the fields say that framing asks for, over all lines of the same name. */
struct found {
	uint32_t hosts, lengths, codings; /* field lines */
	uint64_t length;
	bool length_bad, length_differs;
	bool coding_bad, chunked, chunked_twice, unknown; /* codings before the last one count as unknown unless chunked */
	bool last_chunked;
	bool host_bad;
	bool close, keep_alive, continues, expects_more;
	struct lk_http_span host;
};

enum lk_http_method lk_http_method_of(const uint8_t *method, size_t len)
{
	/* RFC 9110 9.1: the method is case-sensitive, and these are written in capitals. */
	for (size_t i = 0; i < len; i++) {
		if (method[i] < 'A' || method[i] > 'Z') {
			return LK_HTTP_OTHER;
		}
	}
	return lk_http_is(method, len, "HEAD") ? LK_HTTP_HEAD_METHOD : lk_http_is(method, len, "CONNECT") ? LK_HTTP_CONNECT : LK_HTTP_OTHER;
}

/* ---- the fields ---- */

/* RFC 9110 8.6: Content-Length = 1*DIGIT, which must not overflow. */
static bool read_number(const uint8_t *bytes, size_t len, uint64_t *out)
{
	uint64_t n = 0;

	for (size_t i = 0; i < len; i++) {
		uint64_t digit = (uint64_t)bytes[i] - '0';

		if (digit > 9 || n > ((uint64_t)INT64_MAX - digit) / 10) {
			return false;
		}
		n = n * 10 + digit;
	}
	*out = n;
	return len != 0;
}

/* RFC 9112 6.3, 5: a list of the same valid value is that value. */
static void see_length(struct found *f, const struct lk_http_field *field)
{
	struct lk_http_span element;
	size_t at = 0;
	uint64_t n = 0;
	bool any = false;

	f->lengths++;
	while (lk_http_list_next(field->value, field->value_len, &at, &element)) {
		bool first = f->lengths == 1 && !any;

		if (!read_number(field->value + element.at, element.len, &n)) {
			f->length_bad = true;
		} else if (!first && n != f->length) {
			f->length_differs = true;
		}
		f->length = n;
		any = true;
	}
	f->length_bad |= !any;
}

/* RFC 9110 10.1.4: transfer-coding = token *( OWS ";" OWS parameter ). Returns the octets of the token, 0: malformed. */
static size_t coding_name(const uint8_t *bytes, size_t len)
{
	size_t end = 0;

	while (end < len && bytes[end] != ';' && bytes[end] != ' ' && bytes[end] != '\t') {
		end++;
	}
	return lk_http_is_token(bytes, end) ? end : 0;
}

static void see_coding(struct found *f, const struct lk_http_field *field)
{
	struct lk_http_span element;
	size_t at = 0;
	bool any = false;

	f->codings++;
	while (lk_http_list_next(field->value, field->value_len, &at, &element)) {
		size_t name = coding_name(field->value + element.at, element.len);

		/* RFC 9112 7: names are case-insensitive. */
		f->last_chunked = lk_http_is(field->value + element.at, name, "chunked");
		/* 7.1: the chunked coding does not define any parameters; their presence SHOULD be treated as an error. */
		f->coding_bad |= name == 0 || (f->last_chunked && name != element.len);
		f->chunked_twice |= f->last_chunked && f->chunked;
		f->chunked |= f->last_chunked;
		f->unknown |= !f->last_chunked;
		any = true;
	}
	f->coding_bad |= !any;
}

/* RFC 9110 7.6.1: options are case-insensitive. */
static void see_connection(struct found *f, const struct lk_http_field *field)
{
	struct lk_http_span element;
	size_t at = 0;

	while (lk_http_list_next(field->value, field->value_len, &at, &element)) {
		f->close |= lk_http_is(field->value + element.at, element.len, "close");
		f->keep_alive |= lk_http_is(field->value + element.at, element.len, "keep-alive");
	}
}

/* RFC 9110 10.1.1: expectations are case-insensitive; only 100-continue is defined. */
static void see_expect(struct found *f, const struct lk_http_field *field)
{
	struct lk_http_span element;
	size_t at = 0;

	while (lk_http_list_next(field->value, field->value_len, &at, &element)) {
		bool continues = lk_http_is(field->value + element.at, element.len, "100-continue");

		f->continues |= continues;
		f->expects_more |= !continues;
	}
}

static void see(struct found *f, const uint8_t *bytes, const struct lk_http_field *field)
{
	if (lk_http_is(field->name, field->name_len, "host")) {
		f->hosts++;
		f->host_bad |= !lk_http_host_ok(field->value, field->value_len);
		f->host = (struct lk_http_span){(uint32_t)(field->value - bytes), field->value_len};
	} else if (lk_http_is(field->name, field->name_len, "content-length")) {
		see_length(f, field);
	} else if (lk_http_is(field->name, field->name_len, "transfer-encoding")) {
		see_coding(f, field);
	} else if (lk_http_is(field->name, field->name_len, "connection")) {
		see_connection(f, field);
	} else if (lk_http_is(field->name, field->name_len, "expect")) {
		see_expect(f, field);
	}
}

static void look(struct found *f, const uint8_t *bytes, const struct lk_http_head *head)
{
	struct lk_http_field field;
	size_t at = 0;

	*f = (struct found){0};
	while (lk_http_field_next(bytes + head->fields.at, head->fields.len, &at, &field)) {
		see(f, bytes, &field);
	}
}

/* ---- the decision ---- */

/* RFC 9112 9.3: close; HTTP/1.1 or later; HTTP/1.0 with keep-alive. */
static bool persists(const struct lk_http_head *head, const struct found *f)
{
	return !f->close && (head->minor >= 1 || f->keep_alive);
}

/* RFC 9112 6.3, 3 and 5, and 6.1, for requests and responses alike. */
static int check_delimiters(const struct lk_http_head *head, const struct found *f)
{
	if (f->codings != 0) {
		/* 6.1: Transfer-Encoding in HTTP/1.0 is faulty framing, even if a Content-Length is present. */
		if (head->minor == 0) {
			return LK_E_HTTP_CODING_VERSION;
		}
		/* 6.3, 3: ought to be handled as an error. */
		if (f->lengths != 0) {
			return LK_E_HTTP_LENGTH_AND_CODING;
		}
		if (f->coding_bad) {
			return LK_E_HTTP_CODING;
		}
		return f->chunked_twice ? LK_E_HTTP_CODING_TWICE : 0;
	}
	if (f->lengths != 0 && f->length_bad) {
		return LK_E_HTTP_LENGTH;
	}
	return f->length_differs ? LK_E_HTTP_LENGTH_DIFFERS : 0;
}

/* RFC 9112 3.2: exactly one Host in HTTP/1.1, at most one in HTTP/1.0, valid in both. */
static int check_host(const struct lk_http_head *head, const struct found *f)
{
	if (f->hosts > 1) {
		return LK_E_HTTP_HOST_TWICE;
	}
	if (f->hosts == 0) {
		return head->minor >= 1 ? LK_E_HTTP_HOST_MISSING : 0;
	}
	return f->host_bad ? LK_E_HTTP_HOST : 0;
}

static int request_target(const uint8_t *bytes, const struct lk_http_head *head, const struct found *f, struct lk_http_framing *out)
{
	struct lk_http_target target;
	int error = lk_http_target_parse(bytes + head->method.at, head->method.len, bytes + head->target.at, head->target.len, &target);

	out->form = target.form;
	out->authority = f->host;
	/* 3.2.2: an origin server MUST ignore the received Host and use the host information of an absolute target. */
	if (target.form == LK_HTTP_ABSOLUTE || target.form == LK_HTTP_AUTHORITY) {
		out->authority = (struct lk_http_span){head->target.at + target.authority.at, target.authority.len};
	}
	out->path = (struct lk_http_span){head->target.at + target.path.at, target.path.len};
	return error;
}

static int request(const uint8_t *bytes, const struct lk_http_head *head, const struct found *f, struct lk_http_framing *out)
{
	int error = request_target(bytes, head, f, out);

	if (error == 0) {
		error = check_host(head, f);
	}
	if (error == 0) {
		error = check_delimiters(head, f);
	}
	if (error != 0) {
		return error;
	}
	if (f->codings != 0) {
		/* 6.3, 4: chunked is not the final encoding of a request: 400. 6.1: a coding not understood: 501. */
		if (!f->last_chunked) {
			return LK_E_HTTP_CODING_LAST;
		}
		if (f->unknown) {
			return LK_E_HTTP_CODING_UNKNOWN;
		}
		out->body = LK_HTTP_CHUNKED;
	} else if (f->length != 0) {
		out->body = LK_HTTP_LENGTH;
		out->length = f->length;
	}
	/* RFC 9110 10.1.1: in an HTTP/1.0 request the expectation MUST be ignored; without content nobody waits. */
	if (head->minor >= 1 && f->expects_more) {
		return LK_E_HTTP_EXPECT;
	}
	out->expect = head->minor >= 1 && f->continues && out->body != LK_HTTP_NO_BODY;
	return 0;
}

static int response(const struct lk_http_head *head, const struct found *f, enum lk_http_method method, struct lk_http_framing *out)
{
	uint16_t status = head->status;
	int error;

	/* 6.3, 1: always ends with its head, regardless of the fields. */
	if (method == LK_HTTP_HEAD_METHOD || (status >= 100 && status < 200) || status == 204 || status == 304) {
		return 0;
	}
	/* 6.3, 2: a tunnel; Content-Length and Transfer-Encoding MUST be ignored. */
	if (method == LK_HTTP_CONNECT && status >= 200 && status < 300) {
		out->body = LK_HTTP_TUNNEL;
		return 0;
	}
	error = check_delimiters(head, f);
	if (error != 0) {
		return error;
	}
	out->coded = f->unknown;
	if (f->last_chunked) {
		out->body = LK_HTTP_CHUNKED;
	} else if (f->lengths != 0) {
		out->body = f->length == 0 ? LK_HTTP_NO_BODY : LK_HTTP_LENGTH;
		out->length = f->length;
	} else {
		/* 6.3, 4 and 8: until the connection is closed. */
		out->body = LK_HTTP_UNTIL_CLOSE;
		out->persist = false;
	}
	return 0;
}

int lk_http_framing(const uint8_t *bytes, const struct lk_http_head *head, enum lk_http_method method, struct lk_http_framing *out)
{
	struct found f;

	look(&f, bytes, head);
	*out = (struct lk_http_framing){.persist = persists(head, &f)};
	return head->kind == LK_HTTP_KIND_REQUEST ? request(bytes, head, &f, out) : response(head, &f, method, out);
}

/* ---- names ---- */

struct error_text {
	int error;
	uint16_t status;
	const char *text;
};

static const struct error_text texts[] = {
	{LK_E_HTTP_OCTET, 400, "a control octet in the head (RFC 9110 5.5)"},
	{LK_E_HTTP_BARE_CR, 400, "a CR without LF (RFC 9112 2.2)"},
	{LK_E_HTTP_BARE_LF, 400, "a line that ends with LF alone (RFC 9112 2.2)"},
	{LK_E_HTTP_REQUEST_LINE, 400, "no request line (RFC 9112 3)"},
	{LK_E_HTTP_METHOD, 400, "the method is no token (RFC 9112 3.1)"},
	{LK_E_HTTP_TARGET, 400, "the request target has no valid form (RFC 9112 3.2)"},
	{LK_E_HTTP_VERSION, 400, "no HTTP version (RFC 9112 2.3)"},
	{LK_E_HTTP_MAJOR, 505, "not version 1 of HTTP (RFC 9110 15.6.6)"},
	{LK_E_HTTP_STATUS_LINE, 400, "no status line (RFC 9112 4)"},
	{LK_E_HTTP_FIELD_NAME, 400, "a field name that is no token (RFC 9110 5.1)"},
	{LK_E_HTTP_SPACE_COLON, 400, "whitespace before a colon (RFC 9112 5.1)"},
	{LK_E_HTTP_NO_COLON, 400, "a field line without colon (RFC 9112 5)"},
	{LK_E_HTTP_FOLD, 400, "a folded field line (RFC 9112 5.2)"},
	{LK_E_HTTP_FIRST_SPACE, 400, "whitespace before the first field (RFC 9112 2.2)"},
	{LK_E_HTTP_METHOD_LONG, 501, "the method is too long (RFC 9112 3)"},
	{LK_E_HTTP_TARGET_LONG, 414, "the request target is too long (RFC 9112 3)"},
	{LK_E_HTTP_LINE_LONG, 431, "a line of the head is too long (RFC 6585 5)"},
	{LK_E_HTTP_HEAD_LONG, 431, "the head is too long (RFC 6585 5)"},
	{LK_E_HTTP_FIELDS_MANY, 431, "too many field lines (RFC 6585 5)"},
	{LK_E_HTTP_HOST_MISSING, 400, "Host is missing (RFC 9112 3.2)"},
	{LK_E_HTTP_HOST_TWICE, 400, "more than one Host (RFC 9112 3.2)"},
	{LK_E_HTTP_HOST, 400, "Host is no host and port (RFC 9112 3.2)"},
	{LK_E_HTTP_LENGTH, 400, "Content-Length is no valid number (RFC 9112 6.3)"},
	{LK_E_HTTP_LENGTH_DIFFERS, 400, "two values of Content-Length (RFC 9112 6.3)"},
	{LK_E_HTTP_LENGTH_AND_CODING, 400, "Content-Length beside Transfer-Encoding (RFC 9112 6.3)"},
	{LK_E_HTTP_CODING, 400, "Transfer-Encoding is no list of codings (RFC 9112 6.1)"},
	{LK_E_HTTP_CODING_VERSION, 400, "Transfer-Encoding in HTTP/1.0 (RFC 9112 6.1)"},
	{LK_E_HTTP_CODING_LAST, 400, "the last transfer coding is not chunked (RFC 9112 6.3)"},
	{LK_E_HTTP_CODING_TWICE, 400, "chunked more than once (RFC 9112 6.1)"},
	{LK_E_HTTP_CODING_UNKNOWN, 501, "a transfer coding that is not implemented (RFC 9112 6.1)"},
	{LK_E_HTTP_EXPECT, 417, "an expectation other than 100-continue (RFC 9110 10.1.1)"},
	{LK_E_HTTP_CHUNK_SIZE, 400, "no chunk size (RFC 9112 7.1)"},
	{LK_E_HTTP_CHUNK_LARGE, 400, "a chunk size beyond all limits (RFC 9112 7.1)"},
	{LK_E_HTTP_CHUNK_EXTENSION, 400, "a malformed chunk extension (RFC 9112 7.1.1)"},
	{LK_E_HTTP_CHUNK_EXTENSION_LONG, 400, "chunk extensions are too long (RFC 9112 7.1.1)"},
	{LK_E_HTTP_CHUNK_END, 400, "a chunk does not end with CRLF (RFC 9112 7.1)"},
};

static const struct error_text *text_of(int error)
{
	static const struct error_text other = {0, 400, "malformed (RFC 9112 2.2)"};

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (texts[i].error == error) {
			return &texts[i];
		}
	}
	return &other;
}

uint16_t lk_http_error_status(int error)
{
	return text_of(error)->status;
}

const char *lk_http_error_text(int error)
{
	return text_of(error)->text;
}

const char *lk_http_reason(uint16_t status)
{
	static const struct { uint16_t status; const char *reason; } reasons[] = {
		{100, "Continue"}, {101, "Switching Protocols"}, {200, "OK"}, {201, "Created"}, {202, "Accepted"}, {203, "Non-Authoritative Information"},
		{204, "No Content"}, {205, "Reset Content"}, {206, "Partial Content"}, {300, "Multiple Choices"}, {301, "Moved Permanently"}, {302, "Found"},
		{303, "See Other"}, {304, "Not Modified"}, {307, "Temporary Redirect"}, {308, "Permanent Redirect"}, {400, "Bad Request"}, {401, "Unauthorized"},
		{403, "Forbidden"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {406, "Not Acceptable"}, {408, "Request Timeout"}, {409, "Conflict"},
		{410, "Gone"}, {411, "Length Required"}, {412, "Precondition Failed"}, {413, "Content Too Large"}, {414, "URI Too Long"},
		{415, "Unsupported Media Type"}, {416, "Range Not Satisfiable"}, {417, "Expectation Failed"}, {421, "Misdirected Request"},
		{422, "Unprocessable Content"}, {426, "Upgrade Required"}, {429, "Too Many Requests"}, {431, "Request Header Fields Too Large"}, {500, "Internal Server Error"},
		{501, "Not Implemented"}, {502, "Bad Gateway"}, {503, "Service Unavailable"}, {504, "Gateway Timeout"}, {505, "HTTP Version Not Supported"},
	};
	static const char *const classes[6] = {"", "Informational", "Successful", "Redirection", "Client Error", "Server Error"};

	for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++) {
		if (reasons[i].status == status) {
			return reasons[i].reason;
		}
	}
	return status / 100 < 6 ? classes[status / 100] : "";
}
