/* The NAT's memory: bindings (an inside endpoint and its outside port) and sessions (a binding and a remote host). Two hash
 * tables find a binding from either side, one a session; one wheel holds their timers. Records are named by index. */
#ifndef LK_GATEWAY_BINDING_H
#define LK_GATEWAY_BINDING_H

#include "stack/base/pool.h"
#include "stack/base/rng.h"
#include "stack/base/wheel.h"
#include "stack/gateway/gateway.h"

#define GW_HELD 32        /* SYNs that wait for 6 s */
#define GW_HELD_BYTES 128 /* of each: headers and a little more, for the quote */

struct gw_binding {
    uint32_t inside;               /* host order */
    uint32_t inside_next, outside_next; /* chains of the two hash tables */
    uint32_t first;                /* its sessions, the latest first, or LK_NONE */
    uint32_t sessions;
    uint16_t inside_port, outside_port; /* ICMP: query identifiers */
    uint8_t protocol;
    uint8_t fixed;                 /* published: no timer removes it */
    uint16_t unused;
};
_Static_assert(sizeof(struct gw_binding) == 28, "no padding");

enum gw_tcp_state { GW_NO_TCP = 0, GW_INIT, GW_INIT_INWARD, GW_ESTABLISHED, GW_FIN_OUTWARD, GW_FIN_INWARD, GW_FIN_BOTH, GW_TRANS };

struct gw_session {
    uint32_t binding, remote;
    uint32_t chain;                /* of the hash table */
    uint32_t next, previous;       /* of the binding's list */
    uint16_t remote_port;          /* 0: any port of that host */
    uint8_t state;                 /* enum gw_tcp_state */
    uint8_t unused;
};
_Static_assert(sizeof(struct gw_session) == 24, "no padding");

/* A SYN that nobody asked for and that must not be answered yet (RFC 5382 REQ-4). */
struct gw_held {
    uint32_t remote;
    uint16_t remote_port, outside_port;
    uint32_t len;
    uint32_t iface;
    uint8_t due;                   /* its time has come: an error is owed */
    uint8_t unused[3];
    uint8_t bytes[GW_HELD_BYTES];
};

struct gw_nat {
    struct lk_pool bindings, sessions, held;
    struct lk_rng ports;           /* which port to try first */
    int64_t inside, outside, remote; /* bytes from this struct to the tables of uint32 */
    uint32_t mask, session_mask;   /* of their indices */
    uint32_t knocking;             /* sessions in GW_INIT_INWARD: opened from outside and not answered yet */
    uint32_t due;                  /* held SYNs whose error is owed */
    uint8_t key[16];
    struct lk_wheel wheel;         /* bindings first, then sessions, then held SYNs */
};

int gw_nat_init(struct gw_nat *nat, struct lk_arena *arena, const struct lk_gateway_config *config, lk_time now, const uint8_t seed[32]);
bool gw_nat_check(const struct gw_nat *nat);

static inline struct gw_binding *gw_binding_at(const struct gw_nat *nat, uint32_t index)
{
    return lk_pool_at(&nat->bindings, index);
}

static inline struct gw_session *gw_session_at(const struct gw_nat *nat, uint32_t index)
{
    return lk_pool_at(&nat->sessions, index);
}

static inline struct gw_held *gw_held_at(const struct gw_nat *nat, uint32_t index)
{
    return lk_pool_at(&nat->held, index);
}

/* LK_NONE: there is none. */
uint32_t gw_binding_inside(const struct gw_nat *nat, uint8_t protocol, uint32_t inside, uint16_t port);
uint32_t gw_binding_outside(const struct gw_nat *nat, uint8_t protocol, uint16_t port);
/* LK_NONE: the table is full. The outside port must be free, the inside endpoint without a binding. */
uint32_t gw_binding_add(struct gw_nat *nat, uint8_t protocol, uint32_t inside, uint16_t inside_port, uint16_t outside_port);
/* With all its sessions. */
void gw_binding_remove(struct gw_nat *nat, uint32_t index);
/* It ends at `at`, unless it is fixed or refreshed before. */
void gw_binding_keep(struct gw_nat *nat, uint32_t index, lk_time at);

uint32_t gw_session_find(const struct gw_nat *nat, uint32_t binding, uint32_t remote, uint16_t remote_port);
/* LK_NONE: the table is full. */
uint32_t gw_session_add(struct gw_nat *nat, uint32_t binding, uint32_t remote, uint16_t remote_port);
/* A binding of TCP goes with its last session. */
void gw_session_remove(struct gw_nat *nat, uint32_t index);
void gw_session_keep(struct gw_nat *nat, uint32_t index, lk_time at);
void gw_session_state(struct gw_nat *nat, uint32_t index, enum gw_tcp_state state);

/* Ends what is due at `now`. */
void gw_nat_tick(struct gw_nat *nat, lk_time now);

#endif
