/* Devices by name and out of shared objects: what is wrong with one is said in a line. */
#include "conformance/dut/load.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static char why[256];

START_TEST(the_two_of_the_house_have_names)
{
    ck_assert_str_eq(lk_dut_load("builtin", why)->name, "builtin");
    ck_assert_str_eq(lk_dut_load("recording", why)->name, "recording");
}
END_TEST

START_TEST(the_template_is_a_device)
{
    const struct lk_dut *dut = lk_dut_load(LK_BINARY_DIR "/dut/libtemplate.so", why);
    ck_assert_msg(dut != NULL, "%s", why);
    ck_assert_uint_eq(dut->version, LK_DUT_VERSION);
}
END_TEST

START_TEST(an_unknown_name_is_refused)
{
    ck_assert_ptr_null(lk_dut_load("nonsense", why));
    ck_assert_ptr_nonnull(strstr(why, "no such device"));
}
END_TEST

START_TEST(a_file_that_is_no_shared_object_is_refused)
{
    ck_assert_ptr_null(lk_dut_load(LK_SOURCE_DIR "/README.md", why));
    ck_assert_ptr_null(lk_dut_load("./does-not-exist.so", why));
    ck_assert_uint_gt(strlen(why), 0);
}
END_TEST

START_TEST(a_shared_object_without_the_symbol_is_refused)
{
    ck_assert_ptr_null(lk_dut_load("libc.so.6/../libm.so.6", why));
    const struct lk_dut *dut = lk_dut_load("/lib/x86_64-linux-gnu/libm.so.6", why);
    ck_assert_ptr_null(dut);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("load");
    TCase *tcase = tcase_create("load");
    tcase_add_test(tcase, the_two_of_the_house_have_names);
    tcase_add_test(tcase, the_template_is_a_device);
    tcase_add_test(tcase, an_unknown_name_is_refused);
    tcase_add_test(tcase, a_file_that_is_no_shared_object_is_refused);
    tcase_add_test(tcase, a_shared_object_without_the_symbol_is_refused);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
