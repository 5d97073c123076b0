/* DHCP taken apart. Names and values are tshark's. */
#include "conformance/dissect/dissect.h"
#include "stack/tests/support/run.h"
#include "stack/wire/dhcp.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/udp.h"
#include <string.h>

static struct lk_layer layers[LK_DISSECT_DEPTH];
static struct lk_field fields[512];
static struct lk_dissection out;

/* A message in a raw IP packet, `cut` bytes off its end not captured. */
static int dissect(const struct lk_dhcp *m, uint16_t from, uint16_t to, size_t cut)
{
    static struct lk_dissect_memory memory;
    static uint8_t bytes[1500];
    uint8_t message[1200], datagram[1300];
    int len = lk_dhcp_emit(m, message, sizeof message);
    struct lk_udp udp = {.source_port = from, .destination_port = to, .payload = message, .payload_len = (size_t)len};
    len = lk_udp_emit(&udp, datagram, sizeof datagram);
    struct lk_ipv4 ip = {.time_to_live = 64, .protocol = LK_PROTOCOL_UDP, .destination_address = UINT32_MAX, .payload = datagram, .payload_len = (size_t)len};
    len = lk_ipv4_emit_summed(&ip, bytes, sizeof bytes);
    out = (struct lk_dissection){.layers = layers, .fields = fields, .layer_cap = LK_DISSECT_DEPTH, .field_cap = 512};
    struct lk_dissect_frame frame = {bytes, (uint32_t)((size_t)len - cut), (uint32_t)len, LK_LINK_RAW_IP, 1, 0};
    return lk_dissect(&frame, &memory, &out);
}

static const char *values(const char *name)
{
    static char text[2][1024];
    static unsigned turn;
    char *joined = text[turn++ % 2], one[512];
    joined[0] = 0;
    for (const struct lk_field *f = lk_dissection_find(&out, name, 0); f != NULL; f = lk_dissection_find(&out, name, (uint32_t)(f - fields) + 1)) {
        lk_field_text(f, one, sizeof one);
        if (joined[0] != 0)
            strcat(joined, ";");
        strcat(joined, one);
    }
    return joined;
}

static struct lk_dhcp message_of(const char *options, size_t len)
{
    return (struct lk_dhcp){.op = 1, .htype = 1, .hlen = 6, .hops = 1, .xid = 0xdeadbeef, .secs = 7, .flags = 0x8001, .ciaddr = 0x0a000001, .yiaddr = 0x0a000002,
                            .siaddr = 0x0a000003, .giaddr = 0x0a000004, .chaddr = {2, 0, 0, 0, 0, 1}, .options = (const uint8_t *)options, .options_len = len};
}
#define MESSAGE(text) message_of(text, sizeof text - 1)

