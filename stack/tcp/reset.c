#include "stack/tcp/reset.h"
#include "stack/base/mem.h"
#include "stack/base/seq.h"

struct reset *tcp_reset_at(const struct lk_tcp_stack *tcp, uint32_t offset)
{
    struct reset *ring = (struct reset *)(void *)((uint8_t *)(uintptr_t)tcp + tcp->resets);
    return &ring[(tcp->reset_head + offset) % tcp->reset_capacity];
}

static void push(struct lk_tcp_stack *tcp, const struct reset *reset)
{
    if (tcp->reset_count == tcp->reset_capacity) {
        tcp->counters.resets_dropped++;
        return;
    }
    *tcp_reset_at(tcp, tcp->reset_count++) = *reset;
}

void tcp_reset_segment(struct lk_tcp_stack *tcp, const struct lk_ip_in *in, const struct lk_tcp *segment)
{
    struct reset reset = {.local = in->dst, .remote = in->src, .iface = in->iface, .local_port = segment->destination_port,
                          .remote_port = segment->source_port, .control = LK_TCP_RST};
    if (segment->control & LK_TCP_ACK) {
        reset.seq = segment->acknowledgment_number; /* <SEQ=SEG.ACK><CTL=RST> */
    } else {
        reset.ack = seq_add(segment->sequence_number, lk_tcp_segment_length(segment));
        reset.control |= LK_TCP_ACK; /* <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK> */
    }
    push(tcp, &reset);
}

void tcp_reset_connection(struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct common *common = tcp_common(tcp, tcb);
    struct reset reset = {.local = common->local, .remote = tcb->remote, .iface = common->iface, .seq = tcb->snd_nxt, .ack = tcb->rcv_nxt,
                          .local_port = tcb->local_port, .remote_port = tcb->remote_port, .control = LK_TCP_RST | LK_TCP_ACK,
                          .tos = common->tos};
    push(tcp, &reset);
}

const struct reset *tcp_reset_peek(const struct lk_tcp_stack *tcp, uint32_t iface)
{
    if (tcp->reset_count == 0)
        return NULL;
    const struct reset *reset = tcp_reset_at(tcp, 0);
    return iface == LK_ANY || iface == reset->iface ? reset : NULL;
}

void tcp_reset_pop(struct lk_tcp_stack *tcp)
{
    lk_memset(tcp_reset_at(tcp, 0), 0, sizeof(struct reset));
    tcp->reset_head = (tcp->reset_head + 1) % tcp->reset_capacity;
    tcp->reset_count--;
}
