/* Judging a byte stream: see stream.h. The run is walked once, connection by connection. */
#include "conformance/replay/stream.h"
#include "conformance/replay/calls.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include <string.h>

#define RTO_CEILING (60 * LK_SECOND)  /* RFC 6298 2.5: from here on the RTO may stay where it is */
#define RTO_FLOOR (200 * LK_MILLISECOND) /* a retransmission that comes this long after the last acknowledgement is the timer's */

struct flow {
    struct lk_run *run;
    struct lk_verdict *out;
    uint32_t conn;
    const uint8_t *given; uint64_t given_len;
    struct lk_ranges sent, arrived, lost;  /* numbers that left the device; that got through; that were lost at least once */
    uint64_t resent_bytes, lost_bytes, overtaken_bytes, allowance;
    uint32_t acked, highest, edge;         /* edge: of the window the peer offered */
    uint32_t timer_seq; lk_time timer_at, timer_gap; /* the earliest segment in flight: number, last sent, time from the copy before */
    lk_time last_ack, progress;
    bool fin, reset, peer_syn;
    bool closed;                           /* the application has closed or shut down: a FIN may go out */
    bool timestamps;                       /* both SYNs had the option */
    uint32_t syn_options[2];
};

static const char *text_of(struct flow *f, const struct lk_segment *segment)
{
    char line[512];
    if (lk_segment_text(segment, lk_conns_base(&f->run->live, f->conn, LK_OUT), lk_conns_base(&f->run->live, f->conn, LK_IN), line, sizeof line) < 0)
        return "(a segment too long to print)";
    return lk_bump_text(f->run->memory, line, strlen(line));
}

static void violated(struct flow *f, const char *check, const struct lk_event *event, uint64_t from, uint64_t to, const char *field, const char *expected)
{
    uint32_t at = event != NULL ? event->number : f->run->ours.count == 0 ? 0 : (uint32_t)(f->run->ours.count - 1);
    lk_judge_violated(f->run->judge, &(struct lk_judgement){.check = check, .severity = LK_MUST, .event = event != NULL ? at : LK_NONE, .order = at, .from = from, .to = to,
        .field = field, .expected = expected, .actual = event != NULL ? text_of(f, &event->segment) : "nothing until the end"});
}

static void held(struct flow *f, const char *check)
{
    lk_judge_decided(f->run->judge, check, LK_HELD, 1);
}

/* ---- (a) ---- */

static const char *wrong_bytes(const struct flow *f, const struct lk_segment *s, const struct lk_relative *rel)
{
    uint64_t from = rel->seq + ((s->tcp.control & LK_TCP_SYN) ? 1u : 0u), len = s->tcp.payload_len;
    if ((s->tcp.control & LK_TCP_SYN) && rel->seq != 0)
        return "a SYN at the ISN";
    if (len > 0 && (from < 1 || from - 1 + len > f->given_len))
        return "no bytes beyond those the application gave";
    if (len > 0 && memcmp(f->given + from - 1, s->tcp.payload, (size_t)len) != 0)
        return "the bytes the application gave";
    if ((s->tcp.control & LK_TCP_FIN) && from + len != f->given_len + 1)
        return "a FIN behind the last byte the application gave";
    if ((s->tcp.control & LK_TCP_FIN) && !f->closed)
        return "no FIN before the application closes";
    if (((s->tcp.control & LK_TCP_ACK) != 0) != f->peer_syn) /* RFC 9293 3.1: always sent once the connection is established */
        return f->peer_syn ? "an ACK on every segment once the peer's SYN is there" : "no ACK before the peer's SYN is there";
    return NULL;
}

static void judge_bytes(struct flow *f, const struct lk_event *event, const struct lk_relative *rel)
{
    const char *expected = wrong_bytes(f, &event->segment, rel);
    if (expected != NULL) {
        violated(f, "stream-bytes", event, rel->seq, rel->end, "bytes", expected);
        return;
    }
    held(f, "stream-bytes");
    f->out->compared.bytes += event->segment.tcp.payload_len;
}

static uint32_t recorded_syn_options(const struct flow *f)
{
    for (size_t i = 0; i < f->run->tape.count; i++) {
        const struct lk_tape_frame *frame = &f->run->tape.frames[i];
        if (frame->plays && frame->dir == LK_OUT && frame->conn == f->conn && (frame->segment.tcp.control & LK_TCP_SYN))
            return frame->segment.options.present;
    }
    return 0;
}

