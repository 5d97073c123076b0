#include "stack/wire/icmpv4.h"

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"

#define ECHO "08 00 cd33 0102 0003 6162636465"
#define QUOTE "45 00 0020 1234 4000 40 11 1485 0a090001 0a090002  3039 0035 000c 0000"
#define TIMESTAMP "0d 00 0000 0001 0002 00000003 00000004 00000005"

START_TEST(an_echo_has_an_identifier_a_sequence_number_and_data)
{
	struct packet p = packet_of(ECHO);
	struct lk_icmpv4 m;

	ck_assert_int_eq(lk_icmpv4_parse(p.bytes, p.len, &m), 8);
	ck_assert_uint_eq(m.type, LK_ICMPV4_ECHO);
	ck_assert_uint_eq(m.code, 0);
	ck_assert_uint_eq(m.checksum, 0xcd33);
	ck_assert_uint_eq(lk_icmpv4_identifier(&m), 0x0102);
	ck_assert_uint_eq(lk_icmpv4_sequence_number(&m), 3);
	ck_assert_uint_eq(lk_icmpv4_rest_echo(0x0102, 3), m.rest_of_header);
	ck_assert_uint_eq(m.payload_len, 5);
	ck_assert_ptr_eq(m.payload, p.bytes + 8);
	ck_assert(lk_icmpv4_checksum_ok(p.bytes, p.len));
	free(p.bytes);
}
END_TEST

START_TEST(the_word_is_read_as_its_type_wants)
{
	const struct lk_icmpv4 m = {.rest_of_header = 0x0a0905dc};

	ck_assert_uint_eq(lk_icmpv4_next_hop_mtu(&m), 1500);
	ck_assert_uint_eq(lk_icmpv4_gateway(&m), 0x0a0905dc);
	ck_assert_uint_eq(lk_icmpv4_pointer(&m), 0x0a);
	ck_assert_uint_eq(lk_icmpv4_rest_pointer(0x14), 0x14000000);
}
END_TEST

START_TEST(errors_are_the_five_types_that_quote)
{
	unsigned count = 0;

	for (unsigned type = 0; type < 256; type++) {
		count += lk_icmpv4_is_error((uint8_t)type);
	}
	ck_assert_uint_eq(count, 5);
	ck_assert(lk_icmpv4_is_error(LK_ICMPV4_DESTINATION_UNREACHABLE));
	ck_assert(lk_icmpv4_is_error(LK_ICMPV4_SOURCE_QUENCH));
	ck_assert(lk_icmpv4_is_error(LK_ICMPV4_REDIRECT));
	ck_assert(lk_icmpv4_is_error(LK_ICMPV4_TIME_EXCEEDED));
	ck_assert(lk_icmpv4_is_error(LK_ICMPV4_PARAMETER_PROBLEM));
}
END_TEST

START_TEST(an_error_gives_the_header_it_quotes_though_the_data_is_cut)
{
	struct packet p = packet_of("03 03 0000 00000000" QUOTE);
	struct lk_icmpv4 m;
	struct lk_ipv4 ip;

	lk_icmpv4_parse(p.bytes, p.len, &m);
	ck_assert_int_eq(lk_icmpv4_quoted(&m, &ip), 20);
	ck_assert_uint_eq(ip.protocol, LK_PROTOCOL_UDP);
	ck_assert_uint_eq(ip.total_length, 32);
	ck_assert_uint_eq(ip.payload_len, 8);
	m.payload_len = 19;
	ck_assert_int_eq(lk_icmpv4_quoted(&m, &ip), LK_E_TRUNCATED);
	m.type = LK_ICMPV4_ECHO;
	ck_assert_int_eq(lk_icmpv4_quoted(&m, &ip), LK_E_INVALID);
	free(p.bytes);
}
END_TEST

START_TEST(a_timestamp_has_three_times)
{
	struct packet p = packet_of(TIMESTAMP);
	struct lk_icmpv4 m;
	uint32_t times[3];

	ck_assert_int_eq(lk_icmpv4_parse(p.bytes, p.len, &m), 8);
	ck_assert_int_eq(lk_icmpv4_timestamps(&m, times), LK_OK);
	ck_assert(times[0] == 3 && times[1] == 4 && times[2] == 5);
	m.payload_len = 11;
	ck_assert_int_eq(lk_icmpv4_timestamps(&m, times), LK_E_INVALID);
	m.payload_len = 12;
	m.type = LK_ICMPV4_ECHO;
	ck_assert_int_eq(lk_icmpv4_timestamps(&m, times), LK_E_INVALID);
	free(p.bytes);
}
END_TEST

