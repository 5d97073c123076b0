#include "conformance/visit/judge.h"
#include "stack/base/error.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MOST_FINDINGS 200u

void judge_found(struct judge *j, uint8_t act, uint32_t packet, const char *requirement, const char *format, ...)
{
    char text[512];
    va_list args;
    if (j->story->finding_count >= MOST_FINDINGS)
        return;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    for (size_t i = 0; i < j->story->finding_count; i++)
        if (j->story->findings[i].act == act && strcmp(j->story->findings[i].message, text) == 0)
            return; /* the first packet that shows it is enough */
    void *grown = lk_bump_grow(j->story->memory, j->story->findings, j->story->finding_count, &j->capacity, sizeof *j->story->findings);
    const char *message = lk_bump_text(j->story->memory, text, strlen(text));
    if (grown == NULL || message == NULL) {
        j->error = LK_E_NOMEM;
        return;
    }
    j->story->findings = grown;
    j->story->findings[j->story->finding_count++] =
        (struct lk_story_finding){.act = act, .packet = packet == LK_NONE ? 0 : packet + 1, .requirement = requirement, .message = message};
}

const char *judge_ip(uint32_t ip, char out[JUDGE_TEXT])
{
    snprintf(out, JUDGE_TEXT, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
    return out;
}

bool judge_is_private(uint32_t ip)
{
    return ip >> 24 == 10 || ip >> 20 == 0xac1 || ip >> 16 == 0xc0a8;
}

uint32_t judge_owner(const struct judge *j, uint32_t ip)
{
    for (uint32_t h = 0; h < j->story->host_count && ip != 0; h++) {
        const struct lk_story_host *host = &j->story->hosts[h];
        if (host->role == LK_STORY_CLIENT && ip == j->lease)
            return h;
        for (uint32_t i = 0; i < host->ifaces; i++)
            if (!lk_addr_is_unspecified(&host->iface[i].address) && lk_addr_ip4(&host->iface[i].address) == ip)
                return h;
    }
    return LK_NONE;
}

uint32_t judge_iface(const struct judge *j, uint32_t host, uint32_t link)
{
    const struct lk_story_link *l = &j->story->links[link];
    return l->host[0] == host ? l->iface[0] : l->iface[1];
}

/* Whether `to` can be reached from `from` without crossing link `but`. */
static bool reaches(const struct judge *j, uint32_t from, uint32_t to, uint32_t but, uint32_t depth)
{
    if (from == to)
        return true;
    for (uint32_t l = 0; l < j->story->link_count && depth < 16; l++) {
        const struct lk_story_link *link = &j->story->links[l];
        bool mine = link->host[0] == from || link->host[1] == from;
        if (mine && l != but && reaches(j, link->host[link->host[0] == from], to, l, depth + 1))
            return true;
    }
    return false;
}

uint32_t judge_way(const struct judge *j, uint32_t from, uint32_t to)
{
    for (uint32_t l = 0; l < j->story->link_count; l++) {
        const struct lk_story_link *link = &j->story->links[l];
        bool mine = link->host[0] == from || link->host[1] == from;
        if (mine && reaches(j, link->host[link->host[0] == from], to, l, 0))
            return l;
    }
    return LK_NONE;
}

/* The lease that reached the laptop first: everybody below needs the laptop's address. */
static void find_lease(struct judge *j)
{
    j->lossless = true;
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_story_packet *p = &j->story->packets[i];
        j->lossless = j->lossless && p->arrived_at != LK_NEVER;
        bool granted = j->view[i].kind == LK_VISIT_DHCP_ACK && p->arrived_at != LK_NEVER && j->story->hosts[p->to].role == LK_STORY_CLIENT;
        if (!granted || j->lease != 0)
            continue;
        j->lease = j->view[i].yours;
        j->lease_packet = i + 1;
        j->resolver = j->view[i].name_servers > 0 ? j->view[i].name_server[0] : 0;
    }
}

/* A header that is not whole, or a wrong checksum where a packet begins: no rule of routing or translation is to blame. */
static void judge_soundness(struct judge *j)
{
    for (uint32_t i = 0; i < j->story->packet_count; i++)
        if (!j->view[i].sound && j->story->packets[i].same_as == 0)
            judge_found(j, j->story->packets[i].act, i, j->view[i].tcp ? "RFC9293-MUST-2" : j->view[i].udp ? "RFC1122-4.1.3.4-a" : "RFC791-3.1-b",
                        "sent by %s damaged: %s", j->story->hosts[j->story->packets[i].from].name, j->view[i].unsound);
}

/* How far the visit came, by what arrived. */
static uint8_t last_act(const struct judge *j)
{
    uint8_t act = j->lease == 0 ? LK_ACT_LEASE : j->url.is_address ? LK_ACT_HANDSHAKE : LK_ACT_NAME;
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        const struct lk_visit_view *v = &j->view[i];
        const struct lk_story_packet *p = &j->story->packets[i];
        bool at_laptop = p->arrived_at != LK_NEVER && j->story->hosts[p->to].role == LK_STORY_CLIENT;
        if (at_laptop && v->kind == LK_VISIT_ANSWER && v->addresses > 0 && act == LK_ACT_NAME)
            act = LK_ACT_HANDSHAKE;
        if (at_laptop && v->kind == LK_VISIT_SYN_ACK)
            act = LK_ACT_REQUEST;
        if (at_laptop && v->tcp && v->data_len > 0)
            act = LK_ACT_RESPONSE;
    }
    return act;
}

/* The server said no: that is an answer, not a fault. */
static bool was_told_no(const struct judge *j)
{
    for (uint32_t i = 0; i < j->story->packet_count; i++) {
        uint8_t from = j->story->hosts[j->story->packets[i].from].role;
        if (j->view[i].kind == LK_VISIT_ANSWER && j->view[i].rcode == 3 && from == LK_STORY_DNS)
            return true;
        if (j->view[i].rst && j->view[i].seq == 0 && from == LK_STORY_WEB)
            return true;
    }
    return false;
}

/* No page, and nothing that was lost or refused explains it. */
static void judge_unfinished(struct judge *j)
{
    if (j->story->failure != NULL && j->lossless && j->story->finding_count == 0 && !was_told_no(j))
        judge_found(j, last_act(j), LK_NONE, NULL, "nothing was lost and nobody refused, and yet: %s", j->story->failure);
}

/* The acts of what the reader can follow: those with a finding did not hold, nor those that had to happen and did not. */
static void conclude(struct judge *j)
{
    struct lk_story *story = j->story;
    for (uint32_t k = 0; k < LK_ACTS; k++)
        story->acts[k].held = story->acts[k].happened;
    for (size_t i = 0; i < story->finding_count; i++)
        story->acts[story->findings[i].act].held = false;
    story->whole = story->finding_count == 0 && story->failure == NULL;
}

int lk_visit_judge(struct lk_visit_reading *reading)
{
    struct judge j = {.story = reading->story, .view = reading->view};
    if (lk_url_parse(j.story->url, &j.url) != 0)
        return LK_E_INVALID;
    find_lease(&j);
    judge_soundness(&j);
    judge_arp(&j);
    judge_lease(&j);
    judge_name(&j);
    judge_nat(&j);
    judge_route(&j);
    judge_tcp(&j);
    judge_http(&j);
    judge_unfinished(&j);
    conclude(&j);
    return j.error;
}
