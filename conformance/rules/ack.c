/* Acknowledging: ack-of-received, ack-sequence, ack-within-500ms, ack-every-second, duplicate-ack
 * (RFC 9293 3.8.6.3 and 3.10.7.4, RFC 5681 4.2). */
#include "conformance/rules/book.h"

#include <string.h>

/* ---- what is owed ------------------------------------------------------------------------------------------ */

void acks_forget(struct lk_rulebook *book)
{
    book->acks = (struct acks){.second_at = LK_NEVER};
}

static void owe_at_once(struct acks *acks, const struct seg *seg, enum owed_kind kind)
{
    if (acks->at_once_count == OWED_MAX)
        return; /* sixty-four ACKs behind is a finding already */
    uint32_t i = acks->at_once_count++;
    acks->at_once[i].at = seg->at;
    acks->at_once[i].from = seg->seq;
    acks->at_once[i].to = seg->end;
    acks->at_once[i].event = seg->number;
    acks->at_once[i].kind = (uint8_t)kind;
    acks->at_once[i].answered = acks->at_once[i].reported = false;
}

/* When the table is full the newest entry takes the later data too: it is then due earlier than needed for none. */
static void owe_delayed(struct acks *acks, const struct seg *seg, int64_t upto)
{
    uint32_t i = acks->delayed_count == OWED_MAX ? OWED_MAX - 1 : acks->delayed_count++;
    acks->delayed[i].at = seg->at;
    acks->delayed[i].upto = upto;
    acks->delayed[i].event = seg->number;
}

/* RFC 9293 SHLD-19: the second full-sized segment, counted in bytes: 2 * RMSS. */
static void count_full_segments(struct lk_rulebook *book, const struct seg *seg)
{
    struct acks *acks = &book->acks;
    int64_t full = flow_receive_mss(&book->flow);
    acks->since_ack += seg->data_end - seg->data;
    if (acks->second_at != LK_NEVER || acks->since_ack < 2 * full)
        return;
    acks->second_at = seg->at;
    acks->second_event = seg->number;
    acks->second_from = seg->seq;
    acks->second_to = seg->end;
}

void acks_in(struct lk_rulebook *book, const struct seg *seg, const struct arrival *arrival)
{
    struct acks *acks = &book->acks;
    const struct flow *flow = &book->flow;
    if (flow_over(flow)) {
        acks_forget(book);
        return;
    }
    if ((arrival->what == ARRIVED_UNACCEPTABLE || arrival->what == ARRIVED_PAWS) && seg->len != 0)
        owe_at_once(acks, seg, OWED_UNACCEPTABLE); /* RFC 9293 3.10.7.4, first */
    if (arrival->what != ARRIVED_SEGMENT && arrival->what != ARRIVED_SYN)
        return;
    if (arrival->data == DATA_ABOVE_GAP)
        owe_at_once(acks, seg, OWED_ABOVE_GAP);
    if (arrival->data == DATA_FILLS_GAP)
        owe_at_once(acks, seg, OWED_FILLS_GAP);
    if (arrival->data == DATA_IN_ORDER) {
        owe_delayed(acks, seg, flow->rcv_nxt);
        count_full_segments(book, seg);
    }
}

/* ---- what is due ------------------------------------------------------------------------------------------- */

static const char *owed_text(uint8_t kind)
{
    return kind == OWED_ABOVE_GAP ? "data above a gap" : kind == OWED_FILLS_GAP ? "data that fills a gap" : "an unacceptable segment";
}

/* SHOULD: at once. */
static void at_once_missed(struct lk_rulebook *book, uint32_t i)
{
    struct acks *acks = &book->acks;
    static const char *const requirements[] = {[OWED_ABOVE_GAP] = "RFC5681-3.2-a", [OWED_FILLS_GAP] = "RFC5681-3.2-b", [OWED_UNACCEPTABLE] = "RFC9293-3.10.7.4-e"};
    acks->at_once[i].reported = true;
    book_expect(book, "an ACK at once for %s, bytes %lld..%lld", owed_text(acks->at_once[i].kind), (long long)acks->at_once[i].from, (long long)acks->at_once[i].to);
    book_actual(book, acks->at_once[i].answered ? "one ACK for several such segments" : "none");
    book_violated(book, CHECK_DUPLICATE_ACK, requirements[acks->at_once[i].kind], acks->at_once[i].event, acks->at_once[i].from, acks->at_once[i].to);
}

