#include "stack/wire/tcp_options.h"

#include <stdio.h>

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"

static int parse(const char *hex, struct lk_tcp_options *out)
{
	struct packet p = packet_of(hex);
	int result = lk_tcp_options_parse(p.bytes, p.len, out);

	free(p.bytes);
	return result;
}

static const uint8_t linux_syn[] = {LK_TCP_OPT_MSS, LK_TCP_OPT_SACK_PERMITTED, LK_TCP_OPT_TIMESTAMPS, LK_TCP_OPT_NOP,
                                    LK_TCP_OPT_WINDOW_SCALE};
static const uint8_t data_order[] = {LK_TCP_OPT_NOP, LK_TCP_OPT_NOP, LK_TCP_OPT_TIMESTAMPS,
                                     LK_TCP_OPT_NOP, LK_TCP_OPT_NOP, LK_TCP_OPT_SACK};

static void expect_bytes(const struct lk_tcp_options *o, const uint8_t *order, size_t order_len, const char *hex)
{
	struct packet expected = packet_of(hex);
	struct lk_tcp_options again;
	uint8_t buf[40];
	int len = lk_tcp_options_emit(o, order, order_len, buf, sizeof buf);

	ck_assert_int_eq(len, (int)expected.len);
	ck_assert_mem_eq(buf, expected.bytes, expected.len);
	ck_assert_int_eq(lk_tcp_options_parse(buf, (size_t)len, &again), LK_OK);
	ck_assert_mem_eq(&again, o, sizeof again);
	free(expected.bytes);
}

START_TEST(the_options_of_a_syn_are_decoded)
{
	struct lk_tcp_options o;

	ck_assert_int_eq(parse("0204 05b4 0402 080a 00112233 44556677 01 030307", &o), LK_OK);
	ck_assert_uint_eq(o.present, LK_TCP_HAS(LK_TCP_OPT_MSS) | LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED) |
	                                 LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS) | LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE));
	ck_assert_uint_eq(o.mss, 1460);
	ck_assert_uint_eq(o.window_scale, 7);
	ck_assert_uint_eq(o.ts_val, 0x00112233);
	ck_assert_uint_eq(o.ts_ecr, 0x44556677);
	ck_assert(o.wrong_size == 0 && o.unknown == 0 && o.zero == 0 && o.sack_count == 0);
}
END_TEST

START_TEST(aligned_timestamps_are_read_the_short_way_and_the_long_way_alike)
{
	struct lk_tcp_options a, b;

	ck_assert_int_eq(parse("0101080a 00112233 44556677", &a), LK_OK);
	ck_assert_int_eq(parse("080a 00112233 44556677 0000", &b), LK_OK);
	ck_assert_mem_eq(&a, &b, sizeof a);
	ck_assert_uint_eq(a.ts_val, 0x00112233);
	ck_assert_uint_eq(a.present, LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS));
	/* The same four bytes in front of something longer. */
	ck_assert_int_eq(parse("0101080a 00112233 44556677 0204 0218", &a), LK_OK);
	ck_assert_uint_eq(a.mss, 536);
}
END_TEST

START_TEST(one_to_four_sack_blocks_are_decoded)
{
	static const char *const blocks = "00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008";

	for (unsigned count = 1; count <= 4; count++) {
		struct lk_tcp_options o;
		char hex[100];

		snprintf(hex, sizeof hex, "01 01 05 %02x %.*s", 2 + 8 * count, (int)(18 * count), blocks);
		ck_assert_int_eq(parse(hex, &o), LK_OK);
		ck_assert_uint_eq(o.present, LK_TCP_HAS(LK_TCP_OPT_SACK));
		ck_assert_uint_eq(o.sack_count, count);
		for (unsigned i = 0; i < 4; i++) {
			ck_assert_uint_eq(o.sack[i].left, i < count ? 2 * i + 1 : 0);
			ck_assert_uint_eq(o.sack[i].right, i < count ? 2 * i + 2 : 0);
		}
	}
}
END_TEST

START_TEST(a_user_timeout_is_kept_as_on_the_wire)
{
	struct lk_tcp_options o;

	ck_assert_int_eq(parse("1c04 800a", &o), LK_OK);
	ck_assert_uint_eq(o.present, LK_TCP_HAS(LK_TCP_OPT_USER_TIMEOUT));
	ck_assert_uint_eq(o.user_timeout, 0x800a);
}
END_TEST

START_TEST(unknown_options_are_counted_and_skipped)
{
	struct lk_tcp_options o;

	ck_assert_int_eq(parse("fd 06 12345678 0204 0218 22 02", &o), LK_OK);
	ck_assert_uint_eq(o.unknown, 2);
	ck_assert_uint_eq(o.mss, 536);
}
END_TEST

