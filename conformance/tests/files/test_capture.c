/* Captures good and bad: both byte orders, both resolutions, gzip, cut and damaged ones. */
#include "conformance/files/capture.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

struct bytes { uint8_t at[4096]; size_t len; bool big; };

static void put16(struct bytes *b, uint16_t v)
{
    b->at[b->len++] = (uint8_t)(b->big ? v >> 8 : v);
    b->at[b->len++] = (uint8_t)(b->big ? v : v >> 8);
}

static void put32(struct bytes *b, uint32_t v)
{
    put16(b, (uint16_t)(b->big ? v >> 16 : v));
    put16(b, (uint16_t)(b->big ? v : v >> 16));
}

static void pcap_header(struct bytes *b, bool nano, uint32_t link)
{
    put32(b, nano ? 0xa1b23c4d : 0xa1b2c3d4);
    put16(b, 2), put16(b, 4);
    put32(b, 0), put32(b, 0), put32(b, 65535), put32(b, link);
}

static void pcap_frame(struct bytes *b, uint32_t seconds, uint32_t fraction, uint32_t len, uint32_t orig, uint8_t fill)
{
    put32(b, seconds), put32(b, fraction), put32(b, len), put32(b, orig);
    memset(b->at + b->len, fill, len);
    b->len += len;
}

/* A pcapng of one section, one Ethernet interface with microseconds, and `frames` frames of 4 bytes. */
static void pcapng(struct bytes *b, unsigned frames)
{
    put32(b, 0x0a0d0d0a), put32(b, 28), put32(b, 0x1a2b3c4d), put16(b, 1), put16(b, 0), put32(b, 0xffffffff), put32(b, 0xffffffff), put32(b, 28);
    put32(b, 1), put32(b, 20), put16(b, 1), put16(b, 0), put32(b, 65535), put32(b, 20);
    for (unsigned i = 0; i < frames; i++) {
        put32(b, 6), put32(b, 36), put32(b, 0), put32(b, 0), put32(b, 1000 * i), put32(b, 4), put32(b, 60);
        put32(b, 0x61616161), put32(b, 36);
    }
}

static struct lk_capture capture;
static struct lk_fault fault;
static struct lk_bump *bump;

static int read_bytes(const struct bytes *b)
{
    uint8_t *exact = malloc(b->len == 0 ? 1 : b->len);
    memcpy(exact, b->at, b->len);
    fault.text[0] = 0;
    int result = lk_capture_read_memory("x.pcap", exact, b->len, bump, &capture, &fault);
    free(exact);
    return result;
}

START_TEST(both_byte_orders_and_both_resolutions)
{
    for (int order = 0; order < 2; order++)
        for (int nano = 0; nano < 2; nano++) {
            struct bytes b = {.big = order != 0};
            pcap_header(&b, nano != 0, 1);
            pcap_frame(&b, 100, nano ? 5000 : 5, 20, 60, 1);
            pcap_frame(&b, 101, nano ? 5001 : 5, 30, 30, 2);
            ck_assert_msg(read_bytes(&b) == 0, "%s", fault.text);
            ck_assert_uint_eq(capture.count, 2);
            ck_assert_uint_eq(capture.link, LK_CAPTURE_ETHERNET);
            ck_assert_int_eq(capture.start, 100 * LK_SECOND + 5000);
            ck_assert_int_eq(capture.frames[0].at, 0);
            ck_assert_int_eq(capture.frames[1].at, LK_SECOND + (nano ? 1 : 0));
            ck_assert_uint_eq(capture.frames[0].len, 20);
            ck_assert_uint_eq(capture.frames[0].orig_len, 60);
            ck_assert_uint_eq(capture.frames[1].number, 2);
            ck_assert_uint_eq(capture.frames[1].bytes[29], 2);
        }
}
END_TEST

START_TEST(pcapng_in_both_byte_orders)
{
    for (int order = 0; order < 2; order++) {
        struct bytes b = {.big = order != 0};
        pcapng(&b, 3);
        ck_assert_msg(read_bytes(&b) == 0, "%s", fault.text);
        ck_assert_uint_eq(capture.count, 3);
        ck_assert_int_eq(capture.frames[2].at, 2 * LK_MILLISECOND);
        ck_assert_uint_eq(capture.frames[2].orig_len, 60);
    }
}
END_TEST

/* Two interfaces with different snapshot lengths, a block that is nothing but its header, a frame of the second interface. */
START_TEST(interfaces_of_a_pcapng_may_differ_in_snapshot_length)
{
    for (int order = 0; order < 2; order++) {
        struct bytes b = {.big = order != 0};
        pcapng(&b, 1);
        put32(&b, 0x0bad), put32(&b, 12), put32(&b, 12);
        put32(&b, 1), put32(&b, 20), put16(&b, 1), put16(&b, 0), put32(&b, 128), put32(&b, 20);
        put32(&b, 6), put32(&b, 36), put32(&b, 1), put32(&b, 0), put32(&b, 1000), put32(&b, 4), put32(&b, 60), put32(&b, 0x62626262), put32(&b, 36);
        ck_assert_msg(read_bytes(&b) == 0, "%s", fault.text);
        ck_assert_uint_eq(capture.count, 2);
        ck_assert_uint_eq(capture.frames[1].bytes[3], 'b');
        for (size_t cut = b.len - 1; cut > 0; cut--) { /* wherever it ends: frames so far, and a fault or the end */
            struct bytes shorter = b;
            shorter.len = cut;
            (void)read_bytes(&shorter);
            ck_assert_uint_le(capture.count, 1);
        }
    }
}
END_TEST

