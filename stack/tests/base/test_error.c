#include "stack/base/error.h"

#include <string.h>

#include "stack/tests/support/run.h"

START_TEST(every_error_in_the_list_has_a_name_and_no_two_the_same)
{
	const char *seen[1000];
	size_t count = 0;

	for (int error = -1; error >= -1000; error--) {
		const char *name = lk_error_name(error);

		if (strcmp(name, "LK_E_?") == 0) {
			continue;
		}
		for (size_t i = 0; i < count; i++) {
			ck_assert_str_ne(seen[i], name);
		}
		seen[count++] = name;
	}
	ck_assert_uint_ge(count, 98); /* more with each protocol */
}
END_TEST

START_TEST(names_are_spelled_as_in_the_list)
{
	ck_assert_str_eq(lk_error_name(LK_E_TRUNCATED), "LK_E_TRUNCATED");
	ck_assert_str_eq(lk_error_name(LK_E_IPV4_IHL), "LK_E_IPV4_IHL");
	ck_assert_str_eq(lk_error_name(LK_E_WOULDBLOCK), "LK_E_AGAIN");
	ck_assert_str_eq(lk_error_name(0), "LK_OK");
	ck_assert_str_eq(lk_error_name(20), "LK_OK");
	ck_assert_str_eq(lk_error_name(-99999), "LK_E_?");
}
END_TEST

START_TEST(socket_errors_have_the_name_of_their_errno)
{
	ck_assert_str_eq(lk_error_errno_name(LK_E_CONNREFUSED), "ECONNREFUSED");
	ck_assert_str_eq(lk_error_errno_name(LK_E_PIPE), "EPIPE");
	ck_assert_str_eq(lk_error_errno_name(LK_E_INVALID), "EINVAL");
	ck_assert_str_eq(lk_error_errno_name(LK_E_NOMEM), "ENOMEM");
	ck_assert_ptr_null(lk_error_errno_name(LK_E_TRUNCATED));
	ck_assert_ptr_null(lk_error_errno_name(0));
	for (int error = LK_E_TIMEDOUT; error <= LK_E_ACCES; error++) {
		ck_assert_str_eq(lk_error_errno_name(error) + 1, lk_error_name(error) + strlen("LK_E_"));
	}
}
END_TEST

START_TEST(truncated_and_malformed_are_told_apart)
{
	ck_assert(lk_error_is_truncated(LK_E_TRUNCATED));
	ck_assert(lk_error_is_truncated(LK_E_TRUNCATED_PAYLOAD));
	ck_assert(!lk_error_is_malformed(LK_E_TRUNCATED_PAYLOAD));
	ck_assert(lk_error_is_malformed(LK_E_MALFORMED));
	ck_assert(lk_error_is_malformed(LK_E_CHECKSUM));
	ck_assert(!lk_error_is_truncated(LK_E_CHECKSUM));
	ck_assert(!lk_error_is_malformed(LK_E_ACCES));
	ck_assert(!lk_error_is_truncated(LK_E_NOMEM));
	ck_assert(!lk_error_is_malformed(0));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/error");
	TCase *c = tcase_create("error");

	tcase_add_test(c, every_error_in_the_list_has_a_name_and_no_two_the_same);
	tcase_add_test(c, names_are_spelled_as_in_the_list);
	tcase_add_test(c, socket_errors_have_the_name_of_their_errno);
	tcase_add_test(c, truncated_and_malformed_are_told_apart);
	suite_add_tcase(s, c);
	return run_suite(s);
}
