/* One configured host and what is held against it after every step: the ground on which the targets frame, host_events
 * and tcp_endpoint stand.
 *
 * The host has the address 10.9.0.1/24, listens on TCP port 80, has a UDP socket on port 53, and tries to connect to
 * 10.9.0.2:7000 from port 6000. The other side (10.9.0.2) is whatever the input says.
 *
 * Held after every step: all invariants of the stack; every frame it emits parses, has right checksums and lengths, and no
 * uninitialised byte; at most `LK_WORLD_BURST` frames come out of one step; a step of time makes progress. */
#ifndef LK_FUZZ_WORLD_H
#define LK_FUZZ_WORLD_H

#include "stack/host/stack.h"
#include "stack/wire/tcp.h"
#include <stddef.h>
#include <stdint.h>

#define LK_WORLD_BURST 4096   /* frames out of one step: a whole send buffer in smallest segments, with room */
#define LK_WORLD_STEPS 100000 /* timers in one step of time */

struct lk_world {
    const char *target;       /* for messages */
    struct lk_stack *stack;
    lk_time now;
    lk_socket listener, client, udp, accepted;
    uint64_t emitted;
    /* called for each frame that comes out; may be NULL */
    void (*out)(void *context, const uint8_t *frame, size_t len);
    void *context;
};

/* Sets *world to a fresh host: built once, copied from then on. profile: "linux" or "rfc". */
void lk_world_reset(struct lk_world *world, const char *target, const char *profile);
/* One frame arrives, in a heap copy of its exact size. */
void lk_world_frame(struct lk_world *world, const uint8_t *frame, size_t len);
/* Time passes; every timer on the way fires at its own deadline, and what is owed is pulled each time. */
void lk_world_pass(struct lk_world *world, lk_time time);
/* Accepts, reads everything there is to read, and checks what is there to check. */
void lk_world_application(struct lk_world *world);
/* Pulls everything owed and checks it. */
void lk_world_drain(struct lk_world *world);

/* Makes a frame consistent: IPv4 total length and header checksum, and the checksum of UDP, TCP or ICMP in it.
 * Works on what is there and does nothing to a frame that is too short. */
void lk_world_repair(uint8_t *frame, size_t len);

/* Marks a cell of the matrix TCP state x segment class x outcome, for the fuzzer's extra counters. */
void lk_world_mark(int state, const struct lk_tcp *segment, int outcome);

/* The matrix as text on standard error: how many cells each state reached, over all inputs of this process. Printed at
 * the end of a process that has LOCKSTEP_MATRIX in its environment. */
void lk_world_matrix(void);

#endif
