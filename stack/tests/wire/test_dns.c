#include "stack/wire/dns.h"

#include <stdio.h>

#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"
#include "stack/wire/dns_record.h"

/* A real answer of dnsmasq: www.example.com is an alias of web.example.com, 10.0.0.80; with an OPT of 1232. */
#define ANSWER                                                                                                                                       \
	"2b67 8580 0001 0002 0000 0001 03777777 076578616d706c65 03636f6d 00 0001 0001 c00c 0005 0001 0000003c 0006 03776562 c010 c02d 0001 0001 " \
	"0000003c 0004 0a000050 00 0029 04d0 00000000 0000"

static struct lk_dns_name name_of(const char *text)
{
	struct lk_dns_name name;

	ck_assert_int_eq(lk_dns_name_from_text(text, strlen(text), &name, NULL), 0);
	return name;
}

/* Writes again all that a message holds. */
static size_t rewrite(const uint8_t *bytes, size_t len, uint8_t *buf, size_t cap)
{
	struct lk_dns_reader r;
	struct lk_dns_writer w;
	struct lk_dns_question question;
	struct lk_dns_record record;

	ck_assert_int_eq(lk_dns_read_begin(&r, bytes, len), LK_DNS_HEADER);
	ck_assert_int_eq(lk_dns_write_begin(&w, buf, cap, &r.header), LK_DNS_HEADER);
	while (lk_dns_read_question(&r, &question) > 0) {
		ck_assert_int_eq(lk_dns_write_question(&w, &question), 0);
	}
	while (lk_dns_read_record(&r, &record) > 0) {
		ck_assert_int_eq(lk_dns_write_record(&w, record.section, &record), 0);
	}
	return w.len;
}

START_TEST(each_field_of_the_header_is_where_rfc_1035_puts_it)
{
	struct packet p = packet_of("1234 8580 0001 0002 0003 0004");
	struct lk_dns_header h;
	uint8_t buf[12];

	ck_assert_int_eq(lk_dns_header_parse(p.bytes, p.len, &h), 12);
	ck_assert_uint_eq(h.id, 0x1234);
	ck_assert(h.qr && h.aa && h.rd && h.ra && !h.tc && !h.z && !h.ad && !h.cd);
	ck_assert_uint_eq(h.count[LK_DNS_ADDITIONAL], 4);
	for (unsigned bit = 0; bit < 16; bit++) {
		p.bytes[2] = (uint8_t)(1u << bit >> 8);
		p.bytes[3] = (uint8_t)(1u << bit);
		ck_assert_int_eq(lk_dns_header_parse(p.bytes, p.len, &h), 12);
		ck_assert_int_eq(lk_dns_header_emit(&h, buf, sizeof buf), 12);
		ck_assert_mem_eq(buf, p.bytes, 12);
	}
	ck_assert_int_eq(lk_dns_header_parse(p.bytes, 11, &h), LK_E_TRUNCATED);
	ck_assert_int_eq(lk_dns_header_emit(&h, buf, 11), LK_E_NOSPACE);
	h.opcode = 16;
	ck_assert_int_eq(lk_dns_header_emit(&h, buf, sizeof buf), LK_E_INVALID);
	free(p.bytes);
}
END_TEST

START_TEST(an_answer_is_read_record_by_record)
{
	struct packet p = packet_of(ANSWER);
	struct lk_dns_reader r;
	struct lk_dns_question q;
	struct lk_dns_record record;
	struct lk_dns_name web = name_of("web.example.com"), target;
	struct lk_dns_edns edns;
	uint32_t address;

	ck_assert_int_eq(lk_dns_check(p.bytes, p.len), 0);
	ck_assert_int_eq(lk_dns_read_begin(&r, p.bytes, p.len), 12);
	ck_assert_int_eq(lk_dns_read_question(&r, &q), 1);
	ck_assert_uint_eq(q.type, LK_DNS_A);
	ck_assert_int_eq(lk_dns_read_question(&r, &q), 0);
	ck_assert_int_eq(lk_dns_read_record(&r, &record), 1);
	ck_assert_uint_eq(record.section, LK_DNS_ANSWER);
	ck_assert_uint_eq(record.ttl, 60);
	ck_assert_int_eq(lk_dns_target(&record, &target), 0);
	ck_assert(lk_dns_name_equal(&target, &web));
	ck_assert_int_eq(lk_dns_a(&record, &address), LK_E_INVALID);
	ck_assert_int_eq(lk_dns_read_record(&r, &record), 1);
	ck_assert(lk_dns_name_equal(&record.name, &web));
	ck_assert_int_eq(lk_dns_a(&record, &address), 0);
	ck_assert_uint_eq(address, 0x0a000050);
	ck_assert_int_eq(lk_dns_read_record(&r, &record), 1);
	ck_assert_int_eq(lk_dns_edns(&record, &edns), 0);
	ck_assert_uint_eq(edns.udp_size, 1232);
	ck_assert_uint_eq(record.section, LK_DNS_ADDITIONAL);
	ck_assert_int_eq(lk_dns_read_record(&r, &record), 0);
	free(p.bytes);
}
END_TEST

