/* A connection as a line of JSON, and as text for people. */
#ifndef LK_AUDIT_PRINT_H
#define LK_AUDIT_PRINT_H

#include "conformance/audit/audit.h"

#include <stdio.h>

/* One object, one line; the keys are a contract (lockstep audit --help names them). */
void lk_audit_json(FILE *to, const char *file, const struct lk_audit_flow *flow, enum lk_vantage given);
/* A block of lines: who with whom, how it began and ended, what each end sent, what was lost. */
void lk_audit_text(FILE *to, const struct lk_audit_flow *flow, enum lk_vantage given, bool colours);

/* Whether a MUST was broken: the exit status. */
bool lk_audit_must_broken(const struct lk_audit_flow *flow);

#endif
