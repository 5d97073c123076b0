/* What the stack is made of: the rooms below, side by side in one arena, and what joins them. Shared by this room's files:
 *
 *   config.c  init.c    configuration; footprint, init, copy
 *   rx.c                a frame comes in: link, ARP or IP, then ICMP, UDP or TCP
 *   send.c              a packet that was built here finds its way to a link
 *   tx.c                a frame goes out: what is owed first, then TCP's segments
 *   time.c              the clock, the wheel, the deadline
 *   net.c               addresses, routes, interfaces, neighbours, forwarding
 *   socket.c  event.c   the calls of the application
 *   inside.c            check, digest, counters */
#ifndef LK_HOST_STATE_H
#define LK_HOST_STATE_H

#include "stack/base/wheel.h"
#include "stack/host/stack.h"
#include "stack/ip/icmp.h"
#include "stack/ip/route.h"
#include "stack/link/arp_cache.h"
#include "stack/tcp/tcp.h"
#include "stack/udp/udp.h"

struct lk_stack {
    uint64_t size;       /* footprint in bytes */
    uint64_t tcp;        /* distance of TCP's state from here */
    lk_time now;         /* the latest time seen */
    uint64_t rx[LK_RX_COUNT];
    uint64_t tx_frames, no_route;
    uint32_t undelivered_head, undelivered_tail; /* owed records of packets that were forwarded in vain, or LK_NONE */
    struct lk_config config;
    struct lk_links links;
    struct lk_owed owed;
    struct lk_arp_cache arp;
    struct lk_addresses addresses;
    struct lk_routes routes;
    struct lk_udp_table udp;
    struct lk_wheel wheel; /* TCP's nodes first, then one a neighbour */
};

static inline struct lk_tcp_stack *host_tcp(const struct lk_stack *stack)
{
    return (struct lk_tcp_stack *)(void *)((uint8_t *)(uintptr_t)stack + stack->tcp);
}

static inline struct lk_tcp_context host_tcp_context(struct lk_stack *stack)
{
    return (struct lk_tcp_context){.tcp = host_tcp(stack), .wheel = &stack->wheel, .now = stack->now};
}

static inline struct lk_arp_context host_arp_context(struct lk_stack *stack)
{
    return (struct lk_arp_context){
        .cache = &stack->arp, .owed = &stack->owed, .wheel = &stack->wheel, .links = &stack->links, .now = stack->now};
}

/* The age of an event of UDP that arises now: the number of TCP's events before it. */
uint64_t host_event_age(const struct lk_stack *stack);

/* Every call begins here: clamps the time and fires what is due. */
void host_enter(struct lk_stack *stack, lk_time now);

/* The way to a destination: lk_routes_find() over the interfaces that are up. */
int host_route(const struct lk_stack *stack, uint32_t iface, const struct lk_addr *destination, struct lk_hop *out);

/* Sends the IP packet in owed record `index`, whose len is set, along a way: ready at once or behind its neighbour. The record
 * is no longer the caller's. 0, or LK_E_NOBUFS when it had to be dropped. */
int host_send(struct lk_stack *stack, uint32_t index, const struct lk_hop *hop, const struct lk_addr *source);

/* Keeps the packet in an owed record for lk_stack_undelivered(), if it may be one that was forwarded; the record is taken then. */
bool host_keep_undelivered(struct lk_stack *stack, uint32_t index);
/* Gives the oldest of them up. False: there is none. */
bool host_drop_undelivered(struct lk_stack *stack);

/* Owes an echo reply, or an ICMP error about a received datagram if one may be sent. Whether it was owed. */
bool host_owe_echo_reply(struct lk_stack *stack, const struct lk_ip_in *in);
bool host_owe_error(struct lk_stack *stack, const struct lk_icmp_owed *owed, const struct lk_ipv4 *header, const struct lk_ip_in *in);

/* Hands an error about a datagram of ours to the transport that sent it. */
enum lk_rx host_error_to_transport(struct lk_stack *stack, const struct lk_icmp_error *error, uint8_t protocol);

/* The same for a packet of ours that never left, as a destination unreachable of our own: no route (code 0), no neighbour
 * (code 1), or larger than the interface's MTU (code 4, and the MTU; otherwise 0). */
void host_undeliverable(struct lk_stack *stack, const uint8_t *packet, size_t len, uint8_t code, uint16_t mtu);

#endif