START_TEST(writing_what_was_read_gives_the_same_bytes)
{
	struct packet p = packet_of(ANSWER);
	uint8_t buf[512];

	ck_assert_uint_eq(rewrite(p.bytes, p.len, buf, sizeof buf), p.len);
	ck_assert_mem_eq(buf, p.bytes, p.len);
	free(p.bytes);
}
END_TEST

/* Rows 82 and 84 of the bug catalogue: the header counts what is not there. */
START_TEST(every_length_short_of_the_message_is_truncated_and_more_is_trailing)
{
	struct packet p = packet_of(ANSWER "00");

	for (size_t len = 0; len <= p.len; len++) {
		struct packet c = cut(p, len);

		ck_assert_int_eq(lk_dns_check(c.bytes, c.len), len == p.len ? LK_E_DNS_TRAILING : len == p.len - 1 ? 0 : LK_E_TRUNCATED);
		free(c.bytes);
	}
	for (unsigned section = 0; section < 4; section++) {
		struct packet c = cut(p, p.len - 1);

		c.bytes[4 + 2 * section] = 0xff;
		ck_assert_int_lt(lk_dns_check(c.bytes, c.len), 0);
		free(c.bytes);
	}
	free(p.bytes);
}
END_TEST

/* Row 83: RDLENGTH against what is left and against the type. */
START_TEST(rdlength_fits_the_type)
{
	static const struct { const char *hex; int result; } row[] = {
		{"0001 0001 00000000 0004 0a000001", 0},
		{"0001 0001 00000000 0003 0a0000", LK_E_DNS_RDATA},
		{"0001 0001 00000000 0005 0a00000102", LK_E_DNS_RDATA},
		{"0001 0001 00000000 0000", LK_E_DNS_RDATA},
		{"0001 0001 00000000 ffff 0a000001", LK_E_TRUNCATED},
		{"0001 0003 00000000 0003 0a0000", 0}, /* of another class it is unknown */
		{"001c 0001 00000000 0010 20010db8000000000000000000000001", 0},
		{"001c 0001 00000000 000f 20010db80000000000000000000001", LK_E_DNS_RDATA},
		{"0005 0001 00000000 0002 c00c", 0},
		{"0005 0001 00000000 0003 c00c00", LK_E_DNS_RDATA},
		{"0005 0001 00000000 0001 c0", LK_E_DNS_RDATA},
		{"0005 0001 00000000 0002 0161", LK_E_DNS_RDATA},
		{"0005 0001 00000000 0002 c01f", LK_E_DNS_POINTER}, /* at itself */
		{"000f 0001 00000000 0004 000a c00c", 0},
		{"000f 0001 00000000 0002 000a", LK_E_DNS_RDATA},
		{"0006 0001 00000000 0018 c00c c00c 00000001 00000002 00000003 00000004 00000005", 0},
		{"0006 0001 00000000 0017 c00c c00c 00000001 00000002 00000003 00000004 000000", LK_E_DNS_RDATA},
		{"0010 0001 00000000 0005 0161 026263", 0},
		{"0010 0001 00000000 0001 00", 0},
		{"0010 0001 00000000 0000", LK_E_DNS_RDATA},
		{"0010 0001 00000000 0004 0161 0262", LK_E_DNS_RDATA},
		{"0021 0001 00000000 0008 0001 0002 0003 c00c", 0},
		{"0021 0001 00000000 0006 0001 0002 0003", LK_E_DNS_RDATA},
		{"ff01 0001 00000000 0003 c0ffee", 0},
		{"ff01 0001 00000000 0000", 0},
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		char hex[400] = "0000 8000 0001 0001 0000 0000 0161 00 0001 0001 c00c ";
		strcat(hex, row[i].hex);
		struct packet p = packet_of(hex);
		ck_assert_msg(lk_dns_check(p.bytes, p.len) == row[i].result, "row %zu: %s", i, lk_error_name(lk_dns_check(p.bytes, p.len)));
		free(p.bytes);
	}
}
END_TEST

