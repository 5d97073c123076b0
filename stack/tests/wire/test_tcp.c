#include "stack/wire/tcp.h"

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"
#include "stack/wire/checksum.h"

/* A SYN as Linux sends it, and a data segment with aligned timestamps. */
#define SYN "3039 0050 01020304 00000000 a002 faf0 e227 0000  0204 05b4 0402 080a 00112233 00000000 01 030307"
#define DATA "3039 0050 01020304 a0b0c0d0 8018 01f6 3924 0000  0101080a 00112233 44556677  616263"

static uint64_t pseudo(uint16_t length)
{
	return lk_checksum_pseudo_ipv4(0x0a090001, 0x0a090002, 6, length);
}

START_TEST(each_field_is_where_rfc_9293_puts_it)
{
	struct packet p = packet_of("3039 0050 01020304 a0b0c0d0 6b5a 01f6 3924 fedc 01010101 616263");
	struct lk_tcp t;

	ck_assert_int_eq(lk_tcp_parse(p.bytes, p.len, &t), 24);
	ck_assert_uint_eq(t.source_port, 12345);
	ck_assert_uint_eq(t.destination_port, 80);
	ck_assert_uint_eq(t.sequence_number, 0x01020304);
	ck_assert_uint_eq(t.acknowledgment_number, 0xa0b0c0d0);
	ck_assert_uint_eq(t.reserved, 0xb);
	ck_assert_uint_eq(t.control, LK_TCP_ECE | LK_TCP_ACK | LK_TCP_PSH | LK_TCP_SYN);
	ck_assert_uint_eq(t.window, 0x01f6);
	ck_assert_uint_eq(t.checksum, 0x3924);
	ck_assert_uint_eq(t.urgent_pointer, 0xfedc);
	ck_assert_ptr_eq(t.options, p.bytes + 20);
	ck_assert_uint_eq(t.options_len, 4);
	ck_assert_ptr_eq(t.payload, p.bytes + 24);
	ck_assert_uint_eq(t.payload_len, 3);
	free(p.bytes);
}
END_TEST

START_TEST(the_segment_length_counts_syn_and_fin)
{
	struct lk_tcp t = {.payload_len = 10, .control = LK_TCP_ACK | LK_TCP_PSH};

	ck_assert_uint_eq(lk_tcp_segment_length(&t), 10);
	t.control = LK_TCP_SYN;
	ck_assert_uint_eq(lk_tcp_segment_length(&t), 11);
	t.control = LK_TCP_SYN | LK_TCP_FIN;
	ck_assert_uint_eq(lk_tcp_segment_length(&t), 12);
}
END_TEST

START_TEST(every_length_short_of_the_header_is_truncated)
{
	struct packet p = packet_of(SYN);

	for (size_t len = 0; len <= p.len; len++) {
		struct packet c = cut(p, len);
		struct lk_tcp t;

		ck_assert_int_eq(lk_tcp_parse(c.bytes, c.len, &t), len < 40 ? LK_E_TRUNCATED : 40);
		ck_assert(lk_tcp_checksum_ok(c.bytes, c.len, pseudo(40)) == (len == 40));
		free(c.bytes);
	}
	free(p.bytes);
}
END_TEST

START_TEST(a_data_offset_below_5_is_malformed_and_one_past_the_end_truncated)
{
	for (unsigned offset = 0; offset < 16; offset++) {
		struct packet p = packet_of(DATA);
		struct lk_tcp t;
		int expected = offset < 5 ? LK_E_TCP_DATA_OFFSET : offset > 8 ? LK_E_TRUNCATED : (int)(4 * offset);

		p.bytes[12] = (uint8_t)(offset << 4);
		ck_assert_int_eq(lk_tcp_parse(p.bytes, p.len, &t), expected);
		free(p.bytes);
	}
}
END_TEST

START_TEST(emit_after_parse_gives_the_same_bytes)
{
	static const char *const canonical[] = {
	    SYN, DATA, "0000 0000 00000000 00000000 5000 0000 0000 0000",
	    "ffff ffff ffffffff ffffffff 5fff ffff ffff ffff 00",                    /* all reserved and control bits */
	    "0001 0002 00000003 00000004 6010 0005 0006 0000 02ff0000",                /* an option that runs out */
	    "0001 0002 00000003 00000004 7010 0005 0006 0000 fd0612345678 00ff 99",    /* an unknown option, bytes after the end */
	};

	for (size_t i = 0; i < sizeof canonical / sizeof canonical[0]; i++) {
		struct packet p = packet_of(canonical[i]);
		struct lk_tcp t;
		uint8_t buf[64];

		ck_assert_int_gt(lk_tcp_parse(p.bytes, p.len, &t), 0);
		ck_assert_int_eq(lk_tcp_emit(&t, buf, p.len), (int)p.len);
		ck_assert_mem_eq(buf, p.bytes, p.len);
		free(p.bytes);
	}
}
END_TEST

START_TEST(a_summed_emit_writes_the_right_checksum)
{
	static const char *const segments[] = {SYN, DATA};

	for (size_t i = 0; i < 2; i++) {
		struct packet p = packet_of(segments[i]);
		struct lk_tcp t;
		uint8_t buf[64];

		lk_tcp_parse(p.bytes, p.len, &t);
		t.checksum = 0xdead;
		ck_assert_int_eq(lk_tcp_emit_summed(&t, pseudo((uint16_t)p.len), buf, sizeof buf), (int)p.len);
		ck_assert_mem_eq(buf, p.bytes, p.len);
		free(p.bytes);
	}
}
END_TEST

