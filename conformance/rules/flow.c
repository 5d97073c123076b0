#include "conformance/rules/flow.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"

#define MSS_DEFAULT 536 /* RFC 9293 3.7.1, MUST-15 */

void flow_restart(struct flow *flow)
{
    struct pieces pieces = flow->pieces;
    struct spans above = flow->above;
    struct flow old = *flow;
    *flow = (struct flow){.pieces = pieces, .above = above, .next_syn = old.next_syn, .came = old.came};
    flow->pieces.start = flow->pieces.count = flow->above.count = 0;
    flow->window_zero_since = flow->last_in = flow->last_out = flow->una_moved_at = flow->acked_at = LK_NEVER;
    flow->reset_at = LK_NEVER;
    flow->una = flow->una_maybe = 0;
}

/* `number` relative to `isn`, unwrapped around `near` (RFC 9293 3.4). */
static int64_t relative(uint32_t number, uint32_t isn, int64_t near)
{
    return near + seq_diff(number, seq_add(isn, (uint32_t)near));
}

/* The shift applies to every segment but those with SYN, and only if both SYNs had the option (RFC 7323 2.2, 2.3). */
static int64_t scaled(const struct flow *flow, const struct lk_tcp *tcp, const struct syn_options *sender)
{
    unsigned shift = sender->shift > 14 ? 14 : sender->shift;
    if ((tcp->control & LK_TCP_SYN) || !flow->ours.wscale || !flow->theirs.wscale)
        shift = 0;
    return (int64_t)tcp->window << shift;
}

static void read_numbers(const struct flow *flow, const struct lk_event *event, struct seg *seg)
{
    const struct lk_segment *in = &event->segment;
    const struct lk_tcp *tcp = &in->tcp;
    bool out = event->dir == LK_OUT;
    *seg = (struct seg){.number = event->number, .at = event->at, .raw_seq = tcp->sequence_number, .raw_ack = tcp->acknowledgment_number,
        .len = in->seg_len, .raw_window = tcp->window, .control = tcp->control, .options = &in->options};
    seg->syn = tcp->control & LK_TCP_SYN;
    seg->fin = tcp->control & LK_TCP_FIN;
    seg->rst = tcp->control & LK_TCP_RST;
    seg->has_ack = tcp->control & LK_TCP_ACK;
    if (out ? flow->have_iss : flow->have_irs)
        seg->seq = out ? relative(seg->raw_seq, flow->iss, flow->nxt) : relative(seg->raw_seq, flow->irs, flow->rcv_nxt);
    if (out ? flow->have_irs : flow->have_iss)
        seg->ack = out ? relative(seg->raw_ack, flow->irs, flow->rcv_nxt) : relative(seg->raw_ack, flow->iss, flow->nxt);
    seg->end = seg->seq + in->seg_len;
    seg->data = seg->seq + (seg->syn ? 1 : 0);
    seg->data_end = seg->end - (seg->fin ? 1 : 0);
    seg->window = scaled(flow, tcp, out ? &flow->ours : &flow->theirs);
    seg->bytes = (int64_t)tcp->payload_len == seg->data_end - seg->data ? tcp->payload : NULL;
}

static void read_options(const struct seg *seg, struct syn_options *out)
{
    const struct lk_tcp_options *o = seg->options;
    *out = (struct syn_options){.seen = true};
    out->mss_present = o->present & LK_TCP_HAS(LK_TCP_OPT_MSS);
    out->mss = out->mss_present ? o->mss : MSS_DEFAULT;
    out->wscale = o->present & LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE);
    out->shift = o->window_scale;
    out->sack = o->present & LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED);
    out->timestamps = o->present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
    out->ts_val = o->ts_val;
}

static int64_t options_of_each_segment(const struct flow *flow)
{
    return flow_timestamps_agreed(flow) ? 12 : 0;
}

int64_t flow_receive_mss(const struct flow *flow)
{
    return (flow->ours.seen ? flow->ours.mss : MSS_DEFAULT) - options_of_each_segment(flow);
}

/* ---- received ---------------------------------------------------------------------------------------------- */

static void remember_syn(struct flow *flow, const struct seg *seg)
{
    flow->next_syn.valid = true;
    flow->next_syn.seq = seg->raw_seq;
    flow->next_syn.window = seg->raw_window;
    read_options(seg, &flow->next_syn.options);
}

