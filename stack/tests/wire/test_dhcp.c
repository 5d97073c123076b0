#include "stack/wire/dhcp.h"

#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"

/* RFC 2131 figure 1: op htype hlen hops, xid, secs flags, four addresses, chaddr; sname, file and cookie follow. */
#define HEAD "01 01 06 02 deadbeef 0003 8000 0a000001 0a000002 0a000003 0a000004 020000000001 00000000000000000000"

static struct packet message_of(const char *options)
{
	struct packet head = packet_of(HEAD), tail = packet_of(options), p = {calloc(1, 240 + tail.len), 240 + tail.len};

	memcpy(p.bytes, head.bytes, head.len);
	memcpy(p.bytes + 44, "server", 6);
	memcpy(p.bytes + 108, "boot", 4);
	memcpy(p.bytes + 236, "\x63\x82\x53\x63", 4);
	memcpy(p.bytes + 240, tail.bytes, tail.len);
	free(head.bytes);
	free(tail.bytes);
	return p;
}

START_TEST(each_field_is_where_rfc_2131_puts_it)
{
	struct packet p = message_of("350101ff");
	struct lk_dhcp m;

	ck_assert_int_eq(lk_dhcp_parse(p.bytes, p.len, &m), 240);
	ck_assert(m.op == 1 && m.htype == 1 && m.hlen == 6 && m.hops == 2);
	ck_assert_uint_eq(m.xid, 0xdeadbeef);
	ck_assert_uint_eq(m.secs, 3);
	ck_assert_uint_eq(m.flags, LK_DHCP_FLAG_BROADCAST);
	ck_assert(m.ciaddr == 0x0a000001 && m.yiaddr == 0x0a000002 && m.siaddr == 0x0a000003 && m.giaddr == 0x0a000004);
	ck_assert_mem_eq(m.chaddr, "\2\0\0\0\0\1\0\0\0\0\0\0\0\0\0\0", 16);
	ck_assert_str_eq((const char *)m.sname, "server");
	ck_assert_str_eq((const char *)m.file, "boot");
	ck_assert_ptr_eq(m.options, p.bytes + 240);
	ck_assert_uint_eq(m.options_len, 4);
	free(p.bytes);
}
END_TEST

START_TEST(every_length_short_of_the_header_is_truncated)
{
	struct packet p = message_of("ff");

	for (size_t len = 0; len <= p.len; len++) {
		struct packet c = cut(p, len);
		struct lk_dhcp m;

		ck_assert_int_eq(lk_dhcp_parse(c.bytes, c.len, &m), len < 240 ? LK_E_TRUNCATED : 240);
		free(c.bytes);
	}
	free(p.bytes);
}
END_TEST

START_TEST(what_no_message_has_is_refused_by_name)
{
	static const struct {
		size_t at;
		uint8_t byte;
		int error;
	} rows[] = {
	    {0, 0, LK_E_DHCP_OP},         {0, 3, LK_E_DHCP_OP},          {2, 16, 240},                 {2, 17, LK_E_DHCP_HLEN},
	    {2, 255, LK_E_DHCP_HLEN},     {236, 0x62, LK_E_DHCP_COOKIE}, {239, 0, LK_E_DHCP_COOKIE},
	};

	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct packet p = message_of("ff");
		struct lk_dhcp m;

		p.bytes[rows[i].at] = rows[i].byte;
		ck_assert_int_eq(lk_dhcp_parse(p.bytes, p.len, &m), rows[i].error);
		ck_assert(rows[i].error > 0 || lk_error_is_malformed(rows[i].error));
		free(p.bytes);
	}
}
END_TEST

START_TEST(what_was_read_is_written_byte_for_byte)
{
	struct packet p = message_of("350101 00 0c0161 ff 0000");
	uint8_t buf[300];
	struct lk_dhcp m;

	ck_assert_int_eq(lk_dhcp_parse(p.bytes, p.len, &m), 240);
	ck_assert_int_eq(lk_dhcp_emit(&m, buf, p.len - 1), LK_E_NOSPACE);
	ck_assert_int_eq(lk_dhcp_emit(&m, buf, sizeof buf), (int)p.len);
	ck_assert_mem_eq(buf, p.bytes, p.len);
	m.sname = m.file = NULL;
	ck_assert_int_eq(lk_dhcp_emit(&m, buf, sizeof buf), (int)p.len);
	for (size_t i = 44; i < 236; i++) {
		ck_assert_uint_eq(buf[i], 0);
	}
	m.op = 3;
	ck_assert_int_eq(lk_dhcp_emit(&m, buf, sizeof buf), LK_E_INVALID);
	m.op = 1;
	m.hlen = 17;
	ck_assert_int_eq(lk_dhcp_emit(&m, buf, sizeof buf), LK_E_INVALID);
	free(p.bytes);
}
END_TEST

START_TEST(options_already_in_place_stay_there)
{
	uint8_t buf[300];
	struct lk_dhcp m = {.op = 2, .options = buf + 240, .options_len = 3};

	memcpy(buf + 240, "abc", 3);
	ck_assert_int_eq(lk_dhcp_emit(&m, buf, sizeof buf), 243);
	ck_assert_mem_eq(buf + 236, "\x63\x82\x53\x63"
	                            "abc",
	                 7);
}
END_TEST

int main(void)
{
	const TTest *tests[] = {each_field_is_where_rfc_2131_puts_it, every_length_short_of_the_header_is_truncated, what_no_message_has_is_refused_by_name,
	                        what_was_read_is_written_byte_for_byte, options_already_in_place_stay_there};

	return run_tests("dhcp", tests, sizeof tests / sizeof tests[0]);
}
