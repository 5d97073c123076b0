/* TCP (RFC 9293 section 3.1), and the fields that only the connection so far can tell: numbers relative to its first
 * sequence numbers, the scaled window (RFC 7323 section 2.2), times. */
#include "stack/wire/tcp.h"
#include "stack/wire/dns.h"
#include "conformance/dissect/layer.h"
#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ipv4.h"

struct segment {
    struct lk_tcp_context connection;
    uint32_t header;     /* bytes */
    uint32_t length;     /* bytes of data */
    uint32_t seq, ack;   /* relative where the connection is known */
    bool has_length;     /* false in fragments and in what an ICMP error quotes: nobody knows where the data ends */
};

static bool add_ports(struct lk_walk *w, const struct lk_view *v)
{
    static const struct lk_row ports[] = {
        {"tcp.srcport", 0, 2, LK_FIELD_DECIMAL, 0},
        {"tcp.dstport", 2, 2, LK_FIELD_DECIMAL, 0},
        {"tcp.port", 0, 2, LK_FIELD_DECIMAL, 0},
        {"tcp.port", 2, 2, LK_FIELD_DECIMAL, 0},
    };
    static const struct lk_row quoted_seq = {"tcp.seq", 4, 4, LK_FIELD_DECIMAL, 0};
    if (!lk_view_need(w, v, 0, 4) || !lk_add_rows(w, v, ports, sizeof ports / sizeof *ports))
        return false;
    /* An ICMP error may quote no more than eight octets (RFC 792): the sequence number is the last that is sure. */
    return !w->below_icmp || lk_add_rows(w, v, &quoted_seq, 1);
}

static void find_connection(struct lk_walk *w, const struct lk_view *v, struct segment *s)
{
    const uint16_t ports[2] = {lk_load_be16(v->bytes), lk_load_be16(v->bytes + 2)};
    struct lk_tcp_context *c = &s->connection;
    c->flow = lk_dissect_flow_of(w->memory, w->address, ports, &c->side);
    if (c->flow == NULL)
        return;
    if (!(c->flags & LK_TCP_SYN) || !c->flow->has_base[c->side] || c->flow->base[c->side] == s->seq)
        return;
    if (c->flags & LK_TCP_ACK) /* the answer to a new SYN, after an old connection was heard of */
        c->flow->base[c->side] = s->seq;
    else
        lk_dissect_flow_renew(w->memory, c->flow);
}

/* The number shown as 0 is that of the SYN; without one, the byte before the first that was seen. */
static void set_base(struct segment *s)
{
    struct lk_dissect_flow *flow = s->connection.flow;
    unsigned side = s->connection.side;
    bool syn = (s->connection.flags & LK_TCP_SYN) != 0, acks = (s->connection.flags & LK_TCP_ACK) != 0;
    if (!flow->has_base[side]) {
        flow->has_base[side] = true;
        flow->base[side] = syn ? s->seq : s->seq - 1;
    }
    if (!flow->has_base[!side] && acks) {
        flow->has_base[!side] = true;
        flow->base[!side] = s->ack - 1;
    }
}

static bool add_length(struct lk_walk *w, const struct lk_view *v, struct segment *s)
{
    s->has_length = !w->fragmented && !w->in_error && v->reported >= s->header;
    if (!s->has_length) {
        if (!w->fragmented && !w->in_error)
            lk_walk_note(w, v->at, "the datagram is shorter than the TCP header");
        return true;
    }
    s->length = v->reported - s->header;
    if (s->connection.flow != NULL) {
        set_base(s);
        s->seq -= s->connection.flow->base[s->connection.side];
        if (s->connection.flags & LK_TCP_ACK)
            s->ack -= s->connection.flow->base[!s->connection.side];
    }
    return lk_add_number(w, v, "tcp.len", 12, 0, s->length);
}

