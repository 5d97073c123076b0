/* A stack with a planted bug: every ACK is one byte too far. */
#define PLANTED_NAME "planted-ack"
#include "conformance/dut/plugins/planted.h"

static int spoil(struct lk_tcp *tcp)
{
    if (tcp->control & LK_TCP_ACK) tcp->acknowledgment_number++;
    return 1;
}
