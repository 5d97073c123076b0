/* What many connections have in common: local address, interface, path MTU and the values of socket options. Each distinct
 * combination is one record with a count of its users, so that a connection names it by two bytes. Records are never
 * changed while shared: whoever wants another combination moves to another record.
 */
#ifndef LK_TCP_COMMON_H
#define LK_TCP_COMMON_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stdint.h>

struct lk_tcp_stack;
struct tcb;

struct common {
    struct lk_addr local;
    uint32_t iface;      /* LK_ANY or an interface */
    uint32_t snd_buf, rcv_buf; /* bytes; at most those of the config */
    uint32_t keep_idle, keep_interval; /* milliseconds */
    uint32_t r2;         /* milliseconds; UINT32_MAX: never; 0: after config.r2 retransmissions */
    uint16_t mtu;        /* of the path, bytes of IP packet */
    uint16_t user_mss;   /* clamp, 0: none */
    uint8_t keep_count, tos, ttl;
    uint8_t unused[1];
    /* not part of the combination: */
    uint32_t users;
    uint32_t next;       /* in its bucket, or LK_NONE */
};
_Static_assert(sizeof(struct common) == 56, "padding in struct common");

/* Puts the config's defaults into record 0, which stays. */
void tcp_common_init(struct lk_tcp_stack *tcp);

/* The combination a connection has. */
const struct common *tcp_common(const struct lk_tcp_stack *tcp, const struct tcb *tcb);

/* Moves a connection to another combination (users and next of `wanted` do not matter). False: no record is free,
 * nothing changed. */
bool tcp_common_change(struct lk_tcp_stack *tcp, struct tcb *tcb, const struct common *wanted);

/* A new block begins with the defaults; a block that goes leaves its combination. */
void tcp_common_join(struct lk_tcp_stack *tcp, struct tcb *tcb);
void tcp_common_leave(struct lk_tcp_stack *tcp, struct tcb *tcb);

/* Every record is used by as many blocks as it counts, and found in its bucket. */
bool tcp_common_check(const struct lk_tcp_stack *tcp);

#endif