START_TEST(each_field_has_wiresharks_name)
{
    struct lk_dhcp m = MESSAGE("\x35\1\1\xff");
    ck_assert_int_eq(dissect(&m, 68, 67, 0), 0);
    static const char *const expected[][2] = {
        {"dhcp.type", "1"},           {"dhcp.hw.type", "0x01"},        {"dhcp.hw.len", "6"},           {"dhcp.hops", "1"},
        {"dhcp.id", "0xdeadbeef"},    {"dhcp.secs", "7"},              {"dhcp.flags", "0x8001"},       {"dhcp.flags.bc", "1"},
        {"dhcp.flags.reserved", "0x0001"}, {"dhcp.ip.client", "10.0.0.1"}, {"dhcp.ip.your", "10.0.0.2"}, {"dhcp.ip.server", "10.0.0.3"},
        {"dhcp.ip.relay", "10.0.0.4"}, {"dhcp.hw.mac_addr", "02:00:00:00:00:01"}, {"dhcp.hw.addr_padding", "00000000000000000000"},
        {"dhcp.cookie", "99.130.83.99"}, {"dhcp.option.type", "53;0"}, {"dhcp.option.dhcp", "1"}, {"dhcp.option.end", "255"}, {"dhcp.option.value", "01"},
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        ck_assert_str_eq(values(expected[i][0]), expected[i][1]);
}
END_TEST

START_TEST(options_are_shown_by_their_kind)
{
    struct lk_dhcp m = MESSAGE("\x03\x08\n\0\0\1\n\0\0\2" "\x33\4\0\0\x0e\x10" "\x0c\4lap\0" "\x39\2\2\x40" "\x37\3\1\3\6" "\x3d\7\1\2\0\0\0\0\1" "\2\4\xff\xff\xf1\xf0" "\0\0" "\xe0\1x" "\xff\1\2");
    ck_assert_int_eq(dissect(&m, 67, 68, 0), 0);
    ck_assert_str_eq(values("dhcp.option.router"), "10.0.0.1;10.0.0.2");
    ck_assert_str_eq(values("dhcp.option.ip_address_lease_time"), "3600");
    ck_assert_str_eq(values("dhcp.option.hostname"), "lap");
    ck_assert_str_eq(values("dhcp.option.dhcp_max_message_size"), "576");
    ck_assert_str_eq(values("dhcp.option.request_list_item"), "1;3;6");
    ck_assert_str_eq(values("dhcp.hw.mac_addr"), "02:00:00:00:00:01;02:00:00:00:00:01");
    ck_assert_str_eq(values("dhcp.option.time_offset"), "-3600");
    ck_assert_str_eq(values("dhcp.option.padding"), "0000;0102");
    ck_assert_str_eq(values("dhcp.option.type"), "3;51;12;57;55;61;2;0;224;0");
}
END_TEST

START_TEST(overloaded_fields_are_options_and_the_others_names)
{
    uint8_t sname[64] = "\x0c\1s\xff", file[128] = "boot.img";
    struct lk_dhcp m = MESSAGE("\x34\1\2\xff");
    m.sname = sname;
    m.file = file;
    ck_assert_int_eq(dissect(&m, 67, 68, 0), 0);
    ck_assert_str_eq(values("dhcp.option.hostname"), "s");
    ck_assert_str_eq(values("dhcp.server"), "");
    ck_assert_str_eq(values("dhcp.file"), "boot.img");
    m.options = (const uint8_t *)"\xff";
    m.options_len = 1;
    dissect(&m, 67, 68, 0);
    ck_assert_str_eq(values("dhcp.option.hostname"), "");
}
END_TEST

START_TEST(an_option_of_another_length_is_noted_and_the_walk_goes_on)
{
    struct lk_dhcp m = MESSAGE("\x33\3\0\0\1" "\3\5\n\0\0\1\2" "\x0c\1x\xff");
    ck_assert_int_eq(dissect(&m, 67, 68, 0), 0);
    ck_assert_ptr_nonnull(out.note);
    ck_assert_str_eq(values("dhcp.option.ip_address_lease_time"), "");
    ck_assert_str_eq(values("dhcp.option.router"), "10.0.0.1");
    ck_assert_str_eq(values("dhcp.option.hostname"), "x");
}
END_TEST

START_TEST(what_runs_out_ends_the_walk_as_cut_or_malformed)
{
    struct lk_dhcp m = MESSAGE("\x35\1\1" "\x0c\x09short");
    dissect(&m, 68, 67, 0);
    ck_assert_int_eq(out.end, LK_DISSECT_SHORT);
    dissect(&m, 68, 67, 2);
    ck_assert_int_ne(out.end, LK_DISSECT_WHOLE);
    m = MESSAGE("\x35\1\1\xff");
    for (size_t cut = 1; cut < 244; cut++) {
        dissect(&m, 68, 67, cut);
        ck_assert_int_eq(out.end, LK_DISSECT_CUT);
    }
}
END_TEST

START_TEST(only_its_ports_are_dhcp)
{
    struct lk_dhcp m = MESSAGE("\xff");
    dissect(&m, 1000, 1001, 0);
    ck_assert_str_eq(values("dhcp.type"), "");
    dissect(&m, 1000, 67, 0);
    ck_assert_str_eq(values("dhcp.type"), "1");
}
END_TEST

int main(void)
{
    const TTest *tests[] = {each_field_has_wiresharks_name, options_are_shown_by_their_kind, overloaded_fields_are_options_and_the_others_names,
                            an_option_of_another_length_is_noted_and_the_walk_goes_on, what_runs_out_ends_the_walk_as_cut_or_malformed, only_its_ports_are_dhcp};
    return run_tests("dhcp", tests, sizeof tests / sizeof tests[0]);
}