static void take_syn(struct flow *flow, uint32_t irs, uint16_t window, const struct syn_options *options)
{
    flow->have_irs = true;
    flow->irs = irs;
    flow->rcv_nxt = 1;
    flow->theirs = *options;
    flow->ts_recent_valid = options->timestamps;
    flow->ts_recent = options->ts_val;
    flow->have_window = true;
    flow->window = flow->last_wnd = window;
    flow->edge = flow->edge_max = 1 + (int64_t)window; /* from the byte behind our SYN */
    flow->wl1 = 0;
}

static void note_delivered(struct arrival *arrival, const struct piece *piece)
{
    bool clean = piece->copies == 1;
    lk_time newest = clean ? arrival->clean.newest : arrival->resent.newest, oldest = clean ? arrival->clean.oldest : arrival->resent.oldest;
    bool any = clean ? arrival->clean.any : arrival->resent.any;
    newest = any && newest > piece->last ? newest : piece->last;
    oldest = any && oldest < piece->first ? oldest : piece->first;
    if (clean) {
        arrival->clean.any = true;
        arrival->clean.newest = newest;
        arrival->clean.oldest = oldest;
    } else {
        arrival->resent.any = true;
        arrival->resent.newest = newest;
        arrival->resent.oldest = oldest;
    }
}

static void delivered(struct flow *flow, struct arrival *arrival, const struct piece *piece)
{
    if (piece->order > flow->delivered_order)
        flow->delivered_order = piece->order;
    note_delivered(arrival, piece);
}

static int take_sack_block(struct flow *flow, const struct seg *seg, struct arrival *arrival, int64_t left, int64_t right)
{
    if (right <= flow->una || left < flow->una || right > flow->nxt || left >= right)
        return 0; /* D-SACK below the edge (RFC 2883), or false: nothing for the scoreboard */
    int error = pieces_split(&flow->pieces, left);
    error = error != 0 ? error : pieces_split(&flow->pieces, right);
    for (uint32_t i = pieces_from(&flow->pieces, left); error == 0 && i < flow->pieces.count && pieces_at(&flow->pieces, i)->to <= right; i++) {
        struct piece *piece = pieces_at(&flow->pieces, i);
        piece->reported_at = seg->at;
        if (piece->sacked)
            continue;
        piece->sacked = true;
        piece->sacked_at = seg->at;
        arrival->sack_news = true;
        delivered(flow, arrival, piece);
    }
    flow->high_sack = right > flow->high_sack ? right : flow->high_sack;
    return error;
}

static int take_sack(struct flow *flow, const struct seg *seg, struct arrival *arrival)
{
    const struct lk_tcp_options *o = seg->options;
    int error = 0;
    if (!(o->present & LK_TCP_HAS(LK_TCP_OPT_SACK)) || !flow_sack_agreed(flow))
        return 0;
    for (unsigned i = 0; i < o->sack_count && i < LK_TCP_SACK_MAX && error == 0; i++)
        error = take_sack_block(flow, seg, arrival, relative(o->sack[i].left, flow->iss, flow->una), relative(o->sack[i].right, flow->iss, flow->una));
    return error;
}

/* RFC 5681 section 2: outstanding data, no payload, no SYN or FIN, the greatest ACK again, the same window. */
static bool is_duplicate_ack(const struct flow *flow, const struct seg *seg)
{
    return flow->una < flow->nxt && seg->len == 0 && seg->ack == flow->una && seg->window == flow->last_wnd;
}

static void take_window(struct flow *flow, const struct seg *seg)
{
    int64_t edge = seg->ack + seg->window;
    if (edge > flow->edge_max)
        flow->edge_max = edge;
    /* RFC 9293 3.10.7.4: newer by SEQ, then by ACK */
    if (!flow->have_window || seg->seq > flow->wl1 || (seg->seq == flow->wl1 && seg->ack >= flow->wl2)) {
        flow->window = seg->window;
        flow->wl1 = seg->seq;
        flow->wl2 = seg->ack;
        flow->edge = edge;
    }
    flow->have_window = true;
    flow->last_wnd = seg->window;
    if (!flow_window_closed(flow))
        flow->window_zero_since = LK_NEVER;
    else if (flow->window_zero_since == LK_NEVER)
        flow->window_zero_since = seg->at;
}

