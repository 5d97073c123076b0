/* Who has which address: the server's table. Internal to this room.
 *
 * A record stays after its lease has ended, so that a client gets its address again (RFC 2131 4.3.1); it makes room for others when
 * the table is full or no other address is left. */
#ifndef LK_APPS_DHCP_LEASE_TABLE_H
#define LK_APPS_DHCP_LEASE_TABLE_H

#include "stack/base/types.h"
#include <stdbool.h>
#include <stdint.h>

enum { DHCP_FREE = 0, DHCP_OFFERED, DHCP_BOUND, DHCP_DECLINED }; /* a bound or offered one is free again when it has expired */

struct dhcp_lease {
    uint64_t client[2];  /* keyed hashes of the client's identifier; 0, 0: nobody's */
    lk_time expires;     /* when the offer, the lease or the ban ends */
    uint32_t address;    /* host order; 0: the record is not used */
    uint32_t duration;   /* s, as last granted */
    uint32_t state;
    uint32_t unused;     /* 0 */
};

struct dhcp_table {
    uint32_t count;
    uint32_t first, last; /* the range of addresses, inclusive */
    uint32_t next;        /* address to try next */
};

/* What the table may not give away, in host order. */
struct dhcp_reserved {
    uint32_t prefix;
    uint32_t count;
    uint32_t address[9];
};

/* Whether the address is in the range and may be given to a host. */
bool dhcp_table_has(const struct dhcp_table *t, const struct dhcp_reserved *reserved, uint32_t address);

/* The record of a client, or of an address; NULL: none. */
struct dhcp_lease *dhcp_table_of_client(const struct dhcp_table *t, struct dhcp_lease *at, const uint64_t client[2]);
struct dhcp_lease *dhcp_table_of_address(const struct dhcp_table *t, struct dhcp_lease *at, uint32_t address);

/* Whether nobody may be using the record's address now. */
bool dhcp_lease_free(const struct dhcp_lease *lease, lk_time now);

/* A record for this client and this address, if nobody else may be using it; any other record of the client is given up. NULL: the
 * address is taken or no address of ours, or every record is in use. */
struct dhcp_lease *dhcp_table_take(struct dhcp_table *t, struct dhcp_lease *at, const struct dhcp_reserved *reserved, const uint64_t client[2], uint32_t address,
                                   lk_time now);

/* The same with any address: one that nobody ever had before one whose lease has ended. */
struct dhcp_lease *dhcp_table_take_any(struct dhcp_table *t, struct dhcp_lease *at, const struct dhcp_reserved *reserved, const uint64_t client[2], lk_time now);

#endif
