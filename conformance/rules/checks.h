/* The catalogue of checks: their names, what each says, and the requirements it decides. */
#ifndef LK_RULES_CHECKS_H
#define LK_RULES_CHECKS_H

#include "conformance/rules/book.h"

const char *check_name(enum check check);
/* The level of a requirement's row: MUST and MUST NOT are LK_MUST, SHOULD and SHOULD NOT are LK_SHOULD, anything else a note. */
enum lk_severity check_severity(const char *requirement);

#endif
