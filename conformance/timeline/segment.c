/* A frame taken apart as far as TCP over IPv4 goes: lk_segment_read() of event.h. */
#include "conformance/timeline/event.h"
#include "stack/base/error.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"

/* The IP packet within a frame. 1: *packet, *len are set; 0: something else than IPv4; negative: an error of the link layer. */
static int find_ip(const uint8_t *bytes, size_t len, uint32_t link, const uint8_t **packet, size_t *packet_len)
{
    if (link == LK_CAPTURE_ETHERNET) {
        struct lk_ethernet frame;
        int header = lk_ethernet_parse(bytes, len, &frame);
        if (header < 0)
            return header;
        *packet = frame.payload;
        *packet_len = frame.payload_len;
        return frame.type == LK_ETHERTYPE_IPV4;
    }
    if (link != LK_CAPTURE_RAW_IP)
        return LK_E_UNSUPPORTED;
    *packet = bytes;
    *packet_len = len;
    return len == 0 || bytes[0] >> 4 != 6; /* a raw packet of IPv6 says so in its first four bits (RFC 8200 3) */
}

/* A datagram cut short by the snap length keeps its header: *cut says how many bytes of payload are missing. */
static int read_ip(const uint8_t *packet, size_t len, struct lk_ipv4 *ip, uint32_t *cut)
{
    int header = lk_ipv4_parse(packet, len, ip);
    *cut = 0;
    if (header != LK_E_TRUNCATED_PAYLOAD)
        return header;
    header = lk_ipv4_parse_header(packet, len, ip);
    if (header > 0)
        *cut = (uint32_t)(ip->total_length - (uint32_t)header - (uint32_t)ip->payload_len);
    return header;
}

static void read_tcp(const struct lk_ipv4 *ip, uint32_t cut, struct lk_segment *out)
{
    int header = lk_tcp_parse(ip->payload, ip->payload_len, &out->tcp);
    if (header < 0) {
        out->error = header;
        return;
    }
    out->is_tcp = true;
    out->seg_len = lk_tcp_segment_length(&out->tcp) + cut;
    out->options_error = lk_tcp_options_parse(out->tcp.options, out->tcp.options_len, &out->options);
    if (cut != 0) {
        out->error = LK_E_TRUNCATED_PAYLOAD; /* the checksum covers bytes that are not there */
        return;
    }
    uint64_t pseudo = lk_checksum_pseudo_ipv4(ip->source_address, ip->destination_address, ip->protocol, (uint16_t)ip->payload_len);
    out->tcp_checksum_ok = lk_tcp_checksum_ok(ip->payload, ip->payload_len, pseudo);
}

void lk_segment_read(const uint8_t *bytes, size_t len, uint32_t link, struct lk_segment *out)
{
    *out = (struct lk_segment){0};
    const uint8_t *packet = NULL;
    size_t packet_len = 0;
    int found = find_ip(bytes, len, link, &packet, &packet_len);
    if (found <= 0) {
        out->error = found;
        return;
    }
    struct lk_ipv4 ip;
    uint32_t cut;
    int header = read_ip(packet, packet_len, &ip, &cut);
    if (header < 0) {
        out->error = header;
        return;
    }
    out->is_ip = true;
    out->src = ip.source_address;
    out->dst = ip.destination_address;
    out->ip_id = ip.identification;
    out->ttl = ip.time_to_live;
    out->protocol = ip.protocol;
    out->df = (ip.flags & LK_IPV4_DF) != 0;
    out->ip_checksum_ok = lk_ipv4_checksum_ok(packet, packet_len);
    if (ip.protocol == LK_PROTOCOL_TCP && !lk_ipv4_is_fragment(&ip))
        read_tcp(&ip, cut, out);
    else if (cut != 0)
        out->error = LK_E_TRUNCATED_PAYLOAD;
}
