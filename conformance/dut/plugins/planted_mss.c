/* A stack with a planted bug: the SYN offers no option at all. */
#include "conformance/dut/plugins/planted.h"

static int spoil(struct lk_tcp *tcp)
{
    if (tcp->control & LK_TCP_SYN) memset((uint8_t *)(uintptr_t)tcp->options, LK_TCP_OPT_NOP, tcp->options_len);
    return 1;
}

static int advance_planted(void *dut, int64_t until, struct lk_dut_happening *out)
{
    return advance_spoiled(dut, until, out, spoil);
}

const struct lk_dut *lockstep_dut(void);
const struct lk_dut *lockstep_dut(void)
{
    static struct lk_dut dut;
    dut = *template_dut();
    dut.name = "planted-mss";
    dut.advance = advance_planted;
    return &dut;
}