START_TEST(fewer_than_8_bytes_are_truncated_and_fewer_than_20_in_a_timestamp)
{
	static const char *const messages[] = {ECHO, TIMESTAMP, "0e 00 ffff 0001 0002 00000003 00000004 0000000500"};
	static const size_t least[] = {8, 20, 20};

	for (size_t i = 0; i < 3; i++) {
		struct packet p = packet_of(messages[i]);

		for (size_t len = 0; len <= p.len; len++) {
			struct packet c = cut(p, len);
			struct lk_icmpv4 m;

			ck_assert_int_eq(lk_icmpv4_parse(c.bytes, c.len, &m), len < least[i] ? LK_E_TRUNCATED : 8);
			ck_assert(len >= 8 || !lk_icmpv4_checksum_ok(c.bytes, c.len));
			free(c.bytes);
		}
		free(p.bytes);
	}
}
END_TEST

START_TEST(emit_after_parse_gives_the_same_bytes_for_every_type_and_code)
{
	for (unsigned type = 0; type < 256; type++) {
		struct packet p = packet_of("00 00 1234 fedcba98" QUOTE);
		struct lk_icmpv4 m;
		uint8_t buf[64];

		p.bytes[0] = (uint8_t)type;
		p.bytes[1] = (uint8_t)(type * 5);
		ck_assert_int_eq(lk_icmpv4_parse(p.bytes, p.len, &m), 8);
		ck_assert_int_eq(lk_icmpv4_emit(&m, buf, p.len), (int)p.len);
		ck_assert_mem_eq(buf, p.bytes, p.len);
		free(p.bytes);
	}
}
END_TEST

START_TEST(a_summed_emit_writes_the_right_checksum)
{
	struct packet p = packet_of(ECHO);
	struct lk_icmpv4 m;
	uint8_t buf[64];

	lk_icmpv4_parse(p.bytes, p.len, &m);
	m.checksum = 0;
	ck_assert_int_eq(lk_icmpv4_emit_summed(&m, buf, sizeof buf), (int)p.len);
	ck_assert_mem_eq(buf, p.bytes, p.len);
	for (size_t i = 0; i < p.len; i++) {
		buf[i] ^= 0x10;
		ck_assert(!lk_icmpv4_checksum_ok(buf, p.len));
		buf[i] ^= 0x10;
	}
	free(p.bytes);
}
END_TEST

static void expect_emit_error(const struct lk_icmpv4 *m, size_t cap, int error)
{
	static uint8_t buf[70000], before[70000];

	memset(buf, 0xee, sizeof buf);
	memset(before, 0xee, sizeof before);
	ck_assert_int_eq(lk_icmpv4_emit(m, buf, cap), error);
	ck_assert_int_eq(lk_icmpv4_emit_summed(m, buf, cap), error);
	ck_assert_mem_eq(buf, before, sizeof buf);
}

START_TEST(what_cannot_be_written_is_refused_and_nothing_written)
{
	static const uint8_t bytes[65536];
	static uint8_t buf[65535];
	struct lk_icmpv4 m = {.type = LK_ICMPV4_ECHO, .payload = bytes, .payload_len = 65507};

	ck_assert_int_eq(lk_icmpv4_emit(&m, buf, sizeof buf), 65515);
	expect_emit_error(&m, 65514, LK_E_NOSPACE);
	m.payload_len++;
	expect_emit_error(&m, 70000, LK_E_INVALID);
	m.payload_len = 11;
	m.type = LK_ICMPV4_TIMESTAMP_REPLY;
	expect_emit_error(&m, 70000, LK_E_INVALID);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/icmpv4");
	TCase *c = tcase_create("icmpv4");

	tcase_add_test(c, an_echo_has_an_identifier_a_sequence_number_and_data);
	tcase_add_test(c, the_word_is_read_as_its_type_wants);
	tcase_add_test(c, errors_are_the_five_types_that_quote);
	tcase_add_test(c, an_error_gives_the_header_it_quotes_though_the_data_is_cut);
	tcase_add_test(c, a_timestamp_has_three_times);
	tcase_add_test(c, fewer_than_8_bytes_are_truncated_and_fewer_than_20_in_a_timestamp);
	tcase_add_test(c, emit_after_parse_gives_the_same_bytes_for_every_type_and_code);
	tcase_add_test(c, a_summed_emit_writes_the_right_checksum);
	tcase_add_test(c, what_cannot_be_written_is_refused_and_nothing_written);
	suite_add_tcase(s, c);
	return run_suite(s);
}
