/* The retransmission timer: rto-not-early, rto-doubled, karn (RFC 6298; RFC 9293 3.8.1 and 3.8.2).
 *
 * A segment is never resent by timer less than one RTO after its previous transmission. The RTO compared with is the
 * least that any legal choice of samples gives (rtt.h), and not below the policy's floor. After an expiry it doubles,
 * and it stays doubled until a round trip is measured on data that was sent once (Karn). */
#include "conformance/rules/book.h"

#define RTO_AFTER_SYN_TIMEOUT (3 * LK_SECOND) /* RFC 6298 5.7 */

static lk_time lesser(lk_time a, lk_time b)
{
    return a < b ? a : b;
}

static lk_time greater(lk_time a, lk_time b)
{
    return a > b ? a : b;
}

/* ---- round trips ------------------------------------------------------------------------------------------- */

static void sample(struct lk_rulebook *book, struct rtt *rtt, const struct seg *seg, lk_time newest, lk_time oldest)
{
    rtt_sample(rtt, seg->at - newest - book->policy.slack, seg->at - oldest);
}

void rto_in(struct lk_rulebook *book, const struct seg *seg, const struct arrival *arrival)
{
    struct timer *timer = &book->timer;
    /* RFC 7323 4.1: the echoed timestamp tells which copy is answered, so resent data may be measured too */
    bool unambiguous = flow_timestamps_agreed(&book->flow) && (seg->options->present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS));
    if (arrival->clean.any) {
        sample(book, &timer->clean, seg, arrival->clean.newest, arrival->clean.oldest);
        sample(book, &timer->tainted, seg, arrival->clean.newest, arrival->clean.oldest);
    }
    if (arrival->resent.any) {
        sample(book, &timer->tainted, seg, arrival->resent.newest, arrival->resent.oldest);
        if (unambiguous)
            sample(book, &timer->clean, seg, arrival->resent.newest, arrival->resent.oldest);
    }
    if (arrival->clean.any || (arrival->resent.any && unambiguous))
        timer->backed_off = 0; /* RFC 6298 5: a sample computes the RTO anew */
    if (arrival->resent.any && !unambiguous)
        timer->ambiguous = true;
    if (arrival->una_moved)
        timer->expiries = 0;
}

/* ---- the least legal RTO ----------------------------------------------------------------------------------- */

static lk_time bounded(const struct lk_rule_policy *policy, lk_time rto)
{
    return lesser(greater(rto, policy->rto_min), policy->rto_max);
}

static lk_time least_rto(const struct lk_rulebook *book, const struct rtt *rtt)
{
    const struct lk_rule_policy *policy = &book->policy;
    if (rtt->any)
        return bounded(policy, rtt_rto(rtt, policy->granularity));
    return book->timer.syn_timed_out && book->flow.established ? RTO_AFTER_SYN_TIMEOUT : policy->rto_initial;
}

/* What the timer must have waited since the previous transmission of `head`. */
static lk_time least_wait(const struct lk_rulebook *book)
{
    const struct timer *timer = &book->timer;
    lk_time rto = least_rto(book, &timer->clean);
    return timer->expiries == 0 ? greater(rto, timer->backed_off) : rto;
}

bool rto_elapsed(const struct lk_rulebook *book, const struct piece *head, lk_time now)
{
    return now - head->last + book->policy.slack >= least_wait(book);
}

/* ---- judging ----------------------------------------------------------------------------------------------- */

