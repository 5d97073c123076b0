#include "stack/wire/arp.h"

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"

#define REQUEST "0001 0800 06 04 0001  02 00 00 00 00 01 0a090001  00 00 00 00 00 00 0a090002"

START_TEST(a_request_is_read_field_by_field)
{
	struct packet p = packet_of(REQUEST);
	struct lk_arp a;

	ck_assert_int_eq(lk_arp_parse(p.bytes, p.len, &a), LK_ARP_LEN);
	ck_assert_uint_eq(a.op, LK_ARP_REQUEST);
	ck_assert_mem_eq(a.sha, "\2\0\0\0\0\1", 6);
	ck_assert_uint_eq(a.spa, 0x0a090001);
	ck_assert_mem_eq(a.tha, "\0\0\0\0\0\0", 6);
	ck_assert_uint_eq(a.tpa, 0x0a090002);
	free(p.bytes);
}
END_TEST

START_TEST(fewer_than_28_bytes_are_truncated_and_more_are_padding)
{
	struct packet p = packet_of(REQUEST "000000000000");

	for (size_t len = 0; len <= p.len; len++) {
		struct packet c = cut(p, len);
		struct lk_arp a;

		ck_assert_int_eq(lk_arp_parse(c.bytes, c.len, &a), len < 28 ? LK_E_TRUNCATED : 28);
		free(c.bytes);
	}
	free(p.bytes);
}
END_TEST

START_TEST(what_is_not_ethernet_and_ipv4_is_refused_by_name)
{
	static const struct {
		size_t offset;
		int error;
	} faults[] = {{0, LK_E_ARP_HARDWARE_TYPE}, {1, LK_E_ARP_HARDWARE_TYPE},   {2, LK_E_ARP_PROTOCOL_TYPE},
	              {3, LK_E_ARP_PROTOCOL_TYPE}, {4, LK_E_ARP_HARDWARE_LENGTH}, {5, LK_E_ARP_PROTOCOL_LENGTH}};

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct packet p = packet_of(REQUEST);
		struct packet c;
		struct lk_arp a;

		p.bytes[faults[i].offset] ^= 1;
		ck_assert_int_eq(lk_arp_parse(p.bytes, p.len, &a), faults[i].error);
		c = cut(p, 8); /* judged before the addresses are missed */
		ck_assert_int_eq(lk_arp_parse(c.bytes, c.len, &a), faults[i].error);
		free(c.bytes);
		free(p.bytes);
	}
}
END_TEST

START_TEST(emit_after_parse_gives_the_same_bytes_for_any_operation)
{
	for (unsigned op = 0; op < 300; op += 7) {
		struct packet p = packet_of(REQUEST);
		struct lk_arp a;
		uint8_t buf[28];

		p.bytes[6] = (uint8_t)(op >> 8);
		p.bytes[7] = (uint8_t)op;
		lk_arp_parse(p.bytes, p.len, &a);
		ck_assert_int_eq(lk_arp_emit(&a, buf, sizeof buf), 28);
		ck_assert_mem_eq(buf, p.bytes, 28);
		free(p.bytes);
	}
}
END_TEST

START_TEST(a_buffer_too_small_by_one_stays_untouched)
{
	struct lk_arp a = {.op = LK_ARP_REPLY};
	uint8_t buf[28], before[28];

	memset(buf, 0xee, sizeof buf);
	memset(before, 0xee, sizeof before);
	ck_assert_int_eq(lk_arp_emit(&a, buf, 27), LK_E_NOSPACE);
	ck_assert_mem_eq(buf, before, sizeof buf);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/arp");
	TCase *c = tcase_create("arp");

	tcase_add_test(c, a_request_is_read_field_by_field);
	tcase_add_test(c, fewer_than_28_bytes_are_truncated_and_more_are_padding);
	tcase_add_test(c, what_is_not_ethernet_and_ipv4_is_refused_by_name);
	tcase_add_test(c, emit_after_parse_gives_the_same_bytes_for_any_operation);
	tcase_add_test(c, a_buffer_too_small_by_one_stays_untouched);
	suite_add_tcase(s, c);
	return run_suite(s);
}
