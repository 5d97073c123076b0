#include "stack/wire/ipv4.h"

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"

/* A UDP datagram of 4 bytes of data as Linux sends it, with the right checksum; and the same with 8 bytes of options:
 * router alert, NOP, NOP, NOP, END. */
#define PLAIN "45 00 0020 1234 4000 40 11 1485 0a090001 0a090002  3039 0035 000c 0000 61626364"
#define OPTIONS "47 b9 0024 1234 2001 40 fd 0000 0a090001 0a090002  94040000 01010100  00010203 04050607"

START_TEST(each_field_is_where_rfc_791_puts_it)
{
	struct packet p = packet_of(OPTIONS);
	struct lk_ipv4 ip;

	ck_assert_int_eq(lk_ipv4_parse(p.bytes, p.len, &ip), 28);
	ck_assert_uint_eq(ip.type_of_service, 0xb9);
	ck_assert_uint_eq(lk_ipv4_dscp(&ip), 46);
	ck_assert_uint_eq(lk_ipv4_ecn(&ip), 1);
	ck_assert_uint_eq(ip.total_length, 36);
	ck_assert_uint_eq(ip.identification, 0x1234);
	ck_assert_uint_eq(ip.flags, LK_IPV4_MF);
	ck_assert_uint_eq(ip.fragment_offset, 1);
	ck_assert_uint_eq(ip.time_to_live, 64);
	ck_assert_uint_eq(ip.protocol, 0xfd);
	ck_assert_uint_eq(ip.header_checksum, 0);
	ck_assert_uint_eq(ip.source_address, 0x0a090001);
	ck_assert_uint_eq(ip.destination_address, 0x0a090002);
	ck_assert_ptr_eq(ip.options, p.bytes + 20);
	ck_assert_uint_eq(ip.options_len, 8);
	ck_assert_ptr_eq(ip.payload, p.bytes + 28);
	ck_assert_uint_eq(ip.payload_len, 8);
	free(p.bytes);
}
END_TEST

START_TEST(a_fragment_has_an_offset_or_more_to_come)
{
	struct lk_ipv4 ip = {.flags = LK_IPV4_DF};

	ck_assert(!lk_ipv4_is_fragment(&ip));
	ip.fragment_offset = 1;
	ck_assert(lk_ipv4_is_fragment(&ip));
	ip.fragment_offset = 0;
	ip.flags = LK_IPV4_MF;
	ck_assert(lk_ipv4_is_fragment(&ip));
}
END_TEST

START_TEST(every_length_short_of_the_datagram_is_truncated)
{
	struct packet p = packet_of(OPTIONS);

	for (size_t len = 0; len <= p.len; len++) {
		struct packet c = cut(p, len);
		struct lk_ipv4 ip;
		int whole = len < 28 ? LK_E_TRUNCATED : len < 36 ? LK_E_TRUNCATED_PAYLOAD : 28;

		ck_assert_int_eq(lk_ipv4_parse(c.bytes, c.len, &ip), whole);
		ck_assert_int_eq(lk_ipv4_parse_header(c.bytes, c.len, &ip), len < 28 ? LK_E_TRUNCATED : 28);
		ck_assert(len < 28 || ip.payload_len == len - 28);
		free(c.bytes);
	}
	free(p.bytes);
}
END_TEST

START_TEST(link_padding_is_not_payload)
{
	struct packet p = packet_of(PLAIN "0000 0000 0000");
	struct lk_ipv4 ip;

	ck_assert_int_eq(lk_ipv4_parse(p.bytes, p.len, &ip), 20);
	ck_assert_uint_eq(ip.payload_len, 12);
	ck_assert_int_eq(lk_ipv4_parse_header(p.bytes, p.len, &ip), 20);
	ck_assert_uint_eq(ip.payload_len, 12);
	free(p.bytes);
}
END_TEST

static int parse_changed(size_t offset, uint8_t value)
{
	struct packet p = packet_of(PLAIN);
	struct lk_ipv4 ip;
	int result, header;

	p.bytes[offset] = value;
	result = lk_ipv4_parse(p.bytes, p.len, &ip);
	header = lk_ipv4_parse_header(p.bytes, p.len, &ip);
	ck_assert(header == result || (header == 20 && result == LK_E_TRUNCATED_PAYLOAD));
	free(p.bytes);
	return result;
}