START_TEST(an_opt_stands_once_in_the_additional_section_and_belongs_to_the_root)
{
	static const struct { const char *hex; int result; } row[] = {
		{"0000 0000 0000 0000 0000 0001 00 0029 1000 00000000 0000", 0},
		{"0000 0000 0000 0000 0000 0001 00 0029 1000 00000000 0006 fde9 0002 abcd", 0},
		{"0000 0000 0000 0000 0000 0001 00 0029 1000 00000000 0006 fde9 0003 abcd", LK_E_DNS_RDATA},
		{"0000 0000 0000 0000 0000 0001 00 0029 1000 00000000 0003 fde900", LK_E_DNS_RDATA},
		{"0000 0000 0000 0000 0000 0002 00 0029 1000 00000000 0000 00 0029 1000 00000000 0000", LK_E_DNS_OPT},
		{"0000 0000 0000 0001 0000 0000 00 0029 1000 00000000 0000", LK_E_DNS_OPT},
		{"0000 0000 0000 0000 0000 0001 0161 00 0029 1000 00000000 0000", LK_E_DNS_OPT},
	};

	for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
		struct packet p = packet_of(row[i].hex);
		ck_assert_msg(lk_dns_check(p.bytes, p.len) == row[i].result, "row %zu", i);
		free(p.bytes);
	}
}
END_TEST

START_TEST(edns_is_written_and_read)
{
	static const uint8_t options[] = {0, 10, 0, 3, 1, 2, 3, 0xfd, 0xe9, 0, 0};
	struct lk_dns_edns in = {.udp_size = 1232, .extended_rcode = 1, .version = 2, .dnssec_ok = true, .z = 0x1234, .options = options,
	                         .options_len = sizeof options}, out;
	struct lk_dns_record record = lk_dns_edns_record(&in);
	const uint8_t *data;
	uint16_t code, len;
	size_t at = 0;

	ck_assert_int_eq(lk_dns_edns(&record, &out), 0);
	ck_assert_uint_eq(out.udp_size, 1232);
	ck_assert_uint_eq(out.extended_rcode, 1);
	ck_assert_uint_eq(out.version, 2);
	ck_assert(out.dnssec_ok);
	ck_assert_uint_eq(out.z, 0x1234);
	ck_assert_int_eq(lk_dns_edns_next(&out, &at, &code, &data, &len), 1);
	ck_assert_uint_eq(code, 10);
	ck_assert_uint_eq(len, 3);
	ck_assert_uint_eq(data[2], 3);
	ck_assert_int_eq(lk_dns_edns_next(&out, &at, &code, &data, &len), 1);
	ck_assert_uint_eq(code, 65001);
	ck_assert_int_eq(lk_dns_edns_next(&out, &at, &code, &data, &len), 0);
}
END_TEST

static struct lk_dns_record record_of(const char *name, uint16_t type, const void *rdata, int len)
{
	ck_assert_int_ge(len, 0);
	return (struct lk_dns_record){.name = name_of(name), .type = type, .class = LK_DNS_IN, .ttl = 300, .rdata = rdata, .rdlength = (uint16_t)len};
}

