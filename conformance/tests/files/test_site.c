/* What a folder answers: the right file, and never one outside of the folder. */
#define _GNU_SOURCE
#include "conformance/files/site.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NOW 1700000000      /* Tue, 14 Nov 2023 22:13:20 GMT */
#define MODIFIED 1600000000 /* Sun, 13 Sep 2020 12:26:40 GMT */

static char base[] = "/tmp/lockstep-site-XXXXXX";
static struct lk_site *site;
static struct lk_site_answer answer;
static struct lk_fault fault;

static void make(const char *name, const char *text)
{
    char path[256];
    snprintf(path, sizeof path, "%s/%s", base, name);
    FILE *file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    struct timespec times[2] = {{.tv_sec = MODIFIED}, {.tv_sec = MODIFIED}};
    ck_assert_int_eq(utimensat(AT_FDCWD, path, times, 0), 0);
}

static void setup(void)
{
    char path[256];
    ck_assert_ptr_nonnull(mkdtemp(base));
    snprintf(path, sizeof path, "%s/www", base);
    mkdir(path, 0755);
    ck_assert_int_eq(chdir(base), 0);
    mkdir("www/folder", 0755);
    mkdir("www/odd <&> name", 0755);
    mkdir("www/home", 0755);
    mkdir("www/..up", 0755);
    mkdir("out", 0755);
    make("secret.txt", "secret");
    make("out/secret.txt", "secret");
    make("www/a.txt", "0123456789");
    make("www/.hidden", "secret");
    make("www/empty.bin", "");
    make("www/folder/b.html", "<p>b");
    make("www/home/index.html", "<p>home");
    make("www/odd <&> name/100%.css", "p{}");
    make("www/closed.txt", "secret");
    ck_assert_int_eq(chmod("www/closed.txt", 0), 0);
    ck_assert_int_eq(symlink("../secret.txt", "www/link.txt"), 0);
    ck_assert_int_eq(symlink("../out", "www/link"), 0);
    ck_assert_int_eq(symlink("a.txt", "www/inside.txt"), 0);
    ck_assert_int_eq(mkfifo("www/pipe", 0644), 0);
    site = lk_site_open("www", &fault);
    ck_assert_msg(site != NULL, "%s", fault.text);
}

static void teardown(void)
{
    char command[300];
    lk_site_close(site);
    snprintf(command, sizeof command, "rm -rf '%s'", base);
    ck_assert_int_eq(system(command), 0);
}

static uint16_t ask(const char *method, const char *target, const char *fields)
{
    struct lk_site_request request = {method, target, fields, strlen(method), strlen(target), strlen(fields)};
    lk_site_answer(site, &request, NOW, &answer);
    return answer.status;
}

static const char *content(void)
{
    static char bytes[20000];
    int64_t at = 0, got;
    while ((got = lk_site_read(&answer, (uint64_t)at, bytes + at, 7)) > 0)
        at += got;
    ck_assert_int_eq(got, 0);
    ck_assert_uint_eq((uint64_t)at, answer.length);
    bytes[at] = 0;
    lk_site_done(&answer);
    return bytes;
}

START_TEST(a_file_is_given_with_its_type_and_date)
{
    ck_assert_uint_eq(ask("GET", "/a.txt", ""), 200);
    ck_assert_str_eq(answer.fields, "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\nLast-Modified: Sun, 13 Sep 2020 12:26:40 GMT\r\nAccept-Ranges: bytes\r\n"
                                    "Content-Type: text/plain; charset=utf-8\r\n");
    ck_assert(!answer.empty);
    ck_assert_str_eq(content(), "0123456789");
    ck_assert_uint_eq(ask("GET", "/a.txt?query=/../x", ""), 200);
    ck_assert_str_eq(content(), "0123456789");
    ck_assert_uint_eq(ask("GET", "http://example.com:80/a.txt", ""), 200);
    ck_assert_str_eq(content(), "0123456789");
    ck_assert_uint_eq(ask("GET", "/odd%20%3c%26%3E%20name/100%25.css", ""), 200);
    ck_assert_ptr_nonnull(strstr(answer.fields, "Content-Type: text/css; charset=utf-8\r\n"));
    ck_assert_str_eq(content(), "p{}");
    ck_assert_uint_eq(ask("GET", "/empty.bin", ""), 200);
    ck_assert_str_eq(content(), "");
    ck_assert_uint_eq(ask("GET", "//folder//./b.html", ""), 200);
    ck_assert_str_eq(content(), "<p>b");
}
END_TEST

START_TEST(head_says_what_get_would_and_gives_nothing)
{
    ck_assert_uint_eq(ask("HEAD", "/a.txt", "Range: bytes=1-2\r\n"), 200);
    ck_assert(answer.empty);
    ck_assert_uint_eq(answer.length, 10);
    lk_site_done(&answer);
}
END_TEST

