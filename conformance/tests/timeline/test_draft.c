/* What can be read off a capture, and what has to be asked. */
#include "conformance/timeline/draft.h"
#include "conformance/tests/support/craft.h"
#include "stack/base/error.h"
#include "stack/wire/tcp.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct lk_bump *bump;
static struct lk_capture capture;
static struct lk_draft draft;

static bool asked(const char *words)
{
    for (size_t i = 0; i < draft.question_count; i++)
        if (strstr(draft.questions[i], words) != NULL)
            return true;
    return false;
}

START_TEST(a_whole_connection_becomes_calls)
{
    craft_connection(&capture, bump);
    ck_assert_int_eq(lk_trace_draft(&capture, "a.pcap", bump, &draft), 0);
    const struct lk_trace *t = &draft.trace;
    ck_assert_uint_eq(lk_addr_ip4(&t->dut.host.address), 0x0a090001);
    ck_assert_uint_eq(t->peer.host.port, 80);
    ck_assert(t->dut.host.has_mac && t->dut.host.mac[5] == 1 && t->peer.host.mac[5] == 2);
    ck_assert(t->peer.kind == LK_PEER_RECORDED && t->match.mode == LK_MATCH_EXACT);
    ck_assert(t->peer.mss == 1460 && t->peer.wscale == 7 && t->peer.sack && !t->peer.timestamps);
    ck_assert_int_eq(t->network.delay[0], 2500 * LK_MICROSECOND);
    ck_assert_uint_eq(t->call_count, 4);
    ck_assert(t->calls[0].op == LK_DO_CONNECT && t->calls[0].has_result && t->calls[0].result == 0);
    ck_assert(t->calls[1].op == LK_DO_SEND && t->calls[1].when == LK_WHEN_ESTABLISHED && t->calls[1].bytes == 100);
    ck_assert(t->calls[2].op == LK_DO_RECV && t->calls[2].when_bytes == 100 && t->calls[2].bytes == 100);
    ck_assert(t->calls[3].op == LK_DO_CLOSE && t->calls[3].when == LK_WHEN_ALL_ACKED);
    ck_assert(asked("client") && asked("requirements") && !asked("sent twice") && !asked("SYN is not"));
}
END_TEST

START_TEST(data_sent_twice_makes_the_peer_act)
{
    craft_connection(&capture, bump);
    struct craft again = {.sport = 40000, .dport = 80, .control = LK_TCP_ACK, .seq = 1001, .ack = 5001, .payload = 100};
    craft_add(&capture, bump, LK_SECOND, &again);
    ck_assert_int_eq(lk_trace_draft(&capture, "a.pcap", bump, &draft), 0);
    ck_assert(draft.trace.peer.kind == LK_PEER_ACTING && draft.trace.match.mode == LK_MATCH_STREAM);
    ck_assert(asked("100 bytes were sent twice, the first time 1..101"));
    ck_assert_uint_eq(draft.trace.fate_count, 0);
}
END_TEST

START_TEST(a_refused_connection_returns_its_error)
{
    struct craft syn = {.sport = 40000, .dport = 80, .control = LK_TCP_SYN, .seq = 7};
    struct craft rst = {.src = 0x0a090002, .dst = 0x0a090001, .sport = 80, .dport = 40000, .control = LK_TCP_RST | LK_TCP_ACK, .ack = 8};
    craft_add(&capture, bump, 0, &syn);
    ck_assert_int_eq(lk_trace_draft(&capture, "a.pcap", bump, &draft), 0);
    ck_assert(!draft.trace.calls[0].has_result && asked("Nothing answered the SYN"));
    craft_add(&capture, bump, LK_MILLISECOND, &rst);
    ck_assert_int_eq(lk_trace_draft(&capture, "a.pcap", bump, &draft), 0);
    ck_assert_uint_eq(draft.trace.call_count, 1);
    ck_assert_str_eq(draft.trace.calls[0].error, "ECONNREFUSED");
}
END_TEST

START_TEST(a_capture_from_the_middle_is_asked_about)
{
    struct craft data = {.sport = 40000, .dport = 80, .control = LK_TCP_ACK, .seq = 500, .ack = 900, .payload = 10};
    struct craft other = {.sport = 40001, .dport = 80, .control = LK_TCP_ACK, .seq = 1};
    struct craft reset = {.sport = 40000, .dport = 80, .control = LK_TCP_RST, .seq = 510};
    craft_add(&capture, bump, 0, &data);
    craft_add(&capture, bump, 1, &other);
    craft_add(&capture, bump, 2, &reset);
    ck_assert_int_eq(lk_trace_draft(&capture, "a.pcap", bump, &draft), 0);
    ck_assert(asked("SYN is not in the capture") && asked("1 TCP segments belong to other connections"));
    ck_assert_uint_eq(draft.trace.call_count, 3);
    ck_assert(draft.trace.calls[1].bytes == 10 && draft.trace.calls[2].op == LK_DO_ABORT);
}
END_TEST

START_TEST(without_tcp_there_is_no_draft)
{
    ck_assert_int_eq(lk_trace_draft(&capture, "a.pcap", bump, &draft), LK_E_NOTFOUND);
    craft_connection(&capture, bump);
    for (size_t budget = 0; budget < 600; budget += 48) {
        struct lk_bump *small = lk_bump_new(budget);
        ck_assert_int_eq(lk_trace_draft(&capture, "a.pcap", small, &draft), LK_E_NOMEM);
        lk_bump_free(small);
    }
}
END_TEST

static void open_all(void)
{
    bump = lk_bump_new(16u << 20);
    capture = (struct lk_capture){0};
}

static void close_all(void) { lk_bump_free(bump); }

int main(void)
{
    Suite *suite = suite_create("timeline/draft");
    TCase *all = tcase_create("all");
    tcase_set_timeout(all, 60);
    tcase_add_checked_fixture(all, open_all, close_all);
    tcase_add_test(all, a_whole_connection_becomes_calls);
    tcase_add_test(all, data_sent_twice_makes_the_peer_act);
    tcase_add_test(all, a_refused_connection_returns_its_error);
    tcase_add_test(all, a_capture_from_the_middle_is_asked_about);
    tcase_add_test(all, without_tcp_there_is_no_draft);
    suite_add_tcase(suite, all);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
