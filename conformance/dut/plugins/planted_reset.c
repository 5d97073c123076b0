/* A stack with a planted bug: a SYN to a closed port draws no reset. */
#include "conformance/dut/plugins/planted.h"

static int spoil(struct lk_tcp *tcp)
{
    return !(tcp->control & LK_TCP_RST);
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
    dut.name = "planted-reset";
    dut.advance = advance_planted;
    return &dut;
}
