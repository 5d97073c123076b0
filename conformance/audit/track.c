/* What a segment was, and what it tells of both ends. */
#include "conformance/audit/flow.h"

#include <string.h>

#define PIECES_MOST 65536u      /* held for one end at most */
#define JUMP_MOST (1 << 30)     /* RFC 7323 2.3: no window is larger; what is further off is no segment of this connection */
#define TIMER_LEAST (150 * LK_MILLISECOND) /* no retransmission timer in use fires earlier, but for the granularity of a capture */

static int64_t position(const struct lk_audit_end *e, uint32_t seq)
{
    return e->next + (int32_t)(seq - (uint32_t)(e->base + (uint64_t)e->next));
}

static void start(struct lk_audit_end *e, uint32_t seq)
{
    e->base = seq;
    e->started = true;
    e->fin = -1;
}

/* Whether Identification of this end goes up by a little with each packet, so that it tells the order of sending. */
static bool id_tells(const struct lk_audit_end *e)
{
    return e->id_good >= 4 && e->id_good >= 8u * e->id_bad;
}

static void note_id(struct lk_audit_end *e, const struct lk_peeled *ip)
{
    if (!ip->has_id)
        return;
    uint16_t step = (uint16_t)(ip->id - e->last_id);
    if (e->count.packets > 1) {
        if (step >= 1 && step <= 256)
            e->id_good = e->id_good == UINT16_MAX ? e->id_good : (uint16_t)(e->id_good + 1);
        else if (step == 0 || (step > 1024 && step < 65536 - 1024))
            e->id_bad = e->id_bad == UINT16_MAX ? e->id_bad : (uint16_t)(e->id_bad + 1);
    }
    if (step < 0x8000 || e->count.packets <= 1)
        e->last_id = ip->id;
}

/* Sent before or after the packet that `piece` remembers? Negative before, positive after, 0 cannot tell. */
static int order(const struct lk_audit_end *e, const struct lk_piece *piece, const struct lk_audit_segment *seg, const struct lk_peeled *ip)
{
    if (seg->has_ts && (piece->flags & LK_PIECE_STAMPED) != 0 && seg->ts_val != piece->ts_val)
        return (int32_t)(seg->ts_val - piece->ts_val) < 0 ? -1 : 1; /* RFC 7323 5.4: the clock of one end never goes back */
    if (ip->has_id && id_tells(e)) {
        int16_t step = (int16_t)(ip->id - piece->id);
        return step < 0 ? -1 : step > 0;
    }
    return 0;
}

/* Whether this is the very packet that `piece` remembers, a second time. */
static int same_packet(const struct lk_audit_end *e, const struct lk_piece *piece, const struct lk_audit_segment *seg, const struct lk_peeled *ip)
{
    if (seg->has_ts && (piece->flags & LK_PIECE_STAMPED) != 0 && seg->ts_val != piece->ts_val)
        return 0;
    if (ip->has_id && id_tells(e))
        return ip->id == piece->id;
    return -1;
}

static struct lk_piece piece_of(int64_t from, uint32_t len, const struct lk_audit_segment *seg, const struct lk_peeled *ip, lk_time at)
{
    return (struct lk_piece){.from = from, .len = len, .at = at, .ts_val = seg->ts_val, .id = ip->id, .copies = 1, .flags = seg->has_ts ? LK_PIECE_STAMPED : 0};
}

/* Why the sender sent it again, as far as its acknowledgements and the time tell. */
static enum lk_resent cause(struct lk_audit_end *e, int64_t from, lk_time sent_before, lk_time at)
{
    bool evidence = e->duplicates >= 3 || e->sacked >= from + 3 * (int64_t)(e->mss > 0 ? e->mss : 536);
    lk_time waited = at - (sent_before > e->head_at ? sent_before : e->head_at), rtt = e->rtt > 0 ? e->rtt : LK_SECOND;
    enum lk_resent kind;
    if (from < e->recovery)
        return e->recovery_kind == LK_RESENT_TIMER && evidence && from > e->una ? LK_RESENT_FAST : (enum lk_resent)e->recovery_kind;
    if (waited >= TIMER_LEAST && waited >= rtt && (!evidence || waited >= 2 * rtt + TIMER_LEAST))
        kind = from > e->una ? LK_RESENT_PROBE : LK_RESENT_TIMER;
    else if (evidence)
        kind = LK_RESENT_FAST;
    else if (e->sacked > from || e->duplicates > 0)
        kind = LK_RESENT_FAST; /* RACK (RFC 8985 6.2), or early retransmit (RFC 5827): fewer than three were enough */
    else if (waited >= rtt)
        kind = LK_RESENT_PROBE; /* RFC 8985 7.2 */
    else
        return LK_RESENT_UNKNOWN;
    if (kind != LK_RESENT_PROBE) {
        e->recovery = e->next;
        e->recovery_kind = (uint8_t)kind;
    }
    return kind;
}

