/* Gathers what can be said about each packet, and has each language say it. */
#include "conformance/visit/tell.h"
#include "conformance/visit/words.h"
#include "stack/base/error.h"
#include "stack/base/seq.h"
#include <stdio.h>
#include <string.h>

static const struct language *const languages[LK_STORY_LANGUAGES] = {[LK_STORY_EN] = &visit_english, [LK_STORY_KO] = &visit_korean};

const struct language *words_of(enum lk_story_language language)
{
    return languages[language < LK_STORY_LANGUAGES ? language : LK_STORY_EN];
}

void words_add(struct words *w, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int n = vsnprintf(w->text + w->len, sizeof w->text - w->len, format, args);
    va_end(args);
    w->len += n < 0 ? 0 : (size_t)n;
    if (w->len >= sizeof w->text)
        w->len = sizeof w->text - 1;
}

/* What one host has seen of a connection: numbers relative to the two SYNs. */
struct side { bool known; uint32_t isn, high_ack, fin_at; bool fin, acked_syn, acked_fin; };
struct talk { uint32_t link; uint32_t address[2]; uint16_t port[2]; struct side side[2]; };
struct memory { struct talk *talks; size_t count, capacity; struct lk_bump *bump; };

static void text_of(uint32_t ip, char out[16])
{
    snprintf(out, 16, "%u.%u.%u.%u", ip >> 24, ip >> 16 & 255, ip >> 8 & 255, ip & 255);
}

/* The host with that address, or the address. An address of a lease is the client's. */
static const char *who(const struct lk_story *story, uint32_t ip, const char *text)
{
    for (size_t h = 0; h < story->host_count; h++)
        for (uint32_t i = 0; i < story->hosts[h].ifaces; i++)
            if (lk_addr_ip4(&story->hosts[h].iface[i].address) == ip && ip != 0)
                return story->hosts[h].name;
    return text;
}

static struct talk *talk_of(struct memory *m, const struct fact *f, unsigned *side)
{
    const struct lk_visit_view *v = f->v;
    *side = v->by_server;
    uint32_t address[2] = {*side ? v->to : v->from, *side ? v->from : v->to};
    uint16_t port[2] = {*side ? v->to_port : v->from_port, *side ? v->from_port : v->to_port};
    for (size_t i = m->count; i-- > 0;) {
        struct talk *t = &m->talks[i];
        if (t->link == f->packet->link && memcmp(t->address, address, sizeof address) == 0 && memcmp(t->port, port, sizeof port) == 0)
            return t;
    }
    void *grown = lk_bump_grow(m->bump, m->talks, m->count, &m->capacity, sizeof *m->talks);
    if (grown == NULL)
        return NULL;
    m->talks = grown;
    struct talk *t = &m->talks[m->count++];
    *t = (struct talk){.link = f->packet->link, .address = {address[0], address[1]}, .port = {port[0], port[1]}};
    return t;
}

static void note_ack(struct fact *f, struct side *own, struct side *other)
{
    const struct lk_visit_view *v = f->v;
    f->ack = v->ack - other->isn;
    uint32_t before = own->acked_syn ? own->high_ack : 0;
    f->acks_syn = !own->acked_syn && f->ack >= 1;
    f->acks_fin = other->fin && !own->acked_fin && f->ack > other->fin_at;
    f->duplicate = own->acked_syn && f->ack == own->high_ack && v->kind == LK_VISIT_PURE_ACK;
    uint32_t to = f->acks_fin ? f->ack - 1 : f->ack, from = before == 0 ? 1 : before;
    f->newly_acked = to > from ? to - from : 0;
    own->acked_syn = true;
    own->acked_fin = own->acked_fin || f->acks_fin;
    own->high_ack = f->ack > own->high_ack ? f->ack : own->high_ack;
}

static int note_tcp(struct memory *m, struct fact *f)
{
    unsigned side;
    struct talk *t = talk_of(m, f, &side);
    if (t == NULL)
        return LK_E_NOMEM;
    struct side *own = &t->side[side], *other = &t->side[!side];
    f->to_server = side == 0;
    if (f->v->syn && !own->known) {
        own->known = true;
        own->isn = f->v->seq;
    }
    f->seq = f->v->seq - own->isn;
    if (f->v->acks && other->known)
        note_ack(f, own, other);
    if (f->v->fin) {
        own->fin = true;
        own->fin_at = f->seq + f->v->data_len;
    }
    return 0;
}

static void note_ip(struct fact *f)
{
    const struct lk_visit_view *v = f->v;
    text_of(v->arp ? v->a.sender : v->from, f->ip_from);
    text_of(v->arp ? v->a.target : v->to, f->ip_to);
    f->origin = who(f->story, v->arp ? v->a.sender : v->from, f->ip_from);
    f->goal = who(f->story, v->arp ? v->a.target : v->to, f->ip_to);
    if (f->before == NULL)
        return;
    text_of(f->before->from, f->was_from);
    text_of(f->before->to, f->was_to);
    f->translated = f->before->from != v->from || f->before->to != v->to || f->before->from_port != v->from_port || f->before->to_port != v->to_port;
}

