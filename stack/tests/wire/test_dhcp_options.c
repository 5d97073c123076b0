#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"
#include "stack/wire/dhcp.h"

struct box { /* a message of which only the three fields of options count */
	struct lk_dhcp m;
	struct packet options;
	uint8_t *file, *sname;
};

static uint8_t *padded(const char *hex, size_t size)
{
	struct packet p = packet_of(hex);
	uint8_t *field = calloc(1, size);

	memcpy(field, p.bytes, p.len);
	free(p.bytes);
	return field;
}

static struct box box_of(const char *options, const char *file, const char *sname)
{
	struct box b = {.m = {.op = 1}, .options = packet_of(options), .file = padded(file, 128), .sname = padded(sname, 64)};

	b.m.options = b.options.bytes;
	b.m.options_len = b.options.len;
	b.m.file = b.file;
	b.m.sname = b.sname;
	return b;
}

static void box_free(struct box b)
{
	free(b.options.bytes);
	free(b.file);
	free(b.sname);
}

START_TEST(options_are_walked_by_their_lengths_up_to_the_end)
{
	struct packet p = packet_of("00 3501 05 dd02aabb 0000 5500 ff 0c0161");
	static const struct {
		uint8_t code, length;
	} expected[] = {{0, 0}, {53, 1}, {221, 2}, {0, 0}, {0, 0}, {85, 0}, {255, 0}};
	struct lk_dhcp_option o;
	size_t at = 0;

	for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
		ck_assert_int_eq(lk_dhcp_option_next(p.bytes, p.len, &at, &o), 1);
		ck_assert_uint_eq(o.code, expected[i].code);
		ck_assert_uint_eq(o.length, expected[i].length);
	}
	ck_assert_int_eq(lk_dhcp_option_next(p.bytes, p.len, &at, &o), 0); /* nothing behind the end */
	free(p.bytes);
}
END_TEST

START_TEST(an_option_that_runs_out_of_its_field_is_an_error_by_name)
{
	static const struct {
		const char *hex;
		int error;
	} rows[] = {{"35", LK_E_OPTION_LENGTH}, {"3501", LK_E_OPTION_OVERRUN}, {"0cff6162", LK_E_OPTION_OVERRUN}, {"350101", 0}, {"", 0}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct box b = box_of(rows[i].hex, "", "");
		uint8_t value[4];

		ck_assert_int_eq(lk_dhcp_options_check(&b.m), rows[i].error);
		ck_assert(rows[i].error == 0 || lk_dhcp_get(&b.m, 53, value, 4) == rows[i].error);
		box_free(b);
	}
}
END_TEST

START_TEST(overload_adds_file_and_then_sname)
{
	/* RFC 2131 4.1: options, then file, then sname; RFC 3396 5: their pieces are put together in that order. */
	static const struct {
		const char *overload;
		const char *text;
	} rows[] = {{"", "a"}, {"340101", "ab"}, {"340102", "ac"}, {"340103", "abc"}};

	for (size_t i = 0; i < 4; i++) {
		char options[40], text[8];

		strcat(strcpy(options, "0c0161"), rows[i].overload);
		struct box b = box_of(strcat(options, "ff"), "0c0162 ff", "0c0163 ff");
		ck_assert_int_eq(lk_dhcp_get_text(&b.m, 12, text, sizeof text), (int)strlen(rows[i].text));
		ck_assert_str_eq(text, rows[i].text);
		box_free(b);
	}
}
END_TEST

START_TEST(an_overload_that_says_nothing_sensible_is_an_error)
{
	static const struct {
		const char *hex;
		int error;
	} rows[] = {{"340100", LK_E_DHCP_OVERLOAD}, {"340104", LK_E_DHCP_OVERLOAD}, {"34020101", LK_E_OPTION_SIZE}, {"340101340101", LK_E_OPTION_SIZE}};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct box b = box_of(rows[i].hex, "", "");

		ck_assert_int_eq(lk_dhcp_options_check(&b.m), rows[i].error);
		box_free(b);
	}
}
END_TEST

START_TEST(an_overload_inside_an_overloaded_field_changes_nothing)
{
	struct box b = box_of("340101ff", "340102 0c0162 ff", "0c0163");
	char text[8];

	ck_assert_int_eq(lk_dhcp_get_text(&b.m, 12, text, sizeof text), 1);
	ck_assert_str_eq(text, "b");
	box_free(b);
}
END_TEST

START_TEST(a_bad_option_in_an_overloaded_field_is_found)
{
	struct box b = box_of("340102ff", "", "0cff61");

	ck_assert_int_eq(lk_dhcp_options_check(&b.m), LK_E_OPTION_OVERRUN);
	b.sname[0] = 255;
	ck_assert_int_eq(lk_dhcp_options_check(&b.m), 0);
	box_free(b);
}
END_TEST