static bool add_numbers(struct lk_walk *w, const struct lk_view *v, const struct segment *s)
{
    bool known = s->connection.flow != NULL;
    uint32_t next = s->seq + s->length + ((s->connection.flags & (LK_TCP_SYN | LK_TCP_FIN)) ? 1u : 0u);
    if (known && !lk_add_number(w, v, "tcp.seq", 4, 4, s->seq))
        return false;
    if (!lk_add_number(w, v, "tcp.seq_raw", 4, 4, lk_load_be32(v->bytes + 4)))
        return false;
    if (known && s->has_length && !lk_add_number(w, v, "tcp.nxtseq", 4, 0, next))
        return false;
    if (known && !lk_add_number(w, v, "tcp.ack", 8, 4, s->ack))
        return false;
    return lk_add_number(w, v, "tcp.ack_raw", 8, 4, lk_load_be32(v->bytes + 8)) &&
           lk_add_number(w, v, "tcp.hdr_len", 12, 1, s->header);
}

static bool add_flags(struct lk_walk *w, const struct lk_view *v, uint16_t flags)
{
    static const struct { const char *name; uint8_t shift, mask; } bits[] = {
        {"tcp.flags.res", 9, 7}, {"tcp.flags.ae", 8, 1},   {"tcp.flags.cwr", 7, 1},   {"tcp.flags.ece", 6, 1},
        {"tcp.flags.urg", 5, 1}, {"tcp.flags.ack", 4, 1},  {"tcp.flags.push", 3, 1},  {"tcp.flags.reset", 2, 1},
        {"tcp.flags.syn", 1, 1}, {"tcp.flags.fin", 0, 1},
    };
    if (!lk_add_hex(w, v, "tcp.flags", 12, 2, flags, 4))
        return false;
    for (size_t i = 0; i < sizeof bits / sizeof *bits; i++) {
        uint64_t bit = (flags >> bits[i].shift & bits[i].mask) != 0;
        if (!lk_add_number(w, v, bits[i].name, bits[i].shift >= 8 ? 12 : 13, 1, bit))
            return false;
    }
    return true;
}

static bool add_window(struct lk_walk *w, const struct lk_view *v, const struct segment *s)
{
    const struct lk_dissect_flow *flow = s->connection.flow;
    uint32_t window = lk_load_be16(v->bytes + 14);
    bool syn = (s->connection.flags & LK_TCP_SYN) != 0; /* the window of a SYN is never scaled (RFC 7323 section 2.2) */
    int scale = flow == NULL || syn || !s->has_length ? -1 : flow->scale[s->connection.side];
    if (!lk_add_number(w, v, "tcp.window_size_value", 14, 2, window))
        return false;
    if (flow == NULL)
        return true;
    if (!lk_add_number(w, v, "tcp.window_size", 14, 0, scale < 0 ? window : window << scale))
        return false;
    if (syn)
        return true;
    int64_t factor = scale < 0 ? scale : (int64_t)1 << scale;
    return lk_add(w, &(struct lk_field){
                         .name = "tcp.window_size_scalefactor", .at = v->at + 14, .number = (uint64_t)factor, .kind = LK_FIELD_SIGNED});
}

static bool add_checksum(struct lk_walk *w, const struct lk_view *v)
{
    uint64_t status = LK_CHECKSUM_UNVERIFIED;
    if (!w->fragmented && v->captured >= v->reported) {
        uint64_t sum = lk_checksum_pseudo_ipv4(w->address[0], w->address[1], LK_PROTOCOL_TCP, (uint16_t)v->reported);
        status = lk_checksum_ok(lk_checksum_add(sum, v->bytes, v->reported)) ? LK_CHECKSUM_GOOD : LK_CHECKSUM_BAD;
    }
    return lk_add_hex(w, v, "tcp.checksum", 16, 2, lk_load_be16(v->bytes + 16), 4) &&
           lk_add_number(w, v, "tcp.checksum.status", 16, 0, status);
}