static void count_resent(struct lk_audit_end *e, enum lk_resent kind)
{
    struct lk_audit_counts *c = &e->count;
    switch (kind) {
    case LK_RESENT_FAST: c->retransmissions++; c->fast++; break;
    case LK_RESENT_TIMER: c->retransmissions++; c->timer++; break;
    case LK_RESENT_PROBE: c->retransmissions++; c->probes++; break;
    case LK_RESENT_UNKNOWN: c->retransmissions++; break;
    case LK_RESENT_REORDERED: c->reordered++; break;
    case LK_RESENT_DOUBLED: c->doubled++; break;
    case LK_RESENT_AMBIGUOUS: c->ambiguous++; break;
    case LK_RESENT_NO: break;
    }
}

/* A segment that lies wholly in or below a hole, or in what was seen already: piece i is the lowest it touches. */
static enum lk_resent judge_old(struct lk_audit_end *e, uint32_t i, int64_t from, int64_t to, const struct lk_audit_segment *seg, const struct lk_peeled *ip, lk_time at, enum lk_vantage vantage)
{
    if (i == e->sent.count) /* forgotten long ago */
        return vantage == LK_VANTAGE_SENDER ? cause(e, from, e->last_data_at, at) : LK_RESENT_UNKNOWN;
    const struct lk_piece *piece = lk_pieces_at(&e->sent, i);
    bool below = piece->from >= to; /* below everything that is remembered */
    if (!below && (piece->flags & LK_PIECE_HOLE) != 0) {
        bool unseen = (piece->flags & LK_PIECE_UNSEEN) != 0;
        int when = unseen ? -(at < piece->at) : order(e, piece, seg, ip);
        if (when == 0 && unseen)
            return LK_RESENT_AMBIGUOUS; /* captured late, or its first copy never was */
        if (when < 0) {
            if (vantage == LK_VANTAGE_SENDER)
                e->count.resequenced++;
            return LK_RESENT_REORDERED;
        }
        if (when == 0 && vantage != LK_VANTAGE_SENDER)
            return LK_RESENT_AMBIGUOUS;
        return vantage == LK_VANTAGE_SENDER ? cause(e, from, piece->at, at) : LK_RESENT_UNKNOWN;
    }
    int same = below ? -1 : same_packet(e, piece, seg, ip);
    if (same == 1)
        return LK_RESENT_DOUBLED;
    if (same == -1 && vantage != LK_VANTAGE_SENDER && !seg->has_ts && !below && at - piece->at < e->rtt_min / 4)
        return LK_RESENT_AMBIGUOUS;
    return vantage == LK_VANTAGE_SENDER ? cause(e, from, below ? e->last_data_at : piece->at, at) : LK_RESENT_UNKNOWN;
}

/* Notes that [from, to) was seen with this packet; what was a hole is one no longer. */
static void mark_seen(struct lk_audit_end *e, uint32_t i, int64_t from, int64_t to, const struct lk_audit_segment *seg, const struct lk_peeled *ip, lk_time at, size_t *budget)
{
    for (; i < e->sent.count; i++) {
        struct lk_piece *piece = lk_pieces_at(&e->sent, i);
        if (piece->from >= to)
            return;
        if ((piece->flags & LK_PIECE_HOLE) != 0) {
            if (piece->from < from) {
                if (!lk_pieces_split(&e->sent, i, from, PIECES_MOST, budget))
                    return;
                continue;
            }
            if (piece->from + piece->len > to && !lk_pieces_split(&e->sent, i, to, PIECES_MOST, budget))
                return;
            piece = lk_pieces_at(&e->sent, i);
            piece->flags = LK_PIECE_FILLED;
            piece->copies = 0;
        }
        piece->at = at;
        piece->id = ip->id;
        piece->ts_val = seg->ts_val;
        piece->flags = (uint8_t)((piece->flags & ~LK_PIECE_STAMPED) | (seg->has_ts ? LK_PIECE_STAMPED : 0));
        piece->copies = piece->copies == 255 ? 255 : (uint8_t)(piece->copies + 1);
    }
}