static const struct { const char *target; uint16_t status; } refused[] = {
    {"/../secret.txt", 404}, {"/%2e%2e/secret.txt", 404}, {"/%2E./secret.txt", 404}, {"/folder/../../secret.txt", 404}, {"/folder/../a.txt", 404},
    {"/..%2fsecret.txt", 404}, {"/folder%2f..%2f..%2fsecret.txt", 404}, {"/folder%2fb.html", 404}, {"/..%5csecret.txt", 404}, {"/..;/secret.txt", 404},
    {"/link.txt", 404}, {"/link/secret.txt", 404}, {"/link/", 404}, {"/link", 404}, {"/inside.txt", 404}, {"/.hidden", 404}, {"/%2ehidden", 404}, {"/..up/", 404}, {"/..up", 404},
    {"/pipe", 404}, {"/nothing", 404}, {"/a.txt/", 404}, {"/a.txt/b", 404}, {"/a.txt%00.html", 400}, {"/a.txt%", 400}, {"/a.txt%4", 400}, {"/%zz", 400},
    {"a.txt", 400}, {"*", 400}, {"", 400}, {"//../secret.txt", 404}, {"http://x/../secret.txt", 404}, {"/./../secret.txt", 404}, {"/.../secret.txt", 404},
};

START_TEST(nothing_outside_is_given)
{
    ck_assert_uint_eq(ask("GET", refused[_i].target, ""), refused[_i].status);
    ck_assert_ptr_null(strstr(content(), "secret"));
}
END_TEST

START_TEST(a_file_that_may_not_be_read_is_forbidden)
{
    if (geteuid() == 0)
        ck_assert_int_eq(setegid(65534) | seteuid(65534), 0);
    ck_assert_int_eq(access("www", X_OK) == 0 ? 0 : chmod(base, 0755), 0);
    ck_assert_uint_eq(ask("GET", "/closed.txt", ""), 403);
    ck_assert_ptr_null(strstr(content(), "secret"));
    if (getuid() == 0)
        ck_assert_int_eq(seteuid(0) | setegid(0), 0);
}
END_TEST

START_TEST(a_long_path_is_no_file)
{
    char path[70000];
    memset(path, 'x', sizeof path);
    path[0] = '/', path[300] = 0;
    ck_assert_uint_eq(ask("GET", path, ""), 404);
    lk_site_done(&answer);
    for (size_t i = 0; i + 1 < sizeof path; i++)
        path[i] = i % 2 == 0 ? '/' : '.';
    path[sizeof path - 1] = 0;
    ck_assert_uint_eq(ask("GET", path, ""), 200); /* the folder itself, as often as it is named */
    lk_site_done(&answer);
}
END_TEST

START_TEST(a_folder_is_its_index_or_a_list)
{
    ck_assert_uint_eq(ask("GET", "/home/", ""), 200);
    ck_assert_str_eq(content(), "<p>home");
    ck_assert_uint_eq(ask("GET", "/home", ""), 301);
    ck_assert_ptr_nonnull(strstr(answer.fields, "Location: /home/\r\n"));
    lk_site_done(&answer);
    ck_assert_uint_eq(ask("GET", "///home", ""), 301);
    ck_assert_ptr_nonnull(strstr(answer.fields, "Location: /home/\r\n")); /* not to the host "home" */
    lk_site_done(&answer);
    ck_assert_uint_eq(ask("GET", "/", ""), 200);
    const char *page = content();
    ck_assert_ptr_nonnull(strstr(page, "<a href=\"folder/\">folder/</a>"));
    ck_assert_ptr_nonnull(strstr(page, "<a href=\"odd%20%3C%26%3E%20name/\">odd &lt;&amp;&gt; name/</a>"));
    ck_assert_ptr_nonnull(strstr(page, "<a href=\"a.txt\">a.txt</a><td>10"));
    ck_assert_ptr_null(strstr(page, "hidden"));
    ck_assert_ptr_null(strstr(page, "link"));
    ck_assert_ptr_null(strstr(page, "pipe"));
    ck_assert_ptr_null(strstr(page, "../"));
    ck_assert_uint_eq(ask("GET", "/folder/", ""), 200);
    ck_assert_ptr_nonnull(strstr(content(), "<a href=\"../\">"));
}
END_TEST

static const struct { const char *range; uint16_t status; const char *line, *content; } ranges[] = {
    {"bytes=0-0", 206, "0-0/10", "0"}, {"bytes=2-4", 206, "2-4/10", "234"}, {"bytes=7-", 206, "7-9/10", "789"}, {"bytes=-3", 206, "7-9/10", "789"},
    {"bytes=-20", 206, "0-9/10", "0123456789"}, {"bytes=5-100", 206, "5-9/10", "56789"}, {"bytes=10-", 416, "*/10", NULL}, {"bytes=-0", 416, "*/10", NULL},
    {"bytes=4-2", 200, NULL, "0123456789"}, {"bytes=0-1,3-4", 200, NULL, "0123456789"}, {"bytes=", 200, NULL, "0123456789"}, {"bytes=-", 200, NULL, "0123456789"},
    {"bytes=a-b", 200, NULL, "0123456789"}, {"lines=0-1", 200, NULL, "0123456789"}, {"bytes=0-99999999999999999999999", 200, NULL, "0123456789"}, {"b", 200, NULL, "0123456789"},
};

