/* receive-window: how the device opens its own window (RFC 9293 3.8.6 and 3.8.6.2.2, RFC 7323 2.4). */
#include "conformance/rules/book.h"

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* What rounding by the scale may take away (RFC 7323 2.4). */
static int64_t rounding(const struct flow *flow)
{
    unsigned shift = flow->ours.wscale && flow->theirs.wscale ? flow->ours.shift : 0;
    return ((int64_t)1 << (shift > 14 ? 14 : shift)) - 1;
}

/* SHLD-14: the right edge does not move left. */
static void judge_edge(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    int64_t edge = seg->ack + seg->window;
    if (edge + rounding(flow) >= flow->offered) {
        book_held(book, CHECK_RECEIVE_WINDOW);
        return;
    }
    book_expect(book, "the right edge of the window at %lld or further, as it was offered", (long long)flow->offered);
    book_actual(book, "%lld", (long long)edge);
    book_violated(book, CHECK_RECEIVE_WINDOW, "RFC9293-SHLD-14", seg->number, edge, flow->offered);
}

/* A segment that only tells of a wider window: nothing came that it might answer, and it acknowledges nothing new. */
static bool is_update(const struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    return seg->len == 0 && seg->seq == flow->nxt && !flow->heard && seg->ack == flow->ack_sent && seg->ack + seg->window > flow->offered;
}

/* MUST-39: the lesser of half the buffer and a segment. */
static void judge_update(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    int64_t wider = seg->ack + seg->window - flow->offered, least = lesser(flow->widest / 2, flow_receive_mss(flow));
    if (wider + rounding(flow) >= least) {
        book_held(book, CHECK_RECEIVE_WINDOW);
        return;
    }
    book_expect(book, "no window update for less than %lld bytes", (long long)least);
    book_actual(book, "one for %lld", (long long)wider);
    book_violated(book, CHECK_RECEIVE_WINDOW, "RFC9293-MUST-39", seg->number, flow->offered, flow->offered + wider);
}

void receive_out(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (seg->rst || seg->syn || !seg->has_ack || !flow->have_irs || flow->midstream)
        return;
    judge_edge(book, seg);
    if (is_update(book, seg))
        judge_update(book, seg);
}