START_TEST(a_summed_emit_covers_every_field)
{
	static const uint8_t bytes[40] = {1, 3, 5, 7};
	uint8_t buf[128];

	for (unsigned i = 0; i < 200; i++) {
		const struct lk_tcp t = {
		    .source_port = (uint16_t)(i * 331), .destination_port = (uint16_t)(i * 7919), .sequence_number = i * 2654435761u,
		    .acknowledgment_number = i * 40503u * 65537u, .reserved = i & 15, .control = (uint8_t)(i * 3),
		    .window = (uint16_t)(i * 911), .urgent_pointer = (uint16_t)(i * 127), .options = bytes,
		    .options_len = i % 11 * 4, .payload = bytes, .payload_len = i % 41};
		uint16_t length = (uint16_t)(20 + t.options_len + t.payload_len);

		ck_assert_int_eq(lk_tcp_emit_summed(&t, pseudo(length), buf, sizeof buf), length);
		ck_assert(lk_tcp_checksum_ok(buf, length, pseudo(length)));
	}
}
END_TEST

START_TEST(a_checksum_is_wrong_after_any_change)
{
	struct packet p = packet_of(DATA);

	ck_assert(lk_tcp_checksum_ok(p.bytes, p.len, pseudo((uint16_t)p.len)));
	for (size_t i = 0; i < p.len; i++) {
		p.bytes[i] ^= 4;
		ck_assert(!lk_tcp_checksum_ok(p.bytes, p.len, pseudo((uint16_t)p.len)));
		p.bytes[i] ^= 4;
	}
	ck_assert(!lk_tcp_checksum_ok(p.bytes, p.len, lk_checksum_pseudo_ipv4(0x0a090001, 0x0a090003, 6, 35)));
	ck_assert(!lk_tcp_checksum_ok(p.bytes, 19, 0));
	free(p.bytes);
}
END_TEST

static void expect_emit_error(const struct lk_tcp *t, size_t cap, int error)
{
	static uint8_t buf[70000], before[70000];

	memset(buf, 0xee, sizeof buf);
	memset(before, 0xee, sizeof before);
	ck_assert_int_eq(lk_tcp_emit(t, buf, cap), error);
	ck_assert_int_eq(lk_tcp_emit_summed(t, 0, buf, cap), error);
	ck_assert_mem_eq(buf, before, sizeof buf);
}

START_TEST(what_cannot_be_written_is_refused_and_nothing_written)
{
	static const uint8_t bytes[65536];
	static uint8_t buf[65535];
	const struct lk_tcp good = {.options = bytes, .options_len = 40, .payload = bytes, .payload_len = 65475};
	struct lk_tcp t = good;

	ck_assert_int_eq(lk_tcp_emit(&t, buf, sizeof buf), 65535);
	expect_emit_error(&t, 65534, LK_E_NOSPACE);
	t.payload_len++;
	expect_emit_error(&t, 70000, LK_E_INVALID);
	t.payload_len = SIZE_MAX;
	expect_emit_error(&t, 70000, LK_E_INVALID);
	t = good;
	t.options_len = 44;
	expect_emit_error(&t, 70000, LK_E_INVALID);
	t.options_len = 39;
	expect_emit_error(&t, 70000, LK_E_INVALID);
	t = good;
	t.reserved = 16;
	expect_emit_error(&t, 70000, LK_E_INVALID);
}
END_TEST

START_TEST(data_already_in_place_is_summed_and_left_there)
{
	struct packet p = packet_of(DATA);
	struct lk_tcp t;
	uint8_t buf[64];

	lk_tcp_parse(p.bytes, p.len, &t);
	memcpy(buf + 32, "abc", 3);
	t.payload = buf + 32;
	ck_assert_int_eq(lk_tcp_emit_summed(&t, pseudo(35), buf, sizeof buf), 35);
	ck_assert_mem_eq(buf, p.bytes, 35);
	free(p.bytes);
}
END_TEST

START_TEST(options_are_walked_from_the_header)
{
	struct packet p = packet_of(SYN);
	const uint8_t kinds[] = {2, 4, 8, 1, 3};
	struct lk_option o;
	struct lk_tcp t;
	size_t at = 0;

	lk_tcp_parse(p.bytes, p.len, &t);
	for (size_t i = 0; i < sizeof kinds; i++) {
		ck_assert_int_eq(lk_tcp_option_next(&t, &at, &o), 1);
		ck_assert_uint_eq(o.kind, kinds[i]);
	}
	ck_assert_int_eq(lk_tcp_option_next(&t, &at, &o), 0);
	free(p.bytes);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/tcp");
	TCase *c = tcase_create("tcp");

	tcase_add_test(c, each_field_is_where_rfc_9293_puts_it);
	tcase_add_test(c, the_segment_length_counts_syn_and_fin);
	tcase_add_test(c, every_length_short_of_the_header_is_truncated);
	tcase_add_test(c, a_data_offset_below_5_is_malformed_and_one_past_the_end_truncated);
	tcase_add_test(c, emit_after_parse_gives_the_same_bytes);
	tcase_add_test(c, a_summed_emit_writes_the_right_checksum);
	tcase_add_test(c, a_summed_emit_covers_every_field);
	tcase_add_test(c, a_checksum_is_wrong_after_any_change);
	tcase_add_test(c, what_cannot_be_written_is_refused_and_nothing_written);
	tcase_add_test(c, data_already_in_place_is_summed_and_left_there);
	tcase_add_test(c, options_are_walked_from_the_header);
	suite_add_tcase(s, c);
	return run_suite(s);
}
