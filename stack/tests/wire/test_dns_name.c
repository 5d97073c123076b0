#include "stack/wire/dns_name.h"

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"

#define HEADER "000000000000000000000000"

static struct lk_dns_name name_of(const char *text)
{
	struct lk_dns_name name;

	ck_assert_int_eq(lk_dns_name_from_text(text, strlen(text), &name, NULL), 0);
	return name;
}

static int parse(const char *hex, size_t at, struct lk_dns_name *out)
{
	struct packet p = packet_of(hex);
	int taken = lk_dns_name_parse(p.bytes, p.len, at, out);

	free(p.bytes);
	return taken;
}

static const char *text_of(const struct lk_dns_name *name)
{
	static char text[LK_DNS_NAME_TEXT];

	ck_assert_int_eq(lk_dns_name_to_text(name, text, sizeof text), (int)strlen(text));
	return text;
}

START_TEST(labels_end_with_the_root_or_with_a_pointer_to_what_lies_before)
{
	struct lk_dns_name name;

	ck_assert_int_eq(parse(HEADER "03777777 01 61 00", 12, &name), 7);
	ck_assert_str_eq(text_of(&name), "www.a.");
	ck_assert_int_eq(parse(HEADER "00", 12, &name), 1);
	ck_assert_str_eq(text_of(&name), ".");
	ck_assert_int_eq(parse(HEADER "0161 00 0162 c00c", 15, &name), 4);
	ck_assert_str_eq(text_of(&name), "b.a.");
	ck_assert_int_eq(parse(HEADER "0161 00 0162 c00c c00f", 19, &name), 2);
	ck_assert_str_eq(text_of(&name), "b.a.");
}
END_TEST

/* Rows 80 of the bug catalogue: pointers beyond the packet, to themselves, forward, into the header, in a circle. */
START_TEST(a_pointer_that_does_not_lead_back_is_refused)
{
	struct lk_dns_name name;

	ck_assert_int_eq(parse(HEADER "c00c", 12, &name), LK_E_DNS_POINTER);
	ck_assert_int_eq(parse(HEADER "c00e 0161 00", 12, &name), LK_E_DNS_POINTER);
	ck_assert_int_eq(parse(HEADER "ffff", 12, &name), LK_E_DNS_POINTER);
	ck_assert_int_eq(parse(HEADER "0161 c00c", 12, &name), LK_E_DNS_POINTER);
	ck_assert_int_eq(parse(HEADER "0161 c010 0162 c00c", 16, &name), LK_E_DNS_POINTER);
	ck_assert_int_eq(parse("000100000001000000000000 c000", 12, &name), LK_E_DNS_POINTER);
	ck_assert_int_eq(parse(HEADER "0161 00 c0", 15, &name), LK_E_TRUNCATED);
}
END_TEST

START_TEST(a_staircase_of_pointers_is_bounded)
{
	uint8_t message[2000] = {0};
	struct lk_dns_name name;
	size_t at = 14;

	message[12] = 0;
	for (size_t target = 12; at < sizeof message - 2; target = at, at += 2) {
		message[at] = (uint8_t)(0xc0 | target >> 8);
		message[at + 1] = (uint8_t)target;
	}
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, 14 + 2 * 126, &name), 2);
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, 14 + 2 * 127, &name), LK_E_DNS_POINTER);
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, at - 2, &name), LK_E_DNS_POINTER);
}
END_TEST

/* Row 81: 63 octets a label, 255 a name, also when pointers put it together. */
START_TEST(labels_and_names_have_their_bounds)
{
	uint8_t message[600] = {0};
	struct lk_dns_name name;

	message[0] = 64;
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, 0, &name), LK_E_DNS_LABEL);
	message[0] = 0x80;
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, 0, &name), LK_E_DNS_LABEL);
	for (size_t at = 0; at < 192; at += 64) {
		message[12 + at] = 63;
	}
	message[12 + 192] = 61;
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, 12, &name), 255);
	ck_assert_uint_eq(name.len, 255);
	message[12 + 192] = 62;
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, 12, &name), LK_E_DNS_NAME);
	message[12 + 192] = 61;
	message[300] = 1;
	message[302] = 0xc0;
	message[303] = 12;
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, 300, &name), LK_E_DNS_NAME);
	message[302] = 0xc0;
	message[303] = 12 + 64;
	ck_assert_int_eq(lk_dns_name_parse(message, sizeof message, 300, &name), 4);
}
END_TEST

