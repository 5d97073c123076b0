/* Ranges of sequence space in order. */
#include "conformance/audit/pieces.h"

#include <check.h>
#include <stdlib.h>

static struct lk_piece piece(int64_t from, uint32_t len) { return (struct lk_piece){.from = from, .len = len, .copies = 1}; }

START_TEST(the_piece_above_a_position_is_found)
{
    struct lk_pieces p = {0};
    size_t budget = 1 << 20;
    for (int64_t i = 0; i < 100; i++)
        ck_assert(lk_pieces_add(&p, &(struct lk_piece){.from = i * 10, .len = 10}, 1024, &budget));
    ck_assert_uint_eq(lk_pieces_find(&p, 0), 0);
    ck_assert_uint_eq(lk_pieces_find(&p, 9), 0);
    ck_assert_uint_eq(lk_pieces_find(&p, 10), 1);
    ck_assert_uint_eq(lk_pieces_find(&p, 999), 99);
    ck_assert_uint_eq(lk_pieces_find(&p, 1000), 100);
    lk_pieces_free(&p, &budget);
    ck_assert_uint_eq(budget, 1 << 20);
}
END_TEST

START_TEST(the_oldest_goes_when_there_is_no_room)
{
    struct lk_pieces p = {0};
    size_t budget = 1 << 20;
    for (int64_t i = 0; i < 20; i++) {
        struct lk_piece one = piece(i * 10, 10);
        ck_assert(lk_pieces_add(&p, &one, 8, &budget));
    }
    ck_assert_uint_eq(p.count, 8);
    ck_assert_int_eq(lk_pieces_at(&p, 0)->from, 120);
    ck_assert_uint_eq(lk_pieces_find(&p, 0), 0);
    lk_pieces_free(&p, &budget);
}
END_TEST

START_TEST(a_budget_is_kept)
{
    struct lk_pieces p = {0};
    size_t budget = 8 * sizeof(struct lk_piece) - 1;
    struct lk_piece one = piece(0, 10);
    ck_assert(!lk_pieces_add(&p, &one, 1024, &budget));
    budget++;
    ck_assert(lk_pieces_add(&p, &one, 1024, &budget));
    ck_assert_uint_eq(budget, 0);
    lk_pieces_free(&p, &budget);
}
END_TEST

START_TEST(a_piece_is_split_where_it_is_asked_for)
{
    struct lk_pieces p = {0};
    size_t budget = 1 << 20;
    struct lk_piece one = piece(0, 30), two = piece(30, 5);
    lk_pieces_add(&p, &one, 1024, &budget);
    lk_pieces_add(&p, &two, 1024, &budget);
    ck_assert(lk_pieces_split(&p, 0, 12, 1024, &budget));
    ck_assert_uint_eq(p.count, 3);
    ck_assert_uint_eq(lk_pieces_at(&p, 0)->len, 12);
    ck_assert_int_eq(lk_pieces_at(&p, 1)->from, 12);
    ck_assert_uint_eq(lk_pieces_at(&p, 1)->len, 18);
    ck_assert_int_eq(lk_pieces_at(&p, 2)->from, 30);
    lk_pieces_free(&p, &budget);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("pieces");
    TCase *tests = tcase_create("pieces");
    tcase_add_test(tests, the_piece_above_a_position_is_found);
    tcase_add_test(tests, the_oldest_goes_when_there_is_no_room);
    tcase_add_test(tests, a_budget_is_kept);
    tcase_add_test(tests, a_piece_is_split_where_it_is_asked_for);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
