#include "stack/tcp/reassembly.h"
#include "stack/base/seq.h"
#include "stack/tcp/buffer.h"

/* rcv_nxt moves to `to`; of the octets passed, those before a FIN are readable. */
static void advance(struct tcb *tcb, struct active *a, uint32_t to, bool *fin_reached)
{
    uint32_t octets = seq_distance(to, tcb->rcv_nxt);
    if (a->fin_seen && seq_gt(to, a->fin_seq)) {
        octets--;
        a->fin_seen = 0;
        *fin_reached = true;
    }
    a->rcv_len += octets;
    tcb->rcv_nxt = to;
}

/* The stream is in order up to `right`, and on through every range that this reaches. */
static enum tcp_text take_in_order(struct lk_tcp_stack *tcp, struct tcb *tcb, struct active *a, uint32_t right, bool *fin_reached)
{
    bool gap = a->arrived.count != 0;
    while (a->arrived.head != LK_NONE && seq_leq(tcp_range_at(&tcp->arrived, a->arrived.head)->left, right)) {
        right = seq_max(right, tcp_range_at(&tcp->arrived, a->arrived.head)->right);
        tcp_ranges_cut(&tcp->arrived, &a->arrived, right);
    }
    advance(tcb, a, right, fin_reached);
    return gap ? TCP_TEXT_FILLED : TCP_TEXT_IN_ORDER;
}

/* Whether a segment ending at `right` contradicts where an earlier one said the stream ends. */
static bool contradicts(const struct lk_tcp_stack *tcp, const struct active *a, uint32_t right, bool fin)
{
    if (a->fin_seen)
        return seq_gt(right, seq_add(a->fin_seq, 1)) || (fin && right != seq_add(a->fin_seq, 1));
    for (uint32_t i = a->arrived.head; fin && i != LK_NONE; i = tcp_range_at(&tcp->arrived, i)->next)
        if (seq_gt(tcp_range_at(&tcp->arrived, i)->right, seq_sub(right, 1)))
            return true;
    return false;
}

enum tcp_text tcp_reassembly_take(struct lk_tcp_stack *tcp, struct tcb *tcb, uint32_t seq, const uint8_t *bytes, uint32_t len, bool fin, bool *fin_reached)
{
    *fin_reached = false;
    uint32_t right = seq_add(seq, len + (fin ? 1u : 0u));
    if (tcb->active == LK_NONE && len == 0 && seq == tcb->rcv_nxt) { /* a bare FIN needs no record */
        *fin_reached = fin;
        tcb->rcv_nxt = right;
        return TCP_TEXT_IN_ORDER;
    }
    struct active *a = tcb_activate(tcp, tcb);
    if (a == NULL)
        return TCP_TEXT_FULL;
    if (contradicts(tcp, a, right, fin))
        return TCP_TEXT_DUPLICATE;
    uint32_t offset = a->rcv_len + seq_distance(seq, tcb->rcv_nxt);
    if (seq != tcb->rcv_nxt) {
        int64_t fresh = tcp_ranges_add(&tcp->arrived, &a->arrived, seq, right, ++a->arrivals);
        if (fresh < 0)
            return TCP_TEXT_FULL;
        if (fresh == 0)
            return TCP_TEXT_DUPLICATE;
    }
    tcp_buffer_write(tcp, tcb->active, TCP_RING_RECEIVE, offset, bytes, len);
    if (fin) {
        a->fin_seen = 1;
        a->fin_seq = seq_add(seq, len);
    }
    return seq == tcb->rcv_nxt ? take_in_order(tcp, tcb, a, right, fin_reached) : TCP_TEXT_OUT_OF_ORDER;
}

void tcp_reassembly_duplicate(struct lk_tcp_stack *tcp, struct tcb *tcb, uint32_t left, uint32_t right)
{
    if (!tcp->config.dsack || (tcb->flags & TCB_SACK) == 0)
        return;
    struct active *a = tcb_activate(tcp, tcb);
    if (a == NULL)
        return; /* the report is optional */
    a->dsack_left = left;
    a->dsack_right = right;
}

/* The newest range older than `below`; LK_NONE. */
static uint32_t newest_below(const struct lk_pool *pool, const struct active *a, uint64_t below)
{
    uint32_t best = LK_NONE;
    for (uint32_t i = a->arrived.head; i != LK_NONE; i = tcp_range_at(pool, i)->next) {
        uint32_t stamp = tcp_range_at(pool, i)->stamp;
        if (stamp < below && (best == LK_NONE || stamp > tcp_range_at(pool, best)->stamp))
            best = i;
    }
    return best;
}

unsigned tcp_reassembly_blocks(const struct lk_tcp_stack *tcp, const struct tcb *tcb, struct lk_tcp_sack *blocks, unsigned most)
{
    const struct active *a = tcb_active(tcp, tcb);
    unsigned count = 0;
    if (a == NULL)
        return 0;
    if (a->dsack_left != a->dsack_right) /* RFC 2883 4: the duplicate comes first */
        blocks[count++] = (struct lk_tcp_sack){a->dsack_left, a->dsack_right};
    uint64_t below = (uint64_t)UINT32_MAX + 1;
    while (count < most) { /* RFC 2018 4: then the range of the segment that came last, then the others, newest first */
        uint32_t i = newest_below(&tcp->arrived, a, below);
        if (i == LK_NONE)
            break;
        const struct tcp_range *r = tcp_range_at(&tcp->arrived, i);
        blocks[count++] = (struct lk_tcp_sack){r->left, r->right};
        below = r->stamp;
    }
    return count;
}

bool tcp_reassembly_gap(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct active *a = tcb_active(tcp, tcb);
    return a != NULL && a->arrived.count != 0;
}
