/* The quick way to the transport header: each link type carries the same IPv4 packet. */
#include "conformance/dissect/peel.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

/* 10.0.0.1 > 10.0.0.2, TCP, 20 bytes of it; header checksum right. */
static const uint8_t packet[40] = {0x45, 0, 0, 40, 0x12, 0x34, 0x40, 0, 64, 6, 0x14, 0x9a, 10, 0, 0, 1, 10, 0, 0, 2,
                                   0x9c, 0x40, 0, 80, 0, 0, 0, 1, 0, 0, 0, 2, 0x50, 0x10, 1, 0, 0, 0, 0, 0};

static enum lk_peel peel_behind(uint32_t link, const uint8_t *head, uint32_t len, uint32_t captured, struct lk_peeled *out)
{
    uint8_t frame[128] = {0};
    memcpy(frame, head, len);
    memcpy(frame + len, packet, sizeof packet);
    uint32_t whole = len + (uint32_t)sizeof packet;
    return lk_peel(link, frame, captured < whole ? captured : whole, whole, out);
}

static void carries(uint32_t link, const char *head, uint32_t len, uint32_t vlan)
{
    struct lk_peeled out;
    ck_assert_msg(peel_behind(link, (const uint8_t *)head, len, UINT32_MAX, &out) == LK_PEEL_TRANSPORT, "link %u", link);
    ck_assert_uint_eq(out.ip_at, len);
    ck_assert_uint_eq(out.at, len + 20);
    ck_assert_uint_eq(out.len, 20);
    ck_assert_uint_eq(out.captured, 20);
    ck_assert_uint_eq(out.protocol, 6);
    ck_assert_uint_eq(out.ttl, 64);
    ck_assert_uint_eq(out.id, 0x1234);
    ck_assert_uint_eq(out.vlan, vlan);
    ck_assert(!out.ip_checksum_bad);
    ck_assert_uint_eq(lk_addr_ip4(&out.dst), 0x0a000002);
    for (uint32_t captured = 0; captured < len + 20; captured++)
        ck_assert_msg(peel_behind(link, (const uint8_t *)head, len, captured, &out) == LK_PEEL_CUT, "link %u cut to %u", link, captured);
}

START_TEST(every_link_type_carries_the_packet)
{
    carries(1, "\1\2\3\4\5\6\7\10\11\12\13\14\x08\0", 14, 0);
    carries(1, "\1\2\3\4\5\6\7\10\11\12\13\14\x81\0\x20\x05\x08\0", 18, 6);
    carries(1, "\1\2\3\4\5\6\7\10\11\12\13\14\x88\xa8\0\x07\x81\0\0\x05\x08\0", 22, 8);
    carries(1, "\1\2\3\4\5\6\7\10\11\12\13\14\0\x30\xaa\xaa\3\0\0\0\x08\0", 22, 0);
    carries(1, "\1\2\3\4\5\6\7\10\11\12\13\14\x88\x47\0\x01\x10\x40\0\x02\x11\x40", 22, 0);
    carries(1, "\1\2\3\4\5\6\7\10\11\12\13\14\x88\x64\x11\0\0\1\0\x2a\0\x21", 22, 0);
    carries(0, "\2\0\0\0", 4, 0);
    carries(108, "\0\0\0\2", 4, 0);
    carries(9, "\xff\3\0\x21", 4, 0);
    carries(50, "\xff\3\0\x21", 4, 0);
    carries(204, "\0\xff\3\0\x21", 5, 0);
    carries(113, "\0\0\0\1\0\6\1\2\3\4\5\6\0\0\x08\0", 16, 0);
    carries(276, "\x08\0\0\0\0\0\0\1\0\1\0\6\1\2\3\4\5\6\0\0", 20, 0);
    carries(101, "", 0, 0);
    carries(12, "", 0, 0);
}
END_TEST

START_TEST(what_is_no_ip_is_told_apart)
{
    struct lk_peeled out;
    ck_assert_int_eq(peel_behind(1, (const uint8_t *)"\1\2\3\4\5\6\7\10\11\12\13\14\x08\x06", 14, 200, &out), LK_PEEL_ARP);
    ck_assert_int_eq(peel_behind(1, (const uint8_t *)"\1\2\3\4\5\6\7\10\11\12\13\14\x88\xcc", 14, 200, &out), LK_PEEL_OTHER);
    ck_assert_int_eq(peel_behind(77, (const uint8_t *)"", 0, 200, &out), LK_PEEL_UNSUPPORTED);
    ck_assert_int_eq(peel_behind(228, (const uint8_t *)"\x35", 1, 200, &out), LK_PEEL_MALFORMED);
}
END_TEST

START_TEST(a_fragment_has_no_transport_and_a_wrong_sum_is_told)
{
    struct lk_peeled out;
    uint8_t changed[sizeof packet];
    memcpy(changed, packet, sizeof packet);
    changed[6] = 0x20, changed[7] = 4;
    ck_assert_int_eq(lk_peel(101, changed, sizeof changed, sizeof changed, &out), LK_PEEL_FRAGMENT);
    ck_assert(out.first_fragment && out.ip_checksum_bad);
    changed[7] = 0;
    ck_assert_int_eq(lk_peel(101, changed, sizeof changed, sizeof changed, &out), LK_PEEL_TRANSPORT);
    ck_assert(out.first_fragment);
}
END_TEST

START_TEST(padding_of_the_link_is_not_the_packets)
{
    struct lk_peeled out;
    uint8_t frame[60] = {0};
    memcpy(frame, packet, sizeof packet);
    ck_assert_int_eq(lk_peel(101, frame, 60, 60, &out), LK_PEEL_TRANSPORT);
    ck_assert_uint_eq(out.len, 20);
}
END_TEST

START_TEST(extension_headers_of_ipv6_are_walked)
{
    struct lk_peeled out;
    uint8_t frame[40 + 8 + 8 + 20] = {0x60, 0, 0, 0, 0, 36, 0, 64};
    frame[40] = 44;           /* hop-by-hop, then a fragment header */
    frame[48] = 6;
    ck_assert_int_eq(lk_peel(101, frame, sizeof frame, sizeof frame, &out), LK_PEEL_TRANSPORT);
    ck_assert_uint_eq(out.at, 56);
    ck_assert_uint_eq(out.len, 20);
    ck_assert_uint_eq(out.protocol, 6);
    frame[51] = 8; /* offset 1 */
    ck_assert_int_eq(lk_peel(101, frame, sizeof frame, sizeof frame, &out), LK_PEEL_FRAGMENT);
    frame[51] = 0, frame[41] = 9; /* longer than the packet */
    ck_assert_int_eq(lk_peel(101, frame, sizeof frame, sizeof frame, &out), LK_PEEL_MALFORMED);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("peel");
    TCase *tests = tcase_create("peel");
    tcase_add_test(tests, every_link_type_carries_the_packet);
    tcase_add_test(tests, what_is_no_ip_is_told_apart);
    tcase_add_test(tests, a_fragment_has_no_transport_and_a_wrong_sum_is_told);
    tcase_add_test(tests, padding_of_the_link_is_not_the_packets);
    tcase_add_test(tests, extension_headers_of_ipv6_are_walked);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
