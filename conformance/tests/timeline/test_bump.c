#include "conformance/timeline/bump.h"
#include "stack/base/guard.h"

#include <check.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

START_TEST(what_is_taken_is_zeroed_aligned_and_apart)
{
    struct lk_bump *bump = lk_bump_new(1u << 20);
    unsigned char *before = NULL;
    for (size_t len = 0; len < 3000; len += 7) {
        unsigned char *taken = lk_bump_take(bump, len);
        ck_assert_ptr_nonnull(taken);
        ck_assert_ptr_ne(taken, before);
        ck_assert_uint_eq((uintptr_t)taken % 16, 0);
        size_t dirty = 0;
        for (size_t i = 0; i < len; i++)
            dirty += taken[i];
        ck_assert_uint_eq(dirty, 0);
        memset(taken, 0xff, len);
        before = taken;
    }
    lk_bump_free(bump);
}
END_TEST

START_TEST(the_budget_is_never_exceeded_and_the_rest_stays_usable)
{
    struct lk_bump *bump = lk_bump_new(1024);
    ck_assert_ptr_null(lk_bump_take(bump, 1025));
    ck_assert_ptr_nonnull(lk_bump_take(bump, 1000));
    ck_assert_ptr_null(lk_bump_take(bump, 100));
    ck_assert_ptr_nonnull(lk_bump_take(bump, 16));
    ck_assert_uint_le(lk_bump_used(bump), 1024);
    ck_assert_ptr_null(lk_bump_take(bump, 1));
    lk_bump_free(bump);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
    struct lk_bump *bump = lk_bump_new(SIZE_MAX);
    ck_assert_ptr_null(lk_bump_take(bump, SIZE_MAX));
    ck_assert_ptr_null(lk_bump_array(bump, SIZE_MAX / 2, 3));
    ck_assert_ptr_null(lk_bump_text(bump, "x", SIZE_MAX));
    lk_bump_free(bump);
}
END_TEST

START_TEST(a_growing_array_keeps_its_elements)
{
    struct lk_bump *bump = lk_bump_new(1u << 20);
    int *numbers = NULL;
    size_t count = 0, capacity = 0;
    for (int i = 0; i < 1000; i++) {
        numbers = lk_bump_grow(bump, numbers, count, &capacity, sizeof *numbers);
        ck_assert_ptr_nonnull(numbers);
        numbers[count++] = i;
    }
    bool kept = true;
    for (int i = 0; i < 1000; i++)
        kept = kept && numbers[i] == i;
    ck_assert(kept);
    lk_bump_free(bump);
}
END_TEST

START_TEST(texts_end_with_a_zero)
{
    struct lk_bump *bump = lk_bump_new(1u << 16);
    ck_assert_str_eq(lk_bump_text(bump, "abcdef", 3), "abc");
    ck_assert_str_eq(lk_bump_format(bump, "%d/%s", 7, "x"), "7/x");
    ck_assert_mem_eq(lk_bump_copy(bump, "\0\1", 2), "\0\1", 2);
    lk_bump_free(bump);
}
END_TEST

#ifdef LK_GUARD_ASAN
#include <sys/wait.h>
#include <unistd.h>

/* Whether reading this byte kills a process. */
static bool deadly(const volatile unsigned char *byte)
{
    pid_t child = fork();
    if (child == 0) {
        fclose(stderr);
        (void)*byte;
        _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return !WIFEXITED(status) || WEXITSTATUS(status) != 0;
}

START_TEST(the_byte_behind_a_piece_is_deadly)
{
    struct lk_bump *bump = lk_bump_new(1u << 20);
    static const size_t lengths[] = {1, 15, 16, 17, 64, 20000};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        unsigned char *piece = lk_bump_take(bump, lengths[i]);
        ck_assert(!deadly(piece + lengths[i] - 1));
        ck_assert(deadly(piece + lengths[i]));
    }
    size_t capacity = 0;
    int *old = lk_bump_grow(bump, NULL, 0, &capacity, sizeof *old);
    ck_assert_ptr_nonnull(lk_bump_grow(bump, old, capacity, &capacity, sizeof *old));
    ck_assert(deadly((unsigned char *)old));
    lk_bump_free(bump);
}
END_TEST
#endif

int main(void)
{
    Suite *suite = suite_create("timeline/bump");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, what_is_taken_is_zeroed_aligned_and_apart);
    tcase_add_test(all, the_budget_is_never_exceeded_and_the_rest_stays_usable);
    tcase_add_test(all, sizes_that_overflow_are_refused);
    tcase_add_test(all, a_growing_array_keeps_its_elements);
    tcase_add_test(all, texts_end_with_a_zero);
#ifdef LK_GUARD_ASAN
    tcase_add_test(all, the_byte_behind_a_piece_is_deadly);
#endif
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
