/* RFC 3986 and RFC 9110 4.2: what a URL is cut into, and what is none. */
#include "stack/run/url.h"
#include "stack/base/error.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* From a block of its exact size, so that a sanitizer sees a read beyond its end. */
static int parse(const char *text, struct lk_url *out)
{
    size_t len = strlen(text) + 1;
    char *copy = malloc(len);
    memcpy(copy, text, len);
    int error = lk_url_parse(copy, out);
    free(copy);
    return error;
}

static const struct { const char *text, *host, *host_field, *target; uint16_t port; bool is_address; } sound[] = {
    {"www.google.com", "www.google.com", "www.google.com", "/", 80, false},
    {"http://www.google.com", "www.google.com", "www.google.com", "/", 80, false},
    {"http://www.google.com/", "www.google.com", "www.google.com", "/", 80, false},
    {"HTTP://WWW.Google.COM/Path", "www.google.com", "www.google.com", "/Path", 80, false},
    {"http://a:8080/x?y=z", "a", "a:8080", "/x?y=z", 8080, false},
    {"http://a:80/", "a", "a", "/", 80, false},
    {"http://a:/x", "a", "a", "/x", 80, false},
    {"http://a:65535", "a", "a:65535", "/", 65535, false},
    {"http://a:00443", "a", "a:443", "/", 443, false},
    {"http://a?q", "a", "a", "/?q", 80, false},
    {"http://a?", "a", "a", "/?", 80, false},
    {"http://a/?q?r/s", "a", "a", "/?q?r/s", 80, false},
    {"http://a/b#c", "a", "a", "/b", 80, false},
    {"http://a#c?d", "a", "a", "/", 80, false},
    {"http://a/b?c#d?e", "a", "a", "/b?c", 80, false},
    {"http://a/%41%7e", "a", "a", "/%41%7e", 80, false},
    {"http://a//b/../c", "a", "a", "//b/../c", 80, false},
    {"http://a/~u;p=1,2!$&'()*+:@", "a", "a", "/~u;p=1,2!$&'()*+:@", 80, false},
    {"localhost:8080/x", "localhost", "localhost:8080", "/x", 8080, false},
    {"a/b?c", "a", "a", "/b?c", 80, false},
    {"example.com.", "example.com.", "example.com.", "/", 80, false},
    {"xn--bcher-kva.example", "xn--bcher-kva.example", "xn--bcher-kva.example", "/", 80, false},
    {"_srv.example", "_srv.example", "_srv.example", "/", 80, false},
    {"3com.com", "3com.com", "3com.com", "/", 80, false},
    {"http://192.0.2.1/", "192.0.2.1", "192.0.2.1", "/", 80, true},
    {"192.0.2.1:81", "192.0.2.1", "192.0.2.1:81", "/", 81, true},
    {"http://0.0.0.0", "0.0.0.0", "0.0.0.0", "/", 80, true},
};

START_TEST(a_url_is_cut_into_its_parts)
{
    struct lk_url url;
    ck_assert_int_eq(parse(sound[_i].text, &url), 0);
    ck_assert_str_eq(url.host, sound[_i].host);
    ck_assert_str_eq(url.host_field, sound[_i].host_field);
    ck_assert_str_eq(url.target, sound[_i].target);
    ck_assert_uint_eq(url.port, sound[_i].port);
    ck_assert(url.is_address == sound[_i].is_address);
}
END_TEST