START_TEST(each_malformed_header_has_its_name)
{
	for (unsigned version = 0; version < 16; version++) {
		ck_assert_int_eq(parse_changed(0, (uint8_t)(version << 4 | 5)), version == 4 ? 20 : LK_E_IPV4_VERSION);
	}
	for (unsigned ihl = 0; ihl < 5; ihl++) {
		ck_assert_int_eq(parse_changed(0, (uint8_t)(0x40 | ihl)), LK_E_IPV4_IHL);
	}
	ck_assert_int_eq(parse_changed(0, 0x48), 32);             /* the data taken for options: nothing left */
	ck_assert_int_eq(parse_changed(0, 0x49), LK_E_TRUNCATED); /* options beyond the bytes */
	ck_assert_int_eq(parse_changed(3, 19), LK_E_IPV4_TOTAL_LENGTH);
	ck_assert_int_eq(parse_changed(3, 20), 20);
	ck_assert_int_eq(parse_changed(3, 33), LK_E_TRUNCATED_PAYLOAD);
	ck_assert_int_eq(parse_changed(2, 0xff), LK_E_TRUNCATED_PAYLOAD);
}
END_TEST

START_TEST(emit_after_parse_gives_the_same_bytes)
{
	static const char *const canonical[] = {
	    PLAIN, OPTIONS,
	    "45 ff 0014 ffff ffff 00 ff ffff ffffffff 00000000",                     /* reserved flag, wrong checksum, no data */
	    "46 00 0018 0000 0000 01 01 0000 7f000001 e0000001 00ffffff",             /* bytes after the end of the options */
	    "46 00 0018 0000 0000 01 01 0000 7f000001 e0000001 07ff0000",             /* an option that runs out */
	};

	for (size_t i = 0; i < sizeof canonical / sizeof canonical[0]; i++) {
		struct packet p = packet_of(canonical[i]);
		struct lk_ipv4 ip;
		uint8_t buf[64];

		ck_assert_int_gt(lk_ipv4_parse(p.bytes, p.len, &ip), 0);
		ck_assert_int_eq(lk_ipv4_emit(&ip, buf, p.len), (int)p.len);
		ck_assert_mem_eq(buf, p.bytes, p.len);
		free(p.bytes);
	}
}
END_TEST

START_TEST(a_summed_emit_writes_the_right_checksum)
{
	struct packet p = packet_of(PLAIN);
	struct lk_ipv4 ip;
	uint8_t buf[64];

	ck_assert(lk_ipv4_checksum_ok(p.bytes, p.len));
	lk_ipv4_parse(p.bytes, p.len, &ip);
	ip.header_checksum = 0xdead;
	ck_assert_int_eq(lk_ipv4_emit_summed(&ip, buf, sizeof buf), 32);
	ck_assert_mem_eq(buf, p.bytes, p.len);
	free(p.bytes);
	p = packet_of(OPTIONS);
	ck_assert(!lk_ipv4_checksum_ok(p.bytes, p.len));
	lk_ipv4_parse(p.bytes, p.len, &ip);
	ck_assert_int_eq(lk_ipv4_emit_summed(&ip, buf, sizeof buf), 36);
	ck_assert(lk_ipv4_checksum_ok(buf, 36));
	ck_assert(!lk_ipv4_checksum_ok(buf, 27));
	buf[21] ^= 1; /* an option is covered too */
	ck_assert(!lk_ipv4_checksum_ok(buf, 36));
	ip.options_len = 4;
	ck_assert_int_eq(lk_ipv4_emit_summed(&ip, buf, sizeof buf), 32);
	ck_assert(lk_ipv4_checksum_ok(buf, 32));
	free(p.bytes);
}
END_TEST

static void expect_emit_error(const struct lk_ipv4 *ip, size_t cap, int error)
{
	static uint8_t buf[70000], before[70000];

	memset(buf, 0xee, sizeof buf);
	memset(before, 0xee, sizeof before);
	ck_assert_int_eq(lk_ipv4_emit(ip, buf, cap), error);
	ck_assert_int_eq(lk_ipv4_emit_summed(ip, buf, cap), error);
	ck_assert_mem_eq(buf, before, sizeof buf);
}

START_TEST(what_cannot_be_written_is_refused_and_nothing_written)
{
	static const uint8_t bytes[65536];
	const struct lk_ipv4 good = {.options = bytes, .options_len = 40, .payload = bytes, .payload_len = 65475};
	struct lk_ipv4 ip = good;
	static uint8_t buf[65535];

	ck_assert_int_eq(lk_ipv4_emit(&ip, buf, sizeof buf), 65535);
	expect_emit_error(&ip, 65534, LK_E_NOSPACE);
	ip.payload_len++;
	expect_emit_error(&ip, 70000, LK_E_INVALID);
	ip.payload_len = SIZE_MAX;
	expect_emit_error(&ip, 70000, LK_E_INVALID);
	ip = good;
	ip.options_len = 44;
	expect_emit_error(&ip, 70000, LK_E_INVALID);
	ip.options_len = 6;
	expect_emit_error(&ip, 70000, LK_E_INVALID);
	ip = good;
	ip.flags = 8;
	expect_emit_error(&ip, 70000, LK_E_INVALID);
	ip = good;
	ip.fragment_offset = 0x2000;
	expect_emit_error(&ip, 70000, LK_E_INVALID);
}
END_TEST

