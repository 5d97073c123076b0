/* What only traces of mode `fields` have: good ones are read whole, and each mistake is named with its line. */
#include "conformance/files/trace_yaml.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER LK_BINARY_DIR "/"

static struct lk_bump *bump;
static struct lk_trace trace;
static struct lk_fault fault;

static const char *const good[] = {
    /* 1 */ "lockstep: 1",
    /* 2 */ "dut: {runs: gateway}",
    /* 3 */ "interfaces:",
    /* 4 */ "  - {name: lan, address: 10.9.0.1, mac: \"02:00:0a:09:00:01\"}",
    /* 5 */ "  - {name: wan, address: 10.8.0.1, prefix: 16, outside: true}",
    /* 6 */ "app: {route: [0.0.0.0/0 via 10.8.0.254, 10.7.0.0/16 via 10.9.0.7], udp_timeout: 300s}",
    /* 7 */ "talk:",
    /* 8 */ "  - in lan udp 10.9.0.2:4000 > 192.0.2.1:53 dns{id=7 rd q=www.example.com/A}",
    /* 9 */ "  - out wan ~20ms udp 10.8.0.1:5000 > 192.0.2.1:53 ip{ttl=63} dns{id=7 rd q=www.example.com/A} | ignore ip.len | compare ip.ttl,ip.id",
    /* 10 */ "  - silence 1s",
    /* 11 */ "  - do +5ms something",
    /* 12 */ "  - returns what | it says",
    /* 13 */ "link: {type: ethernet}",
    /* 14 */ "match: {mode: fields, tolerance: 5ms, ignore: [ip.dsfield], map: [dns.count.queries]}",
    /* 15 */ "proves: {RFC4787-REQ-1: map}",
    /* 16 */ "source: {authored: RFC 4787}",
};
#define LINES (sizeof good / sizeof good[0])

static int read_with(size_t line, const char *instead)
{
    const char *path = FOLDER "test_trace_talk.yaml";
    FILE *file = fopen(path, "w");
    for (size_t i = 0; i < LINES; i++) {
        const char *put = i + 1 == line ? instead : good[i];
        if (put != NULL)
            fprintf(file, "%s\n", put);
    }
    fclose(file);
    int result = lk_trace_read(path, bump, &trace, &fault);
    remove(path);
    return result;
}

START_TEST(every_key_arrives)
{
    ck_assert_msg(read_with(0, NULL) == 0, "%s", fault.text);
    ck_assert_uint_eq(trace.dut.runs, LK_RUNS_GATEWAY);
    ck_assert_uint_eq(trace.iface_count, 2);
    ck_assert(trace.ifaces[1].outside && trace.ifaces[1].host.prefix == 16 && !trace.ifaces[0].outside);
    ck_assert_uint_eq(trace.app_count, 3);
    ck_assert_str_eq(trace.app[1].value, "10.7.0.0/16 via 10.9.0.7");
    ck_assert_uint_eq(trace.step_count, 5);
    ck_assert_int_eq(trace.steps[1].until, 20 * LK_MILLISECOND);
    ck_assert_uint_eq(trace.steps[1].iface, 1);
    ck_assert_str_eq(trace.steps[1].compare[1], "ip.id");
    ck_assert_str_eq(trace.steps[3].text, "something");
    ck_assert_str_eq(trace.steps[4].text, "what | it says");
    ck_assert_uint_eq(trace.steps[4].line, 12);
}
END_TEST

/* The frame for the far host goes to the router, whose MAC is made of its address. */
START_TEST(link_addresses_are_those_of_the_next_hop)
{
    static const uint8_t out[12] = {2, 0, 10, 8, 0, 254, 2, 0, 10, 8, 0, 1}, in[12] = {2, 0, 10, 9, 0, 1, 2, 0, 10, 9, 0, 2};
    ck_assert_int_eq(read_with(0, NULL), 0);
    ck_assert_mem_eq(trace.steps[0].bytes, in, 12);
    ck_assert_mem_eq(trace.steps[1].bytes, out, 12);
}
END_TEST

