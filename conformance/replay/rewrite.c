/* Changing and making frames: see rewrite.h. */
#include "conformance/replay/rewrite.h"
#include "stack/base/bytes.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include <string.h>

#define TCP_CHECKSUM 16 /* offset in the TCP header */

bool lk_rewrite_find_tcp(const uint8_t *bytes, size_t len, struct lk_tcp_place *out)
{
    struct lk_ethernet frame;
    struct lk_ipv4 ip;
    struct lk_tcp tcp;
    if (lk_ethernet_parse(bytes, len, &frame) < 0 || frame.type != LK_ETHERTYPE_IPV4)
        return false;
    int ip_header = lk_ipv4_parse(frame.payload, frame.payload_len, &ip);
    if (ip_header < 0 || ip.protocol != LK_PROTOCOL_TCP || lk_ipv4_is_fragment(&ip))
        return false;
    int tcp_header = lk_tcp_parse(ip.payload, ip.payload_len, &tcp);
    if (tcp_header < 0)
        return false;
    *out = (struct lk_tcp_place){LK_ETHERNET_HEADER, LK_ETHERNET_HEADER + (size_t)ip_header, (size_t)tcp_header, tcp.payload_len};
    return true;
}

static uint16_t tcp_checksum(const uint8_t *bytes, const struct lk_tcp_place *place)
{
    const uint8_t *ip = bytes + place->ip, *tcp = bytes + place->tcp;
    size_t len = place->header + place->payload_len;
    uint64_t sum = lk_checksum_pseudo_ipv4(lk_load_be32(ip + 12), lk_load_be32(ip + 16), LK_PROTOCOL_TCP, (uint16_t)len);
    sum = lk_checksum_add(sum, tcp, TCP_CHECKSUM);
    return lk_checksum_finish(lk_checksum_add(sum, tcp + TCP_CHECKSUM + 2, len - TCP_CHECKSUM - 2));
}

void lk_rewrite_checksums(uint8_t *bytes, size_t len)
{
    struct lk_tcp_place place;
    if (!lk_rewrite_find_tcp(bytes, len, &place))
        return;
    uint8_t *ip = bytes + place.ip;
    lk_store_be16(ip + 10, 0);
    lk_store_be16(ip + 10, lk_checksum_finish(lk_checksum_add(0, ip, place.tcp - place.ip)));
    lk_store_be16(bytes + place.tcp + TCP_CHECKSUM, tcp_checksum(bytes, &place));
}

static void shift(uint8_t *number, uint32_t by)
{
    lk_store_be32(number, seq_add(lk_load_be32(number), by));
}

static void rewrite_option(uint8_t *option, const struct lk_mapping *mapping)
{
    if (option[0] == LK_TCP_OPT_SACK)
        for (size_t at = 2; at + 4 <= option[1]; at += 4)
            shift(option + at, mapping->ack_shift);
    if (option[0] == LK_TCP_OPT_TIMESTAMPS && option[1] == 10 && mapping->has_ts_ecr)
        lk_store_be32(option + 6, mapping->ts_ecr);
}

static void rewrite_options(uint8_t *options, size_t len, const struct lk_mapping *mapping)
{
    for (size_t at = 0; at < len && options[at] != LK_TCP_OPT_END;) {
        if (options[at] == LK_TCP_OPT_NOP) {
            at++;
            continue;
        }
        if (at + 1 >= len || options[at + 1] < 2 || at + options[at + 1] > len)
            return; /* left as recorded: a trace may well send a malformed list (RFC 9293 MUST-7) */
        rewrite_option(options + at, mapping);
        at += options[at + 1];
    }
}

void lk_rewrite_peer(uint8_t *bytes, size_t len, const struct lk_segment *segment, const struct lk_mapping *mapping)
{
    struct lk_tcp_place place;
    if (!lk_rewrite_find_tcp(bytes, len, &place))
        return;
    uint8_t *tcp = bytes + place.tcp;
    uint16_t wrong = lk_load_be16(tcp + TCP_CHECKSUM) ^ tcp_checksum(bytes, &place);
    lk_store_be16(tcp + 2, mapping->destination_port);
    if (segment->tcp.control & LK_TCP_ACK)
        shift(tcp + 8, mapping->ack_shift);
    rewrite_options(tcp + LK_TCP_HEADER, place.header - LK_TCP_HEADER, mapping);
    uint16_t right = tcp_checksum(bytes, &place);
    lk_store_be16(tcp + TCP_CHECKSUM, segment->tcp_checksum_ok ? right : right ^ wrong);
}

int lk_make_frame(const struct lk_frame_addresses *addresses, uint16_t ip_id, const struct lk_tcp *tcp, uint8_t *out, size_t cap)
{
    uint8_t segment[2048], packet[2048];
    size_t len = LK_TCP_HEADER + tcp->options_len + tcp->payload_len;
    uint64_t pseudo = lk_checksum_pseudo_ipv4(addresses->source, addresses->destination, LK_PROTOCOL_TCP, (uint16_t)len);
    int tcp_len = lk_tcp_emit_summed(tcp, pseudo, segment, sizeof segment);
    if (tcp_len < 0)
        return tcp_len;
    struct lk_ipv4 ip = {.flags = LK_IPV4_DF, .time_to_live = 64, .protocol = LK_PROTOCOL_TCP, .identification = ip_id,
                         .source_address = addresses->source, .destination_address = addresses->destination, .payload = segment, .payload_len = (size_t)tcp_len};
    int ip_len = lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    if (ip_len < 0)
        return ip_len;
    struct lk_ethernet frame = {.type = LK_ETHERTYPE_IPV4, .payload = packet, .payload_len = (size_t)ip_len};
    memcpy(frame.source, addresses->source_mac, 6);
    memcpy(frame.destination, addresses->destination_mac, 6);
    return lk_ethernet_emit(&frame, out, cap);
}
