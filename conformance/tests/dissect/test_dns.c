/* DNS taken apart. Names and values are tshark's. */
#include "conformance/dissect/dissect.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

#include <stdio.h>

static struct lk_layer layers[LK_DISSECT_DEPTH];
static struct lk_field fields[512];
static struct lk_dissect_flow flows[4];
static struct lk_dissect_memory memory;
static struct lk_dissection out;

static int dissect_packet(uint8_t protocol, const uint8_t *payload, size_t payload_len, size_t cut_off)
{
    uint8_t packet[1500];
    struct lk_ipv4 ip = {.time_to_live = 64, .protocol = protocol, .source_address = 1, .destination_address = 2, .payload = payload, .payload_len = payload_len};
    int len = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    struct packet exact = {packet, (size_t)len};
    static struct packet held;
    free(held.bytes);
    held = cut(exact, (size_t)len - cut_off);
    out = (struct lk_dissection){.layers = layers, .fields = fields, .layer_cap = LK_DISSECT_DEPTH, .field_cap = 512};
    struct lk_dissect_frame frame = {held.bytes, (uint32_t)held.len, (uint32_t)len, LK_LINK_RAW_IP, 1, 0};
    return lk_dissect(&frame, &memory, &out);
}

static int over_udp(const char *hex, uint16_t port, size_t cut_off)
{
    uint8_t datagram[1400];
    struct packet p = packet_of(hex);
    struct lk_udp udp = {.source_port = port, .destination_port = 40000, .payload = p.bytes, .payload_len = p.len};
    int len = lk_udp_emit(&udp, datagram, sizeof datagram);
    free(p.bytes);
    return dissect_packet(LK_PROTOCOL_UDP, datagram, (size_t)len, cut_off);
}

static int over_tcp(const char *hex, uint32_t seq)
{
    uint8_t segment[1400];
    struct packet p = packet_of(hex);
    struct lk_tcp tcp = {.source_port = 53, .destination_port = 40000, .sequence_number = seq, .control = LK_TCP_ACK, .payload = p.bytes, .payload_len = p.len};
    int len = lk_tcp_emit(&tcp, segment, sizeof segment);
    free(p.bytes);
    return dissect_packet(LK_PROTOCOL_TCP, segment, (size_t)len, 0);
}

/* All values of a field, joined by ';'. */
static const char *values(const char *name)
{
    static char joined[2048];
    char one[LK_FIELD_TEXT(300)];
    joined[0] = 0;
    for (const struct lk_field *f = lk_dissection_find(&out, name, 0); f != NULL; f = lk_dissection_find(&out, name, (uint32_t)(f - fields) + 1)) {
        lk_field_text(f, one, sizeof one);
        strcat(strcat(joined, joined[0] != 0 ? ";" : ""), one);
    }
    return joined;
}

#define QUESTION "03777777 046c6f636b 0474657374 00 0001 0001 "

START_TEST(a_question_has_the_flags_of_a_question)
{
    ck_assert_int_eq(over_udp("1234 0120 0001 0000 0000 0000 " QUESTION, 53, 0), 0);
    ck_assert_str_eq(values("dns.id"), "0x1234");
    ck_assert_str_eq(values("dns.flags"), "0x0120");
    ck_assert_str_eq(values("dns.flags.recdesired"), "1");
    ck_assert_str_eq(values("dns.flags.authenticated"), "1");
    ck_assert_str_eq(values("dns.flags.recavail"), "");
    ck_assert_str_eq(values("dns.flags.rcode"), "");
    ck_assert_str_eq(values("dns.qry.name"), "www.lock.test");
    ck_assert_str_eq(values("dns.qry.name.len"), "13");
    ck_assert_str_eq(values("dns.count.labels"), "3");
    ck_assert_str_eq(values("dns.qry.class"), "0x0001");
    ck_assert_str_eq(layers[2].name, "dns");
    ck_assert_uint_eq(layers[2].len, 12 + 15 + 4);
    char line[200];
    lk_dissection_line(&out, line, sizeof line);
    ck_assert_str_eq(line, "0.0.0.1:53 > 0.0.0.2:40000 udp len 39 dns query www.lock.test type 1");
}
END_TEST

