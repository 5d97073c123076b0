#include "conformance/visit/acts.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include <string.h>

#define FORWARD_WAIT (30 * LK_SECOND) /* a router that resolves its neighbour may keep a packet for some seconds */

static int read_packets(struct lk_story *story, struct lk_visit_reading *reading)
{
    reading->story = story;
    reading->view = lk_bump_array(story->memory, story->packet_count, sizeof *reading->view);
    if (reading->view == NULL)
        return LK_E_NOMEM;
    for (size_t i = 0; i < story->packet_count; i++)
        lk_visit_look(story->packets[i].bytes, story->packets[i].len, lk_visit_web(story), &reading->view[i]);
    return 0;
}

/* ---- the hop before ---- */

/* The same but for what a router or a NAT may change: TTL, addresses, ports, checksums. */
static bool same_datagram(const struct lk_visit_view *a, const struct lk_visit_view *b)
{
    if (!a->ip || !b->ip || a->protocol != b->protocol || a->ip_len != b->ip_len)
        return false;
    if (a->tcp && b->tcp)
        return a->seq == b->seq && a->ack == b->ack && a->kind == b->kind && a->data_len == b->data_len && memcmp(a->data, b->data, a->data_len) == 0;
    if (a->udp && b->udp)
        return a->data_len == b->data_len && memcmp(a->data, b->data, a->data_len) == 0;
    return a->icmp && b->icmp && a->icmp_type == b->icmp_type && a->icmp_code == b->icmp_code;
}

/* And what TCP or UDP say beyond ports and checksum is the same to the octet: of two copies of a segment, the right one. */
static bool same_octets(const struct lk_visit_reading *r, size_t a, size_t b)
{
    const struct lk_visit_view *v = &r->view[a], *w = &r->view[b];
    const uint8_t *x = r->story->packets[a].bytes + v->l4_at, *y = r->story->packets[b].bytes + w->l4_at;
    uint32_t len = v->ip_len - (v->l4_at - v->ip_at), sum = v->tcp ? 16 : 6;
    if (len != w->ip_len - (w->l4_at - w->ip_at) || len < sum + 2 || !(v->tcp || v->udp))
        return false;
    return memcmp(x + 4, y + 4, sum - 4) == 0 && memcmp(x + sum + 2, y + sum + 2, len - sum - 2) == 0;
}

/* Arrivals that nothing has been made of yet, host by host, oldest first. */
struct waiting { uint32_t *packet; size_t count, capacity; };

/* The arrival that left as this packet: the one that is the same to the octet, or else one that says the same. */
static size_t arrival_of(const struct lk_visit_reading *r, const struct waiting *mine, size_t index, bool exact)
{
    const struct lk_story_packet *packet = &r->story->packets[index];
    for (size_t i = 0; i < mine->count; i++) {
        const struct lk_story_packet *before = &r->story->packets[mine->packet[i]];
        bool possible = before->arrived_at <= packet->sent_at && before->link != packet->link && same_datagram(&r->view[mine->packet[i]], &r->view[index]);
        if (possible && (!exact || same_octets(r, mine->packet[i], index)))
            return i;
    }
    return SIZE_MAX;
}

static void find_hops(struct lk_visit_reading *r, struct waiting *waiting, size_t index)
{
    struct lk_story_packet *packet = &r->story->packets[index];
    struct waiting *mine = &waiting[packet->from];
    size_t i = arrival_of(r, mine, index, true);
    if (i == SIZE_MAX)
        i = arrival_of(r, mine, index, false);
    if (i == SIZE_MAX)
        return;
    packet->same_as = r->story->packets[mine->packet[i]].number;
    memmove(&mine->packet[i], &mine->packet[i + 1], (mine->count - i - 1) * sizeof *mine->packet);
    mine->count--;
}