/* Row 82: no octet after the last is looked at, wherever the bytes end. */
START_TEST(a_name_without_its_end_is_truncated)
{
	struct packet p = packet_of(HEADER "0161 00 03777777 0162 c00c");

	for (size_t len = 15; len < p.len; len++) {
		struct packet c = cut(p, len);
		struct lk_dns_name name;

		ck_assert_int_eq(lk_dns_name_parse(c.bytes, c.len, 15, &name), LK_E_TRUNCATED);
		free(c.bytes);
	}
	free(p.bytes);
}
END_TEST

START_TEST(a_plain_name_holds_no_pointer)
{
	struct packet p = packet_of(HEADER "0161 00 0162 c00c");
	struct lk_dns_name name;

	ck_assert_int_eq(lk_dns_name_parse_plain(p.bytes + 12, p.len - 12, &name), 3);
	ck_assert_int_eq(lk_dns_name_parse_plain(p.bytes + 15, p.len - 15, &name), LK_E_DNS_POINTER);
	free(p.bytes);
}
END_TEST

START_TEST(text_is_read_as_rfc_1035_5_1_writes_it)
{
	static const struct { const char *text; int result; const char *again; bool absolute; } row[] = {
		{"www.example.com.", 0, "www.example.com.", true},
		{"www.example.com", 0, "www.example.com.", false},
		{".", 0, ".", true},
		{"a\\.b.c", 0, "a\\.b.c.", false},
		{"a\\.", 0, "a\\..", false},
		{"\\097\\x\\255\\000 .", 0, "ax\\255\\000\\032.", true},
		{"\\\\.\\\"\\@\\$\\;\\(\\)", 0, "\\\\.\\\"\\@\\$\\;\\(\\).", false},
		{"", LK_E_INVALID, NULL, false},
		{"..", LK_E_INVALID, NULL, false},
		{".a", LK_E_INVALID, NULL, false},
		{"a..b", LK_E_INVALID, NULL, false},
		{"a..", LK_E_INVALID, NULL, false},
		{"a\\", LK_E_INVALID, NULL, false},
		{"a\\25", LK_E_INVALID, NULL, false},
		{"a\\2x5", LK_E_INVALID, NULL, false},
		{"a\\256", LK_E_INVALID, NULL, false},
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct lk_dns_name name = {0};
		bool absolute = false;

		ck_assert_int_eq(lk_dns_name_from_text(row[i].text, strlen(row[i].text), &name, &absolute), row[i].result);
		if (row[i].result == 0) {
			ck_assert_str_eq(text_of(&name), row[i].again);
			ck_assert_int_eq(absolute, row[i].absolute);
		} else {
			ck_assert_uint_eq(name.len, 0);
		}
	}
}
END_TEST

START_TEST(text_has_the_bounds_of_names)
{
	char text[300];
	struct lk_dns_name name;

	memset(text, 'a', sizeof text);
	ck_assert_int_eq(lk_dns_name_from_text(text, 63, &name, NULL), 0);
	ck_assert_int_eq(lk_dns_name_from_text(text, 64, &name, NULL), LK_E_DNS_LABEL);
	text[63] = text[127] = text[191] = '.';
	ck_assert_int_eq(lk_dns_name_from_text(text, 253, &name, NULL), 0);
	ck_assert_uint_eq(name.len, 255);
	ck_assert_int_eq(lk_dns_name_from_text(text, 254, &name, NULL), LK_E_DNS_NAME);
	text[253] = '.';
	ck_assert_int_eq(lk_dns_name_from_text(text, 254, &name, NULL), 0);
}
END_TEST

