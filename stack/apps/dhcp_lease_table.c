#include "stack/apps/dhcp_lease_table.h"
#include "stack/apps/dhcp_params.h"
#include "stack/base/mem.h"

bool dhcp_table_has(const struct dhcp_table *t, const struct dhcp_reserved *reserved, uint32_t address)
{
    if (address < t->first || address > t->last || !dhcp_host_address(address) || !dhcp_in_host_part(address, reserved->prefix))
        return false;
    for (uint32_t i = 0; i < reserved->count; i++)
        if (reserved->address[i] == address)
            return false;
    return true;
}

static bool is_clients(const struct dhcp_lease *lease, const uint64_t client[2])
{
    return lease->address != 0 && lease->client[0] == client[0] && lease->client[1] == client[1];
}

struct dhcp_lease *dhcp_table_of_client(const struct dhcp_table *t, struct dhcp_lease *at, const uint64_t client[2])
{
    for (uint32_t i = 0; i < t->count; i++)
        if (is_clients(&at[i], client))
            return &at[i];
    return NULL;
}

struct dhcp_lease *dhcp_table_of_address(const struct dhcp_table *t, struct dhcp_lease *at, uint32_t address)
{
    for (uint32_t i = 0; i < t->count && address != 0; i++)
        if (at[i].address == address)
            return &at[i];
    return NULL;
}

bool dhcp_lease_free(const struct dhcp_lease *lease, lk_time now)
{
    return lease->address == 0 || lease->state == DHCP_FREE || lease->expires <= now;
}

/* An unused record, else the free one whose lease ended first. NULL: all are in use. */
static struct dhcp_lease *spare(const struct dhcp_table *t, struct dhcp_lease *at, lk_time now)
{
    struct dhcp_lease *oldest = NULL;
    for (uint32_t i = 0; i < t->count; i++) {
        if (at[i].address == 0)
            return &at[i];
        if (dhcp_lease_free(&at[i], now) && (oldest == NULL || at[i].expires < oldest->expires))
            oldest = &at[i];
    }
    return oldest;
}

static struct dhcp_lease *assign(struct dhcp_lease *lease, const uint64_t client[2], uint32_t address)
{
    *lease = (struct dhcp_lease){.client = {client[0], client[1]}, .address = address};
    return lease;
}

struct dhcp_lease *dhcp_table_take(struct dhcp_table *t, struct dhcp_lease *at, const struct dhcp_reserved *reserved, const uint64_t client[2], uint32_t address,
                                   lk_time now)
{
    struct dhcp_lease *old = dhcp_table_of_client(t, at, client), *there = dhcp_table_of_address(t, at, address);
    if (!dhcp_table_has(t, reserved, address))
        return NULL;
    if (there != NULL && there == old)
        return there->state == DHCP_DECLINED && !dhcp_lease_free(there, now) ? NULL : there;
    if (there != NULL && !dhcp_lease_free(there, now))
        return NULL;
    if (there == NULL)
        there = old != NULL ? old : spare(t, at, now);
    else if (old != NULL)
        *old = (struct dhcp_lease){0};
    return there == NULL ? NULL : assign(there, client, address);
}

/* The free record whose lease ended first, of an address that may be given. */
static struct dhcp_lease *longest_free(const struct dhcp_table *t, struct dhcp_lease *at, const struct dhcp_reserved *reserved, lk_time now)
{
    struct dhcp_lease *found = NULL;
    for (uint32_t i = 0; i < t->count; i++)
        if (at[i].address != 0 && dhcp_lease_free(&at[i], now) && dhcp_table_has(t, reserved, at[i].address) && (found == NULL || at[i].expires < found->expires))
            found = &at[i];
    return found;
}

/* An address without a record. At most count + reserved addresses have to be passed over. 0: none. */
static uint32_t untouched(struct dhcp_table *t, struct dhcp_lease *at, const struct dhcp_reserved *reserved)
{
    uint64_t size = (uint64_t)t->last - t->first + 1, most = (uint64_t)t->count + reserved->count + 3;
    for (uint64_t i = 0; i < size && i < most; i++) {
        uint32_t address = t->next;
        t->next = t->next == t->last ? t->first : t->next + 1;
        if (dhcp_table_has(t, reserved, address) && dhcp_table_of_address(t, at, address) == NULL)
            return address;
    }
    return 0;
}

struct dhcp_lease *dhcp_table_take_any(struct dhcp_table *t, struct dhcp_lease *at, const struct dhcp_reserved *reserved, const uint64_t client[2], lk_time now)
{
    struct dhcp_lease *lease = spare(t, at, now);
    if (lease == NULL)
        return NULL;
    uint32_t address = untouched(t, at, reserved);
    if (address != 0)
        return assign(lease, client, address);
    lease = longest_free(t, at, reserved, now);
    return lease == NULL ? NULL : assign(lease, client, lease->address);
}
