/* The rings of an active record: bytes to send, and bytes received. Copying in, copying out, and the longest run without
 * a copy. Octets are named by their offset from the ring's head. An empty ring starts again at its first byte, so short
 * exchanges touch little memory.
 */
#ifndef LK_TCP_BUFFER_H
#define LK_TCP_BUFFER_H

#include "stack/tcp/tcb.h"

enum tcp_ring { TCP_RING_SEND, TCP_RING_RECEIVE };

/* Opens or closes both rings of active record `index` for sanitizers. */
void tcp_buffer_open(const struct lk_tcp_stack *tcp, uint32_t index);
void tcp_buffer_close(const struct lk_tcp_stack *tcp, uint32_t index);

/* Zeroes what was used of both rings. */
void tcp_buffer_wipe(const struct lk_tcp_stack *tcp, uint32_t index);

/* Copies `len` bytes to `offset` octets behind the head; the caller knows that they fit. */
void tcp_buffer_write(struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset, const uint8_t *bytes, uint32_t len);
void tcp_buffer_read(const struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset, uint8_t *bytes, uint32_t len);

/* Address of the octet at `offset`, and in *run how many follow it without a break (at most `len`). `len` > 0. */
uint8_t *tcp_buffer_run(const struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset, uint32_t len, uint32_t *run);

/* Notes that `len` octets at `offset` were written in place. */
void tcp_buffer_touched(struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t offset, uint32_t len);

/* Drops `len` octets at the head. */
void tcp_buffer_drop(struct lk_tcp_stack *tcp, uint32_t index, enum tcp_ring ring, uint32_t len);

#endif