START_TEST(the_count_of_unknown_options_saturates)
{
	uint8_t bytes[600];
	struct lk_tcp_options o;

	for (size_t i = 0; i < sizeof bytes; i += 2) {
		bytes[i] = 0xfd;
		bytes[i + 1] = 2;
	}
	ck_assert_int_eq(lk_tcp_options_parse(bytes, sizeof bytes, &o), LK_OK);
	ck_assert_uint_eq(o.unknown, 255);
}
END_TEST

START_TEST(more_than_four_sack_blocks_are_cut_to_four)
{
	struct lk_tcp_options o;
	uint8_t bytes[42] = {5, 42};

	ck_assert_int_eq(lk_tcp_options_parse(bytes, sizeof bytes, &o), LK_OK);
	ck_assert_uint_eq(o.sack_count, 4);
}
END_TEST

START_TEST(a_known_kind_with_a_wrong_size_is_not_decoded_and_named_by_its_bit)
{
	static const struct {
		const char *hex;
		uint8_t kind;
	} faults[] = {{"02 03 05", 2}, {"02 06 05b4 0000", 2}, {"03 02", 3}, {"03 04 0707", 3}, {"04 03 00", 4}, {"05 02", 5},
	              {"05 09 00000001 000000", 5}, {"05 0b 00000001 00000002 00", 5}, {"08 09 00112233 445566", 8}, {"1c 03 80", 28}};

	for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
		struct lk_tcp_options o;

		ck_assert_int_eq(parse(faults[i].hex, &o), LK_OK);
		ck_assert_uint_eq(o.present, 0);
		ck_assert_uint_eq(o.wrong_size, LK_TCP_HAS(faults[i].kind));
		ck_assert(o.mss == 0 && o.window_scale == 0 && o.sack_count == 0 && o.ts_val == 0 && o.user_timeout == 0);
	}
}
END_TEST

START_TEST(a_list_that_breaks_off_gives_what_came_before_and_the_error)
{
	struct lk_tcp_options o;

	ck_assert_int_eq(parse("0204 05b4 08 00 0000", &o), LK_E_OPTION_LENGTH);
	ck_assert_uint_eq(o.mss, 1460);
	ck_assert_int_eq(parse("0204 05b4 08 01 0000", &o), LK_E_OPTION_LENGTH);
	ck_assert_int_eq(parse("0204 05b4 01 01 01 03", &o), LK_E_OPTION_LENGTH);
	ck_assert_int_eq(parse("0204 05b4 08 0a 0000", &o), LK_E_OPTION_OVERRUN);
	ck_assert_uint_eq(o.present, LK_TCP_HAS(LK_TCP_OPT_MSS));
}
END_TEST

START_TEST(the_last_of_two_counts_and_nothing_after_the_end)
{
	struct lk_tcp_options o;

	ck_assert_int_eq(parse("0204 05b4 0204 0218 00 0204 ff", &o), LK_OK);
	ck_assert_uint_eq(o.mss, 536);
	ck_assert_int_eq(parse("", &o), LK_OK);
	ck_assert_uint_eq(o.present, 0);
	ck_assert_int_eq(parse("0512 00000001 00000002 00000003 00000004 050a 00000005 00000006", &o), LK_OK);
	ck_assert_uint_eq(o.sack_count, 1);
	ck_assert_uint_eq(o.sack[0].left, 5);
	ck_assert(o.sack[1].left == 0 && o.sack[1].right == 0);
}
END_TEST

START_TEST(options_are_written_in_the_order_asked_for)
{
	const struct lk_tcp_options o = {.present = LK_TCP_HAS(LK_TCP_OPT_MSS) | LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED) |
	                                            LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS) | LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE),
	                                 .mss = 1460, .window_scale = 7, .ts_val = 0x00112233, .ts_ecr = 0};
	const uint8_t bsd[] = {2, 1, 3, 4, 8};

	expect_bytes(&o, linux_syn, sizeof linux_syn, "0204 05b4 0402 080a 00112233 00000000 01 030307");
	expect_bytes(&o, bsd, sizeof bsd, "0204 05b4 01 030307 0402 080a 00112233 00000000");
}
END_TEST

START_TEST(an_option_left_out_takes_its_nops_along)
{
	struct lk_tcp_options o = {.present = LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS), .ts_val = 1, .ts_ecr = 2};

	expect_bytes(&o, data_order, sizeof data_order, "0101 080a 00000001 00000002");
	o = (struct lk_tcp_options){.present = LK_TCP_HAS(LK_TCP_OPT_SACK), .sack_count = 1, .sack = {{3, 4}}};
	expect_bytes(&o, data_order, sizeof data_order, "0101 050a 00000003 00000004");
	o.present |= LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
	expect_bytes(&o, data_order, sizeof data_order, "0101 080a 00000000 00000000 0101 050a 00000003 00000004");
	o = (struct lk_tcp_options){.present = 0};
	expect_bytes(&o, data_order, sizeof data_order, "");
	o = (struct lk_tcp_options){.present = LK_TCP_HAS(LK_TCP_OPT_MSS), .mss = 1460};
	expect_bytes(&o, linux_syn, sizeof linux_syn, "0204 05b4");
}
END_TEST