START_TEST(one_range_is_given)
{
    char line[100];
    snprintf(line, sizeof line, "Host: x\r\nrange:\t%s \r\n", ranges[_i].range);
    ck_assert_uint_eq(ask("GET", "/a.txt", line), ranges[_i].status);
    snprintf(line, sizeof line, "Content-Range: bytes %s\r\n", ranges[_i].line == NULL ? "" : ranges[_i].line);
    ck_assert_int_eq(strstr(answer.fields, line) != NULL, ranges[_i].line != NULL);
    if (ranges[_i].content != NULL)
        ck_assert_str_eq(content(), ranges[_i].content);
    lk_site_done(&answer);
}
END_TEST

static const struct { const char *fields; uint16_t status; } conditions[] = {
    {"If-Modified-Since: Sun, 13 Sep 2020 12:26:40 GMT\r\n", 304}, {"If-Modified-Since: Sun, 13 Sep 2020 12:26:39 GMT\r\n", 200},
    {"If-Modified-Since: Sunday, 13-Sep-20 12:26:40 GMT\r\n", 304}, {"If-Modified-Since: Sun Sep 13 12:26:41 2020\r\n", 304},
    {"If-Modified-Since: yesterday\r\n", 200}, {"If-Modified-Since: \r\n", 200},
    {"If-Modified-Since: Sun, 13 Sep 2020 12:26:40 GMT\r\nIf-Modified-Since: Sun, 13 Sep 2020 12:26:40 GMT\r\n", 200},
    {"If-Modified-Since: Sun, 13 Sep 2020 12:26:40 GMT\r\nIf-None-Match: \"x\"\r\n", 200},
    {"Range: bytes=1-2\r\nIf-Range: Sun, 13 Sep 2020 12:26:40 GMT\r\n", 206}, {"Range: bytes=1-2\r\nIf-Range: Sun, 13 Sep 2020 12:26:39 GMT\r\n", 200},
    {"Range: bytes=1-2\r\nIf-Range: \"x\"\r\n", 200},
};

START_TEST(conditions_are_kept)
{
    ck_assert_uint_eq(ask("GET", "/a.txt", conditions[_i].fields), conditions[_i].status);
    ck_assert_int_eq(answer.empty, conditions[_i].status == 304);
    if (answer.status == 200)
        ck_assert_uint_eq(answer.length, 10);
    lk_site_done(&answer);
}
END_TEST

START_TEST(other_methods_are_not_allowed)
{
    ck_assert_uint_eq(ask("POST", "/a.txt", ""), 405);
    ck_assert_ptr_nonnull(strstr(answer.fields, "Allow: GET, HEAD\r\n"));
    lk_site_done(&answer);
    ck_assert_uint_eq(ask("get", "/a.txt", ""), 405); /* RFC 9110 9.1: case-sensitive */
    lk_site_done(&answer);
}
END_TEST

START_TEST(a_file_that_shrinks_cannot_be_finished)
{
    char bytes[8];
    ck_assert_uint_eq(ask("GET", "/a.txt", ""), 200);
    ck_assert_int_eq(truncate("www/a.txt", 4), 0);
    ck_assert_int_eq(lk_site_read(&answer, 0, bytes, sizeof bytes), 4);
    ck_assert_int_eq(lk_site_read(&answer, 4, bytes, sizeof bytes), -1);
    lk_site_done(&answer);
}
END_TEST

START_TEST(no_folder_no_site)
{
    ck_assert_ptr_null(lk_site_open("www/a.txt", &fault));
    ck_assert_str_eq(fault.text, "www/a.txt: Not a directory");
    ck_assert_ptr_null(lk_site_open("nosuch", &fault));
    ck_assert_str_eq(fault.text, "nosuch: No such file or directory");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("site");
    TCase *tests = tcase_create("site");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_file_is_given_with_its_type_and_date);
    tcase_add_test(tests, head_says_what_get_would_and_gives_nothing);
    tcase_add_loop_test(tests, nothing_outside_is_given, 0, sizeof refused / sizeof *refused);
    tcase_add_test(tests, a_file_that_may_not_be_read_is_forbidden);
    tcase_add_test(tests, a_long_path_is_no_file);
    tcase_add_test(tests, a_folder_is_its_index_or_a_list);
    tcase_add_loop_test(tests, one_range_is_given, 0, sizeof ranges / sizeof *ranges);
    tcase_add_loop_test(tests, conditions_are_kept, 0, sizeof conditions / sizeof *conditions);
    tcase_add_test(tests, other_methods_are_not_allowed);
    tcase_add_test(tests, a_file_that_shrinks_cannot_be_finished);
    tcase_add_test(tests, no_folder_no_site);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
