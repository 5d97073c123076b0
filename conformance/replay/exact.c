/* Segment by segment: see exact.h. */
#include "conformance/replay/exact.h"
#include "stack/base/seq.h"
#include <string.h>

struct pair { uint32_t expected, actual; }; /* tape frame, event; LK_NONE: missing, surplus */

struct matching {
    struct lk_run *run;
    struct lk_verdict *out;
    uint32_t *expected, *actual; size_t expected_count, actual_count;
    lk_time *live;          /* per tape frame: when it happened in this run; LK_NEVER: not yet */
    uint32_t edge; uint32_t edge_conn; /* right edge of the window the device has offered, and in which connection */
    uint32_t said;          /* highest acknowledgement matched so far, of the connection at hand */
};

/* ---- what a segment is about: the names of the checks it decides ---- */

enum { SEGMENTS, HANDSHAKE, TEARDOWN, RESET, OPTIONS, ACK_TIME, RETRANSMISSION_TIME, WINDOW, CLASSES };
static const char *const class_names[CLASSES] = {"segments", "handshake", "teardown", "reset", "options", "ack-time", "retransmission-time", "window"};

/* The ACK of the peer's SYN,ACK: the first segment beyond its SYN of a device that opened. */
static bool first_beyond_syn(const struct lk_tape *tape, uint32_t index)
{
    if (tape->conns.list[tape->frames[index].conn].opener != LK_OUT)
        return false;
    for (uint32_t i = 0; i < index; i++) {
        const struct lk_tape_frame *past = &tape->frames[i];
        if (past->plays && past->dir == LK_OUT && past->conn == tape->frames[index].conn && !(past->segment.tcp.control & LK_TCP_SYN))
            return false;
    }
    return true;
}

static bool after_fin(const struct lk_tape *tape, uint32_t index)
{
    for (uint32_t i = 0; i <= index; i++)
        if (tape->frames[i].plays && tape->frames[i].conn == tape->frames[index].conn && (tape->frames[i].segment.tcp.control & LK_TCP_FIN))
            return true;
    return false;
}

static unsigned classes_of(const struct lk_tape *tape, uint32_t index)
{
    const struct lk_tape_frame *frame = &tape->frames[index];
    unsigned classes = 1u << SEGMENTS;
    if (frame->kind != LK_TAPE_TCP)
        return classes;
    uint8_t control = frame->segment.tcp.control;
    bool opens = (control & LK_TCP_SYN) || first_beyond_syn(tape, index);
    classes |= opens ? 1u << HANDSHAKE : 0;
    classes |= after_fin(tape, index) || ((control & LK_TCP_RST) && !opens) ? 1u << TEARDOWN : 0;
    classes |= (control & LK_TCP_RST) ? 1u << RESET : 0;
    classes |= lk_is_pure_ack(&frame->segment) ? 1u << ACK_TIME : 0;
    classes |= frame->copy > 0 && !lk_is_pure_ack(&frame->segment) ? 1u << RETRANSMISSION_TIME : 0;
    return classes;
}

static unsigned classes_of_event(const struct lk_event *event)
{
    uint8_t control = event->segment.is_tcp ? event->segment.tcp.control : 0;
    unsigned classes = 1u << SEGMENTS;
    classes |= (control & LK_TCP_SYN) ? 1u << HANDSHAKE : 0;
    classes |= (control & LK_TCP_FIN) ? 1u << TEARDOWN : 0;
    classes |= (control & LK_TCP_RST) ? 1u << RESET : 0;
    return classes;
}

/* ---- in tcpdump's notation ---- */

static const char *text_of(struct lk_run *run, const struct lk_segment *segment, const struct lk_conns *conns, uint32_t conn)
{
    char line[512];
    uint32_t base_seq = conn == LK_NONE ? 0 : lk_conns_base(conns, conn, LK_OUT), base_ack = conn == LK_NONE ? 0 : lk_conns_base(conns, conn, LK_IN);
    if (lk_segment_text(segment, base_seq, base_ack, line, sizeof line) < 0)
        return "(a segment too long to print)";
    return lk_bump_text(run->memory, line, strlen(line));
}

static const char *expected_text(struct lk_run *run, uint32_t index)
{
    return text_of(run, &run->tape.frames[index].segment, &run->tape.conns, run->tape.frames[index].conn);
}

