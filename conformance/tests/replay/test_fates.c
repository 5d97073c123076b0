/* Fates by what a transmission carries, counted copy by copy. */
#include "conformance/replay/fates.h"
#include <check.h>
#include <stdlib.h>

static struct lk_bump *memory;
static struct lk_trace trace;
static struct lk_fate list[2];
static struct lk_fates *fates;
static struct lk_net_fate result;

static void setup(void)
{
    memory = lk_bump_new(1 << 20);
    lk_trace_init(&trace, memory);
    trace.fates = list;
}

static void teardown(void)
{
    lk_bump_free(memory);
}

static void use(size_t count)
{
    trace.fate_count = count;
    fates = lk_fates_new(&trace, memory);
    ck_assert_ptr_nonnull(fates);
}

static uint8_t data(uint32_t from, uint32_t to, lk_time now)
{
    struct lk_segment segment = {.is_tcp = true, .seg_len = to - from, .tcp = {.control = LK_TCP_ACK, .payload_len = to - from}};
    return lk_fates_decide(fates, LK_OUT, &segment, &(struct lk_relative){from, to, 1}, now, &result);
}

static uint8_t ack(uint32_t number)
{
    struct lk_segment segment = {.is_tcp = true, .tcp = {.control = LK_TCP_ACK}};
    return lk_fates_decide(fates, LK_IN, &segment, &(struct lk_relative){1, 1, number}, 0, &result);
}

START_TEST(the_named_copy_of_a_range_is_lost_and_no_other)
{
    list[0] = (struct lk_fate){.dir = LK_OUT, .by = LK_FATE_BYTES, .is = LK_FATE_LOST, .from = 101, .to = 201, .copy = 1};
    use(1);
    ck_assert_uint_eq(data(1, 101, 0), 0);
    ck_assert_uint_eq(data(101, 201, 0), 0);
    ck_assert_uint_eq(data(101, 201, 0), LK_FATE_LOST);
    ck_assert(result.lost);
    ck_assert_uint_eq(data(101, 201, 0), 0);
}
END_TEST

START_TEST(a_range_sent_in_smaller_pieces_is_lost_piece_by_piece)
{
    list[0] = (struct lk_fate){.dir = LK_OUT, .by = LK_FATE_BYTES, .is = LK_FATE_LOST, .from = 101, .to = 201, .copy = 0};
    use(1);
    ck_assert_uint_eq(data(51, 151, 0), LK_FATE_LOST);
    ck_assert_uint_eq(data(151, 251, 0), LK_FATE_LOST);
    ck_assert_uint_eq(data(101, 201, 0), 0);
}
END_TEST

START_TEST(a_pure_ack_is_counted_by_its_number)
{
    list[0] = (struct lk_fate){.dir = LK_IN, .by = LK_FATE_ACK, .is = LK_FATE_LOST, .from = 500, .copy = 2};
    use(1);
    ck_assert_uint_eq(ack(500), 0);
    ck_assert_uint_eq(ack(400), 0);
    ck_assert_uint_eq(ack(500), 0);
    ck_assert_uint_eq(ack(500), LK_FATE_LOST);
}
END_TEST

START_TEST(a_blackout_takes_what_is_sent_within_it)
{
    list[0] = (struct lk_fate){.dir = LK_OUT, .by = LK_FATE_TIME, .is = LK_FATE_LOST, .since = 10, .until = 20};
    use(1);
    ck_assert_uint_eq(data(1, 2, 9), 0);
    ck_assert_uint_eq(data(1, 2, 10), LK_FATE_LOST);
    ck_assert_uint_eq(data(1, 2, 20), 0);
}
END_TEST

START_TEST(two_fates_of_one_segment_both_count)
{
    list[0] = (struct lk_fate){.dir = LK_OUT, .by = LK_FATE_BYTES, .is = LK_FATE_LATE, .late = 7, .from = 1, .to = 2};
    list[1] = (struct lk_fate){.dir = LK_OUT, .by = LK_FATE_BYTES, .is = LK_FATE_DUPLICATED, .from = 1, .to = 2};
    use(2);
    data(1, 2, 0);
    ck_assert_int_eq(result.late, 7);
    ck_assert_uint_eq(result.copies, 1);
}
END_TEST

START_TEST(a_required_fate_that_never_applied_is_named)
{
    list[0] = (struct lk_fate){.dir = LK_OUT, .by = LK_FATE_BYTES, .is = LK_FATE_LOST, .from = 1, .to = 2, .required = true};
    use(1);
    ck_assert_uint_eq(lk_fates_unmet(fates, LK_OUT), 0);
    ck_assert_uint_eq(lk_fates_unmet(fates, LK_IN), LK_NONE);
    data(1, 2, 0);
    ck_assert_uint_eq(lk_fates_unmet(fates, LK_OUT), LK_NONE);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("fates");
    TCase *tcase = tcase_create("fates");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_named_copy_of_a_range_is_lost_and_no_other);
    tcase_add_test(tcase, a_range_sent_in_smaller_pieces_is_lost_piece_by_piece);
    tcase_add_test(tcase, a_pure_ack_is_counted_by_its_number);
    tcase_add_test(tcase, a_blackout_takes_what_is_sent_within_it);
    tcase_add_test(tcase, two_fates_of_one_segment_both_count);
    tcase_add_test(tcase, a_required_fate_that_never_applied_is_named);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
