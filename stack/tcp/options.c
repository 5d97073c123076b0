#include "stack/tcp/options.h"
#include "stack/base/bytes.h"
#include "stack/base/check.h"
#include "stack/base/seq.h"
#include "stack/tcp/isn.h"
#include "stack/tcp/reassembly.h"
#include "stack/tcp/timers.h"

#define MSS_DEFAULT 536 /* RFC 9293 3.7.1, MUST-15: when the peer's SYN has no MSS option */
#define MSS_LEAST 48    /* less leaves no room for data behind 40 bytes of options */
#define HEADERS 40      /* of IPv4 and TCP without options */

static const uint8_t syn_order_default[] = {LK_TCP_OPT_MSS, LK_TCP_OPT_SACK_PERMITTED, LK_TCP_OPT_TIMESTAMPS, LK_TCP_OPT_NOP, LK_TCP_OPT_WINDOW_SCALE};
static const uint8_t order[] = {LK_TCP_OPT_NOP, LK_TCP_OPT_NOP, LK_TCP_OPT_TIMESTAMPS, LK_TCP_OPT_NOP, LK_TCP_OPT_NOP, LK_TCP_OPT_SACK};

static uint32_t smaller_unless_zero(uint32_t a, uint32_t clamp)
{
    return clamp != 0 && clamp < a ? clamp : a;
}

uint16_t tcp_announced_mss(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    const struct common *c = tcp_common(tcp, tcb);
    uint32_t mss = c->mtu > HEADERS + MSS_LEAST ? (uint32_t)c->mtu - HEADERS : MSS_LEAST;
    return (uint16_t)smaller_unless_zero(smaller_unless_zero(mss, tcp->config.mss), c->user_mss);
}

void tcp_set_snd_mss(const struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    uint16_t mss = tcp_announced_mss(tcp, tcb);
    if (tcb->peer_mss < mss)
        mss = tcb->peer_mss;
    tcb->snd_mss = mss < MSS_LEAST ? MSS_LEAST : mss;
}

uint32_t tcp_smss(const struct tcb *tcb)
{
    return tcb->snd_mss - (tcb->flags & TCB_TIMESTAMPS ? 12u : 0u); /* RFC 9293 3.7.1: options count */
}

size_t tcp_syn_options(const struct lk_tcp_stack *tcp, const struct tcb *tcb, lk_time now, uint8_t options[LK_TCP_OPTIONS_MAX])
{
    const struct lk_tcp_config *config = &tcp->config;
    bool answer = tcb->state == LK_TCP_SYN_RECEIVED; /* then only what the peer offered (RFC 7323 2.2, 3.2) */
    struct lk_tcp_options o = {.present = LK_TCP_HAS(LK_TCP_OPT_MSS), .mss = tcp_announced_mss(tcp, tcb)};
    if (answer ? (tcb->flags & TCB_SACK) != 0 : config->sack)
        o.present |= LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED);
    if (answer ? (tcb->flags & TCB_WSCALE) != 0 : config->wscale) {
        o.present |= LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE);
        o.window_scale = tcb_rcv_wscale(tcb);
    }
    if (answer ? (tcb->flags & TCB_TIMESTAMPS) != 0 : config->timestamps) {
        o.present |= LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
        o.ts_val = tcp_timestamp(tcb, now);
        o.ts_ecr = answer ? tcb->ts_recent : 0;
    }
    bool own = config->syn_order[0] != 0;
    size_t kinds = own ? LK_TCP_ORDER : sizeof syn_order_default;
    for (size_t i = 0; own && i < kinds; i++)
        if (config->syn_order[i] == 0)
            kinds = i;
    int n = lk_tcp_options_emit(&o, own ? config->syn_order : syn_order_default, kinds, options, LK_TCP_OPTIONS_MAX);
    if (n < 0) /* the configured order leaves an option out */
        n = lk_tcp_options_emit(&o, syn_order_default, sizeof syn_order_default, options, LK_TCP_OPTIONS_MAX);
    lk_assert(n >= 0);
    return (size_t)n;
}

size_t tcp_options(const struct lk_tcp_stack *tcp, const struct tcb *tcb, lk_time now, uint8_t options[LK_TCP_OPTIONS_MAX])
{
    struct lk_tcp_options o = {0};
    unsigned most = LK_TCP_SACK_MAX;
    if (tcb->flags & TCB_TIMESTAMPS) {
        o.present |= LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS);
        o.ts_val = tcp_timestamp(tcb, now);
        o.ts_ecr = tcb->ts_recent;
        most = 3; /* RFC 2018 3: so many fit beside timestamps */
    }
    if (tcb->flags & TCB_SACK) {
        o.sack_count = (uint8_t)tcp_reassembly_blocks(tcp, tcb, o.sack, most);
        if (o.sack_count != 0)
            o.present |= LK_TCP_HAS(LK_TCP_OPT_SACK);
    }
    if (o.present == 0)
        return 0;
    if (o.present == LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) { /* nearly every segment: the layout of RFC 7323 appendix A */
        lk_store_be32(options, 0x0101080a);
        lk_store_be32(options + 4, o.ts_val);
        lk_store_be32(options + 8, o.ts_ecr);
        return 12;
    }
    int n = lk_tcp_options_emit(&o, order, sizeof order, options, LK_TCP_OPTIONS_MAX);
    lk_assert(n >= 0);
    return (size_t)n;
}

void tcp_take_syn_options(const struct lk_tcp_stack *tcp, struct tcb *tcb, const struct lk_tcp_options *options, lk_time now)
{
    const struct lk_tcp_config *config = &tcp->config;
    tcb->peer_mss = options->present & LK_TCP_HAS(LK_TCP_OPT_MSS) ? options->mss : MSS_DEFAULT;
    tcp_set_snd_mss(tcp, tcb);
    if ((options->present & LK_TCP_HAS(LK_TCP_OPT_WINDOW_SCALE)) && config->wscale) {
        tcb->flags |= TCB_WSCALE;
        tcb_set_wscales(tcb, options->window_scale > 14 ? 14 : options->window_scale, tcb_rcv_wscale(tcb)); /* RFC 7323 2.3 */
    } else {
        tcb_set_wscales(tcb, 0, 0);
    }
    if ((options->present & LK_TCP_HAS(LK_TCP_OPT_SACK_PERMITTED)) && config->sack)
        tcb->flags |= TCB_SACK;
    if ((options->present & LK_TCP_HAS(LK_TCP_OPT_TIMESTAMPS)) && config->timestamps) {
        tcb->flags |= TCB_TIMESTAMPS;
        tcb->ts_recent = options->ts_val;
        tcb->ts_recent_age = tcp_seconds(now);
    }
}