START_TEST(raw_ip_is_known_and_other_links_are_named)
{
    struct bytes b = {0};
    pcap_header(&b, false, 101);
    ck_assert_int_eq(read_bytes(&b), 0);
    ck_assert_uint_eq(capture.link, LK_CAPTURE_RAW_IP);
    ck_assert_uint_eq(capture.count, 0);
    struct bytes c = {0};
    pcap_header(&c, false, 105);
    ck_assert_int_eq(read_bytes(&c), -1);
    ck_assert_str_eq(fault.text, "x.pcap: link type 105 (IEEE802_11) is not supported, only Ethernet and raw IP");
}
END_TEST

START_TEST(a_cut_capture_gives_all_whole_frames_first)
{
    for (int form = 0; form < 2; form++) {
        struct bytes b = {0};
        size_t ends[4] = {0};
        if (form == 0) {
            pcap_header(&b, false, 1);
            for (unsigned i = 0; i < 3; i++) {
                ends[i] = b.len;
                pcap_frame(&b, i, 0, 40, 40, 7);
            }
        } else {
            pcapng(&b, 3);
            for (unsigned i = 0; i < 3; i++)
                ends[i] = b.len - (3 - i) * 36;
        }
        ends[3] = b.len;
        for (size_t whole = 0; whole < 3; whole++)
            for (size_t len = ends[whole] + 1; len < ends[whole + 1]; len++) {
                struct bytes cut = b;
                cut.len = len;
                ck_assert_int_eq(read_bytes(&cut), -1);
                ck_assert_uint_eq(capture.count, whole);
                char place[32];
                snprintf(place, sizeof place, "x.pcap:frame %zu: ", whole + 1);
                ck_assert_msg(strncmp(fault.text, place, strlen(place)) == 0, "%s", fault.text);
            }
    }
}
END_TEST

START_TEST(what_is_no_capture_is_refused)
{
    static const char *const foreign[] = {"", "\x1f", "\x1f\x8b", "\xd4\xc3\xb2", "lockstep: 1\n", "GIF89a......................"};
    for (size_t i = 0; i < sizeof foreign / sizeof foreign[0]; i++) {
        struct bytes b = {.len = strlen(foreign[i])};
        memcpy(b.at, foreign[i], b.len);
        ck_assert_int_eq(read_bytes(&b), -1);
        ck_assert_msg(strncmp(fault.text, "x.pcap: no capture: ", 20) == 0, "%s", fault.text);
        ck_assert_ptr_null(strchr(fault.text, '\n'));
        ck_assert_uint_eq(capture.count, 0);
    }
}
END_TEST

START_TEST(a_frame_of_impossible_length_is_refused)
{
    struct bytes b = {0};
    pcap_header(&b, false, 1);
    pcap_frame(&b, 1, 0, 10, 10, 0);
    put32(&b, 1), put32(&b, 0), put32(&b, 0x7fffffff), put32(&b, 0x7fffffff);
    ck_assert_int_eq(read_bytes(&b), -1);
    ck_assert_uint_eq(capture.count, 1);
    ck_assert_msg(strncmp(fault.text, "x.pcap:frame 2: ", 16) == 0, "%s", fault.text);
}
END_TEST

START_TEST(a_fraction_of_more_than_a_second_is_carried_over)
{
    struct bytes b = {0};
    pcap_header(&b, false, 1);
    pcap_frame(&b, 1, 0, 10, 10, 0);
    pcap_frame(&b, 1, 2500000, 10, 10, 0);
    ck_assert_msg(read_bytes(&b) == 0, "%s", fault.text);
    ck_assert_int_eq(capture.frames[1].at, 2500 * LK_MILLISECOND);
}
END_TEST

START_TEST(the_budget_bounds_the_memory)
{
    struct bytes b = {0};
    pcap_header(&b, false, 1);
    for (unsigned i = 0; i < 3; i++)
        pcap_frame(&b, i, 0, 1000, 1000, 7);
    struct lk_bump *small = lk_bump_new(2700);
    ck_assert_int_eq(lk_capture_read_memory("x.pcap", b.at, b.len, small, &capture, &fault), -1);
    ck_assert_uint_eq(capture.count, 2);
    ck_assert_str_eq(fault.text, "x.pcap:frame 3: needs more memory than the budget allows");
    lk_bump_free(small);
}
END_TEST

#define SCRATCH LK_BINARY_DIR "/test_capture.pcap"

