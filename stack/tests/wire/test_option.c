#include "stack/wire/option.h"

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"

START_TEST(each_option_is_handed_out_with_its_value)
{
	struct packet p = packet_of("01 02 04 05b4 fe 02 00 ffff");
	struct lk_option o;
	size_t at = 0;

	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 1);
	ck_assert(o.kind == LK_OPTION_NOP && o.length == 1 && o.value_len == 0);
	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 1);
	ck_assert(o.kind == 2 && o.length == 4 && o.value_len == 2);
	ck_assert_ptr_eq(o.value, p.bytes + 3);
	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 1);
	ck_assert(o.kind == 0xfe && o.length == 2 && o.value_len == 0);
	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 1);
	ck_assert(o.kind == LK_OPTION_END && o.length == 1);
	/* What follows the end of the list is no option. */
	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 0);
	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 0);
	free(p.bytes);
}
END_TEST

START_TEST(a_list_may_end_without_an_end)
{
	struct packet p = packet_of("02 04 05b4");
	struct lk_option o;
	size_t at = 0;

	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 1);
	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 0);
	at = 0;
	ck_assert_int_eq(lk_option_next(p.bytes, 0, &at, &o), 0);
	free(p.bytes);
}
END_TEST

/* The walk must stop at offset 1 with this error, again and again. */
static void expect_error(const char *hex, int error)
{
	struct packet p = packet_of(hex);
	struct lk_option o;
	size_t at = 0;

	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), 1);
	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), error);
	ck_assert_uint_eq(at, 1);
	ck_assert_int_eq(lk_option_next(p.bytes, p.len, &at, &o), error);
	free(p.bytes);
}

START_TEST(a_length_of_zero_or_one_or_none_is_named)
{
	expect_error("01 02 00 00", LK_E_OPTION_LENGTH);
	expect_error("01 02 01 00", LK_E_OPTION_LENGTH);
	expect_error("01 02", LK_E_OPTION_LENGTH);
}
END_TEST

START_TEST(an_option_past_the_end_is_named_at_every_length)
{
	expect_error("01 08 0a", LK_E_OPTION_OVERRUN);
	expect_error("01 08 0a 01020304 010203", LK_E_OPTION_OVERRUN);
	expect_error("01 05 ff 00", LK_E_OPTION_OVERRUN);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/option");
	TCase *c = tcase_create("option");

	tcase_add_test(c, each_option_is_handed_out_with_its_value);
	tcase_add_test(c, a_list_may_end_without_an_end);
	tcase_add_test(c, a_length_of_zero_or_one_or_none_is_named);
	tcase_add_test(c, an_option_past_the_end_is_named_at_every_length);
	suite_add_tcase(s, c);
	return run_suite(s);
}