/* MUST: at all. */
static void never_answered(struct lk_rulebook *book, uint32_t i)
{
    struct acks *acks = &book->acks;
    bool unacceptable = acks->at_once[i].kind == OWED_UNACCEPTABLE;
    book_expect(book, "an ACK for %s, bytes %lld..%lld", owed_text(acks->at_once[i].kind), (long long)acks->at_once[i].from, (long long)acks->at_once[i].to);
    book_actual(book, "none within %.3f s", SECONDS(book->policy.ack_limit));
    book_violated(book, unacceptable ? CHECK_DUPLICATE_ACK : CHECK_ACK_WITHIN_500MS, unacceptable ? "RFC9293-3.5.2-c" : "RFC5681-4.2-b", acks->at_once[i].event,
        acks->at_once[i].from, acks->at_once[i].to);
}

static void drop_at_once(struct acks *acks, uint32_t i)
{
    acks->at_once_count--;
    memmove(&acks->at_once[i], &acks->at_once[i + 1], (acks->at_once_count - i) * sizeof acks->at_once[0]);
}

static void drop_delayed(struct acks *acks)
{
    acks->delayed_count--;
    memmove(&acks->delayed[0], &acks->delayed[1], acks->delayed_count * sizeof acks->delayed[0]);
}

static void time_at_once(struct lk_rulebook *book, lk_time now)
{
    struct acks *acks = &book->acks;
    for (uint32_t i = 0; i < acks->at_once_count; i++)
        if (!acks->at_once[i].reported && now - acks->at_once[i].at > AT_ONCE + book->policy.slack)
            at_once_missed(book, i);
    while (acks->at_once_count != 0 && now - acks->at_once[0].at >= book->policy.ack_limit + book->policy.slack) {
        if (!acks->at_once[0].answered)
            never_answered(book, 0);
        drop_at_once(acks, 0);
    }
}

static void time_delayed(struct lk_rulebook *book, lk_time now)
{
    struct acks *acks = &book->acks;
    while (acks->delayed_count != 0 && now - acks->delayed[0].at >= book->policy.ack_limit + book->policy.slack) {
        book_expect(book, "byte %lld acknowledged in less than %.3f s", (long long)acks->delayed[0].upto, SECONDS(book->policy.ack_limit));
        book_actual(book, "not acknowledged after %.3f s", SECONDS(now - acks->delayed[0].at));
        book_violated(book, CHECK_ACK_WITHIN_500MS, "RFC9293-MUST-40", acks->delayed[0].event, acks->delayed[0].upto - 1, acks->delayed[0].upto);
        drop_delayed(acks);
    }
}

static void time_second(struct lk_rulebook *book, lk_time now)
{
    struct acks *acks = &book->acks;
    if (acks->second_at == LK_NEVER || now - acks->second_at <= AT_ONCE + book->policy.slack)
        return;
    book_expect(book, "an ACK at once for every second full-sized segment (%lld bytes)", (long long)flow_receive_mss(&book->flow));
    book_actual(book, "none for %.3f s", SECONDS(now - acks->second_at));
    book_violated(book, CHECK_ACK_EVERY_SECOND, "RFC9293-SHLD-19", acks->second_event, acks->second_from, acks->second_to);
    acks->second_at = LK_NEVER;
    acks->since_ack = 0;
}

void acks_time(struct lk_rulebook *book, lk_time now)
{
    time_at_once(book, now);
    time_delayed(book, now);
    time_second(book, now);
}

/* ---- what is sent ------------------------------------------------------------------------------------------ */

static void settle_at_once(struct lk_rulebook *book)
{
    struct acks *acks = &book->acks;
    for (uint32_t i = 0; i < acks->at_once_count; i++)
        acks->at_once[i].answered = true;
    if (acks->at_once_count == 0)
        return;
    if (!acks->at_once[0].reported)
        book_held(book, CHECK_DUPLICATE_ACK);
    drop_at_once(acks, 0);
}

static void settle_delayed(struct lk_rulebook *book, const struct seg *seg)
{
    struct acks *acks = &book->acks;
    uint32_t before = acks->delayed_count;
    while (acks->delayed_count != 0 && acks->delayed[0].upto <= seg->ack)
        drop_delayed(acks);
    if (acks->delayed_count < before)
        book_held(book, CHECK_ACK_WITHIN_500MS);
    if (seg->ack <= book->flow.ack_sent)
        return;
    if (acks->second_at != LK_NEVER)
        book_held(book, CHECK_ACK_EVERY_SECOND);
    acks->second_at = LK_NEVER;
    acks->since_ack = book->flow.rcv_nxt > seg->ack ? book->flow.rcv_nxt - seg->ack : 0;
}

