/* Frames taken apart: names, values, byte ranges, and where a walk ends. Numbers and names are tshark's. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "conformance/dissect/dissect.h"
#include "conformance/tests/support/craft.h"
#include "stack/base/error.h"
#include "stack/tests/support/packets.h"
#include "stack/tests/support/run.h"
#include "stack/wire/tcp.h"

#define ETHERNET "001122334455 66778899aabb "

static struct lk_layer layers[LK_DISSECT_DEPTH];
static struct lk_field fields[512];
static struct lk_dissect_flow flows[64];
static struct lk_dissect_datagram datagrams[2];
static struct lk_dissect_memory memory;
static struct lk_dissection out;

static void start(void)
{
    memset(flows, 0, sizeof flows);
    memset(datagrams, 0, sizeof datagrams);
    memory = (struct lk_dissect_memory){.flows = flows, .flow_cap = 64, .datagrams = datagrams, .datagram_cap = 2};
    out = (struct lk_dissection){.layers = layers, .fields = fields, .layer_cap = LK_DISSECT_DEPTH, .field_cap = 512};
}

static int dissect(const uint8_t *bytes, size_t captured, size_t length, int64_t time)
{
    struct lk_dissect_frame frame = {bytes, (uint32_t)captured, (uint32_t)length, LK_LINK_ETHERNET, 1, time};
    return lk_dissect(&frame, &memory, &out);
}

static int dissect_hex(const char *hex)
{
    static struct packet p;
    free(p.bytes);
    p = packet_of(hex);
    return dissect(p.bytes, p.len, p.len, 0);
}

/* All values of a field, joined by ';'; "" when there is none. */
static const char *values(const char *name)
{
    static char text[2][512];
    static unsigned turn;
    char *joined = text[turn++ % 2], one[256];
    joined[0] = 0;
    const struct lk_field *field = lk_dissection_find(&out, name, 0);
    while (field != NULL) {
        lk_field_text(field, one, sizeof one);
        if (joined[0] != 0)
            strcat(joined, ";");
        strcat(joined, one);
        field = lk_dissection_find(&out, name, (uint32_t)(field - fields) + 1);
    }
    return joined;
}

static const char *line(void)
{
    static char text[512];
    lk_dissection_line(&out, text, sizeof text);
    return text;
}

START_TEST(an_arp_request_has_its_addresses)
{
    ck_assert_int_eq(dissect_hex("ffffffffffff 66778899aabb 0806 0001 0800 06 04 0001 66778899aabb 0a000001 000000000000 0a000002"), 0);
    ck_assert_str_eq(values("eth.dst"), "ff:ff:ff:ff:ff:ff");
    ck_assert_str_eq(values("eth.type"), "0x0806");
    ck_assert_str_eq(values("arp.opcode"), "1");
    ck_assert_str_eq(values("arp.src.hw_mac"), "66:77:88:99:aa:bb");
    ck_assert_str_eq(values("arp.dst.proto_ipv4"), "10.0.0.2");
    ck_assert_uint_eq(lk_dissection_find(&out, "arp.dst.proto_ipv4", 0)->at, 38);
    ck_assert_uint_eq(layers[1].at, 14);
    ck_assert_uint_eq(layers[1].len, 28);
    ck_assert_str_eq(line(), "arp who has 10.0.0.2 tell 10.0.0.1");
}
END_TEST

START_TEST(arp_of_other_hardware_shows_octets)
{
    ck_assert_int_eq(dissect_hex(ETHERNET "0806 0007 0800 01 04 0002 aa 0a000001 bb 0a000002"), 0);
    ck_assert_str_eq(values("arp.src.hw"), "aa");
    ck_assert_str_eq(values("arp.src.hw_mac"), "");
    ck_assert_str_eq(values("arp.dst.proto_ipv4"), "10.0.0.2");
}
END_TEST

static int dissect_crafted(const struct craft *craft, int64_t time)
{
    static uint8_t bytes[1600];
    size_t len = craft_frame(craft, bytes);
    return dissect(bytes, len, len, time);
}

