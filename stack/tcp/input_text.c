/* RFC 9293 3.10.7.4, seventh and eighth: text and FIN, and when they are acknowledged (RFC 5681 4.2). */
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/tcp/ack.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/reassembly.h"
#include "stack/tcp/reset.h"
#include "stack/tcp/timers.h"

void tcp_note_duplicate(const struct tcp_arrival *a)
{
    uint32_t left = a->segment.sequence_number;
    tcp_reassembly_duplicate(a->context->tcp, a->tcb, left, seq_add(left, (uint32_t)a->segment.payload_len));
}

/* Data in order: at once while quick ACKs are left and with every ack_every-th full segment, else within ack_delay
 * (RFC 9293 3.8.6.3, MUST-58, MUST-59; RFC 5681 4.2). */
static void acknowledge_in_order(const struct tcp_arrival *a)
{
    const struct lk_tcp_config *config = &a->context->tcp->config;
    struct tcb *tcb = a->tcb;
    struct active *active = tcb_active(a->context->tcp, tcb);
    uint32_t unacknowledged = seq_distance(tcb->rcv_nxt, tcb->last_ack_sent);
    bool enough = unacknowledged > (config->ack_every - 1u) * tcb->rcv_mss;
    if (tcb->quick_acks != 0 || enough || config->ack_delay == 0 || active == NULL) {
        if (tcb->quick_acks != 0)
            tcb->quick_acks--;
        tcb->flags |= TCB_ACK_NOW;
    } else if (active->ack_deadline == LK_NEVER) {
        active->ack_deadline = lk_time_add(a->context->now, config->ack_delay);
    }
}

/* RFC 9293 3.10.4 and SHLD-3: nobody will read this data any more, so the peer is told. */
static bool nobody_reads(struct tcp_arrival *a)
{
    tcp_reset_segment(a->context->tcp, a->in, &a->segment);
    if (!tcb_end(a->context, a->tcb, 0))
        a->tcb = NULL;
    return tcp_done(a, LK_RX_RESET_SENT);
}

/* After shutdown for reading data is taken and thrown away. */
static void discard(const struct tcp_arrival *a)
{
    struct active *active = tcb_active(a->context->tcp, a->tcb);
    if ((a->tcb->flags & TCB_SHUT_RD) && active != NULL && active->rcv_len != 0)
        tcp_buffer_drop(a->context->tcp, a->tcb->active, TCP_RING_RECEIVE, active->rcv_len);
}

static bool takes_text(const struct tcb *tcb)
{
    return tcb->state == LK_TCP_ESTABLISHED || tcb->state == LK_TCP_FIN_WAIT_1 || tcb->state == LK_TCP_FIN_WAIT_2;
}

/* rcv_nxt moved: duplicate ACKs still owed for its old value would repeat the new one, and mean a loss to the peer. They
 * become one ACK (RFC 9293 MUST-58). */
static void collapse_duplicate_acks(struct tcb *tcb)
{
    if (tcb->dup_acks_owed == 0)
        return;
    tcb->dup_acks_owed = 0;
    tcb->flags |= TCB_ACK_NOW;
}

/* Owes the ACK that the outcome of taking text asks for. */
static bool owe_for(struct tcp_arrival *a, enum tcp_text outcome)
{
    struct tcb *tcb = a->tcb;
    switch (outcome) {
    case TCP_TEXT_FULL: return tcp_done(a, LK_RX_DROP_FULL); /* as if it had been lost: it comes again */
    case TCP_TEXT_DUPLICATE:
        tcp_note_duplicate(a);
        tcp_owe_duplicate_ack(tcb);
        return tcp_done(a, LK_RX_DUPLICATE);
    case TCP_TEXT_OUT_OF_ORDER: tcp_owe_duplicate_ack(tcb); return tcp_done(a, LK_RX_ACCEPTED); /* RFC 5681 4.2, at once */
    case TCP_TEXT_FILLED: tcb->flags |= TCB_ACK_NOW; return true; /* RFC 5681 4.2, at once */
    default: acknowledge_in_order(a); return true;
    }
}

bool tcp_text_arrives(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    bool fin = a->control & LK_TCP_FIN;
    if (!takes_text(tcb) || (a->text_len == 0 && !fin)) {
        a->control &= (uint8_t)~LK_TCP_FIN;
        return true;
    }
    if (a->text_len != 0 && (tcb->flags & TCB_ORPHAN))
        return nobody_reads(a);
    if (a->text_len > tcb->rcv_mss)
        tcb->rcv_mss = (uint16_t)a->text_len;
    bool fin_reached;
    uint32_t before = tcb->rcv_nxt;
    enum tcp_text outcome = tcp_reassembly_take(a->context->tcp, tcb, a->seq, a->text, a->text_len, fin, &fin_reached);
    a->control &= (uint8_t)~LK_TCP_FIN;
    if (fin_reached)
        a->control |= LK_TCP_FIN;
    if (tcb->rcv_nxt != before)
        collapse_duplicate_acks(tcb);
    if (!owe_for(a, outcome))
        return false;
    discard(a);
    return true;
}

bool tcp_fin_arrives(struct tcp_arrival *a)
{
    struct tcb *tcb = a->tcb;
    if (!(a->control & LK_TCP_FIN))
        return true;
    tcb->flags |= TCB_FIN_RCVD | TCB_ACK_NOW;
    switch (tcb->state) {
    case LK_TCP_ESTABLISHED: tcb_enter(a->context, tcb, LK_TCP_CLOSE_WAIT); break;
    case LK_TCP_FIN_WAIT_1: tcb_enter(a->context, tcb, LK_TCP_CLOSING); break; /* our FIN is not acknowledged yet */
    case LK_TCP_FIN_WAIT_2: tcb_enter(a->context, tcb, LK_TCP_TIME_WAIT); break;
    default: break;
    }
    return true;
}
