/* A stack with a planted bug: the SYN offers no option at all. */
#define PLANTED_NAME "planted-mss"
#include "conformance/dut/plugins/planted.h"

static int spoil(struct lk_tcp *tcp)
{
    if (tcp->control & LK_TCP_SYN) memset((uint8_t *)(uintptr_t)tcp->options, LK_TCP_OPT_NOP, tcp->options_len);
    return 1;
}
