/* recovery-cause: each retransmission has a cause that the RFCs permit, and the cause was there when it was sent.
 *
 * What counts is what the device had received by then, never what the network did: third duplicate ACK (RFC 5681 3.2),
 * SACK (RFC 6675), partial ACK (RFC 6582), what follows a timeout (RFC 5681 3.1, RFC 2018 5), RACK and the tail loss
 * probe where the policy has them (RFC 8985), window probe and keep-alive (RFC 9293 3.8.6.1, 3.8.4), the timer
 * (RFC 6298: rto.c). Evidence justifies a copy only if it is newer than the copy before. */
#include "conformance/rules/book.h"

static const char *const cause_text[] = {
    [CAUSE_NONE] = "no cause", [CAUSE_TIMER] = "retransmission timer", [CAUSE_SYN_REPEATED] = "the peer repeated its SYN",
    [CAUSE_THIRD_DUPLICATE] = "third duplicate ACK", [CAUSE_SACK_LOST] = "lost by SACK", [CAUSE_SACK_HOLE] = "hole below the highest SACK",
    [CAUSE_PARTIAL_ACK] = "partial ACK", [CAUSE_RESCUE] = "rescue retransmission", [CAUSE_GO_BACK] = "sent before the timeout, go back",
    [CAUSE_RACK] = "a later segment was delivered (RACK)", [CAUSE_TAIL_PROBE] = "tail loss probe", [CAUSE_WINDOW_PROBE] = "window probe",
    [CAUSE_KEEPALIVE] = "keep-alive", [CAUSE_ACKED_MEANWHILE] = "acknowledged in this moment",
};

/* ---- what arrives ------------------------------------------------------------------------------------------ */

static void leave_episodes(struct sender *sender, int64_t una)
{
    if (sender->recovering && una >= sender->recovery_point)
        sender->recovering = false;
    if (sender->after_timeout && una >= sender->timeout_point)
        sender->after_timeout = false;
}

void recovery_in(struct lk_rulebook *book, const struct seg *seg, const struct arrival *arrival)
{
    struct sender *sender = &book->sender;
    const struct flow *flow = &book->flow;
    (void)seg;
    if (arrival->una_moved) {
        sender->duplicates = 0; /* RFC 6675 5 (A), RFC 5681 3.2 */
        leave_episodes(sender, flow->una);
    }
    /* RFC 6675 section 2: with SACK it is the new block that makes the duplicate */
    bool counts = flow_sack_agreed(flow) ? arrival->sack_news && !arrival->una_moved : arrival->duplicate_ack;
    if (counts)
        sender->duplicates++;
}

/* ---- what may be sent again -------------------------------------------------------------------------------- */

/* Segments above a piece that were SACKed after its last copy went out. */
static uint32_t sacked_above(const struct flow *flow, const struct piece *piece)
{
    uint32_t found = 0;
    for (uint32_t i = pieces_from(&flow->pieces, piece->to); i < flow->pieces.count; i++) {
        const struct piece *other = pieces_at(&flow->pieces, i);
        found += other->sacked && other->sacked_at >= piece->last;
    }
    return found;
}

/* RFC 6675 section 4, IsLost(): DupThresh runs, or more than (DupThresh - 1) * SMSS bytes. Counted in segments, as section 3
 * permits; neither runs nor bytes can reach their limit with fewer. */
static bool lost_by_sack(const struct lk_rulebook *book, const struct piece *piece)
{
    return sacked_above(&book->flow, piece) >= book->policy.dup_threshold;
}

/* RFC 6675 section 4, HighRxt: once in an episode. */
static bool not_yet_in_episode(const struct sender *sender, const struct piece *piece)
{
    return !sender->recovering || piece->copies == 1 || piece->last < sender->recovery_at;
}

/* The highest of what is outstanding and not SACKed. */
static bool is_last_unsacked(const struct flow *flow, const struct piece *piece)
{
    for (uint32_t i = pieces_from(&flow->pieces, piece->to); i < flow->pieces.count; i++)
        if (!pieces_at(&flow->pieces, i)->sacked)
            return false;
    return true;
}

static enum cause cause_by_sack(const struct lk_rulebook *book, const struct piece *piece)
{
    const struct sender *sender = &book->sender;
    const struct flow *flow = &book->flow;
    if (!flow_sack_agreed(flow) || !not_yet_in_episode(sender, piece))
        return CAUSE_NONE;
    if (lost_by_sack(book, piece))
        return CAUSE_SACK_LOST; /* NextSeg() (1) */
    if (sender->recovering && piece->to <= flow->high_sack)
        return CAUSE_SACK_HOLE; /* NextSeg() (3) */
    if (sender->recovering && !sender->rescued && is_last_unsacked(flow, piece))
        return CAUSE_RESCUE; /* NextSeg() (4) */
    return CAUSE_NONE;
}