static void judge_early(struct lk_rulebook *book, const struct seg *seg, const struct piece *head)
{
    struct timer *timer = &book->timer;
    lk_time waited = seg->at - head->last, slack = book->policy.slack, rto = least_rto(book, &timer->clean);
    bool early = waited + slack < rto;
    /* RFC 6298 section 3: a sample that Karn's rule forbids would explain it */
    bool forbidden_sample = early && timer->clean.any && waited + slack >= least_rto(book, &timer->tainted);
    bool forgot_backoff = !early && timer->expiries == 0 && waited + slack < timer->backed_off;
    book_actual(book, "resent %.3f s after the copy before", SECONDS(waited));
    if (early && !forbidden_sample) {
        book_expect(book, "not resent by timer before %.3f s, the least RTO of its round trips", SECONDS(rto));
        book_violated(book, CHECK_RTO_NOT_EARLY, timer->syn_timed_out && !timer->clean.any && book->flow.established ? "RFC6298-5-h" : "RFC6298-5-a", seg->number, seg->seq, seg->end);
        return;
    }
    if (forbidden_sample) {
        book_expect(book, "no round trip measured on resent data, so not before %.3f s", SECONDS(rto));
        book_violated(book, CHECK_KARN, "RFC6298-3-b", seg->number, seg->seq, seg->end);
        return;
    }
    if (forgot_backoff) {
        book_expect(book, "the doubled RTO kept until data sent once is acknowledged, so not before %.3f s", SECONDS(timer->backed_off));
        book_violated(book, CHECK_KARN, "RFC9293-3.8.2-a", seg->number, seg->seq, seg->end);
        return;
    }
    book_held(book, CHECK_RTO_NOT_EARLY);
    if (timer->ambiguous)
        book_held(book, CHECK_KARN);
    timer->ambiguous = false;
}

/* How much shorter than twice the last one an interval may look: a recorded timer fires late, so the last one looks long. */
static lk_time doubling_tolerance(const struct lk_rule_policy *policy, lk_time interval)
{
    lk_time late = policy->open_loop ? interval / 8 : 0;
    return late + policy->slack + policy->granularity;
}

static void judge_doubled(struct lk_rulebook *book, const struct seg *seg, const struct piece *head)
{
    struct timer *timer = &book->timer;
    lk_time waited = seg->at - head->last, needed = lesser(2 * timer->interval, book->policy.rto_max);
    if (waited + doubling_tolerance(&book->policy, needed) >= needed) {
        book_held(book, CHECK_RTO_DOUBLED);
        return;
    }
    book_expect(book, "expiry %u after %.3f s, twice the interval before", (unsigned)(timer->expiries + 1), SECONDS(needed));
    book_actual(book, "after %.3f s", SECONDS(waited));
    book_violated(book, CHECK_RTO_DOUBLED, "RFC6298-5-f", seg->number, seg->seq, seg->end);
}

/* The interval of a first expiry, at its lowest: the timer was started no later than what last happened. */
static lk_time first_interval(const struct lk_rulebook *book, lk_time now)
{
    const struct flow *flow = &book->flow;
    lk_time started = flow->last_out;
    if (flow->acked_at != LK_NEVER && flow->acked_at > started)
        started = flow->acked_at;
    return greater(least_wait(book), now - started);
}

void rto_judge(struct lk_rulebook *book, const struct seg *seg, const struct piece *head)
{
    struct timer *timer = &book->timer;
    lk_time waited = seg->at - head->last;
    judge_early(book, seg, head);
    if (timer->expiries != 0)
        judge_doubled(book, seg, head);
    timer->interval = timer->expiries == 0 ? first_interval(book, seg->at) : waited;
    timer->expiries++;
    timer->backed_off = lesser(2 * timer->interval - doubling_tolerance(&book->policy, 2 * timer->interval), book->policy.rto_max);
    timer->ambiguous = false;
    timer->syn_timed_out = timer->syn_timed_out || head->kind == PIECE_SYN;
    book_reason(book, "retransmission timer, %.3f s after the copy before%s", SECONDS(waited), timer->expiries > 1 ? ", doubled" : "");
}

/* ---- window probes ----------------------------------------------------------------------------------------- */

/* RFC 9293 SHLD-29: the first probe when the window has been closed for one RTO. */
void rto_window_probe(struct lk_rulebook *book, const struct seg *seg)
{
    const struct flow *flow = &book->flow;
    lk_time rto = least_rto(book, &book->timer.clean), waited = flow->window_zero_since == LK_NEVER ? rto : seg->at - flow->window_zero_since;
    if (waited + book->policy.slack >= rto) {
        book_held(book, CHECK_RTO_NOT_EARLY);
        return;
    }
    book_expect(book, "no window probe before the window was closed for %.3f s", SECONDS(rto));
    book_actual(book, "probe after %.3f s", SECONDS(waited));
    book_violated(book, CHECK_RTO_NOT_EARLY, "RFC9293-SHLD-29", seg->number, seg->seq, seg->end);
}