START_TEST(numbers_are_relative_and_the_window_is_scaled_once_both_offered)
{
    const uint8_t shift_7[] = {2, 4, 5, 180, 1, 3, 3, 7}, shift_2[] = {3, 3, 2, 1};
    ck_assert_int_eq(dissect_crafted(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_SYN, .seq = 1000, .window = 100,
                                                     .options = shift_7, .options_len = 8}, 5000), 0);
    ck_assert_str_eq(values("tcp.seq"), "0");
    ck_assert_str_eq(values("tcp.seq_raw"), "1000");
    ck_assert_str_eq(values("tcp.nxtseq"), "1");
    ck_assert_str_eq(values("tcp.window_size"), "100");
    ck_assert_str_eq(values("tcp.window_size_scalefactor"), "");
    ck_assert_str_eq(values("tcp.option_kind"), "2;1;3");
    ck_assert_str_eq(values("tcp.options.mss_val"), "1460");
    ck_assert_str_eq(values("tcp.checksum.status"), "1");
    ck_assert_str_eq(line(), "10.9.0.1:40000 > 10.9.0.2:80 tcp [S] seq 0 win 100 len 0 <mss 1460,nop,wscale 7>");
    dissect_crafted(&(struct craft){.src = 0x0a090002, .dst = 0x0a090001, .sport = 80, .dport = 40000, .control = LK_TCP_SYN | LK_TCP_ACK,
                                    .seq = 5000, .ack = 1001, .window = 100, .options = shift_2, .options_len = 4}, 6000);
    ck_assert_str_eq(values("tcp.ack"), "1");
    ck_assert_str_eq(values("tcp.time_delta"), "0.000001000");
    dissect_crafted(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_ACK | LK_TCP_PSH, .seq = 1001, .ack = 5001, .window = 100, .payload = 10}, 8000);
    ck_assert_str_eq(values("tcp.window_size"), "12800");
    ck_assert_str_eq(values("tcp.window_size_scalefactor"), "128");
    ck_assert_str_eq(values("tcp.nxtseq"), "11");
    ck_assert_str_eq(values("tcp.len"), "10");
    ck_assert_str_eq(values("tcp.time_relative"), "0.000003000");
    ck_assert_str_eq(values("tcp.stream"), "0");
}
END_TEST

START_TEST(a_syn_without_window_scale_turns_it_off_for_both)
{
    const uint8_t shift[] = {3, 3, 2, 1};
    dissect_crafted(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_SYN, .seq = 1000, .window = 100}, 0);
    dissect_crafted(&(struct craft){.src = 0x0a090002, .dst = 0x0a090001, .sport = 80, .dport = 40000, .control = LK_TCP_SYN | LK_TCP_ACK,
                                    .seq = 5000, .ack = 1001, .window = 100, .options = shift, .options_len = 4}, 0);
    dissect_crafted(&(struct craft){.src = 0x0a090002, .dst = 0x0a090001, .sport = 80, .dport = 40000, .control = LK_TCP_ACK,
                                    .seq = 5001, .ack = 1001, .window = 100}, 0);
    ck_assert_str_eq(values("tcp.window_size"), "100");
    ck_assert_str_eq(values("tcp.window_size_scalefactor"), "-2");
}
END_TEST

START_TEST(a_connection_seen_from_its_middle_begins_at_one)
{
    dissect_crafted(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_ACK, .seq = 77, .ack = 99, .payload = 5}, 0);
    ck_assert_str_eq(values("tcp.seq"), "1");
    ck_assert_str_eq(values("tcp.ack"), "1");
    ck_assert_str_eq(values("tcp.window_size_scalefactor"), "-1");
}
END_TEST

START_TEST(sack_edges_are_relative_to_the_other_side)
{
    const uint8_t sack[] = {1, 1, 5, 10, 0, 0, 0x13, 0x90, 0, 0, 0x13, 0x9a}; /* 5008 .. 5018 */
    dissect_crafted(&(struct craft){.src = 0x0a090002, .dst = 0x0a090001, .sport = 80, .dport = 40000, .control = LK_TCP_SYN, .seq = 5000}, 0);
    dissect_crafted(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_ACK, .seq = 1001, .ack = 5001, .options = sack, .options_len = 12}, 0);
    ck_assert_str_eq(values("tcp.options.sack_le"), "8");
    ck_assert_str_eq(values("tcp.options.sack_re"), "18");
    ck_assert_str_eq(values("tcp.options.sack.count"), "1");
}
END_TEST

