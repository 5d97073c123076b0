/* The book: takes events in, hands them to the rules, hands their findings out. */
#include "conformance/rules/book.h"
#include "conformance/rules/checks.h"
#include "stack/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Memory: the book, then pieces, then the received ranges; each aligned. */
static size_t aligned(size_t size)
{
    return (size + 15) & ~(size_t)15;
}

size_t lk_rulebook_size(uint32_t max_segments)
{
    return aligned(sizeof(struct lk_rulebook)) + aligned((size_t)max_segments * sizeof(struct piece)) + aligned((size_t)max_segments * sizeof(struct span));
}

struct lk_rulebook *lk_rulebook_init(void *memory, size_t size, uint32_t max_segments, const struct lk_rule_policy *policy, const struct lk_rule_sink *sink)
{
    if (memory == NULL || size < lk_rulebook_size(max_segments))
        return NULL;
    struct lk_rulebook *book = memory;
    uint8_t *after = (uint8_t *)memory + aligned(sizeof *book);
    *book = (struct lk_rulebook){.policy = *policy, .sink = *sink};
    book->flow.pieces = (struct pieces){.at = (struct piece *)(void *)after, .capacity = max_segments};
    after += aligned((size_t)max_segments * sizeof(struct piece));
    book->flow.above = (struct spans){.at = (struct span *)(void *)after, .capacity = max_segments};
    flow_restart(&book->flow);
    book_restart(book);
    return book;
}

void book_restart(struct lk_rulebook *book)
{
    book->sender = (struct sender){.probed_una = -1};
    book->timer = (struct timer){0};
    book->acks = (struct acks){.second_at = LK_NEVER};
    book->sacks = (struct sacks){0};
    book->stamps = (struct stamps){0};
    book->given = 0;
    book->calls_seen = false;
}

void lk_rule_policy_init(struct lk_rule_policy *policy, bool linux_profile)
{
    *policy = (struct lk_rule_policy){
        .rto_initial = LK_SECOND,            /* RFC 6298 2.1 */
        .rto_min = LK_SECOND,                /* RFC 6298 2.4 */
        .rto_max = 60 * LK_SECOND,           /* RFC 6298 2.5: at least that */
        .granularity = 0,
        .ack_limit = 500 * LK_MILLISECOND,   /* RFC 9293 MUST-40 */
        .dup_threshold = 3,                  /* RFC 5681 3.2 */
        .closed_world = true,
    };
    if (linux_profile)
        policy->rto_min = 200 * LK_MILLISECOND;
}

/* ---- reporting --------------------------------------------------------------------------------------------- */

void book_held(struct lk_rulebook *book, enum check check)
{
    if (book->sink.decided != NULL)
        book->sink.decided(book->sink.context, check_name(check), LK_HELD);
}

void book_cannot_tell(struct lk_rulebook *book, enum check check)
{
    if (book->sink.decided != NULL)
        book->sink.decided(book->sink.context, check_name(check), LK_CANNOT_TELL);
}

static void print(char *out, size_t cap, const char *format, va_list arguments)
{
    if (vsnprintf(out, cap, format, arguments) < 0)
        out[0] = '\0';
}

void book_expect(struct lk_rulebook *book, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print(book->expected, sizeof book->expected, format, arguments);
    va_end(arguments);
}

void book_actual(struct lk_rulebook *book, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print(book->actual, sizeof book->actual, format, arguments);
    va_end(arguments);
}

void book_reason(struct lk_rulebook *book, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    print(book->reason, sizeof book->reason, format, arguments);
    va_end(arguments);
}

const char *lk_rulebook_reason(const struct lk_rulebook *book)
{
    return book->reason;
}

void book_violated(struct lk_rulebook *book, enum check check, const char *requirement, uint32_t event, int64_t from, int64_t to)
{
    if (book->sink.decided != NULL)
        book->sink.decided(book->sink.context, check_name(check), LK_VIOLATED);
    if (book->sink.finding != NULL)
        book->sink.finding(book->sink.context, check_name(check), requirement, check_severity(requirement), event, from < 0 ? 0 : (uint64_t)from,
            to < 0 ? 0 : (uint64_t)to, book->expected, book->actual);
}

/* ---- events ------------------------------------------------------------------------------------------------ */

static int segment_in(struct lk_rulebook *book, const struct seg *seg)
{
    struct arrival arrival;
    int error = flow_in(&book->flow, seg, &arrival);
    if (error != 0)
        return error;
    options_in(book, seg);
    acks_in(book, seg, &arrival);
    sack_in(book, seg, &arrival);
    rto_in(book, seg, &arrival);
    recovery_in(book, seg, &arrival);
    return 0;
}

static int segment_out(struct lk_rulebook *book, const struct seg *seg)
{
    reason_out(book, seg);
    close_out(book, seg);
    options_out(book, seg);
    receive_out(book, seg);
    acks_out(book, seg);
    sack_out(book, seg);
    resent_payload_out(book, seg);
    window_out(book, seg);
    recovery_out(book, seg);
    return flow_out(&book->flow, seg);
}

/* A frame that was lost or damaged on its way in never reached the device's TCP (RFC 9293 MUST-3). */
static bool reached_device(const struct lk_event *event)
{
    return event->fate != LK_FATE_LOST && event->segment.ip_checksum_ok && (event->segment.tcp_checksum_ok || event->segment.error != 0);
}

static int frame(struct lk_rulebook *book, const struct lk_event *event)
{
    struct seg seg;
    if (!event->segment.is_tcp || (event->dir == LK_IN && !reached_device(event)))
        return 0;
    if (flow_read(&book->flow, event, &seg))
        book_restart(book);
    if (event->dir == LK_OUT)
        checksum_out(book, event);
    return event->dir == LK_IN ? segment_in(book, &seg) : segment_out(book, &seg);
}

/* What the application has handed over must be sent before the FIN. */
static void take_return(struct lk_rulebook *book, const struct lk_event *event)
{
    if (event->op != LK_DO_SEND || event->result <= 0)
        return;
    book->calls_seen = true;
    book->given += event->result;
}

int lk_rulebook_event(struct lk_rulebook *book, const struct lk_event *event)
{
    book->reason[0] = '\0';
    acks_time(book, event->at);
    switch (event->kind) {
    case LK_EVENT_FRAME:
        return frame(book, event);
    case LK_EVENT_RETURN:
        take_return(book, event);
        return 0;
    case LK_EVENT_DEATH:
        acks_forget(book);
        return 0;
    default:
        return 0;
    }
}

void lk_rulebook_finish(struct lk_rulebook *book, lk_time at)
{
    acks_time(book, at);
}
