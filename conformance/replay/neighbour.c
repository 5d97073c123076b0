/* Answering ARP (RFC 826) for the peer: see neighbour.h. */
#include "conformance/replay/neighbour.h"
#include "stack/wire/arp.h"
#include "stack/wire/ethernet.h"
#include <string.h>

static void answer(struct lk_run *run, const struct lk_arp *request)
{
    uint8_t packet[LK_ARP_LEN], bytes[LK_ETHERNET_HEADER + LK_ARP_LEN];
    struct lk_arp reply = {.op = LK_ARP_REPLY, .spa = request->tpa, .tpa = request->spa};
    struct lk_ethernet frame = {.type = LK_ETHERTYPE_ARP, .payload = packet, .payload_len = sizeof packet};
    memcpy(reply.sha, run->peer_mac, 6);
    memcpy(reply.tha, request->sha, 6);
    memcpy(frame.source, run->peer_mac, 6);
    memcpy(frame.destination, request->sha, 6);
    if (lk_arp_emit(&reply, packet, sizeof packet) > 0 && lk_ethernet_emit(&frame, bytes, sizeof bytes) > 0)
        lk_run_deliver(run, bytes, sizeof bytes, LK_NONE, true);
}

bool lk_neighbour_answer(struct lk_run *run, const struct lk_event *event)
{
    struct lk_ethernet frame;
    struct lk_arp arp;
    if (run->trace->link.neighbours == LK_NEIGHBOURS_RECORDED)
        return false;
    if (lk_ethernet_parse(event->bytes, event->len, &frame) < 0 || frame.type != LK_ETHERTYPE_ARP)
        return false;
    bool own = lk_arp_parse(frame.payload, frame.payload_len, &arp) == LK_ARP_LEN && arp.op == LK_ARP_REQUEST;
    if (own && arp.tpa != lk_addr_ip4(&run->trace->dut.host.address)) /* an announcement of its own address wants no answer */
        answer(run, &arp);
    return true;
}
