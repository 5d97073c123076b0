/* Live interfaces. What needs the right to make some runs in a network namespace of the test's own, which goes with its process;
 * without that right those tests are passed over. */
#define _GNU_SOURCE
#include "conformance/files/capture.h"
#include "conformance/files/live.h"

#include <check.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

static struct lk_fault fault;

static bool run(const char *command)
{
    return system(command) == 0;
}

/* A namespace with the two ends of one cable, a and b. False: this user may not. */
static bool cable(void)
{
    bool root = geteuid() == 0;
    unsigned user = geteuid();
    bool may = unshare(root ? CLONE_NEWNET : CLONE_NEWUSER | CLONE_NEWNET) == 0;
    if (may && !root) { /* root in it, so that `ip` may */
        FILE *map = fopen("/proc/self/uid_map", "w");
        may = map != NULL && fprintf(map, "0 %u 1", user) > 0;
        may = map != NULL && fclose(map) == 0 && may;
    }
    may = may && run("ip link add name a mtu 1000 type veth peer name b mtu 1000 2>/dev/null && ip link set dev a up && ip link set dev b up");
    if (!may)
        puts("passed over: no right to make a network namespace (root, or unshare -rn)");
    return may;
}

struct got { unsigned count; uint8_t bytes[2000]; size_t len; lk_time arrived; };

static void take(void *context, const uint8_t *bytes, size_t len, lk_time arrived)
{
    struct got *got = context;
    if (len < 14 || bytes[12] != 0x88 || bytes[13] != 0xb5)
        return; /* not one of the test's */
    got->count++;
    got->len = len;
    got->arrived = arrived;
    memcpy(got->bytes, bytes, len < sizeof got->bytes ? len : sizeof got->bytes);
}

static int fetch(struct lk_live *live, struct got *got)
{
    struct pollfd polled = {.fd = lk_live_fd(live), .events = POLLIN};
    poll(&polled, 1, 2000);
    return lk_live_receive(live, 64, take, got, &fault);
}

/* To a link address that nobody has: only a promiscuous interface takes it. Ethertype 0x88b5, for experiments. */
static void build(uint8_t *frame, size_t len, uint8_t fill)
{
    static const uint8_t head[14] = {2, 0, 0, 0, 0, 9, 2, 0, 0, 0, 0, 8, 0x88, 0xb5};
    memset(frame, fill, len);
    memcpy(frame, head, sizeof head);
}

START_TEST(a_frame_arrives_at_the_other_end_only)
{
    uint8_t frame[1014];
    struct got got = {0};
    if (!cable())
        return;
    struct lk_live *a = lk_live_open("a", 0, &fault), *b = lk_live_open("b", 1 << 20, &fault);
    ck_assert_msg(a != NULL && b != NULL, "%s", fault.text);
    ck_assert_uint_eq(lk_live_mtu(a), 1000);
    ck_assert(!lk_live_is_raw_ip(a));
    ck_assert_str_eq(lk_live_name(b), "b");
    build(frame, sizeof frame, 0x5a);
    lk_time before = lk_live_today();
    ck_assert_int_eq(lk_live_send(a, frame, sizeof frame, &fault), 0);
    while (got.count == 0 && fetch(b, &got) >= 0 && lk_live_today() < before + 10 * LK_SECOND)
        ;
    ck_assert_uint_eq(got.count, 1);
    ck_assert_uint_eq(got.len, sizeof frame);
    ck_assert_mem_eq(got.bytes, frame, sizeof frame);
    ck_assert(got.arrived >= before && got.arrived <= lk_live_today());
    got.count = 0;
    lk_live_receive(a, 64, take, &got, &fault);
    ck_assert_uint_eq(got.count, 0); /* its own is not seen back */
    struct lk_live_counts counts;
    lk_live_count(a, &counts);
    ck_assert_uint_eq(counts.sent, 1);
    ck_assert_uint_eq(counts.sent_bytes, sizeof frame);
    lk_live_count(b, &counts);
    ck_assert_uint_eq(counts.giants, 0);
    ck_assert_uint_eq(counts.dropped, 0);
    lk_live_close(a);
    lk_live_close(b);
}
END_TEST

START_TEST(frames_to_others_can_be_left_out)
{
    static const uint8_t ours[6] = {2, 0, 0, 0, 0, 7};
    uint8_t frame[100];
    struct got got = {0};
    if (!cable())
        return;
    struct lk_live *a = lk_live_open("a", 0, &fault), *b = lk_live_open("b", 0, &fault);
    ck_assert_msg(a != NULL && b != NULL, "%s", fault.text);
    ck_assert_int_eq(lk_live_only(b, ours, &fault), 0);
    lk_time until = lk_live_now() + 10 * LK_SECOND;
    build(frame, sizeof frame, 1); /* to somebody else */
    ck_assert_int_eq(lk_live_send(a, frame, sizeof frame, &fault), 0);
    memcpy(frame, ours, 6);
    frame[20] = 2;
    ck_assert_int_eq(lk_live_send(a, frame, sizeof frame, &fault), 0);
    memset(frame, 0xff, 6);
    frame[20] = 3;
    ck_assert_int_eq(lk_live_send(a, frame, sizeof frame, &fault), 0);
    while (got.bytes[20] != 3 && lk_live_now() < until && fetch(b, &got) >= 0)
        ;
    ck_assert_uint_eq(got.count, 2);
    lk_live_close(a);
    lk_live_close(b);
}
END_TEST

