#include "conformance/rules/scan.h"

static const struct lk_scan_info infos[LK_SCAN_RULES] = {
    [LK_SCAN_MSS_ON_SYN] = {"mss-on-syn", "the MSS option is on segments with SYN only", "RFC9293-MUST-65"},
    [LK_SCAN_SACK_PERMITTED_ON_SYN] = {"sack-permitted-on-syn", "SACK-Permitted is on segments with SYN only", "RFC2018-2-a"},
    [LK_SCAN_SACK_IF_PERMITTED] = {"sack-if-permitted", "no SACK to an end whose SYN did not permit it", "RFC2018-4-c"},
    [LK_SCAN_SACK_LAYOUT] = {"sack-layout", "the SACK option is 8n+2 octets long", "RFC2018-3-a"},
    [LK_SCAN_WSCALE_ANSWER] = {"wscale-answer", "no window scale in the SYN,ACK unless the SYN had it", "RFC7323-2.2-c"},
    [LK_SCAN_WSCALE_MOST] = {"wscale-most", "a shift count is at most 14", "RFC7323-2.3-f"},
    [LK_SCAN_STAMPS_ANSWER] = {"stamps-answer", "no timestamps in the SYN,ACK unless the SYN had them", "RFC7323-3.2-d"},
    [LK_SCAN_STAMPS_ALWAYS] = {"stamps-always", "once negotiated, timestamps are on every segment but a RST", "RFC7323-3.2-e"},
    [LK_SCAN_ACK_BIT] = {"ack-bit", "every segment after the handshake carries ACK", "RFC9293-3.8-a"},
    [LK_SCAN_NOTHING_BEYOND_FIN] = {"nothing-beyond-fin", "no octet is sent beyond the FIN", "RFC9293-3.10.2-b"},
    [LK_SCAN_WINDOW_SHRUNK] = {"window-shrunk", "the right edge of the window does not move left", "RFC9293-SHLD-14"},
    [LK_SCAN_TTL] = {"ttl", "no datagram has a TTL of zero", "RFC1122-3.2.1.7-a"},
    [LK_SCAN_SOURCE] = {"source", "no broadcast address is a source", "RFC1122-3.2.1.3-b"},
};

const struct lk_scan_info *lk_scan_info(enum lk_scan_rule rule)
{
    return &infos[rule];
}

struct answers { uint32_t held, violated, unknown; };

static void answer(struct answers *a, enum lk_scan_rule rule, bool held)
{
    *(held ? &a->held : &a->violated) |= UINT32_C(1) << rule;
}

static void cannot_tell(struct answers *a, enum lk_scan_rule rule)
{
    a->unknown |= UINT32_C(1) << rule;
}

/* What the options of a SYN may and must not say. */
static void judge_syn(const struct lk_scan *s, const struct lk_scan_segment *seg, struct answers *a)
{
    if ((seg->options & LK_SCAN_WSCALE) != 0)
        answer(a, LK_SCAN_WSCALE_MOST, seg->wscale <= 14);
    if (!seg->ack)
        return;
    bool known = s->end[!seg->from].syn && s->end[!seg->from].options_known;
    uint8_t asked = s->end[!seg->from].offered;
    if (!known)
        cannot_tell(a, LK_SCAN_WSCALE_ANSWER), cannot_tell(a, LK_SCAN_STAMPS_ANSWER);
    else {
        answer(a, LK_SCAN_WSCALE_ANSWER, (seg->options & LK_SCAN_WSCALE) == 0 || (asked & LK_SCAN_WSCALE) != 0);
        answer(a, LK_SCAN_STAMPS_ANSWER, (seg->options & LK_SCAN_STAMPS) == 0 || (asked & LK_SCAN_STAMPS) != 0);
    }
}