START_TEST(records_are_shown_by_their_type)
{
    ck_assert_int_eq(over_udp("1234 8580 0001 0005 0001 0001 " QUESTION "c00c 0005 0001 00000258 0006 0377 6562 c010"
                              "c02b 0001 0001 00000258 0004 0a010203" "c02b 001c 0001 00000258 0010 20010db8000000000000000000000003"
                              "c010 000f 0001 00000258 0004 000a c02b" "c00c 0010 0001 00000258 0006 02 6122 02 5c09"
                              "c010 0006 0001 00000258 0018 c02b c00c 00000001 00000002 00000003 00000004 00000005"
                              "00 0029 04d0 01028001 0006 fde9 0002 abcd", 53, 0), 0);
    ck_assert_str_eq(values("dns.resp.name"), "www.lock.test;web.lock.test;web.lock.test;lock.test;www.lock.test;lock.test;<Root>");
    ck_assert_str_eq(values("dns.resp.type"), "5;1;28;15;16;6;41");
    ck_assert_str_eq(values("dns.cname"), "web.lock.test");
    ck_assert_str_eq(values("dns.a"), "10.1.2.3");
    ck_assert_str_eq(values("dns.aaaa"), "2001:db8::3");
    ck_assert_str_eq(values("dns.mx.preference"), "10");
    ck_assert_str_eq(values("dns.mx.mail_exchange"), "web.lock.test");
    ck_assert_str_eq(values("dns.txt"), "a\";\\\\t");
    ck_assert_str_eq(values("dns.txt.length"), "2;2");
    ck_assert_str_eq(values("dns.soa.rname"), "www.lock.test");
    ck_assert_str_eq(values("dns.soa.minimum_ttl"), "5");
    ck_assert_str_eq(values("dns.resp.ext_rcode"), "0x01");
    ck_assert_str_eq(values("dns.resp.edns0_version"), "2");
    ck_assert_str_eq(values("dns.resp.z.do"), "1");
    ck_assert_str_eq(values("dns.resp.z.reserved"), "0x0001");
    ck_assert_str_eq(values("dns.opt.data"), "abcd");
}
END_TEST

START_TEST(the_owner_of_a_srv_is_shown_in_three_parts)
{
    ck_assert_int_eq(over_udp("1234 8580 0000 0001 0000 0000 055f68747470 045f746370 016101620163 00 0021 0001 00000258 0009 0001 0002 0003 016100", 53, 0), 0);
    ck_assert_str_eq(values("dns.srv.service"), "_http");
    ck_assert_str_eq(values("dns.srv.proto"), "_tcp");
    ck_assert_str_eq(values("dns.srv.name"), "a.b.c");
    ck_assert_str_eq(values("dns.srv.target"), "a");
    ck_assert_str_eq(values("dns.resp.name"), "");
}
END_TEST

