/* HTTP heads: what the table of odd messages (conformance/tests/http) does not show: fields, lists, limits, and writing. */
#include "stack/wire/http_head.h"

#include <string.h>

#include "stack/base/error.h"
#include "stack/tests/support/run.h"

static const struct lk_http_limits wide = {.method = 32, .start_line = 8000, .field_line = 8000, .fields = 100, .head = 16000, .empty_lines = 1};

static int parse(struct lk_http_head *head, enum lk_http_kind kind, const char *text, const struct lk_http_limits *limits)
{
	lk_http_head_begin(head, kind);
	return lk_http_head_parse(head, (const uint8_t *)text, strlen(text), limits);
}

static bool span_is(const char *text, struct lk_http_span span, const char *what)
{
	return span.len == strlen(what) && memcmp(text + span.at, what, span.len) == 0;
}

START_TEST(a_request_is_taken_apart)
{
	static const char text[] = "\r\nPOST /a?b HTTP/1.0\r\nHost: x\r\nY:z\r\n\r\nbody";
	struct lk_http_head head;

	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, text, &wide), (int)strlen(text) - 4);
	ck_assert(span_is(text, head.method, "POST"));
	ck_assert(span_is(text, head.target, "/a?b"));
	ck_assert(span_is(text, head.fields, "Host: x\r\nY:z\r\n"));
	ck_assert_uint_eq(head.minor, 0);
	ck_assert_uint_eq(head.field_count, 2);
	/* The answer stays. */
	ck_assert_int_eq(lk_http_head_parse(&head, (const uint8_t *)text, 3, &wide), (int)strlen(text) - 4);
}
END_TEST

START_TEST(a_response_is_taken_apart)
{
	static const char text[] = "HTTP/1.1 404 Not  Found\r\n\r\n";
	struct lk_http_head head;

	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_RESPONSE, text, &wide), (int)strlen(text));
	ck_assert_uint_eq(head.status, 404);
	ck_assert(span_is(text, head.reason, "Not  Found"));
	ck_assert_uint_eq(head.fields.len, 0);
}
END_TEST

START_TEST(each_limit_has_its_name_and_holds_to_the_octet)
{
	static const struct lk_http_limits tight = {.method = 4, .start_line = 20, .field_line = 10, .fields = 2, .head = 60, .empty_lines = 0};
	struct lk_http_head head;

	ck_assert_int_gt(parse(&head, LK_HTTP_KIND_REQUEST, "POST /67890 HTTP/1.1\r\n\r\n", &tight), 0);
	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, "POST /678901 HTTP/1.1\r\n\r\n", &tight), LK_E_HTTP_TARGET_LONG);
	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, "PATCH / HTTP/1.1\r\n\r\n", &tight), LK_E_HTTP_METHOD_LONG);
	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, "AAAAAAAAAAAAAAAAAAAAA", &tight), LK_E_HTTP_METHOD_LONG);
	ck_assert_int_gt(parse(&head, LK_HTTP_KIND_REQUEST, "GET / HTTP/1.1\r\nX: 4567890\r\n\r\n", &tight), 0);
	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, "GET / HTTP/1.1\r\nX: 45678901\r\n\r\n", &tight), LK_E_HTTP_LINE_LONG);
	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, "GET / HTTP/1.1\r\nA:\r\nB:\r\nC:\r\n\r\n", &tight), LK_E_HTTP_FIELDS_MANY);
	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, "\r\nGET / HTTP/1.1\r\n\r\n", &tight), LK_E_HTTP_REQUEST_LINE);
}
END_TEST

START_TEST(a_head_may_be_as_long_as_its_limit_and_no_longer)
{
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n";
	struct lk_http_limits limits = wide;
	struct lk_http_head head;

	limits.head = sizeof text - 1;
	ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, text, &limits), (int)limits.head);
	for (limits.head = 16; limits.head < sizeof text - 1; limits.head++) {
		ck_assert_int_eq(parse(&head, LK_HTTP_KIND_REQUEST, text, &limits), LK_E_HTTP_HEAD_LONG);
		/* With as many octets as the limit there is nothing left to wait for. */
		lk_http_head_begin(&head, LK_HTTP_KIND_REQUEST);
		ck_assert_int_eq(lk_http_head_parse(&head, (const uint8_t *)text, limits.head, &limits), LK_E_HTTP_HEAD_LONG);
	}
}
END_TEST

START_TEST(fields_are_walked_and_found_without_regard_to_case)
{
	static const uint8_t fields[] = "Host:  a b \t\r\nX:\r\nx-LONG-name:\t1:2\r\n";
	struct lk_http_field field;
	size_t at = 0;

	ck_assert(lk_http_field_next(fields, sizeof fields - 1, &at, &field));
	ck_assert(lk_http_is(field.name, field.name_len, "hOST"));
	ck_assert(field.value_len == 3 && memcmp(field.value, "a b", 3) == 0);
	ck_assert(lk_http_field_next(fields, sizeof fields - 1, &at, &field));
	ck_assert_uint_eq(field.value_len, 0);
	ck_assert(lk_http_field_find(fields, sizeof fields - 1, "X-long-Name", &field));
	ck_assert(field.value_len == 3 && memcmp(field.value, "1:2", 3) == 0);
	ck_assert(!lk_http_field_find(fields, sizeof fields - 1, "hos", &field));
	ck_assert(!lk_http_field_find(fields, sizeof fields - 1, "hosts", &field));
	ck_assert(!lk_http_field_find(NULL, 0, "host", &field));
}
END_TEST

