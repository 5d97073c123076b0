/* The catalogue of checks against the catalogue of requirements. */
#include "conformance/requirements/requirement.h"
#include "conformance/rules/checks.h"
#include "conformance/tests/support/rule_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(every_requirement_of_a_check_is_in_the_catalogue_with_its_level)
{
    const struct lk_check_info *infos;
    size_t count = lk_check_list(&infos);
    for (size_t i = 0; i < count; i++) {
        ck_assert_uint_gt(infos[i].requirement_count, 0);
        for (size_t j = 0; j < infos[i].requirement_count; j++) {
            const char *id = infos[i].requirements[j];
            const struct lk_requirement *row = lk_requirement_lookup(id);
            ck_assert_msg(row != NULL, "%s: no row", id);
            enum lk_severity expected = strncmp(row->level, "MUST", 4) == 0 ? LK_MUST : strncmp(row->level, "SHOULD", 6) == 0 ? LK_SHOULD : LK_NOTE;
            ck_assert_msg(check_severity(id) == expected, "%s is %s", id, row->level);
        }
    }
}
END_TEST

/* The whole of a text file; the caller frees it. */
static char *text_of(const char *path)
{
    FILE *file = fopen(path, "rb");
    ck_assert_msg(file != NULL, "%s", path);
    char *text = calloc(1, 1 << 20);
    size_t len = fread(text, 1, (1 << 20) - 1, file);
    ck_assert_uint_lt(len, (1 << 20) - 1);
    fclose(file);
    return text;
}

START_TEST(the_readme_lists_every_check_with_its_requirements)
{
    char *readme = text_of(LK_SOURCE_DIR "/conformance/README.md"), row[2000];
    const struct lk_check_info *infos;
    size_t count = lk_check_list(&infos);
    for (size_t i = 0; i < count; i++) {
        size_t len = (size_t)snprintf(row, sizeof row, "| `%s` | %s | ", infos[i].name, infos[i].what);
        for (size_t j = 0; j < infos[i].requirement_count; j++)
            len += (size_t)snprintf(row + len, sizeof row - len, "%s%s", infos[i].requirements[j], j + 1 == infos[i].requirement_count ? " |" : " ");
        ck_assert_msg(strstr(readme, row) != NULL, "not in conformance/README.md:\n%s", row);
    }
    free(readme);
}
END_TEST

START_TEST(a_check_is_found_by_its_name)
{
    ck_assert_str_eq(lk_check_lookup("karn")->name, "karn");
    ck_assert_str_eq(lk_check_lookup("resent-payload")->requirements[0], "RFC9293-3.10.8-a");
    ck_assert_ptr_null(lk_check_lookup("karn "));
}
END_TEST

START_TEST(a_book_that_is_full_says_so)
{
    static _Alignas(16) uint8_t memory[1 << 16];
    struct lk_rule_policy policy = usual_policy();
    struct lk_rule_sink sink = {0};
    ck_assert_ptr_null(lk_rulebook_init(memory, lk_rulebook_size(8) - 1, 8, &policy, &sink));
    ck_assert_ptr_nonnull(lk_rulebook_init(memory, lk_rulebook_size(8), 8, &policy, &sink));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {every_requirement_of_a_check_is_in_the_catalogue_with_its_level, the_readme_lists_every_check_with_its_requirements,
        a_check_is_found_by_its_name, a_book_that_is_full_says_so};
    return run_tests("rules/checks", tests, sizeof tests / sizeof tests[0]);
}
