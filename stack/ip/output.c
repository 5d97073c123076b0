#include "stack/ip/output.h"
#include "stack/base/error.h"

int lk_ip_emit(const struct lk_ip_header *header, uint8_t *buf, uint32_t len)
{
    struct lk_ipv4 ip = {
        .type_of_service = header->tos,
        .flags = LK_IPV4_DF,
        .time_to_live = header->ttl,
        .protocol = header->protocol,
        .source_address = lk_addr_ip4(&header->src),
        .destination_address = lk_addr_ip4(&header->dst),
        .payload = buf + LK_IPV4_HEADER,
        .payload_len = len,
    };
    if (len > UINT16_MAX - LK_IPV4_HEADER)
        return LK_E_INVALID;
    return lk_ipv4_emit_summed(&ip, buf, LK_IPV4_HEADER + (size_t)len);
}