START_TEST(every_octet_survives_text)
{
	struct lk_dns_name name, again;
	char text[LK_DNS_NAME_TEXT];

	for (unsigned first = 0; first < 256; first += 60) {
		name = (struct lk_dns_name){.len = 62};
		name.octets[0] = 60;
		for (unsigned i = 0; i < 60; i++) {
			name.octets[1 + i] = (uint8_t)(first + i);
		}
		int len = lk_dns_name_to_text(&name, text, sizeof text);
		ck_assert_int_eq(lk_dns_name_from_text(text, (size_t)len, &again, NULL), 0);
		ck_assert_mem_eq(&name, &again, sizeof name);
		ck_assert_int_eq(lk_dns_name_to_text(&name, text, (size_t)len), LK_E_NOSPACE);
		ck_assert_int_eq(lk_dns_name_to_text(&name, text, (size_t)len + 1), len);
	}
}
END_TEST

START_TEST(names_are_compared_without_case_and_by_whole_labels)
{
	struct lk_dns_name www = name_of("WWW.Example.com"), again = name_of("www.eXample.COM."), zone = name_of("example.com"), root = name_of("."),
	                   other = name_of("myexample.com"), kelvin = name_of("\\107xample.com"), bracket = name_of("\\091.com"), brace = name_of("\\123.com");

	ck_assert(lk_dns_name_equal(&www, &again));
	ck_assert(!lk_dns_name_equal(&www, &zone));
	ck_assert(!lk_dns_name_equal(&zone, &kelvin));
	ck_assert(!lk_dns_name_equal(&bracket, &brace));
	ck_assert(lk_dns_name_within(&www, &zone));
	ck_assert(lk_dns_name_within(&zone, &zone));
	ck_assert(lk_dns_name_within(&zone, &root));
	ck_assert(!lk_dns_name_within(&zone, &www));
	ck_assert(!lk_dns_name_within(&other, &zone));
	ck_assert_uint_eq(lk_dns_name_labels(&www), 3);
	ck_assert_uint_eq(lk_dns_name_labels(&root), 0);
}
END_TEST

START_TEST(names_are_joined_and_lose_their_first_label)
{
	struct lk_dns_name www = name_of("www"), zone = name_of("example.com"), root = name_of("."), out, whole = name_of("www.example.com");

	ck_assert_int_eq(lk_dns_name_join(&www, &zone, &out), 0);
	ck_assert_mem_eq(&out, &whole, sizeof out);
	ck_assert(lk_dns_name_parent(&out, &out));
	ck_assert_mem_eq(&out, &zone, sizeof out);
	ck_assert(!lk_dns_name_parent(&root, &out));
	ck_assert_int_eq(lk_dns_name_join(&www, &root, &out), 0);
	ck_assert_mem_eq(&out, &www, sizeof out);
	whole = zone;
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq(lk_dns_name_join(&whole, &whole, &out), 0);
		whole = out;
	}
	ck_assert_int_eq(lk_dns_name_join(&whole, &whole, &out), LK_E_DNS_NAME);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/dns_name");
	TCase *c = tcase_create("dns_name");

	tcase_add_test(c, labels_end_with_the_root_or_with_a_pointer_to_what_lies_before);
	tcase_add_test(c, a_pointer_that_does_not_lead_back_is_refused);
	tcase_add_test(c, a_staircase_of_pointers_is_bounded);
	tcase_add_test(c, labels_and_names_have_their_bounds);
	tcase_add_test(c, a_name_without_its_end_is_truncated);
	tcase_add_test(c, a_plain_name_holds_no_pointer);
	tcase_add_test(c, text_is_read_as_rfc_1035_5_1_writes_it);
	tcase_add_test(c, text_has_the_bounds_of_names);
	tcase_add_test(c, every_octet_survives_text);
	tcase_add_test(c, names_are_compared_without_case_and_by_whole_labels);
	tcase_add_test(c, names_are_joined_and_lose_their_first_label);
	suite_add_tcase(s, c);
	return run_suite(s);
}
