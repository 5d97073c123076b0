/* A device out of a shared object, or by name. */
#ifndef LK_DUT_LOAD_H
#define LK_DUT_LOAD_H

#include "conformance/dut/dut.h"

/* "builtin", "recording", or the path of a shared object (it has a '/' or ends in ".so"). NULL: *why, at least 256 bytes, says in one
 * line what is wrong: no such name, not a shared object, no symbol lockstep_dut, another version, a struct too short, a function
 * missing. A loaded object stays loaded until the process ends. */
const struct lk_dut *lk_dut_load(const char *name, char why[256]);

#endif
