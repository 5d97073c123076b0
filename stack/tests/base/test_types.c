#include "stack/base/types.h"

#include "stack/tests/support/run.h"

static struct lk_addr ip4(uint32_t number)
{
	return lk_addr_from_ip4(number);
}

static struct lk_addr ip6(uint8_t first, uint8_t last)
{
	struct lk_addr a = {{0}};

	a.octet[0] = first;
	a.octet[15] = last;
	return a;
}

START_TEST(an_ipv4_address_survives_the_mapped_form)
{
	struct lk_addr a = ip4(0xc0000201);
	const uint8_t expected[16] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 192, 0, 2, 1};

	ck_assert_mem_eq(a.octet, expected, 16);
	ck_assert_uint_eq(lk_addr_ip4(&a), 0xc0000201);
	ck_assert(lk_addr_is_ip4(&a));
}
END_TEST

START_TEST(an_ipv6_address_is_not_taken_for_ipv4)
{
	struct lk_addr a = ip6(0x20, 1);

	ck_assert(!lk_addr_is_ip4(&a));
}
END_TEST

START_TEST(unspecified_is_all_zero_in_either_family)
{
	struct lk_addr none6 = {{0}}, none4 = ip4(0), one = ip6(0, 1), some4 = ip4(1);

	ck_assert(lk_addr_is_unspecified(&none6));
	ck_assert(lk_addr_is_unspecified(&none4));
	ck_assert(!lk_addr_is_unspecified(&one));
	ck_assert(!lk_addr_is_unspecified(&some4));
}
END_TEST

START_TEST(multicast_is_224_slash_4_and_ff00_slash_8)
{
	struct lk_addr first = ip4(0xe0000000), last = ip4(0xefffffff), below = ip4(0xdfffffff), above = ip4(0xf0000000);
	struct lk_addr six = ip6(0xff, 2), unicast6 = ip6(0xfe, 2);

	ck_assert(lk_addr_is_multicast(&first));
	ck_assert(lk_addr_is_multicast(&last));
	ck_assert(!lk_addr_is_multicast(&below));
	ck_assert(!lk_addr_is_multicast(&above));
	ck_assert(lk_addr_is_multicast(&six));
	ck_assert(!lk_addr_is_multicast(&unicast6));
}
END_TEST

START_TEST(loopback_is_127_slash_8_and_one)
{
	struct lk_addr first = ip4(0x7f000000), below = ip4(0x7effffff), six = ip6(0, 1), other6 = ip6(0, 2);

	ck_assert(lk_addr_is_loopback(&first));
	ck_assert(!lk_addr_is_loopback(&below));
	ck_assert(lk_addr_is_loopback(&six));
	ck_assert(!lk_addr_is_loopback(&other6));
}
END_TEST

START_TEST(the_limited_broadcast_is_one_ipv4_address)
{
	struct lk_addr all = ip4(UINT32_MAX), near = ip4(UINT32_MAX - 1), six = {{0}};

	for (int i = 0; i < 16; i++) {
		six.octet[i] = 0xff;
	}
	ck_assert(lk_addr_is_limited_broadcast(&all));
	ck_assert(!lk_addr_is_limited_broadcast(&near));
	ck_assert(!lk_addr_is_limited_broadcast(&six));
}
END_TEST

START_TEST(addresses_compare_in_octet_order)
{
	struct lk_addr low = ip4(0x0a0000ff), high = ip4(0x0a000100), same = ip4(0x0a0000ff);

	ck_assert(lk_addr_equal(&low, &same));
	ck_assert(!lk_addr_equal(&low, &high));
	ck_assert_int_lt(lk_addr_compare(&low, &high), 0);
	ck_assert_int_gt(lk_addr_compare(&high, &low), 0);
	ck_assert_int_eq(lk_addr_compare(&low, &same), 0);
}
END_TEST

START_TEST(a_prefix_is_compared_bit_by_bit)
{
	struct lk_addr network = ip4(0xc0a80180), inside = ip4(0xc0a801ff), outside = ip4(0xc0a8017f);

	ck_assert(lk_addr_in_prefix(&inside, &network, 96 + 25));
	ck_assert(!lk_addr_in_prefix(&outside, &network, 96 + 25));
	ck_assert(lk_addr_in_prefix(&outside, &network, 96 + 24));
	ck_assert(lk_addr_in_prefix(&outside, &network, 0));
	ck_assert(!lk_addr_in_prefix(&inside, &network, 128));
	ck_assert(!lk_addr_in_prefix(&inside, &network, 200));
	ck_assert(lk_addr_in_prefix(&network, &network, 200));
}
END_TEST

START_TEST(a_mask_has_as_many_ones_as_asked_for)
{
	ck_assert_uint_eq(lk_ip4_mask(0), 0);
	ck_assert_uint_eq(lk_ip4_mask(1), 0x80000000);
	ck_assert_uint_eq(lk_ip4_mask(24), 0xffffff00);
	ck_assert_uint_eq(lk_ip4_mask(32), 0xffffffff);
}
END_TEST

START_TEST(time_added_to_never_wraps)
{
	ck_assert_int_eq(lk_time_add(5, LK_SECOND), 5 + 1000 * LK_MILLISECOND);
	ck_assert_int_eq(lk_time_add(-5, 3), -2);
	ck_assert_int_eq(lk_time_add(LK_NEVER, 1), LK_NEVER);
	ck_assert_int_eq(lk_time_add(LK_NEVER - 5, 6), LK_NEVER);
	ck_assert_int_eq(lk_time_add(1, LK_NEVER), LK_NEVER);
	ck_assert_int_eq(lk_time_min(3, LK_NEVER), 3);
	ck_assert_int_eq(lk_time_min(4, -4), -4);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/types");
	TCase *c = tcase_create("types");

	tcase_add_test(c, an_ipv4_address_survives_the_mapped_form);
	tcase_add_test(c, an_ipv6_address_is_not_taken_for_ipv4);
	tcase_add_test(c, unspecified_is_all_zero_in_either_family);
	tcase_add_test(c, multicast_is_224_slash_4_and_ff00_slash_8);
	tcase_add_test(c, loopback_is_127_slash_8_and_one);
	tcase_add_test(c, the_limited_broadcast_is_one_ipv4_address);
	tcase_add_test(c, addresses_compare_in_octet_order);
	tcase_add_test(c, a_prefix_is_compared_bit_by_bit);
	tcase_add_test(c, a_mask_has_as_many_ones_as_asked_for);
	tcase_add_test(c, time_added_to_never_wraps);
	suite_add_tcase(s, c);
	return run_suite(s);
}