/* Sequence space [from, to) of this end. */
static enum lk_resent sent(struct lk_audit_end *e, int64_t from, int64_t to, const struct lk_audit_segment *seg, const struct lk_peeled *ip, lk_time at, enum lk_vantage vantage, size_t *budget)
{
    enum lk_resent kind = LK_RESENT_NO;
    if (from < e->next) {
        int64_t old_end = to < e->next ? to : e->next;
        uint32_t i = lk_pieces_find(&e->sent, from);
        kind = judge_old(e, i, from, old_end, seg, ip, at, vantage);
        count_resent(e, kind);
        if (kind != LK_RESENT_DOUBLED)
            mark_seen(e, i, from, old_end, seg, ip, at, budget);
        if (from <= e->una && kind != LK_RESENT_DOUBLED)
            e->head_at = at;
        from = old_end;
    }
    if (to <= e->next)
        return kind;
    if (from > e->next) {
        struct lk_piece hole = piece_of(e->next, (uint32_t)(from - e->next), seg, ip, at);
        hole.flags |= LK_PIECE_HOLE;
        lk_pieces_add(&e->sent, &hole, PIECES_MOST, budget);
        e->count.gaps++;
    }
    if (e->next == e->una)
        e->head_at = at; /* the timer starts with the first octet in flight */
    struct lk_piece piece = piece_of(from, (uint32_t)(to - from), seg, ip, at);
    lk_pieces_add(&e->sent, &piece, PIECES_MOST, budget);
    e->next = to;
    return kind;
}

/* The round trip that an acknowledgement closes: only of what was sent once (Karn). */
static void sample(struct lk_audit_end *e, lk_time took)
{
    if (took < 0)
        return;
    e->rtt = e->rtt == 0 ? took : e->rtt + (took - e->rtt) / 8;
    if (e->rtt_count == 0 || took < e->rtt_min)
        e->rtt_min = took;
    if (took > e->rtt_max)
        e->rtt_max = took;
    e->rtt_sum = lk_time_add(e->rtt_sum, took);
    e->rtt_count++;
}

/* The other end acknowledges up to `ack`: pieces below it are done with. */
static void acknowledged(struct lk_audit_end *e, int64_t ack, lk_time at, size_t *budget)
{
    if (ack > e->next) { /* it has seen what this capture has not */
        bool probe = ack <= e->probe_end;
        struct lk_piece unseen = {.from = e->next, .len = (uint32_t)(ack - e->next), .at = at, .copies = probe, .flags = probe ? LK_PIECE_FILLED : LK_PIECE_HOLE | LK_PIECE_UNSEEN};
        e->count.unseen_acked += !probe;
        lk_pieces_add(&e->sent, &unseen, PIECES_MOST, budget);
        e->next = ack;
    }
    uint32_t i = lk_pieces_find(&e->sent, e->una);
    for (; i < e->sent.count; i++) {
        struct lk_piece *piece = lk_pieces_at(&e->sent, i);
        if (piece->from >= ack)
            break;
        if ((piece->flags & LK_PIECE_HOLE) != 0)
            e->count.missed++;
        else if (piece->from + piece->len == ack && piece->copies == 1 && (piece->flags & LK_PIECE_FILLED) == 0)
            sample(e, at - piece->at);
    }
    e->una = ack;
    e->head_at = at;
    e->duplicates = 0;
    if (ack >= e->recovery)
        e->recovery = 0;
    if (e->fin >= 0 && ack > e->fin)
        e->fin_acked = true;
}

/* RFC 2018 3, RFC 2883 4: what the blocks say of this end's data. */
static void sacks(struct lk_audit_end *e, const struct lk_audit_segment *seg)
{
    for (unsigned i = 0; i < seg->sacks; i++) {
        int64_t from = position(e, seg->sack[i].from), to = position(e, seg->sack[i].to);
        if (to <= from || to > e->next)
            continue;
        bool twice = i == 0 && (to <= e->una || (seg->sacks > 1 && (int32_t)(seg->sack[0].from - seg->sack[1].from) >= 0 && (int32_t)(seg->sack[1].to - seg->sack[0].to) >= 0));
        if (twice) {
            uint32_t k = lk_pieces_find(&e->sent, from);
            if (k < e->sent.count && lk_pieces_at(&e->sent, k)->copies > 1)
                e->count.spurious++;
        } else if (to > e->sacked) {
            e->sacked = to;
        }
    }
}