START_TEST(a_frame_longer_than_the_mtu_is_refused_and_one_that_arrives_is_counted)
{
    uint8_t frame[1400];
    struct got got = {0};
    struct lk_live_counts counts = {0};
    if (!cable())
        return;
    struct lk_live *a = lk_live_open("a", 0, &fault), *b = lk_live_open("b", 0, &fault);
    ck_assert_msg(a != NULL && b != NULL, "%s", fault.text);
    build(frame, sizeof frame, 1);
    ck_assert_int_eq(lk_live_send(a, frame, sizeof frame, &fault), -1);
    ck_assert_str_eq(fault.text, "a: a frame of 1400 bytes is too long for it: its MTU is less than the 1000 it had");
    lk_live_close(b);
    ck_assert(run("ip link set dev b mtu 1500 && ip link set dev a mtu 1500"));
    b = lk_live_open("b", 0, &fault); /* knows 1500 */
    ck_assert_int_eq(lk_live_send(a, frame, sizeof frame, &fault), 0);
    lk_time until = lk_live_now() + 10 * LK_SECOND;
    while (got.count == 0 && fetch(b, &got) >= 0 && lk_live_now() < until)
        ;
    lk_live_count(b, &counts);
    ck_assert_uint_eq(counts.giants, 0);
    ck_assert_int_eq(lk_live_send(b, frame, sizeof frame, &fault), 0);
    for (got.count = 0; got.count == 0 && fetch(a, &got) >= 0 && lk_live_now() < until;) /* still believes in 1000 */
        ;
    lk_live_count(a, &counts);
    ck_assert_uint_eq(got.count, 1);
    ck_assert_uint_eq(counts.giants, 1);
    lk_live_close(a);
    lk_live_close(b);
}
END_TEST

START_TEST(an_interface_that_goes_down_is_named)
{
    uint8_t frame[100];
    struct got got = {0};
    if (!cable())
        return;
    struct lk_live *a = lk_live_open("a", 0, &fault);
    ck_assert_msg(a != NULL, "%s", fault.text);
    ck_assert(run("ip link set dev a down"));
    build(frame, sizeof frame, 1);
    ck_assert_int_eq(lk_live_send(a, frame, sizeof frame, &fault), -1);
    ck_assert_str_eq(fault.text, "a: the interface went down; try: ip link set dev a up");
    ck_assert_int_eq(fetch(a, &got), -1);
    lk_live_close(a);
    ck_assert_ptr_null(lk_live_open("a", 0, &fault));
    ck_assert_str_eq(fault.text, "a: the interface is down; try: ip link set dev a up");
    ck_assert_ptr_null(lk_live_open("b", 0, &fault));
    ck_assert_msg(strstr(fault.text, "b: nothing is at the other end") == fault.text, "%s", fault.text);
}
END_TEST

static void take_ip(void *context, const uint8_t *bytes, size_t len, lk_time arrived)
{
    struct got *got = context;
    if (len != 28 || bytes[0] != 0x45)
        return; /* the kernel's own */
    got->count++;
    got->len = len;
    got->arrived = arrived;
    memcpy(got->bytes, bytes, len);
}

/* The process behind a TUN device is the other end. */
START_TEST(a_tun_device_speaks_ip_without_ethernet)
{
    uint8_t packet[28] = {0x45, 0, 0, 28, 0, 0, 0, 0, 64, 253, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8}, back[2000];
    struct got got = {0};
    struct ifreq request = {.ifr_name = "t", .ifr_flags = IFF_TUN | IFF_NO_PI};
    if (!cable())
        return;
    int tun = open("/dev/net/tun", O_RDWR | O_NONBLOCK);
    if (tun < 0 || ioctl(tun, TUNSETIFF, &request) != 0 || !run("ip link set dev t up")) {
        puts("passed over: no TUN device here");
        return;
    }
    struct lk_live *live = lk_live_open("t", 0, &fault);
    ck_assert_msg(live != NULL, "%s", fault.text);
    ck_assert(lk_live_is_raw_ip(live));
    lk_time until = lk_live_now() + 10 * LK_SECOND;
    ck_assert_int_eq(write(tun, packet, sizeof packet), sizeof packet);
    while (got.count == 0 && lk_live_now() < until && lk_live_receive(live, 64, take_ip, &got, &fault) >= 0)
        ;
    ck_assert_uint_eq(got.count, 1);
    ck_assert_mem_eq(got.bytes, packet, sizeof packet);
    packet[27] = 9;
    ck_assert_int_eq(lk_live_send(live, packet, sizeof packet, &fault), 0);
    ssize_t n = 0;
    while (n != 28 && lk_live_now() < until)
        n = read(tun, back, sizeof back);
    ck_assert_mem_eq(back, packet, sizeof packet);
    lk_live_close(live);
    close(tun);
}
END_TEST

