/* within-window: no data beyond what the peer offered (RFC 9293 3.8.6, RFC 5681 section 2, RFC 7323 2.4). */
#include "conformance/rules/book.h"

/* RFC 9293 3.8.6.1: into a closed window one byte may be sent as a probe, with nothing else in flight. */
static bool is_probe(const struct flow *flow, const struct seg *seg)
{
    return flow_window_closed(flow) && seg->data_end - seg->data == 1 && seg->data == flow->una;
}

static void judge_new(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (seg->data_end <= flow->edge || is_probe(flow, seg)) {
        book_held(book, CHECK_WITHIN_WINDOW);
        return;
    }
    int64_t edge = seg->data_end > flow->edge_max ? flow->edge_max : flow->edge;
    book_expect(book, "nothing beyond byte %lld, the right edge of the offered window", (long long)edge);
    book_actual(book, "bytes %lld..%lld, %lld beyond it", (long long)seg->data, (long long)seg->data_end, (long long)(seg->data_end - edge));
    /* a window that was taken back is obeyed by SHOULD (SHLD-15), one that was never offered by MUST */
    const char *requirement = seg->data_end > flow->edge_max ? "RFC5681-2-a" : "RFC9293-SHLD-15";
    book_violated(book, CHECK_WITHIN_WINDOW, requirement, seg->number, edge > seg->data ? edge : seg->data, seg->data_end);
}

/* RFC 7323 2.4: the first retransmission disregards a window that has shrunk since, further ones do not. What starts at
 * SND.UNA stays legal: it is the probe that finds out whether the window is open again (RFC 9293 MUST-35). */
static void judge_resent(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    const struct piece *piece = pieces_find(&flow->pieces, seg->data);
    if (seg->data_end <= flow->edge || seg->data <= flow->una_maybe || piece == NULL || piece->copies < 2) {
        book_held(book, CHECK_WITHIN_WINDOW);
        return;
    }
    book_expect(book, "a further copy only within the window, which ends at byte %lld", (long long)flow->edge);
    book_actual(book, "bytes %lld..%lld for the %u. time", (long long)seg->data, (long long)seg->data_end, (unsigned)(piece->copies + 1));
    book_violated(book, CHECK_WITHIN_WINDOW, "RFC7323-2.4-e", seg->number, seg->data, seg->data_end);
}

void window_out(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (seg->rst || seg->syn || seg->data_end <= seg->data)
        return;
    if (flow->midstream || !flow->have_window)
        book_cannot_tell(book, CHECK_WITHIN_WINDOW); /* how the window is scaled is in the SYN */
    else if (seg->data_end > flow->nxt)
        judge_new(book, seg);
    else
        judge_resent(book, seg);
}