/* What the acknowledgement in a segment of `from` says of `e`, the other end. */
static void acknowledgement(struct lk_audit_flow *flow, unsigned from, const struct lk_audit_segment *seg, uint32_t seg_len, lk_time at, size_t *budget)
{
    struct lk_audit_end *me = &flow->end[from], *e = &flow->end[!from];
    if (!e->started) {
        bool syn = (seg->flags & LK_AUDIT_SYN) != 0; /* what it answers was not captured, or is captured only later */
        start(e, seg->ack - syn);
        if (syn)
            acknowledged(e, 1, at, budget);
        me->sent_ack = true;
        return;
    }
    int64_t ack = position(e, seg->ack);
    if (ack > e->next + JUMP_MOST || ack < e->una - JUMP_MOST)
        return;
    if (ack > e->una) {
        acknowledged(e, ack, at, budget);
    } else if (ack == e->una && seg_len == 0 && e->next > e->una && seg->window == me->window_raw && me->sent_ack && (seg->flags & (LK_AUDIT_SYN | LK_AUDIT_FIN | LK_AUDIT_RST)) == 0) {
        e->duplicates++; /* RFC 5681 2 */
        me->count.duplicate_acks++;
    }
    if (seg->sacks > 0)
        sacks(e, seg);
    me->acked_sent = ack;
    me->sent_ack = true;
}

/* Segments that ask for an answer and carry nothing new: RFC 9293 3.8.4, 3.8.6.1. True when it was one. */
static bool probe(struct lk_audit_flow *flow, unsigned from, const struct lk_audit_segment *seg, int64_t at_position, uint32_t seg_len)
{
    struct lk_audit_end *me = &flow->end[from], *other = &flow->end[!from];
    if ((seg->flags & (LK_AUDIT_SYN | LK_AUDIT_FIN | LK_AUDIT_RST)) != 0 || seg_len > 1 || !other->sent_ack)
        return false;
    bool closed = other->window_raw == 0;
    if (at_position == me->next - 1 && me->una == me->next && !(seg_len == 1 && closed)) {
        if (closed)
            me->count.window_probes++;
        else
            me->count.keep_alives++;
        return true;
    }
    if (closed && seg_len == 1 && at_position == me->una) {
        me->count.window_probes++;
        me->probe_end = at_position + 1;
        return true;
    }
    return false;
}

enum lk_vantage lk_audit_vantage(const struct lk_audit_flow *flow, unsigned from, enum lk_vantage given)
{
    if (given != LK_VANTAGE_UNKNOWN)
        return given;
    enum lk_vantage first = (enum lk_vantage)flow->vantage;
    if (from == 0 || first == LK_VANTAGE_UNKNOWN || first == LK_VANTAGE_MIDDLE)
        return first;
    return first == LK_VANTAGE_SENDER ? LK_VANTAGE_RECEIVER : LK_VANTAGE_SENDER;
}

/* The two halves of the handshake's round trip tell where the sniffer stands: near an end its half takes no time. */
static void find_vantage(struct lk_audit_flow *flow, lk_time at)
{
    lk_time there = flow->syn_ack_at - flow->syn_at, here = at - flow->syn_ack_at;
    if (there < 0 || here < 0)
        return;
    if (there > 8 * here + LK_MILLISECOND)
        flow->vantage = LK_VANTAGE_SENDER;
    else if (here > 8 * there + LK_MILLISECOND)
        flow->vantage = LK_VANTAGE_RECEIVER;
    else if (there + here > 4 * LK_MILLISECOND)
        flow->vantage = LK_VANTAGE_MIDDLE;
}

