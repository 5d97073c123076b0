/* The audit against captures whose truth is known: corpora/labelled, recorded at both ends with the sender's own counters. */
#include "conformance/audit/audit.h"
#include "conformance/files/capture.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER LK_SOURCE_DIR "/corpora/labelled"
#define FRAMES_MOST 4096

/* A data segment of the sender, by what no other packet of it shares. */
struct sent { uint32_t seq, len; uint16_t id; bool again, arrived; };

struct truth { unsigned retransmitted, overtaken, doubled; };

struct seen { unsigned retransmissions, reordered, doubled, ambiguous; enum lk_vantage vantage; unsigned connections; };

static struct sent sent[FRAMES_MOST];
static unsigned sent_count;

static uint32_t be(const uint8_t *b, unsigned n)
{
    uint32_t v = 0;
    while (n-- > 0)
        v = v << 8 | *b++;
    return v;
}

/* Sequence space that a frame of 10.9.0.1 carries; len 0: none, or another's. *sum_ok: whether TCP's checksum holds, added up naively. */
static struct sent read_frame(const struct lk_captured *frame, bool *sum_ok)
{
    const uint8_t *ip = frame->bytes + 14, *tcp;
    struct sent s = {0};
    if (frame->len < 54 || be(frame->bytes + 12, 2) != 0x800 || ip[9] != 6 || be(ip + 12, 4) != 0x0a090001)
        return s;
    uint32_t header = (ip[0] & 15u) * 4, total = be(ip + 2, 2), sum = be(ip + 12, 2) + be(ip + 14, 2) + be(ip + 16, 2) + be(ip + 18, 2) + 6 + total - header;
    tcp = ip + header;
    for (uint32_t i = 0; i < total - header; i++)
        sum += (uint32_t)tcp[i] << (i % 2 == 0 ? 8 : 0);
    while (sum > 0xffff)
        sum = (sum & 0xffff) + (sum >> 16);
    *sum_ok = sum == 0xffff;
    s.id = (uint16_t)be(ip + 4, 2);
    s.seq = be(tcp + 4, 4);
    s.len = total - header - (tcp[12] >> 4) * 4u + ((tcp[13] & 2) != 0) + (tcp[13] & 1);
    return s;
}

/* What the sender sent, in its order; a segment that ends at or below the highest was sent again. */
static void read_sender(const struct lk_capture *capture)
{
    uint32_t high = 0;
    bool any = false, ok;
    sent_count = 0;
    for (size_t i = 0; i < capture->count; i++) {
        struct sent s = read_frame(&capture->frames[i], &ok);
        if (s.len == 0)
            continue;
        s.again = any && (int32_t)(s.seq + s.len - high) <= 0;
        if (!s.again)
            high = s.seq + s.len, any = true;
        ck_assert_uint_lt(sent_count, FRAMES_MOST);
        sent[sent_count++] = s;
    }
}

/* What became of it at the receiver. */
static struct truth read_receiver(const struct lk_capture *capture)
{
    struct truth t = {0};
    long latest = -1;
    for (size_t i = 0; i < capture->count; i++) {
        bool ok = true;
        struct sent s = read_frame(&capture->frames[i], &ok);
        unsigned k = 0;
        while (k < sent_count && (sent[k].id != s.id || sent[k].seq != s.seq || sent[k].len != s.len))
            k++;
        if (s.len == 0 || k == sent_count)
            continue;
        if (sent[k].arrived) {
            t.doubled++;
            continue;
        }
        sent[k].arrived = true;
        if (ok) {
            t.retransmitted += sent[k].again;
            t.overtaken += !sent[k].again && (long)k < latest;
        }
        if ((long)k > latest)
            latest = (long)k;
    }
    return t;
}

static void take(void *context, const struct lk_audit_flow *flow, bool evicted)
{
    struct seen *seen = context;
    ck_assert(!evicted);
    seen->connections++;
    seen->retransmissions = flow->end[0].count.retransmissions;
    seen->reordered = flow->end[0].count.reordered;
    seen->doubled = flow->end[0].count.doubled;
    seen->ambiguous = flow->end[0].count.ambiguous;
    seen->vantage = lk_audit_vantage(flow, 0, LK_VANTAGE_UNKNOWN);
}

static struct seen audit(const struct lk_capture *capture)
{
    struct seen seen = {0};
    struct lk_audit *a = lk_audit_new(&(struct lk_audit_config){.memory = 16u << 20}, &(struct lk_audit_sink){.context = &seen, .connection = take});
    ck_assert_ptr_nonnull(a);
    for (size_t i = 0; i < capture->count; i++)
        lk_audit_frame(a, capture->link, capture->frames[i].bytes, capture->frames[i].len, capture->frames[i].orig_len, capture->frames[i].number, capture->frames[i].at);
    lk_audit_finish(a);
    lk_audit_free(a);
    ck_assert_uint_eq(seen.connections, 1);
    return seen;
}