static int take_ack(struct flow *flow, const struct seg *seg, struct arrival *arrival)
{
    arrival->una_before = flow->una;
    arrival->duplicate_ack = is_duplicate_ack(flow, seg);
    flow->acked_at = seg->at;
    if (seg->ack > flow->una) {
        int error = pieces_split(&flow->pieces, seg->ack);
        if (error != 0)
            return error;
        for (uint32_t i = 0; i < flow->pieces.count && pieces_at(&flow->pieces, i)->to <= seg->ack; i++)
            if (!pieces_at(&flow->pieces, i)->sacked)
                delivered(flow, arrival, pieces_at(&flow->pieces, i));
        pieces_drop_below(&flow->pieces, seg->ack);
        flow->una = seg->ack;
        flow->una_moved_at = seg->at;
        arrival->una_moved = true;
    }
    if (seg->ack > flow->una_maybe)
        flow->una_maybe = seg->ack;
    take_window(flow, seg);
    return take_sack(flow, seg, arrival);
}

static enum arrived_data classify(const struct flow *flow, const struct seg *seg)
{
    if (seg->end == seg->seq)
        return DATA_NONE;
    if (seg->end <= flow->rcv_nxt)
        return DATA_OLD;
    if (seg->seq > flow->rcv_nxt)
        return DATA_ABOVE_GAP;
    return flow->above.count != 0 ? DATA_FILLS_GAP : DATA_IN_ORDER;
}

static int take_data(struct flow *flow, const struct seg *seg, struct arrival *arrival)
{
    arrival->data = classify(flow, seg);
    arrival->twice = seg->len != 0 && (seg->seq < flow->rcv_nxt || spans_touch(&flow->above, seg->seq, seg->end));
    if (seg->fin && !flow->peer_fin) {
        flow->peer_fin = true;
        flow->peer_fin_at = seg->end - 1;
    }
    int64_t end = flow->peer_fin && seg->end > flow->peer_fin_at + 1 ? flow->peer_fin_at + 1 : seg->end; /* nothing follows a FIN */
    int error = spans_add(&flow->above, seg->seq > flow->rcv_nxt ? seg->seq : flow->rcv_nxt, end);
    if (error == 0 && flow->above.count != 0 && flow->above.at[0].from <= flow->rcv_nxt) {
        flow->rcv_nxt = flow->above.at[0].to;
        spans_drop_below(&flow->above, flow->rcv_nxt);
    }
    return error;
}

/* RFC 9293 3.10.7.3 */
static int in_syn_sent(struct flow *flow, const struct seg *seg, struct arrival *arrival)
{
    if (seg->has_ack && (seg->ack <= 0 || seg->ack > flow->nxt))
        return 0; /* a RST is owed, the segment is dropped */
    if (seg->rst) {
        arrival->what = seg->has_ack ? ARRIVED_RESET : ARRIVED_RST_IGNORED;
        return 0;
    }
    if (!seg->syn)
        return 0;
    struct syn_options options;
    read_options(seg, &options);
    struct seg known = *seg;
    take_syn(flow, seg->raw_seq, seg->raw_window, &options);
    flow->syn_waiting = true;
    known.seq = 0;
    known.end = seg->len;
    arrival->what = ARRIVED_SYN;
    int error = seg->has_ack ? take_ack(flow, &known, arrival) : 0;
    flow->established = flow->una > 0;
    known.seq = 1;
    return error != 0 ? error : take_data(flow, &known, arrival);
}

/* RFC 9293 3.10.7.4, first: the four cases. The window is the one the device has offered. */
static bool acceptable(const struct flow *flow, const struct seg *seg)
{
    int64_t window = flow->offered - flow->rcv_nxt;
    if (window <= 0)
        return seg->len == 0 && seg->seq == flow->rcv_nxt;
    if (seg->len == 0)
        return seg->seq >= flow->rcv_nxt && seg->seq < flow->offered;
    return (seg->seq >= flow->rcv_nxt && seg->seq < flow->offered) || (seg->end > flow->rcv_nxt && seg->end <= flow->offered);
}

/* RFC 7323 5.3: older than TS.Recent. One tick back is let pass, since some devices do. */
static bool fails_paws(const struct flow *flow, const struct seg *seg)
{
    if (!flow_timestamps_agreed(flow) || !flow->ts_recent_valid || !(seg->options->present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)))
        return false;
    return seq_lt(seq_add(seg->options->ts_val, 1), flow->ts_recent);
}

/* RFC 7323 4.3 (2) */
static void take_timestamp(struct flow *flow, const struct seg *seg)
{
    if (!(seg->options->present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) || seg->seq > flow->ack_sent)
        return;
    if (!flow->ts_recent_valid || seq_geq(seg->options->ts_val, flow->ts_recent)) {
        flow->ts_recent_valid = true;
        flow->ts_recent = seg->options->ts_val;
    }
}

