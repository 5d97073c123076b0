/* hash.h and rng.h. */
#include "stack/base/hash.h"

#include <string.h>

#include "stack/base/rng.h"
#include "stack/tests/support/run.h"

START_TEST(siphash_gives_the_numbers_of_its_authors)
{
	/* Key 00..0f, message 00..n-1, for n = 0, 1, 7, 8, 15, 63: from the reference vectors. */
	static const struct {
		size_t len;
		uint64_t hash;
	} vectors[] = {
	    {0, UINT64_C(0x726fdb47dd0e0e31)},  {1, UINT64_C(0x74f839c593dc67fd)},  {7, UINT64_C(0xab0200f58b01d137)},
	    {8, UINT64_C(0x93f5f5799a932462)},  {15, UINT64_C(0xa129ca6149be45e5)}, {63, UINT64_C(0x958a324ceb064572)},
	};
	uint8_t key[16], message[64];

	for (uint8_t i = 0; i < 64; i++) {
		message[i] = i;
	}
	memcpy(key, message, 16);
	for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
		ck_assert_uint_eq(lk_siphash(key, message, vectors[i].len), vectors[i].hash);
	}
}
END_TEST

static uint64_t digest_of(const uint64_t *numbers, size_t count)
{
	struct lk_digest d;

	lk_digest_begin(&d);
	for (size_t i = 0; i < count; i++) {
		lk_digest_add(&d, numbers[i]);
	}
	ck_assert_uint_eq(d.count, count);
	return d.value;
}

START_TEST(a_digest_changes_with_every_number_and_their_order)
{
	const uint64_t a[] = {1, 2, 3}, b[] = {1, 2, 4}, c[] = {2, 1, 3}, d[] = {1, 2, 3, 0};

	ck_assert_uint_eq(digest_of(a, 3), digest_of(a, 3));
	ck_assert_uint_ne(digest_of(a, 3), digest_of(b, 3));
	ck_assert_uint_ne(digest_of(a, 3), digest_of(c, 3));
	ck_assert_uint_ne(digest_of(a, 3), digest_of(d, 4));
	ck_assert_uint_ne(digest_of(a, 0), digest_of(a, 1));
}
END_TEST

START_TEST(a_digest_of_bytes_sees_each_byte_and_the_length)
{
	uint8_t bytes[20] = {0};
	struct lk_digest d;
	uint64_t first;

	for (size_t len = 0; len <= sizeof bytes; len++) {
		lk_digest_begin(&d);
		lk_digest_bytes(&d, bytes, len);
		first = d.value;
		for (size_t i = 0; i < len; i++) {
			bytes[i] = 1;
			lk_digest_begin(&d);
			lk_digest_bytes(&d, bytes, len);
			ck_assert_uint_ne(d.value, first);
			bytes[i] = 0;
		}
		if (len < sizeof bytes) {
			lk_digest_begin(&d);
			lk_digest_bytes(&d, bytes, len + 1);
			ck_assert_uint_ne(d.value, first);
		}
	}
}
END_TEST

START_TEST(a_digest_is_the_same_number_on_every_machine)
{
	const uint64_t numbers[] = {0, 1, UINT64_MAX};
	struct lk_digest d;

	ck_assert_uint_eq(digest_of(numbers, 3), UINT64_C(0x7e51b231de1efb0f));
	lk_digest_begin(&d);
	lk_digest_bytes(&d, "lockstep proves", 15);
	ck_assert_uint_eq(d.value, UINT64_C(0xee5c31c816eb1d7a));
}
END_TEST

START_TEST(keys_differ_by_purpose_and_by_every_part_of_the_seed)
{
	uint8_t seed[32] = {0}, key[16], other[16];

	lk_seed_key(seed, 1, key);
	ck_assert_mem_ne(key, key + 8, 8);
	lk_seed_key(seed, 1, other);
	ck_assert_mem_eq(key, other, 16);
	lk_seed_key(seed, 2, other);
	ck_assert_mem_ne(key, other, 16);
	for (size_t i = 0; i < sizeof seed; i++) {
		seed[i] = 1;
		lk_seed_key(seed, 1, other);
		ck_assert_mem_ne(key, other, 16);
		seed[i] = 0;
	}
}
END_TEST

START_TEST(the_same_seed_draws_the_same_numbers)
{
	const uint8_t seed[32] = {1, 2, 3};
	struct lk_rng a, b, c;

	lk_rng_init(&a, seed, 7);
	lk_rng_init(&b, seed, 7);
	lk_rng_init(&c, seed, 8);
	for (int i = 0; i < 100; i++) {
		uint64_t drawn = lk_rng_next(&a);

		ck_assert_uint_eq(drawn, lk_rng_next(&b));
		ck_assert_uint_ne(drawn, lk_rng_next(&c));
	}
	ck_assert_uint_eq(a.counter, 100);
}
END_TEST

START_TEST(numbers_below_a_bound_reach_all_of_it_and_no_more)
{
	const uint8_t seed[32] = {9};
	unsigned seen[10] = {0};
	struct lk_rng r;

	lk_rng_init(&r, seed, 0);
	for (int i = 0; i < 10000; i++) {
		uint32_t n = lk_rng_below(&r, 10);

		ck_assert_uint_lt(n, 10);
		seen[n]++;
	}
	for (int i = 0; i < 10; i++) {
		ck_assert_uint_gt(seen[i], 850);
		ck_assert_uint_lt(seen[i], 1150);
	}
	ck_assert_uint_eq(lk_rng_below(&r, 0), 0);
	ck_assert_uint_eq(lk_rng_below(&r, 1), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("base/hash");
	TCase *c = tcase_create("hash");

	tcase_add_test(c, siphash_gives_the_numbers_of_its_authors);
	tcase_add_test(c, a_digest_changes_with_every_number_and_their_order);
	tcase_add_test(c, a_digest_of_bytes_sees_each_byte_and_the_length);
	tcase_add_test(c, a_digest_is_the_same_number_on_every_machine);
	tcase_add_test(c, keys_differ_by_purpose_and_by_every_part_of_the_seed);
	tcase_add_test(c, the_same_seed_draws_the_same_numbers);
	tcase_add_test(c, numbers_below_a_bound_reach_all_of_it_and_no_more);
	suite_add_tcase(s, c);
	return run_suite(s);
}
