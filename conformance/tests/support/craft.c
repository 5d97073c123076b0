#include "conformance/tests/support/craft.h"
#include "stack/wire/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"

#include <stdlib.h>

#define CLIENT 0x0a090001u
#define SERVER 0x0a090002u

size_t craft_frame(const struct craft *craft, uint8_t *out)
{
    uint8_t data[1500], segment[1560], packet[1580];
    uint32_t src = craft->src == 0 ? CLIENT : craft->src, dst = craft->dst == 0 ? SERVER : craft->dst;
    for (size_t i = 0; i < craft->payload; i++)
        data[i] = (uint8_t)i;
    struct lk_tcp tcp = {.source_port = craft->sport, .destination_port = craft->dport, .sequence_number = craft->seq, .acknowledgment_number = craft->ack,
                         .control = craft->control, .window = craft->window, .options = craft->options, .options_len = craft->options_len,
                         .payload = data, .payload_len = craft->payload};
    uint64_t pseudo = lk_checksum_pseudo_ipv4(src, dst, LK_PROTOCOL_TCP, (uint16_t)(LK_TCP_HEADER + craft->options_len + craft->payload));
    int len = lk_tcp_emit_summed(&tcp, pseudo, segment, sizeof segment);
    struct lk_ipv4 ip = {.flags = LK_IPV4_DF, .time_to_live = 64, .protocol = LK_PROTOCOL_TCP, .source_address = src, .destination_address = dst,
                         .payload = segment, .payload_len = (size_t)len};
    len = len < 0 ? len : lk_ipv4_emit_summed(&ip, packet, sizeof packet);
    struct lk_ethernet ethernet = {.destination = {2, 0, 10, 9, 0, (uint8_t)dst}, .source = {2, 0, 10, 9, 0, (uint8_t)src}, .type = LK_ETHERTYPE_IPV4,
                                   .payload = packet, .payload_len = (size_t)len};
    len = len < 0 ? len : lk_ethernet_emit(&ethernet, out, 1600);
    if (len < 0)
        abort();
    return (size_t)len;
}

void craft_add(struct lk_capture *capture, struct lk_bump *bump, lk_time at, const struct craft *craft)
{
    uint8_t frame[1600];
    size_t len = craft_frame(craft, frame), capacity = capture->count == 0 ? 0 : 64;
    if (capture->count == 0)
        capture->frames = lk_bump_array(bump, capacity = 64, sizeof *capture->frames);
    capture->link = LK_CAPTURE_ETHERNET;
    if (capture->frames == NULL || capture->count == capacity)
        abort();
    capture->frames[capture->count] = (struct lk_captured){.at = at, .number = (uint32_t)capture->count + 1, .len = (uint32_t)len, .orig_len = (uint32_t)len,
                                                           .bytes = lk_bump_copy(bump, frame, len)};
    capture->count++;
}

void craft_connection(struct lk_capture *capture, struct lk_bump *bump)
{
    static const uint8_t syn[] = {2, 4, 5, 180, 1, 1, 4, 2, 1, 3, 3, 7};
    enum { S = LK_TCP_SYN, A = LK_TCP_ACK, P = LK_TCP_PSH, F = LK_TCP_FIN };
    static const struct { uint8_t out, control; uint32_t seq, ack; size_t payload; } steps[] = {
        {1, S, 1000, 0, 0}, {0, S | A, 5000, 1001, 0}, {1, A, 1001, 5001, 0}, {1, P | A, 1001, 5001, 100}, {0, A, 5001, 1101, 0},
        {0, P | A, 5001, 1101, 100}, {1, A, 1101, 5101, 0}, {1, F | A, 1101, 5101, 0}, {0, F | A, 5101, 1102, 0}, {1, A, 1102, 5102, 0}};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct craft craft = {.src = steps[i].out ? CLIENT : SERVER, .dst = steps[i].out ? SERVER : CLIENT, .sport = steps[i].out ? 40000 : 80,
                              .dport = steps[i].out ? 80 : 40000, .control = steps[i].control, .seq = steps[i].seq, .ack = steps[i].ack, .window = 502,
                              .options = syn, .options_len = steps[i].control & S ? sizeof syn : 0, .payload = steps[i].payload};
        craft_add(capture, bump, (lk_time)i * 5 * LK_MILLISECOND, &craft);
    }
}
