#include "stack/wire/checksum.h"

#include <string.h>

#include "stack/tests/support/run.h"

/* The sum as RFC 1071 defines it: 16-bit words, carry added back at once. */
static uint16_t plain(const uint8_t *bytes, size_t len)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < len; i++) {
		sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
		sum = (sum & 0xffff) + (sum >> 16);
	}
	return (uint16_t)~sum;
}

static void fill(uint8_t *bytes, size_t len, uint32_t seed)
{
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1103515245 + 12345;
		bytes[i] = (uint8_t)(seed >> 16);
	}
}

START_TEST(the_example_of_rfc_1071_sums_to_ddf2)
{
	const uint8_t bytes[] = {0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};

	ck_assert_uint_eq((uint16_t)~lk_checksum_finish(lk_checksum_add(0, bytes, 8)), 0xddf2);
}
END_TEST

START_TEST(every_length_at_every_alignment_agrees_with_the_plain_sum)
{
	uint8_t bytes[200];

	fill(bytes, sizeof bytes, 1);
	for (size_t start = 0; start < 8; start++) {
		for (size_t len = 0; len <= 150; len++) {
			ck_assert_uint_eq(lk_checksum_finish(lk_checksum_add(0, bytes + start, len)), plain(bytes + start, len));
		}
	}
}
END_TEST

START_TEST(the_longest_datagram_of_all_ones_does_not_overflow)
{
	static uint8_t bytes[65535];

	memset(bytes, 0xff, sizeof bytes);
	ck_assert_uint_eq(lk_checksum_finish(lk_checksum_add(0, bytes, sizeof bytes)), plain(bytes, sizeof bytes));
	ck_assert_uint_eq(lk_checksum_finish(lk_checksum_add(0, bytes, 65534)), 0);
}
END_TEST

START_TEST(pieces_add_up_to_the_whole_wherever_it_is_cut)
{
	uint8_t bytes[64];

	fill(bytes, sizeof bytes, 2);
	for (size_t len = 0; len <= sizeof bytes; len++) {
		for (size_t at = 0; at <= len; at++) {
			uint64_t sum = lk_checksum_add(0, bytes, at);

			sum = at % 2 == 0 ? lk_checksum_add(sum, bytes + at, len - at) : lk_checksum_add_odd(sum, bytes + at, len - at);
			ck_assert_uint_eq(lk_checksum_finish(sum), plain(bytes, len));
		}
	}
}
END_TEST

START_TEST(numbers_count_as_they_stand_in_network_order)
{
	const uint8_t bytes[] = {0x12, 0x34, 0xfe, 0xdc, 0xba, 0x98};

	ck_assert_uint_eq(lk_checksum_finish(lk_checksum_add32(lk_checksum_add16(0, 0x1234), 0xfedcba98)), plain(bytes, 6));
}
END_TEST

START_TEST(the_pseudo_header_is_addresses_zero_protocol_length)
{
	const uint8_t pseudo[] = {10, 9, 0, 1, 192, 0, 2, 7, 0, 6, 0x12, 0x34};

	ck_assert_uint_eq(lk_checksum_finish(lk_checksum_pseudo_ipv4(0x0a090001, 0xc0000207, 6, 0x1234)), plain(pseudo, 12));
}
END_TEST

START_TEST(data_with_its_own_checksum_in_it_is_ok_and_with_any_bit_flipped_is_not)
{
	uint8_t bytes[40];
	uint16_t checksum;

	fill(bytes, sizeof bytes, 3);
	bytes[10] = bytes[11] = 0;
	checksum = lk_checksum_finish(lk_checksum_add(0, bytes, sizeof bytes));
	bytes[10] = (uint8_t)(checksum >> 8);
	bytes[11] = (uint8_t)checksum;
	ck_assert(lk_checksum_ok(lk_checksum_add(0, bytes, sizeof bytes)));
	for (size_t bit = 0; bit < 8 * sizeof bytes; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		ck_assert(!lk_checksum_ok(lk_checksum_add(0, bytes, sizeof bytes)));
		bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}
END_TEST

START_TEST(the_example_of_rfc_1624_updates_to_zero)
{
	/* Section 4: HC = 0xdd2f, m = 0x5555, m' = 0x3285 gives 0x0000, where the older equation gave 0xffff. */
	ck_assert_uint_eq(lk_checksum_update16(0xdd2f, 0x5555, 0x3285), 0x0000);
}
END_TEST

START_TEST(an_update_equals_a_new_sum)
{
	uint8_t bytes[20];

	for (uint32_t seed = 0; seed < 2000; seed++) {
		uint16_t before, old16, new16;

		fill(bytes, sizeof bytes, seed);
		before = plain(bytes, sizeof bytes);
		old16 = (uint16_t)(bytes[6] << 8 | bytes[7]);
		new16 = (uint16_t)(seed * 40503u);
		bytes[6] = (uint8_t)(new16 >> 8);
		bytes[7] = (uint8_t)new16;
		ck_assert_uint_eq(lk_checksum_update16(before, old16, new16), plain(bytes, sizeof bytes));
	}
}
END_TEST

START_TEST(a_32_bit_update_is_two_16_bit_ones)
{
	uint8_t bytes[12] = {1, 2, 3, 4, 192, 0, 2, 1, 9, 9, 9, 9};
	uint16_t before = plain(bytes, 12);

	memcpy(bytes + 4, "\x0a\x09\x00\xfe", 4);
	ck_assert_uint_eq(lk_checksum_update32(before, 0xc0000201, 0x0a0900fe), plain(bytes, 12));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/checksum");
	TCase *c = tcase_create("checksum");

	tcase_add_test(c, the_example_of_rfc_1071_sums_to_ddf2);
	tcase_add_test(c, every_length_at_every_alignment_agrees_with_the_plain_sum);
	tcase_add_test(c, the_longest_datagram_of_all_ones_does_not_overflow);
	tcase_add_test(c, pieces_add_up_to_the_whole_wherever_it_is_cut);
	tcase_add_test(c, numbers_count_as_they_stand_in_network_order);
	tcase_add_test(c, the_pseudo_header_is_addresses_zero_protocol_length);
	tcase_add_test(c, data_with_its_own_checksum_in_it_is_ok_and_with_any_bit_flipped_is_not);
	tcase_add_test(c, the_example_of_rfc_1624_updates_to_zero);
	tcase_add_test(c, an_update_equals_a_new_sum);
	tcase_add_test(c, a_32_bit_update_is_two_16_bit_ones);
	suite_add_tcase(s, c);
	return run_suite(s);
}