START_TEST(typed_views_read_what_was_written_through_a_message)
{
	struct lk_dns_soa soa = {name_of("ns.example.com"), name_of("root.example.com"), 1, 2, 3, 4, 5}, soa_out = {0};
	struct lk_dns_mx mx = {10, name_of("mail.example.com")}, mx_out = {0};
	struct lk_dns_srv srv = {1, 2, 80, name_of("www.example.com")}, srv_out = {0};
	uint8_t rdata[LK_DNS_RDATA_NAMES_MAX], buf[512];
	struct lk_dns_header header = {.id = 7, .qr = true};
	struct lk_dns_record record;
	struct lk_dns_writer w;
	struct lk_dns_reader r;
	int len;

	ck_assert_int_eq(lk_dns_write_begin(&w, buf, sizeof buf, &header), 12);
	len = lk_dns_soa_emit(&soa, rdata, sizeof rdata);
	ck_assert_int_eq(lk_dns_soa_emit(&soa, rdata, (size_t)len - 1), LK_E_NOSPACE);
	record = record_of("example.com", LK_DNS_SOA, rdata, len);
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &record), 0);
	len = lk_dns_mx_emit(&mx, rdata, sizeof rdata);
	ck_assert_int_eq(lk_dns_mx_emit(&mx, rdata, (size_t)len - 1), LK_E_NOSPACE);
	record = record_of("example.com", LK_DNS_MX, rdata, len);
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &record), 0);
	len = lk_dns_srv_emit(&srv, rdata, sizeof rdata);
	ck_assert_int_eq(lk_dns_srv_emit(&srv, rdata, (size_t)len - 1), LK_E_NOSPACE);
	record = record_of("_http._tcp.example.com", LK_DNS_SRV, rdata, len);
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &record), 0);

	ck_assert_int_eq(lk_dns_check(buf, w.len), 0);
	ck_assert_int_eq(lk_dns_read_begin(&r, buf, w.len), 12);
	ck_assert_int_eq(lk_dns_read_record(&r, &record), 1);
	ck_assert_uint_eq(record.rdlength, 3 + 2 + 5 + 2 + 20); /* ns + pointer, root + pointer, five numbers */
	ck_assert_int_eq(lk_dns_soa(&record, &soa_out), 0);
	ck_assert_mem_eq(&soa, &soa_out, sizeof soa);
	ck_assert_int_eq(lk_dns_read_record(&r, &record), 1);
	ck_assert_uint_eq(record.rdlength, 2 + 5 + 2);
	ck_assert_int_eq(lk_dns_mx(&record, &mx_out), 0);
	ck_assert_uint_eq(mx_out.preference, 10);
	ck_assert(lk_dns_name_equal(&mx.exchange, &mx_out.exchange));
	ck_assert_int_eq(lk_dns_read_record(&r, &record), 1);
	ck_assert_uint_eq(record.rdlength, 6 + srv.target.len); /* RFC 2782: not compressed */
	ck_assert_int_eq(lk_dns_srv(&record, &srv_out), 0);
	ck_assert_uint_eq(srv_out.port, 80);
	ck_assert(lk_dns_name_equal(&srv.target, &srv_out.target));
}
END_TEST

START_TEST(what_does_not_fit_leaves_the_message_as_it_was)
{
	static const uint8_t address[] = {10, 0, 0, 1};
	struct lk_dns_record record = record_of("www.example.com", LK_DNS_A, address, 4), bad = record_of("example.com", LK_DNS_A, address, 3);
	struct lk_dns_question q = {name_of("www.example.com"), LK_DNS_A, LK_DNS_IN};
	struct lk_dns_header header = {.qr = true};
	uint8_t buf[64], before[64];
	struct lk_dns_writer w;

	memset(buf, 0xee, sizeof buf);
	for (size_t cap = 12; cap < 12 + 21 + 16; cap++) {
		ck_assert_int_eq(lk_dns_write_begin(&w, buf, cap, &header), 12);
		int asked = lk_dns_write_question(&w, &q);
		ck_assert_int_eq(asked, cap < 12 + 21 ? LK_E_NOSPACE : 0);
		memcpy(before, buf, w.len);
		ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &record), LK_E_NOSPACE);
		ck_assert_uint_eq(w.len, asked < 0 ? 12 : 33);
		ck_assert_mem_eq(before, buf, w.len);
		ck_assert_int_eq(lk_dns_check(buf, w.len), 0);
		ck_assert_uint_eq(buf[cap], 0xee);
	}
	ck_assert_int_eq(lk_dns_write_begin(&w, buf, 49, &header), 12);
	ck_assert_int_eq(lk_dns_write_question(&w, &q), 0);
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &bad), LK_E_DNS_RDATA);
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ADDITIONAL, &record), 0);
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &record), LK_E_INVALID);
	ck_assert_int_eq(lk_dns_write_question(&w, &q), LK_E_INVALID);
	record.name.len = 3;
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ADDITIONAL, &record), LK_E_INVALID);
}
END_TEST

