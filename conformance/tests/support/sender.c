/* A sender in 150 lines: active open, ten segments in flight, RFC 6298 time-outs, loss by RFC 6675 IsLost(), FIN. It knows
 * nothing of congestion and reads nothing but acknowledgements; it exists so that the peer can be proven before any stack is. */
#include "conformance/tests/support/sender.h"
#include "conformance/replay/ranges.h"
#include "conformance/replay/rewrite.h"
#include "stack/base/bytes.h"
#include <stdlib.h>
#include <string.h>

#define MSS 1448u
#define FLIGHT (10 * MSS)
#define ISN 77000u
#define FLOOR (1000 * LK_MILLISECOND)

struct sender {
    struct lk_dut_config config;
    struct lk_bump *memory;
    uint32_t fault, ids[10]; bool waits[10]; /* calls under way, by operation */
    uint8_t *data; uint64_t len;             /* numbers: SYN 0, data 1..len, FIN len + 1 */
    uint64_t una, nxt, high, resend, recover;/* high: resent below it in this recovery; resend: of the RTO, up to here */
    uint64_t edge;
    struct lk_ranges sacked;
    bool open, established, closing, owes_ack, again; uint32_t irs, rcv, ts_echo; uint16_t port, remote_port;
    int64_t now, rto, rto_at, srtt, rttvar;
    uint8_t frame[2048];
};

static const char *const names[] = {"sound", "never retransmits", "wrong range", "RTO early", "ignores SACK", "resends twice"};
static enum sender_fault chosen;
const char *sender_fault_name(enum sender_fault fault) { return names[fault]; }

static void *create(const struct lk_dut_config *config, const uint8_t seed[32], int64_t now)
{
    struct sender *s = calloc(1, sizeof *s);
    (void)seed;
    *s = (struct sender){.config = *config, .memory = lk_bump_new(1 << 24), .fault = chosen, .port = 40001, .now = now, .rto = LK_SECOND, .rto_at = LK_NEVER, .recover = 0};
    return s;
}

static void destroy(void *dut)
{
    struct sender *s = dut;
    lk_bump_free(s->memory);
    free(s->data);
    free(s);
}

static size_t emit(struct sender *s, uint8_t control, uint64_t from, uint64_t len)
{
    static const uint8_t syn_order[] = {2, 4, 8, 1, 3}, order[] = {1, 1, 8};
    struct lk_tcp_options o = {.present = LK_TCP_HAS(8), .ts_val = (uint32_t)(s->now / LK_MILLISECOND) + 1, .ts_ecr = s->ts_echo, .mss = 1460, .window_scale = 0};
    uint8_t options[40];
    bool syn = (control & LK_TCP_SYN) != 0;
    if (syn)
        o.present |= LK_TCP_HAS(2) | LK_TCP_HAS(3) | LK_TCP_HAS(4);
    struct lk_frame_addresses a = {.source = lk_load_be32(s->config.address + 12), .destination = lk_load_be32(s->config.peer_address + 12)};
    memcpy(a.source_mac, s->config.mac, 6);
    memcpy(a.destination_mac, s->config.peer_mac, 6);
    struct lk_tcp t = {.source_port = s->port, .destination_port = s->remote_port, .sequence_number = ISN + (uint32_t)from, .control = (uint8_t)(control | (syn ? 0 : LK_TCP_ACK)),
                       .acknowledgment_number = syn ? 0 : s->irs + s->rcv, .window = 60000, .options = options, .payload = len > 0 ? s->data + (from - 1) : NULL, .payload_len = len};
    t.options_len = (size_t)lk_tcp_options_emit(&o, syn ? syn_order : order, syn ? 5 : 3, options, 40);
    s->owes_ack = false;
    return (size_t)lk_make_frame(&a, 1, &t, s->frame, sizeof s->frame);
}