START_TEST(ports_used_again_begin_a_new_stream)
{
    struct craft syn = {.sport = 40000, .dport = 80, .control = LK_TCP_SYN, .seq = 1000};
    dissect_crafted(&syn, 0);
    dissect_crafted(&syn, 0);
    ck_assert_str_eq(values("tcp.stream"), "0");
    syn.seq = 2000;
    dissect_crafted(&syn, 0);
    ck_assert_str_eq(values("tcp.stream"), "1");
    ck_assert_str_eq(values("tcp.seq"), "0");
}
END_TEST

START_TEST(without_memory_what_a_frame_cannot_tell_is_left_out)
{
    uint8_t bytes[1600];
    size_t len = craft_frame(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_ACK, .seq = 77, .ack = 99, .payload = 5}, bytes);
    struct lk_dissect_frame frame = {bytes, (uint32_t)len, (uint32_t)len, LK_LINK_ETHERNET, 1, 0};
    ck_assert_int_eq(lk_dissect(&frame, NULL, &out), 0);
    ck_assert_str_eq(values("tcp.seq"), "");
    ck_assert_str_eq(values("tcp.seq_raw"), "77");
    ck_assert_str_eq(values("tcp.len"), "5");
}
END_TEST

START_TEST(a_bad_checksum_is_told)
{
    uint8_t bytes[1600];
    size_t len = craft_frame(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_ACK, .payload = 5}, bytes);
    bytes[len - 1] ^= 1;
    ck_assert_int_eq(dissect(bytes, len, len, 0), 0);
    ck_assert_str_eq(values("tcp.checksum.status"), "0");
    ck_assert_str_eq(values("ip.checksum.status"), "1");
    dissect(bytes, len - 1, len, 0); /* not all of it was captured: nobody can tell */
    ck_assert_str_eq(values("tcp.checksum.status"), "2");
}
END_TEST

#define QUOTE "45000028 00010000 40060000 0a000001 0a000002 9c40 0050 000003e8"

START_TEST(an_icmp_error_shows_what_it_quotes)
{
    ck_assert_int_eq(dissect_hex(ETHERNET "0800 45000038 00000000 40016ec6 0a000002 0a000001 0304 0000 0000 0578 " QUOTE), LK_E_MALFORMED);
    ck_assert_str_eq(values("icmp.type"), "3");
    ck_assert_str_eq(values("icmp.mtu"), "1400");
    ck_assert_str_eq(values("ip.src"), "10.0.0.2;10.0.0.1");
    ck_assert_str_eq(values("tcp.srcport"), "40000");
    ck_assert_str_eq(values("tcp.seq"), "1000");
    ck_assert_str_eq(values("ip.len"), "56;40");
    ck_assert_int_eq(out.end, LK_DISSECT_SHORT);
    ck_assert_uint_eq(out.end_at, 14 + 56);
    ck_assert_str_eq(line(), "10.0.0.2 > 10.0.0.1 icmp type 3 code 4 mtu 1400 about 10.0.0.1:40000 > 10.0.0.2:80 tcp seq 1000");
}
END_TEST

START_TEST(a_udp_length_that_cannot_be_ends_the_walk)
{
    ck_assert_int_eq(dissect_hex(ETHERNET "0800 4500001c 00000000 40110000 0a000001 0a000002 0035 9c40 0007 0000"), LK_E_MALFORMED);
    ck_assert_int_eq(out.end, LK_DISSECT_BOGUS);
    ck_assert_uint_eq(out.end_at, 14 + 20 + 4);
    ck_assert_str_eq(values("udp.srcport"), "53");
    ck_assert_str_eq(values("udp.checksum"), "");
}
END_TEST

