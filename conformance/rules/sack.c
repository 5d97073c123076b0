/* sack-true: what SACK blocks say is so (RFC 2018, RFC 2883 for duplicates). */
#include "conformance/rules/book.h"
#include "stack/base/seq.h"

/* ---- what came --------------------------------------------------------------------------------------------- */

static void note_twice(struct sacks *sacks, const struct seg *seg)
{
    uint32_t i = sacks->twice_count++ % OWED_MAX;
    sacks->twice[i].range = (struct span){seg->seq, seg->end};
    sacks->twice[i].reported = false;
}

void sack_in(struct lk_rulebook *book, const struct seg *seg, const struct arrival *arrival)
{
    struct sacks *sacks = &book->sacks;
    if (arrival->twice)
        note_twice(sacks, seg);
    if (arrival->what != ARRIVED_SEGMENT && arrival->what != ARRIVED_SYN)
        return;
    if (arrival->data == DATA_ABOVE_GAP && sacks->arrived_count < OWED_MAX)
        sacks->arrived[sacks->arrived_count++] = (struct span){seg->seq, seg->end};
    sacks->moved = sacks->moved || arrival->data == DATA_IN_ORDER || arrival->data == DATA_FILLS_GAP;
}

/* ---- what is said ------------------------------------------------------------------------------------------ */

static struct span block_at(const struct flow *flow, const struct seg *seg, unsigned i)
{
    const struct lk_tcp_sack *block = &seg->options->sack[i];
    int64_t near = flow->rcv_nxt;
    uint32_t base = seq_add(flow->irs, (uint32_t)near);
    return (struct span){near + seq_diff(block->left, base), near + seq_diff(block->right, base)};
}

static bool within(struct span inner, struct span outer)
{
    return outer.from <= inner.from && inner.to <= outer.to;
}

/* RFC 2883 section 4: the first block reports a duplicate if it lies below the ACK, or within the second block. */
static bool is_duplicate_report(const struct flow *flow, const struct seg *seg, struct span first)
{
    return first.to <= seg->ack || (seg->options->sack_count > 1 && within(first, block_at(flow, seg, 1)));
}

/* Received, and above the ACK. What lies below RCV.NXT was received too: the device may lag behind. */
static bool is_true(const struct flow *flow, const struct seg *seg, struct span block)
{
    int64_t from = block.from > flow->rcv_nxt ? block.from : flow->rcv_nxt;
    return block.from > seg->ack && (from >= block.to || spans_cover(&flow->above, from, block.to));
}

static void violated(struct lk_rulebook *book, const struct seg *seg, const char *requirement, struct span block)
{
    book_actual(book, "block %lld:%lld, ack %lld", (long long)block.from, (long long)block.to, (long long)seg->ack);
    book_violated(book, CHECK_SACK_TRUE, requirement, seg->number, block.from, block.to);
}

/* Every byte of the block must have come at least twice, and be reported for the first time. */
static bool judge_duplicate(struct lk_rulebook *book, const struct seg *seg, struct span block)
{
    struct sacks *sacks = &book->sacks;
    int64_t covered = block.from;
    bool news = false, again = true;
    uint32_t kept = sacks->twice_count < OWED_MAX ? sacks->twice_count : OWED_MAX;
    while (again) {
        again = false;
        for (uint32_t i = 0; i < kept; i++) {
            struct span range = sacks->twice[i].range;
            if (range.from > covered || range.to <= covered || covered >= block.to)
                continue;
            covered = range.to;
            news = news || !sacks->twice[i].reported;
            sacks->twice[i].reported = true;
            again = true;
        }
    }
    if (covered >= block.to && news)
        return true;
    if (covered < block.to) {
        book_expect(book, "a duplicate reported only of data that came twice");
        violated(book, seg, "RFC2883-4-a", block);
    } else {
        book_expect(book, "each duplicate reported once");
        violated(book, seg, "RFC2883-4-c", block);
    }
    return false;
}

/* RFC 2018 section 4: the first block holds the segment that triggered the ACK, unless that one moved the ACK. */
static bool judge_first(struct lk_rulebook *book, const struct seg *seg, struct span first)
{
    const struct sacks *sacks = &book->sacks;
    if (sacks->arrived_count == 0 || sacks->moved)
        return true;
    for (uint32_t i = 0; i < sacks->arrived_count; i++)
        if (within(sacks->arrived[i], first))
            return true;
    struct span newest = sacks->arrived[sacks->arrived_count - 1];
    book_expect(book, "the newest segment, %lld:%lld, in the first block", (long long)newest.from, (long long)newest.to);
    violated(book, seg, "RFC2018-4-f", first);
    return false;
}

static bool judge_block(struct lk_rulebook *book, const struct seg *seg, unsigned i)
{
    const struct flow *flow = &book->flow;
    struct span block = block_at(flow, seg, i);
    if (block.from >= block.to) {
        book_expect(book, "the left edge of a block below its right edge");
        violated(book, seg, "RFC2018-3-a", block);
        return false;
    }
    if (i == 0 && is_duplicate_report(flow, seg, block))
        return judge_duplicate(book, seg, block);
    if (!is_true(flow, seg, block)) {
        book_expect(book, "blocks of received data above the ACK");
        violated(book, seg, "RFC2018-8-b", block);
        return false;
    }
    bool leads = i == 0 || (i == 1 && is_duplicate_report(flow, seg, block_at(flow, seg, 0)));
    return !leads || judge_first(book, seg, block);
}

static bool judge_blocks(struct lk_rulebook *book, const struct seg *seg)
{
    bool all = true;
    for (unsigned i = 0; i < seg->options->sack_count && i < LK_TCP_SACK_MAX; i++)
        all = judge_block(book, seg, i) && all;
    return all;
}

/* RFC 2018 section 4: SACK in every ACK that does not cover the highest byte queued. */
static void judge_absence(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (!flow_sack_agreed(flow) || flow->above.count == 0 || seg->ack != flow->rcv_nxt)
        return;
    struct span queued = flow->above.at[flow->above.count - 1];
    book_expect(book, "a SACK option, since data above a gap is held");
    book_actual(book, "none; received up to %lld, ack %lld", (long long)queued.to, (long long)seg->ack);
    book_violated(book, CHECK_SACK_TRUE, "RFC2018-4-d", seg->number, queued.from, queued.to);
}

void sack_out(struct lk_rulebook *book, const struct seg *seg)
{
    struct sacks *sacks = &book->sacks;
    const struct flow *flow = &book->flow;
    if (seg->rst || seg->syn || !seg->has_ack || !flow->have_irs || flow->midstream)
        return;
    if (!(seg->options->present & LK_TCP_HAS(LK_TCP_OPT_SACK))) {
        judge_absence(book, seg);
    } else if (!flow->theirs.sack) {
        book_expect(book, "no SACK to a peer that did not permit it");
        violated(book, seg, "RFC2018-4-c", block_at(flow, seg, 0));
    } else if (judge_blocks(book, seg)) {
        book_held(book, CHECK_SACK_TRUE);
    }
    sacks->arrived_count = 0;
    sacks->moved = false;
}
