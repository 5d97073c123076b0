/* The stateful targets, by name. Each runs one input to its end and aborts through lk_fuzz_fail() when something that must
 * hold does not. What an input means stands in fuzz/targets/NAME.c and fuzz/README.md. */
#ifndef LK_FUZZ_STATEFUL_H
#define LK_FUZZ_STATEFUL_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

void lk_fuzz_frame(const uint8_t *data, size_t size);
void lk_fuzz_host_events(const uint8_t *data, size_t size);
void lk_fuzz_tcp_endpoint(const uint8_t *data, size_t size);
void lk_fuzz_tcp_pair(const uint8_t *data, size_t size);

#endif