static enum cause cause_by_ack(const struct lk_rulebook *book, const struct piece *piece)
{
    const struct sender *sender = &book->sender;
    const struct flow *flow = &book->flow;
    bool at_front = piece->from <= flow->una_maybe;
    if (at_front && sender->duplicates >= book->policy.dup_threshold && not_yet_in_episode(sender, piece))
        return CAUSE_THIRD_DUPLICATE; /* RFC 5681 3.2, RFC 6675 5 (1) */
    if (at_front && sender->recovering && flow->una_moved_at != LK_NEVER && flow->una_moved_at >= sender->recovery_at &&
        not_yet_in_episode(sender, piece))
        return CAUSE_PARTIAL_ACK; /* RFC 6582 3.2, step 3 */
    return CAUSE_NONE;
}

/* RFC 8985 6.2: something sent later has arrived. */
static enum cause cause_by_rack(const struct lk_rulebook *book, const struct piece *piece, lk_time now)
{
    const struct flow *flow = &book->flow;
    const struct timer *timer = &book->timer;
    if (!book->policy.rack_tlp || !flow_sack_agreed(flow))
        return CAUSE_NONE;
    if (flow->delivered_order > piece->order)
        return CAUSE_RACK;
    /* 7.2, 7.3: one probe for a tail, with the last segment, not before two round trips (or the timer) */
    bool last = is_last_unsacked(flow, piece), waited = timer->clean.any && now - piece->last + book->policy.slack >= 2 * timer->clean.srtt_low;
    return last && waited && book->sender.probed_una != flow->una ? CAUSE_TAIL_PROBE : CAUSE_NONE;
}

/* After a timeout everything sent before it counts as lost, once (RFC 5681 3.1, RFC 6582 3.2). SACK marks of before it
 * are forgotten (RFC 2018 5.1); what is reported since is marked anew, and skipped (RFC 2018 5, RFC 6675 5). */
static enum cause cause_by_timeout(const struct sender *sender, const struct piece *piece)
{
    bool reported_since = piece->sacked && piece->reported_at > sender->timeout_at;
    return sender->after_timeout && piece->last < sender->timeout_at && !reported_since ? CAUSE_GO_BACK : CAUSE_NONE;
}

static enum cause cause_but_timer(const struct lk_rulebook *book, const struct piece *piece, lk_time now)
{
    enum cause cause = cause_by_timeout(&book->sender, piece);
    if (cause == CAUSE_NONE && !piece->sacked)
        cause = cause_by_ack(book, piece);
    if (cause == CAUSE_NONE && !piece->sacked)
        cause = cause_by_sack(book, piece);
    if (cause == CAUSE_NONE && !piece->sacked)
        cause = cause_by_rack(book, piece, now);
    return cause;
}

/* ---- judging ----------------------------------------------------------------------------------------------- */

static void enter_recovery(struct lk_rulebook *book, lk_time now)
{
    struct sender *sender = &book->sender;
    if (sender->recovering)
        return;
    sender->recovering = true;
    sender->recovery_point = book->flow.nxt;
    sender->recovery_at = now;
    sender->rescued = false;
}

static void enter_timeout(struct lk_rulebook *book, lk_time now)
{
    struct sender *sender = &book->sender;
    sender->recovering = false;
    sender->after_timeout = true;
    sender->timeout_at = now;
    sender->timeout_point = book->flow.nxt;
    sender->duplicates = 0;
}

static void note_cause(struct lk_rulebook *book, enum cause cause, lk_time now)
{
    struct sender *sender = &book->sender;
    if (cause == CAUSE_THIRD_DUPLICATE || cause == CAUSE_SACK_LOST || cause == CAUSE_RACK)
        enter_recovery(book, now);
    if (cause == CAUSE_THIRD_DUPLICATE)
        sender->duplicates = 0;
    if (cause == CAUSE_RESCUE)
        sender->rescued = true;
    if (cause == CAUSE_TAIL_PROBE)
        sender->probed_una = book->flow.una;
}

static void permitted(struct lk_rulebook *book, enum cause cause, const struct seg *seg)
{
    note_cause(book, cause, seg->at);
    book_held(book, CHECK_RECOVERY_CAUSE);
    book_reason(book, "resent: %s", cause_text[cause]);
}

