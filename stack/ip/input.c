#include "stack/ip/input.h"
#include "stack/base/mem.h"
#include "stack/wire/icmpv4.h"

#define ALL_HOSTS 0xe0000001u /* 224.0.0.1, RFC 1112 4 */

/* RFC 1122 3.2.1.3: an address that no other host can have sent from. */
static bool source_invalid(const struct lk_ip_input *input, const struct lk_ip_in *in)
{
    const struct lk_addr *src = &in->src;
    if (lk_addr_is_multicast(src) || lk_addr_is_loopback(src) || lk_addresses_own(input->addresses, LK_ANY, src))
        return true;
    if (lk_addr_is_unspecified(src)) /* a host that has no address yet may ask for one, by UDP and broadcast */
        return in->protocol != LK_PROTOCOL_UDP || !lk_addr_is_limited_broadcast(&in->dst);
    if (src->octet[12] == 0) /* 0/8: "this network" */
        return true;
    return lk_addresses_broadcast(input->addresses, LK_ANY, src);
}

enum whose { OURS, OTHERS, NOBODYS };

/* RFC 1122 3.2.1.3, 3.3.6, 3.3.7: whom the destination address names. Fills the cast into in->flags. */
static enum whose whose_destination(const struct lk_ip_input *input, struct lk_ip_in *in)
{
    const struct lk_addr *dst = &in->dst;
    if (lk_addresses_own(input->addresses, LK_ANY, dst))
        return input->link_cast == 0 ? OURS : NOBODYS; /* 3.3.6: unicast in a link broadcast is silently dropped */
    if (lk_addr_is_loopback(dst))
        return NOBODYS; /* 3.2.1.3 (g): never on a link */
    if (lk_addr_is_multicast(dst)) {
        in->flags |= LK_IP_MULTICAST;
        return lk_addr_ip4(dst) == ALL_HOSTS ? OURS : NOBODYS; /* no other group can be joined yet */
    }
    if (lk_addresses_broadcast(input->addresses, input->iface, dst)) {
        in->flags |= LK_IP_BROADCAST;
        return OURS;
    }
    if (input->link_cast != 0)
        return NOBODYS; /* 3.3.6 again: it is not for us, and must not be forwarded either */
    /* RFC 2131 4.1: before it has an address, a client takes UDP that its link address was sent. */
    if (in->protocol == LK_PROTOCOL_UDP && !lk_addresses_configured(input->addresses, input->iface))
        return OURS;
    return OTHERS;
}

static bool header_bad(const struct lk_ip_input *input, const uint8_t *bytes, size_t len, struct lk_ipv4 *header)
{
    int size = lk_ipv4_parse(bytes, len, header);
    if (size < 0)
        return true; /* RFC 1122 3.2.1.1: silently */
    /* RFC 1122 3.2.1.2: verified, and dropped silently when it is wrong */
    return !input->ignore_checksums && !input->verified && !lk_ipv4_checksum_ok(bytes, (size_t)size);
}

/* Whether a source route is there that has not ended with us: its pointer is not past its end (RFC 791 3.1). */
static bool source_route_open(const struct lk_ipv4 *header)
{
    struct lk_option option;
    size_t at = 0;
    while (lk_ipv4_option_next(header, &at, &option) == 1)
        if ((option.kind == LK_IPV4_OPT_LSRR || option.kind == LK_IPV4_OPT_SSRR) && option.value[0] <= option.length)
            return true;
    return false;
}

/* RFC 1122 3.2.1.8: options are walked; known ones must be sound, unknown ones are passed over. */
static bool options_bad(const struct lk_ipv4 *header, struct lk_icmp_owed *owed)
{
    size_t where = 0;
    if (header->options_len == 0)
        return false;
    if (lk_ipv4_options_check(header, &where) < 0) {
        *owed = (struct lk_icmp_owed){true, LK_ICMPV4_PARAMETER_PROBLEM, LK_ICMPV4_POINTER_INDICATES, lk_icmpv4_rest_pointer((uint8_t)where)};
        return true;
    }
    if (source_route_open(header)) { /* 3.3.5: we don't forward source routes */
        *owed = (struct lk_icmp_owed){true, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_SOURCE_ROUTE_FAILED, 0};
        return true;
    }
    return false;
}

static void describe(const struct lk_ip_input *input, const uint8_t *bytes, const struct lk_ipv4 *header, struct lk_ip_in *out)
{
    *out = (struct lk_ip_in){
        .src = lk_addr_from_ip4(header->source_address),
        .dst = lk_addr_from_ip4(header->destination_address),
        .iface = input->iface,
        .mtu = input->mtu,
        .protocol = header->protocol,
        .tos = header->type_of_service,
        .ttl = header->time_to_live,
        .bytes = header->payload,
        .len = (uint32_t)header->payload_len,
        .packet = bytes,
        .packet_len = header->total_length,
    };
    if (input->ignore_checksums || input->verified)
        out->flags |= LK_IP_CSUM_VERIFIED;
    if (input->link_cast == 1)
        out->flags |= LK_IP_BROADCAST;
    else if (input->link_cast == 2)
        out->flags |= LK_IP_MULTICAST;
}

enum lk_rx lk_ip_input(const struct lk_ip_input *input, const uint8_t *bytes, size_t len, struct lk_ipv4 *header, struct lk_ip_in *out,
                       struct lk_icmp_owed *owed)
{
    *owed = (struct lk_icmp_owed){0};
    if (header_bad(input, bytes, len, header))
        return LK_RX_DROP_IP_HEADER;
    describe(input, bytes, header, out);
    if (source_invalid(input, out))
        return LK_RX_DROP_IP_SOURCE;
    /* The TTL is not looked at: RFC 1122 3.2.1.7, a host must not drop for a TTL below 2. */
    enum whose whose = whose_destination(input, out);
    if (whose == OTHERS && input->forwarding)
        return LK_RX_FORWARD;
    if (whose == OURS && input->forwarding && !input->asked && lk_addresses_shared(input->addresses, &out->dst))
        return LK_RX_FORWARD;
    if (whose != OURS)
        return LK_RX_DROP_IP_NOT_OURS;
    if (options_bad(header, owed))
        return LK_RX_DROP_IP_HEADER;
    if (lk_ipv4_is_fragment(header))
        return LK_RX_DROP_IP_FRAGMENT;
    return LK_RX_ACCEPTED;
}
