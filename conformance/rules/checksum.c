/* checksum: every segment the device sends carries right ones (RFC 9293 MUST-2, RFC 791 3.1). */
#include "conformance/rules/book.h"

static void judge(struct lk_rulebook *book, const struct lk_event *event, bool right, const char *layer, const char *requirement)
{
    if (right) {
        book_held(book, CHECK_CHECKSUM);
        return;
    }
    book_expect(book, "a right %s checksum", layer);
    book_actual(book, "a wrong one");
    book_violated(book, CHECK_CHECKSUM, requirement, event->number, 0, 0);
}

void checksum_out(struct lk_rulebook *book, const struct lk_event *event)
{
    judge(book, event, event->segment.ip_checksum_ok, "IPv4 header", "RFC791-3.1-b");
    if (event->segment.error != 0)
        book_cannot_tell(book, CHECK_CHECKSUM); /* cut short by the capture */
    else
        judge(book, event, event->segment.tcp_checksum_ok, "TCP", "RFC9293-MUST-2");
}