static int wait_for_hop(struct lk_visit_reading *r, struct waiting *waiting, size_t index)
{
    struct lk_story *story = r->story;
    const struct lk_story_packet *packet = &story->packets[index];
    uint8_t role = story->hosts[packet->to].role;
    if (packet->arrived_at == LK_NEVER || !r->view[index].ip || (role != LK_STORY_GATEWAY && role != LK_STORY_ROUTER))
        return 0;
    struct waiting *there = &waiting[packet->to];
    while (there->count > 0 && story->packets[there->packet[0]].sent_at + FORWARD_WAIT < packet->sent_at)
        memmove(there->packet, there->packet + 1, --there->count * sizeof *there->packet);
    void *grown = lk_bump_grow(story->memory, there->packet, there->count, &there->capacity, sizeof *there->packet);
    if (grown == NULL)
        return LK_E_NOMEM;
    there->packet = grown;
    there->packet[there->count++] = (uint32_t)index;
    return 0;
}

/* ---- repetitions ---- */

/* What makes two packets of one host on one link the same said twice. */
struct identity { uint32_t link, from, kind, a, b, c; };

static struct identity identity_of(const struct lk_story_packet *packet, const struct lk_visit_view *v)
{
    struct identity id = {.link = packet->link, .from = packet->from, .kind = v->kind};
    if (v->arp) {
        id.a = v->a.target;
        id.b = v->a.sender;
    } else if (v->tcp) {
        id.kind = 0; /* a segment with data may come again with FIN: the sequence number says what it is */
        id.a = v->seq;
        id.b = (uint32_t)v->from_port << 16 | v->to_port;
    } else if (v->dhcp) {
        id.a = v->xid;
    } else if (v->dns) {
        id.a = v->dns_type;
        for (const char *c = v->name; *c != 0; c++)
            id.b = id.b * 31 + (uint8_t)*c;
        id.c = v->kind == LK_VISIT_ANSWER ? v->dns_id : 0;
    }
    return id;
}

static bool can_repeat(const struct lk_visit_view *v)
{
    return v->kind != LK_VISIT_OTHER && v->kind != LK_VISIT_PURE_ACK && v->kind != LK_VISIT_ICMP && v->kind != LK_VISIT_RST;
}

struct known { struct identity id; uint32_t number; lk_time at; };
struct repeats { struct known *table; size_t size; };

static struct known *slot_of(struct repeats *repeats, const struct identity *id)
{
    uint32_t h = 2166136261u;
    const uint32_t words[6] = {id->link, id->from, id->kind, id->a, id->b, id->c};
    for (int i = 0; i < 6; i++)
        h = (h ^ words[i]) * 16777619u;
    size_t at = (h ^ h >> 15) % repeats->size;
    while (repeats->table[at].number != 0 && memcmp(&repeats->table[at].id, id, sizeof *id) != 0)
        at = (at + 1) % repeats->size;
    return &repeats->table[at];
}

static void find_repeats(struct repeats *repeats, struct lk_story_packet *packet, const struct lk_visit_view *v)
{
    if (!can_repeat(v))
        return;
    struct identity id = identity_of(packet, v);
    struct known *known = slot_of(repeats, &id);
    bool fresh = known->number == 0 || (v->arp && packet->sent_at > known->at + 20 * LK_SECOND); /* an entry that grew old is asked for anew */
    if (fresh)
        *known = (struct known){id, packet->number, packet->sent_at};
    else {
        packet->repeated = true;
        packet->repeats = known->number;
    }
}

/* ---- acts ---- */

/* How far the connection has come, as the packets so far tell. */
struct progress { bool asked, client_fin, server_fin, answered; uint32_t client_end, server_end; bool client_acked, server_acked; };

static uint8_t act_of_tcp(struct progress *p, const struct lk_visit_view *v)
{
    bool by_client = !v->by_server;
    bool both = p->client_acked && p->server_acked;
    if (v->syn)
        return LK_ACT_HANDSHAKE;
    if (v->fin) {
        *(by_client ? &p->client_fin : &p->server_fin) = true;
        *(by_client ? &p->client_end : &p->server_end) = v->seq + v->data_len + 1;
    }
    if (v->acks && by_client && p->server_fin && v->ack == p->server_end)
        p->server_acked = true;
    if (v->acks && !by_client && p->client_fin && v->ack == p->client_end)
        p->client_acked = true;
    if (both)
        return LK_ACT_TIME_WAIT;
    if (v->data_len > 0) {
        *(by_client ? &p->asked : &p->answered) = true;
        return by_client ? LK_ACT_REQUEST : LK_ACT_RESPONSE;
    }
    if (p->client_fin || p->server_fin)
        return LK_ACT_CLOSE;
    return p->answered ? LK_ACT_RESPONSE : p->asked ? LK_ACT_REQUEST : LK_ACT_HANDSHAKE;
}

