#include "stack/wire/udp.h"

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"
#include "stack/wire/checksum.h"

#define DATAGRAM "3039 0035 000d 918a 6162636465"

static uint64_t pseudo(uint16_t length)
{
	return lk_checksum_pseudo_ipv4(0x0a090001, 0x0a090002, 17, length);
}

START_TEST(each_field_is_where_rfc_768_puts_it)
{
	struct packet p = packet_of(DATAGRAM);
	struct lk_udp u;

	ck_assert_int_eq(lk_udp_parse(p.bytes, p.len, &u), 8);
	ck_assert_uint_eq(u.source_port, 12345);
	ck_assert_uint_eq(u.destination_port, 53);
	ck_assert_uint_eq(u.length, 13);
	ck_assert_uint_eq(u.checksum, 0x918a);
	ck_assert_ptr_eq(u.payload, p.bytes + 8);
	ck_assert_uint_eq(u.payload_len, 5);
	free(p.bytes);
}
END_TEST

START_TEST(every_length_short_of_the_datagram_is_truncated_and_more_is_no_data)
{
	struct packet p = packet_of(DATAGRAM "ffff");

	for (size_t len = 0; len <= p.len; len++) {
		struct packet c = cut(p, len);
		struct lk_udp u;
		int expected = len < 8 ? LK_E_TRUNCATED : len < 13 ? LK_E_TRUNCATED_PAYLOAD : 8;

		ck_assert_int_eq(lk_udp_parse(c.bytes, c.len, &u), expected);
		ck_assert(len < 13 || u.payload_len == 5);
		ck_assert(lk_udp_checksum_ok(c.bytes, c.len, pseudo(13)) == (len >= 13));
		free(c.bytes);
	}
	free(p.bytes);
}
END_TEST

START_TEST(a_length_below_8_is_malformed)
{
	for (uint8_t length = 0; length < 9; length++) {
		struct packet p = packet_of(DATAGRAM);
		struct lk_udp u;

		p.bytes[5] = length;
		ck_assert_int_eq(lk_udp_parse(p.bytes, p.len, &u), length < 8 ? LK_E_UDP_LENGTH : 8);
		free(p.bytes);
	}
}
END_TEST

START_TEST(emit_after_parse_gives_the_same_bytes)
{
	static const char *const canonical[] = {DATAGRAM, "ffff 0000 0008 0000", "0000 ffff 0009 ffff 77"};

	for (size_t i = 0; i < 3; i++) {
		struct packet p = packet_of(canonical[i]);
		struct lk_udp u;
		uint8_t buf[32];

		lk_udp_parse(p.bytes, p.len, &u);
		ck_assert_int_eq(lk_udp_emit(&u, buf, p.len), (int)p.len);
		ck_assert_mem_eq(buf, p.bytes, p.len);
		free(p.bytes);
	}
}
END_TEST

START_TEST(a_summed_emit_writes_the_right_checksum)
{
	struct packet p = packet_of(DATAGRAM);
	struct lk_udp u;
	uint8_t buf[32];

	lk_udp_parse(p.bytes, p.len, &u);
	u.checksum = 0;
	ck_assert_int_eq(lk_udp_emit_summed(&u, pseudo(13), buf, sizeof buf), 13);
	ck_assert_mem_eq(buf, p.bytes, 13);
	free(p.bytes);
}
END_TEST

START_TEST(a_checksum_that_computes_to_zero_is_sent_as_all_ones)
{
	const struct lk_udp u = {.source_port = 12345, .destination_port = 53, .payload = (const uint8_t *)"\xbb\x57", .payload_len = 2};
	uint8_t buf[10];

	ck_assert_int_eq(lk_udp_emit_summed(&u, pseudo(10), buf, sizeof buf), 10);
	ck_assert_mem_eq(buf + 6, "\xff\xff", 2);
	ck_assert(lk_udp_checksum_ok(buf, 10, pseudo(10)));
}
END_TEST

START_TEST(a_wrong_checksum_is_seen_and_none_is_taken)
{
	struct packet p = packet_of(DATAGRAM);

	for (size_t i = 0; i < p.len; i++) {
		p.bytes[i] ^= 0x40;
		ck_assert(!lk_udp_checksum_ok(p.bytes, p.len, pseudo(13)));
		p.bytes[i] ^= 0x40;
	}
	p.bytes[6] = p.bytes[7] = 0;
	ck_assert(lk_udp_checksum_ok(p.bytes, p.len, pseudo(13)));
	free(p.bytes);
}
END_TEST

START_TEST(what_cannot_be_written_is_refused_and_nothing_written)
{
	static const uint8_t bytes[65536];
	static uint8_t buf[65535], before[65535];
	struct lk_udp u = {.payload = bytes, .payload_len = 65527};

	ck_assert_int_eq(lk_udp_emit(&u, buf, sizeof buf), 65535);
	memset(buf, 0xee, sizeof buf);
	memset(before, 0xee, sizeof before);
	ck_assert_int_eq(lk_udp_emit(&u, buf, 65534), LK_E_NOSPACE);
	ck_assert_int_eq(lk_udp_emit_summed(&u, 0, buf, 65534), LK_E_NOSPACE);
	u.payload_len++;
	ck_assert_int_eq(lk_udp_emit(&u, buf, SIZE_MAX), LK_E_INVALID);
	ck_assert_int_eq(lk_udp_emit_summed(&u, 0, buf, SIZE_MAX), LK_E_INVALID);
	ck_assert_mem_eq(buf, before, sizeof buf);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/udp");
	TCase *c = tcase_create("udp");

	tcase_add_test(c, each_field_is_where_rfc_768_puts_it);
	tcase_add_test(c, every_length_short_of_the_datagram_is_truncated_and_more_is_no_data);
	tcase_add_test(c, a_length_below_8_is_malformed);
	tcase_add_test(c, emit_after_parse_gives_the_same_bytes);
	tcase_add_test(c, a_summed_emit_writes_the_right_checksum);
	tcase_add_test(c, a_checksum_that_computes_to_zero_is_sent_as_all_ones);
	tcase_add_test(c, a_wrong_checksum_is_seen_and_none_is_taken);
	tcase_add_test(c, what_cannot_be_written_is_refused_and_nothing_written);
	suite_add_tcase(s, c);
	return run_suite(s);
}