START_TEST(a_list_is_padded_with_ends_and_an_end_in_the_order_ends_it)
{
	const struct lk_tcp_options o = {.present = LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE), .window_scale = 14};
	const uint8_t order[] = {3, 0, 1, 1}, nops[] = {3, 1, 1, 8};

	expect_bytes(&o, order, sizeof order, "03 03 0e 00");
	expect_bytes(&o, nops, sizeof nops, "03 03 0e 00");
}
END_TEST

START_TEST(a_user_timeout_and_four_sack_blocks_are_written)
{
	const uint8_t order[] = {LK_TCP_OPT_USER_TIMEOUT, LK_TCP_OPT_NOP, LK_TCP_OPT_NOP, LK_TCP_OPT_SACK};
	struct lk_tcp_options o = {.present = LK_TCP_HAS(LK_TCP_OPT_SACK), .sack_count = 4,
	                           .sack = {{1, 2}, {3, 4}, {5, 6}, {7, 8}}};

	expect_bytes(&o, order, sizeof order, "0101 0522 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008");
	o.present |= LK_TCP_HAS(LK_TCP_OPT_USER_TIMEOUT);
	o.user_timeout = 0x800a;
	expect_bytes(&o, order, sizeof order,
	             "1c04 800a 0101 0522 00000001 00000002 00000003 00000004 00000005 00000006 00000007 00000008");
}
END_TEST

static void expect_emit_error(const struct lk_tcp_options *o, const uint8_t *order, size_t order_len, size_t cap, int error)
{
	uint8_t buf[64], before[64];

	memset(buf, 0xee, sizeof buf);
	memset(before, 0xee, sizeof before);
	ck_assert_int_eq(lk_tcp_options_emit(o, order, order_len, buf, cap), error);
	ck_assert_mem_eq(buf, before, sizeof buf);
}

START_TEST(what_cannot_be_written_is_refused_and_nothing_written)
{
	const uint8_t unknown[] = {2, 99}, both[] = {8, 5}, no_kind[] = {8};
	struct lk_tcp_options o = {.present = LK_TCP_HAS(LK_TCP_OPT_MSS)};

	expect_emit_error(&o, data_order, sizeof data_order, 40, LK_E_INVALID); /* present, not listed */
	expect_emit_error(&o, unknown, sizeof unknown, 40, LK_E_INVALID);
	expect_emit_error(&o, linux_syn, sizeof linux_syn, 3, LK_E_NOSPACE);
	o.present = LK_TCP_HAS(77 % 32);
	expect_emit_error(&o, linux_syn, sizeof linux_syn, 40, LK_E_INVALID); /* a kind there is no struct member for */
	o.present = LK_TCP_HAS(LK_TCP_OPT_SACK);
	expect_emit_error(&o, both, sizeof both, 40, LK_E_INVALID); /* no block */
	o.sack_count = 5;
	expect_emit_error(&o, both, sizeof both, 40, LK_E_INVALID);
	o.sack_count = 4;
	o.present |= LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
	expect_emit_error(&o, both, sizeof both, 64, LK_E_NOSPACE); /* 10 + 34 > 40 */
	o.present = LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
	expect_emit_error(&o, no_kind, 1, 11, LK_E_NOSPACE); /* 10, padded 12 */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/tcp_options");
	TCase *c = tcase_create("tcp_options");

	tcase_add_test(c, the_options_of_a_syn_are_decoded);
	tcase_add_test(c, aligned_timestamps_are_read_the_short_way_and_the_long_way_alike);
	tcase_add_test(c, one_to_four_sack_blocks_are_decoded);
	tcase_add_test(c, a_user_timeout_is_kept_as_on_the_wire);
	tcase_add_test(c, unknown_options_are_counted_and_skipped);
	tcase_add_test(c, the_count_of_unknown_options_saturates);
	tcase_add_test(c, more_than_four_sack_blocks_are_cut_to_four);
	tcase_add_test(c, a_known_kind_with_a_wrong_size_is_not_decoded_and_named_by_its_bit);
	tcase_add_test(c, a_list_that_breaks_off_gives_what_came_before_and_the_error);
	tcase_add_test(c, the_last_of_two_counts_and_nothing_after_the_end);
	tcase_add_test(c, options_are_written_in_the_order_asked_for);
	tcase_add_test(c, an_option_left_out_takes_its_nops_along);
	tcase_add_test(c, a_list_is_padded_with_ends_and_an_end_in_the_order_ends_it);
	tcase_add_test(c, a_user_timeout_and_four_sack_blocks_are_written);
	tcase_add_test(c, what_cannot_be_written_is_refused_and_nothing_written);
	suite_add_tcase(s, c);
	return run_suite(s);
}
