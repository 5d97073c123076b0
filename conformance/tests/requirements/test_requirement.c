#include "conformance/requirements/requirement.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(every_row_is_found_by_its_id)
{
    const struct lk_requirement *rows;
    size_t count = lk_requirement_list(&rows);
    ck_assert_uint_gt(count, 1000);
    for (size_t i = 0; i < count; i++) {
        ck_assert_ptr_eq(lk_requirement_lookup(rows[i].id), &rows[i]);
        if (i != 0)
            ck_assert_int_lt(strcmp(rows[i - 1].id, rows[i].id), 0);
    }
}
END_TEST

START_TEST(a_row_has_its_columns_in_their_places)
{
    const struct lk_requirement *row = lk_requirement_lookup("RFC9293-MUST-2");
    ck_assert_ptr_nonnull(row);
    ck_assert_str_eq(row->level, "MUST");
    ck_assert_str_eq(row->rfc, "9293");
    ck_assert_str_eq(row->section, "3.1");
    ck_assert_str_eq(row->side, "sender");
    ck_assert_str_eq(row->topic, "checksum");
    ck_assert_str_eq(row->observable, "trace");
    ck_assert_str_eq(row->profile, "tcp");
}
END_TEST

START_TEST(unknown_ids_are_not_found)
{
    static const char *const unknown[] = {"", "id", "RFC9293", "RFC9293-MUST-", "RFC9293-MUST-2 ", "rfc9293-must-2", "~"};
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++)
        ck_assert_ptr_null(lk_requirement_lookup(unknown[i]));
}
END_TEST

#define HEADER "id\tlevel\trfc\tsection\tside\ttopic\tsummary\tobservable\tproof\tprofile\tbasis\tline\tsource\tnote\n"
#define ROW(id) id "\tMUST\t1\t2\tboth\tack\tA summary\ttrace\t\ttcp\tlabel\t1\ttext\t\n"

/* Runs the compiler of the catalogue over one file of this text; its exit status. */
static int compile(const char *text)
{
    FILE *file = fopen(LK_BINARY_DIR "/bad.tsv", "w");
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
    return system(LK_SOURCE_DIR "/conformance/requirements/compile " LK_BINARY_DIR "/bad.c " LK_BINARY_DIR "/bad.tsv 2>/dev/null");
}

START_TEST(bad_catalogues_do_not_compile)
{
    ck_assert_int_eq(compile(HEADER ROW("RFC1-a") ROW("RFC1-b")), 0);
    ck_assert_int_ne(compile(HEADER ROW("RFC1-a") ROW("RFC1-a")), 0);
    ck_assert_int_ne(compile(ROW("RFC1-a")), 0);
    ck_assert_int_ne(compile(HEADER "RFC1-a\tMUST\n"), 0);
    ck_assert_int_ne(compile(HEADER "RFC1-a\tOUGHT\t1\t2\tboth\tack\tA summary\ttrace\t\ttcp\tlabel\t1\ttext\t\n"), 0);
    ck_assert_int_ne(compile(HEADER ROW("RFC 1-a")), 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("requirements/requirement");
    TCase *all = tcase_create("all");
    tcase_add_test(all, every_row_is_found_by_its_id);
    tcase_add_test(all, a_row_has_its_columns_in_their_places);
    tcase_add_test(all, unknown_ids_are_not_found);
    tcase_add_test(all, bad_catalogues_do_not_compile);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