/* The device may have looked at the ACK of a segment it had to drop: what it tells is possible, not sure. */
static void maybe_ack(struct flow *flow, const struct seg *seg)
{
    if (!seg->has_ack || seg->ack > flow->nxt)
        return;
    if (seg->ack > flow->una_maybe)
        flow->una_maybe = seg->ack;
    if (seg->ack + seg->window > flow->edge_max)
        flow->edge_max = seg->ack + seg->window;
    flow->acked_at = seg->at;
}

static void in_rst(const struct flow *flow, const struct seg *seg, struct arrival *arrival)
{
    /* RFC 5961 3.2: exactly RCV.NXT resets, elsewhere it does not */
    arrival->what = seg->seq == flow->rcv_nxt ? ARRIVED_RESET : ARRIVED_RST_IGNORED;
}

static void in_syn_again(struct flow *flow, const struct seg *seg, struct arrival *arrival)
{
    arrival->what = ARRIVED_SYN_AGAIN;
    flow->syn_waiting = true;
    if (!seg->has_ack)
        remember_syn(flow, seg); /* TIME-WAIT may be left for it (RFC 9293 MAY-2) */
    maybe_ack(flow, seg);
}

/* RFC 9293 3.10.7.4, in its order */
static int in_synchronized(struct flow *flow, const struct seg *seg, struct arrival *arrival)
{
    if (seg->rst) {
        in_rst(flow, seg, arrival);
        return 0;
    }
    if (seg->syn) {
        in_syn_again(flow, seg, arrival);
        if (flow->established || !seg->has_ack || seg->ack != 1)
            return 0;
        flow->established = true; /* simultaneous open: the SYN,ACK acknowledges our SYN */
        arrival->what = ARRIVED_SYN;
        return take_ack(flow, seg, arrival);
    }
    if (fails_paws(flow, seg)) {
        arrival->what = ARRIVED_PAWS;
        return 0;
    }
    if (!acceptable(flow, seg) || (seg->has_ack && seg->ack > flow->nxt)) {
        arrival->what = ARRIVED_UNACCEPTABLE;
        arrival->data = seg->end <= flow->rcv_nxt && seg->len != 0 ? DATA_OLD : DATA_NONE;
        arrival->twice = arrival->data == DATA_OLD;
        maybe_ack(flow, seg);
        return 0;
    }
    if (!seg->has_ack) {
        arrival->what = ARRIVED_NO_ACK;
        return 0;
    }
    if (!flow->established && seg->ack <= 0)
        return 0; /* SYN-RECEIVED: a RST is owed, the segment is dropped */
    arrival->what = ARRIVED_SEGMENT;
    take_timestamp(flow, seg);
    int error = take_ack(flow, seg, arrival);
    flow->established = flow->established || flow->una > 0;
    return error != 0 ? error : take_data(flow, seg, arrival);
}

static void note_came(struct flow *flow, const struct seg *seg)
{
    flow->came.valid = true;
    flow->came.rst = seg->rst;
    flow->came.has_ack = seg->has_ack;
    flow->came.seq = seg->raw_seq;
    flow->came.ack = seg->raw_ack;
    flow->came.len = seg->len;
    flow->came.at = seg->at;
    flow->last_in = seg->at;
    flow->heard = true;
}

int flow_in(struct flow *flow, const struct seg *seg, struct arrival *arrival)
{
    *arrival = (struct arrival){.rcv_before = flow->rcv_nxt, .una_before = flow->una};
    note_came(flow, seg);
    int error = 0;
    if (!flow->have_iss || flow_over(flow)) {
        if (seg->syn && !seg->has_ack && !seg->rst)
            remember_syn(flow, seg);
    } else if (!flow->have_irs) {
        error = in_syn_sent(flow, seg, arrival);
    } else {
        error = in_synchronized(flow, seg, arrival);
    }
    if (arrival->what == ARRIVED_RESET) {
        flow->reset_in = true;
        flow->reset_at = seg->at;
    }
    return error;
}

/* ---- sent -------------------------------------------------------------------------------------------------- */

/* A SYN of the device with another ISN opens another connection. */
static bool opens_another(const struct flow *flow, const struct lk_tcp *tcp)
{
    return (tcp->control & LK_TCP_SYN) && !(tcp->control & LK_TCP_RST) && flow->have_iss && tcp->sequence_number != flow->iss;
}

