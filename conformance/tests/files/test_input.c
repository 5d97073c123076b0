/* Files and bytes as streams, with gzip unpacked on the way. */
#include "conformance/files/input.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define SCRATCH LK_BINARY_DIR "/test_input.gz"

static struct lk_fault fault;
static struct lk_bump *bump;

static void write_members(const char *const *members)
{
    remove(SCRATCH);
    for (; *members != NULL; members++) {
        gzFile zip = gzopen(SCRATCH, "ab");
        ck_assert_int_eq(gzwrite(zip, *members, (unsigned)strlen(*members)), (int)strlen(*members));
        gzclose(zip);
    }
}

static void expect_whole(const char *text)
{
    uint8_t *bytes;
    size_t len;
    ck_assert_msg(lk_input_whole(SCRATCH, 1000, bump, &bytes, &len, &fault) == 0, "%s", fault.text);
    ck_assert_uint_eq(len, strlen(text));
    ck_assert_mem_eq(bytes, text, len);
}

START_TEST(gzip_members_are_joined)
{
    write_members((const char *const[]){"one", NULL});
    expect_whole("one");
    write_members((const char *const[]){"one ", "two ", "three", NULL});
    expect_whole("one two three");
    remove(SCRATCH);
}
END_TEST

START_TEST(what_is_not_packed_passes_through)
{
    FILE *file = fopen(SCRATCH, "wb");
    fputs("plain", file);
    fclose(file);
    expect_whole("plain");
    remove(SCRATCH);
}
END_TEST

START_TEST(too_long_or_damaged_is_a_fault)
{
    char *many = malloc(3000);
    uint8_t *bytes;
    size_t len;
    memset(many, 'x', 2999);
    many[2999] = 0;
    write_members((const char *const[]){many, NULL});
    free(many);
    ck_assert_int_eq(lk_input_whole(SCRATCH, 1000, bump, &bytes, &len, &fault), -1);
    ck_assert_str_eq(fault.text, SCRATCH ": longer than 1000 bytes");
    ck_assert_int_eq(lk_input_whole(SCRATCH, 2999, bump, &bytes, &len, &fault), 0);
    FILE *file = fopen(SCRATCH, "r+b");
    fseek(file, 12, SEEK_SET);
    fputc(0xff, file);
    fclose(file);
    ck_assert_int_eq(lk_input_whole(SCRATCH, 5000, bump, &bytes, &len, &fault), -1);
    ck_assert_str_eq(fault.text, SCRATCH ": damaged gzip data");
    remove(SCRATCH);
}
END_TEST

START_TEST(bytes_in_memory_read_like_a_file)
{
    char got[16];
    FILE *stream = lk_input_memory("m", (const uint8_t *)"hello", 5, &fault);
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fread(got, 1, sizeof got, stream), 5);
    ck_assert_mem_eq(got, "hello", 5);
    fclose(stream);
    stream = lk_input_memory("m", NULL, 0, &fault);
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fread(got, 1, sizeof got, stream), 0);
    fclose(stream);
}
END_TEST

static void open_all(void) { bump = lk_bump_new(1u << 20); }
static void close_all(void) { lk_bump_free(bump); }

int main(void)
{
    Suite *suite = suite_create("files/input");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, open_all, close_all);
    tcase_add_test(all, gzip_members_are_joined);
    tcase_add_test(all, what_is_not_packed_passes_through);
    tcase_add_test(all, too_long_or_damaged_is_a_fault);
    tcase_add_test(all, bytes_in_memory_read_like_a_file);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
