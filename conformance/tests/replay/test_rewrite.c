/* Frames changed in place: the peer's numbers mapped, checksums right again or wrong as before, each alteration of one field. */
#include "conformance/replay/alter.h"
#include "conformance/replay/rewrite.h"
#include "conformance/tests/support/craft.h"
#include <check.h>
#include <stdlib.h>
#include <string.h>

/* NOP NOP timestamps, then SACK 100:200 */
static const uint8_t options[] = {1, 1, 8, 10, 0, 0, 0, 7, 0, 0, 0, 9, 1, 1, 5, 10, 0, 0, 0, 100, 0, 0, 0, 200};
static uint8_t frame[1600], before[1600];
static size_t len;
static struct lk_segment segment;

static void setup(void)
{
    struct craft craft = {.sport = 80, .dport = 40000, .control = LK_TCP_ACK | LK_TCP_PSH, .seq = 10, .ack = 50, .window = 5, .options = options, .options_len = sizeof options, .payload = 33};
    len = craft_frame(&craft, frame);
    memcpy(before, frame, len);
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &segment);
    ck_assert(segment.is_tcp && segment.tcp_checksum_ok);
}

static struct lk_segment after(void)
{
    struct lk_segment s;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &s);
    return s;
}

START_TEST(acknowledgement_sack_and_echo_are_mapped_and_the_rest_stays)
{
    lk_rewrite_peer(frame, len, &segment, &(struct lk_mapping){.destination_port = 41000, .ack_shift = 1000, .has_ts_ecr = true, .ts_ecr = 77});
    struct lk_segment s = after();
    ck_assert(s.tcp_checksum_ok && s.ip_checksum_ok);
    ck_assert_uint_eq(s.tcp.destination_port, 41000);
    ck_assert_uint_eq(s.tcp.sequence_number, 10);
    ck_assert_uint_eq(s.tcp.acknowledgment_number, 1050);
    ck_assert_uint_eq(s.options.sack[0].left, 1100);
    ck_assert_uint_eq(s.options.sack[0].right, 1200);
    ck_assert_uint_eq(s.options.ts_val, 7);
    ck_assert_uint_eq(s.options.ts_ecr, 77);
    ck_assert_int_eq(memcmp(s.tcp.payload, before + (len - 33), 33), 0);
}
END_TEST

START_TEST(a_wrong_checksum_stays_wrong)
{
    frame[len - 1] ^= 1;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &segment);
    ck_assert(!segment.tcp_checksum_ok);
    lk_rewrite_peer(frame, len, &segment, &(struct lk_mapping){.destination_port = 41000, .ack_shift = 5});
    ck_assert(!after().tcp_checksum_ok);
    frame[len - 1] ^= 1; /* by exactly the damage that it came with */
    ck_assert(after().tcp_checksum_ok);
}
END_TEST

START_TEST(a_malformed_option_list_is_left_alone)
{
    uint8_t *list = frame + 14 + 20 + 20;
    list[2] = 77;
    list[3] = 0;
    lk_rewrite_checksums(frame, len);
    memcpy(before, frame, len);
    lk_rewrite_peer(frame, len, &segment, &(struct lk_mapping){.destination_port = 40000, .ack_shift = 0});
    ck_assert_int_eq(memcmp(before, frame, len), 0);
}
END_TEST

START_TEST(each_alteration_changes_one_field_and_keeps_the_checksum_right)
{
    for (unsigned kind = LK_ALTER_ACK; kind < LK_ALTER_CHECKSUM; kind++) {
        memcpy(frame, before, len);
        ck_assert_msg(lk_alter_bytes(kind, frame, len), "%s", lk_alter_name(kind));
        struct lk_segment s = after();
        ck_assert_msg(s.tcp_checksum_ok, "%s", lk_alter_name(kind));
        ck_assert_uint_eq(s.tcp.acknowledgment_number, kind == LK_ALTER_ACK ? 51 : 50);
        ck_assert_uint_eq(s.tcp.sequence_number, kind == LK_ALTER_SEQ ? 11 : 10);
        ck_assert_uint_eq(s.tcp.control & LK_TCP_FIN, kind == LK_ALTER_FLAG ? LK_TCP_FIN : 0);
        ck_assert_int_eq(memcmp(s.tcp.payload, before + (len - 33), 33) != 0, kind == LK_ALTER_PAYLOAD);
        ck_assert_uint_eq(s.options.sack[0].right, kind == LK_ALTER_SACK ? 201 : 200);
        ck_assert_int_eq(s.options.present != segment.options.present, kind == LK_ALTER_OPTION);
    }
}
END_TEST

START_TEST(what_is_not_there_cannot_be_altered)
{
    struct craft craft = {.sport = 80, .dport = 40000, .control = LK_TCP_SYN, .seq = 10, .window = 5};
    len = craft_frame(&craft, frame);
    ck_assert(!lk_alter_bytes(LK_ALTER_PAYLOAD, frame, len));
    ck_assert(!lk_alter_bytes(LK_ALTER_OPTION, frame, len));
    ck_assert(!lk_alter_bytes(LK_ALTER_ACK, frame, len));
    ck_assert(!lk_alter_bytes(LK_ALTER_SEQ, frame, 20));
}
END_TEST

START_TEST(the_altered_checksum_is_wrong)
{
    ck_assert(lk_alter_bytes(LK_ALTER_CHECKSUM, frame, len));
    ck_assert(!after().tcp_checksum_ok);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("rewrite");
    TCase *tcase = tcase_create("rewrite");
    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, acknowledgement_sack_and_echo_are_mapped_and_the_rest_stays);
    tcase_add_test(tcase, a_wrong_checksum_stays_wrong);
    tcase_add_test(tcase, a_malformed_option_list_is_left_alone);
    tcase_add_test(tcase, each_alteration_changes_one_field_and_keeps_the_checksum_right);
    tcase_add_test(tcase, what_is_not_there_cannot_be_altered);
    tcase_add_test(tcase, the_altered_checksum_is_wrong);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
