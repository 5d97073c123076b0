/* The addresses of this host and the networks they stand in (RFC 1122 3.2.1.3, 3.3.1). A short table, in the order of
 * adding: the first address of an interface is its primary one. */
#ifndef LK_IP_ADDRESS_H
#define LK_IP_ADDRESS_H

#include "stack/base/arena.h"
#include "stack/base/hash.h"
#include "stack/base/types.h"
#include "stack/ip/packet.h"
#include <stdbool.h>
#include <stdint.h>

struct lk_address {
    struct lk_addr address;
    uint32_t iface;
    uint8_t prefix;    /* bits of the network: 0..32 */
    uint8_t tentative; /* 1: not ours yet; neither answered for nor sent from */
    uint8_t shared;    /* 1: a gateway in front of us is asked first what comes to it */
    uint8_t conflicts; /* ARP packets of other stations that claimed it since it was added; stays at its largest */
};
_Static_assert(sizeof(struct lk_address) == 24, "no padding");

struct lk_addresses {
    int64_t table; /* bytes from this struct to entry 0 */
    uint32_t capacity, count;
};

int lk_addresses_init(struct lk_addresses *addresses, struct lk_arena *arena, uint32_t count);

/* Adds an address, or changes prefix and state of one that is there. Only IPv4 today. 0; LK_E_NOBUFS: the table is full;
 * LK_E_INVALID: prefix above 32, or no address a host may have (0/8, 127/8, multicast, broadcast). */
int lk_addresses_add(struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address, uint32_t prefix, bool tentative);
/* 0 or LK_E_NOTFOUND. */
int lk_addresses_remove(struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address);

/* Another station claims the address on that interface: counted, if it is in the table (RFC 5227 2.1.1, 2.4). probe: it only asks
 * whether it may have it, which is a conflict while the address is tentative. Whether it was counted. */
bool lk_addresses_claimed(struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address, bool probe);

/* The entry of an address on an interface, tentative ones too; NULL: none. */
const struct lk_address *lk_addresses_entry(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address);

/* Whether an address is ours, on one interface or on any (LK_ANY). Tentative ones are not. */
bool lk_addresses_own(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address);

/* Marks an address of ours as shared with a gateway, or not; adding it again clears the mark. 0 or LK_E_NOTFOUND. */
int lk_addresses_share(struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address, bool shared);
/* Whether an address of ours, on any interface, is shared. */
bool lk_addresses_shared(const struct lk_addresses *addresses, const struct lk_addr *address);

/* Whether the interface has any address. Tentative ones don't count. */
bool lk_addresses_configured(const struct lk_addresses *addresses, uint32_t iface);

/* Whether it is 255.255.255.255, or all ones or all zeros in the host part of a network of ours on that interface (LK_ANY:
 * on any); all zeros is the form of 4.2BSD (RFC 1122 3.3.6). Networks of 31 and 32 bits have no broadcast (RFC 3021). */
bool lk_addresses_broadcast(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *address);

/* The entry whose network contains the address, longest prefix first; NULL: none is on link. Interfaces whose bit in `up` is
 * clear are passed over. */
const struct lk_address *lk_addresses_on_link(const struct lk_addresses *addresses, uint32_t iface, uint32_t up, const struct lk_addr *address);

/* The address to send from on an interface towards next_hop: one in its network, else the first of the interface
 * (RFC 1122 3.3.4.3). False: the interface has none. */
bool lk_addresses_source(const struct lk_addresses *addresses, uint32_t iface, const struct lk_addr *next_hop, struct lk_addr *out);

bool lk_addresses_check(const struct lk_addresses *addresses, uint32_t ifaces);
void lk_addresses_digest(const struct lk_addresses *addresses, struct lk_digest *digest);

#endif
