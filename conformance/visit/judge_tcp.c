/* TCP: the rulebook (conformance/rules) over the connection as each end saw it, and what the story asks of it: that it was opened,
 * closed by both sides, and remembered for 2 MSL. */
#include "conformance/rules/rule.h"
#include "conformance/visit/judge.h"
#include "stack/base/error.h"
#include <stdlib.h>
#include <string.h>

#define SLACK (5 * LK_MILLISECOND) /* three times the tick of timestamps, and the way from a segment to its link */
#define TWO_MSL (240 * LK_SECOND) /* RFC 9293 3.4.2: the MSL is two minutes */

struct seen { uint32_t order, index; uint8_t dir; };

struct end {
    struct judge *j;
    struct seen *seen;
    size_t count;
};

/* ---- the rulebook ---- */

static void on_finding(void *context, const char *check, const char *requirement, enum lk_severity severity, uint32_t event, uint64_t from, uint64_t to,
                       const char *expected, const char *actual)
{
    struct end *end = context;
    uint32_t index = event < end->count ? end->seen[event].index : LK_NONE;
    (void)from;
    (void)to;
    if (severity != LK_MUST)
        return;
    uint8_t act = index == LK_NONE ? LK_ACT_CLOSE : end->j->story->packets[index].act;
    judge_found(end->j, act, index, requirement, "TCP rule %s: expected %s, got %s", check, expected, actual);
}

static void on_decided(void *context, const char *check, enum lk_answer answer)
{
    (void)context;
    (void)check;
    (void)answer;
}

static int by_order(const void *a, const void *b)
{
    const struct seen *x = a, *y = b;
    return x->order < y->order ? -1 : x->order > y->order;
}

/* All TCP segments that a host sent or got, in the order in which that happened. */
static void gather(struct judge *j, uint32_t host, struct end *end)
{
    end->j = j;
    end->count = 0;
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_story_packet *p = &j->story->packets[i];
        if (!j->view[i].tcp)
            continue;
        if (p->from == host)
            end->seen[end->count++] = (struct seen){p->sent_order, i, LK_OUT};
        else if (p->to == host && p->arrived_order != 0)
            end->seen[end->count++] = (struct seen){p->arrived_order, i, LK_IN};
    }
    qsort(end->seen, end->count, sizeof *end->seen, by_order);
}

static void feed(struct end *end, struct lk_rulebook *book)
{
    for (uint32_t k = 0; k < end->count && end->j->error == 0; k++) {
        const struct lk_story_packet *p = &end->j->story->packets[end->seen[k].index];
        struct lk_event event = {.kind = LK_EVENT_FRAME, .dir = end->seen[k].dir, .knowledge = LK_SEEN, .number = k, .frame = p->link_number, .len = p->len,
                                 .bytes = p->bytes, .delivered = p->arrived_order != 0, .delivered_at = p->arrived_at};
        event.at = event.dir == LK_OUT ? p->sent_at : p->arrived_at;
        lk_segment_read(p->bytes, p->len, LK_CAPTURE_ETHERNET, &event.segment);
        if (lk_rulebook_event(book, &event) < 0)
            end->j->error = LK_E_NOMEM;
    }
    lk_rulebook_finish(book, end->j->story->ended);
}

static void judge_end(struct judge *j, uint32_t host, struct seen *seen)
{
    struct end end = {.seen = seen};
    struct lk_rule_policy policy;
    struct lk_rule_sink sink = {.context = &end, .finding = on_finding, .decided = on_decided};
    gather(j, host, &end);
    if (end.count == 0)
        return;
    lk_rule_policy_init(&policy, false);
    policy.slack = SLACK;
    uint32_t segments = (uint32_t)(end.count < 16384 ? end.count + 64 : 16384);
    size_t size = lk_rulebook_size(segments);
    void *memory = lk_bump_take(j->story->memory, size);
    if (memory == NULL)
        j->error = LK_E_NOMEM;
    else
        feed(&end, lk_rulebook_init(memory, size, segments, &policy, &sink));
}

