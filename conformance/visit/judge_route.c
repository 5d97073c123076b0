/* Routing (RFC 791, RFC 1812): what reaches a router for somebody else leaves it once, on the link that leads there, one hop
 * older and otherwise the same. What a NAT may change besides is left to judge_nat.c. */
#include "conformance/visit/judge.h"
#include "stack/base/bytes.h"
#include <string.h>

#define PATIENCE (4 * LK_SECOND) /* three ARP requests a second apart */

static bool is_router(const struct judge *j, uint32_t host)
{
    uint8_t role = j->story->hosts[host].role;
    return role == LK_STORY_GATEWAY || role == LK_STORY_ROUTER;
}

static bool owns(const struct judge *j, uint32_t host, uint32_t ip)
{
    return judge_owner(j, ip) == host;
}

/* The packet for somebody else: not for the router itself, nor for everybody. What comes to the outside of a NAT is for a host
 * inside when it answers something from there. */
static bool passes_through(const struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    if (!v->ip || !v->sound || !is_router(j, p->to) || v->to == UINT32_MAX || v->ttl < 2)
        return false;
    if (j->story->hosts[p->to].role == LK_STORY_GATEWAY && !v->tcp && !v->udp)
        return false; /* a NAT may have no use for it */
    if (!owns(j, p->to, v->to))
        return judge_owner(j, v->to) != LK_NONE;
    return j->story->hosts[p->to].iface[judge_iface(j, p->to, p->link)].outside && (v->tcp || v->udp);
}

/* ---- one hop ---- */

static void judge_way_taken(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    uint32_t goal = judge_owner(j, j->view[i].to);
    char text[JUDGE_TEXT];
    if (goal == LK_NONE || goal == p->from) {
        judge_found(j, LK_ACT_ROUTE, i, "RFC1812-5.2.4.3-a", "%s sends a packet for %s, which nobody has", j->story->hosts[p->from].name, judge_ip(j->view[i].to, text));
        return;
    }
    uint32_t way = judge_way(j, p->from, goal);
    if (way != p->link)
        judge_found(j, LK_ACT_ROUTE, i, "RFC1812-5.2.4.3-a", "%s sends a packet for %s on link %s, not %s", j->story->hosts[p->from].name,
                    judge_ip(j->view[i].to, text), j->story->links[p->link].name, way == LK_NONE ? "any" : j->story->links[way].name);
}

/* Everything but TTL, checksum and, at a NAT, the addresses. */
static void judge_header(struct judge *j, uint32_t i, uint32_t before)
{
    const struct lk_visit_view *v = &j->view[i], *b = &j->view[before];
    const uint8_t *now = j->story->packets[i].bytes + v->ip_at, *then = j->story->packets[before].bytes + b->ip_at;
    const char *name = j->story->hosts[j->story->packets[i].from].name;
    bool nat = j->story->hosts[j->story->packets[i].from].role == LK_STORY_GATEWAY;
    if (v->ttl != b->ttl - 1)
        judge_found(j, LK_ACT_ROUTE, i, "RFC1812-5.3.1-a", "%s makes TTL %u into %u", name, b->ttl, v->ttl);
    if (!v->ip_sum_ok)
        judge_found(j, LK_ACT_ROUTE, i, "RFC791-3.1-b", "the IP header checksum is wrong after %s", name);
    bool number = nat || memcmp(now + 4, then + 4, 2) == 0; /* a NAT numbers anew what its hosts number each for itself, RFC 6864 5.3 */
    if (memcmp(now, then, 4) != 0 || !number || memcmp(now + 6, then + 6, 2) != 0 || now[9] != then[9])
        judge_found(j, LK_ACT_ROUTE, i, NULL, "%s changes more of the IP header than TTL and checksum", name);
    if (!nat && memcmp(now + 12, then + 12, 8) != 0)
        judge_found(j, LK_ACT_ROUTE, i, NULL, "%s changes addresses, and is no NAT", name);
    if (!nat && memcmp(now + 20, then + 20, v->ip_len - 20) != 0)
        judge_found(j, LK_ACT_ROUTE, i, NULL, "%s changes what the IP packet carries", name);
}

/* ---- what does not leave, and what comes from nowhere ---- */

static void judge_origin(struct judge *j, uint32_t i)
{
    const struct lk_story_packet *p = &j->story->packets[i];
    const struct lk_visit_view *v = &j->view[i];
    if (v->ip && is_router(j, p->from) && !v->dhcp && !owns(j, p->from, v->from))
        judge_found(j, LK_ACT_ROUTE, i, NULL, "%s sends a packet that did not come in like that: it is no host's, or it was sent on twice or damaged",
                    j->story->hosts[p->from].name);
}

/* With losses a neighbour may stay unresolved, and what waits for it is dropped: only a lossless story is judged. */
static void judge_dropped(struct judge *j, const bool *passed)
{
    if (!j->lossless)
        return;
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_story_packet *p = &j->story->packets[i];
        if (passed[i] || !passes_through(j, i) || p->arrived_at + PATIENCE > j->story->ended)
            continue;
        bool nat = j->story->hosts[p->to].role == LK_STORY_GATEWAY && owns(j, p->to, j->view[i].to);
        judge_found(j, nat ? LK_ACT_NAT : LK_ACT_ROUTE, i, nat ? "RFC4787-REQ-1" : NULL, "%s does not send this packet on", j->story->hosts[p->to].name);
    }
}

void judge_route(struct judge *j)
{
    bool *passed = lk_bump_array(j->story->memory, j->story->packet_count, sizeof *passed);
    if (passed == NULL) {
        j->error = -1;
        return;
    }
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        uint32_t before = j->story->packets[i].same_as;
        if (before == 0) {
            judge_origin(j, i);
            continue;
        }
        passed[before - 1] = true;
        judge_header(j, i, before - 1);
        judge_way_taken(j, i);
    }
    judge_dropped(j, passed);
}
