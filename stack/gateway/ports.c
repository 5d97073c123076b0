#include "stack/gateway/ports.h"
#include "stack/wire/ipv4.h"

#define CLASS_BORDER 1024 /* RFC 4787 4.2.1 */

/* Ports low, low + step ... up to high. */
struct range { uint32_t low, high, step; };

static bool first_free(struct gw_nat *nat, uint8_t protocol, struct range r, uint16_t *out)
{
    if (r.low > r.high)
        return false;
    uint32_t count = (r.high - r.low) / r.step + 1, start = lk_rng_below(&nat->ports, count);
    uint32_t most = nat->bindings.in_use + 1; /* among so many one is free, if there are so many */
    for (uint32_t i = 0; i < count && i < most; i++) {
        uint16_t port = (uint16_t)(r.low + (start + i) % count * r.step);
        if (gw_binding_outside(nat, protocol, port) == LK_NONE) {
            *out = port;
            return true;
        }
    }
    return false;
}

bool gw_port_choose(struct gw_nat *nat, const struct lk_gateway_config *config, uint8_t protocol, uint16_t wanted, uint16_t *out)
{
    bool query = protocol == LK_PROTOCOL_ICMP;
    struct range all = {query ? 0 : config->port_low, query ? UINT16_MAX : config->port_high, 1};
    *out = wanted;
    if (wanted >= all.low && wanted <= all.high && gw_binding_outside(nat, protocol, wanted) == LK_NONE)
        return true;
    if (query)
        return first_free(nat, protocol, all, out);
    struct range same = all;
    if (wanted < CLASS_BORDER && same.high >= CLASS_BORDER)
        same.high = CLASS_BORDER - 1;
    if (wanted >= CLASS_BORDER && same.low < CLASS_BORDER)
        same.low = CLASS_BORDER;
    struct range twin = {same.low + ((same.low ^ wanted) & 1), same.high, 2}; /* REQ-4: even stays even */
    return first_free(nat, protocol, twin, out) || first_free(nat, protocol, same, out) || first_free(nat, protocol, all, out);
}
