/* options-legal: MSS, SACK-permitted and window scale on SYN only, timestamps where both agreed (RFC 9293 3.2, RFC 7323
 * 2.2 and 3.2, RFC 2018 2). */
#include "conformance/rules/book.h"

static bool has(const struct seg *seg, unsigned kind)
{
    return seg->options->present & LK_TCP_HAS(kind);
}

void options_in(struct lk_rulebook *book, const struct seg *seg)
{
    if (has(seg, LK_TCP_OPT_TIMESTAMPS))
        book->stamps.seen[book->stamps.count++ % OWED_MAX] = seg->options->ts_val;
}

static bool was_received(const struct stamps *stamps, uint32_t value)
{
    for (uint32_t i = 0; i < stamps->count && i < OWED_MAX; i++)
        if (stamps->seen[i] == value)
            return true;
    return false;
}

static void judge(struct lk_rulebook *book, const struct seg *seg, bool legal, const char *requirement, const char *actual)
{
    if (legal) {
        book_held(book, CHECK_OPTIONS_LEGAL);
        return;
    }
    book_actual(book, "%s", actual);
    book_violated(book, CHECK_OPTIONS_LEGAL, requirement, seg->number, 0, 0);
}

static void judge_syn_ack(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (!flow->have_irs)
        return;
    book_expect(book, "in the SYN,ACK only what the SYN offered");
    if (has(seg, LK_TCP_OPT_WINDOW_SCALE))
        judge(book, seg, flow->theirs.wscale, "RFC7323-2.2-c", "window scale");
    if (has(seg, LK_TCP_OPT_TIMESTAMPS))
        judge(book, seg, flow->theirs.timestamps, "RFC7323-3.2-d", "timestamps");
}

static void judge_timestamps(struct lk_rulebook *book, const struct seg *seg)
{
    if (!flow_timestamps_agreed(&book->flow))
        return;
    book_expect(book, "timestamps in every segment, since both SYNs had them");
    judge(book, seg, has(seg, LK_TCP_OPT_TIMESTAMPS), "RFC7323-3.2-e", "none");
    if (!has(seg, LK_TCP_OPT_TIMESTAMPS) || !seg->has_ack || book->policy.foreign_stamps)
        return;
    /* RFC 7323 3.2: a recent TSval of the peer comes back */
    book_expect(book, "the echo of a TSval that was received");
    book_actual(book, "ecr %u", (unsigned)seg->options->ts_ecr);
    if (was_received(&book->stamps, seg->options->ts_ecr))
        book_held(book, CHECK_OPTIONS_LEGAL);
    else
        book_violated(book, CHECK_OPTIONS_LEGAL, "RFC7323-3.2-b", seg->number, 0, 0);
}

void options_out(struct lk_rulebook *book, const struct seg *seg)
{
    if (seg->rst)
        return;
    if (seg->syn) {
        if (seg->has_ack)
            judge_syn_ack(book, seg);
        return;
    }
    book_expect(book, "options of the handshake on SYN only");
    judge(book, seg, !has(seg, LK_TCP_OPT_MSS), "RFC9293-MUST-65", "MSS");
    judge(book, seg, !has(seg, LK_TCP_OPT_SACK_PERMITTED), "RFC2018-2-a", "SACK permitted");
    if (!book->flow.midstream)
        judge_timestamps(book, seg);
}
