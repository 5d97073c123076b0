/* Lines of talk as frames: octets known from elsewhere, and what the dissection reads of the rest. */
#include "conformance/compose/compose.h"
#include "conformance/dissect/dissect.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct lk_bump *bump;
static struct lk_trace trace;
static struct lk_fault fault;
static struct lk_talk lines[8];

static int compile(const char *a, const char *b)
{
    lk_trace_init(&trace, bump);
    trace.match.mode = LK_MATCH_FIELDS;
    trace.dut.host.address = lk_addr_from_ip4(0x0a090001);
    lines[0] = (struct lk_talk){a, 1};
    lines[1] = (struct lk_talk){b, 2};
    trace.talk = lines;
    trace.talk_count = b == NULL ? 1 : 2;
    return lk_talk_compile(&trace, "test", bump, &fault);
}

static struct lk_field fields[512];
static struct lk_layer layers[LK_DISSECT_DEPTH];
static struct lk_dissection d;

static const char *field(size_t step, const char *name)
{
    static char text[4096];
    const struct lk_step *s = &trace.steps[step];
    const struct lk_dissect_frame frame = {.bytes = s->bytes, .captured = s->len, .length = s->len, .link = LK_LINK_ETHERNET, .number = 1};
    d = (struct lk_dissection){.layers = layers, .fields = fields, .layer_cap = LK_DISSECT_DEPTH, .field_cap = 512};
    ck_assert_int_eq(lk_dissect(&frame, NULL, &d), 0);
    const struct lk_field *f = lk_dissection_find(&d, name, 0);
    ck_assert_msg(f != NULL, "no field %s", name);
    lk_field_text(f, text, sizeof text);
    return text;
}

/* Worked out by hand from RFC 768, RFC 791 and RFC 894. */
START_TEST(a_datagram_is_what_the_figures_say)
{
    static const uint8_t expected[] = {
        0x02, 0, 0x0a, 0x09, 0, 1, 0x02, 0, 0x0a, 0x09, 0, 2, 0x08, 0, /* Ethernet: to the device, from the host, IPv4 */
        0x45, 0, 0, 30, 0, 7, 0x40, 0, 64, 17, 0x26, 0xb4, 10, 9, 0, 2, 10, 9, 0, 1, 0x9c, 0x40, 0, 7, 0, 10, 0, 0, 0x4f, 0x7e};
    ck_assert_int_eq(compile("in udp 10.9.0.2:40000 > 10.9.0.1:7 ip{id=7 df} udp{sum=none} hex:4f7e", NULL), 0);
    ck_assert_uint_eq(trace.steps[0].len, sizeof expected);
    ck_assert_mem_eq(trace.steps[0].bytes, expected, sizeof expected);
}
END_TEST

/* The sum of that datagram comes out as zero: sent as all ones (RFC 768). */
START_TEST(a_checksum_of_zero_is_all_ones)
{
    ck_assert_int_eq(compile("in udp 10.9.0.2:40000 > 10.9.0.1:7 hex:4f7e", NULL), 0);
    ck_assert_str_eq(field(0, "udp.checksum"), "0xffff");
    ck_assert_str_eq(field(0, "udp.checksum.status"), "1");
}
END_TEST

START_TEST(wrong_checksums_are_wrong_and_nothing_else_is)
{
    ck_assert_int_eq(compile("in udp 10.9.0.2:40000 > 10.9.0.1:7 udp{sum=bad} \"abc\"", "in tcp 10.9.0.2:1 > 10.9.0.1:2 ip{sum=bad} tcp{flags=S seq=5 mss=1460}"), 0);
    ck_assert_str_eq(field(0, "udp.checksum.status"), "0");
    ck_assert_str_eq(field(0, "ip.checksum.status"), "1");
    ck_assert_str_eq(field(1, "ip.checksum.status"), "0");
    ck_assert_str_eq(field(1, "tcp.checksum.status"), "1");
    ck_assert_str_eq(field(1, "tcp.seq_raw"), "5");
}
END_TEST

START_TEST(messages_are_read_as_they_were_written)
{
    ck_assert_int_eq(compile("in udp 10.9.0.2:53 > 10.9.0.1:4000 dns{id=0x1234 qr aa rcode=3 q=www.example.com/A ns=example.com/300/SOA/a.example.com,b.example.com,1,2,3,4,5}",
                             "in udp 10.9.0.2:67 > 255.255.255.255:68 dhcp{op=2 type=ack xid=7 yiaddr=10.9.0.9 chaddr=02:00:00:00:00:01 o51=600 o6=10.9.0.2,10.9.0.3}"), 0);
    ck_assert_str_eq(field(0, "dns.id"), "0x1234");
    ck_assert_str_eq(field(0, "dns.flags.rcode"), "3");
    ck_assert_str_eq(field(0, "dns.soa.expire_limit"), "4");
    ck_assert_str_eq(field(1, "eth.dst"), "ff:ff:ff:ff:ff:ff");
    ck_assert_str_eq(field(1, "dhcp.ip.your"), "10.9.0.9");
    ck_assert_str_eq(field(1, "dhcp.option.ip_address_lease_time"), "600");
    ck_assert_str_eq(field(1, "dhcp.option.domain_name_server"), "10.9.0.2");
}
END_TEST

START_TEST(an_error_quotes_the_head_and_eight_octets)
{
    ck_assert_int_eq(compile("out icmp 10.9.0.1 > 10.9.0.2 icmp{type=3 code=4 mtu=1400} quoting udp 10.9.0.2:4000 > 192.0.2.1:9 bytes:100", NULL), 0);
    ck_assert_uint_eq(trace.steps[0].len, 14 + 20 + 8 + 20 + 8);
    ck_assert_str_eq(field(0, "icmp.mtu"), "1400");
    ck_assert_str_eq(field(0, "icmp.checksum.status"), "1");
}
END_TEST

START_TEST(times_follow_the_lines)
{
    ck_assert_int_eq(compile("in +20ms udp 10.9.0.2:1 > 10.9.0.1:7", "out +1s..3s udp 10.9.0.1:7 > 10.9.0.2:1"), 0);
    ck_assert_int_eq(trace.steps[0].at, 20 * LK_MILLISECOND);
    ck_assert_int_eq(trace.steps[1].after, LK_SECOND);
    ck_assert_int_eq(trace.steps[1].until, 3 * LK_SECOND);
    ck_assert_int_eq(trace.steps[1].at, 2020 * LK_MILLISECOND);
}
END_TEST

static void setup(void)
{
    bump = lk_bump_new(1u << 24);
}

static void teardown(void)
{
    lk_bump_free(bump);
}

int main(void)
{
    Suite *suite = suite_create("compose/talk");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, a_datagram_is_what_the_figures_say);
    tcase_add_test(all, a_checksum_of_zero_is_all_ones);
    tcase_add_test(all, wrong_checksums_are_wrong_and_nothing_else_is);
    tcase_add_test(all, messages_are_read_as_they_were_written);
    tcase_add_test(all, an_error_quotes_the_head_and_eight_octets);
    tcase_add_test(all, times_follow_the_lines);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
