/* `lockstep visit` as a person runs it: exit status, one clear line where something is wrong, and the files it leaves. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define FOLDER LK_BINARY_DIR "/test_visit"
#define OUT FOLDER "/out"
#define ERR FOLDER "/err"

static char out[1 << 20], err[4096];

static void slurp(const char *path, char *text, size_t cap)
{
    FILE *file = fopen(path, "rb");
    ck_assert_ptr_nonnull(file);
    text[fread(text, 1, cap - 1, file)] = 0;
    fclose(file);
}

static int visit(const char *arguments)
{
    char command[1024];
    mkdir(FOLDER, 0777);
    snprintf(command, sizeof command, "%s/lockstep visit %s >" OUT " 2>" ERR, LK_BINARY_DIR, arguments);
    int status = system(command);
    slurp(OUT, out, sizeof out);
    slurp(ERR, err, sizeof err);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static size_t lines(const char *text)
{
    size_t count = 0;
    for (; *text != 0; text++)
        count += *text == '\n';
    return count;
}

START_TEST(a_visit_that_goes_well_ends_with_0_and_says_nothing_on_standard_error)
{
    ck_assert_int_eq(visit("www.google.com"), 0);
    ck_assert_str_eq(err, "");
    ck_assert_ptr_nonnull(strstr(out, "From the name to the page: www.google.com"));
    ck_assert_ptr_nonnull(strstr(out, "laptop ─ home 1 ms ─ gateway"));
    ck_assert_ptr_nonnull(strstr(out, "192.168.1.100 is yours for 86400 s"));
    ck_assert_ptr_nonnull(strstr(out, "www.google.com is 192.0.2.80"));
    ck_assert_ptr_nonnull(strstr(out, "The page is there: 6000 bytes"));
    ck_assert_ptr_null(strstr(out, "\033[")); /* no terminal, no colours */
    ck_assert_ptr_null(strstr(out, "✗"));
}
END_TEST

START_TEST(quiet_is_one_line_and_verbose_shows_every_layer)
{
    ck_assert_int_eq(visit("-q www.google.com"), 0);
    ck_assert_uint_eq(lines(out), 1);
    ck_assert_int_eq(visit("-v www.google.com"), 0);
    ck_assert_ptr_nonnull(strstr(out, "ip.ttl=64"));
    ck_assert_ptr_nonnull(strstr(out, "dhcp.option.dhcp=1"));
    ck_assert_ptr_nonnull(strstr(out, "47 45 54 20 2f 20 48 54 54 50")); /* GET / HTTP */
}
END_TEST

/* Usage: 2, one line that names what is wrong. */
static const struct { const char *arguments, *says; } unusable[] = {
    {"", "which page?"},
    {"--what www.google.com", "unknown option: --what"},
    {"a b", "one URL at a time: b"},
    {"https://www.google.com", "only http://"},
    {"'http://a b/'", "this is no URL"},
    {"http://user@host/", "this is no URL"},
    {"http://192.168.1.7/", "private, reserved, or in use"},
    {"http://127.0.0.1/", "private, reserved, or in use"},
    {"--loss 5 a", "--loss takes a percentage"},
    {"--loss 91% a", "--loss takes a percentage"},
    {"--loss -1% a", "--loss takes a percentage"},
    {"--seed x a", "--seed takes a number"},
    {"--drop NOTHING a", "no such packet: NOTHING"},
    {"--drop SYN:0 a", "counts from 1"},
    {"--drop SYN@moon a", "knows the links"},
    {"--delay soon a", "--delay takes a time"},
    {"--delay moon=1ms a", "--delay takes a time"},
    {"--rate 0bit a", "--rate takes a rate"},
    {"--lang fr a", "--lang is en or ko"},
    {"--page-bytes 99999999999 a", "--page-bytes takes a number"},
    {"--page /nonexistent a", "/nonexistent"},
    {"--pcap-out /nonexistent/a/b a", "/nonexistent/a/b"},
    {"--html /nonexistent/a.html a", "/nonexistent"},
    {"a --seed", "a value is missing behind: --seed"},
};

START_TEST(what_cannot_be_used_is_named_in_one_line)
{
    ck_assert_int_eq(visit(unusable[_i].arguments), 2);
    ck_assert_msg(strstr(err, unusable[_i].says) != NULL, "%s: %s", unusable[_i].arguments, err);
    ck_assert_uint_eq(lines(err), 1);
}
END_TEST