START_TEST(a_list_is_cut_at_commas_that_are_not_quoted)
{
	static const char list[] = " , a ,b=\"x,\\\",y\",, c\t,";
	static const char *const elements[] = {"a", "b=\"x,\\\",y\"", "c"};
	struct lk_http_span element;
	size_t at = 0;

	for (size_t i = 0; i < 3; i++) {
		ck_assert(lk_http_list_next((const uint8_t *)list, sizeof list - 1, &at, &element));
		ck_assert(span_is(list, element, elements[i]));
	}
	ck_assert(!lk_http_list_next((const uint8_t *)list, sizeof list - 1, &at, &element));
}
END_TEST

START_TEST(a_fold_becomes_spaces_and_the_length_stays)
{
	uint8_t fields[] = "X: a\r\n\tb\r\nY: c\r\n";

	lk_http_unfold(fields, sizeof fields - 1);
	ck_assert_int_eq(memcmp(fields, "X: a  \tb\r\nY: c\r\n", sizeof fields - 1), 0);
}
END_TEST

static int emit(const char *method, const char *target, const char *fields, size_t cap)
{
	uint8_t buf[200];
	struct lk_http_start start = {.kind = LK_HTTP_KIND_REQUEST, .minor = 1, .method = (const uint8_t *)method, .method_len = (uint32_t)strlen(method),
	                              .target = (const uint8_t *)target, .target_len = (uint32_t)strlen(target), .fields = (const uint8_t *)fields,
	                              .fields_len = (uint32_t)strlen(fields)};
	memset(buf, 0xee, sizeof buf);
	int n = lk_http_head_emit(&start, buf, cap);
	for (size_t i = n < 0 ? 0 : (size_t)n; i < sizeof buf; i++) {
		ck_assert_uint_eq(buf[i], 0xee);
	}
	ck_assert(n < 0 || memcmp(buf, method, strlen(method)) == 0);
	return n;
}

START_TEST(what_would_be_no_head_is_not_written)
{
	ck_assert_int_eq(emit("GET", "/", "Host: a\r\n", 100), 27);
	ck_assert_int_eq(emit("GET", "/", "Host: a\r\n", 27), 27);
	ck_assert_int_eq(emit("GET", "/", "Host: a\r\n", 26), LK_E_NOSPACE);
	ck_assert_int_eq(emit("", "/", "", 100), LK_E_INVALID);
	ck_assert_int_eq(emit("G T", "/", "", 100), LK_E_INVALID);
	ck_assert_int_eq(emit("GET", "", "", 100), LK_E_INVALID);
	ck_assert_int_eq(emit("GET", "/ HTTP/1.1\r\nX: y", "", 100), LK_E_INVALID);
	ck_assert_int_eq(emit("GET", "/", "Host: a", 100), LK_E_INVALID);
	ck_assert_int_eq(emit("GET", "/", "Host: a\r\n\r\n", 100), LK_E_INVALID);
	ck_assert_int_eq(emit("GET", "/", "Host: a\n", 100), LK_E_INVALID);
	ck_assert_int_eq(emit("GET", "/", "Host: a\r\n b\r\n", 100), LK_E_INVALID);
	ck_assert_int_eq(emit("GET", "/", "Host : a\r\n", 100), LK_E_INVALID);
}
END_TEST

START_TEST(a_field_line_holds_what_a_value_may_hold)
{
	uint8_t buf[20];

	ck_assert_int_eq(lk_http_field_emit("X", (const uint8_t *)"a b", 3, buf, sizeof buf), 8);
	ck_assert_int_eq(memcmp(buf, "X: a b\r\n", 8), 0);
	ck_assert_int_eq(lk_http_field_emit("X", (const uint8_t *)"a b", 3, buf, 7), LK_E_NOSPACE);
	ck_assert_int_eq(lk_http_field_emit("X", (const uint8_t *)"a\nb", 3, buf, sizeof buf), LK_E_INVALID);
	ck_assert_int_eq(lk_http_field_emit("X", (const uint8_t *)"a\rb", 3, buf, sizeof buf), LK_E_INVALID);
	ck_assert_int_eq(lk_http_field_emit("X", (const uint8_t *)"a\0b", 3, buf, sizeof buf), LK_E_INVALID);
	ck_assert_int_eq(lk_http_field_emit("X", (const uint8_t *)" a", 2, buf, sizeof buf), LK_E_INVALID);
	ck_assert_int_eq(lk_http_field_emit("X", (const uint8_t *)"a ", 2, buf, sizeof buf), LK_E_INVALID);
	ck_assert_int_eq(lk_http_field_emit("X:", (const uint8_t *)"a", 1, buf, sizeof buf), LK_E_INVALID);
	ck_assert_int_eq(lk_http_field_emit("", (const uint8_t *)"a", 1, buf, sizeof buf), LK_E_INVALID);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_request_is_taken_apart, a_response_is_taken_apart, each_limit_has_its_name_and_holds_to_the_octet,
	                              a_head_may_be_as_long_as_its_limit_and_no_longer, fields_are_walked_and_found_without_regard_to_case,
	                              a_list_is_cut_at_commas_that_are_not_quoted, a_fold_becomes_spaces_and_the_length_stays,
	                              what_would_be_no_head_is_not_written, a_field_line_holds_what_a_value_may_hold};

	return run_tests("http_head", tests, sizeof tests / sizeof tests[0]);
}
