/* Addresses, routes, interfaces, neighbours, and packets that a gateway hands down: what the caller sets by hand. */
#include "stack/base/mem.h"
#include "stack/host/state.h"

int lk_addr_add(struct lk_stack *stack, uint32_t iface, struct lk_addr address, uint32_t prefix, int state, lk_time now)
{
    host_enter(stack, now);
    if (iface >= stack->links.count || state < LK_ADDR_PREFERRED || state > LK_ADDR_SHARED)
        return LK_E_INVALID;
    int error = lk_addresses_add(&stack->addresses, iface, &address, prefix, state == LK_ADDR_TENTATIVE);
    if (error == 0 && state == LK_ADDR_SHARED)
        error = lk_addresses_share(&stack->addresses, iface, &address, true);
    return error;
}

int lk_addr_remove(struct lk_stack *stack, uint32_t iface, struct lk_addr address, lk_time now)
{
    host_enter(stack, now);
    return lk_addresses_remove(&stack->addresses, iface, &address);
}

/* The entry of an address that can be asked about or told of by ARP. */
static int claimable(const struct lk_stack *stack, uint32_t iface, const struct lk_addr *address, bool tentative)
{
    if (iface >= stack->links.count || stack->links.at[iface].kind != LK_LINK_IS_ETHERNET)
        return LK_E_INVALID;
    const struct lk_address *e = lk_addresses_entry(&stack->addresses, iface, address);
    if (e == NULL || (e->tentative != 0) != tentative)
        return LK_E_NOTFOUND;
    return stack->links.at[iface].up ? 0 : LK_E_NETDOWN;
}

int lk_addr_probe(struct lk_stack *stack, uint32_t iface, struct lk_addr address, lk_time now)
{
    host_enter(stack, now);
    int error = claimable(stack, iface, &address, true);
    if (error < 0)
        return error;
    struct lk_arp_context context = host_arp_context(stack);
    return lk_arp_cache_claim(&context, iface, 0, lk_addr_ip4(&address)) ? 0 : LK_E_NOBUFS;
}

int lk_addr_announce(struct lk_stack *stack, uint32_t iface, struct lk_addr address, lk_time now)
{
    host_enter(stack, now);
    int error = claimable(stack, iface, &address, false);
    if (error < 0)
        return error;
    struct lk_arp_context context = host_arp_context(stack);
    return lk_arp_cache_claim(&context, iface, lk_addr_ip4(&address), lk_addr_ip4(&address)) ? 0 : LK_E_NOBUFS;
}

int lk_addr_conflicts(const struct lk_stack *stack, uint32_t iface, struct lk_addr address)
{
    const struct lk_address *e = lk_addresses_entry(&stack->addresses, iface, &address);
    return e == NULL ? LK_E_NOTFOUND : (int)e->conflicts;
}

int lk_route_add(struct lk_stack *stack, struct lk_addr destination, uint32_t prefix, struct lk_addr gateway, uint32_t iface, lk_time now)
{
    host_enter(stack, now);
    if (iface >= stack->links.count)
        return LK_E_INVALID;
    return lk_routes_add(&stack->routes, &destination, prefix, &gateway, iface);
}

int lk_route_remove(struct lk_stack *stack, struct lk_addr destination, uint32_t prefix, lk_time now)
{
    host_enter(stack, now);
    return lk_routes_remove(&stack->routes, &destination, prefix);
}

int lk_route_remove_by(struct lk_stack *stack, struct lk_addr destination, uint32_t prefix, struct lk_addr gateway, uint32_t iface, lk_time now)
{
    host_enter(stack, now);
    return lk_routes_remove_exactly(&stack->routes, &destination, prefix, &gateway, iface);
}

int lk_iface_set(struct lk_stack *stack, uint32_t iface, bool up, uint16_t mtu, lk_time now)
{
    host_enter(stack, now);
    if (iface >= stack->links.count)
        return LK_E_INVALID;
    struct lk_link_iface *link = &stack->links.at[iface];
    if (mtu < 68 || mtu > link->mtu_max)
        return LK_E_INVALID;
    link->mtu = mtu;
    link->up = up;
    stack->links.up = (stack->links.up & ~(1u << iface)) | (uint32_t)up << iface;
    if (!up) {
        struct lk_arp_context context = host_arp_context(stack);
        lk_arp_cache_flush(&context, iface);
        lk_owed_flush(&stack->owed, iface);
    }
    return 0;
}