/* What is sent at `from`: up to one MSS of data, then the FIN; sets *end. */
static size_t segment_at(struct sender *s, uint64_t from, uint64_t limit, uint64_t *end)
{
    uint64_t last = s->len + 1, to = from + MSS < limit ? from + MSS : limit;
    to = to < last ? to : last;
    bool fin = s->closing && to == last && limit > last;
    *end = to + fin;
    return emit(s, (uint8_t)(from == 0 ? LK_TCP_SYN : fin ? LK_TCP_FIN | LK_TCP_PSH : LK_TCP_PSH), from, from == 0 ? 0 : to - from);
}

/* The next hole that has three segments' worth of SACKed bytes above it and was not resent yet; 0: none (RFC 6675 IsLost). */
static uint64_t lost(struct sender *s, uint64_t *limit)
{
    uint64_t from = s->una > s->high ? s->una : s->high;
    from = lk_ranges_next_hole(&s->sacked, from);
    if (s->una == 0 || lk_ranges_covered(&s->sacked, from, s->nxt) <= 2 * MSS)
        return 0;
    for (*limit = from; *limit < from + MSS && *limit < s->nxt && lk_ranges_next_hole(&s->sacked, *limit) == *limit;)
        ++*limit;
    return from;
}

static size_t retransmission(struct sender *s)
{
    uint64_t limit = s->nxt, end = 0, from = 0;
    if (s->again) { /* the crippled one: the same once more */
        s->again = false;
        return segment_at(s, s->una, s->nxt, &end);
    }
    if (s->fault == SENDER_NEVER_RETRANSMITS)
        return 0;
    if (s->una < s->resend) { /* the timer fired: the first segment (RFC 6298 5.4) */
        from = s->una;
        s->resend = 0;
    } else if (s->fault == SENDER_IGNORES_SACK && lk_ranges_covered(&s->sacked, s->una, s->nxt) > 2 * MSS && s->high < s->nxt) {
        from = s->high > s->una ? s->high : s->una;
    } else if ((from = lost(s, &limit)) == 0) {
        return 0;
    }
    if (s->fault == SENDER_WRONG_RANGE && from > 0 && from + 2 * MSS < s->nxt) {
        s->high = from + MSS;
        from += MSS;
        limit = from + MSS;
    }
    size_t len = segment_at(s, from, limit, &end);
    s->high = end > s->high ? end : s->high;
    s->again = s->fault == SENDER_RESENDS_TWICE;
    s->rto_at = s->now + s->rto;
    return len;
}

static size_t next_frame(struct sender *s)
{
    uint64_t end, last = s->len + 1 + s->closing;
    if (s->open && s->nxt == 0) {
        s->nxt = 1;
        s->rto_at = s->now + s->rto;
        return emit(s, LK_TCP_SYN, 0, 0);
    }
    size_t len = s->nxt > s->una ? retransmission(s) : 0;
    if (len > 0)
        return len;
    if (s->established && s->nxt < last && s->nxt - s->una < FLIGHT && s->nxt + MSS < s->edge) {
        len = segment_at(s, s->nxt, last, &end);
        s->nxt = end;
        s->rto_at = s->rto_at == LK_NEVER ? s->now + s->rto : s->rto_at;
        return len;
    }
    return s->owes_ack ? emit(s, 0, s->nxt, 0) : 0;
}

static void sample(struct sender *s, int64_t rtt) /* RFC 6298 2.2, 2.3; timestamps make every sample sound */
{
    int64_t delta = rtt > s->srtt ? rtt - s->srtt : s->srtt - rtt;
    s->rttvar = s->srtt == 0 ? rtt / 2 : s->rttvar - s->rttvar / 4 + delta / 4;
    s->srtt = s->srtt == 0 ? rtt : s->srtt - s->srtt / 8 + rtt / 8;
    s->rto = s->srtt + 4 * s->rttvar > FLOOR ? s->srtt + 4 * s->rttvar : FLOOR;
    s->rto = s->fault == SENDER_RTO_EARLY ? s->srtt / 2 : s->rto;
}

