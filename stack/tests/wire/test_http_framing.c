/* Decisions of HTTP framing that the table of odd messages (conformance/tests/http) does not show: authority, path, persistence,
 * texts of errors. */
#include "stack/wire/http_framing.h"

#include <string.h>

#include "stack/base/error.h"
#include "stack/tests/support/run.h"

static const struct lk_http_limits wide = {.method = 32, .start_line = 8000, .field_line = 8000, .fields = 100, .head = 16000, .empty_lines = 1};

static struct lk_http_framing frame(const char *text)
{
	struct lk_http_framing f;
	struct lk_http_head head;

	lk_http_head_begin(&head, memcmp(text, "HTTP/", 5) == 0 ? LK_HTTP_KIND_RESPONSE : LK_HTTP_KIND_REQUEST);
	ck_assert_int_eq(lk_http_head_parse(&head, (const uint8_t *)text, strlen(text), &wide), (int)strlen(text));
	ck_assert_int_eq(lk_http_framing((const uint8_t *)text, &head, LK_HTTP_OTHER, &f), 0);
	return f;
}

static bool span_is(const char *text, struct lk_http_span span, const char *what)
{
	return span.len == strlen(what) && memcmp(text + span.at, what, span.len) == 0;
}

START_TEST(authority_and_path_come_from_the_target_or_from_host)
{
	static const struct { const char *text, *authority, *path; uint8_t form; } cases[] = {
		{"GET /x?y HTTP/1.1\r\nHost: a:1\r\n\r\n", "a:1", "/x?y", LK_HTTP_ORIGIN},
		{"GET http://b:2/x HTTP/1.1\r\nHost: a\r\n\r\n", "b:2", "/x", LK_HTTP_ABSOLUTE},
		{"GET http://b HTTP/1.1\r\nHost: a\r\n\r\n", "b", "", LK_HTTP_ABSOLUTE},
		{"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "a", "", LK_HTTP_ASTERISK},
		{"CONNECT b:443 HTTP/1.1\r\nHost: a\r\n\r\n", "b:443", "", LK_HTTP_AUTHORITY},
		{"GET / HTTP/1.0\r\n\r\n", "", "/", LK_HTTP_ORIGIN},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct lk_http_framing f = frame(cases[i].text);
		ck_assert_uint_eq(f.form, cases[i].form);
		ck_assert(span_is(cases[i].text, f.authority, cases[i].authority));
		ck_assert(span_is(cases[i].text, f.path, cases[i].path));
	}
}
END_TEST

/* RFC 9112 9.3. */
START_TEST(a_connection_persists_by_version_and_options)
{
	ck_assert(frame("GET / HTTP/1.1\r\nHost: a\r\n\r\n").persist);
	ck_assert(!frame("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").persist);
	ck_assert(!frame("GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: y, Close\r\n\r\n").persist);
	ck_assert(frame("GET / HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n").persist);
	ck_assert(!frame("GET / HTTP/1.0\r\n\r\n").persist);
	ck_assert(frame("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").persist);
	ck_assert(!frame("GET / HTTP/1.0\r\nConnection: keep-alive, close\r\n\r\n").persist);
	ck_assert(!frame("HTTP/1.1 200 OK\r\n\r\n").persist); /* delimited by the end of the connection */
	ck_assert(frame("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").persist);
}
END_TEST

START_TEST(codings_that_are_still_on_the_content_are_told)
{
	ck_assert(frame("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n").coded);
	ck_assert(!frame("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").coded);
}
END_TEST

START_TEST(methods_that_matter_are_known_by_their_exact_letters)
{
	ck_assert_int_eq(lk_http_method_of((const uint8_t *)"HEAD", 4), LK_HTTP_HEAD_METHOD);
	ck_assert_int_eq(lk_http_method_of((const uint8_t *)"CONNECT", 7), LK_HTTP_CONNECT);
	ck_assert_int_eq(lk_http_method_of((const uint8_t *)"Head", 4), LK_HTTP_OTHER);
	ck_assert_int_eq(lk_http_method_of((const uint8_t *)"HEADS", 5), LK_HTTP_OTHER);
}
END_TEST

START_TEST(every_error_of_http_has_a_status_and_a_section)
{
	for (int error = LK_E_HTTP_OCTET; error >= LK_E_HTTP_CHUNK_END; error--) {
		if (strcmp(lk_error_name(error), "LK_E_?") == 0) {
			continue;
		}
		ck_assert_uint_ge(lk_http_error_status(error), 400);
		ck_assert_uint_le(lk_http_error_status(error), 505);
		ck_assert_ptr_nonnull(strstr(lk_http_error_text(error), "(RFC "));
		ck_assert_ptr_null(strstr(lk_http_error_text(error), "malformed (RFC"));
	}
}
END_TEST

START_TEST(phrases_fall_back_to_their_class)
{
	ck_assert_str_eq(lk_http_reason(404), "Not Found");
	ck_assert_str_eq(lk_http_reason(299), "Successful");
	ck_assert_str_eq(lk_http_reason(599), "Server Error");
	ck_assert_str_eq(lk_http_reason(999), "");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {authority_and_path_come_from_the_target_or_from_host, a_connection_persists_by_version_and_options,
	                              codings_that_are_still_on_the_content_are_told, methods_that_matter_are_known_by_their_exact_letters,
	                              every_error_of_http_has_a_status_and_a_section, phrases_fall_back_to_their_class};

	return run_tests("http_framing", tests, sizeof tests / sizeof tests[0]);
}