static uint32_t conn_of_event(const struct lk_run *run, const struct lk_event *event)
{
    return run->notes[event->number].conn;
}

static const char *with_time(struct lk_run *run, lk_time at, const char *text)
{
    return lk_bump_format(run->memory, "%lld.%06lld s: %s", (long long)(at / LK_SECOND), (long long)(at % LK_SECOND / LK_MICROSECOND), text);
}

/* ---- comparing one pair ---- */

static bool compares(const struct lk_run *run, const char *field)
{
    for (size_t i = 0; i < run->trace->match.compare_count; i++)
        if (strcmp(run->trace->match.compare[i], field) == 0)
            return true;
    return false;
}

static bool same_option_order(const struct lk_tcp *a, const struct lk_tcp *b)
{
    size_t at_a = 0, at_b = 0;
    struct lk_option oa, ob;
    for (;;) {
        int ra = lk_tcp_option_next(a, &at_a, &oa), rb = lk_tcp_option_next(b, &at_b, &ob);
        if (ra <= 0 || rb <= 0)
            return ra == rb;
        if (oa.kind != ob.kind)
            return false;
    }
}

static bool same_option_values(const struct lk_tcp_options *a, const struct lk_tcp_options *b)
{
    return a->mss == b->mss && a->window_scale == b->window_scale;
}

static const char *differs_on_request(const struct lk_run *run, const struct lk_segment *e, const struct lk_segment *a)
{
    if (compares(run, "window") && e->tcp.window != a->tcp.window)
        return "window";
    if (compares(run, "psh") && ((e->tcp.control ^ a->tcp.control) & LK_TCP_PSH))
        return "psh";
    if (compares(run, "option-order") && !same_option_order(&e->tcp, &a->tcp))
        return "option-order";
    if (compares(run, "option-values") && !same_option_values(&e->options, &a->options))
        return "option-values";
    if (compares(run, "ttl") && e->ttl != a->ttl)
        return "ttl";
    return NULL;
}

/* A RST that answers a segment without ACK has sequence number zero, not one of the connection's (RFC 9293 3.10.7.1). */
static bool same_seq(const struct lk_segment *e, const struct lk_relative *re, const struct lk_segment *a, const struct lk_relative *ra)
{
    if ((e->tcp.control & a->tcp.control & LK_TCP_RST) && e->tcp.sequence_number == 0)
        return a->tcp.sequence_number == 0;
    return re->seq == ra->seq;
}

/* Blocks that report a duplicate (RFC 2883) are an extension that a device may have or not: they count for nothing. Fills `kept` with
 * the others and says how many there are. */
static unsigned plain_blocks(const struct lk_segment *s, struct lk_tcp_sack kept[LK_TCP_SACK_MAX])
{
    unsigned count = 0;
    for (unsigned i = 0; (s->options.present & LK_TCP_HAS(LK_TCP_OPT_SACK)) && i < s->options.sack_count; i++) {
        const struct lk_tcp_sack *block = &s->options.sack[i];
        const struct lk_tcp_sack *next = i == 0 && s->options.sack_count > 1 ? &s->options.sack[1] : NULL;
        bool below = seq_lt(block->left, s->tcp.acknowledgment_number);
        bool inside = next != NULL && seq_geq(block->left, next->left) && seq_leq(block->right, next->right);
        if (!below && !inside)
            kept[count++] = *block;
    }
    return count;
}

/* Timestamps on a RST are a SHOULD (RFC 7323 3.2): with or without them it is the same RST. */
static bool same_options(const struct lk_segment *e, const struct lk_segment *a)
{
    uint32_t differing = e->options.present ^ a->options.present;
    if (e->tcp.control & a->tcp.control & LK_TCP_RST)
        differing &= ~LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
    struct lk_tcp_sack kept[LK_TCP_SACK_MAX];
    if ((plain_blocks(e, kept) > 0) == (plain_blocks(a, kept) > 0))
        differing &= ~LK_TCP_HAS(LK_TCP_OPT_SACK);
    return differing == 0 && e->options.unknown == a->options.unknown && e->options_error == a->options_error;
}