static const struct { size_t line; const char *instead, *says; } bad[] = {
    {2, "dut: {runs: toaster}", ":2: runs: \"toaster\" is none of udp-echo, gateway"},
    {2, "dut: {runs: gateway, role: client}", ":2: dut: \"role\" and \"port\" do not belong to mode fields"},
    {2, "dut: {runs: gateway, address: 10.9.0.1}", ":2: dut: \"address\" stands with each of the interfaces"},
    {4, "  - {name: udp, address: 10.9.0.1}", ":4: name: \"udp\" is a word of the talk"},
    {4, "  - {name: wan, address: 10.9.0.1}", ":4: interfaces: two are called \"wan\""},
    {4, "  - {name: lan, adress: 10.9.0.1}", ":4: unknown key \"adress\" in an interface"},
    {4, "  - {address: 10.9.0.1}", ":4: key \"name\" is missing in an interface"},
    {6, "app: {port_hihg: 5}", ":6: app: \"port_hihg\" is no setting of what runs here"},
    {6, "app: {udp_timeout: 5m}", ":6: app: udp_timeout: \"5m\" is no number, time, true or false"},
    {6, "app: {lease_time: 5}", ":6: app: \"lease_time\" is no setting of what runs here"},
    {6, "app: {silent-neighbour: host}", ":6: app: silent-neighbour: \"host\" is not an IPv4 address"},
    {8, "  - in udp 10.9.0.2:4000 > 192.0.2.1:53", ":8: talk: with several interfaces each line names one"},
    {8, "  - in lan udp 10.9.0.2 > 192.0.2.1:53", ":8: talk: \"10.9.0.2\" has no port"},
    {8, "  - in lan udp 10.9.0.2:4000 192.0.2.1:53", ":8: talk: \">\" is missing between the addresses"},
    {8, "  - in lan udp 10.9.0.2:4000 > 192.0.2.1:66000", ":8: talk: port: \"66000\" is not a number up to 65535"},
    {8, "  - in lan sctp 10.9.0.2 > 192.0.2.1", ":8: talk: \"sctp\" is none of udp, tcp, icmp, ip"},
    {8, "  - in lan udp 10.9.0.2:1 > 10.9.0.1:2 dns{colour=1}", ":8: talk: dns{}: there is no \"colour\""},
    {8, "  - in lan udp 10.9.0.2:1 > 10.9.0.1:2 ip{ttl=256}", ":8: talk: ttl: \"256\" is not a number up to 255"},
    {8, "  - in lan udp 10.9.0.2:1 > 10.9.0.1:2 hex:0", ":8: talk: hex: an odd number of digits"},
    {8, "  - in lan udp 10.9.0.2:1 > 10.9.0.1:2 \"x", ":8: talk: a text without its closing quote"},
    {8, "  - in lan udp 10.9.0.2:1 > 10.9.0.1:2 bytes:9999", ":8: talk: bytes: \"9999\" is not a number"},
    {8, "  - in lan +1s..2s udp 10.9.0.2:1 > 10.9.0.1:2", ":8: talk: what comes in comes at one time"},
    {8, "  - in lan udp 10.9.0.2:1 > 10.9.0.1:2 | ignore ip.id", ":8: talk: only what is expected is followed by |"},
    {9, "  - out wan +2s..1s udp 10.9.0.2:1 > 10.9.0.1:2", ":9: talk: \"+2s..1s\": the later time stands first"},
    {9, "  - out wan udp 10.9.0.2:1 > 10.9.0.1:2 | forget ip.id", ":9: talk: \"forget\" behind | is none of ignore, only, compare"},
    {9, "  - frames 1..2", ":9: talk: frames 1..2: the captures hold 0 that are played"},
    {10, "  - silence soon", ":10: talk: silence TIME"},
    {10, "  - wait 1s", ":10: talk: \"wait\" is none of in, out, may, silence, do, returns, frames, connect"},
    {11, "  - do", ":11: talk: do [+TIME] WORDS"},
    {11, "  - silence 1s", ":12: talk: returns, and nothing was called"},
    {13, "peer: {address: 10.9.0.2, kind: recorded}", ":13: \"peer\" does not belong to mode fields"},
    {14, "match: {mode: exact}", ": \"interfaces\" belongs to mode fields"},
    {14, "match: {mode: fields, ignore: [a b]}", ":14: ignore: \"a b\" is not the name of a field"},
    {14, "match: {mode: fields, ignore: ip.id}", ":14:"},
};

START_TEST(each_mistake_is_named_with_its_line)
{
    ck_assert_int_eq(read_with(bad[_i].line, bad[_i].instead), -1);
    ck_assert_msg(strstr(fault.text, bad[_i].says) != NULL, "\"%s\" does not say \"%s\"", fault.text, bad[_i].says);
}
END_TEST

static void setup(void)
{
    bump = lk_bump_new(LK_TRACE_BUDGET);
}

static void teardown(void)
{
    lk_bump_free(bump);
}

int main(void)
{
    Suite *suite = suite_create("files/trace_talk");
    TCase *all = tcase_create("all");
    tcase_add_checked_fixture(all, setup, teardown);
    tcase_add_test(all, every_key_arrives);
    tcase_add_test(all, link_addresses_are_those_of_the_next_hop);
    tcase_add_loop_test(all, each_mistake_is_named_with_its_line, 0, (int)(sizeof bad / sizeof bad[0]));
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
