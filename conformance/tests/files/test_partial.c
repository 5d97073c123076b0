/* A file has its name only when it is whole. */
#define _GNU_SOURCE
#include "conformance/files/partial.h"

#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char base[] = "/tmp/lockstep-partial-XXXXXX";
static struct lk_fault fault;

static void setup(void)
{
    ck_assert_ptr_nonnull(mkdtemp(base));
    ck_assert_int_eq(chdir(base), 0);
}

static void teardown(void)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf '%s'", base);
    ck_assert_int_eq(system(command), 0);
}

static const char *read_back(const char *path)
{
    static char text[100];
    FILE *file = fopen(path, "r");
    if (file == NULL)
        return NULL;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    return text;
}

static struct lk_partial *begin(const char *path, const char *text)
{
    struct lk_partial *partial = lk_partial_open(path, &fault);
    ck_assert_msg(partial != NULL, "%s", fault.text);
    ck_assert_int_eq(lk_partial_write(partial, (const uint8_t *)text, strlen(text), &fault), 0);
    return partial;
}

START_TEST(it_appears_when_it_is_whole)
{
    ck_assert_int_eq(lk_partial_finish(begin("x", "old"), &fault), 0);
    struct lk_partial *partial = begin("x", "new ");
    ck_assert_int_eq(lk_partial_write(partial, (const uint8_t *)"text", 4, &fault), 0);
    ck_assert_str_eq(read_back("x"), "old");
    ck_assert_str_eq(read_back("x.part"), "new text");
    ck_assert_int_eq(lk_partial_finish(partial, &fault), 0);
    ck_assert_str_eq(read_back("x"), "new text");
    ck_assert_ptr_null(read_back("x.part"));
}
END_TEST

START_TEST(what_is_not_whole_keeps_its_other_name)
{
    char *part = lk_partial_abandon(begin("x", "half"));
    ck_assert_str_eq(part, "x.part");
    free(part);
    ck_assert_str_eq(read_back("x.part"), "half");
    ck_assert_ptr_null(read_back("x"));
    ck_assert_ptr_null(lk_partial_abandon(begin("x", ""))); /* nothing came: nothing stays, not even of the last try */
    ck_assert_ptr_null(read_back("x.part"));
}
END_TEST

START_TEST(a_link_in_its_place_is_not_followed)
{
    ck_assert_int_eq(lk_partial_finish(begin("victim", "mine"), &fault), 0);
    ck_assert_int_eq(symlink("victim", "x.part"), 0);
    ck_assert_int_eq(lk_partial_finish(begin("x", "text"), &fault), 0);
    ck_assert_str_eq(read_back("victim"), "mine");
    ck_assert_str_eq(read_back("x"), "text");
}
END_TEST

START_TEST(devices_are_written_directly)
{
    ck_assert_int_eq(lk_partial_finish(begin("/dev/null", "text"), &fault), 0);
    ck_assert_ptr_null(lk_partial_abandon(begin("/dev/null", "text")));
    ck_assert_ptr_null(read_back("/dev/null.part"));
    struct lk_partial *full = lk_partial_open("/dev/full", &fault);
    ck_assert_ptr_nonnull(full);
    ck_assert_int_eq(lk_partial_write(full, (const uint8_t *)"x", 1, &fault), -1);
    ck_assert_str_eq(fault.text, "/dev/full: cannot be written: No space left on device");
    ck_assert_ptr_null(lk_partial_abandon(full));
}
END_TEST

START_TEST(a_place_that_cannot_be_is_named)
{
    ck_assert_ptr_null(lk_partial_open("nosuch/x", &fault));
    ck_assert_str_eq(fault.text, "nosuch/x.part: No such file or directory");
    ck_assert_int_eq(mkdir("folder", 0755), 0);
    ck_assert_ptr_null(lk_partial_open("folder", &fault));
    ck_assert_str_eq(fault.text, "folder: Is a directory");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("partial");
    TCase *tests = tcase_create("partial");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, it_appears_when_it_is_whole);
    tcase_add_test(tests, what_is_not_whole_keeps_its_other_name);
    tcase_add_test(tests, a_link_in_its_place_is_not_followed);
    tcase_add_test(tests, devices_are_written_directly);
    tcase_add_test(tests, a_place_that_cannot_be_is_named);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