/* A visit that does not get its page: 1, and the step with what to try. */
static const struct { const char *arguments, *says; } failing[] = {
    {"--no-such-name www.gogle.com", "no such name: the DNS server does not know www.gogle.com; check the spelling"},
    {"--refuse www.google.com", "connection refused: nobody listens on port 80 of www.google.com; try another port"},
    {"--refuse http://www.google.com:8080/", "nobody listens on port 8080"},
    {"--lang ko --refuse www.google.com", "연결이 거절되었습니다"},
    {"--lang ko --no-such-name www.gogle.com", "그런 이름이 없습니다"},
};

START_TEST(a_visit_without_its_page_names_the_step_and_what_to_try)
{
    ck_assert_int_eq(visit(failing[_i].arguments), 1);
    ck_assert_msg(strstr(err, failing[_i].says) != NULL, "%s: %s", failing[_i].arguments, err);
    ck_assert_uint_eq(lines(err), 1);
    ck_assert_ptr_null(strstr(out, "✗")); /* being told no is no fault */
}
END_TEST

START_TEST(silence_is_given_up_at_last)
{
    ck_assert_int_eq(visit("--drop DNS:1 --drop DNS:2 --drop DNS:3 --drop DNS:4 --drop DNS:5 --drop DNS:6 --drop DNS:7 --drop DNS:8 www.google.com"), 1);
    ck_assert_ptr_nonnull(strstr(err, "no answer: the DNS server said nothing about www.google.com"));
}
END_TEST

START_TEST(a_dropped_packet_is_seen_to_be_sent_again)
{
    ck_assert_int_eq(visit("--drop syn@core www.google.com"), 0);
    ck_assert_ptr_nonnull(strstr(out, "lost on the way"));
    ck_assert_ptr_nonnull(strstr(out, "again after 1.000 s"));
}
END_TEST

START_TEST(korean_is_korean)
{
    ck_assert_int_eq(visit("--lang ko www.google.com"), 0);
    ck_assert_ptr_nonnull(strstr(out, "웹 페이지가 도착했습니다"));
    ck_assert_ptr_null(strstr(out, " the "));
}
END_TEST

START_TEST(a_page_of_the_users_own_arrives)
{
    FILE *file = fopen(FOLDER "/page", "wb");
    ck_assert_ptr_nonnull(file);
    fputs("<p>mine</p>", file);
    fclose(file);
    ck_assert_int_eq(visit("--page " FOLDER "/page -v http://example.org:81/x?y"), 0);
    ck_assert_ptr_nonnull(strstr(out, "The page is there: 11 bytes"));
    ck_assert_ptr_nonnull(strstr(out, "GET /x?y HTTP/1.1"));
}
END_TEST

START_TEST(slower_links_take_longer)
{
    ck_assert_int_eq(visit("-q --delay core=500ms --rate access=64kbit www.google.com"), 0);
    const char *comma = strstr(out, "bytes, ");
    ck_assert_ptr_nonnull(comma);
    ck_assert(strtod(comma + 7, NULL) > 4.0);
}
END_TEST

START_TEST(the_help_names_every_option)
{
    static const char *const options[] = {"--lang", "-v", "-q", "--pcap-out", "--html", "--drop", "--loss", "--seed", "--no-such-name", "--refuse", "--delay", "--rate",
                                          "--page", "--page-bytes"};
    ck_assert_int_eq(visit("--help"), 0);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        ck_assert_msg(strstr(out, options[i]) != NULL, "%s", options[i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("cli/visit");
    TCase *tcase = tcase_create("visit");
    tcase_add_test(tcase, a_visit_that_goes_well_ends_with_0_and_says_nothing_on_standard_error);
    tcase_add_test(tcase, quiet_is_one_line_and_verbose_shows_every_layer);
    tcase_add_loop_test(tcase, what_cannot_be_used_is_named_in_one_line, 0, (int)(sizeof unusable / sizeof *unusable));
    tcase_add_loop_test(tcase, a_visit_without_its_page_names_the_step_and_what_to_try, 0, (int)(sizeof failing / sizeof *failing));
    tcase_add_test(tcase, silence_is_given_up_at_last);
    tcase_add_test(tcase, a_dropped_packet_is_seen_to_be_sent_again);
    tcase_add_test(tcase, korean_is_korean);
    tcase_add_test(tcase, a_page_of_the_users_own_arrives);
    tcase_add_test(tcase, slower_links_take_longer);
    tcase_add_test(tcase, the_help_names_every_option);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