/* ---- what the story asks ---- */

/* The last FIN that reached the laptop: from then on it has to remember the connection. */
static lk_time last_fin(const struct judge *j, uint32_t laptop, bool *ours_first)
{
    lk_time at = LK_NEVER, ours = LK_NEVER;
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_story_packet *p = &j->story->packets[i];
        if (!j->view[i].tcp || !j->view[i].fin)
            continue;
        if (p->from == laptop && ours == LK_NEVER)
            ours = p->sent_at;
        if (p->to == laptop && p->arrived_at != LK_NEVER)
            at = p->arrived_at;
    }
    *ours_first = at != LK_NEVER && ours < at;
    return at;
}

static void judge_time_wait(struct judge *j, uint32_t laptop)
{
    bool ours_first;
    lk_time fin = last_fin(j, laptop, &ours_first);
    struct lk_story_act *act = &j->story->acts[LK_ACT_TIME_WAIT];
    if (!ours_first || !act->happened)
        return;
    if (j->story->ended - fin < TWO_MSL)
        judge_found(j, LK_ACT_TIME_WAIT, LK_NONE, "RFC9293-MUST-13", "the laptop forgot the connection after %.3f s, not after 2 MSL = %.0f s",
                    (double)(j->story->ended - fin) / 1e9, (double)TWO_MSL / 1e9);
}

static void judge_close(struct judge *j)
{
    bool fin[2] = {false, false}, acked[2] = {false, false}, reset = false;
    uint32_t end[2] = {0, 0};
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_visit_view *v = &j->view[i];
        if (!v->tcp || j->story->packets[i].arrived_at == LK_NEVER)
            continue;
        bool at_laptop = j->story->hosts[j->story->packets[i].to].role == LK_STORY_CLIENT, at_web = j->story->hosts[j->story->packets[i].to].role == LK_STORY_WEB;
        unsigned side = at_laptop ? 1 : at_web ? 0 : 2; /* judged where it arrives */
        if (side == 2)
            continue;
        reset = reset || v->rst;
        if (v->fin) {
            fin[side] = true;
            end[side] = v->seq + v->data_len + 1;
        }
        if (v->acks && fin[!side] && v->ack == end[!side])
            acked[!side] = true;
    }
    if (reset)
        judge_found(j, LK_ACT_CLOSE, LK_NONE, "RFC9293-3.6-a", "the connection ended by a reset");
    else if (!fin[0] || !fin[1])
        judge_found(j, LK_ACT_CLOSE, LK_NONE, "RFC9293-3.6-a", "%s never closed its side", fin[0] ? "the web server" : "the laptop");
    else if (!acked[0] || !acked[1])
        judge_found(j, LK_ACT_CLOSE, LK_NONE, "RFC9293-3.6-a", "the FIN of %s was never acknowledged", acked[0] ? "the web server" : "the laptop");
}

static uint32_t find_role(const struct judge *j, uint8_t role)
{
    for (uint32_t h = 0; h < j->story->host_count; h++)
        if (j->story->hosts[h].role == role)
            return h;
    return LK_NONE;
}

void judge_tcp(struct judge *j)
{
    uint32_t laptop = find_role(j, LK_STORY_CLIENT), web = find_role(j, LK_STORY_WEB);
    struct seen *seen = lk_bump_array(j->story->memory, j->story->packet_count, sizeof *seen);
    if (seen == NULL || laptop == LK_NONE || web == LK_NONE) {
        j->error = LK_E_NOMEM;
        return;
    }
    judge_end(j, laptop, seen);
    judge_end(j, web, seen);
    if (j->story->failure != NULL)
        return; /* what did not come that far cannot be closed */
    if (j->lossless) /* with losses a side may give up at last (RFC 9293 3.8.3) */
        judge_close(j);
    judge_time_wait(j, laptop);
}