START_TEST(bad_ip_headers_end_the_walk_where_they_are_bad)
{
    const struct { const char *hex; uint32_t at; const char *len; } bad[] = {
        {ETHERNET "0800 65000014 00000000 40060000 0a000001 0a000002", 14, ""},
        {ETHERNET "0800 44000014 00000000 40060000 0a000001 0a000002", 14, ""},
        {ETHERNET "0800 45000013 00000000 40060000 0a000001 0a000002", 16, "19"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_int_eq(dissect_hex(bad[i].hex), LK_E_MALFORMED);
        ck_assert_uint_eq(out.end_at, bad[i].at);
        ck_assert_str_eq(values("ip.len"), bad[i].len);
        ck_assert_str_eq(values("ip.src"), "");
    }
}
END_TEST

START_TEST(fragments_are_put_together_at_the_last_one)
{
    ck_assert_int_eq(dissect_hex(ETHERNET "0800 4500001c 00010001 4011 66cf 0a000001 0a000002 3031323334353637"), 0);
    ck_assert_str_eq(values("udp.srcport"), "");
    ck_assert_int_eq(dissect_hex(ETHERNET "0800 4500001c 00012000 4011 46d0 0a000001 0a000002 0035 9c40 0010 0000"), 0);
    ck_assert_str_eq(values("udp.srcport"), "53");
    ck_assert_str_eq(values("udp.length"), "16");
    ck_assert_str_eq(values("udp.checksum.status"), "3");
}
END_TEST

START_TEST(ip_options_are_walked_and_a_source_route_names_the_destination)
{
    ck_assert_int_eq(dissect_hex(ETHERNET "0800 47000020 00000000 40fd0000 0a000001 0a000002 83 07 04 0a000009 00 31323334"), 0);
    ck_assert_str_eq(values("ip.opt.type"), "131;0");
    ck_assert_str_eq(values("ip.dst"), "10.0.0.9");
    ck_assert_str_eq(values("ip.cur_rt"), "10.0.0.2");
    ck_assert_int_eq(dissect_hex(ETHERNET "0800 46000018 00000000 40fd0000 0a000001 0a000002 94 09 0000"), 0);
    ck_assert_ptr_nonnull(out.note);
    ck_assert_uint_eq(out.note_at, 34);
}
END_TEST

/* Every prefix, as a short frame and as a cut one, in a block of exactly its size: nothing is read past it. */
START_TEST(every_prefix_is_read_up_to_its_end_and_no_further)
{
    const uint8_t options[] = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 2, 1, 3, 3, 7};
    uint8_t bytes[1600];
    size_t len = craft_frame(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_SYN, .seq = 1, .options = options, .options_len = 20}, bytes);
    uint32_t most = 0;
    for (size_t n = 0; n <= len; n++) {
        uint8_t *exact = malloc(n == 0 ? 1 : n);
        memcpy(exact, bytes, n);
        ck_assert_int_eq(dissect(exact, n, len, 0), n == len ? 0 : LK_E_TRUNCATED);
        if (n < len)
            ck_assert_uint_eq(out.end_at, n);
        ck_assert_uint_ge(out.field_count, most);
        most = out.field_count;
        ck_assert_int_eq(dissect(exact, n, n, 0), n == len ? 0 : LK_E_MALFORMED);
        free(exact);
    }
    ck_assert_str_eq(values("tcp.options.timestamp.tsecr"), "2");
}
END_TEST

START_TEST(full_arrays_are_an_error_not_an_overrun)
{
    uint8_t bytes[1600];
    size_t len = craft_frame(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_SYN, .seq = 1}, bytes);
    for (uint32_t cap = 0; cap < 40; cap++) {
        out.field_cap = cap;
        ck_assert_int_eq(dissect(bytes, len, len, 0), LK_E_FULL);
        ck_assert_uint_eq(out.field_count, cap);
    }
    out.field_cap = 512;
    out.layer_cap = 2;
    ck_assert_int_eq(dissect(bytes, len, len, 0), LK_E_FULL);
    ck_assert_uint_eq(out.layer_count, 2);
}
END_TEST

