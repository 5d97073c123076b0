/* Connections by ports and generation. */
#include "conformance/replay/conn.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"

static enum lk_dir other(enum lk_dir dir)
{
    return dir == LK_OUT ? LK_IN : LK_OUT;
}

bool lk_conn_closed(const struct lk_conn *conn)
{
    if (conn->reset[LK_OUT] || conn->reset[LK_IN])
        return true;
    return conn->fin[LK_OUT] && conn->fin[LK_IN] && conn->acked[LK_OUT] > conn->fin_at[LK_OUT] && conn->acked[LK_IN] > conn->fin_at[LK_IN];
}

uint64_t lk_conn_received(const struct lk_conn *conn)
{
    uint64_t next = lk_ranges_next_hole(&conn->arrived, 1);
    return next - 1;
}

bool lk_conn_peer_closed(const struct lk_conn *conn)
{
    return conn->fin[LK_IN] && lk_ranges_next_hole(&conn->arrived, 1) >= conn->fin_at[LK_IN];
}

static uint32_t latest(const struct lk_conns *conns, uint16_t device, uint16_t peer)
{
    for (size_t i = conns->count; i-- > 0;)
        if (conns->list[i].port[LK_OUT] == device && conns->list[i].port[LK_IN] == peer)
            return (uint32_t)i;
    return LK_NONE;
}

/* A SYN with another ISN on a connection that is over begins the next one (RFC 9293 3.4.3, 3.6.1). */
static bool begins_anew(const struct lk_conn *conn, enum lk_dir dir, const struct lk_tcp *tcp)
{
    return (tcp->control & (LK_TCP_SYN | LK_TCP_ACK)) == LK_TCP_SYN && conn->known[dir] && conn->isn[dir] != tcp->sequence_number && lk_conn_closed(conn);
}

static uint32_t append(struct lk_conns *conns, enum lk_dir dir, uint16_t device, uint16_t peer, uint32_t before)
{
    void *grown = lk_bump_grow(conns->memory, conns->list, conns->count, &conns->capacity, sizeof *conns->list);
    if (grown == NULL)
        return LK_NONE;
    conns->list = grown;
    conns->list[conns->count] = (struct lk_conn){.port = {device, peer}, .opener = (uint8_t)dir, .before = before};
    return (uint32_t)conns->count++;
}

uint32_t lk_conns_find(struct lk_conns *conns, enum lk_dir dir, const struct lk_segment *segment, bool outside)
{
    const struct lk_tcp *tcp = &segment->tcp;
    uint16_t device = dir == LK_OUT ? tcp->source_port : tcp->destination_port;
    uint16_t peer = dir == LK_OUT ? tcp->destination_port : tcp->source_port;
    uint32_t index = latest(conns, device, peer);
    bool is_new = index == LK_NONE || (!outside && begins_anew(&conns->list[index], dir, tcp));
    if (is_new)
        index = append(conns, dir, device, peer, index);
    if (index == LK_NONE)
        return LK_NONE;
    struct lk_conn *conn = &conns->list[index];
    if ((tcp->control & LK_TCP_SYN) && !conn->known[dir] && (!outside || is_new)) {
        conn->known[dir] = true;
        conn->isn[dir] = tcp->sequence_number;
    }
    return index;
}

uint32_t lk_conns_base(const struct lk_conns *conns, uint32_t index, enum lk_dir dir)
{
    for (; index != LK_NONE; index = conns->list[index].before)
        if (conns->list[index].known[dir])
            return conns->list[index].isn[dir];
    return 0;
}

struct lk_relative lk_conns_relative(const struct lk_conns *conns, uint32_t index, enum lk_dir dir, const struct lk_segment *segment)
{
    struct lk_relative r = {0};
    r.seq = seq_sub(segment->tcp.sequence_number, lk_conns_base(conns, index, dir));
    r.end = seq_add(r.seq, segment->seg_len);
    if (segment->tcp.control & LK_TCP_ACK)
        r.ack = seq_sub(segment->tcp.acknowledgment_number, lk_conns_base(conns, index, other(dir)));
    return r;
}

static void note_window(struct lk_conn *conn, const struct lk_segment *segment, uint32_t ack)
{
    bool scaled = conn->offers_wscale[LK_OUT] && conn->offers_wscale[LK_IN] && !(segment->tcp.control & LK_TCP_SYN);
    uint32_t window = (uint32_t)segment->tcp.window << (scaled ? conn->wscale[LK_OUT] : 0);
    if (ack + window > conn->window_edge)
        conn->window_edge = ack + window;
}

static void note_syn(struct lk_conn *conn, enum lk_dir dir, const struct lk_segment *segment)
{
    conn->offers_wscale[dir] = (segment->options.present & LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE)) != 0;
    conn->wscale[dir] = segment->options.window_scale > 14 ? 14 : segment->options.window_scale; /* RFC 7323 2.3 */
}

/* Numbers that lie behind the ISN or absurdly far are not progress. */
static bool plausible(uint32_t number)
{
    return number < UINT32_C(1) << 31;
}

int lk_conns_note(struct lk_conns *conns, uint32_t index, enum lk_dir dir, const struct lk_segment *segment)
{
    struct lk_conn *conn = &conns->list[index];
    uint8_t control = segment->tcp.control;
    struct lk_relative r = lk_conns_relative(conns, index, dir, segment);
    if (control & LK_TCP_RST) {
        conn->reset[dir] = true;
        return 0;
    }
    if (control & LK_TCP_SYN)
        note_syn(conn, dir, segment);
    if ((control & LK_TCP_ACK) && plausible(r.ack)) {
        enum lk_dir acked = other(dir);
        if (r.ack > conn->acked[acked] && r.ack <= conn->sent[acked])
            conn->acked[acked] = r.ack;
        if (dir == LK_OUT)
            note_window(conn, segment, r.ack);
    }
    if (!plausible(r.end))
        return 0;
    if (r.end > conn->sent[dir])
        conn->sent[dir] = r.end;
    if (control & LK_TCP_FIN) {
        conn->fin[dir] = true;
        conn->fin_at[dir] = r.end - 1;
    }
    if (conn->known[LK_OUT] && conn->known[LK_IN] && (conn->acked[LK_IN] > 0) && (conn->acked[LK_OUT] > 0))
        conn->established = true;
    if (dir != LK_IN)
        return 0;
    uint32_t data = r.seq + ((control & LK_TCP_SYN) ? 1 : 0);
    return lk_ranges_add(&conn->arrived, conns->memory, data, data + segment->tcp.payload_len);
}