static void begin(struct flow *flow, const struct lk_event *event)
{
    struct seg seg;
    read_numbers(flow, event, &seg);
    flow->have_iss = true;
    flow->iss = seg.syn ? seg.raw_seq : seq_sub(seg.raw_seq, 1);
    if (seg.syn) {
        read_options(&seg, &flow->ours);
        return;
    }
    flow->midstream = true;
    flow->established = true;
    flow->una = flow->una_maybe = flow->nxt = 1;
    if (seg.has_ack) {
        flow->have_irs = true;
        flow->irs = seq_sub(seg.raw_ack, 1);
        flow->rcv_nxt = 1;
    }
}

/* Takes the SYN that a SYN,ACK of the device answers. */
static void answered_syn(struct flow *flow)
{
    take_syn(flow, flow->next_syn.seq, flow->next_syn.window, &flow->next_syn.options);
    flow->next_syn.valid = false;
}

bool flow_read(struct flow *flow, const struct lk_event *event, struct seg *seg)
{
    const struct lk_tcp *tcp = &event->segment.tcp;
    bool begins = false;
    if (event->dir == LK_OUT && !(tcp->control & LK_TCP_RST)) {
        if (opens_another(flow, tcp))
            flow_restart(flow);
        begins = !flow->have_iss;
        if (begins)
            begin(flow, event);
        if (begins && (tcp->control & LK_TCP_SYN) && (tcp->control & LK_TCP_ACK) && flow->next_syn.valid)
            answered_syn(flow);
    }
    read_numbers(flow, event, seg);
    return begins;
}

static int sent_again(struct flow *flow, const struct seg *seg, int64_t from, int64_t to)
{
    int error = pieces_split(&flow->pieces, from);
    error = error != 0 ? error : pieces_split(&flow->pieces, to);
    for (uint32_t i = pieces_from(&flow->pieces, from); error == 0 && i < flow->pieces.count && pieces_at(&flow->pieces, i)->to <= to; i++) {
        struct piece *piece = pieces_at(&flow->pieces, i);
        piece->copies++;
        piece->last = seg->at;
        piece->order = flow->order;
    }
    return error;
}

static int sent_first(struct flow *flow, const struct seg *seg, int64_t from, int64_t to, enum piece_kind kind)
{
    if (from >= to)
        return 0;
    const uint8_t *bytes = kind == PIECE_DATA && seg->bytes != NULL ? seg->bytes + (from - seg->data) : NULL;
    struct piece piece = {.from = from, .to = to, .first = seg->at, .last = seg->at, .order = flow->order, .bytes = bytes, .copies = 1, .kind = (uint8_t)kind};
    return pieces_add(&flow->pieces, &piece);
}

static int64_t later(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int sent_sequence_space(struct flow *flow, const struct seg *seg)
{
    int64_t old_end = seg->end < flow->nxt ? seg->end : flow->nxt;
    flow->order++;
    int error = seg->seq < old_end ? sent_again(flow, seg, seg->seq, old_end) : 0;
    if (error == 0 && seg->syn)
        error = sent_first(flow, seg, later(seg->seq, flow->nxt), seg->seq + 1, PIECE_SYN);
    if (error == 0)
        error = sent_first(flow, seg, later(seg->data, flow->nxt), seg->data_end, PIECE_DATA);
    if (error == 0 && seg->fin)
        error = sent_first(flow, seg, later(seg->data_end, flow->nxt), seg->end, PIECE_FIN);
    if (seg->syn)
        flow->syn_waiting = false;
    if (seg->fin && !flow->fin_sent) {
        flow->fin_sent = true;
        flow->fin_at = seg->end - 1;
    }
    flow->nxt = later(flow->nxt, seg->end);
    flow->last_out = seg->at;
    return error;
}

int flow_out(struct flow *flow, const struct seg *seg)
{
    if (seg->rst) {
        if (flow->established)
            flow->reset_out = true;
        flow->reset_at = seg->at;
        return 0;
    }
    if (seg->has_ack) {
        flow->ack_sent = later(flow->ack_sent, seg->ack);
        flow->offered = later(flow->offered, seg->ack + seg->window);
        flow->widest = later(flow->widest, seg->window);
    }
    flow->heard = false;
    return seg->end > seg->seq ? sent_sequence_space(flow, seg) : 0;
}
