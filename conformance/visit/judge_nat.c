/* NAT (RFC 3022, RFC 4787, RFC 5382): one outside port for each inside address and port, whomever it talks to; checksums right on
 * both sides; no private address outside. */
#include "conformance/visit/judge.h"
#include "stack/base/error.h"
#include <string.h>

struct mapping { uint8_t protocol; uint32_t inside; uint16_t inside_port, outside_port; };
struct table { struct mapping *list; size_t count, capacity; };

static const char *protocol_name(const struct lk_visit_view *v)
{
    return v->tcp ? "TCP" : "UDP";
}

static const char *requirement(const struct lk_visit_view *v)
{
    return v->tcp ? "RFC5382-REQ-1" : "RFC4787-REQ-1";
}

/* Outbound: the first packet of an inside port makes the mapping, all others follow it. */
static void judge_out(struct judge *j, struct table *t, uint32_t i, uint32_t before)
{
    const struct lk_visit_view *v = &j->view[i], *b = &j->view[before];
    char text[JUDGE_TEXT];
    for (size_t k = 0; k < t->count; k++) {
        const struct mapping *m = &t->list[k];
        bool inside = m->protocol == v->protocol && m->inside == b->from && m->inside_port == b->from_port;
        if (inside && m->outside_port != v->from_port)
            judge_found(j, LK_ACT_NAT, i, requirement(v), "%s port %u of %s was outside port %u, now it is %u", protocol_name(v), b->from_port, judge_ip(b->from, text),
                        m->outside_port, v->from_port);
        if (!inside && m->protocol == v->protocol && m->outside_port == v->from_port)
            judge_found(j, LK_ACT_NAT, i, "RFC4787-REQ-3", "two inside ports share %s port %u outside", protocol_name(v), v->from_port);
        if (inside)
            return;
    }
    void *grown = lk_bump_grow(j->story->memory, t->list, t->count, &t->capacity, sizeof *t->list);
    if (grown == NULL) {
        j->error = LK_E_NOMEM;
        return;
    }
    t->list = grown;
    t->list[t->count++] = (struct mapping){v->protocol, b->from, b->from_port, v->from_port};
}

static void judge_in(struct judge *j, const struct table *t, uint32_t i, uint32_t before)
{
    const struct lk_visit_view *v = &j->view[i], *b = &j->view[before];
    char text[JUDGE_TEXT];
    for (size_t k = 0; k < t->count; k++) {
        const struct mapping *m = &t->list[k];
        if (m->protocol != v->protocol || m->outside_port != b->to_port)
            continue;
        if (m->inside != v->to || m->inside_port != v->to_port)
            judge_found(j, LK_ACT_NAT, i, requirement(v), "what came to outside port %u goes to %s port %u, not to the one it belongs to", b->to_port,
                        judge_ip(v->to, text), v->to_port);
        return;
    }
    judge_found(j, LK_ACT_NAT, i, NULL, "nobody inside has used outside port %u", b->to_port);
}

/* What both ways have in common: the other end stays who it is, the bytes stay what they are, the sums are right. */
static void judge_kept(struct judge *j, uint32_t i, uint32_t before, bool out)
{
    const struct lk_visit_view *v = &j->view[i], *b = &j->view[before];
    bool same = out ? v->to == b->to && v->to_port == b->to_port : v->from == b->from && v->from_port == b->from_port;
    const uint8_t *now = j->story->packets[i].bytes + v->l4_at, *then = j->story->packets[before].bytes + b->l4_at;
    uint32_t len = v->ip_len - (v->l4_at - v->ip_at), sum = v->tcp ? 16 : 6;
    if (!same)
        judge_found(j, LK_ACT_NAT, i, NULL, "the NAT changes the address or port of the other end");
    if (!v->l4_sum_ok)
        judge_found(j, LK_ACT_NAT, i, "RFC3022-4.1-a", "the %s checksum is wrong after translation", protocol_name(v));
    if (memcmp(now + 4, then + 4, sum - 4) != 0 || memcmp(now + sum + 2, then + sum + 2, len - sum - 2) != 0)
        judge_found(j, LK_ACT_NAT, i, NULL, "the NAT changes more than an address, a port and the checksum");
}

static void judge_translated(struct judge *j, struct table *t, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    if (p->same_as == 0 || j->story->hosts[p->from].role != LK_STORY_GATEWAY || (!v->tcp && !v->udp))
        return;
    const struct lk_story_host *nat = &j->story->hosts[p->from];
    uint32_t iface = judge_iface(j, p->from, p->link);
    bool out = nat->iface[iface].outside;
    char text[JUDGE_TEXT];
    judge_kept(j, i, p->same_as - 1, out);
    if (out && v->from != lk_addr_ip4(&nat->iface[iface].address))
        judge_found(j, LK_ACT_NAT, i, "RFC4787-REQ-2", "leaves with source %s, not with the public address", judge_ip(v->from, text));
    else if (out)
        judge_out(j, t, i, p->same_as - 1);
    else
        judge_in(j, t, i, p->same_as - 1);
}

/* RFC 1918 3: private addresses have no meaning outside. Home is the link that the client is on. */
static void judge_leak(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    const struct lk_story_link *link = &j->story->links[p->link];
    bool home = j->story->hosts[link->host[0]].role == LK_STORY_CLIENT || j->story->hosts[link->host[1]].role == LK_STORY_CLIENT;
    uint32_t from = v->arp ? v->a.sender : v->from, to = v->arp ? v->a.target : v->to;
    char text[JUDGE_TEXT];
    if (!home && (v->ip || v->arp) && (judge_is_private(from) || judge_is_private(to)))
        judge_found(j, LK_ACT_NAT, i, NULL, "the private address %s is seen outside, on link %s", judge_ip(judge_is_private(from) ? from : to, text), link->name);
}

void judge_nat(struct judge *j)
{
    struct table t = {0};
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        judge_translated(j, &t, i);
        judge_leak(j, i);
    }
}
