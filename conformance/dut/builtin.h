/* Our own stack as a device under test: one stack instance, one Ethernet interface, virtual time, through the public
 * calls of stack/host/stack.h and nothing else. */
#ifndef LK_DUT_BUILTIN_H
#define LK_DUT_BUILTIN_H

#include "conformance/dut/dut.h"
#include "stack/host/stack.h"

const struct lk_dut *lk_dut_builtin(void);

/* Sets one key of a trace's `config:` in a stack's config: "profile" first if at all, then field names of lk_config and
 * lk_tcp_config. Times are "200ms" "1s" "5us" or plain nanoseconds, booleans true/false. Returns 0, or LK_E_INVALID for
 * an unknown name (also "pull", which is the engine's) or a value that does not read. */
int lk_builtin_setting(struct lk_config *config, const char *name, const char *value);

/* The stack inside a device of lk_dut_builtin(), for digests and invariants. */
struct lk_stack *lk_builtin_stack(void *dut);

#endif
