/* Showing the timeline to the rules: see rulebook.h. Calls and returns belong to the first pair of ports. */
#include "conformance/replay/rulebook.h"
#include "stack/base/error.h"
#include <string.h>

#define KERNEL_TICK (10 * LK_MILLISECOND) /* the recording kernel's timers tick at 100 Hz */
#define MOST_SEGMENTS 16384u

static bool is_recording(const struct lk_run *run)
{
    return run->options->open_loop || strcmp(run->dut->name, "recording") == 0;
}

/* A recording is a Linux kernel's whatever profile the trace asks of others, and keeps the time of its own clock. */
static void fill_policy(const struct lk_run *run, struct lk_rule_policy *policy)
{
    const char *profile = run->trace->config.profile, *name = run->trace->name;
    lk_rule_policy_init(policy, is_recording(run) || (profile != NULL && strcmp(profile, "linux") == 0));
    policy->closed_world = true;
    policy->open_loop = run->options->open_loop;
    policy->foreign_stamps = is_recording(run) && !run->options->open_loop;
    policy->rack_tlp = is_recording(run) && name != NULL && strstr(name, "-defaults") != NULL;
    if (is_recording(run))
        policy->slack = run->options->open_loop ? KERNEL_TICK : run->trace->match.tolerance + KERNEL_TICK;
}

static uint32_t segments_needed(const struct lk_run *run)
{
    uint32_t count = 64;
    for (size_t i = 0; i < run->ours.count && count < MOST_SEGMENTS; i++)
        count += run->ours.events[i].kind == LK_EVENT_FRAME;
    return count;
}

static bool same_ports(const struct lk_conn *conn, const struct lk_event *event)
{
    const struct lk_tcp *tcp = &event->segment.tcp;
    uint16_t device = event->dir == LK_OUT ? tcp->source_port : tcp->destination_port, peer = event->dir == LK_OUT ? tcp->destination_port : tcp->source_port;
    return conn->port[LK_OUT] == device && conn->port[LK_IN] == peer;
}

static bool concerns(const struct lk_run *run, uint32_t conn, const struct lk_event *event)
{
    if (event->kind == LK_EVENT_FRAME)
        return event->segment.is_tcp && same_ports(&run->live.list[conn], event);
    return conn == 0;
}

static void show(struct lk_run *run, uint32_t conn, struct lk_rulebook *book)
{
    for (size_t i = 0; i < run->ours.count; i++) {
        struct lk_event *event = &run->ours.events[i];
        if (!concerns(run, conn, event))
            continue;
        if (lk_rulebook_event(book, event) < 0) {
            lk_run_stop(run, LK_RUN_ERROR, "the rulebook ran out of records at event %zu", i);
            return;
        }
        const char *reason = event->kind == LK_EVENT_FRAME && event->dir == LK_OUT ? lk_rulebook_reason(book) : "";
        if (reason[0] != 0)
            event->text = lk_bump_text(run->memory, reason, strlen(reason));
    }
    lk_rulebook_finish(book, run->now);
}

void lk_rulebook_judge(struct lk_run *run)
{
    struct lk_rule_policy policy;
    struct lk_rule_sink sink = lk_judge_sink(run->judge);
    uint32_t segments = segments_needed(run);
    size_t size = lk_rulebook_size(segments);
    fill_policy(run, &policy);
    for (uint32_t i = 0; i < run->live.count && run->stop != LK_RUN_ERROR; i++) {
        if (run->live.list[i].before != LK_NONE)
            continue; /* the book of the same ports follows it too */
        void *memory = lk_bump_take(run->memory, size);
        if (memory == NULL) {
            lk_run_no_memory(run);
            return;
        }
        show(run, i, lk_rulebook_init(memory, size, segments, &policy, &sink));
    }
}