/* The judgement over some options, and the offset of the octet at fault. */
static int check_options(const char *hex, size_t *where)
{
	struct packet p = packet_of(hex);
	struct lk_ipv4 ip = {.options = p.bytes, .options_len = p.len};
	int result = lk_ipv4_options_check(&ip, where);

	ck_assert_int_eq(lk_ipv4_options_check(&ip, NULL), result);
	free(p.bytes);
	return result;
}

START_TEST(sound_options_of_every_kind_pass)
{
	size_t where = 999;

	ck_assert_int_eq(check_options("", &where), 0);
	ck_assert_int_eq(check_options("01 07 07 04 00000000", &where), 0);     /* record route */
	ck_assert_int_eq(check_options("83 07 08 0a090003 00", &where), 0);     /* loose source route, exhausted */
	ck_assert_int_eq(check_options("89 07 04 0a090003 00", &where), 0);     /* strict source route */
	ck_assert_int_eq(check_options("44 0c 05 00 00000000 00000000", &where), 0); /* timestamp */
	ck_assert_int_eq(check_options("88 04 0001", &where), 0);               /* stream identifier */
	ck_assert_int_eq(check_options("82 0b 000000000000000000 01", &where), 0); /* security of RFC 791 */
	ck_assert_int_eq(check_options("82 03 ab 01", &where), 0);              /* security of RFC 1108 */
	ck_assert_int_eq(check_options("94 04 0000", &where), 0);               /* router alert */
	ck_assert_int_eq(check_options("1e 04 0000", &where), 0);               /* unknown, kept */
	ck_assert_int_eq(check_options("00 07 00 00", &where), 0);              /* after the end nothing counts */
	ck_assert_uint_eq(where, 999);
}
END_TEST

START_TEST(an_unsound_option_is_named_and_pointed_at)
{
	static const struct {
		const char *options;
		int error;
		size_t where; /* from the start of the header */
	} faults[] = {
	    {"01 01 94 00", LK_E_OPTION_LENGTH, 23},  {"01 01 94 01", LK_E_OPTION_LENGTH, 23},
	    {"01 01 01 94", LK_E_OPTION_LENGTH, 23},  {"01 07 04 04", LK_E_OPTION_OVERRUN, 22},
	    {"07 02 01 01", LK_E_OPTION_SIZE, 21},    {"01 44 03 05", LK_E_OPTION_SIZE, 22},
	    {"01 88 03 05", LK_E_OPTION_SIZE, 22},    {"01 94 02 05", LK_E_OPTION_SIZE, 22},
	    {"01 01 82 02", LK_E_OPTION_SIZE, 23},    {"07 03 03 00", LK_E_OPTION_POINTER, 22},
	    {"01 83 03 00", LK_E_OPTION_POINTER, 23}, {"89 03 00 00", LK_E_OPTION_POINTER, 22},
	    {"44 04 04 00", LK_E_OPTION_POINTER, 22}, {"94 04 0000 07 03 00 00", LK_E_OPTION_POINTER, 26},
	};

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		size_t where = 0;

		ck_assert_int_eq(check_options(faults[i].options, &where), faults[i].error);
		ck_assert_uint_eq(where, faults[i].where);
	}
}
END_TEST

START_TEST(options_are_walked_from_the_header)
{
	struct packet p = packet_of(OPTIONS);
	struct lk_option o;
	struct lk_ipv4 ip;
	size_t at = 0, count = 0;

	lk_ipv4_parse(p.bytes, p.len, &ip);
	ck_assert_int_eq(lk_ipv4_option_next(&ip, &at, &o), 1);
	ck_assert_uint_eq(o.kind, LK_IPV4_OPT_ROUTER_ALERT);
	while (lk_ipv4_option_next(&ip, &at, &o) == 1) {
		count++;
	}
	ck_assert_uint_eq(count, 4);
	ck_assert_uint_eq(o.kind, LK_IPV4_OPT_END);
	free(p.bytes);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/ipv4");
	TCase *c = tcase_create("ipv4");

	tcase_add_test(c, each_field_is_where_rfc_791_puts_it);
	tcase_add_test(c, a_fragment_has_an_offset_or_more_to_come);
	tcase_add_test(c, every_length_short_of_the_datagram_is_truncated);
	tcase_add_test(c, link_padding_is_not_payload);
	tcase_add_test(c, each_malformed_header_has_its_name);
	tcase_add_test(c, emit_after_parse_gives_the_same_bytes);
	tcase_add_test(c, a_summed_emit_writes_the_right_checksum);
	tcase_add_test(c, what_cannot_be_written_is_refused_and_nothing_written);
	tcase_add_test(c, sound_options_of_every_kind_pass);
	tcase_add_test(c, an_unsound_option_is_named_and_pointed_at);
	tcase_add_test(c, options_are_walked_from_the_header);
	suite_add_tcase(s, c);
	return run_suite(s);
}