static void judge_options(struct flow *f, const struct lk_event *event)
{
    const struct lk_segment *s = &event->segment;
    uint32_t has_ts = s->options.present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
    if (s->tcp.control & LK_TCP_SYN) {
        if (f->run->tape.count > 0 && s->options.present != recorded_syn_options(f))
            violated(f, "options", event, 0, 1, "options", "the options of the recorded SYN");
        else
            held(f, "options");
    } else if (!(s->tcp.control & LK_TCP_RST)) {
        if (f->timestamps != (has_ts != 0)) /* RFC 7323 3.2 */
            violated(f, "options", event, 0, 0, "options", f->timestamps ? "timestamps on every segment, as agreed" : "no timestamps: they were not agreed");
        else
            held(f, "options");
    }
}

/* ---- (b), (d): what is sent again ---- */

static bool overlaps(const struct lk_range *range, const struct lk_relative *rel)
{
    return range->from < rel->end && rel->seq < range->to;
}

static void judge_must_not_resend(struct flow *f, const struct lk_event *event, const struct lk_relative *rel)
{
    const struct lk_match *match = &f->run->trace->match;
    for (size_t i = 0; i < match->must_not_resend_count; i++) {
        const struct lk_range *range = &match->must_not_resend[i];
        uint64_t from = range->from > rel->seq ? range->from : rel->seq, to = range->to < rel->end ? range->to : rel->end;
        if (!overlaps(range, rel))
            continue;
        if (lk_ranges_covered(&f->sent, from, to) > 0)
            violated(f, "must-not-resend", event, from, to, "bytes", "this range sent once: nothing of it was lost");
        else
            held(f, "must-not-resend");
    }
}

static void count_resent(struct flow *f, const struct lk_event *event, const struct lk_relative *rel)
{
    uint64_t data = rel->seq < 1 ? 1 : rel->seq, end = data + event->segment.tcp.payload_len;
    uint64_t again = lk_ranges_covered(&f->sent, data, end);
    f->out->figures.data_frames_out += event->segment.tcp.payload_len > 0;
    if (again == 0)
        return;
    f->out->figures.resent_frames++;
    f->resent_bytes += again;
    if (rel->seq == f->acked && event->at - f->last_ack >= RTO_FLOOR) {
        f->out->figures.rto++;
        f->allowance += f->highest > f->acked ? f->highest - f->acked : 0;
    }
}

static bool note_sent(struct flow *f, const struct lk_event *event, const struct lk_relative *rel)
{
    struct lk_bump *memory = f->run->memory;
    bool lost = !event->delivered || event->fate == LK_FATE_CORRUPTED;
    uint64_t bytes = event->segment.tcp.payload_len;
    if (lost)
        f->lost_bytes += bytes;
    else if (event->fate == LK_FATE_LATE)
        f->overtaken_bytes += bytes;
    f->highest = rel->end > f->highest ? rel->end : f->highest;
    return lk_ranges_add(&f->sent, memory, rel->seq, rel->end) == 0 && lk_ranges_add(lost ? &f->lost : &f->arrived, memory, rel->seq, rel->end) == 0;
}

/* A device that gives up (R2, RFC 9293 3.8.3) may tell the peer with a RST, whether the recorded one did or not. */
static bool gives_up(const struct flow *f)
{
    for (size_t i = 0; i < f->run->trace->call_count; i++)
        if (f->run->trace->calls[i].error != NULL && strcmp(f->run->trace->calls[i].error, "ETIMEDOUT") == 0)
            return true;
    return false;
}

/* Between two transmissions by the timer with no word of the peer in between the distance doubles (RFC 6298 5.5), and no more than
 * that: a timer of the recording kernel may be an eighth late, and ticks at 100 Hz. */
static void judge_back_off(struct flow *f, const struct lk_event *event, const struct lk_relative *rel)
{
    lk_time gap = event->at - f->timer_at, slack = f->run->trace->match.tolerance;
    if (f->run->options->open_loop)
        slack += 2 * f->timer_gap / 8 + 10 * LK_MILLISECOND;
    bool again = rel->seq == f->timer_seq && f->last_ack < f->timer_at && rel->end > rel->seq && event->segment.tcp.payload_len != 1;
    if (again && f->timer_gap > 0 && 2 * f->timer_gap < RTO_CEILING) {
        if (gap > 2 * f->timer_gap + slack)
            violated(f, "retransmission-time", event, rel->seq, rel->end, "time", "a retransmission after twice the time of the one before");
        else
            held(f, "retransmission-time");
    }
    if (rel->seq == f->acked || rel->seq == f->timer_seq) { /* the earliest segment in flight: the one a timer resends */
        f->timer_gap = again ? gap : 0;
        f->timer_seq = rel->seq;
        f->timer_at = event->at;
    }
}

