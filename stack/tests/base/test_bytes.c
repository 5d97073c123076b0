/* bytes.h and mem.h. */
#include "stack/base/bytes.h"

#include <string.h>

#include "stack/base/mem.h"
#include "stack/tests/support/run.h"

static const uint8_t octets[] = {0xff, 0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef, 0xff};

START_TEST(network_order_is_most_significant_first)
{
	const uint8_t *p = octets + 1; /* not aligned */

	ck_assert_uint_eq(lk_load_be16(p), 0x0123);
	ck_assert_uint_eq(lk_load_be24(p), 0x012345);
	ck_assert_uint_eq(lk_load_be32(p), 0x01234567);
	ck_assert_uint_eq(lk_load_be64(p), UINT64_C(0x0123456789abcdef));
}
END_TEST

START_TEST(little_endian_is_least_significant_first)
{
	const uint8_t *p = octets + 1;

	ck_assert_uint_eq(lk_load_le16(p), 0x2301);
	ck_assert_uint_eq(lk_load_le32(p), 0x67452301);
	ck_assert_uint_eq(lk_load_le64(p), UINT64_C(0xefcdab8967452301));
}
END_TEST

START_TEST(a_store_writes_its_own_bytes_and_no_other)
{
	uint8_t b[10];

	memset(b, 0xee, sizeof b);
	lk_store_be16(b + 1, 0x0123);
	ck_assert_mem_eq(b, "\xee\x01\x23\xee", 4);
	lk_store_be24(b + 1, 0x456789);
	ck_assert_mem_eq(b, "\xee\x45\x67\x89\xee", 5);
	lk_store_be32(b + 1, 0x01234567);
	ck_assert_mem_eq(b, "\xee\x01\x23\x45\x67\xee", 6);
	lk_store_be64(b + 1, UINT64_C(0x0123456789abcdef));
	ck_assert_mem_eq(b, "\xee\x01\x23\x45\x67\x89\xab\xcd\xef\xee", 10);
	lk_store_le16(b + 1, 0x0123);
	ck_assert_mem_eq(b, "\xee\x23\x01\x45", 4);
	lk_store_le32(b + 1, 0x01234567);
	ck_assert_mem_eq(b, "\xee\x67\x45\x23\x01\x89", 6);
	lk_store_le64(b + 1, UINT64_C(0x0123456789abcdef));
	ck_assert_mem_eq(b, "\xee\xef\xcd\xab\x89\x67\x45\x23\x01\xee", 10);
}
END_TEST

START_TEST(memory_functions_take_no_bytes_at_no_address)
{
	uint8_t b[4] = {1, 2, 3, 4};

	lk_memcpy(NULL, NULL, 0);
	lk_memmove(NULL, NULL, 0);
	lk_memset(NULL, 0, 0);
	ck_assert_int_eq(lk_memcmp(NULL, NULL, 0), 0);
	ck_assert(lk_memequal(NULL, b, 0));
	lk_memmove(b + 1, b, 3);
	ck_assert_mem_eq(b, "\1\1\2\3", 4);
	lk_memset(b, 9, 2);
	lk_memcpy(b + 2, octets, 2);
	ck_assert_mem_eq(b, "\x09\x09\xff\x01", 4);
	ck_assert_int_lt(lk_memcmp(b, octets, 4), 0);
	ck_assert(!lk_memequal(b, octets, 4));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/bytes");
	TCase *c = tcase_create("bytes");

	tcase_add_test(c, network_order_is_most_significant_first);
	tcase_add_test(c, little_endian_is_least_significant_first);
	tcase_add_test(c, a_store_writes_its_own_bytes_and_no_other);
	tcase_add_test(c, memory_functions_take_no_bytes_at_no_address);
	suite_add_tcase(s, c);
	return run_suite(s);
}