START_TEST(what_no_interface_is_gets_one_line)
{
    ck_assert_ptr_null(lk_live_open("nosuch0", 0, &fault));
    ck_assert_str_eq(fault.text, "nosuch0: no such interface (`ip link` lists them)");
    ck_assert_ptr_null(lk_live_open("", 0, &fault));
    ck_assert_ptr_null(lk_live_open("a-name-longer-than-any-interface-has", 0, &fault));
    ck_assert_ptr_null(lk_live_open("lo", 0, &fault));
    ck_assert_msg(strstr(fault.text, "lo: a loopback interface") == fault.text, "%s", fault.text);
}
END_TEST

START_TEST(without_privilege_it_says_what_to_try)
{
    if (geteuid() == 0 && (!cable() || setuid(65534) != 0))
        return;
    struct lk_live *a = lk_live_open("a", 0, &fault);
    ck_assert_ptr_null(a);
    if (strstr(fault.text, "no such interface") != NULL)
        return; /* never was root */
    ck_assert_str_eq(fault.text, "a: no permission to send and receive frames: run as root, or in a network namespace of your own (unshare -rn)");
}
END_TEST

START_TEST(addresses_of_the_kernel_are_known)
{
    char interface[64];
    struct lk_addr own = lk_addr_from_ip4(0x7f000001), other = lk_addr_from_ip4(0xc0000201);
    if (lk_live_kernel_has(&own, interface))
        ck_assert_str_eq(interface, "lo");
    ck_assert(!lk_live_kernel_has(&other, interface));
}
END_TEST

START_TEST(what_is_recorded_can_be_read)
{
    struct lk_captured frame;
    char path[] = "/tmp/lockstep-live-XXXXXX";
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    close(fd);
    struct lk_capture_writer *writer = lk_capture_writer_open(path, LK_CAPTURE_ETHERNET, &fault);
    ck_assert_ptr_nonnull(writer);
    ck_assert_int_eq(lk_capture_writer_add(writer, (const uint8_t *)"abc", 3, 1700000000 * LK_SECOND + 1, &fault), 0);
    ck_assert_int_eq(lk_capture_writer_add(writer, (const uint8_t *)"defg", 4, 1700000000 * LK_SECOND + 3, &fault), 0);
    ck_assert_int_eq(lk_capture_writer_add(writer, (const uint8_t *)"", 0, -1, &fault), -1);
    ck_assert_int_eq(lk_capture_writer_close(writer, &fault), 0);
    struct lk_capture_reader *reader = lk_capture_open(path, &fault);
    ck_assert_msg(reader != NULL, "%s", fault.text);
    ck_assert_int_eq(lk_capture_next(reader, &frame, &fault), 1);
    ck_assert_int_eq(lk_capture_start(reader), 1700000000 * LK_SECOND + 1);
    ck_assert_int_eq(lk_capture_next(reader, &frame, &fault), 1);
    ck_assert_int_eq(frame.at, 2);
    ck_assert_mem_eq(frame.bytes, "defg", 4);
    ck_assert_int_eq(lk_capture_next(reader, &frame, &fault), 0);
    lk_capture_close(reader);
    remove(path);
    ck_assert_ptr_null(lk_capture_writer_open("/nosuch/folder/x.pcap", LK_CAPTURE_ETHERNET, &fault));
    ck_assert_str_eq(fault.text, "/nosuch/folder/x.pcap: No such file or directory");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("live");
    TCase *tests = tcase_create("live");
    tcase_add_test(tests, a_frame_arrives_at_the_other_end_only);
    tcase_add_test(tests, frames_to_others_can_be_left_out);
    tcase_add_test(tests, a_frame_longer_than_the_mtu_is_refused_and_one_that_arrives_is_counted);
    tcase_add_test(tests, an_interface_that_goes_down_is_named);
    tcase_add_test(tests, a_tun_device_speaks_ip_without_ethernet);
    tcase_add_test(tests, what_no_interface_is_gets_one_line);
    tcase_add_test(tests, without_privilege_it_says_what_to_try);
    tcase_add_test(tests, addresses_of_the_kernel_are_known);
    tcase_add_test(tests, what_is_recorded_can_be_read);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? 0 : 1;
}
