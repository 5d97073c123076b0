/* Preparing a recording: see tape.h. */
#include "conformance/replay/tape.h"
#include "conformance/dut/recording.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/wire/ethernet.h"
#include <string.h>

#define LONGEST (100 * 24 * 3600 * LK_SECOND)

bool lk_is_pure_ack(const struct lk_segment *segment)
{
    return segment->is_tcp && segment->seg_len == 0 && (segment->tcp.control & (LK_TCP_ACK | LK_TCP_RST)) == LK_TCP_ACK;
}

bool lk_tape_same_name(const struct lk_segment *a, const struct lk_relative *ra, const struct lk_segment *b, const struct lk_relative *rb)
{
    uint8_t kinds = LK_TCP_SYN | LK_TCP_FIN | LK_TCP_RST;
    if ((a->tcp.control & kinds) != (b->tcp.control & kinds))
        return false;
    if (lk_is_pure_ack(a) || lk_is_pure_ack(b))
        return lk_is_pure_ack(a) && lk_is_pure_ack(b) && ra->ack == rb->ack;
    return ra->seq == rb->seq && ra->end == rb->end;
}

static uint16_t ethertype(const struct lk_captured *captured)
{
    struct lk_ethernet frame;
    return lk_ethernet_parse(captured->bytes, captured->len, &frame) < 0 ? 0 : frame.type;
}

/* Who sent it: by IPv4 address; ARP and the like by the device's MAC. */
static void classify(const struct lk_trace *trace, struct lk_tape_frame *frame)
{
    uint32_t device = lk_addr_ip4(&trace->dut.host.address), peer = lk_addr_ip4(&trace->peer.host.address);
    const struct lk_segment *s = &frame->segment;
    if (s->is_ip) {
        bool out = s->src == device && s->dst == peer, in = s->src == peer && s->dst == device;
        frame->kind = s->is_tcp ? LK_TAPE_TCP : LK_TAPE_IP;
        frame->dir = out ? LK_OUT : LK_IN;
        frame->plays = out || in;
    } else if (ethertype(frame->captured) == LK_ETHERTYPE_ARP && frame->captured->len >= LK_ETHERNET_HEADER + 28) {
        const uint8_t *sender = frame->captured->bytes + LK_ETHERNET_HEADER + 14; /* ar$spa, RFC 826 */
        frame->kind = LK_TAPE_ARP;
        frame->dir = memcmp(sender, &trace->dut.host.address.octet[12], 4) == 0 ? LK_OUT : LK_IN;
        frame->plays = trace->link.neighbours == LK_NEIGHBOURS_RECORDED;
    }
}

static int mark_injections(struct lk_tape *tape, struct lk_bump *memory, const char **why)
{
    for (size_t i = 0; i < tape->trace->inject_count; i++) {
        uint32_t number = tape->trace->injects[i].frame;
        size_t at = 0;
        while (at < tape->count && tape->frames[at].captured->number != number)
            at++;
        if (at == tape->count || tape->frames[at].dir != LK_IN || !tape->frames[at].plays) {
            *why = lk_bump_format(memory, "inject: frame %u is not a frame of the peer", number);
            return LK_E_INVALID;
        }
        tape->frames[at].outside = true;
    }
    return 0;
}

static void count_copies(struct lk_tape *tape, size_t index)
{
    struct lk_tape_frame *frame = &tape->frames[index];
    for (size_t i = index; i-- > 0;) {
        const struct lk_tape_frame *past = &tape->frames[i];
        if (past->kind == LK_TAPE_TCP && past->plays && past->dir == frame->dir && past->conn == frame->conn &&
            lk_tape_same_name(&past->segment, &past->rel, &frame->segment, &frame->rel)) {
            frame->copy = past->copy + 1;
            return;
        }
    }
}

static int follow(struct lk_tape *tape)
{
    for (size_t i = 0; i < tape->count; i++) {
        struct lk_tape_frame *frame = &tape->frames[i];
        if (!frame->plays)
            continue;
        tape->end = frame->at;
        if (frame->kind != LK_TAPE_TCP)
            continue;
        frame->conn = lk_conns_find(&tape->conns, (enum lk_dir)frame->dir, &frame->segment, frame->outside);
        if (frame->conn == LK_NONE)
            return LK_E_NOMEM;
        const struct lk_conn *conn = &tape->conns.list[frame->conn];
        frame->rel = lk_conns_relative(&tape->conns, frame->conn, (enum lk_dir)frame->dir, &frame->segment);
        frame->ack_of_sent = frame->rel.ack <= conn->sent[LK_OUT];
        frame->in_window = frame->rel.end <= conn->window_edge;
        count_copies(tape, i);
        if (frame->segment.tcp_checksum_ok && !frame->outside && lk_conns_note(&tape->conns, frame->conn, (enum lk_dir)frame->dir, &frame->segment) < 0)
            return LK_E_NOMEM;
    }
    return 0;
}