START_TEST(names_keep_their_case_and_are_compressed_only_to_the_very_same)
{
	struct lk_dns_header header = {0};
	struct lk_dns_question one = {name_of("www.Example.com"), LK_DNS_A, LK_DNS_IN}, two = {name_of("WWW.example.com"), LK_DNS_A, LK_DNS_IN}, out;
	uint8_t buf[128];
	struct lk_dns_writer w;
	struct lk_dns_reader r;

	ck_assert_int_eq(lk_dns_write_begin(&w, buf, sizeof buf, &header), 12);
	ck_assert_int_eq(lk_dns_write_question(&w, &one), 0);
	ck_assert_int_eq(lk_dns_write_question(&w, &two), 0);
	ck_assert_uint_eq(w.len, 12 + 21 + 4 + 8 + 2 + 4); /* the second shares "com" alone */
	ck_assert_int_eq(lk_dns_read_begin(&r, buf, w.len), 12);
	ck_assert_int_eq(lk_dns_read_question(&r, &out), 1);
	ck_assert_mem_eq(&out.name, &one.name, sizeof out.name);
	ck_assert_int_eq(lk_dns_read_question(&r, &out), 1);
	ck_assert_mem_eq(&out.name, &two.name, sizeof out.name);
}
END_TEST

START_TEST(a_full_table_of_suffixes_only_compresses_less)
{
	struct lk_dns_header header = {0};
	static uint8_t buf[8192], again[8192];
	struct lk_dns_writer w;

	ck_assert_int_eq(lk_dns_write_begin(&w, buf, sizeof buf, &header), 12);
	for (int i = 0; i < 200; i++) {
		struct lk_dns_question q = {.type = LK_DNS_A, .class = LK_DNS_IN};
		char text[64];
		snprintf(text, sizeof text, "host%d.net%d.example.com", i % 150, i);
		q.name = name_of(text);
		ck_assert_int_eq(lk_dns_write_question(&w, &q), 0);
	}
	ck_assert_int_eq(lk_dns_check(buf, w.len), 0);
	ck_assert_uint_eq(rewrite(buf, w.len, again, sizeof again), w.len);
	ck_assert_mem_eq(buf, again, w.len);
}
END_TEST

START_TEST(what_lies_beyond_14_bits_is_not_pointed_to)
{
	static const uint8_t text[252] = {250, 'x'};
	struct lk_dns_record filler = record_of("a.test", LK_DNS_TXT, text, 251), far = record_of("far.example.com", LK_DNS_TXT, text, 251), again;
	struct lk_dns_header header = {.qr = true};
	static uint8_t buf[20000];
	struct lk_dns_writer w;
	struct lk_dns_reader r;

	ck_assert_int_eq(lk_dns_write_begin(&w, buf, sizeof buf, &header), 12);
	while (w.len < 0x4000) {
		ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &filler), 0);
	}
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &far), 0);
	ck_assert_int_eq(lk_dns_write_record(&w, LK_DNS_ANSWER, &far), 0);
	ck_assert_int_eq(lk_dns_check(buf, w.len), 0);
	ck_assert_int_eq(lk_dns_read_begin(&r, buf, w.len), 12);
	while (lk_dns_read_record(&r, &again) > 0) {
		ck_assert(lk_dns_name_equal(&again.name, r.at > 0x4000 + 300 ? &far.name : &filler.name));
	}
	ck_assert_uint_eq(r.at, w.len);
}
END_TEST

START_TEST(a_ttl_with_its_top_bit_set_counts_as_zero)
{
	struct lk_dns_record record = {.ttl = 0x7fffffff};

	ck_assert_uint_eq(lk_dns_ttl(&record), 0x7fffffff);
	record.ttl = 0x80000000;
	ck_assert_uint_eq(lk_dns_ttl(&record), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("wire/dns");
	TCase *c = tcase_create("dns");

	tcase_add_test(c, each_field_of_the_header_is_where_rfc_1035_puts_it);
	tcase_add_test(c, an_answer_is_read_record_by_record);
	tcase_add_test(c, writing_what_was_read_gives_the_same_bytes);
	tcase_add_test(c, every_length_short_of_the_message_is_truncated_and_more_is_trailing);
	tcase_add_test(c, rdlength_fits_the_type);
	tcase_add_test(c, an_opt_stands_once_in_the_additional_section_and_belongs_to_the_root);
	tcase_add_test(c, edns_is_written_and_read);
	tcase_add_test(c, typed_views_read_what_was_written_through_a_message);
	tcase_add_test(c, what_does_not_fit_leaves_the_message_as_it_was);
	tcase_add_test(c, names_keep_their_case_and_are_compressed_only_to_the_very_same);
	tcase_add_test(c, a_full_table_of_suffixes_only_compresses_less);
	tcase_add_test(c, what_lies_beyond_14_bits_is_not_pointed_to);
	tcase_add_test(c, a_ttl_with_its_top_bit_set_counts_as_zero);
	suite_add_tcase(s, c);
	return run_suite(s);
}
