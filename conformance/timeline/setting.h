/* One key of a trace's `config:` in the configuration of our own stack. The trace reader checks with it, the plug of the
 * stack sets with it, so both mean the same. */
#ifndef LK_TIMELINE_SETTING_H
#define LK_TIMELINE_SETTING_H

#include "stack/host/stack.h"

/* Sets a number by its name in struct lk_config; those of TCP may do without "tcp." before. The value is text: a number, a
 * time (200ms), true, false, or never. 0; LK_E_NOTFOUND: no such name; LK_E_INVALID: it does not read, or is out of range. */
int lk_setting_apply(struct lk_config *config, const char *name, const char *value);

#endif
