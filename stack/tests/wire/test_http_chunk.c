/* The chunked coding: what the writer writes, and the reader's answers call by call. */
#include "stack/wire/http_chunk.h"

#include <string.h>

#include "stack/base/error.h"
#include "stack/tests/support/run.h"

static const struct lk_http_chunk_limits limits = {.digits = 16, .extensions = 100};

START_TEST(a_chunk_is_written_around_its_content)
{
	uint8_t buf[100];

	ck_assert_int_eq(lk_http_chunk_emit((const uint8_t *)"hello", 5, buf, sizeof buf), 10);
	ck_assert_int_eq(memcmp(buf, "5\r\nhello\r\n", 10), 0);
	ck_assert_int_eq(lk_http_chunk_emit((const uint8_t *)"hello", 5, buf, 9), LK_E_NOSPACE);
	ck_assert_int_eq(lk_http_chunk_emit((const uint8_t *)"", 0, buf, sizeof buf), LK_E_INVALID);
	/* In place. */
	memset(buf, 'x', sizeof buf);
	ck_assert_uint_eq(lk_http_chunk_room(17), 4);
	ck_assert_int_eq(lk_http_chunk_emit(buf + 4, 17, buf, sizeof buf), 23);
	ck_assert_int_eq(memcmp(buf, "11\r\nxxxxxxxxxxxxxxxxx\r\n", 23), 0);
}
END_TEST

START_TEST(the_last_chunk_takes_field_lines_and_nothing_else)
{
	uint8_t buf[100];

	ck_assert_int_eq(lk_http_chunk_emit_last(NULL, 0, buf, sizeof buf), 5);
	ck_assert_int_eq(memcmp(buf, "0\r\n\r\n", 5), 0);
	ck_assert_int_eq(lk_http_chunk_emit_last((const uint8_t *)"X: y\r\n", 6, buf, sizeof buf), 11);
	ck_assert_int_eq(memcmp(buf, "0\r\nX: y\r\n\r\n", 11), 0);
	ck_assert_int_eq(lk_http_chunk_emit_last((const uint8_t *)"X: y", 4, buf, sizeof buf), LK_E_INVALID);
	ck_assert_int_eq(lk_http_chunk_emit_last((const uint8_t *)"\r\nGET / HTTP/1.1\r\n", 18, buf, sizeof buf), LK_E_INVALID);
	ck_assert_int_eq(lk_http_chunk_emit_last(NULL, 0, buf, 4), LK_E_NOSPACE);
}
END_TEST

START_TEST(each_run_of_content_is_handed_out_where_it_lies)
{
	static const uint8_t text[] = "3;a=\"b\"\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n";
	struct lk_http_chunk chunk;
	const uint8_t *content;
	size_t len, at;

	lk_http_chunk_begin(&chunk);
	at = (size_t)lk_http_chunk_read(&chunk, text, sizeof text - 1, &limits, &content, &len);
	ck_assert(at == 12 && content == text + 9 && len == 3);
	at += (size_t)lk_http_chunk_read(&chunk, text + at, sizeof text - 1 - at, &limits, &content, &len);
	ck_assert(content == text + 17 && len == 2);
	at += (size_t)lk_http_chunk_read(&chunk, text + at, sizeof text - 1 - at, &limits, &content, &len);
	ck_assert_uint_eq(len, 0);
	ck_assert(lk_http_chunk_ended(&chunk));
	ck_assert_int_eq(memcmp(text + at, "X: y\r\n\r\n", 8), 0);
	/* Behind the end nothing is used. */
	ck_assert_int_eq(lk_http_chunk_read(&chunk, text + at, 8, &limits, &content, &len), 0);
}
END_TEST

START_TEST(what_was_malformed_stays_so)
{
	struct lk_http_chunk chunk;
	const uint8_t *content;
	size_t len;

	lk_http_chunk_begin(&chunk);
	ck_assert_int_eq(lk_http_chunk_read(&chunk, (const uint8_t *)"5g", 2, &limits, &content, &len), LK_E_HTTP_CHUNK_SIZE);
	ck_assert_int_eq(lk_http_chunk_read(&chunk, (const uint8_t *)"5\r\n", 3, &limits, &content, &len), LK_E_HTTP_CHUNK_SIZE);
}
END_TEST

START_TEST(the_largest_size_is_2_63_less_one)
{
	struct lk_http_chunk chunk;
	const uint8_t *content;
	size_t len;

	lk_http_chunk_begin(&chunk);
	ck_assert_int_eq(lk_http_chunk_read(&chunk, (const uint8_t *)"7fffffffffffffff\r\n", 18, &limits, &content, &len), 18);
	ck_assert_uint_eq(chunk.left, INT64_MAX);
	lk_http_chunk_begin(&chunk);
	ck_assert_int_eq(lk_http_chunk_read(&chunk, (const uint8_t *)"8000000000000000\r\n", 18, &limits, &content, &len), LK_E_HTTP_CHUNK_LARGE);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {a_chunk_is_written_around_its_content, the_last_chunk_takes_field_lines_and_nothing_else,
	                              each_run_of_content_is_handed_out_where_it_lies, what_was_malformed_stays_so, the_largest_size_is_2_63_less_one};

	return run_tests("http_chunk", tests, sizeof tests / sizeof tests[0]);
}
