/* Segments as they stand on the wire, against what tcpdump prints of them. */
#include "conformance/timeline/event.h"
#include "stack/base/error.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/checksum.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static uint8_t frame[2048];

/* An Ethernet frame around a TCP segment; its length. */
static size_t build(uint8_t control, uint32_t seq, uint32_t ack, const uint8_t *options, size_t options_len, size_t payload)
{
    static const uint8_t data[1460] = {'x'};
    struct lk_tcp tcp = {.source_port = 40000, .destination_port = 80, .sequence_number = seq, .acknowledgment_number = ack,
                         .control = control, .window = 502, .options = options, .options_len = options_len, .payload = data, .payload_len = payload};
    uint8_t segment[1600];
    uint64_t pseudo = lk_checksum_pseudo_ipv4(0x0a090001, 0x0a090002, 6, (uint16_t)(20 + options_len + payload));
    int len = lk_tcp_emit_summed(&tcp, pseudo, segment, sizeof segment);
    ck_assert_int_gt(len, 0);
    struct lk_ipv4 ip = {.flags = LK_IPV4_DF, .time_to_live = 64, .protocol = 6, .identification = 7, .source_address = 0x0a090001,
                         .destination_address = 0x0a090002, .payload = segment, .payload_len = (size_t)len};
    uint8_t packet[1700];
    len = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    ck_assert_int_gt(len, 0);
    struct lk_ethernet ethernet = {.type = LK_ETHERTYPE_IPV4, .payload = packet, .payload_len = (size_t)len};
    len = lk_ethernet_emit(&ethernet, frame, sizeof frame);
    ck_assert_int_gt(len, 0);
    return (size_t)len;
}

static void expect(size_t len, const char *text)
{
    struct lk_segment segment;
    char line[512];
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &segment);
    int written = lk_segment_text(&segment, 1000, 5000, line, sizeof line);
    ck_assert_str_eq(line, text);
    ck_assert_int_eq(written, (int)strlen(text));
}

START_TEST(a_syn_with_its_options)
{
    static const uint8_t options[] = {2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7};
    size_t len = build(LK_TCP_SYN, 1000, 0, options, sizeof options, 0);
    expect(len, "Flags [S], seq 0, win 502, options [mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7], length 0");
}
END_TEST

START_TEST(data_and_acknowledgement_are_relative)
{
    size_t len = build(LK_TCP_PSH | LK_TCP_ACK, 1001, 5001, NULL, 0, 100);
    expect(len, "Flags [P.], seq 1:101, ack 1, win 502, length 100");
    len = build(LK_TCP_ACK, 1001, 5001, NULL, 0, 0);
    expect(len, "Flags [.], ack 1, win 502, length 0");
    len = build(LK_TCP_FIN | LK_TCP_ACK, 1001, 5001, NULL, 0, 0);
    expect(len, "Flags [F.], seq 1, ack 1, win 502, length 0");
    len = build(LK_TCP_RST, 1001, 0, NULL, 0, 0);
    expect(len, "Flags [R], seq 1, win 502, length 0");
    len = build(0, 1001, 0, NULL, 0, 0);
    expect(len, "Flags [none], win 502, length 0");
    len = build(0xff, 1001, 5001, NULL, 0, 0);
    expect(len, "Flags [FSRP.UEW], seq 1, ack 1, win 502, urg 0, length 0");
}
END_TEST

START_TEST(sack_edges_are_relative_to_the_other_isn)
{
    static const uint8_t options[] = {1, 1, 5, 10, 0, 0, 0x19, 0x31, 0, 0, 0x1e, 0xd9};
    size_t len = build(LK_TCP_ACK, 1001, 5001, options, sizeof options, 0);
    expect(len, "Flags [.], ack 1, win 502, options [nop,nop,sack 1 {1449:2897}], length 0");
}
END_TEST

START_TEST(odd_options_are_shown_as_they_are)
{
    static const uint8_t unknown[] = {254, 4, 0xab, 0xcd, 2, 3, 5, 0};
    size_t len = build(LK_TCP_ACK, 1001, 5001, unknown, sizeof unknown, 0);
    expect(len, "Flags [.], ack 1, win 502, options [unknown-254 0xabcd,unknown-2 0x05,eol], length 0");
    static const uint8_t overrun[] = {1, 8, 10, 0};
    len = build(LK_TCP_ACK, 1001, 5001, overrun, sizeof overrun, 0);
    expect(len, "Flags [.], ack 1, win 502, options [nop,[bad opt]], length 0");
}
END_TEST

