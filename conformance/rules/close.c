/* fin-rst-legal: where FIN and RST may stand, and what may follow them (RFC 9293 3.6, 3.10.4, 3.10.5, 3.10.7; RFC 5961). */
#include "conformance/rules/book.h"
#include "stack/base/seq.h"

static void violated(struct lk_rulebook *book, const struct seg *seg, const char *requirement)
{
    book_violated(book, CHECK_FIN_RST_LEGAL, requirement, seg->number, seg->seq, seg->end);
}

/* ---- FIN --------------------------------------------------------------------------------------------------- */

static void judge_fin(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    int64_t at = seg->end - 1;
    book_actual(book, "FIN at %lld", (long long)at);
    if (flow->fin_sent && at != flow->fin_at) {
        book_expect(book, "the FIN at %lld, as before", (long long)flow->fin_at);
        violated(book, seg, "RFC9293-3.10.4-a");
    } else if (!flow->fin_sent && at < flow->nxt) {
        book_expect(book, "the FIN behind all data sent, not below %lld", (long long)flow->nxt);
        violated(book, seg, "RFC9293-3.4-b");
    } else if (!flow->fin_sent && book->calls_seen && !book->policy.open_loop && at - 1 < book->given) {
        book_expect(book, "all %lld bytes that send() took before the FIN", (long long)book->given);
        violated(book, seg, "RFC9293-3.6-e");
    } else {
        book_held(book, CHECK_FIN_RST_LEGAL);
    }
}

static void judge_behind_fin(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (!flow->fin_sent || seg->data_end <= flow->fin_at || seg->data_end == seg->data)
        return;
    book_expect(book, "no data behind the FIN at %lld", (long long)flow->fin_at);
    book_actual(book, "bytes %lld..%lld", (long long)seg->data, (long long)seg->data_end);
    violated(book, seg, "RFC9293-3.10.2-b");
}

/* ---- RST --------------------------------------------------------------------------------------------------- */

/* RFC 9293 3.10.7.1: <SEQ=SEG.ACK><CTL=RST>, or <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> for a segment without ACK. */
static bool answers_last(const struct flow *flow, const struct seg *seg)
{
    if (!flow->came.valid)
        return false;
    if (flow->came.has_ack)
        return seg->raw_seq == flow->came.ack;
    return seg->raw_seq == 0 && seg->has_ack && seg->raw_ack == seq_add(flow->came.seq, flow->came.len);
}

/* RFC 9293 3.10.5: <SEQ=SND.NXT><CTL=RST>; a window that has shrunk below SND.NXT bounds it, lest the peer drop it. */
static bool is_abort(const struct flow *flow, const struct seg *seg)
{
    bool at_edge = flow->have_window && flow->edge < flow->nxt && seg->seq == flow->edge;
    bool ack_legal = !seg->has_ack || !flow->have_irs || seg->ack <= flow->rcv_nxt;
    return flow->have_iss && flow->have_irs && (seg->seq == flow->nxt || at_edge) && ack_legal;
}

static void judge_rst(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    bool answer = answers_last(flow, seg);
    book_actual(book, "RST, seq %lld%s", flow->have_iss ? (long long)seg->seq : (long long)seg->raw_seq, seg->has_ack ? " with ACK" : "");
    /* An answer is sent at once; a device that only challenged the RST (RFC 5961 3.2) may abort later, with the same number. */
    bool at_once = seg->at - flow->came.at <= AT_ONCE + book->policy.slack;
    if (flow->came.valid && flow->came.rst && (flow->reset_in || (answer && at_once))) {
        book_expect(book, "a RST never answered by a RST");
        violated(book, seg, "RFC9293-3.10.7.1-b");
    } else if (answer) {
        book_held(book, CHECK_FIN_RST_LEGAL);
        book_reason(book, flow_over(flow) || !flow->established ? "RST: the segment belongs to no connection here" : "RST: answers the last segment");
    } else if (is_abort(flow, seg) && flow_both_closed(flow)) {
        book_expect(book, "no RST when both sides have sent their FIN: the connection is only deleted");
        violated(book, seg, "RFC9293-3.10.5-b");
    } else if (is_abort(flow, seg)) {
        book_held(book, CHECK_FIN_RST_LEGAL);
        book_reason(book, "RST: abort");
    } else if (flow->have_iss && flow->have_irs) {
        book_expect(book, "a RST at %lld, the next byte to send", (long long)flow->nxt);
        violated(book, seg, "RFC9293-3.10.5-a");
    } else {
        book_expect(book, "the number the peer's segment asks for: its ACK, or 0 and an ACK of all of it");
        violated(book, seg, "RFC9293-3.10.7.1-a");
    }
}

/* ---- after the end ----------------------------------------------------------------------------------------- */

/* In a recording, what was on its way out when the RST came in is not held against the device; in TIME-WAIT a RST may be
 * ignored (RFC 1337 3). */
static bool judge_after_reset(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    if (!flow_over(flow)) /* before that reset_at says nothing */
        return false;
    bool crossed = book->policy.open_loop && seg->at - flow->reset_at <= book->policy.slack;
    if (crossed || (flow->reset_in && flow_both_closed(flow)))
        return false;
    book_expect(book, "nothing after %s", flow->reset_in ? "the peer's valid RST" : "its own RST");
    book_actual(book, "seq %lld, %lld bytes of sequence space", (long long)seg->seq, (long long)(seg->end - seg->seq));
    violated(book, seg, flow->reset_in ? "RFC9293-3.10.7.4-z" : "RFC9293-3.10.5-a");
    return true;
}

void close_out(struct lk_rulebook *book, const struct seg *seg)
{
    if (seg->rst) {
        judge_rst(book, seg);
        return;
    }
    if (judge_after_reset(book, seg))
        return;
    judge_behind_fin(book, seg);
    if (seg->fin)
        judge_fin(book, seg);
}
