/* Looking inside: the invariants of every room, one number for all state, the counters. */
#include "stack/host/state.h"

static bool links_sound(const struct lk_stack *stack)
{
    const struct lk_links *links = &stack->links;
    if (links->count != stack->config.ifaces)
        return false;
    for (uint32_t i = 0; i < links->count; i++) {
        const struct lk_link_iface *link = &links->at[i];
        if (link->mtu < 68 || link->mtu > link->mtu_max || link->up != (links->up >> i & 1) || (!link->up && stack->owed.head[i] != LK_NONE))
            return false;
    }
    return true;
}

/* Every packet owed is ready, or waits on the neighbour it names, or hangs in the list of those that were forwarded in vain. */
static bool waiting_sound(const struct lk_stack *stack)
{
    uint32_t idle = 0, last = LK_NONE;
    for (uint32_t at = stack->undelivered_head; at != LK_NONE; at = lk_owed_at(&stack->owed, at)->next) {
        if (!lk_pool_taken(&stack->owed.pool, at) || idle++ == stack->owed.pool.capacity)
            return false;
        last = at;
    }
    if (last != stack->undelivered_tail)
        return false;
    for (uint32_t i = 0; i < stack->owed.pool.capacity; i++) {
        if (!lk_pool_taken(&stack->owed.pool, i))
            continue;
        const struct lk_owed_packet *p = lk_owed_at(&stack->owed, i);
        if (!p->ready && p->neighbour == LK_NONE)
            idle--;
        else if (p->ready ? p->neighbour != LK_NONE : !lk_pool_taken(&stack->arp.pool, p->neighbour))
            return false;
    }
    return idle == 0;
}

int lk_stack_check(const struct lk_stack *stack, const char **where)
{
    const char *broken = NULL;
    int number = 0;
    if (lk_config_check(&stack->config) != NULL)
        number = -1, broken = "configuration";
    else if (!links_sound(stack))
        number = -2, broken = "interfaces";
    else if (!lk_owed_check(&stack->owed))
        number = -3, broken = "owed packets";
    else if (!lk_arp_cache_check(&stack->arp, &stack->owed, &stack->wheel))
        number = -4, broken = "neighbours";
    else if (!waiting_sound(stack))
        number = -5, broken = "packets waiting for a neighbour";
    else if (!lk_addresses_check(&stack->addresses, stack->links.count))
        number = -6, broken = "addresses";
    else if (!lk_routes_check(&stack->routes, stack->links.count))
        number = -7, broken = "routes";
    else if (!lk_udp_check(&stack->udp))
        number = -8, broken = "udp";
    else if (!lk_wheel_check(&stack->wheel))
        number = -9, broken = "timers";
    else
        number = lk_tcp_check(host_tcp(stack), &stack->wheel, &broken);
    if (where != NULL && number < 0)
        *where = broken;
    return number;
}

uint64_t lk_stack_digest(const struct lk_stack *stack)
{
    struct lk_digest digest;
    lk_digest_begin(&digest);
    lk_digest_add(&digest, (uint64_t)stack->now);
    lk_digest_add(&digest, stack->tx_frames);
    lk_digest_add(&digest, stack->no_route);
    for (uint32_t i = 0; i < LK_RX_COUNT; i++)
        lk_digest_add(&digest, stack->rx[i]);
    for (uint32_t i = 0; i < stack->links.count; i++) {
        lk_digest_add(&digest, stack->links.at[i].mtu);
        lk_digest_add(&digest, stack->links.at[i].up);
    }
    lk_addresses_digest(&stack->addresses, &digest);
    lk_routes_digest(&stack->routes, &digest);
    lk_owed_digest(&stack->owed, &digest);
    lk_arp_cache_digest(&stack->arp, &stack->wheel, &digest);
    lk_udp_digest(&stack->udp, &digest);
    lk_tcp_digest(host_tcp(stack), &digest);
    return digest.value;
}

void lk_stack_counters(const struct lk_stack *stack, struct lk_counters *out)
{
    struct lk_tcp_counters tcp;
    lk_tcp_counters(host_tcp(stack), &tcp);
    *out = (struct lk_counters){
        .tx_frames = stack->tx_frames,
        .intents_dropped = stack->owed.dropped[LK_OWED_REPLY] + tcp.resets_dropped,
        .neighbour_drops = stack->arp.unresolved + stack->owed.dropped[LK_OWED_WAITING],
        .no_route = stack->no_route,
        .challenge_throttled = tcp.challenge_throttled,
    };
    for (uint32_t i = 0; i < LK_RX_COUNT; i++)
        out->rx[i] = stack->rx[i];
}
