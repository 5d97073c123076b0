#include "stack/wire/ethernet.h"

#include <limits.h>

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"

#define FRAME "02 00 00 00 00 02  02 00 00 00 00 01  0800  45 00 00"

START_TEST(a_frame_is_two_addresses_a_type_and_the_rest)
{
	struct packet p = packet_of(FRAME);
	struct lk_ethernet e;

	ck_assert_int_eq(lk_ethernet_parse(p.bytes, p.len, &e), 14);
	ck_assert_mem_eq(e.destination, "\2\0\0\0\0\2", 6);
	ck_assert_mem_eq(e.source, "\2\0\0\0\0\1", 6);
	ck_assert_uint_eq(e.type, LK_ETHERTYPE_IPV4);
	ck_assert_ptr_eq(e.payload, p.bytes + 14);
	ck_assert_uint_eq(e.payload_len, 3);
	free(p.bytes);
}
END_TEST

START_TEST(fewer_than_14_bytes_are_truncated)
{
	struct packet p = packet_of(FRAME);

	for (size_t len = 0; len <= p.len; len++) {
		struct packet c = cut(p, len);
		struct lk_ethernet e;

		ck_assert_int_eq(lk_ethernet_parse(c.bytes, c.len, &e), len < 14 ? LK_E_TRUNCATED : 14);
		free(c.bytes);
	}
	free(p.bytes);
}
END_TEST

START_TEST(emit_after_parse_gives_the_same_bytes)
{
	struct packet p = packet_of(FRAME);
	struct lk_ethernet e;
	uint8_t buf[32];

	lk_ethernet_parse(p.bytes, p.len, &e);
	ck_assert_int_eq(lk_ethernet_emit(&e, buf, p.len), (int)p.len);
	ck_assert_mem_eq(buf, p.bytes, p.len);
	free(p.bytes);
}
END_TEST

START_TEST(a_buffer_too_small_by_one_stays_untouched)
{
	struct packet p = packet_of(FRAME);
	struct lk_ethernet e;
	uint8_t buf[32], before[32];

	memset(buf, 0xee, sizeof buf);
	memset(before, 0xee, sizeof before);
	lk_ethernet_parse(p.bytes, p.len, &e);
	ck_assert_int_eq(lk_ethernet_emit(&e, buf, p.len - 1), LK_E_NOSPACE);
	e.payload_len = (size_t)INT_MAX;
	ck_assert_int_eq(lk_ethernet_emit(&e, buf, SIZE_MAX), LK_E_INVALID);
	ck_assert_mem_eq(buf, before, sizeof buf);
	free(p.bytes);
}
END_TEST

START_TEST(a_payload_in_its_place_stays_and_one_that_overlaps_is_moved)
{
	struct lk_ethernet e = {.type = 0x1234, .payload_len = 4};
	uint8_t buf[32] = {0};

	memcpy(buf + 14, "abcd", 4);
	e.payload = buf + 14;
	ck_assert_int_eq(lk_ethernet_emit(&e, buf, sizeof buf), 18);
	ck_assert_mem_eq(buf + 12, "\x12\x34""abcd", 6);
	memcpy(buf + 11, "efgh", 4);
	e.payload = buf + 11; /* where the header goes */
	ck_assert_int_eq(lk_ethernet_emit(&e, buf, sizeof buf), 18);
	ck_assert_mem_eq(buf + 12, "\x12\x34""efgh", 6);
}
END_TEST

START_TEST(group_and_broadcast_addresses_are_known)
{
	const uint8_t all[6] = {255, 255, 255, 255, 255, 255}, group[6] = {1, 0, 0x5e, 0, 0, 1}, one[6] = {2, 255, 255, 255, 255, 255};

	ck_assert(lk_ethernet_is_group(all) && lk_ethernet_is_broadcast(all));
	ck_assert(lk_ethernet_is_group(group) && !lk_ethernet_is_broadcast(group));
	ck_assert(!lk_ethernet_is_group(one) && !lk_ethernet_is_broadcast(one));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/ethernet");
	TCase *c = tcase_create("ethernet");

	tcase_add_test(c, a_frame_is_two_addresses_a_type_and_the_rest);
	tcase_add_test(c, fewer_than_14_bytes_are_truncated);
	tcase_add_test(c, emit_after_parse_gives_the_same_bytes);
	tcase_add_test(c, a_buffer_too_small_by_one_stays_untouched);
	tcase_add_test(c, a_payload_in_its_place_stays_and_one_that_overlaps_is_moved);
	tcase_add_test(c, group_and_broadcast_addresses_are_known);
	suite_add_tcase(s, c);
	return run_suite(s);
}
