/* DHCP: RFC 2131 figure 3, as both sides see it, and whether the lease is what the laptop then lives by. */
#include "conformance/visit/judge.h"
#include <string.h>

#define RETRY_LEAST (3 * LK_SECOND) /* RFC 2131 4.1: 4 s, give or take one */

struct exchange {
    const struct lk_visit_view *offer; uint32_t offer_number;   /* the last one that reached the laptop */
    const struct lk_visit_view *request; uint32_t request_number;
    const struct lk_visit_view *discover;
    lk_time asked_at; uint8_t asked;
};

/* RFC 2131 4.1: how a client without an address sends. */
static void judge_client_message(struct judge *j, struct exchange *x, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    const uint8_t *own = j->story->hosts[p->from].iface[0].mac;
    if (v->from != 0 || v->to != UINT32_MAX)
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-4.1-g", "a client without an address does not send from 0.0.0.0 to everybody");
    if (v->from_port != 68 || v->to_port != 67)
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-4.1-h", "the client uses ports %u to %u, not 68 to 67", v->from_port, v->to_port);
    if (memcmp(v->chaddr, own, 6) != 0)
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-4.4.1-b", "chaddr is not the laptop's hardware address");
    if (x->asked == v->kind && p->sent_at - x->asked_at < RETRY_LEAST)
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-4.1-d", "asked again after %.3f s, not after 4", (double)(p->sent_at - x->asked_at) / 1e9);
    x->asked = v->kind;
    x->asked_at = p->sent_at;
}

static void judge_request(struct judge *j, const struct exchange *x, uint32_t i)
{
    const struct lk_visit_view *v = &j->view[i];
    char asked[JUDGE_TEXT], offered[JUDGE_TEXT];
    if (v->from != 0)
        return; /* a renewal */
    if (x->offer == NULL) {
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-3.1-a", "a REQUEST, and no OFFER has reached the laptop");
        return;
    }
    if (v->requested != x->offer->yours)
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-3.1-b", "asks for %s, but was offered %s", judge_ip(v->requested, asked), judge_ip(x->offer->yours, offered));
    if (v->server != x->offer->server || v->client != 0)
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-3.1-a", "the REQUEST does not name the server of the OFFER, or fills ciaddr");
    if (v->xid != x->offer->xid)
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-4.4.1-e", "the REQUEST does not keep the OFFER's transaction id");
}

/* What an OFFER or ACK promises must be true in this network. */
static void judge_promise(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    const struct lk_story_host *server = &j->story->hosts[p->from];
    uint32_t iface = judge_iface(j, p->from, p->link), own = lk_addr_ip4(&server->iface[iface].address), mask = lk_ip4_mask(server->iface[iface].prefix);
    char text[JUDGE_TEXT];
    if (((v->yours ^ own) & mask) != 0 || v->yours == own || (v->yours & ~mask) == 0 || (v->yours | mask) == UINT32_MAX)
        judge_found(j, LK_ACT_LEASE, i, NULL, "%s is no address that a host on this link may have", judge_ip(v->yours, text));
    if (v->mask != mask)
        judge_found(j, LK_ACT_LEASE, i, NULL, "the subnet mask %s is not that of this link", judge_ip(v->mask, text));
    if (v->router != own)
        judge_found(j, LK_ACT_LEASE, i, NULL, "the router %s is not the gateway", judge_ip(v->router, text));
    if (v->server != own)
        judge_found(j, LK_ACT_LEASE, i, NULL, "the server identifier %s is not the server's address", judge_ip(v->server, text));
    uint32_t dns = v->name_servers > 0 ? judge_owner(j, v->name_server[0]) : LK_NONE;
    if (dns == LK_NONE || j->story->hosts[dns].role != LK_STORY_DNS)
        judge_found(j, LK_ACT_LEASE, i, NULL, "the lease does not name the DNS server");
    if (v->lease == 0)
        judge_found(j, LK_ACT_LEASE, i, NULL, "the lease has no time");
}