START_TEST(headers_are_read)
{
    size_t len = build(LK_TCP_FIN | LK_TCP_ACK, 1001, 5001, NULL, 0, 10);
    struct lk_segment segment;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &segment);
    ck_assert(segment.is_ip && segment.is_tcp && segment.df);
    ck_assert(segment.ip_checksum_ok && segment.tcp_checksum_ok);
    ck_assert_int_eq(segment.error, 0);
    ck_assert_uint_eq(segment.src, 0x0a090001);
    ck_assert_uint_eq(segment.dst, 0x0a090002);
    ck_assert_uint_eq(segment.seg_len, 11);
    ck_assert_uint_eq(segment.ip_id, 7);
    ck_assert_uint_eq(segment.ttl, 64);
    lk_segment_read(frame + 14, len - 14, LK_CAPTURE_RAW_IP, &segment);
    ck_assert(segment.is_tcp);
    frame[len - 1] ^= 1;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &segment);
    ck_assert(segment.is_tcp && segment.ip_checksum_ok && !segment.tcp_checksum_ok);
}
END_TEST

START_TEST(a_frame_cut_by_the_snap_length_keeps_its_numbers)
{
    size_t len = build(LK_TCP_ACK, 1001, 5001, NULL, 0, 1000);
    expect(len - 900, "Flags [.], seq 1:1001, ack 1, win 502, length 1000");
    struct lk_segment segment;
    lk_segment_read(frame, len - 900, LK_CAPTURE_ETHERNET, &segment);
    ck_assert_int_eq(segment.error, LK_E_TRUNCATED_PAYLOAD);
    ck_assert_uint_eq(segment.seg_len, 1000);
    ck_assert(segment.is_tcp && !segment.tcp_checksum_ok);
}
END_TEST

START_TEST(every_prefix_is_named_or_read)
{
    size_t whole = build(LK_TCP_ACK, 1001, 5001, NULL, 0, 30);
    for (size_t len = 0; len <= whole; len++) {
        uint8_t *exact = malloc(len == 0 ? 1 : len);
        memcpy(exact, frame, len);
        struct lk_segment segment;
        char line[256];
        lk_segment_read(exact, len, LK_CAPTURE_ETHERNET, &segment);
        ck_assert_int_gt(lk_segment_text(&segment, 1000, 5000, line, sizeof line), 0);
        ck_assert(segment.is_tcp || segment.error < 0);
        free(exact);
    }
}
END_TEST

START_TEST(what_is_not_tcp_says_so)
{
    memset(frame, 0, 60);
    frame[12] = 8, frame[13] = 6;
    expect(60, "not IPv4");
    expect(10, "malformed: LK_E_TRUNCATED");
    size_t len = build(LK_TCP_ACK, 1001, 5001, NULL, 0, 30);
    frame[23] = 17;
    expect(len, "IP, protocol 17");
    frame[23] = 6;
    frame[20] |= 0x20; /* a fragment is not taken for a segment */
    expect(len, "IP, protocol 6");
}
END_TEST

START_TEST(too_small_a_line_stays_empty)
{
    size_t len = build(LK_TCP_PSH | LK_TCP_ACK, 1001, 5001, NULL, 0, 100);
    struct lk_segment segment;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &segment);
    const char *text = "Flags [P.], seq 1:101, ack 1, win 502, length 100";
    for (size_t cap = 1; cap <= strlen(text); cap++) {
        char *line = malloc(cap);
        ck_assert_int_eq(lk_segment_text(&segment, 1000, 5000, line, cap), LK_E_NOSPACE);
        ck_assert_int_eq(line[0], 0);
        free(line);
    }
    ck_assert_int_eq(lk_segment_text(&segment, 1000, 5000, NULL, 0), LK_E_NOSPACE);
    char line[64];
    ck_assert_int_eq(lk_segment_text(&segment, 1000, 5000, line, strlen(text) + 1), (int)strlen(text));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("timeline/segment");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_test(all, a_syn_with_its_options);
    tcase_add_test(all, data_and_acknowledgement_are_relative);
    tcase_add_test(all, sack_edges_are_relative_to_the_other_isn);
    tcase_add_test(all, odd_options_are_shown_as_they_are);
    tcase_add_test(all, headers_are_read);
    tcase_add_test(all, a_frame_cut_by_the_snap_length_keeps_its_numbers);
    tcase_add_test(all, every_prefix_is_named_or_read);
    tcase_add_test(all, what_is_not_tcp_says_so);
    tcase_add_test(all, too_small_a_line_stays_empty);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