/* RFC 9293 3.4: the first octet not yet received; 3.8: the current RCV.NXT, which never goes back. */
static void judge_number(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    int64_t before = flow->ack_sent > 1 ? flow->ack_sent : 1;
    if (seg->ack >= before && seg->ack <= flow->rcv_nxt) {
        book_held(book, CHECK_ACK_OF_RECEIVED);
        return;
    }
    bool ahead = seg->ack > flow->rcv_nxt;
    if (ahead)
        book_expect(book, "an ACK of at most %lld, the first byte not received in order", (long long)flow->rcv_nxt);
    else
        book_expect(book, "an ACK of at least %lld, which was acknowledged before", (long long)before);
    book_actual(book, "ack %lld", (long long)seg->ack);
    book_violated(book, CHECK_ACK_OF_RECEIVED, ahead ? "RFC9293-3.4-c" : "RFC9293-3.8-a", seg->number, ahead ? flow->rcv_nxt : seg->ack, ahead ? seg->ack : before);
}

/* RFC 9293 3.10.7.4: <SEQ=SND.NXT><ACK=RCV.NXT>. Elsewhere only: a keep-alive or window probe one below SND.UNA (3.8.4,
 * 3.8.6.1), the edge of a window that has shrunk, and a sender that has gone back after a timeout. */
static bool empty_segment_legal(const struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (seg->seq == flow->nxt)
        return true;
    if (seg->seq == flow->una - 1 || seg->seq == flow->una_maybe - 1)
        return flow->una == flow->nxt || flow_window_closed(flow);
    if (flow->have_window && flow->edge < flow->nxt && seg->seq == flow->edge)
        return true;
    return book->sender.after_timeout && seg->seq >= flow->una && seg->seq < flow->nxt;
}

static void judge_empty(struct lk_rulebook *book, const struct seg *seg)
{
    if (empty_segment_legal(book, seg)) {
        book_held(book, CHECK_ACK_SEQUENCE);
        return;
    }
    book_expect(book, "seq %lld, the next byte to send", (long long)book->flow.nxt);
    book_actual(book, "seq %lld", (long long)seg->seq);
    book_violated(book, CHECK_ACK_SEQUENCE, "RFC9293-3.10.7.4-ad", seg->number, seg->seq, seg->seq);
}

static void reason_moved(struct lk_rulebook *book, const struct seg *seg)
{
    const struct acks *acks = &book->acks;
    const struct flow *flow = &book->flow;
    lk_time waited = acks->delayed_count == 0 ? 0 : seg->at - acks->delayed[0].at;
    if (flow_peer_closed(flow) && flow->ack_sent <= flow->peer_fin_at)
        book_reason(book, "acknowledges the FIN");
    else if (acks->second_at != LK_NEVER)
        book_reason(book, "ACK, second full segment");
    else if (waited >= LK_MILLISECOND)
        book_reason(book, "delayed ACK, %.0f ms", (double)waited / 1e6);
    else
        book_reason(book, "ACK at once");
}

static void reason_empty(struct lk_rulebook *book, const struct seg *seg)
{
    const struct acks *acks = &book->acks;
    const struct flow *flow = &book->flow;
    if (acks->at_once_count != 0)
        book_reason(book, acks->at_once[0].kind == OWED_FILLS_GAP ? "ACK, fills a gap" : "duplicate ACK, %s", owed_text(acks->at_once[0].kind));
    else if (seg->seq < flow->una)
        book_reason(book, flow_window_closed(flow) ? "window probe" : "keep-alive");
    else if (seg->ack > flow->ack_sent && flow->ack_sent != 0)
        reason_moved(book, seg);
    else if (flow->ack_sent == 0)
        book_reason(book, "completes the handshake");
    else
        book_reason(book, seg->ack + seg->window > flow->offered ? "window update" : "ACK again");
}

void acks_out(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (seg->rst) {
        acks_forget(book);
        return;
    }
    if (!seg->has_ack) {
        if (!flow->established || seg->syn)
            return;
        book_expect(book, "the ACK bit, as in every segment after the handshake");
        book_actual(book, "a segment without it");
        book_violated(book, CHECK_ACK_OF_RECEIVED, "RFC9293-3.8-a", seg->number, seg->seq, seg->end);
        return;
    }
    if (!flow->have_irs) {
        book_cannot_tell(book, CHECK_ACK_OF_RECEIVED); /* the capture begins behind the SYN */
        return;
    }
    judge_number(book, seg);
    if (seg->len == 0) {
        reason_empty(book, seg);
        judge_empty(book, seg);
    }
    settle_at_once(book);
    settle_delayed(book, seg);
}