static void judge_later(const struct lk_scan *s, const struct lk_scan_segment *seg, struct answers *a)
{
    bool both = s->end[0].syn && s->end[1].syn && s->end[0].options_known && s->end[1].options_known;
    answer(a, LK_SCAN_MSS_ON_SYN, (seg->options & LK_SCAN_MSS) == 0);
    answer(a, LK_SCAN_SACK_PERMITTED_ON_SYN, (seg->options & LK_SCAN_SACK_PERMITTED) == 0);
    if ((seg->options & LK_SCAN_SACK) != 0) {
        if (s->end[!seg->from].syn && s->end[!seg->from].options_known)
            answer(a, LK_SCAN_SACK_IF_PERMITTED, (s->end[!seg->from].offered & LK_SCAN_SACK_PERMITTED) != 0);
        else
            cannot_tell(a, LK_SCAN_SACK_IF_PERMITTED);
    }
    if (seg->rst)
        return;
    if (!both)
        cannot_tell(a, LK_SCAN_STAMPS_ALWAYS);
    else if (((s->end[0].offered ^ s->end[0].always) | (s->end[1].offered ^ s->end[1].always)) & LK_SCAN_STAMPS)
        cannot_tell(a, LK_SCAN_STAMPS_ALWAYS); /* a repeated SYN said otherwise, and nobody knows which was heard */
    else if ((s->end[0].offered & s->end[1].offered & LK_SCAN_STAMPS) != 0)
        answer(a, LK_SCAN_STAMPS_ALWAYS, (seg->options & LK_SCAN_STAMPS) != 0);
}

static void judge_options(const struct lk_scan *s, const struct lk_scan_segment *seg, struct answers *a)
{
    if ((seg->options & LK_SCAN_OPTIONS_CUT) != 0)
        return;
    if ((seg->options & (LK_SCAN_SACK | LK_SCAN_SACK_ODD)) != 0)
        answer(a, LK_SCAN_SACK_LAYOUT, (seg->options & LK_SCAN_SACK_ODD) == 0);
    if (seg->syn)
        judge_syn(s, seg, a);
    else
        judge_later(s, seg, a);
}

static void judge_stream(const struct lk_scan *s, const struct lk_scan_segment *seg, struct answers *a)
{
    if (!seg->syn && !seg->rst && s->established)
        answer(a, LK_SCAN_ACK_BIT, seg->ack);
    else if (!seg->syn && !seg->rst && !seg->ack)
        cannot_tell(a, LK_SCAN_ACK_BIT);
    if (!seg->placed || seg->rst)
        return;
    if (s->end[seg->from].fin)
        answer(a, LK_SCAN_NOTHING_BEYOND_FIN, seg->end <= s->end[seg->from].fin_end);
    if (seg->right_edge < 0 || seg->syn)
        return;
    if (!s->end[seg->from].edge)
        return;
    if (seg->right_edge + seg->edge_unit > s->end[seg->from].right_edge) /* RFC 7323 2.4: rounding is no shrinking */
        answer(a, LK_SCAN_WINDOW_SHRUNK, true);
    else if (seg->in_order)
        answer(a, LK_SCAN_WINDOW_SHRUNK, false);
    else
        cannot_tell(a, LK_SCAN_WINDOW_SHRUNK);
}

static void take_in(struct lk_scan *s, const struct lk_scan_segment *seg)
{
    unsigned e = seg->from;
    if (seg->syn) {
        bool whole = (seg->options & LK_SCAN_OPTIONS_CUT) == 0;
        s->end[e].options_known = whole && (!s->end[e].syn || s->end[e].options_known);
        s->end[e].always = s->end[e].syn ? s->end[e].always & seg->options : seg->options;
        s->end[e].offered |= seg->options;
        s->end[e].syn = true;
    } else if (s->end[0].syn && s->end[1].syn && seg->ack) {
        s->established = true;
    }
    if (!seg->placed || seg->rst)
        return;
    if (seg->fin && !s->end[e].fin) {
        s->end[e].fin = true;
        s->end[e].fin_end = seg->end;
    }
    if (seg->right_edge >= 0 && (!s->end[e].edge || seg->right_edge > s->end[e].right_edge)) {
        s->end[e].edge = true;
        s->end[e].right_edge = seg->right_edge;
    }
}

uint32_t lk_scan(struct lk_scan *s, const struct lk_scan_segment *seg)
{
    struct answers a = {0};
    judge_options(s, seg, &a);
    judge_stream(s, seg, &a);
    if (seg->ip4) {
        answer(&a, LK_SCAN_TTL, seg->ttl != 0);
        answer(&a, LK_SCAN_SOURCE, seg->source != UINT32_MAX && seg->source >> 28 != 14);
    }
    s->held[seg->from] |= a.held;
    s->violated[seg->from] |= a.violated;
    s->unknown[seg->from] |= a.unknown;
    take_in(s, seg);
    return a.violated;
}