static void no_cause(struct lk_rulebook *book, const struct seg *seg, const struct piece *piece)
{
    const struct sender *sender = &book->sender;
    const struct flow *flow = &book->flow;
    book_expect(book, "bytes %lld..%lld not resent without a cause", (long long)seg->seq, (long long)seg->end);
    if (piece->sacked)
        book_actual(book, "resent although the peer reported them by SACK");
    else if (piece->from > flow->una_maybe && !sender->recovering && !sender->after_timeout)
        book_actual(book, "resent ahead of byte %lld, the first one not acknowledged, which alone the timer may resend", (long long)flow->una);
    else if (piece->copies > 1)
        book_actual(book, "copy %u, %.3f s after the one before, and nothing has come since that says it is lost", (unsigned)(piece->copies + 1),
            SECONDS(seg->at - piece->last));
    else
        book_actual(book, "resent after %u duplicate ACKs, %u are needed", (unsigned)sender->duplicates, (unsigned)book->policy.dup_threshold);
    book_reason(book, "resent without a cause");
    const char *requirement = piece->sacked && sender->after_timeout ? "RFC6675-5-a" : piece->sacked ? "RFC6675-4-b" : flow_sack_agreed(flow) ? "RFC6675-5-b" : "RFC5681-3.2-h";
    book_violated(book, CHECK_RECOVERY_CAUSE, requirement, seg->number, seg->seq, seg->end);
}

/* Right after an ACK the device acts on the ACK; otherwise on its timer. */
static bool acts_on_ack(const struct flow *flow, lk_time now)
{
    return flow->acked_at != LK_NEVER && now - flow->acked_at <= AT_ONCE;
}

static void by_timer(struct lk_rulebook *book, const struct seg *seg, const struct piece *head)
{
    rto_judge(book, seg, head);
    enter_timeout(book, seg->at);
    book_held(book, CHECK_RECOVERY_CAUSE);
}

static void judge_piece(struct lk_rulebook *book, const struct seg *seg, const struct piece *piece)
{
    const struct flow *flow = &book->flow;
    bool front = piece->from <= flow->una_maybe, elapsed = front && rto_elapsed(book, piece, seg->at);
    enum cause cause = cause_but_timer(book, piece, seg->at);
    if (elapsed && (cause == CAUSE_NONE || !acts_on_ack(flow, seg->at)))
        by_timer(book, seg, piece);
    else if (cause != CAUSE_NONE)
        permitted(book, cause, seg);
    else if (front && !acts_on_ack(flow, seg->at))
        by_timer(book, seg, piece); /* too early, and that is what rto_judge() says */
    else
        no_cause(book, seg, piece);
}

/* SYN and SYN,ACK: the timer, or the peer's own SYN (RFC 9293 3.10.7.4, fourth; simultaneous open, 3.5). */
static void judge_syn(struct lk_rulebook *book, const struct seg *seg, const struct piece *piece)
{
    if (book->flow.syn_waiting)
        permitted(book, CAUSE_SYN_REPEATED, seg);
    else
        by_timer(book, seg, piece);
}

/* Everything in the segment was acknowledged before. */
static void judge_acknowledged(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    bool idle = flow->una == flow->nxt, one = seg->end - seg->seq == 1 && seg->seq == flow->una - 1;
    if (flow->una_moved_at != LK_NEVER && seg->at - flow->una_moved_at <= book->policy.slack) {
        permitted(book, CAUSE_ACKED_MEANWHILE, seg);
    } else if (one && (idle || flow_window_closed(flow))) {
        permitted(book, idle ? CAUSE_KEEPALIVE : CAUSE_WINDOW_PROBE, seg);
    } else {
        book_expect(book, "nothing below byte %lld, which the peer has acknowledged", (long long)flow->una);
        book_actual(book, "bytes %lld..%lld resent", (long long)seg->seq, (long long)seg->end);
        book_reason(book, "resent although acknowledged");
        book_violated(book, CHECK_RECOVERY_CAUSE, "RFC9293-3.10.8-a", seg->number, seg->seq, seg->end);
    }
}

/* The first piece of the segment that is still wanted decides; whole segments only differ by how they are cut. */
static const struct piece *deciding_piece(const struct flow *flow, const struct seg *seg)
{
    const struct piece *first = NULL;
    for (uint32_t i = pieces_from(&flow->pieces, seg->seq); i < flow->pieces.count && pieces_at(&flow->pieces, i)->from < seg->end; i++) {
        const struct piece *piece = pieces_at(&flow->pieces, i);
        if (piece->from >= flow->una_maybe && !piece->sacked)
            return piece;
        first = first == NULL ? piece : first;
    }
    return first;
}

void recovery_out(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (seg->rst || seg->end == seg->seq || seg->seq >= flow->nxt)
        return;
    if (seg->end <= flow->una_maybe) {
        judge_acknowledged(book, seg);
        return;
    }
    const struct piece *piece = deciding_piece(flow, seg);
    if (piece == NULL)
        return; /* a stretch that was skipped before, sent for the first time now */
    if (piece->kind == PIECE_SYN)
        judge_syn(book, seg, piece);
    else if (flow_window_closed(flow) && piece->from <= flow->una_maybe) {
        rto_window_probe(book, seg);
        permitted(book, CAUSE_WINDOW_PROBE, seg);
    } else
        judge_piece(book, seg, piece);
}