static void handshake(struct lk_audit_flow *flow, unsigned from, const struct lk_audit_segment *seg, lk_time at)
{
    struct lk_audit_end *me = &flow->end[from];
    if ((seg->flags & LK_AUDIT_SYN) != 0) {
        me->syn = true;
        me->count.syns++;
        if (seg->has_mss) me->mss = seg->mss;
        me->has_wscale = seg->has_wscale;
        me->wscale = seg->wscale;
        me->has_ts = seg->has_ts;
        me->sack_permitted = seg->sack_permitted;
        if ((seg->flags & LK_AUDIT_ACK) == 0)
            flow->syn_at = at;
        else
            flow->syn_ack_at = at;
    } else if (!flow->handshake_ack && flow->end[0].syn && flow->end[1].syn && from == 0 && (seg->flags & (LK_AUDIT_ACK | LK_AUDIT_RST)) == LK_AUDIT_ACK) {
        flow->handshake_ack = true;
        flow->established_at = at;
        if (flow->end[0].count.syns == 1 && flow->end[1].count.syns == 1)
            find_vantage(flow, at);
    }
}

static void letters(struct lk_audit_flow *flow, unsigned from, const struct lk_audit_segment *seg)
{
    if ((seg->flags & LK_AUDIT_SYN) != 0)
        lk_audit_history(flow, from, (seg->flags & LK_AUDIT_ACK) != 0 ? 'h' : 's');
    if ((seg->flags & LK_AUDIT_RST) != 0)
        lk_audit_history(flow, from, 'r');
    if (seg->payload > 0)
        lk_audit_history(flow, from, 'd');
    else if ((seg->flags & (LK_AUDIT_SYN | LK_AUDIT_FIN | LK_AUDIT_RST | LK_AUDIT_ACK)) == LK_AUDIT_ACK)
        lk_audit_history(flow, from, 'a');
    if ((seg->flags & LK_AUDIT_FIN) != 0)
        lk_audit_history(flow, from, 'f');
}

/* Counts what every segment counts towards. False: a bad checksum that is no offload's; the segment never arrived anywhere. */
static bool plain_counts(struct lk_audit_end *me, const struct lk_audit_segment *seg, const struct lk_peeled *ip)
{
    me->count.packets++;
    me->count.payload += seg->payload;
    me->count.resets += (seg->flags & LK_AUDIT_RST) != 0;
    me->count.fins += (seg->flags & LK_AUDIT_FIN) != 0;
    me->count.giants += ip->giant;
    me->count.cut += ip->captured < ip->len;
    me->count.zero_windows += seg->window == 0 && (seg->flags & (LK_AUDIT_SYN | LK_AUDIT_RST | LK_AUDIT_FIN)) == 0;
    me->count.bad_checksums += seg->sum == LK_SUM_BAD;
    note_id(me, ip);
    /* an end whose sums are wrong from the start has a card that fills them in behind the sniffer */
    return seg->sum != LK_SUM_BAD || me->count.bad_checksums * 4 > me->count.packets;
}

/* Whether both ends scale windows: RFC 7323 2.2. -1: a SYN was not seen. */
static int scales(const struct lk_audit_flow *flow)
{
    return !flow->end[0].syn || !flow->end[1].syn ? -1 : flow->end[0].has_wscale && flow->end[1].has_wscale;
}

/* The rules that a segment decides by itself. Before it is taken in. */
static void scan(struct lk_audit_flow *flow, unsigned from, const struct lk_audit_segment *seg, const struct lk_peeled *ip, uint32_t seg_len, uint32_t frame, enum lk_vantage vantage)
{
    const struct lk_audit_end *me = &flow->end[from], *other = &flow->end[!from];
    int scaled = scales(flow);
    struct lk_scan_segment s = {
        .from = (uint8_t)from, .syn = (seg->flags & LK_AUDIT_SYN) != 0, .fin = (seg->flags & LK_AUDIT_FIN) != 0, .rst = (seg->flags & LK_AUDIT_RST) != 0, .ack = (seg->flags & LK_AUDIT_ACK) != 0,
        .in_order = vantage == LK_VANTAGE_SENDER && (!ip->has_id || !id_tells(me) || ip->id == me->last_id), .wscale = seg->wscale_sent, .ttl = ip->ttl, .ip4 = ip->version == 4, .source = lk_addr_ip4(&ip->src),
        .options = (uint8_t)((seg->has_mss ? LK_SCAN_MSS : 0) | (seg->has_wscale ? LK_SCAN_WSCALE : 0) | (seg->sack_permitted ? LK_SCAN_SACK_PERMITTED : 0) | (seg->sacks > 0 ? LK_SCAN_SACK : 0) |
                             (seg->has_ts ? LK_SCAN_STAMPS : 0) | (seg->sack_odd ? LK_SCAN_SACK_ODD : 0) | (seg->options_cut ? LK_SCAN_OPTIONS_CUT : 0)),
        .payload = seg->payload, .right_edge = -1, .edge_unit = scaled == 1 ? UINT32_C(1) << me->wscale : 1};
    if (me->started) {
        s.end = position(me, seg->seq) + seg_len;
        s.placed = s.end <= me->next + JUMP_MOST && s.end >= me->next - JUMP_MOST;
    }
    if (s.ack && other->started && scaled >= 0) {
        int64_t ack = position(other, seg->ack);
        if (ack <= other->next + JUMP_MOST && ack >= 0)
            s.right_edge = ack + (scaled == 1 && !s.syn ? (int64_t)seg->window << me->wscale : seg->window); /* RFC 7323 2.2 */
    }
    uint32_t broken = lk_scan(&flow->scan, &s);
    for (unsigned rule = 0; broken != 0; rule++, broken >>= 1)
        if ((broken & 1) != 0 && flow->broken[from][rule].count++ == 0)
            flow->broken[from][rule].frame = frame;
}

