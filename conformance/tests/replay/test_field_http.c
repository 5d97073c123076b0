/* HTTP messages held against words: what agrees, what does not by its name, and what is no HTTP. */
#include "conformance/replay/field_http.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct lk_bump *bump;
static struct lk_http_held held;

static void hold(const char *words, const char *message, bool ended)
{
    lk_http_hold(words, (const uint8_t *)message, strlen(message), ended, bump, &held, NULL, NULL);
}

#define OK "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello"

static const struct { const char *words, *message, *field; bool ended; } differ[] = {
    {"status=404", OK, "http.response.code", false},
    {"status=4xx", OK, "http.response.code", false},
    {"version=1.0", OK, "http.version", false},
    {"status=200 field=X:z", OK, "http.x", false},
    {"status=200 field=Date", OK, "http.date", false},
    {"status=200 nofield=x", OK, "http.x", false},
    {"status=200 length=6", OK, "http.content-length", false},
    {"status=200 body=\"hallo\"", OK, "http.body", false},
    {"status=200 chunked", OK, "http.transfer-encoding", false},
    {"method=PUT", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "http.request.method", false},
    {"method=GET target=/a", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "http.request.uri", false},
    {"status=200", "HTTP/1.1 200 OK\nX: y\n\n", "http.grammar", false},
    {"status=200", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "http.grammar", false},
    {"status=200", "HTTP/1.1 20 OK\r\n\r\n", "http.grammar", false},
    {"status=200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\nhello", "http.grammar", false},
    {"status=200", "HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\nhello", "http.grammar", false},
    {"status=200", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "http.grammar", false},
    {"status=200", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloX\r\n0\r\n\r\n", "http.grammar", false},
    {"status=200", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\ng\r\n", "http.grammar", false},
};

START_TEST(each_difference_has_its_name)
{
    hold(differ[_i].words, differ[_i].message, differ[_i].ended);
    ck_assert_msg(held.field != NULL, "\"%s\" holds", differ[_i].words);
    ck_assert_str_eq(held.field, differ[_i].field);
}
END_TEST

static const struct { const char *words, *message; size_t consumed; bool ended; } agree[] = {
    {"status=200 length=5 body=\"hello\" field=x:y nofield=Date version=1.1", OK "rest", sizeof OK - 1, false},
    {"status=2xx head field=Content-Length:5", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 38, false},
    {"status=204", "HTTP/1.1 204 \r\n\r\nmore", 17, false},
    {"status=200 chunked body=\"hello!\"", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nT: r\r\n\r\n", 78, false},
    {"status=200 body=\"to the end\"", "HTTP/1.0 200 OK\r\n\r\nto the end", 29, true},
    {"method=GET target=/ field=\"Host: a\"", "GET / HTTP/1.1\r\nHost:  a \r\n\r\nGET", 29, false},
};

START_TEST(what_agrees_is_taken_whole)
{
    hold(agree[_i].words, agree[_i].message, agree[_i].ended);
    ck_assert_msg(held.field == NULL && held.whole, "\"%s\": %s", agree[_i].words, held.field == NULL ? "not whole" : held.field);
    ck_assert_uint_eq(held.consumed, agree[_i].consumed);
}
END_TEST

START_TEST(a_part_of_a_message_is_neither)
{
    for (size_t len = 0; len + 1 < sizeof OK; len++) {
        char part[sizeof OK] = "";
        memcpy(part, OK, len);
        hold("status=404", part, false);
        ck_assert(!held.whole && held.field == NULL);
    }
    hold("status=200", "HTTP/1.0 200 OK\r\n\r\nuntil", false);
    ck_assert(!held.whole && held.field == NULL);
}
END_TEST

static void setup(void)
{
    bump = lk_bump_new(1u << 22);
}

static void teardown(void)
{
    lk_bump_free(bump);
}

int main(void)
{
    Suite *suite = suite_create("replay/field_http");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_loop_test(all, each_difference_has_its_name, 0, (int)(sizeof differ / sizeof differ[0]));
    tcase_add_loop_test(all, what_agrees_is_taken_whole, 0, (int)(sizeof agree / sizeof agree[0]));
    tcase_add_test(all, a_part_of_a_message_is_neither);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