/* SACK blocks are positions in the peer's stream, and the peer's numbers are the recorded ones. */
static bool same_sack(const struct lk_segment *e, const struct lk_segment *a)
{
    struct lk_tcp_sack ours[LK_TCP_SACK_MAX], theirs[LK_TCP_SACK_MAX];
    unsigned count = plain_blocks(e, theirs);
    uint32_t both = e->options.present & a->options.present & LK_TCP_HAS(LK_TCP_OPT_SACK);
    if (both && e->options.sack_count == a->options.sack_count) /* both report a duplicate, or neither */
        return memcmp(e->options.sack, a->options.sack, e->options.sack_count * sizeof e->options.sack[0]) == 0;
    if (plain_blocks(a, ours) != count)
        return false;
    for (unsigned i = 0; i < count; i++)
        if (ours[i].left != theirs[i].left || ours[i].right != theirs[i].right)
            return false;
    return true;
}

/* NULL when nothing that counts differs, else the field. */
static const char *differs(const struct lk_run *run, const struct lk_segment *e, const struct lk_relative *re, const struct lk_segment *a, const struct lk_relative *ra)
{
    uint8_t ignored = LK_TCP_PSH | LK_TCP_ECE | LK_TCP_CWR;
    if ((e->tcp.control ^ a->tcp.control) & (uint8_t)~ignored)
        return "flags";
    if (!same_seq(e, re, a, ra))
        return "seq";
    if (e->tcp.payload_len != a->tcp.payload_len)
        return "length";
    if ((e->tcp.control & LK_TCP_ACK) && re->ack != ra->ack)
        return "ack";
    if (memcmp(e->tcp.payload, a->tcp.payload, e->tcp.payload_len) != 0)
        return "payload";
    if (!same_options(e, a))
        return "options";
    if (!same_sack(e, a))
        return "sack";
    if (!a->ip_checksum_ok || (e->tcp_checksum_ok && !a->tcp_checksum_ok))
        return "checksum";
    return differs_on_request(run, e, a);
}

/* ---- time ---- */

static bool within(lk_time distance, lk_time early, lk_time late)
{
    return distance <= late && -distance <= early;
}

#define ACK_LIMIT (500 * LK_MILLISECOND) /* RFC 9293 MUST-58, RFC 5681 4.2 */

/* A pure ACK in the recording that says something new: when it comes is the receiver's choice within 500 ms, and any later
 * segment says it too. Not the one that completes a handshake, and none that reports a gap. */
static bool is_delayable(const struct lk_run *run, uint32_t index)
{
    const struct lk_tape *tape = &run->tape;
    const struct lk_tape_frame *frame = &tape->frames[index];
    if (compares(run, "acks") || frame->kind != LK_TAPE_TCP || !lk_is_pure_ack(&frame->segment) || frame->segment.options.sack_count > 0 || first_beyond_syn(tape, index))
        return false;
    for (uint32_t i = 0; i < index; i++) {
        const struct lk_tape_frame *past = &tape->frames[i];
        if (past->plays && past->dir == LK_OUT && past->conn == frame->conn && past->rel.ack >= frame->rel.ack)
            return false;
    }
    return true;
}

/* Until when what a recorded ACK says must be said: 500 ms after the first data that it is about arrived in this run. */
static lk_time ack_deadline(const struct matching *m, uint32_t index)
{
    const struct lk_tape *tape = &m->run->tape;
    for (uint32_t i = 0; i < index; i++) {
        const struct lk_tape_frame *past = &tape->frames[i];
        bool new_data = past->plays && past->dir == LK_IN && past->conn == tape->frames[index].conn && past->segment.seg_len > 0;
        if (new_data && past->rel.end <= tape->frames[index].rel.ack && past->rel.end > m->said && m->live[i] != LK_NEVER)
            return lk_time_add(m->live[i], ACK_LIMIT);
    }
    return 0;
}

/* Right is the recorded distance from what came before, from the device's own segment before, or from the start. Late is
 * wrong for every segment, early for those of a timer only: an application and an acknowledgement may be quicker than those of the
 * recording (RFC 5681 4.2: an ACK MAY be sent at once). */
static bool in_time(const struct matching *m, uint32_t index, lk_time at, lk_time *expected)
{
    const struct lk_tape *tape = &m->run->tape;
    const struct lk_tape_frame *frame = &tape->frames[index];
    bool timer = frame->copy > 0 && !lk_is_pure_ack(&frame->segment);
    lk_time late = m->run->trace->match.tolerance, early = timer ? late : LK_NEVER, recorded = frame->at;
    bool any = false, own = false, right = within(at - recorded, early, late) || (is_delayable(m->run, index) && at <= ack_deadline(m, index));
    *expected = recorded;
    for (uint32_t i = index; i-- > 0 && !own;) {
        if (!tape->frames[i].plays || m->live[i] == LK_NEVER || m->live[i] > at)
            continue;
        lk_time there = m->live[i] + (recorded - tape->frames[i].at);
        own = tape->frames[i].dir == LK_OUT;
        right |= (!any || own) && within(at - there, early, late);
        *expected = any ? *expected : there;
        any = true;
    }
    return right;
}

