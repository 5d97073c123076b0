/* IP options of a packet that passes (RFC 1812 5.2.4.1, 5.3.13). Policy for source routes: one that names us is the host's to
 * refuse, since it is addressed to us; one that passes by is left alone while its rule can be kept. */
#include "stack/base/bytes.h"
#include "stack/gateway/edit.h"
#include "stack/gateway/state.h"
#include "stack/wire/icmpv4.h"

bool gw_source_routed(const struct lk_ipv4 *ip, bool *strict)
{
    struct lk_option option;
    size_t at = 0;
    while (lk_ipv4_option_next(ip, &at, &option) == 1) {
        if (option.kind != LK_IPV4_OPT_LSRR && option.kind != LK_IPV4_OPT_SSRR)
            continue;
        *strict = option.kind == LK_IPV4_OPT_SSRR;
        return option.value_len > 0 && option.value[0] <= option.length;
    }
    return false;
}

/* RFC 791 3.1: a timestamp option that is full counts those who could not enter; when the count is full too, the packet is in
 * error. */
static bool overflow_full(const struct lk_option *o)
{
    return o->kind == LK_IPV4_OPT_TIMESTAMP && o->value[0] > o->length && o->value[1] >> 4 == 15 && (o->value[1] & 15) != 3;
}

int gw_options_permit(struct lk_gateway *g, struct gw_packet *p)
{
    struct lk_option option;
    size_t where = 0, at = 0;
    bool strict = false;
    if (p->ip.options_len == 0)
        return LK_GATEWAY_FORWARD;
    if (lk_ipv4_options_check(&p->ip, &where) < 0) /* RFC 1812 4.3.3.5; unknown kinds are ignored (4.2.2.6) */
        return gw_error(g, p, LK_ICMPV4_PARAMETER_PROBLEM, LK_ICMPV4_POINTER_INDICATES, lk_icmpv4_rest_pointer((uint8_t)where), LK_GATEWAY_DROP_HEADER);
    while (lk_ipv4_option_next(&p->ip, &at, &option) == 1)
        if (overflow_full(&option))
            return gw_error(g, p, LK_ICMPV4_PARAMETER_PROBLEM, LK_ICMPV4_POINTER_INDICATES,
                            lk_icmpv4_rest_pointer((uint8_t)(LK_IPV4_HEADER + at - option.length)), LK_GATEWAY_DROP_HEADER);
    /* RFC 1812 5.2.7.1 code 5: a strict route's next address has to be a neighbour */
    if (gw_source_routed(&p->ip, &strict) && strict && !p->hop.direct)
        return gw_error(g, p, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_SOURCE_ROUTE_FAILED, 0, LK_GATEWAY_DROP_DESTINATION);
    return LK_GATEWAY_FORWARD;
}

/* RFC 791 3.1: our address into the next free slot; a full list passes unchanged. */
static bool record_route(uint8_t *option, uint32_t own)
{
    uint8_t length = option[1], pointer = option[2];
    if (own == 0 || pointer + 3u > length)
        return false;
    lk_store_be32(option + pointer - 1, own);
    option[2] = (uint8_t)(pointer + 4);
    return true;
}

/* Milliseconds of a clock that is not held against midnight UT: RFC 791 3.1, the high bit says so. */
static uint32_t stamp(lk_time now)
{
    return (uint32_t)((uint64_t)now / (uint64_t)LK_MILLISECOND) | UINT32_C(0x80000000);
}

static bool timestamp(const struct lk_gateway *g, uint8_t *option, uint32_t own, lk_time now)
{
    uint8_t length = option[1], pointer = option[2], flag = option[3] & 15;
    uint32_t entry = flag == 0 ? 4 : 8;
    if (flag != 0 && flag != 1 && flag != 3)
        return false;
    if (pointer > length || pointer - 1u + entry > length) {
        if (flag == 3 || option[3] >> 4 == 15)
            return false; /* all prespecified hosts have entered */
        option[3] = (uint8_t)(option[3] + 0x10); /* the overflow count */
        return true;
    }
    if (flag == 3 && gw_own(g, lk_load_be32(option + pointer - 1)) == LK_ANY)
        return false; /* RFC 1812 5.3.13.6: any of our addresses, but it must be one */
    if (flag == 1)
        lk_store_be32(option + pointer - 1, own);
    lk_store_be32(option + pointer - 1 + entry - 4, stamp(now));
    option[2] = (uint8_t)(pointer + entry);
    return true;
}

void gw_options_pass(const struct lk_gateway *g, uint32_t iface, uint8_t *bytes, lk_time now)
{
    uint32_t header = (bytes[0] & 15u) * 4, own = lk_addr_ip4(&g->config.iface[iface].address);
    struct lk_option option;
    bool changed = false;
    size_t at = 0;
    while (lk_option_next(bytes + LK_IPV4_HEADER, header - LK_IPV4_HEADER, &at, &option) == 1) {
        uint8_t *start = bytes + LK_IPV4_HEADER + at - option.length;
        if (option.kind == LK_IPV4_OPT_RECORD_ROUTE)
            changed |= record_route(start, own);
        else if (option.kind == LK_IPV4_OPT_TIMESTAMP)
            changed |= timestamp(g, start, own, now);
    }
    if (changed)
        gw_edit_sum_header(bytes, header);
}