START_TEST(gzip_is_unpacked_and_its_damage_reported)
{
    struct bytes b = {0};
    pcap_header(&b, false, 1);
    for (unsigned i = 0; i < 3; i++)
        pcap_frame(&b, i, 0, 1000, 1000, (uint8_t)rand());
    gzFile zip = gzopen(SCRATCH ".gz", "wb");
    ck_assert_int_eq(gzwrite(zip, b.at, (unsigned)b.len), (int)b.len);
    gzclose(zip);
    ck_assert_msg(lk_capture_read(SCRATCH ".gz", bump, &capture, &fault) == 0, "%s", fault.text);
    ck_assert_uint_eq(capture.count, 3);
    FILE *file = fopen(SCRATCH ".gz", "rb");
    struct bytes packed = {0};
    packed.len = fread(packed.at, 1, sizeof packed.at, file);
    fclose(file);
    ck_assert_int_eq(read_bytes(&packed), 0);
    ck_assert_uint_eq(capture.count, 3);
    for (size_t at = 12; at < packed.len; at++) { /* no damage may crash or hang */
        struct bytes bad = packed;
        bad.at[at] ^= 0x55;
        (void)read_bytes(&bad);
        bad = packed;
        bad.len = at;
        (void)read_bytes(&bad);
    }
    remove(SCRATCH ".gz");
}
END_TEST

START_TEST(written_then_read_is_the_same)
{
    uint8_t data[100] = {1, 2, 3};
    struct lk_captured frames[] = {{.at = 0, .number = 1, .len = 100, .orig_len = 100, .bytes = data},
                                   {.at = -7, .number = 2, .len = 3, .orig_len = 1500, .bytes = data},
                                   {.at = 3 * LK_SECOND + 123456789, .number = 3, .len = 0, .orig_len = 0, .bytes = data}};
    for (uint32_t link = 1; link <= 101; link += 100) {
        struct lk_capture out = {.link = link, .count = 3, .frames = frames, .start = 1700000000 * LK_SECOND + 7};
        ck_assert_msg(lk_capture_write(SCRATCH, &out, &fault) == 0, "%s", fault.text);
        ck_assert_msg(lk_capture_read(SCRATCH, bump, &capture, &fault) == 0, "%s", fault.text);
        ck_assert_uint_eq(capture.link, link);
        ck_assert_int_eq(capture.start, out.start);
        ck_assert_uint_eq(capture.count, 3);
        for (size_t i = 0; i < 3; i++) {
            ck_assert_int_eq(capture.frames[i].at, frames[i].at);
            ck_assert_uint_eq(capture.frames[i].len, frames[i].len);
            ck_assert_uint_eq(capture.frames[i].orig_len, frames[i].orig_len);
            ck_assert_mem_eq(capture.frames[i].bytes, data, frames[i].len);
        }
    }
    remove(SCRATCH);
}
END_TEST

START_TEST(what_cannot_be_written_leaves_no_file)
{
    struct lk_captured frame = {.at = -1, .number = 1};
    struct lk_capture out = {.link = 1, .count = 1, .frames = &frame};
    ck_assert_int_eq(lk_capture_write(SCRATCH, &out, &fault), -1);
    ck_assert_ptr_null(fopen(SCRATCH, "rb"));
    ck_assert_int_eq(lk_capture_write("/nonexistent/x.pcap", &out, &fault), -1);
    ck_assert_ptr_nonnull(strstr(fault.text, "No such file"));
}
END_TEST

START_TEST(files_that_cannot_be_opened_say_why)
{
    ck_assert_int_eq(lk_capture_read("/nonexistent.pcap", bump, &capture, &fault), -1);
    ck_assert_str_eq(fault.text, "/nonexistent.pcap: No such file or directory");
    ck_assert_int_eq(lk_capture_read(LK_SOURCE_DIR, bump, &capture, &fault), -1);
    ck_assert_msg(strstr(fault.text, "irectory") != NULL, "%s", fault.text);
}
END_TEST

static void open_all(void) { bump = lk_bump_new(64u << 20); }
static void close_all(void) { lk_bump_free(bump); }

int main(void)
{
    Suite *suite = suite_create("files/capture");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, open_all, close_all);
    tcase_add_test(all, both_byte_orders_and_both_resolutions);
    tcase_add_test(all, pcapng_in_both_byte_orders);
    tcase_add_test(all, interfaces_of_a_pcapng_may_differ_in_snapshot_length);
    tcase_add_test(all, raw_ip_is_known_and_other_links_are_named);
    tcase_add_test(all, a_cut_capture_gives_all_whole_frames_first);
    tcase_add_test(all, what_is_no_capture_is_refused);
    tcase_add_test(all, a_frame_of_impossible_length_is_refused);
    tcase_add_test(all, a_fraction_of_more_than_a_second_is_carried_over);
    tcase_add_test(all, the_budget_bounds_the_memory);
    tcase_add_test(all, gzip_is_unpacked_and_its_damage_reported);
    tcase_add_test(all, written_then_read_is_the_same);
    tcase_add_test(all, what_cannot_be_written_leaves_no_file);
    tcase_add_test(all, files_that_cannot_be_opened_say_why);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