/* A stream is as long as the highest data byte sent; what the recording does not show stays zero and is not `known`. */
static int size_streams(struct lk_tape *tape, struct lk_bump *memory)
{
    for (int dir = 0; dir < 2; dir++) {
        tape->streams[dir] = lk_bump_array(memory, tape->conns.count, sizeof *tape->streams[dir]);
        if (tape->streams[dir] == NULL)
            return LK_E_NOMEM;
    }
    for (size_t i = 0; i < tape->count; i++) {
        const struct lk_tape_frame *frame = &tape->frames[i];
        if (frame->conn == LK_NONE || frame->outside || !frame->plays || frame->rel.end > UINT32_C(1) << 28)
            continue;
        struct lk_stream *stream = &tape->streams[frame->dir][frame->conn];
        uint64_t end = frame->rel.seq + ((frame->segment.tcp.control & LK_TCP_SYN) ? 1u : 0u) + frame->segment.tcp.payload_len;
        if (frame->segment.tcp.payload_len > 0 && end - 1 > stream->len)
            stream->len = end - 1;
        if (frame->segment.tcp.control & LK_TCP_FIN)
            stream->fin = true;
    }
    for (size_t i = 0; i < tape->conns.count * 2; i++) {
        struct lk_stream *stream = &tape->streams[i % 2][i / 2];
        stream->bytes = lk_bump_take(memory, (size_t)stream->len);
        if (stream->bytes == NULL)
            return LK_E_NOMEM;
    }
    return 0;
}

/* Of a byte that was sent several times the first copy counts: a later one that differs is for the matcher to find. */
static int fill_stream(struct lk_stream *stream, struct lk_bump *memory, uint64_t from, const uint8_t *bytes, uint64_t len)
{
    uint64_t end = from + len;
    for (uint64_t at = from; at < end;) {
        uint64_t hole = lk_ranges_next_hole(&stream->known, at);
        if (hole >= end)
            break;
        uint64_t stop = hole + 1;
        while (stop < end && lk_ranges_next_hole(&stream->known, stop) == stop)
            stop++;
        memcpy(stream->bytes + hole - 1, bytes + (hole - from), (size_t)(stop - hole));
        if (lk_ranges_add(&stream->known, memory, hole, stop) < 0)
            return LK_E_NOMEM;
        at = stop;
    }
    return 0;
}

static int fill_streams(struct lk_tape *tape, struct lk_bump *memory)
{
    for (size_t i = 0; i < tape->count; i++) {
        const struct lk_tape_frame *frame = &tape->frames[i];
        const struct lk_tcp *tcp = &frame->segment.tcp;
        if (frame->conn == LK_NONE || frame->outside || !frame->plays || tcp->payload_len == 0 || !frame->segment.tcp_checksum_ok)
            continue;
        struct lk_stream *stream = &tape->streams[frame->dir][frame->conn];
        uint64_t from = frame->rel.seq + ((tcp->control & LK_TCP_SYN) ? 1u : 0u);
        if (from < 1 || from - 1 + tcp->payload_len > stream->len)
            continue;
        if (fill_stream(stream, memory, from, tcp->payload, tcp->payload_len) < 0)
            return LK_E_NOMEM;
    }
    return 0;
}

static bool device_occurs(const struct lk_tape *tape)
{
    for (size_t i = 0; i < tape->count; i++)
        if (tape->frames[i].plays && tape->frames[i].dir == LK_OUT)
            return true;
    return tape->count == 0;
}

/* So that no sum of times can leave the range of lk_time. */
static bool times_are_sane(const struct lk_capture *capture, const lk_time *times)
{
    for (size_t i = 0; i < capture->count; i++)
        if (times[i] < -LONGEST || times[i] > LONGEST)
            return false;
    return true;
}

int lk_tape_load(const struct lk_trace *trace, const struct lk_capture *capture, struct lk_bump *memory, struct lk_tape *out, const char **why)
{
    *out = (struct lk_tape){.trace = trace, .conns = {.memory = memory}};
    *why = NULL;
    if (capture->count > 0 && capture->link != LK_CAPTURE_ETHERNET) {
        *why = "captures of other links than Ethernet are not replayed";
        return LK_E_INVALID;
    }
    out->frames = lk_bump_array(memory, capture->count, sizeof *out->frames);
    lk_time *times = lk_bump_array(memory, capture->count, sizeof *times);
    if (out->frames == NULL || times == NULL)
        return LK_E_NOMEM;
    out->count = capture->count;
    lk_recording_times(capture, times);
    if (!times_are_sane(capture, times)) {
        *why = "the capture's times are more than 100 days apart or before its start";
        return LK_E_INVALID;
    }
    for (size_t i = 0; i < capture->count; i++) {
        struct lk_tape_frame *frame = &out->frames[i];
        frame->captured = &capture->frames[i];
        frame->at = times[i];
        frame->conn = frame->cause = LK_NONE;
        frame->peer_at = LK_NEVER;
        lk_segment_read(frame->captured->bytes, frame->captured->len, capture->link, &frame->segment);
        classify(trace, frame);
    }
    if (!device_occurs(out)) {
        *why = "the device's address sends nothing in the capture";
        return LK_E_INVALID;
    }
    int status = mark_injections(out, memory, why);
    if (status == 0 && (status = follow(out)) == 0 && (status = size_streams(out, memory)) == 0 && (status = fill_streams(out, memory)) == 0)
        status = lk_tape_find_causes(out, &trace->peer_capture, memory);
    return status;
}
