/* ARP (RFC 826): questions go to everybody, the owner answers, with the truth; and frames go to the hardware address that is the
 * neighbour's. */
#include "conformance/visit/judge.h"
#include <string.h>

#define AT_ONCE (100 * LK_MILLISECOND)

static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static const uint8_t *mac_of(const struct judge *j, uint32_t host, uint32_t link)
{
    return j->story->hosts[host].iface[judge_iface(j, host, link)].mac;
}

/* Whether the host has that address on that link, as far as anybody may know. */
static bool has(const struct judge *j, uint32_t host, uint32_t link, uint32_t ip)
{
    const struct lk_story_host *h = &j->story->hosts[host];
    if (h->role == LK_STORY_CLIENT)
        return ip == j->lease && ip != 0;
    return ip != 0 && lk_addr_ip4(&h->iface[judge_iface(j, host, link)].address) == ip;
}

/* The act that resolves addresses on a packet's link. */
static uint8_t arp_act(const struct judge *j, uint32_t i)
{
    const struct lk_story_link *link = &j->story->links[j->story->packets[i].link];
    uint8_t a = j->story->hosts[link->host[0]].role, b = j->story->hosts[link->host[1]].role;
    return a == LK_STORY_CLIENT ? LK_ACT_ARP_GATEWAY : b == LK_STORY_WEB ? LK_ACT_ARP_LAST_HOP : b == LK_STORY_DNS ? LK_ACT_NAME : LK_ACT_ROUTE;
}

static void judge_request(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    char text[JUDGE_TEXT];
    /* RFC 1122 2.3.2.1: an entry that grows old may be asked for at its own hardware address. */
    if (memcmp(v->eth_to, everybody, 6) != 0 && memcmp(v->eth_to, mac_of(j, p->to, p->link), 6) != 0)
        judge_found(j, arp_act(j, i), i, "RFC826-PacketGeneration-a", "an ARP request that is sent neither to everybody nor to the one it asks for");
    if (v->a.sender != 0 && !has(j, p->from, p->link, v->a.sender))
        judge_found(j, arp_act(j, i), i, "RFC826-PacketGeneration-a", "%s asks in the name of %s, which is not its address", j->story->hosts[p->from].name,
                    judge_ip(v->a.sender, text));
    for (uint32_t k = i; k-- > 0;) { /* RFC 1122 2.3.2.1 */
        const struct lk_story_packet *b = &j->story->packets[k];
        if (p->sent_at - b->sent_at >= LK_SECOND)
            break;
        if (b->from == p->from && b->link == p->link && j->view[k].kind == LK_VISIT_ARP_REQUEST && v->kind == LK_VISIT_ARP_REQUEST && j->view[k].a.target == v->a.target) {
            judge_found(j, arp_act(j, i), i, "RFC1122-2.3.2.1-b", "asked again after %.3f s, less than one", (double)(p->sent_at - b->sent_at) / 1e9);
            break;
        }
    }
}

/* RFC 826, packet reception: whoever has the target answers, to the asker, with its own hardware address. */
static void judge_answered(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    if (p->arrived_at == LK_NEVER || !has(j, p->to, p->link, v->a.target) || p->arrived_at + AT_ONCE > j->story->ended)
        return;
    for (uint32_t k = i + 1; k < j->story->packet_count && j->story->packets[k].sent_at <= p->arrived_at + AT_ONCE; k++)
        if (j->story->packets[k].from == p->to && j->story->packets[k].link == p->link && j->view[k].kind == LK_VISIT_ARP_REPLY && j->view[k].a.sender == v->a.target)
            return;
    judge_found(j, arp_act(j, i), i, "RFC826-PacketReception-a", "%s does not answer the request for its own address", j->story->hosts[p->to].name);
}

static void judge_reply(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    const uint8_t *asker = mac_of(j, p->to, p->link);
    char text[JUDGE_TEXT];
    if (!has(j, p->from, p->link, v->a.sender))
        judge_found(j, arp_act(j, i), i, "RFC826-PacketReception-a", "%s answers for %s, which is not its address", j->story->hosts[p->from].name, judge_ip(v->a.sender, text));
    if (memcmp(v->eth_to, asker, 6) != 0 || memcmp(v->a.target_mac, asker, 6) != 0)
        judge_found(j, arp_act(j, i), i, "RFC826-PacketReception-a", "the answer does not go to the hardware address of the one who asked");
}

/* The two hardware addresses of every frame. A wrong destination is the fault of the act that resolved it. */
static void judge_frame(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    uint8_t act = arp_act(j, i);
    if (memcmp(v->eth_from, mac_of(j, p->from, p->link), 6) != 0 || (v->arp && memcmp(v->a.sender_mac, v->eth_from, 6) != 0))
        judge_found(j, act, i, "RFC826-PacketGeneration-a", "%s does not give its own hardware address", j->story->hosts[p->from].name);
    if (v->ip && !(v->eth_to[0] & 1) && memcmp(v->eth_to, mac_of(j, p->to, p->link), 6) != 0)
        judge_found(j, act, i, "RFC826-PacketReception-b", "the frame goes to a hardware address that nobody on this link has");
    if (v->ip && (v->eth_to[0] & 1) && v->to != UINT32_MAX)
        judge_found(j, act, i, "RFC1122-2.4-b", "a packet for one host goes to everybody on the link");
}

/* The neighbour's address has to come from somewhere: from an ARP packet of it that arrived before. */
static void judge_knowledge(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    if (!j->view[i].ip || (j->view[i].eth_to[0] & 1) || j->view[i].dhcp) /* a DHCP server learns it from chaddr, RFC 2131 4.1 */
        return;
    for (uint32_t k = 0; k < i; k++) {
        const struct lk_story_packet *b = &j->story->packets[k];
        if (b->link == p->link && b->to == p->from && j->view[k].arp && b->arrived_order != 0 && b->arrived_order < p->sent_order)
            return;
    }
    judge_found(j, arp_act(j, i), i, "RFC826-PacketGeneration-a", "%s sends to a neighbour that it has not heard of", j->story->hosts[p->from].name);
}

void judge_arp(struct judge *j)
{
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_visit_view *v = &j->view[i];
        judge_frame(j, i);
        judge_knowledge(j, i);
        if (!v->arp)
            continue;
        if (v->a.op == 2) {
            judge_reply(j, i);
            continue;
        }
        judge_request(j, i);
        if (v->kind != LK_VISIT_ARP_ANNOUNCEMENT)
            judge_answered(j, i);
    }
}
