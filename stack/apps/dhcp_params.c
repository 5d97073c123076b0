#include "stack/apps/dhcp_params.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/base/types.h"

bool dhcp_host_address(uint32_t address)
{
    uint32_t first = address >> 24;
    return first != 0 && first != 127 && first < 224; /* 224/4 multicast, 240/4 reserved, and with it 255.255.255.255 */
}

bool dhcp_in_host_part(uint32_t address, uint32_t prefix)
{
    uint32_t host = address & ~lk_ip4_mask(prefix);
    return prefix > 30 || (host != 0 && (host | lk_ip4_mask(prefix)) != UINT32_MAX);
}

int dhcp_prefix(uint32_t mask)
{
    for (uint32_t prefix = 8; prefix <= 32; prefix++)
        if (mask == lk_ip4_mask(prefix))
            return (int)prefix;
    return LK_E_INVALID;
}

/* Without the option: the mask of the address's class (RFC 950 2.1). */
static uint32_t natural_prefix(uint32_t address)
{
    return address >> 31 == 0 ? 8 : address >> 30 == 2 ? 16 : 24;
}

static int read_prefix(const struct lk_dhcp *message, uint32_t address, uint32_t *prefix)
{
    uint32_t mask;
    int error = lk_dhcp_get_32(message, LK_DHCP_OPT_SUBNET_MASK, &mask);
    int bits = error == LK_E_NOTFOUND ? (int)natural_prefix(address) : error < 0 ? error : dhcp_prefix(mask);
    if (bits < 0)
        return bits;
    *prefix = (uint32_t)bits;
    return dhcp_in_host_part(address, *prefix) ? 0 : LK_E_ADDRNOTAVAIL;
}

/* RFC 2132 3.5, 3.8: what is no list of addresses is as if it were not there. */
static uint32_t read_hosts(const struct lk_dhcp *message, uint8_t code, uint32_t not_this, uint32_t out[DHCP_ADDRESSES])
{
    uint32_t list[64], count = 0;
    int in_list = lk_dhcp_get_addresses(message, code, list, 64);
    for (int i = 0; i < in_list && i < 64 && count < DHCP_ADDRESSES; i++)
        if (dhcp_host_address(list[i]) && list[i] != not_this)
            out[count++] = list[i];
    return count;
}

static bool name_octet(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
}

static void read_domain(const struct lk_dhcp *message, char *out, size_t cap)
{
    int len = lk_dhcp_get_text(message, LK_DHCP_OPT_DOMAIN_NAME, out, cap);
    bool sound = len > 0;
    for (int i = 0; i < len && sound; i++)
        sound = name_octet(out[i]);
    if (!sound)
        lk_memset(out, 0, cap);
}

/* RFC 2131 4.4.5: T1 MUST be earlier than T2, and T2 than the end of the lease. Times that are not are as good as none. */
static void read_times(const struct lk_dhcp *message, struct dhcp_params *out)
{
    uint32_t t1, t2;
    if (lk_dhcp_get_32(message, LK_DHCP_OPT_T1, &t1) < 0)
        t1 = out->lease / 2;
    if (lk_dhcp_get_32(message, LK_DHCP_OPT_T2, &t2) < 0)
        t2 = out->lease - out->lease / 8;
    if (t1 > 0 && t1 < t2 && t2 < out->lease) {
        out->t1 = t1;
        out->t2 = t2;
    }
}

int dhcp_params_read(const struct lk_dhcp *message, struct dhcp_params *out)
{
    lk_memset(out, 0, sizeof *out);
    out->address = message->yiaddr;
    int error = lk_dhcp_get_32(message, LK_DHCP_OPT_SERVER_IDENTIFIER, &out->server); /* table 3: MUST be there */
    if (error == 0)
        error = lk_dhcp_get_32(message, LK_DHCP_OPT_LEASE_TIME, &out->lease);
    if (error < 0)
        return error;
    if (out->lease == 0)
        return LK_E_NOTFOUND;
    if (!dhcp_host_address(out->address) || !dhcp_host_address(out->server) || out->server == out->address)
        return LK_E_ADDRNOTAVAIL;
    error = read_prefix(message, out->address, &out->prefix);
    if (error < 0)
        return error;
    out->routers = read_hosts(message, LK_DHCP_OPT_ROUTER, out->address, out->router);
    out->dns_servers = read_hosts(message, LK_DHCP_OPT_DNS_SERVER, 0, out->dns_server);
    read_domain(message, out->domain, sizeof out->domain);
    read_times(message, out);
    return 0;
}