/* A second SYN,ACK with another ISN before the handshake's end: its sender answered a repeated SYN as a new one, and the last
 * answer is the one that may be accepted (RFC 7413 4.2.1: a server that kept no state of the first). */
static bool answers_anew(const struct lk_audit_flow *flow, unsigned from, const struct lk_audit_segment *seg)
{
    const uint8_t both = LK_AUDIT_SYN | LK_AUDIT_ACK;
    return (seg->flags & both) == both && !flow->handshake_ack && seg->seq != flow->end[from].base;
}

/* What this end has sent so far belongs to a connection that never was. */
static void start_again(struct lk_audit_flow *flow, unsigned from, uint32_t seq, size_t *budget)
{
    struct lk_audit_end *e = &flow->end[from];
    lk_pieces_free(&e->sent, budget);
    start(e, seq);
    e->next = e->una = e->sacked = e->recovery = e->probe_end = 0;
    e->duplicates = 0;
    e->fin_acked = false;
    flow->scan.end[from].fin = flow->scan.end[from].edge = flow->scan.end[!from].edge = false;
}

enum lk_resent lk_audit_track(struct lk_audit_flow *flow, unsigned from, const struct lk_audit_segment *seg, const struct lk_peeled *ip, uint32_t frame, lk_time at, enum lk_vantage given, size_t *budget)
{
    struct lk_audit_end *me = &flow->end[from];
    enum lk_resent kind = LK_RESENT_NO;
    uint32_t seg_len = seg->payload + ((seg->flags & LK_AUDIT_SYN) != 0) + ((seg->flags & LK_AUDIT_FIN) != 0);
    bool sound = plain_counts(me, seg, ip);
    letters(flow, from, seg);
    flow->last_at = me->last_at = at;
    if (!sound)
        return kind;
    handshake(flow, from, seg, at);
    if ((seg->flags & LK_AUDIT_RST) != 0)
        me->reset = true;
    else if (!me->started)
        start(me, seg->seq);
    else if (answers_anew(flow, from, seg))
        start_again(flow, from, seg->seq, budget);
    scan(flow, from, seg, ip, seg_len, frame, lk_audit_vantage(flow, from, given));
    if (me->started && (seg->flags & LK_AUDIT_RST) == 0) {
        int64_t low = position(me, seg->seq), high = low + seg_len;
        bool near = low <= me->next + JUMP_MOST && low >= me->next - JUMP_MOST;
        if (near && !probe(flow, from, seg, low, seg_len) && seg_len > 0) {
            kind = sent(me, low, high, seg, ip, at, lk_audit_vantage(flow, from, given), budget);
            if ((seg->flags & LK_AUDIT_FIN) != 0 && me->fin < 0)
                me->fin = high - 1, flow->fin_at = at;
            me->last_data_at = at;
            if (seg->payload > 0 && flow->first_data_at == 0)
                flow->first_data_at = at;
        }
    }
    if ((seg->flags & LK_AUDIT_ACK) != 0 && ((seg->flags & LK_AUDIT_RST) == 0))
        acknowledgement(flow, from, seg, seg_len, at, budget);
    if ((seg->flags & LK_AUDIT_RST) == 0)
        me->window_raw = seg->window;
    return kind;
}
