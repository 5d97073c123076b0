/* A stack with a planted bug: every ACK is one byte too far. */
#include "conformance/dut/plugins/planted.h"

static int spoil(struct lk_tcp *tcp)
{
    if (tcp->control & LK_TCP_ACK) tcp->acknowledgment_number++;
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
    dut.name = "planted-ack";
    dut.advance = advance_planted;
    return &dut;
}