START_TEST(icmp_within_icmp_ends_at_the_depth_that_is_named)
{
    uint8_t bytes[14 + 28 * LK_DISSECT_DEPTH];
    memset(bytes, 0, sizeof bytes);
    bytes[12] = 8;
    for (size_t at = 14, left = sizeof bytes - 14; left > 0; at += 28, left -= 28) {
        bytes[at] = 0x45;
        bytes[at + 2] = (uint8_t)(left >> 8);
        bytes[at + 3] = (uint8_t)left;
        bytes[at + 9] = 1;
        bytes[at + 20] = 3;
    }
    ck_assert_int_eq(dissect(bytes, sizeof bytes, sizeof bytes, 0), LK_E_FULL);
    ck_assert_int_eq(out.end, LK_DISSECT_DEEP);
}
END_TEST

START_TEST(another_link_type_is_refused_by_name_and_raw_ip_is_not)
{
    const uint8_t bytes[20] = {0x45, 0, 0, 20, 0, 0, 0, 0, 64, 253, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2};
    struct lk_dissect_frame frame = {bytes, 20, 20, 113, 1, 0};
    ck_assert_int_eq(lk_dissect(&frame, &memory, &out), LK_E_UNSUPPORTED);
    ck_assert_ptr_nonnull(out.end_what);
    frame.link = LK_LINK_RAW_IP;
    ck_assert_int_eq(lk_dissect(&frame, &memory, &out), 0);
    ck_assert_str_eq(values("ip.proto"), "253");
}
END_TEST

START_TEST(a_string_is_shown_as_tshark_shows_it)
{
    static const uint8_t octets[] = "a\"b\\c\x01\x1b\x7f\b\t\n\v\f\r\xc3\xa9,\0z";
    struct lk_field field = {.name = "x.y", .bytes = octets, .len = sizeof octets - 1, .kind = LK_FIELD_STRING};
    char text[LK_FIELD_TEXT(sizeof octets)];
    lk_field_text(&field, text, sizeof text);
    ck_assert_str_eq(text, "a\"b\\c\x01\x1b\x7f\\b\\t\\n\v\\f\\r\xef\xbf\xbd\xef\xbf\xbd,");
    ck_assert_uint_eq(lk_field_text(&field, text, 3), 2);
    ck_assert_str_eq(text, "a\"");
}
END_TEST

START_TEST(a_line_is_cut_to_its_buffer)
{
    dissect_crafted(&(struct craft){.sport = 40000, .dport = 80, .control = LK_TCP_SYN, .seq = 1}, 0);
    char text[8] = "xxxxxxx";
    ck_assert_uint_eq(lk_dissection_line(&out, text, 5), 4);
    ck_assert_str_eq(text, "10.9");
    ck_assert_int_eq(text[5], 'x');
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dissect");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, start, NULL);
    tcase_add_test(all, an_arp_request_has_its_addresses);
    tcase_add_test(all, arp_of_other_hardware_shows_octets);
    tcase_add_test(all, numbers_are_relative_and_the_window_is_scaled_once_both_offered);
    tcase_add_test(all, a_syn_without_window_scale_turns_it_off_for_both);
    tcase_add_test(all, a_connection_seen_from_its_middle_begins_at_one);
    tcase_add_test(all, sack_edges_are_relative_to_the_other_side);
    tcase_add_test(all, ports_used_again_begin_a_new_stream);
    tcase_add_test(all, without_memory_what_a_frame_cannot_tell_is_left_out);
    tcase_add_test(all, a_bad_checksum_is_told);
    tcase_add_test(all, an_icmp_error_shows_what_it_quotes);
    tcase_add_test(all, a_udp_length_that_cannot_be_ends_the_walk);
    tcase_add_test(all, bad_ip_headers_end_the_walk_where_they_are_bad);
    tcase_add_test(all, fragments_are_put_together_at_the_last_one);
    tcase_add_test(all, ip_options_are_walked_and_a_source_route_names_the_destination);
    tcase_add_test(all, every_prefix_is_read_up_to_its_end_and_no_further);
    tcase_add_test(all, full_arrays_are_an_error_not_an_overrun);
    tcase_add_test(all, icmp_within_icmp_ends_at_the_depth_that_is_named);
    tcase_add_test(all, another_link_type_is_refused_by_name_and_raw_ip_is_not);
    tcase_add_test(all, a_string_is_shown_as_tshark_shows_it);
    tcase_add_test(all, a_line_is_cut_to_its_buffer);
    suite_add_tcase(suite, all);
    return run_suite(suite);
}
