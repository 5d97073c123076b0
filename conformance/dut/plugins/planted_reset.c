/* A stack with a planted bug: a SYN to a closed port draws no reset. */
#define PLANTED_NAME "planted-reset"
#include "conformance/dut/plugins/planted.h"

static int spoil(struct lk_tcp *tcp)
{
    return !(tcp->control & LK_TCP_RST);
}