static void judge_server_message(struct judge *j, const struct exchange *x, uint32_t i)
{
    const struct lk_visit_view *v = &j->view[i];
    const struct lk_visit_view *asked = v->kind == LK_VISIT_OFFER ? x->discover : x->request;
    char text[JUDGE_TEXT];
    if (asked == NULL || v->xid != asked->xid) {
        judge_found(j, LK_ACT_LEASE, i, "RFC2131-4.4.1-c", "the answer's transaction id is not that of the question");
        return;
    }
    if (memcmp(v->chaddr, asked->chaddr, 6) != 0)
        judge_found(j, LK_ACT_LEASE, i, NULL, "chaddr is not that of the question");
    if (v->kind == LK_VISIT_DHCP_ACK && v->yours != (asked->requested != 0 ? asked->requested : asked->client))
        judge_found(j, LK_ACT_LEASE, i, NULL, "grants %s, which was not asked for", judge_ip(v->yours, text));
    judge_promise(j, i);
}

static void judge_messages(struct judge *j)
{
    struct exchange x = {0};
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_story_packet *p = &j->story->packets[i];
        const struct lk_visit_view *v = &j->view[i];
        bool by_client = j->story->hosts[p->from].role == LK_STORY_CLIENT;
        if (!v->dhcp)
            continue;
        if (by_client && (v->kind == LK_VISIT_DISCOVER || v->kind == LK_VISIT_DHCP_REQUEST))
            judge_client_message(j, &x, i);
        if (by_client && v->kind == LK_VISIT_DHCP_REQUEST)
            judge_request(j, &x, i);
        if (!by_client && (v->kind == LK_VISIT_OFFER || v->kind == LK_VISIT_DHCP_ACK))
            judge_server_message(j, &x, i);
        if (p->arrived_at == LK_NEVER)
            continue;
        if (v->kind == LK_VISIT_DISCOVER)
            x.discover = v;
        else if (v->kind == LK_VISIT_DHCP_REQUEST)
            x.request = v;
        else if (v->kind == LK_VISIT_OFFER)
            x.offer = v;
    }
}

/* RFC 1122 3.2.1.3: nothing but the lease, and not before it. */
static void judge_use(struct judge *j)
{
    char text[JUDGE_TEXT], lease[JUDGE_TEXT];
    uint32_t granted = j->lease_packet == 0 ? UINT32_MAX : j->story->packets[j->lease_packet - 1].arrived_order;
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_story_packet *p = &j->story->packets[i];
        const struct lk_visit_view *v = &j->view[i];
        if (j->story->hosts[p->from].role != LK_STORY_CLIENT || !v->ip || v->dhcp)
            continue;
        if (v->from != j->lease)
            judge_found(j, LK_ACT_LEASE, i, v->from == 0 ? "RFC1122-3.2.1.3-a" : "RFC1122-3.2.1.3-d", "the laptop sends from %s, its lease is %s", judge_ip(v->from, text),
                        judge_ip(j->lease, lease));
        else if (p->sent_order < granted)
            judge_found(j, LK_ACT_LEASE, i, "RFC1122-3.2.1.3-d", "the laptop uses an address before it has the lease");
    }
}

/* Every question that reached the server is answered. */
static void judge_answered(struct judge *j)
{
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_story_packet *p = &j->story->packets[i];
        uint8_t asked = j->view[i].kind;
        if ((asked != LK_VISIT_DISCOVER && asked != LK_VISIT_DHCP_REQUEST) || p->arrived_at == LK_NEVER || p->arrived_at + 2 * LK_SECOND > j->story->ended)
            continue;
        bool answered = false;
        for (uint32_t k = i + 1; k < j->story->packet_count && !answered && j->story->packets[k].sent_at < p->arrived_at + 2 * LK_SECOND; k++) {
            uint8_t kind = j->view[k].kind;
            answered = j->story->packets[k].from == p->to && (kind == LK_VISIT_OFFER || kind == LK_VISIT_DHCP_ACK || kind == LK_VISIT_DHCP_NAK);
        }
        if (!answered)
            judge_found(j, LK_ACT_LEASE, i, NULL, "the DHCP server does not answer the %s", lk_visit_kind_name(asked));
    }
}

void judge_lease(struct judge *j)
{
    judge_messages(j);
    judge_answered(j);
    judge_use(j);
    if (j->lease == 0 && j->lossless)
        judge_found(j, LK_ACT_LEASE, LK_NONE, NULL, "no lease reached the laptop");
}
