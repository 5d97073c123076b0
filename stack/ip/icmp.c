#include "stack/ip/icmp.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/icmpv4.h"

#define ERROR_MAX (576 - LK_IPV4_HEADER) /* RFC 1812 4.3.2.3 */

static bool group(const struct lk_ip_in *in)
{
    return (in->flags & (LK_IP_BROADCAST | LK_IP_MULTICAST)) != 0;
}

/* RFC 1122 3.2.2.1, 3.2.2.4, 3.2.2.5: the quoted header tells the transport; the rest is the transport's to judge. */
static enum lk_icmp_action error_input(const struct lk_addresses *addresses, const struct lk_ip_in *in, const struct lk_icmpv4 *message,
                                       struct lk_icmp_error *error, uint8_t *protocol)
{
    struct lk_ipv4 quoted;
    if (lk_icmpv4_quoted(message, &quoted) < 0 || quoted.payload_len < 8 || quoted.fragment_offset != 0)
        return LK_ICMP_DROP;
    *error = (struct lk_icmp_error){
        .local = lk_addr_from_ip4(quoted.source_address),
        .remote = lk_addr_from_ip4(quoted.destination_address),
        .iface = in->iface,
        .type = message->type,
        .code = message->code,
        .bytes = quoted.payload,
        .len = (uint32_t)quoted.payload_len,
    };
    if (message->type == LK_ICMPV4_DESTINATION_UNREACHABLE && message->code == LK_ICMPV4_FRAGMENTATION_NEEDED)
        error->mtu = lk_icmpv4_next_hop_mtu(message);
    if (!lk_addresses_own(addresses, LK_ANY, &error->local))
        return LK_ICMP_DROP; /* about a datagram that was not ours (RFC 8085 5.2) */
    *protocol = quoted.protocol;
    return LK_ICMP_ERROR;
}

enum lk_icmp_action lk_icmp_input(const struct lk_addresses *addresses, const struct lk_ip_in *in, struct lk_icmp_error *error, uint8_t *protocol)
{
    struct lk_icmpv4 message;
    if (lk_icmpv4_parse(in->bytes, in->len, &message) < 0)
        return LK_ICMP_DROP;
    if ((in->flags & LK_IP_CSUM_VERIFIED) == 0 && !lk_icmpv4_checksum_ok(in->bytes, in->len))
        return LK_ICMP_DROP;
    switch (message.type) {
    case LK_ICMPV4_ECHO:
        /* RFC 1122 3.2.2.6: echo to a broadcast or multicast address may be dropped; an answer would make a smurf of us */
        return group(in) ? LK_ICMP_DROP : LK_ICMP_ECHO;
    case LK_ICMPV4_ECHO_REPLY:
        return LK_ICMP_IGNORE; /* nobody here asks */
    case LK_ICMPV4_DESTINATION_UNREACHABLE:
    case LK_ICMPV4_TIME_EXCEEDED:
    case LK_ICMPV4_PARAMETER_PROBLEM:
        return error_input(addresses, in, &message, error, protocol);
    default:
        return LK_ICMP_DROP; /* Source Quench (RFC 6633 3) and all unknown types, silently (RFC 1122 3.2.2) */
    }
}

int lk_icmp_echo_reply(const struct lk_ip_in *in, uint8_t *buf, size_t cap)
{
    struct lk_icmpv4 message;
    int header = lk_icmpv4_parse(in->bytes, in->len, &message);
    if (header < 0)
        return header;
    message.type = LK_ICMPV4_ECHO_REPLY;
    return lk_icmpv4_emit_summed(&message, buf, cap);
}

bool lk_icmp_may_answer(const struct lk_ip_in *in, const struct lk_ipv4 *header)
{
    if (group(in))
        return false; /* to a broadcast or multicast address, or in a link broadcast */
    if (header->fragment_offset != 0)
        return false; /* not the first fragment */
    if (in->src.octet[12] == 0 || in->src.octet[12] >= 224 || lk_addr_is_loopback(&in->src))
        return false; /* the source is no single host */
    if (header->protocol != LK_PROTOCOL_ICMP)
        return true;
    /* Never about an ICMP error; what is too short to tell its type might be one. */
    return header->payload_len > 0 && !lk_icmpv4_is_error(header->payload[0]);
}

int lk_icmp_error_emit(const struct lk_icmp_owed *owed, const struct lk_ip_in *about, uint8_t *buf, size_t cap)
{
    struct lk_icmpv4 message = {.type = owed->type, .code = owed->code, .rest_of_header = owed->rest, .payload = about->packet};
    size_t room = cap < ERROR_MAX ? cap : ERROR_MAX;
    if (room < LK_ICMPV4_HEADER)
        return LK_E_NOSPACE;
    message.payload_len = about->packet_len < room - LK_ICMPV4_HEADER ? about->packet_len : room - LK_ICMPV4_HEADER;
    return lk_icmpv4_emit_summed(&message, buf, cap);
}
