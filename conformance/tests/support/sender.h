/* A throw-away TCP sender that proves the acting peer: sound, or crippled in one way. */
#ifndef LK_TESTS_SUPPORT_SENDER_H
#define LK_TESTS_SUPPORT_SENDER_H

#include "conformance/dut/dut.h"

enum sender_fault { SENDER_SOUND, SENDER_NEVER_RETRANSMITS, SENDER_WRONG_RANGE, SENDER_RTO_EARLY, SENDER_IGNORES_SACK, SENDER_RESENDS_TWICE, SENDER_FAULTS };

const char *sender_fault_name(enum sender_fault fault);
/* Valid until the next call. */
const struct lk_dut *sender_dut(enum sender_fault fault);

#endif