static uint8_t act_of_arp(const struct lk_story *story, const struct lk_story_packet *packet, const struct lk_visit_view *v)
{
    const struct lk_story_link *link = &story->links[packet->link];
    uint8_t a = story->hosts[link->host[0]].role, b = story->hosts[link->host[1]].role;
    if (a == LK_STORY_CLIENT || b == LK_STORY_CLIENT)
        return v->kind == LK_VISIT_ARP_PROBE || v->kind == LK_VISIT_ARP_ANNOUNCEMENT ? LK_ACT_LEASE : LK_ACT_ARP_GATEWAY;
    if (a == LK_STORY_WEB || b == LK_STORY_WEB)
        return LK_ACT_ARP_LAST_HOP;
    return a == LK_STORY_DNS || b == LK_STORY_DNS ? LK_ACT_NAME : LK_ACT_ROUTE;
}

static void enter_act(struct lk_story *story, uint8_t kind, const struct lk_story_packet *packet)
{
    struct lk_story_act *act = &story->acts[kind];
    lk_time end = packet->arrived_at == LK_NEVER ? packet->sent_at : packet->arrived_at;
    if (!act->happened) {
        act->happened = true;
        act->first = packet->number;
        act->from = packet->sent_at;
        act->to = end;
    }
    act->last = packet->number;
    act->to = act->to > end ? act->to : end;
}

static void assign(struct lk_visit_reading *r, struct progress *progress, size_t index)
{
    struct lk_story *story = r->story;
    struct lk_story_packet *packet = &story->packets[index];
    const struct lk_visit_view *v = &r->view[index];
    if (packet->same_as != 0)
        packet->act = story->packets[packet->same_as - 1].act;
    else if (v->arp)
        packet->act = act_of_arp(story, packet, v);
    else if (v->dhcp)
        packet->act = LK_ACT_LEASE;
    else if (v->udp)
        packet->act = LK_ACT_NAME;
    else
        packet->act = v->tcp ? act_of_tcp(progress, v) : LK_ACT_ROUTE;
    enter_act(story, packet->act, packet);
    if (packet->same_as == 0)
        return;
    enter_act(story, LK_ACT_ROUTE, packet);
    if (story->hosts[packet->from].role == LK_STORY_GATEWAY)
        enter_act(story, LK_ACT_NAT, packet);
}

static void set_times(struct lk_story *story)
{
    uint32_t per_link[64] = {0};
    for (size_t i = 0; i < story->packet_count; i++)
        story->packets[i].link_number = ++per_link[story->packets[i].link % 64];
    for (uint8_t k = 0; k < LK_ACTS; k++)
        story->acts[k].kind = k;
    struct lk_story_act *close = &story->acts[LK_ACT_CLOSE], *wait = &story->acts[LK_ACT_TIME_WAIT];
    if (close->happened && story->ended > close->to) { /* silence has no packets of its own */
        wait->from = wait->happened ? wait->from : close->to;
        wait->happened = true;
        wait->to = story->ended;
    }
}

int lk_visit_acts(struct lk_story *story, struct lk_visit_reading *r)
{
    struct progress progress = {0};
    struct waiting *waiting = lk_bump_array(story->memory, story->host_count, sizeof *waiting);
    struct repeats repeats = {.size = 2 * story->packet_count + 1};
    repeats.table = lk_bump_array(story->memory, repeats.size, sizeof *repeats.table);
    if (waiting == NULL || repeats.table == NULL || read_packets(story, r) != 0)
        return LK_E_NOMEM;
    for (size_t i = 0; i < story->packet_count; i++) {
        find_hops(r, waiting, i);
        find_repeats(&repeats, &story->packets[i], &r->view[i]);
        assign(r, &progress, i);
        if (wait_for_hop(r, waiting, i) != 0)
            return LK_E_NOMEM;
    }
    set_times(story);
    return 0;
}