/* ---- reporting ---- */

static void decide(struct matching *m, unsigned classes, enum lk_answer answer)
{
    for (unsigned i = 0; i < CLASSES; i++)
        if (classes & 1u << i)
            lk_judge_decided(m->run->judge, class_names[i], answer, 1);
}

/* The check that is named: one that `proves` asks for, the narrowest first. */
static unsigned name_class(const struct matching *m, unsigned classes)
{
    static const unsigned char narrowest[CLASSES] = {OPTIONS, RETRANSMISSION_TIME, ACK_TIME, WINDOW, RESET, HANDSHAKE, TEARDOWN, SEGMENTS};
    for (unsigned i = 0; i < CLASSES; i++)
        if ((classes & 1u << narrowest[i]) && lk_judge_proves(m->run->judge, class_names[narrowest[i]]))
            return narrowest[i];
    for (unsigned i = 0; i < CLASSES; i++)
        if (classes & 1u << narrowest[i])
            return narrowest[i];
    return SEGMENTS;
}

static void report(struct matching *m, unsigned classes, struct pair pair, const char *field, const char *expected, const char *actual)
{
    const struct lk_run *run = m->run;
    decide(m, classes, LK_VIOLATED);
    struct lk_judgement j = {.check = class_names[name_class(m, classes)], .severity = LK_MUST, .event = pair.actual, .order = pair.actual,
                             .field = field, .expected = expected, .actual = actual};
    if (pair.actual == LK_NONE)
        j.order = run->ours.count == 0 ? 0 : (uint32_t)(run->ours.count - 1);
    if (pair.expected != LK_NONE) {
        const struct lk_tape_frame *frame = &run->tape.frames[pair.expected];
        j.frame = frame->captured->number;
        j.from = frame->rel.seq;
        j.to = frame->rel.end;
    }
    lk_judge_add(run->judge, &j);
    for (unsigned i = 0; i < CLASSES; i++) { /* every check of `proves` that this segment decides is seen to fail */
        struct lk_judgement other = j;
        other.check = class_names[i];
        if ((classes & 1u << i) && other.check != j.check && lk_judge_proves(run->judge, other.check))
            lk_judge_add(run->judge, &other);
    }
}

/* Options concern their own check alone, times the two about time, the rest whatever the segment is about. */
static unsigned concerned(unsigned classes, const char *field)
{
    if (strcmp(field, "time") != 0)
        classes &= ~(1u << ACK_TIME | 1u << RETRANSMISSION_TIME);
    if (strcmp(field, "options") == 0 || strcmp(field, "option-order") == 0 || strcmp(field, "option-values") == 0 || strcmp(field, "sack") == 0)
        classes |= 1u << OPTIONS;
    if (strcmp(field, "window") == 0 || strcmp(field, "right-edge") == 0)
        classes |= 1u << WINDOW;
    return classes;
}

/* Scaling rounds the window down, so the edge may move back by less than one unit of it (RFC 7323 2.4). */
static bool edge_moves_back(struct matching *m, const struct lk_segment *s, uint32_t conn, const struct lk_relative *rel)
{
    const struct lk_conn *c = &m->run->live.list[conn];
    bool scaled = c->offers_wscale[LK_OUT] && c->offers_wscale[LK_IN] && !(s->tcp.control & LK_TCP_SYN);
    unsigned shift = scaled ? c->wscale[LK_OUT] : 0;
    uint32_t ack = (s->tcp.control & LK_TCP_ACK) ? rel->ack : 1; /* a SYN speaks of the first byte behind the peer's */
    uint32_t edge = ack + ((uint32_t)s->tcp.window << shift);
    if (s->tcp.control & LK_TCP_RST)
        return false;
    bool back = conn == m->edge_conn && edge + (1u << shift) <= m->edge;
    m->edge = conn == m->edge_conn && m->edge > edge ? m->edge : edge;
    m->edge_conn = conn;
    return back;
}

