/* What the ladder says about a segment of the device that no rule has more to say about. */
#include "conformance/rules/book.h"

static bool limited_transmit(const struct lk_rulebook *book)
{
    const struct sender *sender = &book->sender;
    return !sender->recovering && !sender->after_timeout && sender->duplicates != 0 && sender->duplicates < book->policy.dup_threshold;
}

static void reason_data(struct lk_rulebook *book, const struct seg *seg)
{
    if (flow_window_closed(&book->flow) && seg->data_end > book->flow.edge)
        book_reason(book, "window probe");
    else if (limited_transmit(book))
        book_reason(book, "new data, limited transmit");
    else
        book_reason(book, seg->fin ? "the last data, and close" : "new data");
}

void reason_out(struct lk_rulebook *book, const struct seg *seg)
{
    if (seg->syn)
        book_reason(book, seg->has_ack ? "answers the SYN" : "active open");
    else if (seg->data_end > seg->data)
        reason_data(book, seg);
    else if (seg->fin)
        book_reason(book, "close");
}