static void read_capture(const char *name, const char *end, struct lk_bump *bump, struct lk_capture *out)
{
    char path[512];
    struct lk_fault fault = {0};
    snprintf(path, sizeof path, FOLDER "/%s.%s.pcap.gz", name, end);
    ck_assert_msg(lk_capture_read(path, bump, out, &fault) == 0, "%s", fault.text);
}

static unsigned counter(const char *name, const char *key)
{
    char path[512], line[512];
    unsigned value = 0;
    snprintf(path, sizeof path, FOLDER "/%s.truth", name);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file) != NULL)
        if (strncmp(line, key, strlen(key)) == 0 && line[strlen(key)] == '\t')
            value = (unsigned)strtoul(line + strlen(key) + 1, NULL, 10);
    fclose(file);
    return value;
}

static unsigned names(char list[][64], unsigned most)
{
    DIR *folder = opendir(FOLDER);
    unsigned count = 0;
    ck_assert_ptr_nonnull(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char *dot = strstr(entry->d_name, ".truth");
        if (dot == NULL || count == most || (size_t)(dot - entry->d_name) >= 64)
            continue;
        snprintf(list[count++], 64, "%.*s", (int)(dot - entry->d_name), entry->d_name);
    }
    closedir(folder);
    return count;
}

START_TEST(at_the_sender_every_retransmission_that_the_kernel_counted_is_found_and_no_other)
{
    char list[128][64];
    unsigned count = names(list, 128), total = 0;
    ck_assert_uint_ge(count, 30);
    for (unsigned i = 0; i < count; i++) {
        struct lk_bump *bump = lk_bump_new((size_t)64 << 20);
        struct lk_capture capture;
        read_capture(list[i], "sender", bump, &capture);
        struct seen seen = audit(&capture);
        ck_assert_msg(seen.retransmissions == counter(list[i], "sender RetransSegs"), "%s: %u, the kernel counted %u", list[i], seen.retransmissions, counter(list[i], "sender RetransSegs"));
        ck_assert_msg(seen.reordered == 0 && seen.vantage == LK_VANTAGE_SENDER, "%s: %u overtaken, vantage %d", list[i], seen.reordered, (int)seen.vantage);
        total += seen.retransmissions;
        lk_bump_free(bump);
    }
    ck_assert_uint_gt(total, 100);
}
END_TEST

START_TEST(at_the_receiver_nothing_is_called_what_it_is_not_and_nine_of_ten_are_named)
{
    char list[128][64];
    unsigned count = names(list, 128), true_again = 0, named_again = 0, true_overtaken = 0, named_overtaken = 0;
    for (unsigned i = 0; i < count; i++) {
        struct lk_bump *bump = lk_bump_new((size_t)128 << 20);
        struct lk_capture sender, receiver;
        read_capture(list[i], "sender", bump, &sender);
        read_capture(list[i], "receiver", bump, &receiver);
        read_sender(&sender);
        struct truth truth = read_receiver(&receiver);
        struct seen seen = audit(&receiver);
        ck_assert_msg(seen.retransmissions <= truth.retransmitted, "%s: %u called retransmissions, %u were", list[i], seen.retransmissions, truth.retransmitted);
        ck_assert_msg(seen.reordered <= truth.overtaken, "%s: %u called overtaken, %u were", list[i], seen.reordered, truth.overtaken);
        ck_assert_msg(seen.doubled <= truth.doubled, "%s: %u called doubled, %u were", list[i], seen.doubled, truth.doubled);
        true_again += truth.retransmitted;
        named_again += seen.retransmissions;
        true_overtaken += truth.overtaken;
        named_overtaken += seen.reordered;
        lk_bump_free(bump);
    }
    printf("  at the receiver: %u of %u retransmissions named, %u of %u overtaken segments\n", named_again, true_again, named_overtaken, true_overtaken);
    ck_assert_uint_ge(named_again * 10, true_again * 9);
    ck_assert_uint_ge(named_overtaken * 10, true_overtaken * 9);
    ck_assert_uint_gt(true_overtaken, 100);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("labelled");
    TCase *tests = tcase_create("labelled");
    tcase_set_timeout(tests, 300);
    tcase_add_test(tests, at_the_sender_every_retransmission_that_the_kernel_counted_is_found_and_no_other);
    tcase_add_test(tests, at_the_receiver_nothing_is_called_what_it_is_not_and_nine_of_ten_are_named);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