/* ---- walking ---- */

static bool match_pair(struct matching *m, struct pair pair)
{
    struct lk_run *run = m->run;
    const struct lk_tape_frame *frame = &run->tape.frames[pair.expected];
    const struct lk_event *event = &run->ours.events[pair.actual];
    unsigned classes = classes_of(&run->tape, pair.expected);
    uint32_t conn = conn_of_event(run, event);
    const char *field = NULL;
    lk_time when;
    if ((frame->kind == LK_TAPE_TCP) != event->segment.is_tcp) {
        field = "protocol";
    } else if (frame->kind == LK_TAPE_TCP) {
        struct lk_relative rel = lk_conns_relative(&run->live, conn, LK_OUT, &event->segment);
        field = differs(run, &frame->segment, &frame->rel, &event->segment, &rel);
        if (field == NULL && compares(run, "right-edge") && edge_moves_back(m, &event->segment, conn, &rel))
            field = "right-edge";
    }
    if (field != NULL) {
        report(m, concerned(classes, field) | classes_of_event(event), pair, field, expected_text(run, pair.expected), text_of(run, &event->segment, &run->live, conn));
        return false;
    }
    if (!in_time(m, pair.expected, event->at, &when)) {
        report(m, classes, pair, "time", with_time(run, when, expected_text(run, pair.expected)), with_time(run, event->at, text_of(run, &event->segment, &run->live, conn)));
        return false;
    }
    m->live[pair.expected] = event->at;
    m->said = frame->rel.ack;
    classes |= frame->kind == LK_TAPE_TCP ? 1u << OPTIONS : 0;
    decide(m, compares(run, "window") || compares(run, "right-edge") ? classes | 1u << WINDOW : classes, LK_HELD);
    m->out->compared.frames++;
    m->out->compared.bytes += frame->kind == LK_TAPE_TCP ? frame->segment.tcp.payload_len : 0;
    return true;
}

static bool same(struct matching *m, size_t expected, size_t actual)
{
    struct lk_run *run = m->run;
    if (expected >= m->expected_count || actual >= m->actual_count)
        return false;
    const struct lk_tape_frame *frame = &run->tape.frames[m->expected[expected]];
    const struct lk_event *event = &run->ours.events[m->actual[actual]];
    if (frame->kind != LK_TAPE_TCP || !event->segment.is_tcp)
        return frame->kind != LK_TAPE_TCP && !event->segment.is_tcp;
    struct lk_relative rel = lk_conns_relative(&run->live, conn_of_event(run, event), LK_OUT, &event->segment);
    return lk_tape_same_name(&frame->segment, &frame->rel, &event->segment, &rel) && frame->rel.ack == rel.ack;
}

/* How far the peer's stream had reached the device before an event. */
static uint32_t arrived_before(const struct lk_run *run, uint32_t conn, uint32_t event)
{
    uint32_t highest = 0;
    for (uint32_t i = 0; i < event; i++) {
        const struct lk_event *past = &run->ours.events[i];
        if (past->kind != LK_EVENT_FRAME || past->dir != LK_IN || run->notes[i].conn != conn || !past->segment.is_tcp || !past->segment.tcp_checksum_ok)
            continue;
        uint32_t end = lk_conns_relative(&run->live, conn, LK_IN, &past->segment).end;
        highest = end > highest && end < UINT32_C(1) << 31 ? end : highest;
    }
    return highest;
}

/* Whether the device's segment says, in time, what the recorded ACK said before it. */
static bool says_it_too(struct matching *m, size_t expected, size_t actual)
{
    struct lk_run *run = m->run;
    uint32_t index = m->expected[expected];
    if (actual >= m->actual_count || !is_delayable(run, index))
        return false;
    const struct lk_event *event = &run->ours.events[m->actual[actual]];
    uint32_t conn = conn_of_event(run, event);
    if (conn != run->tape.frames[index].conn || !(event->segment.tcp.control & LK_TCP_ACK) || event->at > ack_deadline(m, index))
        return false;
    uint32_t ack = lk_conns_relative(&run->live, conn, LK_OUT, &event->segment).ack;
    return ack >= run->tape.frames[index].rel.ack && ack <= arrived_before(run, conn, event->number);
}

