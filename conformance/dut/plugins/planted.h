/* Stacks with a known bug, for the tests: the template with its frames spoiled on the way out. Each planted_*.c
 * names itself in PLANTED_NAME and defines spoil(), which changes one TCP header; what lockstep says about it is asserted by
 * the tests. */
#ifndef LK_DUT_PLANTED_H
#define LK_DUT_PLANTED_H

#define lockstep_dut template_dut
#include "conformance/dut/plugins/template.c"
#undef lockstep_dut
#include "stack/wire/checksum.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"

/* Changes *tcp; returns 0 to swallow the frame. */
static int spoil(struct lk_tcp *tcp);

/* advance() of the template, with every TCP segment it sends passed through spoil() and summed anew. */
static int advance_spoiled(void *dut, int64_t until, struct lk_dut_happening *out)
{
    for (;;) {
        struct device *d = dut;
        struct lk_ipv4 ip;
        struct lk_tcp tcp;
        uint8_t options[LK_TCP_OPTIONS_MAX];
        int r = advance(dut, until, out);
        if (r < 0 || out->kind != LK_DUT_FRAME || out->len < 14) return r;
        if (lk_ipv4_parse(out->bytes + 14, out->len - 14, &ip) < 0 || ip.protocol != 6 || lk_tcp_parse(ip.payload, ip.payload_len, &tcp) < 0) return r;
        if (!spoil(&tcp)) continue;
        memcpy(options, tcp.options, tcp.options_len);
        tcp.options = options;
        lk_tcp_emit_summed(&tcp, lk_checksum_pseudo_ipv4(ip.source_address, ip.destination_address, 6, (uint16_t)ip.payload_len),
                           d->frame + 14 + (size_t)(ip.payload - (out->bytes + 14)), ip.payload_len);
        return r;
    }
}

const struct lk_dut *lockstep_dut(void);
const struct lk_dut *lockstep_dut(void)
{
    static struct lk_dut dut;
    dut = *template_dut();
    dut.name = PLANTED_NAME;
    dut.advance = advance_spoiled;
    return &dut;
}

#endif