static bool add_times(struct lk_walk *w, const struct lk_view *v, struct lk_dissect_flow *flow)
{
    int64_t now = w->frame->time;
    if (flow == NULL)
        return true;
    if (flow->first == INT64_MIN)
        flow->first = flow->last = now;
    struct lk_field field = {.name = "tcp.time_relative", .at = v->at, .number = (uint64_t)now - (uint64_t)flow->first, .kind = LK_FIELD_TIME};
    if (!lk_add(w, &field))
        return false;
    field.name = "tcp.time_delta";
    field.number = (uint64_t)now - (uint64_t)flow->last;
    flow->last = now;
    return lk_add(w, &field);
}

static bool read_fixed(struct lk_walk *w, const struct lk_view *v, struct segment *s)
{
    if (!lk_view_need(w, v, 4, 4) || !lk_view_need(w, v, 8, 4) || !lk_view_need(w, v, 12, 2) || !lk_view_need(w, v, 14, 2))
        return false;
    s->seq = lk_load_be32(v->bytes + 4);
    s->ack = lk_load_be32(v->bytes + 8);
    s->header = (v->bytes[12] >> 4) * 4u;
    s->connection.flags = lk_load_be16(v->bytes + 12) & 0x0fffu;
    find_connection(w, v, s);
    if (s->connection.flow != NULL && !lk_add_number(w, v, "tcp.stream", 0, 0, s->connection.flow->stream))
        return false;
    return add_times(w, v, s->connection.flow);
}

/* The ports on which tshark looks for HTTP. */
static bool is_http(uint16_t port)
{
    static const uint16_t ports[] = {80, 631, 1900, 2710, 2869, 3128, 3132, 3689, 5985, 8080, 8088, 11371};
    for (size_t i = 0; i < sizeof ports / sizeof *ports; i++)
        if (ports[i] == port)
            return true;
    return false;
}

/* What the ports say that is carried. DNS is taken apart where a message begins and is whole within the segment. */
static bool payload(struct lk_walk *w, const struct lk_view *v, const struct segment *s)
{
    uint16_t from = lk_load_be16(v->bytes), to = lk_load_be16(v->bytes + 2);
    struct lk_dissect_flow *flow = s->connection.flow;
    unsigned side = s->connection.side;
    uint32_t taken;
    if (v->captured < v->reported || v->reported <= s->header || w->fragmented || w->in_error)
        return true;
    if (is_http(from) || is_http(to)) {
        struct lk_view text = lk_view_from(v, s->header);
        return lk_dissect_http(w, &text);
    }
    if (from != LK_DNS_PORT && to != LK_DNS_PORT)
        return true;
    if (flow != NULL && flow->has_message[side] && flow->message[side] != s->seq)
        return true;
    struct lk_view data = lk_view_from(v, s->header);
    bool more = lk_dissect_dns_stream(w, &data, &taken);
    if (flow != NULL) {
        flow->has_message[side] = true;
        flow->message[side] = s->seq + taken;
    }
    return more;
}

bool lk_dissect_tcp(struct lk_walk *w, const struct lk_view *v)
{
    struct segment s = {0};
    if (!lk_layer_open(w, "tcp", v) || !add_ports(w, v) || !read_fixed(w, v, &s) || !add_length(w, v, &s) || !add_numbers(w, v, &s))
        return false;
    if (s.header < LK_TCP_HEADER)
        return lk_walk_end(w, LK_DISSECT_BOGUS, v->at + 12, "TCP data offset is below 5");
    if (!add_flags(w, v, s.connection.flags) || !add_window(w, v, &s))
        return false;
    if (!lk_view_need(w, v, 16, 2) || !add_checksum(w, v))
        return false;
    if (!lk_view_need(w, v, 18, 2) || !lk_add_number(w, v, "tcp.urgent_pointer", 18, 2, lk_load_be16(v->bytes + 18)))
        return false;
    return lk_dissect_tcp_options(w, v, LK_TCP_HEADER, s.header - LK_TCP_HEADER, &s.connection) && payload(w, v, &s);
}