START_TEST(a_number_has_exactly_its_length)
{
	struct box b = box_of("350105 390205dc 330400000e10 3a030001 02 3b050000000001 ff", "", "");
	uint8_t n8;
	uint16_t n16;
	uint32_t n32;

	ck_assert_int_eq(lk_dhcp_get_8(&b.m, 53, &n8), 0);
	ck_assert_uint_eq(n8, 5);
	ck_assert_int_eq(lk_dhcp_get_16(&b.m, 57, &n16), 0);
	ck_assert_uint_eq(n16, 1500);
	ck_assert_int_eq(lk_dhcp_get_32(&b.m, 51, &n32), 0);
	ck_assert_uint_eq(n32, 3600);
	ck_assert_int_eq(lk_dhcp_get_32(&b.m, 58, &n32), LK_E_OPTION_SIZE);
	ck_assert_int_eq(lk_dhcp_get_32(&b.m, 59, &n32), LK_E_OPTION_SIZE);
	ck_assert_int_eq(lk_dhcp_get_32(&b.m, 54, &n32), LK_E_NOTFOUND);
	ck_assert_int_eq(lk_dhcp_get_8(&b.m, 57, &n8), LK_E_OPTION_SIZE);
	box_free(b);
}
END_TEST

START_TEST(a_list_of_addresses_is_a_multiple_of_four_octets)
{
	struct box b = box_of("0308 0a000001 0a000002 0605 0a00000100 0f00 ff", "", "");
	uint32_t list[2] = {0, 0};

	ck_assert_int_eq(lk_dhcp_get_addresses(&b.m, 3, list, 1), 2);
	ck_assert_uint_eq(list[0], 0x0a000001);
	ck_assert_uint_eq(list[1], 0); /* no more than asked for */
	ck_assert_int_eq(lk_dhcp_get_addresses(&b.m, 3, list, 2), 2);
	ck_assert_uint_eq(list[1], 0x0a000002);
	ck_assert_int_eq(lk_dhcp_get_addresses(&b.m, 6, list, 2), LK_E_OPTION_SIZE);
	ck_assert_int_eq(lk_dhcp_get_addresses(&b.m, 15, list, 2), LK_E_OPTION_SIZE);
	ck_assert_int_eq(lk_dhcp_get_addresses(&b.m, 42, list, 2), LK_E_NOTFOUND);
	box_free(b);
}
END_TEST

START_TEST(trailing_nuls_of_a_text_go)
{
	struct box b = box_of("0c05 6c61620000 ff", "", "");
	char text[6];

	ck_assert_int_eq(lk_dhcp_get_text(&b.m, 12, text, 6), 3);
	ck_assert_str_eq(text, "lab");
	ck_assert_int_eq(lk_dhcp_get_text(&b.m, 12, text, 4), LK_E_NOSPACE);
	box_free(b);
}
END_TEST

START_TEST(a_long_value_is_written_in_pieces_and_read_whole)
{
	uint8_t value[600], back[600], at[700];
	struct lk_dhcp_writer w = {.at = at, .cap = 610};
	struct lk_dhcp m = {.op = 1, .options = at};

	for (size_t i = 0; i < sizeof value; i++) {
		value[i] = (uint8_t)i;
	}
	ck_assert(lk_dhcp_put(&w, 250, value, sizeof value));
	ck_assert_uint_eq(w.len, 606); /* RFC 3396: 255 + 255 + 90 */
	ck_assert_uint_eq(lk_dhcp_put_end(&w, 0), 607);
	m.options_len = w.len;
	ck_assert_int_eq(lk_dhcp_get(&m, 250, back, sizeof back), 600);
	ck_assert_mem_eq(value, back, 600);
	ck_assert_int_eq(lk_dhcp_get(&m, 250, back, 599), LK_E_NOSPACE);
}
END_TEST

START_TEST(what_does_not_fit_is_left_out_and_the_end_always_fits)
{
	uint8_t at[16];
	struct lk_dhcp_writer w = {.at = at, .cap = 8};

	ck_assert(lk_dhcp_put_32(&w, 51, 1));
	ck_assert(!w.full);
	ck_assert(!lk_dhcp_put_8(&w, 53, 1)); /* 3 octets, 2 are left, and one is the end's */
	ck_assert(w.full);
	ck_assert_uint_eq(w.len, 6);
	ck_assert_uint_eq(lk_dhcp_put_end(&w, 60), 8);
	ck_assert_mem_eq(at, "\x33\x04\0\0\0\x01\xff\0", 8);
	w = (struct lk_dhcp_writer){.at = at};
	ck_assert_uint_eq(lk_dhcp_put_end(&w, 0), 0);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {
	    options_are_walked_by_their_lengths_up_to_the_end,   an_option_that_runs_out_of_its_field_is_an_error_by_name,
	    overload_adds_file_and_then_sname,                   an_overload_that_says_nothing_sensible_is_an_error,
	    an_overload_inside_an_overloaded_field_changes_nothing, a_bad_option_in_an_overloaded_field_is_found,
	    a_number_has_exactly_its_length,                     a_list_of_addresses_is_a_multiple_of_four_octets,
	    trailing_nuls_of_a_text_go,                          a_long_value_is_written_in_pieces_and_read_whole,
	    what_does_not_fit_is_left_out_and_the_end_always_fits};

	return run_tests("dhcp options", tests, sizeof tests / sizeof tests[0]);
}