/* Acknowledging more often than the recording did is no fault (RFC 9293 3.8.6.3, RFC 5681 4.2): a pure ACK that says something new. */
static bool is_early_ack(struct matching *m, size_t actual)
{
    struct lk_run *run = m->run;
    const struct lk_event *event = &run->ours.events[m->actual[actual]];
    if (actual == 0 || !lk_is_pure_ack(&event->segment) || event->segment.options.sack_count > 0)
        return false;
    uint32_t conn = conn_of_event(run, event);
    uint32_t ack = lk_conns_relative(&run->live, conn, LK_OUT, &event->segment).ack, said = 0;
    for (size_t i = 0; i < actual; i++) {
        const struct lk_event *past = &run->ours.events[m->actual[i]];
        if (!past->segment.is_tcp || conn_of_event(run, past) != conn)
            continue;
        uint32_t before = lk_conns_relative(&run->live, conn, LK_OUT, &past->segment).ack;
        said = before > said ? before : said;
    }
    return ack > said && ack <= arrived_before(run, conn, event->number);
}

static void report_missing(struct matching *m, size_t index)
{
    uint32_t frame = m->expected[index];
    unsigned classes = classes_of(&m->run->tape, frame);
    report(m, classes, (struct pair){frame, LK_NONE}, "segment", with_time(m->run, m->run->tape.frames[frame].at, expected_text(m->run, frame)), "nothing");
}

static void report_surplus(struct matching *m, size_t expected, size_t actual)
{
    const struct lk_event *event = &m->run->ours.events[m->actual[actual]];
    unsigned classes = classes_of_event(event);
    if (expected > 0 && expected <= m->expected_count) /* it comes where the recording has this one before it */
        classes |= classes_of(&m->run->tape, m->expected[expected - 1]) & (1u << HANDSHAKE | 1u << TEARDOWN);
    report(m, classes, (struct pair){LK_NONE, m->actual[actual]}, "segment", "nothing",
           with_time(m->run, event->at, text_of(m->run, &event->segment, &m->run->live, conn_of_event(m->run, event))));
}

static void walk(struct matching *m)
{
    for (size_t e = 0, a = 0; e < m->expected_count || a < m->actual_count; e++, a++) {
        while (a < m->actual_count && !same(m, e, a) && is_early_ack(m, a))
            a++;
        while (e < m->expected_count && !same(m, e, a) && says_it_too(m, e, a))
            e++;
        if (a >= m->actual_count && (e >= m->expected_count || m->run->stop == LK_RUN_NOT_APPLICABLE))
            return;
        bool here = same(m, e, a);
        if (a >= m->actual_count || (!here && same(m, e + 1, a))) {
            report_missing(m, e);
            return;
        }
        if (e >= m->expected_count || (!here && same(m, e, a + 1))) {
            report_surplus(m, e, a);
            return;
        }
        if (!match_pair(m, (struct pair){m->expected[e], m->actual[a]}))
            return;
    }
}

static bool collect(struct matching *m)
{
    struct lk_run *run = m->run;
    m->expected = lk_bump_array(run->memory, run->tape.count, sizeof *m->expected);
    m->actual = lk_bump_array(run->memory, run->ours.count, sizeof *m->actual);
    m->live = lk_bump_array(run->memory, run->tape.count, sizeof *m->live);
    if (m->expected == NULL || m->actual == NULL || m->live == NULL)
        return false;
    for (uint32_t i = 0; i < run->tape.count; i++) {
        m->live[i] = LK_NEVER;
        if (run->tape.frames[i].plays && run->tape.frames[i].dir == LK_OUT)
            m->expected[m->expected_count++] = i;
    }
    bool arp = run->trace->link.neighbours == LK_NEIGHBOURS_RECORDED;
    for (uint32_t i = 0; i < run->ours.count; i++) {
        const struct lk_event *event = &run->ours.events[i];
        if (event->kind != LK_EVENT_FRAME)
            continue;
        if (event->dir == LK_OUT && (event->segment.is_ip || arp))
            m->actual[m->actual_count++] = i;
        else if (event->dir == LK_IN && run->notes[i].tape != LK_NONE)
            m->live[run->notes[i].tape] = event->at;
    }
    return true;
}

void lk_exact_match(struct lk_run *run, struct lk_verdict *out)
{
    struct matching m = {.run = run, .out = out, .edge_conn = LK_NONE};
    if (collect(&m))
        walk(&m);
    else
        lk_run_no_memory(run);
}