static int say(struct lk_visit_reading *r, struct memory *m, size_t index)
{
    struct lk_story *story = r->story;
    struct lk_story_packet *p = &story->packets[index];
    struct fact f = {.story = story, .packet = p, .v = &r->view[index], .lost = p->arrived_at == LK_NEVER};
    f.from = story->hosts[p->from].name;
    f.to = story->hosts[p->to].name;
    f.before = p->same_as == 0 ? NULL : &r->view[p->same_as - 1];
    f.first = p->repeats == 0 ? NULL : &story->packets[p->repeats - 1];
    f.since_first = f.first == NULL ? 0 : p->sent_at - f.first->sent_at;
    note_ip(&f);
    if (f.v->tcp && note_tcp(m, &f) != 0)
        return LK_E_NOMEM;
    for (int l = 0; l < LK_STORY_LANGUAGES; l++) {
        struct words line = {.len = 0}, why = {.len = 0};
        languages[l]->line(&line, &f);
        languages[l]->why(&why, &f);
        p->line[l] = lk_bump_text(story->memory, line.text, line.len);
        p->why[l] = lk_bump_text(story->memory, why.text, why.len);
        if (p->line[l] == NULL || p->why[l] == NULL)
            return LK_E_NOMEM;
    }
    return 0;
}

/* ---- acts ---- */

/* Whether this packet says what came of the act: the last one of its kind that arrived counts. */
static bool decides(const struct lk_story *story, uint8_t act, const struct lk_story_packet *p, const struct lk_visit_view *v)
{
    if (p->arrived_at == LK_NEVER)
        return false;
    switch (act) {
    case LK_ACT_LEASE: return v->kind == LK_VISIT_DHCP_ACK;
    case LK_ACT_ARP_GATEWAY:
    case LK_ACT_ARP_LAST_HOP: return v->kind == LK_VISIT_ARP_REPLY;
    case LK_ACT_NAME: return v->kind == LK_VISIT_ANSWER;
    case LK_ACT_NAT: return p->same_as != 0 && story->hosts[p->from].role == LK_STORY_GATEWAY && v->tcp && v->syn && !v->acks;
    case LK_ACT_HANDSHAKE: return v->kind == LK_VISIT_SYN_ACK && story->hosts[p->to].role == LK_STORY_CLIENT;
    case LK_ACT_REQUEST: return v->kind == LK_VISIT_GET;
    case LK_ACT_RESPONSE: return v->head[0] != 0;
    default: return false;
    }
}

static void gather(const struct lk_visit_reading *r, uint8_t act, struct act_fact *f)
{
    struct lk_story *story = r->story;
    for (size_t i = 0; i < story->packet_count; i++) {
        const struct lk_story_packet *p = &story->packets[i];
        const struct lk_visit_view *v = &r->view[i];
        f->passed_on += p->same_as != 0;
        if ((act == LK_ACT_NAT || p->act == act) && decides(story, act, p, v)) {
            f->v = v;
            f->before = p->same_as == 0 ? NULL : &r->view[p->same_as - 1];
        }
        if (p->act != act)
            continue;
        bool arrived = p->arrived_at != LK_NEVER;
        f->fin[0] = f->fin[0] || (arrived && v->fin && story->hosts[p->to].role == LK_STORY_WEB);
        f->fin[1] = f->fin[1] || (arrived && v->fin && story->hosts[p->to].role == LK_STORY_CLIENT);
        f->refused = f->refused || (arrived && v->rst && story->hosts[p->to].role == LK_STORY_CLIENT);
        f->packets++;
        f->lost += p->arrived_at == LK_NEVER;
        f->repeated += p->repeated && p->same_as == 0;
        if (v->tcp && !p->repeated && p->same_as == 0)
            f->bytes += v->data_len;
    }
}

static int sum_up(const struct lk_visit_reading *r, uint8_t act)
{
    struct lk_story *story = r->story;
    struct act_fact f = {.act = &story->acts[act], .took = story->acts[act].to - story->acts[act].from};
    gather(r, act, &f);
    if (f.v != NULL) {
        text_of(f.v->arp ? f.v->a.sender : act == LK_ACT_NAME && f.v->addresses > 0 ? f.v->address[0] : act == LK_ACT_LEASE ? f.v->yours : f.v->from, f.ip[0]);
        text_of(f.before != NULL ? f.before->from : f.v->server, f.ip[1]);
        text_of(f.v->to, f.ip[2]);
        snprintf(f.mac, sizeof f.mac, "%02x:%02x:%02x:%02x:%02x:%02x", f.v->a.sender_mac[0], f.v->a.sender_mac[1], f.v->a.sender_mac[2], f.v->a.sender_mac[3],
                 f.v->a.sender_mac[4], f.v->a.sender_mac[5]);
    }
    for (int l = 0; l < LK_STORY_LANGUAGES; l++) {
        struct words w = {.len = 0};
        languages[l]->summary(&w, &f);
        story->acts[act].title[l] = languages[l]->title[act];
        story->acts[act].summary[l] = lk_bump_text(story->memory, w.text, w.len);
        if (story->acts[act].summary[l] == NULL)
            return LK_E_NOMEM;
    }
    return 0;
}

int lk_visit_tell(struct lk_visit_reading *reading)
{
    struct lk_story *story = reading->story;
    struct memory m = {.bump = story->memory};
    for (size_t i = 0; i < story->packet_count; i++)
        if (say(reading, &m, i) != 0)
            return LK_E_NOMEM;
    for (uint8_t k = 0; k < LK_ACTS; k++)
        if (sum_up(reading, k) != 0)
            return LK_E_NOMEM;
    return 0;
}

int lk_visit_tell_failure(struct lk_story *story, const struct lk_fetch *fetch)
{
    for (int l = 0; l < LK_STORY_LANGUAGES; l++) {
        struct words w = {.len = 0};
        languages[l]->failure(&w, fetch);
        story->failure_in[l] = lk_bump_text(story->memory, w.text, w.len);
        if (story->failure_in[l] == NULL)
            return LK_E_NOMEM;
    }
    story->failure = story->failure_in[LK_STORY_EN];
    return 0;
}