static const struct { const char *text; int error; } odd[] = {
    {"", LK_E_INVALID},
    {"http:", LK_E_INVALID},
    {"http:/", LK_E_INVALID},
    {"http://", LK_E_INVALID},
    {"http:///x", LK_E_INVALID},
    {"host:", LK_E_UNSUPPORTED}, /* nobody can tell it from a scheme */
    {"a:/x", LK_E_UNSUPPORTED},
    {"http:x", LK_E_INVALID}, /* no authority */
    {"https://a", LK_E_UNSUPPORTED},
    {"ftp://a", LK_E_UNSUPPORTED},
    {"mailto:a", LK_E_UNSUPPORTED},
    {"httpx://a", LK_E_UNSUPPORTED},
    {"htt://a", LK_E_UNSUPPORTED},
    {"file:///etc", LK_E_UNSUPPORTED},
    {"http://[::1]/", LK_E_UNSUPPORTED},
    {"[::1]", LK_E_UNSUPPORTED},
    {"http://user@a/", LK_E_INVALID},
    {"http://user:pw@a/", LK_E_INVALID},
    {"http://a@b", LK_E_INVALID},
    {"http://a b/", LK_E_INVALID},
    {" http://a", LK_E_INVALID},
    {"http://a/ b", LK_E_INVALID},
    {"http://a/\r\nHost: b", LK_E_INVALID},
    {"http://a\r\n", LK_E_INVALID},
    {"http://a/\x7f", LK_E_INVALID},
    {"http://a/\xc3\xa9", LK_E_INVALID},
    {"http://\xc3\xa9/", LK_E_INVALID},
    {"http://a/%", LK_E_INVALID},
    {"http://a/%4", LK_E_INVALID},
    {"http://a/%zz", LK_E_INVALID},
    {"http://a%41/", LK_E_INVALID},
    {"http://a/<b>", LK_E_INVALID},
    {"http://a/\"", LK_E_INVALID},
    {"http://a/b#c#d", LK_E_INVALID},
    {"http://a/\\b", LK_E_INVALID},
    {"http://a:0/", LK_E_INVALID},
    {"http://a:65536/", LK_E_INVALID},
    {"http://a:99999999999999999999/", LK_E_INVALID},
    {"http://a:8o/", LK_E_INVALID},
    {"http://a:-1/", LK_E_INVALID},
    {"http://a:80:80/", LK_E_INVALID},
    {"http://.a/", LK_E_INVALID},
    {"http://a..b/", LK_E_INVALID},
    {"http://./", LK_E_INVALID},
    {"http://-a/", LK_E_INVALID},
    {"http://a-/", LK_E_INVALID},
    {"http://a-.b/", LK_E_INVALID},
    {"http://1.2.3/", LK_E_INVALID},
    {"http://1.2.3.4.5/", LK_E_INVALID},
    {"http://256.1.1.1/", LK_E_INVALID},
    {"http://01.1.1.1/", LK_E_INVALID},
    {"http://1.1.1.1./", LK_E_INVALID},
    {"http://3232235777/", LK_E_INVALID},
};

START_TEST(what_is_no_url_is_refused_by_name)
{
    struct lk_url url;
    ck_assert_int_eq(parse(odd[_i].text, &url), odd[_i].error);
}
END_TEST

static void fill(char *text, const char *before, char c, size_t count)
{
    size_t n = strlen(before);
    memcpy(text, before, n);
    memset(text + n, c, count);
    text[n + count] = 0;
}

START_TEST(lengths_end_where_the_rfcs_say)
{
    struct lk_url url;
    char text[2048];
    fill(text, "http://", 'a', 63);
    ck_assert_int_eq(parse(text, &url), 0);
    fill(text, "http://", 'a', 64);
    ck_assert_int_eq(parse(text, &url), LK_E_INVALID);
    memset(text, 'a', 254);
    for (int i = 1; i < 254; i += 2)
        text[i] = '.';
    text[253] = 0; /* 127 labels: 253 characters */
    ck_assert_int_eq(parse(text, &url), 0);
    strcpy(text + 253, "b.c");
    ck_assert_int_eq(parse(text, &url), LK_E_INVALID);
    fill(text, "http://a/", 'b', sizeof url.target - 2);
    ck_assert_int_eq(parse(text, &url), 0);
    ck_assert_uint_eq(strlen(url.target), sizeof url.target - 1);
    fill(text, "http://a/", 'b', sizeof url.target - 1);
    ck_assert_int_eq(parse(text, &url), LK_E_NOSPACE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("run/url");
    TCase *tcase = tcase_create("url");
    tcase_add_loop_test(tcase, a_url_is_cut_into_its_parts, 0, (int)(sizeof sound / sizeof *sound));
    tcase_add_loop_test(tcase, what_is_no_url_is_refused_by_name, 0, (int)(sizeof odd / sizeof *odd));
    tcase_add_test(tcase, lengths_end_where_the_rfcs_say);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