static bool judge_out(struct flow *f, const struct lk_event *event)
{
    const struct lk_segment *s = &event->segment;
    struct lk_relative rel = lk_conns_relative(&f->run->live, f->conn, LK_OUT, s);
    f->out->compared.frames++;
    if (s->tcp.control & LK_TCP_RST) {
        f->reset = true;
        if (!f->run->tape.conns.list[f->conn].reset[LK_OUT] && !gives_up(f))
            violated(f, "reset", event, 0, 0, "flags", "no RST: the recording has none");
        else
            held(f, "reset");
        return true;
    }
    f->fin |= (s->tcp.control & LK_TCP_FIN) != 0;
    if (s->tcp.control & LK_TCP_SYN)
        f->syn_options[LK_OUT] = s->options.present;
    f->timestamps = (f->syn_options[LK_OUT] & f->syn_options[LK_IN] & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) != 0;
    judge_bytes(f, event, &rel);
    judge_options(f, event);
    if (rel.end == rel.seq || rel.end - rel.seq > UINT32_C(1) << 30)
        return true;
    judge_back_off(f, event, &rel);
    if (s->tcp.payload_len == 1 && rel.end > f->edge)
        return true; /* a probe of a closed window (RFC 9293 3.8.6.1): neither new data nor a retransmission */
    judge_must_not_resend(f, event, &rel);
    count_resent(f, event, &rel);
    if (rel.end > f->highest)
        f->progress = event->at;
    return note_sent(f, event, &rel);
}

/* In open loop the peer acknowledges what the recorded device sent: what this one has not sent by then, it has left out. */
static void judge_acknowledged(struct flow *f, const struct lk_event *event, uint64_t from, uint64_t to)
{
    uint64_t hole = lk_ranges_next_hole(&f->sent, from);
    if (!f->run->options->open_loop || hole >= to || to >= UINT32_C(1) << 31)
        return;
    violated(f, "stream-bytes", event, hole, to, "bytes", "these bytes sent before the peer acknowledged them");
    lk_ranges_add(&f->sent, f->run->memory, hole, to); /* said once */
}

static unsigned window_shift(const struct flow *f, const struct lk_segment *s)
{
    const struct lk_conn *conn = &f->run->live.list[f->conn];
    bool scaled = conn->offers_wscale[LK_IN] && conn->offers_wscale[LK_OUT] && !(s->tcp.control & LK_TCP_SYN);
    return scaled ? conn->wscale[LK_IN] : 0;
}

static void judge_in(struct flow *f, const struct lk_event *event)
{
    const struct lk_segment *s = &event->segment;
    struct lk_relative rel = lk_conns_relative(&f->run->live, f->conn, LK_IN, s);
    uint32_t base = lk_conns_base(&f->run->live, f->conn, LK_OUT);
    if ((s->tcp.control & LK_TCP_SYN) && s->tcp_checksum_ok) {
        f->syn_options[LK_IN] = s->options.present;
        f->peer_syn = true;
    }
    if (!(s->tcp.control & LK_TCP_ACK) || (s->tcp.control & LK_TCP_RST) || !s->tcp_checksum_ok)
        return;
    f->last_ack = event->at;
    uint32_t edge = rel.ack + ((uint32_t)s->tcp.window << window_shift(f, s));
    f->edge = edge > f->edge ? edge : f->edge;
    judge_acknowledged(f, event, f->acked, rel.ack);
    for (unsigned i = 0; i < s->options.sack_count; i++)
        judge_acknowledged(f, event, seq_sub(s->options.sack[i].left, base), seq_sub(s->options.sack[i].right, base));
    if (rel.ack > f->acked && rel.ack <= f->highest) {
        f->acked = rel.ack;
        f->progress = event->at;
    }
}

/* ---- the end ---- */

static void judge_lost(struct flow *f)
{
    uint64_t must = f->run->tape.conns.list[f->conn].acked[LK_OUT]; /* a recording that gave up delivers no more than this */
    for (size_t i = 0; i < f->lost.count; i++) {
        uint64_t from = f->lost.list[i].from, to = f->lost.list[i].to < must ? f->lost.list[i].to : must;
        if (from >= to)
            continue;
        uint64_t hole = lk_ranges_next_hole(&f->arrived, from);
        if (hole < to)
            violated(f, "lost-resent", NULL, hole, to, "bytes", "the lost range sent again until it arrives");
        else
            held(f, "lost-resent");
    }
}

static const char *number_text(struct flow *f, const char *what, uint64_t number)
{
    return lk_bump_format(f->run->memory, "%s%llu", what, (unsigned long long)number);
}

static void judge_excess(struct flow *f)
{
    uint64_t permille = f->run->trace->match.excess_permille, lost = f->lost_bytes + f->overtaken_bytes;
    uint64_t allowed = lost * permille / 1000 + f->allowance;
    if (permille == 0)
        return;
    if (f->resent_bytes <= allowed) {
        held(f, "excess");
        return;
    }
    uint32_t last = (uint32_t)(f->run->ours.count - 1);
    lk_judge_violated(f->run->judge, &(struct lk_judgement){.check = "excess", .severity = LK_MUST, .event = LK_NONE, .order = last, .field = "resent bytes",
        .expected = number_text(f, "at most ", allowed), .actual = number_text(f, "", f->resent_bytes)});
}