START_TEST(names_are_written_as_tshark_writes_them)
{
    static const struct { const char *label, *text; } row[] = {
        {"04 61 2e 5c 20", "a.\\ "},         {"03 00 07 0e", "\\000\\a\\016"}, {"03 7f 0d 09", "\\177\\r\\t"},
        {"02 c3a9", "\xc3\xa9"},             {"01 c3", "\xef\xbf\xbd"},        {"02 c280", "\\u0080"},
        {"02 c2a0", "\xc2\xa0"},             {"04 f09f9880", "\xf0\x9f\x98\x80"}, {"02 fffe", "\xef\xbf\xbd\xef\xbf\xbd"},
        {"03 e2808b", "\\u200B"},            {"03 eda080", "\xef\xbf\xbd"},    {"04 f5808080", "\xef\xbf\xbd"},
        {"02 c080", "\\u0000"},              {"02 e261", "\xef\xbf\xbd" "a"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char hex[200];
        snprintf(hex, sizeof hex, "1234 0000 0001 0000 0000 0000 %s 00 0001 0001", row[i].label);
        ck_assert_int_eq(over_udp(hex, 53, 0), 0);
        ck_assert_str_eq(values("dns.qry.name"), row[i].text);
    }
}
END_TEST

START_TEST(addresses_of_ipv6_are_written_by_rfc_5952)
{
    static const struct { const char *hex, *text; } row[] = {
        {"00000000000000000000000000000000", "::"}, {"00000000000000000000000000000001", "::1"},
        {"20010db8000000010000000000000001", "2001:db8:0:1::1"}, {"20010db8000000000001000000000001", "2001:db8::1:0:0:1"},
        {"20010db8000100010001000100000001", "2001:db8:1:1:1:1:0:1"}, {"00000000000000000000ffff01020304", "::ffff:1.2.3.4"},
        {"00000000000000000000000001020304", "::1.2.3.4"}, {"fe800000000000000000000000000000", "fe80::"},
        {"00010000000000000000000000000abc", "1::abc"},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        char hex[200];
        snprintf(hex, sizeof hex, "1234 8000 0000 0001 0000 0000 00 001c 0001 00000000 0010 %s", row[i].hex);
        ck_assert_int_eq(over_udp(hex, 53, 0), 0);
        ck_assert_str_eq(values("dns.aaaa"), row[i].text);
    }
}
END_TEST

START_TEST(multicast_dns_and_llmnr_read_some_bits_otherwise)
{
    ck_assert_int_eq(over_udp("0000 8400 0001 0001 0000 0000 0161 00 0001 8001 c00c 0001 8001 00000078 0004 0a010203", 5353, 0), 0);
    ck_assert_str_eq(layers[2].name, "mdns");
    ck_assert_str_eq(values("dns.qry.class"), "0x0001");
    ck_assert_str_eq(values("dns.qry.qu"), "1");
    ck_assert_str_eq(values("dns.resp.cache_flush"), "1");
    ck_assert_int_eq(over_udp("0000 8500 0000 0000 0000 0000", 5355, 0), 0);
    ck_assert_str_eq(values("dns.flags.conflict"), "1");
    ck_assert_str_eq(values("dns.flags.tentative"), "1");
    ck_assert_str_eq(values("dns.flags.authoritative"), "");
}
END_TEST

START_TEST(a_message_that_is_bad_ends_the_walk_where_it_is_bad)
{
    static const struct { const char *hex; enum lk_dissect_end end; uint32_t at; } row[] = {
        {"1234 0100 0001 0000 0000 0000 c00c 0001 0001", LK_DISSECT_BOGUS, 40},
        {"1234 0100 0001 0000 0000 0000 c0ff 0001 0001", LK_DISSECT_BOGUS, 40},
        {"1234 0100 0001 0000 0000 0000 4161 00 0001 0001", LK_DISSECT_BOGUS, 40},
        {"1234 0100 0001 0000 0000 0000 0361 62", LK_DISSECT_SHORT, 43},
        {"1234 0100 0001 0000 0000 0000 0161 00 0001", LK_DISSECT_SHORT, 45},
        {"1234 8100 0000 0001 0000 0000 0161 00 0001 0001 00000000 0005 0a010203", LK_DISSECT_SHORT, 57},
        {"1234 8100 0000 0001 0000 0000 0161 00 0001 0001 00000000 0003 0a0102", LK_DISSECT_SHORT, 56},
        {"1234 8100 0000 0002 0000 0000 0161 00 0001 0001 00000000 0004 0a010203", LK_DISSECT_SHORT, 57},
        {"1234 8100 0000", LK_DISSECT_WHOLE, 0}, /* nobody's message */
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        over_udp(row[i].hex, 53, 0);
        ck_assert_msg(out.end == row[i].end && out.end_at == row[i].at, "row %zu: %d at %u", i, (int)out.end, out.end_at);
    }
    ck_assert_int_eq(over_udp("1234 8100 0000 0001 0000 0000 0161 00 0001 0001 00000000 0005 0a01020304", 53, 0), 0);
    ck_assert_str_eq(out.note, "RDLENGTH does not fit the type");
}
END_TEST

START_TEST(every_prefix_is_read_up_to_its_end_and_no_further)
{
    static const char hex[] = "1234 8580 0001 0001 0000 0001 " QUESTION "c00c 0005 0001 00000258 0006 0377 6562 c010 00 0029 04d0 00000000 0006 000a 0002 abcd";
    ck_assert_int_eq(over_udp(hex, 53, 0), 0);
    for (size_t cut_off = 1; cut_off < 60; cut_off++) {
        over_udp(hex, 53, cut_off);
        ck_assert_int_eq(out.end, LK_DISSECT_CUT);
    }
}
END_TEST

START_TEST(over_tcp_messages_are_taken_where_they_begin_and_are_whole)
{
#define MESSAGE "001f 1234 0100 0001 0000 0000 0000 " QUESTION
    memset(flows, 0, sizeof flows);
    memory = (struct lk_dissect_memory){.flows = flows, .flow_cap = 4};
    ck_assert_int_eq(over_tcp(MESSAGE MESSAGE "001f 1234", 1), 0);
    ck_assert_str_eq(values("dns.length"), "31;31");
    ck_assert_str_eq(values("dns.id"), "0x1234;0x1234");
    ck_assert_uint_eq(out.layer_count, 4);
    ck_assert_int_eq(over_tcp(MESSAGE, 1 + 70), 0); /* the rest of the third: its first octets are no length */
    ck_assert_str_eq(values("dns.id"), "");
    ck_assert_int_eq(over_tcp(MESSAGE, 1 + 66), 0); /* the third again, whole */
    ck_assert_str_eq(values("dns.id"), "0x1234");
    memory = (struct lk_dissect_memory){0};
}
END_TEST

int main(void)
{
    Suite *s = suite_create("dissect/dns");
    TCase *c = tcase_create("dns");
    tcase_add_test(c, a_question_has_the_flags_of_a_question);
    tcase_add_test(c, records_are_shown_by_their_type);
    tcase_add_test(c, the_owner_of_a_srv_is_shown_in_three_parts);
    tcase_add_test(c, names_are_written_as_tshark_writes_them);
    tcase_add_test(c, addresses_of_ipv6_are_written_by_rfc_5952);
    tcase_add_test(c, multicast_dns_and_llmnr_read_some_bits_otherwise);
    tcase_add_test(c, a_message_that_is_bad_ends_the_walk_where_it_is_bad);
    tcase_add_test(c, every_prefix_is_read_up_to_its_end_and_no_further);
    tcase_add_test(c, over_tcp_messages_are_taken_where_they_begin_and_are_whole);
    suite_add_tcase(s, c);
    return run_suite(s);
}
