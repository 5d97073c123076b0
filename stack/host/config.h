/* Inside of the configuration: what stack/host/config.c offers to this room beyond lk_config_... in stack.h. */
#ifndef LK_HOST_CONFIG_H
#define LK_HOST_CONFIG_H

#include "stack/host/stack.h"

/* Copies a checked configuration value by value, so that padding in *to is 0 and equal configurations are equal bytes. */
void config_copy(struct lk_config *to, const struct lk_config *from);

#endif