int lk_neighbour_set(struct lk_stack *stack, uint32_t iface, struct lk_addr address, const uint8_t mac[6], lk_time now)
{
    host_enter(stack, now);
    if (iface >= stack->links.count || stack->links.at[iface].kind != LK_LINK_IS_ETHERNET)
        return LK_E_INVALID;
    if (!lk_addr_is_ip4(&address) || lk_addr_is_unspecified(&address) || lk_addr_is_multicast(&address) || (mac != NULL && lk_ethernet_is_group(mac)))
        return LK_E_INVALID;
    struct lk_arp_context context = host_arp_context(stack);
    return lk_arp_cache_set(&context, iface, &address, mac);
}

int lk_stack_forward(struct lk_stack *stack, uint32_t iface, struct lk_addr next_hop, const uint8_t *packet, size_t len, lk_time now)
{
    struct lk_hop hop = {.next = next_hop, .iface = iface, .cast = LK_CAST_UNICAST};
    struct lk_addr source = {{0}};
    host_enter(stack, now);
    if (iface >= stack->links.count || len < LK_IPV4_HEADER)
        return LK_E_INVALID;
    if (!lk_addr_is_ip4(&next_hop) || lk_addr_is_unspecified(&next_hop) || lk_addr_is_multicast(&next_hop))
        return LK_E_INVALID;
    if (!stack->links.at[iface].up)
        return LK_E_NETDOWN;
    if (len > stack->links.at[iface].mtu)
        return LK_E_MSGSIZE;
    if (lk_addresses_broadcast(&stack->addresses, iface, &next_hop))
        hop.cast = LK_CAST_BROADCAST;
    if (stack->owed.used[LK_OWED_FORWARD] == stack->owed.limit[LK_OWED_FORWARD])
        host_drop_undelivered(stack);
    uint32_t index = lk_owed_take(&stack->owed, LK_OWED_FORWARD);
    if (index == LK_NONE)
        return LK_E_NOBUFS;
    lk_memcpy(lk_owed_bytes(&stack->owed, index), packet, len);
    lk_owed_at(&stack->owed, index)->len = (uint32_t)len;
    lk_addresses_source(&stack->addresses, iface, &next_hop, &source); /* whom ARP asks as; none: 0.0.0.0 */
    return host_send(stack, index, &hop, &source);
}

/* ---- packets forwarded in vain ---- */

/* One of ours is not: its transport knows already. From a shared address it may be the gateway's. */
static bool may_be_forwarded(const struct lk_stack *stack, const uint8_t *packet, size_t len)
{
    struct lk_ipv4 header;
    if (!stack->config.forwarding || lk_ipv4_parse(packet, len, &header) < 0)
        return false;
    struct lk_addr source = lk_addr_from_ip4(header.source_address);
    return !lk_addresses_own(&stack->addresses, LK_ANY, &source) || lk_addresses_shared(&stack->addresses, &source);
}

bool host_keep_undelivered(struct lk_stack *stack, uint32_t index)
{
    struct lk_owed_packet *p = lk_owed_at(&stack->owed, index);
    if (stack->owed.limit[LK_OWED_FORWARD] == 0 || !may_be_forwarded(stack, lk_owed_bytes(&stack->owed, index), p->len))
        return false;
    if (stack->owed.used[LK_OWED_FORWARD] == stack->owed.limit[LK_OWED_FORWARD] && !host_drop_undelivered(stack))
        return false;
    if (!lk_owed_move(&stack->owed, index, LK_OWED_FORWARD))
        return false;
    p->next = p->neighbour = LK_NONE;
    if (stack->undelivered_tail == LK_NONE)
        stack->undelivered_head = index;
    else
        lk_owed_at(&stack->owed, stack->undelivered_tail)->next = index;
    stack->undelivered_tail = index;
    return true;
}

bool host_drop_undelivered(struct lk_stack *stack)
{
    uint32_t index = stack->undelivered_head;
    if (index == LK_NONE)
        return false;
    stack->undelivered_head = lk_owed_at(&stack->owed, index)->next;
    if (stack->undelivered_head == LK_NONE)
        stack->undelivered_tail = LK_NONE;
    lk_owed_give(&stack->owed, index);
    return true;
}

bool lk_stack_undelivered(struct lk_stack *stack, uint8_t *packet, size_t cap, size_t *len, uint32_t *iface, lk_time now)
{
    host_enter(stack, now);
    uint32_t index = stack->undelivered_head;
    if (index == LK_NONE)
        return false;
    const struct lk_owed_packet *p = lk_owed_at(&stack->owed, index);
    *len = p->len < cap ? p->len : cap;
    *iface = p->iface;
    lk_memcpy(packet, lk_owed_bytes(&stack->owed, index), *len);
    return host_drop_undelivered(stack);
}