static int inject(void *dut, uint32_t iface, const uint8_t *frame, size_t len, int64_t at)
{
    struct sender *s = dut;
    struct lk_segment g;
    (void)iface;
    s->now = at > s->now ? at : s->now;
    lk_segment_read(frame, len, LK_CAPTURE_ETHERNET, &g);
    if (!g.is_tcp || !g.tcp_checksum_ok || g.tcp.destination_port != s->port)
        return 0;
    uint64_t ack = g.tcp.acknowledgment_number - ISN;
    if (g.tcp.control & LK_TCP_SYN)
        s->irs = g.tcp.sequence_number;
    if (g.tcp.sequence_number == s->irs + s->rcv || (g.tcp.control & LK_TCP_SYN)) {
        s->rcv += g.seg_len;
        s->ts_echo = g.options.ts_val;
    }
    s->owes_ack |= g.seg_len > 0;
    s->edge = ack + ((uint64_t)g.tcp.window << ((g.tcp.control & LK_TCP_SYN) ? 0 : 2));
    for (unsigned i = 0; i < g.options.sack_count; i++)
        lk_ranges_add(&s->sacked, s->memory, g.options.sack[i].left - ISN, g.options.sack[i].right - ISN);
    if (ack <= s->una || ack > s->nxt)
        return 0;
    s->una = ack;
    s->established = true;
    sample(s, s->now - (int64_t)(g.options.ts_ecr - 1) * LK_MILLISECOND);
    s->rto_at = s->una == s->nxt ? LK_NEVER : s->now + s->rto;
    lk_ranges_add(&s->sacked, s->memory, 0, ack);
    return 0;
}

static int call(void *dut, uint32_t id, uint32_t socket, enum lk_dut_op op, const struct lk_dut_args *args, int64_t at)
{
    struct sender *s = dut;
    (void)socket;
    s->now = at > s->now ? at : s->now;
    s->ids[op] = id;
    s->waits[op] = true;
    s->closing |= op == LK_DUT_CLOSE;
    if (op == LK_DUT_CONNECT) {
        s->open = true;
        s->remote_port = args->remote_port;
    } else if (op == LK_DUT_SEND) {
        s->data = realloc(s->data, s->len + args->len);
        memcpy(s->data + s->len, args->bytes, args->len);
        s->len += args->len;
    }
    return 0;
}

static int advance(void *dut, int64_t until, struct lk_dut_happening *out)
{
    struct sender *s = dut;
    *out = (struct lk_dut_happening){.size = sizeof *out};
    for (unsigned op = 1; op < 10; op++)
        if (s->waits[op] && (op != LK_DUT_CONNECT || s->established)) {
            s->waits[op] = false;
            *out = (struct lk_dut_happening){.size = sizeof *out, .kind = LK_DUT_RETURN, .at = s->now, .id = s->ids[op], .result = op == LK_DUT_SEND ? (int64_t)s->len : 0};
            return 0;
        }
    for (;;) {
        size_t len = next_frame(s);
        if (len > 0) {
            *out = (struct lk_dut_happening){.size = sizeof *out, .kind = LK_DUT_FRAME, .at = s->now, .bytes = s->frame, .len = len};
            return 0;
        }
        if (s->rto_at > until)
            break;
        s->now = s->rto_at > s->now ? s->rto_at : s->now;
        s->rto *= 2;
        s->resend = s->nxt;
        s->high = 0;
        s->rto_at = s->now + s->rto;
    }
    s->now = until > s->now ? until : s->now;
    return 0;
}

const struct lk_dut *sender_dut(enum sender_fault fault)
{
    static struct lk_dut dut = {LK_DUT_VERSION, sizeof dut, ~(LK_DUT_CAN_STATE | LK_DUT_CAN_SNAPSHOT), "sender", create, destroy, inject, call, advance, NULL, NULL, NULL, NULL};
    chosen = fault;
    return &dut;
}