static void judge_end(struct flow *f)
{
    const struct lk_conn *recorded = &f->run->tape.conns.list[f->conn], *live = &f->run->live.list[f->conn];
    lk_time bound = f->run->trace->match.ends_within;
    if (recorded->fin[LK_OUT] && !f->fin)
        violated(f, "stream-bytes", NULL, recorded->fin_at[LK_OUT], recorded->fin_at[LK_OUT] + 1u, "flags", "a FIN");
    if (recorded->reset[LK_OUT] && !f->reset)
        violated(f, "reset", NULL, 0, 0, "flags", "a RST");
    if (f->acked < recorded->acked[LK_OUT] && !f->run->options->open_loop)
        violated(f, "ends-within", NULL, f->acked, recorded->acked[LK_OUT], "bytes", "everything acknowledged that was in the recording");
    else if (live->acked[LK_IN] < recorded->acked[LK_IN])
        violated(f, "ends-within", NULL, live->acked[LK_IN], recorded->acked[LK_IN], "bytes", "everything of the peer acknowledged that was in the recording");
    else if (bound != LK_NEVER && f->progress > bound)
        lk_judge_violated(f->run->judge, &(struct lk_judgement){.check = "ends-within", .severity = LK_MUST, .event = LK_NONE, .order = (uint32_t)(f->run->ours.count - 1),
            .field = "time", .expected = number_text(f, "us at most: ", (uint64_t)(bound / LK_MICROSECOND)), .actual = number_text(f, "us: ", (uint64_t)(f->progress / LK_MICROSECOND))});
    else if (bound != LK_NEVER)
        held(f, "ends-within");
}

static bool walk(struct flow *f)
{
    for (size_t i = 0; i < f->run->ours.count; i++) {
        const struct lk_event *event = &f->run->ours.events[i];
        if (event->kind == LK_EVENT_CALL && (event->op == LK_DO_CLOSE || event->op == LK_DO_SHUTDOWN) && lk_calls_connection(f->run, event->socket) == f->conn)
            f->closed = true;
        if (event->kind != LK_EVENT_FRAME || !event->segment.is_tcp || f->run->notes[i].conn != f->conn)
            continue;
        if (event->dir == LK_IN)
            judge_in(f, event);
        else if (!judge_out(f, event))
            return false;
    }
    return true;
}

/* The recording's own figures stand beside ours; they are nobody's expectation. */
static bool count_recorded(struct lk_run *run, uint32_t conn, struct lk_verdict *out)
{
    struct lk_ranges sent = {0};
    for (size_t i = 0; i < run->tape.count; i++) {
        const struct lk_tape_frame *frame = &run->tape.frames[i];
        uint64_t len = frame->segment.tcp.payload_len;
        if (!frame->plays || frame->dir != LK_OUT || frame->conn != conn || len == 0)
            continue;
        uint64_t again = lk_ranges_covered(&sent, frame->rel.seq, frame->rel.seq + len);
        out->recorded_figures.data_frames_out++;
        out->recorded_figures.resent_frames += again > 0;
        out->recorded_figures.resent_bytes += again;
        if (lk_ranges_add(&sent, run->memory, frame->rel.seq, frame->rel.seq + len) < 0)
            return false;
    }
    if (run->tape.end > out->recorded_figures.finished)
        out->recorded_figures.finished = run->tape.end;
    return true;
}

void lk_stream_match(struct lk_run *run, struct lk_verdict *out)
{
    for (uint32_t conn = 0; conn < run->live.count && conn < run->tape.conns.count; conn++) {
        struct flow f = {.run = run, .out = out, .conn = conn};
        f.given = lk_calls_given(run, conn, &f.given_len);
        if (f.given == NULL || !walk(&f) || !count_recorded(run, conn, out)) {
            lk_run_no_memory(run);
            return;
        }
        if (run->stop != LK_RUN_NOT_APPLICABLE) {
            judge_lost(&f);
            judge_excess(&f);
            judge_end(&f);
        }
        out->figures.resent_bytes += f.resent_bytes;
        out->figures.lost_bytes += f.lost_bytes;
        out->figures.finished = f.progress > out->figures.finished ? f.progress : out->figures.finished;
    }
    if (run->live.count < run->tape.conns.count && run->stop != LK_RUN_NOT_APPLICABLE) {
        uint32_t last = run->ours.count == 0 ? 0 : (uint32_t)(run->ours.count - 1);
        lk_judge_violated(run->judge, &(struct lk_judgement){.check = "stream-bytes", .severity = LK_MUST, .event = LK_NONE, .order = last, .field = "connections",
            .expected = "as many connections as in the recording", .actual = "fewer"});
    }
}
