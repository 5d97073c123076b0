/* The rulebook over every recorded trace of the tree, both ends: what real Linux hosts did breaks no MUST, or stands in the
 * list of exceptions below with its reason. */
#include "conformance/files/folder.h"
#include "conformance/files/trace_yaml.h"
#include "conformance/tests/support/rule_lines.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TICK (10 * LK_MILLISECOND) /* the recorded kernel's clock */

struct side { const struct lk_trace *trace; const char *name; unsigned must, should; uint64_t held; struct lk_timeline timeline; };

/* Findings at MUST level that are right: what the recording shows is not what the RFC asks. */
static const struct { const char *trace, *side, *check, *why; } exceptions[] = {
    {"handshake/half-open", "peer", "rto-not-early", "Linux in SYN-SENT, having answered an ACK of an old connection by RST, repeats its SYN two clock ticks later"},
};

static bool excepted(const struct side *side, const char *check)
{
    for (size_t i = 0; i < sizeof exceptions / sizeof exceptions[0]; i++)
        if (strcmp(exceptions[i].trace, side->trace->name) == 0 && strcmp(exceptions[i].side, side->name) == 0 && strcmp(exceptions[i].check, check) == 0)
            return true;
    return false;
}

static void on_finding(void *context, const char *check, const char *requirement, enum lk_severity severity, uint32_t event, uint64_t from, uint64_t to,
    const char *expected, const char *actual)
{
    struct side *side = context;
    const struct lk_event *at = &side->timeline.events[event];
    if (severity == LK_MUST && !excepted(side, check))
        side->must++;
    side->should += severity == LK_SHOULD;
    if ((severity == LK_MUST && !excepted(side, check)) || getenv("LOCKSTEP_SHOW") != NULL)
        fprintf(stderr, "%s, %s, frame %u at %.6f, %s %s (%s), bytes %llu..%llu: expected %s; actual %s\n", side->trace->name, side->name, at->frame,
            (double)at->at / 1e9, severity == LK_MUST ? "MUST" : "SHOULD", check, requirement, (unsigned long long)from, (unsigned long long)to, expected, actual);
}

static void on_decided(void *context, const char *check, enum lk_answer answer)
{
    struct side *side = context;
    ck_assert_int_ne(answer, LK_CANNOT_TELL);
    side->held += answer == LK_HELD;
    if (getenv("LOCKSTEP_SHOW") != NULL)
        fprintf(stderr, "decided %s %d\n", check, (int)answer);
}

static struct lk_timeline timeline_of(const struct lk_capture *capture, uint32_t device, struct lk_bump *memory)
{
    struct lk_timeline timeline = {.memory = memory};
    lk_time latest = INT64_MIN;
    for (size_t i = 0; i < capture->count; i++) {
        const struct lk_captured *frame = &capture->frames[i];
        struct lk_segment segment;
        lk_segment_read(frame->bytes, frame->len, capture->link, &segment);
        latest = frame->at > latest ? frame->at : latest;
        struct lk_event *event = lk_timeline_add_frame(&timeline, latest, segment.src == device ? LK_OUT : LK_IN, frame->bytes, frame->len, capture->link);
        ck_assert_ptr_nonnull(event);
        event->frame = frame->number;
    }
    return timeline;
}

/* The pair of ports, the device's first. */
static uint32_t ports_of(const struct lk_event *event)
{
    const struct lk_tcp *tcp = &event->segment.tcp;
    uint32_t source = tcp->source_port, destination = tcp->destination_port;
    return event->dir == LK_OUT ? source << 16 | destination : destination << 16 | source;
}

static void judge_connection(struct side *side, uint32_t ports)
{
    struct lk_rule_policy policy;
    struct lk_rule_sink sink = {side, on_finding, on_decided};
    lk_rule_policy_init(&policy, true);
    policy.open_loop = true;
    policy.slack = TICK;
    policy.rack_tlp = strstr(side->trace->name, "-defaults") != NULL;
    size_t size = lk_rulebook_size(4096);
    void *memory = malloc(size);
    struct lk_rulebook *book = lk_rulebook_init(memory, size, 4096, &policy, &sink);
    lk_time last = 0;
    for (size_t i = 0; i < side->timeline.count; i++) {
        const struct lk_event *event = &side->timeline.events[i];
        last = event->at;
        if (event->segment.is_tcp && ports_of(event) == ports)
            ck_assert_int_eq(lk_rulebook_event(book, event), 0);
    }
    lk_rulebook_finish(book, last);
    free(memory);
}

static bool first_of_its_ports(const struct lk_timeline *timeline, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (timeline->events[i].segment.is_tcp && ports_of(&timeline->events[i]) == ports_of(&timeline->events[at]))
            return false;
    return true;
}

static void judge_side(struct side *side, const struct lk_capture *capture, const struct lk_addr *device)
{
    side->timeline = timeline_of(capture, lk_addr_ip4(device), side->trace->memory);
    for (size_t i = 0; i < side->timeline.count; i++)
        if (side->timeline.events[i].segment.is_tcp && first_of_its_ports(&side->timeline, i))
            judge_connection(side, ports_of(&side->timeline.events[i]));
}

static unsigned judge_trace(const char *path, uint64_t *held)
{
    struct lk_bump *memory = lk_bump_new(LK_TRACE_BUDGET);
    struct lk_trace trace;
    struct lk_fault fault;
    ck_assert_msg(lk_trace_read(path, memory, &trace, &fault) == 0, "%s: unreadable", path);
    struct side device = {.trace = &trace, .name = "device"}, peer = {.trace = &trace, .name = "peer"};
    judge_side(&device, &trace.capture, &trace.dut.host.address);
    bool forged = strncmp(trace.name, "intruder/", 9) == 0; /* the peer's host sends what no TCP would: its end is not judged */
    if (trace.peer_capture.count != 0 && !forged)
        judge_side(&peer, &trace.peer_capture, &trace.peer.host.address);
    *held += device.held + peer.held;
    lk_bump_free(memory);
    return device.must + peer.must;
}

START_TEST(real_hosts_break_no_must)
{
    static const char *const suffixes[] = {".yaml", NULL};
    struct lk_bump *memory = lk_bump_new(1 << 22);
    struct lk_folder folder;
    unsigned found = 0;
    uint64_t held = 0;
    ck_assert_int_eq(lk_folder_list(LK_SOURCE_DIR "/corpora/traces", suffixes, memory, &folder), 0);
    ck_assert_uint_gt(folder.count, 0);
    for (size_t i = 0; i < folder.count; i++)
        found += judge_trace(folder.paths[i], &held);
    lk_bump_free(memory);
    ck_assert_uint_eq(found, 0);
    ck_assert_uint_gt(held, folder.count * 20); /* something was judged */
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {real_hosts_break_no_must};
    return run_tests("rules/corpora", tests, sizeof tests / sizeof tests[0]);
}
